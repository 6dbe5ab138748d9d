//! Files, read with a limit and written whole or not at all.
#![expect(clippy::disallowed_methods, reason = "this room is the door to the file system")]

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use jiff::Timestamp;

/// Bytes that are read of one file; a larger one is refused (a contract or fixture is nowhere near it).
pub const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// Why a file was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("cannot read {}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("cannot read {}: it is {kind}, not a file", path.display())]
    NotAFile { path: PathBuf, kind: &'static str },
    #[error("cannot read {}: it has {length} bytes, more than the {MOST_BYTES} that are read", path.display())]
    TooLarge { path: PathBuf, length: u64 },
    #[error("cannot make the folder {}", path.display())]
    NoFolder { path: PathBuf, source: io::Error },
    #[error("cannot write {}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
}

impl FileError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        let source = match self {
            Self::NotAFile { .. } => return Some("name a file"),
            Self::TooLarge { .. } => return Some("cut it down to what the contract needs"),
            Self::Unreadable { source, .. } => {
                return match source.kind() {
                    io::ErrorKind::PermissionDenied => Some("let your user read it: chmod u+r"),
                    // `ErrorKind::FilesystemLoop` is not stable yet.
                    _ if source.to_string().contains("symbolic links") => {
                        Some("a symbolic link points back to itself: remove it")
                    }
                    _ => None,
                };
            }
            Self::NoFolder { source, .. } | Self::Unwritable { source, .. } => source,
        };
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Some("the disk is full: make room, nothing that stood there before was changed")
            }
            io::ErrorKind::FileTooLarge => {
                Some("the limit for the size of a file (`ulimit -f`) is reached: raise it, or make room")
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Some("the folder is read-only for your user: change its permissions, or name another one")
            }
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
                Some("a file stands where a folder is needed: move it, or name another folder")
            }
            io::ErrorKind::NotFound => Some("the folder does not exist: make it first"),
            _ => None,
        }
    }
}

/// Reads a whole regular file of at most [`MOST_BYTES`].
pub fn read(path: &Path) -> Result<Bytes, FileError> {
    let unreadable = |source| FileError::Unreadable { path: path.to_owned(), source };
    // Asked before it is opened: opening a pipe would wait for ever.
    let about = fs::metadata(path).map_err(unreadable)?;
    if !about.is_file() {
        let kind = if about.is_dir() { "a folder" } else { "a device, socket or pipe" };
        return Err(FileError::NotAFile { path: path.to_owned(), kind });
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(FileError::TooLarge { path: path.to_owned(), length: about.len() });
    }
    Ok(Bytes::from(bytes))
}

/// Writes a file whole or not at all: to a temporary file beside it, to the disk, then in its place.
///
/// Makes the folders that are missing. A crash or a full disk leaves what stood there before.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let folder = put(path, bytes, File::sync_all)?;
    // The rename itself lies in the folder; where a folder cannot be synced the file still stands.
    drop(File::open(folder).and_then(|folder| folder.sync_all()));
    Ok(())
}

/// Writes a file whole or not at all for whoever reads it, without waiting for the disk: for what can be drawn again.
/// When the power fails at the wrong moment it may be old, missing or empty.
pub fn write_drawn(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    put(path, bytes, |_| Ok(())).map(drop)
}

/// Puts a file in its place by way of a temporary one, on which `settle` is called before; returns its folder.
fn put<'p>(path: &'p Path, bytes: &[u8], settle: impl FnOnce(&File) -> io::Result<()>) -> Result<&'p Path, FileError> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    make_folder(folder)?;
    let temporary = beside(path);
    let fill = |mut file: File| file.write_all(bytes).and_then(|()| settle(&file));
    let written = File::create(&temporary).and_then(fill).and_then(|()| fs::rename(&temporary, path));
    if let Err(source) = written {
        // What is half written helps nobody; that it cannot be removed either is no news.
        drop(fs::remove_file(&temporary));
        return Err(FileError::Unwritable { path: path.to_owned(), source });
    }
    Ok(folder)
}

/// When a file was changed, and its permissions (`0o644`), each where the system tells.
pub type About = (Option<Timestamp>, Option<u32>);

