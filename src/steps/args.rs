//! What a step passes to its sentence: parameters, a doc string, a table, all with `${NAME}` filled in.

use serde_json::Value;

/// The arguments of one step.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Args {
    /// As written, quotes and all, with `${NAME}` filled in.
    pub raw: Vec<String>,
    pub docstring: Option<String>,
    pub table: Option<Vec<Vec<String>>>,
}

impl Args {
    /// A parameter as text, without its quotes.
    pub fn text(&self, index: usize) -> String {
        self.raw.get(index).map(|raw| unquote(raw)).unwrap_or_default()
    }

    /// A `{count}`.
    ///
    /// # Errors
    /// It is larger than a computer counts.
    pub fn count(&self, index: usize) -> Result<u64, String> {
        let raw = self.raw.get(index).map_or("", String::as_str);
        raw.parse().map_err(|_| format!("`{raw}` is no number that can be counted to"))
    }

    /// A `{value}`: a text in quotes, or JSON.
    pub fn value(&self, index: usize) -> Value {
        let raw = self.raw.get(index).map_or("", String::as_str);
        if raw.starts_with('"') {
            Value::String(unquote(raw))
        } else {
            serde_json::from_str(raw).unwrap_or(Value::Null)
        }
    }

    /// The doc string.
    ///
    /// # Errors
    /// There is none.
    pub fn docstring(&self) -> Result<&str, String> {
        self.docstring
            .as_deref()
            .map(|text| text.trim_matches(['\n', '\r']))
            .ok_or_else(|| "the sentence needs a doc string (\"\"\") below it".to_owned())
    }

    /// The doc string as JSON.
    ///
    /// # Errors
    /// There is none, or it is no JSON.
    pub fn json(&self) -> Result<Value, String> {
        let text = self.docstring()?;
        crate::domain::json::parse(text.as_bytes()).map_err(|error| format!("the doc string is no JSON: {error}"))
    }

    /// The table.
    ///
    /// # Errors
    /// There is none.
    pub fn table(&self) -> Result<&[Vec<String>], String> {
        self.table.as_deref().ok_or_else(|| "the sentence needs a table below it".to_owned())
    }

    /// The rows of a table with a head, as objects; a cell that is JSON is read as JSON. Or a doc string with a JSON array.
    ///
    /// # Errors
    /// There is neither.
    pub fn rows(&self) -> Result<Value, String> {
        let Some((head, rows)) = self.table.as_deref().and_then(<[_]>::split_first) else {
            return self.json();
        };
        let row = |cells: &Vec<String>| {
            Value::Object(head.iter().cloned().zip(cells.iter().map(|cell| cell_value(cell))).collect())
        };
        Ok(rows.iter().map(row).collect())
    }
}

fn cell_value(cell: &str) -> Value {
    serde_json::from_str(cell).unwrap_or_else(|_| Value::String(cell.to_owned()))
}

fn unquote(raw: &str) -> String {
    let Some(inner) = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return raw.to_owned() };
    let mut text = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n') => text.push('\n'),
                // A regular expression's `\d` stays as it is; only a quote and a backslash are escaped.
                Some(escaped @ ('"' | '\\')) => text.push(escaped),
                Some(other) => text.extend(['\\', other]),
                None => text.push('\\'),
            },
            other => text.push(other),
        }
    }
    text
}

/// Replaces every `${NAME}`; `lookup` gives the value.
///
/// # Errors
/// The first name that has no value.
pub fn fill(text: &str, lookup: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, after) = rest.split_at(start);
        let Some(end) = after.find('}') else { break };
        let name = &after[2..end];
        filled.push_str(before);
        filled.push_str(&lookup(name).ok_or_else(|| name.to_owned())?);
        rest = &after[end + 1..];
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Args, fill};

    #[test]
    fn parameters_are_read_as_they_are_written() {
        let args =
            Args { raw: vec![r#""a \"b\" \d""#.into(), "5".into(), "null".into(), r#""1""#.into()], ..Args::default() };
        assert_eq!(args.text(0), r#"a "b" \d"#);
        assert_eq!(args.count(1), Ok(5));
        assert_eq!((args.value(1), args.value(2), args.value(3)), (json!(5), json!(null), json!("1")));
    }

    #[test]
    fn a_table_with_a_head_gives_rows() {
        let table = vec![vec!["id".into(), "name".into()], vec!["1".into(), "a b".into()]];
        assert_eq!(Args { table: Some(table), ..Args::default() }.rows(), Ok(json!([{"id": 1, "name": "a b"}])));
    }

    #[test]
    fn names_are_filled_in_and_a_missing_one_is_named() {
        let lookup = |name: &str| (name == "ID").then(|| "7".to_owned());
        assert_eq!(fill("/a/${ID}?x=${ID}", lookup), Ok("/a/7?x=7".into()));
        assert_eq!(fill("/a/${NOPE}", lookup), Err("NOPE".into()));
        assert_eq!(fill("${open", lookup), Ok("${open".into()));
    }
}
