//! Whether a condition of the policy holds in the record of a run: all of it together, or not at all.

use crate::domain::integration::Name;
use crate::domain::policy::Condition;
use crate::domain::record::recorded_exchange::RecordedBody;
use crate::domain::record::{ContractRun, Outcome, Record, ScenarioRun};

/// What a record says of a condition.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Held {
    Yes,
    /// What it promises and what came.
    No(String),
    /// Why it cannot be told.
    Unknown(String),
}

/// Asks a record whether a condition held. The worst of its parts is the answer.
pub fn hold(condition: &Condition, record: Option<&Record>, name: &Name) -> Held {
    let Some(record) = record else {
        return Held::Unknown("the record of the run was not read".to_owned());
    };
    let Some(run) = record.contracts.iter().find(|run| run.integration == *name) else {
        return Held::Unknown("the record holds no run of the contract".to_owned());
    };
    let scenarios = match chosen(condition, run) {
        Ok(scenarios) => scenarios,
        Err(missing) => return Held::Unknown(missing),
    };
    let parts = [
        kept(&scenarios),
        answered_by(condition, run),
        each(&scenarios, |scenario| status(condition, scenario)),
        each(&scenarios, |scenario| body(condition, scenario)),
        in_time(condition, &scenarios),
    ];
    worst(parts)
}

fn worst(parts: impl IntoIterator<Item = Held>) -> Held {
    let mut found = Held::Yes;
    for part in parts {
        match part {
            Held::No(_) => return part,
            Held::Unknown(_) if found == Held::Yes => found = part,
            _ => {}
        }
    }
    found
}

fn each(scenarios: &[&ScenarioRun], held: impl Fn(&ScenarioRun) -> Held) -> Held {
    worst(scenarios.iter().map(|scenario| held(scenario)))
}

/// The scenarios that the condition is about. A promise that none of them stands for was not asked.
fn chosen<'a>(condition: &Condition, run: &'a ContractRun) -> Result<Vec<&'a ScenarioRun>, String> {
    if condition.promises.is_empty() {
        let all: Vec<_> = run.scenarios.iter().collect();
        return if all.is_empty() { Err("no scenario ran".to_owned()) } else { Ok(all) };
    }
    let mut chosen = Vec::new();
    for promise in &condition.promises {
        let before = chosen.len();
        chosen.extend(run.scenarios.iter().filter(|scenario| scenario.promises.contains(promise)));
        if chosen.len() == before {
            return Err(format!("no scenario that ran stands for {promise}"));
        }
    }
    Ok(chosen)
}

fn kept(scenarios: &[&ScenarioRun]) -> Held {
    each(scenarios, |scenario| match scenario.outcome {
        Outcome::Kept => Held::Yes,
        Outcome::Broken => Held::No(format!("{} is broken", scenario.place)),
        Outcome::Unasked | Outcome::Untested => Held::Unknown(format!("{} was not asked", scenario.place)),
    })
}

fn answered_by(condition: &Condition, run: &ContractRun) -> Held {
    let Some(wanted) = &condition.host else { return Held::Yes };
    let Some(host) = run.host.as_ref().filter(|host| !host.addresses.is_empty()) else {
        return Held::Unknown("nothing shows which host answered".to_owned());
    };
    match url::Url::parse(&host.base_url).ok().and_then(|url| url.host_str().map(str::to_owned)) {
        Some(came) if came == *wanted => Held::Yes,
        Some(came) => Held::No(format!("{came} answered, and not {wanted}")),
        None => Held::Unknown("the record names no host".to_owned()),
    }
}

fn status(condition: &Condition, scenario: &ScenarioRun) -> Held {
    if condition.status.is_empty() {
        return Held::Yes;
    }
    let Some(last) = scenario.exchanges.last() else {
        return Held::Unknown(format!("{} has no exchange in the record", scenario.place));
    };
    let wanted = condition.status.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ");
    match last.status {
        Some(came) if condition.status.contains(&came) => Held::Yes,
        Some(came) => Held::No(format!("{} was answered {came}, and not {wanted}", scenario.place)),
        None => Held::No(format!("{} was not answered", scenario.place)),
    }
}

fn body(condition: &Condition, scenario: &ScenarioRun) -> Held {
    if condition.body.is_empty() {
        return Held::Yes;
    }
    let last = scenario.exchanges.last().and_then(|exchange| exchange.response_body.as_ref());
    let Some(document) = last.and_then(whole) else {
        return Held::Unknown(format!("{} has no whole JSON body in the record", scenario.place));
    };
    worst(condition.body.iter().map(|(pointer, wanted)| match document.pointer(pointer) {
        Some(came) if came == wanted => Held::Yes,
        Some(came) => Held::No(format!("{}: {pointer} is {came}, and not {wanted}", scenario.place)),
        None => Held::No(format!("{}: {pointer} is not there; it must be {wanted}", scenario.place)),
    }))
}

fn whole(body: &RecordedBody) -> Option<serde_json::Value> {
    if body.sha256.is_some() { None } else { serde_json::from_str(&body.text).ok() }
}

fn in_time(condition: &Condition, scenarios: &[&ScenarioRun]) -> Held {
    let Some(most) = condition.p95_ms else { return Held::Yes };
    if scenarios.iter().any(|scenario| scenario.exchanges_left_out > 0) {
        return Held::Unknown("the record holds not all exchanges, so their latency is not known".to_owned());
    }
    let exchanges = || scenarios.iter().flat_map(|scenario| &scenario.exchanges);
    if exchanges().any(|exchange| exchange.status.is_none()) {
        return Held::No("a request had no answer".to_owned());
    }
    match percentile(exchanges().map(|exchange| exchange.duration_us).collect(), 95) {
        None => Held::Unknown("no exchange is in the record, so there is no latency".to_owned()),
        Some(came) if came <= u64::from(most) * 1_000 => Held::Yes,
        Some(came) => Held::No(format!("95 % were answered within {} ms, and not {most} ms", came.div_ceil(1_000))),
    }
}

