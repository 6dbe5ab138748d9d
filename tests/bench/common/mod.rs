//! What the benches share: a twin that answers one JSON document from memory, and a contract about it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, StatusCode};
use jiff::Timestamp;
use preflight::adapter::client::{Client, Options, Safety};
use preflight::adapter::contracts::{Contract, Source};
use preflight::adapter::halt::Halt;
use preflight::adapter::serve::{self, Pace, Service};
use preflight::adapter::stage::Stage;
use preflight::check::schema::Schemas;
use preflight::domain::contract::ContractHash;
use preflight::domain::integration::{Manifest, Name};
use preflight::domain::secret::Redactor;
use preflight::domain::target::Target;
use preflight::engine::plan::{Planned, plan};
use preflight::steps::run::{Party, Run};
use preflight::twin::answer::Answer;
use preflight::twin::kit::reply;
use preflight::twin::scene::Prototypes;
use preflight::twin::{Identity, Twin};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// What everybody answers.
pub fn document() -> Value {
    json!({ "id": 7, "name": "idea", "tags": ["a", "b"], "owner": { "id": 1, "email": "a@b.example" } })
}

/// What everybody checks.
pub fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["id", "name", "tags", "owner"],
        "additionalProperties": false,
        "properties": {
            "id": { "type": "integer" },
            "name": { "type": "string" },
            "tags": { "type": "array", "items": { "type": "string" } },
            "owner": {
                "type": "object",
                "required": ["id", "email"],
                "properties": { "id": { "type": "integer" }, "email": { "type": "string", "format": "email" } }
            }
        }
    })
}

#[derive(Clone)]
pub struct Plain(pub Bytes);

impl Twin for Plain {
    fn identity(&self) -> Identity {
        Identity { version: "1".into(), base_url_variable: "PLAIN_URL", ..Identity::default() }
    }

    fn answer(&mut self, _: Timestamp, _: &Request<Bytes>) -> Answer {
        reply::typed(StatusCode::OK, "application/json", self.0.clone()).into()
    }

    fn fork(&self) -> Box<dyn Twin> {
        Box::new(self.clone())
    }
}

pub fn name() -> Name {
    "plain".parse().expect("a name")
}

/// A stage of the plain twin.
pub fn stage() -> Arc<Stage> {
    let twin: Box<dyn Twin> = Box::new(Plain(Bytes::from(document().to_string())));
    Stage::new(Prototypes::from([(name(), twin)]), Timestamp::UNIX_EPOCH)
}

/// Serves the stage, and returns its base URL.
pub async fn serve(stage: &Arc<Stage>, pace: Pace) -> (String, JoinHandle<()>) {
    let (listener, address) = serve::bind(0).await.expect("a port");
    let common = (pace == Pace::Real).then(|| stage.free_scene(std::iter::empty()));
    let service = Service {
        stage: Arc::clone(stage),
        at: name(),
        pace,
        common,
        outside: None,
        courier: None,
        gaps: None,
        door: None,
    };
    (format!("http://{address}"), tokio::spawn(serve::run(listener, service, None)))
}

/// A run against the served stage.
pub fn run(stage: Arc<Stage>, base_url: &str) -> Arc<Run> {
    let manifest: Manifest = serde_json::from_value(json!({
        "title": "Plain", "models": { "versions": ["1"], "source": "this bench" },
        "operations": [{ "id": "get", "request": "GET /thing" }]
    }))
    .expect("a manifest");
    let party = Party {
        manifest,
        base_url: base_url.parse().expect("a URL"),
        fixtures: BTreeMap::new(),
        variables: BTreeMap::new(),
        next_request: Mutex::default(),
    };
    Arc::new(Run {
        target: Target::Twin,
        caller: None,
        parties: BTreeMap::from([(name(), party)]),
        client: Client::new(Options::new(Safety::Anything)).expect("a client"),
        stage: Some(stage),
        schemas: Schemas::new(BTreeMap::from([("plain/thing".to_owned(), schema())])),
        flags: BTreeMap::new(),
        capabilities: BTreeSet::new(),
        redactor: Redactor::default(),
        absent: BTreeMap::new(),
        switched: BTreeMap::new(),
        hosts: Mutex::default(),
        halt: Halt::default(),
        workshop: None,
    })
}

/// So many scenarios of one GET, a status and a schema.
pub fn scenarios(count: usize) -> Vec<Planned> {
    let mut text = String::from("Feature: plain\n");
    for index in 0..count {
        let _ = write!(
            text,
            "  Scenario: number {index}\n    When I GET \"/thing\"\n    Then the status is 200\n    And the body matches schema \"plain/thing\"\n"
        );
    }
    let contract = Contract {
        name: name(),
        manifest: serde_json::from_value(
            json!({ "title": "Plain", "models": { "versions": ["1"], "source": "this bench" } }),
        )
        .expect("a manifest"),
        features: vec![Source { path: "features/plain/thing.feature".into(), text }],
        schemas: BTreeMap::new(),
        fixtures: BTreeMap::new(),
        hash: ContractHash("0".repeat(64)),
        unreadable: Vec::new(),
        files: BTreeMap::new(),
    };
    plan(&contract).0
}
