//! The stores of secrets, asked as they are in earnest: Vault and GitHub over HTTP, the command-line tools as small programs
//! that write down how they were called.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::server::{Server, respond};
use crate::shell::{Folder, Ran};

/// What must never be seen.
const CANARY: &str = "cAn4ryT0kenV4lueQm9vWkLp3Rt";

fn workspace(secrets: &str) -> Folder {
    let yaml = format!(
        "version: 1\nname: test\nenvironments:\n  staging: {{dotenv: .env.staging}}\n  production: {{production: true}}\nintegrations:\n  shop:\nsecrets:\n{secrets}"
    );
    Folder::with(&[("preflight.yaml", &yaml)])
}

/// A folder of programs that comes first in PATH; each call is written to `calls`.
fn programs(folder: &Folder, scripts: &[(&str, &str)]) -> String {
    for (name, script) in scripts {
        let log = folder.path().join("calls");
        folder.write(
            &format!("bin/{name}"),
            &format!("#!/bin/sh\necho \"{name} $*\" >> '{}'\n{script}\n", log.display()),
        );
        let path = folder.path().join("bin").join(name);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    }
    format!("{}:/usr/bin:/bin", folder.path().join("bin").display())
}

/// One secret of one environment, as the audit has it.
fn secret(ran: &Ran, name: &str) -> Value {
    let audit: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.screen()));
    let all = audit["environments"][0]["secrets"].as_array().expect("secrets").clone();
    all.into_iter().find(|secret| secret["name"] == name).unwrap_or_else(|| panic!("{name}: {}", ran.screen()))
}

#[track_caller]
fn is_clean(ran: &Ran) {
    for text in [&ran.out, &ran.err] {
        assert!(!text.contains("cAn4ry"), "{}", ran.screen());
    }
}

/// The first finding of a secret.
fn why(ran: &Ran, name: &str) -> String {
    secret(ran, name)["findings"][0]["text"].as_str().unwrap_or_default().to_owned()
}

