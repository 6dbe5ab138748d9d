//! The files that a verb leaves: dashboards drawn from the ledger's newest records.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;

use crate::adapter::files;
use crate::adapter::git::WorkTree;
use crate::adapter::ledger::{self, FILE, Ledger, Lost, RECORDS, Reading};
use crate::adapter::workspace::Workspace;
use crate::cli::args::{Common, Format};
use crate::domain::entry::{Entry, History};
use crate::domain::evidence::Evidence;
use crate::domain::readiness::Readiness;
use crate::domain::record::Record;
use crate::engine::readiness::{believed, readiness};
use crate::report::dashboard::{Dashboard, Run};
use crate::report::terminal::Style;
use crate::report::{badge, github, html, json, junit, markdown, tap, terminal};

/// `preflight 0.1.0`
pub const TOOL: &str = concat!("preflight ", env!("CARGO_PKG_VERSION"));

/// The folder that reports are written to.
pub fn folder(common: &Common, workspace: &Workspace) -> PathBuf {
    match &common.reports {
        Some(folder) => folder.clone(),
        None => workspace.root.clone().unwrap_or_default().join("reports"),
    }
}

/// What is said where git would leave the evidence out of the repository.
pub fn ignored(folder: &Path) -> Option<String> {
    let asked = [FILE, RECORDS].map(str::to_owned);
    let ignored = WorkTree::of(folder).map(|tree| tree.ignored(&asked)).unwrap_or_default();
    (!ignored.is_empty()).then(|| {
        let what = ignored.into_iter().collect::<Vec<_>>().join(" and ");
        format!("git ignores {what} in {}: evidence that is not committed is gone with this folder", folder.display())
    })
}

/// The judgement and what it rests on.
pub struct Drawn {
    pub readiness: Readiness,
    /// With the newest records that it rests on.
    pub history: History,
    /// What the ledger has lost, and records that are gone or changed.
    pub warnings: Vec<String>,
}

/// Judges the workspace by its ledger.
///
/// # Errors
/// The ledger cannot be read.
pub fn draw(workspace: &Workspace, ledger: &Ledger, now: Timestamp) -> anyhow::Result<Drawn> {
    judge(workspace, ledger, None, now)
}

/// The same, where this record was appended just now and need not be read again.
///
/// # Errors
/// The ledger cannot be read.
pub fn draw_fresh(workspace: &Workspace, ledger: &Ledger, record: Record, now: Timestamp) -> anyhow::Result<Drawn> {
    judge(workspace, ledger, Some(record), now)
}

fn judge(workspace: &Workspace, ledger: &Ledger, fresh: Option<Record>, now: Timestamp) -> anyhow::Result<Drawn> {
    let Reading { mut history, lost } = ledger.read()?;
    let mut warnings: Vec<String> = lost.iter().map(told).collect();
    warnings.extend(believed(workspace, &mut history, now));
    let mut fresh = fresh.map(|record| (ledger::place(&record), record));
    let mut records: BTreeMap<String, Record> = BTreeMap::new();
    let mut unproven = BTreeSet::new();
    for (sequence, shown) in newest(&history) {
        if records.contains_key(&shown.record) || unproven.contains(&shown.record) {
            continue;
        }
        if let Some((place, record)) = fresh.take_if(|(place, _)| *place == shown.record) {
            records.insert(place, record);
            continue;
        }
        match ledger.record(shown) {
            Ok(record) => {
                records.insert(shown.record.clone(), record);
            }
            Err(error) => {
                warnings.push(format!("entry {sequence} proves nothing: {error}"));
                unproven.insert(shown.record.clone());
            }
        }
    }
    let shown = history.entries.iter_mut().filter_map(Entry::evidence_mut);
    for evidence in shown.filter(|evidence| unproven.contains(&evidence.record)) {
        evidence.shows_nothing();
    }
    history.records = records;
    Ok(Drawn { readiness: readiness(workspace, &history, now), history, warnings })
}

fn told(lost: &Lost) -> String {
    format!("line {} of the ledger is no entry and was passed over: {}", lost.line, lost.reason)
}

/// The newest of each kind of work × integration × target × environment, and the newest that is not partial.
fn newest(history: &History) -> Vec<(u64, &Evidence)> {
    let mut newest = BTreeMap::new();
    for (sequence, shown) in history.evidence() {
        let what = (shown.kind, &shown.integration, shown.target, shown.environment.as_deref(), shown.partial);
        newest.insert(what, (sequence, shown));
    }
    newest.into_values().collect()
}

impl Drawn {
    /// Draws formats into files, and returns their paths.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(&self, folder: &Path, formats: &[Format], now: Timestamp) -> anyhow::Result<Vec<PathBuf>> {
        let dashboard = Dashboard::new(&self.readiness, self.history.records.values(), TOOL, now);
        let mut written = Vec::new();
        for format in formats {
            for (name, text) in self.format(*format, &dashboard)? {
                let path = folder.join(name);
                files::write_drawn(&path, text.as_bytes())?;
                written.push(path);
            }
        }
        Ok(written)
    }

    fn format(&self, format: Format, dashboard: &Dashboard) -> anyhow::Result<Vec<(String, String)>> {
        let runs: &[Run] = &dashboard.runs;
        let one = |name: &str, text: String| vec![(name.to_owned(), text)];
        Ok(match format {
            Format::Html => one("readiness.html", html::draw(dashboard).context("the dashboard cannot be drawn")?),
            Format::Markdown => one("readiness.md", markdown::draw(dashboard)),
            Format::Json => one("readiness.json", json::readiness(&self.readiness)?),
            Format::Junit => one("junit.xml", junit::draw(runs).context("the JUnit report cannot be drawn")?),
            Format::Tap => one("readiness.tap", tap::draw(runs)),
            Format::Github => one("annotations.txt", github::draw(runs)),
            Format::Terminal => one("readiness.txt", terminal::readiness(&self.readiness, Style::default())),
            Format::Badge => self.badges()?,
        })
    }

    fn badges(&self) -> anyhow::Result<Vec<(String, String)>> {
        let mut badges = Vec::new();
        for environment in &self.readiness.environments {
            let name = &environment.environment;
            badges.push((format!("badges/{name}.json"), badge::environment(environment)?));
            for row in &environment.rows {
                badges.push((format!("badges/{name}/{}.json", row.integration), badge::integration(row)?));
            }
        }
        Ok(badges)
    }
}
