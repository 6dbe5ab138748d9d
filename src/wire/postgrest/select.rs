//! `select=`: columns, aliases, casts, JSON paths, aggregates and embedded relations.

use crate::wire::postgrest::name::{Field, field, field_name, identifier, lexeme};
use crate::wire::postgrest::parsec::{Cursor, Failed, Parsed, Refusal, parse};

/// One thing selected.
#[derive(Clone, Debug, PartialEq)]
pub enum Selected {
    Field(SelectedField),
    Relation(Relation),
}

/// A column, or `*`.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectedField {
    pub field: Field,
    pub alias: Option<String>,
    pub cast: Option<String>,
    /// `sum`, `avg`, `count`, `max`, `min`; off in Supabase and by default.
    pub aggregate: Option<&'static str>,
    pub aggregate_cast: Option<String>,
}

/// An embedded relation.
#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    pub name: String,
    pub alias: Option<String>,
    /// The foreign key, column or junction that tells which relationship is meant.
    pub hint: Option<String>,
    /// Rows without a partner are left out.
    pub inner: bool,
    /// `...relation(…)`: its columns stand beside the parent's.
    pub spread: bool,
    pub selected: Vec<Selected>,
}

/// Reads the value of `select`.
///
/// # Errors
/// The refusal in PostgREST's words (PGRST100).
pub fn parse_select(text: &str) -> Result<Vec<Selected>, Refusal> {
    parse(&format!("failed to parse select parameter ({text})"), text, |c| forest(c, 0))
}

/// How deep embeds may nest before we call it an attack on the parser.
const DEEPEST: usize = 32;

fn forest(cursor: &mut Cursor, depth: usize) -> Parsed<Vec<Selected>> {
    if depth > DEEPEST {
        return cursor.satisfy(|_| false).map(|_| Vec::new());
    }
    cursor.either(|c| c.separated1(|c| item(c, depth), |c| lexeme(c, |c| c.char(','))), |_| Ok(Vec::new()))
}

fn item(cursor: &mut Cursor, depth: usize) -> Parsed<Selected> {
    cursor.either(
        |c| embedded(c, depth, spread_relation),
        |c| c.either(|c| embedded(c, depth, relation), |c| selected_field(c).map(Selected::Field)),
    )
}

fn embedded(cursor: &mut Cursor, depth: usize, head: fn(&mut Cursor) -> Parsed<Relation>) -> Parsed<Selected> {
    let mut relation = cursor.attempt(|c| lexeme(c, head))?;
    cursor.char('(')?;
    relation.selected = forest(cursor, depth + 1)?;
    cursor.char(')')?;
    Ok(Selected::Relation(relation))
}

fn alias(cursor: &mut Cursor) -> Parsed<Option<String>> {
    cursor.optional(|c| {
        c.attempt(|c| {
            let alias = field_name(c)?;
            c.char(':')?;
            c.not_followed_by(|c| c.char(':'))?;
            Ok(alias)
        })
    })
}

fn relation(cursor: &mut Cursor) -> Parsed<Relation> {
    let alias = alias(cursor)?;
    let name = field_name(cursor)?;
    if name == "count" {
        return Err(Failed);
    }
    let (hint, inner) = parameters(cursor)?;
    cursor.attempt(|c| c.ahead(|c| c.string("(")))?;
    Ok(Relation { name, alias, hint, inner, spread: false, selected: Vec::new() })
}

fn spread_relation(cursor: &mut Cursor) -> Parsed<Relation> {
    cursor.string("...")?;
    let name = field_name(cursor)?;
    let (hint, inner) = parameters(cursor)?;
    cursor.attempt(|c| c.ahead(|c| c.string("(")))?;
    Ok(Relation { name, alias: None, hint, inner, spread: true, selected: Vec::new() })
}

enum Parameter {
    Left,
    Inner,
    Hint(String),
}

fn parameters(cursor: &mut Cursor) -> Parsed<(Option<String>, bool)> {
    let one = |cursor: &mut Cursor| {
        cursor.optional(|c| {
            c.char('!')?;
            c.either(
                |c| c.attempt(|c| c.string("left").map(|()| Parameter::Left)),
                |c| {
                    c.either(
                        |c| c.attempt(|c| c.string("inner").map(|()| Parameter::Inner)),
                        |c| c.attempt(|c| field_name(c).map(Parameter::Hint)),
                    )
                },
            )
        })
    };
    let given = [one(cursor)?, one(cursor)?];
    let join = given.iter().flatten().find_map(|parameter| match parameter {
        Parameter::Left => Some(false),
        Parameter::Inner => Some(true),
        Parameter::Hint(_) => None,
    });
    let hint = given.into_iter().flatten().find_map(|parameter| match parameter {
        Parameter::Hint(hint) => Some(hint),
        _ => None,
    });
    Ok((hint, join.unwrap_or_default()))
}

