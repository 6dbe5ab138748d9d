//! A letter: one message for one channel, from when it is written down until it is known what became of it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::alert::channel::Kind;
use crate::domain::alert::message::{Action, Message};

/// A message for a channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Letter {
    /// The same whoever writes it, and the same each time it is sent.
    pub id: String,
    pub channel: String,
    pub case: String,
    pub message: Message,
    /// It is not sent before.
    pub due: Timestamp,
    #[serde(default)]
    pub attempts: u32,
    pub state: State,
    /// The channel itself asked to be left alone until `due`.
    #[serde(default)]
    pub throttled: bool,
    /// What the channel said last, or why it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// When it was known what became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Timestamp>,
    /// The entry of the ledger that tells of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<u64>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Waiting,
    /// The channel took it.
    Delivered,
    /// It will not be sent again.
    GivenUp,
    /// A later one of the same case says more.
    Overtaken,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::GivenUp => "given up",
            Self::Overtaken => "overtaken",
        }
    }
}

/// What came of sending it once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fate {
    /// It was taken, and what was said.
    Delivered(String),
    /// It may be taken later: why not now, and how long the channel asks to be left alone.
    Later { why: String, wait: Option<SignedDuration> },
    /// It will never be taken, and why.
    Never(String),
}

/// How often a kind of channel is tried again.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Seconds before each further attempt; the last one repeats.
    pub waits: &'static [i64],
    /// After that it is given up.
    pub most: SignedDuration,
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Patience {
    /// As each vendor documents.
    pub fn of(kind: Kind) -> Self {
        match kind {
            // PagerDuty, Events API v2 overview: three tries, thirty seconds apart, then minutes.
            Kind::PagerDuty => Self { waits: &[30, 30, 30, 60, 120, 300, 600], most: DAY },
            // Slack documents a second between messages and Retry-After, and no schedule.
            Kind::Slack => Self { waits: &[5, 15, 30, 60, 120, 300], most: DAY },
            // RFC 5321 §4.5.4.1 asks relays for thirty minutes; who submits may be sooner.
            Kind::Email => Self { waits: &[60, 300, 900, 1800], most: DAY },
            // Standard Webhooks (spec b2fa7b8), the schedule of its example, 75 h 35 min together, and a little more.
            Kind::Webhook => Self {
                waits: &[5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400],
                most: SignedDuration::from_secs(272_700),
            },
            // Who tells an Alertmanager is expected to tell it again and again.
            Kind::Alertmanager => Self { waits: &[5, 15, 30, 60], most: DAY },
        }
    }
}

/// Attempts after which a channel is said not to deliver.
pub const TROUBLED: u32 = 3;

impl Letter {
    pub fn new(id: String, channel: &str, case: &str, message: Message) -> Self {
        Self {
            id,
            channel: channel.to_owned(),
            case: case.to_owned(),
            due: message.at,
            message,
            attempts: 0,
            state: State::Waiting,
            throttled: false,
            said: None,
            settled: None,
            receipt: None,
        }
    }

    pub fn is_waiting(&self) -> bool {
        self.state == State::Waiting
    }

    /// Whether the ledger is to be told what became of it, and was not.
    pub fn wants_receipt(&self) -> bool {
        self.receipt.is_none() && matches!(self.state, State::Delivered | State::GivenUp)
    }

    pub fn overtaken(&mut self, now: Timestamp) {
        (self.state, self.settled) = (State::Overtaken, Some(now));
    }

