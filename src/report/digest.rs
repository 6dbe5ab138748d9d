//! Groups what many integrations or scenarios have in common, so that a reader meets each reason once.

use jiff::SignedDuration;

use crate::domain::finding::Finding;
use crate::domain::integration::Name;
use crate::domain::readiness::{Criterion, EnvironmentReadiness, Reason, State, Verdict};
use crate::domain::record::{ContractRun, Counts, Outcome, ScenarioRun};

/// One reason that stands between an environment and GO, with every integration that shares it.
#[derive(Clone, Debug)]
pub struct Obstacle<'a> {
    pub state: State,
    pub criterion: Criterion,
    pub text: &'a str,
    pub integrations: Vec<&'a Name>,
    /// What to run next, one command for all where the commands differ in the name alone.
    pub next: Vec<String>,
}

/// The reasons of a verdict, grouped, in the verdict's order (the worst first).
pub fn obstacles(environment: &EnvironmentReadiness) -> Vec<Obstacle<'_>> {
    let mut groups: Vec<Vec<&Reason>> = Vec::new();
    for reason in &environment.reasons {
        let alike = |group: &&mut Vec<&Reason>| {
            group.first().is_some_and(|first| {
                (first.state, first.criterion, &first.text) == (reason.state, reason.criterion, &reason.text)
            })
        };
        match groups.iter_mut().find(alike) {
            Some(group) => group.push(reason),
            None => groups.push(vec![reason]),
        }
    }
    groups
        .into_iter()
        .filter_map(|group| {
            let first = *group.first()?;
            Some(Obstacle {
                state: first.state,
                criterion: first.criterion,
                text: &first.text,
                integrations: group.iter().map(|reason| &reason.integration).collect(),
                next: commands(&group),
            })
        })
        .collect()
}

/// A command that names more integrations than this is cut: one step at a time.
const MOST_NAMES: usize = 6;

/// `preflight check a` and `preflight check b` are one command: `preflight check a b`.
fn commands(group: &[&Reason]) -> Vec<String> {
    let wanted: Vec<(&str, &str)> = group
        .iter()
        .filter_map(|reason| reason.next.as_deref().map(|next| (reason.integration.as_str(), next)))
        .collect();
    let pattern = |(name, command): &(&str, &str)| -> Vec<String> {
        command.split(' ').map(|word| if word == *name { "\u{0}".to_owned() } else { word.to_owned() }).collect()
    };
    let Some(first) = wanted.first() else { return Vec::new() };
    let shape = pattern(first);
    let one_for_all = shape.iter().any(|word| word == "\u{0}") && wanted.iter().all(|other| pattern(other) == shape);
    if one_for_all {
        let names = wanted.iter().take(MOST_NAMES).map(|(name, _)| *name).collect::<Vec<_>>().join(" ");
        return vec![shape.join(" ").replace('\u{0}', &names)];
    }
    let mut commands: Vec<String> = Vec::new();
    for (_, command) in wanted {
        if !commands.iter().any(|known| known == command) {
            commands.push(command.to_owned());
        }
    }
    commands
}

/// A share from 0 to 1 in percent, rounded down, so that only all of it is 100 %.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", (share * 1000.0).floor() / 10.0)
}

/// Why there are no reasons where the verdict is UNKNOWN all the same.
pub fn silence(environment: &EnvironmentReadiness) -> Option<&'static str> {
    (environment.verdict == Verdict::Unknown && environment.reasons.is_empty()).then(|| {
        let required = environment.rows.iter().flat_map(|row| &row.cells).any(|cell| cell.required);
        if required {
            "Nothing that is required here rests on evidence: every required cell is waived, n/a or declared."
        } else {
            "Nothing is required here: name criteria under `policy` in preflight.yaml."
        }
    })
}

/// Scenarios that share an outcome and a reason.
#[derive(Clone, Debug)]
pub struct Silent<'a> {
    pub outcome: Outcome,
    pub reason: &'a str,
    pub scenarios: Vec<&'a ScenarioRun>,
}

impl<'a> Silent<'a> {
    /// What is wrong with the contract itself, from the first of the scenarios: its line, and what would be right.
    pub fn flaws(&self) -> impl Iterator<Item = &'a Finding> + use<'a> {
        let findings = self.scenarios.first().map(|scenario| scenario.findings.as_slice()).unwrap_or_default();
        findings.iter().filter(|finding| finding.code.is_of_the_contract())
    }
}

/// What was not asked and what asked nothing, grouped by reason.
pub fn silent(contract: &ContractRun) -> Vec<Silent<'_>> {
    let mut groups: Vec<Silent<'_>> = Vec::new();
    for scenario in &contract.scenarios {
        if !matches!(scenario.outcome, Outcome::Unasked | Outcome::Untested) {
            continue;
        }
        let reason = scenario.reason.as_deref().unwrap_or("no reason was recorded");
        let reason = without_place(reason, &scenario.place.file);
        match groups.iter_mut().find(|group| group.outcome == scenario.outcome && group.reason == reason) {
            Some(group) => group.scenarios.push(scenario),
            None => groups.push(Silent { outcome: scenario.outcome, reason, scenarios: vec![scenario] }),
        }
    }
    groups
}

