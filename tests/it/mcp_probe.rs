//! MCP servers as a user probes them: from a file of probes to the exit code, the record and the journal's lines.

use serde_json::Value;

use crate::peer::{Clients, Language};
use crate::shell::Folder;

const WORKSPACE: &str = "\
version: 1
name: test
environments:
  staging:
    base_urls: {clock-mcp: 'http://127.0.0.1:PORT'}
integrations:
  clock-mcp:
policy:
  staging: {require: [health]}
";

/// A server in `sh` that tells the time, and says its token on stderr.
const CLOCK: &str = r#"
echo "started with $CLOCK_TOKEN" >&2
say() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; }
while read -r line; do
  id=${line#*\"id\":}; id=${id%%,*}; id=${id%%\}*}
  case "$line" in
    *'"server/discover"'*) printf '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}\n' ;;
    *'"initialize"'*) say '{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"clock","version":"1"}}' ;;
    *'"ping"'*) say '{}' ;;
    *'"tools/list"'*) say '{"tools":[{"name":"now","inputSchema":{"type":"object"}}]}' ;;
    *'"tools/call"'*) say '{"content":[{"type":"text","text":"ANSWER"}],"isError":IS_ERROR}' ;;
  esac
done
"#;

const PROBES: &str = r##"
version: 1
variables:
  CLOCK_TOKEN: {description: opens it, secret: true}
probes:
  - name: clock
    service: mcp
    timeout_ms: 60000
    server:
      command: [sh, clock.sh]
      env: {CLOCK_TOKEN: "${CLOCK_TOKEN}"}
      cold_start_ms: 60000
      shutdown_ms: 60000
    steps:
      - {name: handshake, depth: liveness, mcp: {handshake: {name: clock}}}
      - {name: tools, depth: authenticated, mcp: {tools: {pinned: {now: "PIN"}}}}
      - name: now
        depth: use
        mcp: {call: {tool: now, read_only: true, why: it tells the time}}
        expect: ['"$.content[0].text" is "#regex ^[0-9]{2}:[0-9]{2}$"']
"##;

/// SHA-256 of `{"type":"object"}`, and of something else.
const PIN: &str = "a2c799262a3ce3c19ef5cdd983bf3d12b43ab3c426227091b909dcb7054738c0";
const OTHER: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

fn folder(server: &str, probes: &str) -> Folder {
    let workspace = WORKSPACE.replace("PORT", "9");
    Folder::with(&[("preflight.yaml", &workspace), ("fixtures/clock-mcp/probes.yaml", probes), ("clock.sh", server)])
}

fn probed(server: &str, probes: &str) -> (Option<i32>, Value, String) {
    let folder = folder(server, probes);
    let given = [("CLOCK_TOKEN", "cl0ck-t0ken-value")];
    let ran = folder.preflight_with(&["probe", "--env", "staging", "--json"], &given);
    let record: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}", ran.err));
    assert!(!ran.out.contains("cl0ck-t0ken") && !ran.err.contains("cl0ck-t0ken"), "the secret is shown");
    (ran.code, record, ran.err)
}

fn clock(answer: &str, is_error: bool) -> String {
    CLOCK.replace("ANSWER", answer).replace("IS_ERROR", if is_error { "true" } else { "false" })
}

/// The steps of the only probe, wherever in the record they stand.
fn steps(record: &Value) -> Vec<Value> {
    fn find(value: &Value) -> Option<&Vec<Value>> {
        match value {
            Value::Object(members) => match members.get("steps") {
                Some(Value::Array(steps)) => Some(steps),
                _ => members.values().find_map(find),
            },
            Value::Array(items) => items.iter().find_map(find),
            _ => None,
        }
    }
    find(record).cloned().unwrap_or_default()
}

#[test]
fn a_server_that_tells_the_time_is_healthy_and_what_it_says_aside_is_redacted() {
    let (code, record, screen) = probed(&clock("12:00", false), &PROBES.replace("PIN", PIN));
    let steps = steps(&record);
    assert_eq!((code, steps.len()), (Some(0), 3), "{screen}");
    let facts = &steps[0]["facts"];
    assert_eq!((&facts["era"], &facts["version"]), (&Value::from("legacy"), &Value::from("2025-11-25")));
    // It may be heard after the answer to the handshake, and is kept with a later step then.
    assert!(steps.iter().any(|step| step["facts"]["stderr"] == "started with [redacted]"), "{screen}");
    assert!(steps[0]["cold_start_us"].as_u64() > Some(0) && steps[0]["latency_us"].as_u64() > Some(0));
    assert!(steps[2]["facts"]["ended"].as_str().is_some_and(|ended| ended.contains("after its stdin was closed")));
}

