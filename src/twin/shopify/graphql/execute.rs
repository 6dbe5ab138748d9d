//! Runs a validated operation against the shop.

use std::collections::BTreeSet;

use graphql_parser::query::{Directive, Field as Asked, Selection, SelectionSet};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::twin::shopify::access::required;
use crate::twin::shopify::graphql::arguments::{of_field, value_of};
use crate::twin::shopify::graphql::connection::{Page, cursor};
use crate::twin::shopify::graphql::cost;
use crate::twin::shopify::graphql::document::{Operation, OperationKind, condition};
use crate::twin::shopify::graphql::error::Error;
use crate::twin::shopify::graphql::resolve::{Failure, Node, Reader, Resolved};
use crate::twin::shopify::graphql::schema::{Access, Field, Schema, TypeRef};
use crate::twin::shopify::graphql::search;
use crate::twin::shopify::mutation;
use crate::twin::shopify::shop::Shop;

/// What running an operation gave.
#[derive(Debug, Default)]
pub struct Executed {
    pub data: Value,
    pub errors: Vec<Error>,
    /// Points that were spent.
    pub cost: f64,
    /// `Type.field` of each deprecated field that was asked for.
    pub deprecated: BTreeSet<String>,
    /// Warnings of searches.
    pub search: Vec<Value>,
    /// What was met that is not modelled.
    pub gap: Option<String>,
}

/// A null that its field may not hold: the next nullable field above becomes null (GraphQL, October 2021, §6.4.4).
struct NullAbove;

/// Runs `operation`, whose variables have been coerced.
pub fn execute(
    schema: &Schema,
    version: &str,
    operation: &Operation,
    variables: &Map<String, Value>,
    shop: &mut Shop,
    now: Timestamp,
) -> Executed {
    let mut executor = Executor { schema, version, operation, variables, shop, now, out: Executed::default() };
    let root = Node { ty: operation.kind.root().to_owned(), record: Map::new() };
    let data = executor.selection(&[&operation.selection], &root, &mut Vec::new());
    executor.out.data = data.unwrap_or(Value::Null);
    executor.out
}

/// Tells whether `@skip` and `@include` let a selection in.
pub fn is_included(directives: &[Directive<'static, String>], variables: &Map<String, Value>) -> bool {
    directives.iter().all(|directive| {
        let Some((_, literal)) = directive.arguments.iter().find(|(name, _)| name == "if") else { return true };
        let holds = value_of(literal, variables).and_then(|value| value.as_bool()).unwrap_or(false);
        match directive.name.as_str() {
            "skip" => !holds,
            "include" => holds,
            _ => true,
        }
    })
}

struct Executor<'a> {
    schema: &'a Schema,
    version: &'a str,
    operation: &'a Operation,
    variables: &'a Map<String, Value>,
    shop: &'a mut Shop,
    now: Timestamp,
    out: Executed,
}

type Asking<'a> = Vec<(String, Vec<&'a Asked<'static, String>>)>;

impl<'a> Executor<'a> {
    fn selection(
        &mut self,
        sets: &[&'a SelectionSet<'static, String>],
        node: &Node,
        path: &mut Vec<Value>,
    ) -> Result<Value, NullAbove> {
        let mut asking = Asking::new();
        for set in sets {
            self.collect(set, &node.ty, &mut asking);
        }
        let mut members = Map::new();
        for (key, asked) in asking {
            path.push(json!(key));
            let value = self.field(&asked, node, path);
            path.pop();
            members.insert(key, value?);
        }
        Ok(Value::Object(members))
    }

    /// The fields that are asked of an object of type `ty`, under the names they will have.
    fn collect(&self, set: &'a SelectionSet<'static, String>, ty: &str, into: &mut Asking<'a>) {
        for item in &set.items {
            match item {
                Selection::Field(field) if is_included(&field.directives, self.variables) => {
                    let key = field.alias.as_ref().unwrap_or(&field.name);
                    match into.iter_mut().find(|(known, _)| known == key) {
                        Some((_, asked)) => asked.push(field),
                        None => into.push((key.clone(), vec![field])),
                    }
                }
                Selection::InlineFragment(fragment) if is_included(&fragment.directives, self.variables) => {
                    let on = fragment.type_condition.as_ref().map_or(ty, condition);
                    if self.schema.fits(ty, on) {
                        self.collect(&fragment.selection_set, ty, into);
                    }
                }
                Selection::FragmentSpread(spread) if is_included(&spread.directives, self.variables) => {
                    if let Some(fragment) = self.operation.fragments.get(&spread.fragment_name)
                        && self.schema.fits(ty, condition(&fragment.type_condition))
                    {
                        self.collect(&fragment.selection_set, ty, into);
                    }
                }
                _ => {}
            }
        }
    }

