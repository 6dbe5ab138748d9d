//! A live target behind a forward proxy: asked through it, past it where `NO_PROXY` says so, and unasked when it is not there.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::live_tls;
use crate::server::{Server, files, workspace};
use crate::shell::{Folder, Ran};

const READS: &str = "Feature: f\n  Scenario: s\n    When I GET \"/items\"\n    Then the status is 200\n";

/// What stands in the proxy's URL, and nowhere else.
const CREDENTIALS: &str = "team:proxy-pass-word";

/// A forward proxy on the loopback: every host is the one on its port `to`.
struct Proxy {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

/// How the proxy treats those that come.
#[derive(Clone, Copy)]
enum Door {
    Open,
    /// It wants credentials that nobody gave it.
    Locked,
}

impl Proxy {
    fn start(to: u16, door: Door) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&heads);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let log = Arc::clone(&log);
                // A client that goes away early is what some tests are about.
                std::thread::spawn(move || drop(relay(stream, to, door, &log)));
            }
        });
        Self { port, heads }
    }

    fn url(&self) -> String {
        format!("http://{CREDENTIALS}@127.0.0.1:{}", self.port)
    }

    /// The heads of the requests that came, in order.
    fn asked(&self) -> Vec<String> {
        self.heads.lock().expect("the log").clone()
    }
}

fn relay(mut client: TcpStream, to: u16, door: Door, log: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head)? > 0 {}
    log.lock().expect("the log").push(head.clone());
    if matches!(door, Door::Locked) {
        return client.write_all(
            b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        );
    }
    let mut host = TcpStream::connect(("127.0.0.1", to))?;
    if head.starts_with("CONNECT ") {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    } else {
        // `GET http://host/path HTTP/1.1` becomes `GET /path HTTP/1.1` (RFC 9112 §3.2.2).
        let (first, rest) = head.split_once("\r\n").unwrap_or_default();
        let words: Vec<&str> = first.split(' ').collect();
        let path = words[1].splitn(4, '/').nth(3).unwrap_or_default();
        host.write_all(format!("{} /{path} HTTP/1.1\r\n{rest}", words[0]).as_bytes())?;
    }
    let (mut back, mut forth) = (host.try_clone()?, client.try_clone()?);
    std::thread::spawn(move || {
        drop(std::io::copy(&mut back, &mut forth).and_then(|_| forth.shutdown(std::net::Shutdown::Both)));
    });
    std::io::copy(&mut reader.by_ref(), &mut host).map(drop)
}

fn check(base_url: &str, environment: &[(&str, &str)]) -> (Folder, Ran) {
    let folder = Folder::with(&files(&workspace(base_url), READS));
    let ran = folder.preflight_with(&["check", "--target", "live", "--env", "staging", "--json"], environment);
    (folder, ran)
}

/// Neither the proxy's password nor what it is sent as stands in anything that is shown or written.
fn knows_no_credentials(folder: &Folder, ran: &Ran) {
    let encoded = STANDARD.encode(CREDENTIALS);
    let files = folder
        .files()
        .into_iter()
        .map(|path| String::from_utf8_lossy(&std::fs::read(path).expect("a file")).into_owned());
    let all: Vec<String> = files.chain([ran.out.clone(), ran.err.clone()]).collect();
    assert!(all.len() > 8, "the run wrote its reports");
    for secret in ["proxy-pass-word", encoded.as_str()] {
        assert!(!all.iter().any(|text| text.contains(secret)), "{secret} is shown");
    }
}

#[test]
fn a_plain_base_url_is_asked_through_its_proxy() {
    let server = Server::of_json("{}");
    let proxy = Proxy::start(server.port, Door::Open);
    // No resolver knows this host: only through the proxy is there an answer.
    let (folder, ran) = check("http://shop.invalid", &[("HTTP_PROXY", &proxy.url())]);
    let ran = ran.exits(0);
    let asked = proxy.asked();
    assert!(asked[0].starts_with("GET http://shop.invalid/items HTTP/1.1\r\n"), "{asked:?}");
    let given = format!("proxy-authorization: basic {}", STANDARD.encode(CREDENTIALS)).to_lowercase();
    assert!(asked[0].to_lowercase().contains(&given), "{asked:?}");
    assert_eq!(server.asked()[0].header("x-shop-token"), Some("dotenv-token-value"));
    let host = &folder.record()["contracts"][0]["host"];
    assert_eq!(host["base_url"], "http://shop.invalid");
    assert_eq!(host["addresses"], serde_json::json!([format!("through the proxy http://127.0.0.1:{}", proxy.port)]));
    knows_no_credentials(&folder, &ran);
}

