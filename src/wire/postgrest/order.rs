//! `order=`: columns, directions, and where nulls go.

use crate::wire::postgrest::name::{Field, delimiter, field, field_name, lexeme};
use crate::wire::postgrest::parsec::{Cursor, Parsed, Refusal, parse};

/// One column to order by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Term {
    /// The embedded relation whose column it is.
    pub relation: Option<String>,
    pub field: Field,
    pub descending: bool,
    /// As PostgreSQL does it when not said: nulls are larger than anything.
    pub nulls_first: Option<bool>,
}

/// Reads the value of `order`.
///
/// # Errors
/// The refusal in PostgREST's words (PGRST100).
pub fn parse_order(text: &str) -> Result<Vec<Term>, Refusal> {
    parse(&format!("failed to parse order ({text})"), text, |c| {
        c.separated1(|c| lexeme(c, |c| c.either(|c| c.attempt(related), own)), |c| c.char(','))
    })
}

fn own(cursor: &mut Cursor) -> Parsed<Term> {
    let field = field(cursor)?;
    let (descending, nulls_first) = direction(cursor)?;
    Ok(Term { relation: None, field, descending, nulls_first })
}

fn related(cursor: &mut Cursor) -> Parsed<Term> {
    let relation = field_name(cursor)?;
    cursor.char('(')?;
    let field = field(cursor)?;
    cursor.char(')')?;
    let (descending, nulls_first) = direction(cursor)?;
    Ok(Term { relation: Some(relation), field, descending, nulls_first })
}

fn direction(cursor: &mut Cursor) -> Parsed<(bool, Option<bool>)> {
    let descending =
        cursor.optional(|c| c.either(|c| word(c, "asc").map(|()| false), |c| word(c, "desc").map(|()| true)))?;
    let nulls_first = cursor.either(
        |c| {
            let nulls = c.optional(|c| {
                c.either(|c| word(c, "nullsfirst").map(|()| true), |c| word(c, "nullslast").map(|()| false))
            })?;
            end_of_term(c)?;
            Ok(nulls)
        },
        |c| end_of_term(c).map(|()| None),
    )?;
    Ok((descending.unwrap_or_default(), nulls_first))
}

fn word(cursor: &mut Cursor, word: &str) -> Parsed<()> {
    cursor.attempt(|c| {
        delimiter(c)?;
        c.string(word)
    })
}

fn end_of_term(cursor: &mut Cursor) -> Parsed<()> {
    cursor.either(|c| c.attempt(|c| c.ahead(|c| c.char(','))), |c| c.attempt(Cursor::end))
}

#[cfg(test)]
mod tests {
    use super::parse_order;

    #[test]
    fn directions_and_nulls_are_read() {
        let terms = parse_order("priority.desc.nullslast,author(name),id").unwrap();
        assert_eq!(terms.len(), 3);
        assert!(terms[0].descending && terms[0].nulls_first == Some(false));
        assert_eq!(terms[1].relation.as_deref(), Some("author"));
        assert!(!terms[2].descending && terms[2].nulls_first.is_none());
    }

    #[test]
    fn a_direction_that_is_none_is_refused() {
        let refusal = parse_order("id.sideways").unwrap_err();
        assert_eq!(refusal.message, "\"failed to parse order (id.sideways)\" (line 1, column 4)");
        assert_eq!(refusal.details, "unexpected \"s\" expecting \"asc\", \"desc\", \"nullsfirst\" or \"nullslast\"");
    }
}
