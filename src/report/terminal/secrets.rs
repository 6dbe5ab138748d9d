//! The audit of secrets and the scan for leaks on a terminal.

use std::fmt::Write;

use crate::domain::leak::scan::LeakScan;
use crate::domain::secret::audit::{EnvironmentAudit, SecretAudit, SecretsAudit, State, Weight};
use crate::domain::secret::category::Standing;
use crate::report::digest::number;
use crate::report::terminal::wrap::{wrap, wrap_painted};
use crate::report::terminal::{Paint, Style};
use crate::report::text::one_line;

/// Leaks that are listed; the JSON document has all.
const MOST_LEAKS: usize = 50;

/// Names that are listed of those that the inventory does not know.
const MOST_STRANGERS: usize = 20;

/// Each environment: its score, what is not right and why, then what is.
pub fn audit(audit: &SecretsAudit, style: Style) -> String {
    let mut page = String::new();
    for environment in &audit.environments {
        write_environment(&mut page, environment, style);
        page.push('\n');
    }
    for stranger in audit.strangers.iter().take(MOST_STRANGERS) {
        let first = format!("{} {}: ", style.paint(Paint::Yellow, "not in the inventory"), one_line(&stranger.name));
        wrap_painted(&mut page, style, &first, 2, &one_line(&stranger.seen_in.join(", ")));
    }
    if audit.strangers.len() > MOST_STRANGERS {
        let _ =
            writeln!(page, "… and {} more names that are not in the inventory", audit.strangers.len() - MOST_STRANGERS);
    }
    if !audit.sources.whole {
        wrap(&mut page, style, "sources: ", "  ", &one_line(&audit.sources.reason));
    }
    page
}

fn write_environment(page: &mut String, environment: &EnvironmentAudit, style: Style) {
    let score = environment.score;
    let name = style.paint(Paint::Bold, &one_line(&environment.environment));
    let Some(percent) = score.percent else {
        let what = if environment.secrets.is_empty() {
            "no secret is declared for it"
        } else {
            "none of its secrets is required"
        };
        let _ = writeln!(page, "{name}: {what}");
        return;
    };
    let paint = if score.right == score.required { Paint::Green } else { Paint::Red };
    let right = style.paint(paint, &format!("{} of {} required secrets right", score.right, score.required));
    let _ = writeln!(page, "{name}: {right} ({percent} %)");
    let mut secrets: Vec<&SecretAudit> = environment.secrets.iter().collect();
    secrets.sort_by_key(|secret| (std::cmp::Reverse(secret.state), !secret.required));
    for secret in secrets {
        write_secret(page, secret, style);
    }
    for category in &environment.categories {
        let paint = match category.state {
            Standing::Shown => Paint::Green,
            Standing::Written => Paint::Dim,
            Standing::Unknown => Paint::Yellow,
            Standing::Missing => Paint::Red,
        };
        let first = format!(
            "  {} {}: ",
            style.paint(paint, &format!("{:<8}", category.state.as_str())),
            one_line(&category.title)
        );
        wrap_painted(page, style, &first, 11, &one_line(&category.reason));
    }
    if environment.categories.iter().any(|category| category.state == Standing::Written) {
        page.push_str("  What is only written does not count: the score is of secrets alone.\n");
    }
}

fn write_secret(page: &mut String, secret: &SecretAudit, style: Style) {
    let paint = match secret.state {
        State::Right => Paint::Green,
        State::Unknown => Paint::Yellow,
        State::Wrong | State::Absent => Paint::Red,
    };
    let state = style.paint(paint, &format!("{:<8}", secret.state.as_str()));
    let optional = if secret.required { "" } else { ", optional" };
    let age = secret.age_days.map(|days| format!(", {days} d old")).unwrap_or_default();
    let _ = writeln!(page, "  {state} {} ({}{optional}{age})", one_line(&secret.name), secret.service);
    for finding in &secret.findings {
        let mark = match finding.weight {
            Weight::Wrong => style.paint(Paint::Red, "✗ "),
            Weight::Unknown => style.paint(Paint::Yellow, "? "),
            Weight::Note => style.paint(Paint::Dim, "· "),
        };
        wrap_painted(page, style, &format!("           {mark}"), 13, &one_line(&finding.text));
    }
}

/// Each leak with its place and its first letters at most, and what was not read.
pub fn scan(scan: &LeakScan, style: Style) -> String {
    let mut page = String::new();
    for leak in scan.leaks.iter().take(MOST_LEAKS) {
        let first = format!("{} {}:{}: ", style.paint(Paint::Red, "leak"), one_line(&leak.file), leak.line);
        let text = format!("{} ({}, value {})", leak.kind, one_line(&leak.shown), leak.fingerprint);
        wrap_painted(&mut page, style, &first, 5, &text);
    }
    let total = scan.leaks.len() + scan.more;
    if total > MOST_LEAKS {
        let _ = writeln!(page, "… and {} more (--json lists them)", total - MOST_LEAKS);
    }
    for reason in scan.unread.iter().take(MOST_STRANGERS) {
        let first = format!("{} ", style.paint(Paint::Yellow, "not read"));
        wrap_painted(&mut page, style, &first, 2, &one_line(reason));
    }
    if scan.unread.len() > MOST_STRANGERS {
        let _ = writeln!(page, "… and {} more files that were not read", scan.unread.len() - MOST_STRANGERS);
    }
    if !scan.passed_by.is_empty() {
        wrap(&mut page, style, "passed by: ", "  ", &one_line(&scan.passed_by.join(", ")));
    }
    let leaks = match total {
        0 if scan.files == 0 => "nothing was read, which is no clean scan".to_owned(),
        0 if !scan.unread.is_empty() => "nothing found in what was read".to_owned(),
        0 => "no leak found".to_owned(),
        total => format!("{} found: revoke them first, then take them out", number(total, "leak")),
    };
    let _ = writeln!(page, "{}, {}: {leaks}", number(scan.files, "file"), size(scan.bytes));
    page
}

fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}
