//! What the sentences of a scenario look at in each of its answers: where nobody looks, nothing can be noticed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::check::mutation::place;
use crate::check::path::select;
use crate::domain::delivery::Delivery;
use crate::domain::exchange::{Exchange, Response};
use crate::domain::integration::Name;
use crate::engine::prove::play::Piece;
use crate::steps::args::Args;
use crate::steps::run::Run;
use crate::steps::sentence::{Keyword, Sentence};
use crate::steps::world::asking::Tampered;
use crate::steps::world::exchanges::Span;
use crate::wire::webhook::scheme::Scheme;

/// A sentence as it was performed once, unmutated.
pub struct Told {
    pub sentence: &'static Sentence,
    pub args: Args,
    pub line: usize,
    /// Exchanges that there were before it and after it.
    pub before: usize,
    pub after: usize,
    /// Webhooks that there were after it.
    pub delivered: usize,
    /// How long the client waits by then.
    pub timeout: Duration,
    /// The answers that it looked at.
    pub looked_at: Span,
    /// It looked at the webhooks that were delivered.
    pub listened: bool,
}

impl Told {
    /// What came there may change what comes of the sentence.
    pub fn minds(&self, at: Tampered) -> bool {
        match at {
            Tampered::Answer(index) => self.looked_at.holds(index),
            Tampered::Delivery(_) => self.listened,
        }
    }
}

/// What is looked at in one answer.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is another way of looking")]
pub struct Gaze {
    /// Some sentence looks at it.
    pub any: bool,
    /// The document, or the bytes of the body.
    pub body: bool,
    /// All of the document, member for member.
    pub whole: bool,
    /// The body's text.
    pub text: bool,
    /// Name and base pointer.
    pub schemas: BTreeSet<(String, String)>,
    /// Pointers that are looked at with all that is within them.
    pub deep: BTreeSet<String>,
    /// Pointers of which only the value's being there, its type or its length is looked at.
    pub shallow: BTreeSet<String>,
    /// Pointers that a promise (and not a `When`) is about.
    pub promised: BTreeSet<String>,
    pub headers: BTreeSet<String>,
    pub absent: BTreeSet<(String, String)>,
    pub unmentioned: BTreeSet<String>,
    /// The promise, and how long the client waits.
    pub latency: Option<(Duration, Duration)>,
    pub mock: Vec<(String, Value)>,
}

impl Gaze {
    /// Some sentence looks at this place by itself, and not through a schema alone.
    pub fn meets(&self, pointer: &str) -> bool {
        let deep = |looked: &String| place::is_within(pointer, looked) || place::is_within(looked, pointer);
        self.whole || self.deep.iter().any(deep) || self.shallow.iter().any(|looked| place::is_within(looked, pointer))
    }

    /// The schemas through which a place is looked at.
    pub fn through(&self, pointer: &str) -> impl Iterator<Item = &str> {
        let meets = move |base: &str| place::is_within(pointer, base) || place::is_within(base, pointer);
        self.schemas.iter().filter(move |(_, base)| meets(base)).map(|(name, _)| name.as_str())
    }

    /// A sentence about a webhook.
    fn hear(&mut self, told: &Told, own: &Name) {
        self.any = true;
        let (words, args) = (told.sentence.expression, &told.args);
        if words.ends_with("contains:") {
            self.body = true;
            self.leaves(&args.json().unwrap_or_default(), String::new());
        } else if words.ends_with("matches schema {text}") {
            self.body = true;
            self.schemas.insert((args.text(1), String::new()));
        } else if words.contains("has the header") {
            self.headers.insert(args.text(1).to_ascii_lowercase());
        } else if words.contains("is signed by") {
            self.signature(&args.text(1));
        } else if words.ends_with("carries no signature") {
            self.signature(own.as_str());
        }
    }

    /// The headers in which a scheme signs.
    fn signature(&mut self, scheme: &str) {
        if let Ok(scheme) = Scheme::find(scheme) {
            self.headers.insert(scheme.signature.header.to_ascii_lowercase());
        }
    }

    /// The members that a part of a document names.
    fn leaves(&mut self, expected: &Value, pointer: String) {
        match expected {
            Value::Object(members) => {
                for (name, value) in members {
                    self.leaves(value, place::below(&pointer, name));
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    self.leaves(value, format!("{pointer}/{index}"));
                }
                // Arrays have the same length.
                self.promised.insert(pointer.clone());
                self.shallow.insert(pointer);
            }
            _ => {
                self.promised.insert(pointer.clone());
                self.deep.insert(pointer);
            }
        }
    }
}

