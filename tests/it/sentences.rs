//! Every promise of the vocabulary, kept by a right answer and broken by a wrong one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use preflight::adapter::client::{Options, Safety};
use preflight::adapter::workspace::Workspace;
use preflight::domain::delivery::Delivery;
use preflight::domain::fault::WireFault;
use preflight::domain::finding::Code;
use preflight::domain::record::{Outcome, ScenarioRun};
use preflight::engine::contracts::{self, Pace};
use preflight::engine::plan::plan;
use preflight::engine::setup::{self, Carrier};
use preflight::steps::sentence::Keyword;
use preflight::steps::vocabulary;
use preflight::twin::answer::{Answer, Reply};
use preflight::twin::{Identity, Twin};
use preflight::wire::webhook::schemes::CHATWOOT;
use preflight::wire::webhook::sign::Unsigned;

use crate::shell::Folder;

/// What a request of a row is answered with.
#[derive(Clone, Default)]
struct Spec {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
    delay: Duration,
    fault: Option<WireFault>,
    deliveries: Vec<Delivery>,
}

fn json(body: &str) -> Spec {
    let headers = vec![("content-type", "application/json".to_owned())];
    Spec { status: 200, headers, body: Bytes::from(body.to_owned()), ..Spec::default() }
}

impl Spec {
    fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    fn delay(mut self, millis: u64) -> Self {
        self.delay = Duration::from_millis(millis);
        self
    }

    fn fault(mut self, fault: WireFault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Sets off the event `made`, signed with this secret, with this body.
    fn hook(mut self, secret: Option<&str>, body: &str) -> Self {
        let now: Timestamp = setup::BEGINNING.parse().expect("a time");
        let mut request = Request::new(Bytes::from(body.to_owned()));
        request.headers_mut().insert("x-kind", "made".parse().expect("a value"));
        if let Some(secret) = secret {
            let (key, stamp) = (CHATWOOT.key_of(secret.as_bytes()), CHATWOOT.stamp(now));
            let signed = CHATWOOT.sign(&key, &Unsigned::of(&stamp, body.as_bytes())).expect("headers");
            request.headers_mut().extend(signed);
        }
        self.deliveries.push(Delivery { event: "made".to_owned(), request });
        self
    }
}

/// A twin that answers `/<row>/<right or wrong>` as the table says.
#[derive(Clone)]
struct Table(Arc<BTreeMap<String, Spec>>);

impl Twin for Table {
    fn identity(&self) -> Identity {
        let variables = BTreeMap::from([("SHOP_TOKEN".to_owned(), "the-secret-token".to_owned())]);
        Identity { version: "1".to_owned(), variables, base_url_variable: "SHOP_URL", header_spelling: &[] }
    }

    fn answer(&mut self, _: Timestamp, request: &Request<Bytes>) -> Answer {
        let asked = request.uri().path_and_query().map_or("", |path| path.as_str());
        let Some(spec) = self.0.get(asked).or_else(|| self.0.get(request.uri().path())) else {
            return Reply::gap("not in the table", request).into();
        };
        let mut response = Response::builder().status(spec.status);
        for (name, value) in &spec.headers {
            response = response.header(*name, value);
        }
        let mut reply = Reply::new(response.body(spec.body.clone()).expect("a response"));
        (reply.delay, reply.fault) = (spec.delay, spec.fault);
        reply.delivering(spec.deliveries.clone()).into()
    }

