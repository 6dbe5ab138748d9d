//! A gauntlet's plan as data: lessons, what is left out and why, and stand-ins for services that have no twin.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::lesson::Aim;
use crate::domain::lesson::Lesson;
use crate::domain::lesson::step::{Answer, Step};
use crate::domain::nearest::nearest;

/// The version of the plan's format. A reader refuses another one.
pub const VERSION: u32 = 1;

/// The lesson that is always played first: nothing misbehaves.
pub const HEALTHY: &str = "healthy";

/// A plan as its file says it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub version: u32,
    pub name: String,
    /// The shipped plan that it adds to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    #[serde(default)]
    pub lessons: Vec<Lesson>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leave_out: Vec<LeaveOut>,
    /// By integration.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stand_ins: BTreeMap<String, StandIn>,
}

/// A lesson that does not apply to the client, by a person's word.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaveOut {
    pub lesson: String,
    pub why: String,
}

/// What answers where no twin models the service.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandIn {
    /// What its clients read, with `{url}` for its address.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// The first that fits answers.
    #[serde(default)]
    pub answers: Vec<Good>,
    /// Its bodies of refusals, by status; `*` for every other one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refusals: BTreeMap<String, serde_json::Value>,
    /// Requests that only read, whatever their method says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<Aim>,
}

/// One good answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Good {
    pub on: Aim,
    pub answer: Answer,
}

/// Why a plan cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error("the plan is of version {0}, this program reads {VERSION}")]
    Version(u32),
    #[error("the lesson `{0}` stands twice")]
    Twice(String),
    #[error("the lesson `{lesson}`: {problem}")]
    Lesson { lesson: String, problem: String },
    #[error("there is no lesson `{0}`")]
    NoLesson(String, Vec<String>),
    #[error("`{0}` is left out without a reason")]
    NoReason(String),
    #[error("there is no plan `{0}` to extend")]
    NoPlan(String),
    #[error("the plan has no lesson")]
    Empty,
}

