//! The vendor table that teams keep by hand, and each vendor's scorecard, certification and evaluation.

use std::fmt::Write;

use crate::domain::readiness::{Criterion, Readiness};
use crate::domain::vendor::{Vendor, Vendors};
use crate::report::markdown::safe::{code, prose};
use crate::report::matrix::{blockers, in_each, names, rows, testing};

/// `Vendor | Sandbox Status | Live Status | Credentials | Tests | Blockers / Next Action`, then the vendor view.
pub fn draw(readiness: &Readiness, vendors: &Vendors) -> String {
    let mut page = format!(
        "# Vendors of {}\n\nDrawn from the evidence, {}.\n\n",
        prose(&readiness.workspace, 200),
        readiness.judged.strftime("%Y-%m-%d %H:%M UTC")
    );
    page.push_str("| Vendor | Sandbox Status | Live Status | Credentials | Tests | Blockers / Next Action |\n");
    page.push_str("|---|---|---|---|---|---|\n");
    for name in names(readiness) {
        let rows = rows(readiness, name);
        let Some((_, first)) = rows.first() else { continue };
        let next = rows.iter().flat_map(|(_, row)| row.required()).find_map(|cell| cell.next.as_deref());
        let next = next.map(|next| format!("; next {}", code(next, 200))).unwrap_or_default();
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {}{next} |",
            prose(&first.title, 80),
            in_each(&rows, Criterion::ContractTwin),
            in_each(&rows, Criterion::ContractLive),
            in_each(&rows, Criterion::Credentials),
            testing(&rows),
            blockers(&rows)
        );
    }
    write_scorecards(&mut page, vendors);
    write_certification(&mut page, vendors);
    write_evaluation(&mut page, vendors);
    page
}

fn write_scorecards(page: &mut String, vendors: &Vendors) {
    page.push_str("\n## Scorecards\n\n| Vendor | Grade | Escalation | Rests on |\n|---|---|---|---|\n");
    for vendor in &vendors.vendors {
        let card = &vendor.scorecard;
        let grade = card.grade.map_or_else(|| "unknown".to_owned(), String::from);
        let _ = writeln!(
            page,
            "| {} | {grade} | {} | {} |",
            prose(&vendor.title, 80),
            card.escalation.as_str(),
            prose(&card.reason, 300)
        );
    }
}

fn write_certification(page: &mut String, vendors: &Vendors) {
    page.push_str("\n## Certification\n\n| Vendor | Tier | Missing for the next |\n|---|---|---|\n");
    for vendor in &vendors.vendors {
        let found = &vendor.certification;
        let missing = match found.next {
            Some(next) => {
                let list: Vec<String> = found.missing.iter().map(|text| prose(text, 200)).collect();
                format!("{}: {}", next.as_str(), list.join("; "))
            }
            None => "nothing".to_owned(),
        };
        let _ = writeln!(page, "| {} | {} | {missing} |", prose(&vendor.title, 80), found.tier.as_str());
    }
}

fn write_evaluation(page: &mut String, vendors: &Vendors) {
    let mut evaluated: Vec<(&Vendor, _)> =
        vendors.vendors.iter().filter_map(|vendor| Some((vendor, vendor.evaluation.as_ref()?))).collect();
    if evaluated.is_empty() {
        return;
    }
    evaluated.sort_by(|one, other| other.1.priority.total_cmp(&one.1.priority));
    page.push_str("\n## Evaluation\n\n| Vendor | Priority | Band | Tier |\n|---|---|---|---|\n");
    for (vendor, found) in evaluated {
        let tier = match found.broken_tier {
            Some(given) => format!("given {given}, but {:.2} is tier {}", found.priority, found.tier),
            None => found.tier.to_string(),
        };
        let _ = writeln!(
            page,
            "| {} | {:.2} | {} | {tier} |",
            prose(&vendor.title, 80),
            found.priority,
            found.band.as_str()
        );
    }
}
