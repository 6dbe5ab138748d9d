//! A twin that is served as the app under test, for as long as it lives.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

pub struct App {
    child: Child,
    pub url: String,
}

impl App {
    /// Runs `serve NAME --json …`, whose workspace asks for its address before there is one.
    pub fn serve(mut command: Command) -> Self {
        command.env("APP_URL", "http://127.0.0.1:9").stdout(Stdio::piped());
        let mut child = command.spawn().expect("the binary runs");
        let mut lines = BufReader::new(child.stdout.take().expect("its stdout")).lines();
        let line = lines.next().expect("a line").expect("text");
        let twin: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        let url = twin["url"].as_str().expect("an address").to_owned();
        Self { child, url }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
