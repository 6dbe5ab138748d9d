//! INSERT, UPDATE and DELETE: all of a statement happens or none of it, sequences apart.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::twin::supabase::store::database::{Database, Row};
use crate::twin::supabase::store::datum::Datum;
use crate::twin::supabase::store::error::PgError;
use crate::twin::supabase::store::integrity::{check_row, still_referenced};
use crate::twin::supabase::store::policy::Session;
use crate::twin::supabase::store::schema::{Command, Key, OnDelete, Table};

/// What `ON CONFLICT` does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OnConflict {
    Ignore,
    Merge,
}

/// An INSERT. A row holds one value for each column; None asks for the default.
#[derive(Debug)]
pub struct Insert<'a> {
    pub columns: &'a [String],
    pub rows: Vec<Vec<Option<Datum>>>,
    pub conflict: Option<(OnConflict, &'a [String])>,
    /// Whether columns of the written rows are read back.
    pub returning: bool,
}

/// What a statement wrote.
#[derive(Debug, Default)]
pub struct Written {
    pub rows: Vec<Row>,
    /// Rows inserted less rows merged; None when there was no row. PostgREST answers 200 or 201 by it.
    pub inserted: Option<i64>,
}

impl Database {
    /// # Errors
    /// PostgreSQL's own; the rows are then as they were.
    pub fn insert(&mut self, table: &Arc<Table>, insert: Insert, session: &Session) -> Result<Written, PgError> {
        session.require(table, Command::Insert)?;
        let key = arbiter(table, insert.conflict.as_ref(), session)?;
        if insert.returning {
            session.require(table, Command::Select)?;
        }
        self.all_or_none(|database| {
            let mut written = Written::default();
            for values in insert.rows {
                let row = database.complete(table, insert.columns, values, session);
                let merges = insert.conflict.as_ref().is_some_and(|(action, _)| *action == OnConflict::Merge);
                let reads = insert.returning || merges;
                if !session.may_write(table, &row, Command::Insert)
                    || (reads && !session.sees(table, &row, Command::Select))
                {
                    return Err(PgError::row_violates_policy(&table.name));
                }
                check_row(table, &row, session)?;
                let holder = key.as_ref().and_then(|key| database.holder(table, key, &row, None)).cloned();
                let count = written.inserted.get_or_insert(0);
                match holder {
                    None => {
                        *count += 1;
                        database.check_keys(table, &row, None, session)?;
                        let row = Arc::new(row);
                        database.push(&table.name, row.clone());
                        written.rows.push(row);
                    }
                    Some(holder) if merges && !insert.columns.is_empty() => {
                        if written.rows.iter().any(|own| Arc::ptr_eq(own, &holder)) {
                            return Err(affected_twice());
                        }
                        written.rows.push(database.merge(table, insert.columns, &row, &holder, session)?);
                    }
                    Some(_) => {}
                }
            }
            for row in &written.rows {
                database.check_references(table, row, session)?;
            }
            Ok(written)
        })
    }

    fn complete(
        &mut self,
        table: &Table,
        columns: &[String],
        values: Vec<Option<Datum>>,
        session: &Session,
    ) -> Vec<Datum> {
        let mut given: BTreeMap<&str, Datum> =
            columns.iter().zip(values).filter_map(|(column, value)| Some((column.as_str(), value?))).collect();
        table
            .columns
            .iter()
            .map(|column| match given.remove(column.name.as_str()) {
                Some(value) => value,
                None => self.default(table, &column.name, session),
            })
            .collect()
    }

    /// `ON CONFLICT … DO UPDATE SET column = EXCLUDED.column`
    fn merge(
        &mut self,
        table: &Table,
        columns: &[String],
        proposed: &[Datum],
        holder: &Row,
        session: &Session,
    ) -> Result<Row, PgError> {
        if !session.sees(table, holder, Command::Update) || !session.sees(table, holder, Command::Select) {
            return Err(PgError::new(
                "42501",
                format!("new row violates row-level security policy (USING expression) for table \"{}\"", table.name),
            ));
        }
        let mut row = holder.as_ref().clone();
        for at in columns.iter().filter_map(|column| table.position(column)) {
            row[at] = proposed[at].clone();
        }
        self.replace(table, holder, row, true, session)
    }

    /// Changes the rows that were chosen. `reads` tells whether the statement looks at columns, be it to choose the
    /// rows or to answer them: the new rows must then be seen, too.
    ///
    /// # Errors
    /// PostgreSQL's own; the rows are then as they were.
    pub fn update(
        &mut self,
        table: &Arc<Table>,
        chosen: &[Row],
        changes: &[(usize, Option<Datum>)],
        reads: bool,
        session: &Session,
    ) -> Result<Written, PgError> {
        self.all_or_none(|database| {
            let mut written = Written::default();
            for old in chosen {
                let mut row = old.as_ref().clone();
                for (at, value) in changes {
                    row[*at] = match value {
                        Some(value) => value.clone(),
                        None => database.default(table, &table.columns[*at].name, session),
                    };
                }
                written.rows.push(database.replace(table, old, row, reads, session)?);
            }
            for row in &written.rows {
                database.check_references(table, row, session)?;
            }
            for (old, new) in chosen.iter().zip(&written.rows) {
                database.check_referrers(table, old, Some(new))?;
            }
            Ok(written)
        })
    }

