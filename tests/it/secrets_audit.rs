//! `preflight secrets` as a user types it: HotDash's fifteen secrets as they truly were, evidence, and what must not be green.

use std::fmt::Write as _;

use jsonschema::Validator;
use serde_json::Value;

use crate::shell::{Folder, Ran};

const OURS: &str = include_str!("../../preflight.yaml");

/// The thirteen that had a file for staging, and the two that had one file for every environment.
const STAGING: [&str; 13] = [
    "shopify/api_key",
    "shopify/api_secret",
    "shopify/app_url",
    "shopify/shop_domain",
    "shopify/cli_auth_token",
    "shopify/smoke_test_url",
    "chatwoot/api_token",
    "chatwoot/redis",
    "chatwoot/super_admin",
    "supabase/database_url",
    "supabase/service_key",
    "openai/api_key",
    "chatwoot/webhook_secret",
];
const FOR_ALL: [&str; 2] = ["google/analytics-service-account.json", "fly/api_token.env"];

fn schema(name: &str) -> Validator {
    let path = format!("{}/schemas/preflight/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("a schema file");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(document["$id"], format!("urn:preflight:schema:{name}:1"));
    jsonschema::options().should_validate_formats(true).build(&document).expect("a schema")
}

#[track_caller]
fn is_valid(name: &str, document: &Value) {
    let errors: Vec<_> =
        schema(name).iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, Vec::<String>::new());
}

/// A value of the shape that our inventory declares, another one for each file.
fn value(path: &str) -> String {
    let drawn = format!(
        "{:016x}",
        path.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(0x9e37_79b9_7f4a_7c15) + u64::from(byte))
    );
    match path {
        "shopify/app_url" => "https://staging.hotdash.app".to_owned(),
        "shopify/shop_domain" => "hotdash-staging.myshopify.com".to_owned(),
        "chatwoot/redis" => format!("redis://:{drawn}@redis.internal:6379"),
        "supabase/database_url" => format!("postgres://app:{drawn}@db.internal/app"),
        "openai/api_key" => format!("sk-{drawn}{drawn}"),
        _ => format!("{drawn}{drawn}"),
    }
}

fn private(folder: &Folder, path: &str, text: &str) {
    folder.write(path, text);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(folder.path().join(path), mode).expect("permissions");
    }
}

/// HotDash's vault as it was on 12 October 2025, beside our own preflight.yaml.
fn hotdash() -> Folder {
    let folder = Folder::with(&[("preflight.yaml", OURS)]);
    for path in STAGING {
        // Chatwoot's webhook secret had no suffix.
        let file = if path.ends_with("webhook_secret") { format!("{path}.env") } else { format!("{path}_staging.env") };
        private(&folder, &format!("vault/occ/{file}"), &value(path));
    }
    for path in FOR_ALL {
        private(&folder, &format!("vault/occ/{path}"), &value(path));
    }
    folder
}

fn audit(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.screen()))
}

#[test]
fn hotdash_had_none_of_twelve_in_production() {
    let folder = hotdash();
    let path = [("PATH", "/nowhere")];
    let ran = folder.preflight_with(&["secrets", "--env", "production", "--json"], &path).exits(1);
    let audit = audit(&ran);
    is_valid("secrets", &audit);
    let production = &audit["environments"][0];
    assert_eq!(production["secrets"].as_array().map(Vec::len), Some(15));
    assert_eq!(production["score"]["required"], 12);
    assert_eq!((&production["score"]["right"], &production["score"]["percent"]), (&0.into(), &0.into()));
    // What lies there for all environments is staging's, and not production's own.
    let secrets = production["secrets"].as_array().expect("secrets");
    let codes = |name: &str| -> Vec<String> {
        let secret = secrets.iter().find(|secret| secret["name"] == name).expect("a secret");
        let findings = secret["findings"].as_array().expect("findings");
        findings.iter().map(|finding| finding["code"].as_str().expect("a code").to_owned()).collect()
    };
    for name in ["GOOGLE_APPLICATION_CREDENTIALS", "FLY_API_TOKEN", "CHATWOOT_WEBHOOK_SECRET"] {
        assert!(codes(name).contains(&"shared".to_owned()), "{name}: {:?}", codes(name));
    }
    assert!(codes("SHOPIFY_API_KEY").contains(&"absent".to_owned()));
    // Seven categories: five were written down, the two that count were missing.
    let of = |state: &str| {
        let categories = production["categories"].as_array().expect("categories");
        let mut titles: Vec<String> = categories
            .iter()
            .filter(|category| category["state"] == state)
            .map(|category| category["title"].as_str().expect("a title").to_owned())
            .collect();
        titles.sort();
        titles
    };
    assert_eq!(of("written").len(), 5);
    assert_eq!(of("missing"), ["production deployment", "production secrets generated"]);
    assert!(ran.err.contains("0 of 12 required secrets right (0 %)"), "{}", ran.screen());
    assert!(ran.err.lines().all(|line| line.chars().count() <= 80 || !line.contains(' ')), "{}", ran.screen());
}

