//! The flag stores over HTTP: against the twin, and against servers that answer badly.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use preflight::adapter::client::{Client, Options, Safety};
use preflight::adapter::environment::{Environment, Lookup};
use preflight::adapter::flags::open::{Keys, open};
use preflight::adapter::flags::store::{Question, Store, WriteError, Written};
use preflight::domain::flag::Declared;
use preflight::domain::flag::change::{Change, Permit, Turn};
use preflight::domain::flag::sighting::Sighting;
use preflight::domain::inventory;

use crate::flags_twin::Twin;
use crate::server::{Server, json, respond};

/// A store as a workspace writes it, opened with these variables.
pub fn store(kept_in: &str, variables: &[(String, String)]) -> Box<dyn Store> {
    let variables = variables.to_vec();
    let environment = Environment::with(None, "development", &inventory::Environment::default(), move |name| {
        let found = variables.iter().find(|(known, _)| known == name);
        found.map_or(Lookup::Unset, |(_, value)| Lookup::Set(value.clone()))
    });
    let environment = Arc::new(environment.expect("an environment"));
    let client = Client::new(Options::new(Safety::SafeOnly)).expect("a client");
    let timeout = Duration::from_millis(500);
    let keys = Keys { root: Path::new("."), environment: &environment, client: &client, timeout };
    open("live", &Declared::default(), kept_in, &keys).unwrap_or_else(|error| panic!("{error}"))
}

/// One look.
pub async fn look(store: &dyn Store) -> Sighting {
    let declared = Declared::default();
    store
        .read(Question { flag: "live", declared: &declared, parser: &declared.parser, environment: "development" })
        .await
}

/// Switches under a permit that covers it.
pub async fn turn(store: &dyn Store, turn: Turn) -> Result<Written, WriteError> {
    let declared = Declared::default();
    let permit = Permit::grant("sha", "live", "development", Timestamp::MAX);
    let change = Change { flag: "live", declared: &declared, environment: "development", turn, expected: None };
    store.write(change, &permit, Timestamp::UNIX_EPOCH).await
}

const UNLEASH: &str = "unleash:${FLAGS_BASE_URL}#key=supabase_idea_pool";
const OFREP: &str = "ofrep:${FLAGS_BASE_URL}#key=supabase_idea_pool&token=UNLEASH_API_TOKEN";

#[tokio::test]
async fn a_flag_is_switched_in_unleash_and_seen_over_both_protocols() {
    let twin = Twin::start(&[]);
    let (unleash, ofrep) = (store(UNLEASH, &twin.environment), store(OFREP, &twin.environment));
    let both = async || [look(&*unleash).await, look(&*ofrep).await].map(|seen| seen.switch.as_str());
    assert_eq!(both().await, ["off", "off"]);
    assert_eq!(turn(&*unleash, Turn::On).await.expect("it takes it"), Written::Done);
    assert_eq!(both().await, ["on", "on"]);
    assert_eq!(turn(&*unleash, Turn::Back { on: false }).await.expect("it takes it"), Written::Done);
    assert_eq!(both().await, ["off", "off"]);
    let told = turn(&*ofrep, Turn::On).await.expect("it says what to do");
    assert!(matches!(told, Written::Instruction(text) if text.starts_with("OFREP only evaluates: switch")));
}

#[tokio::test]
async fn nothing_is_written_without_a_permit_that_covers_it_or_a_token_that_may() {
    let twin = Twin::start(&[]);
    let unleash = store(UNLEASH, &twin.environment);
    let (declared, turn_on) = (Declared::default(), Turn::On);
    let change = Change { flag: "live", declared: &declared, environment: "production", turn: turn_on, expected: None };
    let permit = Permit::grant("sha", "live", "development", Timestamp::MAX);
    let refused = unleash.write(change, &permit, Timestamp::UNIX_EPOCH).await.expect_err("it is not covered");
    assert!(matches!(refused, WriteError::NotPermitted(_)), "{refused}");
    let late = Permit::grant("sha", "live", "production", Timestamp::UNIX_EPOCH);
    assert!(unleash.write(change, &late, Timestamp::UNIX_EPOCH).await.is_err());
    let wrong = store(&format!("{UNLEASH}&admin=UNLEASH_API_TOKEN"), &twin.environment);
    let refused = turn(&*wrong, Turn::On).await.expect_err("a client may not switch");
    assert!(matches!(refused, WriteError::Refused { status: 403, .. }), "{refused}");
    let without = store(&format!("{UNLEASH}&admin=NO_SUCH_VARIABLE"), &twin.environment);
    assert!(matches!(turn(&*without, Turn::On).await, Ok(Written::Instruction(_))));
    assert_eq!(look(&*unleash).await.switch.as_str(), "off");
}