    fn replace(
        &mut self,
        table: &Table,
        old: &Row,
        row: Vec<Datum>,
        reads: bool,
        session: &Session,
    ) -> Result<Row, PgError> {
        if !session.may_write(table, &row, Command::Update) || (reads && !session.sees(table, &row, Command::Select)) {
            return Err(PgError::row_violates_policy(&table.name));
        }
        check_row(table, &row, session)?;
        self.check_keys(table, &row, Some(old), session)?;
        let row = Arc::new(row);
        // PostgreSQL writes a new version of the row behind the others.
        let rows = self.rows_mut(&table.name);
        rows.retain(|other| !Arc::ptr_eq(other, old));
        rows.push(row.clone());
        Ok(row)
    }

    /// Deletes the rows that were chosen, and what cascades from them.
    ///
    /// # Errors
    /// 23503 when one of them is still referenced; the rows are then as they were.
    pub fn delete(&mut self, table: &Arc<Table>, chosen: &[Row]) -> Result<Written, PgError> {
        self.all_or_none(|database| {
            for row in chosen {
                database.rows_mut(&table.name).retain(|other| !Arc::ptr_eq(other, row));
            }
            for row in chosen {
                database.check_referrers(table, row, None)?;
            }
            Ok(Written { rows: chosen.to_vec(), inserted: None })
        })
    }

    /// What refers to a row that went (or whose key changed): follows `on delete`, or refuses.
    fn check_referrers(&mut self, parent: &Arc<Table>, old: &Row, new: Option<&Row>) -> Result<(), PgError> {
        for child in self.tables.clone().into_values() {
            for (column, reference) in child.foreign_keys().filter(|(_, reference)| reference.table == parent.name) {
                let (Some(key), Some(at)) = (parent.position(&reference.column), child.position(&column.name)) else {
                    continue;
                };
                let value = &old[key];
                if new.is_some_and(|new| new[key].equals(value)) {
                    continue;
                }
                let orphans: Vec<Row> =
                    self.rows(&child.name).iter().filter(|row| row[at].equals(value)).cloned().collect();
                if orphans.is_empty() {
                    continue;
                }
                match column.on_delete {
                    OnDelete::Cascade if new.is_none() => {
                        self.delete(&child, &orphans)?;
                    }
                    OnDelete::SetNull if new.is_none() => {
                        for orphan in orphans {
                            let mut row = orphan.as_ref().clone();
                            row[at] = Datum::Null;
                            let rows = self.rows_mut(&child.name);
                            rows.retain(|other| !Arc::ptr_eq(other, &orphan));
                            rows.push(Arc::new(row));
                        }
                    }
                    _ => return Err(still_referenced(parent, &child, column, &reference.column, value)),
                }
            }
        }
        Ok(())
    }

    fn all_or_none<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, PgError>) -> Result<T, PgError> {
        let before = self.rows.clone();
        work(self).inspect_err(|_| self.rows = before)
    }

    /// Takes a statement back after it was done: PostgREST judged its result.
    pub fn undo(&mut self, before: BTreeMap<String, Arc<Vec<Row>>>) {
        self.rows = before;
    }

    /// The rows as they are, for [`Self::undo`].
    pub fn savepoint(&self) -> BTreeMap<String, Arc<Vec<Row>>> {
        self.rows.clone()
    }
}

/// The key that `ON CONFLICT` names.
fn arbiter(
    table: &Table,
    conflict: Option<&(OnConflict, &[String])>,
    session: &Session,
) -> Result<Option<Key>, PgError> {
    let Some((action, columns)) = conflict else { return Ok(None) };
    let same =
        |key: &Key| key.columns.len() == columns.len() && key.columns.iter().all(|column| columns.contains(column));
    let Some(key) = table.keys().into_iter().find(same) else {
        if let Some(unknown) = columns.iter().find(|column| table.column(column).is_none()) {
            return Err(PgError::new("42703", format!("column \"{unknown}\" does not exist")));
        }
        return Err(PgError::new(
            "42P10",
            "there is no unique or exclusion constraint matching the ON CONFLICT specification",
        ));
    };
    session.require(table, Command::Select)?;
    if *action == OnConflict::Merge {
        session.require(table, Command::Update)?;
    }
    Ok(Some(key))
}

fn affected_twice() -> PgError {
    PgError::new("21000", "ON CONFLICT DO UPDATE command cannot affect row a second time").with_hint(
        "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.",
    )
}
