//! The words for *cannot tell*: why a step brought no answer that could be judged.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::exchange::NoAnswer;

/// Why nothing could be told. Each is a word of the record's format, and none is ever green.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// A secret that the step needs has no value here.
    NoCredentials,
    /// The service has no address here, or a variable that is no secret has no value.
    NotConfigured,
    /// It would change a live service, and no approval covers it.
    NoApproval,
    /// The program that would be started is not here.
    NoCommand,
    /// The step before it did not hold, so it was not asked.
    HeldBack,
    /// The run ended before it was asked or answered.
    Interrupted,
    /// The name does not resolve.
    Dns,
    /// Nobody takes the connection.
    Refused,
    /// No whole answer came in time.
    TimedOut,
    /// The TLS handshake failed.
    Tls,
    /// It could not be asked for another reason.
    Failed,
}

impl Word {
    pub const ALL: [Self; 11] = [
        Self::NoCredentials,
        Self::NotConfigured,
        Self::NoApproval,
        Self::NoCommand,
        Self::HeldBack,
        Self::Interrupted,
        Self::Dns,
        Self::Refused,
        Self::TimedOut,
        Self::Tls,
        Self::Failed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoCredentials => "no-credentials",
            Self::NotConfigured => "not-configured",
            Self::NoApproval => "no-approval",
            Self::NoCommand => "no-command",
            Self::HeldBack => "held-back",
            Self::Interrupted => "interrupted",
            Self::Dns => "dns",
            Self::Refused => "refused",
            Self::TimedOut => "timed-out",
            Self::Tls => "tls",
            Self::Failed => "failed",
        }
    }

    /// What it means, in one sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::NoCredentials => "A secret that it needs has no value in this environment.",
            Self::NotConfigured => "It has no address here, or a variable that it needs has no value.",
            Self::NoApproval => "It would change a live service, and no approval covers it.",
            Self::NoCommand => "The program that it would start is not on this machine.",
            Self::HeldBack => "The step before it did not hold, so it was not asked.",
            Self::Interrupted => "The run ended before it was asked or answered.",
            Self::Dns => "The name of its host does not resolve.",
            Self::Refused => "Nobody takes a connection there.",
            Self::TimedOut => "No whole answer came in time.",
            Self::Tls => "The TLS handshake failed.",
            Self::Failed => "It could not be asked for another reason, which is told.",
        }
    }

    /// Tells whether the service was tried and gave nothing, as against a question that we could not put. A monitor counts
    /// the first as a bad answer, and the second as no data.
    pub fn is_of_the_service(self) -> bool {
        matches!(self, Self::Dns | Self::Refused | Self::TimedOut | Self::Tls)
    }

    /// The word for an answer that did not come; None where one came and was bad (cut off, reset, too long).
    pub fn of(reason: &NoAnswer) -> Option<Self> {
        match reason {
            NoAnswer::Dns(_) => Some(Self::Dns),
            NoAnswer::Refused(_) => Some(Self::Refused),
            NoAnswer::TimedOut(_) => Some(Self::TimedOut),
            NoAnswer::Tls(_) => Some(Self::Tls),
            NoAnswer::Other(_) => Some(Self::Failed),
            NoAnswer::Reset | NoAnswer::CutOff(_) | NoAnswer::TooLong(_) => None,
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// A word and one sentence that says what it was here.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct CannotTell {
    pub word: Word,
    /// One sentence for a person; names what is missing, never a value.
    pub reason: String,
}

impl CannotTell {
    pub fn new(word: Word, reason: impl Into<String>) -> Self {
        Self { word, reason: reason.into() }
    }
}

impl fmt::Display for CannotTell {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "{}: {}", self.word, self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::Word;
    use crate::domain::exchange::NoAnswer;

    #[test]
    fn a_word_is_the_same_in_files_and_in_output() {
        for word in Word::ALL {
            assert_eq!(serde_json::to_value(word).unwrap(), word.as_str());
        }
    }

    #[test]
    fn an_answer_that_came_and_was_bad_can_be_told() {
        assert_eq!(Word::of(&NoAnswer::Refused("x".into())), Some(Word::Refused));
        assert_eq!(Word::of(&NoAnswer::TimedOut(5)), Some(Word::TimedOut));
        assert_eq!(Word::of(&NoAnswer::CutOff("x".into())), None);
        assert_eq!(Word::of(&NoAnswer::Reset), None);
    }
}