/// What the system says of a file; None when it is not there.
///
/// # Errors
/// It is there and cannot be looked at.
pub fn about(path: &Path) -> Result<Option<About>, FileError> {
    match fs::metadata(path) {
        Ok(about) => Ok(Some((about.modified().ok().and_then(|time| time.try_into().ok()), mode(&about)))),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(source) => Err(FileError::Unreadable { path: path.to_owned(), source }),
    }
}

/// When a file was last changed; None when it is not there, or the system does not tell.
pub fn modified(path: &Path) -> Option<Timestamp> {
    about(path).ok().flatten().and_then(|(time, _)| time)
}

/// Adds to the end of a file, which is made where it is not there. What is added is there whole, or (on a full disk) in part.
///
/// # Errors
/// The folder cannot be made, or the file cannot be written.
pub fn append(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_folder(folder)?;
    }
    let added = File::options().create(true).append(true).open(path).and_then(|mut file| file.write_all(bytes));
    added.map_err(|source| FileError::Unwritable { path: path.to_owned(), source })
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have none")]
fn mode(about: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;

    Some(about.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> Option<u32> {
    None
}

/// Removes a file. That it cannot be removed is no news to anyone who takes something back.
pub fn remove(path: &Path) {
    drop(fs::remove_file(path));
}

/// Makes a folder and those above it, where they are missing.
pub fn make_folder(path: &Path) -> Result<(), FileError> {
    fs::create_dir_all(path).map_err(|source| FileError::NoFolder { path: path.to_owned(), source })
}

/// `.NAME.PID.COUNT.preflight-tmp`: hidden, in the same folder, and not that of another process or thread.
fn beside(path: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    path.with_file_name(format!(".{name}.{}.{count}.preflight-tmp", std::process::id()))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::{self, Write as _};
    use std::path::{Path, PathBuf};

    use super::{FileError, read, write, write_drawn};

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reports/a.json");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(read(&path).unwrap(), "two");
        write_drawn(&path, b"three").unwrap();
        assert_eq!(read(&path).unwrap(), "three");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_takes_nothing_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("reports");
        write(&file, b"a file").unwrap();
        let error = write(&file.join("a.json"), b"x").unwrap_err();
        assert_eq!(error.to_string(), format!("cannot make the folder {}", file.display()));
        assert_eq!(error.hint(), Some("a file stands where a folder is needed: move it, or name another folder"));
        for write in [write, write_drawn] {
            let over_folder = write(folder.path(), b"x").unwrap_err();
            assert!(matches!(over_folder, FileError::Unwritable { .. }), "{over_folder:?}");
        }
        let left: Vec<_> = fs::read_dir(folder.path().parent().unwrap())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("preflight-tmp"))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn a_full_disk_and_a_read_only_folder_say_what_to_do() {
        let error = |kind: io::ErrorKind| FileError::Unwritable { path: PathBuf::from("r/x"), source: kind.into() };
        assert!(error(io::ErrorKind::StorageFull).hint().unwrap().contains("disk is full"));
        assert!(error(io::ErrorKind::ReadOnlyFilesystem).hint().unwrap().contains("read-only"));
        assert!(error(io::ErrorKind::PermissionDenied).hint().unwrap().contains("read-only"));
        // The system's own words for a full disk: /dev/full takes no byte.
        if Path::new("/dev/full").exists() {
            let full = File::create("/dev/full").and_then(|mut device| device.write_all(b"x")).unwrap_err();
            assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let loop_link = folder.path().join("loop");
        std::os::unix::fs::symlink(&loop_link, &loop_link).unwrap();
        assert_eq!(read(&loop_link).unwrap_err().hint(), Some("a symbolic link points back to itself: remove it"));
        assert!(matches!(read(folder.path()).unwrap_err(), FileError::NotAFile { kind: "a folder", .. }));
        let endless = read(Path::new("/dev/zero")).unwrap_err();
        assert!(endless.to_string().ends_with("it is a device, socket or pipe, not a file"), "{endless}");
        let huge = folder.path().join("huge");
        File::create(&huge).unwrap().set_len(super::MOST_BYTES + 1).unwrap();
        assert!(matches!(read(&huge).unwrap_err(), FileError::TooLarge { length: 67_108_865, .. }));
    }
}
