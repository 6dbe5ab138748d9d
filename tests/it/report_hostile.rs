//! Text that a vendor, a contract or a workspace may hold, and that no report may obey.

use std::collections::BTreeMap;

use preflight::domain::contract::Place;
use preflight::domain::finding::{Code, Finding};
use preflight::domain::readiness::Readiness;
use preflight::domain::record::recorded_exchange::RecordedBody;
use preflight::domain::record::schema_gaps::SchemaGaps;
use preflight::domain::record::{Outcome, Record, Unreadable};
use preflight::report::dashboard::{Dashboard, Run, runs};
use preflight::report::terminal::Style;
use preflight::report::{github, html, junit, markdown, tap, terminal};

use crate::sample;

/// Markup, quotes, a null, a colour code, a right-to-left override, workflow commands, a mention, a fence.
const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> \u{0}\u{1b}[31m\u{202e}]]> {{7*7}} &lt;\n::error::owned\n%0A::warning::owned @team #1 ``` | </style></details>\u{7}";

/// Puts the text everywhere that is not a name.
pub fn hostile() -> (Readiness, Vec<Record>) {
    let (mut readiness, mut records) = sample::small();
    let text = || HOSTILE.to_owned();
    readiness.workspace = text();
    for environment in &mut readiness.environments {
        environment.environment.push_str(HOSTILE);
        for reason in &mut environment.reasons {
            reason.text = text();
            reason.next = Some(text());
        }
        for row in &mut environment.rows {
            row.title = text();
            row.owner = Some(text());
            for cell in &mut row.cells {
                cell.reason = text();
                cell.next = Some(text());
            }
        }
    }
    for record in &mut records {
        record.id = text();
        record.environment = record.environment.as_ref().map(|_| text());
        for run in &mut record.contracts {
            run.title = text();
            run.modelled = Some(text());
            run.unseen = vec![text()];
            let never = BTreeMap::from([(text(), vec![text()])]);
            run.unseen_in_schemas = vec![SchemaGaps { schema: text(), never, too_large: true }];
            run.gaps = vec![text()];
            for left in &mut run.left_out {
                (left.name, left.reason, left.place.file) = (text(), text(), text());
            }
            run.unreadable = vec![Unreadable { place: Place { file: text(), line: 1 }, message: text() }];
            run.operations.iter_mut().for_each(|operation| operation.request = text());
            run.operations[0].asked = 0;
            for scenario in &mut run.scenarios {
                sample::break_scenario(scenario);
                scenario.place.file = text();
                scenario.feature = text();
                scenario.rule = Some(text());
                scenario.name = text();
                scenario.promises = vec![text()];
                scenario.reason = Some(text());
                scenario.findings = vec![
                    Finding::new(Code::Body, HOSTILE).expected(HOSTILE).actual(HOSTILE).pointer(HOSTILE).diff(HOSTILE),
                ];
                for exchange in &mut scenario.exchanges {
                    exchange.method = HOSTILE.into();
                    exchange.path = HOSTILE.into();
                    exchange.request_headers = vec![(HOSTILE.into(), HOSTILE.into())];
                    exchange.response_body = Some(RecordedBody { text: HOSTILE.into(), length: 9, sha256: None });
                }
            }
            run.scenarios[1].outcome = Outcome::Unasked;
        }
    }
    (readiness, records)
}

/// What no report may hold: characters that a terminal obeys or that turn a text around.
fn assert_tame(page: &str) {
    for obeyed in ['\u{0}', '\u{1b}', '\u{7}', '\u{202e}'] {
        assert!(!page.contains(obeyed), "{obeyed:?} came through");
    }
}

#[test]
fn no_markup_comes_through_into_the_page() {
    let (readiness, records) = hostile();
    let page = html::draw(&Dashboard::new(&readiness, &records, sample::TOOL, sample::now())).expect("a page");
    assert_tame(&page);
    assert_eq!(page.matches("<script").count(), 1, "the page's own");
    assert_eq!(page.matches("</style>").count(), 1, "the page's own");
    assert_eq!(page.matches("<img").count(), 0);
    assert_eq!(page.matches("<details").count(), page.matches("</details>").count());
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;"));
    assert!(page.contains("␀␛[31m⟨U+202E⟩"));
}

