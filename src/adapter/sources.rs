//! Walks an app's source tree and finds where names are used: text files only, bounded, and what was left out is said.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::adapter::files::{self, FileError};
use crate::domain::usage::{Finder, Usage};

/// Files that are read of one tree at most.
pub const MOST_FILES: usize = 200_000;

/// Bytes of one file; what is longer is generated or data.
pub const MOST_BYTES: u64 = 2 * 1024 * 1024;

/// Bytes in which a NUL tells a binary file.
const HEAD: usize = 8 * 1024;

/// Folders that hold what others wrote, or what a build made.
const FOREIGN: [&str; 13] = [
    ".git",
    "node_modules",
    "target",
    "dist",
    "build",
    ".next",
    "coverage",
    "vendor",
    ".venv",
    "venv",
    "__pycache__",
    ".turbo",
    ".cache",
];

/// Endings and names of files that hold data or what a tool wrote, and no source.
const DATA: [&str; 14] = [
    ".lock",
    ".map",
    ".csv",
    ".tsv",
    ".svg",
    ".ndjson",
    ".jsonl",
    ".log",
    ".min.js",
    ".min.css",
    ".snap",
    "package-lock.json",
    "pnpm-lock.yaml",
    "npm-shrinkwrap.json",
];

/// Why a tree was not walked.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("there is no source tree at {}", path.display())]
    NotThere { path: PathBuf },
    #[error("the names to look for make no expression")]
    Words(#[from] regex::Error),
}

impl SourceError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotThere { .. } => Some("name the folder of the app's sources".to_owned()),
            Self::Words(_) => None,
        }
    }
}

/// What was found, and what was not looked at.
#[derive(Debug)]
pub struct Scan<T = Usage> {
    /// By place. The file is relative to the tree, with `/`.
    pub usages: Vec<T>,
    /// Every file of the tree, relative to it.
    pub files: Vec<String>,
    /// Files that were read as text.
    pub read: usize,
    /// Files that hold no source.
    pub binary: usize,
    /// Files or folders that were not read, with the reason.
    pub unread: Vec<String>,
    /// The tree has more files than are read: what was not found may still be there.
    pub cut: bool,
}

impl<T> Default for Scan<T> {
    fn default() -> Self {
        Self { usages: Vec::new(), files: Vec::new(), read: 0, binary: 0, unread: Vec::new(), cut: false }
    }
}

impl<T> Scan<T> {
    /// Whether what was not found is really not there.
    pub fn is_whole(&self) -> bool {
        !self.cut && self.unread.is_empty() && self.read > 0
    }
}

/// Finds every use of a name under `root`. What git ignores is left out, hidden files (`.github`, `.env.example`) are not.
///
/// # Errors
/// There is no such folder.
pub fn scan(root: &Path, finder: &Finder) -> Result<Scan, SourceError> {
    scan_at_most(root, finder, MOST_FILES)
}

fn scan_at_most(root: &Path, finder: &Finder, most: usize) -> Result<Scan, SourceError> {
    let mut scan = walk(root, most, |path, text| finder.find(path, text))?;
    scan.usages.sort_by(|one, other| one.place.cmp(&other.place).then_with(|| one.name.cmp(&other.name)));
    Ok(scan)
}

/// Finds whatever `find` makes of the path and text of each file, in no order; `most` files are read at most.
///
/// # Errors
/// There is no such folder.
pub fn walk<T: Send>(
    root: &Path,
    most: usize,
    find: impl Fn(&str, &str) -> Vec<T> + Sync,
) -> Result<Scan<T>, SourceError> {
    if !root.is_dir() {
        return Err(SourceError::NotThere { path: root.to_owned() });
    }
    let (scan, seen) = (Mutex::new(Scan::default()), AtomicUsize::new(0));
    let with = |change: &mut dyn FnMut(&mut Scan<T>)| change(&mut scan.lock().unwrap_or_else(PoisonError::into_inner));
    let walk = WalkBuilder::new(root)
        .hidden(false)
        .require_git(false)
        .git_global(false)
        .follow_links(false)
        .filter_entry(|entry| entry.depth() == 0 || !is_foreign(entry))
        .build_parallel();
    walk.run(|| {
        Box::new(|entry| {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    with(&mut |scan| scan.unread.push(error.to_string()));
                    return WalkState::Continue;
                }
            };
            if !entry.file_type().is_some_and(|kind| kind.is_file()) {
                return WalkState::Continue;
            }
            if seen.fetch_add(1, Ordering::Relaxed) >= most {
                with(&mut |scan| scan.cut = true);
                return WalkState::Quit;
            }
            let path = relative(root, entry.path());
            with(&mut |scan| scan.files.push(path.clone()));
            match text(&entry) {
                Ok(Some(text)) => {
                    let mut usages = find(&path, &text);
                    with(&mut |scan| {
                        scan.read += 1;
                        scan.usages.append(&mut usages);
                    });
                }
                Ok(None) => with(&mut |scan| scan.binary += 1),
                Err(reason) => with(&mut |scan| scan.unread.push(format!("{path} {reason}"))),
            }
            WalkState::Continue
        })
    });
    let mut scan = scan.into_inner().unwrap_or_else(PoisonError::into_inner);
    scan.unread.sort();
    scan.files.sort();
    Ok(scan)
}