#[test]
fn hotdash_had_thirteen_for_staging_and_nobody_can_tell_where_else() {
    let folder = hotdash();
    let ran = folder.preflight_with(&["secrets", "--env", "staging", "--json"], &[("PATH", "/nowhere")]).exits(3);
    let audit = audit(&ran);
    let secrets = audit["environments"][0]["secrets"].as_array().expect("secrets").clone();
    let in_files = secrets.iter().flat_map(|secret| secret["places"].as_array().expect("places").clone());
    let present = in_files.filter(|place| {
        place["presence"] == "present" && place["place"].as_str().is_some_and(|place| place.starts_with("file:"))
    });
    assert_eq!(present.count(), STAGING.len() + FOR_ALL.len());
    assert_eq!(audit["environments"][0]["score"]["unknown"], 12, "{}", ran.screen());
    for path in STAGING.iter().chain(&FOR_ALL) {
        assert!(!ran.out.contains(&value(path)) && !ran.err.contains(&value(path)), "{path}");
    }
}

const SMALL: &str = "\
version: 1
name: test
sources: [app]
environments:
  staging: {dotenv: .env.staging}
  production: {production: true, dotenv: .env.production}
integrations:
  shop:
  chat:
secrets:
  SHOP_TOKEN: {service: shop, aliases: [SHOP_API_TOKEN], shape: '^[A-Za-z0-9]{20,}$'}
  CHAT_TOKEN: {service: chat, kept_in: {staging: [env], production: ['dotenv:.env.production']}}
policy:
  staging: {require: [credentials]}
";

const ONE: &str = "Qm9vWkLp3RtYh7NcXv2B5jGd";
const OTHER: &str = "Zk3TrXw9Qe7LmVb2Hs5NdYp8";

fn small(dotenv: &str) -> Folder {
    let folder = Folder::with(&[
        ("preflight.yaml", SMALL),
        ("app/shop.ts", "export const token = process.env.SHOP_TOKEN;\nconst chat = process.env.CHAT_TOKEN;\n"),
    ]);
    private(&folder, ".env.staging", dotenv);
    folder
}

#[test]
fn what_is_right_is_green_and_is_evidence_for_its_integration() {
    let folder = small(&format!("SHOP_TOKEN={ONE}\nCHAT_TOKEN={OTHER}\n"));
    let ran = folder.preflight(&["secrets", "--env", "staging"]).exits(0);
    assert!(ran.err.contains("staging: 2 of 2 required secrets right (100 %)"), "{}", ran.screen());
    let record = folder.record();
    is_valid("record", &record);
    assert_eq!((&record["kind"], &record["environment"]), (&"secrets".into(), &"staging".into()));
    let entries: Vec<Value> =
        folder.read("reports/ledger.jsonl").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let told: Vec<_> = entries
        .iter()
        .map(|entry| {
            is_valid("ledger", entry);
            let shown = &entry["body"]["evidence"];
            (shown["integration"].as_str(), shown["outcome"].as_str(), shown["score"].as_f64())
        })
        .collect();
    assert_eq!(told, [(Some("chat"), Some("kept"), Some(1.0)), (Some("shop"), Some("kept"), Some(1.0))]);
    for path in folder.files().into_iter().filter(|path| path.starts_with(folder.path().join("reports"))) {
        let text = String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned();
        assert!(!text.contains(&ONE[..6]) && !text.contains(&OTHER[..6]), "{}", path.display());
    }
    let gate = folder.preflight(&["gate", "--env", "staging"]).exits(0);
    assert!(format!("{}{}", gate.out, gate.err).contains("GO"), "{}", gate.screen());
    // Part of the secrets proves nothing of the whole.
    folder.preflight(&["secrets", "SHOP_API_TOKEN", "--env", "staging"]).exits(0);
    assert_eq!(folder.record()["partial"], true);
}

#[test]
fn each_way_to_be_wrong_is_found() {
    let table = [
        (format!("CHAT_TOKEN={OTHER}\n"), 1, "not in env:SHOP_TOKEN"),
        (
            format!("SHOP_TOKEN=changeme\nCHAT_TOKEN={OTHER}\n"),
            1,
            "a placeholder (it is a word that stands for a value)",
        ),
        (format!("SHOP_TOKEN=short\nCHAT_TOKEN={OTHER}\n"), 1, "does not have the declared shape"),
        (format!("SHOP_TOKEN={ONE}\nCHAT_TOKEN={ONE}\n"), 1, "the same value as CHAT_TOKEN"),
        (
            format!("SHOP_API_TOKEN={ONE}\nCHAT_TOKEN={OTHER}\n"),
            1,
            "has it as SHOP_API_TOKEN, the app reads SHOP_TOKEN (app/shop.ts:1)",
        ),
        (format!("SHOP_TOKEN=\nCHAT_TOKEN={OTHER}\n"), 1, "not in env:SHOP_TOKEN"),
        ("SHOP_TOKEN is not an assignment\n".to_owned(), 3, "not a `NAME=value` line"),
    ];
    for (dotenv, code, reason) in table {
        let folder = small(&dotenv);
        let ran = folder.preflight(&["secrets", "--env", "staging"]).exits(code).says(reason);
        assert!(!ran.err.contains(ONE), "{}", ran.screen());
        folder.preflight(&["gate", "--env", "staging"]).exits(code);
    }
}

