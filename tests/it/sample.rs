//! One fixed record and judgement for the reports' tests, and large ones of the same making.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use preflight::domain::chain::hash::Hash;
use preflight::domain::contract::{ContractHash, Place};
use preflight::domain::entry::{Body, Entry, History};
use preflight::domain::evidence::{Class, Coverage, Evidence};
use preflight::domain::exchange::NoAnswer;
use preflight::domain::finding::{Code, Finding};
use preflight::domain::integration::Name;
use preflight::domain::inventory::Inventory;
use preflight::domain::readiness::{Criterion, CurrentContract, Readiness, State, judge};
use preflight::domain::record::recorded_exchange::{RecordedBody, RecordedExchange};
use preflight::domain::record::schema_gaps::SchemaGaps;
use preflight::domain::record::{
    ContractRun, HostEvidence, Kind, LeftOut, OperationCoverage, Outcome, Record, ScenarioRun, Unreadable, VERSION,
};
use preflight::domain::target::Target;
use serde_json::json;

pub const TOOL: &str = "preflight 0.1.0";

pub fn now() -> Timestamp {
    "2026-11-20T09:00:00Z".parse().expect("a timestamp")
}

pub fn name(text: &str) -> Name {
    text.parse().expect("a good name")
}

pub fn hash() -> ContractHash {
    ContractHash("5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef".into())
}

/// A judgement in which every state stands somewhere, and the records that it rests on.
pub fn small() -> (Readiness, Vec<Record>) {
    let records = vec![twin(), live()];
    let mut history = history(&records);
    for evidence in history.entries.iter_mut().filter_map(Entry::evidence_mut) {
        if evidence.integration.as_str() == "supabase" {
            evidence.contract_hash = Some(ContractHash("0".repeat(64)));
        }
    }
    let mut readiness = judge(&inventory(), &contracts(), &history, now());
    // Nothing waives a cell yet; the reports can show one all the same.
    for environment in &mut readiness.environments {
        for row in environment.rows.iter_mut().filter(|row| row.integration.as_str() == "chatwoot") {
            for cell in row.cells.iter_mut().filter(|cell| cell.criterion == Criterion::Credentials) {
                cell.state = State::Waived;
                cell.reason = "CEO, until 2026-12-01: the pilot uses the agent's own token".into();
            }
        }
    }
    (readiness, records)
}

pub fn inventory() -> Inventory {
    serde_json::from_value(json!({
        "version": 1,
        "name": "HotDash",
        "environments": {"local": {}, "production": {"production": true}, "staging": {}},
        "integrations": {
            "chatwoot": {"title": "Chatwoot", "owner": "support"},
            "ga4": {"title": "Google Analytics 4"},
            "idea-pool": {"title": "Idea pool", "owner": "product", "flag": "supabase_idea_pool",
                          "not_applicable": {"webhooks": "it sends none"}},
            "redis": {}, "slack": {}, "stripe": {},
            "shopify": {"title": "Shopify Admin"},
            "supabase": {"title": "Supabase"},
        },
        "blockers": {"OCC-INF-221": {"integration": "ga4", "title": "Host and credentials never arrived",
                                     "owner": "infra", "opened": "2026-10-07"}},
        "policy": {
            "local": {"require": ["contract-twin"], "integrations": ["idea-pool"]},
            "staging": {"require": ["contract-twin", "contract-live", "blockers"]},
        },
    }))
    .expect("an inventory")
}

pub fn contracts() -> BTreeMap<Name, CurrentContract> {
    [
        ("chatwoot", "Chatwoot", true),
        ("idea-pool", "Idea pool", false),
        ("shopify", "Shopify Admin", true),
        ("supabase", "Supabase", false),
    ]
    .into_iter()
    .map(|(key, title, sends_webhooks)| {
        let webhook_scheme = sends_webhooks.then(|| key.to_owned());
        (name(key), CurrentContract { title: title.into(), hash: hash(), has_twin: true, webhook_scheme })
    })
    .collect()
}

/// What the ledger holds of records.
pub fn history(records: &[Record]) -> History {
    let entry = |(sequence, evidence)| Entry {
        version: 1,
        sequence,
        previous: Hash::NOTHING,
        written: now(),
        body: Body::Evidence(Box::new(evidence)),
    };
    History { entries: (1..).zip(records.iter().flat_map(evidence)).map(entry).collect(), ..History::default() }
}

