//! The live page of a monitor: in a real Chromium, and as a client that means no good meets it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::canary::Search;
use crate::dashboard_chromium::CONTRAST;
use crate::live_sample::{HOSTILE, Monitor, folder};
use crate::peer::skipped;
use crate::report_schemas::{complaints, schema};
use crate::server::{Asked, MANIFEST, Server, respond};
use crate::shell::Folder;

const TOKEN: &str = "a-token-of-the-test-1234";
const WITH_TOKEN: [&str; 2] = ["--token-env", "PAGE_TOKEN"];

/// What came of a request.
struct Got {
    status: u16,
    head: String,
    body: String,
}

/// One request, written as it is; None where the connection was closed without an answer.
fn attempt(url: &str, method: &str, path: &str, headers: &[&str], body: &str) -> Option<Got> {
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_mins(1))).ok()?;
    let is_named = headers.iter().any(|line| line.starts_with("Host:"));
    let host = if is_named { String::new() } else { format!("Host: {address}\r\n") };
    let lines = headers.iter().fold(host, |lines, line| lines + line + "\r\n");
    let length = body.len();
    let request =
        format!("{method} {path} HTTP/1.1\r\n{lines}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok())?;
    Some(Got { status, head: head.to_ascii_lowercase(), body: body.to_owned() })
}

#[track_caller]
fn ask(url: &str, method: &str, path: &str, headers: &[&str], body: &str) -> Got {
    attempt(url, method, path, headers, body).expect("an answer")
}

fn get(url: &str, path: &str) -> Got {
    ask(url, "GET", path, &[], "")
}

/// The incident of the sample that is open.
fn open_incident(url: &str, headers: &[&str]) -> String {
    let all: Value = serde_json::from_str(&ask(url, "GET", "/api/v1/incidents", headers, "").body).expect("JSON");
    let open = all.as_array().expect("a list").iter().find(|incident| incident["resolved"].is_null());
    open.expect("one is open")["id"].as_str().expect("a name").to_owned()
}

const PAGES: [&str; 5] = ["/", "/services/orders", "/services/analytics", "/incidents", "/readiness"];

#[test]
fn all_services_are_shown_and_a_change_comes_by_itself_without_taking_the_focus() {
    let Some(mut browser) = Browser::start() else { return };
    let folder = folder(8);
    let monitor = Monitor::start(&folder, &WITH_TOKEN, &[("PAGE_TOKEN", TOKEN)]);
    browser.screen(1280, "light");
    browser.open(&monitor.url);
    assert_eq!(browser.text("document.querySelector('h2').textContent"), "3 of 8 services not healthy");
    let states = browser
        .text("[...document.querySelectorAll('.services tr[data-s]')].map((row) => row.dataset.s).sort().join()");
    assert_eq!(states, "degraded,down,healthy,healthy,healthy,healthy,healthy,unknown");
    assert!(browser.text("document.getElementById('open').textContent").contains("nobody has seen it"));
    browser.until("!document.getElementById('alive').hidden");
    browser.value("document.querySelector('#open a').focus(); document.getElementById('now').dataset.old = '1'; 1");
    browser.value("document.body.style.minHeight = '3000px'; scrollTo(0, 40); 1");
    let id = open_incident(&monitor.url, &[]);
    let bearer = format!("Authorization: Bearer {TOKEN}");
    let path = format!("/api/v1/incidents/{id}/acknowledge");
    let seen = ask(&monitor.url, "POST", &path, &[&bearer, "Content-Type: application/json"], "{\"by\": \"ada\"}");
    assert_eq!(seen.status, 200, "{}", seen.body);
    browser.until("document.getElementById('open').textContent.includes('seen by ada')");
    assert_eq!(browser.text("document.activeElement.getAttribute('href')"), format!("/incidents/{id}"));
    assert_eq!(browser.value("scrollY"), 40);
    // What did not change was not touched.
    assert_eq!(browser.text("document.getElementById('now').dataset.old"), "1");
    assert_eq!(browser.complaints(), ["\"Applying inline style violates\""; 0]);
    let again = ask(&monitor.url, "POST", &path, &[&bearer], "by=bob");
    assert_eq!(again.status, 409, "{}", again.body);
}

