//! What a request gives: arguments, directives and variables.

use graphql_parser::Pos;
use graphql_parser::query::{Directive, Field as Asked, Value as Literal};
use serde_json::json;

use crate::twin::shopify::graphql::arguments::Checker;
use crate::twin::shopify::graphql::schema::{Field, Kind, TypeRef};
use crate::twin::shopify::graphql::validate::Validator;

impl<'a> Validator<'a> {
    pub(super) fn arguments(&mut self, asked: &Asked<'static, String>, field: &Field, parent: &str) {
        let owner = format!("{parent}.{}", field.name);
        for (name, literal) in &asked.arguments {
            match field.argument(name, self.version) {
                Some(argument) => self.argument(asked, name, literal, &argument.ty, argument.default.is_some()),
                None if self.schema.is_beyond(&owner, name) => {
                    self.findings.gaps.push(format!("argument {owner}({name})"));
                }
                None => {
                    let extensions = json!({ "code": "argumentNotAccepted", "name": asked.name, "typeName": "Field", "argumentName": name });
                    let message = format!("Field '{}' doesn't accept argument '{name}'", asked.name);
                    self.complain(asked.position, message, extensions);
                }
            }
        }
        let given = |name: &str| asked.arguments.iter().any(|(given, _)| given == name);
        let required = field.arguments.iter().filter(|argument| {
            matches!(argument.ty, TypeRef::NonNull(_))
                && argument.default.is_none()
                && argument.span.holds(self.version)
        });
        let missing: Vec<_> = required.map(|argument| argument.name.as_str()).filter(|name| !given(name)).collect();
        if !missing.is_empty() {
            let list = missing.join(", ");
            let extensions = json!({ "code": "missingRequiredArguments", "className": "Field", "name": asked.name, "arguments": list });
            self.complain(
                asked.position,
                format!("Field '{}' is missing required arguments: {list}", asked.name),
                extensions,
            );
        }
    }

    fn argument(
        &mut self,
        asked: &Asked<'static, String>,
        name: &str,
        literal: &Literal<'static, String>,
        ty: &TypeRef,
        defaulted: bool,
    ) {
        let checker =
            Checker { schema: self.schema, version: self.version, argument: name, field: &asked.name, expected: ty };
        self.path.push(json!(name));
        match checker.check(literal, ty) {
            Ok(()) => self.variables_in(literal, ty, name, asked.position, defaulted),
            Err(Ok(error)) => self.findings.errors.push(error.at(asked.position, &self.path)),
            Err(Err(gap)) => self.findings.gaps.push(format!("input {gap}")),
        }
        self.path.pop();
    }

    /// Every variable inside a literal must be declared with a type that fits where it stands.
    fn variables_in(
        &mut self,
        literal: &Literal<'static, String>,
        ty: &TypeRef,
        name: &str,
        position: Pos,
        defaulted: bool,
    ) {
        match (literal, ty.nullable()) {
            (Literal::Variable(variable), _) => self.variable_at(variable, ty, name, position, defaulted),
            (Literal::List(items), TypeRef::List(inner)) => {
                for item in items {
                    self.variables_in(item, inner, name, position, false);
                }
            }
            (Literal::Object(members), TypeRef::Named(input)) => {
                for (key, item) in members {
                    let member = self.schema.get(input).and_then(|ty| ty.field(key, self.version));
                    if let Some(member) = member {
                        self.variables_in(item, &member.ty, key, position, member.default.is_some());
                    }
                }
            }
            _ => {}
        }
    }

    fn variable_at(&mut self, variable: &str, wanted: &TypeRef, argument: &str, position: Pos, defaulted: bool) {
        self.used_variables.insert(variable.to_owned());
        let Some(definition) = self.operation.variables.iter().find(|definition| definition.name == variable) else {
            let user =
                self.operation.name.clone().unwrap_or_else(|| format!("anonymous {}", self.operation.kind.word()));
            let extensions = json!({ "code": "variableNotDefined", "variableName": variable });
            return self.complain(
                position,
                format!("Variable ${variable} is used by {user} but not declared"),
                extensions,
            );
        };
        let declared = TypeRef::of(&definition.var_type);
        let reason = mismatch(&declared, wanted, defaulted || definition.default_value.is_some());
        if let Some(reason) = reason {
            let extensions = json!({
                "code": "variableMismatch", "variableName": variable, "typeName": declared.to_string(),
                "argumentName": argument, "errorMessage": reason,
            });
            let message = format!("{reason} on variable ${variable} and argument {argument} ({declared} / {wanted})");
            self.complain(position, message, extensions);
        }
    }

    pub(super) fn directives(&mut self, directives: &'a [Directive<'static, String>]) {
        for directive in directives {
            let wanted = match directive.name.as_str() {
                "include" | "skip" => ("if", TypeRef::NonNull(Box::new(TypeRef::Named("Boolean".into())))),
                "idempotent" => ("key", TypeRef::NonNull(Box::new(TypeRef::Named("String".into())))),
                name => {
                    let extensions = json!({ "code": "undefinedDirective", "directiveName": name });
                    self.complain(directive.position, format!("Directive @{name} is not defined"), extensions);
                    continue;
                }
            };
            let (argument, ty) = wanted;
            if let Some((_, literal)) = directive.arguments.iter().find(|(name, _)| name == argument) {
                self.variables_in(literal, &ty, argument, directive.position, false);
            } else {
                let name = &directive.name;
                let extensions = json!({ "code": "missingRequiredArguments", "className": "Directive", "name": name, "arguments": argument });
                self.complain(
                    directive.position,
                    format!("Directive '{name}' is missing required arguments: {argument}"),
                    extensions,
                );
            }
        }
    }

    pub(super) fn variables(&mut self) {
        let operation = self.operation;
        self.path = vec![json!(operation.label())];
        for definition in &operation.variables {
            let (name, ty) = (&definition.name, TypeRef::of(&definition.var_type));
            let kind = self.schema.get(ty.base()).map(|ty| ty.kind);
            if kind.is_some_and(|kind| matches!(kind, Kind::Object | Kind::Interface | Kind::Union)) {
                let extensions =
                    json!({ "code": "variableRequiresValidType", "typeName": ty.base(), "variableName": name });
                self.complain(
                    definition.position,
                    format!("{} isn't a valid input type (on ${name})", ty.base()),
                    extensions,
                );
            }
            if !self.used_variables.contains(name) {
                let user = operation.name.clone().unwrap_or_else(|| format!("anonymous {}", operation.kind.word()));
                let extensions = json!({ "code": "variableNotUsed", "variableName": name });
                self.complain(
                    definition.position,
                    format!("Variable ${name} is declared by {user} but not used"),
                    extensions,
                );
            }
        }
    }
}

/// Why a variable of type `declared` cannot stand where `wanted` is expected.
fn mismatch(declared: &TypeRef, wanted: &TypeRef, defaulted: bool) -> Option<&'static str> {
    if declared.base() != wanted.base() {
        return Some("Type mismatch");
    }
    // A single value may stand for a list of one, a list never for a single value.
    if declared.is_list() && !wanted.is_list() {
        return Some("List dimension mismatch");
    }
    let (nullable, required) = (!matches!(declared, TypeRef::NonNull(_)), matches!(wanted, TypeRef::NonNull(_)));
    if nullable && required && !defaulted {
        return Some("Nullability mismatch");
    }
    match (declared.nullable(), wanted.nullable()) {
        (TypeRef::List(inner), TypeRef::List(other)) => mismatch(inner, other, false),
        _ => None,
    }
}