#[test]
fn a_tls_base_url_is_asked_through_a_tunnel_that_sees_nothing_of_it() {
    let (_runtime, port, pem, _) = live_tls::serve("shop.invalid");
    let proxy = Proxy::start(port, Door::Open);
    let folder = Folder::with(&files(&workspace("https://shop.invalid"), READS));
    folder.write("roots.pem", &pem);
    let roots = folder.path().join("roots.pem").display().to_string();
    let environment = [("HTTPS_PROXY", proxy.url()), ("SSL_CERT_FILE", roots)];
    let environment = environment.each_ref().map(|(name, value)| (*name, value.as_str()));
    let ran = folder.preflight_with(&["check", "--target", "live", "--env", "staging"], &environment).exits(0);
    let asked = proxy.asked();
    assert!(asked.iter().all(|head| head.starts_with("CONNECT shop.invalid:443 HTTP/1.1\r\n")), "{asked:?}");
    assert!(!asked.concat().contains("dotenv-token-value"), "{asked:?}");
    let host = &folder.record()["contracts"][0]["host"];
    assert_eq!(host["base_url"], "https://shop.invalid");
    assert_eq!(host["addresses"], serde_json::json!([format!("through the proxy http://127.0.0.1:{}", proxy.port)]));
    // The handshake was with the host, and verified; the client does not tell what certificate it saw in a tunnel.
    assert!(host["certificate"].is_null(), "{host}");
    knows_no_credentials(&folder, &ran);
}

#[test]
fn a_tunnel_to_a_certificate_that_nobody_vouches_for_is_unasked() {
    let (_runtime, port, _, _) = live_tls::serve("shop.invalid");
    let proxy = Proxy::start(port, Door::Open);
    let (_, ran) = check("https://shop.invalid", &[("HTTPS_PROXY", &proxy.url())]);
    ran.exits(3).says("shop could not be reached: the TLS handshake failed").says("through the proxy");
}

#[test]
fn no_proxy_is_honoured() {
    let server = Server::of_json("{}");
    let proxy = Proxy::start(server.port, Door::Open);
    let base_url = format!("http://127.0.0.1:{}", server.port);
    let (folder, ran) = check(&base_url, &[("HTTP_PROXY", &proxy.url()), ("NO_PROXY", "localhost,127.0.0.1")]);
    ran.exits(0);
    assert_eq!(proxy.asked(), [""; 0]);
    assert_eq!(
        folder.record()["contracts"][0]["host"]["addresses"],
        serde_json::json!([format!("127.0.0.1:{}", server.port)])
    );
    // And without it the same URL goes through.
    check(&base_url, &[("HTTP_PROXY", &proxy.url())]).1.exits(0);
    assert_eq!(proxy.asked().len(), 1);
}

#[test]
fn a_proxy_that_is_not_there_is_unasked_and_named_without_its_credentials() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let url = format!("http://{CREDENTIALS}@127.0.0.1:{port}");
    for (base_url, variable) in [("http://shop.invalid", "HTTP_PROXY"), ("https://shop.invalid", "ALL_PROXY")] {
        let (folder, ran) = check(base_url, &[(variable, &url)]);
        let ran = ran.exits(3).says("shop could not be reached: connection refused");
        let ran = ran.says(&format!("(through the proxy http://127.0.0.1:{port})"));
        knows_no_credentials(&folder, &ran);
    }
    let (folder, ran) =
        check("http://shop.invalid", &[("HTTP_PROXY", &format!("http://{CREDENTIALS}@proxy.invalid:3128"))]);
    let ran = ran.exits(3).says("the name does not resolve").says("(through the proxy http://proxy.invalid:3128)");
    knows_no_credentials(&folder, &ran);
}

#[test]
fn a_proxy_that_lets_nobody_through_is_unasked_and_never_the_services_answer() {
    let server = Server::of_json("{}");
    let proxy = Proxy::start(server.port, Door::Locked);
    for (base_url, variable) in [("http://shop.invalid", "HTTP_PROXY"), ("https://shop.invalid", "HTTPS_PROXY")] {
        let (folder, ran) = check(base_url, &[(variable, &proxy.url())]);
        let ran = ran.exits(3).says("shop could not be reached").says("through the proxy");
        knows_no_credentials(&folder, &ran);
    }
    assert_eq!(server.asked().len(), 0);
}
