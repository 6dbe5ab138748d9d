//! `preflight secrets scan` as a user types it.

use std::process::Command;

use serde_json::Value;

use crate::shell::Folder;

/// Put together here, so that no scanner takes this file for a leak.
fn token() -> String {
    format!("shp{}_{}", "at", "9f8e7d6c5b4a39281706f5e4d3c2b1a0")
}

#[test]
fn a_leak_is_found_wherever_people_share_and_is_not_repeated() {
    let incident = format!("# INC-1\n\nThe token {} was rotated.\n", token());
    let folder =
        Folder::with(&[("preflight.yaml", crate::shell::TWIN_WORKSPACE), ("docs/incidents/INC-1.md", &incident)]);
    folder.write("reports/evidence.log", "all is well\n");
    let ran =
        folder.preflight(&["secrets", "scan", "--json"]).exits(1).says("docs/incidents/INC-1.md:3: a Shopify token");
    assert!(!ran.err.contains(&token()[..8]) && !ran.out.contains(&token()[..8]), "{}", ran.screen());
    let scan: Value = serde_json::from_str(&ran.out).expect("JSON");
    let schema: Value =
        serde_json::from_str(include_str!("../../schemas/preflight/leaks.json")).expect("a schema that is JSON");
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
    assert!(validator.is_valid(&scan), "{scan}");
    let mut spoiled = scan.clone();
    spoiled["leaks"][0]["value"] = "x".into();
    assert!(!validator.is_valid(&spoiled));
    assert_eq!((&scan["files"], scan["leaks"].as_array().map(Vec::len)), (&2.into(), Some(1)));
}

#[test]
fn a_scan_is_green_only_where_something_was_read() {
    let folder = Folder::with(&[("clean/a.md", "nothing here\n"), ("clean/b/c.json", "{}")]);
    folder.preflight(&["secrets", "scan", "clean"]).exits(0).says("2 files, 15 bytes: no leak found");
    folder.preflight(&["secrets", "scan"]).exits(3).says("there is nothing here to scan");
    std::fs::create_dir(folder.path().join("empty")).expect("a folder");
    folder.preflight(&["secrets", "scan", "empty"]).exits(3).says("nothing was read, which is no clean scan");
    folder.preflight(&["secrets", "scan", "gone"]).exits(2).says("hint: name files and folders that are there");
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_unknown() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::with(&[("a/open.md", "x\n"), ("a/closed.md", "x\n")]);
    let closed = folder.path().join("a/closed.md");
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).expect("permissions");
    if std::fs::read(&closed).is_ok() {
        println!("skipped: needs a user who may not read everything");
        return;
    }
    folder.preflight(&["secrets", "scan", "a"]).exits(3).says("not read a/closed.md");
}

#[test]
fn our_own_files_hold_fake_credentials_alone() {
    let root = env!("CARGO_MANIFEST_DIR");
    let mut command = Command::new(env!("CARGO_BIN_EXE_preflight"));
    command.args(["secrets", "scan", "features", "fixtures", "schemas", "docs", "reports", "README.md"]);
    let output = command.arg("preflight.yaml").current_dir(root).env_clear().output().expect("the binary runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
}
