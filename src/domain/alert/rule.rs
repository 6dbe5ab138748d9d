//! A rule: what of a service calls for an alert, how long it has to last, how bad it is, and whom it is told.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::domain::alert::facts::Facts;
use crate::domain::integration::Name;
use crate::domain::monitor::incident::Severity;
use crate::domain::probe::service::Service;
use crate::domain::probe::thresholds::Health;

/// Bad runs in a row with which a client's breaker opens (`HotDash` asks for five).
const BREAKER: u32 = 5;

/// A rule as the workspace writes it. What it leaves out comes from the usual rule of its name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// It is not used.
    #[serde(default)]
    pub off: bool,
    /// So many bad runs in a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failures: Option<u32>,
    /// A state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Health>,
    /// More than this share of the latest runs is bad, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_percent: Option<f64>,
    /// The 95th percentile is longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p95_ms: Option<u64>,
    /// The same, with the bar under which the service is healthy.
    #[serde(default, skip_serializing_if = "is_false")]
    pub slow: bool,
    /// Less than this share of deliveries to a webhook endpoint is treated rightly, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_percent: Option<f64>,
    /// A client's breaker would be open.
    #[serde(default, skip_serializing_if = "is_false")]
    pub breaker: bool,
    /// How long it has to last without a pause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_seconds: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Channels; those of `page` or `tell`, by severity, when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    /// Names of probes; all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Name>,
    /// Who is told where nobody has seen it for so long.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalate: Vec<Step>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// One step of an escalation.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// After the rule was told first.
    pub after_seconds: u32,
    pub to: Vec<String>,
}

/// What of a service is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Condition {
    Failures(u32),
    State(Health),
    Errors {
        percent: f64,
    },
    /// None: over the bar of the service.
    Slow {
        p95_ms: Option<u64>,
    },
    Verified {
        percent: f64,
    },
    Breaker,
}

/// A rule with nothing left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub name: String,
    pub condition: Condition,
    pub lasting: SignedDuration,
    pub severity: Severity,
    pub to: Vec<String>,
    pub services: Vec<Name>,
    pub escalate: Vec<Step>,
}

/// The users' rules (`HotDash`, integration health dashboard, alerts): name, condition, minutes, severity.
pub const USUAL: [(&str, Condition, i64, Severity); 6] = [
    ("down", Condition::Failures(3), 0, Severity::Critical),
    ("degraded", Condition::State(Health::Degraded), 10, Severity::Warning),
    ("error-rate", Condition::Errors { percent: 10.0 }, 5, Severity::Warning),
    ("latency", Condition::Slow { p95_ms: None }, 10, Severity::Warning),
    ("breaker-open", Condition::Breaker, 0, Severity::Critical),
    ("verification", Condition::Verified { percent: 90.0 }, 60, Severity::Critical),
];

impl Declared {
    fn conditions(&self) -> Vec<Condition> {
        let given = [
            self.failures.map(Condition::Failures),
            self.state.map(Condition::State),
            self.error_percent.map(|percent| Condition::Errors { percent }),
            self.p95_ms.map(|p95_ms| Condition::Slow { p95_ms: Some(p95_ms) }),
            self.slow.then_some(Condition::Slow { p95_ms: None }),
            self.verified_percent.map(|percent| Condition::Verified { percent }),
            self.breaker.then_some(Condition::Breaker),
        ];
        given.into_iter().flatten().collect()
    }

    /// What is wrong with it.
    pub fn problem(&self, name: &str) -> Option<String> {
        let is_share = |share: Option<f64>| share.is_none_or(|share| (0.0..=100.0).contains(&share));
        let conditions = self.conditions();
        if conditions.len() > 1 {
            return Some("a rule has one condition: write the others as rules of their own".to_owned());
        }
        if conditions.is_empty() && usual(name).is_none() && !self.off {
            let all = "`failures`, `state`, `error_percent`, `p95_ms`, `slow`, `verified_percent`, `breaker`";
            return Some(format!("a rule of its own name needs a condition: one of {all}"));
        }
        if self.failures == Some(0) || self.p95_ms == Some(0) {
            return Some("0 always holds".to_owned());
        }
        if self.state == Some(Health::Healthy) {
            return Some("nobody is alerted of a healthy service".to_owned());
        }
        if !is_share(self.error_percent) || !is_share(self.verified_percent) {
            return Some("a share is a number from 0 to 100".to_owned());
        }
        self.escalate.iter().any(|step| step.to.is_empty()).then(|| "a step of an escalation tells nobody".to_owned())
    }

