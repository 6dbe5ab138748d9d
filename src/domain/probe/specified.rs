//! What was specified: a file of probes, a probe, and its steps.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::integration::{Credential, Name, Variable};
use crate::domain::probe::ask::{Ask, Command, Dns, Heartbeat, Http, Kind, Postgres, Redis, Tcp, Tls, Webhook};
use crate::domain::probe::mcp::{Mcp, Server};
use crate::domain::probe::service::Service;
use crate::domain::probe::thresholds::Thresholds;

/// The version of the file's format. A reader refuses another one.
pub const VERSION: u32 = 1;

/// `fixtures/<integration>/probes.yaml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Book {
    pub version: u32,
    /// What the integration's manifest has no variable for, or all of them where it has no manifest.
    #[serde(default)]
    pub variables: BTreeMap<String, Variable>,
    /// Likewise.
    #[serde(default)]
    pub credentials: BTreeMap<String, Credential>,
    pub probes: Vec<Probe>,
    /// What a right service answers, where no twin models it: over it `preflight prove --probes` lays its lies.
    #[serde(default)]
    pub truth: Option<Truth>,
}

/// A right service, as far as the probes ask it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// Values of the variables, all made up.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    pub answers: Vec<Good>,
}

/// One right answer: 200 with a document. Texts may hold `${NAME}`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Good {
    /// Method and path, without a query.
    pub request: String,
    /// It is refused with 401 to who does not send the headers of this credential.
    #[serde(default)]
    pub credential: Option<String>,
    pub body: serde_json::Value,
}

/// One health question to a service: all its steps hold, or it is not healthy.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// One in the whole workspace.
    pub name: Name,
    #[serde(default)]
    pub title: Option<String>,
    pub service: Service,
    /// Seconds from one run to the next, in a monitor.
    #[serde(default = "interval_seconds")]
    pub interval_seconds: u32,
    /// Milliseconds that one answer may take.
    #[serde(default = "timeout_ms")]
    pub timeout_ms: u64,
    /// How often a monitor asks again before it believes a bad answer.
    #[serde(default)]
    pub retries: u32,
    /// The users' table for this kind of service when absent.
    #[serde(default)]
    pub thresholds: Option<Thresholds>,
    /// Probes without which this one cannot hold: what follows from their failure is not told again.
    #[serde(default)]
    pub depends_on: Vec<Name>,
    /// Where it is asked; everywhere when empty.
    #[serde(default)]
    pub environments: Vec<String>,
    /// A file to which a line of JSON is added for each step; `{date}` is the day in UTC. Relative to the workspace.
    #[serde(default)]
    pub journal: Option<String>,
    /// The server of its `mcp` steps.
    #[serde(default)]
    pub server: Option<Server>,
    pub steps: Vec<Step>,
}

fn interval_seconds() -> u32 {
    60
}

fn timeout_ms() -> u64 {
    10_000
}

/// How deep a step looks.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Depth {
    /// Somebody is there.
    Liveness,
    /// It knows us.
    Authenticated,
    /// It does what it is for, without changing anything.
    Use,
}

impl Depth {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Liveness => "liveness",
            Self::Authenticated => "authenticated",
            Self::Use => "use",
        }
    }
}

/// One step of a probe.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct Step {
    /// One in its probe.
    pub name: String,
    pub depth: Depth,
    pub ask: Ask,
    /// Sentences of the contract vocabulary, without their keyword (`the status is 200`).
    pub expect: Vec<String>,
    /// Variable -> JSONPath into the answer: what later steps and sentences may use as `${NAME}`.
    pub remember: BTreeMap<String, String>,
    /// Milliseconds, where it may take another time than the probe says.
    pub timeout_ms: Option<u64>,
    /// It decides nothing; where it does not hold, this is told.
    pub advice: Option<String>,
}

/// A step as its file says it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    depth: Depth,
    #[serde(default)]
    http: Option<Http>,
    #[serde(default)]
    mcp: Option<Mcp>,
    #[serde(default)]
    tcp: Option<Tcp>,
    #[serde(default)]
    tls: Option<Tls>,
    #[serde(default)]
    dns: Option<Dns>,
    #[serde(default)]
    redis: Option<Redis>,
    #[serde(default)]
    postgres: Option<Postgres>,
    #[serde(default)]
    command: Option<Command>,
    #[serde(default)]
    webhook: Option<Webhook>,
    #[serde(default)]
    heartbeat: Option<Heartbeat>,
    #[serde(default)]
    expect: Vec<String>,
    #[serde(default)]
    remember: BTreeMap<String, String>,
    #[serde(default)]
    timeout_ms: Option<u64>,
    #[serde(default)]
    advice: Option<String>,
}

