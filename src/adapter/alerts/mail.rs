//! Alerts by mail: submitted to a server over SMTP, with a bound on how long it may take.

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::domain::alert::channel::{Email, Security};
use crate::domain::alert::letter::{Fate, Letter};
use crate::wire::alert::text;

/// For the whole conversation: a server that takes the connection and says nothing more holds nobody up for longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why no mail can be sent so.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error("`{address}` is no address")]
    Address { address: String, source: lettre::address::AddressError },
    #[error("TLS cannot be set up for {host}")]
    Tls { host: String, source: lettre::transport::smtp::Error },
}

/// A mail server, and who is written to.
pub struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Vec<Mailbox>,
    patience: Duration,
}

impl Mail {
    /// # Errors
    /// An address is none.
    pub fn open(to: &Email, password: Option<SecretString>) -> Result<Self, MailError> {
        let mailbox = |address: &String| {
            address.parse().map_err(|source| MailError::Address { address: address.clone(), source })
        };
        let tls =
            || TlsParameters::new(to.host.clone()).map_err(|source| MailError::Tls { host: to.host.clone(), source });
        let tls = match to.security {
            Security::Starttls => Tls::Required(tls()?),
            Security::Tls => Tls::Wrapper(tls()?),
            Security::None => Tls::None,
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(to.host.clone());
        let mut builder = builder.port(to.port()).tls(tls).timeout(Some(PATIENCE));
        if let (Some(user), Some(password)) = (&to.user, password) {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
        }
        Ok(Self {
            transport: builder.build(),
            from: mailbox(&to.from)?,
            to: to.to.iter().map(mailbox).collect::<Result<_, _>>()?,
            patience: PATIENCE,
        })
    }

    pub async fn send(&self, letter: &Letter) -> Fate {
        let message = match self.message(letter) {
            Ok(message) => message,
            Err(error) => return Fate::Never(error.to_string()),
        };
        let later = |why: String| Fate::Later { why, wait: None };
        match tokio::time::timeout(self.patience, self.transport.send(message)).await {
            Ok(Ok(response)) => Fate::Delivered(said(&response.code().to_string(), response.first_line())),
            Ok(Err(error)) if error.is_permanent() => Fate::Never(format!("it refuses: {}", chain(&error))),
            Ok(Err(error)) => later(chain(&error)),
            Err(_) => later(format!("no answer within {} s", self.patience.as_secs())),
        }
    }

    /// The message. Its id is that of the letter, so that it is the same message each time it is sent, and all that is told of
    /// one case stands together.
    fn message(&self, letter: &Letter) -> Result<Message, lettre::error::Error> {
        let message = &letter.message;
        let thread = format!("<{}@preflight>", &hex::encode(Sha256::digest(&message.key))[..32]);
        let mut builder: MessageBuilder = Message::builder()
            .from(self.from.clone())
            .subject(text::subject(message))
            .date(message.at.into())
            .message_id(Some(format!("<{}@preflight>", letter.id)))
            .in_reply_to(thread.clone())
            .references(thread)
            .header(ContentType::TEXT_PLAIN);
        for to in &self.to {
            builder = builder.to(to.clone());
        }
        builder.body(text::body(message))
    }
}

fn said(code: &str, line: Option<&str>) -> String {
    let words: String = line.unwrap_or_default().chars().filter(|letter| !letter.is_control()).take(120).collect();
    format!("{code} {words}").trim().to_owned()
}

/// An error with its causes, without control characters: a server may say anything.
fn chain(error: &lettre::transport::smtp::Error) -> String {
    let mut told = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        let next_told = next.to_string();
        if !told.contains(&next_told) {
            told = format!("{told}: {next_told}");
        }
        cause = next.source();
    }
    told.chars().filter(|letter| !letter.is_control()).take(200).collect()
}
