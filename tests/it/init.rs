//! `init`, as a newcomer types it in an empty folder.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::Command;

use preflight::adapter::files;

fn type_in(folder: &Path, words: &str) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_preflight"))
        .args(words.split(' '))
        .current_dir(folder)
        .env("CI", "1")
        .output()
        .unwrap();
    (output.status.code().unwrap(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[test]
fn a_new_workspace_is_sound_and_runs_at_once() {
    let root = tempfile::tempdir().unwrap();
    let (code, said) = type_in(root.path(), "init");
    assert_eq!(code, 0, "{said}");
    insta::assert_snapshot!(said, @r"
    written: preflight.yaml
             features/chatwoot/our-app.feature

    next:
      preflight check    runs the contract of Chatwoot and yours against its twin
      preflight lint     says what is wrong without running anything
      preflight steps    lists the sentences that a contract may use
    ");
    let (code, said) = type_in(root.path(), "lint");
    assert_eq!(code, 0, "{said}");
    let (code, said) = type_in(root.path(), "check");
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("local  GO"), "{said}");
    let feature = files::read(&root.path().join("reports/readiness.json")).unwrap();
    assert!(!feature.is_empty());
}

#[test]
fn nothing_that_stands_there_is_touched() {
    let root = tempfile::tempdir().unwrap();
    files::write(&root.path().join("app/preflight.yaml"), b"mine").unwrap();
    let (code, said) = type_in(root.path(), "init app");
    assert_eq!(code, 2);
    insta::assert_snapshot!(said, @r"
    error: nothing was written, because it would overwrite app/preflight.yaml
    hint: name an empty folder: `preflight init FOLDER`
    ");
    assert_eq!(files::read(&root.path().join("app/preflight.yaml")).unwrap(), "mine");
    assert!(!root.path().join("app/features").exists());
    let (code, said) = type_in(root.path(), "init other/app");
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("preflight check -w other/app"), "{said}");
}

#[test]
fn an_empty_folder_is_linted_by_what_is_shipped() {
    let root = tempfile::tempdir().unwrap();
    let (_, said) = type_in(root.path(), "lint");
    assert!(said.contains("contracts read"), "{said}");
    files::write(&root.path().join("features/own/own.feature"), b"Feature: own\n").unwrap();
    let (_, said) = type_in(root.path(), "lint");
    let told = "features/own/own.feature:1: warning[stray-file]: is not run: there is no preflight.yaml here \
                (`preflight init` writes one)";
    assert!(said.contains(told), "{said}");
}
