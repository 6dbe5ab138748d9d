//! Whether a declaration may be acted upon: not expired, not revoked, signed where that is asked for, and nothing lost behind it.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::domain::declaration::scope::{Asked, Scope};
use crate::domain::declaration::{Declaration, What};
use crate::domain::entry::History;
use crate::domain::integration::Name;
use crate::domain::inventory::Inventory;
use crate::domain::readiness::Criterion;

/// Days that an approval or a waiver holds at the most: one until the year 9999 is one without expiry.
pub const MOST_DAYS: i64 = 366;

/// Why a declaration opens nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Doubt {
    OtherWorkspace(String),
    OtherEnvironment(Option<String>),
    Nobody,
    NoReason,
    NoExpiry,
    EndsBeforeItBegins,
    TooLong,
    Future(Timestamp),
    Expired(Timestamp),
    Revoked(u64),
    Lost,
    Unsigned,
    BadSignature,
    OthersSignature(String),
    UsedUp(u32),
}

impl fmt::Display for Doubt {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::OtherWorkspace(name) => write!(formatter, "was declared for the workspace `{name}`"),
            Self::OtherEnvironment(None) => formatter.write_str("names no environment"),
            Self::OtherEnvironment(Some(name)) => write!(formatter, "is for {name}"),
            Self::Nobody => formatter.write_str("does not say by whom"),
            Self::NoReason => formatter.write_str("does not say why"),
            Self::NoExpiry => formatter.write_str("has no expiry"),
            Self::EndsBeforeItBegins => formatter.write_str("ends before it begins"),
            Self::TooLong => write!(formatter, "holds for more than {MOST_DAYS} days"),
            Self::Future(at) => write!(formatter, "is dated in the future ({at})"),
            Self::Expired(until) => write!(formatter, "expired at {until}"),
            Self::Revoked(by) => write!(formatter, "was revoked (entry {by})"),
            Self::Lost => formatter.write_str("stands before a lost line of the ledger, which may have revoked it"),
            Self::Unsigned => formatter.write_str("is not signed, and this environment asks for a signature"),
            Self::BadSignature => formatter.write_str("has a signature that no approver's key made"),
            Self::OthersSignature(name) => write!(formatter, "is signed by {name}, who is not who declares it"),
            Self::UsedUp(uses) => write!(formatter, "was good for {uses} requests, which were sent"),
        }
    }
}

/// What a declaration is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Court<'a> {
    pub inventory: &'a Inventory,
    pub history: &'a History,
    pub environment: &'a str,
    pub now: Timestamp,
}

impl<'a> Court<'a> {
    /// Why a declaration may not be acted upon in this environment; None when it may.
    pub fn doubts(&self, sequence: u64, declaration: &Declaration) -> Option<Doubt> {
        self.misplaced(declaration)
            .or_else(|| flaw(declaration))
            .or_else(|| (sequence <= self.history.doubted).then_some(Doubt::Lost))
            .or_else(|| self.revoked(sequence, declaration))
            .or_else(|| self.unsigned(declaration))
            .or_else(|| self.untimely(declaration))
            .or_else(|| self.used_up(declaration))
    }

    fn misplaced(&self, declaration: &Declaration) -> Option<Doubt> {
        if declaration.workspace != self.inventory.name {
            return Some(Doubt::OtherWorkspace(declaration.workspace.clone()));
        }
        let here = declaration.environment.as_deref() == Some(self.environment);
        let everywhere = declaration.environment.is_none() && !opens(&declaration.what);
        (!here && !everywhere).then(|| Doubt::OtherEnvironment(declaration.environment.clone()))
    }

    fn revoked(&self, sequence: u64, declaration: &Declaration) -> Option<Doubt> {
        let digest = declaration.digest();
        self.history.declarations().find_map(|(by, other)| match &other.what {
            // No signature is asked for: to close is always allowed.
            What::Revocation { sequence: named, digest: of } => {
                ((*named == sequence && by > sequence) || *of == digest).then_some(Doubt::Revoked(by))
            }
            _ => None,
        })
    }

    fn unsigned(&self, declaration: &Declaration) -> Option<Doubt> {
        let asks = self.inventory.approvers.values().any(|approver| approver.signs_for(self.environment));
        let lets_pass = opens(&declaration.what) || matches!(declaration.what, What::Resolution { .. });
        if !asks || !lets_pass {
            return None;
        }
        if declaration.signature.is_none() {
            return Some(Doubt::Unsigned);
        }
        let by = declaration.signed_by.as_ref();
        let approver = by.and_then(|by| Some((by, self.inventory.approvers.get(by)?)));
        match approver.filter(|(_, approver)| approver.signs_for(self.environment)) {
            None => Some(Doubt::BadSignature),
            Some((by, _)) if *by != declaration.by => Some(Doubt::OthersSignature(by.clone())),
            Some(_) => None,
        }
    }

