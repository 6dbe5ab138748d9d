//! Variables and secrets, read late: the process environment over a dotenv file, and the `${NAME}` that refer to them.
#![expect(clippy::disallowed_methods, reason = "this room is the door to the environment")]

use std::collections::BTreeMap;
use std::env::VarError;
use std::io;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::adapter::encoding::{self, NotText};
use crate::adapter::files::{self, FileError};
use crate::adapter::workspace::FILE;
use crate::domain::coherence::base_url_problem;
use crate::domain::integration::Name;
use crate::domain::inventory;

/// Why a variable has no value, or a base URL no meaning.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    #[error("the dotenv file of environment `{environment}` cannot be read")]
    Dotenv { environment: String, source: FileError },
    #[error("{}: the file {source}", path.display())]
    Encoding { path: PathBuf, source: NotText },
    #[error("{}:{line}: not a `NAME=value` line (it is not shown, because it may hold a secret)", path.display())]
    BadLine { path: PathBuf, line: usize },
    #[error("{file}: {key}: the variable `{variable}` is not set in environment `{environment}`")]
    Missing { file: String, key: String, variable: String, environment: String, dotenv: Option<String> },
    #[error("{file}: {key}: `{text}` is no reference")]
    BadReference { file: String, key: String, text: String },
    #[error("the variable `{variable}` is not UTF-8")]
    NotUnicode { variable: String },
    #[error("{file}: {key}: {problem}")]
    BaseUrl { file: String, key: String, problem: String },
    #[error("{file}: {key}: integration `{integration}` has no base URL in environment `{environment}`")]
    NoBaseUrl { file: String, key: String, integration: Name, environment: String },
}

impl EnvironmentError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Dotenv { source, .. } => source.hint().map(str::to_owned),
            Self::Encoding { source, .. } => Some(source.hint().to_owned()),
            Self::BadLine { .. } => Some("put a value that holds spaces, `#` or quotes into single quotes".to_owned()),
            Self::Missing { variable, dotenv: Some(dotenv), .. } => {
                Some(format!("export {variable}=…, or write `{variable}=…` into {dotenv}"))
            }
            Self::Missing { variable, environment, .. } => {
                Some(format!("export {variable}=…, or name a dotenv file: environments.{environment}.dotenv"))
            }
            Self::BadReference { .. } => Some("write `${NAME}` with capital letters, digits and `_`".to_owned()),
            Self::NotUnicode { .. } => None,
            Self::BaseUrl { .. } => {
                Some("write a URL such as `https://host`, without user, query and fragment".to_owned())
            }
            Self::NoBaseUrl { integration, key, .. } => Some(format!(
                "write `{integration}: https://…` under {}",
                key.rsplit_once('.').map_or("", |(up, _)| up)
            )),
        }
    }
}

/// The variables of one environment, and where its integrations are.
pub struct Environment {
    name: String,
    base_urls: BTreeMap<Name, String>,
    dotenv: Option<String>,
    path: Option<PathBuf>,
    file: BTreeMap<String, SecretString>,
    process: Box<dyn Fn(&str) -> Lookup + Send + Sync>,
}

/// What the process environment says of a variable.
#[derive(Clone, Debug)]
pub enum Lookup {
    Set(String),
    Unset,
    NotUnicode,
}

impl Environment {
    /// Reads the environment's dotenv file. The process environment is read when a variable is asked for, and wins.
    pub fn load(root: Option<&Path>, name: &str, declared: &inventory::Environment) -> Result<Self, EnvironmentError> {
        Self::with(root, name, declared, |variable| match std::env::var(variable) {
            Ok(value) => Lookup::Set(value),
            Err(VarError::NotPresent) => Lookup::Unset,
            Err(VarError::NotUnicode(_)) => Lookup::NotUnicode,
        })
    }

