//! A real Chromium for the tests of the live page, spoken to over pipes (the `DevTools` protocol): no driver, no port.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::peer::skipped;

/// A browser with one page.
pub struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    number: u64,
    session: Option<String>,
    /// What the browser said while something else was waited for.
    said: VecDeque<Value>,
    _profile: TempDir,
}

/// How long anything is waited for before the test fails: a machine under load is slow, and nothing is concluded from that.
const PATIENCE: Duration = Duration::from_mins(2);

impl Browser {
    /// None with the reason printed where there is no browser; with `PREFLIGHT_REQUIRE_PEERS=1` that is a failure.
    pub fn start() -> Option<Self> {
        let named = std::env::var_os("PREFLIGHT_PEER_CHROMIUM").map(PathBuf::from);
        let Some(path) = named.into_iter().chain([PathBuf::from("/usr/bin/chromium")]).find(|path| path.exists())
        else {
            skipped("Chromium (set PREFLIGHT_PEER_CHROMIUM to its path)");
            return None;
        };
        let profile = tempfile::tempdir().expect("a folder");
        // The protocol is spoken on the descriptors 3 and 4.
        let line = "browser=$1; profile=$2; exec 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null; exec \"$browser\" --headless --no-sandbox \
                    --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync \
                    --hide-scrollbars --remote-debugging-pipe --user-data-dir=\"$profile\" about:blank";
        let mut child = Command::new("/bin/sh")
            .args(["-c", line, "sh"])
            .arg(path)
            .arg(profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a browser that starts");
        let (to, from) = (child.stdin.take().expect("a pipe"), BufReader::new(child.stdout.take().expect("a pipe")));
        let said = VecDeque::new();
        let mut browser = Self { child, to, from, number: 0, session: None, said, _profile: profile };
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" }))["targetId"].clone();
        let attached = browser.call("Target.attachToTarget", &json!({ "targetId": target, "flatten": true }));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        Some(browser)
    }

    /// Calls a method of the protocol, and waits for its result.
    pub fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.attempt(method, parameters).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    fn attempt(&mut self, method: &str, parameters: &Value) -> Result<Value, Value> {
        self.number += 1;
        let mut message = json!({ "id": self.number, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        self.to.write_all(format!("{message}\0").as_bytes()).expect("a browser that listens");
        self.to.flush().expect("a browser that listens");
        loop {
            let heard = self.hear();
            if heard["id"] == self.number {
                return if heard["error"].is_null() {
                    Ok(heard["result"].clone())
                } else {
                    Err(heard["error"].clone())
                };
            }
            self.said.push_back(heard);
        }
    }

    fn hear(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).expect("a browser that speaks");
        bytes.pop();
        serde_json::from_slice(&bytes).expect("the browser has ended")
    }

    /// Opens a page and waits until it is loaded.
    pub fn open(&mut self, address: &str) {
        self.said.clear();
        self.call("Page.navigate", &json!({ "url": address }));
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'");
    }

    /// The value of an expression in the page.
    pub fn value(&mut self, expression: &str) -> Value {
        let result = self.evaluate(&json!({ "expression": expression, "returnByValue": true, "awaitPromise": true }));
        assert!(result["exceptionDetails"].is_null(), "{expression}: {}", result["exceptionDetails"]);
        result["result"]["value"].clone()
    }

    /// Asks the page; one that was left while it was asked is no answer, and the one that came in its place is asked.
    fn evaluate(&mut self, asked: &Value) -> Value {
        let start = Instant::now();
        loop {
            match self.attempt("Runtime.evaluate", asked) {
                Ok(result) => return result,
                // -32000 is the protocol's word for a page or context that is gone.
                Err(error) if error["code"] == -32000 && start.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(error) => panic!("{asked}: {error}"),
            }
        }
    }

    pub fn text(&mut self, expression: &str) -> String {
        self.value(expression).as_str().unwrap_or_default().to_owned()
    }

    /// Waits until an expression is true.
    #[track_caller]
    pub fn until(&mut self, expression: &str) {
        let start = Instant::now();
        let asked = json!({ "expression": expression, "returnByValue": true });
        while self.evaluate(&asked)["result"]["value"] != true {
            if start.elapsed() > PATIENCE {
                let page = self.text("document.body.innerText");
                panic!("this did not come true: {expression}\n{page}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Presses a key, as a person does.
    pub fn press(&mut self, key: &str, code: u32) {
        for kind in ["rawKeyDown", "keyUp"] {
            let event = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code });
            self.call("Input.dispatchKeyEvent", &event);
            if kind == "rawKeyDown" && key == "Enter" {
                self.call("Input.dispatchKeyEvent", &json!({ "type": "char", "text": "\r" }));
            }
        }
    }

    /// Types into what has the focus.
    pub fn type_in(&mut self, text: &str) {
        self.call("Input.insertText", &json!({ "text": text }));
    }

    /// As wide as this, in the light or the dark.
    pub fn screen(&mut self, width: u32, theme: &str) {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.call("Emulation.setDeviceMetricsOverride", &size);
        let features = json!([{ "name": "prefers-color-scheme", "value": theme }]);
        self.call("Emulation.setEmulatedMedia", &json!({ "features": features }));
    }

    /// What the page or the browser complained of.
    pub fn complaints(&mut self) -> Vec<String> {
        self.value("1");
        let told = self.said.iter().filter_map(|said| match said["method"].as_str()? {
            "Log.entryAdded" => Some(said["params"]["entry"]["text"].to_string()),
            "Runtime.exceptionThrown" | "Runtime.consoleAPICalled" => Some(said["params"].to_string()),
            _ => None,
        });
        told.collect()
    }

    /// A picture of the whole page, for a person to look at.
    pub fn picture(&mut self, path: &std::path::Path) {
        use base64::Engine as _;

        let taken = self.call("Page.captureScreenshot", &json!({ "format": "png", "captureBeyondViewport": true }));
        let bytes = base64::engine::general_purpose::STANDARD.decode(taken["data"].as_str().expect("a picture"));
        std::fs::write(path, bytes.expect("base64")).expect("a file");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
