//! Names that sound like a secret's.

/// Last parts of the names of secrets.
const ENDS: [&str; 17] = [
    "TOKEN",
    "KEY",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "CREDENTIALS",
    "CREDENTIAL",
    "DSN",
    "PAT",
    "HMAC",
    "PRIVATE",
    "CREDENTIALS_JSON",
    "CREDENTIALS_BASE64",
    "DATABASE_URL",
    "REDIS_URL",
    "WEBHOOK_URL",
];

/// Parts that say for which environment a name is.
const ENVIRONMENTS: [&str; 6] = ["STAGING", "PROD", "PRODUCTION", "DEV", "TEST", "LOCAL"];

/// What a CI system provides, and what is public.
const KNOWN: [&str; 4] = ["GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "CI_JOB_TOKEN"];

/// Tells whether a variable of this name would hold a secret.
pub fn sounds_secret(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    if KNOWN.contains(&upper.as_str()) || upper.contains("PUBLIC") || upper.contains("PUBLISHABLE") {
        return false;
    }
    let stem = ENVIRONMENTS.iter().find_map(|part| upper.strip_suffix(part)?.strip_suffix('_')).unwrap_or(&upper);
    ENDS.iter().any(|end| stem.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('_')))
}

#[cfg(test)]
mod tests {
    use super::sounds_secret;

    #[test]
    fn a_name_tells_what_it_holds() {
        for name in [
            "STRIPE_SECRET_KEY",
            "CHATWOOT_TOKEN",
            "CHATWOOT_API_TOKEN_STAGING",
            "DATABASE_URL",
            "SENTRY_DSN",
            "PGPASSWORD_PASSWORD",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "SLACK_WEBHOOK_URL",
            "TOKEN",
        ] {
            assert!(sounds_secret(name), "{name}");
        }
        for name in [
            "NODE_ENV",
            "PORT",
            "GITHUB_TOKEN",
            "VITE_PUBLIC_KEY",
            "MONKEY",
            "KEYBOARD",
            "CHATWOOT_BASE_URL",
            "TOKENIZER",
            "COMPAT",
        ] {
            assert!(!sounds_secret(name), "{name}");
        }
    }
}
