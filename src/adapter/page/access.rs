//! Who may look at the live page, and who may acknowledge: one token, compared in constant time, and the sessions that it opens.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Mutex;

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::adapter::page::ask::Viewer;
use crate::adapter::random;
use crate::adapter::stage::lock;
use crate::domain::attempts::Attempts;

/// How long a session holds, and how many there are at most: the one that ends first goes for a new one.
const SESSION: SignedDuration = SignedDuration::from_hours(12);
const SESSIONS: usize = 256;
const COOKIE_NAME: &str = "preflight";

/// What whoever asks may do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Policy {
    /// Reading is free, because only this machine reaches it.
    Loopback,
    /// Reading needs the token.
    Guarded,
    /// Anybody may read, and nobody acknowledges.
    Public,
}

/// The token, without itself: a keyed digest of it.
struct Token {
    key: [u8; 16],
    digest: Vec<u8>,
}

/// Who may what.
pub struct Access {
    pub policy: Policy,
    token: Option<Token>,
    /// Names under which the page may be asked for, besides addresses and `localhost`.
    hosts: Vec<String>,
    attempts: Mutex<Attempts>,
    /// Digest of a session, and when it ends.
    sessions: Mutex<BTreeMap<[u8; 32], Timestamp>>,
}

/// What became of a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tried {
    Right,
    Wrong,
    /// Too many wrong ones came from there; seconds to wait.
    Wait(i64),
}

impl Access {
    /// # Errors
    /// The system has no randomness to give.
    pub fn new(policy: Policy, token: Option<&SecretString>, hosts: Vec<String>) -> Result<Self, random::NoRandomness> {
        let token = match token {
            Some(token) => {
                let mut key = [0; 16];
                random::fill(&mut key)?;
                Some(Token {
                    key,
                    digest: digest(key, token.expose_secret().as_bytes()).finalize().into_bytes().to_vec(),
                })
            }
            None => None,
        };
        Ok(Self { policy, token, hosts, attempts: Mutex::default(), sessions: Mutex::default() })
    }

    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// Whether the name under which the page was asked for is one of its own. A page elsewhere whose name was made to lead
    /// here (DNS rebinding) asks under its own name.
    pub fn is_host(&self, host: &str) -> bool {
        let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|digit| digit.is_ascii_digit()));
        let name = name.map_or(host, |(name, _)| name);
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        name.eq_ignore_ascii_case("localhost")
            || bare.parse::<IpAddr>().is_ok()
            || self.hosts.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Looks at a token.
    pub fn try_token(&self, given: &str, from: IpAddr, now: Timestamp) -> Tried {
        let mut attempts = lock(&self.attempts);
        if let Some(seconds) = attempts.wait(from, now) {
            return Tried::Wait(seconds);
        }
        let Some(token) = &self.token else { return Tried::Wrong };
        if digest(token.key, given.as_bytes()).verify_slice(&token.digest).is_ok() {
            return Tried::Right;
        }
        attempts.failed(from, now);
        Tried::Wrong
    }

    /// Who asks, by what the request brings. A wrong token is an error, which says how long to wait where that is so.
    ///
    /// # Errors
    /// The token is wrong, or too many wrong ones came.
    pub fn viewer(&self, headers: &HeaderMap, from: IpAddr, now: Timestamp) -> Result<Viewer, Tried> {
        let public = self.policy == Policy::Public;
        let viewer = |signed_in| Viewer { signed_in, can_sign_in: self.has_token() && !public, public };
        if !self.has_token() || public {
            return Ok(viewer(false));
        }
        if let Some(given) = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer ")) {
            return match self.try_token(given.trim(), from, now) {
                Tried::Right => Ok(viewer(true)),
                tried => Err(tried),
            };
        }
        Ok(viewer(session(headers).is_some_and(|session| self.holds(&session, now))))
    }

    /// Opens a session. Returns the value of its cookie.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn open(&self, now: Timestamp) -> Result<String, random::NoRandomness> {
        let mut bytes = [0; 32];
        random::fill(&mut bytes)?;
        let session = hex::encode(bytes);
        let mut sessions = lock(&self.sessions);
        sessions.retain(|_, end| *end > now);
        if sessions.len() >= SESSIONS
            && let Some(first) = sessions.iter().min_by_key(|(_, end)| **end).map(|(session, _)| *session)
        {
            sessions.remove(&first);
        }
        sessions.insert(Sha256::digest(session.as_bytes()).into(), now + SESSION);
        Ok(cookie(&session, SESSION.as_secs()))
    }

    /// Ends the session of a request. Returns the cookie that takes the old one's place.
    pub fn close(&self, headers: &HeaderMap) -> String {
        if let Some(session) = session(headers) {
            lock(&self.sessions).remove(&<[u8; 32]>::from(Sha256::digest(session.as_bytes())));
        }
        cookie("", 0)
    }

    fn holds(&self, session: &str, now: Timestamp) -> bool {
        let digest: [u8; 32] = Sha256::digest(session.as_bytes()).into();
        lock(&self.sessions).get(&digest).is_some_and(|end| *end > now)
    }
}

