//! The protocol over streamable HTTP, by the project's own client: a POST a message, an answer as JSON or in a stream of events.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use url::Url;

use crate::adapter::client::{Client, Message, Peer, Said};
use crate::adapter::mcp::trouble::Trouble;
use crate::domain::exchange::{NoAnswer, Response};
use crate::wire::mcp::http::{Media, Meaning, SESSION, headers, meaning, media};
use crate::wire::mcp::message::{self, Answer, Incoming, MODERN_CODES, Refusal};
use crate::wire::mcp::question::Question;
use crate::wire::mcp::sse::{Event, Events};
use crate::wire::mcp::version::Era;

/// Bytes of one event.
const MOST_EVENT: usize = 8 * 1024 * 1024;

/// One endpoint with which the protocol is spoken.
pub struct Http {
    client: Client,
    url: Url,
    /// The user's own, credentials among them.
    given: HeaderMap,
    /// What both have agreed to speak; absent before.
    pub version: Option<String>,
    session: Option<HeaderValue>,
    /// Who answered last.
    pub peer: Peer,
}

impl Http {
    pub fn new(client: Client, url: Url, given: HeaderMap) -> Self {
        Self { client, url, given, version: None, session: None, peer: Peer::default() }
    }

    /// The same endpoint, as if nothing had been said yet.
    pub fn afresh(&self) -> Self {
        Self::new(self.client.clone(), self.url.clone(), self.given.clone())
    }

    /// Asks, and waits for the answer; a notification is only said.
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
        let response = self.said(Some(question), Message::Ask { question, era, id }, limit, id).await?;
        if matches!(question, Question::Initialize) && response.status.is_success() {
            self.session = response.headers.get(SESSION).cloned();
        }
        self.read(question, id, &response)
    }

    async fn said(
        &mut self,
        question: Option<&Question>,
        message: Message<'_>,
        limit: Duration,
        id: u64,
    ) -> Result<Response, Trouble> {
        let era = if let Message::Ask { era, .. } = message { era } else { Era::Legacy };
        let own = match question {
            Some(question) => headers(question, era, self.version.as_deref(), self.session.as_ref()),
            None => headers(&Question::Ping, era, self.version.as_deref(), self.session.as_ref()),
        };
        let mut all = self.given.clone();
        all.extend(own);
        let mut events = Events::new(MOST_EVENT);
        // A stream may go on for ever behind the answer.
        let mut enough = |headers: &HeaderMap, piece: &[u8]| {
            let is_last = |event: &Event| event.name == "endpoint" || is_answer(&event.data, id);
            media(headers) == Media::Events
                && events.push(piece).map_or(true, |events| events.iter().any(is_last))
        };
        let sent = self.client.converse(&Said { url: &self.url, headers: all, message }, limit, &mut enough).await;
        if sent.peer.address.is_some() {
            self.peer = sent.peer;
        }
        if let Some(refused) = sent.refused {
            return Err(Trouble::NotPermitted(refused));
        }
        let method = question.map_or("GET", Question::method);
        sent.outcome.map_err(|reason| match reason {
            NoAnswer::TimedOut(_) => Trouble::Silent { method, waited: sent.took },
            other => Trouble::NoAnswer(other),
        })
    }

    fn read(&self, question: &Question, id: u64, response: &Response) -> Result<Result<Value, Refusal>, Trouble> {
        let (method, status) = (question.method(), response.status);
        let meant = meaning(status);
        if !question.is_answered() && status.is_success() {
            return Ok(Ok(Value::Null));
        }
        if meant != Meaning::Speaks {
            let refusal = refusal(&response.body);
            // A modern server says by status and code together what it does not take (specification 2026-07-28).
            if let Some(refusal) = refusal.clone().filter(|one| meant == Meaning::Unknown && MODERN_CODES.contains(&one.code)) {
                return Ok(Err(refusal));
            }
            let said = refusal.map(|one| format!(" ({})", message::shown(one.message.as_bytes()))).unwrap_or_default();
            return Err(Trouble::Status { method, status, meaning: meant, said });
        }
        let answer = match media(&response.headers) {
            Media::Json => of_message("its body", &response.body)?,
            Media::Events => in_events(method, id, &response.body)?,
            Media::Other => {
                let media = response.media_type().unwrap_or_else(|| "no media type".to_owned());
                return Err(Trouble::NotMcp { method, status, media, shown: message::shown(&response.body) });
            }
        };
        match answer {
            Some(answer) if answer.id == Some(id.into()) || answer.id.is_none() && answer.outcome.is_err() => {
                Ok(answer.outcome)
            }
            Some(answer) => {
                let got = answer.id.map_or("null".to_owned(), |id| message::shown(id.to_string().as_bytes()));
                Err(Trouble::WrongId { method, asked: id, got })
            }
            None => Err(Trouble::Status { method, status, meaning: meant, said: String::new() }),
        }
    }

    /// Tells whether an old server (HTTP+SSE, 2024-11-05) shows here where it would be asked.
    pub async fn is_old(&mut self, limit: Duration) -> bool {
        let Ok(response) = self.said(None, Message::Listen, limit, 0).await else { return false };
        let events = Events::new(MOST_EVENT).push(&response.body).unwrap_or_default();
        media(&response.headers) == Media::Events && events.iter().any(|event| event.name == "endpoint")
    }

    /// Ends the session, where there is one, and tells how that was taken. A server may refuse to (405).
    pub async fn end(mut self, limit: Duration) -> Option<String> {
        self.session.as_ref()?;
        let came = self.said(None, Message::Leave, limit, 0).await;
        Some(match came {
            Ok(response) if response.status.is_success() => "the session was ended".to_owned(),
            Ok(response) => format!("the end of the session was answered with {}", response.status.as_u16()),
            Err(trouble) => format!("the end of the session was not taken: {trouble}"),
        })
    }
}

fn is_answer(data: &str, id: u64) -> bool {
    matches!(message::read(data.as_bytes()), Ok(Incoming::Answer(answer)) if answer.id == Some(id.into()) || answer.id.is_none())
}

fn refusal(body: &Bytes) -> Option<Refusal> {
    match message::read(body) {
        Ok(Incoming::Answer(answer)) => answer.outcome.err(),
        _ => None,
    }
}

fn of_message(where_from: &'static str, text: &[u8]) -> Result<Option<Answer>, Trouble> {
    let strange = |fault| Trouble::Strange { where_from, fault, shown: message::shown(text) };
    match message::read(text).map_err(strange)? {
        Incoming::Answer(answer) => Ok(Some(answer)),
        _ => Ok(None),
    }
}

/// The first answer of a stream to this question; else the last one to another.
fn in_events(method: &'static str, id: u64, body: &[u8]) -> Result<Option<Answer>, Trouble> {
    let events = Events::new(MOST_EVENT).push(body);
    let events = events.map_err(|cause| Trouble::TooLong { where_from: "an event", cause })?;
    let mut other = None;
    for event in events {
        if let Some(answer) = of_message("an event", event.data.as_bytes())? {
            if answer.id == Some(id.into()) || answer.id.is_none() {
                return Ok(Some(answer));
            }
            other = Some(answer);
        }
    }
    if other.is_none() { Err(Trouble::StreamEnded { method }) } else { Ok(other) }
}
