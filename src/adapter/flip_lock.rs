//! One flip of a flag at a time: a lock on a file beside its journal, which the system lets go when the process ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::adapter::files::{self, FileError};

/// Why a flip may not begin.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("another flip of this flag is under way: {} is locked", path.display())]
    Taken { path: PathBuf },
    #[error("could not lock {}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(transparent)]
    File(#[from] FileError),
}

/// Held for as long as a flip goes on.
pub struct FlipLock {
    _file: File,
}

impl FlipLock {
    /// Takes the lock, without waiting for it.
    ///
    /// # Errors
    /// Another process has it, or its file cannot be made.
    pub fn take(path: &Path) -> Result<Self, LockError> {
        if let Some(folder) = path.parent() {
            files::make_folder(folder)?;
        }
        let io = |source| LockError::Io { path: path.to_owned(), source };
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LockError::Taken { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(io(source)),
        }
    }
}
