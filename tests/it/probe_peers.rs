//! Probes of real servers: Redis and PostgreSQL, well and ill, and a TLS server whose certificate nobody trusts.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::live_tls;
use crate::peer::skipped;
use crate::postgres::{Database, free_port};
use crate::shell::{Folder, Ran};

/// A workspace whose one probe has these steps.
fn folder(base_url: &str, steps: &str) -> Folder {
    let workspace = format!(
        "version: 1\nname: test\nenvironments:\n  here:\n    base_urls: {{store: '{base_url}'}}\nintegrations:\n  store:\n"
    );
    let probes = format!(
        "version: 1\nvariables:\n  STORE_URL: {{description: where it is, secret: true}}\nprobes:\n  - name: store\n    \
         service: infrastructure\n    steps:\n{steps}"
    );
    Folder::with(&[("preflight.yaml", &workspace), ("fixtures/store/probes.yaml", &probes)])
}

fn probed(folder: &Folder, url: &str) -> Ran {
    folder.preflight_with(&["probe", "--env", "here"], &[("STORE_URL", url)])
}

struct Redis {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Redis {
    /// None, with the reason printed, where there is no Redis.
    fn start(settings: &[&str]) -> Option<Self> {
        let named = std::env::var_os("PREFLIGHT_PEER_REDIS").map(PathBuf::from);
        let program = named.unwrap_or_else(|| PathBuf::from("/usr/bin/redis-server"));
        if !program.is_file() {
            skipped("Redis, PREFLIGHT_PEER_REDIS (tests/peers/install-redis.sh)");
            return None;
        }
        let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
        let mut command = Command::new(program);
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"]).arg(folder.path());
        let process = command.args(settings).stdout(Stdio::null()).spawn().expect("it starts");
        let redis = Self { process, port, _folder: folder };
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_mins(1), "Redis does not become ready");
            std::thread::yield_now();
        }
        Some(redis)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const REDIS: &str = "\
\x20     - {name: ping, depth: liveness, redis: {url: '${STORE_URL}', command: ping}, expect: ['\"$.ping\" is \"PONG\"']}\n\
\x20     - {name: writes, depth: use, redis: {url: '${STORE_URL}', command: info}, expect: ['\"$.writes\" is \"ok\"']}\n";

#[test]
fn a_real_redis_is_well_or_its_ping_would_lie() {
    let folder = folder("http://127.0.0.1:9", REDIS);
    for (settings, user, code, told) in [
        (&[][..], "", 0, "2 steps"),
        (&["--requirepass", "s3cret-word"], ":s3cret-word@", 0, "2 steps"),
        (&["--requirepass", "s3cret-word"], ":not-the-word@", 1, "AUTH was answered WRONGPASS"),
        (&["--requirepass", "s3cret-word"], "", 3, "no-credentials: it asks for a password"),
        (&["--replicaof", "127.0.0.1", "9"], "", 1, "$.writes is \"READONLY"),
        (&["--maxmemory", "1mb"], "", 1, "$.writes is \"OOM"),
    ] {
        // A memory of 1 MB is full from the beginning (Redis 7).
        let Some(redis) = Redis::start(settings) else { return };
        let ran = probed(&folder, &format!("redis://{user}127.0.0.1:{}", redis.port)).exits(code).says(told);
        assert!(!ran.err.contains("s3cret-word") && !folder.record().to_string().contains("s3cret-word"));
    }
    probed(&folder, "redis://127.0.0.1:9").exits(3).says("ping: refused");
}

#[test]
fn a_real_postgresql_answers_in_a_transaction_that_only_reads() {
    let Some(database) = Database::start() else { return };
    database.run("create table ideas (id int, title text); insert into ideas values (1, 'hose');");
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable", database.port);
    let step = |query: &str, expect: &str| {
        format!(
            "      - {{name: rows, depth: use, postgres: {{url: '${{STORE_URL}}', query: \"{query}\"}}, expect: ['{expect}']}}\n"
        )
    };
    for (query, expect, code, told) in [
        ("select 1 as one", "\"$[0].one\" is 1", 0, "1 step"),
        ("select id, title from ideas", "\"$[0].title\" is \"hose\"", 0, "1 step"),
        ("select id from ideas where false", "\"$\" has at least 1 item", 1, "has 0 items"),
        ("select no_such from ideas", "\"$\" is \"#[]\"", 1, "the query was refused: column"),
        // What would write is refused by the server itself.
        ("with gone as (delete from ideas returning id) select id from gone", "\"$\" is \"#[]\"", 1, "refused"),
    ] {
        probed(&folder("http://127.0.0.1:9", &step(query, expect)), &url).exits(code).says(told);
    }
    let one = folder("http://127.0.0.1:9", &step("select 1 as one", "\"$[0].one\" is 1"));
    probed(&one, &url.replace("sslmode=disable", "sslmode=require")).exits(1).says("the server offers no TLS");
    probed(&one, &url.replace("postgres@", "nobody-here@")).exits(1).says("the connection was refused");
    probed(&one, "postgres://postgres@127.0.0.1:9/postgres").exits(3).says("refused");
}

#[test]
fn a_certificate_is_looked_at_whether_it_is_trusted_or_not() {
    let (_runtime, port, pem, digest) = live_tls::serve("localhost");
    let folder = folder(
        &format!("https://localhost:{port}"),
        "      - {name: certificate, depth: liveness, tls: {days_left: 14}}\n",
    );
    folder.write("roots.pem", &pem);
    let roots = folder.path().join("roots.pem").display().to_string();
    let trusting =
        |folder: &Folder, roots: &str| folder.preflight_with(&["probe", "--env", "here"], &[("SSL_CERT_FILE", roots)]);
    trusting(&folder, &roots).exits(0);
    assert_eq!(folder.record()["details"]["probe"]["runs"][0]["host"]["certificate"], digest);
    trusting(&folder, "/etc/ssl/certs/ca-certificates.crt").exits(1).says("the certificate is not trusted");
    folder.write("preflight.yaml", &folder.read("preflight.yaml").replace("localhost", "127.0.0.1"));
    trusting(&folder, &roots).exits(1).says("the certificate is not trusted");
}
