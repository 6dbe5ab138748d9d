//! Filters and orders of a request, made ready to be asked of rows.

use jiff::Timestamp;
use regex::Regex;

use crate::twin::supabase::store::datum::Datum;
use crate::twin::supabase::store::error::PgError;
use crate::twin::supabase::store::predicate::{Expression, Predicate, SortKey, Test};
use crate::twin::supabase::store::types::Type;
use crate::wire::postgrest::filter::{Comparison, Filter, Logic, Operation, SimpleOperator, Truth};
use crate::wire::postgrest::name::Field;
use crate::wire::postgrest::order::Term;

/// Why something cannot be asked of rows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Refused {
    Pg(PgError),
    /// PostgreSQL could; the twin does not model it.
    Gap(String),
}

impl From<PgError> for Refused {
    fn from(error: PgError) -> Self {
        Self::Pg(error)
    }
}

/// The columns that a filter may name: those of a table or of a function's result.
#[derive(Clone, Debug)]
pub struct Scope {
    pub relation: String,
    pub columns: Vec<(String, Type)>,
}

/// Resolves names first and reads values after: PostgreSQL refuses an unknown column before a bad value.
pub struct Compiler {
    now: Timestamp,
    bad_value: Option<PgError>,
}

impl Scope {
    pub fn resolve(&self, field: &Field) -> Result<Expression, PgError> {
        let Some(at) = self.columns.iter().position(|(name, _)| *name == field.name) else {
            let known: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
            return Err(PgError::no_such_column(&self.relation, &field.name, &known));
        };
        let kind = match field.path.last() {
            None => self.columns[at].1.clone(),
            Some(step) if step.as_text => Type::Text,
            Some(_) => Type::Jsonb,
        };
        if field.path.iter().rev().skip(1).any(|step| step.as_text) {
            return Err(PgError::no_such_operator("text", "->", "unknown"));
        }
        Ok(Expression { at, path: field.path.clone(), kind })
    }
}

impl Compiler {
    pub fn new(now: Timestamp) -> Self {
        Self { now, bad_value: None }
    }

    /// # Errors
    /// The first value that its column's type cannot read.
    pub fn finish(self) -> Result<(), PgError> {
        self.bad_value.map_or(Ok(()), Err)
    }

    pub fn logic(&mut self, scope: &Scope, logic: &Logic) -> Result<Predicate, Refused> {
        Ok(match logic {
            Logic::Leaf(filter) => self.filter(scope, filter)?,
            Logic::Branch { negated, all, parts } => {
                let parts = parts.iter().map(|part| self.logic(scope, part)).collect::<Result<_, _>>()?;
                Predicate::Branch { negated: *negated, all: *all, parts }
            }
        })
    }

    pub fn filter(&mut self, scope: &Scope, filter: &Filter) -> Result<Predicate, Refused> {
        let of = scope.resolve(&filter.field)?;
        let test = self.test(&of.kind, &filter.operation)?;
        Ok(Predicate::Leaf { of, negated: filter.negated, test })
    }

    pub fn order(&self, scope: &Scope, term: &Term) -> Result<SortKey, PgError> {
        let of = scope.resolve(&term.field)?;
        Ok(SortKey { of, descending: term.descending, nulls_first: term.nulls_first.unwrap_or(term.descending) })
    }

    fn value(&mut self, kind: &Type, text: &str) -> Option<Datum> {
        match kind.read(text, self.now) {
            Ok(value) => Some(value),
            Err(error) => {
                self.bad_value.get_or_insert(error);
                None
            }
        }
    }

    fn values(&mut self, kind: &Type, literal: &str) -> Option<Vec<Datum>> {
        match self.value(&Type::Array(Box::new(kind.clone())), literal)? {
            Datum::Array(items) => Some(items),
            _ => None,
        }
    }

    fn test(&mut self, kind: &Type, operation: &Operation) -> Result<Test, Refused> {
        let read = |value: Option<Datum>, test: fn(Datum) -> Test| value.map_or(Test::Unreadable, test);
        let listed = matches!(operation, Operation::In(_) | Operation::Compare(_, Some(_), _));
        if listed && matches!(kind, Type::Array(_)) {
            let message = format!("could not find array type for data type {}", kind.sql());
            return Err(PgError::new("42704", message).into());
        }
        Ok(match operation {
            Operation::Compare(comparison, None, text) => self.compare(kind, *comparison, text)?,
            Operation::Compare(comparison, Some(quantifier), literal) => {
                self.compare(kind, *comparison, "").or_else(|refused| match refused {
                    Refused::Pg(error) if error.code != "42883" => Ok(Test::Unreadable),
                    other => Err(other),
                })?;
                self.bad_value = None;
                match self.values(kind, literal) {
                    None => Test::Unreadable,
                    Some(items) => {
                        let mut each = Vec::new();
                        for item in &items {
                            each.push(self.compare(kind, *comparison, &item.to_text().unwrap_or_default())?);
                        }
                        Test::Quantified(*quantifier, each)
                    }
                }
            }
            Operation::Simple(SimpleOperator::NotEqual, text) => read(self.value(kind, text), Test::NotEqual),
            Operation::Simple(operator, text) => self.set_operator(kind, *operator, text)?,
            Operation::In(items) if items.as_slice() == [""] => Test::In(Vec::new()),
            Operation::In(items) => {
                let values: Option<Vec<Datum>> = items.iter().map(|item| self.value(kind, item)).collect();
                values.map_or(Test::Unreadable, Test::In)
            }
            Operation::Is(truth @ (Truth::Null | Truth::NotNull)) => Test::Is(*truth),
            Operation::Is(truth) if *kind == Type::Boolean => Test::Is(*truth),
            Operation::Is(truth) => {
                let word = match truth {
                    Truth::True => "TRUE",
                    Truth::False => "FALSE",
                    _ => "UNKNOWN",
                };
                let message = format!("argument of IS {word} must be type boolean, not type {}", kind.sql());
                return Err(PgError::new("42804", message).into());
            }
            Operation::IsDistinct(text) => read(self.value(kind, text), Test::Distinct),
            Operation::Search(operator, ..) => return Err(Refused::Gap(format!("full-text search ({operator})"))),
        })
    }

