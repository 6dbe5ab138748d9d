//! Signatures that vendors, or their own test suites, have published.

use http::Method;
use jiff::Timestamp;

use super::{at, headers};
use crate::wire::webhook::key::Key;
use crate::wire::webhook::refusal::Refusal;
use crate::wire::webhook::scheme::Scheme;
use crate::wire::webhook::schemes::{
    CHATWOOT, GITHUB, KLAVIYO, META, PAGERDUTY, SCHEMES, SENDGRID, SHOPIFY, SLACK, STANDARD, STRIPE, SVIX, TWILIO,
    ZENDESK,
};
use crate::wire::webhook::sign::Unsigned;
use crate::wire::webhook::verify::Received;

/// `(scheme, secret, time, body, headers)`; of those marked ours no signature is published, and it was computed by rule.
type Vector = (&'static Scheme, &'static str, i64, &'static str, &'static [(&'static str, &'static str)]);

const SLACK_BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
const SLACK_HEADERS: &[(&str, &str)] = &[
    ("x-slack-request-timestamp", "1531420618"),
    ("x-slack-signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
];
const PAGERDUTY_SECRET: &str = "lDQHScfUeXUKaQRNF+8XIiDKZ7XX3itBAYzwU0TARw8lJqRnkKl2iB1anSb0Z+IK";
const PAGERDUTY_BODY: &str = r#"{"event":{"id":"01BWDWL3NYY7LUFPZCC28QUCMK","event_type":"incident.priority_updated","resource_type":"incident","occurred_at":"2021-04-26T17:36:27.458Z","agent":{"html_url":"https://acme.pagerduty.com/users/PLH1HKV","id":"PLH1HKV","self":"https://api.pagerduty.com/users/PLH1HKV","summary":"Tenex Engineer","type":"user_reference"},"client":null,"data":{"id":"PGR0VU2","type":"incident","self":"https://api.pagerduty.com/incidents/PGR0VU2","html_url":"https://acme.pagerduty.com/incidents/PGR0VU2","number":2,"status":"triggered","title":"A little bump in the road","service":{"html_url":"https://acme.pagerduty.com/services/PF9KMXH","id":"PF9KMXH","self":"https://api.pagerduty.com/services/PF9KMXH","summary":"API Service","type":"service_reference"},"assignees":[{"html_url":"https://acme.pagerduty.com/users/PTUXL6G","id":"PTUXL6G","self":"https://api.pagerduty.com/users/PTUXL6G","summary":"User 123","type":"user_reference"}],"escalation_policy":{"html_url":"https://acme.pagerduty.com/escalation_policies/PUS0KTE","id":"PUS0KTE","self":"https://api.pagerduty.com/escalation_policies/PUS0KTE","summary":"Default","type":"escalation_policy_reference"},"teams":[{"html_url":"https://acme.pagerduty.com/teams/PFCVPS0","id":"PFCVPS0","self":"https://api.pagerduty.com/teams/PFCVPS0","summary":"Engineering","type":"team_reference"}],"priority":{"html_url":"https://acme.pagerduty.com/account/incident_priorities","id":"PSO75BM","self":"https://api.pagerduty.com/priorities/PSO75BM","summary":"P1","type":"priority_reference"},"urgency":"high","conference_bridge":{"conference_number":1000,"conference_url":"https://example.com"},"resolve_reason":null}}}"#;
const ZENDESK_TIME: (&str, &str) = ("x-zendesk-webhook-signature-timestamp", "2021-07-25T10:00:00Z");

/// The time at which schemes without one are verified.
const ANY: i64 = 1_700_000_000;

static VECTORS: &[Vector] = &[
    // standard-webhooks, libraries/javascript/src/webhook.test.ts; svix-webhooks has the same.
    (
        &STANDARD,
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        1_614_265_330,
        "{\"test\": 2432232314}",
        &[
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ],
    ),
    (
        &SVIX,
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        1_614_265_330,
        "{\"test\": 2432232314}",
        &[
            ("svix-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("svix-timestamp", "1614265330"),
            (
                "svix-signature",
                "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ),
        ],
    ),
    // standard-webhooks, libraries/rust/src/lib.rs.
    (
        &STANDARD,
        "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        1_649_367_553,
        r#"{"email":"test@example.com","username":"test_user"}"#,
        &[
            ("webhook-id", "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk"),
            ("webhook-timestamp", "1649367553"),
            ("webhook-signature", "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="),
        ],
    ),
    // openai-node, webhook tests.
    (
        &STANDARD,
        "whsec_RdvaYFYUXuIFuEbvZHwMfYFhUf7aMYjYcmM24+Aj40c=",
        1_750_861_210,
        r#"{"id": "evt_685c059ae3a481909bdc86819b066fb6", "object": "event", "created_at": 1750861210, "type": "response.completed", "data": {"id": "resp_123"}}"#,
        &[
            ("webhook-id", "wh_685c059ae39c8190af8c71ed1022a24d"),
            ("webhook-timestamp", "1750861210"),
            ("webhook-signature", "v1,gUAg4R2hWouRZqRQG4uJypNS8YK885G838+EHb4nKBY="),
        ],
    ),
    // docs.slack.dev, verifying-requests-from-slack; python-slack-sdk has the same.
    (&SLACK, "8f742231b10e8888abcd99yyyzzz85a5", 1_531_420_618, SLACK_BODY, SLACK_HEADERS),
    // github/docs, validating-webhook-deliveries.md.
    (
        &GITHUB,
        "It's a Secret to Everybody",
        ANY,
        "Hello, World!",
        &[("x-hub-signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")],
    ),
    // octokit/webhooks-methods.js, test/verify.test.ts.
    (
        &GITHUB,
        "mysecret",
        ANY,
        r#"{"foo":"bar"}"#,
        &[("x-hub-signature-256", "sha256=4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3")],
    ),
    (
        &GITHUB,
        "development",
        ANY,
        r#"{"foo":"Foo\n\u001B[34mbar: ♥♥♥♥♥♥♥♥\nthis-is-lost\u001B[0m\u001B[2K"}"#,
        &[("x-hub-signature-256", "sha256=afecc3caa27548bb90d51a50384cb2868b9a3327b4ad6a01c9bd4ed0f8b0b12c")],
    ),
    (
        &GITHUB,
        "development",
        ANY,
        r#"{"foo":"\\u001b"}"#,
        &[("x-hub-signature-256", "sha256=6f8326efbacfbd04e870cea25b5652e635be8c9807f2fd5348ef60753c9e96ed")],
    ),
    // shopify-app-js, packages/apps/shopify-api/lib/webhooks/__tests__/validate.test.ts.
    (
        &SHOPIFY,
        "test_secret_key",
        ANY,
        "{\"foo\": \"bar\"}",
        &[("x-shopify-hmac-sha256", "B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g=")],
    ),
    (
        &SHOPIFY,
        "hush",
        ANY,
        r#"{"id":820982911946154508}"#,
        &[("x-shopify-hmac-sha256", "qBvrsZF7RfB1iS6BX6IHqJTp5L911P7intnPeTPsH0I=")],
    ),
    // Ours, by the rule of chatwoot 4.15.1, lib/webhooks/trigger.rb.
    (
        &CHATWOOT,
        "chatwoot-secret",
        1_767_225_600,
        r#"{"event":"message_created","id":1,"content":"hi"}"#,
        &[
            ("x-chatwoot-timestamp", "1767225600"),
            ("x-chatwoot-signature", "sha256=a17b4d24e77fd3fd541e823db700014b23a26fba1617fdfdc83183ff833ae13c"),
        ],
    ),
    // go-pagerduty, webhookv3/webhookv3_test.go "valid".
    (
        &PAGERDUTY,
        PAGERDUTY_SECRET,
        ANY,
        PAGERDUTY_BODY,
        &[("x-pagerduty-signature", "v1=0c0b9495b893a39e70d1fea2fe11fbe0a825f88b9f67846f6cc07dd2bc5476cd")],
    ),
    // twilio-python, tests/unit/test_request_validator.py: a form, a form with a name twice, JSON.
    (
        &TWILIO,
        "12345",
        ANY,
        "Digits=1234&To=%2B18005551212&From=%2B14158675309&Caller=%2B14158675309&CallSid=CA1234567890ABCDE",
        &[("x-twilio-signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")],
    ),
    (
        &TWILIO,
        "12345",
        ANY,
        "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234",
        &[("x-twilio-signature", "IK+Dwps556ElfBT0I3Rgjkr1wJU=")],
    ),
    (
        &TWILIO,
        "12345",
        ANY,
        r#"{"property": "value", "boolean": true}"#,
        &[("content-type", "application/json"), ("x-twilio-signature", "a9nBmqA0ju/hNViExpshrM61xv4=")],
    ),
    // Ours, by the rule of developer.zendesk.com (current) with the secret of its test button.
    (
        &ZENDESK,
        "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==",
        ANY,
        "{\"say\": \"hello\"}",
        &[ZENDESK_TIME, ("x-zendesk-webhook-signature", "gf3v0LzLRHPUnIdhbvwRDVEvzSb07/QN0GYjSNlkBT0=")],
    ),
    // Made by stripe-node 23.1.0, generateTestHeaderString; Stripe publishes none.
    (
        &STRIPE,
        "whsec_test_secret",
        1_614_265_330,
        "{\n  \"id\": \"evt_test_webhook\",\n  \"object\": \"event\"\n}",
        &[("stripe-signature", "t=1614265330,v1=af4ead0627a34a8cca29808e8de9ada8e41a92e6237c63cef6eacf51d36cca34")],
    ),
    (
        &STRIPE,
        "whsec_test_secret",
        12_345,
        "{\n  \"id\": \"evt_test_webhook\",\n  \"object\": \"event\"\n}",
        &[("stripe-signature", "t=12345,v1=2672d138c9a412830f3bfe2ecc5bfb3277cf6f5b49d0119d77dd6cb64da1257e")],
    ),
    // sendgrid-nodejs, packages/eventwebhook/src/eventwebhook.spec.js; the secret is the public key.
    (
        &SENDGRID,
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==",
        ANY,
        "[{\"email\":\"hello@world.com\",\"event\":\"dropped\",\"reason\":\"Bounced Address\",\"sg_event_id\":\"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA\",\"sg_message_id\":\"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0\",\"smtp-id\":\"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>\",\"timestamp\":1600112492}]\r\n",
        &[
            ("x-twilio-email-event-webhook-timestamp", "1600112502"),
            (
                "x-twilio-email-event-webhook-signature",
                "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=",
            ),
        ],
    ),
    // Ours, by the rule that three programs agree on.
    (
        &KLAVIYO,
        "klaviyo_test_secret_0123456789",
        ANY,
        r#"{"data":[],"meta":{"klaviyo_webhook_id":"0123abc"}}"#,
        &[
            ("klaviyo-timestamp", "2024-01-04T13:05:25.891446+00:00"),
            ("klaviyo-signature", "5a7f43f5ab00f24e52890199464b8f22040532ec5c44878213b3133c7b224ec7"),
        ],
    ),
    // Ours: Meta signs the escaped form that it sends.
    (
        &META,
        "meta_app_secret",
        ANY,
        r#"{"entry":[{"name":"\u00e4\u00f6\u00e5"}]}"#,
        &[("x-hub-signature-256", "sha256=ff753b2e89de6dc3bfeceb56ffa38cae02beb78849eb0e80e745e89b719f856b")],
    ),
];

const JSON_DIGEST: &str = "https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";

/// The address that Twilio's vectors are signed for.
fn url(vector: &Vector) -> &'static str {
    if vector.3.starts_with('{') { JSON_DIGEST } else { "https://mycompany.com/myapp.php?foo=1&bar=2" }
}

fn key(scheme: &Scheme, text: &str) -> Key {
    scheme.public_key(text).or_else(|_| scheme.key(text)).unwrap()
}

fn verify(vector: &Vector, body: &str, pairs: &[(&str, &str)], now: Timestamp) -> Result<(), Refusal> {
    let (scheme, secret, ..) = vector;
    let headers = headers(pairs);
    let received = Received { method: &Method::POST, url: url(vector), headers: &headers, body: body.as_bytes() };
    scheme.verify(&key(scheme, secret), &received, now)
}

#[test]
fn every_published_signature_verifies() {
    for vector @ (scheme, _, time, body, pairs) in VECTORS {
        assert_eq!(verify(vector, body, pairs, at(*time)), Ok(()), "{} {body}", scheme.name);
    }
    assert_eq!(VECTORS.len(), 22);
}

#[test]
fn no_published_signature_verifies_for_another_body_or_secret() {
    for vector @ (scheme, secret, time, body, pairs) in VECTORS {
        let changed = format!("{body}-");
        let refusal = verify(vector, &changed, pairs, at(*time)).unwrap_err();
        let digest_alone = scheme.name == "twilio" && body.starts_with('{');
        let expected = if digest_alone { "other-body" } else { "wrong-signature" };
        assert_eq!(refusal.word(), expected, "{} {body}", scheme.name);
        if scheme.algorithm.is_shared() {
            let other = (*scheme, "c29tZXRoaW5nIGVsc2U=", *time, *body, *pairs);
            assert_eq!(verify(&other, body, pairs, at(*time)), Err(Refusal::WrongSignature), "{secret}");
        }
    }
}

#[test]
fn what_is_signed_here_is_what_was_published() {
    for vector @ (scheme, secret, _, body, pairs) in VECTORS.iter().filter(|vector| vector.0.algorithm.is_shared()) {
        let headers = headers(pairs);
        let text = |name: Option<&str>| name.and_then(|name| headers.get(name)?.to_str().ok()).unwrap_or_default();
        let value = text(Some(&scheme.signature.header));
        let stamp = match scheme.timestamp_header() {
            Some(name) => text(Some(name)),
            None => value.split(',').next().unwrap_or_default().trim_start_matches("t="),
        };
        let id = text(scheme.delivery_id.as_deref());
        let unsigned = Unsigned {
            method: &Method::POST,
            url: url(vector),
            headers: &headers,
            id,
            timestamp: stamp,
            body: body.as_bytes(),
        };
        let signed = scheme.sign(&scheme.key(secret).unwrap(), &unsigned).unwrap();
        let (_, written) = &signed[0];
        let last = written.to_str().unwrap();
        assert!(value.ends_with(last), "{}: {last} is not at the end of {value}", scheme.name);
    }
}

#[test]
fn decoys_are_refused() {
    let standard = &VECTORS[0];
    let decoys = [
        "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=",
        "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1,tFtCZ5RDCPxzWQRWXWPgrCgE2frDBe9gjpbWQxnVfsQ=",
        "v1,Mm7xgUVICxZfQ3bgf0h0Dof65L/IFx+PnZvnDWPCX6Q=",
        "v1,9DfC1c3eeOrXB6w/5dIDydLNQaEyww5KalE5jLBZucE=",
        "v1,dawfeoifkpqwoekfpqoekf",
        "v1,",
        "",
        "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE",
        "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ];
    for decoy in decoys {
        let pairs = [standard.4[0], standard.4[1], ("webhook-signature", decoy)];
        assert!(verify(standard, standard.3, &pairs, at(standard.2)).is_err(), "{decoy}");
    }
    // python-slack-sdk: the body has letters more.
    let slack = VECTORS.iter().find(|vector| vector.0.name == "slack").unwrap();
    let longer = format!("{SLACK_BODY}------");
    assert_eq!(verify(slack, &longer, SLACK_HEADERS, at(slack.2)), Err(Refusal::WrongSignature));
    // go-pagerduty "mismatch".
    let pagerduty = VECTORS.iter().find(|vector| vector.0.name == "pagerduty").unwrap();
    let mismatch = [("x-pagerduty-signature", "v1=7020c8a7ec668a9b7012bc3dd82e483394b038f4230acc6785efbf2a7d8bcaf5")];
    assert_eq!(verify(pagerduty, PAGERDUTY_BODY, &mismatch, at(ANY)), Err(Refusal::WrongSignature));
    // An older copy of Zendesk's page signs the body before the time, and published this.
    let old: Vector = (&ZENDESK, "HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA=", ANY, "{\"say\": \"hello\"}", &[]);
    let trap = [ZENDESK_TIME, ("x-zendesk-webhook-signature", "tRDSF7URY8BLCDlaBcQ7FHu051Zk+aAB0NKMP53teMw=")];
    assert_eq!(verify(&old, old.3, &trap, at(ANY)), Err(Refusal::WrongSignature));
}

#[test]
fn a_stale_vector_is_stale_and_nothing_else() {
    for vector @ (scheme, _, time, body, pairs) in VECTORS {
        let Some(past) = scheme.timestamp.as_ref().and_then(|stamp| stamp.past) else { continue };
        let later = time + i64::from(past);
        assert_eq!(verify(vector, body, pairs, at(later)), Ok(()), "{}", scheme.name);
        let stale = Refusal::Stale { age: i64::from(past) + 1, allowed: past.into() };
        assert_eq!(verify(vector, body, pairs, at(later + 1)), Err(stale), "{}", scheme.name);
    }
}

#[test]
fn every_description_is_sound() {
    for scheme in SCHEMES {
        // Its own name is taken, by itself.
        let faults: Vec<_> = scheme.faults().into_iter().filter(|fault| fault.keys != ["name"]).collect();
        assert!(faults.is_empty(), "{}: {faults:?}", scheme.name);
        assert!(!scheme.source.is_empty() && !scheme.conduct.source.is_empty(), "{} names no source", scheme.name);
        assert!(!scheme.secret_variable.is_empty(), "{}", scheme.name);
        if let crate::wire::webhook::scheme::Signed::Template(template) = &scheme.signed {
            crate::wire::webhook::template::Template::parse(template.as_str()).unwrap();
        }
    }
}
