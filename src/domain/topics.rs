//! The events of a vendor, held against what the app registers and what it handles.

pub mod find;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::contract::Place;
use crate::domain::nearest::nearest;

/// An event that a vendor has.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Topic {
    pub name: String,
    /// The access scopes that it needs; empty where none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
}

/// What is known of a vendor's events.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Known {
    pub scheme: String,
    pub names: Vec<Topic>,
    /// Whether the vendor has no others.
    pub is_whole: bool,
}

/// What a place does with an event.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The vendor is asked for it.
    Registered,
    /// The program does something when it comes.
    Handled,
    /// A contract says what a receiver does with it.
    Promised,
}

/// An event at a place.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Found {
    pub topic: String,
    pub role: Role,
    pub place: Place,
}

/// One event with all its places.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub topic: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    pub registered: Vec<Place>,
    pub handled: Vec<Place>,
    pub promised: Vec<Place>,
}

/// What is wrong, or not known.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Finding {
    pub code: Code,
    pub topic: String,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The vendor has no such event.
    UnknownTopic,
    /// The vendor sends it and nobody does anything with it.
    RegisteredUnhandled,
    /// Without it the vendor's review fails.
    MissingCompliance,
    /// Nothing that was read asks the vendor for it.
    HandledUnregistered,
    /// Neither a registration nor a handler was found.
    NothingFound,
    /// Not everything could be read.
    PartlyRead,
}

impl Code {
    /// Whether it breaks something; else something is not known.
    pub fn is_broken(self) -> bool {
        matches!(self, Self::UnknownTopic | Self::RegisteredUnhandled | Self::MissingCompliance)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownTopic => "unknown-topic",
            Self::RegisteredUnhandled => "registered-unhandled",
            Self::MissingCompliance => "missing-compliance",
            Self::HandledUnregistered => "handled-unregistered",
            Self::NothingFound => "nothing-found",
            Self::PartlyRead => "partly-read",
        }
    }
}

/// A vendor's events and the app's.
#[derive(Clone, Debug, Serialize)]
pub struct Inventory {
    pub scheme: String,
    /// Whether the vendor has no other events.
    pub is_whole: bool,
    /// How many events of the vendor are known.
    pub known: usize,
    pub rows: Vec<Row>,
    pub findings: Vec<Finding>,
}

/// Topics of Shopify that an app must register when it registers by its configuration.
pub const COMPLIANCE: [&str; 3] = ["customers/data_request", "customers/redact", "shop/redact"];

/// Whether anything was looked at, and all of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Searched {
    /// Source trees.
    pub trees: usize,
    /// Whether every file of them was read.
    pub is_whole: bool,
}

/// Puts what was found beside what the vendor has.
pub fn inventory(known: &Known, found: &[Found], searched: Searched) -> Inventory {
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    let row = |name: &str, requires: &[String]| Row {
        topic: name.to_owned(),
        requires: requires.to_vec(),
        registered: Vec::new(),
        handled: Vec::new(),
        promised: Vec::new(),
    };
    for topic in &known.names {
        rows.insert(&topic.name, row(&topic.name, &topic.requires));
    }
    for one in found {
        let row = rows.entry(&one.topic).or_insert_with(|| row(&one.topic, &[]));
        match one.role {
            Role::Registered => row.registered.push(one.place.clone()),
            Role::Handled => row.handled.push(one.place.clone()),
            Role::Promised => row.promised.push(one.place.clone()),
        }
    }
    let mut findings = Vec::new();
    for row in rows.values() {
        findings.extend(judge(known, row, searched));
    }
    findings.extend(compliance(known, &rows));
    if searched.trees > 0 && !searched.is_whole {
        let message = "not every file was read, so what was not found may still be there".to_owned();
        findings.push(Finding { code: Code::PartlyRead, topic: String::new(), message, place: None });
    }
    if !found.iter().any(|one| one.role != Role::Promised) {
        let message = "neither a registration nor a handler was found".to_owned();
        findings.push(Finding { code: Code::NothingFound, topic: String::new(), message, place: None });
    }
    findings.sort_by_key(|finding| (!finding.code.is_broken(), finding.topic.clone()));
    let rows = rows.into_values().collect();
    Inventory { scheme: known.scheme.clone(), is_whole: known.is_whole, known: known.names.len(), rows, findings }
}

