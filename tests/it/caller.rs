//! Our own client in our own gauntlet: with its habits it comes out clean, and without one of them that one is found.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::{FutureExt as _, StreamExt as _};
use http::{HeaderMap, Method};
use preflight::adapter::client::caller::{CallError, Caller, Dice};
use preflight::adapter::client::habits::{Habits, Retries};
use preflight::adapter::client::{Client as Http, Options, Safety};
use preflight::adapter::random;
use preflight::domain::exchange::Request;
use preflight::domain::gauntlet::{Code, GauntletRun};
use preflight::domain::record::Outcome;
use preflight::engine::gauntlet::client::{Address, Client, Inside};
use preflight::wire::resilience::backoff::Backoff;
use preflight::wire::resilience::breaker::{Plan, Stand};
use serde_json::Value;

use crate::gauntlet_clients::{self as shop, PLAN};

/// As an alert's or a store's, with times that fit a lesson: the breaker is open for less than a second and not for a minute.
fn habits() -> Habits {
    Habits {
        attempts: 4,
        timeout: Duration::from_secs(1),
        deadline: Duration::from_secs(8),
        backoff: Backoff {
            base: Duration::from_millis(600),
            cap: Duration::from_secs(4),
            floor: Duration::from_millis(50),
        },
        breaker: Some(Plan { open_for: Duration::from_millis(600), ..Plan::default() }),
        ..Habits::alert()
    }
}

/// A user of the client: three pages, a change under a key, and many small questions.
struct User {
    caller: Caller,
    base: String,
}

impl User {
    fn new(habits: Habits, dice: Dice, address: &Address) -> Self {
        let http = Http::new(Options::new(Safety::Anything)).expect("a client");
        Self { caller: Caller::with(http, habits, dice), base: address.url.clone() }
    }

    /// Tells whether it went well, by the answer and by what it says.
    async fn asks(&self, method: Method, path: &str) -> bool {
        let mut headers = HeaderMap::new();
        let mut body = Bytes::new();
        if method == Method::POST {
            let key = random::uuid().expect("random numbers");
            headers.insert("idempotency-key", key.parse().expect("a value"));
            headers.insert("content-type", "application/json".parse().expect("a value"));
            body = Bytes::from_static(b"{\"name\":\"new\"}");
        }
        let url = format!("{}{path}", self.base).parse().expect("a URL");
        let called = self.caller.call(&Request { method, url, headers, body }).await;
        let answer = called.result().ok().and_then(|answer| serde_json::from_slice::<Value>(&answer.body).ok());
        answer.is_some_and(|answer| answer["ok"] != false)
    }

    fn is_open(&self) -> bool {
        self.caller.metrics().iter().any(|host| !matches!(host.breaker, None | Some(Stand::Closed)))
    }

    /// The exit code: 1 where anything failed.
    async fn session(self) -> i32 {
        let mut well = true;
        for page in 1..=3 {
            well &= self.asks(Method::GET, &format!("/items?page={page}")).await;
        }
        well &= self.asks(Method::POST, "/items").await;
        for number in 1..=25 {
            well &= self.asks(Method::GET, &format!("/items/{number}")).await;
        }
        // What was left undone while the breaker was open is looked after for a while.
        for _ in 0..9 {
            if !self.is_open() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(700)).await;
            self.asks(Method::GET, "/items/again").await;
        }
        i32::from(!well)
    }
}

fn client(habits: Habits, dice: Dice) -> Client {
    let inside: Inside = Arc::new(move |address| User::new(habits, Arc::clone(&dice), &address).session().boxed());
    Client::Inside(inside)
}

fn fair() -> Dice {
    Arc::new(random::chance)
}

/// Lessons that were not kept, played once more, alone: a busy machine blurs single times.
async fn surely(plan: &str, client: &Client) -> GauntletRun {
    let plan = shop::plan(plan);
    let mut run = shop::tried(&plan, client.clone(), &[]).await;
    let blurred: Vec<String> =
        run.lessons.iter().filter(|lesson| lesson.outcome == Outcome::Broken).map(|l| l.lesson.clone()).collect();
    for name in blurred {
        let again = shop::tried(&plan, client.clone(), &[&name]).await;
        run.lessons.retain(|lesson| lesson.lesson != name);
        run.lessons.extend(again.lessons.into_iter().filter(|lesson| lesson.lesson == name));
    }
    run
}

