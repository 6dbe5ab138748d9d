//! `preflight webhook` as a user types it: what is signed verifies, what is wrong is named, what is sent arrives.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::server::{Asked, Server, workspace};
use crate::shell::{Folder, Ran};

const SECRET: &str = "canary-9f3b27c1d0";
const BODY: &str = "{\"id\":1,\"name\":\"Zoë\"}";
const NOW: &str = "2026-01-01T00:00:00Z";

fn with(folder: &Folder, arguments: &[&str]) -> Ran {
    let ran = folder.preflight_with(arguments, &[("HOOK_SECRET", SECRET)]);
    assert!(!ran.out.contains(SECRET) && !ran.err.contains(SECRET), "the secret is shown: {}", ran.screen());
    ran
}

fn sign(folder: &Folder, scheme: &str, more: &[&str]) -> Ran {
    let common = ["webhook", "sign", "body.json", "--scheme", scheme, "--secret-env", "HOOK_SECRET", "--at", NOW];
    with(folder, &[&common, more].concat())
}

fn verify(folder: &Folder, scheme: &str, more: &[&str]) -> Ran {
    let common = ["webhook", "verify", "body.json", "--scheme", scheme, "--secret-env", "HOOK_SECRET", "--at", NOW];
    with(folder, &[&common, more].concat())
}

#[test]
fn what_is_signed_is_verified() {
    let folder = Folder::with(&[("body.json", BODY)]);
    for scheme in
        ["shopify", "chatwoot", "stripe", "slack", "github", "zendesk", "pagerduty", "meta", "klaviyo", "intercom"]
    {
        let signed = sign(&folder, scheme, &[]).exits(0);
        folder.write("headers", &signed.out);
        verify(&folder, scheme, &["--headers", "headers"]).exits(0).says(&format!("trusted: signed as {scheme} signs"));
        folder.write("body.json", &BODY.replace('1', "2"));
        let refused = verify(&folder, scheme, &["--headers", "headers", "--json"]).exits(1);
        let verdict: Value = serde_json::from_str(&refused.out).expect("JSON");
        assert_eq!(verdict["refusal"], "wrong-signature", "{scheme}");
        folder.write("body.json", BODY);
    }
}

#[test]
fn key_pairs_are_made_and_used() {
    let folder = Folder::with(&[("body.json", BODY)]);
    for scheme in
        ["sendgrid", "standard-webhooks-v1a", "rfc9421-ed25519", "rfc9421-p256", "standard-webhooks", "rfc9421"]
    {
        let made = folder.preflight(&["webhook", "secret", "--scheme", scheme, "--json"]).exits(0);
        let pair: Value = serde_json::from_str(&made.out).expect("JSON");
        let secret = pair["secret"].as_str().expect("a secret");
        let public = pair["public_key"].as_str().unwrap_or(secret);
        let at = ["--at", NOW, "--scheme", scheme, "--secret-env", "KEY", "body.json"];
        let signed = folder.preflight_with(&[&["webhook", "sign"][..], &at].concat(), &[("KEY", secret)]).exits(0);
        assert!(!signed.out.contains(secret), "{scheme}");
        folder.write("headers", &signed.out);
        let arguments = [&["webhook", "verify", "--headers", "headers"][..], &at].concat();
        folder.preflight_with(&arguments, &[("KEY", public)]).exits(0).says("trusted");
    }
    let mixed = [("HOOK_SECRET", "no key at all")];
    folder
        .preflight_with(
            &["webhook", "sign", "body.json", "--scheme", "sendgrid", "--secret-env", "HOOK_SECRET"],
            &mixed,
        )
        .exits(2)
        .says("error: the value of `HOOK_SECRET`: it is no private P-256 key; PKCS#8 is read as PEM or base64")
        .says("hint: `preflight webhook secret --scheme NAME` makes one that is good for tests");
}

#[test]
fn what_is_wrong_is_said_with_its_likely_cause() {
    let folder = Folder::with(&[("body.json", BODY)]);
    folder.write("headers", &sign(&folder, "chatwoot", &[]).exits(0).out);
    let check = |folder: &Folder, at: &str| {
        let arguments = [
            "webhook",
            "verify",
            "body.json",
            "--scheme",
            "chatwoot",
            "--secret-env",
            "HOOK_SECRET",
            "--headers",
            "headers",
            "--at",
            at,
        ];
        with(folder, &arguments)
    };
    check(&folder, "2026-01-01T00:05:01Z")
        .exits(1)
        .says("refused: the timestamp is 301 s old, and at most 300 s are allowed (stale)");
    check(&folder, "2025-12-31T23:54:59Z").exits(1).says("(future)");
    folder.write("body.json", "{\"id\": 1, \"name\": \"Zoë\"}");
    check(&folder, NOW)
        .exits(1)
        .says("refused: the signature does not match (wrong-signature)")
        .says("likely: the signature is right, but it was made over the body parsed and written again as compact JSON, not over these bytes");
    folder.write("body.json", "something else");
    check(&folder, NOW).exits(1).says("no known mistake makes it right");
    folder.write("body.json", BODY);
    let headers = folder.read("headers").replace("sha256=", "");
    folder.write("headers", &headers);
    check(&folder, NOW)
        .exits(1)
        .says("(no-known-version)")
        .says("likely: the signature is right, but `sha256=` does not stand before it");
}

