//! The tables and their rows, shared between the forks of a twin until one of them writes.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::twin::kit::ids::Ids;
use crate::twin::supabase::store::datum::Datum;
use crate::twin::supabase::store::function::Function;
use crate::twin::supabase::store::integrity::check_row;
use crate::twin::supabase::store::json::Json;
use crate::twin::supabase::store::policy::Session;
use crate::twin::supabase::store::relation::{Relationship, relationships};
use crate::twin::supabase::store::schema::{DefaultValue, Table};

/// The values of one row, in the order of the table's columns.
pub type Row = Arc<Vec<Datum>>;

/// Tables, rows, sequences and functions of the schema `public`.
#[derive(Clone, Debug)]
pub struct Database {
    pub(crate) tables: BTreeMap<String, Arc<Table>>,
    pub(crate) rows: BTreeMap<String, Arc<Vec<Row>>>,
    /// The next number of each identity column, by table.
    pub(crate) sequences: BTreeMap<String, i64>,
    functions: Arc<Vec<Function>>,
    relationships: Arc<Vec<Relationship>>,
    ids: Ids,
}

impl Database {
    /// A database of described tables, filled with their rows.
    ///
    /// # Errors
    /// The first thing in a description or a row that cannot be, in words.
    pub fn new(tables: Vec<Table>, functions: Vec<Function>, seed: u64, now: Timestamp) -> Result<Self, String> {
        let tables: BTreeMap<_, _> = tables.into_iter().map(|table| (table.name.clone(), Arc::new(table))).collect();
        let mut database = Self {
            relationships: Arc::new(relationships(&tables)),
            rows: BTreeMap::new(),
            sequences: BTreeMap::new(),
            functions: Arc::new(functions),
            ids: Ids::new(seed),
            tables,
        };
        for table in database.tables.clone().into_values() {
            table.check()?;
            for (column, reference) in table.foreign_keys() {
                let target = database.tables.get(&reference.table).and_then(|other| other.column(&reference.column));
                if target.is_none() {
                    return Err(format!("`{}.{}` references nothing that is described", table.name, column.name));
                }
            }
            database.fill(&table.name, &table.rows, now)?;
        }
        database.functions.iter().try_for_each(|function| function.check(&database))?;
        Ok(database)
    }

    pub fn table(&self, name: &str) -> Option<&Arc<Table>> {
        self.tables.get(name)
    }

    pub fn table_names(&self) -> impl Iterator<Item = &str> {
        self.tables.keys().map(String::as_str)
    }

    pub fn rows(&self, table: &str) -> &[Row] {
        self.rows.get(table).map_or(&[], |rows| rows.as_slice())
    }

    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    pub fn relationships(&self) -> &[Relationship] {
        &self.relationships
    }

    /// Takes a table away, and with it what refers to it.
    pub fn drop_table(&mut self, name: &str) {
        self.tables.remove(name);
        self.rows.remove(name);
        self.relationships = Arc::new(relationships(&self.tables));
    }

    /// Brings a table back or puts it in place of the one of its name.
    pub fn put_table(&mut self, table: Arc<Table>) {
        self.tables.insert(table.name.clone(), table);
        self.relationships = Arc::new(relationships(&self.tables));
    }

    /// Replaces the rows of a table. Types, keys and required columns are kept to; references and policies are not
    /// asked, as when an administrator loads a dump.
    ///
    /// # Errors
    /// The first row that the table cannot hold, in words.
    pub fn fill(&mut self, name: &str, rows: &[Map<String, Value>], now: Timestamp) -> Result<(), String> {
        let Some(table) = self.tables.get(name).cloned() else { return Err(format!("there is no table `{name}`")) };
        let session = Session { role: "service_role".into(), claims: Json::Object(Vec::new()), now };
        self.rows.insert(name.to_owned(), Arc::new(Vec::new()));
        self.sequences.insert(name.to_owned(), 1);
        for (index, members) in rows.iter().enumerate() {
            let told = |message: String| format!("row {} of `{name}`: {message}", index + 1);
            let mut row = Vec::with_capacity(table.columns.len());
            for column in &table.columns {
                row.push(match members.get(&column.name) {
                    Some(value) => {
                        column.kind.read_json(&Json::from(value), now).map_err(|error| told(error.message))?
                    }
                    None => self.default(&table, &column.name, &session),
                });
            }
            if let Some(unknown) = members.keys().find(|key| table.column(key).is_none()) {
                return Err(told(format!("the table has no column `{unknown}`")));
            }
            check_row(&table, &row, &session).map_err(|error| told(error.message))?;
            self.check_keys(&table, &row, None, &session).map_err(|error| told(error.message))?;
            self.advance_sequence(&table, &row);
            self.push(&table.name, Arc::new(row));
        }
        Ok(())
    }

    /// What a column holds when a row does not say; draws from the sequence of an identity column.
    pub(crate) fn default(&mut self, table: &Table, column: &str, session: &Session) -> Datum {
        let Some(column) = table.column(column) else { return Datum::Null };
        if column.identity {
            let next = self.sequences.entry(table.name.clone()).or_insert(1);
            *next += 1;
            return Datum::Int(*next - 1);
        }
        match &column.default {
            None => Datum::Null,
            Some(DefaultValue::Now) => {
                Datum::Timestamp(Timestamp::from_microsecond(session.now.as_microsecond()).unwrap_or(session.now))
            }
            Some(DefaultValue::RandomUuid) => Datum::Text(self.ids.uuid()),
            Some(DefaultValue::UserId) => session.claim("sub").map_or(Datum::Null, Datum::Text),
            Some(DefaultValue::Value(value)) => {
                column.kind.read_json(&Json::from(value), session.now).unwrap_or(Datum::Null)
            }
        }
    }

    /// Rows that name their own identity move the sequence behind them, as a restored dump does.
    fn advance_sequence(&mut self, table: &Table, row: &[Datum]) {
        let identity = table.columns.iter().position(|column| column.identity);
        if let Some(Datum::Int(number)) = identity.and_then(|position| row.get(position)) {
            let next = self.sequences.entry(table.name.clone()).or_insert(1);
            *next = (*next).max(number + 1);
        }
    }

    pub(crate) fn rows_mut(&mut self, table: &str) -> &mut Vec<Row> {
        Arc::make_mut(self.rows.entry(table.to_owned()).or_default())
    }

    pub(crate) fn push(&mut self, table: &str, row: Row) {
        self.rows_mut(table).push(row);
    }
}
