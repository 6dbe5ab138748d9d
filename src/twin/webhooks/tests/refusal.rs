//! What is no delivery is refused, with the reason.

use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::json;

use crate::twin::Twin as _;
use crate::twin::webhooks::tests::{
    MESSAGE, ORDER, accepted, after, chatwoot, deliver, effects, refused, reply, set, shopify, start, twin,
};

#[test]
fn what_is_no_delivery_is_refused_with_the_reason() {
    let mut get = chatwoot("c-1", "");
    *get.method_mut() = "GET".parse().unwrap();
    let mut text = chatwoot("c-1", MESSAGE);
    set(&mut text, "content-type", "text/plain");
    let mut untyped = chatwoot("c-1", MESSAGE);
    untyped.headers_mut().remove("content-type");
    let mut unknown = chatwoot("c-1", MESSAGE);
    *unknown.uri_mut() = "/webhooks/stripe".parse().unwrap();
    let mut other_shop = shopify("orders/create", "s-1", ORDER);
    set(&mut other_shop, "x-shopify-shop-domain", "other.myshopify.com");
    let without = |name| {
        let mut request = shopify("orders/create", "s-1", ORDER);
        request.headers_mut().remove(name);
        request
    };
    let big = format!(r#"{{"event":"message_created","content":"{}"}}"#, "x".repeat(1 << 20));
    let table = [
        (get, refused(405, "wrong-method")),
        (text, refused(415, "wrong-media-type")),
        (untyped, refused(415, "wrong-media-type")),
        (unknown, refused(403, "unknown-source")),
        (other_shop, refused(403, "unknown-tenant")),
        (without("x-shopify-shop-domain"), refused(403, "unknown-tenant")),
        (without("x-shopify-hmac-sha256"), refused(401, "missing-signature")),
        (without("x-shopify-topic"), refused(400, "missing-header")),
        (without("x-shopify-webhook-id"), refused(400, "missing-header")),
        (without("x-shopify-api-version"), refused(400, "missing-header")),
        (chatwoot("c-1", &big), refused(413, "too-large")),
        (chatwoot("c-1", &MESSAGE.replacen("\"id\":1,", "\"id\":2,", 1)), refused(403, "unknown-tenant")),
        (chatwoot("c-1", ""), refused(400, "invalid-json")),
        (chatwoot("c-1", "{\"event\":"), refused(400, "invalid-json")),
        (chatwoot("c-1", "[]"), refused(400, "invalid-json")),
        (chatwoot("c-1", r#"{"event":"a","event":"b"}"#), refused(400, "invalid-json")),
        (chatwoot("c-1", &"[".repeat(100_000)), refused(400, "invalid-json")),
        (chatwoot("c-1", r#"{"id":1}"#), refused(400, "no-event")),
        (chatwoot("c-1", r#"{"event":7}"#), refused(400, "no-event")),
    ];
    for (index, (request, expected)) in table.into_iter().enumerate() {
        let mut twin = twin();
        assert_eq!(deliver(&mut twin, start(), &request), expected, "line {index}");
        assert_eq!(effects(&mut twin, start())["count"], 0, "line {index}");
    }
    let mut charset = chatwoot("c-1", MESSAGE);
    set(&mut charset, "content-type", "Application/JSON; charset=utf-8");
    assert_eq!(deliver(&mut twin(), start(), &charset), accepted("processed"));
}

#[test]
fn a_refusal_names_what_is_allowed_and_when_to_come_back() {
    let mut twin = twin();
    let mut put = chatwoot("c-1", MESSAGE);
    *put.method_mut() = "PUT".parse().unwrap();
    assert_eq!(reply(&mut twin, start(), &put).response.headers()["allow"], "POST");
    let post = Request::post("/webhooks/audit").body(Bytes::new()).unwrap();
    assert_eq!(reply(&mut twin, start(), &post).response.headers()["allow"], "GET");
    for number in 0..10 {
        let order = shopify("orders/create", &format!("s-{number}"), ORDER);
        assert_eq!(deliver(&mut twin, start(), &order), accepted("processed"));
    }
    let eleventh = reply(&mut twin, start(), &shopify("orders/create", "s-10", ORDER));
    assert_eq!(eleventh.response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(eleventh.response.headers()["retry-after"], "1");
    assert_eq!(
        deliver(&mut twin, after(1), &shopify("orders/create", "s-10", ORDER)),
        accepted("processed"),
        "what was refused for its rate is no duplicate when it comes again"
    );
}

#[test]
fn what_the_twin_does_not_model_is_a_gap() {
    let mut twin = twin();
    let request = Request::get("/health").body(Bytes::new()).unwrap();
    assert!(reply(&mut twin, start(), &request).gap.is_some());
    for (setting, value) in [
        ("version", json!("2026")),
        ("env:SLACK_SECRET", json!("x")),
        ("env:SHOPIFY_API_SECRET", json!(1)),
        ("previous-secret:stripe", json!("x")),
        ("previous-secret:shopify", json!(1)),
        ("max-body-bytes", json!(-1)),
    ] {
        assert!(twin.arrange(start(), setting, &value).is_err(), "{setting}");
    }
}
