//! For every code a text that is wrong in just that way, and texts that are right.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::domain::claim::document::What;
use crate::domain::claim::fact::{Fact, Made, Present, Witness};
use crate::domain::claim::finding::{Code, Finding};
use crate::domain::claim::judge::{Measure, Subject, judge};
use crate::domain::claim::reader::{read, read_up_to};
use crate::domain::claim::testimony::{Known, Testimony};
use crate::domain::evidence::Evidence;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What is at each path that the tests cite.
fn fact(path: &str) -> Fact {
    let file = Present { path: path.to_owned(), ..Present::default() };
    let made =
        |first: Option<&str>, last: &str, witness| Some(Made { first: first.map(time), last: time(last), witness });
    Fact::Present(match path {
        "artifacts/empty.log" => Present { empty: true, ..file },
        "artifacts/none/" => Present { empty: true, folder: true, ..file },
        "artifacts/old.log" => {
            Present { made: made(Some("2025-09-01T00:00:00Z"), "2025-09-01T00:00:00Z", Witness::Git), ..file }
        }
        "artifacts/late.log" => {
            Present { made: made(Some("2025-10-19T00:00:00Z"), "2025-10-19T00:00:00Z", Witness::Git), ..file }
        }
        "artifacts/copied.log" => Present { made: made(None, "2025-10-19T00:00:00Z", Witness::FileSystem), ..file },
        "docs/long.md" => Present {
            lines: Some(504),
            digest: Some("ab".repeat(32)),
            made: made(Some("2025-10-01T00:00:00Z"), "2025-10-01T00:00:00Z", Witness::Git),
            ..file
        },
        "docs/grown.md" => Present {
            lines: Some(700),
            made: made(Some("2025-10-01T00:00:00Z"), "2025-11-01T00:00:00Z", Witness::Git),
            ..file
        },
        "reports/records/changed.json" | "reports/records/unknown.json" => {
            Present { digest: Some("cd".repeat(32)), ..file }
        }
        "reports/records/right.json" => Present { digest: Some("ab".repeat(32)), ..file },
        "artifacts/locked.log" => return Fact::Unknown("it cannot be read: permission denied".to_owned()),
        path if path.contains("gone") => return Fact::Absent { ignored: path.starts_with("artifacts/") },
        _ => file,
    })
}

fn subject(file: &str, text: &str) -> Subject {
    let document = read(text);
    let ask = |what: &What| if let What::Cited { citation, .. } = what { Some(fact(&citation.path)) } else { None };
    let facts = document.claims.iter().map(|claim| ask(&claim.what)).collect();
    let made = Some(Made {
        first: Some(time("2025-10-01T00:00:00Z")),
        last: time("2025-10-12T00:00:00Z"),
        witness: Witness::Git,
    });
    Subject { file: file.to_owned(), document, facts, made, named: true }
}

/// Two runs of idea-pool on its twin, 12 of 13 and then 13 of 13.
fn testimony() -> Testimony {
    let entry = |record: &str, started: &str, kept: u32| -> Evidence {
        serde_json::from_value(serde_json::json!({
            "kind": "contract-run", "integration": "idea-pool", "target": "twin",
            "record": format!("records/{record}.json"), "digest": "ab".repeat(32), "contract_hash": "x", "outcome": "kept",
            "counts": {"kept": kept, "broken": 13 - kept, "unasked": 0, "untested": 0}, "coverage": {"operations": 1, "asked": 1, "kept": 1},
            "tool": "preflight 0.1.0", "command": [], "exit_code": 0, "started": started, "finished": started,
        }))
        .unwrap()
    };
    let evidence = vec![entry("changed", "2025-10-10T08:00:00Z", 12), entry("right", "2025-10-12T08:00:00Z", 13)];
    let known =
        |name: &str, word: &str| Known { name: name.parse().unwrap(), words: vec![name.to_owned(), word.to_owned()] };
    Testimony { integrations: vec![known("idea-pool", "idea pool"), known("shopify", "shopify")], evidence }
}

fn judged(texts: &[&str]) -> Vec<Finding> {
    let subjects: Vec<Subject> =
        texts.iter().enumerate().map(|(index, text)| subject(&format!("{}.md", index + 1), text)).collect();
    judge(
        &subjects,
        &testimony(),
        Measure { now: time("2025-10-20T00:00:00Z"), max_age: SignedDuration::from_hours(7 * 24) },
    )
}

fn told(texts: &[&str]) -> Vec<String> {
    judged(texts).iter().map(ToString::to_string).collect()
}