#[tokio::test]
async fn a_store_that_lies_says_done_and_the_reading_says_otherwise() {
    let twin = Twin::start(&["flags.writes=lost"]);
    let unleash = store(UNLEASH, &twin.environment);
    assert_eq!(turn(&*unleash, Turn::On).await.expect("it says so"), Written::Done);
    assert_eq!(look(&*unleash).await.switch.as_str(), "off");
}

#[tokio::test]
async fn a_tag_that_stays_while_the_flags_change_is_seen() {
    let twin = Twin::start(&["flags.etag=stuck"]);
    let (unleash, ofrep) = (store(UNLEASH, &twin.environment), store(OFREP, &twin.environment));
    assert_eq!([look(&*unleash).await, look(&*ofrep).await].map(|seen| seen.switch.as_str()), ["off", "off"]);
    turn(&*unleash, Turn::On).await.expect("it takes it");
    let seen = [look(&*unleash).await, look(&*ofrep).await].map(|seen| seen.switch.as_str());
    assert_eq!(seen, ["stale-tag", "stale-tag"]);
}

#[tokio::test]
async fn the_production_token_does_not_answer_for_development() {
    let twin = Twin::start(&[]);
    let other = store(&format!("{UNLEASH}&token=UNLEASH_PRODUCTION_TOKEN"), &twin.environment);
    assert_eq!(look(&*other).await.switch.as_str(), "other-context");
}

fn at(server: &Server) -> Vec<(String, String)> {
    let url = format!("http://127.0.0.1:{}", server.port);
    vec![("URL".to_owned(), url), ("UNLEASH_API_TOKEN".to_owned(), "t".to_owned())]
}

#[tokio::test]
async fn each_bad_answer_is_unknown_in_its_own_word() {
    type Answer = fn(&mut dyn Write);
    let table: [(Answer, &str, &str); 9] = [
        (|out| respond(out, "200 OK", &["content-type: text/html"], b"<html>Sign in</html>"), "not-json", "not-json"),
        (|out| json(out, "{}"), "unknown-reason", "malformed"),
        (|out| json(out, "[]"), "malformed", "malformed"),
        (|out| respond(out, "304 Not Modified", &[], b""), "other-context", "other-context"),
        (|out| respond(out, "401 Unauthorized", &[], b""), "refused", "refused"),
        (|out| respond(out, "429 Too Many Requests", &["retry-after: 1"], b""), "throttled", "throttled"),
        (|out| respond(out, "503 Service Unavailable", &[], b""), "bad-status", "bad-status"),
        (|_| std::thread::park(), "timed-out", "timed-out"),
        (|_| {}, "unreachable", "unreachable"),
    ];
    for (answer, ofrep, unleash) in table {
        let server = Server::start(move |_, out| answer(out));
        let seen = look(&*store("ofrep:${URL}", &at(&server))).await;
        assert_eq!(seen.switch.as_str(), ofrep, "OFREP: {}", seen.switch);
        let seen = look(&*store("unleash:${URL}", &at(&server))).await;
        assert_eq!(seen.switch.as_str(), unleash, "Unleash: {}", seen.switch);
    }
}

#[tokio::test]
async fn a_list_that_contradicts_the_single_answer_or_is_for_nobody_is_unknown() {
    let one = r#"{"key":"live","value":true,"reason":"STATIC","variant":"on"}"#;
    let off = r#"{"flags":[{"key":"live","value":false,"reason":"STATIC","variant":"off"}]}"#;
    let lists: [(&str, &str, &str); 3] =
        [("200 OK", off, "stale"), ("304 Not Modified", "", "other-context"), ("404 Not Found", "", "on")];
    for (status, list, word) in lists {
        let server = Server::start(move |asked, out| {
            if asked.path.ends_with("/live") { json(out, one) } else { respond(out, status, &[], list.as_bytes()) }
        });
        assert_eq!(look(&*store("ofrep:${URL}", &at(&server))).await.switch.as_str(), word, "{status}");
    }
}

#[tokio::test]
async fn a_revision_that_goes_back_is_an_old_copy() {
    let times = AtomicUsize::new(0);
    let server = Server::start(move |_, out| {
        let revision = [11, 10][times.fetch_add(1, Ordering::SeqCst).min(1)];
        let body = format!(
            r#"{{"features":[{{"name":"live","enabled":true,"strategies":[]}}],"meta":{{"revisionId":{revision}}}}}"#
        );
        json(out, &body);
    });
    let unleash = store("unleash:${URL}", &at(&server));
    assert_eq!(look(&*unleash).await.switch.as_str(), "on");
    assert_eq!(look(&*unleash).await.switch.as_str(), "stale-tag");
    assert_eq!(server.asked()[0].header("authorization"), Some("t"));
}
