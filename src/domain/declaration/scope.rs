//! What an approval opens, and whether a request is within it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::contract::{ContractHash, Operation};
use crate::domain::integration::Name;

/// Exactly what is opened, and nothing beside it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Requests of one shape. `request` is `METHOD /path/{parameter}`, below the integration's base URL. Without `?` it
    /// opens requests without a query, with `?a=1&b=2` those with exactly that query, with `?*` any.
    Request {
        integration: Name,
        request: String,
        /// The one root field of a GraphQL document (`mutation productUpdate`); without it no GraphQL request is opened.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        graphql: Option<String>,
    },
    /// Whatever the scenarios with a tag send, as long as the contract is the one that was approved.
    Scenarios { integration: Name, tag: String, contract: ContractHash },
    /// A flag may be switched.
    Flip { flag: String },
}

/// A request that may change something.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    pub integration: &'a Name,
    pub method: &'a str,
    /// Below the base URL, without query, percent-encoded as it is sent.
    pub path: &'a str,
    pub query: Option<&'a str>,
    /// It goes to a GraphQL endpoint; the root fields of its document.
    pub graphql: Option<Vec<String>>,
    /// Of the scenario that sends it, without `@`.
    pub tags: &'a [String],
    /// Of the contract that the scenario is part of.
    pub contract: Option<&'a ContractHash>,
}

impl Scope {
    /// Tells whether a request is one of those that are opened.
    pub fn covers(&self, asked: &Asked<'_>) -> bool {
        match self {
            Self::Request { integration, request, graphql } => {
                integration == asked.integration && same_shape(request, asked) && same_fields(graphql.as_deref(), asked)
            }
            Self::Scenarios { integration, tag, contract } => {
                integration == asked.integration
                    && asked.tags.contains(tag)
                    && asked.contract.is_some_and(|current| current == contract)
            }
            Self::Flip { .. } => false,
        }
    }

    /// Tells whether a flag may be switched.
    pub fn covers_flip(&self, flag: &str) -> bool {
        matches!(self, Self::Flip { flag: named } if named == flag)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Request { integration, request, graphql: None } => write!(formatter, "{integration} {request}"),
            Self::Request { integration, request, graphql: Some(field) } => {
                write!(formatter, "{integration} {request} {field}")
            }
            Self::Scenarios { integration, tag, .. } => write!(formatter, "{integration} @{tag}"),
            Self::Flip { flag } => write!(formatter, "flip {flag}"),
        }
    }
}

fn same_shape(request: &str, asked: &Asked<'_>) -> bool {
    let (shape, query) = request.split_once('?').map_or((request, None), |(shape, query)| (shape, Some(query)));
    let operation = Operation { id: String::new(), request: shape.to_owned(), graphql: None };
    !hides_a_slash(asked.path)
        && operation.covers(asked.method, asked.path, || &[])
        && match query {
            Some("*") => true,
            Some(query) => asked.query.is_some_and(|given| parts(given) == parts(query)),
            None => asked.query.is_none_or(str::is_empty),
        }
}

/// An encoded slash, backslash or dot is one segment to us and may be two, or a way upwards, to the server.
fn hides_a_slash(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["%2f", "%5c", "%2e"].iter().any(|hidden| path.contains(hidden)) || path.contains('\\')
}

fn parts(query: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = query.split('&').collect();
    parts.sort_unstable();
    parts
}