    /// The same over another process environment.
    pub fn with(
        root: Option<&Path>,
        name: &str,
        declared: &inventory::Environment,
        process: impl Fn(&str) -> Lookup + Send + Sync + 'static,
    ) -> Result<Self, EnvironmentError> {
        let path = declared.dotenv.as_ref().map(|dotenv| root.unwrap_or(Path::new("")).join(dotenv));
        let file = path.as_ref().map_or_else(|| Ok(BTreeMap::new()), |path| read_dotenv(path, name))?;
        Ok(Self {
            name: name.to_owned(),
            base_urls: declared.base_urls.clone(),
            dotenv: declared.dotenv.clone(),
            path,
            file,
            process: Box::new(process),
        })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// A variable's value. An empty one counts as not set: it is what a CI system gives for a secret that it does not have.
    pub fn variable(&self, name: &str) -> Result<Option<SecretString>, EnvironmentError> {
        let value = match (self.process)(name) {
            Lookup::Set(value) => Some(SecretString::from(value)),
            Lookup::NotUnicode => return Err(EnvironmentError::NotUnicode { variable: name.to_owned() }),
            Lookup::Unset => self.file.get(name).cloned(),
        };
        Ok(value.filter(|value| !value.expose_secret().is_empty()))
    }

    /// A variable's value, also an empty one, in the process environment and then in the dotenv file as it is now: an app
    /// tells an empty flag from one that is not set, and a flag may be switched while we look.
    pub fn defined(&self, name: &str) -> Result<[Option<SecretString>; 2], EnvironmentError> {
        let process = match (self.process)(name) {
            Lookup::Set(value) => Some(SecretString::from(value)),
            Lookup::NotUnicode => return Err(EnvironmentError::NotUnicode { variable: name.to_owned() }),
            Lookup::Unset => None,
        };
        let file = match &self.path {
            Some(path) => read_dotenv(path, &self.name)?.remove(name),
            None => None,
        };
        Ok([process, file])
    }

    /// Whether there is a dotenv file of the environment: without one, what is not set here may be set where the app runs.
    pub fn has_file(&self) -> bool {
        self.path.as_ref().is_some_and(|path| path.is_file())
    }

    /// The dotenv file, as it was written.
    pub fn dotenv(&self) -> Option<&str> {
        self.dotenv.as_deref()
    }

    /// Where the value of a variable would come from: the name of the dotenv file, None for the process.
    pub fn file_of(&self, name: &str) -> Option<&str> {
        let in_process = !matches!((self.process)(name), Lookup::Unset);
        self.dotenv.as_deref().filter(|_| !in_process && self.file.contains_key(name))
    }

    /// Replaces every `${NAME}` of `text`. `file` and `key` say where the text stands.
    pub fn expand(&self, file: &str, key: &str, text: &str) -> Result<SecretString, EnvironmentError> {
        let mut whole = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find("${") {
            whole.push_str(&rest[..open]);
            let name = rest[open + 2..].split('}').next().unwrap_or_default();
            let closed = rest[open + 2 + name.len()..].starts_with('}');
            if !closed || !is_variable(name) {
                let (file, key) = (file.to_owned(), key.to_owned());
                return Err(EnvironmentError::BadReference { file, key, text: text.to_owned() });
            }
            let value = self.variable(name)?.ok_or_else(|| self.missing(file, key, name))?;
            whole.push_str(value.expose_secret());
            rest = &rest[open + name.len() + 3..];
        }
        whole.push_str(rest);
        Ok(SecretString::from(whole))
    }

    /// Where an integration is, in this environment.
    pub fn base_url(&self, integration: &Name) -> Result<Url, EnvironmentError> {
        let (file, key) = (FILE.to_owned(), format!("environments.{}.base_urls.{integration}", self.name));
        let Some(written) = self.base_urls.get(integration) else {
            let (integration, environment) = (integration.clone(), self.name.clone());
            return Err(EnvironmentError::NoBaseUrl { file, key, integration, environment });
        };
        let expanded = self.expand(&file, &key, written)?;
        let text = expanded.expose_secret().trim();
        let parsed = match base_url_problem(text) {
            None => Url::parse(text).map_err(|error| format!("the base URL is no URL: {error}")),
            Some(problem) => Err(problem),
        };
        parsed.map_err(|problem| {
            let from = if written == text { String::new() } else { format!(" (from `{written}`)") };
            EnvironmentError::BaseUrl { file, key, problem: format!("{problem}{from}") }
        })
    }

    fn missing(&self, file: &str, key: &str, variable: &str) -> EnvironmentError {
        EnvironmentError::Missing {
            file: file.to_owned(),
            key: key.to_owned(),
            variable: variable.to_owned(),
            environment: self.name.clone(),
            dotenv: self.dotenv.clone(),
        }
    }
}

impl std::fmt::Debug for Environment {
    /// Names no value.
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(formatter, "Environment({}, {} of its variables from a file)", self.name, self.file.len())
    }
}