    /// The rule, with what it leaves out; None where it is off or has no condition.
    pub fn rule(&self, name: &str) -> Option<Rule> {
        let usual = usual(name);
        let condition = self.conditions().first().copied().or(usual.map(|(_, condition, ..)| condition))?;
        let is_alike = |of: &Condition| std::mem::discriminant(of) == std::mem::discriminant(&condition);
        let minutes = usual.filter(|(_, of, ..)| is_alike(of)).map_or(0, |(_, _, minutes, _)| minutes);
        let seconds = self.for_seconds.map(i64::from);
        (!self.off).then(|| Rule {
            name: name.to_owned(),
            condition,
            lasting: seconds.map_or_else(|| SignedDuration::from_mins(minutes), SignedDuration::from_secs),
            severity: self.severity.or(usual.map(|(.., severity)| severity)).unwrap_or(Severity::Critical),
            to: self.to.clone(),
            services: self.services.clone(),
            escalate: self.escalate.clone(),
        })
    }
}

fn usual(name: &str) -> Option<(&'static str, Condition, i64, Severity)> {
    USUAL.into_iter().find(|(usual, ..)| *usual == name)
}

impl Rule {
    pub fn concerns(&self, name: &Name) -> bool {
        self.services.is_empty() || self.services.contains(name)
    }
}

