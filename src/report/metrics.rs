//! Readiness in the `OpenMetrics` text format, version 1.0.0, in the part of it that Prometheus' own text format shares.

use std::fmt::Write as _;

use crate::domain::readiness::{Cell, Readiness, State, Verdict};
use crate::domain::record::Outcome;
use crate::report::dashboard::Run;

/// Gauges of the judgement and of the runs that it shows. What is unknown has a series of its own and is 0 where ready is
/// asked for, so that no alert has to reason about what is absent.
pub fn draw(readiness: &Readiness, runs: &[Run<'_>]) -> String {
    let mut page = String::new();
    head(&mut page, "preflight_judged_timestamp_seconds", "When it was judged, in seconds since 1970.");
    let _ = writeln!(page, "preflight_judged_timestamp_seconds {}", readiness.judged.as_second());
    verdicts(&mut page, readiness);
    cells(&mut page, readiness);
    scenarios(&mut page, runs);
    page.push_str("# EOF\n");
    page
}

fn head(page: &mut String, name: &str, help: &str) {
    let _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} gauge");
}

fn verdicts(page: &mut String, readiness: &Readiness) {
    head(page, "preflight_verdict", "1 for the verdict of an environment, 0 for the two others.");
    for environment in &readiness.environments {
        for verdict in [Verdict::Go, Verdict::NoGo, Verdict::Unknown] {
            let labels = labels(&[("environment", &environment.environment), ("verdict", verdict.as_str())]);
            let _ = writeln!(page, "preflight_verdict{labels} {}", u8::from(environment.verdict == verdict));
        }
    }
}

/// Writes one cell, with its labels.
type Write = fn(&mut String, &[(&str, &str)], &Cell);

fn cells(page: &mut String, readiness: &Readiness) {
    let each = |page: &mut String, write: Write| {
        for environment in &readiness.environments {
            for row in &environment.rows {
                for cell in &row.cells {
                    let own = [
                        ("environment", environment.environment.as_str()),
                        ("integration", row.integration.as_str()),
                        ("criterion", cell.criterion.as_str()),
                        ("required", if cell.required { "true" } else { "false" }),
                    ];
                    write(page, &own, cell);
                }
            }
        }
    };
    head(page, "preflight_ready", "1 where a criterion is ready by evidence, 0 for everything else.");
    each(page, |page, own, cell| {
        let ready = cell.state == State::Ready;
        let _ = writeln!(page, "preflight_ready{} {}", labels(own), u8::from(ready));
    });
    head(page, "preflight_state", "1 for the state that a criterion is in.");
    each(page, |page, own, cell| {
        let state = [("state", cell.state.as_str())];
        let _ = writeln!(page, "preflight_state{} 1", labels(&[own, &state].concat()));
    });
    head(page, "preflight_evidence_age_seconds", "How old the evidence was when it was judged.");
    each(page, |page, own, cell| {
        if let Some(proof) = &cell.proof {
            let _ = writeln!(page, "preflight_evidence_age_seconds{} {}", labels(own), proof.age_seconds);
        }
    });
}

fn scenarios(page: &mut String, runs: &[Run<'_>]) {
    head(page, "preflight_scenarios", "Scenarios of the newest run, by outcome.");
    for run in runs {
        let counts = run.contract.counts();
        for (outcome, count) in [
            (Outcome::Kept, counts.kept),
            (Outcome::Broken, counts.broken),
            (Outcome::Unasked, counts.unasked),
            (Outcome::Untested, counts.untested),
        ] {
            let labels = labels(&[
                ("integration", run.contract.integration.as_str()),
                ("target", run.record.target.as_str()),
                ("environment", run.record.environment.as_deref().unwrap_or_default()),
                ("outcome", outcome.as_str()),
            ]);
            let _ = writeln!(page, "preflight_scenarios{labels} {count}");
        }
    }
}

fn labels(pairs: &[(&str, &str)]) -> String {
    let list: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    format!("{{{}}}", list.join(","))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
