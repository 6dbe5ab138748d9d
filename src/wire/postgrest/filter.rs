//! Filters: `id=eq.1`, `not.in.(a,b)`, and the trees that `and=(…)` and `or=(…)` make of them.

use crate::wire::postgrest::name::{Field, delimiter, field, field_name, identifier, lexeme, quoted};
use crate::wire::postgrest::parsec::{Cursor, Failed, Parsed, Refusal, parse};

/// A column compared with something.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    pub field: Field,
    pub negated: bool,
    pub operation: Operation,
}

/// A comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    Compare(Comparison, Option<Quantifier>, String),
    Simple(SimpleOperator, String),
    In(Vec<String>),
    Is(Truth),
    IsDistinct(String),
    /// Full-text search: operator, language, words.
    Search(String, Option<String>, String),
}

/// Operators that take `any` and `all`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Comparison {
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Like,
    ILike,
    Match,
    IMatch,
}

/// Operators that do not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SimpleOperator {
    NotEqual,
    Contains,
    ContainedIn,
    Overlaps,
    /// `sl`, `sr`, `nxr`, `nxl`, `adj`: for ranges, in SQL's spelling.
    Range(&'static str),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Quantifier {
    Any,
    All,
}

/// What `is` compares with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Truth {
    Null,
    /// From PostgREST 13 on.
    NotNull,
    True,
    False,
    Unknown,
}

/// Filters joined.
#[derive(Clone, Debug, PartialEq)]
pub enum Logic {
    Leaf(Filter),
    Branch { negated: bool, all: bool, parts: Vec<Logic> },
}

/// Reads the right-hand side of `column=…`.
///
/// # Errors
/// The refusal in PostgREST's words (PGRST100).
pub fn parse_filter(field: Field, text: &str, not_null: bool) -> Result<Filter, Refusal> {
    let name = format!("failed to parse filter ({text})");
    let (negated, operation) = parse(&name, text, |c| expression(c, not_null, |c| Ok(c.rest())))?;
    Ok(Filter { field, negated, operation })
}

/// Reads `and=(…)` or `or=(…)`; the operator has been put in front.
///
/// # Errors
/// The refusal in PostgREST's words (PGRST100).
pub fn parse_logic(operator: &str, text: &str, not_null: bool) -> Result<Logic, Refusal> {
    let name = format!("failed to parse logic tree ({text})");
    parse(&name, &format!("{operator}{text}"), |c| tree(c, not_null))
}

const DEEPEST: usize = 64;

fn tree(cursor: &mut Cursor, not_null: bool) -> Parsed<Logic> {
    branch(cursor, not_null, 0)
}

fn branch(cursor: &mut Cursor, not_null: bool, depth: usize) -> Parsed<Logic> {
    if depth > DEEPEST {
        return cursor.satisfy(|_| false).map(|_| Logic::Branch { negated: false, all: true, parts: Vec::new() });
    }
    cursor.either(
        |c| {
            c.attempt(|c| {
                let field = field(c)?;
                delimiter(c)?;
                let (negated, operation) = expression(c, not_null, logic_value)?;
                Ok(Logic::Leaf(Filter { field, negated, operation }))
            })
        },
        |c| {
            let negated = c.label("negation operator (not)", |c| {
                c.either(|c| c.attempt(|c| c.string("not").and_then(|()| delimiter(c)).map(|_| true)), |_| Ok(false))
            })?;
            let all = c.label("logic operator (and, or)", |c| {
                c.either(|c| c.attempt(|c| c.string("and")).map(|()| true), |c| c.string("or").map(|()| false))
            })?;
            lexeme(c, |c| c.char('('))?;
            let parts = c.separated1(|c| branch(c, not_null, depth + 1), |c| lexeme(c, |c| c.char(',')))?;
            lexeme(c, |c| c.char(')'))?;
            Ok(Logic::Branch { negated, all, parts })
        },
    )
}

/// The embeds that lead to a logic parameter, and its operator (`not.or`).
pub(crate) fn logic_path(cursor: &mut Cursor) -> Parsed<(Vec<String>, String)> {
    let mut names = cursor.separated1(field_name, delimiter)?;
    let negated = names.iter().any(|name| name == "not");
    let last = names.pop().unwrap_or_default();
    names.retain(|name| name != "not");
    Ok((names, if negated { format!("not.{last}") } else { last }))
}