fn same_fields(named: Option<&str>, asked: &Asked<'_>) -> bool {
    match (named, &asked.graphql) {
        (None, None) => true,
        (Some(named), Some(fields)) => !fields.is_empty() && fields.iter().all(|field| field == named),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, Scope};
    use crate::domain::contract::ContractHash;
    use crate::domain::integration::Name;

    fn request(text: &str) -> Scope {
        Scope::Request { integration: "shop".parse().unwrap(), request: text.into(), graphql: None }
    }

    fn covers(scope: &Scope, integration: &str, method: &str, target: &str) -> bool {
        let integration: Name = integration.parse().unwrap();
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        scope.covers(&Asked {
            integration: &integration,
            method,
            path,
            query,
            graphql: None,
            tags: &[],
            contract: None,
        })
    }

    #[test]
    fn a_request_opens_its_own_shape_alone() {
        let table = [
            ("POST /items", "shop", "POST", "/items", true),
            ("POST /items", "other", "POST", "/items", false),
            ("POST /items", "shop", "DELETE", "/items", false),
            ("POST /items", "shop", "POST", "/items/1", false),
            ("POST /items", "shop", "POST", "/item", false),
            ("POST /items", "shop", "POST", "/items?_method=DELETE", false),
            ("DELETE /items?id=eq.1", "shop", "DELETE", "/items?id=eq.1", true),
            ("DELETE /items?id=eq.1&a=b", "shop", "DELETE", "/items?a=b&id=eq.1", true),
            ("DELETE /items?id=eq.1", "shop", "DELETE", "/items", false),
            ("DELETE /items?id=eq.1", "shop", "DELETE", "/items?id=eq.2", false),
            ("DELETE /items?id=eq.1", "shop", "DELETE", "/items?id=eq.1&or=x", false),
            ("DELETE /items?*", "shop", "DELETE", "/items?id=eq.2", true),
            ("DELETE /items?*", "shop", "DELETE", "/items", true),
            ("PUT /items/{id}", "shop", "PUT", "/items/7", true),
            ("PUT /items/{id}", "shop", "PUT", "/items/7/price", false),
            ("PUT /items/{id}", "shop", "PUT", "/items/7%2Fprice", false),
            ("PUT /items/{id}", "shop", "PUT", "/items/%2e%2e", false),
            ("PUT /items/{id}", "shop", "PUT", "/items/", false),
        ];
        for (named, integration, method, target, covered) in table {
            assert_eq!(covers(&request(named), integration, method, target), covered, "{named}: {method} {target}");
        }
        assert!(!covers(&Scope::Flip { flag: "x".into() }, "shop", "POST", "/items"));
    }

    #[test]
    fn a_graphql_document_is_opened_by_its_fields() {
        let field = |name: &str| Scope::Request {
            integration: "shop".parse().unwrap(),
            request: "POST /graphql.json".into(),
            graphql: Some(name.into()),
        };
        let shop: Name = "shop".parse().unwrap();
        let asked = |fields: &[&str]| Asked {
            integration: &shop,
            method: "POST",
            path: "/graphql.json",
            query: None,
            graphql: Some(fields.iter().map(|field| (*field).to_owned()).collect()),
            tags: &[],
            contract: None,
        };
        let update = field("mutation productUpdate");
        assert!(update.covers(&asked(&["mutation productUpdate"])));
        assert!(!update.covers(&asked(&["mutation productUpdate", "mutation productDelete"])));
        assert!(!update.covers(&asked(&[])), "a document that cannot be read");
        assert!(!request("POST /graphql.json").covers(&asked(&["mutation productUpdate"])), "no field is named");
        assert!(!update.covers(&Asked { graphql: None, ..asked(&[]) }), "no GraphQL endpoint");
    }

    #[test]
    fn a_tag_opens_its_scenarios_of_the_contract_that_was_approved() {
        let shop = "shop".parse().unwrap();
        let [today, tomorrow] = ["today", "tomorrow"].map(|text| ContractHash(text.into()));
        let scope =
            Scope::Scenarios { integration: "shop".parse().unwrap(), tag: "SHOP-1".into(), contract: today.clone() };
        let tags = ["SHOP-1".to_owned()];
        let asked = |tags, contract| Asked {
            integration: &shop,
            method: "DELETE",
            path: "/x",
            query: None,
            graphql: None,
            tags,
            contract,
        };
        assert!(scope.covers(&asked(&tags, Some(&today))));
        assert!(!scope.covers(&asked(&[], Some(&today))));
        assert!(!scope.covers(&asked(&tags, Some(&tomorrow))));
        assert!(!scope.covers(&asked(&tags, None)));
    }
}
