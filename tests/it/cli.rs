//! The command line as a user types it: help, mistakes, selections, and what goes to which stream.

use std::process::Stdio;

use clap::CommandFactory as _;
use insta::assert_snapshot;
use preflight::cli::args::Cli;

use crate::peer::skipped;
use crate::shell::{Folder, TWIN_WORKSPACE};

/// Two scenarios, one of which breaks.
const ONE_BREAKS: &str = "
  Scenario: It answers
    When I GET \"/api/analytics/idea-pool\"
    Then the status is 200

  @sad
  Scenario: It is a teapot
    When I GET \"/api/analytics/idea-pool\"
    Then the status is 418
";

const KEPT: &str = "
  Scenario: It answers
    When I GET \"/api/analytics/idea-pool\"
    Then the status is 200
";

#[test]
fn help_of_every_verb() {
    let folder = Folder::with(&[]);
    assert_snapshot!("help", folder.preflight(&["--help"]).exits(0).screen());
    let command = Cli::command();
    for verb in command.get_subcommands().map(clap::Command::get_name) {
        let ran = folder.preflight(&[verb, "--help"]).exits(0);
        assert_snapshot!(format!("help_{verb}"), ran.screen());
    }
}

#[test]
fn a_mistyped_command_line_says_what_would_be_right() {
    let folder = Folder::with(&[("preflight.yaml", TWIN_WORKSPACE)]);
    for (name, arguments) in [
        ("mistyped_verb", &["chek"][..]),
        ("mistyped_option", &["check", "--tag", "@x"]),
        ("unknown_integration", &["check", "idea-pol"]),
        ("unknown_target", &["check", "--target", "staging"]),
        ("live_without_environment", &["check", "--target", "live"]),
        ("unknown_environment", &["check", "--target", "live", "--env", "locl"]),
        ("environment_of_a_twin", &["check", "--env", "local"]),
        ("bad_tag_expression", &["check", "--tags", "@a and and @b"]),
        ("bad_name_expression", &["check", "--name", "("]),
        ("no_jobs", &["check", "--jobs", "0"]),
        ("no_workspace_there", &["check", "--workspace", "nowhere"]),
        ("unknown_twin", &["serve", "chatwot"]),
        ("unknown_sentence", &["steps", "flux capacitor"]),
        ("bad_format", &["report", "--format", "pdf"]),
        ("bad_time", &["report", "--at", "yesterday"]),
    ] {
        assert_snapshot!(name, folder.preflight(arguments).exits(2).screen());
    }
}

#[test]
fn an_empty_folder_runs_what_is_shipped() {
    let folder = Folder::with(&[]);
    let ran = folder.preflight(&["check", "webhooks"]).exits(0).says("webhooks on twin: kept");
    assert_eq!(ran.out, "");
    for file in ["readiness.html", "readiness.md", "readiness.json", "junit.xml", "ledger.jsonl"] {
        assert!(folder.path().join("reports").join(file).is_file(), "{file}");
    }
}

#[test]
fn a_selection_that_selects_nothing_is_no_success() {
    let folder = Folder::with_feature(KEPT);
    assert_snapshot!("tags_select_nothing", folder.preflight(&["check", "--tags", "@nobody"]).exits(3).screen());
    assert_snapshot!("name_selects_nothing", folder.preflight(&["check", "--name", "^nobody$"]).exits(3).screen());
    folder
        .preflight(&["check", "idea-pool", "--rerun-failed"])
        .exits(3)
        .says("nothing ran: the last run kept every scenario, or there was none; this is not a success");
}

#[test]
fn a_name_and_a_tag_select() {
    let folder = Folder::with_feature(ONE_BREAKS);
    folder.preflight(&["check", "--tags", "@own and not @sad"]).exits(0).says("1 kept");
    folder.preflight(&["check", "--name", "^It is a teapot$"]).exits(1).says("1 broken");
}

#[test]
fn what_failed_is_run_again_alone() {
    let folder = Folder::with_feature(ONE_BREAKS);
    folder.preflight(&["check", "idea-pool", "--tags", "@own"]).exits(1);
    // A run of another part does not make the failure forgotten.
    folder.preflight(&["check", "idea-pool", "--name", "^It answers$"]).exits(0);
    folder.preflight(&["check", "idea-pool", "--rerun-failed"]).exits(1).says("(1 broken;");
    folder
        .write("features/idea-pool/own.feature", &format!("@own\nFeature: own\n{}", ONE_BREAKS.replace("418", "200")));
    folder.preflight(&["check", "idea-pool", "--rerun-failed"]).exits(0).says("(1 kept;");
}

