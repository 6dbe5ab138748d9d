//! Each kind of tampering is found, by its code and its place; what was not touched is not accused.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::{any, prop_assert, proptest};
use serde_json::{Value, json};

use super::records::{Found, Kept};
use super::{Against, Audit, Code, Verdict, audit};
use crate::domain::chain::hash::Hash;
use crate::domain::chain::{self, Line};
use crate::domain::entry::Body;
use crate::domain::pruned::Pruned;
use crate::domain::pruning::{Limit, choose};

fn now() -> Timestamp {
    "2026-11-20T09:00:00Z".parse().unwrap()
}

/// Evidence of an hour of a day, as it stands in the ledger.
fn evidence(hour: i64) -> Value {
    let at = now() - SignedDuration::from_hours(1_000 - hour);
    json!({"evidence": {
        "kind": "contract-run", "integration": format!("service-{}", hour % 3), "target": "twin",
        "record": format!("records/{hour}.json"), "digest": "ab".repeat(32), "outcome": "kept",
        "counts": {"kept": 1, "broken": 0, "unasked": 0, "untested": 0},
        "coverage": {"operations": 1, "asked": 1, "kept": 1}, "partial": false, "tool": "preflight",
        "command": ["preflight"], "exit_code": 0, "started": at, "finished": at,
    }})
}

fn entry(sequence: u64, previous: &str, body: &Value) -> String {
    let at = now() - SignedDuration::from_hours(1_000 - sequence.cast_signed());
    json!({"version": 1, "sequence": sequence, "previous": previous, "written": at, "body": body}).to_string()
}

fn hash(line: &str) -> String {
    Hash::of(line).to_string()
}

/// A ledger of so many entries.
fn ledger(entries: u64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for sequence in 1..=entries {
        let previous = lines.last().map_or(Hash::NOTHING, Hash::of).to_string();
        lines.push(entry(sequence, &previous, &evidence(sequence.cast_signed())));
    }
    lines
}

fn read(lines: &[String]) -> Vec<Line> {
    chain::lines(lines.join("\n").as_bytes())
}

fn audited(lines: &[String]) -> Audit {
    audit(&read(lines), &Against { now: now(), found: &Found::default(), head: None })
}

fn told(audit: &Audit) -> Vec<(Code, Option<usize>)> {
    audit.flaws.iter().map(|flaw| (flaw.code, flaw.line)).collect()
}

#[test]
fn a_ledger_that_nobody_touched_holds() {
    assert_eq!(audited(&[]).verdict, Verdict::Empty);
    for entries in [1, 2, 50] {
        let found = audited(&ledger(entries));
        assert_eq!((found.verdict, found.flaws), (Verdict::Holds, Vec::new()));
        assert_eq!((found.first, found.last), (Some(1), Some(entries)));
    }
}

type Tampering = (&'static str, fn(&mut Vec<String>), &'static [(Code, Option<usize>)]);