/// A secret of the process environment. An empty one counts as not set, and so does one that is not UTF-8.
pub fn secret(name: &str) -> Option<SecretString> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).map(SecretString::from)
}

/// Variables of this process that another one is given too, those of them that are set.
pub fn inherited(names: &[&str]) -> BTreeMap<String, String> {
    names.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?))).collect()
}

/// The values that these variables have in the process environment.
pub fn values<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    names.into_iter().filter_map(|name| std::env::var(name).ok()).collect()
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The variables of a dotenv file; none when there is no such file.
///
/// # Errors
/// It cannot be read, or a line of it is none.
pub fn read_dotenv(path: &Path, environment: &str) -> Result<BTreeMap<String, SecretString>, EnvironmentError> {
    let bytes = match files::read(path) {
        Ok(bytes) => bytes,
        // It is not in the repository, and the process environment may hold everything; what is missing is named later.
        Err(FileError::Unreadable { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            return Ok(BTreeMap::new());
        }
        Err(source) => return Err(EnvironmentError::Dotenv { environment: environment.to_owned(), source }),
    };
    let text = encoding::text(&bytes).map_err(|source| EnvironmentError::Encoding { path: path.to_owned(), source })?;
    let mut variables = BTreeMap::new();
    for entry in dotenvy::from_read_iter(text.as_bytes()) {
        let (name, value) = entry.map_err(|error| {
            // The library's message repeats the line, which may hold a secret.
            let bad = match &error {
                dotenvy::Error::LineParse(line, _) => line.as_str(),
                _ => "",
            };
            let first = bad.lines().next().unwrap_or_default();
            let line = 1 + text.lines().position(|line| !first.is_empty() && line.contains(first)).unwrap_or_default();
            EnvironmentError::BadLine { path: path.to_owned(), line }
        })?;
        variables.insert(name, SecretString::from(value));
    }
    Ok(variables)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use secrecy::ExposeSecret;

    use super::{Environment, EnvironmentError, Lookup};
    use crate::adapter::files;
    use crate::domain::inventory;

    fn environment(base_url: &str, dotenv: Option<(&Path, &str)>) -> Result<Environment, EnvironmentError> {
        let declared = inventory::Environment {
            base_urls: [("chatwoot".parse().unwrap(), base_url.to_owned())].into(),
            dotenv: dotenv.map(|(_, name)| name.to_owned()),
            production: false,
        };
        Environment::with(dotenv.map(|(root, _)| root), "staging", &declared, |name| match name {
            "CHATWOOT_BASE_URL" => Lookup::Set("https://chat.example".to_owned()),
            "HOST_ONLY" => Lookup::Set("chat.example".to_owned()),
            "EMPTY" => Lookup::Set(String::new()),
            "LATIN" => Lookup::NotUnicode,
            _ => Lookup::Unset,
        })
    }

    fn told(error: &EnvironmentError) -> String {
        format!("{error}\nhint: {}", error.hint().unwrap_or_default())
    }

    #[test]
    fn a_base_url_is_found_or_the_message_says_what_to_write() {
        let chatwoot = "chatwoot".parse().unwrap();
        for good in ["https://chat.example", "${CHATWOOT_BASE_URL}", "https://${HOST_ONLY}"] {
            let url = environment(good, None).unwrap().base_url(&chatwoot).unwrap();
            assert_eq!(url.as_str(), "https://chat.example/");
        }
        let table = [
            (
                "${NO_SUCH}",
                "preflight.yaml: environments.staging.base_urls.chatwoot: the variable `NO_SUCH` is not set in environment `staging`\nhint: export NO_SUCH=…, or name a dotenv file: environments.staging.dotenv",
            ),
            (
                "${EMPTY}",
                "preflight.yaml: environments.staging.base_urls.chatwoot: the variable `EMPTY` is not set in environment `staging`\nhint: export EMPTY=…, or name a dotenv file: environments.staging.dotenv",
            ),
            (
                "${HOST_ONLY}",
                "preflight.yaml: environments.staging.base_urls.chatwoot: the base URL `chat.example` has no scheme (from `${HOST_ONLY}`)\nhint: write a URL such as `https://host`, without user, query and fragment",
            ),
            (
                "localhost:3000",
                "preflight.yaml: environments.staging.base_urls.chatwoot: the base URL `localhost:3000` has no scheme\nhint: write a URL such as `https://host`, without user, query and fragment",
            ),
            (
                "https://user:pass@chat.example",
                "preflight.yaml: environments.staging.base_urls.chatwoot: the base URL holds a user or a password\nhint: write a URL such as `https://host`, without user, query and fragment",
            ),
            (
                "${CHATWOOT_BASE_URL",
                "preflight.yaml: environments.staging.base_urls.chatwoot: `${CHATWOOT_BASE_URL` is no reference\nhint: write `${NAME}` with capital letters, digits and `_`",
            ),
            ("${LATIN}", "the variable `LATIN` is not UTF-8\nhint: "),
        ];
        for (written, message) in table {
            assert_eq!(told(&environment(written, None).unwrap().base_url(&chatwoot).unwrap_err()), message);
        }
        let other = environment("https://x", None).unwrap().base_url(&"shopify".parse().unwrap()).unwrap_err();
        assert_eq!(
            told(&other),
            "preflight.yaml: environments.staging.base_urls.shopify: integration `shopify` has no base URL in environment `staging`\nhint: write `shopify: https://…` under environments.staging.base_urls"
        );
    }

    #[test]
    fn the_process_wins_over_the_dotenv_file() {
        let root = tempfile::tempdir().unwrap();
        files::write(&root.path().join(".env.staging"), b"CHATWOOT_BASE_URL=http://file\nTOKEN='a b'\n").unwrap();
        let environment = environment("https://x", Some((root.path(), ".env.staging"))).unwrap();
        let value = |name| environment.variable(name).unwrap().map(|value| value.expose_secret().to_owned());
        assert_eq!(value("CHATWOOT_BASE_URL").as_deref(), Some("https://chat.example"));
        assert_eq!(value("TOKEN").as_deref(), Some("a b"));
        assert_eq!(value("OTHER"), None);
        assert_eq!(format!("{environment:?}"), "Environment(staging, 2 of its variables from a file)");
    }

    #[test]
    fn a_broken_dotenv_line_is_named_and_not_shown() {
        let root = tempfile::tempdir().unwrap();
        files::write(&root.path().join("env"), b"A=1\n\nB=s3cr3t value\n").unwrap();
        let error = environment("https://x", Some((root.path(), "env"))).unwrap_err();
        assert!(told(&error).contains("env:3: not a `NAME=value` line"), "{error}");
        assert!(!told(&error).contains("s3cr3t"), "{error}");
        let folder = environment("https://x", Some((root.path(), "."))).unwrap_err();
        assert_eq!(folder.to_string(), "the dotenv file of environment `staging` cannot be read");
    }

    #[test]
    fn a_dotenv_file_that_is_not_there_is_named_by_what_is_missing() {
        let root = tempfile::tempdir().unwrap();
        let environment = environment("${NO_SUCH}", Some((root.path(), ".env.staging"))).unwrap();
        let error = environment.base_url(&"chatwoot".parse().unwrap()).unwrap_err();
        assert_eq!(error.hint().as_deref(), Some("export NO_SUCH=…, or write `NO_SUCH=…` into .env.staging"));
    }
}
