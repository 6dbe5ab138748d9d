//! What is signed by the vendor is believed, and nothing else.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::twin::Twin as _;
use crate::twin::kit::credentials::CHATWOOT_WEBHOOK_SECRET;
use crate::twin::kit::credentials::SHOPIFY_API_SECRET;
use crate::twin::webhooks::tests::{
    MESSAGE, MESSAGE_ESCAPED, ORDER, accepted, after, chatwoot, chatwoot_at, chatwoot_signature, deliver, effects,
    refused, set, shopify, shopify_signature, start, twin,
};

#[test]
fn vectors_that_others_published_are_accepted() {
    let mut twin = twin();
    twin.arrange(start(), "env:CHATWOOT_WEBHOOK_SECRET", &json!("chatwoot-secret")).unwrap();
    twin.arrange(start(), "env:SHOPIFY_API_SECRET", &json!("hush")).unwrap();
    let mut message = chatwoot("c-1", r#"{"event":"message_created","id":1,"content":"hi"}"#);
    set(&mut message, "x-chatwoot-timestamp", "1767225600");
    set(
        &mut message,
        "x-chatwoot-signature",
        "sha256=a17b4d24e77fd3fd541e823db700014b23a26fba1617fdfdc83183ff833ae13c",
    );
    assert_eq!(deliver(&mut twin, start(), &message).0, 200);
    let mut order = shopify("orders/create", "s-1", r#"{"id":820982911946154508}"#);
    set(&mut order, "x-shopify-hmac-sha256", "qBvrsZF7RfB1iS6BX6IHqJTp5L911P7intnPeTPsH0I=");
    assert_eq!(deliver(&mut twin, start(), &order), accepted("processed"));
}

#[test]
fn what_is_not_signed_by_the_vendor_is_refused_without_an_effect() {
    let signature = chatwoot_signature(CHATWOOT_WEBHOOK_SECRET, "1767225600", MESSAGE);
    let body_alone = chatwoot_signature(CHATWOOT_WEBHOOK_SECRET, "", MESSAGE);
    let other_secret = chatwoot_signature("another-secret", "1767225600", MESSAGE);
    let table = [
        ("", "wrong-signature"),
        ("sha256=", "wrong-signature"),
        (&signature[7..], "wrong-signature"),
        (&signature[..30], "wrong-signature"),
        (&signature.to_uppercase(), "wrong-signature"),
        (&body_alone, "wrong-signature"),
        (&body_alone[7..], "wrong-signature"),
        (&other_secret, "wrong-signature"),
        ("sha256=zz", "wrong-signature"),
        ("v1,not-a-signature", "wrong-signature"),
    ];
    let mut twin = twin();
    for (index, (forged, error)) in table.into_iter().enumerate() {
        let mut request = chatwoot(&format!("c-{index}"), MESSAGE);
        set(&mut request, "x-chatwoot-signature", forged);
        assert_eq!(deliver(&mut twin, start(), &request), refused(401, error), "{forged}");
    }
    for (header, error) in
        [("x-chatwoot-signature", "missing-signature"), ("x-chatwoot-timestamp", "missing-timestamp")]
    {
        let mut request = chatwoot("c-x", MESSAGE);
        request.headers_mut().remove(header);
        assert_eq!(deliver(&mut twin, start(), &request), refused(401, error), "{header}");
    }
    let mut elsewhere = chatwoot("c-y", MESSAGE);
    *elsewhere.uri_mut() = "/webhooks/shopify".parse().unwrap();
    assert_eq!(deliver(&mut twin, start(), &elsewhere), refused(401, "missing-signature"));
    assert_eq!(effects(&mut twin, start())["count"], 0);
}

#[test]
fn only_the_raw_body_is_what_was_signed() {
    let reserialised = serde_json::from_str::<Value>(MESSAGE_ESCAPED).unwrap().to_string();
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<Value>(MESSAGE).unwrap()).unwrap();
    let mut twin = twin();
    for (signed, sent) in [
        (MESSAGE_ESCAPED, reserialised.as_str()),
        (MESSAGE, pretty.as_str()),
        (MESSAGE, MESSAGE_ESCAPED),
        (MESSAGE, &format!("{MESSAGE}\n")),
        (ORDER, &ORDER.replace("379.97", "0.01")),
    ] {
        let mut request = chatwoot("c-1", signed);
        *request.body_mut() = Bytes::copy_from_slice(sent.as_bytes());
        assert_eq!(deliver(&mut twin, start(), &request), refused(401, "wrong-signature"));
    }
}

#[test]
fn a_timestamp_may_lie_five_minutes_off_in_both_directions() {
    for (seconds, expected) in [
        (0, accepted("processed")),
        (300, accepted("processed")),
        (301, refused(400, "outside-window")),
        (86_400, refused(400, "outside-window")),
    ] {
        let late = after(seconds);
        assert_eq!(deliver(&mut twin(), late, &chatwoot("c-1", MESSAGE)), expected, "{seconds} s ago");
        let early = chatwoot_at(late, "c-1", MESSAGE);
        assert_eq!(deliver(&mut twin(), start(), &early), expected, "{seconds} s ahead");
    }
    let mut moved = chatwoot("c-1", MESSAGE);
    set(&mut moved, "x-chatwoot-timestamp", &after(600).as_second().to_string());
    assert_eq!(
        deliver(&mut twin(), after(600), &moved),
        refused(401, "wrong-signature"),
        "the timestamp is signed, so an old delivery cannot be dated anew"
    );
    let mut retried = shopify("orders/create", "s-1", ORDER);
    set(&mut retried, "x-shopify-triggered-at", "2025-12-31T20:00:00.000000000Z");
    assert_eq!(deliver(&mut twin(), start(), &retried), accepted("processed"), "Shopify retries for four hours");
}

#[test]
fn both_secrets_are_good_for_a_day_after_a_rotation() {
    let signed = |secret: &str| {
        let mut request = shopify("orders/create", &format!("by-{secret}"), ORDER);
        set(&mut request, "x-shopify-hmac-sha256", &shopify_signature(secret, ORDER));
        request
    };
    let (old, new) = (signed(SHOPIFY_API_SECRET), signed("the-next-secret"));
    let mut twin = twin();
    assert_eq!(deliver(&mut twin, start(), &new).0, 401);
    twin.arrange(start(), "env:SHOPIFY_API_SECRET", &json!("the-next-secret")).unwrap();
    assert_eq!(twin.identity().variables["SHOPIFY_API_SECRET"], "the-next-secret");
    assert_eq!(deliver(&mut twin, start(), &new), accepted("processed"));
    assert_eq!(deliver(&mut twin, after(86_400), &old), accepted("processed"));
    assert_eq!(deliver(&mut twin, after(86_401), &old), refused(401, "wrong-signature"));
    assert_eq!(deliver(&mut twin, after(86_401), &new), accepted("duplicate"));

    let mut chatwoot_twin = crate::twin::webhooks::tests::twin();
    chatwoot_twin.arrange(start(), "previous-secret:shopify", &json!("the-next-secret")).unwrap();
    assert_eq!(deliver(&mut chatwoot_twin, start(), &new), accepted("processed"));
    assert_eq!(deliver(&mut chatwoot_twin, start(), &old), accepted("processed"));
}

#[test]
fn without_a_secret_nothing_is_accepted() {
    let mut twin = twin();
    twin.arrange(start(), "env:CHATWOOT_WEBHOOK_SECRET", &Value::Null).unwrap();
    let mut signed_with_nothing = chatwoot("c-2", MESSAGE);
    let empty = chatwoot_signature("", "1767225600", MESSAGE);
    set(&mut signed_with_nothing, "x-chatwoot-signature", &empty);
    for request in [chatwoot("c-1", MESSAGE), signed_with_nothing] {
        assert_eq!(deliver(&mut twin, start(), &request), refused(503, "no-secret"));
    }
    assert_eq!(deliver(&mut twin, start(), &shopify("orders/create", "s-1", ORDER)), accepted("processed"));
}
