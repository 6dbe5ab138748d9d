//! A readiness dashboard that a person typed, held against what the evidence shows.

mod claim;
mod table;

use serde::{Deserialize, Serialize};

use crate::domain::integration::Name;
use crate::domain::nearest::nearest;
use crate::domain::readiness::{Criterion, EnvironmentReadiness, Readiness, Row, State, Verdict};
use crate::domain::typed::claim::{Claim, claim};
use crate::domain::typed::table::Table;

/// The version of [`Comparison`] as a file.
pub const VERSION: u32 = 1;

/// What a typed dashboard says beside what is true.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Comparison {
    pub version: u32,
    /// Cells that were read as a claim and compared.
    pub compared: usize,
    pub differences: Vec<Difference>,
}

/// One cell or row that is not what the evidence shows.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    pub kind: Kind,
    /// Of the file, from 1; of a missing row the line of the table's heading.
    pub line: usize,
    /// As it is typed, or the integration that is missing.
    pub row: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What the cell says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed: Option<String>,
    /// What is true.
    pub truth: String,
}

/// How a typed cell or row stands to the truth.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It claims more than the evidence shows.
    More,
    /// It claims less.
    Less,
    /// It says nothing that could be compared.
    Unclear,
    /// An integration of the workspace has no row.
    MissingRow,
    /// A row is of no integration of the workspace.
    UnknownRow,
    /// It names a blocker that nobody declared.
    UndeclaredBlocker,
}

/// What a column is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Subject {
    Name,
    Criteria(&'static [Criterion]),
    Blockers,
    /// The whole row: what its environments' verdicts say.
    Verdict,
}

/// The columns that teams give such a table. The words are those of the five-column dashboard and of the vendor table of
/// its first users, in both of their generations.
fn subject(heading: &str) -> Option<Subject> {
    let heading = heading.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| heading.contains(word));
    Some(if has(&["blocker", "next action"]) {
        Subject::Blockers
    } else if has(&["credential", "secret"]) {
        Subject::Criteria(&[Criterion::Credentials])
    } else if has(&["sandbox", "twin", "mock"]) {
        Subject::Criteria(&[Criterion::ContractTwin])
    } else if has(&["live"]) {
        Subject::Criteria(&[Criterion::ContractLive])
    } else if has(&["webhook"]) {
        Subject::Criteria(&[Criterion::Webhooks])
    } else if has(&["health"]) {
        Subject::Criteria(&[Criterion::Health])
    } else if has(&["test", "contract"]) {
        Subject::Criteria(&[Criterion::ContractTwin, Criterion::ContractLive])
    } else if has(&["flag"]) {
        Subject::Criteria(&[Criterion::Flag])
    } else if has(&["integration", "vendor", "service"]) {
        Subject::Name
    } else if has(&["status", "environment", "ready", "readiness"]) {
        Subject::Verdict
    } else {
        return None;
    })
}

/// Compares every readiness table of a Markdown text with a judgement; None when it holds no such table.
pub fn compare(markdown: &str, readiness: &Readiness, tickets: &[String]) -> Option<Comparison> {
    let tables: Vec<Table> = table::tables(markdown).into_iter().filter(is_readiness).collect();
    if tables.is_empty() {
        return None;
    }
    let mut search = Search { readiness, tickets, compared: 0, differences: Vec::new(), met: Vec::new() };
    for table in &tables {
        search.table(table);
    }
    search.missing(tables[0].line);
    Some(Comparison { version: VERSION, compared: search.compared, differences: search.differences })
}

/// It has a column of names and one that can be compared.
fn is_readiness(table: &Table) -> bool {
    let subjects = || table.heading.iter().filter_map(|heading| subject(heading));
    subjects().any(|subject| subject == Subject::Name) && subjects().any(|subject| subject != Subject::Name)
}

struct Search<'a> {
    readiness: &'a Readiness,
    tickets: &'a [String],
    compared: usize,
    differences: Vec<Difference>,
    met: Vec<&'a Name>,
}

/// One typed cell.
struct Typed<'t> {
    line: usize,
    row: &'t str,
    column: &'t str,
    text: &'t str,
}