/// Vault's answers, in the form that its API documentation gives.
fn vault() -> Server {
    Server::start(|asked, out| {
        let json = ["content-type: application/json"];
        if asked.header("x-vault-token") != Some("root-token") {
            return respond(out, "403 Forbidden", &json, br#"{"errors":["permission denied"]}"#);
        }
        let metadata =
            r#""metadata":{"created_time":"2026-10-01T00:00:00Z","deletion_time":"","destroyed":false,"version":3}"#;
        match asked.path.as_str() {
            "/v1/secret/subkeys/shop" => {
                let body = format!(r#"{{"data":{{"subkeys":{{"token":null}},{metadata}}}}}"#);
                respond(out, "200 OK", &json, body.as_bytes());
            }
            "/v1/secret/subkeys/deleted" => {
                let body = br#"{"data":{"subkeys":null,"metadata":{"created_time":"2026-10-01T00:00:00Z","deletion_time":"2026-10-02T00:00:00Z","destroyed":false,"version":3}}}"#;
                respond(out, "404 Not Found", &json, body);
            }
            "/v1/secret/subkeys/gone" => respond(out, "404 Not Found", &json, br#"{"errors":[]}"#),
            // A vault that is older than the question.
            "/v1/old/subkeys/shop" => respond(out, "404 Not Found", &json, br#"{"errors":["unsupported path"]}"#),
            "/v1/old/data/shop" | "/v1/secret/data/shop" => {
                let body = format!(r#"{{"data":{{"data":{{"token":"{CANARY}","port":5432}},{metadata}}}}}"#);
                respond(out, "200 OK", &json, body.as_bytes());
            }
            "/v1/sealed/subkeys/shop" => {
                respond(out, "503 Service Unavailable", &json, br#"{"errors":["Vault is sealed"]}"#);
            }
            "/v1/page/subkeys/shop" => {
                let html = format!("<html>{CANARY}</html>");
                respond(out, "200 OK", &["content-type: text/html"], html.as_bytes());
            }
            "/v1/other/subkeys/shop" => respond(out, "200 OK", &json, br#"{"data":[1,2]}"#),
            "/v1/standby/subkeys/shop" => {
                respond(out, "307 Temporary Redirect", &["location: http://elsewhere.example/"], b"");
            }
            "/v1/slow/subkeys/shop" => std::thread::sleep(Duration::from_secs(30)),
            path => respond(
                out,
                "404 Not Found",
                &json,
                format!(r#"{{"errors":["no handler for route \"{path}\""]}}"#).as_bytes(),
            ),
        }
    })
}

#[test]
fn vault_is_asked_for_keys_and_for_a_value_only_where_its_shape_is_wanted() {
    let server = vault();
    let folder = workspace(
        "  TOKEN: {service: shop, kept_in: ['vault:secret/shop#token'], rotation_days: 90, rotated: {staging: 2020-01-01}}\n\
         \x20 MISSING_KEY: {service: shop, kept_in: ['vault:secret/shop#other']}\n\
         \x20 DELETED: {service: shop, kept_in: ['vault:secret/deleted#token']}\n\
         \x20 GONE: {service: shop, kept_in: ['vault:secret/gone#token']}\n\
         \x20 SHAPED: {service: shop, kept_in: ['vault:secret/shop#token'], shape: '^cAn', shared: one account}\n\
         \x20 MISSHAPED: {service: shop, kept_in: ['vault:secret/shop#token'], shape: '^other', shared: one account}\n\
         \x20 OLDER: {service: shop, kept_in: ['vault:old/shop#token'], shared: one account}\n\
         \x20 SEALED: {service: shop, kept_in: ['vault:sealed/shop#token']}\n\
         \x20 PAGE: {service: shop, kept_in: ['vault:page/shop#token']}\n\
         \x20 OTHER: {service: shop, kept_in: ['vault:other/shop#token']}\n\
         \x20 STANDBY: {service: shop, kept_in: ['vault:standby/shop#token']}\n\
         \x20 NO_ENGINE: {service: shop, kept_in: ['vault:nowhere/shop#token']}\n\
         \x20 SLOW: {service: shop, kept_in: ['vault:slow/shop#token']}\n",
    );
    let address = format!("http://127.0.0.1:{}", server.port);
    folder.write(".env.staging", &format!("VAULT_ADDR={address}\nVAULT_TOKEN=root-token\n"));
    let start = Instant::now();
    let ran = folder.preflight(&["secrets", "--env", "staging", "--json", "--timeout", "2"]).exits(1);
    assert!(start.elapsed() < Duration::from_secs(25), "a store that hangs is not waited for");
    is_clean(&ran);
    let states: Vec<(&str, &str, String)> = vec![
        ("TOKEN", "right", String::new()),
        ("MISSING_KEY", "absent", "not in vault:secret/shop#other".into()),
        ("DELETED", "absent", "not in vault:secret/deleted#token".into()),
        ("GONE", "absent", "not in vault:secret/gone#token".into()),
        ("SHAPED", "right", String::new()),
        ("MISSHAPED", "wrong", "vault:secret/shop#token: does not have the declared shape".into()),
        ("OLDER", "right", String::new()),
        ("SEALED", "unknown", "vault:sealed/shop#token: 127.0.0.1 is sealed".into()),
        ("PAGE", "unknown", "vault:page/shop#token: 127.0.0.1 answered text/html, not JSON".into()),
        ("OTHER", "unknown", "vault:other/shop#token: 127.0.0.1 answered JSON of another form".into()),
        ("STANDBY", "unknown", "vault:standby/shop#token: 127.0.0.1 answered HTTP 307".into()),
        ("NO_ENGINE", "unknown", "vault:nowhere/shop#token: 127.0.0.1 has no KV version 2 engine at `nowhere`".into()),
        ("SLOW", "unknown", "vault:slow/shop#token: 127.0.0.1: no answer within 2000 ms".into()),
    ];
    for (name, state, reason) in states {
        assert_eq!((secret(&ran, name)["state"].as_str(), why(&ran, name)), (Some(state), reason), "{name}");
    }
    // The store's own date wins over the declared one.
    assert!(secret(&ran, "TOKEN")["age_days"].as_i64().is_some_and(|days| days < 90));
    let asked: Vec<String> = server.asked().iter().map(|asked| format!("{} {}", asked.method, asked.path)).collect();
    assert!(asked.iter().all(|line| line.starts_with("GET ")), "{asked:?}");
    assert_eq!(asked.iter().filter(|line| line.ends_with("/v1/secret/data/shop")).count(), 2, "once for each shape");
}

#[test]
fn a_vault_that_refuses_or_is_not_there_leaves_everything_unknown() {
    let server = vault();
    let folder = workspace("  TOKEN: {service: shop, kept_in: ['vault:secret/shop#token']}\n");
    let port = server.port.to_string();
    let cases = [
        (format!("VAULT_ADDR=http://127.0.0.1:{port}\nVAULT_TOKEN={CANARY}\n"), "refuses the token (HTTP 403)"),
        (format!("VAULT_ADDR=http://127.0.0.1:{port}\n"), "no token: set VAULT_TOKEN in environment `staging`"),
        ("VAULT_TOKEN=x\n".to_owned(), "no address: set VAULT_ADDR in environment `staging`"),
        ("VAULT_ADDR=nowhere\nVAULT_TOKEN=x\n".to_owned(), "VAULT_ADDR is no URL"),
        ("VAULT_ADDR=http://127.0.0.1:9\nVAULT_TOKEN=x\n".to_owned(), "connection refused"),
    ];
    for (dotenv, reason) in cases {
        folder.write(".env.staging", &dotenv);
        let ran = folder.preflight(&["secrets", "--env", "staging", "--json"]).exits(3);
        is_clean(&ran);
        assert!(why(&ran, "TOKEN").contains(reason), "{}", ran.screen());
    }
}

/// A page of GitHub's list, as its REST API documentation gives it.
fn github() -> Server {
    Server::start(|asked, out| {
        let json = ["content-type: application/json; charset=utf-8"];
        if asked.header("authorization") != Some("Bearer gh-token") {
            return respond(out, "401 Unauthorized", &json, br#"{"message":"Bad credentials"}"#);
        }
        if !asked.path.starts_with("/repos/me/shop/environments/staging/secrets?") {
            return respond(out, "404 Not Found", &json, br#"{"message":"Not Found"}"#);
        }
        let (from, to) = if asked.path.ends_with("&page=1") { (0, 100) } else { (100, 101) };
        let names: Vec<String> = (from..to)
            .map(|number| match number {
                100 => r#"{"name":"SHOP_TOKEN","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-11-01T00:00:00Z"}"#.to_owned(),
                0 => r#"{"name":"STRIPE_SECRET_KEY","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}"#.to_owned(),
                _ => format!(r#"{{"name":"V{number}","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}}"#),
            })
            .collect();
        let body = format!(r#"{{"total_count":101,"secrets":[{}]}}"#, names.join(","));
        respond(out, "200 OK", &json, body.as_bytes());
    })
}

#[test]
fn github_lists_names_over_all_pages_and_is_asked_once() {
    let server = github();
    let folder = workspace(
        "  SHOP_TOKEN: {service: shop, kept_in: [github], rotation_days: 9000}\n\
         \x20 OTHER: {service: shop, kept_in: ['github:me/shop/{environment}/OTHER']}\n\
         \x20 ELSEWHERE: {service: shop, kept_in: ['github:me/shop/nowhere']}\n",
    );
    let api = format!("http://127.0.0.1:{}", server.port);
    folder.write(".env.staging", &format!("GITHUB_API_URL={api}\nGITHUB_REPOSITORY=me/shop\nGH_TOKEN=gh-token\n"));
    let ran = folder.preflight(&["secrets", "--env", "staging", "--json"]).exits(1);
    let token = secret(&ran, "SHOP_TOKEN");
    assert_eq!(token["state"], "right", "{}", ran.screen());
    assert_eq!(token["places"][0]["renewed"], "2026-11-01T00:00:00Z");
    assert_eq!(token["places"][0]["value_seen"], false);
    assert_eq!(secret(&ran, "OTHER")["state"], "absent");
    assert!(why(&ran, "ELSEWHERE").contains("GitHub knows no environment `nowhere` of me/shop"), "{}", ran.screen());
    let pages = server.asked().iter().filter(|asked| asked.path.contains("/staging/")).count();
    assert_eq!(pages, 2, "two pages, each once");
    let audit: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(audit["strangers"][0]["name"], "STRIPE_SECRET_KEY", "kept there, and not in the inventory");
    folder.write(".env.staging", &format!("GITHUB_API_URL={api}\nGITHUB_REPOSITORY=me/shop\nGH_TOKEN=bad\n"));
    let ran = folder.preflight(&["secrets", "SHOP_TOKEN", "--env", "staging", "--json"]).exits(3);
    assert!(why(&ran, "SHOP_TOKEN").contains("refuses the token (HTTP 401)"), "{}", ran.screen());
}

#[test]
fn command_line_tools_are_asked_for_names_and_not_for_values() {
    let folder = workspace(
        "  FLY_ONE: {service: shop, kept_in: ['fly:hotdash']}\n\
         \x20 FLY_TWO: {service: shop, aliases: [SECOND], kept_in: ['fly:hotdash']}\n\
         \x20 FLY_GONE: {service: shop, kept_in: ['fly:hotdash']}\n\
         \x20 DOPPLER_ONE: {service: shop, kept_in: ['doppler:shop/stg']}\n\
         \x20 DOPPLER_SHAPED: {service: shop, kept_in: ['doppler:shop/stg/SHAPED'], shape: '^cAn'}\n\
         \x20 OP_ONE: {service: shop, kept_in: ['op://Team/Shop/credential'], shared: one account}\n\
         \x20 OP_GONE: {service: shop, kept_in: ['op://Team/Nothing/credential']}\n\
         \x20 ANY: {service: shop, kept_in: ['command:any {environment}'], shared: one account}\n\
         \x20 FAILING: {service: shop, kept_in: ['command:any wrong']}\n",
    );
    let path = programs(
        &folder,
        &[
            (
                "fly",
                r#"echo '[{"Name":"FLY_ONE","Digest":"1f","CreatedAt":"2026-11-01T00:00:00Z"},{"name":"SECOND"}]'"#,
            ),
            (
                "doppler",
                &format!(
                    "case \"$*\" in *only-names*) echo '{{\"DOPPLER_ONE\":{{}},\"SHAPED\":{{}}}}';; *) echo '{CANARY}';; esac"
                ),
            ),
            (
                "op",
                &format!(
                    "case \"$*\" in *list*) echo '[{{\"id\":\"i1\",\"title\":\"Shop\",\"updated_at\":\"2026-11-01T00:00:00Z\"}}]';; \
                     *) echo '{{\"id\":\"i1\",\"fields\":[{{\"id\":\"credential\",\"label\":\"credential\",\"value\":\"{CANARY}x\"}}]}}';; esac"
                ),
            ),
            ("any", &format!("test \"$1\" = staging || {{ echo '{CANARY}' >&2; exit 4; }}; echo '{CANARY}y'")),
        ],
    );
    let ran = folder.preflight_with(&["secrets", "--env", "staging", "--json"], &[("PATH", &path)]).exits(1);
    is_clean(&ran);
    for (name, state) in [
        ("FLY_ONE", "right"),
        ("FLY_TWO", "right"),
        ("FLY_GONE", "absent"),
        ("DOPPLER_ONE", "right"),
        ("DOPPLER_SHAPED", "right"),
        ("OP_ONE", "right"),
        ("OP_GONE", "absent"),
        ("ANY", "right"),
        ("FAILING", "unknown"),
    ] {
        assert_eq!(secret(&ran, name)["state"], state, "{name}: {}", ran.screen());
    }
    assert_eq!(why(&ran, "FAILING"), "command:any …: `sh` failed with exit code 4; run it yourself to see why");
    let mut calls: Vec<String> = folder.read("calls").lines().map(str::to_owned).collect();
    calls.sort();
    let expected = [
        "any staging",
        "any wrong",
        "doppler secrets --only-names --json --project shop --config stg",
        "doppler secrets get SHAPED --plain --project shop --config stg",
        "fly secrets list --app hotdash --json",
        "op item get i1 --vault Team --format json",
        "op item list --vault Team --format json",
        "op item list --vault Team --format json",
    ];
    assert_eq!(calls, expected);
}

#[test]
fn a_tool_that_is_missing_hangs_or_babbles_leaves_it_unknown() {
    let folder = workspace(
        "  MISSING: {service: shop, kept_in: ['op://Team/Shop/credential']}\n\
         \x20 HANGS: {service: shop, kept_in: ['doppler:shop/stg']}\n\
         \x20 BABBLES: {service: shop, kept_in: ['fly:hotdash']}\n",
    );
    let path =
        programs(&folder, &[("doppler", "sleep 60 & wait"), ("fly", &format!("echo 'Error: not logged in {CANARY}'"))]);
    let start = Instant::now();
    let arguments = ["secrets", "--env", "staging", "--json", "--timeout", "1"];
    let ran = folder.preflight_with(&arguments, &[("PATH", &path)]).exits(3);
    assert!(start.elapsed() < Duration::from_secs(25), "it was waited for");
    is_clean(&ran);
    assert_eq!(why(&ran, "MISSING"), "op://Team/Shop/credential: `op` is not installed here");
    assert_eq!(why(&ran, "HANGS"), "doppler:shop/stg: `doppler` gave no answer within 1 s and was ended");
    assert_eq!(why(&ran, "BABBLES"), "fly:hotdash: `fly secrets list --json` did not give a list of names");
}
