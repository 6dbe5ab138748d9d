//! When a release was tagged, asked of git.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::Timestamp;

use crate::domain::nearest::nearest;

/// Why a tag has no time.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    #[error("git could not be run")]
    NotRun(#[source] std::io::Error),
    #[error("{} is in no git repository: {said}", folder.display())]
    NoRepository { folder: PathBuf, said: String },
    #[error("there is no tag `{tag}`")]
    NoTag { tag: String, near: Option<String> },
    #[error("git dates the tag `{tag}` with `{said}`, which is no time")]
    NoTime { tag: String, said: String },
}

impl ReleaseError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotRun(_) | Self::NoRepository { .. } => {
                Some("name a time (2026-11-20T09:00Z) or an entry of the ledger instead of a tag".to_owned())
            }
            Self::NoTag { near: Some(near), .. } => Some(format!("did you mean `{near}`?")),
            Self::NoTag { near: None, .. } => {
                Some("`git tag` lists them; a time (2026-11-20T09:00Z) or an entry of the ledger works too".to_owned())
            }
            Self::NoTime { .. } => None,
        }
    }
}

/// When a tag was made: an annotated one by its own date, another by that of its commit.
///
/// # Errors
/// git is not there, the folder is in no repository, or there is no such tag.
pub fn tagged(folder: &Path, tag: &str) -> Result<Timestamp, ReleaseError> {
    // A glob or an option would ask for something else than a tag.
    let plain = !tag.is_empty() && !tag.starts_with('-') && !tag.contains(['*', '?', '[', '\\', ' ', '\n']);
    let all = ask(folder, &["for-each-ref", "--format=%(refname:strip=2) %(creatordate:iso-strict)", "refs/tags/"])?;
    let mut tags = all.lines().filter_map(|line| line.split_once(' '));
    let known: Vec<(&str, &str)> = tags.by_ref().collect();
    let Some((_, said)) = known.iter().find(|(name, _)| plain && *name == tag) else {
        let near = nearest(tag, known.iter().map(|(name, _)| *name)).map(str::to_owned);
        return Err(ReleaseError::NoTag { tag: tag.to_owned(), near });
    };
    said.parse().map_err(|_| ReleaseError::NoTime { tag: tag.to_owned(), said: (*said).to_owned() })
}

fn ask(folder: &Path, arguments: &[&str]) -> Result<String, ReleaseError> {
    let asked = Command::new("git").arg("-C").arg(folder).args(arguments).stdin(Stdio::null()).output();
    let output = asked.map_err(ReleaseError::NotRun)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().to_owned();
        return Err(ReleaseError::NoRepository { folder: folder.to_owned(), said });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
