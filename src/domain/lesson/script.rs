//! Which fault strikes which request: a lesson's script while it is played.

use std::collections::HashMap;

use crate::domain::lesson::step::Step;
use crate::domain::lesson::{Lesson, Strikes};
use crate::domain::timeline::Arrival;

/// A lesson's script with how far each call has come in it.
#[derive(Debug)]
pub struct Script {
    steps: Vec<Step>,
    strikes: Strikes,
    speed: f64,
    /// Calls aimed at, in the order in which they came.
    calls: HashMap<Asks, Place>,
    began_us: Option<u64>,
}

/// Client, method, path and body.
type Asks = (u32, Box<str>, Box<str>, Option<Box<str>>);

#[derive(Clone, Copy, Debug)]
struct Place {
    /// From 1, among those of the client.
    call: u32,
    step: usize,
    used: u32,
}

impl Script {
    /// `speed` divides the seconds that a fault lasts.
    pub fn new(lesson: &Lesson, speed: f64) -> Self {
        Self {
            steps: lesson.faults.clone(),
            strikes: lesson.strikes.clone(),
            speed,
            calls: HashMap::new(),
            began_us: None,
        }
    }

    /// The step that strikes a request; None where the twin answers as itself.
    pub fn strike(&mut self, arrival: &Arrival) -> Option<Step> {
        if !self.strikes.aims_at(arrival) {
            return None;
        }
        let began = *self.began_us.get_or_insert(arrival.at_us);
        let body = if arrival.idempotency_key.is_some() {
            arrival.idempotency_key.clone()
        } else {
            arrival.body_sha256.clone()
        };
        let asks = if self.strikes.in_turn {
            (arrival.client, Box::default(), Box::default(), None)
        } else {
            (arrival.client, arrival.method.clone(), arrival.path.clone(), body)
        };
        let known = self.calls.keys().filter(|(client, ..)| *client == arrival.client).count();
        let call = u32::try_from(known).unwrap_or(u32::MAX).saturating_add(1);
        let place = self.calls.entry(asks).or_insert(Place { call, step: 0, used: 0 });
        let struck =
            if self.strikes.every_call { place.call >= self.strikes.call } else { place.call == self.strikes.call };
        if !struck {
            return None;
        }
        while let Some(step) = self.steps.get(place.step) {
            let passed = arrival.at_us.saturating_sub(began);
            let goes_on = match (step.always, step.lasts, step.times.unwrap_or(1)) {
                (true, ..) => true,
                (false, Some(seconds), _) => micros(seconds / self.speed) > passed,
                (false, None, times) => place.used < times,
            };
            if goes_on {
                place.used += 1;
                return Some(step.clone());
            }
            place.step += 1;
            place.used = 0;
        }
        None
    }
}

/// Seconds as microseconds; what is negative or no number is none.
pub fn micros(seconds: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped to what fits")]
    let micros = (seconds * 1e6).clamp(0.0, 1e15) as u64;
    micros
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Script;
    use crate::domain::lesson::Lesson;
    use crate::domain::timeline::tests::arrival;

    fn lesson(more: serde_json::Value) -> Lesson {
        let mut lesson = json!({"name": "l", "title": "t", "source": "s", "expect": {}});
        let (Some(lesson_map), serde_json::Value::Object(more)) = (lesson.as_object_mut(), more) else {
            unreachable!()
        };
        lesson_map.extend(more);
        serde_json::from_value(lesson).unwrap()
    }

    fn played(lesson: &Lesson, arrivals: &[(u64, &str)]) -> Vec<Option<String>> {
        let mut script = Script::new(lesson, 1.0);
        let numbered = (1..).zip(arrivals);
        numbered.map(|(n, (at, path))| script.strike(&arrival(n, *at, path, None)).map(|step| step.name())).collect()
    }

    #[test]
    fn steps_come_in_turn_and_only_to_the_call_that_is_meant() {
        let lesson = lesson(json!({"faults": [{"fault": "status:503"}, {"fault": "reset"}]}));
        let names = played(&lesson, &[(0, "/a"), (1, "/b"), (2, "/a"), (3, "/a")]);
        assert_eq!(names, [Some("status:503".to_owned()), None, Some("reset".to_owned()), None]);
    }

    #[test]
    fn a_failure_may_last() {
        let lesson = lesson(json!({"faults": [{"fault": "status:503", "lasts": 1}], "strikes": {"every_call": true}}));
        let struck: Vec<bool> = played(&lesson, &[(5, "/a"), (900, "/b"), (1100, "/a"), (1200, "/c")])
            .iter()
            .map(Option::is_some)
            .collect();
        assert_eq!(struck, [true, true, false, false]);
    }

    #[test]
    fn steps_may_come_in_the_order_of_requests() {
        let faults = json!([{"fault": "none"}, {"fault": "reset"}, {"fault": "none"}, {"fault": "status:503"}]);
        let lesson = lesson(json!({"faults": faults, "strikes": {"in_turn": true}}));
        let names = played(&lesson, &[(0, "/a"), (1, "/b"), (2, "/b"), (3, "/c"), (4, "/c")]);
        let told: Vec<&str> = names.iter().map(|name| name.as_deref().unwrap_or("-")).collect();
        assert_eq!(told, ["none", "reset", "none", "status:503", "-"]);
    }

    #[test]
    fn the_second_call_alone() {
        let lesson = lesson(json!({"faults": [{"fault": "status:503"}], "strikes": {"call": 2}}));
        let struck: Vec<bool> =
            played(&lesson, &[(0, "/a"), (1, "/b"), (2, "/b"), (3, "/c")]).iter().map(Option::is_some).collect();
        assert_eq!(struck, [false, true, false, false]);
    }
}
