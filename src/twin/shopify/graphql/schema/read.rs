//! Types read from the schema definition language and its directives.

use graphql_parser::schema::{self as ast, Directive, TypeDefinition, Value};

use crate::twin::shopify::graphql::schema::{Access, Argument, EnumValue, Field, Kind, Span, Type, TypeRef};

pub(super) fn named(name: &str, kind: Kind) -> Type {
    Type { name: name.to_owned(), kind, fields: Vec::new(), values: Vec::new(), members: Vec::new(), access: None }
}

pub(super) fn read_type(definition: &TypeDefinition<String>) -> Type {
    match definition {
        TypeDefinition::Scalar(scalar) => named(&scalar.name, Kind::Scalar),
        TypeDefinition::Object(object) => Type {
            fields: object.fields.iter().map(read_field).collect(),
            members: object.implements_interfaces.clone(),
            access: read_access(&object.directives),
            ..named(&object.name, Kind::Object)
        },
        TypeDefinition::Interface(interface) => Type {
            fields: interface.fields.iter().map(read_field).collect(),
            ..named(&interface.name, Kind::Interface)
        },
        TypeDefinition::Union(union) => Type { members: union.types.clone(), ..named(&union.name, Kind::Union) },
        TypeDefinition::Enum(list) => {
            Type { values: list.values.iter().map(read_value).collect(), ..named(&list.name, Kind::Enum) }
        }
        TypeDefinition::InputObject(input) => {
            Type { fields: input.fields.iter().map(read_input).collect(), ..named(&input.name, Kind::Input) }
        }
    }
}

fn read_value(value: &ast::EnumValue<String>) -> EnumValue {
    EnumValue { name: value.name.clone(), span: read_span(&value.directives), access: read_access(&value.directives) }
}

fn read_field(field: &ast::Field<String>) -> Field {
    Field {
        name: field.name.clone(),
        ty: TypeRef::of(&field.field_type),
        arguments: field.arguments.iter().map(read_argument).collect(),
        default: None,
        span: read_span(&field.directives),
        deprecated: field.directives.iter().any(|directive| directive.name == "deprecated"),
        access: read_access(&field.directives),
        by: text_of(&field.directives, "by", "field"),
    }
}

fn read_argument(value: &ast::InputValue<String>) -> Argument {
    Argument {
        name: value.name.clone(),
        ty: TypeRef::of(&value.value_type),
        default: value.default_value.as_ref().map(Value::into_static),
        span: read_span(&value.directives),
    }
}

fn read_input(value: &ast::InputValue<String>) -> Field {
    let Argument { name, ty, default, span } = read_argument(value);
    Field { name, ty, arguments: Vec::new(), default, span, deprecated: false, access: None, by: None }
}

fn read_span(directives: &[Directive<String>]) -> Span {
    Span { since: text_of(directives, "since", "version"), until: text_of(directives, "until", "version") }
}

fn read_access(directives: &[Directive<String>]) -> Option<Access> {
    let directive = directives.iter().find(|directive| directive.name == "access")?;
    let (_, scopes) = directive.arguments.iter().find(|(name, _)| name == "scopes")?;
    let Value::List(scopes) = scopes else { return None };
    let scopes =
        scopes.iter().filter_map(|scope| if let Value::String(text) = scope { Some(text.clone()) } else { None });
    Some(Access { scopes: scopes.collect(), also: text_of(directives, "access", "also") })
}

fn text_of(directives: &[Directive<String>], name: &str, argument: &str) -> Option<String> {
    let directive = directives.iter().find(|directive| directive.name == name)?;
    match directive.arguments.iter().find(|(name, _)| name == argument) {
        Some((_, Value::String(text))) => Some(text.clone()),
        _ => None,
    }
}
