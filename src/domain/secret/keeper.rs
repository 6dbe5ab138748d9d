//! Where a secret is kept, read from the words of `kept_in`.

use std::fmt;

/// The schemes of `kept_in`.
pub const KEEPERS: [&str; 9] = ["env", "dotenv", "file", "op", "vault", "doppler", "fly", "github", "command"];

/// One place where a secret is kept. A name is absent where any of the secret's names will do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Keeper {
    /// The process environment, over the dotenv file of the environment.
    Env {
        name: Option<String>,
    },
    Dotenv {
        path: String,
        name: Option<String>,
    },
    /// A file that holds the value alone, or `NAME=value`.
    File {
        path: String,
    },
    /// `op://vault/item/[section/]field` (1Password's secret references).
    Op {
        vault: String,
        item: String,
        field: String,
    },
    /// `vault:mount/path#key` (`HashiCorp` Vault, KV version 2).
    Vault {
        mount: String,
        path: String,
        key: Option<String>,
    },
    Doppler {
        project: String,
        config: String,
        name: Option<String>,
    },
    /// Without an app the variable `FLY_APP` names it.
    Fly {
        app: Option<String>,
        name: Option<String>,
    },
    /// An environment's secrets; without a place, those of `GITHUB_REPOSITORY` and of the environment of the same name.
    GitHub {
        place: Option<Repository>,
        name: Option<String>,
    },
    /// A command line for `sh -c`, whose output is the value.
    Command {
        line: String,
    },
}

/// An environment of a repository on GitHub.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Repository {
    pub owner: String,
    pub repo: String,
    pub environment: String,
}

/// A place that cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` names no place")]
pub struct BadKeeper {
    text: String,
    form: &'static str,
}

impl BadKeeper {
    /// How it is written.
    pub fn hint(&self) -> &'static str {
        self.form
    }
}

/// Reads what stands behind a scheme.
type Reader = fn(Option<&str>) -> Option<Keeper>;

impl Keeper {
    /// Reads a place; `{environment}` and `{name}` are filled in.
    ///
    /// # Errors
    /// The scheme is unknown or a part is missing.
    pub fn parse(text: &str, environment: &str, name: &str) -> Result<Self, BadKeeper> {
        let filled = text.replace("{environment}", environment).replace("{name}", name);
        let (scheme, rest) = match filled.split_once(':') {
            Some((scheme, rest)) => (scheme, Some(rest.trim()).filter(|rest| !rest.is_empty())),
            None => (filled.as_str(), None),
        };
        let (form, read): (_, Reader) = match scheme {
            "env" => ("write `env` or `env:NAME`", env),
            "dotenv" => ("write `dotenv:PATH` or `dotenv:PATH#NAME`", dotenv),
            "file" => ("write `file:PATH`", file),
            "op" => ("write `op://VAULT/ITEM/FIELD`", op),
            "vault" => ("write `vault:MOUNT/PATH#KEY`", vault),
            "doppler" => ("write `doppler:PROJECT/CONFIG/NAME`", doppler),
            "fly" => ("write `fly`, `fly:APP` or `fly:APP/NAME`", fly),
            "github" => ("write `github` or `github:OWNER/REPO/ENVIRONMENT/NAME`", github),
            "command" => ("write `command:` and a command line", command),
            _ => ("begin with one of: env, dotenv, file, op, vault, doppler, fly, github, command", |_| None),
        };
        // A command line may end with a colon of its own; nothing else may be empty behind one.
        let dangling = filled.ends_with(':') && rest.is_none();
        read(rest).filter(|_| !dangling).ok_or_else(|| BadKeeper { text: text.to_owned(), form })
    }

    pub fn scheme(&self) -> &'static str {
        match self {
            Self::Env { .. } => "env",
            Self::Dotenv { .. } => "dotenv",
            Self::File { .. } => "file",
            Self::Op { .. } => "op",
            Self::Vault { .. } => "vault",
            Self::Doppler { .. } => "doppler",
            Self::Fly { .. } => "fly",
            Self::GitHub { .. } => "github",
            Self::Command { .. } => "command",
        }
    }

    /// It is on this machine, and looking at it asks nobody.
    pub fn is_local(&self) -> bool {
        matches!(self, Self::Env { .. } | Self::Dotenv { .. } | Self::File { .. })
    }
}

impl fmt::Display for Keeper {
    /// As it would be written. Of a command only its first word is shown: its arguments may hold anything.
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let name =
            |name: &Option<String>, mark: &str| name.as_ref().map(|name| format!("{mark}{name}")).unwrap_or_default();
        match self {
            Self::Env { name: own } => write!(formatter, "env{}", name(own, ":")),
            Self::Dotenv { path, name: own } => write!(formatter, "dotenv:{path}{}", name(own, "#")),
            Self::File { path } => write!(formatter, "file:{path}"),
            Self::Op { vault, item, field } => write!(formatter, "op://{vault}/{item}/{field}"),
            Self::Vault { mount, path, key } => write!(formatter, "vault:{mount}/{path}{}", name(key, "#")),
            Self::Doppler { project, config, name: own } => {
                write!(formatter, "doppler:{project}/{config}{}", name(own, "/"))
            }
            Self::Fly { app: Some(app), name: own } => write!(formatter, "fly:{app}{}", name(own, "/")),
            Self::Fly { app: None, .. } => formatter.write_str("fly"),
            Self::GitHub { place: Some(at), name: own } => {
                write!(formatter, "github:{}/{}/{}{}", at.owner, at.repo, at.environment, name(own, "/"))
            }
            Self::GitHub { place: None, .. } => formatter.write_str("github"),
            Self::Command { line } => {
                // An assignment before the program may be of a secret.
                let program = line.split_whitespace().find(|word| !word.contains('=')).unwrap_or_default();
                write!(formatter, "command:{program} …")
            }
        }
    }
}