/// An operator and its operand, perhaps negated.
pub(crate) fn expression(
    cursor: &mut Cursor,
    not_null: bool,
    value: fn(&mut Cursor) -> Parsed<String>,
) -> Parsed<(bool, Operation)> {
    let negated =
        cursor.either(|c| c.attempt(|c| c.string("not").and_then(|()| delimiter(c)).map(|_| true)), |_| Ok(false))?;
    let operation = cursor.label("operator (eq, gt, ...)", |c| {
        c.either(in_list, |c| {
            c.either(
                |c| is(c, not_null),
                |c| {
                    c.either(
                        |c| prefixed(c, "isdistinct").and_then(|()| value(c)).map(Operation::IsDistinct),
                        |c| {
                            c.either(
                                |c| c.attempt(|c| search(c, value)),
                                |c| c.either(|c| c.attempt(|c| simple(c, value)), |c| c.attempt(|c| compare(c, value))),
                            )
                        },
                    )
                },
            )
        })
    })?;
    Ok((negated, operation))
}

fn prefixed(cursor: &mut Cursor, word: &str) -> Parsed<()> {
    cursor.attempt(|c| {
        c.string(word)?;
        delimiter(c).map(|_| ())
    })
}

fn in_list(cursor: &mut Cursor) -> Parsed<Operation> {
    prefixed(cursor, "in")?;
    lexeme(cursor, |c| c.char('('))?;
    let element = |c: &mut Cursor| c.either(whole_quoted, |c| c.many(|c| c.none_of(",)")).map(String::from_iter));
    let mut items = vec![element(cursor)?];
    while cursor.optional(|c| c.char(','))?.is_some() {
        items.push(element(cursor)?);
    }
    lexeme(cursor, |c| c.char(')'))?;
    Ok(Operation::In(items))
}

/// A quoted value that ends where the element ends.
fn whole_quoted(cursor: &mut Cursor) -> Parsed<String> {
    cursor.attempt(|c| {
        let value = quoted(c)?;
        c.not_followed_by(|c| c.none_of(",)"))?;
        Ok(value)
    })
}

fn logic_value(cursor: &mut Cursor) -> Parsed<String> {
    cursor.either(whole_quoted, |c| {
        c.either(
            |c| {
                c.attempt(|c| {
                    c.string("{")?;
                    let inner: String = c.many(|c| c.none_of("{}"))?.into_iter().collect();
                    c.string("}")?;
                    Ok(format!("{{{inner}}}"))
                })
            },
            |c| c.many(|c| c.none_of(",)")).map(String::from_iter),
        )
    })
}

fn is(cursor: &mut Cursor, not_null: bool) -> Parsed<Operation> {
    prefixed(cursor, "is")?;
    let what = if not_null {
        "isVal: (null, not_null, true, false, unknown)"
    } else {
        "null or trilean value (unknown, true, false)"
    };
    let truth = cursor.label(what, |c| {
        let words = [
            ("null", Truth::Null),
            ("unknown", Truth::Unknown),
            ("true", Truth::True),
            ("false", Truth::False),
            ("not_null", Truth::NotNull),
        ];
        pick(c, if not_null { &words } else { &words[..4] }, any_case)
    })?;
    Ok(Operation::Is(truth))
}

fn any_case(cursor: &mut Cursor, word: &str) -> Parsed<()> {
    for letter in word.chars() {
        cursor.either(|c| c.char(letter), |c| c.char(letter.to_ascii_uppercase()))?;
    }
    Ok(())
}

/// The first of some words, each taken back when it is not the one.
fn pick<T: Copy>(cursor: &mut Cursor, words: &[(&str, T)], read: fn(&mut Cursor, &str) -> Parsed<()>) -> Parsed<T> {
    match words {
        [] => Err(Failed),
        [(word, value)] => cursor.attempt(|c| read(c, word)).map(|()| *value),
        [(word, value), rest @ ..] => {
            cursor.either(|c| c.attempt(|c| read(c, word)).map(|()| *value), |c| pick(c, rest, read))
        }
    }
}

fn word(cursor: &mut Cursor, word: &str) -> Parsed<()> {
    cursor.string(word)
}

fn search(cursor: &mut Cursor, value: fn(&mut Cursor) -> Parsed<String>) -> Parsed<Operation> {
    let kinds = [("fts", "fts"), ("plfts", "plfts"), ("phfts", "phfts"), ("wfts", "wfts")];
    let kind = pick(cursor, &kinds, word)?;
    let language = cursor.optional(|c| {
        c.attempt(|c| {
            c.char('(')?;
            let language = identifier(c)?;
            c.char(')')?;
            Ok(language)
        })
    })?;
    delimiter(cursor)?;
    Ok(Operation::Search(kind.to_owned(), language, value(cursor)?))
}

