//! Receivers and clients that a contract puts on trial, as a team writes it: right ones are kept, wrong ones are found.

use serde_json::Value;

use crate::receivers::flaw::Flaw;
use crate::receivers::receiver::{Dialect, Receiver, SECRET};
use crate::shell::{Folder, Ran};

const WORKSPACE: &str = "\
version: 1
name: test
environments:
  local:
integrations:
  chatwoot:
policy:
  local: {require: [contract-twin]}
";

/// A client in bash that asks once more where it was throttled, after what a program makes of the seconds that it was asked
/// for; or never.
const CLIENT: &str = r#"
ask() {
  exec 3<>"/dev/tcp/$1/$2"
  printf 'GET /api/v1/profile HTTP/1.1\r\nHost: chatwoot\r\napi_access_token: %s\r\nConnection: close\r\n\r\n' "$CHATWOOT_API_TOKEN" >&3
  read -r _ status _ <&3
  after=0
  while IFS=': ' read -r name value <&3; do
    case ${name,,} in retry-after) after=${value%$'\r'};; $'\r') break;; esac
  done
  exec 3>&-
}
ask "$1" "$2"
[ "$3" = never ] && [ "$status" != 200 ] && exit 7
[ "$status" = 429 ] && { sleep "$($3 "$after")"; ask "$1" "$2"; }
[ "$status" = 200 ]
"#;

const RIGHT: &str = "echo";
const WRONG: &str = "printf 0.00%s";
const NEVER: &str = "never";

fn folder(scenario: &str) -> Folder {
    let feature = format!("@own\nFeature: own\n  Scenario: s\n{scenario}\n");
    Folder::with(&[("preflight.yaml", WORKSPACE), ("features/chatwoot/own.feature", &feature), ("client.sh", CLIENT)])
}

/// Checks a scenario about a receiver with at most one flaw, and another one behind it.
fn attacked(flaw: Option<Flaw>, given: &str, then: &str) -> (Ran, Value) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let port = runtime.block_on(Receiver::new(Dialect::Chatwoot, flaw).serve());
    let here = format!("http://127.0.0.1:{port}");
    let scenario = format!(
        "{given}    When the receiver at \"{here}/hook\" is attacked with scheme \"chatwoot\" and the secret \"{SECRET}\"\n    Then {then}"
    );
    checked(&folder(&scenario.replace("HERE", &here)), &[])
}

fn checked(folder: &Folder, environment: &[(&str, &str)]) -> (Ran, Value) {
    let ran = folder.preflight_with(&["check", "chatwoot", "--tags", "@own", "--json"], environment);
    let record: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}", ran.screen()));
    let scenario = record["contracts"][0]["scenarios"][0].clone();
    (ran, scenario)
}

