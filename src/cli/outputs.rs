//! The files that a verb leaves: dashboards drawn from the ledger's newest records.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;

use crate::adapter::files;
use crate::adapter::git::WorkTree;
use crate::adapter::ledger::{self, FILE, Ledger, RECORDS};
use crate::adapter::workspace::Workspace;
use crate::cli::args::{Common, Format};
use crate::cli::console::Console;
use crate::domain::chain::reading::{Lost, Reading};
use crate::domain::declaration::register::register;
use crate::domain::entry::{Entry, History};
use crate::domain::evidence::{Class, Evidence};
use crate::domain::integration::Name;
use crate::domain::inventory::Inventory;
use crate::domain::readiness::timeline::{Beginning, MOST, Timeline, timeline};
use crate::domain::readiness::{CurrentContract, Readiness};
use crate::domain::record::{Kind, Record};
use crate::domain::target::Target;
use crate::domain::vendor::vendors;
use crate::engine::readiness::{believed, contracts, readiness};
use crate::report;
use crate::report::badge::Sign;
use crate::report::dashboard::{Dashboard, Run};
use crate::report::terminal::Style;
use crate::report::{badge, github, html, json, junit, markdown, matrix, messages, metrics, tap, terminal};

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

/// Says so, where it is so.
pub fn warn_of_ignored(folder: &Path, console: Console) {
    if let Some(warning) = ignored(folder) {
        console.say(&format!("warning: {warning}"));
    }
}

/// The judgement and what it rests on.
pub struct Drawn {
    pub readiness: Readiness,
    /// With the newest records that it rests on.
    pub history: History,
    inventory: Inventory,
    contracts: BTreeMap<Name, CurrentContract>,
    past: Option<Timeline>,
    /// What the ledger has lost, and records that are gone or changed.
    pub warnings: Vec<String>,
}

/// Judges the workspace by its ledger.
///
/// # Errors
/// The ledger cannot be read.
pub fn draw(workspace: &Workspace, ledger: &Ledger, now: Timestamp) -> anyhow::Result<Drawn> {
    Ok(judge(workspace, ledger, ledger.read()?, None, now))
}

/// The same, without what is past: for a verdict alone.
///
/// # Errors
/// The ledger cannot be read.
pub fn draw_now(workspace: &Workspace, ledger: &Ledger, now: Timestamp) -> anyhow::Result<Drawn> {
    Ok(judge(workspace, ledger, ledger.read_newest()?, None, now))
}

/// The same, where this record was appended just now and need not be read again.
///
/// # Errors
/// The ledger cannot be read.
pub fn draw_fresh(workspace: &Workspace, ledger: &Ledger, record: Record, now: Timestamp) -> anyhow::Result<Drawn> {
    Ok(judge(workspace, ledger, ledger.read()?, Some(record), now))
}

fn judge(workspace: &Workspace, ledger: &Ledger, reading: Reading, fresh: Option<Record>, now: Timestamp) -> Drawn {
    let Reading { mut history, lost } = reading;
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
    let readiness = readiness(workspace, &history, now);
    let inventory = workspace.inventory.clone();
    Drawn { readiness, history, inventory, contracts: contracts(workspace), past: None, warnings }
}

fn told(lost: &Lost) -> String {
    format!("line {} of the ledger was passed over: {}", lost.line, lost.reason)
}

/// What a judgement may rest on: kind of work, class, integration, target, environment, partial, and the command of a flip.
type What<'a> = (Kind, bool, &'a Name, Target, Option<&'a str>, bool, Option<&'a [String]>);

