//! The audit log: complete, and silent.

use bytes::Bytes;
use http::{Request, StatusCode};

use crate::twin::kit::credentials::CHATWOOT_WEBHOOK_SECRET;
use crate::twin::kit::credentials::SHOPIFY_API_SECRET;
use crate::twin::webhooks::tests::{MESSAGE, SCHEMAS, after, audit, chatwoot, deliver, reply, set, start, twin};

#[test]
fn the_audit_log_has_every_delivery_and_no_secret() {
    let mut twin = twin();
    let mut forged = chatwoot("c-2", MESSAGE);
    set(&mut forged, "x-chatwoot-signature", "sha256=00");
    let mut long = chatwoot(&"i".repeat(500), MESSAGE);
    set(&mut long, "x-chatwoot-signature", "sha256=00");
    for request in [chatwoot("c-1", MESSAGE), chatwoot("c-1", MESSAGE), forged, chatwoot("c-3", "{}"), long] {
        deliver(&mut twin, start(), &request);
    }
    let shown = audit(&mut twin, start());
    let lines: Vec<_> = shown["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            (entry["outcome"].as_str().unwrap(), entry["verified"].as_bool().unwrap(), entry["event"].as_str())
        })
        .collect();
    assert_eq!(
        lines,
        [
            ("processed", true, Some("message_created")),
            ("duplicate", true, Some("message_created")),
            ("wrong-signature", false, None),
            ("no-event", true, None),
            ("wrong-signature", false, None),
        ]
    );
    let text = shown.to_string();
    for secret in [CHATWOOT_WEBHOOK_SECRET, SHOPIFY_API_SECRET, "sha256=", "pubsub", "renee@example.com"] {
        assert!(!text.contains(secret), "{secret}");
    }
    deliver(&mut twin, after(91 * 86_400), &chatwoot("c-4", MESSAGE));
    assert_eq!(audit(&mut twin, after(91 * 86_400))["entries"].as_array().unwrap().len(), 1, "kept for 90 days");
}

#[test]
fn the_audit_log_is_not_for_everybody() {
    let mut twin = twin();
    for path in ["/webhooks/audit", "/webhooks/effects"] {
        for authorization in [None, Some("Bearer wrong"), Some("Basic x")] {
            let mut request = Request::get(path).body(Bytes::new()).unwrap();
            if let Some(value) = authorization {
                set(&mut request, "authorization", value);
            }
            let reply = reply(&mut twin, start(), &request);
            assert_eq!(reply.response.status(), StatusCode::UNAUTHORIZED, "{path} {authorization:?}");
            assert_eq!(reply.response.headers()["www-authenticate"], "Bearer");
            assert!(SCHEMAS.allow("refusal.json", &serde_json::from_slice(reply.response.body()).unwrap()));
        }
    }
}
