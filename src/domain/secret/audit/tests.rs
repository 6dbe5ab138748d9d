//! The audit as tables: what was seen, and what may be said of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use regex::Regex;
use serde_json::{Value, json};

use super::{Code, Grounds, SecretAudit, SecretsAudit, SourcesRead, State, Stranger, audit};
use crate::domain::inventory::Inventory;
use crate::domain::record::Outcome;
use crate::domain::secret::category::Standing;
use crate::domain::secret::sighting::{Key, Presence, Sighting, look};

const VALUE: &str = "Qm9vWkLp3RtYh7NcXv2B5jGd";

fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn key() -> Key {
    Key::new([7; 32])
}

#[expect(clippy::needless_pass_by_value, reason = "each call makes its value")]
fn inventory(secrets: Value, categories: Value) -> Inventory {
    serde_json::from_value(json!({
        "version": 1, "name": "test",
        "environments": {"staging": {}, "production": {"production": true}},
        "integrations": {"shop": {}, "chat": {}},
        "secrets": secrets, "secret_categories": categories,
    }))
    .unwrap()
}

/// One secret of `shop`, with what is merged over its declaration.
fn one(changes: Value) -> Inventory {
    let mut declared = json!({"service": "shop"});
    if let (Some(declared), Value::Object(changes)) = (declared.as_object_mut(), changes) {
        declared.extend(changes);
    }
    inventory(json!({"TOKEN": declared}), json!({}))
}

fn seen(environment: &str, place: &str, value: Option<&str>) -> Sighting {
    Sighting {
        secret: "TOKEN".to_owned(),
        environment: environment.to_owned(),
        place: place.to_owned(),
        ambient: false,
        presence: Presence::Present,
        found_as: None,
        look: value.map(|value| look(value, Some(&Regex::new("^[A-Za-z0-9]{20,}$").unwrap()), &key())),
        renewed: None,
        permissions: None,
    }
}

fn absent(environment: &str, place: &str) -> Sighting {
    Sighting { presence: Presence::Absent, ..seen(environment, place, None) }
}

fn unknown(environment: &str, place: &str) -> Sighting {
    Sighting { presence: Presence::Unknown("no token".to_owned()), ..seen(environment, place, None) }
}

fn audited(inventory: &Inventory, environment: &str, sightings: Vec<Sighting>) -> SecretsAudit {
    audit(inventory, &[environment.to_owned()], &[], &Grounds { sightings, ..Grounds::default() }, now())
}

fn token(inventory: &Inventory, environment: &str, sightings: Vec<Sighting>) -> SecretAudit {
    audited(inventory, environment, sightings).environments.remove(0).secrets.remove(0)
}

fn codes(secret: &SecretAudit) -> (State, Vec<Code>) {
    (secret.state, secret.findings.iter().map(|finding| finding.code).collect())
}

#[test]
fn what_was_seen_decides_the_state() {
    let file = |value| seen("production", "file:p", value);
    let plain = json!({});
    let shape = json!({"shape": "^[A-Za-z0-9]{20,}$"});
    let rotated = json!({"rotation_days": 90});
    let old = |days: i64| Sighting {
        renewed: Some(now() - jiff::SignedDuration::from_hours(24 * days)),
        ..file(Some(VALUE))
    };
    let open = Sighting { permissions: Some("others may read it".to_owned()), ..file(Some(VALUE)) };
    let table: Vec<(&Value, Vec<Sighting>, State, Vec<Code>)> = vec![
        (&plain, vec![file(Some(VALUE))], State::Right, vec![]),
        (&plain, vec![file(None)], State::Right, vec![]),
        (&plain, vec![], State::Unknown, vec![Code::NoPlace]),
        (&plain, vec![absent("production", "file:p")], State::Absent, vec![Code::Absent]),
        (&plain, vec![unknown("production", "fly:a")], State::Unknown, vec![Code::Unreachable]),
        // It must be in each of its places, and what is absent weighs more than what is unknown.
        (&plain, vec![file(Some(VALUE)), absent("production", "fly:a")], State::Absent, vec![Code::Absent]),
        (&plain, vec![file(Some(VALUE)), unknown("production", "fly:a")], State::Unknown, vec![Code::Unreachable]),
        (
            &plain,
            vec![absent("production", "file:p"), unknown("production", "fly:a")],
            State::Absent,
            vec![Code::Absent, Code::Unreachable],
        ),
        (&plain, vec![file(Some("changeme"))], State::Wrong, vec![Code::Placeholder]),
        (&shape, vec![file(Some("short"))], State::Wrong, vec![Code::Shape]),
        (&shape, vec![file(None)], State::Unknown, vec![Code::ShapeUnseen]),
        (&shape, vec![file(None), seen("production", "file:q", Some(VALUE))], State::Right, vec![]),
        (&plain, vec![open], State::Wrong, vec![Code::Permissions]),
        (
            &plain,
            vec![file(Some(VALUE)), seen("production", "file:q", Some("Zm9vWkLp3RtYh7NcXv2B5jGd"))],
            State::Wrong,
            vec![Code::Differs],
        ),
        (&rotated, vec![old(89)], State::Right, vec![]),
        (&rotated, vec![old(92)], State::Wrong, vec![Code::Overdue]),
        // The place that was forgotten is the one that tells.
        (&rotated, vec![old(2), Sighting { place: "fly:a".to_owned(), ..old(200) }], State::Wrong, vec![Code::Overdue]),
        (&rotated, vec![file(Some(VALUE))], State::Unknown, vec![Code::AgeUnknown]),
        (&rotated, vec![old(-3)], State::Unknown, vec![Code::AgeUnknown]),
        (&rotated, vec![absent("production", "file:p")], State::Absent, vec![Code::Absent]),
    ];
    for (declared, sightings, state, expected) in table {
        let secret = token(&one(declared.clone()), "production", sightings.clone());
        assert_eq!(codes(&secret), (state, expected), "{declared} {sightings:?}");
    }
    let declared = one(json!({"rotation_days": 90, "rotated": {"production": "2026-08-01"}}));
    let secret = token(&declared, "production", vec![file(Some(VALUE))]);
    assert_eq!((codes(&secret), secret.age_days), ((State::Wrong, vec![Code::Overdue]), Some(111)));
}

