//! The ledger for a terminal: its entries in a table, one of them in full, and what an audit found.

use std::fmt::Write as _;

use crate::domain::declaration::What;
use crate::domain::declaration::scope::Scope;
use crate::domain::entry::{Body, Entry};
use crate::domain::evidence::{Class, Evidence};
use crate::domain::ledger_audit::{Audit, Flaw, Verdict};
use crate::domain::record::{Details, Record};
use crate::report::digest::{number, tally};
use crate::report::terminal::{Style, wrap};
use crate::report::text::{one_line, shortened, visible};

/// Flaws that are said one by one; the others are counted.
const MOST_FLAWS: usize = 50;

/// `1 entry`, `3 entries`.
pub fn number_of_entries(count: usize) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

/// The word that a body bears in the ledger.
pub fn word(body: &Body) -> String {
    match serde_json::to_value(body) {
        Ok(serde_json::Value::Object(members)) => members.keys().next().cloned().unwrap_or_default(),
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// What a line is that is no evidence: its kind, what it is about, where it holds, by whom.
fn of_people(body: &Body) -> [String; 4] {
    match body {
        Body::Declaration(declaration) => {
            let about = match &declaration.what {
                What::Approval {
                    scope: Scope::Request { integration, .. } | Scope::Scenarios { integration, .. },
                    ..
                }
                | What::Waiver { integration, .. } => integration.to_string(),
                What::Approval { scope: Scope::Flip { flag }, .. } => flag.clone(),
                What::Attempt { ticket, .. } | What::Resolution { ticket, .. } => ticket.clone(),
                What::Revocation { sequence, .. } => format!("entry {sequence}"),
            };
            let place = declaration.environment.clone().unwrap_or_default();
            [declaration.noun().to_owned(), about, place, format!("by {}", declaration.by)]
        }
        Body::Opened(opened) => {
            let by = format!("by entry {}", opened.approval);
            ["opened".to_owned(), opened.integration.to_string(), opened.environment.clone(), by]
        }
        Body::Receipt(receipt) => {
            let what = if receipt.delivered { "told" } else { "could not tell" };
            let about = receipt.subject.clone();
            ["receipt".to_owned(), about, receipt.environment.clone(), format!("{what} {}", receipt.channel)]
        }
        Body::Evidence(_) | Body::Pruned(_) => [word(body), String::new(), String::new(), String::new()],
    }
}

/// `twin`, or `live staging`.
fn place(shown: &Evidence) -> String {
    match &shown.environment {
        Some(environment) => format!("{} {environment}", shown.target),
        None => shown.target.to_string(),
    }
}

/// A table of entries, at most 80 columns wide.
pub fn list(entries: &[&Entry]) -> String {
    let row = |columns: [&str; 6]| {
        let [sequence, written, kind, integration, place, outcome] = columns;
        let (kind, integration) = (shortened(kind, 12), shortened(integration, 14));
        let place = shortened(place, 13);
        let row = format!("{sequence:>6}  {written:<16}  {kind:<12}  {integration:<14}  {place:<13}  {outcome}");
        format!("{}\n", row.trim_end())
    };
    let mut table = row(["", "written (UTC)", "kind", "integration", "against", ""]);
    for entry in entries {
        let (sequence, written) = (entry.sequence.to_string(), entry.written.strftime("%Y-%m-%d %H:%M").to_string());
        let line = if let Some(shown) = entry.evidence() {
            let declared = if shown.class == Class::Declared { "*" } else { "" };
            let outcome = format!("{}{declared}", shown.outcome.as_str());
            let place = one_line(&place(shown));
            row([&sequence, &written, shown.kind.as_str(), shown.integration.as_str(), &place, &outcome])
        } else {
            let [kind, subject, place, by] = of_people(&entry.body);
            row([&sequence, &written, &kind, &one_line(&subject), &one_line(&place), &one_line(&by)])
        };
        table.push_str(&line);
    }
    if entries.iter().any(|entry| entry.evidence().is_some_and(|shown| shown.class == Class::Declared)) {
        table.push_str("* declared: Preflight saw nothing of it itself\n");
    }
    table
}

/// One entry in full.
///
/// # Errors
/// It cannot be written as JSON.
pub fn entry(entry: &Entry) -> Result<String, serde_json::Error> {
    let mut page = format!("entry {}, written at {}\n", entry.sequence, entry.written);
    let Some(shown) = entry.evidence() else {
        let _ = writeln!(page, "{}", visible(&serde_json::to_string_pretty(&entry.body)?));
        return Ok(page);
    };
    let mut line = |name: &str, text: &str| {
        let _ = writeln!(page, "  {name:<9} {}", one_line(text));
    };
    let declared = shown.stands_for.map(|criterion| format!(", declared for {criterion}")).unwrap_or_default();
    line("what", &format!("{} of {} against {}{declared}", shown.kind.as_str(), shown.integration, place(shown)));
    line("outcome", &format!("{} ({})", shown.outcome.as_str(), tally(shown.counts)));
    let coverage = shown.coverage;
    if coverage.operations > 0 {
        let text = format!("{} operations, {} asked, {} kept", coverage.operations, coverage.asked, coverage.kept);
        line("coverage", &text);
    }
    if shown.partial {
        line("partial", "only part ran: it shows failures and proves nothing");
    }
    line("record", &shown.record);
    line("SHA-256", &shown.digest);
    if let Some(hash) = &shown.contract_hash {
        line("contract", &hash.0);
    }
    if let Some(host) = &shown.host {
        line("host", &format!("{} at {}", host.base_url, host.addresses.join(", ")));
        if let Some(certificate) = &host.certificate {
            line("its cert.", certificate);
        }
        if !host.request_ids.is_empty() {
            line("requests", &host.request_ids.join(", "));
        }
    }
    line("worked", &format!("{} to {}", shown.started, shown.finished));
    line("command", &format!("{} (exit {}, {})", shown.command.join(" "), shown.exit_code, shown.tool));
    line("after", &entry.previous.to_string());
    Ok(page)
}

/// What another tool's report told; `None` for records of other work.
pub fn details(record: &Record) -> Option<String> {
    let Some(Details::Import(import)) = &record.details else { return None };
    let mut page = format!(
        "{} report {}\n  of {} for {}, declared by {}\n  ended at {}: {}\n",
        import.format,
        one_line(&import.file),
        import.integration,
        import.criterion,
        one_line(&import.by),
        record.finished,
        tally(import.counts),
    );
    for case in &import.cases {
        let says = if case.says.is_empty() { String::new() } else { format!(": {}", one_line(&case.says)) };
        let _ = writeln!(page, "  {} {}{says}", case.outcome.as_str(), one_line(&case.name));
    }
    if import.cases_left_out > 0 {
        let _ = writeln!(page, "  and {} others that were not kept", import.cases_left_out);
    }
    Some(page)
}

/// What an audit found, and the head to remember.
pub fn audit(audit: &Audit, style: Style) -> String {
    let mut page = String::new();
    for flaw in audit.flaws.iter().take(MOST_FLAWS) {
        wrap::wrap(&mut page, style, "", "    ", &format!("{}{}: {}", place_of(flaw), flaw.code, one_line(&flaw.says)));
    }
    if let Some(more @ 1..) = audit.flaws.len().checked_sub(MOST_FLAWS) {
        let _ = writeln!(page, "and {more} more (--json gives all of them)");
    }
    let entries = number_of_entries(audit.entries);
    let sequences = match (audit.first, audit.last) {
        (Some(first), Some(last)) => format!(", sequences {first} to {last}"),
        _ => String::new(),
    };
    let pruned = if audit.pruned > 0 { format!(", {} pruned", audit.pruned) } else { String::new() };
    let records = number(audit.records, "record");
    let _ = writeln!(page, "{entries}{sequences}{pruned}; {records} held against them");
    let _ = writeln!(
        page,
        "{}",
        match audit.verdict {
            Verdict::Holds => "the ledger holds",
            Verdict::Broken => "the ledger does not hold",
            Verdict::Doubtful => "nothing is proven wrong, and not all can be told",
            Verdict::Empty => "there is no entry, and that is no success",
        }
    );
    if let Some(head) = &audit.head {
        let _ = writeln!(page, "head: {head}");
    }
    page
}

fn place_of(flaw: &Flaw) -> String {
    match (flaw.line, flaw.sequence) {
        (Some(line), Some(sequence)) => format!("line {line} (sequence {sequence}) "),
        (Some(line), None) => format!("line {line} "),
        _ => String::new(),
    }
}