#[test]
fn with_the_keyboard_one_gets_to_an_incident_signs_in_and_acknowledges_it() {
    let Some(mut browser) = Browser::start() else { return };
    let folder = folder(5);
    let monitor = Monitor::start(&folder, &WITH_TOKEN, &[("PAGE_TOKEN", TOKEN)]);
    browser.open(&monitor.url);
    browser.value("document.querySelector('#open a').focus(); 1");
    browser.press("Enter", 13);
    browser.until("location.pathname.startsWith('/incidents/orders-')");
    browser.until("document.querySelector('#acknowledge a') !== null");
    browser.value("document.querySelector('#acknowledge a').focus(); 1");
    browser.press("Enter", 13);
    browser.until("location.pathname === '/sign-in' && document.activeElement.name === 'token'");
    browser.type_in("not the token");
    browser.press("Enter", 13);
    browser.until("document.querySelector('[role=alert].note') !== null && document.activeElement.name === 'token'");
    browser.type_in(TOKEN);
    browser.press("Enter", 13);
    browser.until(
        "location.pathname.startsWith('/incidents/orders-') && document.querySelector('#acknowledge input') !== null",
    );
    browser.value("document.querySelector('#acknowledge input').focus(); 1");
    browser.type_in("Ada");
    browser.press("Enter", 13);
    browser.until("document.querySelector('#incident .facts')?.textContent.includes('by Ada') === true");
    browser.until("document.querySelector('#acknowledge input') === null");
    let timeline = browser.text("document.querySelector('.timeline').textContent");
    assert!(timeline.contains("acknowledged by Ada"), "{timeline}");
}

#[test]
fn a_monitor_that_is_gone_is_told_and_one_that_came_back_too() {
    let Some(mut browser) = Browser::start() else { return };
    let folder = folder(5);
    let mut monitor = Monitor::start(&folder, &[], &[]);
    browser.open(&monitor.url);
    browser.until("!document.getElementById('alive').hidden");
    assert_eq!(browser.value("document.getElementById('lost').hidden"), true);
    monitor.child.kill().expect("it can be killed");
    browser.until("!document.getElementById('lost').hidden");
    let told = browser.text("document.getElementById('lost').textContent");
    assert!(told.contains("is lost") && told.contains("how it was at"), "{told}");
    assert_eq!(browser.text("document.querySelector('#s-orders').dataset.s"), "down", "what was known stays readable");
    let address = monitor.url.trim_start_matches("http://").to_owned();
    let again = Monitor::start(&folder, &["--listen", &address], &[]);
    browser.until("document.getElementById('lost').hidden");
    drop(again);
}

#[test]
fn what_a_service_answered_is_drawn_and_not_obeyed() {
    let Some(mut browser) = Browser::start() else { return };
    let folder = folder(5);
    let monitor = Monitor::start(&folder, &[], &[]);
    for path in ["/services/orders".to_owned(), format!("/incidents/{}", open_incident(&monitor.url, &[]))] {
        browser.open(&format!("{}{path}", monitor.url));
        browser.until("!document.getElementById('alive').hidden");
        browser.value("for (const details of document.querySelectorAll('details')) details.open = true; 1");
        let shown = browser.text("document.getElementById('failures').innerText");
        assert!(shown.contains(HOSTILE), "{shown}");
        assert_eq!(browser.value("[document.scripts.length, document.images.length]"), json!([1, 0]));
        assert!(!browser.text("document.title").contains("owned"));
        assert_eq!(browser.complaints(), Vec::<String>::new());
    }
    // A script that did get in would not run either, and that would be heard.
    browser.value("document.body.insertAdjacentHTML('beforeend', '<img src=https://a.example/x onerror=1>'); 1");
    browser.until("document.images.length === 1");
    assert!(browser.complaints().iter().any(|told| told.contains("Content Security Policy")));
}

/// Names, labels and order, as a screen reader meets them.
const LABELS: &str = "(() => {
    const wrong = [];
    const all = (selector) => [...document.querySelectorAll(selector)];
    const name = (e) => (e.getAttribute('aria-label') || e.getAttribute('title') || e.textContent || '').trim();
    for (const e of all('input:not([type=hidden])')) if (!e.labels.length || !name(e.labels[0])) wrong.push('no label: ' + e.outerHTML);
    for (const e of all('a,button,summary')) if (!name(e)) wrong.push('no name: ' + e.outerHTML);
    for (const e of all('svg,[role=region],nav,form[role]')) if (!e.getAttribute('aria-label')) wrong.push('no label: ' + e.outerHTML.slice(0, 90));
    for (const e of all('[aria-labelledby]')) if (!document.getElementById(e.getAttribute('aria-labelledby'))) wrong.push('labelled by nothing: ' + e.id);
    for (const e of all('section')) if (!e.hasAttribute('aria-labelledby') && !e.hasAttribute('aria-label')) wrong.push('no name: section ' + e.id);
    for (const e of all('th')) if (!e.scope) wrong.push('no scope: ' + e.outerHTML);
    const ids = all('[id]').map((e) => e.id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push('twice: ' + id);
    if (all('h1').length !== 1 || all('main').length !== 1) wrong.push('not one h1 and one main');
    let last = 1;
    for (const e of all('h2,h3,h4')) { const level = Number(e.tagName[1]); if (level > last + 1) wrong.push('jumps to ' + e.outerHTML); last = level; }
    if (!document.documentElement.lang || !document.title) wrong.push('no language or title');
    return wrong.join('\\n');
})()";

