//! Tests that need a real peer, and say so where it is not there.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::serve::Served;

/// Says on screen that a test was skipped, and why; where peers are required, that is a failure.
///
/// libtest keeps what a passing test prints to itself, so this goes past it to the real stderr: a skipped test that looks
/// like one that passed is what nobody should see.
pub fn skipped(needs: &str) {
    assert!(std::env::var_os("PREFLIGHT_REQUIRE_PEERS").is_none(), "needs {needs}");
    drop(writeln!(std::io::stderr(), "\nskipped: needs {needs}"));
}

/// What a vendor's clients run on.
#[derive(Clone, Copy)]
pub enum Language {
    /// A folder `node_modules`.
    Node,
    /// The interpreter of a virtual environment.
    Python,
}

/// The clients of a vendor in one language, and what runs their scripts.
pub struct Clients {
    vendor: &'static str,
    language: Language,
    path: PathBuf,
}

impl Clients {
    /// Where they were installed (`tests/peers/install-<vendor>.sh`); None, and a word about it, where they were not.
    pub fn find(vendor: &'static str, language: Language) -> Option<Self> {
        let (kind, below) = match language {
            Language::Node => ("NODE", "node_modules"),
            Language::Python => ("PYTHON", "python/bin/python"),
        };
        let variable = format!("PREFLIGHT_PEER_{}_{kind}", vendor.to_uppercase());
        let usual = root().join("target/peers").join(vendor).join(below);
        let named = std::env::var_os(&variable).map(PathBuf::from);
        let found = named.into_iter().chain([usual]).find(|path| path.exists());
        if found.is_none() {
            skipped(&format!("the clients of {vendor} (tests/peers/install-{vendor}.sh, or {variable})"));
        }
        found.map(|path| Self { vendor, language, path })
    }

    /// What they were installed as: a folder, or an interpreter.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A script of `tests/peers/<vendor>`.
    pub fn script(&self, name: &str) -> PathBuf {
        root().join("tests/peers").join(self.vendor).join(name)
    }

    /// A script of `tests/peers/<vendor>`, ready to be started.
    pub fn command(&self, script: &str) -> Command {
        let mut command = match self.language {
            Language::Node => Command::new("node"),
            Language::Python => Command::new(&self.path),
        };
        if matches!(self.language, Language::Node) {
            command.env("NODE_PATH", &self.path);
        }
        command.arg(self.script(script));
        command
    }

    /// Runs a script against a served twin and gives what the client saw. `before` are arguments for what runs it.
    pub fn show(&self, served: &Served, before: &[&Path], script: &str) -> Value {
        let mut command = match self.language {
            Language::Node => Command::new("node"),
            Language::Python => Command::new(&self.path),
        };
        if matches!(self.language, Language::Node) {
            command.env("NODE_PATH", &self.path);
        }
        let twin = served.twin(self.vendor);
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let variables = twin["environment"].as_object().expect("what clients read");
        command.envs(variables.iter().map(|(name, value)| (name, text(value))));
        if let Some(certificate) = twin["certificate"].as_str() {
            command.env("NODE_EXTRA_CA_CERTS", certificate).env("SSL_CERT_FILE", certificate);
        }
        let output = command.args(before).arg(self.script(script)).output().expect("the client starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("what it saw, as JSON")
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
