//! Where a flag's value is kept, as `kept_in` and `stores` write it.
//!
//! `env` · `dotenv:FILE` · `fly` · `flagd:FILE` · `ofrep:URL` · `unleash:URL` · `query:NAME` · `command:PROGRAM ARGUMENTS`
//! · `browser` · `code`. After `#`, a store takes `key=` (the flag's name there), `token=` and `admin=` (names of the
//! *variables* that open it), `project=` and `environment=` (as Unleash calls them).

use std::collections::BTreeMap;

/// The schemes.
pub const KEEPERS: [&str; 10] =
    ["env", "dotenv", "fly", "flagd", "ofrep", "unleash", "query", "command", "browser", "code"];

/// One place that keeps a flag.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Keeper {
    /// The process environment, over the environment's dotenv file.
    Env,
    /// A dotenv file of its own.
    Dotenv { file: String },
    /// Secrets of a Fly.io app, which are written and never read.
    Fly,
    /// A flagd flag definition.
    Flagd { file: String, options: Options },
    /// A server that speaks OFREP. The URL may hold `${NAME}`.
    Ofrep { url: String, options: Options },
    /// An Unleash server.
    Unleash { url: String, options: Options },
    /// A query parameter of whoever asks.
    Query { name: String },
    /// A program that prints the value.
    Command { argv: Vec<String> },
    /// A browser's storage.
    Browser,
    /// A constant of the code.
    Code,
}

/// What stands after `#`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Options {
    pub key: Option<String>,
    pub token: Option<String>,
    pub admin: Option<String>,
    pub project: Option<String>,
    pub environment: Option<String>,
}

/// Why a text names no place.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoKeeper {
    #[error("unknown keeper of flags `{0}`")]
    Unknown(String),
    #[error("`{0}:` does not say {1}")]
    Empty(&'static str, &'static str),
    #[error("unknown option `{0}` (there are key, token, admin, project, environment)")]
    Option(String),
}

impl Keeper {
    /// Reads one, for an environment.
    ///
    /// # Errors
    /// It names no place.
    pub fn parse(text: &str, environment: &str) -> Result<Self, NoKeeper> {
        let text = text.replace("{environment}", environment);
        let (scheme, rest) = text.split_once(':').unwrap_or((&text, ""));
        let (place, options) = rest.split_once('#').unwrap_or((rest, ""));
        let (place, needs) =
            (
                place.trim(),
                |what, sense| if rest.trim().is_empty() { Err(NoKeeper::Empty(what, sense)) } else { Ok(()) },
            );
        Ok(match scheme {
            "env" => Self::Env,
            "fly" => Self::Fly,
            "browser" => Self::Browser,
            "code" => Self::Code,
            "dotenv" => {
                needs("dotenv", "which file")?;
                Self::Dotenv { file: place.to_owned() }
            }
            "flagd" => {
                needs("flagd", "which file")?;
                Self::Flagd { file: place.to_owned(), options: Options::parse(options)? }
            }
            "ofrep" => {
                needs("ofrep", "which URL")?;
                Self::Ofrep { url: place.to_owned(), options: Options::parse(options)? }
            }
            "unleash" => {
                needs("unleash", "which URL")?;
                Self::Unleash { url: place.to_owned(), options: Options::parse(options)? }
            }
            "query" => {
                needs("query", "which parameter")?;
                Self::Query { name: place.to_owned() }
            }
            "command" => {
                needs("command", "which program")?;
                Self::Command { argv: argv(rest) }
            }
            _ => return Err(NoKeeper::Unknown(text.clone())),
        })
    }
}

impl Options {
    fn parse(text: &str) -> Result<Self, NoKeeper> {
        let mut pairs: BTreeMap<String, String> = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        let mut take = |name: &str| pairs.remove(name);
        let options = Self {
            key: take("key"),
            token: take("token"),
            admin: take("admin"),
            project: take("project"),
            environment: take("environment"),
        };
        match pairs.into_keys().next() {
            Some(unknown) => Err(NoKeeper::Option(unknown)),
            None => Ok(options),
        }
    }
}

/// A JSON list, or words.
fn argv(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_else(|_| text.split_whitespace().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::{Keeper, NoKeeper, Options};

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let of = |text: &str| Keeper::parse(text, "staging");
        assert_eq!(of("env"), Ok(Keeper::Env));
        assert_eq!(of("dotenv:.env.{environment}"), Ok(Keeper::Dotenv { file: ".env.staging".to_owned() }));
        let argv = ["flags", "get", "a b"].map(str::to_owned).to_vec();
        assert_eq!(of(r#"command:["flags","get","a b"]"#), Ok(Keeper::Command { argv: argv.clone() }));
        assert_eq!(of("command:flags get"), Ok(Keeper::Command { argv: argv[..2].to_vec() }));
        let options = Options { key: Some("shopify.live".into()), token: Some("T".into()), ..Options::default() };
        let url = "${UNLEASH_URL}".to_owned();
        assert_eq!(of("unleash:${UNLEASH_URL}#key=shopify.live&token=T"), Ok(Keeper::Unleash { url, options }));
        let url = "http://localhost:8016".to_owned();
        assert_eq!(of("ofrep:http://localhost:8016"), Ok(Keeper::Ofrep { url, options: Options::default() }));
    }

    #[test]
    fn what_names_no_place_is_told() {
        let of = |text: &str| Keeper::parse(text, "staging").unwrap_err();
        assert_eq!(of("vault:x"), NoKeeper::Unknown("vault:x".to_owned()));
        assert_eq!(of("flagd:").to_string(), "`flagd:` does not say which file");
        assert_eq!(of("ofrep:http://x#tokn=A"), NoKeeper::Option("tokn".to_owned()));
    }
}
