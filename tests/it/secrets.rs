//! A canary in every place where a secret may enter, and a search of everything that comes out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::canary::Search;
use crate::server::{Server, files, respond};
use crate::shell::Folder;

/// In the process environment, with letters that every encoding writes otherwise.
const PROCESS: &str = "cAn4ry/process+\"tok&en<value>'=x";
/// In the dotenv file, long as a JWT is.
const DOTENV: &str =
    "eyJhbGciOiJIUzI1NiJ9.cAn4ryDotenvTokenValueThatIsRatherLongSoThatItsRedactionShrinksABody.c2lnbmF0dXJl";

const MANIFEST: &str = "\
title: Shop
models: {versions: ['1'], source: a test}
operations:
  - {id: list, request: GET /items}
variables:
  SHOP_TOKEN: {description: opens it, secret: true}
  SHOP_JWT: {description: opens it too, secret: true}
credentials:
  app:
    description: the app
    headers: {X-Shop-Token: '${SHOP_TOKEN}', Authorization: 'Bearer ${SHOP_JWT}'}
    query: {key: '${SHOP_TOKEN}'}
default_credential: app
";

const FEATURE: &str = r###"
Feature: canaries
  Scenario: kept with everything echoed
    Given the header "X-Custom" is "token ${SHOP_JWT}"
    And the query parameter "q" is "${SHOP_TOKEN}"
    When I GET "/echo/${SHOP_JWT}"
    Then the status is 200
    And "$.jwt" is one of "${SHOP_JWT}, other"
    And "$.jwt" is "##string"

  Scenario: broken in every sentence that shows a value
    When I GET "/echo"
    Then "$.jwt" is "x"
    And "$.raw" is "${SHOP_JWT}"
    And "$.jwt" is not "${SHOP_JWT}"
    And "$.jwt" contains "nothing"
    And "$.jwt" has 3 items
    And each "$.jwt" is one of "a, b"
    And each "$.jwt" matches schema "shop/number"
    And the header "X-Echo" is "nothing"
    And the header "X-Echo" is absent
    And the media type is "text/plain"
    And the body is empty
    And the body is the text "${SHOP_JWT}"
    And the body does not mention "${SHOP_JWT}"
    And the body is:
      """
      {"jwt": "${SHOP_JWT}x", "raw": "#uuid"}
      """
    And the answer holds no secret

  Scenario: ${SHOP_JWT} cAn4ry in a name that is never filled in
    When I GET "/unreadable"
    Then "$.a" is 1

  Scenario: a long body of secrets
    When I GET "/long"
    Then the status is 201

  Scenario: a GraphQL query with a secret in it
    Given the GraphQL variables are:
      """
      {"token": "${SHOP_JWT}"}
      """
    When I query GraphQL at "/graphql":
      """
      { shop(token: "${SHOP_JWT}") { name } }
      """
    Then the status is 201

  Scenario: a refused change with a secret in its path
    When I DELETE "/items/${SHOP_JWT}"
    Then the status is 200

  Scenario: a secret that the service gave
    When I GET "/gives"
    And I remember "$.access_token" as "given"
    And I GET "/uses/${given}"
    Then the status is 201

  Scenario: a step that makes no sense
    When I GET "/echo"
    Then "${SHOP_JWT}" is 1

  Scenario: a host that is another
    When I GET "http://elsewhere.example/${SHOP_JWT}"
    Then the status is 200
"###;

/// What the service hands out; nobody told us that it is a secret but its member's name.
const GIVEN: &str = "cAn4ryGivenByTheService";

