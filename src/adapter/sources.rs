//! Walks an app's source tree and finds where names are used: text files only, however many, and what was left out is said.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::adapter::files::{self, FileError};
use crate::domain::contract::Place;
use crate::domain::usage::{Finder, Form, Kind, Usage};

/// Places that are kept of one name, in one form and one kind of file: of a tree without end, no more than is looked at.
pub const MOST_PLACES: usize = 2_000;

/// Files that were not read, of which the reason is kept.
const MOST_REASONS: usize = 1_000;

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

/// How much of a tree was looked at.
#[derive(Debug, Default)]
pub struct Walked {
    /// Files that were read as text.
    pub read: usize,
    /// Files that hold no source.
    pub binary: usize,
    /// Files or folders that were not read, with the reason; the first ones.
    pub unread: Vec<String>,
    /// How many were not read beside those.
    pub unread_more: usize,
}

impl Walked {
    /// Whether what was not found is really not there.
    pub fn is_whole(&self) -> bool {
        self.unread.is_empty() && self.read > 0
    }

    /// How many files or folders were not read.
    pub fn not_read(&self) -> usize {
        self.unread.len() + self.unread_more
    }
}

/// What was found, and what was not looked at.
#[derive(Debug, Default)]
pub struct Scan {
    /// By place. The file is relative to the tree, with `/`. At most [`MOST_PLACES`] of a name, the first ones.
    pub usages: Vec<Usage>,
    /// Files below a folder `migrations`, relative to the tree.
    pub migrations: Vec<String>,
    pub walked: Walked,
}

/// The first of many, by their order and not by when they came: two walks of one tree keep the same.
#[derive(Debug)]
struct First<T> {
    kept: BTreeSet<T>,
    left_out: usize,
}

impl<T: Ord> First<T> {
    const fn none() -> Self {
        Self { kept: BTreeSet::new(), left_out: 0 }
    }

    fn add(&mut self, item: T, most: usize) {
        self.kept.insert(item);
        if self.kept.len() > most {
            self.kept.pop_last();
            self.left_out += 1;
        }
    }
}

/// Finds the names in a tree. Ignored files (`.gitignore`), foreign folders and what a tool wrote are left out.
///
/// # Errors
/// There is no such folder.
pub fn scan(root: &Path, finder: &Finder) -> Result<Scan, SourceError> {
    let (mut places, mut migrations) = (BTreeMap::<(String, Form, Kind), First<Place>>::new(), Vec::new());
    let find = |path: &str, text: Option<&str>| {
        let migration = path.contains("migrations/").then(|| path.to_owned());
        (migration, text.map(|text| finder.find(path, text)).unwrap_or_default())
    };
    let walked = walk(root, find, |(migration, usages)| {
        migrations.extend(migration);
        for Usage { name, place, form, kind } in usages {
            places.entry((name, form, kind)).or_insert_with(First::none).add(place, MOST_PLACES);
        }
    })?;
    let mut usages: Vec<Usage> = Vec::new();
    for ((name, form, kind), places) in places {
        usages.extend(places.kept.into_iter().map(|place| Usage { name: name.clone(), place, form, kind }));
    }
    usages.sort_by(|one, other| one.place.cmp(&other.place).then_with(|| one.name.cmp(&other.name)));
    migrations.sort();
    Ok(Scan { usages, migrations, walked })
}

/// Gives what `find` makes of each file (its path, and its text where it is one) to `keep`, in no order.
///
/// # Errors
/// There is no such folder.
pub fn walk<T>(
    root: &Path,
    find: impl Fn(&str, Option<&str>) -> T + Sync,
    keep: impl FnMut(T) + Send,
) -> Result<Walked, SourceError> {
    if !root.is_dir() {
        return Err(SourceError::NotThere { path: root.to_owned() });
    }
    let state = Mutex::new((Walked::default(), First::none(), keep));
    let lock = || state.lock().unwrap_or_else(PoisonError::into_inner);
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
                    lock().1.add(error.to_string(), MOST_REASONS);
                    return WalkState::Continue;
                }
            };
            if !entry.file_type().is_some_and(|kind| kind.is_file()) {
                return WalkState::Continue;
            }
            let path = relative(root, entry.path());
            let text = text(&entry);
            let found = find(&path, text.as_ref().ok().and_then(Option::as_deref));
            let (walked, unread, keep) = &mut *lock();
            match text {
                Ok(Some(_)) => walked.read += 1,
                Ok(None) => walked.binary += 1,
                Err(reason) => unread.add(format!("{path} {reason}"), MOST_REASONS),
            }
            keep(found);
            WalkState::Continue
        })
    });
    let (walked, unread, _) = state.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Walked { unread: unread.kept.into_iter().collect(), unread_more: unread.left_out, ..walked })
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
    use super::{MOST_BYTES, MOST_PLACES, scan};
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
        assert_eq!((scan.walked.binary, scan.walked.not_read()), (2, 1));
        assert!(scan.walked.unread[0].starts_with("huge.ts has 2097153 bytes"), "{:?}", scan.walked.unread);
        assert!(!scan.walked.is_whole());
    }

    #[test]
    fn of_many_places_the_first_are_kept_and_a_tree_is_read_to_its_end() {
        let root = tempfile::tempdir().unwrap();
        for number in 0..3 {
            let text = "process.env.FEATURE_A\n".repeat(MOST_PLACES / 2);
            files::write(&root.path().join(format!("{number}.ts")), text.as_bytes()).unwrap();
        }
        files::write(&root.path().join("z.ts"), b"process.env.FEATURE_Z").unwrap();
        files::write(&root.path().join("db/migrations/1_ideas.sql"), b"").unwrap();
        let finder = Finder::new([]).unwrap();
        let scan = scan(root.path(), &finder).unwrap();
        let of = |name: &str| scan.usages.iter().filter(|usage| usage.name == name).collect::<Vec<_>>();
        assert_eq!((of("FEATURE_A").len(), of("FEATURE_Z").len()), (MOST_PLACES, 1));
        assert!(of("FEATURE_A").iter().all(|usage| usage.place.file != "2.ts"), "the first ones by their place");
        assert_eq!((scan.walked.read, scan.migrations.as_slice()), (5, &["db/migrations/1_ideas.sql".to_owned()][..]));
        assert!(scan.walked.is_whole());
        let missing = super::scan(&root.path().join("no"), &finder).unwrap_err();
        assert!(missing.to_string().starts_with("there is no source tree at "), "{missing}");
    }
}
