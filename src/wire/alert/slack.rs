//! Messages of Slack's incoming webhooks: blocks, and the plain text that stands in for them.

use serde_json::{Value, json};

use crate::domain::alert::message::{Action, Message};
use crate::domain::monitor::incident::Severity;
use crate::wire::alert::text::{shortened, word};

/// Limits of blocks (Block Kit reference): a header, a section's text, a field.
const HEADER: usize = 150;
const SECTION: usize = 3000;
const FIELD: usize = 2000;

/// The message in blocks, with the text that notifications show.
pub fn blocks(message: &Message) -> Value {
    let mut fields = vec![
        field("Service", &message.subject),
        field("Environment", &message.environment),
        field("Began", &message.began.strftime("%F %H:%M:%SZ").to_string()),
    ];
    fields.extend(message.over.map(|over| field("Over", &over.strftime("%F %H:%M:%SZ").to_string())));
    fields.extend(message.incident.as_ref().map(|incident| field("Incident", incident)));
    let reasons: Vec<String> = message.reasons.iter().map(|reason| format!("• {}", escaped(reason))).collect();
    let mut blocks = vec![json!({
        "type": "header",
        "text": {"type": "plain_text", "text": shortened(&format!("{} {}", sign(message), message.summary), HEADER)},
    })];
    if !reasons.is_empty() {
        let text = shortened(&reasons.join("\n"), SECTION);
        blocks.push(json!({"type": "section", "text": {"type": "mrkdwn", "text": text}}));
    }
    blocks.push(json!({"type": "section", "fields": fields}));
    let rules = if message.rules.is_empty() { String::new() } else { format!(" · {}", message.rules.join(", ")) };
    let from = format!("Preflight · {}{}", message.workspace, rules);
    blocks.push(json!({"type": "context", "elements": [{"type": "mrkdwn", "text": escaped(&from)}]}));
    json!({"text": plain(message), "blocks": blocks})
}

/// The message in plain text alone: for a webhook that takes no blocks.
pub fn text(message: &Message) -> Value {
    json!({ "text": plain(message) })
}

fn plain(message: &Message) -> String {
    shortened(&format!("{} [{}] {}", sign(message), word(message), escaped(&message.summary)), SECTION)
}

fn field(name: &str, value: &str) -> Value {
    json!({"type": "mrkdwn", "text": shortened(&format!("*{name}*\n{}", escaped(value)), FIELD)})
}

fn sign(message: &Message) -> &'static str {
    match (message.action, message.severity) {
        (Action::Resolve, _) => "✅",
        (Action::Test, _) => "ℹ️",
        (_, Severity::Critical) => "🔴",
        (_, Severity::Warning) => "🟡",
    }
}

/// Three characters have a meaning of their own (Slack, "Formatting text for app surfaces").
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{blocks, text};
    use crate::domain::alert::message::Action;
    use crate::wire::alert::sample::message;

    #[test]
    fn blocks_say_all_and_the_text_stands_in_for_them() {
        let trigger = blocks(&message(Action::Trigger));
        insta::assert_snapshot!(serde_json::to_string_pretty(&trigger).unwrap(), @r#"
        {
          "text": "🔴 [critical] Chatwoot &lt;support&gt; fails in staging: 3 bad runs in a row (liveness refused)",
          "blocks": [
            {
              "type": "header",
              "text": {
                "type": "plain_text",
                "text": "🔴 Chatwoot <support> fails in staging: 3 bad runs in a row (liveness refused)"
              }
            },
            {
              "type": "section",
              "text": {
                "type": "mrkdwn",
                "text": "• 3 bad runs in a row (liveness refused)"
              }
            },
            {
              "type": "section",
              "fields": [
                {
                  "type": "mrkdwn",
                  "text": "*Service*\nchatwoot"
                },
                {
                  "type": "mrkdwn",
                  "text": "*Environment*\nstaging"
                },
                {
                  "type": "mrkdwn",
                  "text": "*Began*\n2026-11-20 17:13:24Z"
                },
                {
                  "type": "mrkdwn",
                  "text": "*Incident*\nchatwoot-1795194800"
                }
              ]
            },
            {
              "type": "context",
              "elements": [
                {
                  "type": "mrkdwn",
                  "text": "Preflight · HotDash · down"
                }
              ]
            }
          ]
        }
        "#);
        assert_eq!(text(&message(Action::Trigger))["text"], trigger["text"]);
    }

    #[test]
    fn no_text_is_a_command_or_too_long() {
        let mut hostile = message(Action::Trigger);
        hostile.reasons = vec!["<!channel> & <https://evil.example|click>".to_owned(), "x".repeat(9000)];
        hostile.summary = "y".repeat(9000);
        let blocks = blocks(&hostile);
        let section = blocks["blocks"][1]["text"]["text"].as_str().unwrap();
        assert!(section.starts_with("• &lt;!channel&gt; &amp; &lt;https") && section.chars().count() <= 3000);
        assert!(blocks["blocks"][0]["text"]["text"].as_str().unwrap().chars().count() <= 150);
        assert!(blocks["text"].as_str().unwrap().chars().count() <= 3000);
    }
}