fn session(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE_NAME).map(|(_, session)| session.to_owned())
}

/// Not read by scripts, not sent from other pages. Not bound to TLS, because the page itself speaks none.
fn cookie(session: &str, seconds: i64) -> String {
    format!("{COOKIE_NAME}={session}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}")
}

fn digest(key: [u8; 16], given: &[u8]) -> Hmac<Sha256> {
    // A key of 16 bytes is one block, as the construction asks; the type refuses nothing shorter or longer.
    let mut block = [0; 64];
    block[..16].copy_from_slice(&key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(given);
    mac
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use http::HeaderMap;
    use http::header::{AUTHORIZATION, COOKIE};
    use jiff::{SignedDuration, Timestamp};

    use super::{Access, Policy, SESSION, Tried};

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn access(policy: Policy) -> Access {
        Access::new(policy, Some(&"s3cret-token".into()), vec!["status.example".to_owned()]).unwrap()
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    #[test]
    fn a_name_that_was_made_to_lead_here_is_not_ours() {
        let access = access(Policy::Loopback);
        for host in ["localhost", "localhost:7117", "127.0.0.1:1", "[::1]:7117", "[::1]", "10.0.0.7", "status.example"]
        {
            assert!(access.is_host(host), "{host}");
        }
        for host in ["evil.example", "evil.example:7117", "localhost.evil.example", "127.0.0.1.evil.example", "", ":80"]
        {
            assert!(!access.is_host(host), "{host}");
        }
    }

    #[test]
    fn only_the_token_opens_and_guessing_has_an_end() {
        let access = access(Policy::Guarded);
        assert_eq!(access.try_token("s3cret-token", HERE, now()), Tried::Right);
        for wrong in ["", "s3cret-toke", "s3cret-tokenx", "S3cret-token"] {
            assert_eq!(access.try_token(wrong, HERE, now()), Tried::Wrong, "{wrong}");
        }
        for _ in 0..6 {
            access.try_token("guess", HERE, now());
        }
        assert_eq!(access.try_token("s3cret-token", HERE, now()), Tried::Wait(60));
        assert_eq!(access.try_token("s3cret-token", HERE, now() + SignedDuration::from_mins(1)), Tried::Right);
    }

    #[test]
    fn a_session_holds_until_it_is_closed_or_over() {
        let access = access(Policy::Guarded);
        let mut headers = HeaderMap::new();
        let signed_in = |headers: &HeaderMap, at| access.viewer(headers, HERE, at).map(|viewer| viewer.signed_in);
        assert_eq!(signed_in(&headers, now()), Ok(false));
        let cookie = access.open(now()).unwrap();
        let value = cookie.split(';').next().unwrap();
        headers.insert(COOKIE, format!("theme=dark; {value}").parse().unwrap());
        assert_eq!(signed_in(&headers, now()), Ok(true));
        assert_eq!(signed_in(&headers, now() + SESSION), Ok(false));
        access.close(&headers);
        assert_eq!(signed_in(&headers, now()), Ok(false));
        headers.insert(COOKIE, "preflight=0000".parse().unwrap());
        assert_eq!(signed_in(&headers, now()), Ok(false));
    }

    #[test]
    fn who_brings_the_token_is_known_and_the_public_never_is() {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, "Bearer s3cret-token".parse().unwrap());
        assert!(access(Policy::Guarded).viewer(&headers, HERE, now()).unwrap().signed_in);
        assert!(!access(Policy::Public).viewer(&headers, HERE, now()).unwrap().signed_in);
        headers.insert(AUTHORIZATION, "Bearer other".parse().unwrap());
        assert_eq!(access(Policy::Guarded).viewer(&headers, HERE, now()), Err(Tried::Wrong));
    }
}
