//! A contract's parts: operations, promise ids, where a scenario stands, and the hash of it all.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One request shape that the app uses, the unit of contract coverage.
///
/// `request` is `METHOD /path/{parameter}`; `graphql` narrows a GraphQL endpoint to one root field
/// (`query shop`, `mutation productUpdate`).
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    pub id: String,
    pub request: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graphql: Option<String>,
}

impl Operation {
    /// Tells whether a request is one of this operation. `path` comes without query; the root fields of a GraphQL
    /// request (`query shop`) are asked for only where they decide.
    pub fn covers<'f>(&self, method: &str, path: &str, graphql_fields: impl FnOnce() -> &'f [String]) -> bool {
        let Some((own_method, template)) = self.request.split_once(' ') else {
            return false;
        };
        own_method == method
            && matches_template(template, path)
            && self.graphql.as_ref().is_none_or(|field| graphql_fields().contains(field))
    }
}

fn matches_template(template: &str, path: &str) -> bool {
    let mut wanted = template.trim_end_matches('/').split('/');
    let mut given = path.trim_end_matches('/').split('/');
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(want), Some(have)) if segment_matches(want, have) => {}
            _ => return false,
        }
    }
}

/// A segment may hold one `{parameter}` with text around it (`{resource}.json`).
fn segment_matches(want: &str, have: &str) -> bool {
    match (want.find('{'), want.rfind('}')) {
        (Some(open), Some(close)) if open < close => {
            let (before, after) = (&want[..open], &want[close + 1..]);
            have.len() > before.len() + after.len() && have.starts_with(before) && have.ends_with(after)
        }
        _ => want == have,
    }
}

/// The hash of everything a contract promises: its features, schemas and manifest (SHA-256, hex).
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContractHash(pub String);

impl fmt::Display for ContractHash {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A line of a file, as an editor opens it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Place {
    /// Relative to the workspace, with `/`.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
}

impl Place {
    pub fn new(file: &str, line: usize) -> Self {
        Self { file: file.to_owned(), line }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "{}:{}", self.file, self.line)
    }
}

/// Tells whether a tag names a promise (`@IDP4-1`): capitals and digits, a dash, digits.
pub fn is_promise_id(tag: &str) -> bool {
    tag.rsplit_once('-').is_some_and(|(family, number)| {
        !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
            && family.starts_with(|c: char| c.is_ascii_uppercase())
            && family.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-')
    })
}

#[cfg(test)]
mod tests {
    use super::{Operation, is_promise_id};

    fn operation(request: &str) -> Operation {
        Operation { id: "x".into(), request: request.into(), graphql: None }
    }

    #[test]
    fn a_template_covers_its_paths_only() {
        let list = operation("GET /api/v1/accounts/{id}/conversations");
        assert!(list.covers("GET", "/api/v1/accounts/1/conversations", || &[]));
        assert!(!list.covers("POST", "/api/v1/accounts/1/conversations", || &[]));
        assert!(!list.covers("GET", "/api/v1/accounts/1/conversations/2", || &[]));
        assert!(!list.covers("GET", "/api/v1/accounts//conversations", || &[]));
        let rest = operation("GET /admin/api/{version}/{resource}.json");
        assert!(rest.covers("GET", "/admin/api/2026-10/products.json", || &[]));
        assert!(!rest.covers("GET", "/admin/api/2026-10/products", || &[]));
    }

    #[test]
    fn a_graphql_operation_needs_its_field() {
        let shop = Operation { graphql: Some("query shop".into()), ..operation("POST /graphql.json") };
        let (shop_field, orders_field) = (["query shop".to_owned()], ["query orders".to_owned()]);
        assert!(shop.covers("POST", "/graphql.json", || &shop_field));
        assert!(!shop.covers("POST", "/graphql.json", || &orders_field));
    }

    #[test]
    fn promise_ids_are_told_from_other_tags() {
        for id in ["IDP4-1", "CW-12"] {
            assert!(is_promise_id(id), "{id}");
        }
        for tag in ["slow", "twin-only", "requires:wire", "IDP4-", "-3"] {
            assert!(!is_promise_id(tag), "{tag}");
        }
    }
}