#[test]
fn the_page_may_not_load_or_send_anything() {
    let (readiness, records) = sample::small();
    let page = html::draw(&Dashboard::new(&readiness, &records, sample::TOOL, sample::now())).expect("a page");
    assert!(page.contains("default-src 'none'; style-src 'sha256-"));
    assert!(page.contains("base-uri 'none'; form-action 'none'"));
    for loading in
        ["<img", "<iframe", "<link rel=\"stylesheet\"", " src=", "@import", "fetch(", "XMLHttpRequest", " style="]
    {
        assert!(!page.contains(loading), "{loading}");
    }
    let outside = page.match_indices("http").filter(|(at, _)| {
        let rest = &page[*at..];
        !rest.starts_with("http-equiv") && !rest.starts_with("http://www.w3.org/2000/svg")
    });
    let outside: Vec<&str> = outside.map(|(at, _)| page[at..].split(['"', ' ', '<']).next().unwrap_or("")).collect();
    assert_eq!(outside, ["https://db.staging.example"], "the only address is text of the record");
}

#[test]
fn a_terminal_is_told_nothing() {
    let (readiness, records) = hostile();
    assert_tame(&terminal::readiness(&readiness, Style::default()));
    for record in &records {
        assert_tame(&terminal::run(record, Style::default()));
    }
}

#[test]
fn markdown_holds_no_markup_no_mention_and_no_open_fence() {
    let (readiness, records) = hostile();
    let page = markdown::draw(&Dashboard::new(&readiness, &records, sample::TOOL, sample::now()));
    assert_tame(&page);
    let mut fenced = false;
    for line in page.lines() {
        if ["````", "````diff"].contains(&line.trim()) {
            fenced = !fenced;
        } else if !fenced {
            // Outside code spans, which begin and end with more backticks than the text holds.
            let prose: String = line.split("````").step_by(2).flat_map(|rest| rest.split('`').step_by(2)).collect();
            assert!(!prose.contains("<script") && !prose.contains("<img") && !prose.contains("@team"), "{line}");
        }
    }
    assert!(!fenced, "a fence stays open");
}

#[test]
fn a_workflow_sees_no_command_but_ours() {
    let (_, records) = hostile();
    let all: Vec<Run<'_>> = records.iter().flat_map(runs).collect();
    let page = github::draw(&all);
    assert_tame(&page);
    for line in page.lines() {
        let ours = ["::error file=", "::error title=and ", "::warning file=", "::notice title=", "::notice file="];
        assert!(ours.iter().any(|start| line.starts_with(start)), "{line}");
        assert!(line.contains("%0A%3A%3A") || line.contains("%0A::error::owned") || line.contains("%25"), "{line}");
    }
}

#[test]
fn xml_and_tap_stay_well_formed() {
    let (_, records) = hostile();
    let all: Vec<Run<'_>> = records.iter().flat_map(runs).collect();
    let page = junit::draw(&all).expect("a page");
    assert_tame(&page);
    let report = quick_junit::Report::deserialize_from_str(&page).expect("JUnit");
    let scenarios: usize = all.iter().map(|run| run.contract.scenarios.len() + run.contract.left_out.len()).sum();
    assert_eq!((report.tests, report.errors), (scenarios + all.len(), all.len()));

    let page = tap::draw(&all);
    assert_tame(&page);
    let points = page.lines().filter(|line| line.starts_with("    ok ") || line.starts_with("    not ok ")).count();
    assert_eq!(points, scenarios + all.len());
    // Six spaces: a diagnostic, in which `#` means nothing.
    assert!(
        page.lines().all(|line| !line.contains(" #1") || line.contains("\\#1") || line.starts_with("      ")),
        "a directive"
    );
}
