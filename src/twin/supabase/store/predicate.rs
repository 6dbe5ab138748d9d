//! Conditions and orders asked of a row.

use std::cmp::Ordering;

use regex::Regex;

use crate::twin::supabase::store::datum::Datum;
use crate::twin::supabase::store::types::Type;
use crate::wire::postgrest::filter::{Comparison, Quantifier, Truth};
use crate::wire::postgrest::name::{Operand, Step};

/// A column, and the way into it.
#[derive(Clone, Debug)]
pub struct Expression {
    pub(crate) at: usize,
    pub(crate) path: Vec<Step>,
    pub kind: Type,
}

/// A condition on rows, three-valued as SQL's.
#[derive(Debug)]
pub enum Predicate {
    Leaf {
        of: Expression,
        negated: bool,
        test: Test,
    },
    Branch {
        negated: bool,
        all: bool,
        parts: Vec<Predicate>,
    },
    /// An embedded relation is (not) empty, by its name.
    Embed {
        name: String,
        present: bool,
    },
}

/// A comparison with values already read.
#[derive(Debug)]
pub enum Test {
    Compare(Comparison, Datum),
    Text(Regex),
    Quantified(Quantifier, Vec<Test>),
    NotEqual(Datum),
    Contains(Datum),
    ContainedIn(Datum),
    Overlaps(Datum),
    In(Vec<Datum>),
    Is(Truth),
    Distinct(Datum),
    /// A value could not be read; the statement fails before it is asked.
    Unreadable,
}

/// One key of an order.
#[derive(Debug)]
pub struct SortKey {
    pub of: Expression,
    pub descending: bool,
    pub nulls_first: bool,
}

impl Expression {
    pub fn of(&self, row: &[Datum]) -> Datum {
        let value = row.get(self.at).unwrap_or(&Datum::Null);
        if self.path.is_empty() || value.is_null() {
            return value.clone();
        }
        let mut json = value.to_json();
        let mut as_text = false;
        for step in &self.path {
            as_text = step.as_text;
            let next = match &step.operand {
                Operand::Key(key) => json.member(key),
                Operand::Index(index) => json.element(*index),
            };
            match next.cloned() {
                Some(found) => json = found,
                None => return Datum::Null,
            }
        }
        if as_text { json.as_text().map_or(Datum::Null, Datum::Text) } else { Datum::Json(json) }
    }
}

impl Predicate {
    /// Whether the condition holds; None is SQL's unknown. `embeds` tells whether an embedded relation has rows.
    pub fn holds(&self, row: &[Datum], embeds: &dyn Fn(&str) -> bool) -> Option<bool> {
        let (negated, result) = match self {
            Self::Leaf { of, negated, test } => (*negated, test.passes(&of.of(row))),
            Self::Embed { name, present } => (false, Some(embeds(name) == *present)),
            Self::Branch { negated, all, parts } => {
                let results = parts.iter().map(|part| part.holds(row, embeds));
                let decided = results.clone().any(|result| result == Some(!*all));
                let unknown = results.clone().any(|result| result.is_none());
                (
                    *negated,
                    if decided {
                        Some(!*all)
                    } else if unknown {
                        None
                    } else {
                        Some(*all)
                    },
                )
            }
        };
        result.map(|result| result != negated)
    }
}

impl Test {
    fn passes(&self, value: &Datum) -> Option<bool> {
        match self {
            Self::Is(Truth::Null | Truth::Unknown) => Some(value.is_null()),
            Self::Is(Truth::NotNull) => Some(!value.is_null()),
            Self::Is(Truth::True) => Some(*value == Datum::Bool(true)),
            Self::Is(Truth::False) => Some(*value == Datum::Bool(false)),
            Self::Distinct(other) => Some(!value.equals(other)),
            Self::Quantified(quantifier, tests) => {
                if value.is_null() {
                    return None;
                }
                let mut results = tests.iter().map(|test| test.passes(value) == Some(true));
                Some(match quantifier {
                    Quantifier::Any => results.any(|result| result),
                    Quantifier::All => results.all(|result| result),
                })
            }
            Self::In(values) if values.is_empty() => Some(false),
            _ if value.is_null() => None,
            Self::Compare(comparison, other) => value.compare(other).map(|order| match comparison {
                Comparison::Equal => order == Ordering::Equal,
                Comparison::Greater => order == Ordering::Greater,
                Comparison::GreaterOrEqual => order != Ordering::Less,
                Comparison::Less => order == Ordering::Less,
                Comparison::LessOrEqual => order != Ordering::Greater,
                Comparison::Like | Comparison::ILike | Comparison::Match | Comparison::IMatch => false,
            }),
            Self::Text(pattern) => value.to_text().map(|text| pattern.is_match(&text)),
            Self::NotEqual(other) => Some(!value.equals(other)),
            Self::In(values) => Some(values.iter().any(|other| value.equals(other))),
            Self::Contains(other) => Some(contains(value, other)),
            Self::ContainedIn(other) => Some(contains(other, value)),
            Self::Overlaps(Datum::Array(wanted)) => match value {
                Datum::Array(items) => Some(items.iter().any(|item| wanted.iter().any(|other| item.equals(other)))),
                _ => Some(false),
            },
            Self::Overlaps(_) | Self::Unreadable => None,
        }
    }
}

fn contains(value: &Datum, other: &Datum) -> bool {
    match (value, other) {
        (Datum::Array(items), Datum::Array(wanted)) => {
            wanted.iter().all(|other| items.iter().any(|item| item.equals(other)))
        }
        (Datum::Json(json), Datum::Json(other)) => json.contains(other),
        _ => false,
    }
}

impl SortKey {
    pub fn compare(&self, one: &[Datum], other: &[Datum]) -> Ordering {
        let (one, other) = (self.of.of(one), self.of.of(other));
        match (one.is_null(), other.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) => {
                if self.nulls_first {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
            (false, true) => {
                if self.nulls_first {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            (false, false) => {
                let order = one.compare_nulls_last(&other);
                if self.descending { order.reverse() } else { order }
            }
        }
    }
}
