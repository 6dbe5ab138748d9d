//! Function calls: which function is meant, and what it answers.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Response, StatusCode};

use crate::twin::kit::reply::WithHeader;
use crate::twin::supabase::rest::answer::{Context, bare, render_rows, with_some};
use crate::twin::supabase::rest::error::{RestError, Told, Version};
use crate::twin::supabase::rest::hint;
use crate::twin::supabase::rest::plan::{Plan, Purpose, read_plan};
use crate::twin::supabase::rest::read::{check, read_rows};
use crate::twin::supabase::rest::render;
use crate::twin::supabase::store::compare::Scope;
use crate::twin::supabase::store::database::Database;
use crate::twin::supabase::store::function::{Function, Returns};
use crate::twin::supabase::store::json::Json;
use crate::twin::supabase::store::policy::Session;
use crate::twin::supabase::store::relation::{Cardinality, Link};
use crate::wire::postgrest::media::Media;
use crate::wire::postgrest::name::Field;
use crate::wire::postgrest::prefer::Honoured;
use crate::wire::postgrest::query::Query;

/// The function that a name and arguments call.
///
/// # Errors
/// PGRST202 when there is none.
pub fn find_function<'a>(
    database: &'a Database,
    version: Version,
    name: &str,
    given: &[&str],
    posted: Option<&Media>,
    single_object: bool,
) -> Result<&'a Function, RestError> {
    if let Some(kind) = unnamed_parameter(posted, single_object) {
        return Err(Told::new(
            404,
            "PGRST202",
            format!("Could not find the function public.{name} in the schema cache"),
        )
        .details(format!(
            "Searched for the function public.{name} with a single {kind} parameter, but no matches were found in \
                 the schema cache."
        ))
        .into());
    }
    let named: Vec<&Function> = database.functions().iter().filter(|function| function.name == name).collect();
    if let Some(found) = named.iter().find(|function| function.accepts(given)) {
        return Ok(found);
    }
    let list = given.join(", ");
    let plural = if given.len() > 1 { "s" } else { "" };
    let (called, searched) = if given.is_empty() {
        (" without parameters".to_owned(), " without parameters".to_owned())
    } else {
        (format!("({list})"), format!(" with parameter{plural} {list}"))
    };
    let unnamed = if posted == Some(&Media::Json) { " or with a single unnamed json/jsonb parameter" } else { "" };
    Err(Told::new(404, "PGRST202", format!("Could not find the function public.{name}{called} in the schema cache"))
        .details(format!(
            "Searched for the function public.{name}{searched}{unnamed}, but no matches were found in the schema cache."
        ))
        .hint(function_hint(database, version, name, given, &named))
        .into())
}

/// The kind of the one parameter that such a body is for. The store has no function with one.
fn unnamed_parameter(posted: Option<&Media>, single_object: bool) -> Option<&'static str> {
    match posted {
        _ if single_object => Some("json/jsonb"),
        Some(Media::Text) => Some("unnamed text"),
        Some(Media::Xml) => Some("unnamed xml"),
        Some(Media::Bytes) => Some("unnamed bytea"),
        _ => None,
    }
}

fn function_hint(
    database: &Database,
    version: Version,
    name: &str,
    given: &[&str],
    named: &[&Function],
) -> Option<String> {
    let listed = |names: &mut Vec<&str>| {
        names.sort_unstable();
        format!("({})", names.join(", "))
    };
    let meant = if named.is_empty() {
        let least = if version == Version::V12 { hint::LEAST } else { 0.75 };
        let known = database.functions().iter().map(|function| function.name.as_str());
        hint::nearest(name, known, least).first()?.1.to_owned()
    } else {
        let signatures: Vec<String> = named
            .iter()
            .map(|function| listed(&mut function.arguments.iter().map(|own| own.name.as_str()).collect()))
            .collect();
        let asked = listed(&mut given.to_vec());
        let (_, signature) = *hint::nearest(&asked, signatures.iter().map(String::as_str), hint::LEAST).first()?;
        format!("{name}{signature}")
    };
    Some(format!("Perhaps you meant to call the function public.{meant}"))
}

