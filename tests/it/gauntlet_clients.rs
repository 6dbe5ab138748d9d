//! Clients that are wrong in one way each, found by exactly that; and a right one that comes out clean.

use std::collections::BTreeSet;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::{FutureExt as _, StreamExt as _};
use preflight::adapter::halt::Halt;
use preflight::adapter::plans;
use preflight::adapter::workspace::Workspace;
use preflight::domain::gauntlet::{Code, GauntletRun, LessonRun};
use preflight::domain::lesson::plan::Plan;
use preflight::domain::record::Outcome;
use preflight::engine::gauntlet::client::{Address, Client, Inside};
use preflight::engine::gauntlet::house::{Furniture, House};
use preflight::engine::gauntlet::{Order, run};
use reqwest::{Method, StatusCode};

/// How a client behaves; the right one by default.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a habit of its own")]
struct Habits {
    attempts: u32,
    /// The first wait, in milliseconds.
    base: u64,
    grows: bool,
    jitter: bool,
    hint: Hint,
    /// Adds up to a quarter to a wait that was asked for.
    spreads: bool,
    timeout: Option<Duration>,
    key: Key,
    retries_refusals: bool,
    /// Looks whether a 200 says that it failed.
    reads_body: bool,
    breaker: Breaker,
    budget: u32,
    pages: Pages,
    keeps_limit: bool,
    secret_in_url: bool,
    fails: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Hint {
    Seconds,
    Milliseconds,
    Ignored,
}

#[derive(Clone, Copy, PartialEq)]
enum Key {
    Stable,
    Fresh,
    /// None, and what changes something is tried again all the same.
    None,
}

#[derive(Clone, Copy, PartialEq)]
enum Breaker {
    Right,
    Absent,
    NeverCloses,
    OpensOnRefusal,
}

#[derive(Clone, Copy, PartialEq)]
enum Pages {
    Right,
    Lost,
    Restarted,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            attempts: 4,
            base: 300,
            grows: true,
            jitter: true,
            hint: Hint::Seconds,
            spreads: true,
            timeout: Some(Duration::from_secs(1)),
            key: Key::Stable,
            retries_refusals: false,
            reads_body: true,
            breaker: Breaker::Right,
            budget: 10,
            pages: Pages::Right,
            keeps_limit: true,
            secret_in_url: false,
            fails: false,
        }
    }
}

/// From 0 to 1.
fn chance() -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a random number need not be exact")]
    let chance = RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64;
    chance
}

/// Seconds, or the seconds that are left until a date.
fn due(text: &str) -> Option<f64> {
    if let Ok(seconds) = text.parse::<f64>() {
        return (seconds >= 0.0).then_some(seconds);
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text.replace("GMT", "+0000")).ok()?;
    Some(date.duration_since(jiff::Timestamp::now()).as_secs_f64().max(0.0))
}

/// A client while it runs.
struct Shop {
    habits: Habits,
    http: reqwest::Client,
    address: Address,
    failures: u32,
    refusals: u32,
    open_until: Option<Instant>,
    retries: u32,
    not_before: Option<Instant>,
}

/// What a call came to.
#[derive(PartialEq)]
enum Came {
    Well,
    Failed,
    /// The breaker is open.
    NotAsked,
}

