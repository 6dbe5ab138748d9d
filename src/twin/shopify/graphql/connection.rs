//! Connections: a page of records with cursors.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::twin::shopify::graphql::error::Error;
use crate::twin::shopify::store::{Record, number_of, text};

/// Shopify gives at most this many nodes at a time.
pub const MOST_NODES: i64 = 250;

/// One page of a connection.
#[derive(Clone, Debug)]
pub struct Page {
    pub ty: String,
    pub rows: Vec<Record>,
    pub has_next: bool,
    pub has_previous: bool,
}

/// The opaque cursor of a record.
pub fn cursor(record: &Record) -> String {
    let number = number_of(text(record, "id"));
    let last_id: u64 = number.parse().unwrap_or_default();
    STANDARD.encode(json!({ "last_id": last_id, "last_value": number }).to_string())
}

fn position_of(cursor: &str, rows: &[Record]) -> Option<usize> {
    let decoded: Value = serde_json::from_slice(&STANDARD.decode(cursor).ok()?).ok()?;
    let wanted = decoded.get("last_value")?.as_str()?;
    rows.iter().position(|row| number_of(text(row, "id")) == wanted)
}

/// Cuts the page that `first`/`after` or `last`/`before` ask for.
///
/// # Errors
/// Neither `first` nor `last` (worded as captured in gnikyt/Basic-Shopify-API#22), a size out of range or a cursor that is
/// none (both worded from memory (remembered)).
pub fn page(ty: &str, rows: Vec<Record>, arguments: &Map<String, Value>) -> Result<Page, Error> {
    let number = |name: &str| arguments.get(name).and_then(Value::as_i64);
    let (first, last) = (number("first"), number("last"));
    let refuse = |message: &str| Err(Error::coded(message, "BAD_REQUEST"));
    let size = match (first, last) {
        (None, None) => return refuse("you must provide one of first or last"),
        (Some(_), Some(_)) => return refuse("providing both first and last is not supported"),
        (Some(size), None) | (None, Some(size)) => size,
    };
    if size > MOST_NODES {
        return refuse(&format!("{} cannot exceed {MOST_NODES}", if first.is_some() { "first" } else { "last" }));
    }
    let Some(size) = usize::try_from(size).ok().filter(|size| *size > 0) else {
        return refuse("first and last must be greater than 0");
    };
    let place = |name: &str| match arguments.get(name).and_then(Value::as_str) {
        None => Ok(None),
        Some(cursor) => position_of(cursor, &rows).map(Some).ok_or(()),
    };
    let (Ok(after), Ok(before)) = (place("after"), place("before")) else {
        return refuse("Invalid cursor for current pagination sort.");
    };
    let start = after.map_or(0, |index| index + 1);
    let end = before.unwrap_or(rows.len()).max(start);
    let (start, end) = match first {
        Some(_) => (start, end.min(start + size)),
        None => (start.max(end.saturating_sub(size)), end),
    };
    let (has_next, has_previous) = (end < rows.len(), start > 0);
    let rows = rows.into_iter().skip(start).take(end - start).collect();
    Ok(Page { ty: ty.to_owned(), rows, has_next, has_previous })
}

/// Puts records into the order of a sort key; None when the twin does not model the key.
pub fn sort(rows: &mut [Record], key: &str, reverse: bool) -> Option<()> {
    let member = match key {
        "ID" => "id",
        "CREATED_AT" => "createdAt",
        "UPDATED_AT" => "updatedAt",
        "PROCESSED_AT" => "processedAt",
        "PUBLISHED_AT" => "publishedAt",
        "TITLE" => "title",
        "NAME" => "name",
        "SKU" => "sku",
        "VENDOR" => "vendor",
        "PRODUCT_TYPE" => "productType",
        "POSITION" => "position",
        _ => return None,
    };
    rows.sort_by_key(|row| {
        let number = if member == "position" { row.get(member).and_then(Value::as_i64).unwrap_or(0) } else { 0 };
        let id: u64 = number_of(text(row, "id")).parse().unwrap_or_default();
        let word = if member == "id" { String::new() } else { text(row, member).to_lowercase() };
        (number, word, id)
    });
    if reverse {
        rows.reverse();
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{Page, cursor, page, sort};
    use crate::twin::shopify::store::{Record, number_of, text};

    fn rows(count: u64) -> Vec<Record> {
        let row = |n| json!({ "id": format!("gid://shopify/Product/{n}"), "title": format!("T{}", 9 - n) });
        (1..=count).map(|n| row(n).as_object().unwrap().clone()).collect()
    }

    fn ask(arguments: Value) -> Result<Page, String> {
        let Value::Object(arguments) = arguments else { return Err("no arguments".into()) };
        page("Product", rows(5), &arguments).map_err(|error| error.message)
    }

    fn numbers(page: &Page) -> Vec<&str> {
        page.rows.iter().map(|row| number_of(text(row, "id"))).collect()
    }

    #[test]
    fn pages_follow_one_another_in_both_directions() {
        let first = ask(json!({ "first": 2 })).unwrap();
        assert_eq!((numbers(&first), first.has_next, first.has_previous), (vec!["1", "2"], true, false));
        let after = cursor(first.rows.last().unwrap());
        let second = ask(json!({ "first": 3, "after": after })).unwrap();
        assert_eq!((numbers(&second), second.has_next, second.has_previous), (vec!["3", "4", "5"], false, true));
        let back = ask(json!({ "last": 2, "before": cursor(&second.rows[0]) })).unwrap();
        assert_eq!((numbers(&back), back.has_next, back.has_previous), (vec!["1", "2"], true, false));
        assert_eq!(numbers(&ask(json!({ "last": 2 })).unwrap()), ["4", "5"]);
    }

    #[test]
    fn a_page_that_cannot_be_cut_is_refused() {
        for (arguments, message) in [
            (json!({}), "you must provide one of first or last"),
            (json!({ "first": 251 }), "first cannot exceed 250"),
            (json!({ "first": 0 }), "first and last must be greater than 0"),
            (json!({ "first": 1, "after": "nonsense" }), "Invalid cursor for current pagination sort."),
        ] {
            assert_eq!(ask(arguments).unwrap_err(), message);
        }
    }

    #[test]
    fn records_are_sorted_by_the_key_asked_for() {
        let mut sorted = rows(3);
        assert_eq!(sort(&mut sorted, "TITLE", false), Some(()));
        assert_eq!(text(&sorted[0], "title"), "T6");
        assert_eq!(sort(&mut sorted, "ID", true), Some(()));
        assert_eq!(text(&sorted[0], "title"), "T6");
        assert_eq!(sort(&mut sorted, "RELEVANCE", false), None);
        assert!(page("Product", sorted, &Map::new()).is_err());
    }
}
