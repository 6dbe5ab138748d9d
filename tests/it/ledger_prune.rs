//! Pruning: what stays is provable, what readiness rests on stays, and a crash at any step leaves a ledger that holds.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use preflight::adapter::ledger::Ledger;
use preflight::adapter::ledger::prune::{Done, Order, Step};
use preflight::domain::ledger_audit::{Audit, Verdict};
use preflight::domain::pruning::Limit;
use preflight::engine::evidence::shown;

use crate::sample;
use crate::shell::{Folder, TWIN_WORKSPACE};

/// A ledger of so many records, one an hour, each of two integrations.
fn ledger(folder: &Path, records: i64) -> Ledger {
    let ledger = Ledger::new(folder);
    for hour in 0..records {
        let mut record = sample::small().1.remove(1);
        let at = sample::now() - SignedDuration::from_hours(records - hour);
        (record.started, record.finished, record.id) = (at, at, format!("record-{hour:04}"));
        let shown = shown(&record, 0);
        ledger.append(&mut record, shown, at).expect("it is appended");
    }
    ledger
}

fn audit(ledger: &Ledger) -> Audit {
    ledger.audit(sample::now(), None).expect("it is read")
}

fn order(limit: Limit, rests: &BTreeSet<u64>, discard: bool) -> Order<'_> {
    Order { limit, rests, discard, now: sample::now(), tool: "preflight".into(), command: Vec::new() }
}

fn records(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("records")).expect("records").count()
}

#[test]
fn what_is_pruned_is_archived_and_the_rest_is_provable() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path(), 10);
    let before = audit(&ledger);
    assert_eq!((before.verdict, before.entries), (Verdict::Holds, 20), "{:#?}", before.flaws);
    let rests = BTreeSet::from([5]);
    let done = ledger.prune(&order(Limit::Keep(6), &rests, false), &mut |_| Ok(())).expect("it is pruned");
    let Done::Pruned { lines, records: gone, spared, archive, head } = done else { panic!("{done:?}") };
    assert_eq!((lines, spared), (13, 1));
    assert_eq!(gone, 6, "the record of entry 5 is that of entry 6 too, and stays");
    let after = audit(&ledger);
    assert_eq!((after.verdict, after.pruned, after.entries), (Verdict::Holds, 13, 8), "{:#?}", after.flaws);
    assert_eq!(after.head, head);
    assert!(before.head.is_some());
    assert_eq!(
        ledger.audit(sample::now(), before.head).expect("it is read").verdict,
        Verdict::Holds,
        "the head of before is known"
    );
    let archive = std::fs::read_to_string(folder.path().join(archive.expect("an archive"))).expect("it is read");
    assert_eq!(archive.lines().filter(|line| line.starts_with("{\"line\":")).count(), 13);
    assert_eq!(archive.lines().filter(|line| line.starts_with("{\"record\":")).count(), 6);
    assert_eq!(ledger.read().expect("it is read").lost, []);
    // It goes on, and a line that is taken out of it beside is found.
    let mut record = sample::small().1.remove(1);
    let shown = shown(&record, 0);
    ledger.append(&mut record, shown, sample::now()).expect("it is appended");
    assert_eq!(audit(&ledger).verdict, Verdict::Holds);
    let text = std::fs::read_to_string(ledger.path()).expect("a ledger");
    let without: Vec<&str> = text.lines().enumerate().filter(|(at, _)| *at != 3).map(|(_, line)| line).collect();
    std::fs::write(ledger.path(), without.join("\n") + "\n").expect("it is written");
    assert_eq!(audit(&ledger).verdict, Verdict::Broken);
}

#[test]
fn a_head_among_pruned_lines_is_known_as_long_as_the_archive_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path(), 6);
    let text = std::fs::read_to_string(ledger.path()).expect("a ledger");
    let third = preflight::domain::chain::line(3, text.lines().nth(2).expect("a line").as_bytes()).hash;
    ledger.prune(&order(Limit::Keep(4), &BTreeSet::new(), false), &mut |_| Ok(())).expect("it is pruned");
    let with = || ledger.audit(sample::now(), Some(third)).expect("it is read");
    assert_eq!(with().verdict, Verdict::Holds);
    let archive = std::fs::read_dir(folder.path().join("archive")).expect("a folder").next().expect("an archive");
    let archive = archive.expect("an archive").path();
    let changed = std::fs::read_to_string(&archive).expect("text").replace("kept", "Kept");
    std::fs::write(&archive, changed).expect("it is written");
    assert_eq!(with().verdict, Verdict::Broken, "the archive was changed");
    std::fs::remove_file(archive).expect("it is removed");
    assert_eq!(with().verdict, Verdict::Doubtful, "it cannot be told");
}

#[test]
fn what_is_thrown_away_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path(), 6);
    let moment: Timestamp = sample::now() - SignedDuration::from_mins(150);
    ledger.prune(&order(Limit::Before(moment), &BTreeSet::new(), true), &mut |_| Ok(())).expect("it is pruned");
    let after = audit(&ledger);
    assert_eq!((after.verdict, after.pruned), (Verdict::Holds, 8), "{:#?}", after.flaws);
    assert!(!folder.path().join("archive").exists());
    assert_eq!(records(folder.path()), 2);
}

