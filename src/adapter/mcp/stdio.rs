//! The protocol over a child's stdin and stdout: a message a line, and nothing else.

use std::time::Duration;

use serde_json::Value;

use crate::adapter::child::spoken::{Deaf, Farewell, Spoken, Started};
use crate::adapter::clock;
use crate::adapter::mcp::trouble::Trouble;
use crate::wire::mcp::lines::Lines;
use crate::wire::mcp::message::{self, Incoming, Refusal};
use crate::wire::mcp::question::{self, Question};
use crate::wire::mcp::version::Era;

/// Bytes of one message. The largest list of tools that was seen has 60 kB.
const MOST_LINE: usize = 8 * 1024 * 1024;

/// Messages that nobody asked for, between a question and its answer.
const MOST_UNASKED: usize = 10_000;

/// How long a child that has closed its stdout may take to be gone.
const GOING: Duration = Duration::from_secs(1);

/// One process with which the protocol is spoken.
pub struct Stdio {
    child: Spoken,
    lines: Lines,
}

impl Stdio {
    /// Starts a server.
    ///
    /// # Errors
    /// It is not there, or cannot be started.
    pub fn start(started: &Started<'_>) -> Result<Self, Trouble> {
        let child = Spoken::start(started).map_err(Trouble::Child)?;
        Ok(Self { child, lines: Lines::new(MOST_LINE) })
    }

    /// Asks, and waits for the answer; a notification is only said. Behind an error the conversation is over: what comes next
    /// may belong to what was asked before.
    ///
    /// # Errors
    /// No answer comes, or something that is none.
    pub async fn ask(
        &mut self,
        question: &Question,
        era: Era,
        id: u64,
        limit: Duration,
    ) -> Result<Result<Value, Refusal>, Trouble> {
        let start = clock::start();
        let silent = |waited| Trouble::Silent { method: question.method(), waited };
        // Who reads no more may still have said why, so that only waiting for it ends here.
        if tokio::time::timeout(limit, self.say(&question.message(id, era))).await.is_err() {
            return Err(silent(start.elapsed()));
        }
        if !question.is_answered() {
            return Ok(Ok(Value::Null));
        }
        let left = limit.saturating_sub(start.elapsed());
        match tokio::time::timeout(left, self.answer(question.method(), id)).await {
            Ok(answer) => answer,
            Err(_) => Err(silent(start.elapsed())),
        }
    }

    async fn say(&mut self, message: &Value) -> std::io::Result<()> {
        // A message holds no line's end: JSON escapes it.
        self.child.write(format!("{message}\n").as_bytes()).await
    }

    async fn answer(&mut self, method: &'static str, id: u64) -> Result<Result<Value, Refusal>, Trouble> {
        let mut unasked = 0;
        loop {
            let line = self.line(method).await?;
            let incoming = message::read(&line).map_err(|fault| Trouble::Strange {
                where_from: "its stdout",
                fault,
                shown: message::shown(&line),
            })?;
            match incoming {
                // An error that names no question can only be about the one that stands.
                Incoming::Answer(answer) if answer.id.is_none() && answer.outcome.is_err() => return Ok(answer.outcome),
                Incoming::Answer(answer) if answer.id == Some(id.into()) => return Ok(answer.outcome),
                Incoming::Answer(answer) => {
                    let got = answer.id.map_or("null".to_owned(), |id| message::shown(id.to_string().as_bytes()));
                    return Err(Trouble::WrongId { method, asked: id, got });
                }
                Incoming::Request { id, method } => {
                    let _ = self.say(&question::reply(&id, &method)).await;
                }
                Incoming::Notification { .. } => {}
            }
            unasked += 1;
            if unasked > MOST_UNASKED {
                return Err(Trouble::TooMuch);
            }
        }
    }

    async fn line(&mut self, method: &'static str) -> Result<Vec<u8>, Trouble> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let line = self.lines.next().map_err(|cause| Trouble::TooLong { where_from: "a line of its stdout", cause })?;
            if let Some(line) = line {
                return Ok(line);
            }
            match self.child.read(&mut buffer).await {
                Ok(count) => self.lines.push(&buffer[..count]),
                Err(Deaf::TooMuch) => return Err(Trouble::TooMuch),
                Err(Deaf::Ended) => return Err(self.gone(method).await),
            }
        }
    }

    async fn gone(&mut self, method: &'static str) -> Trouble {
        let how = match self.child.ended(GOING).await {
            Some(Some(code)) => format!("ended with exit code {code}"),
            Some(None) => "was ended by a signal".to_owned(),
            None => "closed its stdout".to_owned(),
        };
        let rest = message::shown(self.lines.rest());
        let rest = if rest.is_empty() { rest } else { format!("; its last words on stdout: {rest}") };
        Trouble::Gone { method, how, rest }
    }

    /// The end of what it wrote to stderr; evidence, and never a fault. It is not redacted.
    pub fn said_aside(&self) -> String {
        self.child.said_aside()
    }

    /// Ends it in order.
    pub async fn end(self, patience: Duration) -> Farewell {
        self.child.end(patience).await
    }
}
