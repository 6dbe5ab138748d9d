//! What can go wrong between a question and its answer, and whether that is the server's broken promise.

use std::time::Duration;

use http::StatusCode;

use crate::adapter::child::ChildError;
use crate::domain::exchange::NoAnswer;
use crate::domain::finding::{Code, Finding};
use crate::domain::probe::cannot::{CannotTell, Word};
use crate::wire::mcp::greeting::BadGreeting;
use crate::wire::mcp::http::Meaning;
use crate::wire::mcp::lines::TooLong;
use crate::wire::mcp::message::NoMessage;

/// Why a question has no answer that can be used. What a server wrote is in it, cut and not redacted.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error(transparent)]
    Child(ChildError),
    #[error("no answer to {method} within {:.1} s", waited.as_secs_f64())]
    Silent { method: &'static str, waited: Duration },
    /// `where_from`: stdout, the body, an event.
    #[error("{where_from} holds what is no JSON-RPC message: {fault}: {shown}")]
    Strange { where_from: &'static str, fault: NoMessage, shown: String },
    #[error("{where_from} is read no further: {cause}")]
    TooLong { where_from: &'static str, cause: TooLong },
    #[error("it wrote more than anybody reads, and was ended")]
    TooMuch,
    /// What is in its last line, where it did not end it.
    #[error("it {how} before it answered {method}{rest}")]
    Gone { method: &'static str, how: String, rest: String },
    #[error("the answer to {method} bears the id {got}, and {asked} was asked")]
    WrongId { method: &'static str, asked: u64, got: String },
    #[error("{0}")]
    NoAnswer(NoAnswer),
    #[error("{0}")]
    NotPermitted(String),
    #[error("{method} is answered with {status}{said}: {}", words(*.meaning))]
    Status { method: &'static str, status: StatusCode, meaning: Meaning, said: String },
    #[error("{method} is answered with {status} and {media}, which is neither JSON nor a stream of events: {shown}")]
    NotMcp { method: &'static str, status: StatusCode, media: String, shown: String },
    #[error("the stream of events ended without the answer to {method}")]
    StreamEnded { method: &'static str },
    #[error("it speaks the HTTP+SSE transport of 2024-11-05, which has been replaced and which this probe does not speak")]
    OldTransport,
    #[error("its greeting is none: {0}")]
    Greeting(BadGreeting),
}

fn words(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::Speaks => "its body is no answer",
        Meaning::Accepted => "it was taken, and no answer follows",
        Meaning::Unauthenticated => "it wants credentials, or other ones",
        Meaning::Forbidden => "it does not let this client in",
        Meaning::Unknown => "there is no MCP endpoint at this address",
        Meaning::NotAcceptable => "it does not take what every client of the protocol sends",
        Meaning::Throttled => "it has been asked too often",
        Meaning::Redirected => "it sends clients elsewhere, which none of them follows with its credentials",
        Meaning::Failing => "the server, or what stands before it, is failing",
        Meaning::Other => "no such status is an answer of the protocol",
    }
}

/// Whether something could be told.
pub enum Told {
    /// The server broke a promise.
    Broken(Finding),
    Cannot(CannotTell),
}

impl Trouble {
    /// What it means for a step.
    pub fn told(&self) -> Told {
        let cannot = |word| Told::Cannot(CannotTell::new(word, self.to_string()));
        let broken = |code| Told::Broken(Finding::new(code, self.to_string()));
        match self {
            Self::Child(_) => cannot(Word::NoCommand),
            Self::Silent { .. } => cannot(Word::TimedOut),
            Self::NotPermitted(_) => cannot(Word::NoApproval),
            Self::Status { meaning: Meaning::Throttled, .. } | Self::OldTransport => cannot(Word::Failed),
            Self::NoAnswer(reason) => Word::of(reason).map_or_else(|| broken(Code::NoAnswer), cannot),
            Self::Gone { .. } | Self::StreamEnded { .. } => broken(Code::NoAnswer),
            Self::Status { .. } => broken(Code::Status),
            Self::Strange { .. }
            | Self::TooLong { .. }
            | Self::TooMuch
            | Self::NotMcp { .. }
            | Self::WrongId { .. }
            | Self::Greeting(_) => broken(Code::Unreadable),
        }
    }

    /// Tells whether a server of the older era may do so when it is greeted in the newer way, so that it is greeted once more.
    pub fn may_be_of_the_older_era(&self) -> bool {
        match self {
            Self::Silent { .. } | Self::Gone { .. } | Self::Strange { .. } | Self::WrongId { .. } => true,
            Self::Status { meaning, .. } => matches!(meaning, Meaning::Unknown | Meaning::Failing | Meaning::Accepted),
            Self::NotMcp { status, .. } => *status != StatusCode::OK,
            Self::StreamEnded { .. } | Self::Greeting(_) => true,
            _ => false,
        }
    }
}
