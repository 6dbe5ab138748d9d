//! What is true of a cited file: found out by an adapter, and passed in.

use jiff::Timestamp;

/// What stands at a cited path.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// Nothing.
    Absent {
        /// Git would ignore it, so that no clone has it.
        ignored: bool,
    },
    /// It could not be looked at, with the reason.
    Unknown(String),
    Present(Present),
}

/// A file or a folder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Present {
    /// Where it was found, relative to the root.
    pub path: String,
    pub folder: bool,
    /// Holds no byte, or no file.
    pub empty: bool,
    /// Counted only where the text gives a number.
    pub lines: Option<u64>,
    /// SHA-256 (hex), only where the text or the ledger gives one.
    pub digest: Option<String>,
    pub made: Option<Made>,
}

/// When a file was made and changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Made {
    /// None where only the file system was asked.
    pub first: Option<Timestamp>,
    pub last: Timestamp,
    pub witness: Witness,
}

/// Who says so.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Witness {
    /// Its commits.
    Git,
    /// The time of its last change in the file system, which a copy renews.
    FileSystem,
}
