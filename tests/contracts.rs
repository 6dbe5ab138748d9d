//! Every shipped contract against its twin, mounted by wiremock and served by ourselves: one trial a scenario.
#![expect(clippy::expect_used, reason = "a test may fail loudly")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use libtest_mimic::{Arguments, Failed, Trial};
use preflight::adapter::client::{Options, Safety};
use preflight::adapter::workspace::Workspace;
use preflight::domain::record::{Outcome, ScenarioRun};
use preflight::engine::contracts::Pace;
use preflight::engine::evidence::Part;
use preflight::engine::playbill::Playbill;
use preflight::engine::setup::{self, Carrier};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let workspace = Workspace::open(Path::new(env!("CARGO_MANIFEST_DIR")), None).expect("the workspace opens");
    let mut trials = Vec::new();
    for (carrier, mount) in [(Carrier::Mounted, "wiremock"), (Carrier::Served, "served")] {
        let ran = run(&workspace, carrier);
        assert!(ran.len() >= 5, "the shipped contracts are found");
        for Part { name, ran, .. } in ran {
            assert!(!ran.scenarios.is_empty(), "{name} has scenarios");
            trials.extend(ran.scenarios.into_iter().map(|scenario| trial(mount, scenario)));
            trials.extend(ran.left_out.into_iter().map(|left| {
                // Not meant for a twin: its reason is in its kind, so that it is on screen.
                let name = format!("{mount} {} {}", left.place, left.name);
                Trial::test(name, || Ok(())).with_kind(left.reason).with_ignored_flag(true)
            }));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn run(workspace: &Workspace, carrier: Carrier) -> Vec<Part> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let (all, options) = (workspace.contracts.keys(), Options::new(Safety::Anything));
        let setup = setup::twins(workspace, all, 0, carrier, options).await.expect("the twins start");
        let contracts = workspace.contracts.values().filter(|it| !it.features.is_empty() || !it.unreadable.is_empty());
        let playbill = Playbill::of(contracts, |_| true);
        let unreadable = playbill.unreadable.values().flatten();
        let told: Vec<_> = unreadable.map(|file| format!("{}: {}", file.place, file.message)).collect();
        assert!(told.is_empty(), "a contract cannot be read:\n{}", told.join("\n"));
        let pace = Pace { jobs: 16, fail_fast: false };
        let never = Arc::new(AtomicBool::new(false));
        playbill.play(&setup, &pace, never, Arc::new(|_| {})).await
    })
}

fn trial(mount: &str, scenario: ScenarioRun) -> Trial {
    let name = format!("{mount} {} {}", scenario.place, scenario.name);
    let needs_wire = mount == "wiremock" && scenario.tags.iter().any(|tag| tag == "requires:wire");
    if needs_wire && scenario.outcome == Outcome::Unasked {
        // The served mount runs it.
        return Trial::test(name, || Ok(())).with_kind("wiremock cannot break a connection").with_ignored_flag(true);
    }
    Trial::test(name, move || verdict(&scenario))
}

fn verdict(scenario: &ScenarioRun) -> Result<(), Failed> {
    if scenario.outcome == Outcome::Kept {
        return Ok(());
    }
    let mut told = format!("{}: {}", scenario.outcome.as_str(), scenario.reason.as_deref().unwrap_or_default());
    for finding in &scenario.findings {
        let place = finding.place.as_ref().map(ToString::to_string).unwrap_or_default();
        let diff = finding.diff.as_deref().unwrap_or_default();
        let _ = writeln!(told, "\n{place}: {}\n{diff}", finding.message);
    }
    Err(told.into())
}
