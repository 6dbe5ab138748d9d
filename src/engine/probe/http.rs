//! A step over HTTP: the request is made from the step, sent by the world, and the answer must be of now.

use std::time::Duration;

use bytes::Bytes;

use crate::check::freshness;
use crate::domain::probe::ask::Http;
use crate::domain::probe::cannot::{CannotTell, Word};
use crate::domain::probe::heard::Heard;
use crate::steps::request::give_body;
use crate::steps::world::{Stop, World, no_answer};

/// Asks, and leaves the exchange in the world. An answer of a cache may be as old as `interval`: an older one says what
/// the run before this one heard.
pub async fn ask(world: &mut World, http: &Http, timeout: Duration, interval: Duration) -> Heard {
    world.timeout = Some(timeout);
    world.credential.clone_from(&http.credential);
    let before = world.exchanges.len();
    let asked = match prepare(world, http) {
        Ok((method, path)) => world.ask(&method, &path).await,
        Err(stop) => Err(stop),
    };
    let Some(exchange) = world.exchanges.get(before) else {
        world.stop = None;
        return Heard::nothing(refused(asked.err()));
    };
    let (took, now) = (exchange.duration, world.now());
    let heard = Heard { took, ..Heard::default() };
    match &exchange.outcome {
        Ok(answer) => heard.promise(freshness::cached(answer, now, interval)),
        Err(reason) => match Word::of(reason) {
            Some(word) => Heard { cannot: Some(CannotTell::new(word, reason.to_string())), ..heard },
            None => heard.promise(Some(no_answer(reason))),
        },
    }
}

fn prepare(world: &mut World, http: &Http) -> Result<(String, String), Stop> {
    let request = world.fill(&http.request)?;
    let (method, path) = request.split_once(' ').unwrap_or(("GET", request.as_str()));
    for (name, value) in &http.headers {
        let value = world.fill(value)?;
        world.give_header(name, &value)?;
    }
    match &http.body {
        None => {}
        Some(serde_json::Value::String(text)) => {
            let text = world.fill(text)?;
            world.draft.body = Some(Bytes::from(text));
        }
        Some(document) => {
            let text = world.fill(&document.to_string())?;
            give_body(world, &text)?;
        }
    }
    Ok((method.to_owned(), path.to_owned()))
}

/// Why nothing was sent.
fn refused(stop: Option<Stop>) -> CannotTell {
    match stop {
        Some(Stop::Unasked(reason)) if reason.contains("no approval covers it") => {
            CannotTell::new(Word::NoApproval, reason)
        }
        Some(Stop::Unasked(reason)) if reason.starts_with("the run was stopped") => {
            CannotTell::new(Word::Interrupted, reason)
        }
        Some(Stop::Unasked(reason) | Stop::BadStep(reason)) => CannotTell::new(Word::Failed, reason),
        None => CannotTell::new(Word::Failed, "nothing was sent"),
    }
}
