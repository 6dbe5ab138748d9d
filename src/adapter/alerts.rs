//! Sends alerts to the channels that the workspace declares, and to nobody else.

mod mail;
mod post;

use std::collections::BTreeMap;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::adapter::alerts::mail::{Mail, MailError};
use crate::adapter::alerts::post::Post;
use crate::adapter::client::caller::Caller;
use crate::adapter::client::habits::Habits;
use crate::adapter::client::{Client, Options, Safety, SetupError};
use crate::adapter::environment::{Environment, EnvironmentError};
use crate::adapter::workspace::FILE;
use crate::domain::alert::channel::{Channel, Kind};
use crate::domain::alert::letter::{Fate, Letter, Patience};
use crate::domain::secret::Redactor;
use crate::wire::webhook::key::{BadKey, Key};
use crate::wire::webhook::schemes::standard::STANDARD;

/// Why a channel cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    #[error("{FILE}: alerts.channels.{channel}: what is meant here is no address")]
    Address { channel: String },
    #[error("{FILE}: alerts.channels.{channel}: the secret signs nothing")]
    Secret { channel: String, source: BadKey },
    #[error("{FILE}: alerts.channels.{channel}: no mail can be sent so")]
    Mail { channel: String, source: MailError },
    #[error("{FILE}: alerts.channels.{channel}: a channel of no kind")]
    NoKind { channel: String },
    #[error(transparent)]
    Client(#[from] SetupError),
}

impl ChannelError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Environment(error) => {
                let hint = error.hint().unwrap_or_default();
                Some(format!("{hint}; or watch without alerts: --no-alerts"))
            }
            Self::Address { .. } => {
                Some("write a URL such as `https://host/path`, or a variable that holds one".into())
            }
            Self::Secret { .. } => Some("`preflight webhook secret --scheme standard-webhooks` makes one".into()),
            Self::Mail { .. } | Self::NoKind { .. } | Self::Client(_) => None,
        }
    }
}

/// Everything that is needed to reach the channels of one environment. Its secrets are shown by nothing.
pub struct Sender {
    routes: BTreeMap<String, Route>,
    caller: Caller,
    redactor: Redactor,
}

enum Route {
    PagerDuty { url: Url, routing_key: SecretString },
    Slack { url: Url },
    Webhook { url: Url, key: Box<Key> },
    Alertmanager { url: Url, token: Option<SecretString> },
    Email(Box<Mail>),
}

impl Route {
    fn kind(&self) -> Kind {
        match self {
            Self::PagerDuty { .. } => Kind::PagerDuty,
            Self::Slack { .. } => Kind::Slack,
            Self::Webhook { .. } => Kind::Webhook,
            Self::Alertmanager { .. } => Kind::Alertmanager,
            Self::Email(_) => Kind::Email,
        }
    }
}

impl Sender {
    /// Reads the secrets of these channels.
    ///
    /// # Errors
    /// One is absent, or is none of its kind. It is named, and its value never shown.
    pub fn open<'a>(
        channels: impl IntoIterator<Item = (&'a String, &'a Channel)>,
        environment: &Environment,
    ) -> Result<Self, ChannelError> {
        let mut reader = Reader { environment, redactor: Redactor::default() };
        let mut routes = BTreeMap::new();
        for (name, channel) in channels {
            routes.insert(name.clone(), reader.route(name, channel)?);
        }
        let client = Client::new(Options::new(Safety::Outgoing))?;
        Ok(Self { routes, caller: Caller::new(client, Habits::alert()), redactor: reader.redactor })
    }

    /// How often a channel is tried again.
    pub fn patience(&self, channel: &str) -> Option<Patience> {
        self.routes.get(channel).map(|route| Patience::of(route.kind()))
    }

    /// Sends a letter once, as the client kit does it.
    pub async fn send(&self, letter: &Letter) -> Fate {
        let Some(route) = self.routes.get(&letter.channel) else {
            return Fate::Never(format!("no channel `{}` is declared here", letter.channel));
        };
        let post = Post { caller: &self.caller, letter };
        let fate = match route {
            Route::PagerDuty { url, routing_key } => post.pagerduty(url, routing_key.expose_secret()).await,
            Route::Slack { url } => post.slack(url).await,
            Route::Webhook { url, key } => post.webhook(url, key).await,
            Route::Alertmanager { url, token } => post.alertmanager(url, token.as_ref()).await,
            Route::Email(mail) => mail.send(letter).await,
        };
        // Who refuses may say what was refused.
        match fate {
            Fate::Delivered(said) => Fate::Delivered(self.redactor.text(&said)),
            Fate::Later { why, wait } => Fate::Later { why: self.redactor.text(&why), wait },
            Fate::Never(why) => Fate::Never(self.redactor.text(&why)),
        }
    }
}

struct Reader<'a> {
    environment: &'a Environment,
    redactor: Redactor,
}

impl Reader<'_> {
    fn route(&mut self, name: &str, channel: &Channel) -> Result<Route, ChannelError> {
        if let Some(to) = &channel.pagerduty {
            let routing_key = self.text(name, "pagerduty.routing_key", &to.routing_key)?;
            let url = self.url(name, "pagerduty.url", &to.url)?;
            return Ok(Route::PagerDuty { url, routing_key });
        }
        if let Some(to) = &channel.slack {
            let url = self.url(name, "slack.url", &to.url)?;
            // The path is the secret of it.
            self.redactor.hide(url.path());
            return Ok(Route::Slack { url });
        }
        if let Some(to) = &channel.webhook {
            let secret = self.text(name, "webhook.secret", &to.secret)?;
            let key = STANDARD.key(secret.expose_secret());
            let key = key.map_err(|source| ChannelError::Secret { channel: name.to_owned(), source })?;
            return Ok(Route::Webhook { url: self.url(name, "webhook.url", &to.url)?, key: Box::new(key) });
        }
        if let Some(to) = &channel.alertmanager {
            let token = to.token.as_ref().map(|token| self.text(name, "alertmanager.token", token)).transpose()?;
            return Ok(Route::Alertmanager { url: self.url(name, "alertmanager.url", &to.url)?, token });
        }
        let Some(to) = &channel.email else { return Err(ChannelError::NoKind { channel: name.to_owned() }) };
        let password = to.password.as_ref().map(|password| self.text(name, "email.password", password)).transpose()?;
        let mail =
            Mail::open(to, password).map_err(|source| ChannelError::Mail { channel: name.to_owned(), source })?;
        Ok(Route::Email(Box::new(mail)))
    }

    fn text(&mut self, channel: &str, key: &str, written: &str) -> Result<SecretString, ChannelError> {
        let value = self.environment.expand(FILE, &format!("alerts.channels.{channel}.{key}"), written)?;
        if written.contains("${") {
            self.redactor.hide(value.expose_secret());
        }
        Ok(value)
    }

    fn url(&mut self, channel: &str, key: &str, written: &str) -> Result<Url, ChannelError> {
        let text = self.text(channel, key, written)?;
        let url = Url::parse(text.expose_secret().trim()).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some());
        url.ok_or_else(|| ChannelError::Address { channel: channel.to_owned() })
    }
}
