//! What is told of a case at one moment, in nobody's format.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::domain::monitor::incident::Severity;

/// The longest key that every vendor takes (`PagerDuty`, Events API v2: 255 characters).
const LONGEST_KEY: usize = 255;

/// Why something is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Something is wrong.
    Trigger,
    /// It is worse than what was told, or is told again so that it is not forgotten.
    Update,
    /// It is over.
    Resolve,
    /// Nothing is wrong: somebody wants to see whether messages arrive.
    Test,
}

impl Action {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trigger => "trigger",
            Self::Update => "update",
            Self::Resolve => "resolve",
            Self::Test => "test",
        }
    }
}

/// What is told. Nothing in it is a secret, and nothing in it was written by a service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The same for all that is told of one case: vendors join by it what belongs together.
    pub key: String,
    pub action: Action,
    pub severity: Severity,
    pub workspace: String,
    pub environment: String,
    /// The service, or the channel that does not deliver.
    pub subject: String,
    pub title: String,
    pub summary: String,
    /// A line for each rule that holds.
    pub reasons: Vec<String>,
    /// The rules' names.
    pub rules: Vec<String>,
    pub began: Timestamp,
    pub at: Timestamp,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
}

/// The key of a case: the workspace, the environment, and the case's id, which holds the service and the second in which it
/// began. One that is too long is replaced by its hash.
pub fn key(workspace: &str, environment: &str, case: &str) -> String {
    let key = format!("preflight/{workspace}/{environment}/{case}");
    if key.len() <= LONGEST_KEY { key } else { format!("preflight/{}", hex::encode(Sha256::digest(key))) }
}

/// A length of time as people say it: `45 s`, `12 min`, `3 h 5 min`.
pub fn lasted(time: SignedDuration) -> String {
    let seconds = time.as_secs().max(0);
    match seconds {
        ..90 => format!("{seconds} s"),
        90..5400 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

impl Message {
    /// The rules as one line.
    pub fn because(&self) -> String {
        self.reasons.join("; ")
    }

    /// A message that means nothing.
    pub fn test(workspace: &str, environment: &str, channel: &str, now: Timestamp) -> Self {
        let case = format!("test-{channel}-{}", now.as_second());
        Self {
            key: key(workspace, environment, &case),
            action: Action::Test,
            severity: Severity::Warning,
            workspace: workspace.to_owned(),
            environment: environment.to_owned(),
            subject: "test".to_owned(),
            title: "Test".to_owned(),
            summary: format!("This is a test of alerts in {environment}: nothing is wrong"),
            reasons: vec![format!("somebody typed `preflight alert test` for {channel}")],
            rules: Vec::new(),
            began: now,
            at: now,
            over: None,
            incident: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::{key, lasted};

    #[test]
    fn a_key_is_the_same_each_time_and_never_too_long() {
        assert_eq!(key("HotDash", "staging", "chatwoot-1"), "preflight/HotDash/staging/chatwoot-1");
        let long = key(&"x".repeat(300), "staging", "chatwoot-1");
        assert!(long.len() < 255 && long == key(&"x".repeat(300), "staging", "chatwoot-1"));
        assert_ne!(long, key(&"x".repeat(300), "staging", "chatwoot-2"));
    }

    #[test]
    fn times_are_told_as_people_say_them() {
        for (seconds, told) in
            [(0, "0 s"), (89, "89 s"), (90, "1 min"), (5399, "89 min"), (11_100, "3 h 5 min"), (-5, "0 s")]
        {
            assert_eq!(lasted(SignedDuration::from_secs(seconds)), told);
        }
    }
}