/// A reason that begins with a line of the scenario's own file, without it: the scenario says where it stands.
fn without_place<'a>(reason: &'a str, file: &str) -> &'a str {
    let line = reason.strip_prefix(file).and_then(|rest| rest.strip_prefix(':'));
    match line.and_then(|rest| rest.split_once(": ")) {
        Some((number, rest)) if number.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => reason,
    }
}

/// `42 kept, 1 broken, 2 unasked`: what is zero is not said, and nothing at all is said in words.
pub fn tally(counts: Counts) -> String {
    let parts: Vec<String> = [
        (counts.kept, Outcome::Kept),
        (counts.broken, Outcome::Broken),
        (counts.unasked, Outcome::Unasked),
        (counts.untested, Outcome::Untested),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, outcome)| format!("{count} {}", outcome.as_str()))
    .collect();
    if parts.is_empty() { "nothing ran".to_owned() } else { parts.join(", ") }
}

/// How old something is, in the largest unit that still says something.
pub fn age(age: SignedDuration) -> String {
    match age.as_secs() {
        ..0 => "dated in the future".to_owned(),
        seconds @ 0..120 => format!("{seconds} s old"),
        seconds @ 120..7_200 => format!("{} min old", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h old", seconds / 3_600),
        seconds => format!("{} d old", seconds / 86_400),
    }
}

/// `420 µs`, `4.2 ms`, `35 ms`, `1.2 s`.
pub fn duration(microseconds: u64) -> String {
    match microseconds {
        0..1_000 => format!("{microseconds} µs"),
        1_000..10_000 => format!("{}.{} ms", microseconds / 1_000, microseconds % 1_000 / 100),
        10_000..1_000_000 => format!("{} ms", microseconds / 1_000),
        _ => format!("{}.{} s", microseconds / 1_000_000, microseconds % 1_000_000 / 100_000),
    }
}

/// `1 scenario`, `2 scenarios`.
pub fn number(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::{age, duration, obstacles, silence, tally, without_place};
    use crate::domain::integration::Name;
    use crate::domain::readiness::{Criterion, EnvironmentReadiness, Reason, State, Verdict};
    use crate::domain::record::Counts;

    fn reason(name: &str, text: &str, next: &str) -> Reason {
        Reason {
            integration: name.parse::<Name>().expect("a good name"),
            criterion: Criterion::ContractLive,
            state: State::Unknown,
            text: text.into(),
            next: Some(next.into()),
        }
    }

    fn environment(reasons: Vec<Reason>) -> EnvironmentReadiness {
        EnvironmentReadiness { environment: "staging".into(), verdict: Verdict::Unknown, reasons, rows: Vec::new() }
    }

    #[test]
    fn integrations_with_one_reason_share_one_line_and_one_command() {
        let staging = environment(vec![
            reason("chatwoot", "never run", "preflight check chatwoot --env staging"),
            reason("ga4", "no contract", "write features/ga4/*.feature"),
            reason("shopify", "never run", "preflight check shopify --env staging"),
            reason("x", "no contract", "write features/x/*.feature"),
        ]);
        let grouped = obstacles(&staging);
        assert_eq!(grouped.len(), 2);
        assert_eq!(grouped[0].next, ["preflight check chatwoot shopify --env staging"]);
        assert_eq!(grouped[1].next, ["write features/ga4/*.feature", "write features/x/*.feature"]);
    }

    #[test]
    fn an_unknown_verdict_without_reasons_is_explained() {
        assert!(silence(&environment(Vec::new())).is_some_and(|text| text.contains("Nothing is required")));
        assert!(silence(&environment(vec![reason("x", "y", "z")])).is_none());
    }

    #[test]
    fn a_reason_loses_the_place_that_its_scenario_has_already() {
        for (reason, rest) in [
            ("a.feature:12: no twin", "no twin"),
            ("b.feature:12: no twin", "b.feature:12: no twin"),
            ("a.feature: no twin", "a.feature: no twin"),
            ("no twin", "no twin"),
        ] {
            assert_eq!(without_place(reason, "a.feature"), rest);
        }
    }

    #[test]
    fn figures_are_said_in_words() {
        assert_eq!(tally(Counts::default()), "nothing ran");
        assert_eq!(tally(Counts { kept: 2, broken: 0, unasked: 1, untested: 0 }), "2 kept, 1 unasked");
        for (seconds, words) in [
            (-1, "dated in the future"),
            (0, "0 s old"),
            (119, "119 s old"),
            (120, "2 min old"),
            (7_200, "2 h old"),
            (172_800, "2 d old"),
        ] {
            assert_eq!(age(SignedDuration::from_secs(seconds)), words);
        }
        assert_eq!(
            [420, 4_250, 35_900, 1_250_000].map(duration),
            ["420 µs", "4.2 ms", "35 ms", "1.2 s"].map(str::to_owned)
        );
    }
}