#[test]
fn each_lie_of_a_server_makes_it_unhealthy() {
    let lax = PROBES.replace("PIN", "");
    let unvouched = lax.replace(", read_only: true, why: it tells the time", "");
    for (server, probes, code, step, told) in [
        (clock("Error: Cannot find module", true), &lax, 1, 2, "the tool says that it failed"),
        (clock("soon", false), &lax, 1, 2, "soon"),
        (clock("12:00", false), &PROBES.replace("PIN", OTHER), 1, 1, "is not the pinned one"),
        (clock("12:00", false), &lax.replace("name: clock}", "name: bell}"), 1, 0, "another server answers"),
        (format!("echo ready\n{}", clock("12:00", false)), &lax, 1, 0, "no JSON-RPC message"),
        (format!("echo \"my key is $CLOCK_TOKEN\"\n{}", clock("12:00", false)), &lax, 1, 0, "my key is [redacted]"),
        ("exit 1".to_owned(), &lax, 1, 0, "ended with exit code 1"),
        (clock("12:00", false), &unvouched, 3, 2, "no-approval"),
        (clock("12:00", false), &lax.replace("[sh, clock.sh]", "[no-such-server]"), 3, 0, "no-command"),
    ] {
        let (ended, record, screen) = probed(&server, probes);
        let steps = steps(&record);
        let found = serde_json::to_string(&steps[step]).expect("JSON");
        assert!(ended == Some(code) && found.contains(told), "{told}: {ended:?} {found}\n{screen}");
    }
}

#[test]
fn a_probe_that_makes_no_sense_is_refused_before_anything_is_started() {
    for (from, to, told) in [
        ("read_only: true, why: it tells the time", "read_only: true", "needs a `why`"),
        ("tool: now,", "tool: now, arguments: [1],", "`arguments` of a call is an object"),
        ("command: [sh, clock.sh]", "path: /mcp\n      command: [sh, clock.sh]", "and not both"),
        ("pinned: {now: \"PIN\"}", "pinned: {}", "pins no tool"),
    ] {
        let folder = folder("touch started", &PROBES.replace(from, to));
        let ran = folder.preflight(&["probe", "--env", "staging"]);
        assert!(ran.code == Some(2) && ran.err.contains(told), "{told}: {:?} {}", ran.code, ran.err);
        assert!(!folder.path().join("started").exists());
    }
}

fn peers(language: Language) -> Option<String> {
    let clients = Clients::find("mcp", language)?;
    Some(clients.path().display().to_string())
}

/// Probes a real server with these steps; the exit code and the steps.
fn real(server: &str, steps: &str, environment: &[(&str, &str)]) -> (Option<i32>, Vec<Value>, String) {
    let probes = format!(
        "version: 1\nprobes:\n  - name: clock\n    service: mcp\n    timeout_ms: 60000\n    server: {server}\n    steps:\n{steps}"
    );
    let workspace = WORKSPACE.replace("PORT", "9");
    let folder = Folder::with(&[("preflight.yaml", &workspace), ("fixtures/clock-mcp/probes.yaml", &probes)]);
    let ran = folder.preflight_with(&["probe", "--env", "staging", "--json"], environment);
    let record = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}", ran.err));
    (ran.code, self::steps(&record), ran.err)
}

fn listing(pinned: &str, others: bool) -> String {
    format!(
        "      - {{name: handshake, depth: liveness, mcp: {{handshake: {{}}}}}}\n      \
         - {{name: tools, depth: use, mcp: {{tools: {{pinned: {pinned}, others: {others}}}}}}}\n"
    )
}

#[test]
fn the_reference_server_is_healthy_over_stdio() {
    let Some(node) = peers(Language::Node) else { return };
    let server = format!(
        "{{command: [node, {node}/@modelcontextprotocol/server-everything/dist/index.js, stdio], cold_start_ms: 120000}}"
    );
    let call = "      - {name: echo, depth: use, mcp: {call: {tool: echo, arguments: {message: hello}, read_only: true, why: it repeats its argument}}, expect: ['\"$.content[0].text\" contains \"hello\"']}\n";
    let (code, steps, screen) = real(&server, &format!("{}{call}", listing("{echo: \"\", get-sum: \"\"}", true)), &[]);
    assert_eq!(code, Some(0), "{screen}");
    let facts = &steps[0]["facts"];
    assert_eq!(
        (&facts["era"], &facts["server"]),
        (&Value::from("legacy"), &Value::from("mcp-servers/everything 2.0.0"))
    );
    assert_eq!(steps[1]["facts"]["tools"], "13");
    let (code, steps, _) = real(&server, &listing("{echo: \"00\", gone: \"\"}", true), &[]);
    assert_eq!((code, steps[1]["findings"].as_array().map(Vec::len)), (Some(1), Some(2)));
    // An unknown tool, as this server answers it.
    let unknown =
        "      - {name: no, depth: use, mcp: {call: {tool: echo, arguments: {}, read_only: true, why: it repeats}}}\n";
    let (code, steps, screen) = real(&server, unknown, &[]);
    assert_eq!(code, Some(1), "{screen}");
    assert!(steps[0]["findings"][0]["message"].as_str().is_some_and(|told| told.starts_with("echo: ")), "{steps:?}");
}

