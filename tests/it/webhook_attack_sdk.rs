//! Right receivers on official SDKs, in three languages: the suite finds nothing wrong with them.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::peer::{Clients, Language};
use crate::receivers::standard;
use crate::shell::{Folder, Ran};

const STANDARD_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A receiver in a process of its own; ended when dropped.
struct Serving {
    process: Child,
    port: u64,
}

impl Serving {
    /// Starts a script of `tests/peers/receivers`, which says its port in the first line.
    fn start(clients: &Clients, script: &str, arguments: &[&str], secret: &str) -> Self {
        let mut command = clients.command(script);
        command.args(arguments).env("SECRET", secret).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the receiver starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("stdout")).read_line(&mut line).expect("a line");
        let said: Value = serde_json::from_str(&line).expect("JSON");
        Self { process, port: said["port"].as_u64().expect("a port") }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Attacks it, with its effects counted.
fn attack(scheme: &str, port: u64, secret: &str) -> (Folder, Ran) {
    let folder = Folder::with(&[]);
    let (hook, effects) = (format!("http://127.0.0.1:{port}/hook"), format!("http://127.0.0.1:{port}/effects"));
    let arguments = ["webhook", "attack", &hook, "--scheme", scheme, "--secret-env", "HOOK_SECRET"];
    let observed = ["--observe", &effects, "--observe-path", "$.count", "--timing", "0"];
    let arguments: Vec<&str> = arguments.into_iter().chain(observed).collect();
    let ran = folder.preflight_with(&arguments, &[("HOOK_SECRET", secret)]);
    (folder, ran)
}

#[track_caller]
fn is_clean(scheme: &str, port: u64, secret: &str, least: usize) {
    let (folder, ran) = attack(scheme, port, secret);
    let ran = ran.exits(0);
    let records = folder.path().join("reports/records");
    let record = std::fs::read_dir(records).expect("records").next().expect("a record").expect("an entry").path();
    let record: Value = serde_json::from_str(&std::fs::read_to_string(record).expect("text")).expect("JSON");
    let cases = record["details"]["webhook-suite"]["cases"].as_array().expect("cases").len();
    assert!(cases >= least, "{cases} cases\n{}", ran.screen());
}

#[test]
fn stripes_library_for_javascript_comes_out_clean() {
    let Some(clients) = Clients::find("receivers", Language::Node) else { return };
    let serving = Serving::start(&clients, "stripe.cjs", &[], "whsec_test_secret_of_stripe");
    is_clean("stripe", serving.port, "whsec_test_secret_of_stripe", 50);
}

#[test]
fn shopifys_library_for_javascript_comes_out_clean() {
    let Some(clients) = Clients::find("receivers", Language::Node) else { return };
    let serving = Serving::start(&clients, "shopify.mjs", &[], "shpss_test_secret");
    is_clean("shopify", serving.port, "shpss_test_secret", 40);
}

#[test]
fn slacks_library_for_python_comes_out_clean() {
    let Some(clients) = Clients::find("receivers", Language::Python) else { return };
    let serving = Serving::start(&clients, "receive.py", &["slack"], "8f742231b10e8888abcd99yyyzzz85a5");
    is_clean("slack", serving.port, "8f742231b10e8888abcd99yyyzzz85a5", 55);
}

#[test]
fn standard_webhooks_library_for_python_comes_out_clean() {
    let Some(clients) = Clients::find("receivers", Language::Python) else { return };
    let serving = Serving::start(&clients, "receive.py", &["standard"], STANDARD_SECRET);
    is_clean("standard-webhooks", serving.port, STANDARD_SECRET, 60);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn standard_webhooks_library_for_rust_comes_out_clean() {
    let port = standard::serve(STANDARD_SECRET).await;
    let attacking =
        tokio::task::spawn_blocking(move || is_clean("standard-webhooks", port.into(), STANDARD_SECRET, 60));
    attacking.await.expect("clean");
}

#[test]
fn a_right_receiver_with_another_secret_is_found_out() {
    let Some(clients) = Clients::find("receivers", Language::Node) else { return };
    let serving = Serving::start(&clients, "stripe.cjs", &[], "whsec_test_secret_of_stripe");
    let (_, ran) = attack("stripe", serving.port, "whsec_another_secret");
    ran.exits(1).says("a right delivery is refused");
}
