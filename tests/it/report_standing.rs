//! Flips, secrets and what people declared, on the dashboards: what is said, what is harmless, and how large it may grow.

use jiff::SignedDuration;
use preflight::domain::chain::hash::Hash;
use preflight::domain::declaration::register::{Register, register};
use preflight::domain::entry::{Body, Entry, History};
use preflight::domain::flip::FlipRun;
use preflight::domain::inventory::Inventory;
use preflight::domain::record::{Details, Kind, Record};
use preflight::domain::target::Target;
use preflight::report::dashboard::Dashboard;
use preflight::report::{html, markdown};
use serde_json::{Value, json};

use crate::sample;

fn record(kind: Kind, environment: &str, minutes_ago: i64, details: Details) -> Record {
    let mut record = sample::small().1.remove(0);
    record.id = format!("{}-{environment}-{minutes_ago}", kind.as_str());
    record.kind = kind;
    record.target = Target::Live;
    record.environment = Some(environment.to_owned());
    record.started = sample::now() - SignedDuration::from_mins(minutes_ago);
    record.finished = record.started;
    record.contracts = Vec::new();
    record.details = Some(details);
    record
}

/// A rehearsal whose first rollback did not take.
fn flip(flag: &str, environment: &str, minutes_ago: i64) -> Record {
    let phase = |phase: &str, outcome: &str, told: &str, second: u8| {
        json!({
            "phase": phase, "outcome": outcome, "told": told, "seen": ["parser `exact` reads flags.env as on"],
            "started": format!("2026-11-20T08:00:{second:02}Z"), "finished": format!("2026-11-20T08:00:{:02}Z", second + 1),
        })
    };
    let mut contract = phase("contract", "kept", "13 of 13 scenarios kept", 3);
    contract["contract"] = serde_json::to_value(sample::run("idea-pool", "Idea pool", 13)).expect("JSON");
    let run: FlipRun = serde_json::from_value(json!({
        "flag": flag, "integration": "idea-pool", "rehearsal": true, "verdict": "NO-GO", "left": "off",
        "reason": "The consumer is back where it was: the store still says on",
        "phases": [
            phase("gate", "kept", "prerequisites, policy and approval hold", 1),
            phase("effective", "kept", "the store and the consumer say on", 2),
            contract,
            phase("rollback", "kept", "flags.env took the change", 30),
            phase("prove-rollback", "kept", "back where it was", 31),
        ],
        "earlier": [phase("prove-rollback", "broken", "the store still says on", 10)],
        "effective_ms": 13_200, "rollback_ms": 1_500, "switch_on": "on", "switch_off": "off",
    }))
    .expect("a flip");
    record(Kind::Flip, environment, minutes_ago, Details::Flip(Box::new(run)))
}

fn secrets(environment: &str, wrong: usize) -> Record {
    let secret = |name: String, state: &str, findings: Value| {
        json!({
            "name": name, "service": "shopify", "required": true, "required_by": [], "state": state,
            "findings": findings, "places": [],
        })
    };
    let placeholder = json!([{"code": "placeholder", "weight": "wrong", "text": "it looks like a placeholder"}]);
    let mut all = vec![secret("SHOPIFY_API_KEY".into(), "right", json!([]))];
    all.extend((0..wrong).map(|index| secret(format!("SECRET_NUMBER_{index}"), "wrong", placeholder.clone())));
    let audit = serde_json::from_value(json!({
        "version": 1, "workspace": "HotDash", "audited": sample::now(), "strangers": [],
        "sources": {"files": 3, "whole": true},
        "environments": [{
            "environment": environment, "production": true, "secrets": all,
            "score": {"right": 1, "required": wrong + 1, "unknown": 0, "percent": 100 / (wrong + 1)},
            "categories": [{"title": "Playbook", "proof": "document", "state": "written", "reason": "docs/play.md is there"}],
        }],
    }))
    .expect("an audit");
    record(Kind::Secrets, environment, 30, Details::Secrets(Box::new(audit)))
}

/// An expired waiver, one that stands, approvals, and a blocker that is late.
fn declared(count: usize, why: &str) -> Register {
    let inventory: Inventory = serde_json::from_value(json!({
        "version": 1, "name": "HotDash", "environments": {"staging": {}}, "integrations": {"ga4": {}},
        "blockers": {"OCC-INF-221": {
            "integration": "ga4", "title": why, "owner": "infra", "opened": "2026-10-07", "due": "2026-11-20T07:00Z",
            "ladder": ["#infra-requests", "manager"],
        }},
    }))
    .expect("an inventory");
    let entry = |(sequence, what, until): (u64, Value, &str)| Entry {
        version: 1,
        sequence,
        previous: Hash::NOTHING,
        written: sample::now(),
        body: Body::Declaration(
            serde_json::from_value(json!({
                "what": what, "workspace": "HotDash", "environment": "staging", "by": "ana", "why": why,
                "at": "2026-11-20T06:00:00Z", "until": until,
            }))
            .expect("a declaration"),
        ),
    };
    let waiver = || json!({"waiver": {"integration": "ga4", "criterion": "webhooks"}});
    let approval = || json!({"approval": {"scope": {"flip": {"flag": "supabase_idea_pool"}}}});
    let mut all = vec![(1, waiver(), "2026-11-20T08:00:00Z"), (2, waiver(), "2026-11-27T08:00:00Z")];
    all.extend((3..).take(count).map(|sequence| (sequence, approval(), "2026-11-21T08:00:00Z")));
    let history = History { entries: all.into_iter().map(entry).collect(), ..History::default() };
    register(&inventory, &history, sample::now())
}

