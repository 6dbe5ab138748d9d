//! What stands at the paths that documents cite: found below a root, with its size, its length, its digest and its times.
#![expect(clippy::disallowed_methods, reason = "this room looks at the files that are cited")]

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::{Component, Path, PathBuf};

use ignore::WalkBuilder;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::adapter::files::MOST_BYTES;
use crate::adapter::git::{Commits, WorkTree};
use crate::domain::claim::fact::{Fact, Made, Present, Witness};

/// Files below the root that are known by name; a path that names no folder is looked for among them.
const MOST_NAMES: usize = 300_000;

/// One question.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The folder of the document, where a relative link begins.
    pub beside: PathBuf,
    /// As it is written.
    pub path: String,
    pub lines: bool,
    pub digest: bool,
}

/// A folder in which cited paths are looked for.
pub struct Artifacts {
    root: PathBuf,
    git: Option<WorkTree>,
    names: OnceCell<BTreeMap<String, Vec<String>>>,
}

impl Artifacts {
    pub fn below(root: &Path) -> Self {
        Self { root: root.to_owned(), git: WorkTree::of(root), names: OnceCell::new() }
    }

    /// Answers each question, in their order.
    pub fn facts(&self, asked: &[Asked]) -> Vec<Fact> {
        let mut known: BTreeMap<(PathBuf, String, bool, bool), Fact> = BTreeMap::new();
        let mut keys = Vec::with_capacity(asked.len());
        for one in asked {
            let key = (one.beside.clone(), one.path.clone(), one.lines, one.digest);
            known.entry(key.clone()).or_insert_with(|| self.look(one));
            keys.push(key);
        }
        self.date(
            known.values_mut().filter_map(|fact| if let Fact::Present(present) = fact { Some(present) } else { None }),
        );
        self.ignored(&mut known);
        keys.iter().map(|key| known.get(key).cloned().unwrap_or(Fact::Absent { ignored: false })).collect()
    }

    /// When the documents themselves were made.
    pub fn made(&self, documents: &[PathBuf]) -> Vec<Option<Made>> {
        let mut present: Vec<Present> =
            documents.iter().map(|path| Present { path: self.relative(path), ..Present::default() }).collect();
        self.date(present.iter_mut());
        present.into_iter().map(|present| present.made).collect()
    }

    fn look(&self, asked: &Asked) -> Fact {
        let written = asked.path.trim_end_matches('/');
        if let Some((revision, _)) = written.split_once(':') {
            return Fact::Unknown(format!("it names a file of the revision `{revision}`, which is not opened here"));
        }
        let from_root = written.strip_prefix('/').unwrap_or(written);
        let mut places = vec![self.root.join(from_root)];
        if !written.starts_with('/') {
            places.push(asked.beside.join(written));
        }
        let mut refused = None;
        for place in places {
            match place.metadata() {
                Ok(about) => return self.seen(&place, &about, asked),
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
                Err(error) => refused = Some(format!("it cannot be looked at: {error}")),
            }
        }
        if let Some(reason) = refused {
            return Fact::Unknown(reason);
        }
        match self.by_name(from_root) {
            Some(path) => {
                let place = self.root.join(path);
                place.metadata().map_or(Fact::Absent { ignored: false }, |about| self.seen(&place, &about, asked))
            }
            None => Fact::Absent { ignored: false },
        }
    }

    fn seen(&self, place: &Path, about: &fs::Metadata, asked: &Asked) -> Fact {
        let mut present = Present { path: self.relative(place), folder: about.is_dir(), ..Present::default() };
        if about.is_dir() {
            present.empty = WalkBuilder::new(place)
                .standard_filters(false)
                .build()
                .flatten()
                .all(|entry| entry.file_type().is_none_or(|kind| kind.is_dir()));
            return Fact::Present(present);
        }
        if !about.is_file() {
            return Fact::Unknown("it is a device, socket or pipe, not a file".to_owned());
        }
        present.empty = about.len() == 0;
        if (asked.lines || asked.digest) && about.len() > MOST_BYTES {
            return Fact::Unknown(format!("it has {} bytes, more than the {MOST_BYTES} that are read", about.len()));
        }
        let read = || -> io::Result<()> {
            present.lines = asked.lines.then(|| lines(place)).transpose()?;
            present.digest = asked.digest.then(|| digest(place)).transpose()?;
            Ok(())
        };
        match { read }() {
            Ok(()) => Fact::Present(present),
            Err(error) => Fact::Unknown(format!("it cannot be read: {error}")),
        }
    }

    /// A file of that name, or whose path ends so, anywhere below the root.
    fn by_name(&self, path: &str) -> Option<&str> {
        if path.split('/').any(|part| part == "..") {
            return None;
        }
        let path = path.trim_start_matches("./");
        let name = path.rsplit('/').next()?;
        let places = self.names.get_or_init(|| self.walk()).get(name)?;
        places.iter().find(|place| *place == path || place.ends_with(&format!("/{path}"))).map(String::as_str)
    }