fn is_foreign(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_dir())
        && entry.file_name().to_str().is_some_and(|name| FOREIGN.contains(&name))
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// The file's text; None when it is no source, a reason when it was not read.
fn text(entry: &DirEntry) -> Result<Option<String>, String> {
    if entry.file_name().to_str().is_some_and(|name| DATA.iter().any(|data| name.ends_with(data))) {
        return Ok(None);
    }
    let length = entry.metadata().map_err(|error| error.to_string())?.len();
    if length > MOST_BYTES {
        return Err(format!("has {length} bytes, more than the {MOST_BYTES} that are searched"));
    }
    let bytes = files::read(entry.path()).map_err(|error| match error {
        FileError::Unreadable { source, .. } => format!("cannot be read: {source}"),
        other => other.to_string(),
    })?;
    if bytes[..bytes.len().min(HEAD)].contains(&0) {
        return Ok(None);
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::{MOST_BYTES, scan, scan_at_most};
    use crate::adapter::files;
    use crate::domain::usage::{Finder, Form};

    #[test]
    fn a_tree_gives_places_and_says_what_it_left_out() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, bytes: &[u8]| files::write(&root.path().join(path), bytes).unwrap();
        write("app/a.ts", b"\n\nif (process.env.FEATURE_A === '1') {}\n");
        write(".github/workflows/ci.yml", b"env:\n  FEATURE_A: '1'\n");
        write("node_modules/x/index.js", b"process.env.FEATURE_B");
        write(".gitignore", b"ignored.ts\n");
        write("ignored.ts", b"process.env.FEATURE_C");
        write("package-lock.json", &vec![b' '; usize::try_from(MOST_BYTES).unwrap() + 1]);
        write("image.png", b"\x89PNG\0process.env.FEATURE_D");
        write("latin.ts", b"// \xe9\nprocess.env.FEATURE_E");
        write("huge.ts", &vec![b'x'; usize::try_from(MOST_BYTES).unwrap() + 1]);
        let finder = Finder::new(["FEATURE_A"]).unwrap();
        let scan = scan(root.path(), &finder).unwrap();
        let seen: Vec<_> =
            scan.usages.iter().map(|usage| (usage.place.to_string(), usage.name.as_str(), usage.form)).collect();
        assert_eq!(
            seen,
            [
                (".github/workflows/ci.yml:2".to_owned(), "FEATURE_A", Form::Set),
                ("app/a.ts:3".to_owned(), "FEATURE_A", Form::Read),
                ("latin.ts:2".to_owned(), "FEATURE_E", Form::Read),
            ]
        );
        assert_eq!((scan.binary, scan.cut), (2, false));
        assert!(scan.unread[0].starts_with("huge.ts has 2097153 bytes"), "{:?}", scan.unread);
        assert!(!scan.is_whole());
    }

    #[test]
    fn a_tree_that_is_too_large_is_cut_and_says_so() {
        let root = tempfile::tempdir().unwrap();
        for number in 0..5 {
            files::write(&root.path().join(format!("{number}.ts")), b"x").unwrap();
        }
        let finder = Finder::new([]).unwrap();
        let cut = scan_at_most(root.path(), &finder, 3).unwrap();
        assert!(cut.cut && !cut.is_whole() && cut.read <= 3, "{cut:?}");
        assert!(scan_at_most(root.path(), &finder, 5).unwrap().is_whole());
        let missing = scan(&root.path().join("no"), &finder).unwrap_err();
        assert!(missing.to_string().starts_with("there is no source tree at "), "{missing}");
    }
}
