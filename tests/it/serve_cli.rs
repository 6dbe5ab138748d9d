//! `preflight serve` as a user types it: it says where it answers, ends when asked, and names a port that is taken.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use crate::shell::Folder;

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let folder = Folder::with(&[]);
    folder
        .preflight(&["serve", "webhooks", "--port", &port])
        .exits(2)
        .says(&format!("error: could not listen on 127.0.0.1:{port}: Address already in use"))
        .says(&format!(
            "hint: another program listens on port {port}: stop it, or choose another first port with --port"
        ));
}

#[test]
fn it_says_where_it_answers_and_ends_when_asked() {
    for signal in ["-INT", "-TERM"] {
        let folder = Folder::with(&[]);
        let mut child = folder
            .command(&["serve", "webhooks", "--json", "--quiet"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut lines = BufReader::new(child.stdout.take().expect("its stdout")).lines();
        let line = lines.next().expect("a line").expect("text");
        let twin: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(twin["name"], "webhooks");
        let address = twin["url"].as_str().and_then(|url| url.strip_prefix("http://")).expect("an address");
        assert!(std::net::TcpStream::connect(address).is_ok(), "it answers at {address}");
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
        assert_eq!(child.wait().expect("it ends").code(), Some(0), "{signal}");
        assert!(!folder.path().join("reports").exists(), "serving leaves nothing behind");
    }
}

#[test]
fn a_setting_or_a_fault_that_makes_no_sense_is_told() {
    let folder = Folder::with(&[]);
    for (arguments, told) in [
        (["--set", "webhooks"], "`webhooks` sets nothing"),
        (["--set", "webhooks.nonsense=1"], "the twin of webhooks cannot be set up: the twin has no setting `nonsense`"),
        (["--fault", "webhooks=explode"], "`explode` is no fault"),
        (["--upstream", "supabase=nowhere"], "`nowhere` is no URL"),
    ] {
        folder.preflight(&["serve", "webhooks", arguments[0], arguments[1]]).exits(2).says(told);
    }
}
