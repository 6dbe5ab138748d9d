//! POST, PATCH, PUT and DELETE on a table.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::twin::kit::reply::WithHeader;
use crate::twin::supabase::rest::answer::{Context, bare, count, render_rows, with_some};
use crate::twin::supabase::rest::error::{RestError, Told, Version};
use crate::twin::supabase::rest::payload::Payload;
use crate::twin::supabase::rest::plan::Plan;
use crate::twin::supabase::rest::read::{OutputRow, check, read_rows, table_scope};
use crate::twin::supabase::store::compare::Compiler;
use crate::twin::supabase::store::database::{Database, Row};
use crate::twin::supabase::store::datum::Datum;
use crate::twin::supabase::store::error::PgError;
use crate::twin::supabase::store::policy::Session;
use crate::twin::supabase::store::predicate::{Predicate, SortKey};
use crate::twin::supabase::store::schema::{Command, Table};
use crate::twin::supabase::store::write::{Insert, OnConflict, Written};
use crate::wire::postgrest::filter::{Comparison, Filter, Operation};
use crate::wire::postgrest::prefer::{Honoured, Missing, Representation, Resolution};
use crate::wire::postgrest::query::Query;
use crate::wire::postgrest::range::{Range, content_range};

/// A mutation of one table, planned.
pub struct Mutation<'a> {
    pub database: &'a mut Database,
    pub session: &'a Session,
    pub context: &'a Context,
    pub query: &'a Query,
    pub plan: &'a Plan,
    pub name: &'a str,
}

/// The columns that a body writes, found in the table.
///
/// # Errors
/// PGRST204 for a column that is not there, 404 for a table that is not.
pub fn find_columns(
    database: &Database,
    version: Version,
    name: &str,
    keys: &BTreeSet<String>,
) -> Result<Vec<String>, RestError> {
    let Some(table) = database.table(name) else {
        return if keys.is_empty() { Ok(Vec::new()) } else { Err(RestError::NotFound) };
    };
    match keys.iter().find(|key| table.column(key).is_none()) {
        Some(unknown) => Err(RestError::no_column(version, name, unknown)),
        None => Ok(keys.iter().cloned().collect()),
    }
}

