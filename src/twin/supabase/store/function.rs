//! Functions as a fixture describes them, and what they return.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::twin::supabase::store::database::{Database, Row};
use crate::twin::supabase::store::datum::Datum;
use crate::twin::supabase::store::error::PgError;
use crate::twin::supabase::store::json::Json;
use crate::twin::supabase::store::policy::Session;
use crate::twin::supabase::store::schema::Command;
use crate::twin::supabase::store::types::Type;

/// A function of the schema `public`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    #[serde(rename = "function")]
    pub name: String,
    #[serde(default)]
    pub comment: Option<String>,
    #[serde(default)]
    pub arguments: Vec<Argument>,
    pub returns: Returns,
    #[serde(default)]
    pub volatility: Volatility,
    pub body: Body,
}

/// A named argument; optional when it has a default.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Argument {
    pub name: String,
    #[serde(rename = "type", deserialize_with = "type_name")]
    pub kind: Type,
    #[serde(default)]
    pub default: Option<Value>,
}

/// What a function gives back.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Returns {
    Void,
    #[serde(deserialize_with = "type_name")]
    Scalar(Type),
    #[serde(deserialize_with = "type_name")]
    SetOf(Type),
    /// One row of a table.
    RowOf(String),
    /// Rows of a table.
    RowsOf(String),
    /// Rows of its own shape: `(column, type)`.
    Table(Vec<(String, TypeName)>),
}

/// A type by name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TypeName(pub Type);

impl<'de> Deserialize<'de> for TypeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        type_name(deserializer).map(Self)
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Volatility {
    Immutable,
    Stable,
    #[default]
    Volatile,
}

/// What a function does. Only what can be told as data: the twin runs no SQL.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Body {
    Nothing,
    /// The sum of integer arguments.
    Sum(Vec<String>),
    /// A list of constants.
    Values(Vec<Value>),
    Raise(Raise),
    /// Rows of a table whose column equals an argument.
    Select {
        from: String,
        column: String,
        argument: String,
    },
    /// Rows by cosine similarity, as the usual `match_documents` of a pgvector project does it.
    Nearest {
        from: String,
        embedding: String,
        query: String,
        threshold: String,
        count: String,
    },
}

/// `RAISE`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    /// SQLSTATE: `P0001` for a plain RAISE EXCEPTION, `PTxyz` for HTTP status xyz.
    pub code: String,
    pub message: String,
    #[serde(default)]
    pub details: Option<String>,
    #[serde(default)]
    pub hint: Option<String>,
}

/// A function's result.
#[derive(Debug)]
pub struct Returned {
    pub columns: Vec<(String, Type)>,
    pub rows: Vec<Row>,
}

/// The column under which a result that is no row stands.
pub const SCALAR: &str = "pgrst_scalar";

impl Function {
    /// Whether these arguments call this function: all required ones, and no unknown one.
    pub fn accepts(&self, given: &[&str]) -> bool {
        let required = self.arguments.iter().filter(|argument| argument.default.is_none());
        required.clone().all(|argument| given.contains(&argument.name.as_str()))
            && given.iter().all(|name| self.arguments.iter().any(|argument| argument.name == *name))
    }

    /// The columns of the result.
    pub fn columns(&self, database: &Database) -> Vec<(String, Type)> {
        match &self.returns {
            Returns::Void => Vec::new(),
            Returns::Scalar(kind) | Returns::SetOf(kind) => vec![(SCALAR.to_owned(), kind.clone())],
            Returns::RowOf(table) | Returns::RowsOf(table) => database.table(table).map_or_else(Vec::new, |table| {
                table.columns.iter().map(|column| (column.name.clone(), column.kind.clone())).collect()
            }),
            Returns::Table(columns) => columns.iter().map(|(name, kind)| (name.clone(), kind.0.clone())).collect(),
        }
    }

    /// What is wrong with the description, if anything.
    pub(crate) fn check(&self, database: &Database) -> Result<(), String> {
        let argument = |name: &String| {
            let known = self.arguments.iter().any(|argument| argument.name == *name);
            if known { Ok(()) } else { Err(format!("function `{}` has no argument `{name}`", self.name)) }
        };
        let column = |table: &String, column: &String| match database.table(table) {
            None => Err(format!("function `{}` reads `{table}`, which is not described", self.name)),
            Some(found) if found.column(column).is_none() => Err(format!("table `{table}` has no column `{column}`")),
            Some(_) => Ok(()),
        };
        match &self.body {
            Body::Nothing | Body::Values(_) | Body::Raise(_) => Ok(()),
            Body::Sum(names) => names.iter().try_for_each(argument),
            Body::Select { from, column: name, argument: given } => column(from, name).and_then(|()| argument(given)),
            Body::Nearest { from, embedding, query, threshold, count } => {
                column(from, embedding)?;
                [query, threshold, count].into_iter().try_for_each(argument)
            }
        }
    }

