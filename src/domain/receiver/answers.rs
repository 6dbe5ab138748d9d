//! What came of the requests of one case, as the judgement needs it.

use std::time::Duration;

use crate::domain::exchange::NoAnswer;

/// One answer, or none.
#[derive(Clone, Debug)]
pub struct Answered {
    /// HTTP status.
    pub outcome: Result<u16, NoAnswer>,
    pub took: Duration,
    /// Where a redirect leads.
    pub location: Option<String>,
    /// `text/html`, without parameters.
    pub media_type: Option<String>,
    /// The beginning of its body.
    pub body: Vec<u8>,
}

impl Answered {
    pub fn is_accepted(&self) -> bool {
        matches!(self.outcome, Ok(200..300))
    }

    /// Nobody is there: nothing was asked.
    pub fn is_unreachable(&self) -> bool {
        self.outcome.as_ref().is_err_and(NoAnswer::is_unreachable)
    }

    /// `401 in 3 ms`, or why there was none.
    pub fn told(&self) -> String {
        match &self.outcome {
            Ok(status) => {
                let page = self.media_type.as_deref() == Some("text/html");
                let page = if page { " with an HTML page" } else { "" };
                let to = self.location.as_deref().map(|place| format!(" to {place}")).unwrap_or_default();
                format!("{status}{to}{page} in {} ms", self.took.as_millis())
            }
            Err(reason) => reason.to_string(),
        }
    }
}

/// What the observer saw of a case.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Counted {
    Effects(i64),
    /// Nobody counted, or what was counted says nothing; why.
    Unknown(String),
}

/// What came of a case.
#[derive(Clone, Debug)]
pub struct Heard {
    pub answers: Vec<Answered>,
    pub effects: Counted,
    /// What a body must hold (a handshake's challenge), where one was sent.
    pub challenge: Option<String>,
}
