//! The ledger under stress: cut off, tampered with, written by many at once, and on disks that take nothing.

use std::path::Path;
use std::sync::Arc;

use preflight::adapter::ledger::Ledger;
use preflight::domain::chain::reading::Reading;
use preflight::domain::entry::Entry;
use preflight::domain::record::Record;
use preflight::engine::evidence::shown;
use proptest::prelude::{Strategy, prop_oneof, proptest};
use sha2::{Digest, Sha256};

use crate::sample;
use crate::shell::Folder;

/// A record of two integrations.
fn record() -> Record {
    sample::small().1.remove(0)
}

fn append(folder: &Path) -> usize {
    let mut record = record();
    let shown = shown(&record, 0);
    let entries = shown.len();
    Ledger::new(folder).append(&mut record, shown, sample::now()).expect("it is appended");
    entries
}

fn text(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("ledger.jsonl")).expect("a ledger")
}

/// Each line holds the hash of the one before, and each record is the one that its entry was made for.
#[track_caller]
fn holds(folder: &Path) -> Vec<Entry> {
    let Reading { history, lost } = Ledger::new(folder).read().expect("it is read");
    assert!(lost.is_empty(), "{lost:?}");
    let mut previous = "0".repeat(64);
    for (index, line) in text(folder).lines().enumerate() {
        let entry: Entry = serde_json::from_str(line).expect("an entry");
        assert_eq!(entry.previous.to_string(), previous, "line {}", index + 1);
        assert_eq!(entry.sequence, index as u64 + 1);
        previous = hex::encode(Sha256::digest(line));
    }
    for (_, evidence) in history.evidence() {
        let record = Ledger::new(folder).record(evidence).expect("its record is there and unchanged");
        assert!(evidence.record.contains(&record.id), "{} is the file of {}", evidence.record, record.id);
    }
    history.entries
}

#[test]
fn records_of_one_moment_stand_side_by_side() {
    let folder = tempfile::tempdir().expect("a folder");
    let each = append(folder.path());
    append(folder.path());
    append(folder.path());
    assert_eq!(holds(folder.path()).len(), 3 * each);
    let records = std::fs::read_dir(folder.path().join("records")).expect("records").count();
    assert_eq!(records, 3, "none was overwritten");
}

#[test]
fn many_writers_lose_nothing() {
    let folder = Arc::new(tempfile::tempdir().expect("a folder"));
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let folder = Arc::clone(&folder);
            std::thread::spawn(move || (0..5).map(|_| append(folder.path())).sum::<usize>())
        })
        .collect();
    let written: usize = writers.into_iter().map(|writer| writer.join().expect("it ends")).sum();
    assert_eq!(holds(folder.path()).len(), written);
}

#[test]
fn two_processes_in_one_folder_lose_nothing() {
    let folder = Folder::with_feature(
        "  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n    Then the status is 200\n",
    );
    let arguments = ["check", "--tags", "@own", "--quiet"];
    let children: Vec<_> = (0..6).map(|_| folder.command(&arguments).spawn().expect("the binary runs")).collect();
    for mut child in children {
        assert_eq!(child.wait().expect("it ends").code(), Some(0));
    }
    assert_eq!(holds(&folder.path().join("reports")).len(), 6);
    let left: Vec<_> = folder.files().into_iter().filter(|path| path.display().to_string().contains("-tmp")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_line_that_was_cut_off_is_told_and_the_ledger_goes_on() {
    let folder = Folder::with_feature(
        "  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n    Then the status is 200\n",
    );
    let arguments = ["check", "--tags", "@own"];
    folder.preflight(&arguments).exits(0);
    folder.preflight(&arguments).exits(0);
    let whole = folder.read("reports/ledger.jsonl");
    folder.write("reports/ledger.jsonl", &whole[..whole.len() - 40]);
    folder.preflight(&arguments).exits(0).says("warning: line 2 of the ledger was passed over: EOF while parsing");
    let Reading { history, lost } = Ledger::new(&folder.path().join("reports")).read().expect("it is read");
    assert_eq!((history.entries.len(), lost.len(), history.doubted), (2, 1, 1));
    folder.preflight(&["report"]).exits(0).says("line 2 of the ledger was passed over");
}

#[test]
fn an_entry_that_was_changed_proves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let each = append(folder.path());
    append(folder.path());
    let before = text(folder.path());
    let broken = before.lines().position(|line| line.contains("\"outcome\":\"broken\"")).expect("a broken one");
    let forged: Vec<String> = before
        .lines()
        .enumerate()
        .map(|(index, line)| if index == broken { line.replace(":\"broken\"", ":\"kept\"") } else { line.to_owned() })
        .collect();
    std::fs::write(folder.path().join("ledger.jsonl"), forged.join("\n") + "\n").expect("it is written");
    let Reading { history, lost } = Ledger::new(folder.path()).read().expect("it is read");
    assert_eq!(history.entries.len(), 2 * each - 1);
    assert_eq!(lost[0].line, broken + 1);
    assert!(lost[0].reason.contains("was changed"), "{}", lost[0].reason);
}

#[test]
fn a_record_that_was_changed_proves_nothing() {
    let folder = Folder::with_feature(
        "  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n    Then the status is 418\n",
    );
    folder.preflight(&["check", "--tags", "@own"]).exits(1);
    let record = folder.files().into_iter().find(|path| path.parent().is_some_and(|up| up.ends_with("records")));
    let record = record.expect("a record");
    let forged = std::fs::read_to_string(&record).expect("it is read").replace("broken", "kept");
    std::fs::write(&record, forged).expect("it is written");
    folder.preflight(&["report"]).exits(0).says("entry 1 proves nothing").says("digest is not the one in the ledger");
}

/// What may happen to a ledger.
#[derive(Clone, Debug)]
enum Event {
    Append,
    /// A crash took so many bytes off its end (never the whole last line).
    Cut(usize),
    /// Something else wrote a line.
    Noise(String),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => proptest::strategy::Just(Event::Append),
        1 => (2_usize..200).prop_map(Event::Cut),
        1 => "[ -~]{1,40}".prop_map(Event::Noise),
    ]
}

proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 24, failure_persistence: None, ..Default::default() })]
    #[test]
    fn whatever_happens_to_it_no_whole_entry_is_lost(events in proptest::collection::vec(event(), 1..8)) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.jsonl");
        let mut whole = 0;
        let mut last_is_entry = false;
        for event in &events {
            match event {
                Event::Append => {
                    whole += append(folder.path());
                    last_is_entry = true;
                }
                Event::Cut(bytes) if last_is_entry => {
                    let text = std::fs::read(&path).expect("it is read");
                    std::fs::write(&path, &text[..text.len() - bytes]).expect("it is written");
                    whole -= 1;
                    last_is_entry = false;
                }
                Event::Cut(_) => {}
                Event::Noise(line) => {
                    let before = std::fs::read(&path).unwrap_or_default();
                    std::fs::write(&path, [&before, line.as_bytes(), b"\n"].concat()).expect("it is written");
                    last_is_entry = false;
                }
            }
        }
        let history = Ledger::new(folder.path()).read().expect("it is read").history;
        assert_eq!(history.entries.len(), whole, "{events:?}");
    }
}

#[test]
fn a_file_in_place_of_the_reports_folder_is_2_and_loses_no_finding() {
    let folder = Folder::with_feature(
        "  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n    Then the status is 418\n",
    );
    folder.write("reports", "a file");
    let ran = folder.preflight(&["check", "--tags", "@own", "--json"]).exits(2);
    let ran = ran.says("expected the status 418, came 200").says("a file stands where a folder is needed");
    let record: serde_json::Value = serde_json::from_str(&ran.out).expect("the record is given all the same");
    assert_eq!(record["contracts"][0]["scenarios"][0]["outcome"], "broken");
    assert_eq!(folder.read("reports"), "a file");
    folder.preflight(&["check", "--tags", "@own", "--reports", "elsewhere"]).exits(1);
}

#[test]
fn a_disk_that_is_full_is_2_and_leaves_nothing_half_written() {
    let folder = Folder::with_feature(
        "  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n    Then the status is 418\n",
    );
    folder.preflight(&["check", "--tags", "@own"]).exits(1);
    let before: Vec<_> = folder.files().into_iter().map(|path| (std::fs::read(&path).expect("a file"), path)).collect();
    // A file may have no more than this many blocks of 512 bytes, as on a disk that has no more.
    for blocks in [0, 1, 2, 3] {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_preflight"), "check", "--tags", "@own"]);
        shell.current_dir(folder.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        let output = shell.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).output();
        let ran = folder.ran(&["check"], &output.expect("a shell"));
        ran.exits(2).says("expected the status 418, came 200").says("error: ").says("hint: ");
        let after: Vec<_> =
            folder.files().into_iter().map(|path| (std::fs::read(&path).expect("a file"), path)).collect();
        let shown = |files: &[(Vec<u8>, std::path::PathBuf)]| -> Vec<String> {
            files.iter().map(|(bytes, path)| format!("{} {}", path.display(), bytes.len())).collect()
        };
        assert!(before == after, "{blocks}: {:#?}\n{:#?}", shown(&before), shown(&after));
    }
}

#[test]
fn what_stands_in_the_ledgers_place_is_named() {
    let folder = Folder::with_feature(
        "  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n    Then the status is 200\n",
    );
    std::fs::create_dir_all(folder.path().join("reports")).expect("a folder");
    for target in ["/dev/full", "/dev/zero"] {
        let link = folder.path().join("reports/ledger.jsonl");
        std::os::unix::fs::symlink(target, &link).expect("a link");
        folder.preflight(&["check", "--tags", "@own"]).exits(2).says("is no file");
        folder.preflight(&["report"]).exits(2);
        std::fs::remove_file(&link).expect("it is removed");
    }
}
