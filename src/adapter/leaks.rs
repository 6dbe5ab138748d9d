//! Searches files for leaked secrets: all of them at once, each in blocks, so that neither their number nor their size matters.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::domain::leak::scan::{LeakFound, LeakScan, VERSION};
use crate::domain::leak::search::{BACK, REACH, search};
use crate::domain::leak::{newlines, shown};
use crate::domain::secret::sighting::{Fingerprint, Key};

/// Bytes that are searched at once.
const BLOCK: usize = 1024 * 1024;

/// Bytes in which a NUL tells a binary file.
const HEAD: usize = 8 * 1024;

/// Finds that are kept of one scan; the rest is counted.
const MOST_FOUND: usize = 10_000;

/// Why nothing was searched.
#[derive(Debug, thiserror::Error)]
pub enum LeaksError {
    #[error("there is nothing at {}", path.display())]
    NotThere { path: PathBuf },
    #[error("no path was named")]
    NoPath,
}

/// A scan, and where each value that leaked stands; the fingerprints are of this run alone.
#[derive(Debug)]
pub struct Searched {
    pub scan: LeakScan,
    pub values: BTreeMap<Fingerprint, Vec<String>>,
}

/// Searches every file at and below `paths`, hidden ones and those that git ignores too: evidence often is.
///
/// Links are not followed. `.git` holds packed objects, `node_modules` and a build's `target` what others wrote: they are
/// passed by and named, unless a path leads into them.
///
/// # Errors
/// A path is not there.
pub fn scan(base: &Path, paths: &[PathBuf], key: &Key) -> Result<Searched, LeaksError> {
    scan_in_blocks(base, paths, key, BLOCK)
}

fn scan_in_blocks(base: &Path, paths: &[PathBuf], key: &Key, block: usize) -> Result<Searched, LeaksError> {
    let (first, others) = paths.split_first().ok_or(LeaksError::NoPath)?;
    if let Some(gone) = paths.iter().find(|path| path.symlink_metadata().is_err()) {
        return Err(LeaksError::NotThere { path: gone.clone() });
    }
    let shown_path = |path: &Path| path.strip_prefix(base).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let state = Mutex::new(State::default());
    let with = |change: &mut dyn FnMut(&mut State)| change(&mut state.lock().unwrap_or_else(PoisonError::into_inner));
    let passed_by = Arc::new(Mutex::new(BTreeSet::new()));
    let mut walk = WalkBuilder::new(first);
    for path in others {
        walk.add(path);
    }
    let passed = Arc::clone(&passed_by);
    walk.standard_filters(false).follow_links(false).filter_entry(move |entry| {
        let foreign = entry.depth() > 0 && is_foreign(entry);
        if foreign {
            passed.lock().unwrap_or_else(PoisonError::into_inner).insert(entry.path().to_owned());
        }
        !foreign
    });
    walk.build_parallel().run(|| {
        Box::new(|entry| {
            match entry {
                Err(error) => with(&mut |state| state.unread.push(error.to_string())),
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                    let path = shown_path(entry.path());
                    match search_file(entry.path(), &path, key, block) {
                        Ok((bytes, mut found)) => with(&mut |state| {
                            state.files += 1;
                            state.bytes += bytes;
                            state.found.append(&mut found);
                        }),
                        Err(error) => with(&mut |state| state.unread.push(format!("{path}: {error}"))),
                    }
                }
                Ok(_) => {}
            }
            WalkState::Continue
        })
    });
    let mut state = state.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.unread.sort();
    let passed_by =
        passed_by.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|path| shown_path(path)).collect();
    let paths =
        paths.iter().map(|path| shown_path(path)).map(|path| if path.is_empty() { ".".to_owned() } else { path });
    Ok(state.searched(paths.collect(), passed_by))
}

#[derive(Default)]
struct State {
    files: usize,
    bytes: u64,
    found: Vec<(Fingerprint, LeakFound)>,
    unread: Vec<String>,
}