/// The parts between slashes, none of them empty.
fn parts(rest: Option<&str>) -> Option<Vec<String>> {
    let parts: Vec<String> = rest?.split('/').map(|part| part.trim().to_owned()).collect();
    parts.iter().all(|part| !part.is_empty()).then_some(parts)
}

/// What stands before the last `#`, and what behind it.
fn anchored(rest: &str) -> Option<(String, Option<String>)> {
    match rest.rsplit_once('#') {
        None => Some((rest.to_owned(), None)),
        Some((before, name)) if !before.is_empty() && !name.is_empty() => {
            Some((before.to_owned(), Some(name.to_owned())))
        }
        Some(_) => None,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "one of a table of readers")]
fn env(rest: Option<&str>) -> Option<Keeper> {
    Some(Keeper::Env { name: rest.map(str::to_owned) })
}

fn dotenv(rest: Option<&str>) -> Option<Keeper> {
    let (path, name) = anchored(rest?)?;
    Some(Keeper::Dotenv { path, name })
}

fn file(rest: Option<&str>) -> Option<Keeper> {
    Some(Keeper::File { path: rest?.to_owned() })
}

fn op(rest: Option<&str>) -> Option<Keeper> {
    let parts = parts(rest?.strip_prefix("//"))?;
    let [vault, item, field @ ..] = parts.as_slice() else { return None };
    let field = match field {
        [field] => field.clone(),
        [section, field] => format!("{section}/{field}"),
        _ => return None,
    };
    Some(Keeper::Op { vault: vault.clone(), item: item.clone(), field })
}

fn vault(rest: Option<&str>) -> Option<Keeper> {
    let (path, key) = anchored(rest?)?;
    let (mount, path) = path.split_once('/')?;
    let whole = !mount.is_empty() && !path.is_empty() && !path.ends_with('/') && !path.contains("//");
    whole.then(|| Keeper::Vault { mount: mount.to_owned(), path: path.to_owned(), key })
}

fn doppler(rest: Option<&str>) -> Option<Keeper> {
    let parts = parts(rest)?;
    let name = match parts.len() {
        2 => None,
        3 => parts.get(2).cloned(),
        _ => return None,
    };
    Some(Keeper::Doppler { project: parts.first()?.clone(), config: parts.get(1)?.clone(), name })
}

fn fly(rest: Option<&str>) -> Option<Keeper> {
    if rest.is_none() {
        return Some(Keeper::Fly { app: None, name: None });
    }
    let parts = parts(rest)?;
    (parts.len() <= 2).then(|| Keeper::Fly { app: parts.first().cloned(), name: parts.get(1).cloned() })
}

fn github(rest: Option<&str>) -> Option<Keeper> {
    if rest.is_none() {
        return Some(Keeper::GitHub { place: None, name: None });
    }
    let parts = parts(rest)?;
    let ([owner, repo, environment] | [owner, repo, environment, _]) = parts.as_slice() else { return None };
    let place = Repository { owner: owner.clone(), repo: repo.clone(), environment: environment.clone() };
    Some(Keeper::GitHub { place: Some(place), name: parts.get(3).cloned() })
}

fn command(rest: Option<&str>) -> Option<Keeper> {
    Some(Keeper::Command { line: rest?.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::Keeper;

    #[test]
    fn every_place_is_read_and_written_again() {
        let table = [
            ("env", "env"),
            ("env:{name}", "env:SHOP_TOKEN"),
            ("dotenv:.env.{environment}", "dotenv:.env.staging"),
            ("dotenv:.env#TOKEN", "dotenv:.env#TOKEN"),
            ("file:vault/token_{environment}.env", "file:vault/token_staging.env"),
            ("op://Team/Shop/credential", "op://Team/Shop/credential"),
            ("op://Team/Shop/api/token", "op://Team/Shop/api/token"),
            ("vault:secret/shop/{environment}#token", "vault:secret/shop/staging#token"),
            ("vault:secret/shop", "vault:secret/shop"),
            ("doppler:shop/stg/TOKEN", "doppler:shop/stg/TOKEN"),
            ("doppler:shop/stg", "doppler:shop/stg"),
            ("fly", "fly"),
            ("fly:hotdash-{environment}", "fly:hotdash-staging"),
            ("fly:hotdash/TOKEN", "fly:hotdash/TOKEN"),
            ("github", "github"),
            ("github:me/shop/{environment}/TOKEN", "github:me/shop/staging/TOKEN"),
            ("command:pass show shop:{environment}", "command:pass …"),
            ("command:STORE_PIN=1234 pass show shop", "command:pass …"),
        ];
        for (text, shown) in table {
            let keeper = Keeper::parse(text, "staging", "SHOP_TOKEN").unwrap();
            assert_eq!(keeper.to_string(), shown);
            assert_eq!(text.split(':').next(), Some(keeper.scheme()));
        }
    }

    #[test]
    fn half_a_place_is_none() {
        for text in [
            "env:",
            "dotenv:",
            "dotenv:#A",
            "dotenv:x#",
            "file:",
            "op:x",
            "op://v/i",
            "op://v/i/a/b/c",
            "op://v//f",
            "vault:secret",
            "vault:secret/",
            "vault:secret/x#",
            "vault:/x#y",
            "doppler:x",
            "doppler:a/b/c/d",
            "fly:",
            "fly:a/b/c",
            "github:a/b",
            "github:a/b/c/d/e",
            "command:",
            "paper:x",
            "",
        ] {
            let error = Keeper::parse(text, "staging", "X").unwrap_err();
            assert_eq!(error.to_string(), format!("`{text}` names no place"));
            assert!(!error.hint().is_empty());
        }
    }
}
