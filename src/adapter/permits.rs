//! Approvals of the ledger, asked before each request that may change a live service.

use std::collections::BTreeMap;
use std::sync::Arc;

use url::Url;

use crate::adapter::clock;
use crate::adapter::ledger::Ledger;
use crate::adapter::signing;
use crate::domain::contract::ContractHash;
use crate::domain::declaration::scope::Asked;
use crate::domain::declaration::standing::{Court, Doubt};
use crate::domain::declaration::{Declaration, Opened};
use crate::domain::entry::{Body, History};
use crate::domain::exchange::Request;
use crate::domain::integration::Name;
use crate::domain::inventory::Inventory;
use crate::domain::secret::Redactor;
use crate::wire::graphql;

/// Where approvals are looked up: one environment of one workspace.
pub struct Permits {
    pub ledger: Ledger,
    pub inventory: Inventory,
    pub environment: String,
    /// The contracts as they are today.
    pub contracts: BTreeMap<Name, ContractHash>,
    pub redactor: Redactor,
}

/// On whose behalf a request is sent.
#[derive(Clone, Debug)]
pub struct Speaker {
    pub integration: Name,
    pub base_url: Url,
    /// Of the scenario, without `@`.
    pub tags: Arc<[String]>,
}

/// Why a request is not opened, in words that end the sentence "no approval covers it".
type Refusal = String;

impl Permits {
    /// Tells whether an approval would open the request now. Nothing is written.
    pub fn would_open(&self, speaker: &Speaker, request: &Request) -> Result<(), Refusal> {
        let mut history = self.ledger.read().map_err(|error| format!(" ({error})"))?.history;
        self.find(speaker, request, &mut history).map(|_| ())
    }

    /// Finds the approval that opens the request, writes into the ledger that it did, and returns its sequence. It is
    /// looked up anew for each request: what is revoked, used up or expired during a run opens nothing more.
    pub fn open(&self, speaker: &Speaker, request: &Request) -> Result<u64, Refusal> {
        let decided = self.ledger.decide(clock::now(), |mut history| match self.find(speaker, request, &mut history) {
            Ok((approval, opened)) => (Some(Body::Opened(Box::new(opened))), Ok(approval)),
            Err(refusal) => (None, Err(refusal)),
        });
        // What cannot be written down is not done.
        decided.map_err(|error| format!(" ({error})"))?.1
    }

    fn find(&self, speaker: &Speaker, request: &Request, history: &mut History) -> Result<(u64, Opened), Refusal> {
        let Some(path) = below(&speaker.base_url, &request.url) else {
            return Err(format!(": it goes elsewhere than {}", speaker.integration));
        };
        if overrides_method(request) {
            return Err(": it asks the server to take it for another method".to_owned());
        }
        signing::check(&self.inventory, history);
        let asked = Asked {
            integration: &speaker.integration,
            method: request.method.as_str(),
            path,
            query: request.url.query(),
            graphql: names_graphql(&request.url).then(|| graphql::every_root_field(&request.body).unwrap_or_default()),
            tags: &speaker.tags,
            contract: self.contracts.get(&speaker.integration),
        };
        let now = clock::now();
        let court = Court { inventory: &self.inventory, history, environment: &self.environment, now };
        let approval = court.opens(&asked).map_err(|doubts| told(&doubts))?;
        let digest = history.declarations().find(|(sequence, _)| *sequence == approval);
        let opened = Opened {
            approval,
            digest: digest.map(|(_, declaration)| Declaration::digest(declaration)).unwrap_or_default(),
            integration: speaker.integration.clone(),
            environment: self.environment.clone(),
            method: asked.method.to_owned(),
            path: self.redactor.text(path),
            at: now,
        };
        Ok((approval, opened))
    }
}

/// The newest approvals that would cover it, and why they do not.
fn told(doubts: &[(u64, Doubt)]) -> String {
    let newest: Vec<String> =
        doubts.iter().rev().take(3).map(|(sequence, doubt)| format!("approval {sequence} {doubt}")).collect();
    if newest.is_empty() { String::new() } else { format!(" ({})", newest.join("; ")) }
}

