//! A flip with real parts: Unleash keeps the flag, PostgREST on PostgreSQL keeps the rows, the idea pool reads both.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use bytes::Bytes;
use jiff::Timestamp;
use preflight::adapter::embedded;
use preflight::twin::supabase::Supabase;
use preflight::twin::{Start, Twin as _};

use crate::postgrest_server::Peers;
use crate::served_app::App;
use crate::server::Server;
use crate::shell::{Folder, Ran};
use crate::unleash_server::Unleash;

const WORKSPACE: &str = "\
version: 1
name: test
environments:
  local:
    base_urls: {idea-pool: '${APP_URL}'}
integrations:
  idea-pool: {flag: supabase_idea_pool}
flags:
  supabase_idea_pool:
    integrations: [idea-pool]
    parser: {names: [FEATURE_SUPABASE_IDEA_POOL, FEATURE_FLAG_SUPABASE_IDEA_POOL], empty_is_off: true}
    kept_in: ['unleash:${UNLEASH_URL}#environment=development']
    rollback_seconds: 120
    canary:
      request: GET /api/analytics/idea-pool
      live: {'$.data.source': supabase, '$.data.feature_flag_enabled': true}
      mock: {'$.data.source': fixture, '$.data.feature_flag_enabled': false}
    flip:
      passes_over: ['$.data.ideas[*].evidence']
      effective_within_seconds: 60
      watch: {seconds: 2, every_seconds: 1, p95_ms: 3000}
policy:
  local: {require: [contract-twin]}
";

/// What a hosted Supabase puts before PostgREST: the path begins with `/rest/v1`, and the key becomes a token.
fn gateway(postgrest: u16, token: String) -> Server {
    Server::start(move |asked, out| {
        let path = asked.path.strip_prefix("/rest/v1").unwrap_or(&asked.path);
        let answer = send(postgrest, "GET", path, &token).unwrap_or_default();
        let _ = out.write_all(&answer);
    })
}

fn send(port: u16, method: &str, path: &str, token: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\naccept: application/json\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

fn app(folder: &Folder, unleash: &Unleash, upstream: u16) -> App {
    let upstream = format!("http://127.0.0.1:{upstream}");
    let arguments = [
        "serve",
        "idea-pool",
        "--json",
        "--quiet",
        "--upstream",
        &upstream,
        "--follow",
        "supabase_idea_pool",
        "--env",
        "local",
    ];
    let mut command = folder.command(&arguments);
    command.envs(unleash.environment());
    App::serve(command)
}

fn rehearse(folder: &Folder, app: &App, unleash: &Unleash) -> Ran {
    let arguments = ["flip", "supabase_idea_pool", "--env", "local", "--rehearse"];
    let mut command = folder.command(&arguments);
    command.envs(unleash.environment()).env("APP_URL", &app.url);
    command.env("SUPABASE_SERVICE_KEY", "sb_secret_twin_service_key_of_preflight");
    let output = command.output().expect("the binary runs");
    folder.ran(&arguments, &output)
}

#[test]
fn a_flip_in_unleash_is_proven_by_rows_of_postgresql() {
    let Some(peers) = Peers::find() else { return };
    let Some(unleash) = Unleash::start() else { return };
    rustls::crypto::ring::default_provider().install_default().ok();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(unleash.make("supabase_idea_pool"));
    let fixtures: BTreeMap<String, Bytes> = embedded::files()
        .into_iter()
        .filter_map(|(path, text)| Some((path.strip_prefix("fixtures/supabase/")?.to_owned(), text)))
        .collect();
    let twin = Supabase::new(&Start { now: Timestamp::now(), seed: 7, fixtures: &fixtures }).expect("sound fixtures");
    let variables = twin.identity().variables;
    let token = variables["SUPABASE_SERVICE_ROLE_KEY"].clone();
    let postgrest = peers.start(&twin.to_sql(), &variables["SUPABASE_JWT_SECRET"]);
    let gateway = gateway(postgrest.port, token.clone());
    let folder = Folder::with(&[("preflight.yaml", WORKSPACE)]);
    let app = app(&folder, &unleash, gateway.port);

    let ran = rehearse(&folder, &app, &unleash).exits(0);
    ran.says("GO").says("the store and the consumer say on").says("the flag is off again");

    let answer =
        send(postgrest.port, "DELETE", "/product_suggestions?id=not.is.null", &token).expect("PostgREST answers");
    assert!(answer.starts_with(b"HTTP/1.1 20"), "{}", String::from_utf8_lossy(&answer));
    let ran = rehearse(&folder, &app, &unleash).exits(1);
    ran.says("NO-GO").says("answers as neither path does: $.data.source is \"fixture\"").says("the flag is off again");
}
