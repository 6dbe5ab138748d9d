//! A file system that is really full: a small one in memory, in a name space of its own.
#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};

use crate::peer;
use crate::shell::{Folder, Ran};

/// Runs a shell script as root of a name space in which `small/` is a file system of 256 kB.
///
/// None, with the reason printed, where name spaces are not permitted.
fn on_a_small_disk(folder: &Folder, arguments: &[&str], script: &str) -> Option<Ran> {
    let mounted = format!("mount -t tmpfs -o size=256k none small || exit 77\n{script}");
    let mut shell = Command::new("unshare");
    shell.args(["-Urm", "sh", "-c", &mounted, "sh", env!("CARGO_BIN_EXE_preflight")]);
    shell.current_dir(folder.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let output = shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).output();
    let ran = output.map(|output| folder.ran(arguments, &output));
    match ran {
        Ok(ran) if ran.code != Some(77) && !ran.err.starts_with("unshare: ") => Some(ran),
        Ok(ran) => {
            peer::skipped(&format!("a name space of one's own to mount a disk in: {}", ran.err.trim()));
            None
        }
        Err(error) => {
            peer::skipped(&format!("unshare, to mount a disk of one's own: {error}"));
            None
        }
    }
}

/// Fills `small/` so that only `free` kB are left, runs the contract there, and copies what is on it to `after/`.
fn script(free: u32) -> String {
    format!(
        "cp -a reports/. small/ && rm -rf after
         left=$(df -k --output=avail small | tail -1)
         dd if=/dev/zero of=small/filler bs=1k count=$((left - {free})) status=none
         \"$1\" check --tags @own --reports small
         code=$?
         rm small/filler && cp -a small after
         exit $code"
    )
}

#[test]
fn a_full_disk_is_2_names_the_file_and_leaves_the_ledger_whole() {
    let folder = Folder::with_feature(
        "  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n    Then the status is 418\n",
    );
    folder.preflight(&["check", "--tags", "@own"]).exits(1);
    std::fs::create_dir(folder.path().join("small")).expect("a folder");
    let before = folder.read("reports/ledger.jsonl");
    // Too full for the record; for the ledger's entry; for the dashboards.
    for free in [0, 4, 8, 24] {
        let Some(ran) = on_a_small_disk(&folder, &["check"], &script(free)) else { return };
        let ran = ran.exits(2).says("expected the status 418, came 200");
        let ran = ran.says("error: ").says("small/").says("hint: the disk is full: make room");
        let after = folder.read("after/ledger.jsonl");
        assert!(after.starts_with(&before), "{free} kB: the ledger was changed\n{}", ran.screen());
        for line in after.lines() {
            let entry: serde_json::Value = serde_json::from_str(line).expect("each entry is whole");
            let record =
                folder.read(&format!("after/{}", entry["body"]["evidence"]["record"].as_str().expect("a record")));
            serde_json::from_str::<serde_json::Value>(&record).expect("each record is whole");
        }
        let halves = folder.files().into_iter().filter(|path| path.to_string_lossy().contains("preflight-tmp"));
        assert_eq!(halves.collect::<Vec<_>>(), [""; 0].map(std::path::PathBuf::from), "{free} kB");
        // With room again, the next run goes on from there.
        folder.preflight(&["check", "--tags", "@own", "--reports", "after"]).exits(1);
        let entries = folder.read("after/ledger.jsonl").lines().count();
        assert_eq!(entries, after.lines().count() + 1, "{free} kB");
    }
}

#[test]
fn a_history_for_which_there_is_no_room_is_2_and_names_the_file() {
    let workspace = "version: 1\nname: test\nenvironments:\n  staging:\n    base_urls: {orders: 'http://127.0.0.1:9'}\n\
                     integrations:\n  orders:\n";
    let probes = "version: 1\nprobes:\n  - name: orders\n    service: api\n    steps:\n      - name: alive\n        \
                  depth: liveness\n        http: {request: GET /health}\n        expect: [the status is 200, '\"$.status\" is \"ok\"']\n";
    let folder = Folder::with(&[("preflight.yaml", workspace), ("fixtures/orders/probes.yaml", probes)]);
    std::fs::create_dir(folder.path().join("small")).expect("a folder");
    // Nothing at all; the first tables and no more.
    for free in [0, 16] {
        let script = format!(
            "left=$(df -k --output=avail small | tail -1)
             dd if=/dev/zero of=small/filler bs=1k count=$((left - {free})) status=none
             \"$1\" watch --env staging --for 1 --history small/history.db"
        );
        let Some(ran) = on_a_small_disk(&folder, &["watch"], &script) else { return };
        ran.exits(2).says("there is no room left to write small/history.db").says("hint: make room on the disk");
    }
}
