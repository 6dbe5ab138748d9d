//! MCP servers that do one thing wrong each, over stdio and over HTTP: every one has a clear state, and leaves nothing behind.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::time::{Duration, Instant};

use preflight::adapter::client::{Client, Options, Safety};
use preflight::adapter::mcp::session::{Endpoint, Manner, Place, Session};
use preflight::domain::probe::cannot::Word;
use preflight::domain::probe::heard::{Answer, Heard};
use preflight::domain::probe::mcp::{Call, Era, Handshake, Tools};
use serde_json::{Value, json};

use crate::server::{Asked, Server, respond};

/// Long enough for whatever answers at all.
const LONG: Duration = Duration::from_mins(1);

/// A hash of something else.
const OTHER: &str = "0fa5bbd872d3a15e8a1ec3d4a8a05b71f0d7d4c6c1e0e2f3b5a1b2c3d4e5f607";

/// What a right server says to each method; a test puts its own lines in place of one of them.
const RIGHT: [(&str, &str); 6] = [
    ("server/discover", "refuse -32601 'Method not found'"),
    (
        "initialize",
        r#"say '{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"red","version":"1"}}'"#,
    ),
    ("notifications/initialized", ":"),
    ("ping", "say '{}'"),
    (
        "tools/list",
        r#"say '{"tools":[{"name":"now","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}}]}'"#,
    ),
    ("tools/call", r#"say '{"content":[{"type":"text","text":"12:00"}]}'"#),
];

/// A server in `sh`. `first` runs before it hears anything, `last` when its stdin is closed.
fn script(first: &str, own: &[(&str, &str)], last: &str) -> Vec<String> {
    let mut cases = String::new();
    for (method, usual) in RIGHT {
        let body = own.iter().find(|(name, _)| *name == method).map_or(usual, |(_, body)| body);
        let _ = writeln!(cases, "*'\"{method}\"'*) {body} ;;");
    }
    let script = format!(
        "say() {{ printf '{{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":%s}}\\n' \"$id\" \"$1\"; }}\n\
         refuse() {{ printf '{{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{{\"code\":%s,\"message\":\"%s\"}}}}\\n' \"$id\" \"$1\" \"$2\"; }}\n\
         {first}\n\
         while read -r line; do\n\
         id=${{line#*\\\"id\\\":}}; id=${{id%%,*}}; id=${{id%%\\}}*}}\n\
         case \"$line\" in\n{cases}esac\ndone\n{last}\n"
    );
    ["sh", "-c", &script].map(str::to_owned).to_vec()
}

fn at(line: Vec<String>) -> Place {
    Place::Command { line, environment: BTreeMap::new() }
}

fn manner() -> Manner {
    Manner { era: Era::Either, cold_start: LONG, shutdown: LONG }
}

fn call(arguments: Value) -> Call {
    Call { tool: "now".to_owned(), arguments, read_only: false, why: None }
}

/// What a probe of three steps heard, as far as it came.
struct Went {
    steps: Vec<Heard>,
    ended: BTreeMap<String, String>,
}

async fn probed(place: &Place, manner: Manner, limit: Duration) -> Went {
    let (heard, session) = Session::open(place, manner, &Handshake::default(), limit).await;
    let mut went = Went { ended: heard.facts.iter().cloned().collect(), steps: vec![heard] };
    let Some(mut session) = session else { return went };
    if is_well(&went.steps[0]) {
        let pins = Tools { pinned: BTreeMap::from([("now".to_owned(), String::new())]), others: true };
        went.steps.push(session.tools(&pins, limit).await);
    }
    if went.steps.len() == 2 && is_well(&went.steps[1]) {
        went.steps.push(session.call(&call(json!({})), limit).await);
    }
    went.ended = session.end().await.into_iter().collect();
    went
}

fn is_well(heard: &Heard) -> bool {
    heard.cannot.is_none() && heard.findings.is_empty() && heard.checks > 0
}

/// The step that went wrong, and what is told of it.
fn wrong(went: &Went) -> (usize, String) {
    let last = went.steps.last().expect("a step");
    let told = match (&last.cannot, last.findings.first()) {
        (Some(cannot), _) => cannot.to_string(),
        (None, Some(finding)) => format!("{}: {}", finding.code, finding.message),
        (None, None) => String::new(),
    };
    (went.steps.len(), told)
}

#[tokio::test]
async fn a_right_server_of_the_older_era_is_heard_in_full() {
    let went = probed(&at(script("echo careful >&2", &[], "exit 0")), manner(), LONG).await;
    assert_eq!(wrong(&went), (3, String::new()));
    let facts: BTreeMap<_, _> = went.steps[0].facts.iter().cloned().collect();
    assert_eq!((facts["era"].as_str(), facts["version"].as_str()), ("legacy", "2025-11-25"));
    assert_eq!((facts["server"].as_str(), facts["stderr"].as_str()), ("red 1", "careful"));
    assert!(went.steps[0].cold_start.is_some());
    let Answer::Document(document) = &went.steps[2].answer else { panic!("a document") };
    assert_eq!(serde_json::from_slice::<Value>(document).unwrap()["content"][0]["text"], "12:00");
    assert!(went.ended["ended"].contains("after its stdin was closed, exit code 0"), "{:?}", went.ended);
    assert!(!went.ended.contains_key("left"));
}

#[tokio::test]
async fn a_right_server_of_the_newer_era_is_spoken_with_in_one_process() {
    let discover = r#"say '{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}}}'"#;
    let own = [("server/discover", discover), ("initialize", "exit 9"), ("ping", "exit 9")];
    let went = probed(&at(script("", &own, "")), manner(), LONG).await;
    assert_eq!(wrong(&went), (3, String::new()));
    assert!(went.steps[0].facts.contains(&("era".to_owned(), "modern".to_owned())));
}

/// A server that speaks both keeps to what it heard first, so that it is greeted in a fresh process.
#[tokio::test]
async fn who_does_not_know_discover_is_greeted_in_another_process() {
    let own = [
        ("server/discover", "locked=yes; refuse -32601 'Method not found'"),
        (
            "initialize",
            "[ -z \"$locked\" ] && say '{\"protocolVersion\":\"2024-11-05\",\"capabilities\":{},\"serverInfo\":{\"name\":\"red\"}}' || refuse -32022 locked",
        ),
    ];
    let went = probed(&at(script("", &own, "")), manner(), LONG).await;
    assert_eq!(wrong(&went), (3, String::new()));
    // It goes, it stammers, or it is silent for as long as a first answer may take.
    for (own, seconds) in [
        ([("server/discover", "exit 1")], 60),
        ([("server/discover", "echo what")], 60),
        ([("server/discover", ":")], 5),
    ] {
        let manner = Manner { cold_start: Duration::from_secs(seconds), ..manner() };
        let went = probed(&at(script("", &own, "")), manner, LONG).await;
        assert_eq!(wrong(&went), (3, String::new()), "{own:?}");
    }
}

/// What runs first, which answers differ, how many findings there are, and what they say.
type Row = (&'static str, Vec<(&'static str, &'static str)>, usize, &'static str);

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn every_wrong_server_has_a_clear_state() {
    let banner = "echo 'Server listening on stdio'";
    let endless = r#"say '{"tools":[],"nextCursor":"'$id'"}'"#;
    let same = r#"say '{"tools":[],"nextCursor":"again"}'"#;
    let table: Vec<Row> = vec![
        (
            banner,
            vec![],
            1,
            "unreadable: its stdout holds what is no JSON-RPC message: it is no JSON: Server listening on stdio",
        ),
        ("echo no key >&2; exit 3", vec![], 1, "no-answer: it ended with exit code 3 before it answered initialize"),
        (
            "printf 'Traceback'; exit 1",
            vec![],
            1,
            "no-answer: it ended with exit code 1 before it answered initialize; its last words on stdout: Traceback",
        ),
        ("", vec![("initialize", "kill -9 $$")], 1, "no-answer: it was ended by a signal"),
        (
            "",
            vec![("initialize", "id=77; say '{}'")],
            1,
            "unreadable: the answer to initialize bears the id 77, and 1 was asked",
        ),
        (
            "",
            vec![("initialize", "say '{}'")],
            1,
            "unreadable: its greeting is none: its answer has no `protocolVersion`",
        ),
        (
            "",
            vec![("initialize", "refuse -32000 'no token'")],
            1,
            "unreadable: its greeting is none: it refuses the handshake: error -32000: no token",
        ),
        (
            "",
            vec![("initialize", "echo '{\"jsonrpc\":\"2.0\",\"id\":1}'")],
            1,
            "unreadable: its stdout holds what is no JSON-RPC message: it is neither",
        ),
        ("", vec![("ping", "refuse -32601 no")], 1, "value: ping is refused: error -32601"),
        (
            "",
            vec![("tools/list", "refuse -32603 'fetch failed'")],
            2,
            "tool: tools/list is refused: error -32603: fetch failed",
        ),
        ("", vec![("tools/list", "say '{}'")], 2, "tool: the answer to tools/list has no list"),
        ("", vec![("tools/list", "say '{\"tools\":[]}'")], 2, "tool: the tool `now` is gone"),
        ("", vec![("tools/list", endless)], 2, "tool: the list has more than 50 pages"),
        ("", vec![("tools/list", same)], 2, "tool: page 2 gives a cursor that was given before"),
        (
            "",
            vec![("tools/list", "head -c 9000000 /dev/zero | tr '\\0' a")],
            2,
            "unreadable: a line of its stdout is read no further",
        ),
        (
            "",
            vec![("tools/list", "yes")],
            2,
            "unreadable: its stdout holds what is no JSON-RPC message: it is no JSON: y",
        ),
        (
            "",
            vec![("tools/list", "yes '{\"jsonrpc\":\"2.0\",\"method\":\"n\"}'")],
            2,
            "unreadable: it wrote more than anybody reads",
        ),
        (
            "",
            vec![("tools/list", "yes '{\"jsonrpc\":\"2.0\",\"method\":\"n\"}' >&2")],
            2,
            "unreadable: it wrote more than anybody reads",
        ),
        (
            "",
            vec![(
                "tools/call",
                "say '{\"isError\":true,\"content\":[{\"type\":\"text\",\"text\":\"Cannot find module\"}]}'",
            )],
            3,
            "tool: now: the tool says that it failed (`isError`): Cannot find module",
        ),
        (
            "",
            vec![("tools/call", "refuse -32602 'Unknown tool'")],
            3,
            "tool: now: the server refuses the call: error -32602",
        ),
        ("", vec![("tools/call", "say '{\"content\":[]}'")], 3, "tool: now: its answer is empty"),
        ("", vec![("tools/call", "exit 0")], 3, "no-answer: it ended with exit code 0 before it answered tools/call"),
    ];
    for (first, own, step, told) in table {
        let shutdown = Duration::from_millis(200);
        let went = probed(&at(script(first, &own, "")), Manner { shutdown, ..manner() }, LONG).await;
        let (at, found) = wrong(&went);
        assert!(at == step && found.starts_with(told), "{own:?} {first}: {at} {found}");
    }
}

#[tokio::test]
async fn what_hangs_is_timed_out_and_gone() {
    let short = Duration::from_millis(400);
    let manner_of = |cold_start| Manner { cold_start, shutdown: Duration::from_millis(100), ..manner() };
    let start = Instant::now();
    let went = probed(&at(script("exec sleep 300", &[], "")), manner_of(short), LONG).await;
    let (step, told) = wrong(&went);
    assert_eq!((step, went.steps[0].cannot.as_ref().map(|cannot| cannot.word)), (1, Some(Word::TimedOut)), "{told}");
    assert!(told.contains("no answer to initialize within"), "{told}");
    assert!(went.ended["ended"].contains("SIGTERM"), "{:?}", went.ended);
    // It does not even read.
    for (method, step) in [("ping", 1), ("tools/list", 2), ("tools/call", 3)] {
        let own = [(method, "sleep 300")];
        let went = probed(&at(script("", &own, "")), manner_of(LONG), Duration::from_secs(4)).await;
        let last = went.steps.last().expect("a step");
        assert_eq!(
            (went.steps.len(), last.cannot.as_ref().map(|cannot| cannot.word)),
            (step, Some(Word::TimedOut)),
            "{method}"
        );
    }
    assert!(start.elapsed() < Duration::from_mins(4));
}

#[tokio::test]
async fn a_slow_start_is_shown_apart_from_the_warm_answer() {
    let went = probed(&at(script("sleep 1.2", &[], "")), manner(), LONG).await;
    let (cold, warm) = (went.steps[0].cold_start.expect("a cold start"), went.steps[0].took);
    assert!(cold >= Duration::from_millis(1200), "{cold:?}");
    assert!(warm < cold, "{warm:?} {cold:?}");
    assert_eq!(wrong(&went), (3, String::new()));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn who_does_not_want_to_end_is_ended_with_all_that_it_started() {
    let folder = tempfile::tempdir().expect("a folder");
    let pids = folder.path().join("pids");
    let daemon = format!("setsid sleep 300 </dev/null >/dev/null 2>&1 & echo $! >> '{}'", pids.display());
    let stubborn = format!("trap '' TERM HUP INT; echo $$ >> '{}'", pids.display());
    for (first, last, how) in
        [(daemon, "", "after its stdin was closed"), (stubborn, "sleep 300", "only when it was killed")]
    {
        let manner = Manner {
            era: Era::Legacy,
            shutdown: if last.is_empty() { LONG } else { Duration::from_millis(100) },
            ..manner()
        };
        let went = probed(&at(script(&first, &[], last)), manner, LONG).await;
        assert_eq!(wrong(&went), (3, String::new()));
        assert!(went.ended["ended"].contains(how), "{:?}", went.ended);
        assert!(went.ended["left"].starts_with("1 of its processes outlived it"), "{:?}", went.ended);
    }
    let start = Instant::now();
    for pid in std::fs::read_to_string(&pids).expect("pids").split_whitespace() {
        let is_alive = || {
            let told = std::fs::read_to_string(format!("/proc/{pid}/stat"));
            told.is_ok_and(|told| !told.contains(") Z "))
        };
        while is_alive() && start.elapsed() < LONG {
            tokio::task::yield_now().await;
        }
        assert!(!is_alive(), "{pid}");
    }
}

#[tokio::test]
async fn pinned_tools_that_drift_are_found() {
    let place = at(script("", &[], ""));
    let (heard, session) = Session::open(&place, manner(), &Handshake::default(), LONG).await;
    assert!(is_well(&heard));
    let mut session = session.expect("a session");
    let listed = session.tools(&Tools { pinned: BTreeMap::new(), others: true }, LONG).await;
    let Answer::Document(document) = &listed.answer else { panic!("a document") };
    let document: Value = serde_json::from_slice(document).expect("JSON");
    let hash = document["tools"][0]["input_schema_sha256"].as_str().expect("a hash").to_owned();
    assert_eq!(document["tools"][0]["read_only"], true);
    let pins = |hash: &str, others| Tools { pinned: BTreeMap::from([("now".to_owned(), hash.to_owned())]), others };
    assert!(is_well(&session.tools(&pins(&hash, false), LONG).await));
    let changed = session.tools(&pins(OTHER, false), LONG).await;
    assert_eq!(changed.findings[0].message, "the input schema of the tool `now` is not the pinned one");
    assert_eq!(changed.findings[0].actual.as_deref(), Some(&*hash));
    let others = Tools { pinned: BTreeMap::from([("then".to_owned(), String::new())]), others: false };
    let told: Vec<String> =
        session.tools(&others, LONG).await.findings.into_iter().map(|finding| finding.message).collect();
    assert_eq!(told, ["the tool `then` is gone", "the tool `now` is there and not pinned (`others: true` allows it)"]);
    let wanted = Handshake { name: Some("blue".to_owned()), versions: vec!["2026-07-28".to_owned()] };
    let (heard, _) = Session::open(&place, manner(), &wanted, LONG).await;
    assert_eq!((heard.findings.len(), heard.checks), (2, 4));
}

#[tokio::test]
async fn a_tool_that_may_do_more_than_read_is_not_called() {
    let listed = |annotations: &str| {
        format!(r#"say '{{"tools":[{{"name":"now","inputSchema":{{}},"annotations":{annotations}}}]}}'"#)
    };
    for (annotations, read_only, why, word) in [
        ("{}", false, None, Some(Word::NoApproval)),
        ("{\"destructiveHint\":true}", true, Some("I know better"), Some(Word::NoApproval)),
        ("{}", true, Some("it tells the time"), None),
    ] {
        let list = listed(annotations);
        let own = [("tools/list", list.as_str())];
        let (_, session) = Session::open(&at(script("", &own, "")), manner(), &Handshake::default(), LONG).await;
        let call = Call { read_only, why: why.map(str::to_owned), ..call(Value::Null) };
        let heard = session.expect("a session").call(&call, LONG).await;
        assert_eq!(heard.cannot.map(|cannot| cannot.word), word, "{annotations}");
    }
}

#[tokio::test]
async fn a_program_that_is_not_here_cannot_be_asked() {
    let place = at(vec!["/no/such/server".to_owned()]);
    let went = probed(&place, manner(), LONG).await;
    assert_eq!(wrong(&went), (1, "no-command: `server` is not installed here".to_owned()));
}

/// What a request asks, and under which id.
fn asked(request: &Asked) -> (String, Value) {
    let message: Value = serde_json::from_str(&request.body).unwrap_or_default();
    (message["method"].as_str().unwrap_or(&request.method).to_owned(), message["id"].clone())
}

fn result(id: &Value, result: &Value) -> String {
    json!({"jsonrpc": "2.0", "id": id, "result": result}).to_string()
}

fn refusal(id: &Value, code: i64, message: &str) -> String {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}}).to_string()
}

const JSON: &[&str] = &["content-type: application/json"];

/// A right answer of a server of the older era, with a session; events where they were asked for.
fn rightly(request: &Asked, out: &mut dyn Write) {
    let (method, id) = asked(request);
    let session = request.header("mcp-session-id") == Some("s-1");
    let body = match method.as_str() {
        "server/discover" => {
            let body = refusal(&Value::Null, -32000, "Bad Request: Server not initialized");
            return respond(out, "400 Bad Request", JSON, body.as_bytes());
        }
        "initialize" => {
            let told = json!({"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "red", "version": "2"}});
            let events = format!("id: 1\ndata: \n\nevent: message\ndata: {}\n\n", result(&id, &told));
            return respond(
                out,
                "200 OK",
                &["content-type: text/event-stream", "Mcp-Session-Id: s-1"],
                events.as_bytes(),
            );
        }
        _ if !session || request.header("mcp-protocol-version") != Some("2025-06-18") => {
            return respond(
                out,
                "400 Bad Request",
                JSON,
                refusal(&id, -32000, "No valid session ID provided").as_bytes(),
            );
        }
        "notifications/initialized" => return respond(out, "202 Accepted", &[], b""),
        "DELETE" => return respond(out, "200 OK", &[], b""),
        "ping" => result(&id, &json!({})),
        "tools/list" => {
            result(&id, &json!({"tools": [{"name": "now", "inputSchema": {}, "annotations": {"readOnlyHint": true}}]}))
        }
        "tools/call" => result(&id, &json!({"content": [{"type": "text", "text": "12:00"}]})),
        _ => return respond(out, "404 Not Found", JSON, refusal(&id, -32601, "no").as_bytes()),
    };
    respond(out, "200 OK", JSON, body.as_bytes());
}

fn over_http(server: &Server) -> Place {
    let client = Client::new(Options::new(Safety::SafeOnly)).expect("a client");
    let url = format!("http://127.0.0.1:{}/mcp", server.port).parse().expect("a URL");
    let credential = (http::header::AUTHORIZATION, "Bearer t0ken".parse().expect("a value"));
    Place::Http(Box::new(Endpoint { client, url, headers: [credential].into_iter().collect() }))
}

#[tokio::test]
async fn a_right_server_over_http_is_heard_and_left_in_order() {
    let server = Server::start(rightly);
    let went = probed(&over_http(&server), manner(), LONG).await;
    assert_eq!(wrong(&went), (3, String::new()));
    assert_eq!(went.ended["ended"], "the session was ended");
    assert!(went.steps[0].cold_start.is_none() && went.steps[0].address.is_some());
    let asked = server.asked();
    let methods: Vec<String> = asked.iter().map(|request| self::asked(request).0).collect();
    let expected =
        ["server/discover", "initialize", "notifications/initialized", "ping", "tools/list", "tools/call", "DELETE"];
    assert_eq!(methods, expected);
    assert!(asked.iter().all(|request| request.header("authorization") == Some("Bearer t0ken")));
    assert_eq!(asked[0].header("mcp-method"), Some("server/discover"));
}

#[tokio::test]
async fn a_modern_server_over_http_needs_no_session() {
    let server = Server::start(|request, out| {
        let (method, id) = asked(request);
        let body = match method.as_str() {
            _ if request.header("mcp-protocol-version") != Some("2026-07-28")
                || request.header("mcp-method") != Some(&method) =>
            {
                return respond(
                    out,
                    "400 Bad Request",
                    JSON,
                    refusal(&id, -32020, "headers and body disagree").as_bytes(),
                );
            }
            "server/discover" => {
                result(&id, &json!({"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}}))
            }
            "tools/list" => result(
                &id,
                &json!({"tools": [{"name": "now", "inputSchema": {}, "annotations": {"readOnlyHint": true}}]}),
            ),
            "tools/call" if request.header("mcp-name") == Some("now") => {
                result(&id, &json!({"content": [{"type": "text", "text": "a"}]}))
            }
            _ => return respond(out, "404 Not Found", JSON, refusal(&id, -32601, "no").as_bytes()),
        };
        respond(out, "200 OK", JSON, body.as_bytes());
    });
    let went = probed(&over_http(&server), manner(), LONG).await;
    assert_eq!(wrong(&went), (3, String::new()));
    assert!(went.ended.is_empty(), "{:?}", went.ended);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn every_wrong_server_over_http_has_a_clear_state() {
    type Wrong = fn(&str, &Value, &mut dyn Write) -> bool;
    let table: Vec<(&str, Wrong, usize, &str)> = vec![
        ("401", |_, _, out| said(out, "401 Unauthorized", &[], ""), 1, "status: server/discover is answered with 401"),
        ("403", |_, _, out| said(out, "403 Forbidden", &[], ""), 1, "status: server/discover is answered with 403"),
        (
            "404",
            |_, _, out| said(out, "404 Not Found", &["content-type: text/html"], "<h1>"),
            1,
            "status: initialize is answered with 404 Not Found: there is no MCP endpoint",
        ),
        ("405", |_, _, out| said(out, "405 No", &[], ""), 1, "status: initialize is answered with 405"),
        (
            "406",
            |_, id, out| said(out, "406 No", JSON, &refusal(id, -32000, "Not Acceptable")),
            1,
            "status: server/discover is answered with 406 Not Acceptable (Not Acceptable): it does not take",
        ),
        (
            "302",
            |_, _, out| said(out, "302 Found", &["location: /login"], ""),
            1,
            "status: server/discover is answered with 302",
        ),
        ("503", |_, _, out| said(out, "503 No", &[], ""), 1, "status: initialize is answered with 503"),
        ("429", |_, _, out| said(out, "429 No", &[], ""), 1, "failed: server/discover is answered with 429"),
        (
            "html",
            |_, _, out| said(out, "200 OK", &["content-type: text/html"], "<html>Sign in</html>"),
            1,
            "unreadable: server/discover is answered with 200 OK and text/html, which is neither JSON nor a stream of events: <html>Sign in</html>",
        ),
        (
            "garbage",
            |method, _, out| method == "initialize" && said(out, "200 OK", JSON, "ok"),
            1,
            "unreadable: its body holds what is no JSON-RPC message: it is no JSON: ok",
        ),
        (
            "wrong id",
            |method, _, out| method == "ping" && said(out, "200 OK", JSON, &result(&json!(99), &json!({}))),
            1,
            "unreadable: the answer to ping bears the id 99",
        ),
        (
            "isError",
            |method, id, out| {
                method == "tools/call"
                    && said(
                        out,
                        "200 OK",
                        JSON,
                        &result(id, &json!({"isError": true, "content": [{"type": "text", "text": "no"}]})),
                    )
            },
            3,
            "tool: now: the tool says that it failed",
        ),
        (
            "no answer in the stream",
            |method, _, out| {
                method == "ping"
                    && said(
                        out,
                        "200 OK",
                        &["content-type: text/event-stream"],
                        "data: {\"jsonrpc\":\"2.0\",\"method\":\"n\"}\n\n",
                    )
            },
            1,
            "no-answer: the stream of events ended without the answer to ping",
        ),
        (
            "garbage in the stream",
            |method, _, out| {
                method == "ping" && said(out, "200 OK", &["content-type: text/event-stream"], "data: hello\n\n")
            },
            1,
            "unreadable: an event holds what is no JSON-RPC message",
        ),
        (
            "accepted",
            |method, _, out| method == "ping" && said(out, "202 Accepted", &[], "Accepted"),
            1,
            "status: ping is answered with 202 Accepted: it was taken",
        ),
        (
            "cut off",
            |method, _, out| {
                method == "ping"
                    && out
                        .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{")
                        .is_ok()
            },
            1,
            "no-answer: the answer broke off",
        ),
        (
            "old",
            |method, _, out| match method {
                "GET" => {
                    said(out, "200 OK", &["content-type: text/event-stream"], "event: endpoint\ndata: /message\n\n")
                }
                _ => said(out, "404 Not Found", &[], ""),
            },
            1,
            "failed: it speaks the HTTP+SSE transport of 2024-11-05",
        ),
    ];
    for (name, wrongly, step, told) in table {
        let server = Server::start(move |request, out| {
            let (method, id) = asked(request);
            if !wrongly(&method, &id, out) {
                rightly(request, out);
            }
        });
        let went = probed(&over_http(&server), manner(), LONG).await;
        let (at, found) = wrong(&went);
        assert!(at == step && found.starts_with(told), "{name}: {at} {found}");
    }
}

fn said(out: &mut dyn Write, status: &str, headers: &[&str], body: &str) -> bool {
    respond(out, status, headers, body.as_bytes());
    true
}

#[tokio::test]
async fn a_stream_that_never_ends_is_left_at_the_answer_or_when_time_is_up() {
    let endless = |with_answer: bool| {
        Server::start(move |request, out| {
            let (method, id) = asked(request);
            if method != "ping" {
                return rightly(request, out);
            }
            let _ = out.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n: on and on\n\n");
            if with_answer {
                let _ = write!(out, "data: {}\n\n", result(&id, &json!({})));
            }
            while out.write_all(b": on and on\n\n").and_then(|()| out.flush()).is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
        })
    };
    let server = endless(true);
    assert_eq!(wrong(&probed(&over_http(&server), manner(), LONG).await), (3, String::new()));
    let server = endless(false);
    let manner = Manner { cold_start: LONG, ..manner() };
    let went = probed(&over_http(&server), manner, Duration::from_secs(3)).await;
    assert_eq!(went.steps[0].cannot.as_ref().map(|cannot| cannot.word), Some(Word::TimedOut), "{:?}", wrong(&went));
}

#[tokio::test]
async fn nobody_there_is_a_word_of_its_own() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/mcp", listener.local_addr().expect("an address")).parse().expect("a URL");
    drop(listener);
    let client = Client::new(Options::new(Safety::SafeOnly)).expect("a client");
    let went =
        probed(&Place::Http(Box::new(Endpoint { client, url, headers: http::HeaderMap::new() })), manner(), LONG).await;
    assert_eq!(went.steps[0].cannot.as_ref().map(|cannot| cannot.word), Some(Word::Refused));
}
