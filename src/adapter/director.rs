//! Directs one play at a server: notes each request as it comes, says which fault strikes it, and notes how it ends.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use sha2::{Digest, Sha256};

use crate::adapter::clock;
use crate::adapter::stage::lock;
use crate::domain::fault::{Fault, WireFault};
use crate::domain::lesson::script::{Script, micros};
use crate::domain::lesson::step::Filling;
use crate::domain::lesson::{Aim, Lesson};
use crate::domain::secret::Redactor;
use crate::domain::timeline::{Answered, Arrival, End, Nature, Repeatable, Struck, Timeline};
use crate::twin::answer::Reply;
use crate::wire::{graphql, hint};

/// Requests that are noted; a client that hammers on is noted no further.
const MOST_ARRIVALS: usize = 5_000;

/// Headers that are noted.
const HEADERS: [&str; 6] = ["content-type", "prefer", "range", "user-agent", "x-request-id", "x-stainless-retry-count"];

/// Headers that carry an idempotency key (draft-ietf-httpapi-idempotency-key-header; Stripe).
const KEYS: [&str; 2] = ["idempotency-key", "x-idempotency-key"];

/// Members of a JSON body that carry one (Square, `PagerDuty` Events v2).
const KEY_MEMBERS: [&str; 3] = ["idempotency_key", "idempotencyKey", "dedup_key"];

/// What a play is directed by.
#[derive(Clone, Debug)]
pub struct Direction {
    pub lesson: Lesson,
    /// What the waits of answers are divided by.
    pub speed: f64,
    pub redactor: Redactor,
    /// Names and values that must not stand in a URL.
    pub secrets: Vec<(String, String)>,
    /// Requests that only read, whatever their method says.
    pub reads: Vec<Aim>,
}

/// One play.
#[derive(Debug)]
pub struct Director {
    direction: Direction,
    began: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    script: Script,
    arrivals: Vec<Arrival>,
    left_out: u32,
    /// By client: when its window began, and how many requests came in it.
    windows: HashMap<u32, (u64, u32)>,
    ended: bool,
}

/// A director as one listener knows it.
#[derive(Clone, Debug)]
pub struct Door {
    pub director: Arc<Director>,
    /// Which of several clients comes through it, from 1.
    pub client: u32,
}

/// One request on its way; its end is noted at the latest when this is dropped.
#[derive(Debug)]
pub struct Pass {
    director: Arc<Director>,
    /// None where it is noted no further.
    index: Option<usize>,
    done: bool,
}

impl Director {
    pub fn new(direction: Direction) -> Arc<Self> {
        let script = Script::new(&direction.lesson, direction.speed);
        let state = State { script, arrivals: Vec::new(), left_out: 0, windows: HashMap::new(), ended: false };
        Arc::new(Self { direction, began: clock::start(), state: Mutex::new(state) })
    }

