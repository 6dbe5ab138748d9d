//! What a gauntlet showed of a client: lesson by lesson, with the requests that show it.

use serde::{Deserialize, Serialize};

use crate::domain::integration::Name;
use crate::domain::record::{Counts, Outcome};
use crate::domain::timeline::Timeline;

/// A client against a vendor that misbehaves.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GauntletRun {
    pub integration: Name,
    pub plan: String,
    /// The client's command line, redacted; absent for a client that was running already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<Vec<String>>,
    /// The version that the twin models; absent where a stand-in answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modelled: Option<String>,
    /// What the twin's waits were divided by.
    pub speed: f64,
    /// In the plan's order; the healthy one first.
    pub lessons: Vec<LessonRun>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    pub duration_ms: u64,
}

/// A lesson that does not apply to the client, and why.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LeftOut {
    pub lesson: String,
    pub why: String,
}

/// One lesson, as it went.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LessonRun {
    pub lesson: String,
    pub title: String,
    pub source: String,
    /// What was done to the client, in its order.
    pub script: Vec<String>,
    pub outcome: Outcome,
    pub judged: Vec<Judged>,
    /// One for each time that the command ran.
    pub plays: Vec<Play>,
}

/// What one expectation came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Judged {
    pub question: Question,
    pub outcome: Outcome,
    /// One sentence for a person.
    pub told: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Flaw>,
}

/// What is asked of a client.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    Healthy,
    Retry,
    Attempts,
    Wait,
    Growth,
    Jitter,
    Spread,
    Key,
    Breaker,
    Budget,
    TimeLimit,
    Connection,
    Pages,
    Limit,
    Reported,
    Secrets,
}

/// One thing that a client did wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flaw {
    pub code: Code,
    /// One sentence for a person.
    pub message: String,
    /// Which play, from 0.
    pub play: u32,
    /// The numbers of the requests that show it.
    pub requests: Vec<u32>,
    /// What the client did, divided by what was asked of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// From 0 to 1, where it is a judgement by numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
}

/// What is wrong. The words are part of the record's format.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    FailsWhenHealthy,
    NoRetry,
    ForbiddenRetry,
    TooManyAttempts,
    ShortWait,
    WrongUnit,
    NoBackoff,
    NoGrowth,
    NoJitter,
    Herd,
    NoIdempotencyKey,
    ChangedIdempotencyKey,
    OverBudget,
    BreakerNeverOpens,
    BreakerNeverCloses,
    BreakerOpensOnRefusal,
    NoTimeLimit,
    ReusedConnection,
    PageLost,
    PageRepeated,
    LimitExceeded,
    FailureHidden,
    SecretInUrl,
}

impl Code {
    pub const ALL: [Self; 23] = [
        Self::FailsWhenHealthy,
        Self::NoRetry,
        Self::ForbiddenRetry,
        Self::TooManyAttempts,
        Self::ShortWait,
        Self::WrongUnit,
        Self::NoBackoff,
        Self::NoGrowth,
        Self::NoJitter,
        Self::Herd,
        Self::NoIdempotencyKey,
        Self::ChangedIdempotencyKey,
        Self::OverBudget,
        Self::BreakerNeverOpens,
        Self::BreakerNeverCloses,
        Self::BreakerOpensOnRefusal,
        Self::NoTimeLimit,
        Self::ReusedConnection,
        Self::PageLost,
        Self::PageRepeated,
        Self::LimitExceeded,
        Self::FailureHidden,
        Self::SecretInUrl,
    ];

