//! A part of a run that was split over machines, and what has to be equal to join it with the others.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::integration::Name;
use crate::domain::witness::Witness;

/// The most parts that a run is split into.
pub const MOST: u32 = 1000;

/// Which part of how many: `2/3`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Share {
    /// From 1.
    pub index: u32,
    pub of: u32,
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no shard: write 1/3 for the first of three (at most {MOST})");
        let (index, of) = text.split_once('/').ok_or_else(wrong)?;
        let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        let share = Self { index: number(index).ok_or_else(wrong)?, of: number(of).ok_or_else(wrong)? };
        ((1..=share.of).contains(&share.index) && share.of <= MOST).then_some(share).ok_or_else(wrong)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "{}/{}", self.index, self.of)
    }
}

/// What a record of a part says of the whole.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Shard {
    pub of: u32,
    /// SHA-256 (hex) of the scenarios of the whole run.
    pub plan: String,
    /// The whole run was itself only a part of its contracts (a tag, a name).
    pub partial: bool,
    /// The parts that are in the record, by index.
    pub pieces: BTreeMap<u32, Piece>,
    /// Branches that were seen, by integration.
    pub witness: BTreeMap<Name, Witness>,
}

/// One part as it was made.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Piece {
    /// SHA-256 (hex) of what it brought.
    pub digest: String,
    pub started: Timestamp,
    pub finished: Timestamp,
}

impl Shard {
    /// The parts that are not there.
    pub fn missing(&self) -> Vec<u32> {
        (1..=self.of).filter(|index| !self.pieces.contains_key(index)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Share;

    #[test]
    fn a_share_is_one_of_so_many() {
        assert_eq!("2/3".parse(), Ok(Share { index: 2, of: 3 }));
        assert_eq!("1/1".parse::<Share>().map(|share| share.to_string()), Ok("1/1".to_owned()));
        for text in ["", "1", "0/3", "4/3", "1/0", "-1/3", "+1/3", "1/3/5", "a/b", "1/1001", "99999999999/99999999999"]
        {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
    }
}