impl Mutation<'_> {
    fn table(&self) -> Result<Arc<Table>, RestError> {
        self.database.table(self.name).cloned().ok_or_else(|| PgError::no_such_table(self.name).into())
    }

    /// Whether columns are read back.
    fn returns(&self) -> bool {
        matches!(self.context.preferences.representation, Some(Representation::Full | Representation::HeadersOnly))
    }

    fn is_full(&self) -> bool {
        self.context.preferences.representation == Some(Representation::Full)
    }

    /// POST: inserts, or upserts as `Prefer: resolution=…` says.
    ///
    /// # Errors
    /// PostgREST's and the database's own.
    pub fn create(self, columns: &[String], payload: &Payload) -> Result<Response<Bytes>, RestError> {
        let table = self.table()?;
        self.check_returning(&table)?;
        let preferences = &self.context.preferences;
        let target = self.query.on_conflict.clone().unwrap_or_else(|| table.primary_key.clone());
        let action = match preferences.resolution {
            Some(Resolution::MergeDuplicates) => Some(OnConflict::Merge),
            Some(Resolution::IgnoreDuplicates) => Some(OnConflict::Ignore),
            None => None,
        };
        let conflict = action.filter(|_| !target.is_empty()).map(|action| (action, target.as_slice()));
        let defaults = preferences.missing == Some(Missing::Default);
        let rows = self.values(&table, columns, payload, defaults)?;
        let savepoint = self.database.savepoint();
        let insert = Insert { columns, rows, conflict, returning: self.returns() };
        let written = self.database.insert(&table, insert, self.session)?;
        let (rows, total) = self.answered(&table, &written).inspect_err(|_| self.database.undo(savepoint.clone()))?;
        if let Err(error) = self.context.require_singular(total) {
            self.database.undo(savepoint);
            return Err(error);
        }
        let merges = preferences.resolution == Some(Resolution::MergeDuplicates);
        let status = match written.inserted {
            None if merges => StatusCode::OK,
            Some(inserted) if merges && inserted <= 0 => StatusCode::OK,
            _ => StatusCode::CREATED,
        };
        Ok(self.created(&table, status, &rows, total, &written))
    }

    fn created(
        &self,
        table: &Table,
        status: StatusCode,
        rows: &[OutputRow],
        total: usize,
        written: &Written,
    ) -> Response<Bytes> {
        let preferences = &self.context.preferences;
        let location = (preferences.representation == Some(Representation::HeadersOnly) && written.rows.len() == 1)
            .then(|| location(table, &written.rows[0]))
            .flatten();
        let counted = preferences.counts().then(|| count(total));
        let mut honoured = Vec::new();
        if !table.primary_key.is_empty() || self.query.on_conflict.is_some() {
            honoured.push(Honoured::Resolution);
        }
        honoured.extend([Honoured::Missing, Honoured::Representation, Honoured::Count, Honoured::Handling]);
        let text = if self.is_full() { render_rows(rows, &self.context.media) } else { String::new() };
        let response = with_some(bare(status, text), "location", location)
            .with_header("content-range", content_range(1, 0, counted));
        let response = with_some(response, "preference-applied", preferences.applied(&honoured));
        if self.is_full() { self.context.with_content_type(response) } else { response }
    }

    /// PUT: one row, by its primary key.
    ///
    /// # Errors
    /// PGRST105 and PGRST115, and the database's own.
    pub fn put(self, columns: &[String], payload: &Payload) -> Result<Response<Bytes>, RestError> {
        let table = self.table()?;
        self.check_returning(&table)?;
        let key = table.primary_key.clone();
        let mut rows = self.values(&table, columns, payload, false)?;
        let wanted = self.predicates(&table)?;
        let body_row = |values: &[Option<Datum>]| -> Vec<Datum> {
            let of = |name: &str| columns.iter().position(|column| column == name).and_then(|at| values[at].clone());
            table.columns.iter().map(|column| of(&column.name).unwrap_or(Datum::Null)).collect()
        };
        rows.retain(|values| {
            wanted.iter().all(|predicate| predicate.holds(&body_row(values), &|_| false) == Some(true))
        });
        let savepoint = self.database.savepoint();
        let insert = Insert { columns, rows, conflict: Some((OnConflict::Merge, &key)), returning: self.returns() };
        let written = self.database.insert(&table, insert, self.session)?;
        let (rows, total) = self.answered(&table, &written).inspect_err(|_| self.database.undo(savepoint.clone()))?;
        if total != 1 {
            self.database.undo(savepoint);
            let message = "Payload values do not match URL in primary key column(s)";
            return Err(Told::new(400, "PGRST115", message).into());
        }
        let applied =
            self.context.preferences.applied(&[Honoured::Representation, Honoured::Count, Honoured::Handling]);
        if !self.is_full() {
            return Ok(with_some(bare(StatusCode::NO_CONTENT, ""), "preference-applied", applied));
        }
        let status = if written.inserted.unwrap_or_default() > 0 { StatusCode::CREATED } else { StatusCode::OK };
        let response = self.context.with_content_type(bare(status, render_rows(&rows, &self.context.media)));
        Ok(with_some(response, "preference-applied", applied))
    }

    /// PATCH.
    ///
    /// # Errors
    /// PostgREST's and the database's own.
    pub fn update(mut self, columns: &[String], payload: &Payload) -> Result<Response<Bytes>, RestError> {
        let table = self.table()?;
        self.check_returning(&table)?;
        let savepoint = self.database.savepoint();
        let written = if columns.is_empty() {
            self.session.require(&table, Command::Select)?;
            Written::default()
        } else {
            let defaults = self.context.preferences.missing == Some(Missing::Default);
            let predicates = self.predicates(&table)?;
            let order = self.order(&table)?;
            self.session.require(&table, Command::Update)?;
            let reads = !predicates.is_empty() || self.returns();
            if reads {
                self.session.require(&table, Command::Select)?;
            }
            let chosen = self.choose(&table, &predicates, &order, Command::Update, reads);
            let values = self.values(&table, columns, payload, defaults)?;
            match values.into_iter().next() {
                None => Written::default(),
                Some(values) => {
                    let position = |column: &String| table.position(column).unwrap_or_default();
                    let changes: Vec<_> = columns.iter().map(position).zip(values).collect();
                    self.database.update(&table, &chosen, &changes, reads, self.session)?
                }
            }
        };
        self.finish(&table, &written, savepoint, |total, counted| content_range(0, total - 1, counted))
    }

    /// DELETE.
    ///
    /// # Errors
    /// PostgREST's and the database's own.
    pub fn delete(mut self) -> Result<Response<Bytes>, RestError> {
        let table = self.table()?;
        self.check_returning(&table)?;
        let predicates = self.predicates(&table)?;
        let order = self.order(&table)?;
        self.session.require(&table, Command::Delete)?;
        let reads = !predicates.is_empty() || self.returns();
        if reads {
            self.session.require(&table, Command::Select)?;
        }
        let savepoint = self.database.savepoint();
        let chosen = self.choose(&table, &predicates, &order, Command::Delete, reads);
        let written = self.database.delete(&table, &chosen)?;
        self.finish(&table, &written, savepoint, |_, counted| content_range(1, 0, counted))
    }

    fn finish(
        &mut self,
        table: &Table,
        written: &Written,
        savepoint: std::collections::BTreeMap<String, Arc<Vec<Row>>>,
        range: fn(i64, Option<i64>) -> String,
    ) -> Result<Response<Bytes>, RestError> {
        let judged = self.answered(table, written).and_then(|(rows, total)| {
            self.context.require_singular(total)?;
            self.require_few(total)?;
            Ok((rows, total))
        });
        let (rows, total) = judged.inspect_err(|_| self.database.undo(savepoint))?;
        let preferences = &self.context.preferences;
        let counted = preferences.counts().then(|| count(total));
        let mut honoured = vec![Honoured::Representation, Honoured::Count, Honoured::Handling, Honoured::MaxAffected];
        if self.context.method == http::Method::PATCH {
            honoured.insert(0, Honoured::Missing);
        }
        let (status, text) = if self.is_full() {
            (StatusCode::OK, render_rows(&rows, &self.context.media))
        } else {
            (StatusCode::NO_CONTENT, String::new())
        };
        let response = bare(status, text).with_header("content-range", range(count(total), counted));
        let response = with_some(response, "preference-applied", preferences.applied(&honoured));
        Ok(if self.is_full() { self.context.with_content_type(response) } else { response })
    }

    /// `Prefer: max-affected=N, handling=strict`
    fn require_few(&self, total: usize) -> Result<(), RestError> {
        let preferences = &self.context.preferences;
        match preferences.max_affected {
            Some(most) if preferences.strict == Some(true) && count(total) > most => {
                let message = "Query result exceeds max-affected preference constraint";
                Err(Told::new(400, "PGRST124", message).details(format!("The query affects {total} rows")).into())
            }
            _ => Ok(()),
        }
    }

    fn check_returning(&self, table: &Table) -> Result<(), RestError> {
        if self.returns() { check(self.database, self.plan, &table_scope(table), self.session) } else { Ok(()) }
    }

    /// The rows to answer, and how many were written.
    fn answered(&self, table: &Table, written: &Written) -> Result<(Vec<OutputRow>, usize), RestError> {
        if !self.is_full() {
            return Ok((Vec::new(), written.rows.len()));
        }
        let rows = written.rows.clone();
        let read = read_rows(self.database, self.plan, &table_scope(table), rows, self.session)?;
        let total = read.rows.len();
        Ok((read.rows, total))
    }

    fn values(
        &self,
        table: &Table,
        columns: &[String],
        payload: &Payload,
        defaults: bool,
    ) -> Result<Vec<Vec<Option<Datum>>>, RestError> {
        let mut rows = Vec::new();
        for item in &payload.items {
            let mut values = Vec::new();
            for column in columns.iter().filter_map(|name| table.column(name)) {
                values.push(match item.member(&column.name) {
                    Some(json) => Some(column.kind.read_json(json, self.session.now)?),
                    None if defaults => None,
                    None => Some(Datum::Null),
                });
            }
            rows.push(values);
        }
        Ok(rows)
    }

    fn predicates(&self, table: &Table) -> Result<Vec<Predicate>, RestError> {
        let scope = table_scope(table);
        let mut compiler = Compiler::new(self.session.now);
        let mut predicates = Vec::new();
        for filter in self.query.root_filters() {
            predicates.push(compiler.filter(&scope, filter)?);
        }
        for (_, logic) in &self.query.logic {
            predicates.push(compiler.logic(&scope, logic)?);
        }
        compiler.finish()?;
        Ok(predicates)
    }

    fn order(&self, table: &Table) -> Result<Vec<SortKey>, RestError> {
        let compiler = Compiler::new(self.session.now);
        let terms = self.query.orders.iter().find(|(path, _)| path.is_empty()).map(|(_, terms)| terms);
        let keys = terms.into_iter().flatten().map(|term| compiler.order(&table_scope(table), term));
        Ok(keys.collect::<Result<_, _>>()?)
    }

    /// The rows that a statement changes. Limits are kept to up to PostgREST 12 only.
    fn choose(
        &self,
        table: &Table,
        predicates: &[Predicate],
        order: &[SortKey],
        command: Command,
        reads: bool,
    ) -> Vec<Row> {
        let chosen = |row: &&Row| {
            self.session.sees(table, row, command)
                && (!reads || self.session.sees(table, row, Command::Select))
                && predicates.iter().all(|predicate| predicate.holds(row, &|_| false) == Some(true))
        };
        let mut rows: Vec<Row> = self.database.rows(&table.name).iter().filter(chosen).cloned().collect();
        if self.context.version == Version::V12 && self.context.range != Range::ALL {
            rows.sort_by(|one, other| {
                let orders = order.iter().map(|key| key.compare(one, other));
                orders.into_iter().find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
            });
            rows = self.context.range.cut(rows);
        }
        rows
    }
}