#[test]
fn every_page_is_labelled_and_readable_in_the_light_and_the_dark_and_on_a_phone() {
    let Some(mut browser) = Browser::start() else { return };
    let folder = folder(8);
    let monitor = Monitor::start(&folder, &WITH_TOKEN, &[("PAGE_TOKEN", TOKEN)]);
    let incident = format!("/incidents/{}", open_incident(&monitor.url, &[]));
    for path in PAGES.into_iter().chain([incident.as_str(), "/sign-in", "/nowhere"]) {
        for theme in ["light", "dark"] {
            browser.screen(1280, theme);
            browser.open(&format!("{}{path}", monitor.url));
            let worst = browser.text(CONTRAST);
            let ratio: f64 = worst.split(' ').next().and_then(|ratio| ratio.parse().ok()).expect("a ratio");
            assert!((4.5..20.0).contains(&ratio), "{path} {theme}: {worst}");
            assert_eq!(browser.text(LABELS), "", "{path}");
        }
        for width in [360, 700, 1000] {
            browser.screen(width, "light");
            let over = browser.value("document.documentElement.scrollWidth - document.documentElement.clientWidth");
            assert_eq!(over, 0, "{path}: pixels over the edge at {width}");
        }
        if let Some(place) = std::env::var_os("PREFLIGHT_PICTURES") {
            for (width, theme) in [(1280, "light"), (1280, "dark"), (390, "light")] {
                browser.screen(width, theme);
                let name = format!("page{}-{width}-{theme}.png", path.replace('/', "-"));
                browser.picture(&std::path::Path::new(&place).join(name));
            }
        }
    }
}

#[test]
fn nothing_and_very_much_can_be_looked_at_too() {
    let Some(mut browser) = Browser::start() else { return };
    for services in [1, 200] {
        let folder = folder(services);
        let monitor = Monitor::start(&folder, &[], &[]);
        browser.screen(1280, "light");
        browser.open(&monitor.url);
        assert_eq!(browser.value("document.querySelectorAll('.services tr[data-s]').length"), services);
        assert_eq!(browser.value("document.getElementById('filter').hidden"), services == 1);
        if services > 1 {
            browser.value("document.getElementById('q').focus(); 1");
            browser.type_in("service-11");
            browser.until("document.getElementById('count').textContent === '11 of 200 services shown'");
        }
        if let Some(place) = std::env::var_os("PREFLIGHT_PICTURES") {
            browser.picture(&std::path::Path::new(&place).join(format!("services-{services}.png")));
        }
        assert_eq!(browser.complaints(), Vec::<String>::new());
        // It is left before its monitor goes.
        browser.call("Page.navigate", &json!({ "url": "about:blank" }));
        browser.until("location.href === 'about:blank'");
    }
}

#[test]
fn every_answer_forbids_what_the_page_does_not_need_and_foreign_names_are_refused() {
    let folder = folder(5);
    let monitor = Monitor::start(&folder, &[], &[]);
    let others = [
        "/live.js",
        "/live.css",
        "/icon.svg",
        "/metrics",
        "/healthz",
        "/api/v1/overview",
        "/nowhere",
        "/badges/orders.svg",
    ];
    for path in PAGES.into_iter().chain(others) {
        let got = get(&monitor.url, path);
        for line in [
            "content-security-policy: default-src 'none'; style-src 'self'; script-src 'self';",
            "frame-ancestors 'none'",
            "referrer-policy: no-referrer",
            "x-content-type-options: nosniff",
        ] {
            assert!(got.head.contains(line), "{path}: {}", got.head);
        }
        if got.head.contains("text/html") {
            assert!(
                !got.body.contains(" style=") && !got.body.contains(" onload=") && !got.body.contains("<style"),
                "{path}"
            );
            assert_eq!(got.body.matches("<script").count(), 1, "{path}");
        }
        let foreign = ask(&monitor.url, "GET", path, &["Host: evil.example"], "");
        assert_eq!(foreign.status, 421, "{path}");
    }
    for (path, status) in
        [("/services/nobody", 404), ("/incidents/nobody-1", 404), ("/nowhere", 404), ("/api/v1/services/nobody", 404)]
    {
        assert_eq!(get(&monitor.url, path).status, status, "{path}");
    }
    // Without a token nobody acknowledges, and there is nothing to sign in to.
    let id = open_incident(&monitor.url, &[]);
    assert_eq!(ask(&monitor.url, "POST", &format!("/incidents/{id}/acknowledge"), &[], "by=eve").status, 403);
    assert_eq!(get(&monitor.url, "/sign-in").status, 404);
    assert_eq!(ask(&monitor.url, "POST", "/", &[], "").status, 405);
}

