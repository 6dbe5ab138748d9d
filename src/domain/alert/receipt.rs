//! What the ledger is told of an alert: whom it reached, or that it did not. It shows nothing of any service.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::alert::letter::{Letter, State};
use crate::domain::alert::message::Action;

/// What became of one message to one channel.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// [`Letter::id`]: no letter has two receipts.
    pub letter: String,
    pub channel: String,
    pub action: Action,
    /// By which the vendor joins what belongs together.
    pub key: String,
    /// The service, or the channel that did not deliver.
    pub subject: String,
    pub environment: String,
    pub delivered: bool,
    pub attempts: u32,
    /// What the channel said, or why it was given up.
    pub said: String,
    pub written: Timestamp,
    pub settled: Timestamp,
}

impl Receipt {
    /// None while it is not known what became of it.
    pub fn of(letter: &Letter) -> Option<Self> {
        let delivered = match letter.state {
            State::Delivered => true,
            State::GivenUp => false,
            State::Waiting | State::Overtaken => return None,
        };
        Some(Self {
            letter: letter.id.clone(),
            channel: letter.channel.clone(),
            action: letter.message.action,
            key: letter.message.key.clone(),
            subject: letter.message.subject.clone(),
            environment: letter.message.environment.clone(),
            delivered,
            attempts: letter.attempts,
            said: letter.said.clone().unwrap_or_default(),
            written: letter.message.at,
            settled: letter.settled?,
        })
    }
}
