//! Markdown for a pull-request comment and for the step summary of a GitHub workflow.

mod blocks;
pub mod safe;
mod standing;

use std::fmt::Write;

use crate::domain::finding::Finding;
use crate::domain::readiness::timeline::Timeline;
use crate::domain::readiness::{Criterion, EnvironmentReadiness, Row, State, Verdict};
use crate::domain::record::{Outcome, ScenarioRun};
use crate::report::dashboard::{Dashboard, Run};
use crate::report::digest;
use crate::report::markdown::blocks::Blocks;
use crate::report::markdown::safe::{code, fence, html, prose};
use crate::report::past;
use crate::report::text::says;

/// Bytes. GitHub refuses a comment of more than 65,536 characters.
pub const MOST_BYTES: usize = 64_000;

/// Changes that a list names before it counts them.
const MOST_CHANGES: usize = 40;

/// Draws the dashboard: verdicts and matrices first, then what people declared, flips and secrets, what is broken, what
/// was not asked, and coverage.
///
/// Whatever comes in, at most [`MOST_BYTES`] come out; a last line then says what was cut.
pub fn draw(dashboard: &Dashboard<'_>) -> String {
    let mut blocks = Blocks::default();
    blocks.add("title", title(dashboard));
    for environment in &dashboard.readiness.environments {
        blocks.add("verdict", verdict(environment));
    }
    for environment in &dashboard.readiness.environments {
        matrix(&mut blocks, environment);
    }
    if let Some(timeline) = dashboard.past.filter(|timeline| past::is_worth_drawing(timeline)) {
        changes(&mut blocks, timeline);
    }
    standing::declared(&mut blocks, dashboard);
    standing::flips(&mut blocks, dashboard);
    standing::secrets(&mut blocks, dashboard);
    for run in &dashboard.runs {
        broken(&mut blocks, run);
    }
    runs(&mut blocks, dashboard);
    bites(&mut blocks, dashboard);
    blocks.finish()
}

fn title(dashboard: &Dashboard<'_>) -> String {
    let mut page = format!("# Readiness of {}\n\n", prose(&dashboard.readiness.workspace, 200));
    let _ = writeln!(
        page,
        "Judged {} by {}.\n",
        dashboard.readiness.judged.strftime("%Y-%m-%d %H:%M:%S UTC"),
        prose(dashboard.tool, 60)
    );
    if dashboard.readiness.environments.is_empty() {
        page.push_str("No environment is declared: nothing is judged.\n\n");
    }
    page
}

/// A sign for each word, so that colour is never alone.
fn sign(state: State) -> &'static str {
    match state {
        State::Ready => "🟢",
        State::Failing => "❌",
        State::Blocked => "⛔",
        State::Unknown => "❔",
        State::Stale => "⏳",
        State::Waived => "🔷",
        State::NotApplicable => "➖",
    }
}

fn verdict(environment: &EnvironmentReadiness) -> String {
    let sign = match environment.verdict {
        Verdict::Go => "🟢",
        Verdict::NoGo => "❌",
        Verdict::Unknown => "❔",
    };
    let mut page = format!("## {}: {sign} {}\n\n", prose(&environment.environment, 60), environment.verdict.as_str());
    if let Some(silence) = digest::silence(environment) {
        let _ = writeln!(page, "{silence}\n");
    }
    let obstacles = digest::obstacles(environment);
    for obstacle in obstacles.iter().take(12) {
        let shown: Vec<String> = obstacle.integrations.iter().take(6).map(|name| code(name.as_str(), 60)).collect();
        let more = match obstacle.integrations.len() - shown.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let _ = writeln!(
            page,
            "- {} **{}** {} of {}{more}: {}",
            self::sign(obstacle.state),
            obstacle.state,
            obstacle.criterion.title(),
            shown.join(", "),
            prose(obstacle.text, 200)
        );
    }
    if obstacles.len() > 12 {
        let _ = writeln!(page, "- … and {}", digest::number(obstacles.len() - 12, "more reason"));
    }
    if let Some(next) = obstacles.iter().find_map(|obstacle| obstacle.next.first()) {
        let _ = writeln!(page, "\nNext: {}", code(next, 400));
    }
    page.push('\n');
    page
}