/// A code, a text in which it is found, and the whole of what is said.
const REDS: [(Code, &str, &str); 39] = [
    (
        Code::ArtifactMissing,
        "Evidence: `artifacts/gone.log`",
        "1.md:1:12: false[document-artifact-missing]: “artifacts/gone.log”: nothing is there (git would ignore it: no clone has it)",
    ),
    (
        Code::ArtifactMissing,
        "See [it](docs/gone.md).",
        "1.md:1:6: false[document-artifact-missing]: “it”: nothing is there",
    ),
    (
        Code::ArtifactMissing,
        "Captured `docs/gone.md`.\n\nSee `docs/gone.md`.",
        "1.md:1:11: false[document-artifact-missing]: “docs/gone.md”: nothing is there; cited again in line 3",
    ),
    (
        Code::ArtifactEmpty,
        "Evidence: artifacts/empty.log",
        "1.md:1:11: false[document-artifact-empty]: “artifacts/empty.log”: the file holds no byte",
    ),
    (
        Code::ArtifactEmpty,
        "Evidence: artifacts/none/",
        "1.md:1:11: false[document-artifact-empty]: “artifacts/none/”: the folder holds no file",
    ),
    (
        Code::ArtifactStale,
        "## 2025-10-12\n\nEvidence: artifacts/old.log",
        "1.md:3:11: false[document-artifact-stale]: “artifacts/old.log”: it was last changed at 2025-09-01T00:00:00Z, and the text that cites it bears 2025-10-12: 41 days, more than 7",
    ),
    (
        Code::ArtifactStale,
        "Evidence: artifacts/2025-10-01/x.json",
        "1.md:1:11: false[document-artifact-stale]: “artifacts/2025-10-01/x.json”: it bears 2025-10-01, and seen from 2025-10-20T00:00:00Z: 18 days, more than 7",
    ),
    (
        Code::ArtifactMadeLater,
        "## 2025-10-10 (06:26 UTC)\n\nCaptured it at 06:30 UTC (`artifacts/x_2025-10-10T09-00-00Z.log`)",
        "1.md:3:28: false[document-artifact-made-later]: “artifacts/x_2025-10-10T09-00-00Z.log”: its name bears 2025-10-10T09:00:00Z, the text that cites it 2025-10-10T06:30:00Z",
    ),
    (
        Code::ArtifactMadeLater,
        "## 2025-10-12\n\nEvidence: artifacts/late.log",
        "1.md:3:11: false[document-artifact-made-later]: “artifacts/late.log”: it was first committed at 2025-10-19T00:00:00Z, the text that cites it bears 2025-10-12",
    ),
    (
        Code::ArtifactDiffers,
        "Document: docs/long.md (550 lines)",
        "1.md:1:11: false[document-artifact-differs]: “docs/long.md”: it has 504 lines, not 550 lines",
    ),
    (
        Code::ArtifactDiffers,
        "See `docs/long.md:600`.",
        "1.md:1:6: false[document-artifact-differs]: “docs/long.md:600”: it has 504 lines, so there is no line 600",
    ),
    (
        Code::ArtifactDiffers,
        "Evidence: docs/long.md sha256:cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
        "1.md:1:11: false[document-artifact-differs]: “docs/long.md”: its SHA-256 is abababababababababababababababababababababababababababababababab, not cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
    ),
    (
        Code::CountWrong,
        "### Tasks completed: 3/4 (75%)\n\n✅ **a**\n- x\n\n✅ **b**\n\n🟡 **c**\n\n⏭️ **d**",
        "1.md:1:22: false[count-does-not-add-up]: “3/4 (75%)”: of the 4 rows below it 2 are done (50 %): 2 done, 1 partial, 1 not done",
    ),
    (
        Code::CountWrong,
        "All 3 secrets are present:\n\n| secret | present |\n|---|---|\n| a | ✅ |\n| b | ✅ |\n| c | |",
        "1.md:1:1: false[count-does-not-add-up]: “All 3”: of the 3 rows below it 2 are done (67 %): 2 done, 1 not done",
    ),
    (
        Code::CountWrong,
        "Gates: 9 of 8 passed",
        "1.md:1:8: false[count-does-not-add-up]: “9 of 8”: 9 is more than the 8 that there are",
    ),
    (
        Code::CountWrong,
        "36 assigned, 31 completed (86%), 2 blocked",
        "1.md:1:1: false[count-does-not-add-up]: “36 assigned, 31 completed (86%), 2 blocked”: 31 completed and 2 blocked are 33 of 36: 3 are neither",
    ),
    (
        Code::PercentageWrong,
        "Tests: 7/8 pass (98 %)",
        "1.md:1:8: false[percentage-wrong]: “7/8 pass (98 %)”: 7 of 8 are 87.5 %, not 98 %",
    ),
    (
        Code::PercentageWrong,
        "Progress: 80% (5/7 complete)",
        "1.md:1:11: false[percentage-wrong]: “80% (5/7 complete)”: 5 of 7 are 71.4 %, not 80 %",
    ),
    (
        Code::PercentageWrong,
        "10 total, 9 passed (95 %), 1 failed",
        "1.md:1:1: false[percentage-wrong]: “9 passed of 10, 95 %”: 9 of 10 are 90.0 %",
    ),
    (
        Code::SumWrong,
        "Time: 20 minutes (12 min + 6 min)",
        "1.md:1:7: false[sum-wrong]: “20 minutes (12 min + 6 min)”: the parts add up to 18",
    ),
    (
        Code::SumWrong,
        "- Shopify: 6 secrets\n- Chatwoot: 4 secrets\n\nTotal: 12 secrets",
        "1.md:4:1: false[sum-wrong]: “Total: 12”: the items above it add up to 10",
    ),
    (
        Code::SumWrong,
        "1. a (26h)\n2. b (40h)\n\nShort-term total: ~76 hours",
        "1.md:4:20: false[sum-wrong]: “76 hours”: the items above it add up to 66 hours",
    ),
    (
        Code::DurationWrong,
        "21:40-21:52 UTC (22 minutes)",
        "1.md:1:1: false[duration-wrong]: “21:40-21:52 UTC (22 minutes)”: from one to the other it is 12 min",
    ),
    (
        Code::DurationWrong,
        "1,077 hours (~27 months)",
        "1.md:1:1: false[duration-wrong]: “1,077 hours (~27 months)”: that is 40 hours a month for each person; at 40 hours a week it takes 27 weeks",
    ),
    (
        Code::ContradictsItself,
        "Tasks done: 7/8\n\nTasks done: 6/8",
        "1.md:3:13: false[contradicts-itself]: “6/8”: line 1 says 7 of 8",
    ),
    (
        Code::ContradictsItself,
        "Document: docs/a.md (145 lines)\n\n- docs/a.md (550 lines)",
        "1.md:3:3: false[contradicts-itself]: “docs/a.md”: here it has 550 lines, in line 1 it had 145",
    ),
    (
        Code::ContradictsItself,
        "31 of 36 tasks complete\n\nStatus: ALL WORK COMPLETE",
        "1.md:3:9: false[contradicts-itself]: “ALL WORK COMPLETE”: line 1 says 31 of 36",
    ),
    (
        Code::ContradictsItself,
        "---\nlast_reviewed: 2025-12-01\nexpires: 2025-11-30\n---",
        "1.md:3:10: false[contradicts-itself]: “expires: 2025-11-30”: it was reviewed on 2025-12-01, so it never held",
    ),
    (
        Code::ContradictsItself,
        "## 2025-10-12 08:52 UTC a\n## 2025-10-12 09:30 UTC b\n## 2025-10-12 10:32 UTC c\nSession Duration: ~4.5 hours",
        "1.md:4:20: false[contradicts-itself]: “4.5 hours”: its entries run from 2025-10-12 08:52 to 2025-10-12 10:32 UTC: 1 h 40 min",
    ),
    (
        Code::ContradictsLedger,
        "Idea pool: 13 of 14 scenarios pass",
        "1.md:1:12: false[contradicts-ledger]: “13 of 14”: the newest evidence of idea-pool: 13 of 13 scenarios kept, twin, 2025-10-12T08:00:00Z (records/right.json)",
    ),
    (
        Code::ContradictsLedger,
        "Evidence: reports/records/changed.json",
        "1.md:1:11: false[contradicts-ledger]: “reports/records/changed.json”: the ledger's entry was made for a record with another digest: this one was changed",
    ),
    (
        Code::DateImpossible,
        "Verified on 2025-02-30.",
        "1.md:1:13: false[date-impossible]: “2025-02-30”: that month has 28 days",
    ),
    (
        Code::DateImpossible,
        "Monday 2025-10-10: verified",
        "1.md:1:1: false[date-impossible]: “Monday 2025-10-10”: that day was a Friday",
    ),
    (Code::DateInFuture, "# Status 2025-12-24", "1.md:1:10: false[date-in-future]: “2025-12-24”: it is 2025-10-20 now"),
    (
        Code::DateInFuture,
        "Captured artifacts/x_2025-12-24T00-00-00Z.log",
        "1.md:1:10: false[date-in-future]: “artifacts/x_2025-12-24T00-00-00Z.log”: its name bears 2025-12-24T00:00:00Z, and it is 2025-10-20T00:00:00Z now",
    ),
    (
        Code::DocumentExpired,
        "---\nexpires: 2025-10-10\n---\n# x",
        "1.md:2:10: false[document-expired]: “expires: 2025-10-10”: it held until then, and it is 2025-10-20 now",
    ),
    (
        Code::PathNotFound,
        "## 2025-10-12\n\nSee `docs/gone.md`.",
        "1.md:3:6: cannot tell[path-not-found]: “docs/gone.md”: nothing is there; whether it should be, the text does not say",
    ),
    (
        Code::ArtifactTimeUnknown,
        "## 2025-10-12\n\nEvidence: artifacts/copied.log",
        "1.md:3:11: cannot tell[artifact-time-unknown]: “artifacts/copied.log”: the file was changed at 2025-10-19T00:00:00Z, the text that cites it bears 2025-10-12; without git that may be the time of a copy",
    ),
    (
        Code::ArtifactTimeUnknown,
        "## 2025-10-12\n\nDocument: docs/grown.md (145 lines)",
        "1.md:3:11: cannot tell[artifact-time-unknown]: “docs/grown.md”: it has 700 lines now, not 145 lines; it was changed since (2025-11-01T00:00:00Z)",
    ),
];