    fn field(
        &mut self,
        asked: &[&'a Asked<'static, String>],
        node: &Node,
        path: &mut Vec<Value>,
    ) -> Result<Value, NullAbove> {
        let Some(first) = asked.first() else { return Ok(Value::Null) };
        if first.name == "__typename" {
            return Ok(json!(node.ty));
        }
        let schema = self.schema;
        let Some(field) = schema.get(&node.ty).and_then(|ty| ty.field(&first.name, self.version)) else {
            return Ok(Value::Null);
        };
        if field.deprecated {
            self.out.deprecated.insert(format!("{}.{}", node.ty, field.name));
        }
        if let Some(access) = schema.access_to(field).filter(|access| !self.shop.scopes.opens(access)) {
            self.out.errors.push(denied(&field.name, access).at(first.position, path));
            return null_of(field);
        }
        let arguments = of_field(field, self.version, &first.arguments, self.variables);
        let resolved = if node.ty == "Mutation" {
            self.out.cost += cost::MUTATION;
            self.mutate(first, field, &arguments)
        } else {
            self.read(node, field, &arguments, path)
        };
        match resolved {
            Ok(resolved) => self.complete(field, resolved, asked, path),
            Err(Failure::Error(error)) => {
                self.out.errors.push(error.at(first.position, path));
                null_of(field)
            }
            Err(Failure::Gap(gap)) => {
                self.out.gap.get_or_insert(gap);
                null_of(field)
            }
        }
    }

    fn read(
        &mut self,
        node: &Node,
        field: &Field,
        arguments: &Map<String, Value>,
        path: &[Value],
    ) -> Result<Resolved, Failure> {
        let mut reader =
            Reader { schema: self.schema, shop: self.shop, version: self.version, arguments, ignored: Vec::new() };
        let resolved = reader.read(node, field);
        let query = arguments.get("query").and_then(Value::as_str).unwrap_or_default();
        self.out.search.extend(reader.ignored.iter().map(|name| search::warning(path, query, name)));
        resolved
    }

    fn mutate(
        &mut self,
        asked: &Asked<'static, String>,
        field: &Field,
        arguments: &Map<String, Value>,
    ) -> Result<Resolved, Failure> {
        let key = asked.directives.iter().find(|directive| directive.name == "idempotent");
        let key = key.and_then(|directive| directive.arguments.iter().find(|(name, _)| name == "key"));
        let key = key.and_then(|(_, literal)| value_of(literal, self.variables));
        let call = mutation::Call {
            schema: self.schema,
            name: &field.name,
            arguments,
            version: self.version,
            now: self.now,
            idempotency_key: key.as_ref().and_then(Value::as_str),
        };
        let record = mutation::run(self.shop, &call)?;
        Ok(Resolved::Node(Node { ty: field.ty.base().to_owned(), record }))
    }

    fn complete(
        &mut self,
        field: &Field,
        resolved: Resolved,
        asked: &[&'a Asked<'static, String>],
        path: &mut Vec<Value>,
    ) -> Result<Value, NullAbove> {
        let sets: Vec<_> = asked.iter().map(|asked| &asked.selection_set).collect();
        match resolved {
            Resolved::Null => null_of(field),
            Resolved::Leaf(value) => Ok(value),
            Resolved::Node(node) => {
                if let Some(access) = self.closed(&node.ty) {
                    let position = asked[0].position;
                    self.out.errors.push(denied(&field.name, &access).at(position, path));
                    return null_of(field);
                }
                let nullable = !matches!(field.ty, TypeRef::NonNull(_));
                self.object(&sets, &node, path).or_else(|above| if nullable { Ok(Value::Null) } else { Err(above) })
            }
            Resolved::List(nodes) => {
                let mut items = Vec::new();
                for (index, node) in nodes.into_iter().enumerate() {
                    path.push(json!(index));
                    let item = node.map_or(Ok(Value::Null), |node| self.object(&sets, &node, path));
                    path.pop();
                    items.push(item?);
                }
                Ok(Value::Array(items))
            }
            Resolved::Connection(page) => self.connection(field, &page, &sets, path),
        }
    }