#[test]
fn who_is_elsewhere_needs_the_token_and_guessing_has_an_end() {
    let folder = folder(5);
    let watch = ["watch", "--env", "staging", "--for", "1", "--listen", "0.0.0.0:0"];
    folder.preflight(&watch).exits(2).says("nothing says who may read it").says("--token-env");
    let short = [&watch[..], &WITH_TOKEN].concat();
    folder.preflight(&short).exits(2).says("PAGE_TOKEN is not set");
    folder.preflight_with(&short, &[("PAGE_TOKEN", "short")]).exits(2).says("fewer than 16 characters");
    let monitor =
        Monitor::start(&folder, &["--listen", "0.0.0.0:0", "--token-env", "PAGE_TOKEN"], &[("PAGE_TOKEN", TOKEN)]);
    let url = monitor.url.replace("0.0.0.0", "127.0.0.1");
    assert_eq!(get(&url, "/api/v1/overview").status, 401);
    let page = ask(&url, "GET", "/incidents", &["Accept: text/html"], "");
    assert!(page.status == 303 && page.head.contains("location: /sign-in?next=%2fincidents"), "{}", page.head);
    assert_eq!(get(&url, "/healthz").status, 200);
    let bearer = format!("Authorization: Bearer {TOKEN}");
    assert_eq!(ask(&url, "GET", "/api/v1/overview", &[&bearer], "").status, 200);
    let form = format!("token={TOKEN}&next=//evil.example");
    let foreign = ask(&url, "POST", "/sign-in", &["Origin: http://evil.example"], &form);
    assert_eq!(foreign.status, 403);
    let signed = ask(&url, "POST", "/sign-in", &[], &form);
    assert!(signed.status == 303 && signed.head.contains("location: /\r\n"), "{}", signed.head);
    let cookie = signed.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
    assert!(cookie.contains("httponly") && cookie.contains("samesite=strict"), "{cookie}");
    let cookie = format!("Cookie: {}", cookie.split(';').next().expect("a value"));
    assert_eq!(ask(&url, "GET", "/", &[&cookie], "").status, 200);
    let id = open_incident(&url, &[&cookie]);
    let path = format!("/incidents/{id}/acknowledge");
    assert_eq!(ask(&url, "POST", &path, &[&cookie, "Sec-Fetch-Site: cross-site"], "by=eve").status, 403);
    assert_eq!(ask(&url, "POST", &path, &[&cookie], "by=%20").status, 422);
    assert_eq!(ask(&url, "POST", &path, &[&cookie], &format!("by={}", "x".repeat(9000))).status, 413);
    assert_eq!(ask(&url, "POST", "/sign-out", &[&cookie], "").status, 303);
    assert_eq!(ask(&url, "GET", "/api/v1/overview", &[&cookie], "").status, 401);
    let guess = || ask(&url, "GET", "/", &["Authorization: Bearer guess"], "").status;
    let guesses: Vec<u16> = (0..11).map(|_| guess()).collect();
    assert_eq!((guesses[..10].to_vec(), guesses[10]), (vec![401; 10], 429));
    assert_eq!(ask(&url, "GET", "/", &[&bearer], "").status, 429, "the right one waits too");
}

