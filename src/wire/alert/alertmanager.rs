//! Alerts for Prometheus Alertmanager (API v2, `POST /api/v2/alerts`; openapi.yaml of 0.33).

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::domain::alert::message::{Action, Message};
use crate::domain::monitor::incident::Severity;

/// Behind the address.
pub const PATH: &str = "/api/v2/alerts";

/// How long an alert stands by itself: twice as long as it takes until it is told again.
const STANDS: SignedDuration = SignedDuration::from_hours(1);

/// A list of alerts as it is sent now. An Alertmanager knows an alert by its labels, and the severity is one of them: where it
/// has risen, the one with the lesser severity is ended.
pub fn alerts(message: &Message, now: Timestamp) -> Value {
    let is_over = message.action == Action::Resolve;
    let ends = if is_over { now } else { now.checked_add(STANDS).unwrap_or(Timestamp::MAX) };
    let mut alerts = vec![alert(message, word(message), ends)];
    if message.severity == Severity::Critical && matches!(message.action, Action::Update | Action::Resolve) {
        alerts.push(alert(message, "warning", now));
    }
    Value::Array(alerts)
}

fn word(message: &Message) -> &'static str {
    match (message.action, message.severity) {
        (Action::Test, _) => "info",
        (_, Severity::Critical) => "critical",
        (_, Severity::Warning) => "warning",
    }
}

fn alert(message: &Message, severity: &str, ends: Timestamp) -> Value {
    json!({
        "labels": {
            "alertname": "PreflightAlert",
            "workspace": message.workspace,
            "environment": message.environment,
            "service": message.subject,
            "severity": severity,
            "key": message.key,
        },
        "annotations": {"summary": message.summary, "description": message.because()},
        "startsAt": message.began.to_string(),
        "endsAt": ends.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::alerts;
    use crate::domain::alert::message::Action;
    use crate::domain::monitor::incident::Severity;
    use crate::wire::alert::sample::message;

    fn now() -> jiff::Timestamp {
        "2026-11-20T17:20:00Z".parse().unwrap()
    }

    #[test]
    fn an_alert_stands_for_an_hour_and_its_end_has_the_same_labels() {
        let trigger = alerts(&message(Action::Trigger), now());
        insta::assert_snapshot!(serde_json::to_string_pretty(&trigger).unwrap(), @r#"
        [
          {
            "labels": {
              "alertname": "PreflightAlert",
              "workspace": "HotDash",
              "environment": "staging",
              "service": "chatwoot",
              "severity": "critical",
              "key": "preflight/HotDash/staging/chatwoot-1795194804"
            },
            "annotations": {
              "summary": "Chatwoot <support> fails in staging: 3 bad runs in a row (liveness refused)",
              "description": "3 bad runs in a row (liveness refused)"
            },
            "startsAt": "2026-11-20T17:13:24Z",
            "endsAt": "2026-11-20T18:20:00Z"
          }
        ]
        "#);
        let resolve = alerts(&message(Action::Resolve), now());
        assert_eq!(resolve[0]["labels"], trigger[0]["labels"]);
        assert_eq!(resolve[0]["startsAt"], trigger[0]["startsAt"]);
        assert_eq!(resolve[0]["endsAt"], "2026-11-20T17:20:00Z");
    }

    #[test]
    fn an_alert_that_became_worse_ends_the_lesser_one() {
        let update = alerts(&message(Action::Update), now());
        let told = |index: usize| (update[index]["labels"]["severity"].clone(), update[index]["endsAt"].clone());
        assert_eq!(told(0), ("critical".into(), "2026-11-20T18:20:00Z".into()));
        assert_eq!(told(1), ("warning".into(), "2026-11-20T17:20:00Z".into()));
        let mut warning = message(Action::Update);
        warning.severity = Severity::Warning;
        assert_eq!(alerts(&warning, now()).as_array().unwrap().len(), 1);
    }
}
