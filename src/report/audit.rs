//! An audit in text: one line a finding, and a summary.

use crate::domain::claim::audit::Audit;
use crate::domain::claim::finding::{Finding, Verdict};
use crate::report::text::visible;

/// Paths in passing that are shown; the others are counted.
const MOST_MENTIONS: usize = 10;

/// The findings, one a line, as an editor can follow them.
pub fn findings(audit: &Audit) -> String {
    audit.findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn line(finding: &Finding) -> String {
    visible(&finding.to_string()).replace('\n', " ")
}

/// What was read, what was left out, and what came of it.
pub fn summary(audit: &Audit) -> String {
    let mut lines: Vec<String> = audit
        .skipped
        .iter()
        .map(|skipped| format!("left out: {}: {}", visible(&skipped.file), skipped.reason))
        .collect();
    let read = plural(audit.documents.len(), "document");
    let claims = plural(audit.claims(), "claim");
    let (wrong, untold) = (audit.count(Verdict::False), audit.count(Verdict::CannotTell));
    let came = match (audit.documents.len(), audit.claims(), wrong, untold) {
        (0, ..) => "there is nothing to audit, and that is no success".to_owned(),
        (_, 0, ..) => "nothing is claimed that can be checked, and that is no success".to_owned(),
        (_, _, 0, 0) => "all of them stand".to_owned(),
        (_, _, 0, untold) => format!("none is false, {untold} cannot be told"),
        (_, _, wrong, 0) => format!("{wrong} false"),
        (_, _, wrong, untold) => format!("{wrong} false, {untold} cannot be told"),
    };
    lines.push(format!("{read}, {claims}: {came}"));
    let quiet = audit.documents.iter().filter(|document| document.claims.total() == 0).count();
    if quiet > 0 && quiet < audit.documents.len() {
        lines.push(format!(
            "{} nothing that can be checked",
            if quiet == 1 { "1 document claims".to_owned() } else { format!("{quiet} documents claim") }
        ));
    }
    let mentions: Vec<String> = audit
        .documents
        .iter()
        .flat_map(|document| {
            document
                .mentions
                .iter()
                .map(|mention| format!("{}:{} {}", visible(&document.file), mention.line, visible(&mention.path)))
        })
        .collect();
    if !mentions.is_empty() {
        let shown = mentions.iter().take(MOST_MENTIONS).cloned().collect::<Vec<_>>().join("\n  ");
        let more = if mentions.len() > MOST_MENTIONS {
            format!("\n  and {} more (--json lists them)", mentions.len() - MOST_MENTIONS)
        } else {
            String::new()
        };
        lines.push(format!("named in passing, claimed by nobody, and not found:\n  {shown}{more}"));
    }
    if audit.others > 0 {
        lines.push(format!("not read: {} neither Markdown nor text", plural(audit.others, "file")));
    }
    lines.join("\n")
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
