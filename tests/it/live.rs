//! A live target: a server on the loopback in the vendor's place.

use std::io::Write;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use insta::assert_snapshot;

use crate::server::{Server, files, json, respond, workspace};
use crate::shell::{Folder, Ran};

const LIVE: [&str; 5] = ["check", "--target", "live", "--env", "staging"];

const READS: &str = "\
Feature: items
  @SHOP-1
  Scenario: Items are listed
    When I GET \"/items\"
    Then the status is 200
    And \"$.items\" has 2 items
";

const ITEMS: &str = r#"{"items":[{"id":1},{"id":2}]}"#;

/// Runs one feature against a server.
fn check(server: &Server, feature: &str, more: &[&str]) -> (Folder, Ran) {
    check_at(&server.workspace(), feature, more, &[])
}

fn check_at(workspace: &str, feature: &str, more: &[&str], environment: &[(&str, &str)]) -> (Folder, Ran) {
    let folder = Folder::with(&files(workspace, feature));
    let arguments: Vec<&str> = LIVE.iter().chain(more).copied().collect();
    let ran = folder.preflight_with(&arguments, environment);
    (folder, ran)
}

fn scenario(steps: &str) -> String {
    format!("Feature: f\n  Scenario: s\n{steps}")
}

#[test]
fn the_same_contract_runs_live_and_the_evidence_names_the_host() {
    let server = Server::start(|_, out| {
        respond(
            out,
            "200 OK",
            &["content-type: application/json", "x-request-id: req-7", "cf-ray: ray-9"],
            ITEMS.as_bytes(),
        );
    });
    let (folder, ran) = check(&server, READS, &[]);
    let ran = ran.exits(0);
    assert_snapshot!("live_kept", ran.screen());
    assert_eq!(server.asked()[0].header("x-shop-token"), Some("dotenv-token-value"), "the secret is used");
    assert_eq!(server.asked()[0].header("x-preflight-scene"), None, "a live host hears nothing of scenes");
    let host = &folder.record()["contracts"][0]["host"];
    let address = format!("127.0.0.1:{}", server.port);
    assert_eq!(host["base_url"], format!("http://{address}"));
    assert_eq!(host["addresses"], serde_json::json!([address]));
    assert_eq!(host["request_ids"], serde_json::json!(["x-request-id: req-7", "cf-ray: ray-9"]));
}

#[test]
fn the_process_environment_wins_over_the_dotenv_file() {
    let server = Server::of_json(ITEMS);
    let (_, ran) = check_at(&server.workspace(), READS, &[], &[("SHOP_TOKEN", "process-token-value")]);
    ran.exits(0);
    assert_eq!(server.asked()[0].header("x-shop-token"), Some("process-token-value"));
}

#[test]
fn a_live_answer_that_is_wrong_is_broken() {
    let server = Server::of_json(r#"{"items":[{"id":1}]}"#);
    check(&server, READS, &[]).1.exits(1).says("$.items has 1 items, expected 2 items");
}

#[test]
fn a_host_that_cannot_be_reached_is_unasked_and_never_broken() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let (_, ran) = check_at(&workspace(&format!("http://127.0.0.1:{port}")), READS, &[], &[]);
    assert_snapshot!("live_refused", ran.exits(3).screen());
    let (_, ran) = check_at(&workspace("http://no-such-host.invalid"), READS, &[], &[]);
    ran.exits(3).says("shop could not be reached: the name does not resolve");
}

#[test]
fn a_host_that_does_not_take_the_connection_is_unasked() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    // A listener whose queue is full takes no further connection and refuses none.
    let (listener, port) = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
        let listener = socket.listen(1).expect("a listener");
        let port = listener.local_addr().expect("an address").port();
        (listener, port)
    });
    let waiting: Vec<_> = (0..4)
        .filter_map(|_| {
            let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
            std::net::TcpStream::connect_timeout(&address, Duration::from_millis(300)).ok()
        })
        .collect();
    let (_, ran) = check_at(&workspace(&format!("http://127.0.0.1:{port}")), READS, &["--timeout", "1"], &[]);
    ran.exits(3).says("shop could not be reached: connection refused: no connection in time");
    drop((waiting, listener));
}

#[test]
fn a_missing_variable_is_unasked_and_named() {
    let server = Server::of_json(ITEMS);
    let folder = Folder::with(&files(&server.workspace(), READS));
    folder.write(".env.staging", "OTHER=1\n");
    folder.preflight(&LIVE).exits(3).says("unasked 1 scenario: needs ${SHOP_TOKEN}, which has no value");
    assert!(server.asked().is_empty(), "{:?}", server.asked());
    let (_, ran) = check_at(&workspace("${SHOP_URL}"), READS, &[], &[]);
    ran.exits(3).says("needs ${SHOP_URL} (environments.staging.base_urls.shop), which has no value");
}