/// Why a step asks nothing, or too much.
#[derive(Debug, thiserror::Error)]
#[error("the step `{name}` asks in {count} ways: write exactly one of {}", ways())]
pub struct NotOneWay {
    name: String,
    count: usize,
}

fn ways() -> String {
    Kind::ALL.map(Kind::as_str).join(", ")
}

impl TryFrom<Written> for Step {
    type Error = NotOneWay;

    fn try_from(written: Written) -> Result<Self, NotOneWay> {
        let asks = [
            written.http.map(Ask::Http),
            written.mcp.map(Ask::Mcp),
            written.tcp.map(Ask::Tcp),
            written.tls.map(Ask::Tls),
            written.dns.map(Ask::Dns),
            written.redis.map(Ask::Redis),
            written.postgres.map(Ask::Postgres),
            written.command.map(Ask::Command),
            written.webhook.map(Ask::Webhook),
            written.heartbeat.map(Ask::Heartbeat),
        ];
        let mut asks: Vec<Ask> = asks.into_iter().flatten().collect();
        let (count, name) = (asks.len(), written.name);
        match asks.pop().filter(|_| count == 1) {
            None => Err(NotOneWay { name, count }),
            Some(ask) => Ok(Self {
                name,
                depth: written.depth,
                ask,
                expect: written.expect,
                remember: written.remember,
                timeout_ms: written.timeout_ms,
                advice: written.advice,
            }),
        }
    }
}

impl Probe {
    pub fn thresholds(&self) -> Thresholds {
        self.thresholds.unwrap_or_else(|| Thresholds::of(self.service))
    }

    pub fn is_asked_in(&self, environment: &str) -> bool {
        self.environments.is_empty() || self.environments.iter().any(|named| named == environment)
    }

    /// The first thing that is wrong with it, and the keys that lead there from the probe.
    pub fn problem(&self) -> Option<(Vec<String>, String)> {
        let at =
            |keys: &[&str], told: &str| Some((keys.iter().map(|key| (*key).to_owned()).collect(), told.to_owned()));
        if self.steps.is_empty() {
            return at(&["steps"], "a probe without a step asks nothing");
        }
        if self.interval_seconds == 0 {
            return at(&["interval_seconds"], "at most one run a second: write 1 or more");
        }
        if self.timeout_ms == 0 {
            return at(&["timeout_ms"], "no answer comes within 0 ms");
        }
        if let Some(told) = self.thresholds.as_ref().and_then(Thresholds::problem) {
            return at(&["thresholds"], told);
        }
        if let Some(told) = self.server.as_ref().and_then(Server::problem) {
            return at(&["server"], told);
        }
        if self.depends_on.contains(&self.name) {
            return at(&["depends_on"], "it depends on itself");
        }
        if self.steps.iter().all(|step| step.advice.is_some()) {
            return at(&["steps"], "all its steps give advice only, so it cannot fail");
        }
        if self.steps.iter().all(|step| matches!(step.ask, Ask::Tcp(_)) || step.advice.is_some()) {
            return at(
                &["steps"],
                "it only connects, and what takes a connection may still not work: ask something of it",
            );
        }
        self.steps.iter().enumerate().find_map(|(index, step)| {
            let earlier = &self.steps[..index];
            let (within, told) = step.problem(earlier, self.server.is_some())?;
            Some(([vec!["steps".to_owned(), index.to_string()], within].concat(), told))
        })
    }
}

