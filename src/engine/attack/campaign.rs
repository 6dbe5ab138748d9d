//! The order in which cases are asked: what counts alone, one after another; what must have no effect, all at once.

use std::collections::BTreeMap;

use futures::StreamExt as _;
use futures::future::join_all;
use futures::stream;

use crate::adapter::clock;
use crate::adapter::halt::Halt;
use crate::domain::exchange::NoAnswer;
use crate::domain::receiver::answers::{Answered, Counted, Heard};
use crate::domain::receiver::case::{Answer, Case, Effect, Family, Repeat, Shape, Trick};
use crate::domain::receiver::judge::{Judged, judge};
use crate::engine::attack::Order;
use crate::engine::attack::count::Counter;
use crate::engine::attack::craft::Delivery;
use crate::engine::attack::line::Line;

/// Deliveries that are under way at the same time.
const AT_ONCE: usize = 16;

/// Copies of a delivery that comes concurrently.
const COPIES: usize = 8;

/// A suite under way.
pub struct Campaign<'a> {
    pub order: &'a Order,
    pub line: Line,
    pub counter: Counter,
    pub halt: Halt,
    number: u64,
    /// The number of the delivery that comes again at the end.
    later_number: Option<u64>,
    pub done: BTreeMap<&'static str, (Judged, Vec<Delivery>, Heard)>,
}

impl<'a> Campaign<'a> {
    pub fn new(order: &'a Order, line: Line, counter: Counter, halt: Halt) -> Self {
        Self { order, line, counter, halt, number: 0, later_number: None, done: BTreeMap::new() }
    }

    /// A number that no other delivery of this run has.
    pub fn number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    /// Asks every case but those that look at all answers, and floods.
    pub async fn run(&mut self, cases: &[Case]) {
        let Some(valid) = cases.iter().find(|case| case.name == "valid") else { return };
        if let Some(reason) = self.first(valid).await {
            for case in cases.iter().filter(|case| case.name != "valid") {
                self.note(case, Judged::unasked(reason.clone()), Vec::new(), none());
            }
            return;
        }
        let later = cases.iter().find(|case| case.trick == Trick::Repeat(Repeat::Later));
        let kept = match later {
            Some(case) => self.alone(case).await,
            None => None,
        };
        for case in cases.iter().filter(|case| is_counted_alone(case)) {
            if let Some((heard, deliveries)) = self.alone(case).await {
                self.finish(case, heard, deliveries);
            }
        }
        self.crowd(cases.iter().copied().filter(is_uncounted).collect()).await;
        self.refused(cases.iter().copied().filter(is_without_effect).collect()).await;
        if let (Some(case), Some((first, deliveries))) = (later, kept) {
            self.again(case, first, deliveries).await;
        }
        if let Some(case) = cases.iter().find(|case| case.trick == Trick::Shape(Shape::Afterwards))
            && let Some((heard, deliveries)) = self.alone(case).await
        {
            self.finish(case, heard, deliveries);
        }
    }

    /// The first right delivery: whether anybody is there, and how long an effect takes. Tells why nothing else is sent.
    async fn first(&mut self, valid: &Case) -> Option<String> {
        let (heard, deliveries) = self.alone(valid).await?;
        let answer = heard.answers.first().cloned();
        if answer.as_ref().is_some_and(Answered::is_accepted) && heard.effects == Counted::Effects(0) {
            let reason = "the count did not move when a right delivery was accepted, so it proves nothing \
                 (is it an event that the receiver works on? --event FILE, --topic NAME)";
            self.counter.blind = Some(reason.to_owned());
        }
        let reason = answer.and_then(|answer| match answer.outcome {
            Err(NoAnswer::CutOff(_)) | Ok(_) => None,
            Err(reason) if reason.is_unreachable() => Some(format!("the receiver could not be reached: {reason}")),
            Err(reason) => Some(format!("a right delivery was not answered: {reason}")),
        });
        self.finish(valid, heard, deliveries);
        reason
    }