#[test]
fn the_public_reads_alone_and_sees_no_answers() {
    let folder = folder(5);
    let monitor = Monitor::start(&folder, &["--listen", "0.0.0.0:0", "--read-only"], &[]);
    let url = monitor.url.replace("0.0.0.0", "127.0.0.1");
    for path in ["/services/orders", "/api/v1/services/orders"] {
        let got = get(&url, path);
        assert_eq!(got.status, 200, "{path}");
        assert!(!got.body.contains("x-hostile") && !got.body.contains("text/html\n"), "{path}: {}", got.body);
    }
    let id = open_incident(&url, &[]);
    assert!(!get(&url, &format!("/incidents/{id}")).body.contains("/acknowledge"));
    assert_eq!(ask(&url, "POST", &format!("/incidents/{id}/acknowledge"), &[], "by=eve").status, 403);
}

#[test]
fn the_api_is_as_its_document_says() {
    let folder = folder(5);
    let monitor = Monitor::start(&folder, &[], &[]);
    let document: Value = serde_json::from_str(&get(&monitor.url, "/api/openapi.json").body).expect("JSON");
    assert_eq!(document["openapi"], "3.1.0");
    let id = open_incident(&monitor.url, &[]);
    for path in document["paths"].as_object().expect("paths").keys() {
        let operation = &document["paths"][path]["get"];
        if operation.is_null() {
            continue;
        }
        let asked = path.replace("{name}", "orders").replace("{service}", "orders").replace("{id}", &id);
        let got = get(&monitor.url, &asked);
        assert_eq!(got.status, 200, "{asked}: {}", got.body);
        let content = operation["responses"]["200"]["content"].as_object().expect("a content");
        let (kind, described) = content.iter().next().expect("a kind");
        assert!(got.head.contains(&format!("content-type: {kind}")), "{asked}: {}", got.head);
        if kind == "application/json" {
            let mut schema = described["schema"].clone();
            schema["components"] = document["components"].clone();
            let schema = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
            let answer = serde_json::from_str(&got.body).expect("JSON");
            assert_eq!(complaints(&schema, &answer), Vec::<String>::new(), "{asked}");
            assert!(!schema.is_valid(&json!("wrong")), "{asked}: its schema takes anything");
        }
    }
    let overview: Value = serde_json::from_str(&get(&monitor.url, "/api/v1/overview").body).expect("JSON");
    let own = serde_json::from_str(include_str!("../../schemas/preflight/overview.json")).expect("JSON");
    let own = jsonschema::validator_for(&own).expect("a schema");
    assert_eq!(complaints(&own, &overview), Vec::<String>::new());
    let readiness = serde_json::from_str(&get(&monitor.url, "/api/v1/readiness").body).expect("JSON");
    assert_eq!(complaints(&schema("readiness"), &readiness), Vec::<String>::new());
}

