//! `preflight gauntlet` as a user types it: what it says, what it leaves, and how it takes commands that misbehave themselves.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::time::{Duration, Instant};

use preflight::domain::gauntlet::Code;
use serde_json::Value;

use crate::report_schemas::{complaints, schema};
use crate::shell::Folder;

/// A client in bash that asks once, and fails where it is not answered with 200.
const ONCE: &str = r#"exec 3<>/dev/tcp/{host}/{port}
printf 'GET /api/v1/users/me HTTP/1.1\r\nHost: publer\r\nConnection: close\r\n\r\n' >&3
read -r line <&3
case $line in *" 200 "*) exit 0;; *) echo "was answered: $line"; exit 7;; esac"#;

#[test]
fn what_cannot_be_played_is_told_with_what_to_do() {
    let folder = Folder::with(&[
        (
            "bad.yaml",
            "version: 1\nname: own\nlessons:\n  - {name: a, title: t, source: s, expect: {retry: owed}, faults: [{fault: thottle}]}\n",
        ),
        ("none.yaml", "version: 1\nname: own\nextends: default\nleave_out: [{lesson: hnag, why: it waits}]\n"),
    ]);
    for (arguments, told) in [
        (&["gauntlet", "publer"][..], "error: no client is named"),
        (&["gauntlet", "chatwot", "--", "true"], "hint: did you mean `chatwoot`?"),
        (&["gauntlet", "publer", "--lesson", "hnag", "--", "true"], "hint: did you mean `hang`?"),
        (
            &["gauntlet", "publer", "--plan", "bad.yaml", "--", "true"],
            "`thottle` is no fault (the nearest is `throttle:2.0`)",
        ),
        (&["gauntlet", "publer", "--plan", "none.yaml", "--", "true"], "none.yaml: there is no lesson `hnag`"),
        (&["gauntlet", "publer", "--plan", "absent.yaml", "--", "true"], "absent.yaml"),
        (&["gauntlet", "publer", "--", "/no/such/program"], "error: `/no/such/program` is not installed here"),
        (&["gauntlet", "publer", "--listen", "4010", "--", "true"], "a command and --listen exclude each other"),
        (&["gauntlet", "publer", "--speed", "0", "--", "true"], "use a number from 0.01 to 1000"),
    ] {
        folder.preflight(arguments).exits(2).says(told);
    }
    assert!(!folder.path().join("reports/ledger.jsonl").exists(), "nothing was shown by any of it");
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let folder = Folder::with(&[]);
    folder
        .preflight(&["gauntlet", "publer", "--listen", &port])
        .exits(2)
        .says(&format!("could not listen on 127.0.0.1:{port}"));
}

#[test]
fn commands_that_misbehave_show_nothing_and_leave_evidence_of_that() {
    for (command, told) in [
        (&["true"][..], "the client sent no request: is it given the twin's address?"),
        (&["sh", "-c", "sleep 60 & wait"], "the client sent no request"),
        (&["yes"], "the command wrote without end and was ended"),
    ] {
        let folder = Folder::with(&[]);
        let began = Instant::now();
        let arguments =
            [&["gauntlet", "publer", "--within", "1", "--lesson", "throttled-zero", "--"], command].concat();
        folder.preflight(&arguments).exits(3).says(told);
        assert!(began.elapsed() < Duration::from_secs(30), "{command:?} was ended");
        let record = folder.record();
        assert_eq!((&record["kind"], &record["partial"]), (&"gauntlet".into(), &true.into()));
        let lessons = record["details"]["gauntlet"]["lessons"].as_array().expect("lessons");
        assert!(lessons.iter().all(|lesson| lesson["outcome"] == "unasked"), "{lessons:?}");
    }
}