fn findings(scenario: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = scenario["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().map(|finding| (text(&finding["code"]), text(&finding["message"]))).collect()
}

const COUNTED: &str = "    Given the receiver's effects are counted at \"HERE/effects\" by \"$.count\"\n";

#[test]
fn a_right_receiver_is_kept_and_what_nobody_counts_is_unasked() {
    let (_, scenario) = attacked(None, COUNTED, "no case is broken\n    And the case \"duplicate-later\" is kept");
    assert_eq!(scenario["outcome"], "kept", "{scenario}");
    let (_, blind) = attacked(None, "", "no case is broken\n    And the case \"duplicate-later\" is unasked");
    assert_eq!(blind["outcome"], "kept", "{blind}");
}

#[test]
fn a_wrong_receiver_is_found_with_the_cases_that_find_it() {
    let (_, scenario) = attacked(Some(Flaw::NoWindow), COUNTED, "no case is broken");
    assert_eq!(scenario["outcome"], "broken", "{scenario}");
    let [(code, message)] = &findings(&scenario)[..] else { panic!("{scenario}") };
    assert_eq!(code, "webhook");
    assert!(message.contains("stale-timestamp: ") && message.contains("cases of the suite are broken"), "{message}");
    let (_, known) = attacked(Some(Flaw::NoWindow), "", "the case \"stale-timestamp\" is broken");
    assert_eq!(known["outcome"], "kept", "a fault that is known can be kept known: {known}");
    let (_, other) = attacked(Some(Flaw::NoWindow), "", "the case \"stale-timestamp\" is kept");
    assert_eq!((findings(&other)[0].0.as_str(), &other["outcome"]), ("webhook", &"broken".into()), "{other}");
}

#[test]
fn what_cannot_be_attacked_is_unasked_and_says_why() {
    let attack = |url: &str, scheme: &str, then: &str| {
        let words = format!("the receiver at \"{url}\" is attacked with scheme \"{scheme}\" and the secret \"s3cret\"");
        checked(&folder(&format!("    When {words}\n    Then {then}")), &[]).1
    };
    for (url, scheme, then, reason) in [
        ("https://app.example/hook", "chatwoot", "no case is broken", "app.example is not this machine"),
        ("http://127.0.0.1:9/hook", "chatwoot", "no case is broken", "could not be reached"),
        ("/hook", "chatwoot", "no case is broken", "is no address"),
        ("http://127.0.0.1:9/hook", "chatwot", "no case is broken", "did you mean `chatwoot`?"),
        ("http://127.0.0.1:9/hook", "chatwoot", "the case \"stale\" is kept", "the suite has no case `stale`"),
        ("http://127.0.0.1:9/hook", "chatwoot", "the case \"valid\" is fine", "write kept, broken or unasked"),
    ] {
        let scenario = attack(url, scheme, then);
        assert_eq!(scenario["outcome"], "unasked", "{scenario}");
        assert!(scenario["reason"].as_str().unwrap_or_default().contains(reason), "{reason}: {scenario}");
    }
}

/// Checks a client that reads `Retry-After` so.
fn sent(wait: &str, lesson: &str, then: &str, allowed: bool) -> Value {
    let client = format!("bash client.sh {{host}} {{port}} '{wait}'");
    let scenario = format!("    When the client \"{client}\" goes through lesson \"{lesson}\"\n    Then {then}");
    let environment: &[(&str, &str)] = if allowed { &[("PREFLIGHT_COMMANDS", "1")] } else { &[] };
    checked(&folder(&scenario), environment).1
}

/// Two seconds, which a right client waits; and ten minutes, of which no machine is so slow that it would wait them.
const SHORT: &str = "throttled-seconds";
const LONG: &str = "throttled-minutes";

#[test]
fn a_client_is_judged_by_how_it_waits() {
    let right = sent(RIGHT, SHORT, "it waits as the vendor asked\n    And the client does nothing wrong", true);
    assert_eq!(right["outcome"], "kept", "{right}");
    for then in ["it waits as the vendor asked", "the client does nothing wrong"] {
        let wrong = sent(WRONG, LONG, then, true);
        assert_eq!((&wrong["outcome"], findings(&wrong)[0].0.as_str()), (&"broken".into(), "client"), "{wrong}");
    }
}

#[test]
fn a_fault_of_a_client_that_is_known_can_be_kept_known() {
    let known = sent(NEVER, SHORT, "the client is found to be wrong: no-retry", true);
    assert_eq!(known["outcome"], "kept", "{known}");
    let mended = sent(RIGHT, SHORT, "the client is found to be wrong: no-retry", true);
    assert_eq!((&mended["outcome"], findings(&mended)[0].0.as_str()), (&"broken".into(), "client"), "{mended}");
    let misspelled = sent(RIGHT, SHORT, "the client is found to be wrong: no-retries", true);
    assert_eq!(misspelled["outcome"], "unasked", "{misspelled}");
}

#[test]
fn a_contract_starts_no_command_that_nobody_allowed() {
    let scenario = sent(RIGHT, SHORT, "the client does nothing wrong", false);
    assert_eq!(scenario["outcome"], "unasked", "{scenario}");
    assert!(scenario["reason"].as_str().unwrap_or_default().contains("PREFLIGHT_COMMANDS=1 allows"), "{scenario}");
    for (client, lesson, reason) in [
        ("true", "throttled-second", "did you mean `throttled-seconds`?"),
        ("/no/such/program", "throttled-seconds", "is not installed here"),
        ("true", "throttled-seconds", "the client sent no request"),
    ] {
        let scenario = format!(
            "    When the client \"{client}\" goes through lesson \"{lesson}\"\n    Then the client does nothing wrong"
        );
        let scenario = checked(&folder(&scenario), &[("PREFLIGHT_COMMANDS", "1")]).1;
        assert_eq!(scenario["outcome"], "unasked", "{scenario}");
        assert!(scenario["reason"].as_str().unwrap_or_default().contains(reason), "{reason}: {scenario}");
    }
}
