//! What mutated answers show of a contract: each weakness is found, and each kind of mutation by the sentence that minds it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use preflight::adapter::client::{Options, Safety};
use preflight::adapter::workspace::Workspace;
use preflight::domain::contract::Place;
use preflight::domain::delivery::Delivery;
use preflight::domain::mutation::Kind;
use preflight::domain::proof::{Bite, Why};
use preflight::domain::record::Outcome;
use preflight::engine::contracts::Pace;
use preflight::engine::playbill::Playbill;
use preflight::engine::prove::{Proving, Wanted};
use preflight::engine::setup::{self, Carrier};
use preflight::twin::answer::{Answer, Reply};
use preflight::twin::scene::Prototypes;
use preflight::twin::{Identity, Twin};
use preflight::wire::webhook::schemes::CHATWOOT;
use preflight::wire::webhook::sign::Unsigned;

use crate::shell::Folder;

const WORKSPACE: &str = "\
version: 1
name: test
environments:
  local:
integrations:
  shop:
policy:
  local: {require: [contract-twin]}
";

const MANIFEST: &str = "\
title: Shop
kind: vendor
models: {versions: ['1'], source: this test}
operations:
  - {id: list-orders, request: GET /orders}
  - {id: show-order, request: 'GET /orders/{id}'}
";

/// Answers each path with one document; `/page` comes with a link, `/empty` has no body.
#[derive(Clone)]
struct Canned(BTreeMap<String, String>);

impl Twin for Canned {
    fn identity(&self) -> Identity {
        Identity { version: "1".into(), base_url_variable: "SHOP_URL", ..Identity::default() }
    }

    fn answer(&mut self, _: Timestamp, request: &Request<Bytes>) -> Answer {
        let body = self.0.get(request.uri().path()).cloned().unwrap_or_default();
        let mut response = Response::builder().status(if body.is_empty() { 204 } else { 200 });
        if !body.is_empty() {
            response = response.header("content-type", "application/json").header("x-version", "2026-10");
        }
        if request.uri().path() == "/page" {
            response = response.header("link", "</page?2>; rel=\"next\", </page?0>; rel=\"previous\"");
        }
        // Every second answer to this path is another one.
        if request.uri().path() == "/count" {
            let count = body.parse::<u32>().expect("a number") + 1;
            self.0.insert("/count".to_owned(), count.to_string());
        }
        let response = response.body(Bytes::from(body)).expect("a response");
        if request.uri().path() == "/pay" {
            return Reply::new(response).delivering(vec![paid()]).into();
        }
        response.into()
    }

    fn fork(&self) -> Box<dyn Twin> {
        Box::new(self.clone())
    }
}

/// What the twin tells of an order that was paid, signed as Chatwoot signs.
fn paid() -> Delivery {
    let body = br#"{"event": "paid", "order": {"id": 7, "paid": true}, "note": "x"}"#;
    let stamp = CHATWOOT.stamp(setup::BEGINNING.parse().expect("a time"));
    let unsigned = Unsigned::of(&stamp, body);
    let signed = CHATWOOT.sign(&CHATWOOT.key_of(b"s3cret"), &unsigned).expect("a signature");
    let mut request = Request::post("http://app.test/hook").header("x-shop", "1").header("x-other", "2");
    for (name, value) in signed {
        request = request.header(name, value);
    }
    let request = request.body(Bytes::from_static(body)).expect("a request");
    Delivery { event: "paid".to_owned(), request }
}

const ORDERS: &str = r#"{"data": [{"id": 1, "state": "open", "price": 12.5, "live": true, "placed_at": "2025-01-01T10:00:00Z", "note": "Café"},
    {"id": 2, "state": "closed", "price": 3.5, "live": true, "placed_at": "2025-01-02T10:00:00Z", "note": "Tea"}],
    "total_count": 2, "source": "live", "endCursor": "abc"}"#;

/// Proves a contract of these scenarios, with schemas by name.
fn prove(scenarios: &str, schemas: &[(&str, &str)]) -> Bite {
    prove_only(scenarios, schemas, &[])
}

