//! The events of the vendors, what the workspace and the app's sources say of them.

use std::path::PathBuf;

use graphql_parser::schema::{Definition, Document, EnumType, TypeDefinition, Value, parse_schema};

use crate::adapter::contracts::Contract;
use crate::adapter::sources::walk;
use crate::adapter::workspace::Workspace;
use crate::domain::contract::Place;
use crate::domain::topics::find::Finder;
use crate::domain::topics::{COMPLIANCE, Found, Inventory, Known, Role, Searched, Topic, inventory};
use crate::twin::shopify::topics::slug;
use crate::wire::webhook::payload;
use crate::wire::webhook::scheme::Scheme;

/// The enum of Shopify's schema that has all topics.
const ENUM: &str = "WebhookSubscriptionTopic";

/// What is known of a scheme's events: Shopify's are those of its schema, and those that only a configuration registers.
pub fn known(workspace: &Workspace, scheme: &Scheme) -> Known {
    if scheme.name == "shopify" || scheme.name == "shopify-events" {
        let admin = workspace.contracts.values().find_map(|contract| contract.fixtures.get("admin.graphql"));
        let text = admin.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
        let mut names = of_schema(&text);
        let is_whole = !names.is_empty();
        names.extend(COMPLIANCE.map(|name| Topic { name: name.to_owned(), requires: Vec::new() }));
        return Known { scheme: "shopify".to_owned(), names, is_whole };
    }
    let events = payload::events(scheme);
    let names = events.names.iter().map(|name| Topic { name: (*name).to_owned(), requires: Vec::new() }).collect();
    Known { scheme: scheme.name.to_string(), names, is_whole: events.is_whole }
}

/// The topics of the Admin API's schema, with the scopes that each needs.
fn of_schema(text: &str) -> Vec<Topic> {
    let Ok(document) = parse_schema::<String>(text) else { return Vec::new() };
    let topics = topics_of(&document);
    let values = topics.into_iter().flat_map(|topics| &topics.values);
    values
        .map(|value| {
            let access = value.directives.iter().find(|directive| directive.name == "access");
            let scopes = access.and_then(|access| access.arguments.iter().find(|(name, _)| name == "scopes"));
            let requires = match scopes {
                Some((_, Value::List(scopes))) => scopes.iter().filter_map(text_of).collect(),
                _ => Vec::new(),
            };
            Topic { name: slug(&value.name), requires }
        })
        .collect()
}

fn topics_of<'a, 'd>(document: &'a Document<'d, String>) -> Option<&'a EnumType<'d, String>> {
    document.definitions.iter().find_map(|definition| match definition {
        Definition::TypeDefinition(TypeDefinition::Enum(found)) if found.name == ENUM => Some(found),
        _ => None,
    })
}

fn text_of(value: &Value<'_, String>) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// Holds the events of a scheme against the workspace and these source trees.
///
/// # Errors
/// A tree is not there.
pub fn look(workspace: &Workspace, scheme: &Scheme, trees: &[PathBuf]) -> anyhow::Result<Inventory> {
    let known = known(workspace, scheme);
    let finder = Finder::new(&known)?;
    let mut found: Vec<Found> =
        workspace.contracts.values().flat_map(|contract| of_contract(contract, &known.scheme)).collect();
    let mut searched = Searched { trees: trees.len(), is_whole: true };
    for tree in trees {
        let look = |path: &str, text: Option<&str>| text.map(|text| finder.find(path, text)).unwrap_or_default();
        searched.is_whole &= walk(tree, look, |seen: Vec<Found>| found.extend(seen))?.is_whole();
    }
    found.sort();
    Ok(inventory(&known, &found, searched))
}

/// What a contract's manifest registers, and what its scenarios promise of a receiver.
fn of_contract(contract: &Contract, scheme: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let manifest = format!("fixtures/{}/manifest.yaml", contract.name);
    if contract.manifest.webhook_scheme.as_deref() == Some(scheme) {
        for topic in &contract.manifest.webhook_topics {
            found.push(Found { topic: topic.clone(), role: Role::Registered, place: Place::new(&manifest, 1) });
        }
    }
    let begins = format!("a \"{scheme}\" webhook \"");
    for source in &contract.features {
        for (index, line) in source.text.lines().enumerate() {
            let topic = line.split_once(&begins).and_then(|(_, rest)| rest.split_once('"'));
            // An outline's place is no event.
            if let Some((topic, _)) = topic.filter(|(topic, _)| !topic.contains('<')) {
                let place = Place::new(&source.path, index + 1);
                found.push(Found { topic: topic.to_owned(), role: Role::Promised, place });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::of_schema;

    #[test]
    fn topics_come_from_the_schema_with_their_scopes() {
        let topics = of_schema(
            "enum WebhookSubscriptionTopic {\n  ORDERS_CREATE @access(scopes: [\"read_orders\"])\n  APP_UNINSTALLED\n}\n",
        );
        assert_eq!(topics[0].name, "orders/create");
        assert_eq!(topics[0].requires, ["read_orders"]);
        assert_eq!(topics[1].name, "app/uninstalled");
        assert!(of_schema("type X {").is_empty());
    }
}
