//! A channel, as the workspace declares it: where alerts go. It holds names of secrets and never their values.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::alert::quiet::QuietHours;

/// One place where alerts go: exactly one of its five kinds is given.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Environments whose alerts go there; all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<String>,
    /// When warnings wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietHours>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagerduty: Option<PagerDuty>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slack: Option<Slack>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Webhook>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alertmanager: Option<Alertmanager>,
}

/// `PagerDuty`, Events API v2.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PagerDuty {
    /// The integration key (32 characters), as `${NAME}`.
    pub routing_key: String,
    /// The European region has another one.
    #[serde(default = "events")]
    pub url: String,
}

fn events() -> String {
    "https://events.pagerduty.com".to_owned()
}

/// An incoming webhook of Slack. Its address is its secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slack {
    /// As `${NAME}`.
    pub url: String,
}

/// A mail server that takes messages for others (SMTP submission).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Email {
    pub host: String,
    /// By default that of the security: 587, 465, 25.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    #[serde(default)]
    pub security: Security,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// As `${NAME}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    pub from: String,
    pub to: Vec<String>,
}

/// How the way to a mail server is kept secret.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// The connection becomes TLS before anything is said (RFC 3207); without it nothing is sent.
    #[default]
    Starttls,
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// None: for a relay on the same machine.
    None,
}

impl Security {
    /// The usual port (RFC 6409, RFC 8314, RFC 5321).
    pub fn port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

/// Any receiver, signed with Standard Webhooks.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    pub url: String,
    /// `whsec_` and base64, as `${NAME}`.
    pub secret: String,
}

/// Prometheus Alertmanager, API v2.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alertmanager {
    pub url: String,
    /// A bearer token, as `${NAME}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// What a channel is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    PagerDuty,
    Slack,
    Email,
    Webhook,
    Alertmanager,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PagerDuty => "pagerduty",
            Self::Slack => "slack",
            Self::Email => "email",
            Self::Webhook => "webhook",
            Self::Alertmanager => "alertmanager",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// Something in a channel that cannot be meant so: the keys that lead there, and what is wrong.