    fn fork(&self) -> Box<dyn Twin> {
        Box::new(self.clone())
    }
}

/// One promise with an answer that keeps it and one that breaks it.
struct Row {
    /// The sentence of the vocabulary.
    sentence: &'static str,
    /// Asks; `PATH` stands for the row's path.
    ask: &'static str,
    then: &'static str,
    right: Spec,
    wrong: Spec,
    code: Code,
    /// Further pages.
    pages: Vec<(&'static str, Spec)>,
}

const GET: &str = "When I GET \"PATH\"";

fn row(sentence: &'static str, then: &'static str, right: Spec, wrong: Spec, code: Code) -> Row {
    Row { sentence, ask: GET, then, right, wrong, code, pages: Vec::new() }
}

fn rows() -> Vec<Row> {
    [response(), bodies(), connections_and_limits(), values(), lists(), pages(), webhooks()]
        .into_iter()
        .flatten()
        .collect()
}

fn response() -> Vec<Row> {
    let ok = || json("{\"a\":1}");
    vec![
        row("the status is {count}", "Then the status is 200", ok(), ok().status(201), Code::Status),
        row(
            "the status is one of {text}",
            "Then the status is one of \"200, 204\"",
            ok(),
            ok().status(202),
            Code::Status,
        ),
        row(
            "the header {text} is {value}",
            "Then the header \"X-A\" is \"#regex ^[0-9]+$\"",
            ok().header("x-a", "12"),
            ok().header("x-a", "12b"),
            Code::Header,
        ),
        row(
            "the header {text} is {value}",
            "Then the header \"X-A\" is \"1\"",
            ok().header("x-a", "1"),
            ok(),
            Code::Header,
        ),
        row(
            "the header {text} is absent",
            "Then the header \"X-A\" is absent",
            ok(),
            ok().header("x-a", ""),
            Code::Header,
        ),
        row(
            "the media type is {text}",
            "Then the media type is \"application/json\"",
            ok().header("content-type", "application/json; charset=utf-8"),
            ok().header("content-type", "text/html"),
            Code::Header,
        ),
        row("the body is empty", "Then the body is empty", json("").status(204), json(" "), Code::Body),
        row(
            "the body is the text {text}",
            "Then the body is the text \"Retry later\"",
            json("Retry later\n"),
            json("Retry later!"),
            Code::Body,
        ),
        row(
            "the body does not mention {text}",
            "Then the body does not mention \"stack\"",
            ok(),
            json("{\"a\":\"stack\"}"),
            Code::Body,
        ),
    ]
}

fn bodies() -> Vec<Row> {
    let ok = || json("{\"a\":1}");
    vec![
        row(
            "the body is:",
            "Then the body is:\n  \"\"\"\n  {\"a\": \"#integer\"}\n  \"\"\"",
            ok(),
            json("{\"a\":1,\"b\":2}"),
            Code::Body,
        ),
        row(
            "the body contains:",
            "Then the body contains:\n  \"\"\"\n  {\"a\": 1}\n  \"\"\"",
            json("{\"a\":1,\"b\":2}"),
            json("{\"b\":2}"),
            Code::Body,
        ),
        row(
            "the body matches schema {text}",
            "Then the body matches schema \"shop/item\"",
            ok(),
            json("{\"a\":\"1\"}"),
            Code::Schema,
        ),
        row(
            "the body matches schema {text}",
            "Then the body matches schema \"shop/item\"",
            ok(),
            json("{\"a\":1,\"a\":1}"),
            Code::Unreadable,
        ),
        row(
            "the answer holds no secret",
            "Then the answer holds no secret",
            ok(),
            json("{\"a\":\"the-secret-token\"}"),
            Code::Secret,
        ),
        row(
            "the answer holds no secret",
            "Then the answer holds no secret",
            ok(),
            ok().header("x-debug", "key=the-secret-token"),
            Code::Secret,
        ),
    ]
}

fn connections_and_limits() -> Vec<Row> {
    let ok = || json("{\"a\":1}");
    vec![
        row(
            "no answer comes: {name}",
            "Then no answer comes: reset",
            ok().fault(WireFault::ResetBeforeAnswer),
            ok(),
            Code::Answered,
        ),
        row(
            "no answer comes: {name}",
            "Then no answer comes: cut-off",
            ok().fault(WireFault::TruncatedBody),
            ok().fault(WireFault::ResetBeforeAnswer),
            Code::NoAnswer,
        ),
        row(
            "the answer comes within {count} ms",
            "Then the answer comes within 300 ms",
            ok().delay(300),
            ok().delay(301),
            Code::Latency,
        ),
        row(
            "every answer comes within {count} ms",
            "Then every answer comes within 300 ms",
            ok(),
            ok().delay(301),
            Code::Latency,
        ),
        Row {
            ask: "When I GET \"PATH\" 3 times",
            ..row(
                "{count} of the answers have the status {count}",
                "Then 3 of the answers have the status 429",
                ok().status(429),
                ok(),
                Code::RateLimit,
            )
        },
        row(
            "the answer may be retried after {count} to {count} seconds",
            "Then the answer may be retried after 1 to 2 seconds",
            ok().header("retry-after", "2.0"),
            ok().header("retry-after", "3"),
            Code::RetryAfter,
        ),
        row(
            "the answer may be retried after {count} to {count} seconds",
            "Then the answer may be retried after 1 to 2 seconds",
            ok().header("retry-after", "Thu, 01 Jan 2026 00:00:02 GMT"),
            ok().header("retry-after", "soon"),
            Code::RetryAfter,
        ),
        // Rows are asked on the first of January 2026.
        row(
            "{path} is at most {count} second(s) old",
            "Then \"$.at\" is at most 120 seconds old",
            json("{\"at\":\"2025-12-31T23:59:00Z\"}"),
            json("{\"at\":\"2025-12-31T23:57:00Z\"}"),
            Code::Value,
        ),
        row(
            "the answer names no time to retry",
            "Then the answer names no time to retry",
            ok(),
            ok().header("retry-after", "1"),
            Code::Header,
        ),
    ]
}

fn values() -> Vec<Row> {
    vec![
        row("{path} is {value}", "Then \"$.a\" is 1", json("{\"a\":1}"), json("{\"a\":\"1\"}"), Code::Value),
        row("{path} is {value}", "Then \"$.a\" is \"##integer\"", json("{}"), json("{\"a\":1.5}"), Code::Value),
        row("{path} is {value}", "Then \"$..a\" is 1", json("{\"a\":1}"), json("[{\"a\":1},{\"a\":1}]"), Code::Value),
        row("{path} is not {value}", "Then \"$.a\" is not null", json("{\"a\":0}"), json("{\"a\":null}"), Code::Value),
        row("{path} is not {value}", "Then \"$.a\" is not 1", json("{\"a\":2}"), json("{}"), Code::Value),
        row(
            "{path} is:",
            "Then \"$.a\" is:\n  \"\"\"\n  {\"b\": \"#uuid\"}\n  \"\"\"",
            json("{\"a\":{\"b\":\"6f0b1d52-2c53-4d8a-9a51-3d8bb0c5c1f3\"}}"),
            json("{\"a\":{\"b\":\"6f0b1d52\"}}"),
            Code::Body,
        ),
        row(
            "{path} is one of {text}",
            "Then \"$.a\" is one of \"open, resolved\"",
            json("{\"a\":\"open\"}"),
            json("{\"a\":\"closed\"}"),
            Code::Value,
        ),
        row(
            "{path} contains {value}",
            "Then \"$.a\" contains \"timed out\"",
            json("{\"a\":\"it timed out\"}"),
            json("{\"a\":\"it broke\"}"),
            Code::Value,
        ),
        row(
            "{path} contains {value}",
            "Then \"$.a\" contains 2",
            json("{\"a\":[1,2]}"),
            json("{\"a\":2}"),
            Code::Value,
        ),
        row("{path} is present", "Then \"$.a\" is present", json("{\"a\":null}"), json("{}"), Code::Value),
        row("{path} is absent", "Then \"$.a\" is absent", json("{}"), json("{\"a\":null}"), Code::Value),
        row(
            "{path} has {count} item(s)",
            "Then \"$.a\" has 2 items",
            json("{\"a\":[1,2]}"),
            json("{\"a\":[1]}"),
            Code::Count,
        ),
        row(
            "{path} has {count} item(s)",
            "Then \"$.a\" has 2 items",
            json("{\"a\":[1,2]}"),
            json("{\"a\":\"12\"}"),
            Code::Count,
        ),
        row(
            "{path} has at least {count} item(s)",
            "Then \"$.a\" has at least 1 item",
            json("{\"a\":[1]}"),
            json("{\"a\":[]}"),
            Code::Count,
        ),
        row(
            "{path} has at most {count} item(s)",
            "Then \"$.a\" has at most 1 item",
            json("{\"a\":[]}"),
            json("{\"a\":[1,2]}"),
            Code::Count,
        ),
        row(
            "{path} has {count} item(s), exactly {count} of them with {name} {value}",
            "Then \"$\" has 2 items, exactly 1 of them with type \"wildcard\"",
            json("[{\"type\":\"wildcard\"},{}]"),
            json("[{\"type\":\"wildcard\"},{\"type\":\"wildcard\"}]"),
            Code::Count,
        ),
    ]
}

fn lists() -> Vec<Row> {
    vec![
        row(
            "each {path} is {value}",
            "Then each \"$[*].a\" is \"#integer\"",
            json("[{\"a\":1}]"),
            json("[{\"a\":1},{\"a\":\"2\"}]"),
            Code::Value,
        ),
        row("each {path} is {value}", "Then each \"$[*].a\" is 1", json("[{\"a\":1}]"), json("[]"), Code::Value),
        row(
            "each {path} is one of {text}",
            "Then each \"$[*]\" is one of \"a, b\"",
            json("[\"a\",\"b\"]"),
            json("[\"a\",\"c\"]"),
            Code::Value,
        ),
        row(
            "each {path} is one of {text}",
            "Then each \"$[*]\" is one of \"a\"",
            json("[\"a\"]"),
            json("[]"),
            Code::Value,
        ),
        row(
            "each {path} matches schema {text}",
            "Then each \"$[*]\" matches schema \"shop/item\"",
            json("[{\"a\":1}]"),
            json("[{\"a\":1},{}]"),
            Code::Schema,
        ),
        row(
            "each {path} matches schema {text}",
            "Then each \"$[*]\" matches schema \"shop/item\"",
            json("[{\"a\":1}]"),
            json("[]"),
            Code::Value,
        ),
        row(
            "the values of {path} are unique",
            "Then the values of \"$[*].id\" are unique",
            json("[{\"id\":1},{\"id\":2}]"),
            json("[{\"id\":1},{\"id\":1.0}]"),
            Code::Unique,
        ),
        row(
            "the values of {path} are unique",
            "Then the values of \"$[*].id\" are unique",
            json("[{\"id\":1}]"),
            json("[]"),
            Code::Value,
        ),
        row(
            "the values of {path} are in {direction} order",
            "Then the values of \"$[*]\" are in ascending order",
            json("[1,2,2,10]"),
            json("[1,10,2]"),
            Code::Order,
        ),
        row(
            "the values of {path} are in {direction} order",
            "Then the values of \"$[*]\" are in descending order",
            json("[\"b\",\"a\"]"),
            json("[\"a\"]"),
            Code::Order,
        ),
        row(
            "no {path} is found at {path} in the fixture {text}",
            "Then no \"$[*].id\" is found at \"$[*].id\" in the fixture \"shop/items.json\"",
            json("[{\"id\":77}]"),
            json("[{\"id\":77},{\"id\":1}]"),
            Code::Mode,
        ),
        row(
            "no {path} is found at {path} in the fixture {text}",
            "Then no \"$[*].id\" is found at \"$[*].id\" in the fixture \"shop/items.json\"",
            json("[{\"id\":77}]"),
            json("[]"),
            Code::Value,
        ),
    ]
}

fn pages() -> Vec<Row> {
    let numbered = "When I GET every page of \"PATH\" by \"page\" until \"$\" is empty";
    let last = || vec![("?page=2", json("[3]")), ("?page=3", json("[]"))];
    let link = |query: &str| format!("<SELF{query}>; rel=\"next\"");
    vec![
        Row {
            ask: numbered,
            pages: last(),
            ..row(
                "the pages hold {count} items at {path}",
                "Then the pages hold 3 items at \"$\"",
                json("[1,2]"),
                json("[1]"),
                Code::Pagination,
            )
        },
        Row {
            ask: numbered,
            pages: last(),
            ..row(
                "the values of {path} are unique on all pages",
                "Then the values of \"$[*]\" are unique on all pages",
                json("[1,2]"),
                json("[1,3]"),
                Code::Unique,
            )
        },
        Row {
            ask: "When I GET every page of \"PATH\" by its next link",
            pages: vec![("?page=2", json("[3]"))],
            ..row(
                "the pages hold {count} items at {path}",
                "Then the pages hold 3 items at \"$\"",
                json("[1,2]").header("link", &link("?page=2")),
                json("[1,2]"),
                Code::Pagination,
            )
        },
    ]
}

fn webhooks() -> Vec<Row> {
    let body = "{\"id\":7}";
    let sends = move || json("{}").hook(Some("hook-secret-value"), body);
    let silent = || json("{}");
    vec![
        row(
            "the webhook {text} is delivered",
            "Then the webhook \"made\" is delivered",
            sends(),
            silent(),
            Code::Webhook,
        ),
        row(
            "the webhook {text} contains:",
            "Then the webhook \"made\" contains:\n  \"\"\"\n  {\"id\": 7}\n  \"\"\"",
            sends(),
            json("{}").hook(None, "{\"id\":8}"),
            Code::Body,
        ),
        row(
            "the webhook {text} matches schema {text}",
            "Then the webhook \"made\" matches schema \"shop/event\"",
            sends(),
            json("{}").hook(None, "{\"id\":\"7\"}"),
            Code::Schema,
        ),
        row(
            "the webhook {text} matches schema {text}",
            "Then the webhook \"made\" matches schema \"shop/event\"",
            sends(),
            json("{}").hook(None, "{\"id\":7"),
            Code::Unreadable,
        ),
        row(
            "the webhook {text} has the header {text} {value}",
            "Then the webhook \"made\" has the header \"X-Chatwoot-Signature\" \"#regex ^sha256=\"",
            sends(),
            json("{}").hook(None, body),
            Code::Header,
        ),
        row(
            "the webhook {text} is signed by {text} with the secret {text}",
            "Then the webhook \"made\" is signed by \"chatwoot\" with the secret \"hook-secret-value\"",
            sends(),
            json("{}").hook(Some("another-secret"), body),
            Code::Signature,
        ),
        row(
            "the webhook {text} is signed by {text} with the secret {text}",
            "Then the webhook \"made\" is signed by \"chatwoot\" with the secret \"hook-secret-value\"",
            sends(),
            json("{}").hook(None, body),
            Code::Signature,
        ),
        row(
            "the webhook {text} carries no signature",
            "Then the webhook \"made\" carries no signature",
            json("{}").hook(None, body),
            sends(),
            Code::Signature,
        ),
        row("no webhook is delivered", "Then no webhook is delivered", silent(), sends(), Code::Webhook),
        row(
            "{count} webhook(s) is/are delivered",
            "Then 1 webhook is delivered",
            sends(),
            sends().hook(None, body),
            Code::Webhook,
        ),
        row(
            "the webhook {text} is not delivered",
            "Then the webhook \"made\" is not delivered",
            silent(),
            sends(),
            Code::Webhook,
        ),
    ]
}

const WORKSPACE: &str = "version: 1\nname: test\nenvironments:\n  local:\nintegrations:\n  shop:\n";
const ITEM: &str = r#"{"type":"object","required":["a"],"properties":{"a":{"type":"integer"}}}"#;
const EVENT: &str = r#"{"type":"object","required":["id"],"properties":{"id":{"type":"integer"}}}"#;

/// Runs steps against the table; the outcomes by scenario name.
fn run(feature: &str, table: BTreeMap<String, Spec>) -> BTreeMap<String, ScenarioRun> {
    let manifest = crate::server::MANIFEST.replace("default_credential: app\n", "");
    let folder = Folder::with(&[
        ("preflight.yaml", WORKSPACE),
        ("features/shop/own.feature", feature),
        ("fixtures/shop/manifest.yaml", &manifest),
        ("fixtures/shop/items.json", "[{\"id\":1},{\"id\":2}]"),
        ("schemas/shop/item.json", ITEM),
        ("schemas/shop/event.json", EVENT),
    ]);
    let workspace = Workspace::open(folder.path(), None).expect("a workspace");
    let shop = "shop".parse().expect("a name");
    let (planned, unreadable) = plan(&workspace.contracts[&shop]);
    assert!(unreadable.is_empty(), "{unreadable:?}");
    let twins = BTreeMap::from([(shop.clone(), Box::new(Table(Arc::new(table))) as Box<dyn Twin>)]);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut ran = runtime.block_on(async {
        let options = Options::new(Safety::Anything);
        let setup = setup::against(&workspace, twins, Carrier::Served, options).await.expect("the twin is served");
        let pace = Pace { jobs: 8, fail_fast: false };
        let never = Arc::new(AtomicBool::new(false));
        contracts::run(Arc::clone(&setup.run), planned, &pace, never, Arc::new(|_| {})).await
    });
    let scenarios = ran.remove(&shop).expect("the contract ran").scenarios;
    scenarios.into_iter().map(|scenario| (scenario.name.clone(), scenario)).collect()
}

fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |mut steps, line| {
        let _ = writeln!(steps, "    {line}");
        steps
    })
}