/// Finds the names that a call's result does not have. Up to PostgREST 12 only the columns that are selected can be
/// filtered and ordered by.
fn check_returned(
    database: &Database,
    version: Version,
    plan: &Plan,
    scope: &Scope,
    session: &Session,
) -> Result<(), RestError> {
    let mut called = scope.clone();
    "pgrst_call".clone_into(&mut called.relation);
    let all = plan.fields.iter().any(|field| field.field.name == "*");
    for field in plan.fields.iter().filter(|field| field.field.name != "*") {
        called.resolve(&Field::column(field.field.name.clone()))?;
    }
    let mut visible = scope.clone();
    if version == Version::V12 && !all && !plan.fields.is_empty() {
        let joins = |name: &str| {
            let own = |link: Option<&Link>| link.is_some_and(|link| link.own == name);
            plan.children.iter().filter_map(|child| child.relationship.as_ref()).any(|relationship| match &relationship
                .cardinality
            {
                Cardinality::ManyToMany { source, .. } => source.own == name,
                other => own(other.link()),
            })
        };
        let selected = |name: &str| plan.fields.iter().any(|field| field.field.name == name);
        visible.columns.retain(|(name, _)| selected(name) || joins(name));
        visible.columns.sort_by(|one, other| one.0.cmp(&other.0));
    }
    check(database, plan, &visible, session)
}

/// Calls a function and answers with its result.
///
/// # Errors
/// What the function raises, and what its result cannot be asked.
pub fn call(
    database: &Database,
    function: &Function,
    arguments: &BTreeMap<String, Json>,
    query: &Query,
    context: &Context,
    session: &Session,
    max_rows: Option<i64>,
) -> Result<Response<Bytes>, RestError> {
    let relation = match &function.returns {
        Returns::RowOf(table) | Returns::RowsOf(table) => table,
        _ => &function.name,
    };
    let plan = read_plan(database, relation, query, context.range, Purpose::Read, max_rows)?;
    context.require_known_preferences()?;
    let scope = Scope { relation: relation.clone(), columns: function.columns(database) };
    if !matches!(function.returns, Returns::Void | Returns::Scalar(_) | Returns::SetOf(_)) {
        check_returned(database, context.version, &plan, &scope, session)?;
    }
    let returned = function.call(database, arguments, session)?;
    let read = if function.returns == Returns::Void {
        None
    } else {
        Some(read_rows(database, &plan, &scope, returned.rows, session)?)
    };
    let single = matches!(function.returns, Returns::Void | Returns::Scalar(_) | Returns::RowOf(_));
    let rows = read.as_ref().map_or(&[][..], |read| read.rows.as_slice());
    let page = if single { 1 } else { rows.len() };
    let total = read.as_ref().map_or(1, |read| read.total);
    context.require_singular(page)?;
    let first = || rows.first().and_then(|row| row.first()).map(|(_, value)| value);
    let text = match (&function.returns, &context.media) {
        (_, Media::Csv) => render_rows(rows, &context.media),
        (Returns::Scalar(_), _) => first().map_or_else(|| "null".to_owned(), render::scalar),
        (Returns::SetOf(_), Media::Object { .. }) => first().map_or_else(|| "null".to_owned(), render::scalar),
        (Returns::SetOf(_), _) => {
            render::scalars(&rows.iter().filter_map(|row| row.first()).map(|(_, value)| value).collect::<Vec<_>>())
        }
        (Returns::RowOf(_), _) => rows
            .first()
            .map_or_else(|| "null".to_owned(), |row| render::object(row, context.media == Media::StrippedArray)),
        _ => render_rows(rows, &context.media),
    };
    let (status, range, text) = context.ranged(page, context.preferences.counts().then_some(total), text);
    let honoured = [Honoured::Parameters, Honoured::Count, Honoured::Handling];
    let applied = context.preferences.applied(&honoured);
    if function.returns == Returns::Void {
        let response = bare(StatusCode::NO_CONTENT, "").with_header("content-range", range);
        return Ok(with_some(response, "preference-applied", applied));
    }
    let text = if context.method == Method::HEAD { String::new() } else { text };
    let response = with_some(bare(status, text).with_header("content-range", range), "preference-applied", applied);
    Ok(context.with_content_type(response))
}