fn echo() -> Server {
    Server::start(|asked, out| {
        let json = ["content-type: application/json"];
        let token = asked.header("x-shop-token").unwrap_or_default().to_owned();
        let jwt = asked.header("authorization").unwrap_or_default().trim_start_matches("Bearer ").to_owned();
        match asked.path.split('?').next().unwrap_or_default() {
            "/unreadable" => respond(out, "200 OK", &json, format!("not JSON: {jwt} {token}").as_bytes()),
            "/long" => respond(out, "200 OK", &json, format!("{jwt}\n").repeat(2000).as_bytes()),
            "/gives" => respond(out, "200 OK", &json, format!(r#"{{"access_token":"{GIVEN}"}}"#).as_bytes()),
            _ => {
                let quoted = serde_json::Value::from(token.as_str());
                let percent: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
                let basic = STANDARD.encode(format!("user:{token}"));
                let body = format!(
                    r#"{{"jwt":"{jwt}","raw":{quoted},"percent":"{percent}","basic":"{basic}","url":"{}","hex":"{}"}}"#,
                    asked.path.replace('"', "%22"),
                    hex::encode(&token),
                );
                let headers = [
                    json[0].to_owned(),
                    format!("x-echo: {jwt}"),
                    format!("location: /next?key={percent}"),
                    format!("set-cookie: session={jwt}"),
                    format!("x-request-id: {jwt}"),
                ];
                let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
                respond(out, "200 OK", &headers, body.as_bytes());
            }
        }
    })
}

#[track_caller]
fn is_clean(name: &str, text: &str) {
    Search::of(&[PROCESS, DOTENV, GIVEN]).is_clean(name, text);
}

/// The canaries as what the workspace declares: secrets that are audited, and a flag whose value is one of them.
const DECLARED: &str = "\
secrets:
  SHOP_TOKEN: {service: shop, kept_in: [env]}
  SHOP_JWT: {service: shop, kept_in: ['dotenv:.env.staging']}
flags:
  shop_live:
    integrations: [shop]
    parser: {names: [SHOP_JWT]}
    kept_in: ['dotenv:.env.staging']
    canary:
      request: GET /secret
      live: {'$.live': true}
      mock: {'$.live': false}
";

/// Everything that reads what a run left, or what the canaries are kept in.
const VERBS: [&str; 21] = [
    "report --format html,markdown,json,junit,tap,github,badge,terminal,matrix,vendors,messages,metrics --json",
    "gate --env staging --json",
    "gate --env staging --explain shop",
    "secrets --env staging",
    "secrets --env staging --values --json",
    "secrets scan . --json",
    "flags --env staging",
    "flags --json",
    "flip shop_live --env staging --rehearse",
    "flip shop_live --env staging --dry-run",
    "blockers --env staging",
    "evidence verify",
    "evidence list --json",
    "evidence show 1 --json",
    "evidence audit reports",
    "webhook sign preflight.yaml --scheme github --secret-env SHOP_TOKEN --json",
    "webhook sign preflight.yaml --scheme sendgrid --secret-env SHOP_TOKEN",
    "webhook verify preflight.yaml --scheme github --secret-env SHOP_TOKEN --json -H x-hub-signature-256:sha256=00",
    "webhook send http://127.0.0.1:1/ --scheme shopify --topic orders/create --secret-env SHOP_TOKEN --json",
    "webhook topics --json",
    "lint",
];

#[test]
fn no_secret_leaves_in_any_artefact() {
    let server = echo();
    let workspace = server.workspace() + DECLARED;
    let mut files: Vec<_> = files(&workspace, FEATURE).into_iter().collect();
    let dotenv = format!("SHOP_JWT={DOTENV}\n");
    files[1].1 = MANIFEST;
    files[3].1 = &dotenv;
    files.push(("schemas/shop/number.json", r#"{"type":"number"}"#));
    let folder = Folder::with(&files);
    let name = format!("({})?", DOTENV.replace('.', "\\."));
    let arguments = ["check", "--target", "live", "--env", "staging", "--json", "--name", &name];
    let ran = folder.preflight_with(&arguments, &[("SHOP_TOKEN", PROCESS)]).exits(1);
    is_clean("stdout", &ran.out);
    is_clean("stderr", &ran.err);
    let record = folder.record();
    for verb in VERBS {
        let words: Vec<&str> = verb.split(' ').collect();
        let ran = folder.preflight_with(&words, &[("SHOP_TOKEN", PROCESS)]);
        assert!(ran.code.is_some_and(|code| code < 4), "{}", ran.screen());
        assert!(!(ran.out.is_empty() && ran.err.is_empty()), "{verb} says something");
        is_clean(&format!("the stdout of {verb}"), &ran.out);
        is_clean(&format!("the stderr of {verb}"), &ran.err);
    }
    let reports = folder.path().join("reports");
    let artefacts: Vec<_> = folder.files().into_iter().filter(|path| path.starts_with(&reports)).collect();
    assert!(artefacts.len() > 8, "{artefacts:?}");
    for path in artefacts {
        is_clean(&path.display().to_string(), &String::from_utf8_lossy(&std::fs::read(&path).expect("a file")));
    }
    // The canaries were there to be found: the service was asked with them, and its answers were looked at.
    assert!(server.asked().iter().any(|asked| asked.path.contains(&DOTENV[..24])));
    assert!(record.to_string().matches("[redacted]").count() > 50, "{record}");
    let outcomes: Vec<_> = record["contracts"][0]["scenarios"]
        .as_array()
        .expect("scenarios")
        .iter()
        .map(|scenario| scenario["outcome"].as_str().expect("an outcome").to_owned())
        .collect();
    assert_eq!(
        outcomes,
        ["kept", "broken", "broken", "broken", "broken", "unasked", "broken", "unasked", "unasked"],
        "each way out was gone"
    );
}

#[test]
fn a_twin_run_does_not_write_the_users_secrets_down() {
    let folder = Folder::with_feature(
        "  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n    Then the status is 200\n",
    );
    let environment = [("SUPABASE_SERVICE_KEY", DOTENV)];
    let name = format!("^s$|{DOTENV}");
    let ran = folder.preflight_with(&["check", "idea-pool", "--name", &name, "--json"], &environment).exits(0);
    is_clean("stdout", &ran.out);
    is_clean("the ledger", &folder.read("reports/ledger.jsonl"));
}

#[test]
fn an_error_shows_no_secret() {
    let feature = "Feature: f\n  Scenario: s\n    When I GET \"/\"\n    Then the status is 200\n";
    for base_url in [
        format!("https://user:{DOTENV}@shop.example"),
        format!("user:{DOTENV}@shop.example"),
        format!("https://shop.example/?key={DOTENV}"),
        format!("shop.example/?key={DOTENV}"),
        format!("https://shop example:{DOTENV}"),
    ] {
        let yaml = crate::server::workspace("${SHOP_URL}");
        let folder = Folder::with(&files(&yaml, feature));
        let arguments = ["check", "--target", "live", "--env", "staging"];
        let ran = folder.preflight_with(&arguments, &[("SHOP_URL", &base_url)]).exits(2);
        is_clean(&base_url, &ran.err);
        let direct = Folder::with(&files(&crate::server::workspace(&base_url), feature));
        is_clean(&base_url, &direct.preflight(&arguments).exits(2).err);
    }
    let yaml = crate::server::workspace("http://127.0.0.1:9");
    let folder = Folder::with(&files(&yaml, feature));
    folder.write(".env.staging", &format!("SHOP_JWT {DOTENV}\n"));
    let ran = folder.preflight(&["check", "--target", "live", "--env", "staging"]).exits(2);
    is_clean("the error", &ran.says(".env.staging:1: not a `NAME=value` line").err);
}

/// Every way in which a value is written into a text here.
fn written(value: &str) -> Vec<String> {
    let percent: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let mut link = url::Url::parse("https://shop.example/").expect("a URL");
    link.query_pairs_mut().append_pair("q", value);
    let mut path = url::Url::parse("https://shop.example/").expect("a URL");
    path.path_segments_mut().expect("segments").push(value);
    vec![
        value.to_owned(),
        percent,
        link.to_string(),
        path.to_string(),
        serde_json::json!({ "x": value }).to_string(),
        serde_json::json!({ "x": value }).to_string().replace('/', "\\/"),
        STANDARD.encode(value),
        hex::encode(value),
    ]
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]
    #[test]
    fn no_writing_of_a_secret_survives(
        secret in "[!-~]{8,60}",
        before in "[a-z {}\":]{0,20}",
        after in "[a-z {}\":]{0,20}",
    ) {
        let mut redactor = preflight::domain::secret::Redactor::default();
        redactor.hide(&secret);
        for form in written(&secret) {
            let clean = redactor.text(&format!("{before}{form}{after}"));
            assert!(clean.contains("[redacted]"), "{form}");
            assert!(!clean.contains(&secret), "{form} -> {clean}");
            // What is left is what stood around it, and never most of it.
            assert!(!clean.contains(&form), "{form} -> {clean}");
        }
    }
}
