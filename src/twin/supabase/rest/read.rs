//! A plan carried out: rows chosen, ordered, cut, and their embedded relations fetched.

use crate::twin::supabase::rest::error::RestError;
use crate::twin::supabase::rest::plan::{Condition, Plan};
use crate::twin::supabase::store::compare::{Compiler, Scope};
use crate::twin::supabase::store::database::{Database, Row};
use crate::twin::supabase::store::datum::Datum;
use crate::twin::supabase::store::error::PgError;
use crate::twin::supabase::store::json::Json;
use crate::twin::supabase::store::policy::Session;
use crate::twin::supabase::store::predicate::{Expression, Predicate, SortKey};
use crate::twin::supabase::store::relation::{Cardinality, Relationship};
use crate::twin::supabase::store::schema::{Command, Table};
use crate::twin::supabase::store::types::Type;

/// One row of an answer: names and values in the order in which they were selected.
pub type OutputRow = Vec<(String, Datum)>;

/// What was read.
#[derive(Debug)]
pub struct Read {
    pub rows: Vec<OutputRow>,
    /// All rows that match, whatever the range.
    pub total: usize,
}

/// A plan whose names were found in the database.
struct Ready {
    name: String,
    /// Name in the answer, value, and the type it is cast to.
    outputs: Vec<(String, Expression, Option<Type>)>,
    predicates: Vec<Predicate>,
    order: Vec<Order>,
    plan: Plan,
    children: Vec<Ready>,
}

enum Order {
    Own(SortKey),
    /// By a column of an embedded relation: its name, the key.
    Related(String, SortKey),
}

struct Reader<'a> {
    database: &'a Database,
    session: &'a Session,
}

/// Reads a table.
///
/// # Errors
/// The database's own (42P01, 42703, 42501, 22P02 …).
pub fn read_table(database: &Database, plan: &Plan, session: &Session) -> Result<Read, RestError> {
    let Some(table) = database.table(&plan.table) else { return Err(PgError::no_such_table(&plan.table).into()) };
    let ready = prepare(database, plan, &table_scope(table), session)?;
    session.require(table, Command::Select)?;
    require_children(database, plan, session)?;
    let seen = |row: &&Row| session.sees(table, row, Command::Select);
    let rows = database.rows(&table.name).iter().filter(seen).cloned().collect();
    Reader { database, session }.read(&ready, rows)
}

/// Reads rows that are there already: those a mutation wrote or a function returned. `names` are their columns.
///
/// # Errors
/// As for [`read_table`].
pub fn read_rows(
    database: &Database,
    plan: &Plan,
    scope: &Scope,
    rows: Vec<Row>,
    session: &Session,
) -> Result<Read, RestError> {
    let ready = prepare(database, plan, scope, session)?;
    require_children(database, plan, session)?;
    Reader { database, session }.read(&ready, rows)
}

/// Finds the faults that a plan would have with rows of this shape, before there are any.
///
/// # Errors
/// As for [`read_table`].
pub fn check(database: &Database, plan: &Plan, scope: &Scope, session: &Session) -> Result<(), RestError> {
    prepare(database, plan, scope, session).map(|_| ())
}

pub fn table_scope(table: &Table) -> Scope {
    let columns = table.columns.iter().map(|column| (column.name.clone(), column.kind.clone())).collect();
    Scope { relation: table.name.clone(), columns }
}

fn prepare(database: &Database, plan: &Plan, scope: &Scope, session: &Session) -> Result<Ready, RestError> {
    let mut compiler = Compiler::new(session.now);
    let ready = ready(database, plan, scope, &mut compiler)?;
    compiler.finish()?;
    Ok(ready)
}

fn require_children(database: &Database, plan: &Plan, session: &Session) -> Result<(), RestError> {
    for child in &plan.children {
        let junction = child.relationship.as_ref().and_then(|relationship| match &relationship.cardinality {
            Cardinality::ManyToMany { junction, .. } => Some(junction),
            _ => None,
        });
        for name in std::iter::once(&child.table).chain(junction) {
            if let Some(table) = database.table(name) {
                session.require(table, Command::Select)?;
            }
        }
        require_children(database, child, session)?;
    }
    Ok(())
}