fn evidence(record: &Record) -> Vec<Evidence> {
    record
        .contracts
        .iter()
        .map(|contract| Evidence {
            kind: record.kind,
            class: Class::Measured,
            integration: contract.integration.clone(),
            target: record.target,
            environment: record.environment.clone(),
            record: format!("records/{}.json", record.id),
            digest: "a".repeat(64),
            contract_hash: Some(contract.contract_hash.clone()),
            outcome: contract.outcome(),
            counts: contract.counts(),
            coverage: Coverage {
                operations: u32::try_from(contract.operations.len()).expect("few"),
                asked: u32::try_from(contract.operations.iter().filter(|o| o.asked > 0).count()).expect("few"),
                kept: u32::try_from(contract.operations.iter().filter(|o| o.kept > 0).count()).expect("few"),
            },
            score: None,
            stands_for: None,
            partial: record.partial || record.interrupted,
            tool: record.tool.clone(),
            command: record.command.clone(),
            exit_code: u8::from(contract.outcome() != Outcome::Kept),
            started: record.started,
            finished: record.finished,
            host: contract.host.clone(),
        })
        .collect()
}

fn record(target: Target, environment: Option<&str>, hours_ago: i64, contracts: Vec<ContractRun>) -> Record {
    let started = now() - SignedDuration::from_hours(hours_ago);
    Record {
        version: VERSION,
        kind: Kind::ContractRun,
        id: format!("{}-00c0ffee", started.strftime("%Y%m%dT%H%M%SZ")),
        tool: TOOL.into(),
        command: vec!["preflight".into(), "check".into()],
        workspace: "HotDash".into(),
        workspace_hash: Some("b".repeat(64)),
        target,
        environment: environment.map(str::to_owned),
        started,
        finished: started + SignedDuration::from_secs(2),
        seed: 12_648_430,
        interrupted: false,
        partial: false,
        contracts,
        details: None,
    }
}

fn twin() -> Record {
    let mut chatwoot = run("chatwoot", "Chatwoot", 4);
    chatwoot.modelled = Some("4.15.0".into());
    chatwoot.scenarios[1].outcome = Outcome::Unasked;
    chatwoot.scenarios[1].reason = Some("CHATWOOT_WEBHOOK_SECRET is not set".into());
    chatwoot.scenarios[2].outcome = Outcome::Untested;
    chatwoot.scenarios[2].reason = Some("no `Then` looked at an answer".into());
    chatwoot.scenarios[3].outcome = Outcome::Unasked;
    chatwoot.scenarios[3].reason =
        Some("features/chatwoot/reading.feature:38: no step knows `Then the list is nice`".into());
    chatwoot.scenarios[3].findings = vec![
        Finding::new(Code::UndefinedStep, "no step knows `Then the list is nice`")
            .expected("Then {path} is {value}")
            .diff("#[then(\"the list is nice\")]\nfn the_list_is_nice(world: &mut World) {}\n")
            .at(Place { file: "features/chatwoot/reading.feature".into(), line: 38 }),
    ];
    chatwoot.gaps = vec!["GET /api/v1/accounts/1/reports/agents".into()];
    chatwoot.unseen = vec!["$.payload[*].meta.assignee is null".into()];
    chatwoot.unseen_in_schemas = vec![SchemaGaps {
        schema: "chatwoot/conversation".into(),
        never: BTreeMap::from([
            ("null".into(), vec!["/meta/hmac_verified".into()]),
            ("present".into(), vec!["/applied_sla".into(), "/sla_events".into()]),
        ]),
        too_large: false,
    }];
    chatwoot.operations[3].asked = 0;
    chatwoot.operations[3].kept = 0;
    let mut shopify = run("shopify", "Shopify Admin", 6);
    break_scenario(&mut shopify.scenarios[2]);
    shopify.unreadable = vec![Unreadable {
        place: Place { file: "features/shopify/orders.feature".into(), line: 14 },
        message: "expected a step, found `Gven a shop`".into(),
    }];
    record(
        Target::Twin,
        None,
        3,
        vec![chatwoot, run("idea-pool", "Idea pool", 13), shopify, run("supabase", "Supabase", 5)],
    )
}

fn live() -> Record {
    let mut chatwoot = run("chatwoot", "Chatwoot", 4);
    for scenario in &mut chatwoot.scenarios {
        scenario.outcome = Outcome::Unasked;
        scenario.reason = Some("chat.staging.example is not reachable: connection refused".into());
        scenario.checks = 0;
        scenario.exchanges.clear();
    }
    for operation in &mut chatwoot.operations {
        operation.asked = 0;
        operation.kept = 0;
    }
    let mut supabase = run("supabase", "Supabase", 5);
    supabase.left_out = vec![LeftOut {
        place: Place { file: "features/supabase/outage.feature".into(), line: 7 },
        name: "When the gateway is down the fixture is served".into(),
        reason: "@twin-only".into(),
    }];
    supabase.host = Some(HostEvidence {
        base_url: "https://db.staging.example".into(),
        addresses: vec!["203.0.113.7:443".into()],
        certificate: Some("c".repeat(64)),
        request_ids: vec!["8e2f-1".into()],
    });
    record(Target::Live, Some("staging"), 26, vec![chatwoot, supabase])
}

