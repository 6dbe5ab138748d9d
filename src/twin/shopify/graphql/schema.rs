//! The types of the Admin API that the twin models, per API version, and the names of what it has beyond them.

mod read;

use std::collections::BTreeMap;

use graphql_parser::schema::{self as ast, Definition, Text, Value};

use crate::twin::shopify::graphql::schema::read::{named, read_type};

/// A type as it is written: `[Product!]!`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TypeRef {
    Named(String),
    List(Box<TypeRef>),
    NonNull(Box<TypeRef>),
}

impl TypeRef {
    /// The name inside all brackets.
    pub fn base(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::List(inner) | Self::NonNull(inner) => inner.base(),
        }
    }

    pub fn is_list(&self) -> bool {
        match self {
            Self::Named(_) => false,
            Self::List(_) => true,
            Self::NonNull(inner) => inner.is_list(),
        }
    }

    /// The type that a non-null one wraps; itself otherwise.
    pub fn nullable(&self) -> &Self {
        if let Self::NonNull(inner) = self { inner } else { self }
    }

    pub fn of<'a, T: Text<'a>>(ty: &ast::Type<'a, T>) -> Self {
        match ty {
            ast::Type::NamedType(name) => Self::Named(name.as_ref().to_owned()),
            ast::Type::ListType(inner) => Self::List(Box::new(Self::of(inner))),
            ast::Type::NonNullType(inner) => Self::NonNull(Box::new(Self::of(inner))),
        }
    }
}

impl std::fmt::Display for TypeRef {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Self::Named(name) => formatter.write_str(name),
            Self::List(inner) => write!(formatter, "[{inner}]"),
            Self::NonNull(inner) => write!(formatter, "{inner}!"),
        }
    }
}

/// What a type is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Object,
    Interface,
    Union,
    Input,
    Enum,
    Scalar,
}

/// The versions that have a member, both ends included.
#[derive(Clone, Debug, Default)]
pub struct Span {
    since: Option<String>,
    until: Option<String>,
}

impl Span {
    pub fn holds(&self, version: &str) -> bool {
        self.since.as_deref().is_none_or(|since| since <= version)
            && self.until.as_deref().is_none_or(|until| version <= until)
    }
}

/// The scopes of which one opens a field or a type.
#[derive(Clone, Debug)]
pub struct Access {
    pub scopes: Vec<String>,
    /// What Shopify requires besides the scope, in its own words.
    pub also: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Argument {
    pub name: String,
    pub ty: TypeRef,
    pub default: Option<Value<'static, String>>,
    pub span: Span,
}

/// A field of an object, or a member of an input object (then without arguments).
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub ty: TypeRef,
    pub arguments: Vec<Argument>,
    pub default: Option<Value<'static, String>>,
    pub span: Span,
    pub deprecated: bool,
    pub access: Option<Access>,
    /// The member of the other type's records that points back to this one.
    pub by: Option<String>,
}

impl Field {
    /// The argument of a name that a version has.
    pub fn argument(&self, name: &str, version: &str) -> Option<&Argument> {
        self.arguments.iter().find(|argument| argument.name == name && argument.span.holds(version))
    }
}

/// One value of an enum.
#[derive(Clone, Debug)]
pub struct EnumValue {
    pub name: String,
    span: Span,
    /// What a webhook topic needs to be subscribed to.
    pub access: Option<Access>,
}

#[derive(Clone, Debug)]
pub struct Type {
    pub name: String,
    pub kind: Kind,
    pub fields: Vec<Field>,
    pub values: Vec<EnumValue>,
    /// The interfaces of an object, the objects of a union.
    pub members: Vec<String>,
    pub access: Option<Access>,
}

impl Type {
    pub fn field(&self, name: &str, version: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name && field.span.holds(version))
    }

    pub fn is_leaf(&self) -> bool {
        matches!(self.kind, Kind::Enum | Kind::Scalar)
    }
}

/// All types that are modelled.
#[derive(Debug)]
pub struct Schema {
    types: BTreeMap<String, Type>,
    /// `Shop` -> its fields, `QueryRoot.products` -> its arguments, that the API has and the twin does not model.
    beyond: BTreeMap<String, String>,
}

const BUILT_IN: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];

impl Schema {
    /// Reads the definition language and the names of what lies beyond it.
    ///
    /// # Errors
    /// What is wrong with either, in words.
    pub fn read(definitions: &str, beyond: &str) -> Result<Self, String> {
        let document = graphql_parser::parse_schema::<String>(definitions).map_err(|cause| cause.to_string())?;
        let mut types: BTreeMap<String, Type> =
            BUILT_IN.into_iter().map(|name| (name.to_owned(), named(name, Kind::Scalar))).collect();
        for definition in &document.definitions {
            if let Definition::TypeDefinition(definition) = definition {
                let ty = read_type(definition);
                types.insert(ty.name.clone(), ty);
            }
        }
        let beyond = serde_json::from_str(beyond).map_err(|cause| cause.to_string())?;
        Ok(Self { types, beyond })
    }

