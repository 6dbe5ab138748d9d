//! Secrets on this machine: variables, dotenv files and files.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::adapter::environment::{self, Environment, EnvironmentError};
use crate::adapter::files::{self, FileError};
use crate::adapter::vault::question::{Answer, Found, Question};

/// Why a place on this machine cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    #[error("{reason}")]
    File { reason: String },
    #[error("it is not UTF-8")]
    NotText,
}

impl From<FileError> for LocalError {
    /// With its cause, but without the path, which the place names.
    fn from(error: FileError) -> Self {
        let reason = match &error {
            FileError::Unreadable { source, .. } => format!("cannot be read: {source}"),
            other => other.to_string(),
        };
        Self::File { reason }
    }
}

/// A variable that was found, and the dotenv file that it came from; None for the process environment.
pub type InFile = Option<String>;

/// Looks for a variable as a live run would: in the process environment, then in the environment's dotenv file.
pub fn variable(
    environment: &Environment,
    own: Option<&str>,
    question: &Question<'_>,
) -> Result<(Answer, InFile), LocalError> {
    for name in question.wanted(own) {
        if let Some(value) = environment.variable(name)? {
            let found = Found { name: Some(name.to_owned()), ..Found::default() };
            return Ok((Answer::of_value(value, found), environment.file_of(name).map(str::to_owned)));
        }
    }
    Ok((Answer::Absent, None))
}

/// Looks for a variable in a dotenv file.
pub fn dotenv(path: &Path, own: Option<&str>, question: &Question<'_>) -> Result<Answer, LocalError> {
    let Some((_, mode)) = files::about(path)? else { return Ok(Answer::Absent) };
    let mut variables = environment::read_dotenv(path, "")?;
    let found = question.wanted(own).find_map(|name| Some((name, variables.remove(name)?)));
    Ok(found.map_or(Answer::Absent, |(name, value)| {
        // The file's date is that of its last change, whichever of its secrets that was.
        let permissions = too_open(mode);
        Answer::of_value(value, Found { name: Some(name.to_owned()), permissions, ..Found::default() })
    }))
}

/// Reads a file that holds the value alone, or a line `NAME=value` with one of the secret's names.
pub fn file(path: &Path, question: &Question<'_>) -> Result<Answer, LocalError> {
    let Some((renewed, mode)) = files::about(path)? else { return Ok(Answer::Absent) };
    let bytes = files::read(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| LocalError::NotText)?;
    let assigned = question.names.iter().find_map(|name| Some((*name, assigned(text, name)?)));
    let (name, value) = match assigned {
        Some((name, value)) => (Some(name.to_owned()), value),
        None => (None, text.trim_end_matches(['\r', '\n'])),
    };
    let found = Found { name, renewed, permissions: too_open(mode), ..Found::default() };
    Ok(Answer::of_value(SecretString::from(value), found))
}

/// What stands behind `NAME=`, without quotes around it.
fn assigned<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().find_map(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        let value = line.strip_prefix(name)?.trim_start().strip_prefix('=')?.trim();
        let bare = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
        Some(bare.unwrap_or(value))
    })
}

/// Secrets are their owner's alone.
fn too_open(mode: Option<u32>) -> Option<String> {
    let mode = mode.filter(|mode| mode & 0o077 != 0)?;
    Some(format!("others may read it (mode {mode:o}; chmod 600)"))
}

/// A path of the workspace.
pub fn within(root: Option<&Path>, path: &str) -> PathBuf {
    root.unwrap_or(Path::new("")).join(path)
}

/// Whether a file is there and holds something.
pub fn holds_something(path: &Path) -> bool {
    files::read(path).is_ok_and(|bytes| !bytes.trim_ascii().is_empty())
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use secrecy::ExposeSecret;

    use super::{dotenv, file};
    use crate::adapter::files;
    use crate::adapter::vault::question::{Answer, Question};

    const QUESTION: Question<'_> = Question { names: &["SHOP_TOKEN", "TOKEN"], wants_value: false };

    fn shown(answer: Answer) -> (Option<String>, String, Option<String>) {
        let Answer::Present(found) = answer else { panic!("{answer:?}") };
        let value = found.value.map(|value| value.expose_secret().to_owned());
        (found.name, value.unwrap_or_default(), found.permissions)
    }

    #[test]
    fn a_file_holds_the_value_or_an_assignment() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("token.env");
        let write = |text: &str, mode: u32| {
            files::write(&path, text.as_bytes()).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        };
        assert!(matches!(file(&path, &QUESTION).unwrap(), Answer::Absent));
        write("v4lue\n", 0o600);
        assert_eq!(shown(file(&path, &QUESTION).unwrap()), (None, "v4lue".to_owned(), None));
        write("# staging\nexport TOKEN='v4lue'\n", 0o640);
        let (name, value, permissions) = shown(file(&path, &QUESTION).unwrap());
        assert_eq!((name.as_deref(), value.as_str()), (Some("TOKEN"), "v4lue"));
        assert_eq!(permissions.as_deref(), Some("others may read it (mode 640; chmod 600)"));
        write("SHOP_TOKEN=\n", 0o600);
        assert!(matches!(file(&path, &QUESTION).unwrap(), Answer::Absent), "an empty value is none");
        assert!(file(root.path(), &QUESTION).unwrap_err().to_string().contains("it is a folder"));
    }

    #[test]
    fn a_dotenv_file_is_asked_for_each_name() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(".env");
        assert!(matches!(dotenv(&path, None, &QUESTION).unwrap(), Answer::Absent));
        files::write(&path, b"TOKEN=v4lue\nOTHER=x\n").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        assert_eq!(shown(dotenv(&path, None, &QUESTION).unwrap()).0.as_deref(), Some("TOKEN"));
        assert!(matches!(dotenv(&path, Some("SHOP_TOKEN"), &QUESTION).unwrap(), Answer::Absent));
        files::write(&path, b"TOKEN v4lue\n").unwrap();
        let told = dotenv(&path, None, &QUESTION).unwrap_err().to_string();
        assert!(told.contains(":1: not a `NAME=value` line") && !told.contains("v4lue"), "{told}");
    }
}
