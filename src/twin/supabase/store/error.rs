//! What PostgreSQL says when it refuses: SQLSTATE, message, details, hint.

use std::collections::BTreeMap;

/// A refusal of the database. Texts are those of PostgreSQL 15 in English.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PgError {
    /// SQLSTATE.
    pub code: String,
    pub message: String,
    pub details: Option<String>,
    pub hint: Option<String>,
}

impl PgError {
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), details: None, hint: None }
    }

    #[must_use]
    pub fn with_details(mut self, details: impl Into<String>) -> Self {
        self.details = Some(details.into());
        self
    }

    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn no_such_table(name: &str) -> Self {
        Self::new("42P01", format!("relation \"public.{name}\" does not exist"))
    }

    pub fn no_such_column(table: &str, column: &str, known: &[&str]) -> Self {
        let error = Self::new("42703", format!("column {table}.{column} does not exist"));
        match column_hint(table, column, known) {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }

    pub fn no_such_operator(left: &str, operator: &str, right: &str) -> Self {
        Self::new("42883", format!("operator does not exist: {left} {operator} {right}")).with_hint(
            "No operator matches the given name and argument types. You might need to add explicit type casts.",
        )
    }

    pub fn invalid_text(kind: &str, text: &str) -> Self {
        let code = if kind.starts_with("timestamp") || kind == "date" { "22007" } else { "22P02" };
        Self::new(code, format!("invalid input syntax for type {kind}: \"{text}\""))
    }

    pub fn permission_denied(table: &str) -> Self {
        Self::new("42501", format!("permission denied for table {table}"))
    }

    pub fn row_violates_policy(table: &str) -> Self {
        Self::new("42501", format!("new row violates row-level security policy for table \"{table}\""))
    }
}

/// The columns that PostgreSQL thinks were meant: at most three edits away, and not more than half of the name;
/// one or two of them, none when there are more. (PostgreSQL 15, `parse_relation.c`.)
fn column_hint(table: &str, column: &str, known: &[&str]) -> Option<String> {
    let mut by_distance: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for candidate in known {
        let distance = strsim::levenshtein(column, candidate);
        if distance <= 3 && distance <= column.len() / 2 {
            by_distance.entry(distance).or_default().push(candidate);
        }
    }
    match by_distance.into_values().next()?.as_slice() {
        [one] => Some(format!("Perhaps you meant to reference the column \"{table}.{one}\".")),
        [one, two] => Some(format!(
            "Perhaps you meant to reference the column \"{table}.{one}\" or the column \"{table}.{two}\"."
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::PgError;

    #[test]
    fn a_misspelled_column_finds_its_name() {
        let hint = |column| PgError::no_such_column("items", column, &["id", "note", "created_at"]).hint;
        assert_eq!(hint("nope").as_deref(), Some("Perhaps you meant to reference the column \"items.note\"."));
        assert_eq!(hint("zzzz"), None);
    }
}
