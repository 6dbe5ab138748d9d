//! Names of columns and relations, and the JSON paths that may follow them.

use crate::wire::postgrest::parsec::{Cursor, Parsed};

/// A column, and the way into it when it holds JSON (`variants->0->>name`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Field {
    pub name: String,
    pub path: Vec<Step>,
}

/// One arrow of a JSON path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    pub operand: Operand,
    /// `->>`: the result is text.
    pub as_text: bool,
}

/// What an arrow points to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Operand {
    Key(String),
    /// Negative ones count from the end.
    Index(i64),
}

impl Field {
    pub fn column(name: impl Into<String>) -> Self {
        Self { name: name.into(), path: Vec::new() }
    }

    /// The name under which the value is answered when no alias is given: the last key of the path.
    pub fn output_name(&self) -> &str {
        let keys = self.path.iter().rev().find_map(|step| match &step.operand {
            Operand::Key(key) => Some(key.as_str()),
            Operand::Index(_) => None,
        });
        keys.unwrap_or(&self.name)
    }
}

pub(crate) fn spaces(cursor: &mut Cursor) -> Parsed<()> {
    cursor.many(|c| c.one_of(" \t")).map(|_| ())
}

/// Surrounded by spaces, which do not count.
pub(crate) fn lexeme<T>(cursor: &mut Cursor, parser: impl FnOnce(&mut Cursor) -> Parsed<T>) -> Parsed<T> {
    spaces(cursor)?;
    let parsed = parser(cursor)?;
    spaces(cursor)?;
    Ok(parsed)
}

pub(crate) fn delimiter(cursor: &mut Cursor) -> Parsed<char> {
    cursor.label("delimiter (.)", |c| c.char('.'))
}

/// A value in double quotes; `\` takes the next letter as it is.
pub(crate) fn quoted(cursor: &mut Cursor) -> Parsed<String> {
    cursor.char('"')?;
    let letters = cursor.many(|c| {
        c.either(
            |c| c.none_of("\\\""),
            |c| {
                c.char('\\')?;
                c.satisfy(|_| true)
            },
        )
    })?;
    cursor.char('"')?;
    Ok(letters.into_iter().collect())
}

/// Letters, digits, `_`, `$` and spaces; outer spaces do not count.
pub(crate) fn identifier(cursor: &mut Cursor) -> Parsed<String> {
    let letters = cursor.many1(|c| {
        c.either(
            |c| c.label("letter", |c| c.satisfy(char::is_alphabetic)),
            |c| c.either(|c| c.label("digit", |c| c.satisfy(|l| l.is_ascii_digit())), |c| c.one_of("_ $")),
        )
    })?;
    Ok(letters.into_iter().collect::<String>().trim().to_owned())
}

fn separated_by_dash(cursor: &mut Cursor, part: fn(&mut Cursor) -> Parsed<String>) -> Parsed<String> {
    let dash = |cursor: &mut Cursor| {
        cursor.attempt(|c| {
            c.char('-')?;
            c.not_followed_by(|c| c.char('>'))
        })
    };
    Ok(cursor.separated1(part, dash)?.join("-"))
}

/// A column's or a relation's name, quoted or plain.
pub(crate) fn field_name(cursor: &mut Cursor) -> Parsed<String> {
    cursor.label("field name (* or [a..z0..9_$])", |c| c.either(quoted, |c| separated_by_dash(c, identifier)))
}

/// A column with its JSON path.
pub(crate) fn field(cursor: &mut Cursor) -> Parsed<Field> {
    lexeme(cursor, |c| Ok(Field { name: field_name(c)?, path: c.either(json_path, |_| Ok(Vec::new()))? }))
}

pub(crate) fn json_path(cursor: &mut Cursor) -> Parsed<Vec<Step>> {
    cursor.many(|c| {
        let as_text = c.either(
            |c| c.attempt(|c| c.string("->>").map(|()| true)),
            |c| c.attempt(|c| c.string("->").map(|()| false)),
        )?;
        let operand = c.either(|c| c.attempt(json_index), |c| c.attempt(|c| json_key(c).map(Operand::Key)))?;
        Ok(Step { operand, as_text })
    })
}

fn json_key(cursor: &mut Cursor) -> Parsed<String> {
    let part = |cursor: &mut Cursor| {
        let letters = cursor.many1(|c| c.none_of("(-:.,>)"))?;
        Ok(letters.into_iter().collect::<String>().trim().to_owned())
    };
    cursor
        .label("any non reserved character different from: .,>()", |c| c.either(quoted, |c| separated_by_dash(c, part)))
}

fn json_index(cursor: &mut Cursor) -> Parsed<Operand> {
    let negative = cursor.optional(|c| c.char('-'))?.is_some();
    let digits = cursor.many1(|c| c.label("digit", |c| c.satisfy(|l| l.is_ascii_digit())))?;
    let ahead = |text: &'static str| move |c: &mut Cursor| c.attempt(|c| c.ahead(|c| c.string(text)));
    cursor.either(ahead("->"), |c| {
        c.either(ahead("::"), |c| c.either(ahead("."), |c| c.either(ahead(","), |c| c.attempt(Cursor::end))))
    })?;
    let number: i64 = digits.into_iter().collect::<String>().parse().unwrap_or(i64::MAX);
    Ok(Operand::Index(if negative { -number } else { number }))
}

/// `relation.relation.column->path`: the embeds that lead to a column.
pub(crate) fn tree_path(cursor: &mut Cursor) -> Parsed<(Vec<String>, Field)> {
    let mut names = cursor.separated1(field_name, delimiter)?;
    let path = cursor.either(json_path, |_| Ok(Vec::new()))?;
    let name = names.pop().unwrap_or_default();
    Ok((names, Field { name, path }))
}

/// `a,b,c`
pub(crate) fn columns(cursor: &mut Cursor) -> Parsed<Vec<String>> {
    cursor.separated1(field_name, |c| lexeme(c, |c| c.char(',')))
}