    fn walk(&self) -> BTreeMap<String, Vec<String>> {
        let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut walk = WalkBuilder::new(&self.root);
        walk.standard_filters(false).filter_entry(|entry| {
            let folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            !(folder && [".git", "node_modules", "target"].iter().any(|name| entry.file_name() == *name))
        });
        for entry in walk.build().flatten().filter(|entry| entry.depth() > 0).take(MOST_NAMES) {
            names
                .entry(entry.file_name().to_string_lossy().into_owned())
                .or_default()
                .push(self.relative(entry.path()));
        }
        names
    }

    /// Relative to the root, with `/`; as it is where it lies elsewhere.
    fn relative(&self, path: &Path) -> String {
        let (root, whole) = (
            self.root.canonicalize().unwrap_or_else(|_| self.root.clone()),
            path.canonicalize().unwrap_or_else(|_| plain(path)),
        );
        whole.strip_prefix(&root).unwrap_or(&whole).to_string_lossy().replace('\\', "/")
    }

    fn date<'a>(&self, present: impl Iterator<Item = &'a mut Present>) {
        let mut files: Vec<&mut Present> = present.filter(|present| !present.folder).collect();
        let paths: BTreeSet<String> =
            files.iter().map(|present| present.path.clone()).filter(|path| !path.starts_with('/')).collect();
        let paths: Vec<String> = paths.into_iter().collect();
        let commits = self.git.as_ref().map(|git| git.commits(&paths)).unwrap_or_default();
        for present in &mut files {
            present.made = match commits.get(&present.path) {
                Some(Commits { first, last }) => Some(Made { first: *first, last: *last, witness: Witness::Git }),
                None => changed(&self.root.join(&present.path)).map(|last| Made {
                    first: None,
                    last,
                    witness: Witness::FileSystem,
                }),
            };
        }
    }

    fn ignored(&self, known: &mut BTreeMap<(PathBuf, String, bool, bool), Fact>) {
        let Some(git) = &self.git else { return };
        let absent: Vec<String> = known
            .iter()
            .filter(|(_, fact)| matches!(fact, Fact::Absent { .. }))
            .map(|((_, path, ..), _)| path.clone())
            .collect();
        let told = git.ignored(&absent);
        for ((_, path, ..), fact) in known.iter_mut() {
            if let Fact::Absent { ignored } = fact {
                *ignored = told.contains(path);
            }
        }
    }
}

/// The path without `.` and `..`, for one that does not exist.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    plain
}

fn changed(path: &Path) -> Option<Timestamp> {
    path.metadata().ok()?.modified().ok().and_then(|time| Timestamp::try_from(time).ok())
}

fn lines(path: &Path) -> io::Result<u64> {
    let mut reader = BufReader::new(File::open(path)?.take(MOST_BYTES));
    let (mut count, mut open) = (0, false);
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(count + u64::from(open));
        }
        count += buffer.split(|byte| *byte == b'\n').count() as u64 - 1;
        open = buffer.last() != Some(&b'\n');
        let length = buffer.len();
        reader.consume(length);
    }
}

fn digest(path: &Path) -> io::Result<String> {
    let mut reader = File::open(path)?.take(MOST_BYTES);
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 64 * 1024]);
    loop {
        let length = reader.read(&mut buffer)?;
        if length == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(buffer.get(..length).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::{Artifacts, Asked};
    use crate::adapter::files;
    use crate::domain::claim::fact::{Fact, Present, Witness};

    #[test]
    fn a_cited_path_is_found_from_the_root_beside_the_document_and_by_its_name() {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in [("docs/a.md", "one\ntwo"), ("artifacts/2025/x.log", ""), ("src/deep/stage.rs", "x")] {
            files::write(&root.path().join(path), text.as_bytes()).unwrap();
        }
        std::fs::create_dir_all(root.path().join("artifacts/none/deeper")).unwrap();
        let asked =
            |path: &str| Asked { beside: root.path().join("docs"), path: path.to_owned(), lines: true, digest: false };
        let paths = [
            "docs/a.md",
            "a.md",
            "../docs/a.md",
            "deep/stage.rs",
            "artifacts/2025/x.log",
            "artifacts/none/",
            "artifacts/",
            "gone.md",
            "../../x.md",
        ];
        let facts = Artifacts::below(root.path()).facts(&paths.map(asked));
        let told: Vec<String> = facts
            .into_iter()
            .map(|fact| match fact {
                Fact::Present(Present { path, empty, lines, .. }) => format!("{path} {empty} {lines:?}"),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(
            told,
            [
                "docs/a.md false Some(2)",
                "docs/a.md false Some(2)",
                "docs/a.md false Some(2)",
                "src/deep/stage.rs false Some(1)",
                "artifacts/2025/x.log true Some(0)",
                "artifacts/none true None",
                "artifacts false None",
                "Absent { ignored: false }",
                "Absent { ignored: false }",
            ]
        );
    }

    #[test]
    fn without_git_the_file_system_is_the_witness() {
        let root = tempfile::tempdir().unwrap();
        files::write(&root.path().join("a.md"), b"x").unwrap();
        let made = Artifacts::below(root.path()).made(&[root.path().join("a.md"), root.path().join("b.md")]);
        assert_eq!(
            made.iter().map(|made| made.map(|made| made.witness)).collect::<Vec<_>>(),
            [Some(Witness::FileSystem), None]
        );
    }
}
