//! The shipped contracts, inside the binary: `preflight check shopify` works in an empty folder.

use std::collections::BTreeMap;

use bytes::Bytes;
use include_dir::{Dir, DirEntry, include_dir};

static FOLDERS: [(&str, Dir); 3] = [
    ("features", include_dir!("$CARGO_MANIFEST_DIR/features")),
    ("schemas", include_dir!("$CARGO_MANIFEST_DIR/schemas")),
    ("fixtures", include_dir!("$CARGO_MANIFEST_DIR/fixtures")),
];

/// Our own workspace.
pub const WORKSPACE: &[u8] = include_bytes!("../../preflight.yaml");

/// The shipped files by path (`features/chatwoot/health.feature`).
pub fn files() -> BTreeMap<String, Bytes> {
    let mut files = BTreeMap::new();
    for (folder, dir) in &FOLDERS {
        collect(folder, dir, &mut files);
    }
    files
}

fn collect(folder: &str, dir: &Dir<'static>, files: &mut BTreeMap<String, Bytes>) {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(dir) => collect(folder, dir, files),
            DirEntry::File(file) => {
                let parts: Vec<_> = file.path().iter().map(|part| part.to_string_lossy()).collect();
                if !parts.last().is_some_and(|name| name.starts_with('.')) {
                    files.insert(format!("{folder}/{}", parts.join("/")), Bytes::from_static(file.contents()));
                }
            }
        }
    }
}
