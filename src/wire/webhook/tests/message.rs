//! RFC 9421: the published signatures, and what a webhook asks for beyond them.

use std::borrow::Cow;

use http::{HeaderMap, Method};

use super::{Delivery, at, headers, keys};
use crate::wire::webhook::key::Key;
use crate::wire::webhook::refusal::Refusal;
use crate::wire::webhook::scheme::{Scheme, Signed};
use crate::wire::webhook::schemes::{RFC9421, RFC9421_ED25519, RFC9421_P256};
use crate::wire::webhook::verify::Received;

const CREATED: i64 = 1_618_884_473;
const BODY: &[u8] = b"{\"hello\": \"world\"}";
const SHARED: &str = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==";

/// The request that appendix B signs.
fn request(input: &str, signature: &str) -> HeaderMap {
    headers(&[
        ("host", "example.com"),
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("content-type", "application/json"),
        (
            "content-digest",
            "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
        ),
        ("content-length", "18"),
        ("signature-input", input),
        ("signature", signature),
    ])
}

/// The scheme, but content with what the appendix covers.
fn covering(scheme: &Scheme, components: &[&'static str]) -> Scheme {
    let components = components.iter().map(|name| Cow::Borrowed(*name)).collect();
    Scheme { signed: Signed::Components(Cow::Owned(components)), ..scheme.clone() }
}

fn verify(scheme: &Scheme, key: &Key, headers: &HeaderMap, body: &[u8], second: i64) -> Result<(), Refusal> {
    let url = "https://example.com/foo?param=Value&Pet=dog";
    scheme.verify(key, &Received { method: &Method::POST, url, headers, body }, at(second))
}

/// Appendix B.2.5.
fn shared() -> HeaderMap {
    request(
        r#"sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret""#,
        "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:",
    )
}

/// Appendix B.2.6.
fn ed25519() -> HeaderMap {
    request(
        r#"sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519""#,
        "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
    )
}

#[test]
fn the_published_signatures_verify() {
    let scheme = covering(&RFC9421, &["@authority"]);
    assert_eq!(verify(&scheme, &scheme.key(SHARED).unwrap(), &shared(), BODY, CREATED), Ok(()));
    let scheme = covering(&RFC9421_ED25519, &["@method"]);
    let public = scheme.public_key("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=").unwrap();
    assert_eq!(verify(&scheme, &public, &ed25519(), BODY, CREATED), Ok(()));
    // Ed25519 signs the same twice, so the private key gives the published bytes.
    let private = scheme.key("n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU=").unwrap();
    assert_eq!(verify(&scheme, &private, &ed25519(), BODY, CREATED), Ok(()));
}

#[test]
fn a_signature_that_leaves_the_body_out_is_refused() {
    let refused = verify(&RFC9421, &RFC9421.key(SHARED).unwrap(), &shared(), BODY, CREATED);
    assert_eq!(refused, Err(Refusal::NotCovered("@method".to_owned())));
    let scheme = covering(&RFC9421, &["@authority", "content-digest"]);
    let refused = verify(&scheme, &scheme.key(SHARED).unwrap(), &shared(), BODY, CREATED);
    assert_eq!(refused, Err(Refusal::NotCovered("content-digest".to_owned())));
}

#[test]
fn each_wrong_thing_has_its_word() {
    let scheme = covering(&RFC9421, &["@authority"]);
    let key = scheme.key(SHARED).unwrap();
    let with = |input: &str| {
        let mut changed = shared();
        changed.insert("signature-input", input.parse().unwrap());
        verify(&scheme, &key, &changed, BODY, CREATED).unwrap_err().word()
    };
    let table = [
        (
            r#"sig-b25=("@authority" "date" "content-type");created=1618884473;keyid="test-shared-secret""#,
            "wrong-signature",
        ),
        (
            r#"sig-b25=("date" "@authority" "content-type");created=1618884474;keyid="test-shared-secret""#,
            "wrong-signature",
        ),
        (r#"sig-b25=("date" "@authority" "content-type");keyid="test-shared-secret""#, "no-timestamp"),
        (r#"sig-b25=("@authority");created="soon""#, "bad-timestamp"),
        (r#"sig-b25=("@authority");created=1618884473;alg="ed25519""#, "other-algorithm"),
        (r#"sig-b25=("@authority" "@nothing");created=1618884473"#, "unknown-component"),
        (r#"sig-b25=("@authority" "x-absent");created=1618884473"#, "no-signed-header"),
        (r#"sig-b25=("@authority" "@authority");created=1618884473"#, "unstructured"),
        (r#"sig-b25=("@authority";req);created=1618884473"#, "not-covered"),
        (r#"sig-b25="@authority""#, "unstructured"),
        ("sig-b25=(", "unstructured"),
        (r#"other=("@authority");created=1618884473"#, "no-signature"),
    ];
    for (input, word) in table {
        assert_eq!(with(input), word, "{input}");
    }
    let late = verify(&scheme, &key, &shared(), BODY, CREATED + 301);
    assert_eq!(late, Err(Refusal::Stale { age: 301, allowed: 300 }));
}

#[test]
fn the_body_is_held_against_its_digest() {
    for scheme in [&RFC9421, &RFC9421_ED25519, &RFC9421_P256] {
        let (secret, public) = keys(scheme);
        let mut good = Delivery::signed(scheme, &secret, at(CREATED), BODY);
        assert_eq!(scheme.verify(&public, &good.received(), at(CREATED)), Ok(()), "{}", scheme.name);
        good.body = b"{\"hello\": \"mars\"}".to_vec();
        let refused = scheme.verify(&public, &good.received(), at(CREATED));
        assert_eq!(refused, Err(Refusal::OtherBody("content-digest".to_owned())));
        let mut moved = Delivery::signed(scheme, &secret, at(CREATED), BODY);
        moved.url = "https://elsewhere.example/hooks?a=1".to_owned();
        assert_eq!(scheme.verify(&public, &moved.received(), at(CREATED)), Err(Refusal::WrongSignature));
    }
}
