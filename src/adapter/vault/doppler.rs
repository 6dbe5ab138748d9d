//! Doppler: the names of a configuration's secrets, from its command-line tool; a value only where its shape is asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::adapter::child::{self, ChildError};
use crate::adapter::vault::listing::Names;

/// Why a configuration's secrets are not known.
#[derive(Debug, thiserror::Error)]
pub enum DopplerError {
    #[error(transparent)]
    Child(#[from] ChildError),
    #[error("`doppler secrets --only-names --json` did not give a list of names")]
    NoList,
    #[error("`doppler secrets get` gave no text")]
    NoText,
}

/// What `--only-names --json` gives: an object of names (remembered), or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Listed {
    #[expect(clippy::zero_sized_map_values, reason = "the keys of an object are what is read")]
    Object(BTreeMap<String, IgnoredAny>),
    List(Vec<String>),
}

/// Lists names without values.
pub async fn names(program: &str, project: &str, config: &str, timeout: Duration) -> Result<Names, DopplerError> {
    let arguments = ["secrets", "--only-names", "--json", "--project", project, "--config", config];
    let output = child::output(program, &arguments, timeout).await?;
    read(output.expose_secret())
}

fn read(bytes: &[u8]) -> Result<Names, DopplerError> {
    match serde_json::from_slice(bytes).map_err(|_| DopplerError::NoList)? {
        Listed::Object(names) => Ok(names.into_keys().map(|name| (name, None)).collect()),
        Listed::List(names) => Ok(names.into_iter().map(|name| (name, None)).collect()),
    }
}

/// Reads one value: `doppler secrets get NAME --plain`.
pub async fn value(
    program: &str,
    project: &str,
    config: &str,
    name: &str,
    timeout: Duration,
) -> Result<SecretString, DopplerError> {
    let arguments = ["secrets", "get", name, "--plain", "--project", project, "--config", config];
    let output = child::output(program, &arguments, timeout).await?;
    let text = std::str::from_utf8(output.expose_secret()).map_err(|_| DopplerError::NoText)?;
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n'])))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn names_are_read_whatever_stands_beside_them() {
        assert!(read(br#"{"A":{},"DOPPLER_CONFIG":{}}"#).unwrap().contains_key("A"));
        assert!(read(br#"["A","B"]"#).unwrap().contains_key("B"));
        assert!(read(b"Doppler Error: you must provide a token").is_err());
    }
}