/// A run of which every promise was kept.
pub fn run(integration: &str, title: &str, scenarios: usize) -> ContractRun {
    let operation = |index: usize| OperationCoverage {
        id: format!("operation-{index}"),
        request: format!("GET /api/v1/{integration}/{{id}}/part-{index}"),
        asked: 2,
        kept: 2,
    };
    ContractRun {
        integration: name(integration),
        title: title.into(),
        contract_hash: hash(),
        modelled: None,
        scenarios: (0..scenarios).map(|index| scenario(integration, index)).collect(),
        operations: (0..scenarios.min(12)).map(operation).collect(),
        left_out: Vec::new(),
        unseen: Vec::new(),
        unseen_in_schemas: Vec::new(),
        gaps: Vec::new(),
        unreadable: Vec::new(),
        host: None,
    }
}

pub fn scenario(integration: &str, index: usize) -> ScenarioRun {
    let family = integration.to_ascii_uppercase();
    let subject = ["the list is paged", "a wrong token is refused", "what was posted can be read back"][index % 3];
    ScenarioRun {
        place: Place {
            file: format!("features/{integration}/{}.feature", ["reading", "writing"][index / 4 % 2]),
            line: 8 + index * 9,
        },
        feature: ["Reading", "Writing"][index / 4 % 2].into(),
        rule: None,
        name: format!("With {} asked for, {subject}", 20 + index),
        tags: vec![format!("{family}-{}", index + 1)],
        promises: vec![format!("{family}-{}", index + 1)],
        outcome: Outcome::Kept,
        reason: None,
        findings: Vec::new(),
        checks: 4,
        exchanges: Vec::new(),
        exchanges_left_out: 0,
        duration_us: 1_200 + 37 * index as u64,
    }
}

/// Breaks a scenario in every way that a report draws.
pub fn break_scenario(scenario: &mut ScenarioRun) {
    let at = |line| Place { file: scenario.place.file.clone(), line };
    scenario.outcome = Outcome::Broken;
    scenario.findings = vec![
        Finding::new(Code::Status, "the answer has another status").expected("200").actual("410").at(at(31)),
        Finding::new(Code::Body, "the body differs from the one promised")
            .pointer("/data/shop/name")
            .diff("--- expected\n+++ actual\n@@ -1,3 +1,3 @@\n {\n-  \"name\": \"HotDash\",\n+  \"name\": null,\n   \"plan\": \"plus\"\n")
            .at(at(32)),
    ];
    scenario.exchanges = vec![
        exchange("GET", "/admin/api/2026-10/shop.json?fields=name", Some(410)),
        RecordedExchange {
            status: None,
            no_answer: Some(NoAnswer::TimedOut(1_000)),
            response_headers: Vec::new(),
            response_body: None,
            ..exchange("POST", "/admin/api/2026-10/graphql.json", None)
        },
    ];
}

pub fn exchange(method: &str, path: &str, status: Option<u16>) -> RecordedExchange {
    let text = r#"{"errors":"[API] Not Found","request_id":"[redacted]"}"#;
    RecordedExchange {
        method: method.into(),
        path: path.into(),
        request_headers: vec![("x-shopify-access-token".into(), "[redacted]".into())],
        request_body: None,
        status,
        no_answer: None,
        response_headers: vec![("content-type".into(), "application/json; charset=utf-8".into())],
        response_body: Some(RecordedBody { text: text.into(), length: 48_211, sha256: Some("d".repeat(64).into()) }),
        duration_us: 173_000,
        approval: None,
    }
}

/// `integrations` of `scenarios` each, every tenth scenario broken, in three environments.
pub fn large(integrations: usize, scenarios: usize) -> (Readiness, Vec<Record>) {
    let names: Vec<String> = (0..integrations).map(|index| format!("service-{index:03}")).collect();
    let contracts = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let mut run = run(name, &format!("The service number {index}"), scenarios);
            if index % 2 == 0 {
                run.scenarios.iter_mut().step_by(10).for_each(break_scenario);
            }
            run
        })
        .collect();
    let records = vec![record(Target::Twin, None, 1, contracts)];
    let history = history(&records);
    let declared: serde_json::Map<String, serde_json::Value> =
        names.iter().map(|name| (name.clone(), json!({"owner": "team"}))).collect();
    let inventory: Inventory = serde_json::from_value(json!({
        "version": 1, "name": "Large", "environments": {"local": {}, "production": {}, "staging": {}},
        "integrations": declared,
        "policy": {"staging": {"require": ["contract-twin", "contract-live", "health"]}, "production": {"require": ["contract-live"]}},
    }))
    .expect("an inventory");
    let current = names
        .iter()
        .map(|key| {
            let webhook_scheme = Some(key.clone());
            let contract = CurrentContract { title: key.clone(), hash: hash(), has_twin: true, webhook_scheme };
            (name(key), contract)
        })
        .collect();
    (judge(&inventory, &current, &history, now()), records)
}
