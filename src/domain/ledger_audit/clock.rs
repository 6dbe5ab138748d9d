//! The times of entries: never before the work that they speak of, and never before the line before them.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use crate::domain::chain::Line;
use crate::domain::entry::Entry;
use crate::domain::ledger_audit::{Code, Flaw};

/// A writer takes its time and then waits for others to finish, so that lines may be this much out of order.
const WAIT: SignedDuration = SignedDuration::from_secs(60);

/// What is wrong with the times, given what is wrong with the chain.
///
/// A chain that holds over a step back was written in this order: then the clock went back, or was set back. Where the chain
/// does not hold, the line was put there.
pub fn flaws(lines: &[Line], chain: &[Flaw], now: Timestamp) -> Vec<Flaw> {
    // A line that was moved or copied is told as that; its date is the one that it always had.
    let moved: HashSet<usize> = chain
        .iter()
        .filter(|flaw| matches!(flaw.code, Code::Reordered | Code::Duplicated))
        .filter_map(|flaw| flaw.line)
        .collect();
    let torn: HashSet<usize> = chain.iter().filter(|flaw| flaw.breaks).filter_map(|flaw| flaw.line).collect();
    let mut flaws = Vec::new();
    let mut before: Option<&Entry> = None;
    for line in lines {
        let Ok(entry) = &line.entry else { continue };
        let mut tell = |code, says: String| flaws.push(Flaw::new(code, says).at(line));
        if let Some(shown) = entry.evidence() {
            if entry.written < shown.finished {
                let says =
                    format!("written at {}, and the work that it speaks of ended at {}", entry.written, shown.finished);
                tell(Code::BackDated, says);
            } else if shown.finished < shown.started {
                tell(
                    Code::BackDated,
                    format!("the work ended at {}, before it began at {}", shown.finished, shown.started),
                );
            }
        }
        if let Some(before) = before
            && entry.written < before.written - WAIT
            && !moved.contains(&line.number)
        {
            let torn = (line.number - 1..=line.number + 1).any(|number| torn.contains(&number));
            let says = format!("written at {}, the line before it at {}", entry.written, before.written);
            if torn {
                tell(Code::BackDated, says);
            } else {
                tell(Code::ClockBack, format!("{says}; the chain holds, so the clock went back or was set back"));
            }
        }
        if entry.written > now + WAIT {
            tell(Code::Future, format!("written at {}, and now is {now}", entry.written));
        }
        before = Some(entry);
    }
    flaws
}
