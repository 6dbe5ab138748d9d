//! k6's summaries: the object that `handleSummary` gets, and the file of `--summary-export`.
//!
//! Each check counts once, and is broken when it failed at all; each threshold is a case. In the object a threshold says
//! `{"ok": true}`; in the file it is a boolean that is *true when it was crossed* (Grafana k6 documentation, "End of test"; the
//! second half is remembered, not read: a threshold that could be read either way is never taken for kept).

use serde_json::{Map, Value};

use crate::domain::import::Told;
use crate::domain::record::Outcome;

pub fn read(bytes: &[u8]) -> Result<Told, String> {
    let summary: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let metrics = summary.get("metrics").and_then(Value::as_object).ok_or("it has no `metrics`")?;
    let mut told = Told::default();
    if let Some(root) = summary.get("root_group") {
        group(root, "", &mut told)?;
    }
    for (name, metric) in metrics {
        thresholds(name, metric, &mut told)?;
    }
    if told.counts.total() == 0 {
        whole(metrics, &mut told);
    }
    Ok(told)
}

/// A group's checks and groups: lists in the object, maps by name in the file.
fn group(group: &Value, path: &str, told: &mut Told) -> Result<(), String> {
    for check in members(group.get("checks")) {
        let name = format!("{path}{}", check.get("name").and_then(Value::as_str).unwrap_or("a check"));
        let count =
            |what: &str| check.get(what).and_then(Value::as_u64).ok_or_else(|| format!("`{name}` has no `{what}`"));
        let (outcome, says) = match (count("passes")?, count("fails")?) {
            (0, 0) => (Outcome::Untested, "it never ran".to_owned()),
            (_, 0) => (Outcome::Kept, String::new()),
            (passes, fails) => (Outcome::Broken, format!("failed {fails} times of {}", passes.saturating_add(fails))),
        };
        told.add(&name, outcome, &says);
    }
    for inner in members(group.get("groups")) {
        let name = inner.get("name").and_then(Value::as_str).unwrap_or_default();
        self::group(inner, &format!("{path}{name} › "), told)?;
    }
    Ok(())
}

fn members(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(Value::Object(map)) => map.values().collect(),
        _ => Vec::new(),
    }
}

fn thresholds(metric: &str, value: &Value, told: &mut Told) -> Result<(), String> {
    let Some(thresholds) = value.get("thresholds").and_then(Value::as_object) else { return Ok(()) };
    for (expression, held) in thresholds {
        let held = match held {
            Value::Bool(crossed) => !crossed,
            Value::Object(said) => said.get("ok").and_then(Value::as_bool).ok_or("a threshold without `ok`")?,
            _ => return Err(format!("the threshold `{expression}` is neither kept nor crossed")),
        };
        let outcome = if held { Outcome::Kept } else { Outcome::Broken };
        told.add(&format!("{metric} {expression}"), outcome, if held { "" } else { "crossed" });
    }
    Ok(())
}

/// Without groups and thresholds there is the sum of checks alone.
fn whole(metrics: &Map<String, Value>, told: &mut Told) {
    let Some(checks) = metrics.get("checks") else { return };
    let values = checks.get("values").unwrap_or(checks);
    let count = |what: &str| values.get(what).and_then(Value::as_u64).unwrap_or(0);
    let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    told.count(Outcome::Kept, number(count("passes")));
    if count("fails") > 0 {
        told.add("checks", Outcome::Broken, &format!("{} failed", count("fails")));
        told.count(Outcome::Broken, number(count("fails") - 1));
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::domain::record::{Counts, Outcome};

    #[test]
    fn checks_and_thresholds_of_both_shapes() {
        let object = br#"{"root_group":{"checks":[{"name":"is 200","passes":9,"fails":1},{"name":"has id","passes":3,"fails":0}],
            "groups":[{"name":"login","checks":[{"name":"never","passes":0,"fails":0}],"groups":[]}]},
            "metrics":{"http_req_duration":{"type":"trend","thresholds":{"p(95)<300":{"ok":true},"p(99)<400":{"ok":false}}}}}"#;
        let told = read(object).unwrap();
        assert_eq!(told.counts, Counts { kept: 2, broken: 2, unasked: 0, untested: 1 });
        assert_eq!((told.cases[0].name.as_str(), told.cases[0].says.as_str()), ("is 200", "failed 1 times of 10"));
        assert_eq!(told.cases[1].name, "login › never");
        let file = br#"{"root_group":{"checks":{"is 200":{"name":"is 200","passes":9,"fails":0}},"groups":{}},
            "metrics":{"http_req_duration":{"p(95)":301.2,"thresholds":{"p(95)<300":true}}}}"#;
        assert_eq!(read(file).unwrap().counts, Counts { kept: 1, broken: 1, unasked: 0, untested: 0 });
        let sums = br#"{"metrics":{"checks":{"passes":7,"fails":2}}}"#;
        assert_eq!(read(sums).unwrap().counts, Counts { kept: 7, broken: 2, unasked: 0, untested: 0 });
    }

    #[test]
    fn what_is_no_summary_is_refused_and_one_without_checks_is_untested() {
        assert!(read(b"{}").is_err());
        assert!(read(br#"{"metrics":{"x":{"thresholds":{"a":"yes"}}}}"#).is_err());
        assert_eq!(read(br#"{"metrics":{"iterations":{"count":100}}}"#).unwrap().outcome(), Outcome::Untested);
    }
}
