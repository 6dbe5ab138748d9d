//! From what the workspace writes to a store that can be asked.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::adapter::client::Client;
use crate::adapter::environment::{Environment, EnvironmentError};
use crate::adapter::flags::command::Program;
use crate::adapter::flags::dotenv::Dotenv;
use crate::adapter::flags::elsewhere::Elsewhere;
use crate::adapter::flags::environment::Variables;
use crate::adapter::flags::flagd::Flagd;
use crate::adapter::flags::http::Remote;
use crate::adapter::flags::ofrep::{Credential, Ofrep};
use crate::adapter::flags::store::Store;
use crate::adapter::flags::unleash::Unleash;
use crate::adapter::workspace::FILE;
use crate::domain::coherence::base_url_problem;
use crate::domain::flag::Declared;
use crate::domain::flag::keeper::{Keeper, NoKeeper, Options};

/// Variables that open a server when `token=` and `admin=` name no others.
const UNLEASH_TOKEN: &str = "UNLEASH_API_TOKEN";
const UNLEASH_ADMIN: &str = "UNLEASH_ADMIN_TOKEN";
const OFREP_TOKEN: &str = "OFREP_TOKEN";
const OFREP_KEY: &str = "OFREP_API_KEY";

/// Why a store cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    NoKeeper(#[from] NoKeeper),
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    #[error("{key}: {problem}")]
    Url { key: String, problem: String },
    #[error("{place}: the variable `{variable}` has no value in environment `{environment}`")]
    NoToken { place: String, variable: String, environment: String },
}

impl OpenError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoKeeper(_) => None,
            Self::Environment(error) => error.hint(),
            Self::Url { .. } => {
                Some("write a URL such as `https://host`, or take it from a variable: `${NAME}`".into())
            }
            Self::NoToken { variable, .. } => Some(format!("export {variable}=…, or name another one: `#token=NAME`")),
        }
    }
}

/// Everything that stores are opened with.
pub struct Keys<'a> {
    /// The workspace's folder.
    pub root: &'a Path,
    pub environment: &'a Arc<Environment>,
    /// For safe requests only.
    pub client: &'a Client,
    /// For one question.
    pub timeout: Duration,
}

/// Opens the place that `kept_in` names for a flag.
///
/// # Errors
/// It names no place, or what opens it is missing.
pub fn open(flag: &str, declared: &Declared, kept_in: &str, keys: &Keys) -> Result<Box<dyn Store>, OpenError> {
    let writes = declared.commands.clone();
    let timeout = keys.timeout;
    Ok(match Keeper::parse(kept_in, keys.environment.name())? {
        Keeper::Env => Box::new(Variables::new(Arc::clone(keys.environment))),
        Keeper::Dotenv { file } => Box::new(Dotenv::new(keys.root, &file)),
        Keeper::Fly => Box::new(Program { reads: None, writes, timeout, shown: "Fly secrets".to_owned() }),
        Keeper::Flagd { file, options } => Box::new(Flagd::new(keys.root, &file, options.key)),
        Keeper::Ofrep { url, options } => Box::new(ofrep(flag, &url, options, keys)?),
        Keeper::Unleash { url, options } => Box::new(unleash(flag, &url, options, keys)?),
        Keeper::Query { name } => Box::new(Elsewhere::query(&name)),
        Keeper::Command { argv } => {
            let shown = argv.first().cloned().unwrap_or_default();
            Box::new(Program { reads: Some(argv), writes, timeout, shown })
        }
        Keeper::Browser => Box::new(Elsewhere::browser()),
        Keeper::Code => Box::new(Elsewhere::code()),
    })
}

fn remote(flag: &str, written: &str, keys: &Keys) -> Result<Remote, OpenError> {
    let key = format!("flags.{flag}");
    let text = keys.environment.expand(FILE, &key, written)?;
    let text = text.expose_secret().trim();
    // What it is filled in with is not shown: it may hold a secret.
    let parsed = if base_url_problem(text).is_none() { Url::parse(text).ok() } else { None };
    let base = parsed.ok_or_else(|| OpenError::Url { key, problem: format!("`{written}` gives no base URL") })?;
    Ok(Remote::new(keys.client.clone(), base, keys.timeout))
}

fn ofrep(flag: &str, url: &str, options: Options, keys: &Keys) -> Result<Ofrep, OpenError> {
    let remote = remote(flag, url, keys)?;
    let place = remote.host();
    let credential = match &options.token {
        Some(variable) => Credential::Bearer(token(&place, variable, keys)?),
        None => match (keys.environment.variable(OFREP_TOKEN)?, keys.environment.variable(OFREP_KEY)?) {
            (Some(token), _) => Credential::Bearer(token),
            (None, Some(key)) => Credential::Key(key),
            (None, None) => Credential::None,
        },
    };
    Ok(Ofrep::new(remote, credential, options.key))
}

fn unleash(flag: &str, url: &str, options: Options, keys: &Keys) -> Result<Unleash, OpenError> {
    let remote = remote(flag, url, keys)?;
    let place = format!("Unleash {}", remote.host());
    Ok(Unleash {
        token: token(&place, options.token.as_deref().unwrap_or(UNLEASH_TOKEN), keys)?,
        admin: keys.environment.variable(options.admin.as_deref().unwrap_or(UNLEASH_ADMIN))?,
        project: options.project.unwrap_or_else(|| "default".to_owned()),
        environment: options.environment.unwrap_or_else(|| keys.environment.name().to_owned()),
        key: options.key,
        remote,
        last: Mutex::default(),
    })
}

fn token(place: &str, variable: &str, keys: &Keys) -> Result<SecretString, OpenError> {
    keys.environment.variable(variable)?.ok_or_else(|| OpenError::NoToken {
        place: place.to_owned(),
        variable: variable.to_owned(),
        environment: keys.environment.name().to_owned(),
    })
}
