//! Relationships between tables, as PostgREST derives them from foreign keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::twin::supabase::store::schema::{Column, Table};

/// How a table is related to another one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Relationship {
    pub table: String,
    pub foreign: String,
    pub cardinality: Cardinality,
}

/// The kinds of relationship, with the constraint and the pair of columns that make them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Cardinality {
    ManyToOne(Link),
    OneToMany(Link),
    OneToOne(Link),
    ManyToMany { junction: String, source: Link, target: Link },
}

/// A foreign key seen from one of its sides.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Link {
    pub constraint: String,
    /// The column of the table that the relationship starts from.
    pub own: String,
    /// The column on the other side.
    pub other: String,
}

impl Cardinality {
    pub fn is_to_one(&self) -> bool {
        matches!(self, Self::ManyToOne(_) | Self::OneToOne(_))
    }

    /// The one foreign key; None for many-to-many.
    pub fn link(&self) -> Option<&Link> {
        match self {
            Self::ManyToOne(link) | Self::OneToMany(link) | Self::OneToOne(link) => Some(link),
            Self::ManyToMany { .. } => None,
        }
    }
}

/// All relationships, in the order of the foreign keys' names.
pub fn relationships(tables: &BTreeMap<String, Arc<Table>>) -> Vec<Relationship> {
    let mut found = Vec::new();
    for table in tables.values() {
        for (column, reference) in table.foreign_keys() {
            if !tables.contains_key(&reference.table) {
                continue;
            }
            let constraint = table.foreign_key_name(column);
            let link = |own: &str, other: &str| Link {
                constraint: constraint.clone(),
                own: own.to_owned(),
                other: other.to_owned(),
            };
            let (there, back) = (link(&column.name, &reference.column), link(&reference.column, &column.name));
            let (there, back) = if is_unique(table, column) {
                (Cardinality::OneToOne(there), Cardinality::OneToOne(back))
            } else {
                (Cardinality::ManyToOne(there), Cardinality::OneToMany(back))
            };
            found.push(Relationship {
                table: table.name.clone(),
                foreign: reference.table.clone(),
                cardinality: there,
            });
            found.push(Relationship { table: reference.table.clone(), foreign: table.name.clone(), cardinality: back });
        }
        found.extend(junctions(table));
    }
    found
}

fn is_unique(table: &Table, column: &Column) -> bool {
    table.keys().iter().any(|key| key.columns == [column.name.clone()])
}

/// A table whose primary key holds two foreign keys joins their tables many-to-many.
fn junctions(table: &Table) -> Vec<Relationship> {
    let keys: Vec<_> = table.foreign_keys().filter(|(column, _)| table.primary_key.contains(&column.name)).collect();
    let mut found = Vec::new();
    for (one, (source, from)) in keys.iter().enumerate() {
        for (two, (target, to)) in keys.iter().enumerate() {
            if one == two {
                continue;
            }
            let link = |column: &Column, own: &str| Link {
                constraint: table.foreign_key_name(column),
                own: own.to_owned(),
                other: column.name.clone(),
            };
            found.push(Relationship {
                table: from.table.clone(),
                foreign: to.table.clone(),
                cardinality: Cardinality::ManyToMany {
                    junction: table.name.clone(),
                    source: link(source, &from.column),
                    target: link(target, &to.column),
                },
            });
        }
    }
    found
}
