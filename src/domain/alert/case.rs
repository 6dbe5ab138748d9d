//! A case: all that is wrong with one service at a time, who was told of it, and when it is over.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::alert::channel::Kind;
use crate::domain::alert::declared::{Plan, Way};
use crate::domain::alert::facts::Facts;
use crate::domain::alert::letter::Letter;
use crate::domain::alert::message::{Action, Message, key, lasted};
use crate::domain::alert::outbox::Trouble;
use crate::domain::alert::rule::{Condition, Rule};
use crate::domain::integration::Name;
use crate::domain::monitor::incident::{Acknowledgement, Severity};
use crate::domain::probe::thresholds::Health;

/// An Alertmanager forgets what it is not told again.
pub const RENEW: SignedDuration = SignedDuration::from_mins(30);

/// What a case is about.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    Service(Name),
    /// A channel that does not deliver.
    Channel(String),
}

impl Subject {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Service(name) => name.as_str(),
            Self::Channel(name) => name,
        }
    }
}

/// All that is wrong with one subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// The subject and the second in which it began.
    pub id: String,
    pub subject: Subject,
    pub title: String,
    pub began: Timestamp,
    /// Of the rules that were told; the least before any was.
    pub severity: Severity,
    /// The rules that hold, since when.
    pub holding: BTreeMap<String, Timestamp>,
    /// The rules that held for long enough, and when that was so first.
    pub fired: BTreeMap<String, Timestamp>,
    /// Why, a line for each rule, as it was last.
    pub reasons: Vec<String>,
    /// Since when none holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calm: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<Timestamp>,
    /// How often it came back before it was over.
    #[serde(default)]
    pub relapses: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledgement>,
    /// What each channel was told last.
    pub told: BTreeMap<String, Told>,
    /// How many letters it made: each has its number.
    pub letters: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
}

/// What a channel was told.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    pub at: Timestamp,
    pub severity: Severity,
}

/// The cases of one environment that are not over.
#[derive(Debug)]
pub struct Cases {
    plan: Plan,
    open: BTreeMap<Subject, Case>,
}

/// What a look brought: cases that changed, as they are now, and the letters that follow.
#[derive(Debug, Default)]
pub struct Looked {
    pub cases: Vec<Case>,
    pub letters: Vec<Letter>,
}

impl Cases {
    /// Goes on with those that were open when the history was last written.
    pub fn resume(plan: Plan, open: impl IntoIterator<Item = Case>) -> Self {
        let open = open.into_iter().filter(|case| case.over.is_none());
        Self { plan, open: open.map(|case| (case.subject.clone(), case)).collect() }
    }

    pub fn open(&self) -> impl Iterator<Item = &Case> {
        self.open.values()
    }

    /// Looks at how all services are, and at which channels do not deliver.
    pub fn look(
        &mut self,
        now: Timestamp,
        facts: &BTreeMap<Name, Facts>,
        troubles: &BTreeMap<String, Trouble>,
    ) -> Looked {
        let mut looked = Looked::default();
        for (name, facts) in facts {
            self.service(now, name, facts, &mut looked);
        }
        for (name, trouble) in troubles {
            self.channel(now, name, trouble, &mut looked);
        }
        let gone = |subject: &Subject| match subject {
            Subject::Service(name) => !facts.contains_key(name),
            Subject::Channel(name) => !troubles.contains_key(name),
        };
        let over: Vec<Subject> = self.open.keys().filter(|subject| gone(subject)).cloned().collect();
        for subject in over {
            let why = match &subject {
                Subject::Service(name) => format!("{name} is no longer watched"),
                Subject::Channel(name) => format!("alerts reach {name} again"),
            };
            self.close(now, &subject, why, &mut looked);
        }
        looked
    }

