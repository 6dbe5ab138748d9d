//! What a scan for leaks found, without what leaked.

use serde::{Deserialize, Serialize};

use crate::domain::record::Outcome;

/// The version of [`LeakScan`] as a file.
pub const VERSION: u32 = 1;

/// A scan of files.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct LeakScan {
    pub version: u32,
    /// What was asked for.
    pub paths: Vec<String>,
    pub files: usize,
    pub bytes: u64,
    /// By file and line.
    pub leaks: Vec<LeakFound>,
    /// Finds beyond those that are listed.
    #[serde(default)]
    pub more: usize,
    /// Files that were not read, with the reason.
    pub unread: Vec<String>,
    /// Folders that were passed by because of what they are.
    pub passed_by: Vec<String>,
}

/// One find. It shows the first letters at most.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct LeakFound {
    pub file: String,
    pub line: usize,
    pub kind: String,
    pub shown: String,
    /// Equal for equal values of one scan, and of no two.
    pub fingerprint: String,
}

impl LeakScan {
    /// Nothing read shows nothing; what was not read may hold anything.
    pub fn outcome(&self) -> Outcome {
        if !self.leaks.is_empty() {
            Outcome::Broken
        } else if !self.unread.is_empty() {
            Outcome::Unasked
        } else if self.files == 0 {
            Outcome::Untested
        } else {
            Outcome::Kept
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LeakFound, LeakScan, VERSION};
    use crate::domain::record::Outcome;

    #[test]
    fn nothing_read_is_no_clean_scan() {
        let mut scan = LeakScan {
            version: VERSION,
            paths: vec![".".to_owned()],
            files: 0,
            bytes: 0,
            leaks: Vec::new(),
            more: 0,
            unread: Vec::new(),
            passed_by: Vec::new(),
        };
        assert_eq!(scan.outcome(), Outcome::Untested);
        scan.files = 3;
        assert_eq!(scan.outcome(), Outcome::Kept);
        scan.unread.push("a cannot be read".to_owned());
        assert_eq!(scan.outcome(), Outcome::Unasked);
        let text = String::new;
        scan.leaks.push(LeakFound { file: text(), line: 1, kind: text(), shown: text(), fingerprint: text() });
        assert_eq!(scan.outcome(), Outcome::Broken);
    }
}