#[test]
fn a_crash_at_any_step_leaves_a_ledger_that_holds_and_another_prune_ends_it() {
    for crash in Step::ALL {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = ledger(folder.path(), 8);
        let before = std::fs::read(ledger.path()).expect("a ledger");
        let stop = &mut |step: Step| if step == crash { Err(std::io::ErrorKind::Interrupted.into()) } else { Ok(()) };
        ledger.prune(&order(Limit::Keep(4), &BTreeSet::new(), false), stop).expect_err("it was stopped");
        let stopped = audit(&ledger);
        assert!(stopped.flaws.iter().all(|flaw| !flaw.breaks), "{crash:?}: {:#?}", stopped.flaws);
        let replaced = std::fs::read(ledger.path()).expect("a ledger") != before;
        assert_eq!(replaced, crash == Step::Remove, "{crash:?}");
        assert_eq!(ledger.read().expect("it is read").lost, []);
        ledger.prune(&order(Limit::Keep(4), &BTreeSet::new(), false), &mut |_| Ok(())).expect("it is pruned");
        let after = audit(&ledger);
        assert_eq!((after.verdict, after.flaws.len()), (Verdict::Holds, 0), "{crash:?}: {:#?}", after.flaws);
        let left = std::fs::read_dir(folder.path()).expect("a folder").filter_map(Result::ok);
        assert!(left.into_iter().all(|entry| !entry.file_name().to_string_lossy().contains("tmp")));
    }
}

#[test]
fn what_does_not_hold_is_not_pruned_but_what_a_crash_cut_off_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path(), 4);
    let text = std::fs::read_to_string(ledger.path()).expect("a ledger");
    std::fs::write(ledger.path(), &text[..text.len() - 60]).expect("it is cut");
    let mut record = sample::small().1.remove(1);
    (record.started, record.finished) = (sample::now(), sample::now());
    for _ in 0..2 {
        let shown = shown(&record, 0);
        ledger.append(&mut record, shown, sample::now()).expect("it is appended");
    }
    assert_eq!(audit(&ledger).verdict, Verdict::Broken, "half a line stands in it");
    assert!(ledger.read().expect("it is read").history.doubted > 0);
    // Entry 2 stands before what was lost, and stays.
    let rests = BTreeSet::from([2]);
    let done = ledger.prune(&order(Limit::Keep(2), &rests, false), &mut |_| Ok(())).expect("it is pruned");
    assert!(matches!(done, Done::Pruned { .. }), "{done:?}");
    let after = audit(&ledger);
    assert_eq!(after.verdict, Verdict::Holds, "{:#?}", after.flaws);
    assert_eq!(
        ledger.read().expect("it is read").history.doubted,
        2,
        "what was lost may have said otherwise, for ever"
    );
    let forged = std::fs::read_to_string(ledger.path())
        .expect("a ledger")
        .replacen("\"seed\"", "\"sed\"", 1)
        .replacen("kept", "Kept", 1);
    std::fs::write(ledger.path(), &forged).expect("it is written");
    let refused = ledger.prune(&order(Limit::Keep(1), &BTreeSet::new(), false), &mut |_| Ok(())).expect("it is read");
    assert!(matches!(refused, Done::Refused(_)), "{refused:?}");
    assert_eq!(std::fs::read_to_string(ledger.path()).expect("a ledger"), forged);
}

#[test]
fn who_waits_while_it_is_pruned_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path(), 10);
    let path = folder.path().to_owned();
    let mut writers = Vec::new();
    let order = order(Limit::Keep(4), const { &BTreeSet::new() }, false);
    ledger
        .prune(&order, &mut |step| {
            // They open the file that is about to be replaced, and wait for its lock.
            if step == Step::Replace {
                for number in 0..4 {
                    let path = path.clone();
                    writers.push(std::thread::spawn(move || {
                        let mut record = sample::small().1.remove(1);
                        record.id = format!("late-{number}");
                        let shown = shown(&record, 0);
                        Ledger::new(&path).append(&mut record, shown, sample::now()).expect("it is appended");
                    }));
                }
            }
            Ok(())
        })
        .expect("it is pruned");
    for writer in writers {
        writer.join().expect("it ends");
    }
    let text = std::fs::read_to_string(ledger.path()).expect("a ledger");
    assert_eq!((0..4).filter(|number| text.contains(&format!("records/late-{number}.json"))).count(), 4);
    assert_eq!(audit(&ledger).verdict, Verdict::Holds, "{:#?}", audit(&ledger).flaws);
}

#[test]
fn the_verb_keeps_what_readiness_rests_on() {
    let folder = Folder::with(&[("preflight.yaml", TWIN_WORKSPACE)]);
    for _ in 0..3 {
        folder.preflight(&["check", "--quiet"]).exits(0);
    }
    folder.preflight(&["evidence", "prune"]).exits(2).says("--before");
    folder
        .preflight(&["evidence", "prune", "--before", "2999-01-01"])
        .exits(0)
        .says("2 lines and 2 records pruned, kept in archive/000001-000002.jsonl");
    folder.preflight(&["evidence", "verify"]).exits(0).says("2 pruned");
    folder.preflight(&["report"]).exits(0).says("local GO");
    folder.preflight(&["evidence", "prune", "--keep", "1"]).exits(0).says("0 lines and 0 records pruned");
    folder.preflight(&["check", "--quiet"]).exits(0);
    folder.preflight(&["evidence", "verify"]).exits(0);
}