impl<'a> Search<'a> {
    fn table(&mut self, table: &Table) {
        let Some(names) = table.heading.iter().position(|heading| subject(heading) == Some(Subject::Name)) else {
            return;
        };
        for (line, cells) in &table.rows {
            let Some(typed_name) = cells.get(names).filter(|name| !name.is_empty()) else { continue };
            let Some(name) = self.integration(typed_name) else {
                self.unknown_row(*line, typed_name);
                continue;
            };
            self.met.push(name);
            for (heading, text) in table.heading.iter().zip(cells) {
                let typed = Typed { line: *line, row: typed_name, column: heading, text };
                match subject(heading) {
                    Some(Subject::Criteria(criteria)) => self.criteria(name, criteria, &typed),
                    Some(Subject::Verdict) => self.verdict(name, &typed),
                    Some(Subject::Blockers) => self.blockers(name, &typed),
                    Some(Subject::Name) | None => {}
                }
            }
        }
    }

    fn rows(&self, name: &Name) -> Vec<(&'a EnvironmentReadiness, &'a Row)> {
        let own = |judged: &'a EnvironmentReadiness| {
            judged.rows.iter().find(|row| row.integration == *name).map(|row| (judged, row))
        };
        self.readiness.environments.iter().filter_map(own).collect()
    }

    /// `GA MCP`, `ga-mcp` and "Google Analytics MCP" are one integration; a part of a title that fits one alone is it too.
    fn integration(&self, typed: &str) -> Option<&'a Name> {
        let wanted = plain(typed);
        let rows = || self.readiness.environments.first().into_iter().flat_map(|judged| &judged.rows);
        let exact = rows().find(|row| plain(row.integration.as_str()) == wanted || plain(&row.title) == wanted);
        exact.map(|row| &row.integration).or_else(|| {
            // `Shopify Admin` is `shopify`, unless `shopify-admin` is there.
            let first = wanted.split(' ').next()?;
            let mut alike = rows().filter(|row| {
                let name = plain(row.integration.as_str());
                name == first || wanted.contains(&format!(" {name}")) || plain(&row.title).starts_with(&wanted)
            });
            let found = alike.next()?;
            alike.next().is_none().then_some(&found.integration)
        })
    }

    fn unknown_row(&mut self, line: usize, typed: &str) {
        let rows = self.readiness.environments.first().into_iter().flat_map(|judged| &judged.rows);
        let near = nearest(&plain(typed), rows.map(|row| row.integration.as_str()));
        let near = near.map(|near| format!("; the nearest is `{near}`")).unwrap_or_default();
        self.add(Kind::UnknownRow, line, typed, format!("no integration of the workspace is called so{near}"));
    }

    fn criteria(&mut self, name: &Name, criteria: &[Criterion], typed: &Typed<'_>) {
        let mut states: Vec<(String, State)> = Vec::new();
        for criterion in criteria {
            let cells = self.named(name, typed).into_iter().filter_map(|(judged, row)| {
                Some((format!("{criterion} in {}", judged.environment), row.cell(*criterion)?.state))
            });
            let cells: Vec<(String, State)> = cells.collect();
            match cells.as_slice() {
                // What is the same everywhere is told once.
                [(_, first), _, ..] if cells.iter().all(|(_, state)| state == first) => {
                    states.push((criterion.to_string(), *first));
                }
                _ => states.extend(cells),
            }
        }
        let ready = |state: &State| matches!(state, State::Ready | State::NotApplicable);
        let truth = states.iter().map(|(place, state)| format!("{place} {state}")).collect::<Vec<_>>().join(", ");
        let all = !states.is_empty()
            && states.iter().all(|(_, state)| ready(state))
            && states.iter().any(|(_, state)| *state == State::Ready);
        self.hold(typed, claim(typed.text), all, truth);
    }

    fn verdict(&mut self, name: &Name, typed: &Typed<'_>) {
        let told: Vec<(String, bool)> = self
            .named(name, typed)
            .into_iter()
            .map(|(judged, row)| match row.verdict() {
                Some(verdict) => (format!("{} {}", judged.environment, verdict.as_str()), verdict == Verdict::Go),
                None => (format!("{} requires nothing", judged.environment), false),
            })
            .collect();
        let truth = told.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(", ");
        let all = !told.is_empty() && told.iter().all(|(_, go)| *go);
        self.hold(typed, claim(typed.text), all, truth);
    }

    /// The environments that the cell or its heading names; all where it names none.
    fn named(&self, name: &Name, typed: &Typed<'_>) -> Vec<(&'a EnvironmentReadiness, &'a Row)> {
        let said = plain(&format!("{} {}", typed.column, typed.text));
        let mut rows = self.rows(name);
        let names = |judged: &EnvironmentReadiness| said.split(' ').any(|word| word == plain(&judged.environment));
        if rows.iter().any(|(judged, _)| names(judged)) {
            rows.retain(|(judged, _)| names(judged));
        }
        rows
    }

    fn hold(&mut self, typed: &Typed<'_>, claim: Claim, ready: bool, truth: String) {
        let kind = match (claim, ready) {
            (Claim::Unclear, _) => Kind::Unclear,
            (Claim::Ready, false) => Kind::More,
            (Claim::NotReady, true) => Kind::Less,
            (Claim::Ready, true) | (Claim::NotReady, false) => {
                self.compared += 1;
                return;
            }
        };
        self.compared += usize::from(kind != Kind::Unclear);
        self.differ(kind, typed, truth);
    }

    fn blockers(&mut self, name: &Name, typed: &Typed<'_>) {
        let open: Vec<&str> = self
            .rows(name)
            .iter()
            .filter_map(|(_, row)| row.cell(Criterion::Blockers))
            .filter(|cell| cell.state == State::Blocked)
            .flat_map(|cell| cell.reason.trim_start_matches("open: ").split(", "))
            .collect();
        for ticket in claim::tickets(typed.text).filter(|ticket| !self.tickets.iter().any(|known| known == ticket)) {
            let truth = format!("{ticket} is not declared under `blockers`");
            self.differ(Kind::UndeclaredBlocker, typed, truth);
        }
        self.compared += 1;
        let mut untold: Vec<&str> = open.iter().copied().filter(|ticket| !typed.text.contains(ticket)).collect();
        untold.sort_unstable();
        untold.dedup();
        if !untold.is_empty() {
            // A cell that speaks of something else hides nothing, and does not say it either.
            let kind = if claim::says_none(typed.text) { Kind::More } else { Kind::Unclear };
            self.differ(kind, typed, format!("open: {}", untold.join(", ")));
        }
    }

    fn missing(&mut self, line: usize) {
        let environments = &self.readiness.environments;
        let rows = environments.first().into_iter().flat_map(|judged| &judged.rows);
        for row in rows.filter(|row| !self.met.contains(&&row.integration)) {
            let required = environments.iter().any(|judged| {
                judged.rows.iter().any(|own| own.integration == row.integration && own.verdict().is_some())
            });
            let truth =
                if required { "a policy is about it, and it has no row" } else { "declared, and it has no row" };
            self.differences.push(Difference {
                kind: Kind::MissingRow,
                line,
                row: row.integration.to_string(),
                column: None,
                typed: None,
                truth: truth.to_owned(),
            });
        }
    }

    fn add(&mut self, kind: Kind, line: usize, row: &str, truth: String) {
        self.differences.push(Difference { kind, line, row: row.to_owned(), column: None, typed: None, truth });
    }

    fn differ(&mut self, kind: Kind, typed: &Typed<'_>, truth: String) {
        self.differences.push(Difference {
            kind,
            line: typed.line,
            row: typed.row.to_owned(),
            column: Some(typed.column.to_owned()),
            typed: Some(typed.text.to_owned()),
            truth,
        });
    }
}

/// Words alone, in lower case.
fn plain(text: &str) -> String {
    let spaced: String = text.chars().map(|letter| if letter.is_alphanumeric() { letter } else { ' ' }).collect();
    spaced.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