/// Whether a PUT names its row by the whole primary key and nothing else.
///
/// # Errors
/// PGRST105 when it does not.
pub fn require_key_filters(database: &Database, name: &str, query: &Query) -> Result<(), RestError> {
    let key: BTreeSet<String> =
        database.table(name).map(|table| table.primary_key.iter().cloned().collect()).unwrap_or_default();
    let equal =
        |filter: &Filter| !filter.negated && matches!(filter.operation, Operation::Compare(Comparison::Equal, None, _));
    if query.logic.is_empty() && !key.is_empty() && query.filter_names == key && query.root_filters().all(equal) {
        return Ok(());
    }
    let message = "Filters must include all and only primary key columns with 'eq' operators";
    Err(Told::new(405, "PGRST105", message).into())
}

/// Where a created row is found: `/items?id=eq.33`.
fn location(table: &Table, row: &Row) -> Option<String> {
    let mut keys: Vec<&String> = table.primary_key.iter().collect();
    keys.sort();
    let parts: Vec<String> = keys
        .into_iter()
        .filter_map(|key| {
            let value = row.get(table.position(key)?)?.to_json().as_text();
            let value = value.map_or_else(|| "is.null".to_owned(), |value| format!("eq.{value}"));
            let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            Some(format!("{key}={}", encoded.replace('+', "%20")))
        })
        .collect();
    (!parts.is_empty()).then(|| format!("/{}?{}", table.name, parts.join("&")))
}
