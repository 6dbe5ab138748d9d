//! Alerts by mail: a server in this process, and a real one where it is installed.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::alerts::{Service, until};
use crate::peer::skipped;

/// A mail server that takes everything, or says what the test wants at one command.
struct Mails {
    port: u16,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Mails {
    /// `odd` names a command, and what is answered to it; an empty answer is silence.
    fn start(odd: Option<(&'static str, &'static str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&taken);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let log = Arc::clone(&log);
                std::thread::spawn(move || talk(&stream, odd, &log));
            }
        });
        Self { port, taken }
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().expect("the log").clone()
    }

    fn channel(&self) -> String {
        format!(
            "  channels:\n    mail: {{email: {{host: 127.0.0.1, port: {}, security: none, from: Preflight <alerts@app.example>, \
             to: [ops@app.example, ana@app.example]}}}}\n",
            self.port
        )
    }
}

/// The dialogue of RFC 5321, as far as a client needs it.
fn talk(stream: &TcpStream, odd: Option<(&str, &str)>, log: &Mutex<Vec<String>>) {
    let (mut reader, mut writer) = (BufReader::new(stream), stream);
    let mut say = |text: &str| drop(writer.write_all(format!("{text}\r\n").as_bytes()));
    let told = |command: &str| odd.filter(|(at, _)| *at == command).map(|(_, answer)| answer);
    match told("CONNECT") {
        // As long as the client waits.
        Some("") => drop(reader.read_line(&mut String::new())),
        Some(answer) => say(answer),
        None => say("220 mail.example ESMTP"),
    }
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
        let command = line.split([' ', ':', '\r']).next().unwrap_or_default().to_uppercase();
        match (told(&command), command.as_str()) {
            (Some(answer), _) => say(answer),
            (None, "EHLO") => say("250-mail.example\r\n250 8BITMIME"),
            (None, "DATA") => {
                say("354 go on");
                let mut mail = String::new();
                while !mail.ends_with("\r\n.\r\n") && reader.read_line(&mut mail).is_ok_and(|read| read > 0) {}
                log.lock().expect("the log").push(mail);
                say(told(".").unwrap_or("250 2.0.0 queued"));
            }
            (None, "QUIT") => return say("221 bye"),
            (None, _) => say("250 ok"),
        }
        line.clear();
    }
}

const TEST: [&str; 4] = ["alert", "test", "--env", "staging"];

#[test]
fn a_mail_goes_to_all_of_them_and_is_the_same_each_time() {
    let (service, mails) = (Service::start(), Mails::start(None));
    let folder = service.folder(&mails.channel());
    folder.preflight(&TEST).exits(0).says("mail taken: 250 2.0.0 queued");
    let [mail] = mails.taken().try_into().expect("one");
    for line in [
        "From: Preflight <alerts@app.example>",
        "To: ops@app.example, ana@app.example",
        "Subject: [test] This is a test of alerts in staging: nothing is wrong",
        "Content-Type: text/plain; charset=utf-8",
        "environment  staging",
    ] {
        assert!(mail.contains(line), "no `{line}` in:\n{mail}");
    }
    let id = mail.lines().find(|line| line.starts_with("Message-ID: <preflight-test-mail-")).expect("an id");
    assert!(id.trim_end().ends_with("@preflight>"), "{id}");
}

#[test]
fn what_a_mail_server_refuses_is_given_up_and_what_it_delays_is_tried_again() {
    let service = Service::start();
    for (odd, said) in [
        (("RCPT", "550 5.1.1 no such user"), "mail not taken: it refuses: permanent error (550): 5.1.1 no such user"),
        (("MAIL", "451 4.3.0 try again later"), "mail not taken: transient error (451): 4.3.0 try again later"),
        (("CONNECT", "554 no"), "mail not taken: it refuses: permanent error (554): no"),
    ] {
        let mails = Mails::start(Some(odd));
        service.folder(&mails.channel()).preflight(&TEST).exits(1).says(said);
        assert!(mails.taken().is_empty());
    }
}

