//! What was done differently is found.

use http::{HeaderMap, HeaderName, Method};

use super::{at, headers};
use crate::wire::webhook::diagnosis::diagnose;
use crate::wire::webhook::scheme::{Algorithm, Encoding, Scheme, Signed};
use crate::wire::webhook::schemes::{CHATWOOT, GITHUB, SHOPIFY, STANDARD, STRIPE, ZENDESK};
use crate::wire::webhook::sign::Unsigned;
use crate::wire::webhook::template::Template;
use crate::wire::webhook::verify::Received;

const BODY: &str = r#"{"id":1,"name":"Zoë / Söhne"}"#;
const STAMP: &str = "1767225600";

/// Signs `signed` by `as_if` with `by`, and tells what a receiver of `scheme` with `secret` finds in `BODY`.
fn found(scheme: &Scheme, secret: &str, as_if: &Scheme, by: &[u8], signed: &str) -> Vec<String> {
    let nothing = HeaderMap::new();
    let stamp = if scheme.name == "zendesk" { "2026-01-01T00:00:00Z" } else { STAMP };
    let unsigned = Unsigned {
        method: &Method::POST,
        url: "",
        headers: &nothing,
        id: "msg_1",
        timestamp: stamp,
        body: signed.as_bytes(),
    };
    let headers: HeaderMap = as_if.sign(&as_if.key_of(by), &unsigned).unwrap().into_iter().collect();
    reasons(scheme, secret, &headers)
}

fn reasons(scheme: &Scheme, secret: &str, headers: &HeaderMap) -> Vec<String> {
    let key = scheme.key(secret).unwrap();
    let received = Received::of(headers, BODY.as_bytes());
    assert!(scheme.verify(&key, &received, at(1_767_225_600)).is_err(), "nothing is wrong");
    diagnose(scheme, Some(secret), &key, &received).reasons
}

/// That there is one reason, with these parts; none without parts.
#[track_caller]
fn told(reasons: &[String], parts: &[&str]) {
    assert_eq!(reasons.len(), usize::from(!parts.is_empty()), "{reasons:?}");
    for part in parts {
        assert!(reasons[0].contains(part), "{reasons:?} lacks {part}");
    }
}

#[test]
fn a_body_that_was_written_again_is_known_by_how() {
    let spaced = r#"{"id": 1, "name": "Zoë / Söhne"}"#;
    told(&found(&SHOPIFY, "secret", &SHOPIFY, b"secret", spaced), &["with spaces, as Python does"]);
    let escaped = r#"{"id":1,"name":"Zo\u00eb / S\u00f6hne"}"#;
    told(&found(&GITHUB, "secret", &GITHUB, b"secret", escaped), &["letters outside of ASCII escaped"]);
    told(&found(&GITHUB, "secret", &GITHUB, b"secret", &format!("{BODY}\n")), &["with a line break at its end"]);
}

#[test]
fn a_secret_that_was_read_otherwise_is_known() {
    told(&found(&SHOPIFY, "secret", &SHOPIFY, b"secret\n", BODY), &["with the secret and a line break"]);
    told(&found(&SHOPIFY, " secret ", &SHOPIFY, b"secret", BODY), &["without the spaces, line breaks or quotes"]);
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    told(&found(&STANDARD, secret, &STANDARD, secret.as_bytes(), BODY), &["the whole text of the secret"]);
    told(&found(&STRIPE, secret, &STRIPE, &secret.as_bytes()[6..], BODY), &[]);
    told(&found(&SHOPIFY, "c2VjcmV0", &SHOPIFY, b"secret", BODY), &["decoded from base64"]);
}

#[test]
fn another_writing_content_or_digest_is_known() {
    let hex = Scheme { encoding: Encoding::Hex, ..SHOPIFY.clone() };
    told(&found(&SHOPIFY, "secret", &hex, b"secret", BODY), &["written in lower-case hex, not in base64"]);
    let base64 = Scheme { encoding: Encoding::Base64, ..GITHUB.clone() };
    told(&found(&GITHUB, "secret", &base64, b"secret", BODY), &["written in base64, not in lower-case hex"]);
    let sha1 = Scheme { algorithm: Algorithm::HmacSha1, ..GITHUB.clone() };
    told(&found(&GITHUB, "secret", &sha1, b"secret", BODY), &["by HMAC-SHA1, not by HMAC-SHA256"]);
    let alone = Scheme { signed: Signed::Template(Template::known("{body}")), ..CHATWOOT.clone() };
    told(&found(&CHATWOOT, "secret", &alone, b"secret", BODY), &["over `{body}`, not over `{timestamp}.{body}`"]);
    let swapped = Scheme { signed: Signed::Template(Template::known("{body}{timestamp}")), ..ZENDESK.clone() };
    told(&found(&ZENDESK, "secret", &swapped, b"secret", BODY), &["over `{body}{timestamp}`, not"]);
    let mut bare = SHOPIFY.clone();
    bare.signature.prefix = "sha256=".into();
    told(&found(&SHOPIFY, "secret", &bare, b"secret", BODY), &["something stands before it"]);
}

#[test]
fn two_changes_are_found_together_and_three_are_not() {
    let spaced = r#"{"id": 1, "name": "Zoë / Söhne"}"#;
    let hex = Scheme { encoding: Encoding::Hex, ..SHOPIFY.clone() };
    told(&found(&SHOPIFY, "secret", &hex, b"secret", spaced), &["as Python does", "written in lower-case hex"]);
    told(&found(&SHOPIFY, "secret", &hex, b"secret\n", spaced), &[]);
    told(&found(&SHOPIFY, "secret", &SHOPIFY, b"quite another", BODY), &[]);
}

#[test]
fn headers_of_another_scheme_are_recognised() {
    let map = headers(&[("x-hub-signature-256", "sha256=00")]);
    told(&reasons(&SHOPIFY, "secret", &map), &["those of github or meta"]);
    let name: HeaderName = "svix-signature".parse().unwrap();
    let mut map = HeaderMap::new();
    map.insert(name, "v1,AA==".parse().unwrap());
    told(&reasons(&STANDARD, "c2VjcmV0", &map), &["those of svix"]);
}
