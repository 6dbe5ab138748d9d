//! The line to the receiver: paced, patient with 429, and with an eye on what every answer gives away.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use secrecy::{ExposeSecret as _, SecretString};

use crate::adapter::client::Client;
use crate::adapter::clock;
use crate::adapter::delivery::Clearance;
use crate::domain::receiver::answers::Answered;
use crate::domain::receiver::leak;
use crate::engine::attack::craft::Delivery;

/// Bytes of an answer's body that a case keeps.
const KEPT: usize = 2_000;

/// Bytes of an answer in which leaks are looked for.
const SEARCHED: usize = 64 * 1024;

/// Tries of one delivery to a receiver that asks for patience.
const TRIES: u32 = 3;

/// Where deliveries go out and answers come in.
pub struct Line {
    client: Client,
    clearance: Clearance,
    timeout: Duration,
    /// The longest pause that is made because a receiver asks for it.
    patience: Duration,
    /// Between two deliveries, where a rate was asked for.
    gap: Option<Duration>,
    /// When the next one may go.
    slot: Mutex<Option<Instant>>,
    /// The secret as it could stand in an answer.
    secret: Vec<SecretString>,
    sent: AtomicU32,
    throttled: AtomicBool,
    seen: Mutex<Seen>,
}

/// What all answers have shown so far; each with the case that showed it first.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub answers: u32,
    /// The slowest answer to a right delivery.
    pub slowest: Option<(Duration, &'static str)>,
    pub secret_in: Option<&'static str>,
    pub signature_in: Option<&'static str>,
    pub trace_in: Option<(&'static str, &'static str)>,
    pub page_in: Option<&'static str>,
}

/// How a line behaves.
pub struct Manner {
    pub timeout: Duration,
    pub patience: Duration,
    /// Deliveries a second at most.
    pub rate: Option<u32>,
}

impl Line {
    pub fn new(client: Client, clearance: Clearance, manner: &Manner, secret: &SecretString) -> Self {
        let text = secret.expose_secret();
        let forms = [text.to_owned(), STANDARD.encode(text), hex::encode(text)];
        Self {
            client,
            clearance,
            timeout: manner.timeout,
            patience: manner.patience,
            gap: manner.rate.map(|rate| Duration::from_secs(1) / rate.max(1)),
            slot: Mutex::new(None),
            secret: forms.map(SecretString::from).into(),
            sent: AtomicU32::new(0),
            throttled: AtomicBool::new(false),
            seen: Mutex::new(Seen::default()),
        }
    }

    /// Requests that went out.
    pub fn sent(&self) -> u32 {
        self.sent.load(Ordering::Relaxed)
    }

    /// The receiver asked for a pause at least once.
    pub fn is_throttled(&self) -> bool {
        self.throttled.load(Ordering::Relaxed)
    }

    pub fn seen(&self) -> Seen {
        self.seen.lock().map(|seen| seen.clone()).unwrap_or_default()
    }

    /// Sends a delivery, again where the receiver asks for a pause that is short enough.
    pub async fn send(&self, case: &'static str, delivery: &Delivery) -> (Answered, HeaderMap) {
        let mut tries = 1;
        loop {
            let (answer, headers) = self.send_once(case, delivery).await;
            let pause = if answer.outcome == Ok(429) { pause(&headers, self.patience) } else { None };
            match pause {
                Some(pause) if tries < TRIES => {
                    self.throttled.store(true, Ordering::Relaxed);
                    tries += 1;
                    tokio::time::sleep(pause).await;
                }
                _ => return (answer, headers),
            }
        }
    }

    /// The same without patience, as a flood is sent.
    pub async fn send_once(&self, case: &'static str, delivery: &Delivery) -> (Answered, HeaderMap) {
        self.wait_for_slot().await;
        self.sent.fetch_add(1, Ordering::Relaxed);
        let sent = self.client.deliver(&delivery.request, delivery.pace, &self.clearance, self.timeout).await;
        let (headers, body) = match &sent.outcome {
            Ok(response) => (response.headers.clone(), response.body.clone()),
            Err(_) => (HeaderMap::new(), bytes::Bytes::new()),
        };
        let text = |name: &str| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let media_type = text("content-type");
        let answer = Answered {
            outcome: sent.outcome.map(|response| response.status.as_u16()),
            took: sent.took,
            location: text("location").map(|place| place.chars().take(120).collect()),
            media_type: media_type.map(|value| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()),
            body: body[..body.len().min(KEPT)].to_vec(),
        };
        self.look(case, delivery, &answer, &headers, &body);
        (answer, headers)
    }

    async fn wait_for_slot(&self) {
        let Some(gap) = self.gap else { return };
        let now = clock::start();
        let at = match self.slot.lock() {
            Ok(mut slot) => {
                let at = slot.map_or(now, |next| next.max(now));
                *slot = Some(at + gap);
                at
            }
            Err(_) => now,
        };
        tokio::time::sleep(at.saturating_duration_since(now)).await;
    }

    fn look(&self, case: &'static str, delivery: &Delivery, answer: &Answered, headers: &HeaderMap, body: &[u8]) {
        let Ok(mut seen) = self.seen.lock() else { return };
        if delivery.honest && seen.slowest.is_none_or(|(slowest, _)| answer.took > slowest) {
            seen.slowest = Some((answer.took, case));
        }
        if answer.outcome.is_err() {
            return;
        }
        seen.answers += 1;
        let mut text = String::from_utf8_lossy(&body[..body.len().min(SEARCHED)]).into_owned();
        if leak::trace(&text).is_some() {
            seen.trace_in = seen.trace_in.or(leak::trace(&text).map(|language| (case, language)));
        }
        for value in headers.values() {
            text.push('\n');
            text.push_str(&String::from_utf8_lossy(value.as_bytes()));
        }
        if leak::held(&text, self.secret.iter().map(SecretString::expose_secret)).is_some() {
            seen.secret_in = seen.secret_in.or(Some(case));
        }
        if leak::held(&text, delivery.right.as_deref()).is_some() {
            seen.signature_in = seen.signature_in.or(Some(case));
        }
        if answer.media_type.as_deref() == Some("text/html") {
            seen.page_in = seen.page_in.or(Some(case));
        }
    }
}

/// The pause that a receiver asks for, if it is one that can be made; a second where it names none.
fn pause(headers: &HeaderMap, most: Duration) -> Option<Duration> {
    let asked = headers.get("retry-after").and_then(|value| value.to_str().ok());
    let pause = match asked {
        None => Duration::from_secs(1),
        // A date is not what a rate limit is told in; it is not waited for.
        Some(text) => Duration::from_secs(text.trim().parse().ok()?),
    };
    (pause <= most).then_some(pause.max(Duration::from_millis(100)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::HeaderMap;

    use super::pause;

    #[test]
    fn only_a_short_pause_is_made() {
        let most = Duration::from_secs(10);
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", text.parse().unwrap());
            pause(&headers, most)
        };
        assert_eq!(pause(&HeaderMap::new(), most), Some(Duration::from_secs(1)));
        assert_eq!(of("2"), Some(Duration::from_secs(2)));
        assert_eq!(of("0"), Some(Duration::from_millis(100)));
        assert_eq!((of("60"), of("soon"), of("-1")), (None, None, None));
    }
}
