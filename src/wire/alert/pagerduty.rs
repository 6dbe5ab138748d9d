//! Events of `PagerDuty` (Events API v2; developer-docs 9422439).

use serde_json::{Value, json};

use crate::domain::alert::message::{Action, Message};
use crate::domain::monitor::incident::Severity;
use crate::wire::alert::text::shortened;

/// Behind the address of the region.
pub const PATH: &str = "/v2/enqueue";

/// The longest summary.
const SUMMARY: usize = 1024;

/// An event. A resolve needs the two keys alone.
pub fn event(message: &Message, routing_key: &str) -> Value {
    let action = if message.action == Action::Resolve { "resolve" } else { "trigger" };
    let mut event = json!({"routing_key": routing_key, "event_action": action, "dedup_key": message.key});
    if message.action != Action::Resolve {
        event["payload"] = json!({
            "summary": shortened(&message.summary, SUMMARY),
            "source": format!("{} {}", message.workspace, message.environment),
            "severity": severity(message),
            "timestamp": message.began.to_string(),
            "component": message.subject,
            "group": message.environment,
            "class": message.rules.join(", "),
            "custom_details": {"reasons": message.reasons, "incident": message.incident, "told": message.at.to_string()},
        });
        event["client"] = json!("Preflight");
    }
    event
}

fn severity(message: &Message) -> &'static str {
    match (message.action, message.severity) {
        (Action::Test, _) => "info",
        (_, Severity::Warning) => "warning",
        (_, Severity::Critical) => "critical",
    }
}

#[cfg(test)]
mod tests {
    use super::event;
    use crate::domain::alert::message::Action;
    use crate::wire::alert::sample::message;

    #[test]
    fn a_trigger_says_all_and_a_resolve_bears_the_same_key() {
        let trigger = event(&message(Action::Trigger), "R".repeat(32).as_str());
        let text = serde_json::to_string_pretty(&trigger).unwrap();
        insta::assert_snapshot!(text, @r#"
        {
          "routing_key": "RRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRR",
          "event_action": "trigger",
          "dedup_key": "preflight/HotDash/staging/chatwoot-1795194804",
          "payload": {
            "summary": "Chatwoot <support> fails in staging: 3 bad runs in a row (liveness refused)",
            "source": "HotDash staging",
            "severity": "critical",
            "timestamp": "2026-11-20T17:13:24Z",
            "component": "chatwoot",
            "group": "staging",
            "class": "down",
            "custom_details": {
              "reasons": [
                "3 bad runs in a row (liveness refused)"
              ],
              "incident": "chatwoot-1795194800",
              "told": "2026-11-20T17:13:24Z"
            }
          },
          "client": "Preflight"
        }
        "#);
        let resolve = event(&message(Action::Resolve), "R".repeat(32).as_str());
        assert_eq!(resolve["dedup_key"], trigger["dedup_key"]);
        assert_eq!(resolve.as_object().unwrap().len(), 3);
        assert_eq!(event(&message(Action::Test), "R")["payload"]["severity"], "info");
    }

    #[test]
    fn no_summary_is_too_long() {
        let mut long = message(Action::Trigger);
        long.summary = "ü".repeat(3000);
        let event = event(&long, "R");
        assert!(event["payload"]["summary"].as_str().unwrap().chars().count() <= 1024);
    }
}