/// One answer, read.
pub struct Read<'a> {
    pub response: Option<&'a Response>,
    pub document: Option<&'a Value>,
}

/// The answers of a scenario, read.
pub fn read(piece: &Piece) -> Vec<Read<'_>> {
    let one = |(index, exchange)| {
        let exchange: &Exchange = exchange;
        let document = piece.performance.document(index).map(AsRef::as_ref);
        Read { response: exchange.outcome.as_ref().ok(), document }
    };
    piece.exchanges().iter().enumerate().map(one).collect()
}

/// What the sentences look at, answer by answer.
pub fn gazes(told: &[Told], answers: &[Read<'_>], run: &Run, own: &Name) -> Vec<Gaze> {
    let mut gazes: Vec<Gaze> = answers.iter().map(|_| Gaze::default()).collect();
    let mut pages: Vec<usize> = Vec::new();
    for told in told {
        if told.sentence.expression.starts_with("I GET every page") {
            pages = (told.before..told.after).collect();
        }
        for at in asked(told, &pages) {
            if let (Some(gaze), Some(answer)) = (gazes.get_mut(at), answers.get(at)) {
                let mut look = Look { told, answer, gaze, run, own };
                look.at_it();
            }
        }
    }
    gazes
}

/// What the sentences look at, webhook by webhook.
pub fn heard(told: &[Told], deliveries: &[Delivery], own: &Name) -> Vec<Gaze> {
    let mut gazes: Vec<Gaze> = deliveries.iter().map(|_| Gaze::default()).collect();
    for told in told.iter().filter(|told| told.sentence.expression.starts_with("the webhook {text} ")) {
        let event = told.args.text(0);
        let mut known = deliveries.iter().take(told.delivered);
        if let Some(gaze) = known.rposition(|delivery| delivery.event == event).and_then(|at| gazes.get_mut(at)) {
            gaze.hear(told, own);
        }
    }
    gazes
}

/// The answers that a sentence is about: of many that are alike the first and the last.
fn asked(told: &Told, pages: &[usize]) -> Vec<usize> {
    let last = told.after.checked_sub(1);
    let words = told.sentence.expression;
    let ends = |all: &[usize]| {
        let mut ends: Vec<usize> = all.first().into_iter().chain(all.last()).copied().collect();
        ends.dedup();
        ends
    };
    if words.starts_with("I GET every page") || words.contains("pages hold") || words.contains("on all pages") {
        ends(pages)
    } else if words.contains("of the answers have") || words.starts_with("every answer") {
        ends(&(0..told.after).collect::<Vec<_>>())
    } else if told.sentence.keyword == Keyword::Then || words.starts_with("I remember") {
        last.into_iter().collect()
    } else if words.contains("link") {
        told.before.checked_sub(1).into_iter().collect()
    } else {
        Vec::new()
    }
}

struct Look<'a> {
    told: &'a Told,
    answer: &'a Read<'a>,
    gaze: &'a mut Gaze,
    run: &'a Run,
    own: &'a Name,
}