fn prove_only(scenarios: &str, schemas: &[(&str, &str)], only: &[Kind]) -> Bite {
    let folder = Folder::with(&[("preflight.yaml", WORKSPACE), ("fixtures/shop/manifest.yaml", MANIFEST)]);
    folder.write("fixtures/shop/orders.json", ORDERS);
    folder.write("features/shop/own.feature", &format!("Feature: own\n{scenarios}"));
    for (name, schema) in schemas {
        folder.write(&format!("schemas/shop/{name}.json"), schema);
    }
    let workspace = Workspace::open(folder.path(), None).expect("a workspace");
    let answers = [
        ("/orders", ORDERS),
        ("/orders/1", r#"{"id": 1, "state": "open"}"#),
        ("/page", r#"[{"id": 1}, {"id": 2}]"#),
        ("/count", "1"),
        ("/text", "\"plain\""),
        ("/pay", "{}"),
    ];
    let canned = Canned(answers.into_iter().map(|(path, body)| (path.to_owned(), body.to_owned())).collect());
    let prototypes = Prototypes::from([("shop".parse().expect("a name"), Box::new(canned) as Box<dyn Twin>)]);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let options = Options::new(Safety::Anything);
        let setup = setup::against(&workspace, prototypes, Carrier::Served, options).await.expect("a server");
        let contract = &workspace.contracts[&"shop".parse().expect("a name")];
        let playbill = Playbill::of([contract], |_| true);
        let never = Arc::new(AtomicBool::new(false));
        let wanted = Wanted { only: only.to_vec(), every: false };
        let proving = Proving::prepare(&setup.run, playbill.scenarios, &wanted, 4, &never).await;
        let chosen = proving.choose(&[], None, 0);
        let fates = proving.perform(&chosen, 4, &never, Arc::new(|| {})).await;
        assert!(fates.iter().all(Option::is_some), "every run has a fate");
        proving.judged(&fates, only.is_empty()).bite(&contract.name, "Shop", &contract.hash)
    })
}

fn survivors(bite: &Bite) -> Vec<String> {
    bite.survivors.iter().map(|survivor| survivor.mutation.to_string()).collect()
}

const STATUS_ONLY: &str = "
  Scenario: It answers
    When I GET \"/orders\"
    Then the status is 200
";

#[test]
fn a_contract_of_statuses_would_not_notice_a_wrong_body_and_is_told_which_sentence_would() {
    let bite = prove(STATUS_ONLY, &[]);
    assert!(bite.score.expect("a score") < 0.1, "{:?}", bite.tally);
    assert_eq!(bite.scenarios[0].tally.noticed, 3, "the statuses alone");
    let told = survivors(&bite);
    for mutation in [
        "removed /data/*/id",
        "null /total_count",
        "truncated body",
        "one-fewer /data",
        "content-type header content-type",
    ] {
        assert!(told.iter().any(|known| known == mutation), "{mutation} is not among\n{}", told.join("\n"));
    }
    let removed =
        bite.survivors.iter().find(|it| it.mutation.to_string() == "removed /data/*/id").expect("it survived");
    assert_eq!(removed.sentence, "each \"$.data[*].id\" is \"#present\"");
    assert_eq!(removed.why, Why::Undescribed);
    assert_eq!(removed.operation, "list-orders");
    assert_eq!(removed.scenarios[0].to_string(), "features/shop/own.feature:3");
    // Headers are told, and are nobody's promise.
    assert!(bite.unpromised.iter().any(|it| it.at == "header x-version"), "{:?}", bite.unpromised);
}

const BY_SCHEMA: &str = "
  Scenario: It has its shape
    When I GET \"/orders/1\"
    Then the status is 200
    And the media type is \"application/json\"
    And the body matches schema \"shop/order\"
";