fn judge(known: &Known, row: &Row, searched: Searched) -> Option<Finding> {
    let finding = |code, message: String, place: Option<&Place>| {
        Some(Finding { code, topic: row.topic.clone(), message, place: place.cloned() })
    };
    // A scenario may well send what the vendor never would.
    let first = row.registered.first().or(row.handled.first());
    if known.is_whole && first.is_some() && !known.names.iter().any(|topic| topic.name == row.topic) {
        let near = nearest(&row.topic, known.names.iter().map(|topic| topic.name.as_str()));
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return finding(Code::UnknownTopic, format!("{} has no event `{}`{near}", known.scheme, row.topic), first);
    }
    match (row.registered.first(), row.handled.first()) {
        // Without a source tree nobody looked for handlers.
        (Some(place), None) if searched.trees > 0 => {
            let message = format!("`{}` is registered, and nothing handles it", row.topic);
            finding(Code::RegisteredUnhandled, message, Some(place))
        }
        (None, Some(place)) => {
            let message = format!("`{}` is handled, and nothing that was read registers it", row.topic);
            finding(Code::HandledUnregistered, message, Some(place))
        }
        _ => None,
    }
}

/// An app that registers by `shopify.app.toml` must register these there too.
fn compliance(known: &Known, rows: &BTreeMap<&str, Row>) -> Vec<Finding> {
    let by_configuration = |place: &&Place| find::is_app_configuration(&place.file);
    let Some(place) = rows.values().flat_map(|row| &row.registered).find(by_configuration) else { return Vec::new() };
    if known.scheme != "shopify" {
        return Vec::new();
    }
    let missing = COMPLIANCE.iter().filter(|name| rows.get(**name).is_none_or(|row| row.registered.is_empty()));
    let finding = |name: &&str| Finding {
        code: Code::MissingCompliance,
        topic: (*name).to_owned(),
        message: format!("`{name}` is not among compliance_topics; Shopify's review asks for it"),
        place: Some(place.clone()),
    };
    missing.map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::{Code, Found, Known, Role, Searched, Topic, inventory};
    use crate::domain::contract::Place;

    fn known() -> Known {
        let names = ["message_created", "conversation_updated", "contact_created"];
        let names = names.map(|name| Topic { name: name.to_owned(), requires: Vec::new() }).into();
        Known { scheme: "chatwoot".to_owned(), names, is_whole: true }
    }

    fn found(topic: &str, role: Role) -> Found {
        Found { topic: topic.to_owned(), role, place: Place::new("app/a.ts", 3) }
    }

    fn codes(found: &[Found], trees: usize) -> Vec<(Code, String)> {
        let searched = Searched { trees, is_whole: true };
        inventory(&known(), found, searched).findings.into_iter().map(|f| (f.code, f.topic)).collect()
    }

    #[test]
    fn what_is_registered_and_handled_is_in_order() {
        let both = [found("message_created", Role::Registered), found("message_created", Role::Handled)];
        assert_eq!(codes(&both, 1), []);
    }

    #[test]
    fn each_gap_is_found() {
        let half = |role| [found("message_created", role)];
        let named = |code| vec![(code, "message_created".to_owned())];
        assert_eq!(codes(&half(Role::Registered), 1), named(Code::RegisteredUnhandled));
        assert_eq!(codes(&half(Role::Registered), 0), [], "nobody looked for handlers");
        assert_eq!(codes(&half(Role::Handled), 1), named(Code::HandledUnregistered));
        assert_eq!(codes(&half(Role::Promised), 1), [(Code::NothingFound, String::new())]);
        let unknown = [found("conversation_resolved", Role::Handled)];
        assert_eq!(codes(&unknown, 1), [(Code::UnknownTopic, "conversation_resolved".to_owned())]);
        let promised = [found("conversation_resolved", Role::Promised)];
        assert_eq!(codes(&promised, 1), [(Code::NothingFound, String::new())]);
    }

    #[test]
    fn an_app_that_is_configured_lacks_its_compliance_topics() {
        let topic = |name: &str| Topic { name: name.to_owned(), requires: Vec::new() };
        let known = Known {
            scheme: "shopify".to_owned(),
            names: vec![topic("orders/create"), topic("shop/redact")],
            is_whole: false,
        };
        let place = |line| Place::new("shopify.app.toml", line);
        let one = |topic: &str, role, line| Found { topic: topic.to_owned(), role, place: place(line) };
        let all = [
            one("orders/create", Role::Registered, 2),
            one("orders/create", Role::Handled, 2),
            one("shop/redact", Role::Registered, 3),
            one("shop/redact", Role::Handled, 3),
        ];
        let found = inventory(&known, &all, Searched { trees: 1, is_whole: true }).findings;
        let topics: Vec<_> = found.iter().map(|finding| (finding.code, finding.topic.as_str())).collect();
        assert_eq!(
            topics,
            [(Code::MissingCompliance, "customers/data_request"), (Code::MissingCompliance, "customers/redact")]
        );
    }
}