impl Shop {
    fn new(habits: Habits, address: Address) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        if let Some(timeout) = habits.timeout {
            builder = builder.timeout(timeout);
        }
        let http = builder.build().expect("a client");
        Self { habits, http, address, failures: 0, refusals: 0, open_until: None, retries: 0, not_before: None }
    }

    fn is_open(&self) -> bool {
        self.open_until.is_some_and(|until| Instant::now() < until)
    }

    fn note(&mut self, well: bool, refused: bool) {
        self.refusals += u32::from(refused);
        if well || refused {
            self.failures = 0;
            self.open_until = None;
        } else {
            self.failures += 1;
        }
        let refusing = self.habits.breaker == Breaker::OpensOnRefusal && self.refusals >= 5;
        let failing = self.habits.breaker != Breaker::Absent && self.failures >= 5;
        if refusing || failing {
            let forever = self.habits.breaker == Breaker::NeverCloses || refusing;
            let pause = if forever { Duration::from_hours(1) } else { Duration::from_millis(600) };
            self.open_until = Some(Instant::now() + pause);
        }
    }

    async fn call(&mut self, method: Method, path: &str, attempts: u32) -> Came {
        let key = format!("key-{}", chance());
        let mut wait = self.habits.base;
        for attempt in 1..=attempts {
            if self.is_open() {
                return Came::NotAsked;
            }
            if let Some(due) = self.not_before.take().filter(|_| self.habits.keeps_limit) {
                tokio::time::sleep_until(due.into()).await;
            }
            let mut request = self.http.request(method.clone(), format!("{}{path}", self.address.url));
            if method == Method::POST {
                request = request.body("{\"name\":\"new\"}").header("content-type", "application/json");
                request = match self.habits.key {
                    Key::Stable => request.header("idempotency-key", &key),
                    Key::Fresh => request.header("idempotency-key", format!("{key}-{attempt}")),
                    Key::None => request,
                };
            }
            let (retry, asked) = match self.once(request).await {
                Ok(()) => return Came::Well,
                Err(failure) => failure,
            };
            let budget_left = self.retries < self.habits.budget;
            if !retry || attempt == attempts || !budget_left {
                return Came::Failed;
            }
            self.retries += 1;
            let Some(pause) = self.pause(asked, wait) else { return Came::Failed };
            if self.habits.grows {
                wait *= 2;
            }
            tokio::time::sleep(pause).await;
        }
        Came::Failed
    }

    /// None where it is too long to wait.
    fn pause(&self, asked: Option<f64>, wait: u64) -> Option<Duration> {
        let asked = match self.habits.hint {
            Hint::Seconds => asked,
            Hint::Milliseconds => asked.map(|seconds| seconds / 1000.0),
            Hint::Ignored => None,
        };
        match asked {
            Some(seconds) if seconds > 5.0 => None,
            Some(seconds) => {
                let more = if self.habits.spreads { 1.0 + chance() / 4.0 } else { 1.0 };
                Some(Duration::from_secs_f64(seconds * more))
            }
            None => {
                let more = if self.habits.jitter { 1.0 + chance() / 2.0 } else { 1.0 };
                Some(Duration::from_millis(wait).mul_f64(more))
            }
        }
    }

    /// Whether a failure may be tried again, and the wait that it asks for.
    async fn once(&mut self, request: reqwest::RequestBuilder) -> Result<(), (bool, Option<f64>)> {
        let Ok(response) = request.send().await else {
            self.note(false, false);
            return Err((true, None));
        };
        let header = |name: &str| response.headers().get(name)?.to_str().ok()?.parse::<f64>().ok();
        let asked = response.headers().get("retry-after").and_then(|value| due(value.to_str().ok()?));
        let status = response.status();
        if header("x-ratelimit-remaining") == Some(0.0) {
            let now = jiff::Timestamp::now().as_millisecond();
            let reset = header("x-ratelimit-reset").unwrap_or_default() * 1000.0;
            #[expect(clippy::cast_possible_truncation, reason = "milliseconds of our time")]
            let left = (reset as i64 - now).max(0);
            self.not_before = Some(Instant::now() + Duration::from_millis(left.unsigned_abs()));
        }
        let body = response.text().await;
        if status.is_success() {
            let Ok(body) = body else {
                self.note(false, false);
                return Err((true, None));
            };
            let good =
                |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok_and(|body| body["ok"] != false);
            let well = good(&body) || !self.habits.reads_body;
            self.note(well, !well);
            return if well { Ok(()) } else { Err((false, None)) };
        }
        let refused = status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS;
        self.note(false, refused);
        Err((!refused || self.habits.retries_refusals, asked))
    }

    /// Three pages, a change, and many small questions; exit code 1 where one of them failed.
    async fn session(mut self) -> i32 {
        let (attempts, mut code) = (self.habits.attempts, i32::from(self.habits.fails));
        let secret = if self.habits.secret_in_url { "&access_token=tok-0123456789" } else { "" };
        let mut page = 1;
        let mut restarted = false;
        while page <= 3 {
            let tries = if page > 1 && self.habits.pages != Pages::Right { 1 } else { attempts };
            let came = self.call(Method::GET, &format!("/items?page={page}{secret}"), tries).await;
            if came != Came::Well && page > 1 && self.habits.pages == Pages::Restarted && !restarted {
                (page, restarted) = (1, true);
                continue;
            }
            code |= i32::from(came != Came::Well && !(page > 1 && self.habits.pages == Pages::Lost));
            page += 1;
        }
        code |= i32::from(self.call(Method::POST, "/items", attempts).await != Came::Well);
        for number in 1..=25 {
            code |= i32::from(self.call(Method::GET, &format!("/items/{number}"), attempts).await != Came::Well);
        }
        // What was left undone while the breaker was open is looked after for a while.
        for _ in 0..9 {
            if self.open_until.is_none() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(700)).await;
            self.call(Method::GET, "/items/probe", 1).await;
        }
        code
    }
}

