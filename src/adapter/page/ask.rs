//! What a request to the live page asks for, and what it is answered.

use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::StatusCode;
use jiff::Timestamp;
use tokio::sync::watch;

/// What is asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Ask {
    Services,
    Service(String),
    Incidents,
    Incident(String),
    Readiness,
    /// The form for a token: why the one before did not open, and where to go behind it.
    SignIn {
        told: Option<String>,
        next: String,
    },
    /// Nothing is there, or something went wrong: a title and a sentence.
    Said(StatusCode, &'static str, String),
    Api(Api),
    Metrics,
    /// A service, and whether as SVG (else as the document that a drawer of badges reads).
    Badge {
        service: String,
        svg: bool,
    },
    /// Whether the monitor goes round and its history is written.
    Healthz,
    File(File),
}

/// A document of the API.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Api {
    Overview,
    Service(String),
    Incidents,
    Incident(String),
    Readiness,
}

/// A file that pages refer to; the same for everybody.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum File {
    Style,
    Script,
    Icon,
    OpenApi,
}

impl Ask {
    /// The page at a path; None where no page of that path changes by itself.
    pub fn page(path: &str) -> Option<Self> {
        let name = |rest: &str| Some(rest.to_owned()).filter(|name| !name.is_empty() && !name.contains('/'));
        match path {
            "/" => Some(Self::Services),
            "/incidents" => Some(Self::Incidents),
            "/readiness" => Some(Self::Readiness),
            _ => {
                let service = path.strip_prefix("/services/").and_then(name).map(Self::Service);
                service.or_else(|| path.strip_prefix("/incidents/").and_then(name).map(Self::Incident))
            }
        }
    }

    /// The path by which the parts of a page are asked for again.
    pub fn path(&self) -> Option<String> {
        match self {
            Self::Services => Some("/".to_owned()),
            Self::Incidents => Some("/incidents".to_owned()),
            Self::Readiness => Some("/readiness".to_owned()),
            Self::Service(name) => Some(format!("/services/{name}")),
            Self::Incident(id) => Some(format!("/incidents/{id}")),
            _ => None,
        }
    }
}

/// Who asks.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Viewer {
    /// Gave the token.
    pub signed_in: bool,
    /// There is a token that could be given.
    pub can_sign_in: bool,
    /// Anybody may look.
    pub public: bool,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub content_type: &'static str,
    pub body: Bytes,
}

/// The parts of a page, at one moment.
#[derive(Clone, Debug)]
pub struct Parts {
    pub title: String,
    /// When it was so.
    pub at: Timestamp,
    /// The `id` of an element, and its markup.
    pub parts: Vec<(String, String)>,
}

/// What became of the word that an incident was seen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Acknowledged {
    Done,
    /// None of that name is open that nobody had seen.
    NotOpen,
    /// The monitor does not answer.
    Nobody,
}

/// Who answers.
pub trait Pages: Send + Sync + 'static {
    fn answer(&self, ask: Ask, viewer: Viewer) -> BoxFuture<'_, Answer>;

    /// None where there is no such page any more.
    fn parts(&self, ask: Ask, viewer: Viewer) -> BoxFuture<'_, Option<Arc<Parts>>>;

    fn acknowledge(&self, id: String, by: String) -> BoxFuture<'_, Acknowledged>;

    /// Told when something may have changed.
    fn changes(&self) -> watch::Receiver<u64>;
}

#[cfg(test)]
mod tests {
    use super::Ask;

    #[test]
    fn a_page_is_found_by_its_path_and_says_it() {
        for path in ["/", "/incidents", "/readiness", "/services/shopify", "/incidents/shopify-1800000000"] {
            assert_eq!(Ask::page(path).and_then(|ask| ask.path()).as_deref(), Some(path));
        }
        for path in ["", "/services/", "/services/a/b", "/metrics", "//evil.example", "/live.js"] {
            assert_eq!(Ask::page(path), None, "{path}");
        }
    }
}