fn unasked(run: &GauntletRun) -> BTreeSet<&str> {
    run.lessons.iter().filter(|lesson| lesson.outcome != Outcome::Kept).map(|lesson| lesson.lesson.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_client_comes_out_of_the_shipped_plan_clean() {
    let _alone = shop::STAGE.lock().await;
    let stand_in = PLAN.split_once("stand_ins:").map_or("", |(_, shop)| shop);
    let whole = format!("version: 1\nname: own\nextends: default\nstand_ins:{stand_in}");
    let run = surely(&whole, &client(habits(), fair())).await;
    assert_eq!(shop::codes(&run), BTreeSet::new(), "{}", shop::told(&run));
    let kept = run.lessons.iter().filter(|lesson| lesson.outcome == Outcome::Kept).count();
    assert!(kept >= 40, "{kept} lessons kept\n{}", shop::told(&run));
    assert!(unasked(&run).len() <= 3, "{}", shop::told(&run));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_client_without_one_of_its_habits_is_found() {
    let _alone = shop::STAGE.lock().await;
    let fixed: Dice = Arc::new(|| 0.5);
    let usual = habits();
    let table: Vec<(&str, Client, &[&str], Code)> = vec![
        ("no breaker", client(Habits { breaker: None, ..usual }, fair()), &["opens"], Code::BreakerNeverOpens),
        (
            "no budget",
            client(Habits { breaker: None, budget: None, backoff: quick(), ..usual }, fair()),
            &["budget"],
            Code::OverBudget,
        ),
        ("no jitter", client(usual, Arc::clone(&fixed)), &["backoff"], Code::NoJitter),
        ("one herd", client(usual, fixed), &["herd"], Code::Herd),
        ("no retries", client(Habits { retries: Retries::None, ..usual }, fair()), &["throttled"], Code::NoRetry),
        ("no patience", client(Habits { attempts: 1, ..usual }, fair()), &["lasting"], Code::NoRetry),
        (
            "no time limit",
            client(Habits { timeout: Duration::from_secs(9), deadline: Duration::from_secs(9), ..usual }, fair()),
            &["hang"],
            Code::NoTimeLimit,
        ),
    ];
    let plan = shop::plan(PLAN);
    let runs: Vec<GauntletRun> = futures::stream::iter(&table)
        .map(|(_, client, lessons, _)| shop::tried(&plan, client.clone(), lessons))
        .buffered(4)
        .collect()
        .await;
    for ((habit, client, lessons, code), mut run) in table.iter().zip(runs) {
        if !shop::codes(&run).contains(code) {
            run = shop::tried(&plan, client.clone(), lessons).await;
        }
        assert_eq!(shop::codes(&run), BTreeSet::from([*code]), "{habit}\n{}", shop::told(&run));
    }
}

/// Waits so short that many retries fit into a lesson.
fn quick() -> Backoff {
    let millis = Duration::from_millis;
    Backoff { base: millis(60), cap: millis(60), floor: millis(30) }
}

/// A server that answers each request with the next of these heads, and counts them.
async fn server(heads: &'static [&'static str]) -> (String, tokio::task::JoinHandle<usize>) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let task = tokio::spawn(async move {
        for (count, head) in heads.iter().enumerate() {
            let accepted = tokio::time::timeout(Duration::from_secs(3), listener.accept()).await;
            let Ok(Ok((mut stream, _))) = accepted else { return count };
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
            let answer = format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
        heads.len()
    });
    (base, task)
}

async fn once(habits: Habits, heads: &'static [&'static str], method: Method) -> (Result<u16, String>, usize) {
    let (base, served) = server(heads).await;
    let http = Http::new(Options::new(Safety::Anything)).expect("a client");
    let caller = Caller::new(http, habits);
    let url = format!("{base}/").parse().expect("a URL");
    let done = caller.call(&Request { method, url, headers: HeaderMap::new(), body: Bytes::new() }).await;
    let attempts = done.attempts as usize;
    let told = done.result().map(|answer| answer.status.as_u16()).map_err(|error: CallError| error.to_string());
    served.abort();
    (told, attempts)
}

#[tokio::test]
async fn each_caller_asks_as_often_as_it_may_and_says_why_no_more() {
    let second = Duration::from_secs(5);
    for (habits, heads, method, expected, attempts) in [
        (Habits::probe(second), &["503 No", "200 OK"][..], Method::GET, Err("it fails with 503"), 1),
        (Habits::probe(second), &["200 OK"], Method::GET, Ok(200), 1),
        (Habits::contract(second), &["503 No\r\nRetry-After: 0", "200 OK"], Method::GET, Err("it fails with 503"), 1),
        (Habits::contract(second), &["429 No", "200 OK"], Method::GET, Err("it answers 429"), 1),
        (Habits::contract(second), &["429 No\r\nRetry-After: 0.1", "200 OK"], Method::GET, Ok(200), 2),
        (Habits::store(second), &["503 No", "200 OK"], Method::GET, Ok(200), 2),
        (Habits::store(second), &["503 No", "200 OK"], Method::POST, Err("it fails with 503"), 1),
        (Habits::store(second), &["429 No\r\nRetry-After: 0.1", "200 OK"], Method::POST, Ok(200), 2),
        (Habits::alert(), &["404 No", "200 OK"], Method::GET, Err("it refuses the request with 404"), 1),
        (
            Habits::alert(),
            &["429 No\r\nRetry-After: 3600"],
            Method::GET,
            Err("it answers 429 too often asked: it asks to wait for 36"),
            1,
        ),
    ] {
        let (told, made) = once(habits, heads, method.clone()).await;
        let is_same = match (&told, &expected) {
            (Err(told), Err(expected)) => told.starts_with(expected),
            (Ok(told), Ok(expected)) => told == expected,
            _ => false,
        };
        assert!(is_same && made == attempts, "{method} {heads:?}: {told:?}, {made} attempts");
    }
}