fn matrix(blocks: &mut Blocks, environment: &EnvironmentReadiness) {
    let mut head =
        format!("<details><summary>Matrix of {}</summary>\n\n| Integration |", html(&environment.environment));
    for criterion in Criterion::ALL {
        let _ = write!(head, " {} |", criterion.title());
    }
    head.push_str("\n|---|");
    head.push_str(&"---|".repeat(Criterion::ALL.len()));
    head.push('\n');
    let rows: Vec<String> = environment.rows.iter().map(row).collect();
    // The table is one block, but its rows may be cut: a table without its last rows is still a table.
    let room = blocks.room().saturating_sub(head.len() + 200);
    let mut body = String::new();
    let mut shown = 0;
    for row in &rows {
        if body.len() + row.len() > room {
            break;
        }
        body.push_str(row);
        shown += 1;
    }
    let mut tail = String::new();
    if shown < rows.len() {
        let _ = write!(tail, "\n… and {}", digest::number(rows.len() - shown, "more row"));
    }
    tail.push_str("\n\n</details>\n\n");
    blocks.add("matrix", head + &body + &tail);
}

fn row(row: &Row) -> String {
    let mut line = format!("| {} |", code(row.integration.as_str(), 60));
    for criterion in Criterion::ALL {
        match row.cell(criterion) {
            Some(cell) => {
                let _ = write!(line, " {} {} |", sign(cell.state), cell.state);
            }
            None => line.push_str(" – |"),
        }
    }
    line.push('\n');
    line
}

/// What has changed, and how each verdict came to be what it is.
fn changes(blocks: &mut Blocks, timeline: &Timeline) {
    let mut head = "## Over time\n\n".to_owned();
    for strip in &timeline.verdicts {
        let from = timeline.moments.first().map(|moment| moment.at.strftime("%Y-%m-%d %H:%M UTC").to_string());
        let _ = writeln!(
            head,
            "- {}: {} (as of each run since {}, and now)",
            prose(&strip.environment, 60),
            past::signs(&strip.verdicts),
            from.unwrap_or_default()
        );
    }
    head.push('\n');
    blocks.add("history", head);
    for since in &timeline.since {
        let at = since.at.strftime("%Y-%m-%d %H:%M UTC");
        let mut list = format!("### Changed since {} ({at})\n\n", prose(&since.label, 60));
        if since.changes.is_empty() {
            list.push_str("Nothing.\n");
        }
        for change in since.changes.iter().take(MOST_CHANGES) {
            let _ = writeln!(
                list,
                "- {} {} of {} in {}: {} → {} ({})",
                sign(change.to),
                change.criterion.title(),
                code(change.integration.as_str(), 60),
                prose(&change.environment, 60),
                change.from,
                change.to,
                prose(&change.reason, 200)
            );
        }
        if since.changes.len() > MOST_CHANGES {
            let _ = writeln!(list, "- … and {}", digest::number(since.changes.len() - MOST_CHANGES, "more change"));
        }
        list.push('\n');
        blocks.add("list of changes", list);
    }
}

fn broken(blocks: &mut Blocks, run: &Run<'_>) {
    for file in &run.contract.unreadable {
        let place = code(&file.place.to_string(), 200);
        blocks.add("unreadable file", format!("- ❌ **unreadable** {place}: {}\n", prose(&file.message, 300)));
    }
    for scenario in run.contract.scenarios.iter().filter(|scenario| scenario.outcome == Outcome::Broken) {
        blocks.add("broken scenario", broken_scenario(run, scenario));
    }
}

fn broken_scenario(run: &Run<'_>, scenario: &ScenarioRun) -> String {
    let mut page = format!(
        "### ❌ {} on {}: {}\n\n{}",
        code(run.contract.integration.as_str(), 60),
        prose(&run.place(), 60),
        prose(&scenario.name, 200),
        code(&scenario.place.to_string(), 200)
    );
    for promise in scenario.promises.iter().take(20) {
        let _ = write!(page, " {}", code(promise, 40));
    }
    page.push_str("\n\n");
    for finding in scenario.findings.iter().take(5) {
        write_finding(&mut page, finding);
    }
    if scenario.findings.len() > 5 {
        let _ = writeln!(page, "- … and {}", digest::number(scenario.findings.len() - 5, "more finding"));
    }
    page.push('\n');
    page
}

