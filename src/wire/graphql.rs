//! GraphQL requests as they travel over HTTP: `{"query", "variables", "operationName"}`.

use graphql_parser::query::{Definition, Document, OperationDefinition, Selection, SelectionSet, parse_query};
use serde_json::Value;

use crate::domain::json;

/// Tells whether a body is a GraphQL request all of whose operations are queries. What does not parse is none.
pub fn only_reads(body: &[u8]) -> bool {
    let Some(text) = query_text(body) else { return false };
    let Ok(document) = parse_query::<String>(&text) else { return false };
    let mut operations = operations(&document);
    let reads = |operation: &OperationDefinition<String>| {
        matches!(operation, OperationDefinition::Query(_) | OperationDefinition::SelectionSet(_))
    };
    operations.next().is_some_and(reads) && operations.all(reads)
}

/// The root fields that a body asks for, each with its kind: `query shop`, `mutation productUpdate`.
pub fn root_fields(body: &[u8]) -> Vec<String> {
    let Some(text) = query_text(body) else { return Vec::new() };
    let Ok(document) = parse_query::<String>(&text) else { return Vec::new() };
    operations(&document)
        .flat_map(|operation| {
            let (kind, selections) = parts(operation);
            selections.items.iter().filter_map(move |selection| match selection {
                Selection::Field(field) => Some(format!("{kind} {}", field.name)),
                Selection::FragmentSpread(_) | Selection::InlineFragment(_) => None,
            })
        })
        .collect()
}

/// The root fields of a body, where all of them can be told: a document that hides some in a fragment, a body of more than
/// one request, and a member that stands twice have none that could be named.
pub fn every_root_field(body: &[u8]) -> Option<Vec<String>> {
    let envelope = json::parse(body).ok()?;
    let document = parse_query::<String>(envelope.get("query")?.as_str()?).ok()?;
    let mut fields = Vec::new();
    for (kind, selections) in operations(&document).map(parts) {
        for selection in &selections.items {
            let Selection::Field(field) = selection else { return None };
            fields.push(format!("{kind} {}", field.name));
        }
    }
    (!fields.is_empty()).then_some(fields)
}

fn query_text(body: &[u8]) -> Option<String> {
    let envelope: Value = serde_json::from_slice(body).ok()?;
    envelope.get("query")?.as_str().map(str::to_owned)
}

fn operations<'a>(document: &'a Document<'a, String>) -> impl Iterator<Item = &'a OperationDefinition<'a, String>> {
    document.definitions.iter().filter_map(|definition| match definition {
        Definition::Operation(operation) => Some(operation),
        Definition::Fragment(_) => None,
    })
}

fn parts<'a>(operation: &'a OperationDefinition<'a, String>) -> (&'static str, &'a SelectionSet<'a, String>) {
    match operation {
        OperationDefinition::SelectionSet(selections) => ("query", selections),
        OperationDefinition::Query(query) => ("query", &query.selection_set),
        OperationDefinition::Mutation(mutation) => ("mutation", &mutation.selection_set),
        OperationDefinition::Subscription(subscription) => ("subscription", &subscription.selection_set),
    }
}

#[cfg(test)]
mod tests {
    use super::{every_root_field, only_reads, root_fields};

    #[test]
    fn only_a_document_of_queries_reads() {
        let table = [
            (r#"{"query":"{ shop { name } }"}"#, true),
            (r#"{"query":"query A { shop { name } } query B { shop { id } }"}"#, true),
            (r#"{"query":"query A { shop { name } } mutation B { x }"}"#, false),
            (r#"{"query":"mutation { x }"}"#, false),
            (r#"{"query":"subscription { x }"}"#, false),
            (r#"{"query":"fragment F on X { y }"}"#, false),
            (r#"{"query":"nonsense ("}"#, false),
            (r#"{"content":"hi"}"#, false),
            ("", false),
        ];
        for (body, safe) in table {
            assert_eq!(only_reads(body.as_bytes()), safe, "{body}");
        }
    }

    #[test]
    fn root_fields_are_named_with_their_kind() {
        assert_eq!(
            root_fields(br#"{"query":"query { shop { name } s: orders(first: 1) { nodes { id } } }"}"#),
            ["query shop", "query orders"]
        );
        assert_eq!(
            root_fields(br#"{"query":"mutation { productUpdate(input: {}) { userErrors { message } } }"}"#),
            ["mutation productUpdate"]
        );
        assert!(root_fields(b"{}").is_empty());
    }

    #[test]
    fn what_hides_a_root_field_has_none() {
        let told = |body: &str| every_root_field(body.as_bytes());
        let update = Some(vec!["mutation productUpdate".to_owned()]);
        assert_eq!(told(r#"{"query":"mutation { productUpdate { id } }"}"#), update);
        for body in [
            r#"{"query":"mutation { productUpdate { id } ...F } fragment F on Mutation { productDelete { id } }"}"#,
            r#"{"query":"mutation { productUpdate { id } ... on Mutation { productDelete { id } } }"}"#,
            r#"[{"query":"mutation { productUpdate { id } }"}]"#,
            r#"{"query":"mutation { productDelete { id } }","query":"mutation { productUpdate { id } }"}"#,
            r#"{"query":"nonsense ("}"#,
            "",
        ] {
            assert_eq!(told(body), None, "{body}");
        }
    }
}