    fn service(&mut self, now: Timestamp, name: &Name, facts: &Facts, looked: &mut Looked) {
        let subject = Subject::Service(name.clone());
        let rules = self.plan.rules.iter().filter(|rule| rule.concerns(name));
        let holding: Vec<(&Rule, String)> =
            rules.filter_map(|rule| Some((rule, rule.condition.holds(facts)?))).collect();
        let is_new = !self.open.contains_key(&subject);
        if holding.is_empty() {
            // Of a service that is silent nothing is known, least of all that it is well.
            let is_well = facts.health != Health::Unknown && facts.bad_in_a_row == 0;
            if !is_new && is_well {
                self.calm(now, &subject, facts, looked);
            }
            return;
        }
        let hidden = facts.excused || facts.follows;
        if is_new && hidden {
            return;
        }
        let plan = &self.plan;
        let case = self.open.entry(subject.clone()).or_insert_with(|| Case::new(subject, &facts.title, now));
        let before = case.clone();
        if case.calm.take().is_some() && !case.fired.is_empty() {
            case.relapses += 1;
        }
        case.holding.retain(|rule, _| holding.iter().any(|(held, _)| held.name == *rule));
        for (rule, _) in &holding {
            let since = *case.holding.entry(rule.name.clone()).or_insert(now);
            let since = rule.since(facts).map_or(since, |known| known.min(since));
            let is_ripe = now.duration_since(since) >= rule.lasting;
            if is_ripe && !(hidden && case.fired.is_empty()) && !case.fired.contains_key(&rule.name) {
                case.fired.insert(rule.name.clone(), now);
                case.severity = case.severity.max(rule.severity);
            }
        }
        if !case.fired.is_empty() {
            case.reasons = holding
                .iter()
                .filter(|(rule, _)| case.fired.contains_key(&rule.name))
                .map(|(_, reason)| reason.clone())
                .collect();
            if facts.incident.is_some() {
                case.incident.clone_from(&facts.incident);
            }
        }
        if !facts.excused {
            let held = holding.iter().map(|(rule, _)| *rule);
            let wanted: Vec<&str> = held.flat_map(|rule| case.wanted(rule, now)).collect();
            case.tell(plan, &wanted, now, looked);
        }
        // What only moved in words is not written again each second.
        let is_other = |one: &Case, two: &Case| {
            one.holding != two.holding || one.fired != two.fired || one.calm != two.calm || one.letters != two.letters
        };
        if is_new || is_other(&before, case) {
            looked.cases.push(case.clone());
        }
    }

    /// No rule holds now.
    fn calm(&mut self, now: Timestamp, subject: &Subject, facts: &Facts, looked: &mut Looked) {
        let settle = self.plan.settle;
        let Some(case) = self.open.get_mut(subject) else { return };
        if case.fired.is_empty() {
            // It was never told, so that there is nothing to be taken back.
            let mut case = case.clone();
            case.over = Some(now);
            self.open.remove(subject);
            looked.cases.push(case);
            return;
        }
        if case.calm.is_none() {
            case.calm = Some(now);
            case.holding.clear();
            looked.cases.push(case.clone());
        }
        let since = case.calm.unwrap_or(now);
        if now.duration_since(since) >= settle {
            let health = facts.health;
            let why = format!("it is {health}, and has held for {}", lasted(now.duration_since(since)));
            self.close(now, subject, why, looked);
        }
    }

    /// A channel does not deliver: the others are told at once.
    fn channel(&mut self, now: Timestamp, name: &str, trouble: &Trouble, looked: &mut Looked) {
        let subject = Subject::Channel(name.to_owned());
        if self.open.contains_key(&subject) {
            return;
        }
        let plan = &self.plan;
        let mut case = Case::new(subject.clone(), name, now);
        case.severity = Severity::Critical;
        case.holding.insert(UNDELIVERED.to_owned(), now);
        case.fired.insert(UNDELIVERED.to_owned(), now);
        case.reasons = vec![trouble.told()];
        let others: Vec<&str> = match plan.undelivered.as_slice() {
            [] => plan.ways.keys().map(String::as_str).collect(),
            named => named.iter().map(String::as_str).collect(),
        };
        let others: Vec<&str> = others.into_iter().filter(|other| *other != name).collect();
        case.tell(plan, &others, now, looked);
        looked.cases.push(case.clone());
        self.open.insert(subject, case);
    }

    fn close(&mut self, now: Timestamp, subject: &Subject, why: String, looked: &mut Looked) {
        let Some(mut case) = self.open.remove(subject) else { return };
        case.over = Some(now);
        case.reasons = vec![why];
        let told: Vec<String> = case.told.keys().cloned().collect();
        for channel in told {
            // A channel that is declared no more cannot be told.
            if self.plan.ways.contains_key(&channel) {
                looked.letters.push(case.letter(&self.plan, &channel, Action::Resolve, now));
            }
        }
        looked.cases.push(case);
    }

    /// The clock of the machine was set by so much: what lasts goes on lasting.
    pub fn shift(&mut self, by: SignedDuration) {
        let set = |at: &mut Timestamp| *at = at.checked_add(by).unwrap_or(*at);
        for case in self.open.values_mut() {
            case.holding.values_mut().chain(case.fired.values_mut()).chain(&mut case.calm).for_each(set);
            case.told.values_mut().map(|told| &mut told.at).for_each(set);
        }
    }

