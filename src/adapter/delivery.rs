//! Deliveries to a webhook receiver: whole, dripped or cut, and only to whom they may be sent.

use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use url::{Host, Url};

use crate::adapter::permits::{Permits, Speaker};
use crate::domain::exchange::Request;

/// How a body comes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pace {
    Whole,
    /// In pieces, with pauses between them.
    Dripped,
    /// Half of it, and then the connection is closed.
    Cut,
}

/// Pieces of a dripped body, and the pause before each but the first.
const PIECES: usize = 5;
const PAUSE: Duration = Duration::from_millis(50);

/// Proof that a receiver may be sent what it did not ask for: it is on this machine, or an approval in the ledger opens
/// it. Made here alone.
#[derive(Clone, Debug)]
pub struct Clearance {
    origin: url::Origin,
    path: String,
    /// Sequence of the approval.
    pub approval: Option<u64>,
}

impl Clearance {
    /// For a receiver on this machine; None for any other.
    pub fn of_loopback(url: &Url) -> Option<Self> {
        let here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        here.then(|| Self { origin: url.origin(), path: url.path().to_owned(), approval: None })
    }

    /// For a receiver that an approval opens: one request stands for the whole suite, and the ledger says so.
    ///
    /// # Errors
    /// No approval covers it; why, in words that end the sentence "no approval covers it".
    pub fn of_approval(permits: &Permits, speaker: &Speaker, request: &Request) -> Result<Self, String> {
        let approval = permits.open(speaker, request)?;
        let url = &request.url;
        Ok(Self { origin: url.origin(), path: url.path().to_owned(), approval: Some(approval) })
    }

    /// Only the receiver's own address is cleared, with whatever query.
    pub fn covers(&self, url: &Url) -> bool {
        url.origin() == self.origin && url.path() == self.path
    }
}

/// The body of a request as it is to come.
pub(super) fn body(bytes: &Bytes, pace: Pace) -> reqwest::Body {
    match pace {
        Pace::Whole => reqwest::Body::from(bytes.clone()),
        Pace::Dripped => {
            let size = bytes.len().div_ceil(PIECES).max(1);
            let pieces: Vec<Bytes> = bytes.chunks(size).map(Bytes::copy_from_slice).collect();
            let drip = stream::unfold((pieces.into_iter(), true), |(mut pieces, first)| async move {
                let piece = pieces.next()?;
                if !first {
                    tokio::time::sleep(PAUSE).await;
                }
                Some((Ok::<_, std::io::Error>(piece), (pieces, false)))
            });
            reqwest::Body::wrap_stream(drip)
        }
        Pace::Cut => {
            let half = bytes.slice(..bytes.len() / 2);
            let broken = std::io::Error::new(std::io::ErrorKind::ConnectionAborted, "cut on purpose");
            let pieces = stream::unfold((Some(half), Some(broken)), |(half, broken)| async move {
                if let Some(half) = half {
                    return Some((Ok(half), (None, broken)));
                }
                // What was written has to be on its way before the connection ends.
                tokio::time::sleep(PAUSE).await;
                broken.map(|broken| (Err(broken), (None, None)))
            });
            reqwest::Body::wrap_stream(pieces)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Clearance;

    #[test]
    fn only_this_machine_is_free_and_only_the_address_that_was_named() {
        for (url, free) in [
            ("http://127.0.0.1:3000/hook", true),
            ("http://localhost/hook", true),
            ("http://[::1]:9/hook", true),
            ("https://localhost.example/hook", false),
            ("http://10.0.0.1/hook", false),
            ("http://0.0.0.0/hook", false),
        ] {
            assert_eq!(Clearance::of_loopback(&url.parse().unwrap()).is_some(), free, "{url}");
        }
        let clearance = Clearance::of_loopback(&"http://localhost:1/hook".parse().unwrap()).unwrap();
        assert!(clearance.covers(&"http://localhost:1/hook?a=b".parse().unwrap()));
        assert!(!clearance.covers(&"http://localhost:1/other".parse().unwrap()));
        assert!(!clearance.covers(&"http://localhost:2/hook".parse().unwrap()));
    }
}