#[test]
fn an_environment_without_a_base_url_is_unasked() {
    let yaml = workspace("http://127.0.0.1:9").replace("shop: 'http://127.0.0.1:9'", "");
    let (folder, ran) = check_at(&yaml, READS, &[], &[]);
    ran.exits(3).says("shop has no base URL in this environment").says("0 of 2 operations kept, 2 never asked");
    assert_eq!(folder.record()["contracts"][0]["operations"][0]["asked"], 0, "what was never asked is not hidden");
}

#[test]
fn nothing_live_is_changed_without_an_approval() {
    let server = Server::of_json(ITEMS);
    let unsafe_steps = [
        "    When I POST \"/items\" with the body:\n      \"\"\"\n      {\"name\": \"x\"}\n      \"\"\"\n",
        "    When I PUT \"/items\"\n",
        "    When I PATCH \"/items\"\n",
        "    When I DELETE \"/items\"\n",
        "    When I query GraphQL at \"/graphql.json\":\n      \"\"\"\n      mutation { productUpdate { id } }\n      \"\"\"\n",
        // What looks like a query and is sent to something else.
        "    When I POST \"/items\" with the body:\n      \"\"\"\n      {\"query\": \"{ shop { name } }\"}\n      \"\"\"\n",
        "    Given the header \"X-HTTP-Method-Override\" is \"DELETE\"\n    When I GET \"/items\"\n",
        "    Given the query parameter \"query\" is \"mutation { productUpdate { id } }\"\n    When I GET \"/graphql\"\n",
    ];
    for steps in unsafe_steps {
        let feature = scenario(&format!("{steps}    Then the status is 200\n"));
        check(&server, &feature, &[]).1.exits(3).says("may change the live service, and no approval covers it");
    }
    assert!(server.asked().is_empty(), "the server saw {:?}", server.asked());
    let (_, ran) = check(&server, &scenario(&format!("{}    Then the status is 200\n", unsafe_steps[0])), &[]);
    assert_snapshot!("live_unsafe", ran.screen());
}

