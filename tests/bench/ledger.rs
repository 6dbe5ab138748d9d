//! The ledger at 100,000 entries: reading, auditing, appending with and without the wait for the disk, and the program itself.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench may fail loudly, measures time, writes files, and prints what it measured"
)]

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use preflight::adapter::ledger::Ledger;
use preflight::domain::chain::hash::Hash;
use preflight::domain::evidence::Evidence;
use preflight::domain::record::Record;
use serde_json::json;
use sha2::{Digest, Sha256};

const PROGRAM: &str = env!("CARGO_BIN_EXE_preflight");

const ENTRIES: u32 = 100_000;

/// Entries of one record: a run of eight integrations.
const EACH: u32 = 8;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let reports = folder.path().join("reports");
    make(folder.path());
    let ledger = Ledger::new(&reports);
    let bytes = fs::metadata(ledger.path()).expect("a ledger").len();
    println!("{ENTRIES} entries, {} kB, {} records", bytes / 1000, ENTRIES / EACH);
    let parsed = median(7, || assert_eq!(ledger.lines().expect("lines").len(), ENTRIES as usize));
    row("the lines read and hashed", parsed, 200.0);
    let audited = median(5, || {
        let audit = ledger.audit(now(), None).expect("an audit");
        assert!(audit.flaws.is_empty(), "{:?}", audit.flaws.first());
    });
    row("audited, records and all", audited, 2_000.0);
    appends(&ledger);
    let run = |arguments: &[&str]| {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        let _ = command.status().expect("the program");
    };
    row("preflight evidence verify", median(5, || run(&["evidence", "verify"])), 2_000.0);
    row(
        "preflight evidence list --since 2999-01-01",
        median(5, || run(&["evidence", "list", "--since", "2999-01-01"])),
        300.0,
    );
    row("preflight gate --env local", median(5, || run(&["gate", "--env", "local"])), 300.0);
    row("preflight report", median(5, || run(&["report"])), 2_000.0);
}

fn now() -> Timestamp {
    "2026-11-20T09:00:00Z".parse().expect("a timestamp")
}

/// Appends on this disk, and in memory, where there is nothing to wait for.
fn appends(ledger: &Ledger) {
    let append = |ledger: &Ledger| {
        let (mut record, shown) = work(0);
        median(51, || ledger.append(&mut record, vec![shown.clone()], now()).map(drop).expect("it is appended"))
    };
    let memory = tempfile::tempdir_in("/dev/shm").expect("a folder in memory (Linux)");
    fs::copy(ledger.path(), memory.path().join("ledger.jsonl")).expect("a copy");
    row("a record and its entry appended, nothing to wait for (/dev/shm)", append(&Ledger::new(memory.path())), 2.0);
    row("the same on this disk, every wait for it included", append(ledger), f64::INFINITY);
    let mut file = fs::File::create(ledger.path().with_file_name("disk")).expect("a file");
    let waited = median(51, || file.write_all(&[b'x'; 800]).and_then(|()| file.sync_data()).expect("it is written"));
    row("one write of 800 bytes and one wait for this disk", waited, f64::INFINITY);
}

/// A record of eight integrations, and what it shows of the first.
fn work(number: u32) -> (Record, Evidence) {
    let at = now() - SignedDuration::from_secs(i64::from(ENTRIES - number));
    let record = json!({
        "version": 1, "kind": "contract-run", "id": format!("run-{number:06}"), "tool": "preflight 0.1.0",
        "command": ["preflight", "check"], "workspace": "bench", "target": "twin", "started": at, "finished": at, "seed": 1,
        "contracts": (0..EACH).map(|index| json!({
            "integration": format!("service-{index}"), "title": "A service", "contract_hash": "ab".repeat(32),
            "operations": [], "scenarios": (0..4).map(|scenario| json!({
                "place": {"file": "features/a/a.feature", "line": 3 + scenario}, "feature": "A", "name": "it answers",
                "outcome": "kept", "checks": 3, "duration_us": 900,
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    });
    let evidence = json!({
        "kind": "contract-run", "class": "measured", "integration": "service-0", "target": "twin",
        "record": format!("records/run-{number:06}.json"), "digest": "", "contract_hash": "ab".repeat(32),
        "outcome": "kept", "counts": {"kept": 4, "broken": 0, "unasked": 0, "untested": 0},
        "coverage": {"operations": 0, "asked": 0, "kept": 0}, "partial": false, "tool": "preflight 0.1.0",
        "command": ["preflight", "check"], "exit_code": 0, "started": at, "finished": at,
    });
    (serde_json::from_value(record).expect("a record"), serde_json::from_value(evidence).expect("evidence"))
}

fn make(folder: &Path) {
    let services: String = (0..EACH).fold(String::new(), |mut all, index| {
        let _ = writeln!(all, "  service-{index}:");
        all
    });
    let workspace = format!(
        "version: 1\nname: bench\nenvironments:\n  local:\nintegrations:\n{services}policy:\n  local: {{require: [contract-twin]}}\n"
    );
    fs::write(folder.join("preflight.yaml"), workspace).expect("a workspace");
    let records = folder.join("reports/records");
    fs::create_dir_all(&records).expect("a folder");
    let (mut text, mut previous) = (String::new(), Hash::NOTHING);
    for number in 0..ENTRIES / EACH {
        let (record, mut shown) = work(number);
        let mut bytes = serde_json::to_vec(&record).expect("JSON");
        bytes.push(b'\n');
        shown.digest = hex::encode(Sha256::digest(&bytes));
        fs::write(records.join(format!("run-{number:06}.json")), bytes).expect("a record");
        for index in 0..EACH {
            shown.integration = format!("service-{index}").parse().expect("a name");
            let sequence = number * EACH + index + 1;
            let line = json!({"version": 1, "sequence": sequence, "previous": previous, "written": shown.finished,
                              "body": {"evidence": shown}})
            .to_string();
            previous = Hash::of(&line);
            text.push_str(&line);
            text.push('\n');
        }
    }
    fs::write(folder.join("reports/ledger.jsonl"), text).expect("a ledger");
}

fn median(runs: usize, mut run: impl FnMut()) -> Duration {
    let mut took: Vec<_> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    took.sort();
    took[runs / 2]
}

fn row(what: &str, is: Duration, goal: f64) {
    let milliseconds = is.as_secs_f64() * 1e3;
    let missed = if milliseconds > goal { "  MISSED" } else { "" };
    let goal = if goal.is_finite() { format!(" (goal {goal} ms)") } else { String::new() };
    println!("{what}: {milliseconds:.2} ms{goal}{missed}");
}
