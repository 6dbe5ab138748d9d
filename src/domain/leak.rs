//! Secrets by their shape: what looks like a vendor's real credential in a text that people share.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use regex::Regex;

use crate::domain::secret::Redactor;

/// Something that looks like a secret. It never holds the value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Leak {
    /// Counted from 1.
    pub line: usize,
    /// Whose secret it looks like.
    pub kind: &'static str,
    /// The first letters and the length, enough to find it.
    pub shown: String,
}

/// The vendors' published shapes; group 1, where there is one, is the secret itself.
const SHAPES: [(&str, &str); 17] = [
    ("a Shopify token", r"\bshp(?:at|ca|pa|ss|ua)_[0-9a-fA-F]{32}\b"),
    ("an OpenAI or Anthropic key", r"\bsk-(?:proj-|svcacct-|admin-|ant-)?[A-Za-z0-9_-]{20,}"),
    ("a Stripe key", r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    ("a webhook secret", r"\bwhsec_[A-Za-z0-9+/=]{24,}"),
    ("a Supabase secret key", r"\bsb_secret_[A-Za-z0-9_-]{16,}"),
    ("a Supabase access token", r"\bsbp_[0-9a-f]{40}\b"),
    ("a JSON Web Token", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
    ("a Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    ("a Slack webhook address", r"hooks\.slack\.com/services/(T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{16,})"),
    ("a GitHub token", r"\b(?:gh[opsur]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,})"),
    ("an AWS access key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("a Google API key", r"\bAIza[0-9A-Za-z_-]{35}"),
    ("a Fly.io token", r"\bFlyV1 fm[12]_[A-Za-z0-9+/=_,-]{20,}"),
    ("a Klaviyo key", r"\bpk_[0-9a-f]{34}\b"),
    ("a private key", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    ("a password in an address", r#"\b[a-z][a-z0-9+.-]*://[^/\s:@"'<>{}]+:([^/\s:@"'<>{}]{3,})@"#),
    ("a secret by its name", r#"(?i)["']?([a-z_]+)["']?\s*[:=]\s*["']([A-Za-z0-9+/_=-]{16,})["']"#),
];

/// The last shape has the member's name in its first group.
const BY_NAME: &str = "a secret by its name";

static KNOWN: LazyLock<Vec<(&'static str, Regex)>> =
    LazyLock::new(|| SHAPES.iter().filter_map(|(kind, shape)| Some((*kind, Regex::new(shape).ok()?))).collect());

/// Words by which a value says that it is none.
const MARKS: [&str; 3] = ["preflight", "synthetic", "example"];

/// Lists what looks like a real secret.
pub fn leaks(text: &str) -> Vec<Leak> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        for (kind, shape) in KNOWN.iter() {
            for hit in shape.captures_iter(line) {
                let value = match *kind {
                    BY_NAME if !Redactor::is_secret_member(&hit[1]) => continue,
                    BY_NAME => hit.get(2),
                    _ => hit.get(1).or_else(|| hit.get(0)),
                };
                let Some(value) = value.filter(|value| !is_synthetic(value.as_str())) else { continue };
                if seen.insert(value.start()) {
                    found.push(Leak { line: index + 1, kind, shown: shown(value.as_str()) });
                }
            }
        }
    }
    found
}

fn is_synthetic(value: &str) -> bool {
    let marked = |text: &str| MARKS.iter().any(|mark| text.to_ascii_lowercase().contains(mark));
    let body = value.rsplit(['_', '-']).next().unwrap_or_default();
    let distinct: BTreeSet<char> = body.chars().collect();
    let payload = value.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok()).unwrap_or_default();
    // `0000…` and `abab…` open nothing.
    marked(value) || distinct.len() <= 4 && body.len() >= 8 || marked(&String::from_utf8_lossy(&payload))
}

fn shown(value: &str) -> String {
    let head: String = value.chars().take(4).collect();
    format!("`{head}…`, {} characters", value.chars().count())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::{SHAPES, leaks};

    /// Put together here, so that no scanner takes this file for a leak.
    fn samples() -> Vec<(&'static str, String)> {
        let hex = "0123456789abcdef0123456789abcdef";
        let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
        let jwt = format!("{}.{}.{}", part(r#"{"alg":"HS256"}"#), part(r#"{"role":"service_role"}"#), "c2lnbmF0dXJl");
        let key = format!("{}{}", "-----BEGIN RSA PRIVATE", " KEY-----");
        vec![
            ("a Shopify token", format!("shpat_{hex}")),
            ("an OpenAI or Anthropic key", format!("sk-proj-{hex}")),
            ("a Stripe key", format!("sk_live_{hex}")),
            ("a webhook secret", format!("whsec_{hex}")),
            ("a Supabase secret key", format!("sb_secret_{hex}")),
            ("a Supabase access token", format!("sbp_{hex}01234567")),
            ("a JSON Web Token", jwt),
            ("a Slack token", format!("xoxb-{hex}")),
            ("a Slack webhook address", format!("https://hooks.slack.com/services/T0123456/B0123456/{hex}")),
            ("a GitHub token", format!("ghp_{hex}0123")),
            ("an AWS access key", format!("AKIA{}", "0123456789ABCDEF")),
            ("a Google API key", format!("AIza{hex}012")),
            ("a Fly.io token", format!("FlyV1 fm2_{hex}")),
            ("a Klaviyo key", format!("pk_{hex}01")),
            ("a private key", key),
            ("a password in an address", "postgres://user:s3cr3t@host/db".to_owned()),
            ("a secret by its name", r#""api_access_token": "Qm9vWkLp3RtYh7NcXv2B5jGd""#.to_owned()),
        ]
    }

    #[test]
    fn every_shape_is_found_and_its_value_is_not_repeated() {
        let samples = samples();
        assert_eq!(samples.len(), SHAPES.len());
        for (kind, text) in samples {
            let found = leaks(&format!("\n  {text}\n"));
            assert_eq!(found.iter().map(|leak| (leak.line, leak.kind)).collect::<Vec<_>>(), [(2, kind)], "{text}");
            assert!(found[0].shown.len() < 30, "{}", found[0].shown);
        }
    }

    #[test]
    fn what_says_that_it_is_no_secret_is_none() {
        let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
        let jwt = format!("{}.{}.{}", part(r#"{"alg":"HS256"}"#), part(r#"{"iss":"preflight"}"#), "c2lnbmF0dXJl");
        for text in [
            jwt.as_str(),
            "xoxb-preflight-0123456789",
            "sb_secret_synthetic_0123456789",
            "shpat_00000000000000000000000000000000",
            "postgres://user:${PASSWORD}@host/db",
            r#""api_access_token": "${CHATWOOT_API_TOKEN}""#,
            r#""token": "short""#,
            r#""title": "Qm9vWkLp3RtYh7NcXv2B5jGd""#,
            "skip-this-long-sentence-about-nothing",
        ] {
            assert_eq!(leaks(text), [], "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_leak_never_shows_what_leaked(value in "[A-Za-z0-9]{24,60}") {
            for leak in leaks(&format!("\"api_access_token\": \"{value}\" sk-{value}")) {
                assert!(!leak.shown.contains(&value[..8]), "{}", leak.shown);
            }
        }
    }
}
