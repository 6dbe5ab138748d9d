//! A message as tests of bodies use it.

use crate::domain::alert::message::{Action, Message, key};
use crate::domain::monitor::incident::Severity;

/// Chatwoot fails in staging.
pub fn message(action: Action) -> Message {
    let began = "2026-11-20T17:13:24Z".parse().unwrap();
    let at = "2026-11-20T17:43:24Z".parse().unwrap();
    let is_over = action == Action::Resolve;
    Message {
        key: key("HotDash", "staging", "chatwoot-1795194804"),
        action,
        severity: Severity::Critical,
        workspace: "HotDash".to_owned(),
        environment: "staging".to_owned(),
        subject: "chatwoot".to_owned(),
        title: "Chatwoot <support>".to_owned(),
        summary: if is_over {
            "Chatwoot <support> is well again in staging, after 30 min".to_owned()
        } else {
            "Chatwoot <support> fails in staging: 3 bad runs in a row (liveness refused)".to_owned()
        },
        reasons: vec!["3 bad runs in a row (liveness refused)".to_owned()],
        rules: vec!["down".to_owned()],
        began,
        at: if is_over { at } else { began },
        over: is_over.then_some(at),
        incident: Some("chatwoot-1795194800".to_owned()),
    }
}