/// The same for what cannot be told.
const UNTOLD: [(Code, &str, &str); 10] = [
    (
        Code::ArtifactUnread,
        "Evidence: artifacts/locked.log",
        "1.md:1:11: cannot tell[artifact-unread]: “artifacts/locked.log”: it cannot be read: permission denied",
    ),
    (
        Code::CountNotShown,
        "71% (5/7 categories complete)\n\n- ✅ a\n- ⬜ b",
        "1.md:1:1: cannot tell[count-not-shown]: “71% (5/7 categories complete)”: the rows below it are 1 done, 1 not done, too few to show it",
    ),
    (
        Code::CountNotShown,
        "2 of 2 ready\n\n| x | a | b |\n|---|---|---|\n| y | ✅ | ❌ |",
        "1.md:1:1: cannot tell[count-not-shown]: “2 of 2”: the rows below it have more than one column of states, or are too many to be read as one; name one column Status",
    ),
    (
        Code::CountNotShown,
        "1. a\n2. b (40h)\n\nTotal: ~76 hours",
        "1.md:4:9: cannot tell[count-not-shown]: “76 hours”: not every item above it says how long it takes",
    ),
    (
        Code::FigureWithoutArtifact,
        "7 of 8 tasks done",
        "1.md:1:1: cannot tell[figure-without-artifact]: “7 of 8”: no file is cited beside it that would show it",
    ),
    (
        Code::FigureWithoutArtifact,
        "7 of 8 tasks done. Evidence: artifacts/gone.log",
        "1.md:1:1: cannot tell[figure-without-artifact]: “7 of 8”: none of the files that are cited beside it exists",
    ),
    (
        Code::NotInLedger,
        "Shopify: 27 of 27 scenarios kept",
        "1.md:1:10: cannot tell[not-in-ledger]: “27 of 27”: the ledger has no run of shopify",
    ),
    (
        Code::NotInLedger,
        "Evidence: reports/records/unknown.json",
        "1.md:1:11: cannot tell[not-in-ledger]: “reports/records/unknown.json”: no entry of the ledger speaks of this record",
    ),
    (
        Code::OutOfOrder,
        "## 2025-10-10\n## 2025-10-08\n## 2025-10-11",
        "1.md:2:4: cannot tell[sections-out-of-order]: “2025-10-08”: this entry of 2025-10-08 stands behind that of 2025-10-10 in line 1; 1 steps go forward in time and 1 back, so the order shows nothing",
    ),
    (
        Code::NoClaim,
        "Nothing to see.",
        "1.md:1:1: cannot tell[no-claim]: it cites no file, counts nothing and dates nothing, so there is nothing to check",
    ),
];