#[test]
fn every_promise_is_kept_by_a_right_answer_and_broken_by_a_wrong_one() {
    let rows = rows();
    let (mut feature, mut table) = ("Feature: f\n".to_owned(), BTreeMap::new());
    for (index, row) in rows.iter().enumerate() {
        for (kind, spec) in [("right", &row.right), ("wrong", &row.wrong)] {
            let path = format!("/{index}/{kind}");
            let _ = writeln!(feature, "  Scenario: {index} {kind}");
            feature.push_str(&indented(&row.ask.replace("PATH", &path)));
            feature.push_str(&indented(row.then));
            for (query, page) in &row.pages {
                table.insert(format!("{path}{query}"), page.clone());
            }
            let mut spec = spec.clone();
            for (_, value) in &mut spec.headers {
                *value = value.replace("<SELF", &format!("<{path}"));
            }
            table.insert(path, spec);
        }
    }
    let outcomes = run(&feature, table);
    for (index, row) in rows.iter().enumerate() {
        let right = &outcomes[&format!("{index} right")];
        assert_eq!(right.outcome, Outcome::Kept, "{}: {:?} {:?}", row.then, right.reason, right.findings);
        let wrong = &outcomes[&format!("{index} wrong")];
        assert_eq!(wrong.outcome, Outcome::Broken, "{}: {:?}", row.then, wrong.reason);
        let finding = wrong.findings.first().expect("a finding");
        assert_eq!(finding.code, row.code, "{}: {}", row.then, finding.message);
        let place = finding.place.as_ref().expect("a place");
        assert_eq!(place.file, "features/shop/own.feature", "{}", row.then);
    }
}