#[test]
fn production_with_staging_s_value_is_not_ready() {
    let folder = small(&format!("SHOP_TOKEN={ONE}\nCHAT_TOKEN={OTHER}\n"));
    private(&folder, ".env.production", &format!("SHOP_TOKEN={ONE}\nCHAT_TOKEN=Lw8Jx2PmTq5Rz7KcVn4Bd6Gh\n"));
    let ran =
        folder.preflight(&["secrets", "--env", "production"]).exits(1).says("production has the value of staging");
    assert!(ran.err.contains("production: 1 of 2 required secrets right (50 %)"), "{}", ran.screen());
}

#[test]
fn a_value_in_a_report_and_a_file_that_others_read_are_wrong() {
    let folder = small(&format!("SHOP_TOKEN={ONE}\nCHAT_TOKEN={OTHER}\n"));
    folder.write("docs/incident.md", &format!("\nthe leaked one: SHOP_TOKEN={ONE}\n"));
    folder.preflight(&["secrets", "--env", "staging"]).exits(1).says("its value stands in docs/incident.md:2");
    #[cfg(unix)]
    {
        let folder = small("");
        folder.write(".env.production", &format!("SHOP_TOKEN={ONE}\nCHAT_TOKEN={OTHER}\n"));
        let ran = folder.preflight(&["secrets", "CHAT_TOKEN", "--env", "production"]);
        ran.exits(1).says("others may read it (mode 644; chmod 600)");
    }
}

#[test]
fn what_the_app_reads_and_nobody_declared_is_named() {
    let folder = small(&format!("SHOP_TOKEN={ONE}\nCHAT_TOKEN={OTHER}\n"));
    folder.write("app/pay.ts", "const stripe = process.env.STRIPE_SECRET_KEY; const port = process.env.PORT;\n");
    folder.write(
        "app/.github/workflows/ci.yml",
        "env:\n  X: ${{ secrets.SLACK_BOT_TOKEN }} ${{ secrets.GITHUB_TOKEN }}\n",
    );
    let ran = folder.preflight(&["secrets", "--env", "staging", "--json"]).exits(0);
    let audit = audit(&ran);
    let names: Vec<_> =
        audit["strangers"].as_array().expect("strangers").iter().map(|stranger| stranger["name"].clone()).collect();
    assert_eq!(names, ["SLACK_BOT_TOKEN", "STRIPE_SECRET_KEY"]);
    assert!(ran.err.contains("not in the inventory STRIPE_SECRET_KEY: app/pay.ts:1"), "{}", ran.screen());
    // Nothing reads it any more.
    folder.write("app/shop.ts", "const chat = process.env.CHAT_TOKEN;\n");
    let ran = folder.preflight(&["secrets", "--env", "staging", "--json"]).exits(0);
    assert!(ran.out.contains("no source reads it"), "{}", ran.screen());
}

#[test]
fn nothing_declared_or_asked_is_never_green() {
    let bare = Folder::with(&[("preflight.yaml", crate::shell::TWIN_WORKSPACE)]);
    bare.preflight(&["secrets"]).exits(3).says("no secret is declared");
    let folder = small("");
    folder
        .preflight(&["secrets", "SHOP_TOKN"])
        .exits(2)
        .says("unknown secret `SHOP_TOKN` hint: did you mean `SHOP_TOKEN`?");
    folder.preflight(&["secrets", "--env", "stagin"]).exits(2).says("unknown environment `stagin`");
    let optional = SMALL
        .replace("service: shop,", "service: shop, required: false,")
        .replace("service: chat,", "service: chat, required: false,");
    folder.write("preflight.yaml", &optional);
    folder.preflight(&["secrets", "--env", "staging"]).exits(3).says("none of its secrets is required");
    let broken = SMALL.replace("dotenv:.env.production", "dotenv:");
    folder.write("preflight.yaml", &broken);
    folder
        .preflight(&["secrets"])
        .exits(2)
        .says("`dotenv:` names no place (write `dotenv:PATH` or `dotenv:PATH#NAME`)");
}

#[test]
fn the_screen_of_an_audit() {
    let folder = small(&format!("SHOP_API_TOKEN={ONE}\n"));
    let mut screen = folder.preflight(&["secrets", "--env", "staging"]).exits(1).screen();
    let _ = writeln!(screen);
    insta::assert_snapshot!("secrets_audit", screen);
}