    /// One case with nothing beside it, its effects counted. None where the run was stopped, or it cannot be made.
    async fn alone(&mut self, case: &Case) -> Option<(Heard, Vec<Delivery>)> {
        if self.is_stopped(case) {
            return None;
        }
        let deliveries = self.deliveries(case)?;
        let before = self.counter.now(&self.line).await;
        let mut answers = if case.trick == Trick::Repeat(Repeat::Concurrently) {
            let copies = deliveries.iter().map(|delivery| self.line.send(case.name, delivery));
            join_all(copies).await.into_iter().map(|(answer, _)| answer).collect()
        } else {
            let mut answers = Vec::new();
            for delivery in &deliveries {
                answers.push(self.line.send(case.name, delivery).await.0);
            }
            answers
        };
        if case.trick == Trick::Repeat(Repeat::AfterForgery) {
            // The forgery's answer is another case's business.
            answers.remove(0);
        }
        let accepted = i64::try_from(answers.iter().filter(|answer| answer.is_accepted()).count()).unwrap_or(i64::MAX);
        let least = match case.effect {
            Effect::Exactly(number) | Effect::Between(number, _) => i64::from(number).min(accepted),
            Effect::AsAnswered => accepted.min(1),
            Effect::EachAccepted => accepted,
            Effect::None | Effect::Unasked => 0,
        };
        let careful = case.needs_observer() || least == 0;
        let effects = self.counter.since(before, least, careful, &self.line).await;
        let challenge = deliveries.first().and_then(|delivery| delivery.challenge.clone());
        Some((Heard { answers, effects, challenge }, deliveries))
    }

    /// The requests of a case.
    fn deliveries(&mut self, case: &Case) -> Option<Vec<Delivery>> {
        let (number, now) = (self.number(), clock::now());
        let crafter = &self.order.crafter;
        let id = crafter.id(number);
        let made = match case.trick {
            Trick::Repeat(Repeat::Later) => {
                self.later_number = Some(number);
                // Dated a little back, so that the retry has another timestamp also when it comes within a second.
                let then = now.saturating_sub(jiff::SignedDuration::from_secs(20)).unwrap_or(now);
                crafter.named(&id, number, then).map(|one| vec![one])
            }
            Trick::Repeat(Repeat::AtOnce) => crafter.named(&id, number, now).map(|one| vec![one.clone(), one]),
            Trick::Repeat(Repeat::Concurrently) => crafter.named(&id, number, now).map(|one| vec![one; COPIES]),
            Trick::Repeat(Repeat::OtherBody) => {
                let other = self.number();
                let crafter = &self.order.crafter;
                let both = [number, other].map(|number| crafter.named(&id, number, now));
                both.into_iter().collect()
            }
            Trick::Repeat(Repeat::OutOfOrder) => {
                let older = crafter.id(self.number + 1);
                self.number += 1;
                let crafter = &self.order.crafter;
                let then = now.saturating_sub(jiff::SignedDuration::from_secs(30)).unwrap_or(now);
                [crafter.named(&id, number, now), crafter.named(&older, number, then)].into_iter().collect()
            }
            Trick::Repeat(Repeat::AfterForgery) => {
                [crafter.forged_under(&id, number, now), crafter.named(&id, number, now)].into_iter().collect()
            }
            _ => crafter.craft(case.trick, number, now).map(|one| vec![one]),
        };
        match made {
            Ok(deliveries) => Some(deliveries),
            Err(error) => {
                self.note(case, Judged::unasked(format!("it cannot be signed: {error}")), Vec::new(), none());
                None
            }
        }
    }

