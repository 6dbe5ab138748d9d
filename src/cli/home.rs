//! Where a verb works: the folder that it is typed in, and the workspace that is found from there.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::adapter::workspace::Workspace;
use crate::cli::args::Common;

/// The current folder.
///
/// # Errors
/// It has no name (it was removed).
pub fn here() -> anyhow::Result<PathBuf> {
    std::env::current_dir().context("the current folder cannot be named")
}

/// The workspace that is named, or found from here; it may contradict itself.
///
/// # Errors
/// There is none where one is named, or it cannot be read.
pub fn workspace(common: &Common) -> anyhow::Result<Workspace> {
    Ok(Workspace::open(&here()?, common.workspace.as_deref())?)
}
