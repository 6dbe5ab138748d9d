//! What the alerts of a workspace say against themselves: channels that are none, names that lead nowhere.

use super::Search;
use crate::domain::alert::declared::Alerts;

impl<'a> Search<'a> {
    pub(super) fn alerts(&mut self, alerts: &'a Alerts) {
        for (name, channel) in &alerts.channels {
            let at = ["alerts", "channels", name];
            self.environments(&at, &channel.environments);
            for (keys, problem) in channel.problems() {
                self.add(&[&at[..], &keys[..]].concat(), problem, None);
            }
        }
        for (keys, word) in alerts.named() {
            let keys: Vec<&str> = std::iter::once("alerts").chain(keys.iter().map(String::as_str)).collect();
            self.unknown(&keys, "channel", word, alerts.channels.keys().map(String::as_str));
        }
        for (name, rule) in &alerts.rules {
            if let Some(problem) = rule.problem(name) {
                self.add(&["alerts", "rules", name], problem, None);
            }
        }
        let says_much = !alerts.rules.is_empty() || alerts.named().into_iter().next().is_some();
        if says_much && alerts.channels.is_empty() {
            let hint = "write at least one under `channels`".to_owned();
            self.add(&["alerts"], "there is no channel, so nobody is told", Some(hint));
        }
    }
}