fn ready(database: &Database, plan: &Plan, scope: &Scope, compiler: &mut Compiler) -> Result<Ready, RestError> {
    let mut children = Vec::new();
    for child in &plan.children {
        let Some(table) = database.table(&child.table) else {
            return Err(PgError::no_such_table(&child.table).into());
        };
        // An embedded table goes by a name with its depth in it (`notes_1`); messages show that name.
        let depth = depth_of(plan, child);
        let many =
            matches!(&child.relationship, Some(Relationship { cardinality: Cardinality::ManyToMany { .. }, .. }));
        let mut scope = table_scope(table);
        if !many {
            scope.relation = format!("{}_{depth}", scope.relation);
        }
        children.push(ready(database, child, &scope, compiler)?);
    }
    let outputs = outputs(plan, scope)?;
    let mut predicates = Vec::new();
    for condition in &plan.conditions {
        predicates.push(predicate(condition, scope, compiler)?);
    }
    let mut order = Vec::new();
    for term in &plan.order {
        order.push(match &term.relation {
            None => Order::Own(compiler.order(scope, term)?),
            Some(relation) => {
                let child = children.iter().find(|child: &&Ready| child.name == *relation);
                let table = child.and_then(|child| database.table(&child.plan.table));
                let Some(table) = table else { return Err(RestError::not_embedded(relation)) };
                Order::Related(relation.clone(), compiler.order(&table_scope(table), term)?)
            }
        });
    }
    Ok(Ready { name: plan.output_name().to_owned(), outputs, predicates, order, plan: plan.clone(), children })
}

/// Only the first level is named exactly; deeper ones are told one level up at most.
fn depth_of(parent: &Plan, _child: &Plan) -> usize {
    1 + usize::from(parent.relationship.is_some())
}

fn outputs(plan: &Plan, scope: &Scope) -> Result<Vec<(String, Expression, Option<Type>)>, RestError> {
    let mut outputs = Vec::new();
    let everything = plan.fields.is_empty() && plan.children.is_empty();
    if everything {
        outputs.extend(all_columns(scope)?);
    }
    for field in &plan.fields {
        if field.field.name == "*" {
            outputs.extend(all_columns(scope)?);
            continue;
        }
        let expression = scope.resolve(&field.field)?;
        let cast = match &field.cast {
            None => None,
            Some(name) => Some(Type::named(name).ok_or_else(|| {
                RestError::Pg(PgError::new("42704", format!("type \"{}\" does not exist", name.to_lowercase())))
            })?),
        };
        let name = match (&field.alias, &field.cast, field.field.path.is_empty()) {
            (Some(alias), ..) => alias.clone(),
            _ => field.field.output_name().to_owned(),
        };
        outputs.push((name, expression, cast));
    }
    Ok(outputs)
}

fn all_columns(scope: &Scope) -> Result<Vec<(String, Expression, Option<Type>)>, RestError> {
    let mut columns = Vec::new();
    for (name, _) in &scope.columns {
        let expression = scope.resolve(&crate::wire::postgrest::name::Field::column(name.clone()))?;
        columns.push((name.clone(), expression, None));
    }
    Ok(columns)
}

fn predicate(condition: &Condition, scope: &Scope, compiler: &mut Compiler) -> Result<Predicate, RestError> {
    Ok(match condition {
        Condition::Logic(logic) => compiler.logic(scope, logic)?,
        Condition::Embed { name, present } => Predicate::Embed { name: name.clone(), present: *present },
        Condition::Branch { negated, all, parts } => {
            let mut ready = Vec::new();
            for part in parts {
                ready.push(predicate(part, scope, compiler)?);
            }
            Predicate::Branch { negated: *negated, all: *all, parts: ready }
        }
    })
}

