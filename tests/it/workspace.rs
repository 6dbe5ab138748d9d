//! The workspace: what is read, what is refused, and in which words.

use std::path::Path;

use preflight::adapter::files;
use preflight::adapter::workspace::Workspace;
use preflight::adapter::yaml;
use preflight::domain::integration::Manifest;
use preflight::domain::inventory::Inventory;
use preflight::domain::probe::specified::Book;
use preflight::wire::webhook::scheme::Scheme;
use preflight::wire::webhook::schemes::SCHEMES;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn our_own_workspace_holds_every_system_and_contradicts_nothing() {
    let workspace = Workspace::open(repository(), None).unwrap().coherent().unwrap();
    let inventory = &workspace.inventory;
    assert_eq!(inventory.integrations.len(), 6 + 25);
    assert_eq!(inventory.environments.keys().collect::<Vec<_>>(), ["local", "production", "staging"]);
    let required = inventory.secrets.values().filter(|secret| secret.required).count();
    assert_eq!((inventory.secrets.len(), required), (15, 12));
    assert_eq!(inventory.blockers.len(), 3);
}

/// Files that both readers, serde and the published schema, must judge alike.
const WORKSPACES: [(&str, bool); 33] = [
    ("", true),
    ("environments:\nintegrations:\n", true),
    ("environments: {local: }\nintegrations: {chatwoot: }\n", true),
    ("environments: {local: {base_urls: }}\n", true),
    ("environments: {local: {base_url: {}}}\n", false),
    ("environments: {local: {base_urls: {chatwoot: 5}}}\n", false),
    ("environments: {local: {production: maybe}}\n", false),
    ("environments: {local: {dotenv: null}}\n", true),
    ("environments: [local]\n", false),
    ("integrations: {Chatwoot: }\n", false),
    ("integrations: {chatwoot: {owner: [x]}}\n", false),
    ("integrations: {chatwoot: {not_applicable: {webhooks: none}}}\n", true),
    ("integrations: {chatwoot: {not_applicable: {webhook: none}}}\n", false),
    ("name: [x]\n", false),
    ("version: -1\n", false),
    ("flags: {live: {parser: {names: [X]}}}\n", true),
    ("flags: {live: {}}\n", false),
    ("flags: {live: {parser: {names: X}}}\n", false),
    ("secrets: {A: {service: x, rotation_days: 90, rotated: {staging: 2025-10-08}}}\n", true),
    ("secrets: {A: {service: x, rotation_days: 9.5}}\n", false),
    ("blockers: {T: {integration: x, title: t, owner: o, opened: 2025-10-08, due: 2025-10-08T17:00Z}}\n", true),
    ("blockers: {T: {integration: x, title: t, owner: o, opened: last week}}\n", false),
    ("policy: {local: {require: [contract-twin], max_age_hours: {health: 1}, min_bite: 0.9}}\n", true),
    ("policy: {local: {require: [contract]}}\n", false),
    ("alerts: {channels: {oncall: {pagerduty: {routing_key: '${K}'}, environments: [x]}}, page: [oncall]}\n", true),
    ("alerts: {channels: {oncall: {pager: {routing_key: '${K}'}}}}\n", false),
    ("alerts: {channels: {oncall: {pagerduty: {}}}}\n", false),
    ("alerts: {channels: {mail: {email: {host: h, security: ssl, from: f, to: [t]}}}}\n", false),
    (
        "alerts: {channels: {ops: {slack: {url: '${S}'}, quiet: {from: '22:00', until: '07:00', zone: UTC, days: [monday]}}}}\n",
        true,
    ),
    ("alerts: {channels: {ops: {slack: {url: '${S}'}, quiet: {from: '22:00', zone: UTC}}}}\n", false),
    ("alerts: {rules: {down: {failures: 2, escalate: [{after_seconds: 60, to: [a]}]}}, settle_seconds: 60}\n", true),
    ("alerts: {rules: {down: {failures: two}}}\n", false),
    ("alerts: {rules: {down: {severity: high}}}\n", false),
];

