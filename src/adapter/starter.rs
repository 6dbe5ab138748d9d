//! A new workspace: small, runs at once, and is written whole or not at all.

use std::path::{Path, PathBuf};

use crate::adapter::files::{self, FileError};

/// The files of a new workspace; `{name}` is replaced by the folder's name.
const FILES: [(&str, &str); 2] = [
    ("preflight.yaml", include_str!("starter/preflight.yaml")),
    ("features/chatwoot/our-app.feature", include_str!("starter/our-app.feature")),
];

/// Why no workspace was written.
#[derive(Debug, thiserror::Error)]
pub enum StarterError {
    #[error("nothing was written, because it would overwrite {}", list(.0))]
    Exists(Vec<PathBuf>),
    #[error(transparent)]
    Unwritten(#[from] FileError),
}

fn list(paths: &[PathBuf]) -> String {
    let shown: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    shown.join(", ")
}

impl StarterError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Exists(_) => Some("name an empty folder: `preflight init FOLDER`".to_owned()),
            Self::Unwritten(error) => error.hint().map(str::to_owned),
        }
    }
}

/// Writes a workspace into a folder, which is made if need be, and returns its files.
///
/// # Errors
/// A file of that name stands there already, or one cannot be written; nothing of it is left then.
pub fn write(folder: &Path) -> Result<Vec<PathBuf>, StarterError> {
    let within = |path: &str| if folder == Path::new(".") { PathBuf::from(path) } else { folder.join(path) };
    let taken: Vec<_> =
        FILES.iter().map(|(path, _)| within(path)).filter(|path| path.symlink_metadata().is_ok()).collect();
    if !taken.is_empty() {
        return Err(StarterError::Exists(taken));
    }
    // The name of `.` is that of the folder it stands for.
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = real.file_name().map_or("my app".into(), std::ffi::OsStr::to_string_lossy);
    let mut written: Vec<PathBuf> = Vec::new();
    for (path, text) in FILES {
        let path = within(path);
        let text = text.replace("{name}", &serde_json::Value::from(name.as_ref()).to_string());
        if let Err(error) = files::write(&path, text.as_bytes()) {
            for path in &written {
                files::remove(path);
            }
            return Err(error.into());
        }
        written.push(path);
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::{StarterError, write};
    use crate::adapter::files;
    use crate::adapter::workspace::Workspace;

    #[test]
    fn what_is_written_is_a_workspace() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("my \"app\"");
        assert_eq!(write(&folder).unwrap().len(), 2);
        let workspace = Workspace::open(&folder, None).unwrap().coherent().unwrap();
        assert_eq!(workspace.inventory.name, "my \"app\"");
        assert!(workspace.strays.is_empty(), "{:?}", workspace.strays);
    }

    #[test]
    fn nothing_is_overwritten_and_nothing_is_left_half() {
        let root = tempfile::tempdir().unwrap();
        let feature = root.path().join("features/chatwoot/our-app.feature");
        files::write(&feature, b"mine").unwrap();
        let error = write(root.path()).unwrap_err();
        assert_eq!(error.to_string(), format!("nothing was written, because it would overwrite {}", feature.display()));
        assert!(!root.path().join("preflight.yaml").exists());
        assert_eq!(files::read(&feature).unwrap(), "mine");
        // A file where a folder is needed: the second file fails, the first is taken back.
        let other = tempfile::tempdir().unwrap();
        files::write(&other.path().join("features"), b"a file").unwrap();
        assert!(matches!(write(other.path()).unwrap_err(), StarterError::Unwritten(_)));
        assert!(!other.path().join("preflight.yaml").exists());
    }
}