#[test]
fn every_code_finds_what_it_is_for() {
    for (code, text, says) in REDS.iter().chain(&UNTOLD) {
        let found = told(&[text]);
        assert!(says.contains(code.as_str()), "{says}");
        assert!(
            found.iter().any(|told| told == says),
            "of\n{text}\nwas to be said\n{says}\nsaid was\n{}",
            found.join("\n")
        );
    }
}

#[test]
fn two_documents_are_held_against_each_other() {
    let found = told(&["Document: docs/a.md (145 lines)", "Document: docs/a.md (550 lines)"]);
    assert_eq!(
        found,
        ["2.md:1:11: false[contradicts-document]: “docs/a.md”: here it has 550 lines, in 1.md:1 it has 145"]
    );
    assert_eq!(told(&["Document: docs/a.md (145 lines)", "Document: docs/a.md (100+ lines)"]), Vec::<String>::new());
}

#[test]
fn too_many_claims_are_counted_and_told() {
    let mut subject = subject("1.md", "");
    subject.document = read_up_to(&"see [x](docs/a.md)\n\n".repeat(30), 20);
    let measure = Measure { now: time("2025-10-20T00:00:00Z"), max_age: SignedDuration::from_hours(24) };
    let found: Vec<String> = judge(&[subject], &testimony(), measure).iter().map(ToString::to_string).collect();
    assert_eq!(found, ["1.md:1:1: cannot tell[too-many-claims]: 10 more claims stand behind the 20 that were read"]);
}

