//! A real Unleash server on a real PostgreSQL, started for a test and ended with it: our store reads and switches it.

use std::fs::File;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use preflight::adapter::flags::store::Written;
use preflight::domain::flag::change::Turn;
use tempfile::TempDir;

use crate::flag_stores::{look, store, turn};
use crate::peer::skipped;
use crate::postgres::{Database, free_port};

const ADMIN: &str = "*:*.preflight-admin";
const BACKEND: &str = "default:development.preflight-backend";

/// The server with its database.
pub struct Unleash {
    process: Child,
    _database: Database,
    _folder: TempDir,
    pub port: u16,
}

impl Unleash {
    /// None, with the reason printed, when it is not installed.
    pub fn start() -> Option<Self> {
        let usual = "target/peers/unleash/node_modules/unleash-server/dist/server.js";
        let named = std::env::var_os("PREFLIGHT_PEER_UNLEASH").map(PathBuf::from);
        let server = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(usual));
        if !server.is_file() {
            skipped("unleash-server 8.2.0, PREFLIGHT_PEER_UNLEASH (tests/peers/install-unleash.sh)");
            return None;
        }
        let database = Database::start()?;
        let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
        let log = File::create(folder.path().join("log")).expect("a log");
        let process = Command::new("node")
            .arg(server)
            .env("DATABASE_URL", format!("postgres://postgres@127.0.0.1:{}/postgres", database.port))
            .env("DATABASE_SSL", "false")
            .env("HTTP_HOST", "127.0.0.1")
            .env("PORT", port.to_string())
            .env("CHECK_VERSION", "false")
            .env("SEND_TELEMETRY", "false")
            .env("INIT_ADMIN_API_TOKENS", ADMIN)
            .env("INIT_BACKEND_API_TOKENS", BACKEND)
            .env("LOG_LEVEL", "error")
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("node starts");
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_mins(2), "Unleash does not come up");
            std::thread::sleep(Duration::from_millis(100));
        }
        Some(Self { process, _database: database, _folder: folder, port })
    }

    /// What our store is opened with.
    pub fn environment(&self) -> Vec<(String, String)> {
        let url = format!("http://127.0.0.1:{}", self.port);
        [("UNLEASH_URL", url.as_str()), ("UNLEASH_API_TOKEN", BACKEND), ("UNLEASH_ADMIN_TOKEN", ADMIN)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    /// Makes a flag, which is off.
    pub async fn make(&self, name: &str) {
        let answer = reqwest::Client::new()
            .post(format!("http://127.0.0.1:{}/api/admin/projects/default/features", self.port))
            .header("authorization", ADMIN)
            .header("content-type", "application/json")
            .body(format!(r#"{{"name":"{name}","type":"release"}}"#))
            .send()
            .await
            .expect("Unleash answers");
        assert_eq!(answer.status(), 201);
    }
}

impl Drop for Unleash {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[tokio::test]
async fn our_store_reads_and_switches_a_flag_of_a_real_server() {
    let Some(server) = Unleash::start() else { return };
    let unleash = store("unleash:${UNLEASH_URL}", &server.environment());
    server.make("live").await;
    // Its clients see a change some time after the admin API answered.
    let until = async |word: &str| {
        let begun = Instant::now();
        loop {
            let seen = look(&*unleash).await;
            if seen.switch.as_str() == word {
                return seen;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "{} instead of {word}", seen.switch);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    until("off").await;
    assert_eq!(turn(&*unleash, Turn::On).await.expect("it takes it"), Written::Done);
    let on = until("on").await;
    assert!(on.version.is_some_and(|tag| tag.contains(':')), "its ETag is the version");
    assert_eq!(turn(&*unleash, Turn::Back { on: false }).await.expect("it takes it"), Written::Done);
    until("off").await;
    let stranger = [("UNLEASH_URL".to_owned(), server.environment()[0].1.clone())];
    let stranger = [&stranger[..], &[("UNLEASH_API_TOKEN".to_owned(), "nobody".to_owned())]].concat();
    assert_eq!(look(&*store("unleash:${UNLEASH_URL}", &stranger)).await.switch.as_str(), "refused");
    let none = store("unleash:${UNLEASH_URL}#key=no-such-flag", &server.environment());
    assert_eq!(look(&*none).await.switch.as_str(), "no-such-flag");
}