#[test]
fn production_has_values_of_its_own() {
    let staging = || seen("staging", "file:s", Some(VALUE));
    let own = |place: &str, value| seen("production", place, Some(value));
    let shared = |sightings| codes(&token(&one(json!({})), "production", sightings)).1;
    assert_eq!(shared(vec![staging(), own("file:p", VALUE)]), [Code::Shared]);
    assert_eq!(shared(vec![staging(), own("file:p", "Zm9vWkLp3RtYh7NcXv2B5jGd")]), []);
    // One and the same place is one and the same value, whether it was seen or not.
    let same = [seen("staging", "fly:app", None), seen("production", "fly:app", None)];
    assert_eq!(shared(same.to_vec()), [Code::Shared]);
    // The process has one environment, whatever it is called.
    let process = same.map(|sighting| Sighting { ambient: true, ..sighting });
    assert_eq!(shared(process.to_vec()), []);
    let declared = one(json!({"shared": "one account for all"}));
    assert_eq!(codes(&token(&declared, "production", vec![staging(), own("file:p", VALUE)])).1, []);
    // Staging may have what production has: it is production that must not.
    assert_eq!(codes(&token(&one(json!({})), "staging", vec![staging(), own("file:p", VALUE)])).1, []);
}

#[test]
fn two_secrets_with_one_value_are_wrong() {
    let inventory =
        inventory(json!({"TOKEN": {"service": "shop"}, "OTHER": {"service": "chat", "required": false}}), json!({}));
    let other = Sighting { secret: "OTHER".to_owned(), ..seen("production", "file:o", Some(VALUE)) };
    let audit = audited(&inventory, "production", vec![seen("production", "file:p", Some(VALUE)), other]);
    let [other, token] = audit.environments[0].secrets.as_slice() else { panic!("two") };
    assert_eq!((codes(token).1, codes(other).1), (vec![Code::Duplicate], vec![Code::Duplicate]));
    assert_eq!(token.findings[0].text, "the same value as OTHER");
}

#[test]
fn the_name_that_the_app_reads_is_the_one_that_counts() {
    let inventory = one(json!({"aliases": ["API_TOKEN", "ACCESS_TOKEN"]}));
    let kept_as = |name: &str| Sighting { found_as: Some(name.to_owned()), ..seen("production", "fly:app", None) };
    let reads = |names: &[&str], whole: bool, kept: &str| {
        let readers = names.iter().map(|name| ((*name).to_owned(), vec![format!("app/{name}.ts:1")])).collect();
        let sources = SourcesRead { files: 1, whole, reason: String::new() };
        let grounds = Grounds { sightings: vec![kept_as(kept)], readers, sources, ..Grounds::default() };
        codes(&audit(&inventory, &["production".to_owned()], &[], &grounds, now()).environments[0].secrets[0])
    };
    assert_eq!(reads(&["TOKEN"], true, "TOKEN"), (State::Right, vec![]));
    assert_eq!(reads(&["ACCESS_TOKEN"], true, "API_TOKEN"), (State::Wrong, vec![Code::AliasDrift]));
    assert_eq!(reads(&["TOKEN", "ACCESS_TOKEN"], true, "TOKEN"), (State::Right, vec![Code::SeveralNames]));
    assert_eq!(reads(&[], true, "TOKEN"), (State::Right, vec![Code::Unused]));
    assert_eq!(reads(&[], false, "TOKEN"), (State::Right, vec![]), "what was not read may use it");
}