#[test]
fn a_graphql_query_may_be_asked_live() {
    let server = Server::of_json(r#"{"data":{"shop":{"name":"x"}}}"#);
    let steps = "    When I query GraphQL at \"/admin/api/2026-10/graphql.json\":\n      \"\"\"\n      { shop { name } }\n      \"\"\"\n    Then the status is 200\n";
    check(&server, &scenario(steps), &[]).1.exits(0);
    assert_eq!(server.asked()[0].method, "POST");
}

#[test]
fn what_arranges_a_twin_is_not_for_a_live_target() {
    let server = Server::of_json(ITEMS);
    let steps = "    When 5 seconds pass\n    And I GET \"/items\"\n    Then the status is 200\n";
    check(&server, &scenario(steps), &[]).1.exits(3).says("tag it @twin-only");
}

#[test]
fn a_huge_answer_is_not_read_to_its_end() {
    let server = Server::start(|_, out| {
        let length = 50 * 1024 * 1024;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
        let piece = vec![b' '; 1024 * 1024];
        let mut sent = out.write_all(head.as_bytes());
        for _ in 0..50 {
            sent = sent.and_then(|()| out.write_all(&piece));
        }
        drop(sent);
    });
    let (folder, ran) = check(&server, READS, &[]);
    ran.exits(1).says("the answer is longer than 10485760 bytes and was not read further");
    let size: u64 = folder.files().iter().map(|path| path.metadata().expect("a file").len()).sum();
    assert!(size < 1024 * 1024, "{size} bytes were kept");
}

/// Writes for ever, until the reader goes.
fn for_ever(out: &mut dyn Write, piece: &[u8], pause: Duration) {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    let mut sent = out.write_all(head);
    while sent.is_ok() {
        let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
        sent = out.write_all(&chunk).and_then(|()| out.flush());
        std::thread::sleep(pause);
    }
}

/// Runs the binary and watches how much memory it ever had, in kilobytes.
#[cfg(target_os = "linux")]
fn most_memory(folder: &Folder, arguments: &[&str]) -> (Option<i32>, u64) {
    let mut child = folder.command(arguments).stderr(std::process::Stdio::null()).spawn().expect("the binary runs");
    let mut most = 0;
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
        most = most.max(peak.unwrap_or(0));
        if let Some(ended) = child.try_wait().expect("it is ours") {
            return (ended.code(), most);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn answers_without_end_do_not_fill_the_memory() {
    let fast = Server::start(|_, out| for_ever(out, &vec![b' '; 64 * 1024], Duration::ZERO));
    let scenario =
        |index: usize| format!("  Scenario: {index}\n    When I GET \"/items\"\n    Then the status is 200\n");
    let feature = (0..40).fold("Feature: f\n".to_owned(), |feature, index| feature + &scenario(index));
    let folder = Folder::with(&files(&fast.workspace(), &feature));
    let arguments: Vec<&str> = LIVE.iter().chain(&["--jobs", "4"]).copied().collect();
    let (code, most) = most_memory(&folder, &arguments);
    assert_eq!(code, Some(1));
    assert!((1024..250 * 1024).contains(&most), "{most} kB");
}

#[test]
fn an_answer_that_never_ends_is_bounded_in_size_and_time() {
    let fast = Server::start(|_, out| for_ever(out, &vec![b' '; 64 * 1024], Duration::ZERO));
    check(&fast, READS, &[]).1.exits(1).says("the answer is longer than 10485760 bytes");
    let slow = Server::start(|_, out| for_ever(out, b" ", Duration::from_millis(50)));
    let start = Instant::now();
    check(&slow, READS, &["--timeout", "1"]).1.exits(1).says("no answer within 1000 ms");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn bodies_that_cannot_be_read_are_findings() {
    let deep: String = "[".repeat(100_000) + &"]".repeat(100_000);
    for (body, told) in [
        (&b"{\"items\": [\"\xff\xfe\", 2]}"[..], "unreadable: the body is no JSON: invalid unicode"),
        (br#"{"items":[1,2],"items":[1]}"#, "unreadable: the body is no JSON: duplicate key \"items\""),
        (deep.as_bytes(), "unreadable: the body is no JSON: recursion limit exceeded"),
        (b"{\"items\": [1, 2", "unreadable: the body is no JSON: EOF while parsing"),
        (b"<html>down</html>", "unreadable: the body is no JSON: expected value"),
        (b"", "unreadable: the body is empty, expected JSON"),
    ] {
        let body = body.to_vec();
        let server = Server::start(move |_, out| respond(out, "200 OK", &["content-type: application/json"], &body));
        check(&server, READS, &[]).1.exits(1).says(told);
    }
}

#[test]
fn a_redirect_is_an_answer_and_not_followed() {
    let server = Server::start(|asked, out| match asked.path.as_str() {
        "/items" => respond(out, "302 Found", &["location: /elsewhere"], b""),
        _ => json(out, ITEMS),
    });
    let steps =
        "    When I GET \"/items\"\n    Then the status is 302\n    And the header \"Location\" is \"/elsewhere\"\n";
    check(&server, &scenario(steps), &[]).1.exits(0);
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_connection_that_breaks_off_is_a_finding() {
    let before = Server::start(|_, _| {});
    check(&before, READS, &[]).1.exits(1).says("the connection was closed before an answer came");
    let within = Server::start(|_, out| {
        let _ = out.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"items\"");
    });
    check(&within, READS, &[]).1.exits(1).says("the answer broke off after its head");
}

#[test]
fn another_host_is_never_handed_our_credentials() {
    let server = Server::of_json(r#"{"next":"http://evil.example/items"}"#);
    let steps = "    When I GET \"/items\"\n    And I remember \"$.next\" as \"next\"\n    And I GET \"${next}\"\n    Then the status is 200\n";
    check(&server, &scenario(steps), &[]).1.exits(3).says("http://evil.example is another host than the contract's");
}

/// Refused with 429 first, and served then.
fn throttling(head: &'static [&'static str]) -> Server {
    let first = std::sync::atomic::AtomicBool::new(true);
    Server::start(move |_, out| {
        if first.swap(false, std::sync::atomic::Ordering::Relaxed) {
            respond(out, "429 Too Many Requests", head, b"{}");
        } else {
            json(out, ITEMS);
        }
    })
}

#[test]
fn a_vendor_that_says_when_to_come_back_is_asked_then_and_no_other_failure_is_hidden() {
    let promised = scenario("    When I GET \"/items\"\n    Then the status is 429\n");
    for (head, feature, code, asked) in [
        (&["retry-after: 1"][..], READS, 0, 2),
        // Nobody said when.
        (&[], READS, 1, 1),
        // Longer than a run waits.
        (&["retry-after: 900"], READS, 1, 1),
        // It is just what the scenario is about.
        (&["retry-after: 1"], &promised, 0, 1),
    ] {
        let server = throttling(head);
        let (_, ran) = check(&server, feature, &[]);
        assert_eq!((ran.code, server.asked().len()), (Some(code), asked), "{head:?}\n{}", ran.err);
    }
    let failing = Server::start(|_, out| respond(out, "503 Service Unavailable", &["retry-after: 0"], b"{}"));
    let (_, ran) = check(&failing, READS, &[]);
    assert_eq!((ran.code, failing.asked().len()), (Some(1), 1));
}