#[test]
fn a_client_that_gives_up_is_found_with_its_requests() {
    let folder = Folder::with(&[]);
    let lessons = "throttled-zero,not-found,announced-limit";
    let ran = folder.preflight(&["gauntlet", "publer", "--lesson", lessons, "--", "bash", "-c", ONCE]).exits(1);
    let ran = ran
        .says("kept healthy 1 request, ended with success")
        .says("no-retry GET /api/v1/users/me failed (throttle:0)");
    ran.says("unasked announced-limit").says("it said: was answered: HTTP/1.1 429 Too Many Requests");
    let record = folder.record();
    assert_eq!(complaints(&schema("record"), &record), Vec::<String>::new());
    let run = &record["details"]["gauntlet"];
    let of = |name: &str| {
        let lessons = run["lessons"].as_array().expect("lessons");
        lessons.iter().find(|lesson| lesson["lesson"] == name).expect("the lesson").clone()
    };
    let throttled = of("throttled-zero");
    assert_eq!(throttled["judged"][0]["findings"][0]["requests"], serde_json::json!([1]));
    assert_eq!(throttled["plays"][0]["ended"]["exit"], 7);
    assert_eq!(throttled["plays"][0]["timeline"]["arrivals"][0]["answered"]["status"], 429);
    assert_eq!(of("not-found")["outcome"], "kept");
    let page = folder.read("reports/readiness.html");
    assert!(page.contains("<svg class=\"timeline\"") && page.contains("no-retry"), "it is drawn");
    let ledger: Value = serde_json::from_str(folder.read("reports/ledger.jsonl").trim()).expect("an entry");
    let shown = &ledger["body"]["evidence"];
    assert_eq!(
        (&shown["kind"], &shown["outcome"], &shown["counts"]["broken"]),
        (&"gauntlet".into(), &"broken".into(), &1.into())
    );
    assert_eq!(complaints(&schema("ledger"), &ledger), Vec::<String>::new());
}

#[test]
fn a_secret_that_the_client_says_or_sends_is_written_nowhere() {
    const CANARY: &str = "canary-5f9c1d7ae2b84063";
    let leaky = r#"exec 3<>/dev/tcp/{host}/{port}
printf 'GET /api/v1/users/me?q=%s HTTP/1.1\r\nHost: publer\r\nUser-Agent: %s\r\nConnection: close\r\n\r\n' "$SUPABASE_SERVICE_KEY" "$SUPABASE_SERVICE_KEY" >&3
read -r line <&3
echo "the key is $SUPABASE_SERVICE_KEY"
case $line in *" 200 "*) exit 0;; *) exit 7;; esac"#;
    let folder = Folder::with(&[]);
    let arguments = ["gauntlet", "publer", "--lesson", "throttled-zero", "--json", "--", "bash", "-c", leaky];
    let ran =
        folder.preflight_with(&arguments, &[("SUPABASE_SERVICE_KEY", CANARY)]).exits(1).says("the key is [redacted]");
    assert!(ran.out.contains("q=[redacted]"), "it was sent");
    for text in [&ran.out, &ran.err] {
        assert!(!text.contains(CANARY), "{text}");
    }
    for path in folder.files() {
        assert!(
            !String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).contains(CANARY),
            "{}",
            path.display()
        );
    }
}

#[test]
fn what_is_left_out_is_told_with_its_reason_and_the_rest_is_ready() {
    let plan = "version: 1\nname: own\nlessons:\n  - {name: healthy, title: h, source: s, expect: {healthy: true}}\n  \
                - {name: gone, title: g, source: s, faults: [{fault: 'status:404'}], expect: {retry: forbidden}}\n  \
                - {name: more, title: m, source: s, expect: {pages: true}}\n\
                leave_out: [{lesson: more, why: it asks for one page}]\n";
    let folder = Folder::with(&[("plan.yaml", plan)]);
    let ran =
        folder.preflight(&["gauntlet", "publer", "--plan", "plan.yaml", "--json", "--", "bash", "-c", ONCE]).exits(0);
    let record: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(record["details"]["gauntlet"]["left_out"][0]["why"], "it asks for one page");
    assert_eq!(record["partial"], false);
}

