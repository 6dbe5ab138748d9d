//! The documents that a user names: files, and the Markdown and text below folders, with the reason where one is left out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use ignore::WalkBuilder;

use crate::adapter::encoding::{self, NotText};
use crate::adapter::files::{self, FileError};

/// Endings of the files that are read below a folder.
const ENDINGS: [&str; 6] = ["md", "markdown", "mdown", "mdx", "txt", "text"];

/// What was found below the paths that were named.
#[derive(Debug, Default)]
pub struct Found {
    /// Sorted, each once, and whether it was named itself.
    pub documents: BTreeMap<PathBuf, bool>,
    /// Files of folders that are neither Markdown nor text.
    pub others: usize,
    /// What could not be looked at, with the reason.
    pub unread: Vec<(String, String)>,
}

/// Why there is nothing to audit.
#[derive(Debug, thiserror::Error)]
pub enum DocumentsError {
    #[error("there is nothing at {}", path.display())]
    NotFound { path: PathBuf },
    #[error("cannot look at {}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
}

/// Collects the documents at and below `paths`. Hidden files are left out, and those that git would ignore unless `ignored`.
///
/// # Errors
/// A path that is named does not exist.
pub fn find(paths: &[PathBuf], ignored: bool) -> Result<Found, DocumentsError> {
    let mut found = Found::default();
    for path in paths {
        let about = path.metadata().map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => DocumentsError::NotFound { path: path.clone() },
            _ => DocumentsError::Unreadable { path: path.clone(), source },
        })?;
        if about.is_dir() {
            below(path, ignored, &mut found);
        } else {
            found.documents.insert(path.clone(), true);
        }
    }
    Ok(found)
}

fn below(folder: &Path, ignored: bool, found: &mut Found) {
    let mut walk = WalkBuilder::new(folder);
    walk.git_ignore(!ignored)
        .git_exclude(!ignored)
        .git_global(false)
        .ignore(!ignored)
        .parents(!ignored)
        .require_git(false);
    for entry in walk.build() {
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                let ending = entry.path().extension().map(|ending| ending.to_string_lossy().to_lowercase());
                if ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str())) {
                    found.documents.entry(entry.into_path()).or_insert(false);
                } else {
                    found.others += 1;
                }
            }
            Ok(_) => {}
            Err(error) => found.unread.push((folder.display().to_string(), error.to_string())),
        }
    }
}

/// Why a document is not read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    #[error("it is binary, not text")]
    Binary,
    #[error("the file {0}: {hint}", hint = .0.hint())]
    NotText(#[from] NotText),
    #[error("{}", told(.0))]
    File(#[from] FileError),
}

fn told(error: &FileError) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), |source| format!("cannot be read: {source}"))
}

/// A document's bytes, known to be UTF-8. A byte order mark is left in its place and means nothing.
///
/// # Errors
/// It cannot be read, is binary, or is text of another encoding.
pub fn read(path: &Path) -> Result<Bytes, Unread> {
    let bytes = files::read(path)?;
    let head = bytes.get(..bytes.len().min(8192)).unwrap_or_default();
    let marked = head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]);
    if head.contains(&0) && !marked {
        return Err(Unread::Binary);
    }
    let bytes = if head.starts_with(&[0xEF, 0xBB, 0xBF]) { bytes.slice(3..) } else { bytes };
    encoding::text(&bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{find, read};
    use crate::adapter::files;

    #[test]
    fn a_folder_gives_its_text_and_what_git_ignores_only_when_asked() {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("a.md", "x"),
            ("b/c.txt", "x"),
            ("b/d.rs", "x"),
            (".hidden.md", "x"),
            ("tmp/e.md", "x"),
            (".gitignore", "tmp/\n"),
        ] {
            files::write(&root.path().join(path), text.as_bytes()).unwrap();
        }
        let names = |ignored| {
            let found = find(&[root.path().to_owned()], ignored).unwrap();
            let names: Vec<_> = found
                .documents
                .keys()
                .map(|path| path.strip_prefix(root.path()).unwrap().display().to_string())
                .collect();
            (names, found.others)
        };
        assert_eq!(names(false), (vec!["a.md".to_owned(), "b/c.txt".to_owned()], 1));
        assert_eq!(names(true).0, ["a.md", "b/c.txt", "tmp/e.md"]);
        let error = find(&[root.path().join("no.md")], false).unwrap_err();
        assert_eq!(error.to_string(), format!("there is nothing at {}", root.path().join("no.md").display()));
    }

    #[test]
    fn what_is_no_text_says_why() {
        let root = tempfile::tempdir().unwrap();
        let told = |bytes: &[u8]| {
            let path = root.path().join("x.md");
            files::write(&path, bytes).unwrap();
            read(&path).map(|bytes| bytes.len()).map_err(|error| error.to_string())
        };
        assert_eq!(told(b"\x89PNG\0\0"), Err("it is binary, not text".to_owned()));
        let latin = "the file holds 0xE9 at byte 3, which no UTF-8 text can hold there: it is probably Latin-1: save the file as UTF-8";
        assert_eq!(told(b"caf\xE9\n"), Err(latin.to_owned()));
        assert!(told(&[0xFF, 0xFE, b'a', 0]).unwrap_err().contains("UTF-16"));
        assert_eq!(told(b"\xEF\xBB\xBFabc"), Ok(3));
    }
}
