//! The services of one scenario: its twins, their clock, the faults that were asked for, and what they did.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::DATE;
use http::{HeaderValue, Request, Response};
use jiff::Timestamp;
use serde_json::Value;

use crate::domain::delivery::Delivery;
use crate::domain::fault::{Fault, FaultRule, WireFault};
use crate::domain::integration::Name;
use crate::twin::answer::{Answer, Ask, AskFailure, Reply};
use crate::twin::fault;
use crate::twin::kit::clock::http_date;
use crate::twin::setting::Unarranged;
use crate::twin::{Identity, Twin};

/// How often a reply may depend on another service before we call it a loop.
const MOST_ASKS: usize = 8;

/// The twins that scenes are forked from.
pub type Prototypes = BTreeMap<Name, Box<dyn Twin>>;

/// The twins of one scenario, with a clock of their own. A twin is forked from its prototype when it is first needed.
pub struct Scene {
    now: Timestamp,
    prototypes: Arc<Prototypes>,
    twins: BTreeMap<Name, Box<dyn Twin>>,
    /// Twins of the stage that are real services here.
    outside: BTreeSet<Name>,
    faults: Vec<FaultRule>,
    deliveries: Vec<Delivery>,
    gaps: Vec<String>,
    /// The modelled delay of the replies since it was last taken.
    delay: Duration,
    /// The clock is set from outside before each request.
    follows: bool,
}

/// What a scene answers: a reply, or a question that only the outside can answer.
#[expect(clippy::large_enum_variant, reason = "nearly every answer is a reply, and lives for one request")]
pub enum SceneAnswer {
    Reply(Reply),
    Outside(Box<(Ask, Pending)>),
}

/// A request that waits for an answer from outside the scene.
pub struct Pending {
    at: Name,
    request: Request<Bytes>,
    owed: Owed,
}

/// What a reply is given when it comes at last.
#[derive(Clone, Debug)]
struct Owed {
    /// The time that others took to answer.
    spent: Duration,
    /// The fault that was asked for.
    spoiler: Option<Fault>,
}

impl Scene {
    pub fn new(now: Timestamp, prototypes: Arc<Prototypes>) -> Self {
        Self {
            now,
            prototypes,
            twins: BTreeMap::new(),
            outside: BTreeSet::new(),
            faults: Vec::new(),
            deliveries: Vec::new(),
            gaps: Vec::new(),
            delay: Duration::ZERO,
            follows: false,
        }
    }