impl State {
    fn searched(self, paths: Vec<String>, passed_by: Vec<String>) -> Searched {
        let mut values: BTreeMap<Fingerprint, Vec<String>> = BTreeMap::new();
        let mut leaks = Vec::with_capacity(self.found.len());
        let mut found = self.found;
        found.sort_by(|(_, one), (_, other)| one.cmp(other));
        for (fingerprint, leak) in found {
            values.entry(fingerprint).or_default().push(format!("{}:{}", leak.file, leak.line));
            leaks.push(leak);
        }
        let more = leaks.len().saturating_sub(MOST_FOUND);
        leaks.truncate(MOST_FOUND);
        let (files, bytes, unread) = (self.files, self.bytes, self.unread);
        let scan = LeakScan { version: VERSION, paths, files, bytes, leaks, more, unread, passed_by };
        Searched { scan, values }
    }
}

fn is_foreign(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let build = || name == "target" && entry.path().join("CACHEDIR.TAG").is_file();
    entry.file_type().is_some_and(|kind| kind.is_dir()) && (name == ".git" || name == "node_modules" || build())
}

type Found = Vec<(Fingerprint, LeakFound)>;

fn search_file(path: &Path, shown: &str, key: &Key, block: usize) -> io::Result<(u64, Found)> {
    search_reader(&mut open(path)?, shown, key, block)
}

