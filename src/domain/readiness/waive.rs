//! What people waive: a cell that does not let pass is *waived* until the waiver expires, and never ready.

use crate::domain::declaration::standing::Court;
use crate::domain::readiness::{Row, State};

/// Puts the waivers that hold over what was found. A waived cell rests on a person's word and on no evidence, so it
/// proves nothing: where everything is waived the verdict stays UNKNOWN.
pub fn waive(rows: &mut [Row], court: &Court<'_>) {
    let words = court.history.of_people();
    let court = Court { history: &words, ..*court };
    for row in rows {
        for cell in row.cells.iter_mut().filter(|cell| !cell.state.lets_pass()) {
            match court.waived(&row.integration, cell.criterion) {
                Ok((sequence, waiver)) => {
                    let until = waiver.until.map(|until| until.to_string()).unwrap_or_default();
                    cell.reason = format!(
                        "waived until {until} by {}: {} (it is {}: {}; entry {sequence})",
                        waiver.by, waiver.why, cell.state, cell.reason
                    );
                    cell.state = State::Waived;
                    cell.proof = None;
                }
                Err(doubts) => {
                    if let Some((sequence, doubt)) = doubts.last() {
                        cell.reason = format!("{}; the waiver of entry {sequence} {doubt}", cell.reason);
                    }
                }
            }
        }
    }
}
