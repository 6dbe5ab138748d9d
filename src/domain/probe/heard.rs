//! What asking brought, before its sentences are looked at: the one value that every way of asking returns.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::domain::exchange::Exchange;
use crate::domain::finding::Finding;
use crate::domain::probe::cannot::CannotTell;

/// What one step heard. It lives no longer than its step and is not redacted.
#[derive(Debug, Default)]
pub struct Heard {
    /// Why nothing can be told; the sentences are not looked at then.
    pub cannot: Option<CannotTell>,
    /// What the way of asking itself promises (a certificate that has not expired, pinned tools), where it is broken.
    pub findings: Vec<Finding>,
    /// How many promises of its own it looked at, broken or not.
    pub checks: u32,
    pub answer: Answer,
    /// What the answer took, without what it took to start.
    pub took: Duration,
    /// What it took from starting a process until its first answer; absent where nothing was started.
    pub cold_start: Option<Duration>,
    /// What it saw and promises nothing of (`era`, `server`, `expires`, `stderr`), in the order of reading.
    pub facts: Vec<(String, String)>,
    /// The other end, where there is a connection: socket address, and SHA-256 (hex) of the leaf certificate.
    pub address: Option<String>,
    pub certificate: Option<String>,
}

/// What a sentence can be asked about.
#[derive(Default)]
pub enum Answer {
    #[default]
    Nothing,
    /// Over HTTP: every sentence about an answer may be asked. The last one is the one that they are about.
    Exchanges(Vec<Exchange>),
    /// A document that another protocol brought, as JSON: only sentences about a body may be asked.
    Document(Bytes),
}

impl fmt::Debug for Answer {
    /// Shows no body: it may hold secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Nothing => formatter.write_str("Nothing"),
            Self::Exchanges(exchanges) => write!(formatter, "Exchanges({exchanges:?})"),
            Self::Document(document) => write!(formatter, "Document({} bytes)", document.len()),
        }
    }
}

impl Heard {
    /// Nothing can be told.
    pub fn nothing(cannot: CannotTell) -> Self {
        Self { cannot: Some(cannot), ..Self::default() }
    }

    /// A document that came.
    pub fn document(document: &serde_json::Value, took: Duration) -> Self {
        Self { answer: Answer::Document(document.to_string().into()), took, ..Self::default() }
    }

    /// Notes what was seen.
    #[must_use]
    pub fn fact(mut self, name: &str, value: impl Into<String>) -> Self {
        self.facts.push((name.to_owned(), value.into()));
        self
    }

    /// Notes that a promise was looked at, and what is broken of it.
    #[must_use]
    pub fn promise(mut self, finding: Option<Finding>) -> Self {
        self.checks += 1;
        self.findings.extend(finding);
        self
    }
}
