//! Whether a flip may begin: prerequisites, policy, blockers, approval.

use crate::domain::declaration::standing::Doubt;
use crate::domain::flag::audit::{Needed, Presence};
use crate::domain::integration::Name;
use crate::domain::readiness::{Cell, Criterion, EnvironmentReadiness, State};
use crate::engine::flip::hands::Said;

/// Who allowed it.
#[derive(Clone, Debug)]
pub enum Approval {
    /// Sequence of the approval in the ledger.
    Entry(u64),
    /// Stores and consumer are on this machine: nothing live is at stake.
    Loopback,
    /// Nobody; approvals that would cover it, with why they do not.
    None(Vec<(u64, Doubt)>),
}

/// What is judged.
pub struct Gate<'a> {
    pub flag: &'a str,
    pub readiness: &'a EnvironmentReadiness,
    pub integrations: &'a [Name],
    pub prerequisites: &'a [Needed],
    pub approval: &'a Approval,
    pub rehearsal: bool,
}

impl Gate<'_> {
    /// Judges it. A rehearsal needs the approval alone: it is how the rest comes to be known.
    pub fn judge(&self) -> Said {
        let approved = match self.approval {
            Approval::Entry(sequence) => format!("approved by entry {sequence}"),
            Approval::Loopback => "needs no approval: stores and consumer are on this machine".to_owned(),
            Approval::None(doubts) => return self.unapproved(doubts),
        };
        let (failing, unknown) = self.obstacles();
        let seen: Vec<String> = std::iter::once(approved).chain(failing.clone()).chain(unknown.clone()).collect();
        let said = match (failing.first(), unknown.first()) {
            (None, None) => Said::kept("prerequisites, policy and approval hold"),
            _ if self.rehearsal => {
                let count = failing.len() + unknown.len();
                let obstacles = if count == 1 { "1 obstacle".to_owned() } else { format!("{count} obstacles") };
                Said::kept(format!("rehearsed although {obstacles} would keep a flip from beginning"))
            }
            (Some(first), _) => Said::broken(first.clone()),
            (None, Some(first)) => Said::unasked(first.clone()),
        };
        said.seeing(seen)
    }

    fn unapproved(&self, doubts: &[(u64, Doubt)]) -> Said {
        let environment = &self.readiness.environment;
        let why: Vec<String> = doubts.iter().map(|(sequence, doubt)| format!("entry {sequence} {doubt}")).collect();
        let told = if why.is_empty() { String::new() } else { format!(" ({})", why.join("; ")) };
        let flag = self.flag;
        Said::broken(format!(
            "no approval covers switching `{flag}` in {environment}{told}: `preflight approve flip {flag} --env {environment} …`"
        ))
    }

    /// What fails, and what is not known.
    fn obstacles(&self) -> (Vec<String>, Vec<String>) {
        let (mut failing, mut unknown) = (Vec::new(), Vec::new());
        for needed in self.prerequisites {
            let line = format!("{}: {}", needed.what, needed.detail);
            match needed.state {
                Presence::There | Presence::Later => {}
                Presence::Missing => failing.push(line),
                Presence::Unknown => unknown.push(line),
            }
        }
        for name in self.integrations {
            let Some(row) = self.readiness.rows.iter().find(|row| row.integration == *name) else {
                unknown.push(format!("{name} is no integration of this workspace"));
                continue;
            };
            let required: Vec<&Cell> =
                row.cells.iter().filter(|cell| cell.required && cell.criterion != Criterion::Flag).collect();
            if required.is_empty() {
                unknown.push(format!("the policy of {} requires nothing of {name}", self.readiness.environment));
            }
            // An open blocker stands in the way also where no policy asks for that criterion.
            let blocked = row.cells.iter().filter(|cell| !cell.required && cell.state == State::Blocked);
            for cell in required.into_iter().chain(blocked).filter(|cell| !cell.state.lets_pass()) {
                let line = format!("{name}: {} is {}: {}", cell.criterion.title(), cell.state, cell.reason);
                if matches!(cell.state, State::Failing | State::Blocked) {
                    failing.push(line);
                } else {
                    unknown.push(line);
                }
            }
        }
        (failing, unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::{Approval, Gate};
    use crate::domain::declaration::standing::Doubt;
    use crate::domain::flag::audit::{Needed, Presence};
    use crate::domain::integration::Name;
    use crate::domain::readiness::{Cell, Criterion, EnvironmentReadiness, State};
    use crate::domain::readiness::{Row, Verdict};
    use crate::domain::record::Outcome;
    use crate::engine::flip::hands::Said;

    fn cell(criterion: Criterion, state: State, required: bool) -> Cell {
        Cell { criterion, state, reason: "as it is".to_owned(), required, next: None, proof: None }
    }

    fn judged(cells: Vec<Cell>, needed: Presence, approval: &Approval, rehearsal: bool) -> Said {
        let name: Name = "idea-pool".parse().expect("a name");
        let row = Row { integration: name.clone(), title: String::new(), owner: None, cells };
        let readiness = EnvironmentReadiness {
            environment: "staging".to_owned(),
            verdict: Verdict::Unknown,
            reasons: Vec::new(),
            rows: vec![row],
        };
        let needed = Needed { what: "table x".to_owned(), state: needed, detail: "looked at".to_owned() };
        let gate = Gate {
            flag: "f",
            readiness: &readiness,
            integrations: &[name],
            prerequisites: &[needed],
            approval,
            rehearsal,
        };
        gate.judge()
    }

    #[test]
    fn a_gate_opens_when_everything_holds_and_a_rehearsal_needs_the_approval_alone() {
        use Criterion::{Blockers, ContractLive, Flag};
        let good = || vec![cell(ContractLive, State::Ready, true), cell(Flag, State::Unknown, true)];
        let approved = &Approval::Entry(7);
        let nobody = &Approval::None(vec![(3, Doubt::NoExpiry)]);
        for (what, cells, needed, approval, outcome, rehearsed) in [
            ("all holds", good(), Presence::There, approved, Outcome::Kept, Outcome::Kept),
            ("on this machine", good(), Presence::There, &Approval::Loopback, Outcome::Kept, Outcome::Kept),
            ("not approved", good(), Presence::There, nobody, Outcome::Broken, Outcome::Broken),
            ("a table is missing", good(), Presence::Missing, approved, Outcome::Broken, Outcome::Kept),
            ("a table is not known", good(), Presence::Unknown, approved, Outcome::Unasked, Outcome::Kept),
            (
                "blocked",
                vec![cell(ContractLive, State::Blocked, true)],
                Presence::There,
                approved,
                Outcome::Broken,
                Outcome::Kept,
            ),
            (
                "blocked, and no policy asks",
                vec![cell(ContractLive, State::Ready, true), cell(Blockers, State::Blocked, false)],
                Presence::There,
                approved,
                Outcome::Broken,
                Outcome::Kept,
            ),
            (
                "stale",
                vec![cell(ContractLive, State::Stale, true)],
                Presence::There,
                approved,
                Outcome::Unasked,
                Outcome::Kept,
            ),
            (
                "waived",
                vec![cell(ContractLive, State::Waived, true)],
                Presence::There,
                approved,
                Outcome::Kept,
                Outcome::Kept,
            ),
            (
                "no policy",
                vec![cell(ContractLive, State::Ready, false)],
                Presence::There,
                approved,
                Outcome::Unasked,
                Outcome::Kept,
            ),
        ] {
            let said = judged(cells.clone(), needed, approval, false);
            assert_eq!(said.outcome, outcome, "{what}: {}", said.told);
            assert_eq!(judged(cells, needed, approval, true).outcome, rehearsed, "{what}, rehearsed");
        }
        let said = judged(good(), Presence::There, nobody, false);
        assert!(said.told.contains("entry 3 has no expiry"), "{}", said.told);
    }
}
