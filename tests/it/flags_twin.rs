//! `preflight serve flags`, for the tests of the stores and of the official clients.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// The twin, ended with the test.
pub struct Twin {
    process: Child,
    /// What its clients read: base URL and tokens.
    pub environment: Vec<(String, String)>,
}

impl Twin {
    /// With settings, as `--set flags.…` takes them.
    pub fn start(settings: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_preflight"))
            .args(["serve", "--json", "flags"])
            .args(settings.iter().flat_map(|setting| ["--set", setting]))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("preflight starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let ready: Value = serde_json::from_str(&line).expect("a line of JSON once it answers");
        let variables = ready["environment"].as_object().expect("what clients read");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let environment = variables.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        Self { process, environment }
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