pub type Problem = (Vec<&'static str>, String);

impl Channel {
    /// What it is; None where it is none or several.
    pub fn kind(&self) -> Option<Kind> {
        let given = [
            (self.pagerduty.is_some(), Kind::PagerDuty),
            (self.slack.is_some(), Kind::Slack),
            (self.email.is_some(), Kind::Email),
            (self.webhook.is_some(), Kind::Webhook),
            (self.alertmanager.is_some(), Kind::Alertmanager),
        ];
        let mut given = given.into_iter().filter_map(|(is, kind)| is.then_some(kind));
        given.next().filter(|_| given.next().is_none())
    }

    pub fn is_used_in(&self, environment: &str) -> bool {
        self.environments.is_empty() || self.environments.iter().any(|own| own == environment)
    }

    /// Everything that is wrong with it. Nothing in it repeats what stands where a secret's name is expected.
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        if self.kind().is_none() {
            let all = "`pagerduty`, `slack`, `email`, `webhook`, `alertmanager`";
            found.push((Vec::new(), format!("a channel is exactly one of {all}")));
        }
        for (keys, text) in self.secrets() {
            if !is_reference(text) {
                let message = "a secret is named here and not written: `${NAME}`, a variable of the environment";
                found.push((keys.to_vec(), message.to_owned()));
            }
        }
        for (keys, text) in self.addresses() {
            if !text.contains("${") && !text.starts_with("http://") && !text.starts_with("https://") {
                found.push((keys.to_vec(), "an address begins with `https://` or `http://`".to_owned()));
            }
        }
        if let Some(mail) = &self.email {
            found.extend(mail.problems());
        }
        if let Some(problem) = self.quiet.as_ref().and_then(QuietHours::problem) {
            found.push((vec!["quiet"], problem));
        }
        found
    }

    /// Where secrets are named.
    fn secrets(&self) -> Vec<([&'static str; 2], &str)> {
        let pagerduty = self.pagerduty.as_ref().map(|it| (["pagerduty", "routing_key"], it.routing_key.as_str()));
        let slack = self.slack.as_ref().map(|it| (["slack", "url"], it.url.as_str()));
        let email = self.email.as_ref().and_then(|it| Some((["email", "password"], it.password.as_deref()?)));
        let webhook = self.webhook.as_ref().map(|it| (["webhook", "secret"], it.secret.as_str()));
        let manager = self.alertmanager.as_ref().and_then(|it| Some((["alertmanager", "token"], it.token.as_deref()?)));
        [pagerduty, slack, email, webhook, manager].into_iter().flatten().collect()
    }

    fn addresses(&self) -> Vec<([&'static str; 2], &str)> {
        let pagerduty = self.pagerduty.as_ref().map(|it| (["pagerduty", "url"], it.url.as_str()));
        let webhook = self.webhook.as_ref().map(|it| (["webhook", "url"], it.url.as_str()));
        let manager = self.alertmanager.as_ref().map(|it| (["alertmanager", "url"], it.url.as_str()));
        [pagerduty, webhook, manager].into_iter().flatten().collect()
    }
}

impl Email {
    pub fn port(&self) -> u16 {
        self.port.unwrap_or_else(|| self.security.port())
    }

    fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        if self.to.is_empty() {
            found.push((vec!["email", "to"], "nobody is written to".to_owned()));
        }
        if self.user.is_some() != self.password.is_some() {
            found.push((vec!["email"], "`user` and `password` are given together".to_owned()));
        }
        let is_open = self.security == Security::None && self.password.is_some();
        if is_open && !is_loopback(&self.host) {
            let message = "the password would go over the network as everybody can read it: use `starttls` or `tls`";
            found.push((vec!["email", "security"], message.to_owned()));
        }
        found
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// `${NAME}` and nothing else.
fn is_reference(text: &str) -> bool {
    let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    name.is_some_and(|name| {
        !name.is_empty() && name.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::Channel;

    fn problems(text: &str) -> Vec<String> {
        let channel: Channel = serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        channel.problems().into_iter().map(|(keys, problem)| format!("{}: {problem}", keys.join("."))).collect()
    }

    #[test]
    fn right_ones_are_right() {
        for text in [
            "pagerduty: {routing_key: '${KEY}'}",
            "slack: {url: '${SLACK_URL}'}\nenvironments: [production]",
            "webhook: {url: 'https://example.com/in', secret: '${S}'}",
            "alertmanager: {url: 'http://127.0.0.1:9093'}",
            "email: {host: mail.example, user: me, password: '${P}', from: a@b.example, to: [c@d.example]}",
            "email: {host: 127.0.0.1, security: none, user: me, password: '${P}', from: a@b.example, to: [c@d.example]}",
            "slack: {url: '${S}'}\nquiet: {from: '22:00', until: '07:00', zone: Europe/Berlin}",
        ] {
            assert_eq!(problems(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn wrong_ones_are_told_and_a_secret_that_stands_there_is_not_repeated() {
        for (text, told) in [
            ("{}", ": a channel is exactly one of"),
            (
                "slack: {url: '${S}'}\nwebhook: {url: 'https://x.example', secret: '${S}'}",
                ": a channel is exactly one of",
            ),
            ("slack: {url: 'https://hooks.slack.com/services/T/B/secret-part'}", "slack.url: a secret is named here"),
            ("pagerduty: {routing_key: 'R0123secret'}", "pagerduty.routing_key: a secret is named here"),
            ("pagerduty: {routing_key: '${A}secret'}", "pagerduty.routing_key: a secret is named here"),
            ("webhook: {url: 'ftp://x', secret: '${S}'}", "webhook.url: an address begins with"),
            ("email: {host: h, from: a@b.example, to: []}", "email.to: nobody is written to"),
            ("email: {host: h, user: u, from: a@b.example, to: [c@d.example]}", "email: `user` and `password`"),
            (
                "email: {host: h, security: none, user: u, password: '${P}', from: a@b.example, to: [c@d.example]}",
                "email.security: the password would go",
            ),
            ("slack: {url: '${S}'}\nquiet: {from: '22:00', until: '07:00', zone: Berlin}", "quiet: "),
        ] {
            let found = problems(text);
            assert!(found.iter().any(|problem| problem.starts_with(told)), "{text}: {found:?}");
            assert!(found.iter().all(|problem| !problem.contains("secret-part") && !problem.contains("R0123")));
        }
    }
}