#[test]
fn a_value_that_people_share_is_leaked() {
    let leaks = BTreeMap::from([(key().fingerprint(VALUE.as_bytes()), vec!["docs/INC-1.md:7".to_owned()])]);
    let sightings = vec![seen("production", "file:p", Some(VALUE))];
    let grounds = Grounds { sightings, leaks, ..Grounds::default() };
    let audit = audit(&one(json!({})), &["production".to_owned()], &[], &grounds, now());
    let secret = &audit.environments[0].secrets[0];
    assert_eq!(codes(secret), (State::Wrong, vec![Code::Leaked]));
    assert_eq!(secret.findings[0].text, "its value stands in docs/INC-1.md:7");
    let json = serde_json::to_string(&audit).unwrap();
    assert!(!json.contains(&VALUE[..6]) && !json.contains(&key().fingerprint(VALUE.as_bytes()).short()), "{json}");
}

#[test]
fn required_ones_decide_and_paper_counts_for_nothing() {
    let secrets = json!({
        "TOKEN": {"service": "shop"},
        "B": {"service": "shop"},
        "C": {"service": "chat", "required": false},
    });
    let categories = json!({
        "inventoried": {"proof": "inventory"},
        "playbook": {"proof": "document", "document": "docs/playbook.md"},
        "lost paper": {"proof": "document", "document": "docs/gone.md"},
        "trained": {"proof": "statement", "said_by": "ops", "said_at": "2026-01-01"},
        "rotation": {"proof": "rotation"},
        "generated": {"proof": "generated"},
        "deployed": {"proof": "deployed", "environments": ["production"]},
    });
    let inventory = inventory(secrets, categories);
    let of = |name: &str, sighting: Sighting| Sighting { secret: name.to_owned(), ..sighting };
    let sightings = vec![
        seen("production", "file:p", Some(VALUE)),
        of("B", absent("production", "file:b")),
        of("C", absent("production", "file:c")),
    ];
    let grounds = Grounds {
        sightings,
        documents: BTreeMap::from([("docs/playbook.md".to_owned(), true)]),
        strangers: vec![Stranger { name: "STRIPE_KEY".to_owned(), seen_in: vec!["app/x.ts:1".to_owned()] }],
        ..Grounds::default()
    };
    let audit = audit(&inventory, &["production".to_owned()], &[], &grounds, now());
    let environment = &audit.environments[0];
    assert_eq!((environment.score.right, environment.score.required, environment.score.percent), (1, 2, Some(50)));
    assert_eq!(environment.outcome(), Outcome::Broken);
    assert!(!environment.integrations().contains_key("chat"), "an optional secret proves nothing");
    let standing: BTreeMap<_, _> = environment.categories.iter().map(|c| (c.title.as_str(), c.state)).collect();
    let expected = [
        ("deployed", Standing::Missing),
        ("generated", Standing::Missing),
        ("inventoried", Standing::Missing),
        ("lost paper", Standing::Missing),
        ("playbook", Standing::Written),
        ("rotation", Standing::Missing),
        ("trained", Standing::Written),
    ];
    assert_eq!(standing, BTreeMap::from(expected));
    // Every paper in the world does not make it more.
    let bare = super::audit(&one(json!({})), &["staging".to_owned()], &[], &Grounds::default(), now());
    assert_eq!((bare.environments[0].score.percent, bare.environments[0].outcome()), (Some(0), Outcome::Unasked));
}

#[test]
fn what_was_not_asked_for_is_left_out() {
    let inventory = inventory(
        json!({"TOKEN": {"service": "shop", "aliases": ["T"]}, "B": {"service": "chat", "environments": ["staging"]}}),
        json!({}),
    );
    let names = |environment: &str, only: &[&str]| {
        let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
        let audit = audit(&inventory, &[environment.to_owned()], &only, &Grounds::default(), now());
        audit.environments[0].secrets.iter().map(|secret| secret.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names("staging", &[]), ["B", "TOKEN"]);
    assert_eq!(names("production", &[]), ["TOKEN"]);
    assert_eq!(names("staging", &["T"]), ["TOKEN"]);
    let nothing = audit(&inventory, &["production".to_owned()], &["B".to_owned()], &Grounds::default(), now());
    assert_eq!(nothing.environments[0].outcome(), Outcome::Untested);
}
