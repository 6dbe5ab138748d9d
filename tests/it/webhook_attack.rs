//! The webhook suite against receivers that are wrong in one way each, and against right ones.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream;
use preflight::adapter::client::{Client, Options, Safety};
use preflight::adapter::delivery::Clearance;
use preflight::adapter::environment::Environment;
use preflight::adapter::halt::Halt;
use preflight::adapter::observer::{Observer, question};
use preflight::adapter::schemes::find;
use preflight::adapter::workspace::Workspace;
use preflight::domain::inventory;
use preflight::domain::record::Outcome;
use preflight::domain::secret::Redactor;
use preflight::domain::suite::Suite;
use preflight::engine::attack::prepare::{Wish, prepare};
use preflight::engine::attack::{Order, perform};
use serde_json_path::JsonPath;
use url::Url;

use crate::receivers::flaw::Flaw;
use crate::receivers::receiver::{Dialect, Receiver, SECRET};

fn workspace() -> Workspace {
    let nowhere = tempfile::tempdir().expect("a folder");
    Workspace::open(nowhere.path(), None).expect("what is shipped")
}

/// Attacks a receiver on the loopback, and counts its effects where it says how many there were.
async fn attack(workspace: &Workspace, scheme: &str, port: u16, deadline: Option<Duration>, timing: u32) -> Suite {
    attack_with(workspace, scheme, port, |order| {
        order.deadline = deadline.unwrap_or(order.deadline);
        order.timing = timing;
    })
    .await
}

async fn attack_with(workspace: &Workspace, scheme: &str, port: u16, change: impl FnOnce(&mut Order)) -> Suite {
    let url: Url = format!("http://127.0.0.1:{port}/hook").parse().expect("a URL");
    let counting: Url = format!("http://127.0.0.1:{port}/effects").parse().expect("a URL");
    let client = || Client::new(Options::new(Safety::Anything)).expect("a client");
    let environment = Environment::load(None, "", &inventory::Environment::default()).expect("an environment");
    let wish = Wish {
        scheme: find(Path::new("."), scheme).expect("a scheme"),
        secret: SECRET.into(),
        url: url.clone(),
        body: None,
        topic: None,
        verify_token: None,
        now: jiff::Timestamp::now(),
    };
    let (crafter, traits, sender) = prepare(workspace, &environment, wish).expect("a scheme");
    let mut order = Order {
        crafter,
        traits,
        integration: None,
        client: client(),
        clearance: Clearance::of_loopback(&url).expect("it is here"),
        only: Vec::new(),
        deadline: Duration::from_millis(sender.deadline_ms),
        sender,
        settle: Duration::from_millis(400),
        patience: Duration::ZERO,
        rate: None,
        flood: None,
        timing: 0,
        redactor: Redactor::default(),
    };
    change(&mut order);
    let path = JsonPath::parse("$.count").expect("a path");
    let observer = Observer::Path { client: client(), request: question(&counting, None), path };
    perform(&order, Some(observer), Halt::default()).await
}

fn names(suite: &Suite, outcome: Outcome) -> Vec<&str> {
    let mut names: Vec<&str> = suite.of(outcome).map(|case| case.name.as_str()).collect();
    names.sort_unstable();
    names
}

/// What a receiver with a flaw was found by.
async fn found(workspace: Arc<Workspace>, dialect: Dialect, flaw: Option<Flaw>) -> (Option<Flaw>, Suite) {
    let port = Receiver::new(dialect, flaw).serve().await;
    let deadline = (flaw == Some(Flaw::Slow)).then_some(Duration::from_millis(100));
    let scheme = match dialect {
        Dialect::Chatwoot => "chatwoot",
        Dialect::PagerDuty => "pagerduty",
    };
    (flaw, attack(&workspace, scheme, port, deadline, 0).await)
}

async fn each_is_found_by_its_cases(dialect: Dialect, flaws: &[Flaw]) {
    let workspace = Arc::new(workspace());
    let suites = stream::iter(flaws.iter().copied())
        .map(|flaw| tokio::spawn(found(Arc::clone(&workspace), dialect, Some(flaw))))
        .buffered(6)
        .map(|suite| suite.expect("a suite"));
    let wrong: Vec<String> = suites
        .filter_map(|(flaw, suite)| async move {
            let flaw = flaw?;
            let mut expected = flaw.found_by();
            expected.sort_unstable();
            let broken = names(&suite, Outcome::Broken);
            let missed: Vec<_> = expected.iter().filter(|name| !broken.contains(name)).collect();
            let beside: Vec<_> = broken.iter().filter(|name| !expected.contains(name)).collect();
            let same = missed.is_empty() && beside.is_empty();
            (!same).then(|| format!("{flaw:?}: not found by {missed:?}, found also by {beside:?}"))
        })
        .collect()
        .await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_wrong_receiver_is_found_by_the_cases_that_are_made_for_it() {
    each_is_found_by_its_cases(Dialect::Chatwoot, &Flaw::OF_CHATWOOT).await;
    each_is_found_by_its_cases(Dialect::PagerDuty, &Flaw::OF_PAGERDUTY).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_receiver_comes_out_clean_within_two_seconds() {
    let workspace = Arc::new(workspace());
    for (dialect, least) in [(Dialect::Chatwoot, 55), (Dialect::PagerDuty, 45)] {
        let (_, suite) = found(Arc::clone(&workspace), dialect, None).await;
        assert_eq!(names(&suite, Outcome::Broken), [""; 0], "{dialect:?}");
        assert_eq!(names(&suite, Outcome::Unasked), [""; 0], "{dialect:?}");
        assert!(suite.cases.len() >= least, "{} cases", suite.cases.len());
        assert!(suite.duration_ms < 2_000, "{} ms for {} cases", suite.duration_ms, suite.cases.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_cannot_hold_a_flood_is_found_by_it() {
    let workspace = workspace();
    let floods = ["flood-at-rate", "flood-above-rate"];
    for flaw in Flaw::OF_FLOODS.into_iter().map(Some).chain([None]) {
        let port = Receiver::new(Dialect::Chatwoot, flaw).serve().await;
        let suite = attack_with(&workspace, "chatwoot", port, |order| {
            order.only = floods.map(str::to_owned).to_vec();
            order.flood = Some(10);
        })
        .await;
        let mut expected = flaw.map(Flaw::found_by).unwrap_or_default();
        expected.sort_unstable();
        assert_eq!(names(&suite, Outcome::Broken), expected, "{flaw:?}");
        let asked = suite.cases.iter().filter(|case| floods.contains(&case.name.as_str()));
        assert_eq!(asked.filter(|case| case.outcome != Outcome::Unasked).count(), 2, "{flaw:?}");
    }
}

/// That a difference is suspicious is shown beside `Timing`, with numbers: on a machine that does other work too, real times
/// show nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comparison_that_stops_early_is_measured_and_breaks_nothing() {
    let port = Receiver::new(Dialect::Chatwoot, Some(Flaw::StopsAtFirstDifference)).serve().await;
    let suite = attack(&workspace(), "chatwoot", port, None, 60).await;
    assert_eq!(suite.outcome(), Outcome::Kept);
    let timing = suite.timing.expect("times");
    assert!(timing.samples > 0 && timing.early_us > 0.0 && timing.late_us > 0.0, "{timing:?}");
}
