//! Waiting until a file of the workspace changes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{Event, EventKind, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

use crate::adapter::halt;

/// An editor writes a file in several steps; a run begins when it has been quiet this long.
const QUIET: Duration = Duration::from_millis(150);

/// The folder cannot be watched.
#[derive(Debug, thiserror::Error)]
#[error("could not watch {}", path.display())]
pub struct WatchError {
    path: PathBuf,
    source: notify::Error,
}

/// Waits for a change of a contract, a schema, a fixture or the workspace's file; false when the user ends the waiting.
///
/// # Errors
/// The folder cannot be watched.
pub async fn change(folder: &Path) -> Result<bool, WatchError> {
    let failed = |source| WatchError { path: folder.to_owned(), source };
    let (sender, mut changes) = mpsc::unbounded_channel();
    let root = folder.to_owned();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        if event.is_ok_and(|event| concerns(&root, &event)) {
            let _ = sender.send(());
        }
    })
    .map_err(failed)?;
    watcher.watch(folder, RecursiveMode::NonRecursive).map_err(failed)?;
    for part in ["features", "schemas", "fixtures"].map(|part| folder.join(part)).iter().filter(|part| part.is_dir()) {
        watcher.watch(part, RecursiveMode::Recursive).map_err(failed)?;
    }
    tokio::select! {
        change = changes.recv() => {
            while tokio::time::timeout(QUIET, changes.recv()).await.is_ok_and(|more| more.is_some()) {}
            Ok(change.is_some())
        }
        () = halt::asked_for() => Ok(false),
    }
}

/// Reports and hidden files are not what a run reads.
fn concerns(root: &Path, event: &Event) -> bool {
    !matches!(event.kind, EventKind::Access(_))
        && event.paths.iter().any(|path| {
            let inside = path.strip_prefix(root).unwrap_or(path);
            let top = inside.iter().next().and_then(|part| part.to_str()).unwrap_or_default();
            matches!(top, "features" | "schemas" | "fixtures" | "preflight.yaml")
        })
}