#[test]
fn a_server_of_the_newer_era_is_found_to_be_one() {
    if let Some(node) = peers(Language::Node) {
        let server = format!("{{command: [node, {node}/@upstash/context7-mcp/dist/index.js], cold_start_ms: 120000}}");
        let pins = listing("{resolve-library-id: \"\", query-docs: \"\"}", false);
        let (code, steps, screen) = real(&server, &pins, &[]);
        assert_eq!(code, Some(0), "{screen}");
        assert_eq!(
            (&steps[0]["facts"]["era"], &steps[1]["facts"]["tools"]),
            (&Value::from("modern"), &Value::from("2"))
        );
        // The same server, spoken with in the older way.
        let older = server.replace("cold_start_ms", "era: legacy, cold_start_ms");
        let (code, steps, screen) = real(&older, &pins, &[]);
        assert_eq!((code, &steps[0]["facts"]["version"]), (Some(0), &Value::from("2025-11-25")), "{screen}");
    }
    if let Some(python) = peers(Language::Python) {
        let server = format!("{{command: [{python}, -m, mcp_server_time], cold_start_ms: 120000}}");
        let call = "      - {name: time, depth: use, mcp: {call: {tool: get_current_time, arguments: {timezone: UTC}, read_only: true, why: it tells the time}}, expect: ['\"$.content[0].text\" contains \"UTC\"']}\n";
        let (code, steps, screen) =
            real(&server, &format!("{}{call}", listing("{get_current_time: \"\", convert_time: \"\"}", false)), &[]);
        assert_eq!((code, &steps[0]["facts"]["era"]), (Some(0), &Value::from("modern")), "{screen}");
    }
}

#[test]
fn a_slow_starter_is_healthy_and_its_start_is_told() {
    let Some(node) = peers(Language::Node) else { return };
    let server =
        format!("{{command: [node, {node}/@shopify/dev-mcp/dist/index.js], era: legacy, cold_start_ms: 120000}}");
    let (code, steps, screen) =
        real(&server, &listing("{learn_shopify_api: \"\"}", true), &[("OPT_OUT_INSTRUMENTATION", "true")]);
    assert_eq!(code, Some(0), "{screen}");
    let (cold, warm) = (steps[0]["cold_start_us"].as_u64(), steps[0]["latency_us"].as_u64());
    assert!(cold > warm && warm.is_some(), "{cold:?} {warm:?}");
}

/// A process that is ended with its test.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_reference_server_is_healthy_over_http() {
    let Some(node) = peers(Language::Node) else { return };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let mut command = std::process::Command::new("node");
    command.arg(format!("{node}/@modelcontextprotocol/server-everything/dist/index.js")).arg("streamableHttp");
    command.env("PORT", port.to_string()).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let _running = Running(command.spawn().expect("node starts"));
    let start = std::time::Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(start.elapsed() < std::time::Duration::from_mins(2), "the server does not listen");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let probes = format!(
        "version: 1\nprobes:\n  - name: clock\n    service: mcp\n    timeout_ms: 60000\n    server: {{path: /mcp}}\n    steps:\n{}",
        listing("{echo: \"\"}", true)
    );
    let workspace = WORKSPACE.replace("PORT", &port.to_string());
    for (path, code) in [("/mcp", 0), ("/nothing", 1)] {
        let probes = probes.replace("/mcp", path);
        let folder = Folder::with(&[("preflight.yaml", &workspace), ("fixtures/clock-mcp/probes.yaml", &probes)]);
        let ran = folder.preflight(&["probe", "--env", "staging", "--json"]);
        assert_eq!(ran.code, Some(code), "{path}: {}", ran.err);
        let record: Value = serde_json::from_str(&ran.out).expect("a record");
        if code == 0 {
            assert_eq!(steps(&record)[0]["facts"]["era"], "legacy");
            assert_eq!(steps(&record)[1]["facts"]["ended"], "the session was ended");
        }
    }
}
