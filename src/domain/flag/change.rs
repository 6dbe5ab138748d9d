//! Switching a flag: what is to be changed, and the proof that it may be.

use jiff::Timestamp;

use crate::domain::flag::Declared;

/// What a store is to do.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The flag's name in the workspace.
    pub flag: &'a str,
    pub declared: &'a Declared,
    pub environment: &'a str,
    pub turn: Turn,
    /// The store's version that the change is based on; when it has another one now, nothing is written.
    pub expected: Option<&'a str>,
}

/// Which way a flag is turned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Turn {
    On,
    Off,
    /// Back to what it was before we changed it: never refused for being late.
    Back {
        on: bool,
    },
}

impl Turn {
    /// Whether the flag is on afterwards.
    pub fn is_on(self) -> bool {
        match self {
            Self::On => true,
            Self::Off => false,
            Self::Back { on } => on,
        }
    }
}

/// Proof that an approval covers switching one flag in one environment. Only the engine grants one, from an approval
/// that stands in the ledger (a test keeps this); nothing writes to a flag store without.
#[derive(Clone, Debug)]
pub struct Permit {
    flag: String,
    environment: String,
    /// The digest of the ledger's entry.
    approval: String,
    until: Timestamp,
}

/// Why a change may not be made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotPermitted {
    #[error("the approval is for flag `{approved}`, not for `{asked}`")]
    OtherFlag { approved: String, asked: String },
    #[error("the approval is for environment `{approved}`, not for `{asked}`")]
    OtherEnvironment { approved: String, asked: String },
    #[error("the approval ended {until}")]
    Ended { until: Timestamp },
}

impl Permit {
    /// From an approval in the ledger: its digest, what it names, and when it ends.
    pub fn grant(approval: &str, flag: &str, environment: &str, until: Timestamp) -> Self {
        Self { flag: flag.to_owned(), environment: environment.to_owned(), approval: approval.to_owned(), until }
    }

    /// The digest of the approval that it rests on.
    pub fn approval(&self) -> &str {
        &self.approval
    }

    /// # Errors
    /// The change is another one than was approved, or it comes too late.
    pub fn covers(&self, change: &Change, now: Timestamp) -> Result<(), NotPermitted> {
        if change.flag != self.flag {
            return Err(NotPermitted::OtherFlag { approved: self.flag.clone(), asked: change.flag.to_owned() });
        }
        if change.environment != self.environment {
            let (approved, asked) = (self.environment.clone(), change.environment.to_owned());
            return Err(NotPermitted::OtherEnvironment { approved, asked });
        }
        if now >= self.until && !matches!(change.turn, Turn::Back { .. }) {
            return Err(NotPermitted::Ended { until: self.until });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::{Change, NotPermitted, Permit, Turn};
    use crate::domain::flag::Declared;

    #[test]
    fn a_permit_covers_what_it_names_and_the_way_back_for_ever() {
        let (declared, start) = (Declared::default(), Timestamp::UNIX_EPOCH);
        let end = start + Duration::from_mins(5);
        let permit = Permit::grant("sha", "live", "staging", end);
        let change = |flag, environment, turn| Change { flag, declared: &declared, environment, turn, expected: None };
        assert_eq!(permit.covers(&change("live", "staging", Turn::On), start), Ok(()));
        let other = permit.covers(&change("other", "staging", Turn::On), start).unwrap_err();
        assert_eq!(other.to_string(), "the approval is for flag `live`, not for `other`");
        let elsewhere = permit.covers(&change("live", "production", Turn::Off), start);
        assert!(matches!(elsewhere, Err(NotPermitted::OtherEnvironment { .. })));
        assert_eq!(permit.covers(&change("live", "staging", Turn::On), end), Err(NotPermitted::Ended { until: end }));
        assert_eq!(permit.covers(&change("live", "staging", Turn::Back { on: false }), end), Ok(()));
    }
}