    /// Notes what came of sending it. `chance` is from 0 to 1 and keeps those apart who failed together.
    pub fn settle(&mut self, fate: Fate, now: Timestamp, patience: Patience, chance: f64) {
        self.attempts = self.attempts.saturating_add(1);
        let (said, wait) = match fate {
            Fate::Delivered(said) => {
                (self.state, self.settled, self.said) = (State::Delivered, Some(now), Some(said));
                return;
            }
            Fate::Never(why) => {
                (self.state, self.settled, self.said) = (State::GivenUp, Some(now), Some(why));
                return;
            }
            Fate::Later { why, wait } => (why, wait),
        };
        let tried = usize::try_from(self.attempts).unwrap_or(usize::MAX).saturating_sub(1);
        let usual = patience.waits.get(tried).or(patience.waits.last()).copied().unwrap_or(60);
        let spread = SignedDuration::from_millis(usual.min(60) * 200).mul_f64(chance.clamp(0.0, 1.0));
        let own = SignedDuration::from_secs(usual) + spread;
        // What is asked for is the earliest time and not the time, so that its own wait may be longer.
        let due = now.checked_add(wait.map_or(own, |asked| asked.min(DAY).max(own))).unwrap_or(Timestamp::MAX);
        self.throttled = wait.is_some();
        self.said = Some(said);
        if due.duration_since(self.message.at) > patience.most {
            (self.state, self.settled) = (State::GivenUp, Some(now));
        } else {
            self.due = due;
        }
    }

    /// What it tells, for a line on a terminal: `trigger chatwoot`.
    pub fn about(&self) -> String {
        format!("{} {}", self.message.action.as_str(), self.message.subject)
    }

    pub fn resolves(&self) -> bool {
        self.message.action == Action::Resolve
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{Fate, Letter, Patience, State};
    use crate::domain::alert::channel::Kind;
    use crate::domain::alert::message::Message;

    fn letter() -> Letter {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        Letter::new("1".to_owned(), "ops", "chatwoot-1", Message::test("w", "staging", "ops", now))
    }

    fn later(wait: Option<i64>) -> Fate {
        Fate::Later { why: "it answers 503".to_owned(), wait: wait.map(SignedDuration::from_secs) }
    }

    #[test]
    fn what_is_taken_or_refused_is_settled() {
        let now = letter().due;
        for (fate, state) in
            [(Fate::Delivered("202".to_owned()), State::Delivered), (Fate::Never("400".to_owned()), State::GivenUp)]
        {
            let mut one = letter();
            one.settle(fate, now, Patience::of(Kind::Slack), 0.5);
            assert_eq!((one.state, one.attempts, one.settled), (state, 1, Some(now)));
            assert!(one.wants_receipt());
        }
        assert!(!letter().wants_receipt());
    }

    #[test]
    fn each_kind_waits_as_its_vendor_documents_and_gives_up_in_the_end() {
        for (kind, first, most_hours) in
            [(Kind::PagerDuty, 30, 24), (Kind::Email, 60, 24), (Kind::Webhook, 5, 76), (Kind::Alertmanager, 5, 24)]
        {
            let (mut one, patience) = (letter(), Patience::of(kind));
            let begin = one.due;
            one.settle(later(None), begin, patience, 0.0);
            assert_eq!(one.due.duration_since(begin).as_secs(), first, "{kind}");
            while one.is_waiting() {
                let now = one.due;
                one.settle(later(None), now, patience, 1.0);
            }
            assert_eq!(one.state, State::GivenUp);
            assert!(one.due.duration_since(begin) <= SignedDuration::from_hours(most_hours), "{kind}");
            assert!(one.due.duration_since(begin) >= SignedDuration::from_hours(most_hours / 2), "{kind}");
        }
    }

    #[test]
    fn an_hour_that_is_asked_for_is_waited_and_nothing_is_lost() {
        let mut one = letter();
        let begin = one.due;
        one.settle(later(Some(3600)), begin, Patience::of(Kind::PagerDuty), 0.0);
        assert_eq!((one.due.duration_since(begin).as_secs(), one.throttled, one.state), (3600, true, State::Waiting));
        // A wait that is asked for and shorter than the usual one makes no storm.
        one.settle(later(Some(0)), begin, Patience::of(Kind::PagerDuty), 0.0);
        assert_eq!(one.due.duration_since(begin).as_secs(), 30);
        let mut one = letter();
        one.settle(later(Some(1_000_000)), begin, Patience::of(Kind::PagerDuty), 0.0);
        assert!(one.is_waiting() && one.due.duration_since(begin).as_secs() == 86_400);
    }
}