#[test]
fn fail_fast_leaves_the_rest_unasked() {
    let sad: Vec<_> = (0..400)
        .map(|index| {
            format!("  Scenario: {index}\n    When I GET \"/api/analytics/idea-pool\"\n    Then the status is 418\n")
        })
        .collect();
    let folder = Folder::with_feature(&sad.concat());
    folder
        .preflight(&["check", "--tags", "@own", "--fail-fast", "--jobs", "1"])
        .exits(1)
        .says("(1 broken, 399 unasked;")
        .says("the run was stopped before it");
}

#[test]
fn json_is_alone_on_stdout() {
    let folder = Folder::with_feature(ONE_BREAKS);
    let ran = folder
        .preflight(&["check", "--tags", "@own", "--json"])
        .exits(1)
        .says("running 2 scenarios of 1 contract against twin");
    let record: serde_json::Value = serde_json::from_str(&ran.out).expect("one JSON document");
    assert_eq!(record, folder.record(), "what is printed is what is kept");
    let schema = include_str!("../../schemas/preflight/record.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).expect("JSON")).expect("a schema");
    let wrong: Vec<_> = schema.iter_errors(&record).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let ran = folder.preflight(&["report", "--json"]).exits(0);
    let readiness: serde_json::Value = serde_json::from_str(&ran.out).expect("one JSON document");
    assert!(readiness["environments"].is_array(), "{readiness}");
}

#[test]
fn quiet_says_nothing_but_errors() {
    let folder = Folder::with_feature(ONE_BREAKS);
    let ran = folder.preflight(&["check", "--tags", "@own", "--quiet"]).exits(1);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
    folder.preflight(&["check", "nobody", "--quiet"]).exits(2).says("error: there is no integration `nobody`");
}

#[test]
fn nothing_is_coloured_off_a_terminal() {
    let folder = Folder::with_feature(ONE_BREAKS);
    for environment in [&[("NO_COLOR", "1")][..], &[("TERM", "xterm-256color")]] {
        let ran = folder.preflight_with(&["check", "--tags", "@own"], environment).exits(1);
        assert!(!ran.err.contains('\u{1b}'), "{}", ran.screen());
    }
}

#[test]
fn a_terminal_is_coloured_unless_no_color_is_set() {
    let folder = Folder::with_feature(ONE_BREAKS);
    let typed = format!("{} check --tags @own", env!("CARGO_BIN_EXE_preflight"));
    for (no_color, coloured) in [(None, true), (Some("1"), false), (Some(""), true)] {
        // A terminal of its own.
        let mut script = std::process::Command::new("script");
        script.args(["-qec", &typed, "/dev/null"]).current_dir(folder.path()).stdin(Stdio::null());
        script.env_remove("NO_COLOR").env_remove("CI").envs(no_color.map(|value| ("NO_COLOR", value)));
        let Ok(output) = script.output() else {
            skipped("script (util-linux), to have a terminal");
            return;
        };
        let screen = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{screen}");
        assert_eq!(screen.contains("\u{1b}[1;31mbroken"), coloured, "NO_COLOR={no_color:?}: {screen}");
    }
}

#[test]
fn a_report_without_evidence_is_drawn_and_knows_nothing() {
    let folder = Folder::with(&[("preflight.yaml", TWIN_WORKSPACE)]);
    assert_snapshot!("report_of_nothing", folder.preflight(&["report"]).exits(0).screen());
    let page = folder.read("reports/readiness.md");
    assert!(page.contains("unknown") && !page.contains("| ready"), "{page}");
}

#[test]
fn sentences_are_listed_and_searched() {
    let folder = Folder::with(&[]);
    let all = folder.preflight(&["steps"]).exits(0);
    for sentence in preflight::steps::vocabulary::sentences() {
        assert!(all.out.contains(sentence.expression), "{}", sentence.expression);
    }
    assert_snapshot!("steps_containing", folder.preflight(&["steps", "media type"]).exits(0).screen());
}

#[test]
fn completions_are_a_script() {
    let folder = Folder::with(&[]);
    let ran = folder.preflight(&["completions", "bash"]).exits(0);
    assert!(ran.out.contains("complete -F _preflight"), "{}", ran.out);
    assert_eq!(ran.err, "");
}

#[test]
fn a_reader_who_leaves_is_no_failure() {
    let folder = Folder::with_feature(ONE_BREAKS);
    let mut child = folder
        .command(&["check", "--tags", "@own", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().expect("it ends").code(), Some(1), "the code is that of the run");
    assert!(folder.path().join("reports/readiness.html").is_file());
}