/// The newest of each kind of work × integration × target × environment, and the newest that is not partial.
fn newest(history: &History) -> Vec<(u64, &Evidence)> {
    let mut newest: BTreeMap<What<'_>, (u64, &Evidence)> = BTreeMap::new();
    for (sequence, shown) in history.evidence() {
        let place = (shown.target, shown.environment.as_deref(), shown.partial);
        // An integration may have flags of its own each, and the command names the one.
        let flag = (shown.kind == Kind::Flip).then_some(shown.command.as_slice());
        let measured = shown.class == Class::Measured;
        let what = (shown.kind, measured, &shown.integration, place.0, place.1, place.2, flag);
        newest.insert(what, (sequence, shown));
    }
    newest.into_values().collect()
}

impl Drawn {
    /// Judges the last runs again, for what changed since.
    pub fn look_back(&mut self, ledger: &Ledger, beginnings: &[Beginning]) {
        if self.inventory.policy.values().any(|policy| !policy.conditions.is_empty()) {
            self.read_older(ledger);
        }
        let now = self.readiness.judged;
        self.past = Some(timeline(&self.inventory, &self.contracts, &self.history, now, beginnings));
    }

    /// A condition is asked of a run's record, so the records of the runs that are looked back on are read too. One that
    /// is gone leaves its condition unknown.
    fn read_older(&mut self, ledger: &Ledger) {
        let mut older: BTreeMap<String, Record> = BTreeMap::new();
        for (_, shown) in self.history.evidence().rev().filter(|(_, shown)| shown.kind == Kind::ContractRun) {
            if older.len() == MOST {
                break;
            }
            if !self.history.records.contains_key(&shown.record)
                && !older.contains_key(&shown.record)
                && let Ok(record) = ledger.record(shown)
            {
                older.insert(shown.record.clone(), record);
            }
        }
        self.history.records.extend(older);
    }

    /// Draws formats into files, and returns their paths.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(&self, folder: &Path, formats: &[Format], now: Timestamp) -> anyhow::Result<Vec<PathBuf>> {
        let mut dashboard = Dashboard::new(&self.readiness, self.history.records.values(), TOOL, now);
        dashboard.past = self.past.as_ref();
        let register = register(&self.inventory, &self.history, now);
        dashboard.register = Some(&register);
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
            Format::Json => {
                let mut files = one("readiness.json", json::readiness(&self.readiness)?);
                if let Some(past) = &self.past {
                    files.push(("history.json".to_owned(), json::history(past)?));
                }
                files
            }
            Format::Junit => one("junit.xml", junit::draw(runs).context("the JUnit report cannot be drawn")?),
            Format::Tap => one("readiness.tap", tap::draw(runs)),
            Format::Github => one("annotations.txt", github::draw(runs)),
            Format::Terminal => one("readiness.txt", terminal::readiness(&self.readiness, Style::default())),
            Format::Badge => self.badges()?,
            Format::Matrix => one("matrix.md", matrix::draw(&self.readiness)),
            Format::Vendors => self.vendors()?,
            Format::Messages => one("messages.ndjson", messages::draw(runs, TOOL, dashboard.generated)),
            Format::Metrics => one("metrics.prom", metrics::draw(&self.readiness, runs)),
        })
    }

    fn vendors(&self) -> anyhow::Result<Vec<(String, String)>> {
        let found = vendors(&self.inventory, &self.readiness, &self.history);
        Ok(vec![
            ("vendors.md".to_owned(), report::vendors::draw(&self.readiness, &found)),
            ("vendors.json".to_owned(), json::vendors(&found)?),
        ])
    }

    fn badges(&self) -> anyhow::Result<Vec<(String, String)>> {
        let mut badges = Vec::new();
        let mut add = |path: String, sign: &Sign<'_>| -> anyhow::Result<()> {
            badges.push((format!("badges/{path}.json"), sign.json()?));
            badges.push((format!("badges/{path}.svg"), sign.svg()));
            Ok(())
        };
        for environment in &self.readiness.environments {
            let name = &environment.environment;
            add(name.clone(), &badge::environment(environment))?;
            for row in &environment.rows {
                add(format!("{name}/{}", row.integration), &badge::integration(row))?;
            }
        }
        Ok(badges)
    }
}
