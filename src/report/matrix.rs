//! The five-column dashboard that teams keep by hand, drawn from the judgement.

use std::fmt::Write;

use crate::domain::integration::Name;
use crate::domain::readiness::{Cell, Criterion, EnvironmentReadiness, Readiness, Row, State};
use crate::report::markdown::safe::prose;

/// `Integration | Environment Status | Credentials | Testing | Blockers`, a row an integration. `report --diff` finds
/// nothing in it that claims more than the evidence.
pub fn draw(readiness: &Readiness) -> String {
    let mut page = format!(
        "# Integration readiness of {}\n\nDrawn from the evidence, {}. Unknown is never ready.\n\n",
        prose(&readiness.workspace, 200),
        readiness.judged.strftime("%Y-%m-%d %H:%M UTC")
    );
    page.push_str("| Integration | Environment Status | Credentials | Testing | Blockers |\n|---|---|---|---|---|\n");
    for name in names(readiness) {
        let rows = rows(readiness, name);
        let Some((_, first)) = rows.first() else { continue };
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} |",
            prose(&first.title, 80),
            verdicts(&rows),
            in_each(&rows, Criterion::Credentials),
            testing(&rows),
            blockers(&rows)
        );
    }
    page
}

/// A row with the environment that it is judged in.
pub type InPlace<'a> = (&'a str, &'a Row);

/// The integrations, in the judgement's order.
pub fn names(readiness: &Readiness) -> impl Iterator<Item = &Name> {
    readiness.environments.first().into_iter().flat_map(|judged| judged.rows.iter().map(|row| &row.integration))
}

/// The rows of one integration.
pub fn rows<'a>(readiness: &'a Readiness, name: &Name) -> Vec<InPlace<'a>> {
    let own = |judged: &'a EnvironmentReadiness| {
        judged.rows.iter().find(|row| row.integration == *name).map(|row| (judged.environment.as_str(), row))
    };
    readiness.environments.iter().filter_map(own).collect()
}

fn verdicts(rows: &[InPlace<'_>]) -> String {
    let told = rows.iter().filter_map(|(environment, row)| Some((prose(environment, 60), row.verdict()?)));
    let list: Vec<String> = told.map(|(environment, verdict)| format!("{environment} {}", verdict.as_str())).collect();
    if list.is_empty() { "not required anywhere: unknown".to_owned() } else { list.join("; ") }
}

/// One criterion in each environment, once where it is the same in all.
pub fn in_each(rows: &[InPlace<'_>], criterion: Criterion) -> String {
    let cells: Vec<(&str, &Cell)> =
        rows.iter().filter_map(|(environment, row)| Some((*environment, row.cell(criterion)?))).collect();
    let Some((_, first)) = cells.first() else { return "unknown".to_owned() };
    if cells.iter().all(|(_, cell)| (cell.state, &cell.reason) == (first.state, &first.reason)) {
        return told(first);
    }
    let list: Vec<String> =
        cells.iter().map(|(environment, cell)| format!("{}: {}", prose(environment, 60), told(cell))).collect();
    list.join("; ")
}

fn told(cell: &Cell) -> String {
    let evidence = cell.proof.as_ref().map(|proof| format!(", evidence {}", proof.sequence)).unwrap_or_default();
    format!("{} ({}{evidence})", cell.state, prose(&cell.reason, 160))
}

/// The contract on its twin and live.
pub fn testing(rows: &[InPlace<'_>]) -> String {
    format!("on twin {}; live {}", in_each(rows, Criterion::ContractTwin), in_each(rows, Criterion::ContractLive))
}

/// Open blockers with where they block.
pub fn blockers(rows: &[InPlace<'_>]) -> String {
    let open: Vec<String> = rows
        .iter()
        .filter_map(|(environment, row)| Some((environment, row.cell(Criterion::Blockers)?)))
        .filter(|(_, cell)| cell.state == State::Blocked)
        .map(|(environment, cell)| format!("{} in {}", prose(&cell.reason, 160), prose(environment, 60)))
        .collect();
    if open.is_empty() { "none declared".to_owned() } else { open.join("; ") }
}
