//! Deliveries as the vendors make them, once, twice and late.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};
use serde_json::{Value, json};

use crate::twin::Twin as _;
use crate::twin::webhooks::tests::{
    DATA_REQUEST, MESSAGE, MESSAGE_ESCAPED, ORDER, SCHEMAS, STATUS, UNINSTALLED, accepted, after, audit, chatwoot,
    deliver, effects, refused, reply, set, shopify, start, twin,
};

#[test]
fn the_fixtures_are_what_the_vendors_send() {
    for (text, schema) in [
        (MESSAGE, "chatwoot-message.json"),
        (MESSAGE_ESCAPED, "chatwoot-message.json"),
        (STATUS, "chatwoot-conversation.json"),
        (ORDER, "shopify-order.json"),
        (UNINSTALLED, "shopify-shop.json"),
        (DATA_REQUEST, "shopify-data-request.json"),
    ] {
        assert!(SCHEMAS.allow(schema, &serde_json::from_str(text).unwrap()), "{text}");
    }
    let mut hotdash: Value = serde_json::from_str(MESSAGE).unwrap();
    hotdash["message_type"] = json!(0);
    assert!(!SCHEMAS.allow("chatwoot-message.json", &hotdash));
    assert!(!MESSAGE.is_ascii() && MESSAGE_ESCAPED.is_ascii());
    let parsed = |text| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(parsed(MESSAGE), parsed(MESSAGE_ESCAPED));
}

#[test]
fn what_the_vendors_send_is_accepted_whatever_its_letters() {
    let mut twin = twin();
    for (request, outcome) in [
        (chatwoot("c-1", MESSAGE), "processed"),
        (chatwoot("c-2", MESSAGE_ESCAPED), "processed"),
        (chatwoot("c-3", STATUS), "processed"),
        (shopify("orders/create", "s-1", ORDER), "processed"),
        (shopify("app/uninstalled", "s-2", UNINSTALLED), "processed"),
        (shopify("customers/data_request", "s-3", DATA_REQUEST), "processed"),
        (shopify("products/update", "s-4", r#"{"id":1}"#), "filtered"),
        (chatwoot("c-4", r#"{"event":"conversation_resolved","id":1}"#), "filtered"),
    ] {
        assert_eq!(deliver(&mut twin, start(), &request), accepted(outcome), "{:?}", request.headers());
    }
    let effects = effects(&mut twin, start());
    let subjects: Vec<_> =
        effects["effects"].as_array().unwrap().iter().map(|e| e["subject"].as_str().unwrap()).collect();
    assert_eq!(
        subjects,
        [
            "chatwoot/message/42",
            "chatwoot/message/42",
            "chatwoot/conversation/12",
            "shopify/orders/820982911946154508",
            "shopify/app/954889",
            "shopify/customers/191167"
        ]
    );
}

#[test]
fn a_delivery_has_its_effect_once_for_seven_days() {
    let mut twin = twin();
    let order = shopify("orders/create", "s-1", ORDER);
    assert_eq!(deliver(&mut twin, start(), &order), accepted("processed"));
    assert_eq!(deliver(&mut twin, start(), &order), accepted("duplicate"));
    assert_eq!(deliver(&mut twin, after(7 * 86_400), &order), accepted("duplicate"));
    let changed = shopify("orders/create", "s-1", r#"{"id":1}"#);
    assert_eq!(deliver(&mut twin, after(1), &changed), accepted("conflicting-duplicate"));
    assert_eq!(effects(&mut twin, after(1))["count"], 1);
    // The same id from another source is another delivery.
    assert_eq!(deliver(&mut twin, start(), &chatwoot("s-1", MESSAGE)), accepted("processed"));
    assert_eq!(deliver(&mut twin, after(7 * 86_400 + 1), &order), accepted("processed"));
    assert_eq!(effects(&mut twin, after(1))["count"], 3);
}

#[test]
fn a_refused_delivery_may_be_sent_again() {
    let mut twin = twin();
    let mut forged = shopify("orders/create", "s-1", ORDER);
    set(&mut forged, "x-shopify-hmac-sha256", "bm90IGEgc2lnbmF0dXJl");
    assert_eq!(deliver(&mut twin, start(), &forged), refused(401, "wrong-signature"));
    assert_eq!(
        deliver(&mut twin, start(), &shopify("orders/create", "s-1", ORDER)),
        accepted("processed"),
        "a forger who guesses an id cannot make the real delivery a duplicate"
    );
}

#[test]
fn events_that_come_late_do_not_turn_the_state_back() {
    let status = |state: &str, at: u32| {
        format!(
            r#"{{"event":"conversation_status_changed","id":12,"status":"{state}","updated_at":{at},"account":{{"id":1}}}}"#
        )
    };
    let mut twin = twin();
    for (id, body) in [
        ("c-1", status("pending", 1_767_225_590)),
        ("c-2", status("resolved", 1_767_225_600)),
        ("c-3", status("open", 1_767_225_595)),
    ] {
        assert_eq!(deliver(&mut twin, start(), &chatwoot(id, &body)), accepted("processed"));
    }
    let effects = effects(&mut twin, start());
    let late: Vec<_> = effects["effects"].as_array().unwrap().iter().map(|effect| &effect["out_of_order"]).collect();
    assert_eq!(late, [false, false, true]);
    assert_eq!(effects["subjects"][0]["state"], "resolved");
    let sequences: Vec<_> = effects["effects"].as_array().unwrap().iter().map(|effect| &effect["sequence"]).collect();
    assert_eq!(sequences, [1, 2, 3]);
}

#[test]
fn the_answer_does_not_wait_for_the_work() {
    let mut twin = twin();
    twin.arrange(start(), "processing-ms", &json!(20_000)).unwrap();
    let reply = reply(&mut twin, start(), &chatwoot("c-1", MESSAGE));
    assert!(reply.delay < Duration::from_secs(5), "{:?}", reply.delay);
    assert_eq!(effects(&mut twin, after(19))["effects"][0]["work"], "queued");
    assert_eq!(effects(&mut twin, after(20))["effects"][0]["work"], "done");
}

proptest! {
    // Every answer is held against its schema, which takes its time.
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is repeated, in whatever order: each id has one effect, and the vendor always hears a success.
    #[test]
    fn each_id_has_one_effect(deliveries in vec((0..6_u8, 0..3_u8), 0..40)) {
        let mut twin = twin();
        for (second, (id, body)) in (0_u64..).zip(&deliveries) {
            let order = shopify("orders/create", &format!("s-{id}"), &format!(r#"{{"id":{body}}}"#));
            prop_assert_eq!(deliver(&mut twin, after(second), &order).0, 200);
        }
        let ids: BTreeSet<_> = deliveries.iter().map(|(id, _)| id).collect();
        let now = after(deliveries.len() as u64);
        prop_assert_eq!(&effects(&mut twin, now)["count"], &json!(ids.len()));
        prop_assert_eq!(audit(&mut twin, now)["entries"].as_array().map(Vec::len), Some(deliveries.len()));
    }

    /// Whatever stands in its headers and body, a delivery that nobody signed is refused as such, and nothing breaks.
    #[test]
    fn what_nobody_signed_is_401(signature in "[ -~]{0,80}", timestamp in "[0-9]{1,20}|[ -~]{0,20}", body in any::<Vec<u8>>()) {
        let mut request = chatwoot("c-1", MESSAGE);
        set(&mut request, "x-chatwoot-signature", &signature);
        set(&mut request, "x-chatwoot-timestamp", &timestamp);
        *request.body_mut() = body.into();
        prop_assert_eq!(deliver(&mut twin(), start(), &request).0, 401);
    }
}
