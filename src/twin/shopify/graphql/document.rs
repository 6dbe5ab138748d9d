//! A GraphQL request as it comes: document, operation and variables.

use std::collections::BTreeMap;

use bytes::Bytes;
use graphql_parser::Pos;
use graphql_parser::query::{
    Definition, Document, FragmentDefinition, OperationDefinition, SelectionSet, TypeCondition, VariableDefinition,
};
use http::Request;
use serde_json::{Map, Value};

use crate::twin::kit::request as read;
use crate::twin::shopify::graphql::error::Error;

/// What was posted.
#[derive(Clone, Debug, Default)]
pub struct Posted {
    pub query: String,
    pub operation_name: Option<String>,
    pub variables: Map<String, Value>,
}

impl Posted {
    /// Reads `application/json` (`query`, `variables`, `operationName`) or `application/graphql` (the document alone).
    /// None when there is no query in it.
    pub fn read(request: &Request<Bytes>) -> Option<Self> {
        if read::header(request, "content-type").is_some_and(|kind| kind.starts_with("application/graphql")) {
            let query = String::from_utf8(request.body().to_vec()).ok().filter(|text| !text.trim().is_empty())?;
            return Some(Self { query, ..Self::default() });
        }
        let body = read::json(request)?;
        let query = body.get("query")?.as_str().filter(|text| !text.trim().is_empty())?.to_owned();
        let operation_name = body.get("operationName").and_then(Value::as_str).map(str::to_owned);
        let variables = body.get("variables").and_then(Value::as_object).cloned().unwrap_or_default();
        Some(Self { query, operation_name, variables })
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OperationKind {
    Query,
    Mutation,
}

impl OperationKind {
    pub fn root(self) -> &'static str {
        match self {
            Self::Query => "QueryRoot",
            Self::Mutation => "Mutation",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
        }
    }
}

/// The operation to run, with the fragments that it may use.
#[derive(Debug)]
pub struct Operation {
    pub kind: OperationKind,
    pub name: Option<String>,
    pub position: Pos,
    pub variables: Vec<VariableDefinition<'static, String>>,
    pub selection: SelectionSet<'static, String>,
    pub fragments: BTreeMap<String, FragmentDefinition<'static, String>>,
}

impl Operation {
    /// Parses a document and picks the operation.
    ///
    /// # Errors
    /// A syntax error, no such operation, or more than one without a name.
    pub fn read(query: &str, name: Option<&str>) -> Result<Self, Error> {
        let document = parse(query)?;
        let mut operations = Vec::new();
        let mut fragments = BTreeMap::new();
        for definition in document.definitions {
            match definition {
                Definition::Operation(operation) => operations.push(of(operation)?),
                Definition::Fragment(fragment) => {
                    fragments.insert(fragment.name.clone(), fragment);
                }
            }
        }
        let chosen = match name {
            Some(name) => operations.into_iter().find(|operation| operation.name.as_deref() == Some(name)),
            None if operations.len() > 1 => return Err(Error::new("An operation name is required", Value::Null)),
            None => operations.into_iter().next(),
        };
        let missing = || match name {
            Some(name) => Error::new(format!("No operation named \"{name}\""), Value::Null),
            None => Error::new("A query attribute must be specified and must be a string.", Value::Null),
        };
        let mut operation = chosen.ok_or_else(missing)?;
        operation.fragments = fragments;
        Ok(operation)
    }

    /// `query SalesPulse`, `mutation`: the first element of a validation error's path.
    pub fn label(&self) -> String {
        match &self.name {
            Some(name) => format!("{} {name}", self.kind.word()),
            None => self.kind.word().to_owned(),
        }
    }
}

/// The type that a fragment applies to.
pub fn condition<'a>(condition: &'a TypeCondition<'static, String>) -> &'a str {
    let TypeCondition::On(name) = condition;
    name
}

fn parse(query: &str) -> Result<Document<'static, String>, Error> {
    match graphql_parser::parse_query::<String>(query) {
        Ok(document) => Ok(document.into_static()),
        Err(cause) => Err(syntax_error(&cause.to_string())),
    }
}

/// Shopify's own parser words what it did not expect otherwise; place and `PARSE_ERROR`-less shape are graphql-ruby's (remembered).
fn syntax_error(cause: &str) -> Error {
    let lines: Vec<_> = cause.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let unexpected = lines.iter().find(|line| line.starts_with("Unexpected")).copied().unwrap_or("invalid document");
    let place = cause.split("Parse error at ").nth(1).and_then(|rest| rest.lines().next()).and_then(|place| {
        let (line, column) = place.trim().split_once(':')?;
        Some(Pos { line: line.parse().ok()?, column: column.parse().ok()? })
    });
    let at = place.map(|pos| format!(" at [{}, {}]", pos.line, pos.column)).unwrap_or_default();
    let mut error = Error::new(format!("syntax error, {}{at}", lower_first(unexpected)), Value::Null);
    error.locations.extend(place);
    error
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn of(definition: OperationDefinition<'static, String>) -> Result<Operation, Error> {
    let fragments = BTreeMap::new();
    Ok(match definition {
        OperationDefinition::SelectionSet(selection) => Operation {
            kind: OperationKind::Query,
            name: None,
            position: selection.span.0,
            variables: Vec::new(),
            selection,
            fragments,
        },
        OperationDefinition::Query(query) => Operation {
            kind: OperationKind::Query,
            name: query.name,
            position: query.position,
            variables: query.variable_definitions,
            selection: query.selection_set,
            fragments,
        },
        OperationDefinition::Mutation(mutation) => Operation {
            kind: OperationKind::Mutation,
            name: mutation.name,
            position: mutation.position,
            variables: mutation.variable_definitions,
            selection: mutation.selection_set,
            fragments,
        },
        OperationDefinition::Subscription(subscription) => {
            let mut error = Error::new("Schema is not configured for subscriptions", Value::Null);
            error.locations.push(subscription.position);
            return Err(error);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{Operation, OperationKind};

    #[test]
    fn an_operation_is_picked_by_its_name() {
        let two = "query A { shop { id } } mutation B { x } fragment F on Shop { id }";
        let picked = Operation::read(two, Some("B")).unwrap();
        assert_eq!((picked.kind, picked.label().as_str()), (OperationKind::Mutation, "mutation B"));
        assert!(picked.fragments.contains_key("F"));
        assert_eq!(Operation::read(two, None).unwrap_err().message, "An operation name is required");
        assert_eq!(Operation::read(two, Some("C")).unwrap_err().message, "No operation named \"C\"");
        assert_eq!(Operation::read("{ shop { id } }", None).unwrap().label(), "query");
    }

    #[test]
    fn a_document_that_cannot_be_read_says_where() {
        let error = Operation::read("{ shop { name }", None).unwrap_err();
        assert!(error.message.starts_with("syntax error"), "{}", error.message);
        assert_eq!(error.locations.len(), 1, "{}", error.message);
        assert!(Operation::read("fragment F on Shop { id }", None).is_err());
        assert!(Operation::read("subscription { x }", None).is_err());
    }
}