    fn compare(&mut self, kind: &Type, comparison: Comparison, text: &str) -> Result<Test, Refused> {
        let (operator, pattern) = match comparison {
            Comparison::Like => ("~~", Some(like(text, false))),
            Comparison::ILike => ("~~*", Some(like(text, true))),
            Comparison::Match => ("~", Some(Regex::new(text))),
            Comparison::IMatch => ("~*", Some(Regex::new(&format!("(?i){text}")))),
            _ => ("", None),
        };
        let Some(pattern) = pattern else {
            let value = self.value(kind, text);
            return Ok(value.map_or(Test::Unreadable, |value| Test::Compare(comparison, value)));
        };
        if *kind != Type::Text {
            return Err(PgError::no_such_operator(&kind.sql(), operator, "unknown").into());
        }
        pattern.map(Test::Text).map_err(|_| Refused::Gap("a regular expression that ours cannot read".into()))
    }

    fn set_operator(&mut self, kind: &Type, operator: SimpleOperator, text: &str) -> Result<Test, Refused> {
        let (sql, made): (&str, fn(Datum) -> Test) = match operator {
            SimpleOperator::Contains => ("@>", Test::Contains),
            SimpleOperator::ContainedIn => ("<@", Test::ContainedIn),
            SimpleOperator::Overlaps => ("&&", Test::Overlaps),
            SimpleOperator::Range(sql) => return Err(Refused::Gap(format!("the range operator {sql}"))),
            SimpleOperator::NotEqual => ("<>", Test::NotEqual),
        };
        let known = match kind {
            Type::Array(_) => true,
            Type::Jsonb => operator != SimpleOperator::Overlaps,
            _ => false,
        };
        if !known {
            return Err(PgError::no_such_operator(&kind.sql(), sql, "unknown").into());
        }
        Ok(self.value(kind, text).map_or(Test::Unreadable, made))
    }
}

/// `LIKE` as a regular expression: `%` any text, `_` any letter, `\` takes the next letter as it is.
/// PostgREST reads `*` as `%`.
fn like(pattern: &str, any_case: bool) -> Result<Regex, regex::Error> {
    let mut expression = String::from(if any_case { "(?is)^" } else { "(?s)^" });
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '%' | '*' => expression.push_str(".*"),
            '_' => expression.push('.'),
            '\\' => expression.push_str(&regex::escape(&letters.next().unwrap_or('\\').to_string())),
            other => expression.push_str(&regex::escape(&other.to_string())),
        }
    }
    expression.push('$');
    Regex::new(&expression)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Compiler, Refused, Scope};
    use crate::twin::supabase::store::datum::Datum;
    use crate::twin::supabase::store::types::Type;
    use crate::wire::postgrest::filter::parse_filter;
    use crate::wire::postgrest::name::Field;

    fn ask(column: &str, filter: &str) -> Result<Option<bool>, String> {
        let columns = [("id", "bigint"), ("title", "text"), ("tags", "text[]"), ("gone", "text"), ("ok", "boolean")];
        let scope = Scope {
            relation: "ideas".into(),
            columns: columns.map(|(name, kind)| (name.to_owned(), Type::named(kind).unwrap())).into(),
        };
        let row = [
            Datum::Int(7),
            Datum::Text("Camp_Mug".into()),
            Datum::Array(vec![Datum::Text("a".into()), Datum::Text("b".into())]),
            Datum::Null,
            Datum::Bool(true),
        ];
        let mut compiler = Compiler::new(Timestamp::UNIX_EPOCH);
        let filter = parse_filter(Field::column(column), filter, false).unwrap();
        let predicate = compiler.filter(&scope, &filter).map_err(|refused| match refused {
            Refused::Pg(error) => error.message,
            Refused::Gap(gap) => gap,
        })?;
        compiler.finish().map_err(|error| error.message)?;
        Ok(predicate.holds(&row, &|_| false))
    }

    #[test]
    fn filters_are_three_valued() {
        let cases = [
            ("id", "gt.6", Some(true)),
            ("id", "not.eq.7", Some(false)),
            ("id", "in.(1,7)", Some(true)),
            ("title", "like.Camp*", Some(true)),
            ("title", "like.camp%", Some(false)),
            ("title", "ilike.CAMP\\_%", Some(true)),
            ("title", "like(all).{C*,*g}", Some(true)),
            ("title", "match.^Camp", Some(true)),
            ("tags", "cs.{a}", Some(true)),
            ("tags", "ov.{z}", Some(false)),
            ("gone", "eq.x", None),
            ("gone", "not.eq.x", None),
            ("gone", "is.null", Some(true)),
            ("gone", "isdistinct.x", Some(true)),
            ("ok", "is.true", Some(true)),
        ];
        for (column, filter, expected) in cases {
            assert_eq!(ask(column, filter), Ok(expected), "{column}={filter}");
        }
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        let cases = [
            ("titel", "eq.x", "column ideas.titel does not exist"),
            ("id", "eq.x", "invalid input syntax for type bigint: \"x\""),
            ("id", "like.1*", "operator does not exist: bigint ~~ unknown"),
            ("title", "is.true", "argument of IS TRUE must be type boolean, not type text"),
        ];
        for (column, filter, message) in cases {
            assert_eq!(ask(column, filter), Err(message.to_owned()), "{column}={filter}");
        }
    }
}
