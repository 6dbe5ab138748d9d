//! A blocker as it stands: what `preflight.yaml` declares, and what was declared about it in the ledger since.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::domain::blocker::{Attempt, Blocker, dates};
use crate::domain::declaration::standing::Court;
use crate::domain::declaration::{Declaration, What};
use crate::domain::entry::History;
use crate::domain::inventory::Inventory;
use crate::domain::moment::Moment;

/// One blocker with its ticket.
#[derive(Clone, Debug)]
pub struct Case {
    pub ticket: String,
    /// With the ledger's attempts, in order of time, and its resolution.
    pub blocker: Blocker,
    /// Declarations about it that count for nothing, and why.
    pub doubts: Vec<String>,
}

impl Case {
    /// Tells whether it stands in the way.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.blocker.resolved.is_none_or(|resolved| resolved.start() > now)
    }
}

/// The blockers that concern an environment, or all of them, by ticket. One that blocks several environments is resolved
/// when its resolution counts in each that is asked about.
pub fn cases(inventory: &Inventory, history: &History, environment: Option<&str>, now: Timestamp) -> Vec<Case> {
    let history = &history.of_people();
    let concerned = inventory.blockers.iter().filter(|(_, blocker)| {
        environment.is_none_or(|environment| blocker.concerns(&blocker.integration, environment))
    });
    concerned
        .map(|(ticket, blocker)| {
            let environments: Vec<&str> = match environment {
                Some(environment) => vec![environment],
                None if blocker.environments.is_empty() => inventory.environments.keys().map(String::as_str).collect(),
                None => blocker.environments.iter().map(String::as_str).collect(),
            };
            let mut case = Case { ticket: ticket.clone(), blocker: blocker.clone(), doubts: Vec::new() };
            for (sequence, declaration) in history.declarations() {
                let doubt = environments.iter().find_map(|environment| {
                    Court { inventory, history, environment, now }.doubts(sequence, declaration)
                });
                let outcome = doubt.map_or_else(|| case.take(declaration, now), |doubt| Err(doubt.to_string()));
                if let (Err(reason), true) = (outcome, is_about(declaration, ticket)) {
                    case.doubts.push(format!("the {} of entry {sequence} {reason}", declaration.noun()));
                }
            }
            case.blocker.attempts.sort_by_key(|attempt| attempt.at.start());
            case
        })
        .collect()
}

fn is_about(declaration: &Declaration, ticket: &str) -> bool {
    match &declaration.what {
        What::Attempt { ticket: named, .. } | What::Resolution { ticket: named, .. } => named == ticket,
        What::Approval { .. } | What::Waiver { .. } | What::Revocation { .. } => false,
    }
}

impl Case {
    /// Takes in what is declared about this ticket; anything else is passed over.
    fn take(&mut self, declaration: &Declaration, now: Timestamp) -> Result<(), String> {
        if !is_about(declaration, &self.ticket) {
            return Ok(());
        }
        match &declaration.what {
            What::Attempt { made, what, rung, evidence, .. } => {
                self.possible(*made, now)?;
                self.blocker.attempts.push(Attempt {
                    at: *made,
                    what: what.clone(),
                    by: Some(declaration.by.clone()),
                    rung: rung.clone(),
                    evidence: evidence.clone(),
                });
            }
            What::Resolution { resolved, .. } => {
                self.possible(*resolved, now)?;
                let earliest = self.blocker.resolved.filter(|known| known.start() <= resolved.start());
                self.blocker.resolved = Some(earliest.unwrap_or(*resolved));
            }
            What::Approval { .. } | What::Waiver { .. } | What::Revocation { .. } => {}
        }
        Ok(())
    }

    fn possible(&self, moment: Moment, now: Timestamp) -> Result<(), String> {
        let told = dates::before(moment, self.blocker.opened).or_else(|| dates::in_future(moment, now));
        told.map_or(Ok(()), |told| Err(format!("is of {told}")))
    }
}

/// The inventory in which the blockers that the ledger resolves for an environment are resolved.
pub fn resolved<'a>(
    inventory: &'a Inventory,
    history: &History,
    environment: &str,
    now: Timestamp,
) -> Cow<'a, Inventory> {
    if !history.declarations().any(|(_, declaration)| matches!(declaration.what, What::Resolution { .. })) {
        return Cow::Borrowed(inventory);
    }
    let mut changed = inventory.clone();
    for case in cases(inventory, history, Some(environment), now) {
        changed.blockers.insert(case.ticket, case.blocker);
    }
    Cow::Owned(changed)
}

#[cfg(test)]
mod tests;
