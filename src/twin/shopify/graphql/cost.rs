//! The cost of a query before it runs: scalars 0, objects 1, connections by their size, mutations 10.
//!
//! The weights are documented (shopify.dev, rate limits of the GraphQL Admin API); that a connection costs two points more
//! than what its `first` or `last` nodes cost is read off a capture (Shopify/shopify-api-js#602: ten customers, 12 points).
//! Shopify has changed the sizing since without publishing it, so a contract should compare costs rather than fix them.

use graphql_parser::query::{Field as Asked, Selection, SelectionSet};
use serde_json::{Map, Value};

use crate::twin::shopify::graphql::arguments::value_of;
use crate::twin::shopify::graphql::document::{Operation, OperationKind, condition};
use crate::twin::shopify::graphql::execute::is_included;
use crate::twin::shopify::graphql::schema::{Field, Kind, Schema};

/// What a mutation costs, its payload included.
pub const MUTATION: f64 = 10.0;

/// What a connection costs besides its nodes.
pub const CONNECTION: f64 = 2.0;

/// The points that an operation may cost at most.
pub fn requested(schema: &Schema, version: &str, operation: &Operation, variables: &Map<String, Value>) -> f64 {
    let counter = Counter { schema, version, operation, variables };
    counter.selection(&operation.selection, operation.kind.root())
}

/// What an object of this type costs in a query: edges and page information are part of their connection.
pub fn object(kind: OperationKind, ty: &str) -> f64 {
    let free =
        kind == OperationKind::Mutation || ty == "PageInfo" || ty.ends_with("Edge") || ty.ends_with("Connection");
    if free { 0.0 } else { 1.0 }
}

struct Counter<'a> {
    schema: &'a Schema,
    version: &'a str,
    operation: &'a Operation,
    variables: &'a Map<String, Value>,
}

impl Counter<'_> {
    fn selection(&self, set: &SelectionSet<'static, String>, parent: &str) -> f64 {
        let mut seen: Vec<&str> = Vec::new();
        let mut total = 0.0;
        for item in &set.items {
            total += match item {
                Selection::Field(field) if is_included(&field.directives, self.variables) => {
                    let key = field.alias.as_ref().unwrap_or(&field.name);
                    // The same field asked for twice costs what one of them costs.
                    if seen.contains(&key.as_str()) {
                        0.0
                    } else {
                        seen.push(key);
                        self.field(field, parent)
                    }
                }
                Selection::FragmentSpread(spread) if is_included(&spread.directives, self.variables) => {
                    let fragment = self.operation.fragments.get(&spread.fragment_name);
                    fragment.map_or(0.0, |fragment| {
                        self.selection(&fragment.selection_set, condition(&fragment.type_condition))
                    })
                }
                Selection::InlineFragment(fragment) if is_included(&fragment.directives, self.variables) => {
                    let on = fragment.type_condition.as_ref().map_or(parent, condition);
                    self.selection(&fragment.selection_set, on)
                }
                _ => 0.0,
            };
        }
        total
    }

    fn field(&self, asked: &Asked<'static, String>, parent: &str) -> f64 {
        let Some(field) = self.schema.get(parent).and_then(|ty| ty.field(&asked.name, self.version)) else {
            return 0.0;
        };
        let base = field.ty.base();
        let composite = self.schema.get(base).is_some_and(|ty| !matches!(ty.kind, Kind::Scalar | Kind::Enum));
        if !composite {
            return 0.0;
        }
        let inner = self.selection(&asked.selection_set, base);
        if parent == "Mutation" {
            return MUTATION + inner;
        }
        if self.schema.node_of(base).is_some() {
            return CONNECTION + self.size(field, asked) * inner;
        }
        let each = object(self.operation.kind, base) + inner;
        if field.ty.is_list() { self.size(field, asked) * each } else { each }
    }

    /// `first` or `last`; one where neither is given.
    fn size(&self, field: &Field, asked: &Asked<'static, String>) -> f64 {
        let given = |name: &str| {
            let (_, literal) = asked.arguments.iter().find(|(given, _)| given == name)?;
            value_of(literal, self.variables)?.as_f64()
        };
        let sized = field.arguments.iter().any(|argument| argument.name == "first" || argument.name == "last");
        if sized { given("first").or_else(|| given("last")).unwrap_or(1.0).max(0.0) } else { 1.0 }
    }
}