#[test]
fn a_weak_schema_lets_wrong_answers_live_and_a_strict_one_does_not() {
    let weak = prove(BY_SCHEMA, &[("order", r#"{"type": "object"}"#)]);
    let told = survivors(&weak);
    assert!(told.contains(&"removed /id".to_owned()) && told.contains(&"type /state".to_owned()), "{told:?}");
    assert!(weak.survivors.iter().all(|it| it.why == Why::Undescribed), "{told:?}");
    let typed = r#"{"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}"#;
    let typed = prove(BY_SCHEMA, &[("order", typed)]);
    assert_eq!(survivors(&typed), Vec::<String>::new(), "what a schema leaves open is no survivor");
    let open: Vec<&str> = typed.unpromised.iter().map(|it| it.at.as_str()).collect();
    assert!(open.contains(&"/state") && open.contains(&"/id"), "it is shown instead: {open:?}");
    let strict = r#"{"type": "object", "required": ["id", "state"], "additionalProperties": false,
        "properties": {"id": {"const": 1}, "state": {"enum": ["open"]}}}"#;
    let strict = prove(BY_SCHEMA, &[("order", strict)]);
    assert_eq!(strict.score, Some(1.0), "{:?}", strict.survivors);
    assert!(strict.unpromised.iter().all(|it| it.at.starts_with("header ")), "{:?}", strict.unpromised);
}

#[test]
fn what_a_sentence_is_about_and_takes_is_no_unpromised_member() {
    let loose = "
  Scenario: The id is some number
    When I GET \"/orders/1\"
    Then the status is 200
    And the body matches schema \"shop/order\"
    And \"$.id\" is \"#integer\"
";
    let schema = r#"{"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}"#;
    let bite = prove(loose, &[("order", schema)]);
    let told = survivors(&bite);
    assert!(told.contains(&"off-by-one /id".to_owned()), "{told:?}");
    let one = bite.survivors.iter().find(|it| it.mutation.kind == Kind::OffByOne).expect("it survived");
    assert_eq!((one.why, one.sentence.as_str()), (Why::LookedAt, "\"$.id\" is 1"));
}

#[test]
fn a_scenario_that_takes_anything_is_vacuous() {
    let bite = prove(
        "
  Scenario: Whatever comes is well
    When I GET \"/orders\"
    Then the status is one of \"200, 203, 404, 500\"
",
        &[],
    );
    let vacuous: Vec<_> = bite.vacuous().map(|scenario| scenario.name.as_str()).collect();
    assert_eq!(vacuous, ["Whatever comes is well"]);
    assert_eq!(bite.outcome(0.0), Outcome::Broken);
    assert_eq!(prove(STATUS_ONLY, &[]).vacuous().count(), 0);
}

#[test]
fn one_scenario_written_twice_is_found_and_one_that_asks_otherwise_is_not() {
    let again = STATUS_ONLY.replace("It answers", "It answers, too");
    let other = STATUS_ONLY.replace("/orders", "/orders/1");
    let bite = prove(&format!("{STATUS_ONLY}{again}{other}"), &[]);
    let lines: Vec<Vec<usize>> = bite.duplicates.iter().map(|group| group.iter().map(|it| it.line).collect()).collect();
    assert_eq!(lines, [vec![3, 7]]);
}

#[test]
fn a_promise_that_expects_what_the_twin_starts_from_is_found() {
    let compares = |expected: &str| {
        format!(
            "
  Scenario: The fixture is the fixture
    When I GET \"/orders\"
    Then the status is 200
    And the body contains:
      \"\"\"
      {expected}
      \"\"\"
"
        )
    };
    let whole = ORDERS.replace('\n', "");
    let same = prove(&compares(&whole), &[]);
    assert_eq!(same.selfsame.len(), 1, "{:?}", same.selfsame);
    assert_eq!((same.selfsame[0].fixture.as_str(), same.selfsame[0].line), ("fixtures/shop/orders.json", 6));
    assert!(prove(&compares(r#"{"total_count": 2, "source": "live"}"#), &[]).selfsame.is_empty());
}

#[test]
fn what_is_not_kept_is_not_proven() {
    let bite = prove("\n  Scenario: a\n    When I GET \"/orders\"\n    Then the status is 418\n", &[]);
    assert_eq!((bite.score, bite.unproven.len(), bite.ran), (None, 1, 0));
    assert_eq!(bite.outcome(0.9), Outcome::Untested);
}

/// A scenario about the list, with one promise beside.
fn promising(path: &str, promise: &str) -> String {
    format!("\n  Scenario: s\n    When I GET \"{path}\"\n    Then {promise}\n")
}

#[test]
fn every_kind_of_mutation_is_noticed_by_the_sentence_that_is_about_it() {
    let whole = ORDERS.replace('\n', "");
    let whole = format!("the body is:\n      \"\"\"\n      {whole}\n      \"\"\"");
    let table = [
        (Kind::Removed, "/orders", "\"$.total_count\" is present", "/total_count"),
        (Kind::Null, "/orders", "\"$.total_count\" is \"#notnull\"", "/total_count"),
        (Kind::Type, "/orders", "\"$.total_count\" is \"#integer\"", "/total_count"),
        (Kind::EmptyText, "/orders", "each \"$.data[*].note\" is \"#regex .\"", "/data/*/note"),
        (Kind::EmptyList, "/orders", "\"$.data\" has at least 1 item", "/data"),
        (Kind::OneMore, "/orders", "\"$.data\" has 2 items", "/data"),
        (Kind::OneFewer, "/orders", "\"$.data\" has 2 items", "/data"),
        (Kind::Enum, "/orders", "each \"$.data[*].state\" is one of \"open, closed\"", "/data/*/state"),
        (Kind::OffByOne, "/orders", "\"$.total_count\" is 2", "/total_count"),
        (Kind::Sign, "/orders", "\"$.data[0].price\" is 12.5", "/data/*/price"),
        (Kind::Huge, "/orders", "\"$.total_count\" is 2", "/total_count"),
        (Kind::Flipped, "/orders", "each \"$.data[*].live\" is true", "/data/*/live"),
        (Kind::DuplicateId, "/orders", "the values of \"$.data[*].id\" are unique", "/data/*/id"),
        (Kind::DateFormat, "/orders", "each \"$.data[*].placed_at\" is \"#datetime\"", "/data/*/placed_at"),
        (Kind::DateStale, "/orders", "\"$.data[0].placed_at\" is \"2025-01-01T10:00:00Z\"", "/data/*/placed_at"),
        (Kind::DateFuture, "/orders", "\"$.data[0].placed_at\" is \"#past\"", "/data/*/placed_at"),
        (Kind::Encoding, "/orders", "\"$.data[0].note\" is \"Café\"", "/data/*/note"),
        (Kind::Encoding, "/orders", "\"$.total_count\" is 2", "body"),
        (Kind::ExtraMember, "/orders", "\"$.error\" is absent", "document error"),
        (Kind::ExtraMember, "/orders", &whole, "document"),
        (Kind::ExtraMember, "/empty", "the body is empty", "body"),
        (Kind::ExtraMember, "/orders", "the body does not mention \"stack\"", "body a mention"),
        (Kind::Case, "/orders", "\"$.total_count\" is 2", "/total_count"),
        (Kind::Status, "/orders", "the status is 200", "status"),
        (Kind::StatusClass, "/orders", "the status is 200", "status"),
        (Kind::HeaderRemoved, "/orders", "the header \"X-Version\" is \"#string\"", "header x-version"),
        (Kind::HeaderChanged, "/orders", "the header \"X-Version\" is \"2026-10\"", "header x-version"),
        (Kind::HeaderChanged, "/orders", "the header \"Retry-After\" is absent", "header retry-after"),
        (Kind::ContentType, "/orders", "the media type is \"application/json\"", "header content-type"),
        (Kind::PageLink, "/orders", "\"$.endCursor\" is \"abc\"", "/endCursor"),
        (
            Kind::PageLink,
            "/page",
            "the header \"Link\" is \"</page?2>; rel=\\\"next\\\", </page?0>; rel=\\\"previous\\\"\"",
            "header link",
        ),
        (Kind::Delay, "/orders", "the answer comes within 300 ms", "time"),
        (Kind::Truncated, "/orders", "\"$.total_count\" is 2", "body"),
        (Kind::Mock, "/orders", "\"$.source\" is \"live\"", "/source"),
    ];
    for (kind, path, promise, at) in table {
        let bite = prove_only(&promising(path, promise), &[], &[kind]);
        let told =
            bite.noticed.iter().flat_map(|noticed| noticed.mutations.iter().map(move |it| (noticed.by.line, it)));
        let noticed: Vec<String> = told.map(|(line, mutation)| format!("{line} {mutation}")).collect();
        let wanted = format!("5 {kind} {at}");
        let is_it = |it: &String| {
            *it == wanted || kind == Kind::Status || kind == Kind::StatusClass || it.starts_with(&format!("{wanted} "))
        };
        assert!(noticed.iter().any(is_it), "{wanted} is not noticed by `{promise}`:\n{}", noticed.join("\n"));
    }
}

#[test]
fn an_earlier_answer_that_comes_again_is_noticed_by_who_expects_the_next() {
    let twice = "
  Scenario: It counts
    When I GET \"/count\"
    And I repeat the request
    Then \"$\" is 2
";
    let bite = prove_only(twice, &[], &[Kind::StaleCache]);
    assert_eq!(bite.noticed.len(), 1, "{:?}", bite.survivors);
    let loose = prove_only(&twice.replace("is 2", "is \"#integer\""), &[], &[Kind::StaleCache]);
    assert_eq!(survivors(&loose), ["stale-cache body"]);
}

#[test]
fn an_answer_that_nobody_looks_at_is_counted_and_left_alone() {
    let bite = prove(
        "
  Scenario: The second answer counts
    When I GET \"/orders/1\"
    And I GET \"/orders\"
    Then the status is 200
",
        &[],
    );
    assert_eq!(bite.unlooked, 1);
    assert!(bite.operations.keys().all(|operation| operation != "show-order"), "{:?}", bite.operations);
}

#[test]
fn a_capture_that_leads_astray_counts_only_where_it_ends_in_a_broken_promise() {
    let captured = "
  Scenario: What is listed can be shown
    When I GET \"/orders\"
    And I remember \"$.data[0].id\" as \"order\"
    And I GET \"/orders/${order}\"
    Then the status is 200
";
    let bite = prove_only(captured, &[], &[Kind::OffByOne, Kind::Removed]);
    let noticed: Vec<&String> = bite.noticed.iter().flat_map(|noticed| &noticed.mutations).collect();
    // Order 2 has no page of its own here, which is 204; without an id nothing can be remembered.
    assert!(noticed.iter().any(|it| *it == "off-by-one /data/*/id"), "{noticed:?} {:?}", survivors(&bite));
    assert!(noticed.iter().any(|it| *it == "removed /data/*/id"), "{noticed:?}");
}

fn told_by(bite: &Bite) -> Vec<(usize, &str)> {
    let all = bite.noticed.iter().filter(|noticed| noticed.operation == "webhook paid");
    all.flat_map(|noticed| noticed.mutations.iter().map(move |it| (noticed.by.line, it.as_str()))).collect()
}

const PAYS: &str = "
  Scenario: Payment is told
    When I POST \"/pay\"
    Then the status is 200
    And the webhook \"paid\" is signed by \"chatwoot\" with the secret \"s3cret\"
";

#[test]
fn a_webhook_is_mutated_as_an_answer_is() {
    let promise =
        "    And the webhook \"paid\" contains:\n      \"\"\"\n      {\"order\": {\"id\": 7}}\n      \"\"\"\n";
    let bite = prove(&format!("{PAYS}{promise}"), &[]);
    let noticed = told_by(&bite);
    for mutation in [
        (7, "removed /order/id"),
        (7, "off-by-one /order/id"),
        (7, "truncated body"),
        (6, "header-removed header x-chatwoot-signature"),
        (6, "header-changed header x-chatwoot-signature"),
    ] {
        assert!(noticed.contains(&mutation), "{mutation:?} {noticed:?}");
    }
    // A service signs whatever it sends, so that the sentence about the signature minds no other body.
    let of_the_body = |mutation: &str| !mutation.contains("header") && mutation != "gone webhook";
    assert!(noticed.iter().all(|(line, mutation)| *line != 6 || !of_the_body(mutation)), "{noticed:?}");
    let told: Vec<_> = bite.survivors.iter().filter(|it| it.operation == "webhook paid").collect();
    let flipped = told.iter().find(|it| it.mutation.to_string() == "flipped /order/paid").expect("nobody looks there");
    assert_eq!((flipped.why, flipped.status.as_str()), (Why::Undescribed, "delivered"));
    let sentence = "the webhook \"paid\" contains:\n  \"\"\"\n  {\"order\":{\"paid\":true}}\n  \"\"\"";
    assert_eq!(flipped.sentence, sentence);
    assert!(bite.unpromised.iter().any(|it| it.at == "header x-other"), "{:?}", bite.unpromised);
}

#[test]
fn a_webhook_of_which_only_its_coming_is_promised_lives_with_any_body() {
    let loose = prove(&PAYS.replace("is signed by \"chatwoot\" with the secret \"s3cret\"", "is delivered"), &[]);
    assert_eq!(told_by(&loose), [(6, "gone webhook")]);
    assert!(loose.survivors.iter().any(|it| it.mutation.to_string() == "removed /order/id"), "{:?}", loose.survivors);
    let schema = r#"{"type": "object", "required": ["event", "order"], "properties": {"order": {"type": "object", "required": ["id"]}}}"#;
    let strict = prove(
        &PAYS.replace("is signed by \"chatwoot\" with the secret \"s3cret\"", "matches schema \"shop/paid\""),
        &[("paid", schema)],
    );
    assert!(told_by(&strict).contains(&(6, "removed /order/id")), "{:?}", strict.noticed);
}

/// A debug build takes minutes for the large contracts; they are proven in CI, and where it is asked for.
const LARGE: [&str; 3] = ["chatwoot", "shopify", "idea-pool"];

/// Proves a shipped contract.
fn shipped(name: &str) -> Bite {
    let workspace = Workspace::open(Path::new(env!("CARGO_MANIFEST_DIR")), None).expect("the workspace");
    let contract = &workspace.contracts[&name.parse().expect("a name")];
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let options = Options::new(Safety::Anything);
        let setup =
            setup::twins(&workspace, [&contract.name], 0, Carrier::Served, options).await.expect("the twins start");
        let never = Arc::new(AtomicBool::new(false));
        let scenarios = Playbill::of([contract], |_| true).scenarios;
        let proving = Proving::prepare(&setup.run, scenarios, &Wanted::default(), 16, &never).await;
        let fates = proving.perform(&proving.choose(&[], None, 0), 16, &never, Arc::new(|| {})).await;
        proving.judged(&fates, true).bite(&contract.name, &contract.manifest.title, &contract.hash)
    })
}

/// The rows of a contract in docs/bite.md: operation and status, and the mutation.
fn explained(name: &str) -> BTreeSet<(String, String)> {
    let page = include_str!("../../docs/bite.md");
    let (_, rest) = page.split_once(&format!("\n## {name}\n")).unwrap_or_else(|| panic!("docs/bite.md has no {name}"));
    let part = rest.split("\n## ").next().unwrap_or_default();
    let rows = part.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
    let row = |row: &str| {
        let (answer, rest) = row.split_once("` | `")?;
        let (mutations, reason) = rest.split_once("` | ")?;
        assert!(reason.split_whitespace().count() > 2, "no reason: {row}");
        let all: Vec<_> = mutations.split("`, `").map(|mutation| (answer.to_owned(), mutation.to_owned())).collect();
        Some(all)
    };
    rows.filter_map(row).flatten().collect()
}

#[test]
fn our_contracts_notice_what_they_must_and_every_survivor_is_explained() {
    for name in ["flags", "supabase", "webhooks", "chatwoot", "shopify", "idea-pool"] {
        let explained = explained(name);
        if LARGE.contains(&name) && cfg!(debug_assertions) && std::env::var_os("PREFLIGHT_PROVE_ALL").is_none() {
            let why = "takes minutes without optimisation; PREFLIGHT_PROVE_ALL=1 or --release proves it";
            drop(writeln!(std::io::stderr(), "\nskipped: {name} {why}"));
            continue;
        }
        let bite = shipped(name);
        let survived =
            bite.survivors.iter().map(|it| (format!("{} {}", it.operation, it.status), it.mutation.to_string()));
        let survived: BTreeSet<(String, String)> = survived.collect();
        let missing: Vec<_> = survived.difference(&explained).collect();
        assert!(missing.is_empty(), "docs/bite.md does not explain what {name} lets live: {missing:#?}");
        let healed: Vec<_> = explained.difference(&survived).collect();
        assert!(healed.is_empty(), "docs/bite.md explains what {name} notices today: {healed:#?}");
        assert!(bite.score.expect("a score") >= 0.95, "{name}: {:?}", bite.tally);
        assert_eq!(bite.vacuous().count(), 0, "{name} has a vacuous scenario");
        assert!(bite.unproven.is_empty(), "{name}: {:?}", bite.unproven);
    }
}

#[test]
fn a_proof_plays_every_scenario_as_a_run_does() {
    let workspace = Workspace::open(Path::new(env!("CARGO_MANIFEST_DIR")), None).expect("the workspace");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let (all, options) = (workspace.contracts.keys(), Options::new(Safety::Anything));
        let setup = setup::twins(&workspace, all, 0, Carrier::Served, options).await.expect("the twins start");
        let contracts = || workspace.contracts.values().filter(|contract| !contract.features.is_empty());
        let never = Arc::new(AtomicBool::new(false));
        let pace = Pace { jobs: 16, fail_fast: false };
        let ran = Playbill::of(contracts(), |_| true).play(&setup, &pace, Arc::clone(&never), Arc::new(|_| {})).await;
        let scenarios = Playbill::of(contracts(), |_| true).scenarios;
        let only = Wanted { only: vec![Kind::Delay], every: false };
        let proving = Proving::prepare(&setup.run, scenarios, &only, 16, &never).await;
        let outcomes = |kept: bool| -> BTreeSet<&Place> {
            let scenarios = ran.iter().flat_map(|part| &part.ran.scenarios);
            scenarios.filter(|it| (it.outcome == Outcome::Kept) == kept).map(|it| &it.place).collect()
        };
        assert_eq!(proving.places(), (outcomes(true), outcomes(false)));
        assert!(proving.scenarios() > 500);
    });
}
