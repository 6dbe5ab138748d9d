//! A message as people read it, for channels without a format of their own.

use std::fmt::Write as _;

use crate::domain::alert::message::{Action, Message};
use crate::domain::monitor::incident::Severity;

/// A text of at most so many characters; what is left out is marked.
pub fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// What stands before the summary.
pub fn word(message: &Message) -> &'static str {
    match (message.action, message.severity) {
        (Action::Resolve, _) => "resolved",
        (Action::Test, _) => "test",
        (_, Severity::Critical) => "critical",
        (_, Severity::Warning) => "warning",
    }
}

/// The subject of a mail, in one line.
pub fn subject(message: &Message) -> String {
    let line: String = message.summary.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    shortened(&format!("[{}] {line}", word(message)), 200)
}

/// The whole message.
pub fn body(message: &Message) -> String {
    let mut text = format!("{}\n\n", message.summary);
    for reason in &message.reasons {
        let _ = writeln!(text, "- {reason}");
    }
    let _ = writeln!(text, "\nworkspace    {}\nenvironment  {}", message.workspace, message.environment);
    let _ = writeln!(text, "service      {}", message.subject);
    let _ = writeln!(text, "began        {}", message.began.strftime("%F %H:%M:%SZ"));
    if let Some(over) = message.over {
        let _ = writeln!(text, "over         {}", over.strftime("%F %H:%M:%SZ"));
    }
    if !message.rules.is_empty() {
        let _ = writeln!(text, "rules        {}", message.rules.join(", "));
    }
    if let Some(incident) = &message.incident {
        let _ = writeln!(text, "incident     {incident}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{body, shortened, subject};
    use crate::domain::alert::message::Action;
    use crate::wire::alert::sample::message;

    #[test]
    fn a_mail_says_what_when_and_why() {
        let failing = message(Action::Trigger);
        assert_eq!(
            subject(&failing),
            "[critical] Chatwoot <support> fails in staging: 3 bad runs in a row (liveness refused)"
        );
        insta::assert_snapshot!(body(&message(Action::Resolve)), @r"
        Chatwoot <support> is well again in staging, after 30 min

        - 3 bad runs in a row (liveness refused)

        workspace    HotDash
        environment  staging
        service      chatwoot
        began        2026-11-20 17:13:24Z
        over         2026-11-20 17:43:24Z
        rules        down
        incident     chatwoot-1795194800
        ");
    }

    #[test]
    fn a_subject_is_one_line() {
        let mut hostile = message(Action::Trigger);
        hostile.summary = "a\r\nBcc: everybody@example.com".to_owned();
        assert_eq!(subject(&hostile), "[critical] a  Bcc: everybody@example.com");
        assert_eq!(shortened("äöü", 2), "ä…");
    }
}