#[test]
fn prometheus_reads_the_metrics_and_finds_nothing_to_complain_of() {
    let folder = folder(5);
    let monitor = Monitor::start(&folder, &[], &[]);
    let page = get(&monitor.url, "/metrics").body;
    assert!(page.ends_with("# EOF\n"), "{page}");
    let has = |line: &str| assert!(page.contains(line), "{line}\n{page}");
    has("preflight_service_state{environment=\"staging\",service=\"orders\",kind=\"api\",state=\"down\"} 1");
    has(
        "preflight_service_state{environment=\"staging\",service=\"analytics\",kind=\"infrastructure\",state=\"healthy\"} 0",
    );
    has("preflight_incidents_open{environment=\"staging\",severity=\"critical\"} 1");
    assert!(
        !page.contains("preflight_service_up_ratio{environment=\"staging\",service=\"analytics\""),
        "no data is no figure"
    );
    let Some(promtool) = std::env::var_os("PREFLIGHT_PEER_PROMTOOL") else {
        skipped("promtool (set PREFLIGHT_PEER_PROMTOOL to its path)");
        return;
    };
    let lint = |page: &str| {
        let mut child = Command::new(&promtool)
            .args(["check", "metrics"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("it starts");
        child.stdin.take().expect("a pipe").write_all(page.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    assert_eq!(lint(&page), (true, String::new()));
    assert!(!lint(&page.replace("# HELP preflight_service_state", "# preflight_service_state")).0, "it would complain");
}

#[test]
fn who_only_sits_there_keeps_nobody_out() {
    let folder = folder(5);
    let monitor = Monitor::start(&folder, &[], &[]);
    let address = monitor.url.trim_start_matches("http://");
    // More than there are seats: some say nothing, some a letter of a head at a time.
    let sitting: Vec<TcpStream> = (0..600)
        .filter_map(|number| {
            let mut stream = TcpStream::connect(address).ok()?;
            if number % 2 == 0 {
                // One that was given up already takes no more.
                drop(stream.write_all(b"GET / HTTP/1.1\r\nHost: loc"));
            }
            Some(stream)
        })
        .collect();
    assert!(sitting.len() > 300, "{}", sitting.len());
    for _ in 0..20 {
        assert_eq!(get(&monitor.url, "/").status, 200);
    }
    let long = format!("X-Long: {}", "x".repeat(100_000));
    let endless = attempt(&monitor.url, "GET", "/", &[&long], "");
    assert!(endless.is_none_or(|got| got.status == 431), "a head has an end");
    assert_eq!(get(&monitor.url, "/").status, 200);
    drop(sitting);
}

#[cfg(unix)]
#[test]
fn it_ends_when_it_is_told_to_though_pages_are_open() {
    let folder = folder(5);
    let mut monitor = Monitor::start(&folder, &[], &[]);
    let address = monitor.url.trim_start_matches("http://").to_owned();
    let mut open: Vec<TcpStream> = (0..5)
        .map(|_| {
            let mut stream = TcpStream::connect(&address).expect("a connection");
            stream
                .write_all(format!("GET /events?of=/ HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes())
                .expect("it is sent");
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("it is answered");
            stream
        })
        .collect();
    let told = Command::new("kill").args(["-TERM", &monitor.child.id().to_string()]).status().expect("it can be told");
    assert!(told.success());
    let status = monitor.child.wait().expect("it ends");
    assert_eq!(status.code(), Some(1), "one service is down");
    for stream in &mut open {
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).expect("the stream ends as streams do");
        assert!(String::from_utf8_lossy(&rest).ends_with("0\r\n\r\n"), "no stream is cut in the middle");
    }
}

#[test]
fn no_secret_is_on_any_page() {
    let canary = "cAn4ry-live-Qm9vWkLp3RtZx81";
    // It says the token that it was sent back, in its head and its body, and in a page that is no JSON.
    let server = Server::start(|asked: &Asked, out: &mut dyn std::io::Write| {
        let said = asked.header("x-shop-token").unwrap_or("nothing").to_owned();
        let headers = [format!("x-echo: {said}"), "content-type: text/html".to_owned()];
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        respond(out, "500 Broken", &headers, format!("<p>wrong token {said}</p>").as_bytes());
    });
    let workspace = format!(
        "version: 1\nname: test\nenvironments:\n  staging:\n    base_urls: {{shop: 'http://127.0.0.1:{}'}}\n    dotenv: .env.staging\nintegrations:\n  shop:\n",
        server.port
    );
    let probes = "version: 1\nprobes:\n  - name: orders\n    service: api\n    interval_seconds: 1\n    steps:\n      - name: alive\n        \
                  depth: authenticated\n        http: {request: GET /health, credential: app}\n        expect: ['the status is 200', '\"$.a\" is \"b\"']\n";
    let folder = Folder::with(&[
        ("preflight.yaml", &workspace),
        ("fixtures/shop/manifest.yaml", MANIFEST),
        ("fixtures/shop/probes.yaml", probes),
        (".env.staging", &format!("SHOP_TOKEN={canary}\n")),
    ]);
    let monitor = Monitor::start(&folder, &WITH_TOKEN, &[("PAGE_TOKEN", TOKEN)]);
    // Until the outage is an incident: more than five bad runs in a row.
    let started = std::time::Instant::now();
    let id = loop {
        let all: Value = serde_json::from_str(&get(&monitor.url, "/api/v1/incidents").body).expect("JSON");
        if let Some(id) = all[0]["id"].as_str() {
            break id.to_owned();
        }
        assert!(started.elapsed() < Duration::from_mins(2), "no incident was opened");
        std::thread::sleep(Duration::from_millis(100));
    };
    assert!(server.asked().iter().any(|asked| asked.header("x-shop-token") == Some(canary)), "it was sent");
    let search = Search::of(&[canary, TOKEN]);
    let incident = format!("/incidents/{id}");
    let api = format!("/api/v1/incidents/{id}");
    let more = [
        "/api/v1/services/orders",
        "/api/v1/overview",
        "/api/v1/readiness",
        "/metrics",
        "/healthz",
        "/sign-in",
        &incident,
        &api,
    ];
    for path in ["/", "/services/orders", "/incidents", "/readiness"].into_iter().chain(more) {
        let got = get(&monitor.url, path);
        assert_eq!(got.status, 200, "{path}");
        search.is_clean(path, &got.head);
        search.is_clean(path, &got.body);
    }
    assert!(get(&monitor.url, "/services/orders").body.contains("wrong token [redacted]"), "the exchange is shown");
}