    fn untimely(&self, declaration: &Declaration) -> Option<Doubt> {
        if declaration.at > self.now {
            return Some(Doubt::Future(declaration.at));
        }
        declaration.until.filter(|until| *until <= self.now).map(Doubt::Expired)
    }

    fn used_up(&self, declaration: &Declaration) -> Option<Doubt> {
        let What::Approval { uses: Some(uses), .. } = declaration.what else { return None };
        let digest = declaration.digest();
        let sent = self.history.opened().filter(|opened| opened.digest == digest).count();
        (sent >= uses as usize).then_some(Doubt::UsedUp(uses))
    }

    /// The approval that covers a request, or those that would, with why they do not.
    ///
    /// # Errors
    /// No approval covers it.
    pub fn opens(&self, asked: &Asked<'_>) -> Result<u64, Vec<(u64, Doubt)>> {
        self.approved(|scope| scope.covers(asked))
    }

    /// The approval that covers a flip.
    ///
    /// # Errors
    /// None does; those that would, with why they do not.
    pub fn opens_flip(&self, flag: &str) -> Result<u64, Vec<(u64, Doubt)>> {
        self.approved(|scope| scope.covers_flip(flag))
    }

    fn approved(&self, covers: impl Fn(&Scope) -> bool) -> Result<u64, Vec<(u64, Doubt)>> {
        let mut doubts = Vec::new();
        for (sequence, declaration) in self.history.declarations() {
            if let What::Approval { scope, .. } = &declaration.what
                && covers(scope)
            {
                match self.doubts(sequence, declaration) {
                    None => return Ok(sequence),
                    Some(doubt) => doubts.push((sequence, doubt)),
                }
            }
        }
        Err(doubts)
    }

    /// The waiver of a criterion that holds longest, or those that do not hold, with why.
    ///
    /// # Errors
    /// None holds.
    pub fn waived(&self, name: &Name, criterion: Criterion) -> Result<(u64, &'a Declaration), Vec<(u64, Doubt)>> {
        let mut doubts = Vec::new();
        let mut longest: Option<(u64, &'a Declaration)> = None;
        for (sequence, declaration) in self.history.declarations() {
            match &declaration.what {
                What::Waiver { integration, criterion: named } if integration == name && *named == criterion => {}
                _ => continue,
            }
            match self.doubts(sequence, declaration) {
                None if longest.is_none_or(|(_, known)| known.until < declaration.until) => {
                    longest = Some((sequence, declaration));
                }
                None => {}
                Some(doubt) => doubts.push((sequence, doubt)),
            }
        }
        longest.ok_or(doubts)
    }
}

/// Something is let through by it that would not be let through without.
fn opens(what: &What) -> bool {
    matches!(what, What::Approval { .. } | What::Waiver { .. })
}

/// What is wrong with a declaration wherever and whenever it is read.
pub fn flaw(declaration: &Declaration) -> Option<Doubt> {
    if declaration.by.trim().is_empty() {
        return Some(Doubt::Nobody);
    }
    if declaration.why.trim().is_empty() {
        return Some(Doubt::NoReason);
    }
    if !opens(&declaration.what) {
        return None;
    }
    let Some(until) = declaration.until else { return Some(Doubt::NoExpiry) };
    let length = until.duration_since(declaration.at);
    if length <= SignedDuration::ZERO {
        return Some(Doubt::EndsBeforeItBegins);
    }
    (length > SignedDuration::from_hours(24 * MOST_DAYS)).then_some(Doubt::TooLong)
}

/// Declarations that were meant to let something pass, and never can: what is wrong is in the declaration or in the
/// ledger, and not that its time is over.
pub fn disbelieved(inventory: &Inventory, history: &History, now: Timestamp) -> Vec<String> {
    let (mut told, history) = (Vec::new(), &history.of_people());
    for (sequence, declaration) in history.declarations() {
        let environments: Vec<&str> = match &declaration.environment {
            Some(environment) => vec![environment],
            None => inventory.environments.keys().map(String::as_str).collect(),
        };
        let doubts = environments
            .into_iter()
            .filter_map(|environment| Court { inventory, history, environment, now }.doubts(sequence, declaration));
        let mut doubts =
            doubts.filter(|doubt| !matches!(doubt, Doubt::Expired(_) | Doubt::Revoked(_) | Doubt::UsedUp(_)));
        if let Some(doubt) = doubts.next() {
            told.push(format!("the {} of entry {sequence} counts for nothing: it {doubt}", declaration.noun()));
        }
    }
    told
}

#[cfg(test)]
mod tests;
