//! `alerts:` of the workspace: channels, rules, and what holds for all of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::domain::alert::channel::{Channel, Kind};
use crate::domain::alert::quiet::QuietHours;
use crate::domain::alert::rule::{self, Rule, USUAL};
use crate::domain::monitor::incident::Severity;

/// How long a service has to hold good before it is said to be well again: what comes back sooner is the same alert.
const SETTLE_SECONDS: u32 = 300;

/// Who is told of what.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alerts {
    #[serde(default)]
    pub channels: BTreeMap<String, Channel>,
    /// Channels of critical rules that name none.
    #[serde(default)]
    pub page: Vec<String>,
    /// Channels of other rules that name none.
    #[serde(default)]
    pub tell: Vec<String>,
    /// Channels that are told that another one does not deliver; all others when empty.
    #[serde(default)]
    pub undelivered: Vec<String>,
    /// The usual rules changed, and others.
    #[serde(default)]
    pub rules: BTreeMap<String, rule::Declared>,
    #[serde(default = "settle")]
    pub settle_seconds: u32,
}

fn settle() -> u32 {
    SETTLE_SECONDS
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            channels: BTreeMap::new(),
            page: Vec::new(),
            tell: Vec::new(),
            undelivered: Vec::new(),
            rules: BTreeMap::new(),
            settle_seconds: SETTLE_SECONDS,
        }
    }
}

/// What of a channel decides when something is told there.
#[derive(Clone, Debug)]
pub struct Way {
    pub kind: Kind,
    pub quiet: Option<QuietHours>,
}

/// The alerts of one environment.
#[derive(Clone, Debug)]
pub struct Plan {
    pub workspace: String,
    pub environment: String,
    pub ways: BTreeMap<String, Way>,
    pub rules: Vec<Rule>,
    pub undelivered: Vec<String>,
    pub settle: SignedDuration,
}

impl Alerts {
    /// What is meant in an environment; None where nothing is told there.
    pub fn plan(&self, workspace: &str, environment: &str) -> Option<Plan> {
        let here = self.channels.iter().filter(|(_, channel)| channel.is_used_in(environment));
        let ways: BTreeMap<String, Way> = here
            .filter_map(|(name, channel)| {
                Some((name.clone(), Way { kind: channel.kind()?, quiet: channel.quiet.clone() }))
            })
            .collect();
        (!ways.is_empty()).then(|| Plan {
            workspace: workspace.to_owned(),
            environment: environment.to_owned(),
            ways,
            rules: self.rules(),
            undelivered: self.undelivered.clone(),
            settle: SignedDuration::from_secs(self.settle_seconds.into()),
        })
    }

    /// All rules that are used, each with its channels.
    pub fn rules(&self) -> Vec<Rule> {
        let usual = USUAL.iter().map(|(name, ..)| (*name).to_owned());
        let names: BTreeSet<String> = usual.chain(self.rules.keys().cloned()).collect();
        let nothing = rule::Declared::default();
        let rules = names.iter().filter_map(|name| self.rules.get(name).unwrap_or(&nothing).rule(name));
        rules
            .map(|rule| {
                let usual = if rule.severity == Severity::Critical { &self.page } else { &self.tell };
                // Who declares one channel, or names none for a severity, means every one.
                let usual = if usual.is_empty() { self.channels.keys().cloned().collect() } else { usual.clone() };
                let to = if rule.to.is_empty() { usual } else { rule.to.clone() };
                Rule { to, ..rule }
            })
            .collect()
    }

    /// Every place where a channel is named, with the keys that lead there.
    pub fn named(&self) -> Vec<(Vec<String>, &str)> {
        let list = |keys: &[&str], names: &'static str| {
            let mut keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
            keys.push(names.to_owned());
            keys
        };
        let mut all: Vec<(Vec<String>, &Vec<String>)> = vec![
            (list(&[], "page"), &self.page),
            (list(&[], "tell"), &self.tell),
            (list(&[], "undelivered"), &self.undelivered),
        ];
        for (name, rule) in &self.rules {
            all.push((list(&["rules", name], "to"), &rule.to));
            for (index, step) in rule.escalate.iter().enumerate() {
                all.push((list(&["rules", name, "escalate", &index.to_string()], "to"), &step.to));
            }
        }
        let mut found = Vec::new();
        for (keys, names) in all {
            for (index, name) in names.iter().enumerate() {
                found.push((keys.iter().cloned().chain([index.to_string()]).collect(), name.as_str()));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::Alerts;

    fn alerts(text: &str) -> Alerts {
        serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}"))
    }

    const CHANNELS: &str = "channels:\n  oncall: {pagerduty: {routing_key: '${K}'}, environments: [production]}\n  ops: {slack: {url: '${S}'}}\n";

    #[test]
    fn critical_rules_page_and_others_tell() {
        let all =
            alerts(&format!("{CHANNELS}page: [oncall]\ntell: [ops]\nrules: {{latency: {{off: true}}}}\n")).rules();
        let told: Vec<_> = all.iter().map(|rule| format!("{} {}", rule.name, rule.to.join(" "))).collect();
        assert_eq!(
            told,
            ["breaker-open oncall", "degraded ops", "down oncall", "error-rate ops", "verification oncall"]
        );
    }

    #[test]
    fn who_names_no_channel_means_each() {
        assert!(alerts(CHANNELS).rules().iter().all(|rule| rule.to == ["oncall", "ops"]));
    }

    #[test]
    fn an_environment_without_channels_is_told_nothing() {
        let alerts = alerts(CHANNELS);
        assert_eq!(alerts.plan("w", "production").unwrap().ways.len(), 2);
        assert_eq!(alerts.plan("w", "staging").unwrap().ways.keys().collect::<Vec<_>>(), ["ops"]);
        assert!(Alerts::default().plan("w", "production").is_none());
    }

    #[test]
    fn every_name_of_a_channel_is_found_with_its_place() {
        let text = "page: [a]\nrules: {down: {to: [b], escalate: [{after_seconds: 60, to: [c, d]}]}}\n";
        let alerts = alerts(text);
        let named: Vec<_> =
            alerts.named().into_iter().map(|(keys, name)| format!("{} {name}", keys.join("."))).collect();
        assert_eq!(
            named,
            ["page.0 a", "rules.down.to.0 b", "rules.down.escalate.0.to.0 c", "rules.down.escalate.0.to.1 d"]
        );
    }
}