#[test]
fn no_code_is_without_a_red_test() {
    let shown: BTreeSet<Code> = REDS.iter().chain(&UNTOLD).map(|(code, ..)| *code).collect();
    let unshown: Vec<_> = Code::ALL.iter().filter(|code| !shown.contains(code)).collect();
    // Two documents, too many claims: above. What is no text never comes here; the command line's tests show it.
    assert_eq!(unshown, [&Code::ContradictsDocument, &Code::TooManyClaims, &Code::Unreadable]);
}

#[test]
fn a_right_document_is_without_a_finding() {
    for text in [
        "## 2025-10-12\n\nTasks: 7/8 done (88 %). Evidence: artifacts/x.log\n\n- [x] a\n- [x] b\n- [x] c\n- [x] d\n- [x] e\n- [x] f\n- [x] g\n- [ ] h",
        "See [the guide](docs/guide.md#top) and `src/main.rs`; the run writes `reports/gone.html`.",
        "- [ ] attach `artifacts/gone.log`\n\nSee [it](docs/a.md).",
        "1. Implement `scripts/gone.mjs`; log JSON to `artifacts/gone.jsonl`.\n\nSee [it](docs/a.md).",
        "`docs/gone.md` was never committed. See [it](docs/a.md).",
        "## 2025-10-12\n\n6/7 servers healthy (86%), see artifacts/x.log\n\n- ✅ a, b, c, d, e, f\n- ❌ g (optional, not running)",
        "## Completed (31 of 36 tasks, 86%)\n\nEvidence: artifacts/x.log\n\n- ✅ Task 1: a\n- ✅ Tasks A-C: b, c, d\n- ✅ Tasks D-J: e\n- ✅ Tasks K-AD: f",
        "## 2025-10-10 (06:26 UTC)\n\nCaptured it at 06:34 UTC (`artifacts/x_2025-10-10T06-34-12Z.log`)",
        "## 2025-10-12\n\nDocument: docs/long.md (500+ lines)\n\nThe deadline is 2025-12-24.",
        "Idea pool: 13 of 13 scenarios kept on the twin.",
        "## 2025-10-11\n\nIdea pool: 12 of 13 scenarios kept, see artifacts/x.log.",
        "Evidence: reports/records/right.json",
        "- Shopify: 6 secrets (4 required)\n- Chatwoot: 4 secrets\n\nTotal: 10 secrets\n\nEvidence: artifacts/x.log",
        "1. a (26h)\n2. b (40h)\n\nTotal: ~66 hours. See [it](docs/a.md).",
        "---\nlast_reviewed: 2025-10-12\nexpires: 2025-11-12\n---\n# x",
        "## 2025-10-12 10:00 UTC\n## 2025-10-12 09:00 UTC\n## 2025-10-11",
        "All tasks are done. See [it](docs/a.md).",
        "120 total, 100 passed (83%), 15 failed, 5 skipped: artifacts/x.log",
        "Evidence: artifacts/x.log of 2025-10-12 21:40-21:52 UTC (12 minutes), 1,077 hours (~27 weeks)",
    ] {
        assert_eq!(told(&[text]), Vec::<String>::new(), "{text}");
    }
}