fn client(habits: Habits) -> Client {
    let inside: Inside = Arc::new(move |address| Shop::new(habits, address).session().boxed());
    Client::Inside(inside)
}

/// Asks on a connection whose answer it did not wait for.
fn hasty() -> Client {
    let inside: Inside = Arc::new(|address| {
        async move {
            tokio::task::spawn_blocking(move || {
                let mut stream = TcpStream::connect((address.host.as_str(), address.port)).expect("a connection");
                let question = b"GET /items?page=1 HTTP/1.1\r\nHost: shop\r\n\r\n";
                stream.set_read_timeout(Some(Duration::from_millis(300))).expect("a timeout");
                stream.write_all(question).expect("written");
                let mut answer = [0; 4096];
                if stream.read(&mut answer).is_err() {
                    stream.write_all(question).expect("written");
                    stream.set_read_timeout(Some(Duration::from_secs(3))).expect("a timeout");
                    let _ = stream.read(&mut answer).expect("the late answer");
                    // Time for the second answer.
                    let _ = stream.read(&mut answer);
                }
                0
            })
            .await
            .expect("no panic")
        }
        .boxed()
    });
    Client::Inside(inside)
}

/// Held by each test that plays whole plans: two of them at once would measure each other.
pub static STAGE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Every question, short.
pub const PLAN: &str = r#"
version: 1
name: small
lessons:
  - {name: healthy, title: h, source: s, expect: {healthy: true, secrets: true}}
  - name: throttled
    title: t
    source: s
    wait: 1
    faults: [{fault: "throttle:{wait.decimal}"}]
    expect: {retry: owed, attempts: 6, wait: asked}
  - name: minutes
    title: t
    source: s
    faults: [{fault: "throttle:600"}, {fault: "throttle:300"}]
    expect: {retry: allowed, wait: asked}
  - name: backoff
    title: t
    source: s
    runs: 10
    faults: [{fault: "status:503", times: 3}]
    expect: {wait: own, growth: true, jitter: true}
  - name: lasting
    title: t
    source: s
    faults: [{fault: "status:503", always: true}]
    expect: {retry: owed, attempts: 4, reported: true}
  - name: not-found
    title: t
    source: s
    faults: [{fault: "status:404", always: true}]
    expect: {retry: forbidden, reported: true}
  - name: hang
    title: t
    source: s
    faults: [{fault: hang}]
    expect: {gives_up_within: 2.5}
    within: 5
  - name: late
    title: t
    source: s
    faults: [{fault: "delay:700"}]
    expect: {attempts: 6}
  - name: unsafe
    title: t
    source: s
    strikes: {unsafe_only: true}
    faults: [{fault: "status:500"}]
    expect: {retry: owed, attempts: 6}
  - name: not-ok
    title: t
    source: s
    faults: [{answer: {status: 200, body: {ok: false}}, always: true}]
    expect: {retry: forbidden, reported: true}
  - name: page
    title: t
    source: s
    strikes: {call: 2}
    faults: [{fault: "status:503"}]
    expect: {pages: true}
  - name: limit
    title: t
    source: s
    limit: {requests: 20, seconds: 3}
    expect: {keeps_limit: true}
  - name: opens
    title: t
    source: s
    strikes: {every_call: true}
    faults: [{fault: "status:503", lasts: 30}]
    expect: {breaker: opens}
  - name: budget
    title: t
    source: s
    strikes: {every_call: true}
    faults: [{fault: "status:503", lasts: 30}]
    expect: {budget: {free: 10, ratio: 0.2}}
  - name: closes
    title: t
    source: s
    strikes: {every_call: true}
    faults: [{fault: "status:503", lasts: 4}]
    expect: {breaker: closes}
  - name: stays-closed
    title: t
    source: s
    strikes: {every_call: true}
    faults: [{fault: "status:422", always: true}]
    expect: {breaker: stays-closed}
  - name: herd
    title: t
    source: s
    clients: 10
    wait: 1
    faults: [{fault: "throttle:{wait}"}]
    expect: {spread: true}
