//! What a machine can keep of the house rules: the rooms and their imports, first sentences, one word a vendor.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use preflight::engine::twins;

/// Each room with the rooms that it may import from.
const ROOMS: [(&str, &[&str]); 9] = [
    ("domain", &[]),
    ("wire", &["domain"]),
    ("twin", &["domain", "wire"]),
    ("check", &["domain", "wire"]),
    ("report", &["domain"]),
    ("adapter", &["domain", "wire", "twin"]),
    ("steps", &["domain", "wire", "check", "adapter"]),
    ("engine", &["domain", "wire", "check", "twin", "steps", "adapter"]),
    ("cli", &["domain", "report", "adapter", "engine"]),
];

/// One line of a source file, without its comment.
struct Line {
    place: String,
    code: String,
    whole: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Rust files under a folder of the project, relative to it.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root().join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path.strip_prefix(root()).expect("within the project").to_owned());
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "{folder} has no source");
    found
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(root().join(path)).expect("a source file")
}

fn lines(path: &Path) -> Vec<Line> {
    let numbered = text(path).lines().map(str::to_owned).enumerate().collect::<Vec<_>>();
    let line = |(index, whole): (usize, String)| {
        let code = whole.split("//").next().unwrap_or_default().to_owned();
        Line { place: format!("{}:{}", path.display(), index + 1), code, whole }
    };
    numbered.into_iter().map(line).collect()
}

#[track_caller]
fn none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

/// The rooms that a line names, in a `use` or in full.
fn named(code: &str) -> impl Iterator<Item = &str> {
    code.split("crate::").skip(1).map(|rest| {
        let end = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).unwrap_or(rest.len());
        &rest[..end]
    })
}

#[test]
fn imports_point_downward() {
    let mut upward = Vec::new();
    for path in rust_files("src") {
        let room = path.iter().nth(1).and_then(|part| part.to_str()).unwrap_or_default().trim_end_matches(".rs");
        if ["lib", "main"].contains(&room) {
            continue;
        }
        let (_, allowed) = ROOMS.iter().find(|(name, _)| *name == room).unwrap_or_else(|| panic!("{room} is no room"));
        for line in lines(&path) {
            let strays = named(&line.code).filter(|other| *other != room && !allowed.contains(other));
            upward.extend(strays.map(|other| format!("{}: {room} must not know {other}", line.place)));
        }
    }
    none("imports that point upward", &upward);
}

#[test]
fn a_wrong_import_would_be_seen() {
    let found: Vec<_> = named("use crate::domain::x; fn f() { crate::cli::run() }").collect();
    assert_eq!(found, ["domain", "cli"]);
}

#[test]
fn the_map_lists_every_room() {
    let map = text(Path::new("src/lib.rs"));
    for (room, _) in ROOMS {
        assert!(map.contains(&format!("pub mod {room};")), "{room} is not in lib.rs");
    }
    assert_eq!(map.matches("\npub mod ").count(), ROOMS.len(), "a module of lib.rs is no room");
}

#[test]
fn every_file_opens_with_a_sentence() {
    let mut silent = Vec::new();
    for path in rust_files("src").into_iter().chain(rust_files("tests")) {
        let whole = text(&path);
        let first = whole.lines().next().unwrap_or_default();
        if !first.starts_with("//! ") || first.len() < 12 {
            silent.push(path.display().to_string());
        }
    }
    none("files without a first sentence", &silent);
}

#[test]
fn nothing_is_imported_wholesale_allowed_or_left_unfinished() {
    // Written apart, so that this file does not find itself.
    let marks = [concat!("TO", "DO:"), concat!("FIX", "ME"), concat!("to", "do!("), concat!("unimpl", "emented!(")];
    let (mut stars, mut allowed, mut unfinished) = (Vec::new(), Vec::new(), Vec::new());
    for path in rust_files("src").into_iter().chain(rust_files("tests")) {
        for line in lines(&path) {
            let code = line.code.trim();
            if (code.starts_with("use ") || code.starts_with("pub use ")) && code.contains("::*") {
                stars.push(format!("{}: {code}", line.place));
            }
            if code.starts_with("#[allow(") || code.starts_with("#![allow(") {
                allowed.push(format!("{}: {code}", line.place));
            }
            if marks.iter().any(|mark| line.whole.contains(mark)) {
                unfinished.push(format!("{}: {}", line.place, line.whole.trim()));
            }
        }
    }
    none("imports with a star", &stars);
    none("lints that are allowed and not expected", &allowed);
    none("marks of unfinished work", &unfinished);
}

#[test]
fn a_room_is_a_paragraph_and_a_list() {
    for (room, _) in ROOMS {
        let path = PathBuf::from(format!("src/{room}/mod.rs"));
        // The trait that all twins are stands at the door of their room.
        let most = if room == "twin" { 130 } else { 60 };
        let count = text(&path).lines().count();
        assert!(count <= most, "{} has {count} lines", path.display());
    }
}

#[test]
fn only_the_door_rooms_print() {
    let mut printing = Vec::new();
    // A part of the twins' tests.
    let tests = Path::new("src/twin/kit/schemas.rs");
    for path in rust_files("src").into_iter().filter(|path| path != tests) {
        for line in lines(&path) {
            if line.code.contains("println!(") || line.code.contains("eprint!(") || line.code.contains("dbg!(") {
                printing.push(line.place);
            }
        }
    }
    none("lines that print (say it through cli/console.rs)", &printing);
}

#[test]
fn only_the_engine_grants_a_permit() {
    let mut granting = Vec::new();
    for path in rust_files("src").into_iter().filter(|path| !path.starts_with("src/engine")) {
        // What stands below is the file's own tests.
        let code = lines(&path).into_iter().take_while(|line| line.whole.trim() != "#[cfg(test)]");
        granting.extend(code.filter(|line| line.code.contains("Permit::grant(")).map(|line| line.place));
    }
    none("permits that are granted outside of the engine", &granting);
}

fn folders(of: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join(of)).expect("a folder").map(|entry| entry.expect("an entry"));
    let folders = entries.filter(|entry| entry.path().is_dir());
    folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_vendor_is_one_word() {
    let twins: BTreeSet<String> = twins::names().iter().map(|name| (*name).to_owned()).collect();
    for name in &twins {
        let module = name.replace('-', "_");
        let has = |path: String| root().join(path).exists();
        assert!(has(format!("src/twin/{module}")) || has(format!("src/twin/{module}.rs")), "{name} has no module");
        assert!(has(format!("fixtures/{name}/manifest.yaml")), "{name} has no manifest");
    }
    for folder in ["features", "schemas", "fixtures"] {
        let mut found = folders(folder);
        // The schemas of our own files.
        found.remove("preflight");
        // Health can be asked of what no twin models.
        let only_probes = |name: &String| {
            let mut files = std::fs::read_dir(root().join(folder).join(name)).expect("a folder");
            files.all(|file| file.expect("an entry").file_name() == "probes.yaml")
        };
        found.retain(|name| twins.contains(name) || !only_probes(name));
        let strangers: Vec<_> = found.difference(&twins).cloned().collect();
        none(&format!("folders of {folder} that no twin is called by"), &strangers);
        let missing: Vec<_> = twins.difference(&found).cloned().collect();
        none(&format!("twins without a folder in {folder}"), &missing);
    }
}