impl PlanError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoLesson(name, known) => {
                let near =
                    nearest(name, known.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`? "));
                Some(format!("{}`preflight gauntlet NAME --list` names them all", near.unwrap_or_default()))
            }
            Self::NoPlan(_) => Some("`default` is the one that is shipped".to_owned()),
            Self::NoReason(_) => Some("say under `why` why it does not apply to this client".to_owned()),
            Self::Empty => Some("write `extends: default`, or lessons of your own".to_owned()),
            _ => None,
        }
    }
}

impl Plan {
    /// Joins it with the plan that it extends, and looks whether it can be played.
    ///
    /// # Errors
    /// It contradicts itself, or names what is not there.
    pub fn settled(mut self, shipped: &Plan) -> Result<Self, PlanError> {
        if self.version != VERSION {
            return Err(PlanError::Version(self.version));
        }
        if let Some(extended) = self.extends.take() {
            if extended != shipped.name {
                return Err(PlanError::NoPlan(extended));
            }
            let own: BTreeSet<String> = self.lessons.iter().map(|lesson| lesson.name.clone()).collect();
            let inherited = shipped.lessons.iter().filter(|lesson| !own.contains(&lesson.name)).cloned();
            self.lessons = inherited.chain(std::mem::take(&mut self.lessons)).collect();
        }
        for (name, stand_in) in &shipped.stand_ins {
            self.stand_ins.entry(name.clone()).or_insert_with(|| stand_in.clone());
        }
        if self.lessons.is_empty() {
            return Err(PlanError::Empty);
        }
        self.check()?;
        Ok(self)
    }

    fn check(&self) -> Result<(), PlanError> {
        let mut seen = BTreeSet::new();
        for lesson in &self.lessons {
            let wrong = |problem: &str| PlanError::Lesson { lesson: lesson.name.clone(), problem: problem.to_owned() };
            if !seen.insert(lesson.name.as_str()) {
                return Err(PlanError::Twice(lesson.name.clone()));
            }
            if let Some(problem) = problem(lesson) {
                return Err(wrong(problem));
            }
        }
        for left in &self.leave_out {
            self.must_have(&left.lesson)?;
            if left.why.trim().is_empty() {
                return Err(PlanError::NoReason(left.lesson.clone()));
            }
        }
        Ok(())
    }

    fn must_have(&self, name: &str) -> Result<(), PlanError> {
        if self.lessons.iter().any(|lesson| lesson.name == name) {
            return Ok(());
        }
        Err(PlanError::NoLesson(name.to_owned(), self.lessons.iter().map(|lesson| lesson.name.clone()).collect()))
    }

    /// The lessons for an integration: those that are named, or all that concern it and are not left out.
    ///
    /// # Errors
    /// A name is not in the plan.
    pub fn lessons_for(&self, integration: &str, named: &[String]) -> Result<Vec<&Lesson>, PlanError> {
        for name in named {
            self.must_have(name)?;
        }
        let concerns = |lesson: &&Lesson| lesson.of.is_empty() || lesson.of.iter().any(|name| name == integration);
        let left_out = |lesson: &&Lesson| self.leave_out.iter().any(|left| left.lesson == lesson.name);
        let wanted = |lesson: &&Lesson| {
            if named.is_empty() { concerns(lesson) && !left_out(lesson) } else { named.contains(&lesson.name) }
        };
        Ok(self.lessons.iter().filter(wanted).collect())
    }
}

fn problem(lesson: &Lesson) -> Option<&'static str> {
    let is_word = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    let time = |seconds: f64| seconds.is_finite() && (0.0..=1e6).contains(&seconds);
    if lesson.name.is_empty() || !lesson.name.chars().all(is_word) {
        return Some("a name has lower-case letters, digits and `-`");
    }
    if lesson.expect.is_empty() {
        return Some("it expects nothing, so that nothing could be found");
    }
    if lesson.source.trim().is_empty() {
        return Some("it names no source of its rule");
    }
    let steps_time = lesson.faults.iter().filter_map(|step| step.lasts);
    if !steps_time.chain(lesson.within).chain([lesson.wait]).all(time) {
        return Some("a time is a number of seconds, at most a million");
    }
    if lesson.limit.is_some_and(|limit| limit.requests == 0 || !time(limit.seconds) || limit.seconds == 0.0) {
        return Some("a limit lets at least one request through, in a window that lasts");
    }
    if !(1..=64).contains(&lesson.runs) || !(1..=64).contains(&lesson.clients) || lesson.strikes.call == 0 {
        return Some("`runs` and `clients` are 1 to 64, `strikes.call` counts from 1");
    }
    lesson.faults.iter().find_map(Step::problem)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use serde_json::json;

    use super::Plan;

    fn plan(value: serde_json::Value) -> Plan {
        serde_json::from_value(value).unwrap()
    }

    fn lesson(name: &str) -> serde_json::Value {
        json!({"name": name, "title": name, "source": "RFC 9110", "expect": {"retry": "owed"}})
    }

    fn shipped() -> Plan {
        plan(json!({"version": 1, "name": "default", "lessons": [lesson("a"), lesson("b")]}))
    }

    #[test]
    fn a_plan_adds_to_the_shipped_one_and_takes_its_place_by_name() {
        let own = plan(json!({
            "version": 1, "name": "own", "extends": "default", "lessons": [lesson("b"), lesson("c")],
            "leave_out": [{"lesson": "a", "why": "it never pages"}],
        }));
        let settled = own.settled(&shipped()).unwrap();
        let names: Vec<&str> = settled.lessons_for("x", &[]).unwrap().iter().map(|l| l.name.as_str()).collect();
        assert_eq!(names, ["b", "c"]);
        assert_eq!(settled.lessons_for("x", &["a".to_owned()]).unwrap().len(), 1, "asked for by name");
    }

    #[test]
    fn what_cannot_be_played_is_told() {
        let with = |key: &str, value: serde_json::Value| {
            let mut own = lesson("a");
            own[key] = value;
            json!({"version": 1, "name": "own", "lessons": [own]})
        };
        for (value, told) in [
            (json!({"version": 2, "name": "own"}), "the plan is of version 2, this program reads 1"),
            (json!({"version": 1, "name": "own"}), "the plan has no lesson"),
            (
                json!({"version": 1, "name": "own", "lessons": [lesson("a"), lesson("a")]}),
                "the lesson `a` stands twice",
            ),
            (json!({"version": 1, "name": "own", "extends": "other"}), "there is no plan `other` to extend"),
            (with("expect", json!({})), "the lesson `a`: it expects nothing, so that nothing could be found"),
            (with("faults", json!([{}])), "the lesson `a`: a step needs `fault` or `answer`"),
            (with("wait", json!(-1)), "the lesson `a`: a time is a number of seconds, at most a million"),
            (
                json!({"version": 1, "name": "own", "extends": "default", "leave_out": [{"lesson": "a", "why": " "}]}),
                "`a` is left out without a reason",
            ),
        ] {
            assert_eq!(plan(value).settled(&shipped()).unwrap_err().to_string(), told);
        }
    }

    #[test]
    fn a_lesson_that_is_not_there_has_a_nearest_one() {
        let error = shipped().lessons_for("x", &["c".to_owned()]).unwrap_err();
        assert_eq!(error.to_string(), "there is no lesson `c`");
        assert!(error.hint().unwrap().contains("--list"));
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange_for_a_plan(text in any::<String>(), number in any::<f64>(), count in any::<u32>()) {
            let own = json!({
                "version": 1, "name": text, "lessons": [{
                    "name": text, "title": text, "source": text, "wait": number, "runs": count,
                    "faults": [{"fault": text}, {"answer": {"status": count, "headers": [text], "body": text}}],
                    "expect": {"attempts": count},
                }],
            });
            if let Ok(plan) = serde_json::from_value::<Plan>(own) {
                let _ = plan.settled(&shipped());
            }
        }
    }
}
