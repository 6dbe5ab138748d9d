//! `preflight serve` as a client in any language meets it: one line a twin, sockets, TLS, letter case, faults, webhooks.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// A running `preflight serve`; ended when dropped.
pub struct Served {
    process: Child,
    pub twins: Vec<Value>,
    _folder: tempfile::TempDir,
}

impl Served {
    /// Starts it and waits until every twin has said that it answers.
    pub fn start(arguments: &[&str], twins: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut process = Command::new(env!("CARGO_BIN_EXE_preflight"))
            .args(["serve", "--json", "--quiet"])
            .args(arguments)
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("preflight starts");
        let lines = BufReader::new(process.stdout.take().expect("stdout")).lines().take(twins);
        let twins = lines.map(|line| serde_json::from_str(&line.expect("a line")).expect("JSON")).collect();
        Self { process, twins, _folder: folder }
    }

    pub fn twin(&self, name: &str) -> &Value {
        self.twins.iter().find(|twin| twin["name"] == name).expect("the twin is served")
    }

    pub fn variable(&self, name: &str, variable: &str) -> String {
        self.twin(name)["environment"][variable].as_str().expect("a variable").to_owned()
    }

    /// `127.0.0.1:port`
    pub fn address(&self, name: &str) -> String {
        self.twin(name)["url"].as_str().expect("a URL").trim_start_matches("http://").to_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Sends bytes and reads until the other side closes.
fn raw(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    stream.write_all(request.as_bytes()).expect("written");
    let mut answer = Vec::new();
    // A reset in the middle is what some tests ask for: what came before it counts.
    drop(stream.read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(address: &str, path: &str, headers: &str) -> String {
    raw(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n"))
}

#[test]
fn each_twin_says_in_one_line_where_it_is_and_what_it_accepts() {
    let served = Served::start(&["chatwoot", "shopify"], 2);
    for (name, variable) in [("chatwoot", "CHATWOOT_BASE_URL"), ("shopify", "SHOPIFY_STORE_URL")] {
        let twin = served.twin(name);
        assert_eq!(twin["environment"][variable], twin["url"], "{twin}");
        assert!(twin["version"].is_string(), "{twin}");
    }
    let token = served.variable("chatwoot", "CHATWOOT_API_TOKEN");
    let profile = get(&served.address("chatwoot"), "/api/v1/profile", &format!("api_access_token: {token}\r\n"));
    assert!(profile.starts_with("HTTP/1.1 200"), "{profile}");
    let stranger = get(&served.address("chatwoot"), "/api/v1/profile", "");
    assert!(stranger.starts_with("HTTP/1.1 401"), "{stranger}");
}

#[test]
fn header_names_are_written_as_the_vendor_writes_them() {
    let served = Served::start(&["shopify"], 1);
    let token = served.variable("shopify", "SHOPIFY_ADMIN_TOKEN");
    let answer = get(
        &served.address("shopify"),
        "/admin/api/2026-10/shop.json",
        &format!("X-Shopify-Access-Token: {token}\r\n"),
    );
    for name in ["X-Shopify-API-Version: ", "X-Shopify-Shop-Api-Call-Limit: ", "Content-Type: "] {
        assert!(answer.contains(name), "{name} is not in {answer}");
    }
}

#[test]
fn a_first_port_is_kept_and_a_taken_one_is_told() {
    let holder = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = holder.local_addr().expect("an address").port().to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let refused = Command::new(env!("CARGO_BIN_EXE_preflight"))
        .args(["serve", "chatwoot", "--port", &port])
        .current_dir(folder.path())
        .output()
        .expect("preflight runs");
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(told.contains(&format!("could not listen on 127.0.0.1:{port}")) && told.contains("hint: "), "{told}");
    drop(holder);
    let served = Served::start(&["chatwoot", "--port", &port], 1);
    assert_eq!(served.address("chatwoot"), format!("127.0.0.1:{port}"));
}

#[test]
fn faults_reach_down_to_the_connection() {
    let served = Served::start(&["chatwoot", "--fault", "chatwoot=truncate"], 1);
    let answer = get(&served.address("chatwoot"), "/health", "");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let promised: usize = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned))
        .and_then(|length| length.parse().ok())
        .expect("a length");
    assert!(body.len() < promised, "{} of {promised} bytes came", body.len());
    let reset = Served::start(&["chatwoot", "--fault", "chatwoot=reset"], 1);
    assert_eq!(get(&reset.address("chatwoot"), "/health", ""), "");
    let refusing = Served::start(&["chatwoot", "--fault", "chatwoot=status:503"], 1);
    assert!(get(&refusing.address("chatwoot"), "/health", "").starts_with("HTTP/1.1 503"));
}

#[test]
fn the_idea_pool_asks_a_real_upstream_when_told_to() {
    let upstream = Served::start(&["supabase"], 1);
    let url = upstream.twin("supabase")["url"].as_str().expect("a URL").to_owned();
    let flag = "idea-pool.env:FEATURE_SUPABASE_IDEA_POOL=\"1\"";
    let served = Served::start(&["idea-pool", "--upstream", &url, "--set", flag], 1);
    let answer = get(&served.address("idea-pool"), "/api/analytics/idea-pool", "");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    drop(upstream);
    let alone = get(&served.address("idea-pool"), "/api/analytics/idea-pool", "");
    assert!(alone.starts_with("HTTP/1.1 200") && alone.contains("fallback_reason"), "{alone}");
    assert_ne!(
        answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()),
        alone.split_once("\r\n\r\n").map(|(_, body)| body.to_owned())
    );
}

#[test]
fn tls_is_served_beside_plain_http_with_a_certificate_that_clients_can_trust() {
    let served = Served::start(&["chatwoot", "--tls"], 1);
    let twin = served.twin("chatwoot");
    let pem = std::fs::read(twin["certificate"].as_str().expect("a path")).expect("a certificate");
    assert!(!String::from_utf8_lossy(&pem).contains("PRIVATE KEY"));
    let url = format!("{}/health", twin["tls_url"].as_str().expect("a URL"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (trusting, stranger) = runtime.block_on(async {
        drop(rustls::crypto::ring::default_provider().install_default());
        let trusted = reqwest::Certificate::from_pem(&pem).expect("PEM");
        let client = |roots: Vec<reqwest::Certificate>| {
            reqwest::Client::builder().tls_certs_only(roots).no_proxy().build().expect("a client")
        };
        (client(vec![trusted]).get(&url).send().await, client(Vec::new()).get(&url).send().await)
    });
    assert_eq!(trusting.expect("an answer").status(), 200);
    assert!(stranger.is_err(), "nobody else's client trusts it");
}

#[test]
fn a_webhook_is_delivered_signed_to_whoever_subscribed() {
    let receiver = TcpListener::bind("127.0.0.1:0").expect("a port");
    let hook = format!("http://{}/hook", receiver.local_addr().expect("an address"));
    let served = Served::start(&["chatwoot"], 1);
    let (address, token) = (served.address("chatwoot"), served.variable("chatwoot", "CHATWOOT_API_TOKEN"));
    let account = served.variable("chatwoot", "CHATWOOT_ACCOUNT_ID");
    let conversation = served.variable("chatwoot", "CHATWOOT_CONVERSATION_ID");
    let post = |path: &str, body: &str| {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\napi_access_token: {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = raw(&address, &request);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    };
    post(
        &format!("/api/v1/accounts/{account}/webhooks"),
        &format!("{{\"url\":\"{hook}\",\"subscriptions\":[\"message_created\"]}}"),
    );
    post(&format!("/api/v1/accounts/{account}/conversations/{conversation}/messages"), "{\"content\":\"hi\"}");
    let (mut stream, _) = receiver.accept().expect("a delivery");
    let mut delivery = vec![0; 16 * 1024];
    let length = stream.read(&mut delivery).expect("a request");
    let delivery = String::from_utf8_lossy(&delivery[..length]).to_ascii_lowercase();
    assert!(delivery.starts_with("post /hook"), "{delivery}");
    for header in ["x-chatwoot-signature: sha256=", "x-chatwoot-timestamp: ", "x-chatwoot-delivery: "] {
        assert!(delivery.contains(header), "{header} is not in {delivery}");
    }
}