    /// A person has seen what is wrong with a service: nobody further is told.
    pub fn acknowledge(&mut self, service: &Name, by: &str, at: Timestamp) -> Option<Case> {
        let case = self.open.get_mut(&Subject::Service(service.clone()))?;
        if case.acknowledged.is_some() {
            return None;
        }
        case.acknowledged = Some(Acknowledgement { by: by.to_owned(), at });
        Some(case.clone())
    }
}

/// The rule by which a channel that does not deliver is told of.
const UNDELIVERED: &str = "undelivered";

impl Rule {
    /// Since when it holds, where the service itself knows.
    fn since(&self, facts: &Facts) -> Option<Timestamp> {
        matches!(self.condition, Condition::State(_)).then_some(facts.since)
    }
}

impl Case {
    fn new(subject: Subject, title: &str, now: Timestamp) -> Self {
        Self {
            id: format!("{}-{}", subject.as_str(), now.as_second()),
            subject,
            title: title.to_owned(),
            began: now,
            severity: Severity::Warning,
            holding: BTreeMap::new(),
            fired: BTreeMap::new(),
            reasons: Vec::new(),
            calm: None,
            over: None,
            relapses: 0,
            acknowledged: None,
            told: BTreeMap::new(),
            letters: 0,
            incident: None,
        }
    }

    /// The channels that a rule wants to be told by now.
    fn wanted<'r>(&self, rule: &'r Rule, now: Timestamp) -> Vec<&'r str> {
        let Some(fired) = self.fired.get(&rule.name) else { return Vec::new() };
        let is_due = |seconds: u32| {
            self.acknowledged.is_none() && now.duration_since(*fired) >= SignedDuration::from_secs(i64::from(seconds))
        };
        let steps = rule.escalate.iter().filter(|step| is_due(step.after_seconds)).flat_map(|step| &step.to);
        rule.to.iter().chain(steps).map(String::as_str).collect()
    }

    /// Tells those who were not told, or were told less.
    fn tell(&mut self, plan: &Plan, wanted: &[&str], now: Timestamp, looked: &mut Looked) {
        for (channel, way) in &plan.ways {
            if !wanted.contains(&channel.as_str()) || !self.is_news(channel, way, now) {
                continue;
            }
            let is_quiet = self.severity < Severity::Critical && way.quiet.as_ref().is_some_and(|it| it.hold(now));
            if is_quiet {
                continue;
            }
            let action = if self.told.contains_key(channel) { Action::Update } else { Action::Trigger };
            self.told.insert(channel.clone(), Told { at: now, severity: self.severity });
            looked.letters.push(self.letter(plan, channel, action, now));
        }
    }

    fn is_news(&self, channel: &str, way: &Way, now: Timestamp) -> bool {
        self.told.get(channel).is_none_or(|told| {
            let is_forgotten = way.kind == Kind::Alertmanager && now.duration_since(told.at) >= RENEW;
            told.severity < self.severity || is_forgotten
        })
    }

    fn letter(&mut self, plan: &Plan, channel: &str, action: Action, now: Timestamp) -> Letter {
        self.letters += 1;
        let environment = &plan.environment;
        let title = &self.title;
        let summary = match (&self.subject, action) {
            (Subject::Service(_), Action::Resolve) => {
                let took = lasted(now.duration_since(self.began));
                format!("{title} is well again in {environment}, after {took}")
            }
            (Subject::Service(_), _) => format!("{title} fails in {environment}: {}", self.reasons.join("; ")),
            (Subject::Channel(name), Action::Resolve) => format!("Alerts reach {name} again"),
            (Subject::Channel(name), _) => format!("Alerts do not reach {name}: {}", self.reasons.join("; ")),
        };
        let message = Message {
            key: key(&plan.workspace, environment, &self.id),
            action,
            severity: self.severity,
            workspace: plan.workspace.clone(),
            environment: environment.clone(),
            subject: self.subject.as_str().to_owned(),
            title: title.clone(),
            summary,
            reasons: self.reasons.clone(),
            rules: self.fired.keys().cloned().collect(),
            began: self.began,
            at: now,
            over: self.over,
            incident: self.incident.clone(),
        };
        // A webhook's id must not hold a dot (Standard Webhooks), and no header a space.
        let id = format!("{}-{channel}-{}", key(&plan.workspace, environment, &self.id), self.letters);
        let safe = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
        Letter::new(id.chars().map(safe).collect(), channel, &self.id, message)
    }
}

#[cfg(test)]
mod tests;
