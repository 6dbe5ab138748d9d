//! What a sender makes of an answer: its deadline, and which status means what to it.

/// What a sender does with answers.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Milliseconds that the sender waits for an answer.
    pub deadline_ms: u64,
    /// The sender documents its deadline; else it is ours.
    pub has_own_deadline: bool,
    /// What a good receiver answers to a delivery that it cannot trust; the first is the usual one.
    pub refusals: Vec<u16>,
    /// Another 4xx than these breaks a rule of the sender.
    pub is_strict: bool,
    /// What the sender does with a refusal, as the end of a sentence.
    pub on_refusal: String,
    /// What the sender does with a failure, as the end of a sentence.
    pub on_failure: String,
    /// Bytes of a large delivery that a receiver must take.
    pub large: usize,
    /// Where it was read.
    pub source: String,
}

/// What is waited where the sender names no deadline.
pub const DEADLINE_MS: u64 = 10_000;

impl Default for Sender {
    /// One of whom nothing more is known.
    fn default() -> Self {
        Self {
            deadline_ms: DEADLINE_MS,
            has_own_deadline: false,
            refusals: vec![401, 400, 403],
            is_strict: false,
            on_refusal: "it is lost".to_owned(),
            on_failure: "most senders send it again, for hours or days".to_owned(),
            large: 128 * 1024,
            source: "ours: the sender documents none".to_owned(),
        }
    }
}

/// Why a 4xx is still the wrong refusal; None where it is a refusal and nothing else.
pub fn misread(status: u16) -> Option<&'static str> {
    match status {
        408 | 409 | 425 => Some("it asks the sender to try again"),
        410 => Some("it says that the address is gone: several senders end the subscription on it"),
        429 => Some("it asks the sender to slow down and try again"),
        _ => None,
    }
}

impl Sender {
    /// `401 (or 400, 403)`
    pub fn told_refusals(&self) -> String {
        let (first, others) = self.refusals.split_first().unwrap_or((&401, &[]));
        let others: Vec<String> = others.iter().map(u16::to_string).collect();
        if others.is_empty() { first.to_string() } else { format!("{first} (or {})", others.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Sender, misread};

    #[test]
    fn some_refusals_say_something_else_to_a_sender() {
        assert_eq!(Sender::default().told_refusals(), "401 (or 400, 403)");
        assert!(misread(410).is_some() && misread(409).is_some());
        assert!(misread(401).is_none() && misread(404).is_none());
    }
}
