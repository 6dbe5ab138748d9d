//! Which relationship an embedded name means, and what to say when it is none or more than one.

use crate::twin::supabase::rest::error::Told;
use crate::twin::supabase::rest::hint;
use crate::twin::supabase::store::database::Database;
use crate::twin::supabase::store::json::Json;
use crate::twin::supabase::store::relation::{Cardinality, Link, Relationship};

/// The relationship between `origin` and `target`; None when there is none.
///
/// # Errors
/// PGRST201 when there is more than one.
pub fn find_relationship(
    database: &Database,
    origin: &str,
    target: &str,
    hint: Option<&str>,
) -> Result<Option<Relationship>, Box<Told>> {
    let own = database.relationships().iter().filter(|relationship| relationship.table == origin);
    let mut found: Vec<&Relationship> = own.filter(|relationship| is_meant(relationship, target, hint)).collect();
    match found.len() {
        0 => Ok(None),
        1 => Ok(found.pop().cloned()),
        _ => Err(Box::new(ambiguous(origin, target, &found))),
    }
}

fn is_meant(relationship: &Relationship, target: &str, hint: Option<&str>) -> bool {
    let Relationship { table, foreign, cardinality } = relationship;
    let link = cardinality.link();
    let by_column = |name: &str| link.is_some_and(|link| link.own == name);
    let by_other_column = |name: &str| link.is_some_and(|link| link.other == name);
    let by_constraint = |name: &str| link.is_some_and(|link| link.constraint == name);
    let by_junction = |name: &str| matches!(cardinality, Cardinality::ManyToMany { junction, .. } if junction == name);
    if table == foreign {
        let many = matches!(cardinality, Cardinality::OneToMany(_));
        return match hint {
            None => {
                (target == foreign && many) || (by_column(target) && matches!(cardinality, Cardinality::ManyToOne(_)))
            }
            Some(hint) => target == foreign && many && by_other_column(hint),
        };
    }
    match hint {
        None => target == foreign || by_constraint(target) || by_column(target),
        Some(hint) => {
            target == foreign && (by_constraint(hint) || by_column(hint) || by_other_column(hint) || by_junction(hint))
        }
    }
}

fn ambiguous(origin: &str, target: &str, found: &[&Relationship]) -> Told {
    let hints: Vec<String> = found
        .iter()
        .map(|relationship| {
            let by = match &relationship.cardinality {
                Cardinality::ManyToMany { junction, .. } => junction,
                Cardinality::ManyToOne(link) | Cardinality::OneToMany(link) | Cardinality::OneToOne(link) => {
                    &link.constraint
                }
            };
            format!("'{}!{by}'", relationship.foreign)
        })
        .collect();
    let mut told = Told::new(
        300,
        "PGRST201",
        format!("Could not embed because more than one relationship was found for '{origin}' and '{target}'"),
    );
    told.details = Json::Array(found.iter().map(|relationship| describe(relationship)).collect());
    told.hint(Some(format!(
        "Try changing '{target}' to one of the following: {}. Find the desired relationship in the 'details' key.",
        hints.join(", ")
    )))
}

fn describe(relationship: &Relationship) -> Json {
    let Relationship { table, foreign, cardinality } = relationship;
    let by = |link: &Link| format!("{} using {table}({}) and {foreign}({})", link.constraint, link.own, link.other);
    let (kind, text) = match cardinality {
        Cardinality::ManyToOne(link) => ("many-to-one", by(link)),
        Cardinality::OneToMany(link) => ("one-to-many", by(link)),
        Cardinality::OneToOne(link) => ("one-to-one", by(link)),
        Cardinality::ManyToMany { junction, source, target } => (
            "many-to-many",
            format!(
                "{junction} using {}({}) and {}({})",
                source.constraint, source.other, target.constraint, target.other
            ),
        ),
    };
    Json::Object(vec![
        ("cardinality".into(), Json::text(kind)),
        ("embedding".into(), Json::text(format!("{table} with {foreign}"))),
        ("relationship".into(), Json::text(text)),
    ])
}

/// The relation that was meant, when a name is nearly one.
pub fn no_relationship_hint(database: &Database, origin: &str, target: &str) -> Option<String> {
    let relationships = database.relationships();
    let mut foreign: Vec<&str> =
        relationships.iter().filter(|own| own.table == origin).map(|own| own.foreign.as_str()).collect();
    foreign.sort_unstable();
    foreign.dedup();
    if foreign.is_empty() {
        let mut parents: Vec<&str> = relationships.iter().map(|own| own.table.as_str()).collect();
        parents.sort_unstable();
        parents.dedup();
        let (_, meant) = *hint::nearest(origin, parents, hint::LEAST).first()?;
        return Some(format!("Perhaps you meant '{meant}' instead of '{origin}'."));
    }
    let near = hint::nearest(target, foreign, hint::LEAST);
    let (_, meant) = near.iter().find(|(likeness, _)| *likeness < 1.0)?;
    Some(format!("Perhaps you meant '{meant}' instead of '{target}'."))
}
