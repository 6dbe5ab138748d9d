//! A live service for tests: a server on the loopback that answers as each test says, and knows what it was asked.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// One request that came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    /// With the query.
    pub path: String,
    /// Lines as they came.
    pub headers: Vec<String>,
    pub body: String,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A server that lives as long as the test.
pub struct Server {
    pub port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Serves; `answer` writes head and body of each answer, and the connection is closed after it.
    pub fn start(answer: impl Fn(&Asked, &mut dyn Write) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                std::thread::spawn(move || {
                    let mut writer = stream.try_clone().expect("a second handle");
                    if let Some(request) = read(&mut BufReader::new(stream)) {
                        log.lock().expect("the log").push(request.clone());
                        answer(&request, &mut writer);
                    }
                });
            }
        });
        Self { port, asked }
    }

    /// Answers every request with this JSON.
    pub fn of_json(body: &'static str) -> Self {
        Self::start(move |_, out| json(out, body))
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("the log").clone()
    }

    /// A workspace whose `shop` is this server in the environment `staging`.
    pub fn workspace(&self) -> String {
        workspace(&format!("http://127.0.0.1:{}", self.port))
    }
}

/// A workspace whose `shop` is there in the environment `staging`.
pub fn workspace(base_url: &str) -> String {
    format!(
        "version: 1\nname: test\nenvironments:\n  staging:\n    base_urls: {{shop: '{base_url}'}}\n    dotenv: .env.staging\n\
         integrations:\n  shop:\npolicy:\n  staging: {{require: [contract-live]}}\n"
    )
}

/// The manifest of `shop`.
pub const MANIFEST: &str = "\
title: Shop
models: {versions: ['1'], source: a test}
operations:
  - {id: list, request: GET /items}
  - {id: add, request: POST /items}
variables:
  SHOP_TOKEN: {description: opens it, secret: true}
credentials:
  app: {description: the app, headers: {X-Shop-Token: '${SHOP_TOKEN}'}}
default_credential: app
";

/// The files of a workspace with a feature of `shop`, and a dotenv file with its token.
pub fn files<'a>(workspace: &'a str, feature: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("preflight.yaml", workspace),
        ("fixtures/shop/manifest.yaml", MANIFEST),
        ("features/shop/own.feature", feature),
        (".env.staging", "SHOP_TOKEN=dotenv-token-value\n"),
    ]
}

/// Writes a whole JSON answer.
pub fn json(out: &mut dyn Write, body: &str) {
    respond(out, "200 OK", &["content-type: application/json"], body.as_bytes());
}

/// Writes a whole answer.
pub fn respond(out: &mut dyn Write, status: &str, headers: &[&str], body: &[u8]) {
    let headers = headers.iter().fold(String::new(), |lines, line| lines + line + "\r\n");
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    // A client that has gone is what some tests are about.
    let _ = out.write_all(head.as_bytes()).and_then(|()| out.write_all(body)).and_then(|()| out.flush());
}

fn read(stream: &mut impl BufRead) -> Option<Asked> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            text => lines.push(text.to_owned()),
        }
    }
    let mut first = lines.first()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let mut asked = Asked { method, path, headers: lines.split_off(1), body: String::new() };
    let length = asked.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    asked.body = String::from_utf8_lossy(&body).into_owned();
    Some(asked)
}