#[test]
fn what_is_missing_is_named() {
    let folder = Folder::with(&[("body.json", BODY)]);
    let table: [(&[&str], &str); 6] = [
        (&["webhook", "sign", "body.json", "--scheme", "strip"], "hint: did you mean `stripe`?"),
        (&["webhook", "sign", "body.json", "--scheme", "stripe"], "the variable `STRIPE_WEBHOOK_SECRET` is not set"),
        (
            &["webhook", "verify", "body.json", "--scheme", "github", "--secret-env", "HOOK_SECRET"],
            "no header is given",
        ),
        (
            &["webhook", "verify", "body.json", "--scheme", "github", "--secret-env", "HOOK_SECRET", "-H", "nonsense"],
            "-H: line 1 is no header",
        ),
        (&["webhook", "sign", "nothing.json", "--scheme", "github", "--secret-env", "HOOK_SECRET"], "nothing.json"),
        (&["webhook", "sign", "body.json", "--scheme", "acme.yaml"], "cannot read"),
    ];
    for (arguments, told) in table {
        with(&folder, arguments).exits(2).says(told);
    }
    folder.write("acme.yaml", "name: acme\nsignature: {header: X-Sig}\nsigned: '{timestamp}.{body}'\n");
    with(&folder, &["webhook", "sign", "body.json", "--scheme", "acme.yaml"])
        .exits(2)
        .says("error: acme.yaml:3:1: signed: a timestamp is signed, and nothing says where it stands");
}

#[test]
fn a_scheme_of_ones_own_is_used_like_a_known_one() {
    let acme = "name: acme\nsignature: {header: X-Acme, prefix: 's=', separator: ','}\nsigned: '{timestamp}|{body}'\n\
                timestamp: {entry: 't=', past: 10}\nsecret_variable: HOOK_SECRET\n";
    let folder = Folder::with(&[("body.json", BODY), ("acme.yaml", acme)]);
    let signed = with(&folder, &["webhook", "sign", "body.json", "--scheme", "acme.yaml", "--at", NOW]).exits(0);
    assert!(signed.out.contains("x-acme: t=1767225600,s="), "{}", signed.out);
    folder.write("headers", &signed.out);
    let verify = ["webhook", "verify", "body.json", "--scheme", "acme.yaml", "--headers", "headers", "--at"];
    with(&folder, &[&verify[..], &[NOW]].concat()).exits(0);
    with(&folder, &[&verify[..], &["2026-01-01T00:00:11Z"]].concat()).exits(1).says("(stale)");
    let printed = folder.preflight(&["webhook", "schemes", "acme.yaml"]).exits(0);
    folder.write("again.yaml", &printed.out);
    let again = with(&folder, &["webhook", "sign", "body.json", "--scheme", "again.yaml", "--at", NOW]).exits(0);
    assert_eq!(again.out, signed.out);
}

#[test]
fn a_curl_command_says_the_same() {
    let folder = Folder::with(&[("body.json", BODY)]);
    let curl = sign(
        &folder,
        "github",
        &["--format", "curl", "--topic", "push", "--id", "it's", "--url", "http://localhost:1/h"],
    );
    let curl = curl.exits(0).out;
    assert!(curl.starts_with("curl -X POST 'http://localhost:1/h'"), "{curl}");
    assert!(curl.contains(r"-H 'x-github-delivery: it'\''s'") && curl.contains("--data-binary '@body.json'"), "{curl}");
    let json: Value = serde_json::from_str(&sign(&folder, "github", &["--json"]).exits(0).out).expect("JSON");
    let value = json["headers"]["x-hub-signature-256"].as_str().expect("a signature");
    assert!(curl.contains(value), "{curl}");
}