    /// Calls the function.
    ///
    /// # Errors
    /// What it raises, or what its arguments or the caller's privileges are refused for.
    pub fn call(
        &self,
        database: &Database,
        given: &BTreeMap<String, Json>,
        session: &Session,
    ) -> Result<Returned, PgError> {
        let mut arguments = BTreeMap::new();
        for argument in &self.arguments {
            let json = given.get(&argument.name).cloned();
            let json = json.or_else(|| argument.default.as_ref().map(Json::from)).unwrap_or(Json::Null);
            arguments.insert(argument.name.as_str(), argument.kind.read_json(&json, session.now)?);
        }
        let columns = self.columns(database);
        let rows = match &self.body {
            Body::Nothing => vec![Arc::new(vec![Datum::Null])],
            Body::Sum(names) => {
                let total = names.iter().try_fold(0_i64, |sum, name| match arguments.get(name.as_str()) {
                    Some(Datum::Int(value)) => sum.checked_add(*value),
                    _ => None,
                });
                vec![Arc::new(vec![total.map_or(Datum::Null, Datum::Int)])]
            }
            Body::Values(values) => {
                let kind = columns.first().map_or(Type::Text, |(_, kind)| kind.clone());
                let read = |value| kind.read_json(&Json::from(value), session.now).map(|datum| Arc::new(vec![datum]));
                values.iter().map(read).collect::<Result<_, _>>()?
            }
            Body::Raise(raise) => return Err(raise.error()),
            Body::Select { from, column, argument } => {
                let at = database.table(from).and_then(|table| table.position(column)).unwrap_or_default();
                let wanted = arguments.get(argument.as_str()).cloned().unwrap_or(Datum::Null);
                let mut rows: Vec<Row> = visible(database, from, session)?;
                rows.retain(|row| row[at].equals(&wanted));
                if matches!(self.returns, Returns::RowOf(_)) {
                    rows.truncate(1);
                    if rows.is_empty() {
                        rows.push(Arc::new(vec![Datum::Null; columns.len()]));
                    }
                }
                rows
            }
            Body::Nearest { from, embedding, query, threshold, count } => {
                let of = |name: &String| arguments.get(name.as_str()).cloned().unwrap_or(Datum::Null);
                nearest(database, (from, embedding), &columns, [of(query), of(threshold), of(count)], session)?
            }
        };
        Ok(Returned { columns, rows })
    }
}

impl Raise {
    fn error(&self) -> PgError {
        PgError {
            code: self.code.clone(),
            message: self.message.clone(),
            details: self.details.clone(),
            hint: self.hint.clone(),
        }
    }
}

/// The rows that the caller sees: the functions are `security invoker`.
fn visible(database: &Database, table: &str, session: &Session) -> Result<Vec<Row>, PgError> {
    let Some(table) = database.table(table) else { return Err(PgError::no_such_table(table)) };
    session.require(table, Command::Select)?;
    let rows = database.rows(&table.name).iter();
    Ok(rows.filter(|row| session.sees(table, row, Command::Select)).cloned().collect())
}

fn nearest(
    database: &Database,
    (from, embedding): (&str, &str),
    columns: &[(String, Type)],
    [query, threshold, count]: [Datum; 3],
    session: &Session,
) -> Result<Vec<Row>, PgError> {
    let rows = visible(database, from, session)?;
    let Some(table) = database.table(from) else { return Ok(Vec::new()) };
    let at = table.position(embedding).unwrap_or_default();
    let (wanted, least) = (numbers(&query), threshold.to_text().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN));
    let mut scored: Vec<(f64, Row)> = rows
        .into_iter()
        .filter_map(|row| {
            let score = similarity(&numbers(&row[at]), &wanted)?;
            (score > least).then(|| {
                let values = columns.iter().map(|(name, _)| match table.position(name) {
                    Some(position) => row[position].clone(),
                    None => Datum::Float(score),
                });
                (score, Arc::new(values.collect()))
            })
        })
        .collect();
    scored.sort_by(|one, other| other.0.total_cmp(&one.0));
    let most = match count {
        Datum::Int(count) => usize::try_from(count).unwrap_or_default(),
        _ => usize::MAX,
    };
    Ok(scored.into_iter().take(most).map(|(_, row)| row).collect())
}

fn numbers(datum: &Datum) -> Vec<f64> {
    match datum {
        Datum::Array(items) => {
            items.iter().filter_map(|item| item.to_text().and_then(|text| text.parse().ok())).collect()
        }
        _ => Vec::new(),
    }
}

/// Cosine similarity; None when a vector is empty or zero.
fn similarity(one: &[f64], other: &[f64]) -> Option<f64> {
    if one.len() != other.len() {
        return None;
    }
    let dot: f64 = one.iter().zip(other).map(|(a, b)| a * b).sum();
    let length = |vector: &[f64]| vector.iter().map(|a| a * a).sum::<f64>().sqrt();
    let lengths = length(one) * length(other);
    (lengths > 0.0).then_some(dot / lengths)
}

fn type_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Type, D::Error> {
    let name = String::deserialize(deserializer)?;
    Type::named(&name).ok_or_else(|| serde::de::Error::custom(format!("`{name}` is not a type that we know")))
}
