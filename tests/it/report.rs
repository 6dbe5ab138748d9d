//! The reports of one fixed record and judgement, hostile text in every format, and the sizes that are promised.

use preflight::domain::readiness::Readiness;
use preflight::domain::record::Record;
use preflight::report::dashboard::{Dashboard, Run, runs};
use preflight::report::terminal::Style;
use preflight::report::{github, html, json, junit, markdown, tap, terminal};

use crate::sample;

fn dashboard<'a>(readiness: &'a Readiness, records: &'a [Record]) -> Dashboard<'a> {
    Dashboard::new(readiness, records, sample::TOOL, sample::now())
}

#[test]
fn the_page() {
    let (readiness, records) = sample::small();
    let page = html::draw(&dashboard(&readiness, &records)).expect("a page");
    let filters = [
        ("(?s)<style>.*?</style>", "<style>…</style>"),
        ("(?s)<script>.*?</script>", "<script>…</script>"),
        ("sha256-[A-Za-z0-9+/=]+", "sha256-…"),
    ];
    insta::with_settings!({filters => filters}, { insta::assert_snapshot!("page", page) });
}

#[test]
fn the_terminal_shows_the_matrix_in_80_columns() {
    let (readiness, _) = sample::small();
    let page = terminal::readiness(&readiness, Style::default());
    insta::assert_snapshot!("terminal_matrix", page);
    for line in page.lines().filter(|line| !line.contains("next:")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn the_terminal_shows_what_a_run_found() {
    let (_, records) = sample::small();
    let page: String = records.iter().map(|record| terminal::run(record, Style::default())).collect();
    insta::assert_snapshot!("terminal_run", page);
    for line in page.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn colour_changes_nothing_but_colour() {
    let (readiness, records) = sample::small();
    let style = Style { colour: true, width: 80 };
    let painted = terminal::readiness(&readiness, style) + &terminal::run(&records[0], style);
    let plain = terminal::readiness(&readiness, Style::default()) + &terminal::run(&records[0], Style::default());
    assert!(painted.contains("\u{1b}["));
    let stripped = regex::Regex::new("\u{1b}\\[[0-9;]*m").expect("a pattern").replace_all(&painted, "").into_owned();
    let trimmed = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    assert_eq!(trimmed(&stripped), trimmed(&plain));
}

#[test]
fn markdown_for_a_pull_request() {
    let (readiness, records) = sample::small();
    insta::assert_snapshot!("markdown", markdown::draw(&dashboard(&readiness, &records)));
}

#[test]
fn annotations_for_a_workflow() {
    let (_, records) = sample::small();
    let all: Vec<Run<'_>> = records.iter().flat_map(runs).collect();
    insta::assert_snapshot!("github", github::draw(&all));
}

#[test]
fn test_anything_protocol() {
    let (_, records) = sample::small();
    let all: Vec<Run<'_>> = records.iter().flat_map(runs).collect();
    insta::assert_snapshot!("tap", tap::draw(&all));
}

#[test]
fn junit_keeps_failure_error_and_skipped_apart() {
    let (_, records) = sample::small();
    let all: Vec<Run<'_>> = records.iter().flat_map(runs).collect();
    let page = junit::draw(&all).expect("a page");
    insta::assert_snapshot!("junit", page);
    let report = quick_junit::Report::deserialize_from_str(&page).expect("JUnit");
    let mut totals = sample_counts(&records);
    totals.3 = records.iter().flat_map(Record::unreadable).count();
    let left_out: usize = all.iter().map(|run| run.contract.left_out.len()).sum();
    assert!(left_out > 0, "the sample leaves one out");
    totals = (totals.0 + left_out, totals.1, totals.2 + left_out, totals.3);
    assert_eq!((report.tests, report.failures, report.skipped, report.errors), totals);
}

/// All cases, failures and skipped ones that `JUnit` must show.
fn sample_counts(records: &[Record]) -> (usize, usize, usize, usize) {
    let mut sums = (0, 0, 0, 0);
    for record in records {
        let counts = record.counts();
        sums.0 += counts.total() as usize + record.unreadable().count();
        sums.1 += counts.broken as usize;
        sums.2 += (counts.unasked + counts.untested) as usize;
    }
    sums
}

#[test]
fn where_nothing_ran_no_format_looks_good() {
    let mut record = sample::small().1.remove(0);
    record.contracts.truncate(1);
    record.contracts[0].scenarios.clear();
    let empty: Vec<Run<'_>> = runs(&record).collect();
    for all in [&empty[..], &[]] {
        let junit = quick_junit::Report::deserialize_from_str(&junit::draw(all).expect("a page")).expect("JUnit");
        assert_eq!((junit.tests, junit.errors), (1, 1));
        assert!(tap::draw(all).contains("\nnot ok 1 - "));
    }
    assert!(terminal::run(&record, Style::default()).contains("untested (nothing ran;"));
    assert!(github::draw(&empty).starts_with("::warning title=chatwoot on twin%3A nothing ran::"));
    let nothing = Record { contracts: Vec::new(), ..record };
    assert_eq!(terminal::run(&nothing, Style::default()), "nothing ran\n");
}

#[test]
fn json_reads_back_as_what_was_written() {
    let (readiness, records) = sample::small();
    let text = json::readiness(&readiness).expect("a document");
    let again: Readiness = serde_json::from_str(&text).expect("a judgement");
    assert_eq!(json::readiness(&again).expect("a document"), text);
    let text = json::record(&records[0]).expect("a document");
    let again: Record = serde_json::from_str(&text).expect("a record");
    assert_eq!(json::record(&again).expect("a document"), text);
}

#[test]
#[ignore = "writes pages to the folder named by PREFLIGHT_PAGES, to be looked at"]
fn pages_to_look_at() {
    let folder = std::path::PathBuf::from(std::env::var_os("PREFLIGHT_PAGES").expect("PREFLIGHT_PAGES is set"));
    for (file, (readiness, records)) in [
        ("none.html", sample::large(0, 0)),
        ("few.html", sample::small()),
        ("thirty.html", sample::large(30, 20)),
        ("many.html", sample::large(200, 50)),
    ] {
        let page = html::draw(&dashboard(&readiness, &records)).expect("a page");
        println!("{file}: {} bytes", page.len());
        std::fs::write(folder.join(file), page).expect("a writable folder");
    }
}