    /// The word used in records and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FailsWhenHealthy => "fails-when-healthy",
            Self::NoRetry => "no-retry",
            Self::ForbiddenRetry => "forbidden-retry",
            Self::TooManyAttempts => "too-many-attempts",
            Self::ShortWait => "short-wait",
            Self::WrongUnit => "wrong-unit",
            Self::NoBackoff => "no-backoff",
            Self::NoGrowth => "no-growth",
            Self::NoJitter => "no-jitter",
            Self::Herd => "herd",
            Self::NoIdempotencyKey => "no-idempotency-key",
            Self::ChangedIdempotencyKey => "changed-idempotency-key",
            Self::OverBudget => "over-budget",
            Self::BreakerNeverOpens => "breaker-never-opens",
            Self::BreakerNeverCloses => "breaker-never-closes",
            Self::BreakerOpensOnRefusal => "breaker-opens-on-refusal",
            Self::NoTimeLimit => "no-time-limit",
            Self::ReusedConnection => "reused-connection",
            Self::PageLost => "page-lost",
            Self::PageRepeated => "page-repeated",
            Self::LimitExceeded => "limit-exceeded",
            Self::FailureHidden => "failure-hidden",
            Self::SecretInUrl => "secret-in-url",
        }
    }

    /// What it means, for a reader of the documentation.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::FailsWhenHealthy => "The command fails, or asks nothing, though nothing misbehaves.",
            Self::NoRetry => "A call that had to be tried again was given up at the first failure.",
            Self::ForbiddenRetry => "A call was tried again where that cannot help or does harm.",
            Self::TooManyAttempts => "One call was tried more often than is allowed.",
            Self::ShortWait => "The client came back sooner than the answer asked.",
            Self::WrongUnit => "The wait is a thousandth of what was asked: seconds were read as milliseconds.",
            Self::NoBackoff => "Every retry came at once.",
            Self::NoGrowth => "Waits did not become longer from retry to retry.",
            Self::NoJitter => "The same wait in every run: clients that fail together come back together.",
            Self::Herd => "Clients that were refused together came back together.",
            Self::NoIdempotencyKey => "A request that may have taken effect was sent again without an idempotency key.",
            Self::ChangedIdempotencyKey => "The retry carries another idempotency key than the first attempt.",
            Self::OverBudget => "All calls together made more retries than the budget allows.",
            Self::BreakerNeverOpens => "The client went on asking a vendor that failed every time.",
            Self::BreakerNeverCloses => "The client did not come back when the vendor was well again.",
            Self::BreakerOpensOnRefusal => "Refusals of single requests (4xx) kept the client from making others.",
            Self::NoTimeLimit => "The client waited for an answer longer than it may.",
            Self::ReusedConnection => "The client went on on a connection whose answer it had given up.",
            Self::PageLost => "A page that failed was never asked for again, and the command ended with success.",
            Self::PageRepeated => "A page was delivered more often than without the failure.",
            Self::LimitExceeded => "The client asked on though the headers said that nothing was left.",
            Self::FailureHidden => "The command ended with success though all that it got was failure.",
            Self::SecretInUrl => "A secret stands in a URL, where logs and proxies keep it.",
        }
    }
}

/// One run of the command.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Play {
    pub ended: Ended,
    /// Microseconds.
    pub took_us: u64,
    /// The end of what the command wrote, redacted; only where it did not end well.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub said: String,
    pub timeline: Timeline,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    Exit(i32),
    Signal,
    /// It was still running when its time was over, and was ended with all that it had started.
    OutOfTime,
    /// It wrote more than anybody reads, and was ended.
    TooLoud,
    /// It was running already and goes on.
    Running,
    /// The user stopped the gauntlet.
    Stopped,
}

impl Judged {
    pub fn kept(question: Question, told: impl Into<String>) -> Self {
        Self { question, outcome: Outcome::Kept, told: told.into(), findings: Vec::new() }
    }

    /// Nothing came that could be judged.
    pub fn unasked(question: Question, told: impl Into<String>) -> Self {
        Self { outcome: Outcome::Unasked, ..Self::kept(question, told) }
    }

    /// Broken where something was found; else None.
    pub fn broken(question: Question, findings: Vec<Flaw>) -> Option<Self> {
        let first = findings.first()?;
        let more = match findings.len() {
            1 => String::new(),
            many => format!(" (and {} more)", many - 1),
        };
        let told = format!("{}{more}", first.message);
        Some(Self { question, outcome: Outcome::Broken, told, findings })
    }
}

impl Flaw {
    /// `requests` are the numbers of the arrivals that show it.
    pub fn new(code: Code, message: impl Into<String>, play: u32, requests: Vec<u32>) -> Self {
        Self { code, message: message.into(), play, requests, ratio: None, confidence: None }
    }
}

impl LessonRun {
    pub fn findings(&self) -> impl Iterator<Item = &Flaw> {
        self.judged.iter().flat_map(|judged| &judged.findings)
    }

    /// The worst that was judged; unasked where nothing was.
    pub fn worst(judged: &[Judged]) -> Outcome {
        judged.iter().map(|judged| judged.outcome).max().unwrap_or(Outcome::Unasked)
    }
}

impl GauntletRun {
    pub fn counts(&self) -> Counts {
        Counts::of_outcomes(self.lessons.iter().map(|lesson| lesson.outcome))
    }

    pub fn outcome(&self) -> Outcome {
        self.lessons.iter().map(|lesson| lesson.outcome).max().unwrap_or(Outcome::Untested)
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn every_code_is_written_as_it_is_called() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