#[expect(clippy::disallowed_methods, reason = "a file that is larger than memory is read in blocks")]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Searches block by block; each keeps the end of the one before, where the name of what comes next may stand, and looks
/// ahead to where a find that begins in it may end.
fn search_reader(reader: &mut impl Read, file: &str, key: &Key, block: usize) -> io::Result<(u64, Found)> {
    let (mut total, mut lines, mut from) = (0_u64, 0, 0);
    let (mut buffer, mut found, mut is_text) = (Vec::new(), Found::new(), true);
    loop {
        let wanted = (from + block + REACH).saturating_sub(buffer.len());
        let got = reader.take(wanted as u64).read_to_end(&mut buffer)?;
        if total == 0 {
            is_text = !buffer[..buffer.len().min(HEAD)].contains(&0);
        }
        total += got as u64;
        let at_end = got < wanted;
        let upto = if at_end { buffer.len() } else { buffer.len() - REACH };
        let (mut line, mut counted) = (lines + 1, from);
        for hit in search(&buffer, from..upto).into_iter().filter(|hit| is_text || hit.is_sure) {
            let at = hit.at.max(counted);
            line += newlines(&buffer[counted..at]);
            counted = at;
            let fingerprint = key.fingerprint(&hit.value);
            let same = |(known, leak): &&mut (Fingerprint, LeakFound)| *known == fingerprint && leak.line == line;
            // A name at the end of one block and its value's own shape in the next are one find, and the shape says more.
            if let Some((_, known)) = found.iter_mut().rev().take(2).find(same) {
                if hit.is_sure {
                    hit.kind.clone_into(&mut known.kind);
                }
            } else {
                let shown = shown(&hit.value, hit.wrapped);
                let (file, kind, short) = (file.to_owned(), hit.kind.to_owned(), fingerprint.short());
                found.push((fingerprint, LeakFound { file, line, kind, shown, fingerprint: short }));
            }
        }
        if at_end {
            return Ok((total, found));
        }
        lines += newlines(&buffer[from..upto]);
        let keep = upto.saturating_sub(BACK);
        from = upto - keep;
        buffer.drain(..keep);
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{LeaksError, scan, scan_in_blocks, search_reader};
    use crate::adapter::files;
    use crate::domain::secret::sighting::Key;

    fn token(number: u32) -> String {
        let digits = u128::from(number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        format!("shp{}_{digits:032x}", "at")
    }

    #[test]
    fn files_are_searched_wherever_they_lie_and_values_stay_there() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| files::write(&root.path().join(path), text.as_bytes()).unwrap();
        write("docs/incidents/INC-1.md", &format!("# leaked\n\nthe token was {} \n", token(7)));
        write(".hidden/x", &token(7));
        write(".gitignore", "ignored.log\n");
        write("ignored.log", &format!("a\nb\n{}\n", token(8)));
        write("node_modules/x/index.js", &token(9));
        write("clean.txt", "nothing\n");
        write("image.png", &format!("\u{89}PNG\0 API_TOKEN=Qm9vWkLp3RtYh7NcXv2B5jGd {}", token(10)));
        let searched = scan(root.path(), &[root.path().to_owned()], &Key::new([7; 32])).unwrap();
        let seen: Vec<_> =
            searched.scan.leaks.iter().map(|leak| (leak.file.as_str(), leak.line, leak.kind.as_str())).collect();
        assert_eq!(
            seen,
            [
                (".hidden/x", 1, "a Shopify token"),
                ("docs/incidents/INC-1.md", 3, "a Shopify token"),
                ("ignored.log", 3, "a Shopify token"),
                ("image.png", 1, "a Shopify token"),
            ]
        );
        let [hidden, incident, ignored, _] = searched.scan.leaks.as_slice() else { panic!("four") };
        assert_eq!(hidden.fingerprint, incident.fingerprint, "one value in two files");
        assert_ne!(hidden.fingerprint, ignored.fingerprint);
        assert_eq!((searched.scan.files, searched.scan.passed_by.as_slice()), (6, &["node_modules".to_owned()][..]));
        assert_eq!(searched.values.values().map(Vec::len).collect::<Vec<_>>().iter().sum::<usize>(), 4);
        let json = serde_json::to_string(&searched.scan).unwrap();
        assert!(!json.contains(&token(7)[..12]), "{json}");
    }

    #[test]
    fn a_path_that_is_not_there_is_an_error_and_one_file_is_enough() {
        let root = tempfile::tempdir().unwrap();
        let key = Key::new([0; 32]);
        let gone = root.path().join("gone");
        assert!(matches!(scan(root.path(), &[gone], &key), Err(LeaksError::NotThere { .. })));
        assert!(matches!(scan(root.path(), &[], &key), Err(LeaksError::NoPath)));
        let file = root.path().join("one.md");
        files::write(&file, token(1).as_bytes()).unwrap();
        assert_eq!(scan(root.path(), &[file], &key).unwrap().scan.leaks[0].file, "one.md");
    }

    #[test]
    fn blocks_lose_nothing_and_find_nothing_twice() {
        let mut text = String::new();
        for number in 0..200 {
            text.push_str(&"x ".repeat(usize::try_from(number * 7 % 60).unwrap()));
            text.push_str("API_TOKEN=");
            text.push_str(&token(number));
            text.push_str("\nline\n");
        }
        let key = Key::new([1; 32]);
        let whole = search_reader(&mut text.as_bytes(), "f", &key, 1024 * 1024).unwrap();
        assert_eq!(whole.1.len(), 200);
        for block in [1, 17, 64, 1000, 4096] {
            let blocks = search_reader(&mut text.as_bytes(), "f", &key, block).unwrap();
            assert_eq!(blocks.0, text.len() as u64);
            let differs = blocks.1.iter().zip(&whole.1).find(|(one, other)| one != other);
            assert_eq!((blocks.1.len(), differs), (200, None), "blocks of {block}");
        }
        let root = tempfile::tempdir().unwrap();
        files::write(&root.path().join("a"), text.as_bytes()).unwrap();
        let found = scan_in_blocks(Path::new("/"), &[PathBuf::from(root.path())], &key, 100).unwrap();
        assert_eq!(found.scan.leaks.len(), 200);
    }

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_read_is_said_and_a_pipe_is_not_waited_for() {
        let root = tempfile::tempdir().unwrap();
        files::write(&root.path().join("a"), b"clean").unwrap();
        std::os::unix::fs::symlink("/dev/zero", root.path().join("endless")).unwrap();
        std::os::unix::fs::symlink(root.path(), root.path().join("again")).unwrap();
        let searched = scan(root.path(), &[root.path().to_owned()], &Key::new([0; 32])).unwrap();
        assert_eq!((searched.scan.files, searched.scan.unread.len()), (1, 0));
    }
}
