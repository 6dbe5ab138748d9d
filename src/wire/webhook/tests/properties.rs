//! What holds for every scheme, every body and every header.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};

use super::{Delivery, at, keys};
use crate::wire::webhook::refusal::Refusal;
use crate::wire::webhook::schemes::SCHEMES;
use crate::wire::webhook::verify::Received;

const NOW: i64 = 1_767_225_600;

#[test]
fn every_scheme_verifies_what_it_signs() {
    for scheme in SCHEMES {
        let (secret, public) = keys(scheme);
        let delivery = Delivery::signed(scheme, &secret, at(NOW), b"{\"a\":1}");
        assert_eq!(scheme.verify(&public, &delivery.received(), at(NOW)), Ok(()), "{}", scheme.name);
        let (other_secret, other_public) = keys(scheme);
        let refused = scheme.verify(&other_public, &delivery.received(), at(NOW));
        assert_eq!(refused, Err(Refusal::WrongSignature), "{}", scheme.name);
        let other = Delivery::signed(scheme, &other_secret, at(NOW), b"{\"a\":1}");
        assert_eq!(scheme.verify(&public, &other.received(), at(NOW)), Err(Refusal::WrongSignature), "{}", scheme.name);
    }
}

#[test]
fn every_signature_header_is_needed_and_stands_once() {
    for scheme in SCHEMES {
        let (secret, public) = keys(scheme);
        let good = Delivery::signed(scheme, &secret, at(NOW), b"{}");
        let name: HeaderName = scheme.signature.header.parse().unwrap();
        let verify = |headers: &HeaderMap| {
            let received = Received { headers, ..good.received() };
            scheme.verify(&public, &received, at(NOW)).unwrap_err().word()
        };
        let mut without = good.headers.clone();
        without.remove(&name);
        assert_eq!(verify(&without), "no-signature", "{}", scheme.name);
        let mut twice = good.headers.clone();
        twice.append(&name, twice[&name].clone());
        assert_eq!(verify(&twice), "repeated-header", "{}", scheme.name);
        let mut empty = good.headers.clone();
        empty.insert(&name, HeaderValue::from_static(""));
        assert_eq!(verify(&empty), "empty-signature", "{}", scheme.name);
        let mut latin = good.headers.clone();
        latin.insert(&name, HeaderValue::from_bytes(b"\xe4").unwrap());
        assert_eq!(verify(&latin), "not-text", "{}", scheme.name);
        if let Some(stamp) = scheme.timestamp_header() {
            let mut undated = good.headers.clone();
            undated.remove(stamp);
            assert_eq!(verify(&undated), "no-timestamp", "{}", scheme.name);
            let mut redated = good.headers.clone();
            redated.insert(stamp.parse::<HeaderName>().unwrap(), HeaderValue::from_static("+1767225600"));
            assert_eq!(verify(&redated), "bad-timestamp", "{}", scheme.name);
        }
    }
}

/// A header's value: any bytes that may stand in one, or such as a signature nearly is.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let letters = "(v1[,=]|v0=|t=|sha256=|sha1=|sig1=|[(]|[)]|\"|:|;|,| |[0-9a-f]{1,9}|[A-Za-z0-9+/=]{1,9}|-|é){0,12}";
    let near = letters.prop_map(String::into_bytes);
    prop_oneof![prop::collection::vec(any::<u8>(), 0..80), near]
}

proptest! {
    #[test]
    fn any_body_that_is_signed_verifies_and_any_flipped_bit_does_not(
        index in 0..SCHEMES.len(),
        body in prop::collection::vec(any::<u8>(), 1..200),
        place in any::<prop::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let scheme = SCHEMES[index];
        let (secret, public) = keys(scheme);
        // A form is signed by what it says; bytes are told apart only where they are signed.
        let json = scheme.body_digest.is_some();
        let mut good = Delivery::signed(scheme, &secret, at(NOW), &body);
        if json {
            let headers: HeaderMap = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))].into_iter().collect();
            let url = scheme.address("https://app.example/x", &headers, &body);
            let unsigned = crate::wire::webhook::sign::Unsigned {
                method: &Method::POST, url: &url, headers: &headers, id: "", timestamp: "", body: &body,
            };
            let mut signed = headers.clone();
            signed.extend(scheme.sign(&secret, &unsigned).unwrap());
            good = Delivery { url, headers: signed, body: body.clone() };
        }
        assert_eq!(scheme.verify(&public, &good.received(), at(NOW)), Ok(()));
        let mut flipped = body.clone();
        *place.get_mut(&mut flipped) ^= 1 << bit;
        let received = Received { body: &flipped, ..good.received() };
        let refusal = scheme.verify(&public, &received, at(NOW)).unwrap_err();
        assert!(matches!(refusal, Refusal::WrongSignature | Refusal::OtherBody(_)), "{refusal:?}");
    }

    #[test]
    fn any_changed_letter_of_a_signature_is_refused(
        index in 0..SCHEMES.len(),
        place in any::<prop::sample::Index>(),
        letter in "[ -~]",
    ) {
        let scheme = SCHEMES[index];
        let (secret, public) = keys(scheme);
        let mut delivery = Delivery::signed(scheme, &secret, at(NOW), b"{\"a\":1}");
        let name: HeaderName = scheme.signature.header.parse().unwrap();
        let value = delivery.headers[&name].to_str().unwrap().to_owned();
        let at_byte = place.index(value.len());
        let mut changed = value.clone();
        changed.replace_range(at_byte..=at_byte, &letter);
        if changed.trim() != value.trim() {
            delivery.headers.insert(&name, changed.trim().parse().unwrap());
            assert!(scheme.verify(&public, &delivery.received(), at(NOW)).is_err(), "{changed}");
        }
    }

    #[test]
    fn no_header_is_too_strange_to_be_refused(
        index in 0..SCHEMES.len(),
        values in prop::collection::vec(value(), 3),
        body in prop_oneof![Just(Vec::new()), prop::collection::vec(any::<u8>(), 0..40)],
        url in "(https?://)?[a-z%é:/?#@.]{0,20}",
    ) {
        let scheme = SCHEMES[index];
        let (_, public) = keys(scheme);
        let mut headers = HeaderMap::new();
        let names = [
            Some(scheme.signature.header.as_ref()),
            scheme.timestamp_header().or(Some("signature-input")),
            scheme.delivery_id.as_deref().or(Some("content-digest")),
        ];
        for (name, value) in names.into_iter().flatten().zip(&values) {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                headers.insert(name.parse::<HeaderName>().unwrap(), value);
            }
        }
        let received = Received { method: &Method::POST, url: &url, headers: &headers, body: &body };
        assert!(scheme.verify(&public, &received, at(NOW)).is_err());
    }
}
