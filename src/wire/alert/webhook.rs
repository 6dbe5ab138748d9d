//! The body of a generic webhook, in the form that Standard Webhooks recommends: `type`, `timestamp`, `data`.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::alert::message::Message;

/// The event, as it is sent now.
pub fn event(message: &Message, now: Timestamp) -> Value {
    json!({
        "type": format!("preflight.alert.{}", message.action.as_str()),
        "timestamp": now.to_string(),
        "data": message,
    })
}

#[cfg(test)]
mod tests {
    use super::event;
    use crate::domain::alert::message::Action;
    use crate::wire::alert::sample::message;

    #[test]
    fn an_event_has_a_type_a_time_and_everything_that_is_known() {
        let now = "2026-11-20T17:13:25Z".parse().unwrap();
        insta::assert_snapshot!(serde_json::to_string_pretty(&event(&message(Action::Resolve), now)).unwrap(), @r#"
        {
          "type": "preflight.alert.resolve",
          "timestamp": "2026-11-20T17:13:25Z",
          "data": {
            "key": "preflight/HotDash/staging/chatwoot-1795194804",
            "action": "resolve",
            "severity": "critical",
            "workspace": "HotDash",
            "environment": "staging",
            "subject": "chatwoot",
            "title": "Chatwoot <support>",
            "summary": "Chatwoot <support> is well again in staging, after 30 min",
            "reasons": [
              "3 bad runs in a row (liveness refused)"
            ],
            "rules": [
              "down"
            ],
            "began": "2026-11-20T17:13:24Z",
            "at": "2026-11-20T17:43:24Z",
            "over": "2026-11-20T17:43:24Z",
            "incident": "chatwoot-1795194800"
          }
        }
        "#);
    }
}
