//! The ways in which a step asks, each with what it needs to know.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::probe::mcp::Mcp;

/// The way in which a step asks. The words are those of the file's keys and of records.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Http,
    Mcp,
    Tcp,
    Tls,
    Dns,
    Redis,
    Postgres,
    Command,
    Webhook,
    Heartbeat,
}

impl Kind {
    pub const ALL: [Self; 10] = [
        Self::Http,
        Self::Mcp,
        Self::Tcp,
        Self::Tls,
        Self::Dns,
        Self::Redis,
        Self::Postgres,
        Self::Command,
        Self::Webhook,
        Self::Heartbeat,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Mcp => "mcp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Dns => "dns",
            Self::Redis => "redis",
            Self::Postgres => "postgres",
            Self::Command => "command",
            Self::Webhook => "webhook",
            Self::Heartbeat => "heartbeat",
        }
    }

    /// Tells whether it brings a document about which sentences may promise something.
    pub fn brings_a_document(self) -> bool {
        !matches!(self, Self::Tcp | Self::Tls | Self::Heartbeat)
    }

    /// Tells whether it brings answers of HTTP, with status and headers.
    pub fn is_over_http(self) -> bool {
        matches!(self, Self::Http | Self::Webhook)
    }

    /// Tells whether it promises something by itself, so that it can fail without a sentence.
    pub fn promises_by_itself(self) -> bool {
        matches!(self, Self::Mcp | Self::Tls | Self::Webhook | Self::Heartbeat)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// What a step asks. Texts may hold `${NAME}`: a variable of the integration, or what an earlier step remembered.
#[derive(Clone, Debug)]
pub enum Ask {
    Http(Http),
    Mcp(Mcp),
    Tcp(Tcp),
    Tls(Tls),
    Dns(Dns),
    Redis(Redis),
    Postgres(Postgres),
    Command(Command),
    Webhook(Webhook),
    Heartbeat(Heartbeat),
}

/// One HTTP request to the integration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// `GET /api/v1/profile`
    pub request: String,
    /// A credential of the manifest or of this file; none is sent when absent.
    #[serde(default)]
    pub credential: Option<String>,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Sent as it stands; as JSON where it is no text.
    #[serde(default)]
    pub body: Option<serde_json::Value>,
}

/// A TCP connection, and nothing said over it. It can fail in no other way than by not being taken, so it may be a first
/// step and never the only one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tcp {
    /// `host:port`; that of the base URL when absent.
    #[serde(default)]
    pub address: Option<String>,
}

/// A TLS handshake, and what the certificate says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// `host:port`; that of the base URL when absent.
    #[serde(default)]
    pub address: Option<String>,
    /// Days that the certificate has to be valid for, from now on.
    #[serde(default = "days_left")]
    pub days_left: u32,
}

/// Two weeks: certificates are renewed a month before their end, so this is a renewal that failed.
fn days_left() -> u32 {
    14
}

/// A name that has to resolve. The document is `{"addresses": [...]}`, sorted.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    /// The host of the base URL when absent.
    #[serde(default)]
    pub name: Option<String>,
}

/// A Redis server, asked only what reads. The document is `{"ping": "PONG"}`, or what INFO says, by section and name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// `redis://` or `rediss://`, with user and password where it needs them.
    pub url: String,
    pub command: RedisCommand,
}

/// What a Redis server is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RedisCommand {
    Ping,
    /// INFO: a PING passes where writes fail (READONLY, OOM, MISCONF), and this shows it without writing.
    Info,
}

/// A PostgreSQL server: one query in a transaction that only reads. The document is the list of its rows as objects.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Postgres {
    /// `postgres://`, with user and password.
    pub url: String,
    #[serde(default = "select_one")]
    pub query: String,
}

fn select_one() -> String {
    "select 1 as one".to_owned()
}

/// A program. The document is its standard output, which has to be JSON where a sentence looks into it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    pub run: Vec<String>,
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// The exit code that it has to end with.
    #[serde(default)]
    pub exit: i32,
}

/// An endpoint that receives webhooks: a rightly signed event that changes nothing has to be taken, and the same wrongly
/// signed has to be refused. On a live target both need an approval.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Under the base URL.
    pub path: String,
    /// A signature scheme (`shopify`, `chatwoot`, …).
    pub scheme: String,
    /// The scheme's secret, as `${NAME}`.
    pub secret: String,
    /// The event's topic, as the vendor names it.
    pub topic: String,
    /// Sent as it stands; as JSON where it is no text.
    pub body: serde_json::Value,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Statuses with which a wrong signature may be refused.
    #[serde(default = "refused_with")]
    pub refused_with: Vec<u16>,
}

fn refused_with() -> Vec<u16> {
    vec![400, 401, 403]
}

/// The service reports to us, and its silence is the failure.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    /// A file that the service writes, relative to the workspace; its last change counts, or the time at `time`.
    #[serde(default)]
    pub file: Option<String>,
    /// A JSON Pointer to the time (RFC 3339) of the report in that file.
    #[serde(default)]
    pub time: Option<String>,
    /// What the ledger last heard of the integration counts.
    #[serde(default)]
    pub ledger: bool,
    /// Seconds after which it is silent.
    pub within_seconds: u64,
}

impl Ask {
    pub fn kind(&self) -> Kind {
        match self {
            Self::Http(_) => Kind::Http,
            Self::Mcp(_) => Kind::Mcp,
            Self::Tcp(_) => Kind::Tcp,
            Self::Tls(_) => Kind::Tls,
            Self::Dns(_) => Kind::Dns,
            Self::Redis(_) => Kind::Redis,
            Self::Postgres(_) => Kind::Postgres,
            Self::Command(_) => Kind::Command,
            Self::Webhook(_) => Kind::Webhook,
            Self::Heartbeat(_) => Kind::Heartbeat,
        }
    }

    /// Every text of it in which a `${NAME}` is filled in.
    pub fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        match self {
            Self::Http(http) => {
                texts.push(http.request.clone());
                texts.extend(http.headers.values().cloned());
                texts.extend(http.body.as_ref().map(ToString::to_string));
            }
            Self::Mcp(mcp) => texts.extend(mcp.call.as_ref().map(|call| call.arguments.to_string())),
            Self::Tcp(tcp) => texts.extend(tcp.address.clone()),
            Self::Tls(tls) => texts.extend(tls.address.clone()),
            Self::Dns(dns) => texts.extend(dns.name.clone()),
            Self::Redis(redis) => texts.push(redis.url.clone()),
            Self::Postgres(postgres) => texts.extend([postgres.url.clone(), postgres.query.clone()]),
            Self::Command(command) => texts.extend(command.run.iter().chain(command.env.values()).cloned()),
            Self::Webhook(webhook) => {
                texts.extend([webhook.path.clone(), webhook.secret.clone(), webhook.body.to_string()]);
                texts.extend(webhook.headers.values().cloned());
            }
            Self::Heartbeat(heartbeat) => texts.extend(heartbeat.file.clone()),
        }
        texts
    }
}