#[test]
fn a_password_goes_over_no_open_network_and_starttls_is_demanded() {
    let (service, mails) = (Service::start(), Mails::start(None));
    let open = mails.channel().replace("security: none", "security: starttls");
    let ran = service.folder(&open).preflight(&TEST).exits(1);
    ran.says("mail not taken").says("STARTTLS");
    assert!(mails.taken().is_empty());
    let open = mails.channel().replace("host: 127.0.0.1", "host: mail.example, user: u, password: '${P}'");
    service.folder(&open).preflight(&TEST).exits(2).says("the password would go over the network");
}

#[test]
fn a_mail_server_that_takes_the_connection_and_says_nothing_holds_nobody_up() {
    let (service, mails) = (Service::start(), Mails::start(Some(("CONNECT", ""))));
    let hook = crate::alerts::pagerduty();
    let alerts = format!(
        "{}    oncall: {{pagerduty: {{routing_key: '${{PAGER_KEY}}', url: '${{PAGER_URL}}'}}}}\n",
        mails.channel()
    );
    let folder = service.folder(&alerts);
    let monitor = crate::alerts::Monitor::start(&folder, &[("PAGER_URL", &crate::alerts::url(&hook))]);
    until("it is asked", || service.asked() >= 2);
    service.is(false);
    until("the other channel was told", || !crate::alerts::events(&hook).is_empty());
    let asked = service.asked();
    until("probes go on", || service.asked() >= asked + 2);
    drop(monitor);
    folder.preflight(&["alert", "outbox", "--env", "staging"]).exits(1).says("mail trigger orders");
}

#[test]
fn maildev_takes_it() {
    let named = std::env::var_os("PREFLIGHT_PEER_MAILDEV");
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/target/peers/maildev/node_modules/maildev/bin/maildev");
    let found = named.map(std::path::PathBuf::from).into_iter().chain([usual.into()]).find(|path| path.exists());
    let Some(maildev) = found else {
        return skipped("maildev (tests/peers/install-maildev.sh, or PREFLIGHT_PEER_MAILDEV)");
    };
    // Both at once, so that they differ.
    let free = [(), ()].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    let [smtp, web] = free.map(|port| port.local_addr().expect("an address").port());
    let (smtp_port, web_port) = (smtp.to_string(), web.to_string());
    let ports = ["--smtp", &smtp_port, "--web", &web_port, "--ip", "127.0.0.1", "--silent"];
    let mut child = Command::new("node")
        .arg(maildev)
        .args(ports)
        .args(["--incoming-user", "app", "--incoming-pass", "canary-of-mail"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    until("it takes connections", || {
        TcpStream::connect(("127.0.0.1", smtp)).is_ok() && TcpStream::connect(("127.0.0.1", web)).is_ok()
    });
    let service = Service::start();
    let folder = service.folder(&format!(
        "  channels:\n    mail: {{email: {{host: 127.0.0.1, port: {smtp}, security: none, user: app, password: '${{MAIL_PASSWORD}}', \
         from: alerts@app.example, to: [ops@app.example]}}}}\n"
    ));
    let right = folder.preflight_with(&TEST, &[("MAIL_PASSWORD", "canary-of-mail")]);
    let wrong = folder.preflight_with(&TEST, &[("MAIL_PASSWORD", "wrong-of-mail")]);
    let mails = fetch(web, "/email");
    drop(child.kill());
    drop(child.wait());
    right.exits(0).says("mail taken: 250");
    let wrong = wrong.exits(1);
    assert!(!wrong.err.contains("wrong-of-mail"), "{}", wrong.err);
    let mails: Value = serde_json::from_str(&mails).expect("JSON");
    assert_eq!(mails.as_array().expect("a list").len(), 1);
    assert_eq!(mails[0]["subject"], "[test] This is a test of alerts in staging: nothing is wrong");
    assert_eq!(mails[0]["to"][0]["address"], "ops@app.example");
    assert!(mails[0]["text"].as_str().expect("a text").contains("environment  staging"));
}

fn fetch(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it is there");
    let head = format!("GET {path} HTTP/1.0\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("it is asked");
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).expect("an answer");
    answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).expect("a body")
}
