//! A real PostgreSQL, started for a test on an empty database and ended with it.

use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::peer::skipped;

/// A database, and the folder that holds it.
pub struct Database {
    process: Child,
    _folder: TempDir,
    programs: PathBuf,
    pub port: u16,
}

/// The folder of `postgres`, `initdb` and `psql`; None, with the reason printed, when it is not there.
pub fn programs() -> Option<PathBuf> {
    let named = std::env::var_os("PREFLIGHT_PEER_POSTGRES").map(PathBuf::from);
    let programs = named.unwrap_or_else(|| PathBuf::from("/usr/lib/postgresql/15/bin"));
    if !programs.join("postgres").is_file() {
        skipped("PostgreSQL, PREFLIGHT_PEER_POSTGRES (tests/peers/install.sh)");
        return None;
    }
    Some(programs)
}

impl Database {
    /// None, with the reason printed, when PostgreSQL is not there.
    pub fn start() -> Option<Self> {
        let programs = programs()?;
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let data = folder.path().join("data");
        hand_over(folder.path());
        let made = as_postgres(&programs.join("initdb"))
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-D"])
            .arg(&data)
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut postgres = as_postgres(&programs.join("postgres"));
        postgres.arg("-D").arg(&data).arg("-k").arg(folder.path()).arg("-p").arg(port.to_string());
        for setting in ["listen_addresses=127.0.0.1", "fsync=off", "autovacuum=off", "timezone=UTC", "lc_messages=C"] {
            postgres.arg("-c").arg(setting);
        }
        let process = postgres.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("postgres starts");
        let database = Self { process, _folder: folder, programs, port };
        database.wait_until_ready();
        Some(database)
    }

    /// PostgreSQL listens before it answers.
    fn wait_until_ready(&self) {
        let begun = Instant::now();
        let ready = || {
            let mut asked = Command::new(self.programs.join("pg_isready"));
            let done = asked.args(["-q", "-h", "127.0.0.1", "-p"]).arg(self.port.to_string()).status();
            done.is_ok_and(|status| status.success())
        };
        while !ready() {
            assert!(begun.elapsed() < Duration::from_mins(1), "PostgreSQL does not become ready");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Runs a script of SQL.
    pub fn run(&self, sql: &str) {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-h", "127.0.0.1", "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-q", "-f", "-", "-p"]);
        let mut psql = psql
            .arg(self.port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("psql runs");
        psql.stdin.take().expect("a pipe").write_all(sql.as_bytes()).expect("psql reads");
        let done = psql.wait_with_output().expect("psql ends");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// PostgreSQL refuses to run as root.
fn as_postgres(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}

fn hand_over(folder: &Path) {
    if is_root() {
        let done = Command::new("chown").arg("postgres:postgres").arg(folder).status().expect("chown runs");
        assert!(done.success(), "the folder can be handed to the user postgres");
    }
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port()
}