fn write_finding(page: &mut String, finding: &Finding) {
    let _ = writeln!(page, "- **{}**: {}", finding.code, prose(&finding.message, 400));
    for (label, value) in [("at", &finding.pointer), ("expected", &finding.expected), ("actual", &finding.actual)] {
        if let Some(value) = value.as_ref().filter(|value| !says(&finding.message, value)) {
            let _ = writeln!(page, "  - {label} {}", code(value, 300));
        }
    }
    if let Some(diff) = &finding.diff {
        page.push('\n');
        page.push_str(&fence(diff, "  ", 2_000));
    }
}

/// Survivors that a contract's part names before it counts them.
const MOST_SURVIVORS: usize = 5;

/// What each proven contract would not notice.
fn bites(blocks: &mut Blocks, dashboard: &Dashboard<'_>) {
    if dashboard.proven.is_empty() {
        return;
    }
    blocks.add("heading", "\n## What the contracts would not notice\n\n");
    for (name, proven) in &dashboard.proven {
        let bite = proven.bite;
        let score = bite.score.map_or_else(|| "nothing proven".to_owned(), digest::percent);
        let part = if proven.is_whole() { "" } else { " (a part)" };
        let mut block = format!(
            "- {}: **{}**, notices {score}{part}: {} noticed, {} survived, {} unpromised\n",
            code(name.as_str(), 60),
            proven.outcome().as_str(),
            bite.tally.noticed,
            bite.tally.survived,
            bite.tally.unpromised
        );
        for scenario in bite.vacuous().take(MOST_SURVIVORS) {
            let _ = writeln!(block, "  - vacuous: {}", code(&scenario.place.to_string(), 200));
        }
        for survivor in bite.survivors.iter().take(MOST_SURVIVORS) {
            let told = format!("{} in {} {}", survivor.mutation, survivor.operation, survivor.status);
            let sentence = code(&format!("Then {}", survivor.sentence), 300);
            let _ = writeln!(block, "  - {} survives; {sentence} would notice it", code(&told, 200));
        }
        if bite.survivors.len() > MOST_SURVIVORS {
            let more = digest::number(bite.survivors.len() - MOST_SURVIVORS, "more survivor");
            let _ = writeln!(block, "  - … and {more}");
        }
        blocks.add("proof", block);
    }
}

fn runs(blocks: &mut Blocks, dashboard: &Dashboard<'_>) {
    if dashboard.runs.is_empty() {
        blocks.add("run", "No contract has run.\n");
        return;
    }
    let mut head = "## Runs\n\n| Integration | Target | Scenarios | Operations asked | kept | Age |\n".to_owned();
    head.push_str("|---|---|---|---|---|---|\n");
    blocks.add("table of runs", head);
    for run in &dashboard.runs {
        let operations = &run.contract.operations;
        let line = format!(
            "| {} | {} | {} | {} of {} | {} | {} |\n",
            code(run.contract.integration.as_str(), 60),
            prose(&run.place(), 60),
            digest::tally(run.contract.counts()),
            operations.iter().filter(|operation| operation.asked > 0).count(),
            operations.len(),
            operations.iter().filter(|operation| operation.kept > 0).count(),
            digest::age(run.age(dashboard.generated)),
        );
        blocks.add("run", line);
    }
    blocks.add("end", "\n");
    for run in &dashboard.runs {
        for silent in digest::silent(run.contract) {
            let line = format!(
                "- {} on {}: {} **{}**: {}\n",
                code(run.contract.integration.as_str(), 60),
                prose(&run.place(), 60),
                digest::number(silent.scenarios.len(), "scenario"),
                silent.outcome.as_str(),
                prose(silent.reason, 300)
            );
            blocks.add("reason", line);
            for finding in silent.flaws() {
                let mut block = String::new();
                write_finding(&mut block, finding);
                blocks.add("flaw", block);
            }
        }
        for operation in run.contract.operations.iter().filter(|operation| operation.asked == 0) {
            let name = code(run.contract.integration.as_str(), 60);
            blocks.add("operation", format!("- {name} never asked: {}\n", code(&operation.request, 200)));
        }
    }
}
