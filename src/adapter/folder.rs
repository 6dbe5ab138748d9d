//! The files under a folder of the workspace, with the reason where one cannot be read.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::adapter::files;

/// A file's bytes, or why there are none, in one sentence.
pub type Content = Result<Bytes, String>;

/// Collects every file under `root/folder` by its path relative to `root`, with `/`.
///
/// Hidden files are left out. A folder that does not exist has no files; one that cannot be listed,
/// and a symbolic link that leads back to where it stands, is an entry with the reason.
pub fn walk(root: &Path, folder: &str) -> BTreeMap<String, Content> {
    let mut files = BTreeMap::new();
    let path = root.join(folder);
    if path.symlink_metadata().is_ok() {
        descend(&path, folder, &mut Vec::new(), &mut files);
    }
    files
}

fn descend(path: &Path, relative: &str, above: &mut Vec<PathBuf>, files: &mut BTreeMap<String, Content>) {
    let real = match path.canonicalize() {
        Ok(real) => real,
        Err(error) => {
            files.insert(relative.to_owned(), Err(format!("cannot be followed: {error}")));
            return;
        }
    };
    if above.contains(&real) {
        files.insert(relative.to_owned(), Err("is a symbolic link to a folder that holds it".to_owned()));
        return;
    }
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => {
            files.insert(relative.to_owned(), Err(format!("cannot be listed: {error}")));
            return;
        }
    };
    above.push(real);
    for entry in entries {
        let name = match &entry {
            Ok(entry) => entry.file_name(),
            Err(error) => {
                files.insert(relative.to_owned(), Err(format!("cannot be listed to its end: {error}")));
                continue;
            }
        };
        let Some(name) = name.to_str() else {
            files.insert(
                format!("{relative}/{}", name.to_string_lossy()),
                Err("has a name that is not UTF-8".to_owned()),
            );
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        let (path, relative) = (path.join(name), format!("{relative}/{name}"));
        if path.is_dir() {
            descend(&path, &relative, above, files);
        } else {
            let content = files::read(&path).map_err(|error| reason(&error));
            files.insert(relative, content);
        }
    }
    above.pop();
}

/// The folders right under `root/folder` that hold no file at all, by their path relative to `root`.
pub fn hollow(root: &Path, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
    let names = entries.filter(|entry| entry.path().is_dir()).filter_map(|entry| entry.file_name().into_string().ok());
    let shown = names.filter(|name| !name.starts_with('.')).map(|name| format!("{folder}/{name}"));
    let mut hollow: Vec<String> = shown.filter(|path| walk(root, path).is_empty()).collect();
    hollow.sort();
    hollow
}

/// The reason without the path, which the place of the finding names already.
fn reason(error: &files::FileError) -> String {
    if let Some(source) = error.source() {
        return format!("cannot be read: {source}");
    }
    let whole = error.to_string();
    whole.rsplit_once(": ").map_or(whole.clone(), |(_, reason)| reason.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::walk;
    use crate::adapter::files;

    #[test]
    fn a_folder_gives_its_files_and_no_hidden_ones() {
        let root = tempfile::tempdir().unwrap();
        files::write(&root.path().join("features/a/b/x.feature"), b"x").unwrap();
        files::write(&root.path().join("features/a/.swp"), b"x").unwrap();
        assert_eq!(walk(root.path(), "features").into_keys().collect::<Vec<_>>(), ["features/a/b/x.feature"]);
        assert!(walk(root.path(), "fixtures").is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_nowhere_or_back_are_entries_with_a_reason() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("features");
        fs::create_dir_all(&folder).unwrap();
        std::os::unix::fs::symlink(&folder, folder.join("again")).unwrap();
        std::os::unix::fs::symlink(folder.join("self"), folder.join("self")).unwrap();
        std::os::unix::fs::symlink("nowhere", folder.join("gone")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", folder.join("endless")).unwrap();
        let reasons: Vec<_> =
            walk(root.path(), "features").into_iter().map(|(path, content)| (path, content.unwrap_err())).collect();
        let expected = [
            ("features/again", "is a symbolic link to a folder that holds it"),
            ("features/endless", "it is a device, socket or pipe, not a file"),
            ("features/gone", "cannot be read: No such file or directory (os error 2)"),
            ("features/self", "cannot be read: Too many levels of symbolic links (os error 40)"),
        ];
        assert_eq!(reasons, expected.map(|(path, reason)| (path.to_owned(), reason.to_owned())));
    }
}