impl Look<'_> {
    fn at_it(&mut self) {
        let words = self.told.sentence.expression;
        if words.contains("webhook") {
            return;
        }
        self.gaze.any = true;
        let args = &self.told.args;
        match words {
            "the header {text} is {value}"
            | "the header {text} is absent"
            | "I remember the header {text} as {text}" => {
                self.header(&args.text(0));
            }
            "the media type is {text}" => self.header("content-type"),
            "the answer may be retried after {count} to {count} seconds" | "the answer names no time to retry" => {
                self.header("retry-after");
            }
            "I follow the {text} link" | "I GET every page of {text} by its next link" => self.header("link"),
            "the body is empty" | "the body is the text {text}" => {
                (self.gaze.body, self.gaze.text, self.gaze.whole) = (true, true, true);
            }
            "the body does not mention {text}" => {
                self.gaze.body = true;
                self.gaze.unmentioned.insert(args.text(0));
            }
            "the body is:" => {
                (self.gaze.body, self.gaze.whole) = (true, true);
                self.expected(self.told.args.json().ok().as_ref(), "");
            }
            "the body contains:" => {
                self.gaze.body = true;
                self.gaze.leaves(&self.told.args.json().unwrap_or_default(), String::new());
            }
            "the answer comes within {count} ms" | "every answer comes within {count} ms" => {
                let limit = args.count(0).unwrap_or(u64::MAX);
                self.gaze.latency = Some((Duration::from_millis(limit), self.told.timeout));
            }
            _ => self.by_parameters(),
        }
    }

    fn header(&mut self, name: &str) {
        let name = name.to_ascii_lowercase();
        if name != "content-type" || self.told.sentence.expression.starts_with("the header") {
            self.gaze.headers.insert(name);
        }
    }

    /// A sentence tells by its parameters what it looks at: a path, and a schema for what is there.
    fn by_parameters(&mut self) {
        let words = self.told.sentence.expression;
        let schema = words.contains("schema {text}");
        let kinds: Vec<&str> = words.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
        let path = kinds.iter().position(|kind| *kind == "path").map(|index| self.told.args.text(index));
        let name = kinds.iter().rposition(|kind| *kind == "text").map(|index| self.told.args.text(index));
        match (path, schema, name) {
            (None, true, Some(name)) => {
                self.gaze.body = true;
                self.gaze.schemas.insert((name, String::new()));
            }
            (Some(path), true, Some(name)) => {
                self.gaze.body = true;
                for pointer in self.selected(&path) {
                    self.gaze.schemas.insert((name.clone(), pointer));
                }
            }
            (Some(path), _, _) => self.path(&path),
            _ => {}
        }
    }

    fn selected(&self, path: &str) -> Vec<String> {
        let Some(document) = self.answer.document else { return Vec::new() };
        select(path, document).map(|nodes| nodes.into_iter().map(|node| node.pointer).collect()).unwrap_or_default()
    }

    fn path(&mut self, path: &str) {
        let words = self.told.sentence.expression;
        self.gaze.body = true;
        // A filter reads what it leaves out, too.
        if let Some((before, _)) = path.split_once("[?") {
            let read = self.selected(before);
            self.gaze.deep.extend(read);
        } else if path.contains("..") {
            self.gaze.deep.insert(String::new());
        }
        if words.ends_with("is absent")
            && let Some((object, name)) = self.lone_member(path)
        {
            self.gaze.absent.insert((object, name));
        }
        let shallow = words.ends_with("item(s)") || words.ends_with("is present");
        let found = self.selected(path);
        if self.told.sentence.keyword == Keyword::Then {
            self.gaze.promised.extend(found.iter().cloned());
        }
        if words == "{path} is:"
            && let Some(base) = found.first()
        {
            self.expected(self.told.args.json().ok().as_ref(), &base.clone());
        }
        if words.starts_with("no {path}") {
            self.mock(&found);
        }
        if shallow { self.gaze.shallow.extend(found) } else { self.gaze.deep.extend(found) }
    }

    /// `$.data.error` where `$.data` is an object: its pointer and the name.
    fn lone_member(&self, path: &str) -> Option<(String, String)> {
        let (object, name) = path.rsplit_once('.')?;
        let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !plain(name) || object.contains(['*', '?']) || object.contains("..") {
            return None;
        }
        let [pointer] = self.selected(object).try_into().ok()?;
        Some((pointer, name.to_owned()))
    }

    /// A whole value is promised, so each of its places is.
    fn expected(&mut self, expected: Option<&Value>, base: &str) {
        match expected {
            Some(Value::Object(members)) => {
                for (name, value) in members {
                    self.expected(Some(value), &place::below(base, name));
                }
            }
            Some(Value::Array(items)) => {
                for (index, value) in items.iter().enumerate() {
                    self.expected(Some(value), &format!("{base}/{index}"));
                }
            }
            _ => {}
        }
        self.gaze.promised.insert(base.to_owned());
    }

    /// What the mock would have in the place of live data.
    fn mock(&mut self, found: &[String]) {
        let args = &self.told.args;
        let Some(bytes) = self.run.fixture(self.own, &args.text(2)) else { return };
        let Ok(fixture) = serde_json::from_slice::<Value>(bytes) else { return };
        let known = select(&args.text(1), &fixture).unwrap_or_default();
        if let (Some(pointer), Some(node)) = (found.first(), known.first()) {
            self.gaze.mock.push((pointer.clone(), node.value.clone()));
        }
    }
}

/// An earlier answer to the request of this exchange.
pub fn earlier(exchanges: &[Exchange], at: usize) -> Option<Arc<Response>> {
    let own = &exchanges.get(at)?.request;
    let same = |exchange: &&Exchange| exchange.request.method == own.method && exchange.request.url == own.url;
    let answer = exchanges[..at].iter().rev().filter(same).find_map(|exchange| exchange.outcome.as_ref().ok())?;
    Some(Arc::new(answer.clone()))
}