#[test]
fn each_kind_of_tampering_is_found_in_its_place() {
    use Code::{
        BackDated, Changed, CutOff, Duplicated, Forked, Future, Misnumbered, Missing, Newer, NoEntry, Reordered,
    };
    let table: [Tampering; 21] = [
        (
            "a line changed",
            |l| l[3] = l[3].replace("\"outcome\":\"kept\"", "\"outcome\":\"broken\""),
            &[(Changed, Some(4))],
        ),
        ("white space added", |l| l[3].push(' '), &[(Changed, Some(4))]),
        (
            "the first one changed",
            |l| l[0] = l[0].replace("\"outcome\":\"kept\"", "\"outcome\":\"broken\""),
            &[(Changed, Some(1))],
        ),
        ("one removed", |l| drop(l.remove(4)), &[(Missing, Some(5))]),
        ("several removed", |l| drop(l.drain(2..5)), &[(Missing, Some(3))]),
        ("the beginning removed", |l| drop(l.drain(..3)), &[(Missing, Some(1))]),
        ("two swapped", |l| l.swap(3, 4), &[(Reordered, Some(4)), (Reordered, Some(5)), (Reordered, Some(6))]),
        (
            "one moved to the end",
            |l| {
                let line = l.remove(3);
                l.push(line);
            },
            &[(Reordered, Some(4)), (Reordered, Some(8))],
        ),
        ("one twice", |l| l.insert(4, l[3].clone()), &[(Duplicated, Some(5))]),
        ("an old one again", |l| l.insert(6, l[1].clone()), &[(Duplicated, Some(7))]),
        ("one again at the end", |l| l.push(l[2].clone()), &[(Duplicated, Some(9))]),
        ("one put in", |l| l.insert(4, entry(5, &hash(&l[3]), &evidence(4))), &[(Forked, Some(6))]),
        (
            "two ledgers joined",
            |l| {
                let fork = entry(5, &hash(&l[3]), &evidence(4));
                let next = entry(6, &hash(&fork), &evidence(5));
                l.extend([fork, next]);
            },
            &[(Forked, Some(9)), (BackDated, Some(9))],
        ),
        (
            "half of the last one",
            |l| {
                let line = l[7][..90].to_owned();
                l[7] = line;
            },
            &[(CutOff, Some(8))],
        ),
        (
            "half of one in the middle",
            |l| {
                let line = l[3][..90].to_owned();
                l[3] = line;
            },
            &[(CutOff, Some(4))],
        ),
        ("noise", |l| l.insert(2, "hello".to_owned()), &[(NoEntry, Some(3))]),
        ("noise in the place of one", |l| l[2] = "hello".to_owned(), &[(NoEntry, Some(3))]),
        (
            "an old one appended with a date of its own",
            |l| l.push(entry(3, &hash(&l[7]), &evidence(3))),
            &[(Misnumbered, Some(9)), (BackDated, Some(9))],
        ),
        (
            "written before the work was done",
            |l| l.push(entry(9, &hash(&l[7]), &evidence(20))),
            &[(BackDated, Some(9))],
        ),
        (
            "of a newer version",
            |l| {
                let newer = entry(9, &hash(&l[7]), &json!({"surprise": 1})).replace("\"version\":1", "\"version\":2");
                let next = entry(10, &hash(&newer), &evidence(10));
                l.extend([newer, next]);
            },
            &[(Newer, Some(9))],
        ),
        (
            "from the future",
            |l| {
                let late = entry(9, &hash(&l[7]), &evidence(9));
                l.push(late.replace("\"written\":\"2026", "\"written\":\"2027"));
            },
            &[(Future, Some(9))],
        ),
    ];
    let mut wrong = String::new();
    for (what, tamper, expected) in table {
        let mut lines = ledger(8);
        tamper(&mut lines);
        let found = audited(&lines);
        let breaks = expected.iter().any(|(code, _)| code.breaks());
        let verdict = if breaks { Verdict::Broken } else { Verdict::Doubtful };
        if told(&found) != expected || found.verdict != verdict {
            let _ = writeln!(wrong, "{what}: {:#?}", found.flaws);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_line_that_names_none_before_it_is_no_entry() {
    for previous in ["", "the line before", &"ab".repeat(31)] {
        let mut lines = ledger(8);
        lines.push(entry(9, previous, &evidence(9)));
        assert_eq!(told(&audited(&lines)), [(Code::NoEntry, Some(9))], "{previous}");
    }
}

#[test]
fn a_crash_is_told_from_a_cut() {
    let mut lines = ledger(4);
    let half = lines[3][..100].to_owned();
    lines[3].clone_from(&half);
    lines.push(entry(4, &hash(&half), &evidence(4)));
    let found = audited(&lines);
    assert_eq!(told(&found), [(Code::CutOff, Some(4))]);
    assert!(found.flaws[0].says.contains("a crash in mid-write"), "{}", found.flaws[0].says);
    let mut cut = ledger(6);
    cut[3] = half;
    let found = audited(&cut);
    assert_eq!(told(&found), [(Code::CutOff, Some(4))]);
    assert!(found.flaws[0].says.contains("it was whole"), "{}", found.flaws[0].says);
}

#[test]
fn a_clock_that_goes_back_is_told_as_such_where_the_chain_holds() {
    let at = |sequence: u64, previous: &str, minutes: i64| {
        let at = now() - SignedDuration::from_mins(minutes);
        let mut entry: Value = serde_json::from_str(&entry(sequence, previous, &evidence(1))).unwrap();
        entry["written"] = json!(at);
        entry.to_string()
    };
    let chained = |minutes: &[i64]| {
        let mut lines: Vec<String> = Vec::new();
        for (sequence, minutes) in (1..).zip(minutes) {
            let previous = lines.last().map_or(Hash::NOTHING, Hash::of).to_string();
            lines.push(at(sequence, &previous, *minutes));
        }
        lines
    };
    assert_eq!(told(&audited(&chained(&[50, 51, 50]))), [], "two writers wait for each other");
    let back = audited(&chained(&[50, 90, 89]));
    assert_eq!((back.verdict, told(&back)), (Verdict::Doubtful, vec![(Code::ClockBack, Some(2))]));
    let mut put_in = chained(&[50, 40, 30]);
    let line = at(3, &hash(&put_in[1]), 90);
    put_in.insert(2, line);
    assert_eq!(told(&audited(&put_in)), [(Code::BackDated, Some(3)), (Code::Forked, Some(4))]);
}

#[test]
fn a_remembered_head_finds_an_end_that_was_removed() {
    let whole = ledger(8);
    let head = read(&whole).last().unwrap().hash;
    let with = |lines: &[String], found: &Found| {
        let found = audit(&read(lines), &Against { now: now(), found, head: Some(head) });
        told(&found)
    };
    let none = Found::default();
    assert_eq!(with(&whole, &none), []);
    let mut longer = whole.clone();
    longer.push(entry(9, &hash(&whole[7]), &evidence(9)));
    assert_eq!(with(&longer, &none), []);
    assert_eq!(with(&whole[..7], &none), [(Code::EndGone, None)]);
    assert_eq!(with(&[], &none), [(Code::EndGone, None)]);
    assert_eq!(audited(&whole[..7]).verdict, Verdict::Holds, "without it nothing shows");
    let archived = Found { archived: [head].into(), ..Found::default() };
    assert_eq!(with(&whole[..7], &archived), []);
    let discarded = Found { discarded: true, ..Found::default() };
    assert_eq!(with(&whole[..7], &discarded), [(Code::HeadUnknown, None)]);
}

#[test]
fn records_and_archives_are_held_against_their_entries() {
    let lines = ledger(5);
    let kept = |kept: Kept| ("records/3.json".to_owned(), kept);
    let good = "ab".repeat(32).parse().unwrap();
    for (state, code) in [
        (Kept::Digest(good), None),
        (Kept::Digest(Hash::NOTHING), Some(Code::RecordChanged)),
        (Kept::Gone, Some(Code::RecordGone)),
        (Kept::Outside, Some(Code::RecordOutside)),
        (Kept::Unreadable("no".to_owned()), Some(Code::RecordGone)),
    ] {
        let found = Found { records: [kept(state)].into(), ..Found::default() };
        let found = audit(&read(&lines), &Against { now: now(), found: &found, head: None });
        let expected: Vec<_> = code.into_iter().map(|code| (code, Some(3))).collect();
        assert_eq!(told(&found), expected);
    }
    let unlisted = Found { unlisted: vec!["records/9.json".to_owned()], ..Found::default() };
    let found = audit(&read(&lines), &Against { now: now(), found: &unlisted, head: None });
    assert_eq!((found.verdict, told(&found)), (Verdict::Doubtful, vec![(Code::RecordUnlisted, None)]));
    let says = Found { disagreement: Some("its counts".to_owned()), ..Found::default() };
    let found = audit(&read(&lines), &Against { now: now(), found: &says, head: None });
    assert_eq!(told(&found), [(Code::RecordDisagrees, Some(5))]);
}

/// Prunes as the adapter does.
fn pruned(lines: &[String], limit: Limit, rests: &BTreeSet<u64>) -> (Vec<String>, usize) {
    let read = read(lines);
    let cut = choose(&read, limit, rests);
    let body = Pruned { ranges: cut.ranges.clone(), records: 0, archive: None, tool: "t".into(), command: Vec::new() };
    let kept = lines.iter().enumerate().filter(|(at, _)| !cut.lines.contains(at)).map(|(_, line)| line.clone());
    let mut kept: Vec<String> = kept.collect();
    let last = read.last().unwrap();
    kept.push(entry(last.sequence.unwrap() + 1, &last.hash.to_string(), &json!({"pruned": body})));
    (kept, cut.lines.len())
}

#[test]
fn what_is_pruned_is_proven_and_what_is_taken_beside_it_is_found() {
    let rests = BTreeSet::from([3]);
    let (kept, gone) = pruned(&ledger(20), Limit::Keep(8), &rests);
    assert_eq!(gone, 11, "all of the first twelve but the third");
    let found = audited(&kept);
    assert_eq!((found.verdict, found.pruned, told(&found)), (Verdict::Holds, 11, vec![]));
    // Once more: the gaps of both times join.
    let (again, _) = pruned(&kept, Limit::Keep(4), &BTreeSet::new());
    let found = audited(&again);
    assert_eq!((found.verdict, told(&found)), (Verdict::Holds, vec![]), "{:#?}", found.flaws);
    assert!(again.iter().filter(|line| line.contains("\"pruned\"")).count() == 2, "what says it is never pruned");
    for index in 0..kept.len() - 2 {
        let mut taken = kept.clone();
        taken.remove(index);
        assert_eq!(audited(&taken).verdict, Verdict::Broken, "line {} was taken", index + 1);
    }
    // The entry that speaks of the gap is taken away.
    assert_eq!(audited(&kept[..kept.len() - 1]).verdict, Verdict::Broken);
}

#[test]
fn the_newest_flip_of_each_flag_is_never_pruned() {
    let mut lines = Vec::<String>::new();
    for (sequence, flag) in (1..).zip(["one", "two", "one", "two", "two"]) {
        let mut body = evidence(0);
        body["evidence"]["kind"] = "flip".into();
        body["evidence"]["command"] = json!(["preflight", "flip", flag]);
        let previous = lines.last().map_or(Hash::NOTHING, Hash::of).to_string();
        lines.push(entry(sequence, &previous, &body));
    }
    let (kept, _) = pruned(&lines, Limit::Before(Timestamp::MAX), &BTreeSet::new());
    let sequences: Vec<_> = read(&kept).iter().filter_map(|line| line.sequence).collect();
    assert_eq!(sequences, [3, 5, 6], "the newest of two flags, and what says it");
}

#[test]
fn the_newest_of_each_kind_is_never_pruned() {
    let lines = ledger(30);
    let (kept, _) = pruned(&lines, Limit::Before(Timestamp::MAX), &BTreeSet::new());
    let sequences: Vec<_> = read(&kept).iter().filter_map(|line| line.sequence).collect();
    assert_eq!(sequences, [28, 29, 30, 31], "the newest of three services, and what says it");
    let entries = read(&kept);
    let Body::Pruned(pruned) = &entries[3].entry.as_ref().unwrap().body else { panic!("no pruned entry") };
    assert_eq!((pruned.ranges[0].first, pruned.ranges[0].last, pruned.ranges[0].lines), (1, 27, 27));
    assert_eq!(pruned.ranges[0].before, Hash::NOTHING);
}

proptest! {
    #[test]
    fn no_change_to_any_byte_goes_unseen(at in any::<proptest::sample::Index>(), bit in 0_u8..8) {
        let lines = ledger(6);
        let text = lines.join("\n") + "\n";
        let head = read(&lines).last().unwrap().hash;
        let mut changed = text.clone().into_bytes();
        let at = at.index(changed.len() - 1);
        changed[at] ^= 1 << bit;
        let found = audit(&chain::lines(&changed), &Against { now: now(), found: &Found::default(), head: Some(head) });
        prop_assert!(found.verdict == Verdict::Broken, "byte {at}: {found:#?}");
        let line = text[..at].matches('\n').count() + 1;
        let near = found.flaws.iter().any(|flaw| flaw.line.is_none_or(|told| told.abs_diff(line) <= 1));
        prop_assert!(near, "byte {at} of line {line}: {:#?}", found.flaws);
    }

    #[test]
    fn no_line_can_be_taken_doubled_or_moved(from in 0_usize..9, to in 0_usize..9, how in 0_u8..3) {
        let mut lines = ledger(9);
        let head = read(&lines).last().unwrap().hash;
        let line = if how == 1 { lines[from].clone() } else { lines.remove(from) };
        if how > 0 {
            lines.insert(to.min(lines.len()), line);
        }
        let found = audit(&read(&lines), &Against { now: now(), found: &Found::default(), head: Some(head) });
        let untouched = lines == ledger(9);
        prop_assert!((found.verdict == Verdict::Holds) == untouched, "{from} {to} {how}: {found:#?}");
    }
}
