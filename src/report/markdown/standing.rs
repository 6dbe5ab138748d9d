//! What stands beside the contracts in Markdown: open blockers, approvals and waivers, flips, secrets.

use std::fmt::Write as _;

use crate::domain::blocker::overdue::in_words;
use crate::domain::secret::audit::State;
use crate::report::dashboard::Dashboard;
use crate::report::digest;
use crate::report::markdown::blocks::Blocks;
use crate::report::markdown::safe::{code, prose};

/// Lines of a list before it counts the rest.
const LINES: usize = 12;

/// Blockers that are open, and what stands of approvals and waivers: what is over needs nobody.
pub fn declared(blocks: &mut Blocks, dashboard: &Dashboard<'_>) {
    let Some(register) = dashboard.register else { return };
    let mut lines = Vec::new();
    for blocker in register.blockers.iter().filter(|blocker| blocker.open) {
        let late = blocker.overdue_minutes.map(|minutes| format!(", **overdue by {}**", in_words(minutes)));
        lines.push(format!(
            "- ⛔ {} of {}: {} ({}{})\n",
            code(&blocker.ticket, 60),
            code(&blocker.integration, 60),
            prose(&blocker.title, 200),
            prose(&blocker.owner, 60),
            late.unwrap_or_default()
        ));
    }
    for word in register.waivers.iter().chain(&register.approvals).filter(|word| word.doubt.is_none()) {
        let until = word.declaration.until.map(|until| until.strftime("%Y-%m-%d %H:%M UTC").to_string());
        lines.push(format!(
            "- 🔷 {} of {} in {} until {} by {}: {}\n",
            word.declaration.noun(),
            code(&word.subject(), 200),
            prose(word.environment(), 60),
            until.unwrap_or_default(),
            prose(&word.declaration.by, 60),
            prose(&word.declaration.why, 200)
        ));
    }
    list(blocks, "What people declared", "declaration", &lines);
}

/// A line a flip.
pub fn flips(blocks: &mut Blocks, dashboard: &Dashboard<'_>) {
    let line = |flown: &crate::report::dashboard::Flown<'_>| {
        let flip = flown.flip;
        let reason = flip.reason.as_deref().map(|reason| format!(": {}", prose(reason, 300))).unwrap_or_default();
        let mut took = String::new();
        for (what, milliseconds) in [("effective after", flip.effective_ms), ("proven back after", flip.rollback_ms)] {
            if let Some(milliseconds) = milliseconds {
                let _ = write!(took, ", {what} {}", digest::duration(milliseconds.saturating_mul(1000)));
            }
        }
        format!(
            "- {} in {}: **{}** {}, {}; the flag {}{took}{reason}\n",
            code(&flip.flag, 60),
            prose(flown.environment(), 60),
            flip.verdict.as_str(),
            if flip.rehearsal { "rehearsal" } else { "flip" },
            digest::age(flown.age(dashboard.generated)),
            flip.left.told()
        )
    };
    let lines: Vec<String> = dashboard.flips.iter().map(line).collect();
    list(blocks, "Flips", "flip", &lines);
}

/// A line an environment, and one for each required secret that is not right.
pub fn secrets(blocks: &mut Blocks, dashboard: &Dashboard<'_>) {
    let mut lines = Vec::new();
    for held in &dashboard.secrets {
        let (audit, score) = (held.audit, held.audit.score);
        lines.push(format!(
            "- {}: **{} of {}** required secrets right, {}\n",
            prose(&audit.environment, 60),
            score.right,
            score.required,
            digest::age(held.age(dashboard.generated))
        ));
        let (shown, more) = (LINES / 2, held.wrong().into_iter().filter(|secret| secret.required).count());
        for secret in held.wrong().into_iter().filter(|secret| secret.required).take(shown) {
            let sign = if secret.state == State::Unknown { "❔" } else { "❌" };
            let why = secret.findings.first().map(|finding| prose(&finding.text, 200)).unwrap_or_default();
            lines.push(format!("  - {sign} {} {}: {why}\n", code(&secret.name, 80), secret.state.as_str()));
        }
        if more > shown {
            lines.push(format!("  - … and {} more\n", more - shown));
        }
    }
    list(blocks, "Secrets", "secret", &lines);
}

fn list(blocks: &mut Blocks, title: &str, kind: &'static str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let most = if kind == "secret" { lines.len() } else { LINES };
    let mut text = format!("## {title}\n\n{}", lines[..lines.len().min(most)].concat());
    if lines.len() > most {
        let _ = writeln!(text, "- … and {}", digest::number(lines.len() - most, &format!("more {kind}")));
    }
    text.push('\n');
    blocks.add(kind, text);
}
