//! `preflight flags` as a user types it.

use serde_json::Value;

use crate::shell::Folder;

/// A workspace whose flags are all known and consistent, with the app's sources.
const GOOD: &str = "\
version: 1
name: shop
sources: [app]
environments:
  staging: {dotenv: .env.staging}
integrations:
  idea-pool: {flag: live_ideas}
flags:
  live_ideas:
    owner: integrations
    integrations: [idea-pool]
    parser: {rule: prefixed, file: config/flags.ts, names: [FEATURE_LIVE_IDEAS, FEATURE_FLAG_LIVE_IDEAS]}
    kept_in: [env, 'flagd:flags.json#key=ideas.live']
    prerequisites: [table ideas, secret SERVICE_KEY, approval of the manager]
    rollback: [FEATURE_LIVE_IDEAS, FEATURE_FLAG_LIVE_IDEAS]
    rollback_seconds: 120
";

const FLAGD: &str = r#"{"flags": {"ideas.live":
  {"state": "ENABLED", "variants": {"live": true, "mock": false}, "defaultVariant": "live"}}}"#;

fn good() -> Folder {
    Folder::with(&[
        ("preflight.yaml", GOOD),
        (".env.staging", "FEATURE_LIVE_IDEAS=1\nSERVICE_KEY=preflight-synthetic-key\n"),
        ("flags.json", FLAGD),
        ("app/config/flags.ts", "export const on = (key) => parse(process.env[`FEATURE_${key}`]);\n"),
        ("app/routes/ideas.ts", "if (isFeatureEnabled('live_ideas')) { await live(); }\n"),
        ("app/migrations/1.sql", "create table if not exists public.ideas (id int);\n"),
    ])
}

#[test]
fn what_is_known_and_consistent_is_green() {
    let ran = good().preflight(&["flags"]).exits(0);
    insta::assert_snapshot!("flags_good", ran.screen());
    let ran = good().preflight(&["flags", "live_ideas"]).exits(0);
    insta::assert_snapshot!("flags_good_in_detail", ran.screen());
}

/// Two values, two parsers, a legacy name, a ghost, a dead flag, one that is read and unused, a table in no migration.
const BAD: &str = "\
version: 1
name: shop
sources: [app]
environments:
  production: {dotenv: .env.production, production: true}
integrations:
  idea-pool:
  publer:
flags:
  supabase_idea_pool:
    owner: integrations
    integrations: [idea-pool]
    parser: {rule: prefixed, file: config/flags.ts, names: [FEATURE_SUPABASE_IDEA_POOL, FEATURE_FLAG_SUPABASE_IDEA_POOL]}
    kept_in: [env]
    prerequisites: [table product_suggestions, contract publer]
    rollback: [FEATURE_SUPABASE_IDEA_POOL]
  idea_pool_supabase_enabled:
    integrations: [idea-pool]
    parser: {rule: plain, names: [IDEA_POOL_SUPABASE_ENABLED]}
    kept_in: [env]
  idea_pool_live:
    owner: integrations
    parser: {rule: plain, file: utils/flags.ts, names: [IDEA_POOL_LIVE]}
    other_parsers:
      specification: {rule: exact, names: [IDEA_POOL_LIVE]}
    kept_in: [env]
  chatwoot_live:
    owner: support
    parser: {rule: exact, names: [CHATWOOT_LIVE]}
    kept_in: [env]
  beta:
    owner: engineering
    parser: {rule: exact-or-query, names: [FEATURE_BETA], query: feature_beta}
    kept_in: [env]
";

fn bad() -> Folder {
    Folder::with(&[
        ("preflight.yaml", BAD),
        (
            ".env.production",
            "FEATURE_SUPABASE_IDEA_POOL=0\nFEATURE_FLAG_SUPABASE_IDEA_POOL=1\nIDEA_POOL_LIVE=1\nFEATURE_BETA=preflight-planted-secret\n",
        ),
        ("app/routes/ideas.ts", "isFeatureEnabled('supabase_idea_pool'); process.env.IDEA_POOL_SUPABASE_ENABLED\n"),
        ("app/utils/flags.ts", "export const ideaPoolLive = parse(process.env.IDEA_POOL_LIVE);\n"),
        ("app/beta.ts", "if (process.env.FEATURE_BETA === 'true') {}\nprocess.env.ADS_REAL_DATA\n"),
        ("app/fly.toml", "[env]\n  CHATWOOT_LIVE = \"true\"\n"),
        ("app/README.md", "Set CHATWOOT_LIVE=true to go live.\n"),
    ])
}

#[test]
fn every_contradiction_is_found() {
    let ran = bad().preflight(&["flags"]).exits(1);
    insta::assert_snapshot!("flags_bad", ran.screen());
    for folder in [bad().preflight(&["flags", "beta"]), bad().preflight(&["flags", "--json"])] {
        assert!(!folder.screen().contains("planted"), "a flag's value may be a secret: {}", folder.screen());
    }
}

#[test]
fn what_cannot_be_seen_is_unknown_and_never_off() {
    let unknown = GOOD
        .replace("sources: [app]\n", "")
        .replace("'flagd:flags.json#key=ideas.live'", "fly, 'unleash:${UNLEASH_URL}', browser");
    let folder = good();
    folder.write("preflight.yaml", &unknown);
    let ran = folder.preflight(&["flags"]).exits(3);
    insta::assert_snapshot!("flags_unknown", ran.screen());
    let none =
        Folder::with(&[("preflight.yaml", "version: 1\nname: x\nenvironments: {local: }\nintegrations: {a: }\n")]);
    let ran = none.preflight(&["flags"]).exits(3);
    assert!(ran.err.starts_with("error: preflight.yaml declares no flag, so nothing is known"), "{}", ran.err);
}

#[test]
fn an_unknown_name_is_told_with_the_nearest_one() {
    let table = [
        (&["flags", "live_idea"][..], "error: there is no flag `live_idea`\nhint: did you mean `live_ideas`?"),
        (&["flags", "--env", "stagin"], "error: there is no environment `stagin`\nhint: did you mean `staging`?"),
        (&["flags", "--source", "nowhere"], "error: there is no source tree at nowhere\nhint: name the folder"),
    ];
    for (arguments, message) in table {
        let ran = good().preflight(arguments).exits(2);
        assert!(ran.err.starts_with(message), "{}", ran.err);
    }
}

#[test]
fn the_json_is_what_its_schema_says() {
    let schema = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/preflight/flags.json")).expect("a schema");
    let schema: Value = serde_json::from_slice(&schema).expect("JSON");
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
    for (folder, code) in [(good(), 0), (bad(), 1)] {
        let ran = folder.preflight(&["flags", "--json"]).exits(code);
        let audit: Value = serde_json::from_str(&ran.out).expect("JSON");
        let errors: Vec<String> = validator.iter_errors(&audit).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    assert!(!validator.is_valid(&serde_json::json!({ "version": 1, "flags": [] })), "half an audit");
}
