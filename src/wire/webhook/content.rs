//! The bytes that are signed, by a scheme's template.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};
use sha2::{Digest as _, Sha256};
use url::{Url, form_urlencoded};

use crate::wire::webhook::scheme::{ContentType, Scheme};
use crate::wire::webhook::template::{Part, Template};

/// What a signature may be over.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    pub method: &'a Method,
    /// The whole address, as the sender knows it.
    pub url: &'a str,
    pub headers: &'a HeaderMap,
    pub id: &'a str,
    /// As it is written.
    pub timestamp: &'a str,
    pub body: &'a [u8],
}

/// A header that is signed is not there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MissingHeader(pub String);

/// Puts the parts together.
///
/// # Errors
/// A header that is signed is not there.
pub fn bytes(scheme: &Scheme, template: &Template, parts: &Parts<'_>) -> Result<Vec<u8>, MissingHeader> {
    let mut content = Vec::with_capacity(parts.body.len() + 64);
    for part in template.parts() {
        match part {
            Part::Joint(text) => content.extend_from_slice(text.as_bytes()),
            Part::Timestamp => content.extend_from_slice(parts.timestamp.as_bytes()),
            Part::Id => content.extend_from_slice(parts.id.as_bytes()),
            Part::Body => content.extend_from_slice(parts.body),
            Part::Url => content.extend_from_slice(parts.url.as_bytes()),
            Part::Method => content.extend_from_slice(parts.method.as_str().as_bytes()),
            Part::Path => content.extend_from_slice(path(parts.url).as_bytes()),
            Part::Form if is_form(scheme, parts.headers) => content.extend_from_slice(form(parts.body).as_bytes()),
            Part::Form => {}
            Part::Header(name) => {
                let value = parts.headers.get(name).ok_or_else(|| MissingHeader(name.to_owned()))?;
                content.extend_from_slice(value.as_bytes());
            }
        }
    }
    Ok(content)
}

/// An address from its path on, as it was written.
fn path(url: &str) -> &str {
    let after = url.find("://").map_or(0, |at| at + 3);
    url[after..].find('/').map_or("/", |at| &url[after + at..])
}

/// Whether the body is a form; where no header says, it is what the vendor sends.
pub fn is_form(scheme: &Scheme, headers: &HeaderMap) -> bool {
    match headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) {
        Some(value) => {
            value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(ContentType::Form.as_str())
        }
        None => scheme.content_type == ContentType::Form,
    }
}

/// Names and values run together, sorted by both, each pair once: what Twilio's own libraries sign (twilio-node 5,
/// `lib/webhooks/webhooks.ts`).
pub fn form(body: &[u8]) -> String {
    let mut pairs: Vec<_> = form_urlencoded::parse(body).collect();
    pairs.sort();
    pairs.dedup();
    pairs.into_iter().flat_map(|(name, value)| [name, value]).collect()
}

impl Scheme {
    /// The address to which a body is sent: with its digest where the scheme puts that there.
    pub fn address(&self, url: &str, headers: &HeaderMap, body: &[u8]) -> String {
        let (Some(name), Ok(mut parsed)) = (&self.body_digest, Url::parse(url)) else { return url.to_owned() };
        if is_form(self, headers) || body.is_empty() {
            return url.to_owned();
        }
        let others: Vec<_> = parsed.query_pairs().into_owned().filter(|(known, _)| known != name.as_ref()).collect();
        parsed.query_pairs_mut().clear().extend_pairs(others).append_pair(name, &hex::encode(Sha256::digest(body)));
        parsed.into()
    }
}

#[cfg(test)]
mod tests {
    use super::{form, path};

    #[test]
    fn forms_are_sorted_and_each_pair_stands_once() {
        assert_eq!(form(b"b=2&a=1&b=2&b=1&c=%2B%20x+y"), "a1b1b2c+ x y");
        assert_eq!(form(b""), "");
    }

    #[test]
    fn a_path_is_taken_as_it_was_written() {
        let table = [
            ("https://a.example/x?y=%7e", "/x?y=%7e"),
            ("https://a.example", "/"),
            ("/already", "/already"),
            ("", "/"),
        ];
        for (url, expected) in table {
            assert_eq!(path(url), expected, "{url}");
        }
    }
}