    /// Microseconds since the play began.
    pub fn now_us(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// When the first request came.
    pub fn first_us(&self) -> Option<u64> {
        lock(&self.state).arrivals.first().map(|arrival| arrival.at_us)
    }

    /// Ends the play: what is open stays so, whatever becomes of the client then.
    pub fn freeze(&self) {
        let now = self.now_us();
        let mut state = lock(&self.state);
        if std::mem::replace(&mut state.ended, true) {
            return;
        }
        for arrival in state.arrivals.iter_mut().filter(|arrival| arrival.answered.end == End::Open) {
            arrival.answered.at_us = now;
        }
    }

    /// Ends the play, and tells what came in it.
    pub fn end(&self) -> Timeline {
        self.freeze();
        let state = lock(&self.state);
        Timeline { arrivals: state.arrivals.clone(), left_out: state.left_out }
    }

    fn filling(&self) -> Filling {
        let wait = micros(self.direction.lesson.wait / self.direction.speed);
        Filling { now: clock::now(), wait: Duration::from_micros(wait) }
    }

    fn note(&self, client: u32, connection: u32, request: &Request<Bytes>) -> Arrival {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let (redactor, body) = (&self.direction.redactor, request.body());
        let headers: BTreeMap<Box<str>, Box<str>> = HEADERS
            .iter()
            .filter_map(|name| Some(((*name).into(), redactor.header(name, text_of(request.headers(), name)?).into())))
            .collect();
        Arrival {
            number: 0,
            at_us: self.now_us(),
            client,
            connection,
            method: request.method().as_str().into(),
            path: redactor.body(path).into(),
            repeatable: if self.direction.reads.iter().any(|aim| aim.hits(request.method().as_str(), path)) {
                Repeatable::Safe
            } else {
                repeatable(request)
            },
            headers,
            body_bytes: body.len() as u64,
            body_sha256: (!body.is_empty()).then(|| hex::encode(Sha256::digest(body)).into()),
            idempotency_key: key_of(request).map(|key| redactor.text(&key).into()),
            secrets_in_url: self.secrets_in(path),
            fault: None,
            answered: Answered::default(),
        }
    }

    fn secrets_in(&self, path: &str) -> Vec<Box<str>> {
        let escaped = |value: &str| url::form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>();
        let known =
            self.direction.secrets.iter().filter(|(_, value)| {
                value.len() >= 6 && (path.contains(value.as_str()) || path.contains(&escaped(value)))
            });
        let mut found: Vec<Box<str>> = known.map(|(name, _)| name.as_str().into()).collect();
        if found.is_empty() {
            let query = path.split_once('?').map_or("", |(_, query)| query);
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let secret = pairs.filter(|(name, value)| !value.is_empty() && Redactor::is_secret_member(name));
            found.extend(secret.map(|(name, _)| Box::from(name)));
        }
        found
    }

    /// What the announced limit makes of a request.
    fn limited(&self, state: &mut State, arrival: &Arrival) -> Option<(Fault, bool)> {
        let limit = self.direction.lesson.limit?;
        let window = micros(limit.seconds / self.direction.speed);
        let (began, count) = state.windows.entry(arrival.client).or_insert((arrival.at_us, 0));
        if arrival.at_us >= *began + window {
            (*began, *count) = (arrival.at_us, 0);
        }
        *count += 1;
        let rest = Duration::from_micros(*began + window - arrival.at_us);
        let due = Filling { now: clock::now(), wait: rest }.fill("{wait.unix}");
        let left = limit.requests.saturating_sub(*count);
        let refused = *count > limit.requests;
        let announced = vec![
            ("x-ratelimit-limit".to_owned(), limit.requests.to_string()),
            ("x-ratelimit-remaining".to_owned(), left.to_string()),
            ("x-ratelimit-reset".to_owned(), due),
        ];
        let fault = if refused { Fault::TooManyRequests(None) } else { Fault::Headers(announced) };
        Some((fault, refused))
    }
}

impl Door {
    /// Notes a request, and says which fault strikes it.
    pub fn arrive(&self, connection: u32, request: &Request<Bytes>) -> (Pass, Option<Fault>) {
        let director = &self.director;
        let mut arrival = director.note(self.client, connection, request);
        let mut state = lock(&director.state);
        let step = state.script.strike(&arrival);
        let filling = director.filling();
        let mut fault = step.as_ref().and_then(|step| step.strike(&filling));
        if let (Some(step), Some(fault)) = (&step, &fault) {
            arrival.fault = Some(Struck { name: step.name_now(&filling).into(), nature: step.nature_of(fault) });
        } else if let Some((limiting, refused)) = director.limited(&mut state, &arrival) {
            arrival.fault = refused.then(|| Struck { name: "over the limit".into(), nature: Nature::Refused });
            fault = Some(limiting);
        }
        let index = (state.arrivals.len() < MOST_ARRIVALS && !state.ended).then_some(state.arrivals.len());
        if index.is_some() {
            arrival.number = u32::try_from(state.arrivals.len() + 1).unwrap_or(u32::MAX);
            state.arrivals.push(arrival);
        } else {
            state.left_out = state.left_out.saturating_add(1);
        }
        (Pass { director: Arc::clone(director), index, done: false }, fault)
    }
}

impl Pass {
    /// Notes what is about to be answered.
    pub fn answering(&self, reply: &Reply) {
        let Some(index) = self.index else { return };
        let mut state = lock(&self.director.state);
        let limited = self.director.direction.lesson.limit.is_some();
        let Some(arrival) = state.arrivals.get_mut(index).filter(|arrival| arrival.answered.end == End::Open) else {
            return;
        };
        let headers = reply.response.headers();
        if reply.fault != Some(WireFault::ResetBeforeAnswer) {
            arrival.answered.status = Some(reply.response.status().as_u16());
        }
        let struck = arrival.fault.as_ref().is_some_and(|fault| fault.nature != Nature::Harmless);
        if struck || limited {
            arrival.answered.asked = hint::asked(headers, reply.response.body(), clock::now());
            arrival.answered.remaining = hint::remaining(headers);
        }
        let refused = reply.response.status() == StatusCode::TOO_MANY_REQUESTS;
        if refused && arrival.fault.is_none() {
            // The model's own limit: a refusal like any other.
            arrival.fault = Some(Struck { name: "the twin's own 429".into(), nature: Nature::Refused });
            arrival.answered.asked = hint::asked(headers, reply.response.body(), clock::now());
        }
    }

    /// Notes how it ended; only the first word counts.
    pub fn finish(&mut self, end: End) {
        if std::mem::replace(&mut self.done, true) {
            return;
        }
        let Some(index) = self.index else { return };
        let now = self.director.now_us();
        let mut state = lock(&self.director.state);
        if state.ended {
            return;
        }
        if let Some(arrival) = state.arrivals.get_mut(index) {
            arrival.answered.end = end;
            arrival.answered.at_us = now;
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.finish(End::Abandoned);
    }
}

fn text_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn repeatable(request: &Request<Bytes>) -> Repeatable {
    match *request.method() {
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE => Repeatable::Safe,
        Method::PUT | Method::DELETE => Repeatable::Idempotent,
        Method::POST if request.uri().path().contains("graphql") && graphql::only_reads(request.body()) => {
            Repeatable::Safe
        }
        _ => Repeatable::Unsafe,
    }
}

fn key_of(request: &Request<Bytes>) -> Option<String> {
    let header = KEYS.iter().find_map(|name| text_of(request.headers(), name));
    header.map(str::to_owned).or_else(|| {
        let is_json = text_of(request.headers(), "content-type").is_some_and(|kind| kind.contains("json"));
        let small = (1..65_536).contains(&request.body().len());
        let body: serde_json::Value = (is_json && small).then(|| serde_json::from_slice(request.body()).ok())??;
        KEY_MEMBERS.iter().find_map(|member| Some(body.get(member)?.as_str()?.to_owned()))
    })
}