/// The path below a base URL; None where it leads elsewhere.
fn below<'a>(base_url: &Url, url: &'a Url) -> Option<&'a str> {
    let rest = url.path().strip_prefix(base_url.path().trim_end_matches('/'))?;
    (url.origin() == base_url.origin() && rest.starts_with('/')).then_some(rest)
}

/// Headers by which some servers let a request act as another method.
const METHOD_OVERRIDES: [&str; 3] = ["x-http-method-override", "x-http-method", "x-method-override"];

/// Tells whether a header asks the server to take the request for another method.
pub fn has_override_header(request: &Request) -> bool {
    METHOD_OVERRIDES.iter().any(|name| request.headers.contains_key(*name))
}

/// Also by a member `_method` of the query or of a form, as Rack and Laravel read it.
fn overrides_method(request: &Request) -> bool {
    let named = |name: &str| name.eq_ignore_ascii_case("_method");
    let mut in_form = url::form_urlencoded::parse(&request.body);
    let text = String::from_utf8_lossy(&request.body).to_ascii_lowercase();
    let in_parts = ["name=\"_method\"", "name='_method'", "name=_method"].iter().any(|part| text.contains(part));
    has_override_header(request)
        || request.url.query_pairs().any(|(name, _)| named(&name))
        || in_form.any(|(name, _)| named(&name))
        || in_parts
}

/// Any POST may carry a member `query`; only to a GraphQL endpoint is it one.
pub fn names_graphql(url: &Url) -> bool {
    let last = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
    last.strip_suffix(".json").unwrap_or(last).eq_ignore_ascii_case("graphql")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, Method};

    use super::{below, overrides_method};
    use crate::domain::exchange::Request;

    #[test]
    fn only_what_lies_below_the_base_url_is_the_integrations() {
        let table = [
            ("https://a.example", "https://a.example/items", Some("/items")),
            ("https://a.example/", "https://a.example/items", Some("/items")),
            ("https://a.example/shop/", "https://a.example/shop/items", Some("/items")),
            ("https://a.example/shop", "https://a.example/shopping/items", None),
            ("https://a.example/shop", "https://a.example/items", None),
            ("https://a.example", "http://a.example/items", None),
            ("https://a.example", "https://a.example:444/items", None),
            ("https://a.example", "https://a.example.evil.example/items", None),
        ];
        for (base_url, url, path) in table {
            assert_eq!(below(&base_url.parse().unwrap(), &url.parse().unwrap()), path, "{base_url} {url}");
        }
    }

    #[test]
    fn a_request_that_acts_as_another_method_is_seen() {
        let request = |header: Option<(&'static str, &str)>, query: &str, body: &'static str| {
            let mut headers = HeaderMap::new();
            if let Some((name, value)) = header {
                headers.insert(name, value.parse().unwrap());
            }
            let url = format!("https://a.example/items{query}").parse().unwrap();
            Request { method: Method::POST, url, headers, body: Bytes::from_static(body.as_bytes()) }
        };
        let json = Some(("content-type", "application/json"));
        let form = Some(("content-type", "application/x-www-form-urlencoded"));
        let table = [
            (None, "", "", false),
            (json, "", "{\"_method\":\"about a member\"}", false),
            (form, "", "payment_method=card&name=x", false),
            (None, "", "--b\r\ncontent-disposition: form-data; name=\"_method\"\r\n\r\nput\r\n--b--", true),
            (form, "", "_METHOD=delete", true),
            (form, "", "name=x&%5fmethod=delete", true),
            (json, "?_method=delete", "{}", true),
            (json, "?%5Fmethod=delete", "{}", true),
            (Some(("x-http-method-override", "DELETE")), "", "", true),
            (Some(("x-method-override", "DELETE")), "", "", true),
        ];
        for (header, query, body, seen) in table {
            assert_eq!(overrides_method(&request(header, query, body)), seen, "{header:?} {query} {body}");
        }
    }
}