const PROBES: [(&str, bool); 10] = [
    ("", true),
    ("probe: []\n", false),
    ("probes: [{name: a, service: api, steps: [{name: s, depth: use, dns: {}}]}]\n", true),
    ("probes: [{name: A, service: api, steps: []}]\n", false),
    ("probes: [{name: a, service: vendor, steps: []}]\n", false),
    ("probes: [{name: a, service: api, steps: [{name: s, depth: use}]}]\n", false),
    ("probes: [{name: a, service: api, steps: [{name: s, depth: use, dns: {}, tcp: {}}]}]\n", false),
    ("probes: [{name: a, service: api, steps: [{name: s, depth: deep, dns: {}}]}]\n", false),
    ("probes: [{name: a, service: api, steps: [], thresholds: {healthy: {success_percent: 95, p95_ms: 1}}}]\n", false),
    ("truth: {answers: [{request: GET /, body: {a: 1}}]}\n", true),
];

const MANIFESTS: [(&str, bool); 10] = [
    ("", true),
    ("kind: own\n", true),
    ("kind: ours\n", false),
    ("operation: []\n", false),
    ("operations: [{id: a, request: GET /a}]\n", true),
    ("operations: [{id: a}]\n", false),
    ("operations: [{id: a, request: GET /a, path: /a}]\n", false),
    ("credentials: {agent: {description: d, headers: {apikey: '${KEY}'}}}\n", true),
    ("credentials: {agent: {headers: {}}}\n", false),
    ("rate_limit: {requests: 1, per_seconds: 60}\n", false),
];

const SCHEME_FILES: [(&str, bool); 20] = [
    ("", true),
    ("algorithm: hmac-sha512\nencoding: base64-url\nkey: hex\n", true),
    ("algorithm: md5\n", false),
    ("encoding: base32\n", false),
    ("signature: {header: X, prefix: 'v1=', separator: ','}\n", true),
    ("signature: {header: X, separator: ', '}\n", false),
    ("signature: {prefix: X}\n", false),
    ("signed: 'v0:{timestamp}:{body}'\n", true),
    ("signed: '{header:x-a}{url}{form}'\n", true),
    ("signed: '{bdy}'\n", false),
    ("signed: '{timestamp}'\n", false),
    ("signed: ['@method', content-digest]\n", true),
    ("timestamp: {header: X, format: rfc3339, past: 300, future: 0}\n", true),
    ("timestamp: {header: X, past: -1}\n", false),
    ("timestamp: {header: X, tolerance: 300}\n", false),
    ("topic: {pointer: /type}\nheaders: [{name: X, value: y}]\n", true),
    ("headers: [{value: y}]\n", false),
    ("conduct: {retried: [5xx, '429', timeout], delays: [5, 300], refuse_with: [401]}\n", true),
    ("conduct: {retried: [sometimes]}\n", false),
    ("conduct: {disables: {on: [4xx], after: 3, effect: it stops}}\nhandshakes: [ssl-check]\n", true),
];

/// `text` with the members that every file needs, where it does not name them itself.
fn completed(text: &str, needed: &[(&str, &str)]) -> String {
    let missing = needed.iter().filter(|(key, _)| !text.lines().any(|line| line.starts_with(&format!("{key}:"))));
    missing.map(|(key, value)| format!("{key}: {value}\n")).chain([text.to_owned()]).collect()
}

#[expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
fn agree<T: DeserializeOwned>(schema: &str, needed: &[(&str, &str)], files: &[(&str, bool)]) {
    let bytes = files::read(&repository().join(schema)).unwrap();
    let schema: Value = serde_json::from_slice(&bytes).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for (text, good) in files {
        let text = completed(text, needed);
        let read = yaml::read::<T>("file", text.as_bytes());
        assert_eq!(read.is_ok(), *good, "serde of:\n{text}{:?}", read.err());
        let instance: Value = yaml::read("file", text.as_bytes()).unwrap();
        let violations: Vec<_> = validator.iter_errors(&instance).map(|error| error.to_string()).collect();
        assert_eq!(violations.is_empty(), *good, "schema of:\n{text}{violations:?}");
    }
}

