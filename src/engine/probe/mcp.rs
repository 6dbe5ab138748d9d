//! The `mcp` steps of a probe: one conversation, opened by the first of them and ended after the last.

use std::collections::BTreeMap;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use serde_json::{Map, Value};
use url::Url;

use crate::adapter::mcp::session::{self, Manner, Session};
use crate::domain::probe::cannot::{CannotTell, Word};
use crate::domain::probe::heard::Heard;
use crate::domain::probe::mcp::{Call, Handshake, Mcp, Server};
use crate::engine::probe::plan::Planned;
use crate::engine::probe::ward::Ward;
use crate::steps::world::{Stop, World};

/// Where a conversation is held, and with what values.
pub struct Place<'a> {
    pub ward: &'a Ward,
    pub planned: &'a Planned,
    pub world: &'a World,
}

/// One conversation, or none yet.
#[derive(Default)]
pub struct Conversation(Option<Session>);

impl Conversation {
    /// Asks a step. Where none has greeted the server before it, this one does, with whatever it is then told of.
    ///
    /// # Errors
    /// A value that it needs is missing, or makes no address and no header.
    pub async fn ask(&mut self, place: &Place<'_>, step: &Mcp, timeout: Duration) -> Result<Heard, Stop> {
        let Some(server) = &place.planned.probe.server else {
            let told = "it names no server: write `server` beside `steps`";
            return Ok(Heard::nothing(CannotTell::new(Word::NotConfigured, told)));
        };
        let mut opened = None;
        if self.0.is_none() || step.handshake.is_some() {
            // Who greets twice begins anew.
            if let Some(before) = self.0.take() {
                before.end().await;
            }
            let wanted = step.handshake.clone().unwrap_or_default();
            let heard = self.open(place, server, &wanted, timeout).await?;
            if step.handshake.is_some() || self.0.is_none() || !heard.findings.is_empty() || heard.cannot.is_some() {
                return Ok(heard);
            }
            opened = Some(heard);
        }
        let Some(session) = &mut self.0 else {
            return Ok(Heard::nothing(CannotTell::new(Word::Failed, "the conversation was never opened")));
        };
        let mut heard = match (&step.tools, &step.call) {
            (Some(tools), _) => session.tools(tools, timeout).await,
            (None, Some(call)) => session.call(&filled(call, place.world)?, timeout).await,
            (None, None) => Heard::nothing(CannotTell::new(Word::NotConfigured, "it asks nothing")),
        };
        if let Some(opened) = opened {
            heard.cold_start = opened.cold_start;
            heard.facts = [opened.facts, heard.facts].concat();
        }
        Ok(heard)
    }

    async fn open(
        &mut self,
        place: &Place<'_>,
        server: &Server,
        wanted: &Handshake,
        timeout: Duration,
    ) -> Result<Heard, Stop> {
        let manner = Manner {
            era: server.era,
            cold_start: Duration::from_millis(server.cold_start_ms),
            shutdown: Duration::from_millis(server.shutdown_ms),
        };
        let place = match where_it_is(place, server)? {
            Ok(place) => place,
            Err(cannot) => return Ok(Heard::nothing(cannot)),
        };
        let (heard, session) = Session::open(&place, manner, wanted, timeout).await;
        self.0 = session;
        Ok(heard)
    }

    /// Ends it in order, and tells how it ended.
    pub async fn end(self) -> Vec<(String, String)> {
        match self.0 {
            Some(session) => session.end().await,
            None => Vec::new(),
        }
    }
}

fn where_it_is(place: &Place<'_>, server: &Server) -> Result<Result<session::Place, CannotTell>, Stop> {
    let Place { ward, planned, world } = place;
    let Some(path) = &server.path else {
        let line = server.command.iter().map(|word| world.fill(word)).collect::<Result<Vec<_>, _>>()?;
        let mut environment: BTreeMap<String, SecretString> = BTreeMap::new();
        for (name, value) in &server.env {
            environment.insert(name.clone(), world.fill(value)?.into());
        }
        return Ok(Ok(session::Place::Command { line, environment }));
    };
    if let Some(cannot) = ward.unreached.get(&planned.integration) {
        return Ok(Err(cannot.clone()));
    }
    let base = &world.party()?.base_url;
    let text = format!("{}{}", base.as_str().trim_end_matches('/'), world.fill(path)?);
    let url = Url::parse(&text).map_err(|error| Stop::BadStep(format!("`{path}` is no path: {error}")))?;
    let mut headers = HeaderMap::new();
    for (name, value) in &server.headers {
        let bad = || Stop::BadStep(format!("the header `{name}` cannot be sent: it, or its value, is none"));
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
        let mut value = HeaderValue::from_str(&world.fill(value)?).map_err(|_| bad())?;
        value.set_sensitive(true);
        headers.insert(key, value);
    }
    Ok(Ok(session::Place::Http { client: ward.run.client.clone(), url, headers }))
}

fn filled(call: &Call, world: &World) -> Result<Call, Stop> {
    Ok(Call { arguments: within(&call.arguments, world)?, ..call.clone() })
}

/// Every text of a document filled in; the names of its members stay as they are.
fn within(value: &Value, world: &World) -> Result<Value, Stop> {
    Ok(match value {
        Value::String(text) => Value::String(world.fill(text)?),
        Value::Array(items) => Value::Array(items.iter().map(|item| within(item, world)).collect::<Result<_, _>>()?),
        Value::Object(members) => {
            let mut filled = Map::new();
            for (name, value) in members {
                filled.insert(name.clone(), within(value, world)?);
            }
            Value::Object(filled)
        }
        other => other.clone(),
    })
}