impl Reader<'_> {
    fn read(&self, ready: &Ready, rows: Vec<Row>) -> Result<Read, RestError> {
        let chosen = self.choose(ready, rows);
        let total = chosen.len();
        let rows = ready.plan.range.cut(chosen);
        let rows = rows.iter().map(|row| self.output(ready, row)).collect::<Result<_, _>>()?;
        Ok(Read { rows, total })
    }

    /// Filters and orders.
    fn choose(&self, ready: &Ready, mut rows: Vec<Row>) -> Vec<Row> {
        rows.retain(|row| {
            let partners = |name: &str| {
                let child = ready.children.iter().find(|child| child.name == name);
                child.is_some_and(|child| !self.partners(ready, child, row).is_empty())
            };
            let kept = ready.predicates.iter().all(|predicate| predicate.holds(row, &partners) == Some(true));
            let inner = ready.children.iter().filter(|child| child.plan.inner);
            kept && inner.into_iter().all(|child| !self.partners(ready, child, row).is_empty())
        });
        rows.sort_by(|one, other| {
            let orders = ready.order.iter().map(|order| match order {
                Order::Own(key) => key.compare(one, other),
                Order::Related(name, key) => {
                    let of = |row: &Row| self.partner(ready, name, row);
                    key.compare(&of(one), &of(other))
                }
            });
            orders.into_iter().find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
        });
        rows
    }

    fn partner(&self, ready: &Ready, name: &str, row: &Row) -> Vec<Datum> {
        let child = ready.children.iter().find(|child| child.name == name);
        let partner = child.and_then(|child| self.partners(ready, child, row).into_iter().next());
        partner.map_or_else(|| vec![Datum::Null; 64], |row| row.as_ref().clone())
    }

    /// The rows of an embedded relation that belong to a row of its parent, cut to the embed's range.
    fn partners(&self, parent: &Ready, child: &Ready, row: &Row) -> Vec<Row> {
        let (Some(relationship), Some(table)) = (&child.plan.relationship, self.database.table(&child.plan.table))
        else {
            return Vec::new();
        };
        let Some(origin) = self.database.table(&parent.plan.table) else { return Vec::new() };
        let value = |column: &str| origin.position(column).and_then(|at| row.get(at)).unwrap_or(&Datum::Null);
        let matching = |at: Option<usize>, value: &Datum| {
            let rows = self.database.rows(&table.name).iter();
            let own = move |row: &&Row| at.is_some_and(|at| row[at].equals(value));
            rows.filter(own).cloned().collect::<Vec<Row>>()
        };
        let mut rows = match &relationship.cardinality {
            Cardinality::ManyToOne(link) | Cardinality::OneToMany(link) | Cardinality::OneToOne(link) => {
                matching(table.position(&link.other), value(&link.own))
            }
            Cardinality::ManyToMany { junction, source, target } => {
                let Some(join) = self.database.table(junction) else { return Vec::new() };
                let (from, to) = (join.position(&source.other), join.position(&target.other));
                let own = value(&source.own);
                let joined = self.database.rows(junction).iter().filter(|row| {
                    self.session.sees(join, row, Command::Select) && from.is_some_and(|at| row[at].equals(own))
                });
                let keys = joined.filter_map(|row| to.map(|at| row[at].clone()));
                keys.flat_map(|key| matching(table.position(&target.own), &key)).collect()
            }
        };
        rows.retain(|row| self.session.sees(table, row, Command::Select));
        child.plan.range.cut(self.choose(child, rows))
    }

    fn output(&self, ready: &Ready, row: &Row) -> Result<OutputRow, RestError> {
        let mut output = Vec::new();
        for (name, expression, cast) in &ready.outputs {
            let value = expression.of(row);
            let value = match cast {
                None => value,
                Some(target) => expression.kind.cast(&value, target, self.session.now)?,
            };
            output.push((name.clone(), value));
        }
        for child in &ready.children {
            if child.plan.fields.is_empty() && child.plan.children.is_empty() {
                continue;
            }
            let partners = self.partners(ready, child, row);
            let mut rows = Vec::new();
            for partner in &partners {
                rows.push(self.output(child, partner)?);
            }
            output.extend(embedded(child, rows));
        }
        Ok(output)
    }
}

fn embedded(child: &Ready, mut rows: Vec<OutputRow>) -> OutputRow {
    if child.plan.spread {
        return match rows.into_iter().next() {
            Some(row) => row,
            None => child.outputs.iter().map(|(name, ..)| (name.clone(), Datum::Null)).collect(),
        };
    }
    let json = |row: OutputRow| {
        Json::Object(row.into_iter().map(|(name, value)| (name, value.to_json())).collect()).normalised()
    };
    let value = if child.plan.is_to_one() {
        match rows.len() {
            0 => Datum::Null,
            _ => Datum::Json(json(rows.swap_remove(0))),
        }
    } else {
        Datum::Json(Json::Array(rows.into_iter().map(json).collect()))
    };
    vec![(child.name.clone(), value)]
}