    pub fn get(&self, name: &str) -> Option<&Type> {
        self.types.get(name)
    }

    /// Tells whether the real API has this field, argument or input member though the twin does not model it.
    pub fn is_beyond(&self, owner: &str, member: &str) -> bool {
        self.beyond.get(owner).is_some_and(|names| names.split(' ').any(|name| name == member))
    }

    /// Tells whether an object of type `object` may appear where `wanted` stands.
    pub fn fits(&self, object: &str, wanted: &str) -> bool {
        object == wanted
            || self.get(object).is_some_and(|ty| ty.members.iter().any(|name| name == wanted))
            || self.get(wanted).is_some_and(|ty| ty.kind == Kind::Union && ty.members.iter().any(|name| name == object))
    }

    /// The type of a connection's nodes: `Product` for `ProductConnection`.
    pub fn node_of<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        name.strip_suffix("Connection").filter(|node| self.types.contains_key(*node))
    }

    /// What opens a field: its own rule, or that of the type it leads to.
    pub fn access_to<'a>(&'a self, field: &'a Field) -> Option<&'a Access> {
        let base = field.ty.base();
        let target = self.node_of(base).unwrap_or(base);
        field.access.as_ref().or_else(|| self.get(target).and_then(|ty| ty.access.as_ref()))
    }

    /// What subscribing to a webhook topic needs; None where the API demands no scope.
    pub fn access_to_topic(&self, topic: &str) -> Option<&Access> {
        self.get("WebhookSubscriptionTopic")?.values.iter().find(|value| value.name == topic)?.access.as_ref()
    }

    /// The values of an enum in a version.
    pub fn values<'a>(&'a self, name: &str, version: &'a str) -> impl Iterator<Item = &'a str> {
        let values = self.get(name).map(|ty| ty.values.as_slice()).unwrap_or_default();
        values.iter().filter(|value| value.span.holds(version)).map(|value| value.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Schema};

    fn schema() -> Schema {
        Schema::read(
            include_str!("../../../../fixtures/shopify/admin.graphql"),
            include_str!("../../../../fixtures/shopify/admin.beyond.json"),
        )
        .unwrap()
    }

    #[test]
    fn every_type_that_is_mentioned_is_defined() {
        let schema = schema();
        for ty in schema.types.values() {
            for field in &ty.fields {
                assert!(schema.get(field.ty.base()).is_some(), "{}.{}: {}", ty.name, field.name, field.ty);
                for argument in &field.arguments {
                    assert!(schema.get(argument.ty.base()).is_some(), "{}.{}({})", ty.name, field.name, argument.name);
                }
            }
            for member in &ty.members {
                assert!(schema.get(member).is_some(), "{}: {member}", ty.name);
            }
        }
    }

    #[test]
    fn members_come_and_go_with_the_versions() {
        let schema = schema();
        let input = schema.get("InventorySetQuantitiesInput").unwrap();
        assert_eq!(input.kind, Kind::Input);
        assert!(input.field("ignoreCompareQuantity", "2026-01").is_some());
        assert!(input.field("ignoreCompareQuantity", "2026-04").is_none());
        let level = schema.get("InventoryLevel").unwrap();
        assert!(level.field("isActive", "2026-01").is_none() && level.field("isActive", "2026-10").is_some());
    }

    #[test]
    fn the_webhook_topics_of_each_version_are_as_many_as_published() {
        let schema = schema();
        for (version, count) in [("2026-01", 214), ("2026-04", 216), ("2026-07", 218), ("2026-10", 218)] {
            assert_eq!(schema.values("WebhookSubscriptionTopic", version).count(), count, "{version}");
        }
    }

    #[test]
    fn what_the_api_has_and_the_twin_has_not_is_known_by_name() {
        let schema = schema();
        assert!(schema.is_beyond("Mutation", "productVariantsBulkUpdate"));
        assert!(schema.is_beyond("QueryRoot.products", "savedSearchId"));
        for gone in ["productVariantUpdate", "inventoryLevelsUpdate"] {
            assert!(!schema.is_beyond("Mutation", gone), "{gone}");
        }
        assert!(!schema.is_beyond("QueryRoot", "refunds") && !schema.is_beyond("QueryRoot", "returns"));
    }
}