impl Condition {
    /// Why it holds; None where it does not, or where nothing can be told.
    pub fn holds(self, facts: &Facts) -> Option<String> {
        let was = || facts.last_bad.as_ref().map(|bad| format!(" ({bad})")).unwrap_or_default();
        match self {
            Self::Failures(most) => {
                (facts.bad_in_a_row >= most).then(|| format!("{} bad runs in a row{}", facts.bad_in_a_row, was()))
            }
            Self::Breaker => (facts.bad_in_a_row >= BREAKER)
                .then(|| format!("a client's breaker is open: {} bad runs in a row{}", facts.bad_in_a_row, was())),
            Self::State(state) => {
                (facts.health == state).then(|| format!("it is {state} since {}", facts.since.strftime("%F %H:%M:%SZ")))
            }
            Self::Errors { percent } => {
                let bad = 100.0 - facts.good_percent?;
                (bad > percent).then(|| format!("{bad:.0} % of the latest runs are bad{}", was()))
            }
            Self::Slow { p95_ms } => {
                let (is, bar) = (facts.p95_ms?, p95_ms.unwrap_or(facts.healthy_p95_ms));
                (is > bar).then(|| format!("P95 is {is} ms, over {bar} ms"))
            }
            Self::Verified { percent } => {
                let good = facts.good_percent.filter(|_| facts.service == Service::Webhook)?;
                (good < percent).then(|| format!("only {good:.0} % of deliveries are treated rightly{}", was()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{Condition, Declared, USUAL};
    use crate::domain::alert::facts::Facts;
    use crate::domain::monitor::incident::Severity;
    use crate::domain::probe::service::Service;
    use crate::domain::probe::thresholds::Health;

    fn facts() -> Facts {
        Facts {
            title: "Chatwoot".to_owned(),
            service: Service::Api,
            health: Health::Healthy,
            since: Timestamp::UNIX_EPOCH,
            bad_in_a_row: 0,
            good_percent: Some(100.0),
            p95_ms: Some(100),
            healthy_p95_ms: 800,
            excused: false,
            follows: false,
            last_bad: Some("liveness refused".to_owned()),
            incident: None,
        }
    }

    #[test]
    fn each_usual_rule_holds_on_its_side_of_the_line_alone() {
        let rule = |name: &str| USUAL.into_iter().find(|(usual, ..)| *usual == name).unwrap().1;
        let webhook = Facts { service: Service::Webhook, ..facts() };
        for (name, facts, holds) in [
            ("down", Facts { bad_in_a_row: 2, ..facts() }, false),
            ("down", Facts { bad_in_a_row: 3, ..facts() }, true),
            ("breaker-open", Facts { bad_in_a_row: 4, ..facts() }, false),
            ("breaker-open", Facts { bad_in_a_row: 5, ..facts() }, true),
            ("degraded", Facts { health: Health::Degraded, ..facts() }, true),
            ("degraded", Facts { health: Health::Down, ..facts() }, false),
            ("error-rate", Facts { good_percent: Some(90.0), ..facts() }, false),
            ("error-rate", Facts { good_percent: Some(89.9), ..facts() }, true),
            ("error-rate", Facts { good_percent: None, ..facts() }, false),
            ("latency", Facts { p95_ms: Some(800), ..facts() }, false),
            ("latency", Facts { p95_ms: Some(801), ..facts() }, true),
            ("latency", Facts { p95_ms: None, ..facts() }, false),
            ("verification", Facts { good_percent: Some(89.0), ..webhook.clone() }, true),
            ("verification", Facts { good_percent: Some(90.0), ..webhook.clone() }, false),
            ("verification", Facts { good_percent: Some(10.0), ..facts() }, false),
        ] {
            assert_eq!(rule(name).holds(&facts).is_some(), holds, "{name} {facts:?}");
        }
        assert_eq!(
            Condition::Failures(3).holds(&Facts { bad_in_a_row: 3, ..facts() }).unwrap(),
            "3 bad runs in a row (liveness refused)"
        );
    }

    #[test]
    fn what_a_rule_leaves_out_is_that_of_its_name() {
        let rule = |name: &str, text: &str| serde_yaml::from_str::<Declared>(text).unwrap().rule(name);
        let down = rule("down", "{to: [ops]}").unwrap();
        assert_eq!(
            (down.condition, down.severity, down.to),
            (Condition::Failures(3), Severity::Critical, vec!["ops".to_owned()])
        );
        let degraded = rule("degraded", "{for_seconds: 60}").unwrap();
        assert_eq!((degraded.lasting, degraded.severity), (SignedDuration::from_secs(60), Severity::Warning));
        assert_eq!(rule("error-rate", "{}").unwrap().lasting, SignedDuration::from_mins(5));
        assert_eq!(rule("error-rate", "{error_percent: 50}").unwrap().lasting, SignedDuration::from_mins(5));
        assert_eq!(rule("error-rate", "{failures: 2}").unwrap().lasting, SignedDuration::ZERO);
        assert_eq!(rule("down", "{off: true}"), None);
        assert_eq!(rule("own", "{failures: 1}").unwrap().severity, Severity::Critical);
    }

    #[test]
    fn a_rule_that_is_none_is_told() {
        for (name, text, told) in [
            ("down", "{}", None),
            ("own", "{failures: 2}", None),
            ("own", "{off: true}", None),
            ("own", "{}", Some("needs a condition")),
            ("down", "{failures: 2, breaker: true}", Some("one condition")),
            ("down", "{failures: 0}", Some("always holds")),
            ("own", "{state: healthy}", Some("healthy service")),
            ("error-rate", "{error_percent: 101}", Some("0 to 100")),
            ("down", "{escalate: [{after_seconds: 60, to: []}]}", Some("tells nobody")),
        ] {
            let problem = serde_yaml::from_str::<Declared>(text).unwrap().problem(name);
            match told {
                Some(told) => assert!(problem.as_ref().is_some_and(|it| it.contains(told)), "{text}: {problem:?}"),
                None => assert_eq!(problem, None, "{text}"),
            }
        }
    }
}
