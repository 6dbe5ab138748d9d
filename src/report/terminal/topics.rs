//! The events of a vendor on a terminal: those that the app has to do with, how many it has not, and what is wrong.

use std::fmt::Write as _;

use crate::domain::contract::Place;
use crate::domain::topics::{Inventory, Row};
use crate::report::terminal::{Paint, Style};

/// Draws one vendor's events; `all` shows those too that nobody has to do with.
pub fn topics(inventory: &Inventory, all: bool, style: Style) -> String {
    let mut page = String::new();
    let touched = |row: &&Row| !(row.registered.is_empty() && row.handled.is_empty() && row.promised.is_empty());
    let shown: Vec<&Row> = inventory.rows.iter().filter(|row| all || touched(row)).collect();
    let known = if inventory.is_whole { "" } else { ", not all that the vendor has" };
    let title = format!("{}: {} events{known}", inventory.scheme, inventory.known);
    let _ = writeln!(page, "{}", style.paint(Paint::Bold, &title));
    if !shown.is_empty() {
        let width = shown.iter().map(|row| row.topic.len()).max().unwrap_or_default().max(5);
        let _ = writeln!(page, "  {:<width$}  registered  handled  promised", "event");
        for row in &shown {
            let scope = if row.requires.is_empty() { String::new() } else { row.requires.join(", ") };
            let line = format!(
                "  {:<width$}  {:<10}  {:<7}  {:<8}  {scope}",
                row.topic,
                count(&row.registered),
                count(&row.handled),
                count(&row.promised)
            );
            let _ = writeln!(page, "{}", line.trim_end());
        }
    }
    let silent = inventory.rows.len() - inventory.rows.iter().filter(touched).count();
    if !all && silent > 0 {
        let _ = writeln!(page, "  {silent} more that nothing has to do with (--all shows them)");
    }
    for finding in &inventory.findings {
        let paint = if finding.code.is_broken() { Paint::Red } else { Paint::Yellow };
        let place = finding.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        let code = style.paint(paint, finding.code.as_str());
        let _ = writeln!(page, "  {code}: {}{place}", finding.message);
    }
    page
}

fn count(places: &[Place]) -> String {
    if places.is_empty() { "-".to_owned() } else { places.len().to_string() }
}