    /// The retry of a delivery that came long before: the same id and body, dated and signed anew.
    async fn again(&mut self, case: &Case, first: Heard, mut deliveries: Vec<Delivery>) {
        if self.is_stopped(case) {
            return;
        }
        let crafter = &self.order.crafter;
        // The number under which it went out stands in its id, and so it is found again.
        let again = self.later_number.map(|number| crafter.named(&crafter.id(number), number, clock::now()));
        let Some(Ok(again)) = again else { return };
        let before = self.counter.now(&self.line).await;
        let (answer, _) = self.line.send(case.name, &again).await;
        let second = self.counter.since(before, 0, true, &self.line).await;
        let effects = match (first.effects, second) {
            (Counted::Effects(one), Counted::Effects(two)) => Counted::Effects(one + two),
            (Counted::Unknown(reason), _) | (_, Counted::Unknown(reason)) => Counted::Unknown(reason),
        };
        let answers = first.answers.into_iter().chain([answer]).collect();
        deliveries.push(again);
        self.finish(case, Heard { answers, effects, challenge: None }, deliveries);
    }

    /// Cases of whose effects nobody asks, side by side.
    async fn crowd(&mut self, cases: Vec<Case>) {
        for (case, delivery, answer) in self.side_by_side(cases).await {
            let heard = Heard { answers: vec![answer], effects: none().effects, challenge: delivery.challenge.clone() };
            self.finish(&case, heard, vec![delivery]);
        }
        if self.counter.blind.is_none() {
            tokio::time::sleep(self.counter.quiet()).await;
        }
    }

    /// Cases that must have no effect, side by side. If the count moves, each is asked again alone to tell whose it was.
    async fn refused(&mut self, cases: Vec<Case>) {
        let before = self.counter.now(&self.line).await;
        let came = self.side_by_side(cases).await;
        let together = self.counter.since(before, 0, true, &self.line).await;
        let alone = matches!(together, Counted::Effects(1.. | ..=-1));
        for (case, delivery, answer) in came {
            let challenge = delivery.challenge.clone();
            if alone {
                if let Some((heard, deliveries)) = self.alone(&case).await {
                    self.finish(&case, heard, deliveries);
                }
            } else {
                let heard = Heard { answers: vec![answer], effects: together.clone(), challenge };
                self.finish(&case, heard, vec![delivery]);
            }
        }
    }

    async fn side_by_side(&mut self, cases: Vec<Case>) -> Vec<(Case, Delivery, Answered)> {
        let mut ready = Vec::new();
        for case in cases {
            if self.is_stopped(&case) {
                continue;
            }
            let delivery = self.deliveries(&case).and_then(|made| made.into_iter().next());
            ready.extend(delivery.map(|delivery| (case, delivery)));
        }
        let line = &self.line;
        let sending = ready.into_iter().map(|(case, delivery)| async move {
            let (answer, _) = line.send(case.name, &delivery).await;
            (case, delivery, answer)
        });
        stream::iter(sending).buffered(AT_ONCE).collect().await
    }

    fn is_stopped(&mut self, case: &Case) -> bool {
        let stopped = self.halt.is_called();
        if stopped {
            self.note(case, Judged::unasked("stopped by its user"), Vec::new(), none());
        }
        stopped
    }

    pub fn finish(&mut self, case: &Case, heard: Heard, deliveries: Vec<Delivery>) {
        let judged = judge(case, &self.order.sender, &heard);
        self.note(case, judged, deliveries, heard);
    }

    pub fn note(&mut self, case: &Case, judged: Judged, deliveries: Vec<Delivery>, heard: Heard) {
        self.done.insert(case.name, (judged, deliveries, heard));
    }
}

pub fn none() -> Heard {
    Heard { answers: Vec::new(), effects: Counted::Unknown("nobody asked".to_owned()), challenge: None }
}

fn is_uncounted(case: &Case) -> bool {
    case.effect == Effect::Unasked && !matches!(case.trick, Trick::Overall(_))
}

fn is_without_effect(case: &Case) -> bool {
    case.effect == Effect::None && !matches!(case.trick, Trick::Shape(Shape::CutBody))
}

fn is_counted_alone(case: &Case) -> bool {
    let later = matches!(case.trick, Trick::Repeat(Repeat::Later) | Trick::Shape(Shape::Afterwards));
    case.name != "valid"
        && !later
        && !matches!(case.family, Family::Flood | Family::Answers)
        && !is_uncounted(case)
        && !is_without_effect(case)
        || case.answer == Answer::Unheard
}
