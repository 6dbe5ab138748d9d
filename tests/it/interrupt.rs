//! Runs that are ended before they are done.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::server::{Server, files, json};
use crate::shell::Folder;

/// Ends a live run that waits for slow answers, and returns how long it took to end.
fn ended_by(signal: &str) -> (Folder, crate::shell::Ran, Duration) {
    let server = Server::start(|asked, out| {
        if asked.path != "/quick" {
            std::thread::sleep(Duration::from_mins(1));
        }
        json(out, "{}");
    });
    let one =
        |index| format!("  Scenario: slow {index}\n    When I GET \"/slow\" 3 times\n    Then the status is 200\n");
    let slow = (0..200).map(one).collect::<Vec<_>>().concat();
    let quick = "  Scenario: quick\n    When I GET \"/quick\"\n    Then the status is 200\n";
    let folder = Folder::with(&files(&server.workspace(), &format!("Feature: f\n{quick}{slow}")));
    let arguments = ["check", "--target", "live", "--env", "staging", "--timeout", "60", "--jobs", "4"];
    let child =
        folder.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    let patience = Instant::now();
    while server.asked().len() < 5 {
        assert!(patience.elapsed() < Duration::from_mins(1), "it asks nothing");
        std::thread::sleep(Duration::from_millis(20));
    }
    // The quick one is answered, the others wait.
    std::thread::sleep(Duration::from_millis(300));
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    let start = Instant::now();
    let output = child.wait_with_output().expect("it ends");
    let took = start.elapsed();
    let ran = folder.ran(&arguments, &output);
    (folder, ran, took)
}

#[test]
fn an_interrupted_run_ends_at_once_and_is_recorded() {
    for signal in ["-INT", "-TERM"] {
        let (folder, ran, took) = ended_by(signal);
        ran.exits(3)
            .says("(1 kept, 200 unasked;")
            .says("interrupted: what had not run is unasked")
            .says("the run was stopped before its answer came")
            .says("the run was stopped before it");
        assert!(took < Duration::from_secs(10), "{took:?} to end");
        let record = folder.record();
        assert_eq!(record["interrupted"], true);
        assert_eq!(record["contracts"][0]["scenarios"].as_array().map(Vec::len), Some(201), "none is missing");
        assert!(folder.read("reports/ledger.jsonl").contains("\"partial\":true"));
        assert!(folder.path().join("reports/readiness.html").is_file());
    }
}
