//! Rows as text: JSON the way PostgreSQL aggregates it, and CSV.

use crate::twin::supabase::rest::read::OutputRow;
use crate::twin::supabase::store::datum::Datum;
use crate::twin::supabase::store::json::write_string;

/// One row as `row_to_json` writes it.
pub fn object(row: &OutputRow, stripped: bool) -> String {
    let mut text = String::from("{");
    let mut first = true;
    for (name, value) in row {
        if stripped && value.is_null() {
            continue;
        }
        if !first {
            text.push(',');
        }
        first = false;
        write_string(&mut text, name);
        text.push(':');
        write_value(&mut text, value, stripped);
    }
    text.push('}');
    text
}

fn write_value(text: &mut String, value: &Datum, stripped: bool) {
    match value {
        Datum::Json(json) if stripped => text.push_str(&json.clone().stripped().compact()),
        other => other.write_json(text),
    }
}

/// All rows as `json_agg` writes them: one a line.
pub fn array(rows: &[OutputRow], stripped: bool) -> String {
    let separator = if stripped { "," } else { ", \n " };
    let objects: Vec<String> = rows.iter().map(|row| object(row, stripped)).collect();
    format!("[{}]", objects.join(separator))
}

/// Values that are no rows, as `json_agg` writes them.
pub fn scalars(values: &[&Datum]) -> String {
    let values: Vec<String> = values.iter().map(|value| scalar(value)).collect();
    format!("[{}]", values.join(", "))
}

pub fn scalar(value: &Datum) -> String {
    let mut text = String::new();
    value.write_json(&mut text);
    text
}

/// A header, then one line a row; values as a record's text has them.
pub fn csv(rows: &[OutputRow]) -> String {
    let header = rows
        .first()
        .map_or_else(String::new, |row| row.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(","));
    let lines: Vec<String> =
        rows.iter().map(|row| row.iter().map(|(_, value)| csv_value(value)).collect::<Vec<_>>().join(",")).collect();
    format!("{header}\n{}", lines.join("\n"))
}

fn csv_value(value: &Datum) -> String {
    let Some(text) = value.to_text() else { return String::new() };
    let special = |c: char| matches!(c, '"' | '\\' | '(' | ')' | ',') || c.is_ascii_whitespace();
    if text.is_empty() || text.contains(special) {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{array, csv};
    use crate::twin::supabase::store::datum::Datum;

    #[test]
    fn rows_are_written_one_a_line() {
        let row = |id, sku: &str| vec![("id".to_owned(), Datum::Int(id)), ("sku".into(), Datum::Text(sku.into()))];
        let rows = [row(1, "S1"), row(2, "a \"b\"")];
        assert_eq!(array(&rows, false), "[{\"id\":1,\"sku\":\"S1\"}, \n {\"id\":2,\"sku\":\"a \\\"b\\\"\"}]");
        assert_eq!(csv(&rows), "id,sku\n1,S1\n2,\"a \"\"b\"\"\"");
        assert_eq!(array(&[], false), "[]");
    }
}