fn drawn(records: &[Record], register: &Register) -> (String, String) {
    let (readiness, _) = sample::small();
    let mut dashboard = Dashboard::new(&readiness, records, sample::TOOL, sample::now());
    dashboard.register = Some(register);
    (html::draw(&dashboard).expect("a page"), markdown::draw(&dashboard))
}

/// Text without markup, on one line.
fn plain(page: &str) -> String {
    let tags = regex::Regex::new("<[^>]*>").expect("a pattern");
    let text = tags.replace_all(page, " ").into_owned();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn each_is_told_with_what_it_rests_on() {
    let records = [
        flip("supabase_idea_pool", "staging", 60),
        flip("supabase_idea_pool", "staging", 90),
        secrets("production", 11),
    ];
    let (page, markdown) = drawn(&records, &declared(1, "The host never arrived"));
    let text = plain(&page);
    for said in [
        "supabase_idea_pool staging NO-GO rehearsal 60 min old: the flag is off again",
        "effective 13.2 s after the change · proven back 1.5 s after the rollback began",
        "The consumer is back where it was broken the store still says on",
        "08:00:10 1.0 s",
        "13 of 13 scenarios kept 0 left out",
        "parser `exact` reads flags.env as on",
        "production 1 of 12 right 8 % of what is required",
        "SECRET_NUMBER_0 SECRET_NUMBER_1 SECRET_NUMBER_2",
        "SECRET_NUMBER_10 wrong it looks like a placeholder",
        "Right: SHOPIFY_API_KEY",
        "written Playbook : docs/play.md is there",
        "OCC-INF-221 open overdue by 2 h",
        "ga4 in all: The host never arrived infra, since 2026-10-07, due 2026-11-20T07:00:00Z; 0 attempts, 0 documented",
        "an attempt at #infra-requests: 2 of 2 documented ones are missing",
        "#2 waiver stands ga4 webhooks in staging: The host never arrived ana, 2026-11-20 06:00 UTC 2026-11-27 08:00 UTC",
        "#1 waiver expired at 2026-11-20T08:00:00Z",
        "#3 approval stands flip supabase_idea_pool in staging",
    ] {
        assert!(text.contains(said), "not said: {said}\n{text}");
    }
    assert!(!text.contains("90 min old"), "of two rehearsals the later one is told");
    for said in [
        "- ⛔ `OCC-INF-221` of `ga4`: The host never arrived (infra, **overdue by 2 h**)",
        "- 🔷 waiver of `ga4 webhooks` in staging until 2026-11-27 08:00 UTC by ana: The host never arrived",
        "- `supabase_idea_pool` in staging: **NO-GO** rehearsal, 60 min old; the flag is off again, effective after 13.2 s",
        "- production: **1 of 12** required secrets right",
        "  - ❌ `SECRET_NUMBER_0` wrong: it looks like a placeholder",
        "  - … and 5 more",
    ] {
        assert!(markdown.contains(said), "not said: {said}\n{markdown}");
    }
    assert!(!markdown.contains("expired"), "what is over needs nobody");
}

#[test]
fn what_others_wrote_is_drawn_and_never_obeyed() {
    let hostile = "<script>alert(1)</script> @team #1 \u{202e}";
    let mut records = [flip(hostile, hostile, 60), secrets(hostile, 1)];
    if let Some(Details::Flip(flip)) = &mut records[0].details {
        flip.reason = Some(hostile.to_owned());
        flip.phases[0].told = hostile.to_owned();
        flip.phases[0].seen = vec![hostile.to_owned()];
    }
    if let Some(Details::Secrets(audit)) = &mut records[1].details {
        audit.environments[0].secrets[1].name = hostile.to_owned();
        audit.environments[0].secrets[1].findings[0].text = hostile.to_owned();
        audit.environments[0].categories[0].reason = hostile.to_owned();
    }
    let (page, markdown) = drawn(&records, &declared(2, hostile));
    // A code span shows what stands in it.
    let spans = regex::Regex::new("`+[^`]*`+").expect("a pattern");
    let markdown = spans.replace_all(&markdown, "").into_owned();
    for text in [page, markdown] {
        assert!(!text.contains("<script>alert"), "{text}");
        assert!(!text.contains('\u{202e}'));
    }
}

#[test]
fn they_leave_room_for_thirty_integrations_in_300_kb() {
    let (readiness, mut records) = sample::large(30, 20);
    records.extend((0..30).map(|index| flip(&format!("flag-{index}"), "staging", index)));
    records.extend(["local", "staging", "production"].map(|environment| secrets(environment, 60)));
    let register = declared(300, "the launch of the thirtieth of November");
    let mut dashboard = Dashboard::new(&readiness, &records, sample::TOOL, sample::now());
    dashboard.register = Some(&register);
    let page = html::draw(&dashboard).expect("a page");
    assert!(page.len() < 300_000, "{} bytes", page.len());
    let text = plain(&page);
    for said in ["and 18 more flips in the ledger", "SECRET_NUMBER_59 wrong", "and 292 more: preflight approve --list"]
    {
        assert!(text.contains(said), "what is left out is said: {said}");
    }
}