#[test]
fn a_client_that_runs_already_is_watched_through_a_proxy() {
    let real = TcpListener::bind("127.0.0.1:0").expect("a port");
    let upstream = format!("http://{}", real.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in real.incoming() {
            let mut stream = stream.expect("a connection");
            let mut question = [0; 2048];
            let _ = stream.read(&mut question);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 14\r\nconnection: close\r\n\r\n{\"real\": true}");
        }
    });
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port().to_string();
    let folder = Folder::with(&[]);
    let arguments = [
        "gauntlet",
        "publer",
        "--listen",
        &free,
        "--proxy",
        &upstream,
        "--within",
        "1",
        "--lesson",
        "error-500",
        "--json",
    ];
    let mut child =
        folder.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    let mut said = BufReader::new(child.stderr.take().expect("stderr"));
    let mut line = String::new();
    said.read_line(&mut line).expect("a line");
    assert!(line.contains("one after the other"), "{line}");
    let ask = || {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let asked = TcpStream::connect(format!("127.0.0.1:{free}")).and_then(|mut stream| {
                stream.write_all(b"GET /v1/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
                let mut answer = String::new();
                stream.read_to_string(&mut answer)?;
                Ok(answer)
            });
            match asked {
                Ok(answer) if !answer.is_empty() => return answer,
                _ => assert!(Instant::now() < deadline, "nobody listens"),
            }
        }
    };
    assert!(ask().contains("{\"real\": true}"), "the healthy lesson passes on");
    // The next lesson begins when this one is over.
    let mut struck = ask();
    while !struck.starts_with("HTTP/1.1 500") {
        struck = ask();
    }
    assert!(ask().contains("{\"real\": true}"), "the retry is passed on");
    drop(said);
    let output = child.wait_with_output().expect("it ends");
    let record: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let lessons = &record["details"]["gauntlet"]["lessons"];
    assert_eq!(
        (&lessons[0]["outcome"], &lessons[1]["judged"][0]["outcome"]),
        (&"kept".into(), &"kept".into()),
        "{lessons}"
    );
    assert_eq!(lessons[0]["plays"][0]["ended"], "running");
}

#[test]
fn the_shipped_plan_fits_its_schema_and_lists_itself() {
    let text = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/src/adapter/plans/default.yaml")).expect("the plan");
    let document: Value = preflight::adapter::yaml::read("default.yaml", &text).expect("YAML");
    assert_eq!(complaints(&schema("plan"), &document), Vec::<String>::new());
    for (pointer, bad) in [
        ("/lessons/1/faults/0/fault", Value::from("thottle:2")),
        ("/lessons/1/expect", serde_json::json!({})),
        ("/lessons/1/name", Value::from("Not A Name")),
        ("/version", Value::from(2)),
    ] {
        let mut spoiled = document.clone();
        *spoiled.pointer_mut(pointer).expect("a place") = bad;
        assert!(!complaints(&schema("plan"), &spoiled).is_empty(), "{pointer}");
    }
    let folder = Folder::with(&[]);
    let listed = folder.preflight(&["gauntlet", "shopify", "--list"]).exits(0);
    assert!(listed.out.contains("shopify-throttled") && !listed.out.contains("slack-not-ok"), "{}", listed.out);
}

#[test]
fn every_vendor_that_a_lesson_names_has_somebody_who_answers_for_it() {
    let plan = preflight::adapter::plans::read(None).expect("the plan");
    let twins = preflight::twin::catalogue::NAMES;
    let named = plan.lessons.iter().flat_map(|lesson| &lesson.of);
    let unanswered: Vec<&String> =
        named.filter(|name| !twins.contains(&name.as_str()) && !plan.stand_ins.contains_key(*name)).collect();
    assert_eq!(unanswered, ["ratelimit"], "that one is nobody's: it is a draft of the IETF");
    for (name, told) in &plan.stand_ins {
        assert!(told.refusals.contains_key("*") && !told.answers.is_empty(), "{name} answers and refuses");
    }
}

#[test]
fn the_documentation_lists_every_code() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/file-formats.md")).expect("the page");
    let table = text
        .split("<!-- gauntlet: a test keeps it equal to the program -->\n")
        .nth(1)
        .expect("the beginning of the table");
    let rows = Code::ALL.map(|code| format!("| `{}` | {} |\n", code.as_str(), code.meaning())).concat();
    let expected = format!("| code | found |\n|---|---|\n{rows}");
    assert_eq!(table.split("<!-- /gauntlet -->").next(), Some(expected.as_str()));
}

#[test]
fn the_plan_of_the_documentation_can_be_played() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/file-formats.md")).expect("the page");
    let (_, behind) = text.split_once("## A plan").expect("the section");
    let plan = behind.split("```yaml\n").nth(1).and_then(|block| block.split("```").next()).expect("the example");
    let folder = Folder::with(&[("plan.yaml", plan)]);
    let listed = folder.preflight(&["gauntlet", "billing", "--plan", "plan.yaml", "--list"]).exits(0);
    assert!(listed.out.contains("nightly-maintenance") && !listed.out.contains("page-fails"), "{}", listed.out);
    let document: Value = preflight::adapter::yaml::read("plan.yaml", plan.as_bytes()).expect("YAML");
    assert_eq!(complaints(&schema("plan"), &document), Vec::<String>::new());
}