fn answer(out: &mut dyn Write, status: &str) {
    let _ = write!(out, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
}

fn send(folder: &Folder, port: u16, more: &[&str]) -> Ran {
    let url = format!("http://127.0.0.1:{port}/hooks");
    with(folder, &[&["webhook", "send", &url, "--secret-env", "HOOK_SECRET"][..], more].concat())
}

/// Whether what arrived verifies, by `preflight webhook verify`.
fn arrived(folder: &Folder, scheme: &str, asked: &Asked) {
    folder.write("arrived.json", &asked.body);
    folder.write("arrived.headers", &asked.headers.join("\n"));
    let arguments = [
        "webhook",
        "verify",
        "arrived.json",
        "--scheme",
        scheme,
        "--secret-env",
        "HOOK_SECRET",
        "--headers",
        "arrived.headers",
    ];
    with(folder, &arguments).exits(0).says("trusted");
}

#[test]
fn deliveries_arrive_signed_each_with_its_own_id() {
    let server = Server::start(|_, out| answer(out, "204 No Content"));
    let folder = Folder::with(&[]);
    let sent =
        send(&folder, server.port, &["--scheme", "shopify", "--topic", "orders/create", "--count", "3", "--json"]);
    let sent: Value = serde_json::from_str(&sent.exits(0).out).expect("JSON");
    assert_eq!((&sent["accepted"], &sent["refused"]), (&Value::from(3), &Value::from(0)));
    let asked = server.asked();
    let mut ids: Vec<_> = asked.iter().filter_map(|asked| asked.header("x-shopify-webhook-id")).collect();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    assert_eq!(asked[0].header("x-shopify-topic"), Some("orders/create"));
    for one in &asked {
        arrived(&folder, "shopify", one);
    }
    send(&folder, server.port, &["--scheme", "chatwoot", "--topic", "message_created"]).exits(0).says("delivered");
    arrived(&folder, "chatwoot", server.asked().last().expect("a delivery"));
    send(&folder, server.port, &["--scheme", "chatwoot", "--topic", "conversation_resolved"])
        .exits(2)
        .says("chatwoot has no event `conversation_resolved`");
    send(&folder, server.port, &["--scheme", "stripe", "--topic", "invoice.payd"])
        .exits(2)
        .says("hint: did you mean `invoice.paid`?");
}

#[test]
fn a_vendors_retries_are_repeated_with_one_id() {
    let count = AtomicUsize::new(0);
    let server = Server::start(move |_, out| {
        let first = count.fetch_add(1, Ordering::SeqCst) < 2;
        answer(out, if first { "503 Service Unavailable" } else { "200 OK" });
    });
    let folder = Folder::with(&[]);
    let slack = ["--scheme", "slack", "--topic", "message", "--retry", "--speed", "100000"];
    send(&folder, server.port, &slack)
        .exits(0)
        .says("attempt 1: 503")
        .says("slack sends it again in 0 s")
        .says("attempt 2: 503")
        .says("slack sends it again in 60 s")
        .says("attempt 3: 200");
    let numbers: Vec<_> =
        server.asked().iter().map(|asked| asked.header("x-slack-retry-num").map(str::to_owned)).collect();
    assert_eq!(numbers, [None, Some("1".to_owned()), Some("2".to_owned())]);
    let bodies: Vec<_> = server.asked().into_iter().map(|asked| asked.body).collect();
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}

#[test]
fn a_refusal_and_silence_are_no_success() {
    let server = Server::start(|_, out| answer(out, "401 Unauthorized"));
    let folder = Folder::with(&[]);
    send(&folder, server.port, &["--scheme", "pagerduty", "--topic", "incident.triggered", "--retry"])
        .exits(1)
        .says("pagerduty does not send it again; three deliveries dropped in a row switch the subscription off")
        .says("0 accepted, 1 refused");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    send(&folder, nobody, &["--scheme", "github", "--topic", "push"])
        .exits(3)
        .says("0 accepted, 0 refused, 1 without an answer");
}

#[test]
fn a_receiver_elsewhere_needs_an_approval() {
    let folder = Folder::with(&[("preflight.yaml", &workspace("http://receiver.invalid/app"))]);
    let url = "http://receiver.invalid/app/hooks";
    let send = |more: &[&str]| {
        let common = ["webhook", "send", url, "--scheme", "github", "--topic", "push", "--secret-env", "HOOK_SECRET"];
        with(&folder, &[&common, more].concat())
    };
    send(&[])
        .exits(2)
        .says("error: receiver.invalid is not this machine, and nothing live is changed without an approval");
    send(&["--env", "stagin"]).exits(2).says("error: unknown environment `stagin`");
    send(&["--env", "staging"]).exits(2).says("no approval covers it");
    let approval =
        ["approve", "shop", "POST", "/hooks", "--env", "staging", "--by", "ada", "--why", "a test", "--until", "1h"];
    folder.preflight(&approval).exits(0);
    send(&["--env", "staging"]).exits(3).says("1 without an answer");
    let elsewhere = [
        "webhook",
        "send",
        "http://other.invalid/",
        "--scheme",
        "github",
        "--topic",
        "push",
        "--env",
        "staging",
        "--secret-env",
        "HOOK_SECRET",
    ];
    with(&folder, &elsewhere).exits(2).says("http://other.invalid/ belongs to no integration of environment `staging`");
}

#[test]
fn topics_are_held_against_an_app() {
    let folder = Folder::with(&[]);
    let list = folder.preflight(&["webhook", "topics", "--scheme", "shopify"]).exits(0);
    list.says("shopify: 221 events");
    let toml = "[[webhooks.subscriptions]]\ntopics = [ \"app/uninstalled\", \"orders/create\" ]\nuri = \"/webhooks\"\n\n\
                [[webhooks.subscriptions]]\ncompliance_topics = [ \"customers/data_request\", \"customers/redact\", \"shop/redact\" ]\n";
    folder.write("app/shopify.app.toml", toml);
    folder.write("app/routes/webhooks.app.uninstalled.tsx", "export const action = () => null;\n");
    folder.write(
        "app/routes/webhooks.tsx",
        "switch (topic) {\n  case \"CUSTOMERS_DATA_REQUEST\":\n  case \"CUSTOMERS_REDACT\":\n  case \"SHOP_REDACT\":\n    break;\n}\n",
    );
    let look = || folder.preflight(&["webhook", "topics", "--scheme", "shopify", "--source", "app"]);
    look()
        .exits(1)
        .says("registered-unhandled: `orders/create` is registered, and nothing handles it (shopify.app.toml:2)");
    folder.write("app/orders.ts", "if (topic === \"orders/create\") {\n}\n");
    look().exits(0);
    folder.write("app/more.ts", "if (topic === \"orders/paid\") {\n}\n");
    look().exits(3).says("handled-unregistered: `orders/paid` is handled, and nothing that was read registers it");
    folder.write("app/more.ts", "if (topic === \"orders/payed\") {\n}\n");
    look().exits(1).says("unknown-topic: shopify has no event `orders/payed`; did you mean `orders/paid`?");
    folder.write("empty/a.ts", "");
    folder
        .preflight(&["webhook", "topics", "--scheme", "chatwoot", "--source", "empty"])
        .exits(3)
        .says("nothing-found");
}

const DESCRIBED: &str = "\
name: acme
signature: {header: X-Shopify-Hmac-Sha256}
encoding: base64
signed: '{body}'
delivery_id: X-Shopify-Webhook-Id
topic: {header: X-Shopify-Topic}
secret_variable: SHOPIFY_API_SECRET
headers:
  - {name: X-Shopify-Shop-Domain, variable: SHOPIFY_SHOP_DOMAIN}
  - {name: X-Shopify-Api-Version, variable: SHOPIFY_API_VERSION}
";

#[test]
fn contracts_send_made_bodies_and_described_schemes() {
    let workspace = "version: 1\nname: test\nenvironments:\n  local:\nintegrations:\n  webhooks:\npolicy:\n  local: {require: [contract-twin]}\n";
    let feature = |body: &str| format!("@own\nFeature: own\n\n  Scenario: One\n{body}");
    let folder = Folder::with(&[("preflight.yaml", workspace), ("fixtures/webhooks/acme.yaml", DESCRIBED)]);
    let check = |body: &str| {
        folder.write("features/webhooks/own.feature", &feature(body));
        folder.preflight(&["check", "webhooks", "--tags", "@own"])
    };
    let delivered = "    When the webhook is delivered to \"/webhooks/shopify\"\n    Then the status is 200\n";
    check(&format!("    Given a \"shopify\" webhook \"orders/create\"\n{delivered}")).exits(0);
    check(&format!("    Given a \"acme.yaml\" webhook \"orders/create\":\n      \"\"\"\n      {{\"id\": 1}}\n      \"\"\"\n{delivered}"))
        .exits(0);
    check(&format!("    Given a \"shopify\" webhook \"orders/create\"\n    And the webhook is signed with \"wrong-one\"\n{delivered}"))
        .exits(1);
    check(&format!("    Given a \"chatwoot\" webhook \"message_crated\"\n{delivered}"))
        .exits(3)
        .says("no body is known for `message_crated` of chatwoot");
    folder.write("fixtures/webhooks/acme.yaml", &DESCRIBED.replace("{body}", "{timestamp}"));
    check(&format!("    Given a \"acme.yaml\" webhook \"orders/create\"\n{delivered}")).exits(3).says("acme.yaml:4:9");
}