stand_ins:
  shop:
    environment: {SHOP_TOKEN: tok-0123456789}
    answers:
      - {on: GET /items, answer: {status: 200, body: {items: [1, 2]}}}
      - {on: POST /items, answer: {status: 201, body: {id: 3}}}
"#;

/// The small plan, or the shipped one with a shop in it.
pub fn plan(text: &str) -> Plan {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plan.yaml");
    std::fs::write(&path, text).expect("a file");
    plans::read(Some(&path)).unwrap_or_else(|error| panic!("{error}"))
}

pub async fn tried(plan: &Plan, client: Client, lessons: &[&str]) -> GauntletRun {
    let empty = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::open(empty.path(), None).expect("what is shipped");
    let furniture = Furniture { plan, upstream: None, certificate: None, seed: 0 };
    let house = House::build(&workspace, "shop".parse().expect("a name"), &furniture).expect("a house");
    let named: Vec<String> = lessons.iter().map(|name| (*name).to_owned()).collect();
    let lessons = plan.lessons_for("shop", &named).expect("lessons").into_iter().cloned().collect();
    let order = Order {
        plan: plan.clone(),
        lessons,
        client,
        within: Duration::from_secs(12),
        jobs: 20,
        speed: 1.0,
        halt: Halt::default(),
        told: Arc::new(|_| {}),
    };
    run(&house, &order).await.expect("it plays")
}

pub fn codes(run: &GauntletRun) -> BTreeSet<Code> {
    run.lessons.iter().flat_map(LessonRun::findings).map(|flaw| flaw.code).collect()
}