impl Step {
    fn problem(&self, earlier: &[Self], has_server: bool) -> Option<(Vec<String>, String)> {
        let kind = self.ask.kind();
        let at = |key: &str, told: String| Some((vec![key.to_owned()], told));
        if earlier.iter().any(|other| other.name == self.name) {
            return at("name", format!("a step `{}` stands before it", self.name));
        }
        if earlier.iter().any(|other| other.depth > self.depth && other.advice.is_none()) {
            return at("depth", "a step before it looks deeper: liveness, then authenticated, then use".to_owned());
        }
        match &self.ask {
            Ask::Mcp(_) if !has_server => return at("mcp", "the probe has no `server`".to_owned()),
            Ask::Mcp(mcp) => {
                if let Some(told) = mcp.problem() {
                    return at("mcp", told.to_owned());
                }
            }
            Ask::Command(command) if command.run.is_empty() => {
                return at("command", "`run` names no program".to_owned());
            }
            Ask::Heartbeat(heartbeat) if heartbeat.file.is_some() == heartbeat.ledger => {
                return at("heartbeat", "it needs `file` or `ledger: true`, and not both".to_owned());
            }
            _ => {}
        }
        if !kind.brings_a_document() && !(self.expect.is_empty() && self.remember.is_empty()) {
            return at("expect", format!("{kind} brings no document, so no sentence can be asked of it"));
        }
        if self.expect.is_empty() && kind != Kind::Tcp && !kind.promises_by_itself() {
            return at("expect", "it promises nothing, so it cannot fail".to_owned());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Probe;

    fn probe(change: impl FnOnce(&mut Value)) -> Result<Probe, String> {
        let mut written = json!({
            "name": "shop", "service": "api",
            "steps": [
                {"name": "alive", "depth": "liveness", "tcp": {}},
                {"name": "knows us", "depth": "authenticated", "http": {"request": "GET /me"}, "expect": ["the status is 200"]},
            ],
        });
        change(&mut written);
        serde_json::from_value(written).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_said_is_the_users_table() {
        let probe = probe(|_| {}).unwrap();
        assert_eq!((probe.interval_seconds, probe.timeout_ms, probe.retries), (60, 10_000, 0));
        assert_eq!(probe.thresholds().healthy.p95_ms, 1000);
        assert_eq!(probe.problem(), None);
        assert!(probe.is_asked_in("staging"));
    }

    #[test]
    fn a_probe_that_cannot_fail_is_refused() {
        type Change = fn(&mut Value);
        let table: [(Change, &str, &str); 12] = [
            (|p| p["steps"] = json!([]), "steps", "asks nothing"),
            (|p| p["interval_seconds"] = json!(0), "interval_seconds", "1 or more"),
            (|p| p["timeout_ms"] = json!(0), "timeout_ms", "0 ms"),
            (|p| p["depends_on"] = json!(["shop"]), "depends_on", "itself"),
            (|p| p["steps"][1]["advice"] = json!("x"), "steps", "only connects"),
            (
                |p| p["steps"] = json!([{"name": "a", "depth": "liveness", "advice": "x", "http": {"request": "GET /"}, "expect": ["x"]}]),
                "steps",
                "cannot fail",
            ),
            (|p| p["steps"][1]["name"] = json!("alive"), "steps.1.name", "stands before"),
            (|p| p["steps"][0]["depth"] = json!("use"), "steps.1.depth", "looks deeper"),
            (|p| p["steps"][0]["expect"] = json!(["the status is 200"]), "steps.0.expect", "no document"),
            (|p| p["steps"][1]["expect"] = json!([]), "steps.1.expect", "cannot fail"),
            (
                |p| p["steps"][1] = json!({"name": "h", "depth": "use", "heartbeat": {"within_seconds": 5}}),
                "steps.1.heartbeat",
                "not both",
            ),
            (
                |p| p["steps"][1] = json!({"name": "m", "depth": "use", "mcp": {"handshake": {}}}),
                "steps.1.mcp",
                "no `server`",
            ),
        ];
        for (change, within, told) in table {
            let (keys, message) = probe(change).unwrap().problem().unwrap_or_else(|| panic!("{told}"));
            assert_eq!(keys.join("."), within, "{message}");
            assert!(message.contains(told), "{message}");
        }
    }

    #[test]
    fn a_step_asks_in_one_way() {
        let two = probe(|p| p["steps"][0]["dns"] = json!({})).unwrap_err();
        assert!(two.contains("asks in 2 ways"), "{two}");
        let none = probe(|p| p["steps"][0] = json!({"name": "a", "depth": "liveness"})).unwrap_err();
        assert!(none.contains("asks in 0 ways: write exactly one of http, mcp, tcp"), "{none}");
    }
}