    /// The rule that keeps an object closed; only `node` and `nodes` lead to objects that their field does not name.
    fn closed(&self, ty: &str) -> Option<Access> {
        let access = self.schema.get(ty)?.access.clone()?;
        (!self.shop.scopes.opens(&access)).then_some(access)
    }

    fn object(
        &mut self,
        sets: &[&'a SelectionSet<'static, String>],
        node: &Node,
        path: &mut Vec<Value>,
    ) -> Result<Value, NullAbove> {
        self.out.cost += cost::object(self.operation.kind, &node.ty);
        self.selection(sets, node, path)
    }

    /// Edges, nodes and page information of one page.
    fn connection(
        &mut self,
        field: &Field,
        page: &Page,
        sets: &[&'a SelectionSet<'static, String>],
        path: &mut Vec<Value>,
    ) -> Result<Value, NullAbove> {
        self.out.cost += if self.operation.kind == OperationKind::Query { cost::CONNECTION } else { 0.0 };
        let ty = field.ty.base();
        let mut asking = Asking::new();
        for set in sets {
            self.collect(set, ty, &mut asking);
        }
        let mut members = Map::new();
        for (key, asked) in asking {
            path.push(json!(key));
            let inner: Vec<_> = asked.iter().map(|asked| &asked.selection_set).collect();
            let value = match asked[0].name.as_str() {
                "pageInfo" => self.selection(&inner, &page_info(page), path),
                "nodes" => self.each(page, path, |executor, node, path| executor.object(&inner, node, path)),
                "edges" => self.each(page, path, |executor, node, path| executor.edge(&inner, node, path)),
                _ => Ok(json!(ty)),
            };
            path.pop();
            members.insert(key, value?);
        }
        Ok(Value::Object(members))
    }

    fn each(
        &mut self,
        page: &Page,
        path: &mut Vec<Value>,
        mut draw: impl FnMut(&mut Self, &Node, &mut Vec<Value>) -> Result<Value, NullAbove>,
    ) -> Result<Value, NullAbove> {
        let mut items = Vec::new();
        for (index, record) in page.rows.iter().enumerate() {
            let node = Node { ty: page.ty.clone(), record: record.clone() };
            path.push(json!(index));
            let item = draw(self, &node, path);
            path.pop();
            items.push(item?);
        }
        Ok(Value::Array(items))
    }

    fn edge(
        &mut self,
        sets: &[&'a SelectionSet<'static, String>],
        node: &Node,
        path: &mut Vec<Value>,
    ) -> Result<Value, NullAbove> {
        let ty = format!("{}Edge", node.ty);
        let mut asking = Asking::new();
        for set in sets {
            self.collect(set, &ty, &mut asking);
        }
        let mut members = Map::new();
        for (key, asked) in asking {
            path.push(json!(key));
            let inner: Vec<_> = asked.iter().map(|asked| &asked.selection_set).collect();
            let value = match asked[0].name.as_str() {
                "node" => self.object(&inner, node, path),
                "cursor" => Ok(json!(cursor(&node.record))),
                _ => Ok(json!(ty)),
            };
            path.pop();
            members.insert(key, value?);
        }
        Ok(Value::Object(members))
    }
}

fn page_info(page: &Page) -> Node {
    let members = [
        ("hasNextPage", json!(page.has_next)),
        ("hasPreviousPage", json!(page.has_previous)),
        ("startCursor", json!(page.rows.first().map(cursor))),
        ("endCursor", json!(page.rows.last().map(cursor))),
    ];
    let record = members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Node { ty: "PageInfo".into(), record }
}

fn null_of(field: &Field) -> Result<Value, NullAbove> {
    if matches!(field.ty, TypeRef::NonNull(_)) { Err(NullAbove) } else { Ok(Value::Null) }
}

/// Worded as captured in Shopify/function-examples#164.
fn denied(field: &str, access: &Access) -> Error {
    let required = required(access);
    let extensions = json!({
        "code": "ACCESS_DENIED",
        "documentation": "https://shopify.dev/api/usage/access-scopes",
        "requiredAccess": required,
    });
    Error::new(format!("Access denied for {field} field. Required access: {required}"), extensions)
}
