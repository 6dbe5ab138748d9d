//! What of the letters that wait is to be done now, channel by channel.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::alert::letter::{Letter, State, TROUBLED};

/// A channel that does not deliver.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trouble {
    /// Letters that did not arrive.
    pub letters: usize,
    /// The most attempts that one of them took.
    pub attempts: u32,
    /// Why the latest of them did not.
    pub why: String,
}

impl Trouble {
    pub fn told(&self) -> String {
        let many = if self.letters == 1 { "1 alert".to_owned() } else { format!("{} alerts", self.letters) };
        let tried = if self.attempts == 1 { "1 attempt".to_owned() } else { format!("{} attempts", self.attempts) };
        format!("{many} could not be delivered after {tried}: {}", self.why)
    }
}

/// What is to be done.
#[derive(Debug, Default, PartialEq)]
pub struct Due {
    /// Letters to be sent: at most one of each channel.
    pub send: Vec<String>,
    /// Letters that say less than a later one of the same case.
    pub overtaken: Vec<String>,
}

/// Decides what to do now with letters that wait, the oldest first. A channel that is busy is sent nothing more, and one that
/// asked to be left alone is.
pub fn due(letters: &[&Letter], busy: &BTreeSet<String>, now: Timestamp) -> Due {
    let mut due = Due::default();
    let mut newest: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for letter in letters {
        newest.insert((&letter.channel, &letter.case), &letter.id);
    }
    let mut channels: BTreeSet<&str> = busy.iter().map(String::as_str).collect();
    let throttled = letters.iter().filter(|letter| letter.throttled && letter.due > now);
    channels.extend(throttled.map(|letter| letter.channel.as_str()));
    for letter in letters {
        let is_newest = newest.get(&(letter.channel.as_str(), letter.case.as_str())) == Some(&letter.id.as_str());
        if !is_newest {
            // What is on its way is waited for.
            if !busy.contains(&letter.channel) {
                due.overtaken.push(letter.id.clone());
            }
        } else if (letter.due <= now || letter.attempts == 0) && channels.insert(&letter.channel) {
            due.send.push(letter.id.clone());
        }
    }
    due
}

/// The channels that do not deliver: something was refused, or failed again and again, and nothing was taken since.
pub fn troubles<'a>(letters: impl IntoIterator<Item = &'a Letter>) -> BTreeMap<String, Trouble> {
    let mut found: BTreeMap<String, (Trouble, Option<Timestamp>)> = BTreeMap::new();
    let mut taken: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for letter in letters {
        let is_bad = match letter.state {
            State::Waiting => letter.attempts >= TROUBLED,
            State::GivenUp => true,
            State::Delivered | State::Overtaken => false,
        };
        if letter.state == State::Delivered
            && let Some(at) = letter.settled
        {
            let last = taken.entry(letter.channel.as_str()).or_insert(at);
            *last = at.max(*last);
        }
        if is_bad {
            let none = Trouble { letters: 0, attempts: 0, why: String::new() };
            let (trouble, last) = found.entry(letter.channel.clone()).or_insert((none, None));
            trouble.letters += 1;
            trouble.attempts = trouble.attempts.max(letter.attempts);
            trouble.why = letter.said.clone().unwrap_or_default();
            *last = (*last).max(Some(letter.settled.unwrap_or(Timestamp::MAX)));
        }
    }
    // What still waits after many attempts is trouble, whatever was taken in between.
    let is_over = |name: &str, last: Option<Timestamp>| taken.get(name).is_some_and(|taken| Some(*taken) > last);
    found
        .into_iter()
        .filter(|(name, (_, last))| !is_over(name, *last))
        .map(|(name, (trouble, _))| (name, trouble))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::{SignedDuration, Timestamp};

    use super::{due, troubles};
    use crate::domain::alert::channel::Kind;
    use crate::domain::alert::letter::{Fate, Letter, Patience};
    use crate::domain::alert::message::Message;

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn letter(id: &str, channel: &str, case: &str) -> Letter {
        Letter::new(id.to_owned(), channel, case, Message::test("w", "staging", channel, now()))
    }

    fn failed(mut letter: Letter, times: u32, wait: Option<i64>) -> Letter {
        for _ in 0..times {
            let fate = Fate::Later { why: "no answer".to_owned(), wait: wait.map(SignedDuration::from_secs) };
            letter.settle(fate, now(), Patience::of(Kind::PagerDuty), 0.0);
        }
        letter
    }

    fn sent(letters: &[Letter], busy: &[&str], seconds: i64) -> (Vec<String>, Vec<String>) {
        let busy: BTreeSet<String> = busy.iter().map(|it| (*it).to_owned()).collect();
        let all: Vec<&Letter> = letters.iter().collect();
        let due = due(&all, &busy, now() + SignedDuration::from_secs(seconds));
        (due.send, due.overtaken)
    }

    fn names(all: &[&str]) -> Vec<String> {
        all.iter().map(|it| (*it).to_owned()).collect()
    }

    #[test]
    fn one_at_a_time_goes_to_each_channel_and_none_waits_for_another() {
        let letters = [letter("1", "ops", "a"), letter("2", "ops", "b"), letter("3", "oncall", "a")];
        assert_eq!(sent(&letters, &[], 0), (names(&["1", "3"]), vec![]));
        assert_eq!(sent(&letters, &["ops"], 0), (names(&["3"]), vec![]));
    }

    #[test]
    fn a_recovery_overtakes_what_was_not_told() {
        let letters = [letter("1", "ops", "a"), letter("2", "ops", "b"), letter("3", "ops", "a")];
        assert_eq!(sent(&letters, &[], 0), (names(&["2"]), names(&["1"])));
        // It is on its way: nobody knows yet whether it arrived.
        assert_eq!(sent(&letters, &["ops"], 0), (vec![], vec![]));
    }

    #[test]
    fn a_channel_that_asks_for_an_hour_gets_it_and_others_go_on() {
        let letters =
            [failed(letter("1", "oncall", "a"), 1, Some(3600)), letter("2", "oncall", "b"), letter("3", "ops", "a")];
        assert_eq!(sent(&letters, &[], 3599), (names(&["3"]), vec![]));
        assert_eq!(sent(&letters, &[], 3600), (names(&["1", "3"]), vec![]));
    }

    #[test]
    fn a_letter_that_fails_by_itself_does_not_hold_the_others_up() {
        let letters = [failed(letter("1", "ops", "a"), 1, None), letter("2", "ops", "b")];
        assert_eq!(sent(&letters, &[], 0), (names(&["2"]), vec![]));
    }

    #[test]
    fn three_failures_or_a_refusal_are_trouble_until_something_is_taken() {
        assert!(troubles(&[failed(letter("1", "ops", "a"), 2, None)]).is_empty());
        let three = failed(letter("1", "ops", "a"), 3, None);
        assert_eq!(troubles([&three])["ops"].told(), "1 alert could not be delivered after 3 attempts: no answer");
        let mut refused = letter("2", "ops", "b");
        refused.settle(Fate::Never("invalid_token".to_owned()), now(), Patience::of(Kind::Slack), 0.0);
        assert_eq!(troubles([&refused])["ops"].why, "invalid_token");
        let mut taken = letter("3", "ops", "c");
        let later = now() + SignedDuration::from_secs(1);
        taken.settle(Fate::Delivered("ok".to_owned()), later, Patience::of(Kind::Slack), 0.0);
        assert!(troubles([&refused, &taken]).is_empty());
        assert!(!troubles([&three, &taken]).is_empty(), "one that still waits is trouble");
    }
}
