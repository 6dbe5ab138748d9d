//! The webhook scheme that a word names: one that is known, or one that a YAML file describes.

use std::borrow::Cow;
use std::path::Path;

use crate::adapter::files::{self, FileError};
use crate::adapter::yaml;
use crate::adapter::yaml::error::YamlError;
use crate::wire::webhook::custom::Fault;
use crate::wire::webhook::scheme::{Scheme, UnknownScheme};

/// Why there is no such scheme.
#[derive(Debug, thiserror::Error)]
pub enum SchemeError {
    #[error(transparent)]
    Unknown(#[from] UnknownScheme),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Yaml(#[from] YamlError),
    #[error("{path}:{line}:{column}: {within}: {message}", within = .fault.keys.join("."), message = .fault.message)]
    Fault { path: String, line: usize, column: usize, fault: Fault },
}

impl SchemeError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown(error) => Some(error.hint()),
            Self::File(error) => error.hint().map(str::to_owned),
            Self::Yaml(YamlError::Empty { .. }) => {
                Some("`preflight webhook schemes stripe` prints a description to start from".to_owned())
            }
            Self::Yaml(error) => error.hint(),
            Self::Fault { fault, .. } => Some(fault.hint.to_owned()),
        }
    }
}

/// Finds a scheme. A word with a dot or a slash names a file, relative to `here`.
///
/// # Errors
/// There is none of this name, or the file describes none.
pub fn find(here: &Path, word: &str) -> Result<Cow<'static, Scheme>, SchemeError> {
    if !word.contains(['.', '/', '\\']) {
        return Ok(Cow::Borrowed(Scheme::find(word)?));
    }
    Ok(Cow::Owned(read(word, &files::read(&here.join(word))?)?))
}

/// Reads a description. `path` is only named in errors.
///
/// # Errors
/// It cannot be read, or contradicts itself.
pub fn read(path: &str, bytes: &[u8]) -> Result<Scheme, SchemeError> {
    let scheme: Scheme = yaml::read(path, bytes)?;
    let Some(fault) = scheme.faults().into_iter().next() else { return Ok(scheme) };
    let text = String::from_utf8_lossy(bytes);
    // A key that is missing is looked for where it should stand.
    let near = (1..=fault.keys.len()).rev().find_map(|deep| yaml::locate(&text, &fault.keys[..deep]));
    let (line, column) = near.unwrap_or((1, 1));
    Err(SchemeError::Fault { path: path.to_owned(), line, column, fault })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{find, read};
    use crate::adapter::files;

    fn told(text: &str) -> String {
        let error = read("acme.yaml", text.as_bytes()).unwrap_err();
        format!("{error}\nhint: {}", error.hint().unwrap_or_default())
    }

    #[test]
    fn a_wrong_description_says_where_what_and_what_would_be_right() {
        let head = "name: acme\nsignature:\n  header: X-Sig\n";
        let table = [
            (
                "",
                "acme.yaml:1:1: the file is empty\nhint: `preflight webhook schemes stripe` prints a description to start from",
            ),
            (
                &format!("{head}signed: '{{body}}'\nalgorithm: hmac-sha265\n"),
                "acme.yaml:5:12: algorithm: unknown word `hmac-sha265`\nhint: did you mean `hmac-sha256`? allowed here: hmac-sha1, hmac-sha256, hmac-sha384, hmac-sha512, ed25519, ecdsa-p256, ecdsa-p256-raw",
            ),
            (
                &format!("{head}signed: '{{body}}'\nencodng: hex\n"),
                "acme.yaml:5:1: unknown key `encodng`\nhint: did you mean `encoding`? allowed here: name, source, certainty, algorithm, encoding, key, key_prefix, signature, signed, timestamp, delivery_id, topic, body_digest, secret_variable, headers, content_type, handshakes, conduct",
            ),
            (head, "acme.yaml:1:1: the key `signed` is missing\nhint: add `signed:`"),
            (
                &format!("{head}signed: '{{timestamp}}.{{body}}'\n"),
                "acme.yaml:4:1: signed: a timestamp is signed, and nothing says where it stands\nhint: add `timestamp:` with `header:`",
            ),
        ];
        for (text, message) in table {
            assert_eq!(told(text), message, "of:\n{text}");
        }
        let unknown = told(&format!("{head}signed: '{{bdy}}'\n"));
        assert!(unknown.starts_with("acme.yaml:4:9: signed: `{bdy}` is no part"), "{unknown}");
        assert!(unknown.contains("did you mean {body}?"), "{unknown}");
        let cause = told(&format!("{head}signed: '{{body}}'\nconduct:\n  retried: [sometimes]\n"));
        assert!(cause.starts_with("acme.yaml:6:12: conduct.retried: `sometimes` is no failure"), "{cause}");
    }

    #[test]
    fn a_word_is_a_name_and_a_path_is_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let text = "name: acme\nsignature: {header: X-Sig}\nsigned: '{body}'\n";
        files::write(&folder.path().join("acme.yaml"), text.as_bytes()).unwrap();
        assert_eq!(find(folder.path(), "acme.yaml").unwrap().name, "acme");
        assert_eq!(find(folder.path(), "stripe").unwrap().name, "stripe");
        let error = find(Path::new("."), "strip").unwrap_err();
        assert_eq!(error.to_string(), "there is no webhook scheme `strip`");
        assert_eq!(error.hint().as_deref(), Some("did you mean `stripe`? `preflight webhook schemes` lists them all"));
        assert!(find(folder.path(), "no.yaml").unwrap_err().to_string().starts_with("cannot read "));
    }
}