/// The nearest-rank percentile: the smallest value that `percent` of all are not above; None of nothing.
pub fn percentile(mut values: Vec<u64>, percent: usize) -> Option<u64> {
    values.sort_unstable();
    let rank = (values.len() * percent).div_ceil(100);
    values.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Held, hold, percentile};
    use crate::domain::integration::Name;
    use crate::domain::record::Record;

    fn name() -> Name {
        "app".parse().expect("a good name")
    }

    /// A live run of one scenario, `APP-1`, answered 200 in 173 ms by the live path; `changes` goes over the scenario.
    fn record(changes: Value) -> Record {
        let mut scenario = json!({
            "place": {"file": "features/app/a.feature", "line": 3}, "feature": "A", "name": "a", "outcome": "kept",
            "promises": ["APP-1"], "checks": 1, "duration_us": 1,
            "exchanges": [exchange(200, 173, r#"{"data":{"source":"live"}}"#)],
        });
        if let (Some(scenario), Value::Object(changes)) = (scenario.as_object_mut(), changes) {
            scenario.extend(changes);
        }
        serde_json::from_value(json!({
            "version": 1, "kind": "contract-run", "id": "1", "tool": "preflight", "command": [], "workspace": "w",
            "target": "live", "environment": "staging", "started": "2026-11-20T10:00:00Z",
            "finished": "2026-11-20T10:00:00Z", "seed": 1, "contracts": [{
                "integration": "app", "title": "App", "contract_hash": "0", "scenarios": [scenario], "operations": [],
                "host": {"base_url": "https://staging.example", "addresses": ["203.0.113.7:443"]},
            }],
        }))
        .expect("a record")
    }

    fn exchange(status: u16, ms: u64, body: &str) -> Value {
        json!({"method": "GET", "path": "/app?mock=0", "status": status, "duration_us": ms * 1_000,
               "response_body": {"text": body, "length": body.len()}})
    }

    fn asked(condition: Value, record: &Record) -> Held {
        let mut whole = json!({"name": "c", "criterion": "contract-live"});
        if let (Some(whole), Value::Object(condition)) = (whole.as_object_mut(), condition) {
            whole.extend(condition);
        }
        hold(&serde_json::from_value(whole).expect("a condition"), Some(record), &name())
    }

    /// Mode, status and latency of the live path of an app.
    fn conjunction() -> Value {
        json!({"promises": ["APP-1"], "status": [200], "body": {"/data/source": "live"}, "p95_ms": 300,
               "host": "staging.example"})
    }

    #[test]
    fn all_parts_hold_together_or_the_condition_does_not() {
        let of = |status, ms, source| {
            let body = json!({"data": {"source": source}}).to_string();
            record(json!({"exchanges": [exchange(status, ms, &body)]}))
        };
        for (what, record, broken) in [
            ("live, 200, in time", of(200, 173, "live"), None),
            ("410 in 173 ms", of(410, 173, "live"), Some("answered 410, and not 200")),
            ("200 of the fixture in time", of(200, 173, "fixture"), Some("is \"fixture\", and not \"live\"")),
            ("live and slow", of(200, 349, "live"), Some("within 349 ms, and not 300 ms")),
            ("broken", record(json!({"outcome": "broken"})), Some("is broken")),
        ] {
            match (asked(conjunction(), &record), broken) {
                (Held::Yes, None) => {}
                (Held::No(reason), Some(text)) => assert!(reason.contains(text), "{what}: {reason}"),
                (held, _) => panic!("{what}: {held:?}"),
            }
        }
    }

    #[test]
    fn what_the_record_does_not_show_is_unknown() {
        let none = record(json!({"exchanges": []}));
        let cut = json!({"method": "GET", "path": "/", "status": 200, "duration_us": 1,
                         "response_body": {"text": "{}", "length": 9, "sha256": "00"}});
        for (what, condition, record) in [
            ("no such promise", json!({"promises": ["APP-2"]}), record(json!({}))),
            ("not asked", json!({"promises": ["APP-1"]}), record(json!({"outcome": "unasked"}))),
            ("no exchange, no status", json!({"status": [200]}), none.clone()),
            ("no exchange, no latency", json!({"p95_ms": 300}), none),
            ("exchanges left out", json!({"p95_ms": 300}), record(json!({"exchanges_left_out": 1}))),
            ("a body that was cut", json!({"body": {"/a": 1}}), record(json!({"exchanges": [cut]}))),
        ] {
            assert!(matches!(asked(condition, &record), Held::Unknown(_)), "{what}");
        }
        let condition = serde_json::from_value(json!({"name": "c", "criterion": "contract-live", "p95_ms": 1}));
        let condition = condition.expect("a condition");
        assert!(matches!(hold(&condition, None, &name()), Held::Unknown(_)), "no record");
        let mut hostless = record(json!({}));
        hostless.contracts[0].host = None;
        assert!(matches!(asked(json!({"host": "staging.example"}), &hostless), Held::Unknown(_)));
        assert!(matches!(asked(json!({"host": "other.example"}), &record(json!({}))), Held::No(_)));
    }

    #[test]
    fn a_percentile_is_a_value_that_was_measured() {
        assert_eq!(percentile(vec![], 95), None);
        assert_eq!(percentile(vec![7], 95), Some(7));
        assert_eq!(percentile((1..=100).rev().collect(), 95), Some(95));
        assert_eq!(percentile((1..=20).collect(), 95), Some(19));
    }
}