fn selected_field(cursor: &mut Cursor) -> Parsed<SelectedField> {
    lexeme(cursor, |c| c.either(|c| c.attempt(star), |c| c.either(|c| c.attempt(count), column)))
}

fn star(cursor: &mut Cursor) -> Parsed<SelectedField> {
    cursor.string("*")?;
    end_of_item(cursor)?;
    Ok(plain(Field::column("*"), None))
}

fn plain(field: Field, alias: Option<String>) -> SelectedField {
    SelectedField { field, alias, cast: None, aggregate: None, aggregate_cast: None }
}

fn count(cursor: &mut Cursor) -> Parsed<SelectedField> {
    let alias = alias(cursor)?;
    cursor.string("count()")?;
    let aggregate_cast = cast(cursor)?;
    end_of_item(cursor)?;
    Ok(SelectedField { aggregate: Some("count"), aggregate_cast, ..plain(Field::column("*"), alias) })
}

fn column(cursor: &mut Cursor) -> Parsed<SelectedField> {
    let alias = alias(cursor)?;
    let field = field(cursor)?;
    let cast_to = cast(cursor)?;
    let aggregate = cursor.optional(|c| {
        c.attempt(|c| {
            c.char('.')?;
            let aggregate = aggregate(c)?;
            c.string("()")?;
            Ok(aggregate)
        })
    })?;
    let aggregate_cast = cast(cursor)?;
    end_of_item(cursor)?;
    Ok(SelectedField { field, alias, cast: cast_to, aggregate, aggregate_cast })
}

fn cast(cursor: &mut Cursor) -> Parsed<Option<String>> {
    cursor.optional(|c| {
        c.string("::")?;
        identifier(c)
    })
}

fn aggregate(cursor: &mut Cursor) -> Parsed<&'static str> {
    fn word(cursor: &mut Cursor, word: &'static str) -> Parsed<&'static str> {
        cursor.string(word).map(|()| word)
    }
    cursor.either(
        |c| word(c, "sum"),
        |c| {
            c.either(
                |c| word(c, "avg"),
                |c| {
                    c.either(
                        |c| word(c, "count"),
                        |c| c.either(|c| c.attempt(|c| word(c, "max")), |c| c.attempt(|c| word(c, "min"))),
                    )
                },
            )
        },
    )
}

fn end_of_item(cursor: &mut Cursor) -> Parsed<()> {
    let ahead = |text: &'static str| move |c: &mut Cursor| c.attempt(|c| c.ahead(|c| c.string(text)));
    cursor.either(ahead(")"), |c| c.either(ahead(","), |c| c.attempt(Cursor::end)))
}

#[cfg(test)]
mod tests {
    use super::{Selected, parse_select};

    fn names(text: &str) -> String {
        fn write(selected: &[Selected]) -> String {
            let parts: Vec<String> = selected
                .iter()
                .map(|item| match item {
                    Selected::Field(field) => {
                        let alias = field.alias.as_ref().map_or_else(String::new, |alias| format!("{alias}="));
                        let cast = field.cast.as_ref().map_or_else(String::new, |cast| format!("::{cast}"));
                        format!("{alias}{}{}{cast}", field.field.name, "->".repeat(field.field.path.len()))
                    }
                    Selected::Relation(relation) => {
                        let mark = if relation.inner { "!" } else { "" };
                        format!("{}{mark}[{}]", relation.name, write(&relation.selected))
                    }
                })
                .collect();
            parts.join(" ")
        }
        parse_select(text).map_or_else(|refusal| refusal.details, |selected| write(&selected))
    }

    #[test]
    fn what_is_selected_is_read() {
        let cases = [
            ("*", "*"),
            ("id,title", "id title"),
            ("id , name:title::text", "id name=title::text"),
            ("variants->0->>name", "variants->->"),
            ("id,notes!inner(body,author(id))", "id notes![body author[id]]"),
            ("...collection(name)", "collection[name]"),
            ("", ""),
        ];
        for (given, expected) in cases {
            assert_eq!(names(given), expected, "{given}");
        }
        assert!(names(&"a(".repeat(10_000)).contains("unexpected"));
    }
}