    /// The twin of a name, forked now if it was not yet.
    fn twin(&mut self, name: &Name) -> Option<&mut Box<dyn Twin>> {
        if !self.twins.contains_key(name) {
            let fork = self.prototypes.get(name)?.fork();
            self.twins.insert(name.clone(), fork);
        }
        self.twins.get_mut(name)
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Lets time pass for every twin of the scene.
    pub fn advance(&mut self, by: Duration) {
        self.now += by;
    }

    /// Sets the clock to where an earlier performance of the same scene stood.
    pub fn stand_at(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// Sets the clock, for a scene that follows the time outside.
    pub fn set_now(&mut self, now: Timestamp) {
        self.now = now;
        self.follows = true;
    }

    pub fn identity(&mut self, of: &Name) -> Option<Identity> {
        self.twin(of).map(|twin| twin.identity())
    }

    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.prototypes.keys()
    }

    /// Puts one twin into a state; None when the scene has no such twin.
    pub fn arrange(&mut self, at: &Name, setting: &str, value: &Value) -> Option<Result<(), Unarranged>> {
        let now = self.now;
        self.twin(at).map(|twin| twin.arrange(now, setting, value))
    }

    pub fn misbehave(&mut self, rule: FaultRule) {
        self.faults.push(rule);
    }

    /// Ends the misbehaviour of one twin.
    pub fn behave(&mut self, at: &Name) {
        self.faults.retain(|rule| rule.at != *at);
    }

    /// The webhooks set off so far.
    pub fn deliveries(&self) -> &[Delivery] {
        &self.deliveries
    }

    /// Lets what asks this integration ask the real service.
    pub fn leave_outside(&mut self, name: Name) {
        self.outside.insert(name);
    }

    /// Forgets what was delivered, for a scene that goes on for ever.
    pub fn forget_deliveries(&mut self) {
        self.deliveries.clear();
    }

    pub fn take_gaps(&mut self) -> Vec<String> {
        std::mem::take(&mut self.gaps)
    }

    /// The delay modelled since this was last called.
    pub fn take_delay(&mut self) -> Duration {
        std::mem::take(&mut self.delay)
    }

    /// Answers a request to one of the twins, asking the others of the scene where the model says so.
    pub fn answer(&mut self, at: &Name, request: &Request<Bytes>) -> SceneAnswer {
        let (answer, spoiler) = self.ask_twin(at, request);
        self.settle(at, request, answer, Owed { spent: Duration::ZERO, spoiler })
    }

    /// The same under a fault that was chosen for this request alone.
    pub fn answer_struck(&mut self, at: &Name, request: &Request<Bytes>, fault: Fault) -> SceneAnswer {
        let rule = FaultRule { at: at.clone(), method: None, path: String::new(), remaining: Some(1), fault };
        self.faults.insert(0, rule);
        let answer = self.answer(at, request);
        self.faults.remove(0);
        answer
    }

    /// Goes on after the outside has answered.
    pub fn resume(&mut self, pending: &Pending, outcome: Result<Response<Bytes>, AskFailure>) -> SceneAnswer {
        let now = self.now;
        let answer = match self.twin(&pending.at) {
            Some(twin) => twin.resume(now, &pending.request, outcome),
            None => Reply::gap("no such twin in this scene", &pending.request).into(),
        };
        self.settle(&pending.at, &pending.request, answer, pending.owed.clone())
    }

    fn settle(&mut self, at: &Name, request: &Request<Bytes>, mut answer: Answer, mut owed: Owed) -> SceneAnswer {
        for _ in 0..MOST_ASKS {
            let ask = match answer {
                Answer::Reply(mut reply) => {
                    if let Some(spoiler) = &owed.spoiler {
                        fault::spoil(spoiler, &mut reply);
                    }
                    reply.delay += owed.spent;
                    return SceneAnswer::Reply(self.note(reply));
                }
                Answer::Ask(ask) => ask,
            };
            if self.outside.contains(&ask.to) {
                let pending = Pending { at: at.clone(), request: request.clone(), owed };
                return SceneAnswer::Outside(Box::new((ask, pending)));
            }
            if !self.prototypes.contains_key(&ask.to) {
                // Not an outage of the other service: whoever promised something about one would be answered wrongly.
                let absent = format!("{at} asks {0}, and its manifest does not say `stands_on: [{0}]`", ask.to);
                return SceneAnswer::Reply(self.note(Reply::gap(&absent, request)));
            }
            let (outcome, took) = self.ask_inside(&ask);
            owed.spent += took;
            let now = self.now;
            answer = match self.twin(at) {
                Some(twin) => twin.resume(now, request, outcome),
                None => Reply::gap("no such twin in this scene", request).into(),
            };
        }
        SceneAnswer::Reply(self.note(Reply::gap("services that ask each other without end", request)))
    }

    /// One twin asks another: its delay and its connection faults are what the asking one sees.
    fn ask_inside(&mut self, ask: &Ask) -> (Result<Response<Bytes>, AskFailure>, Duration) {
        let (answer, spoiler) = self.ask_twin(&ask.to, &ask.request);
        let mut reply = match answer {
            Answer::Reply(reply) => reply,
            Answer::Ask(_) => Reply::gap("a service asked by another asks a third", &ask.request),
        };
        if let Some(spoiler) = spoiler {
            fault::spoil(&spoiler, &mut reply);
        }
        self.deliveries.extend(reply.deliveries);
        self.gaps.extend(reply.gap);
        if reply.delay > ask.timeout {
            return (Err(AskFailure::TimedOut), ask.timeout);
        }
        let broken = reply.fault.is_some_and(|fault| fault != WireFault::SlowBody);
        let outcome = if broken { Err(AskFailure::Unreachable) } else { Ok(reply.response) };
        (outcome, reply.delay)
    }

    /// One twin's own answer, and the fault that its reply is to be spoiled by, however many it asks before it replies.
    fn ask_twin(&mut self, at: &Name, request: &Request<Bytes>) -> (Answer, Option<Fault>) {
        let now = self.now;
        let struck = self.faults.iter_mut().find_map(|rule| rule.strikes(at, request).then(|| rule.fault.clone()));
        let Some(twin) = self.twin(at) else {
            return (Reply::gap("no such twin in this scene", request).into(), None);
        };
        match struck.as_ref().and_then(|spoiler| fault::instead(spoiler, twin.as_ref())) {
            Some(reply) => (reply.into(), None),
            None => (twin.answer(now, request), struck),
        }
    }

    fn note(&mut self, mut reply: Reply) -> Reply {
        if !self.follows {
            // A server dates its answers; here the time is the scene's, not the machine's.
            let date = HeaderValue::from_str(&http_date(self.now));
            reply.response.headers_mut().entry(DATE).or_insert(date.unwrap_or(HeaderValue::from_static("")));
        }
        self.delay += reply.delay;
        self.now += reply.delay;
        self.gaps.extend(reply.gap.clone());
        self.deliveries.extend(reply.deliveries.iter().cloned());
        reply
    }
}
