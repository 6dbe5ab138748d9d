//! Signed evidence, verified by others: Sigstore's verifier, and the DSSE and in-toto libraries of their authors.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::peer;
use crate::shell::{Folder, TWIN_WORKSPACE};

const FEATURE: &str =
    "@own\nFeature: own\n  Scenario: s\n    When I GET \"/api/analytics/idea-pool\"\n    Then the status is 200\n";

/// A workspace with evidence and a key.
fn with_key(algorithm: &str) -> Folder {
    let folder = Folder::with(&[("preflight.yaml", TWIN_WORKSPACE), ("features/idea-pool/own.feature", FEATURE)]);
    folder.preflight(&["check", "--tags", "@own"]).exits(0);
    folder.preflight(&["evidence", "keygen", "key.pem", "--algorithm", algorithm]).exits(0);
    folder
}

fn statement(bundle: &Value) -> Value {
    let payload = bundle["dsseEnvelope"]["payload"].as_str().expect("a payload");
    serde_json::from_slice(&STANDARD.decode(payload).expect("base64")).expect("a statement")
}

#[test]
fn a_statement_speaks_of_the_record_and_holds_the_entry() {
    let folder = with_key("ed25519");
    let ran =
        folder.preflight(&["evidence", "export", "1", "--key", "key.pem"]).exits(0).says("1 entry signed: stdout");
    let statement = statement(&serde_json::from_str(&ran.out).expect("a bundle"));
    let line = folder.read("reports/ledger.jsonl").lines().next().expect("a line").to_owned();
    let entry = &statement["predicate"]["entries"][0];
    assert_eq!(entry["line_sha256"], hex::encode(Sha256::digest(&line)));
    assert_eq!(entry["entry"].to_string(), line, "the line can be made again");
    let record = statement["subject"][0]["name"].as_str().expect("a name");
    let digest =
        hex::encode(Sha256::digest(std::fs::read(folder.path().join("reports").join(record)).expect("a record")));
    assert_eq!(statement["subject"][0]["digest"]["sha256"], digest);
    assert_eq!(statement["predicateType"], "urn:preflight:evidence:1");
    let bare = folder.preflight(&["evidence", "export", "--key", "key.pem", "--envelope"]).exits(0);
    let bare: Value = serde_json::from_str(&bare.out).expect("an envelope");
    assert_eq!(bare["payloadType"], "application/vnd.in-toto+json");
}

#[test]
fn what_does_not_hold_is_not_signed() {
    let folder = with_key("p256");
    folder.preflight(&["evidence", "export", "9", "--key", "key.pem"]).exits(2).says("there is no entry 9");
    folder.preflight(&["evidence", "export", "--key", "none.pem"]).exits(2).says("cannot read none.pem");
    folder
        .preflight(&["evidence", "export", "--key", "key.pem.pub"])
        .exits(2)
        .says("a `PUBLIC KEY` where a private key is needed");
    folder.preflight(&["evidence", "keygen", "key.pem"]).exits(2).says("it would overwrite");
    let record = folder.files().into_iter().find(|path| path.parent().is_some_and(|up| up.ends_with("records")));
    std::fs::remove_file(record.expect("a record")).expect("it is removed");
    let ran = folder.preflight(&["evidence", "export", "--key", "key.pem", "--out", "b.json"]).exits(2);
    ran.says("the ledger does not hold, so nothing of it is signed");
    assert!(!folder.path().join("b.json").exists());
}

/// Another program's verdict on a bundle: whether it holds, and what it read.
fn verdict(command: &mut Command, folder: &Folder, bundle: &str, key: &str) -> (bool, String) {
    let output = command.args([folder.path().join(bundle), folder.path().join(key)]).output().expect("it runs");
    let said = if output.status.success() { output.stdout } else { output.stderr };
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

fn try_with(command: &dyn Fn() -> Command) {
    for algorithm in ["ed25519", "p256"] {
        let folder = with_key(algorithm);
        folder.preflight(&["evidence", "export", "--key", "key.pem", "--out", "b.json"]).exits(0);
        let (holds, read) = verdict(&mut command(), &folder, "b.json", "key.pem.pub");
        assert!(holds, "{algorithm}: {read}");
        let bundle: Value = serde_json::from_str(&folder.read("b.json")).expect("JSON");
        assert_eq!(serde_json::from_str::<Value>(&read).expect("a statement"), statement(&bundle));
        // A statement that was changed, a signature with one bit flipped, and another key.
        let mut changed = bundle.clone();
        let text = statement(&bundle).to_string().replace("\"kept\"", "\"Kept\"");
        changed["dsseEnvelope"]["payload"] = STANDARD.encode(text).into();
        folder.write("changed.json", &changed.to_string());
        let mut flipped = bundle.clone();
        let signature = &mut flipped["dsseEnvelope"]["signatures"][0]["sig"];
        let mut bytes = STANDARD.decode(signature.as_str().expect("a signature")).expect("base64");
        *bytes.last_mut().expect("a byte") ^= 1;
        *signature = STANDARD.encode(bytes).into();
        folder.write("flipped.json", &flipped.to_string());
        folder.preflight(&["evidence", "keygen", "other.pem", "--algorithm", algorithm]).exits(0);
        for (bundle, key) in
            [("changed.json", "key.pem.pub"), ("flipped.json", "key.pem.pub"), ("b.json", "other.pem.pub")]
        {
            let (holds, said) = verdict(&mut command(), &folder, bundle, key);
            assert!(!holds, "{algorithm} {bundle} {key}: {said}");
        }
    }
}

fn script(name: &str) -> String {
    format!("{}/tests/peers/sigstore/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_verifier_of_sigstore_accepts_it() {
    let Some(modules) = std::env::var_os("PREFLIGHT_PEER_SIGSTORE_NODE") else {
        return peer::skipped("npm @sigstore/verify (tests/peers/install-sigstore.sh, PREFLIGHT_PEER_SIGSTORE_NODE)");
    };
    try_with(&|| {
        let mut node = Command::new("node");
        node.env("NODE_PATH", &modules).arg(script("verify.js"));
        node
    });
}

#[test]
fn the_libraries_of_dsse_and_in_toto_accept_it() {
    let Some(python) = std::env::var_os("PREFLIGHT_PEER_SIGSTORE_PYTHON") else {
        return peer::skipped(
            "PyPI securesystemslib (tests/peers/install-sigstore.sh, PREFLIGHT_PEER_SIGSTORE_PYTHON)",
        );
    };
    try_with(&|| {
        let mut command = Command::new(Path::new(&python));
        command.arg(script("verify.py"));
        command
    });
}