#[test]
fn the_published_schemas_and_the_program_judge_alike() {
    let needed = [("version", "1"), ("name", "x"), ("environments", ""), ("integrations", "")];
    agree::<Inventory>("schemas/preflight/workspace.json", &needed, &WORKSPACES);
    let own = files::read(&repository().join("preflight.yaml")).unwrap();
    agree::<Inventory>("schemas/preflight/workspace.json", &[], &[(std::str::from_utf8(&own).unwrap(), true)]);
    let needed = [("title", "T"), ("models", "{versions: ['1'], source: s}")];
    agree::<Manifest>("schemas/preflight/manifest.json", &needed, &MANIFESTS);
    let needed = [("name", "acme"), ("signature", "{header: X-Sig}"), ("signed", "'{body}'")];
    agree::<Scheme>("schemas/preflight/webhook-scheme.json", &needed, &SCHEME_FILES);
    for scheme in SCHEMES {
        let text = yaml::write(scheme).unwrap();
        agree::<Scheme>("schemas/preflight/webhook-scheme.json", &[], &[(&text, true)]);
    }
    let needed = [("version", "1"), ("probes", "[]")];
    agree::<Book>("schemas/preflight/probes.json", &needed, &PROBES);
    for source in Workspace::open(repository(), None).unwrap().probes.into_values() {
        let bytes = files::read(&repository().join(&source.path)).unwrap();
        agree::<Book>("schemas/preflight/probes.json", &[], &[(std::str::from_utf8(&bytes).unwrap(), true)]);
    }
    for (name, contract) in Workspace::open(repository(), None).unwrap().contracts {
        // That there is one is the business of lint.
        if let Some(text) = contract.files.get(&format!("fixtures/{name}/manifest.yaml")) {
            agree::<Manifest>("schemas/preflight/manifest.json", &[], &[(std::str::from_utf8(text).unwrap(), true)]);
        }
    }
}

#[test]
fn the_published_manifest_schema_names_every_key_that_is_read() {
    let file = files::read(&repository().join("schemas/preflight/manifest.json")).unwrap();
    let schema: Value = serde_json::from_slice(&file).unwrap();
    let mut described: Vec<_> = schema["properties"].as_object().unwrap().keys().cloned().collect();
    let error = yaml::read::<Manifest>("file", b"no_such_key: 1\n").unwrap_err();
    let hint = error.hint().unwrap();
    let mut read: Vec<_> = hint.split_once("allowed here: ").unwrap().1.split(", ").map(str::to_owned).collect();
    described.sort_unstable();
    read.sort_unstable();
    assert_eq!(described, read);
}

#[test]
fn the_published_schemas_name_every_key_that_is_read() {
    let table = [
        ("schemas/preflight/workspace.json", "", "version: 1\nname: x\nenvironments:\nintegrations:\n"),
        ("schemas/preflight/workspace.json", "environment", "environments: {e: {"),
        ("schemas/preflight/workspace.json", "integration", "integrations: {e: {"),
        ("schemas/preflight/workspace.json", "flag", "flags: {e: {"),
        ("schemas/preflight/workspace.json", "secret", "secrets: {e: {"),
        ("schemas/preflight/workspace.json", "blocker", "blockers: {e: {"),
        ("schemas/preflight/workspace.json", "policy", "policy: {e: {"),
    ];
    for (file, definition, head) in table {
        let schema: Value = serde_json::from_slice(&files::read(&repository().join(file)).unwrap()).unwrap();
        let described = if definition.is_empty() { &schema } else { &schema["$defs"][definition] };
        let mut described: Vec<_> = described["properties"].as_object().unwrap().keys().cloned().collect();
        let close = if definition.is_empty() { "no_such_key: 1" } else { "no_such_key: 1}}" };
        let error = yaml::read::<Inventory>("file", format!("{head}{close}\n").as_bytes()).unwrap_err();
        let hint = error.hint().unwrap();
        let (_, list) = hint.split_once("allowed here: ").unwrap();
        let mut read: Vec<_> = list.split(", ").map(str::to_owned).collect();
        described.sort_unstable();
        read.sort_unstable();
        assert_eq!(described, read, "{file} {definition}");
    }
}
