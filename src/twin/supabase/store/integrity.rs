//! Constraints: not null, checks, keys and foreign keys, and what PostgreSQL says when one is violated.

use crate::twin::supabase::store::database::{Database, Row};
use crate::twin::supabase::store::datum::Datum;
use crate::twin::supabase::store::error::PgError;
use crate::twin::supabase::store::json::Json;
use crate::twin::supabase::store::policy::Session;
use crate::twin::supabase::store::schema::{Column, Command, Key, Table};

/// A value in an error's details is cut after this many bytes.
const LONGEST_DETAIL: usize = 64;

impl Database {
    /// Primary and unique keys, apart from the row that is being replaced.
    pub(crate) fn check_keys(
        &self,
        table: &Table,
        row: &[Datum],
        replaced: Option<&Row>,
        session: &Session,
    ) -> Result<(), PgError> {
        for key in table.keys() {
            if self.holder(table, &key, row, replaced).is_some() {
                let error =
                    PgError::new("23505", format!("duplicate key value violates unique constraint \"{}\"", key.name));
                return Err(if tells_details(table, session) {
                    error.with_details(format!("Key {} already exists.", write_key(table, &key.columns, row)))
                } else {
                    error
                });
            }
        }
        Ok(())
    }

    /// The row that holds this key already.
    pub(crate) fn holder(&self, table: &Table, key: &Key, row: &[Datum], replaced: Option<&Row>) -> Option<&Row> {
        let positions: Vec<usize> = key.columns.iter().filter_map(|column| table.position(column)).collect();
        self.rows(&table.name).iter().find(|other| {
            replaced.is_none_or(|replaced| !std::sync::Arc::ptr_eq(replaced, other))
                && positions.iter().all(|at| row[*at].equals(&other[*at]))
        })
    }

    /// Foreign keys of a row that was written.
    pub(crate) fn check_references(&self, table: &Table, row: &[Datum], session: &Session) -> Result<(), PgError> {
        for (column, reference) in table.foreign_keys() {
            let value = table.position(&column.name).map_or(&Datum::Null, |at| &row[at]);
            let target = self.table(&reference.table);
            let at = target.and_then(|target| target.position(&reference.column));
            if value.is_null() || at.is_none_or(|at| self.rows(&reference.table).iter().any(|o| o[at].equals(value))) {
                continue;
            }
            let error = PgError::new(
                "23503",
                format!(
                    "insert or update on table \"{}\" violates foreign key constraint \"{}\"",
                    table.name,
                    table.foreign_key_name(column)
                ),
            );
            let key = if tells_details(table, session) {
                format!("Key ({})=({})", column.name, value.to_text().unwrap_or_default())
            } else {
                "Key".to_owned()
            };
            return Err(error.with_details(format!("{key} is not present in table \"{}\".", reference.table)));
        }
        Ok(())
    }
}

/// Required columns, then checks in the order of their names.
pub(crate) fn check_row(table: &Table, row: &[Datum], session: &Session) -> Result<(), PgError> {
    let failing = |error: PgError| match describe(table, row, session) {
        Some(details) => error.with_details(details),
        None => error,
    };
    for (column, value) in table.columns.iter().zip(row) {
        if value.is_null() && table.is_required(column) {
            return Err(failing(PgError::new(
                "23502",
                format!(
                    "null value in column \"{}\" of relation \"{}\" violates not-null constraint",
                    column.name, table.name
                ),
            )));
        }
    }
    let mut violated: Vec<String> = table
        .columns
        .iter()
        .zip(row)
        .filter(|(column, value)| !passes_check(column, value))
        .filter_map(|(column, _)| table.check_name(column))
        .collect();
    violated.sort();
    match violated.first() {
        None => Ok(()),
        Some(name) => Err(failing(PgError::new(
            "23514",
            format!("new row for relation \"{}\" violates check constraint \"{name}\"", table.name),
        ))),
    }
}

/// The refusal of a delete or update that would leave a reference without its row.
pub(crate) fn still_referenced(parent: &Table, child: &Table, column: &Column, key: &str, value: &Datum) -> PgError {
    PgError::new(
        "23503",
        format!(
            "update or delete on table \"{}\" violates foreign key constraint \"{}\" on table \"{}\"",
            parent.name,
            child.foreign_key_name(column),
            child.name
        ),
    )
    .with_details(format!(
        "Key ({key})=({}) is still referenced from table \"{}\".",
        value.to_text().unwrap_or_default(),
        child.name
    ))
}

fn passes_check(column: &Column, value: &Datum) -> bool {
    if value.is_null() {
        return true;
    }
    let text = value.cast_text();
    let listed = |allowed: &Vec<serde_json::Value>| allowed.iter().any(|one| Json::from(one).as_text() == text);
    let number: f64 = text.as_deref().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN);
    #[expect(clippy::cast_precision_loss, reason = "bounds of checks are small numbers")]
    let (least, most) = (column.at_least.map(|bound| bound as f64), column.at_most.map(|bound| bound as f64));
    column.one_of.as_ref().is_none_or(listed)
        && least.is_none_or(|least| number >= least)
        && most.is_none_or(|most| number <= most)
}

/// PostgreSQL tells values only to those who could read them.
fn tells_details(table: &Table, session: &Session) -> bool {
    !session.is_restricted(table) && table.allows(&session.role, Command::Select)
}

fn write_key(table: &Table, columns: &[String], row: &[Datum]) -> String {
    let values: Vec<String> = columns
        .iter()
        .map(|column| table.position(column).and_then(|at| row[at].to_text()).unwrap_or_else(|| "null".into()))
        .collect();
    format!("({})=({})", columns.join(", "), values.join(", "))
}

fn describe(table: &Table, row: &[Datum], session: &Session) -> Option<String> {
    if !tells_details(table, session) {
        return None;
    }
    let values: Vec<String> = row
        .iter()
        .map(|value| {
            let text = value.to_text().unwrap_or_else(|| "null".into());
            if text.len() <= LONGEST_DETAIL {
                return text;
            }
            let mut end = LONGEST_DETAIL;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            format!("{}...", &text[..end])
        })
        .collect();
    Some(format!("Failing row contains ({}).", values.join(", ")))
}