pub fn told(run: &GauntletRun) -> String {
    let judged = run.lessons.iter().flat_map(|lesson| lesson.judged.iter().map(move |judged| (lesson, judged)));
    let bad = judged.filter(|(_, judged)| judged.outcome != Outcome::Kept);
    let lines = bad.map(|(lesson, judged)| format!("{}: {:?} {}", lesson.lesson, judged.outcome, judged.told));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_client_comes_out_clean() {
    let _alone = STAGE.lock().await;
    let run = tried(&plan(PLAN), client(Habits::default()), &[]).await;
    assert_eq!(codes(&run), BTreeSet::new(), "{}", told(&run));
    let unasked: Vec<&str> = run
        .lessons
        .iter()
        .filter(|lesson| lesson.outcome != Outcome::Kept)
        .map(|lesson| lesson.lesson.as_str())
        .collect();
    // With a breaker so few calls reach the vendor that its budget cannot be told.
    assert_eq!(unasked, ["budget"], "{}", told(&run));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_wrong_client_is_found_by_what_is_wrong_with_it() {
    let _alone = STAGE.lock().await;
    let plan = plan(PLAN);
    let right = Habits::default;
    let all: &[&str] = &[];
    let table: Vec<(Client, &[&str], &[Code])> = vec![
        (client(Habits { attempts: 1, ..right() }), all, &[Code::NoRetry]),
        (client(Habits { attempts: 9, ..right() }), all, &[Code::TooManyAttempts]),
        (client(Habits { retries_refusals: true, ..right() }), all, &[Code::ForbiddenRetry]),
        (client(Habits { hint: Hint::Ignored, ..right() }), all, &[Code::ShortWait]),
        (client(Habits { hint: Hint::Milliseconds, ..right() }), &["minutes"], &[Code::WrongUnit]),
        (client(Habits { base: 0, ..right() }), all, &[Code::NoBackoff]),
        (client(Habits { grows: false, ..right() }), all, &[Code::NoGrowth]),
        (client(Habits { jitter: false, ..right() }), all, &[Code::NoJitter]),
        (client(Habits { spreads: false, ..right() }), all, &[Code::Herd]),
        (client(Habits { key: Key::None, ..right() }), all, &[Code::NoIdempotencyKey]),
        (client(Habits { key: Key::Fresh, ..right() }), all, &[Code::ChangedIdempotencyKey]),
        (client(Habits { timeout: None, ..right() }), all, &[Code::NoTimeLimit]),
        (client(Habits { breaker: Breaker::Absent, ..right() }), &["opens"], &[Code::BreakerNeverOpens]),
        (
            client(Habits { breaker: Breaker::Absent, budget: 99, base: 20, ..right() }),
            &["budget"],
            &[Code::OverBudget],
        ),
        (client(Habits { breaker: Breaker::NeverCloses, ..right() }), all, &[Code::BreakerNeverCloses]),
        (client(Habits { breaker: Breaker::OpensOnRefusal, ..right() }), all, &[Code::BreakerOpensOnRefusal]),
        (client(Habits { pages: Pages::Lost, ..right() }), all, &[Code::PageLost]),
        (client(Habits { pages: Pages::Restarted, ..right() }), all, &[Code::PageRepeated]),
        (client(Habits { keeps_limit: false, ..right() }), all, &[Code::LimitExceeded]),
        (client(Habits { reads_body: false, ..right() }), all, &[Code::FailureHidden]),
        (client(Habits { secret_in_url: true, ..right() }), all, &[Code::SecretInUrl]),
        (client(Habits { fails: true, ..right() }), all, &[Code::FailsWhenHealthy]),
        (hasty(), &["late"], &[Code::ReusedConnection]),
    ];
    let mut shown = BTreeSet::new();
    let runs = table.iter().map(|(client, lessons, _)| tried(&plan, client.clone(), lessons));
    // Few at a time: a busy machine blurs what is measured.
    let runs: Vec<GauntletRun> = futures::stream::iter(runs).buffered(6).collect().await;
    let mut wrong = Vec::new();
    for ((client, lessons, expected), mut run) in table.iter().zip(runs) {
        let expected: BTreeSet<Code> = expected.iter().copied().collect();
        if codes(&run) != expected {
            // What a busy machine has blurred is looked at again, alone.
            run = tried(&plan, client.clone(), lessons).await;
        }
        if codes(&run) != expected {
            wrong.push(format!("expected {expected:?}, found {:?}\n{}", codes(&run), told(&run)));
        }
        shown.extend(expected);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let silent: Vec<Code> = Code::ALL.into_iter().filter(|code| !shown.contains(code)).collect();
    assert!(silent.is_empty(), "no wrong client shows {silent:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shipped_plan_finds_nothing_wrong_with_a_right_client_within_a_minute() {
    let _alone = STAGE.lock().await;
    let shop = PLAN.split_once("stand_ins:").map_or("", |(_, shop)| shop);
    let whole = plan(&format!("version: 1\nname: own\nextends: default\nstand_ins:{shop}"));
    let began = Instant::now();
    let run = tried(&whole, client(Habits::default()), &[]).await;
    assert!(began.elapsed() < Duration::from_mins(1), "it took {:?}", began.elapsed());
    assert_eq!(codes(&run), BTreeSet::new(), "{}", told(&run));
    let kept = run.lessons.iter().filter(|lesson| lesson.outcome == Outcome::Kept).count();
    assert!(kept >= 40, "{kept} lessons kept\n{}", told(&run));
}