fn simple(cursor: &mut Cursor, value: fn(&mut Cursor) -> Parsed<String>) -> Parsed<Operation> {
    let operators = [
        ("neq", SimpleOperator::NotEqual),
        ("cs", SimpleOperator::Contains),
        ("cd", SimpleOperator::ContainedIn),
        ("ov", SimpleOperator::Overlaps),
        ("sl", SimpleOperator::Range("<<")),
        ("sr", SimpleOperator::Range(">>")),
        ("nxr", SimpleOperator::Range("&<")),
        ("nxl", SimpleOperator::Range("&>")),
        ("adj", SimpleOperator::Range("-|-")),
    ];
    let operator = cursor.label("unknown single value operator", |c| pick(c, &operators, word))?;
    delimiter(cursor)?;
    Ok(Operation::Simple(operator, value(cursor)?))
}

fn compare(cursor: &mut Cursor, value: fn(&mut Cursor) -> Parsed<String>) -> Parsed<Operation> {
    let operators = [
        ("eq", Comparison::Equal),
        ("gte", Comparison::GreaterOrEqual),
        ("gt", Comparison::Greater),
        ("lte", Comparison::LessOrEqual),
        ("lt", Comparison::Less),
        ("like", Comparison::Like),
        ("ilike", Comparison::ILike),
        ("match", Comparison::Match),
        ("imatch", Comparison::IMatch),
    ];
    let operator = cursor.label("unknown single value operator", |c| pick(c, &operators, word))?;
    let quantifier = cursor.optional(|c| {
        c.attempt(|c| {
            c.char('(')?;
            let quantifier = c.either(
                |c| c.attempt(|c| c.string("any")).map(|()| Quantifier::Any),
                |c| c.string("all").map(|()| Quantifier::All),
            )?;
            c.char(')')?;
            Ok(quantifier)
        })
    })?;
    delimiter(cursor)?;
    Ok(Operation::Compare(operator, quantifier, value(cursor)?))
}

#[cfg(test)]
mod tests {
    use super::{Comparison, Logic, Operation, Quantifier, SimpleOperator, Truth, parse_filter, parse_logic};
    use crate::wire::postgrest::name::Field;

    fn read(text: &str) -> Result<(bool, Operation), String> {
        parse_filter(Field::column("x"), text, false)
            .map(|filter| (filter.negated, filter.operation))
            .map_err(|refusal| format!("{}: {}", refusal.message, refusal.details))
    }

    #[test]
    fn operators_are_told_apart() {
        let text = |text: &str| text.to_owned();
        let cases = [
            ("eq.1", (false, Operation::Compare(Comparison::Equal, None, text("1")))),
            ("not.gte.2.5", (true, Operation::Compare(Comparison::GreaterOrEqual, None, text("2.5")))),
            (
                "like(any).{a*,b*}",
                (false, Operation::Compare(Comparison::Like, Some(Quantifier::Any), text("{a*,b*}"))),
            ),
            ("neq.", (false, Operation::Simple(SimpleOperator::NotEqual, text("")))),
            ("in.(a,\"b,c\",d e)", (false, Operation::In(vec![text("a"), text("b,c"), text("d e")]))),
            ("in.()", (false, Operation::In(vec![text("")]))),
            ("is.NULL", (false, Operation::Is(Truth::Null))),
            ("isdistinct.a", (false, Operation::IsDistinct(text("a")))),
            ("plfts(english).cat", (false, Operation::Search(text("plfts"), Some(text("english")), text("cat")))),
        ];
        for (given, expected) in cases {
            assert_eq!(read(given), Ok(expected), "{given}");
        }
    }

    #[test]
    fn an_unknown_operator_is_refused_in_postgrests_words() {
        assert_eq!(
            read("zzz.1").unwrap_err(),
            "\"failed to parse filter (zzz.1)\" (line 1, column 1): \
             unexpected \"z\" expecting \"not\" or operator (eq, gt, ...)"
        );
    }

    #[test]
    fn logic_nests() {
        let Ok(Logic::Branch { negated: false, all: false, parts }) =
            parse_logic("or", "(id.eq.1,not.and(a.gt.2,b.in.(x,y)))", false)
        else {
            panic!("not read");
        };
        assert!(matches!(&parts[0], Logic::Leaf(filter) if filter.field.name == "id"));
        assert!(matches!(&parts[1], Logic::Branch { negated: true, all: true, parts } if parts.len() == 2));
        assert!(parse_logic("or", "()", false).is_err());
        assert!(parse_logic("or", &"(or".repeat(100_000), false).is_err());
    }
}