#[test]
fn no_promise_of_the_vocabulary_is_without_a_row() {
    let shown: BTreeSet<&str> = rows().iter().map(|row| row.sentence).collect();
    // Receivers and clients on trial have a file of their own (trials.rs): no twin's answer keeps or breaks those.
    let answered = vocabulary::FAMILIES.iter().filter(|family| family.title != "Receivers and clients on trial");
    let promises = answered.flat_map(|family| family.sentences).filter(|sentence| sentence.keyword == Keyword::Then);
    let missing: Vec<_> = promises.map(|sentence| sentence.expression).filter(|it| !shown.contains(it)).collect();
    assert!(missing.is_empty(), "these promises were never seen to break: {missing:#?}");
    let known: BTreeSet<&str> = vocabulary::sentences().map(|sentence| sentence.expression).collect();
    assert!(shown.is_subset(&known), "{:?}", shown.difference(&known));
}

#[test]
fn each_row_is_the_sentence_that_it_says() {
    for row in rows() {
        let text = format!("Feature: f\n  Scenario: s\n{}", indented(row.then));
        let feature = gherkin::Feature::parse(text, gherkin::GherkinEnv::default()).expect("a feature");
        let found = vocabulary::find(&feature.scenarios[0].steps[0]);
        assert_eq!(found, vocabulary::Match::One(row.sentence), "{}", row.then);
    }
}

#[test]
fn no_promise_holds_where_no_answer_came() {
    let rows = rows();
    let (mut feature, mut table) = ("Feature: f\n".to_owned(), BTreeMap::new());
    let silent = |row: &Row| !row.then.contains("no answer comes");
    for (index, row) in rows.iter().enumerate().filter(|(_, row)| silent(row)) {
        let path = format!("/{index}/silent");
        let _ = writeln!(feature, "  Scenario: {index}");
        feature.push_str(&indented(&row.ask.replace("PATH", &path)));
        feature.push_str(&indented(row.then));
        table.insert(path, Spec { status: 200, ..Spec::default() }.fault(WireFault::ResetBeforeAnswer));
    }
    let outcomes = run(&feature, table);
    for (index, row) in rows.iter().enumerate().filter(|(_, row)| silent(row)) {
        let outcome = outcomes[&index.to_string()].outcome;
        assert_ne!(outcome, Outcome::Kept, "{} is kept though nobody answered", row.then);
    }
}
