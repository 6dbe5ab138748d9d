//! Bodies of requests: JSON, forms and CSV, as PostgREST takes them apart.

use std::collections::BTreeSet;

use crate::twin::supabase::rest::error::RestError;
use crate::twin::supabase::store::json::Json;
use crate::wire::postgrest::media::Media;

/// A body and the columns (or arguments) that it names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Payload {
    /// Objects, in order.
    pub items: Vec<Json>,
    pub keys: BTreeSet<String>,
}

/// Reads a body.
///
/// # Errors
/// PGRST102, and the database's 22P02 for a body that `columns=` kept PostgREST from reading.
pub fn read(body: &[u8], media: &Media, columns: Option<&BTreeSet<String>>, call: bool) -> Result<Payload, RestError> {
    let text = std::str::from_utf8(body).map_err(|_| RestError::body("Empty or invalid json"))?;
    match media {
        Media::Json => match columns {
            Some(columns) => raw(text, columns),
            None if body.is_empty() && call => {
                Ok(Payload { items: vec![Json::Object(Vec::new())], ..Payload::default() })
            }
            None => parsed(Json::parse(text).ok_or_else(|| RestError::body("Empty or invalid json"))?),
        },
        Media::Form => {
            let pairs = url::form_urlencoded::parse(body).into_owned();
            let members: Vec<(String, Json)> = pairs.map(|(key, value)| (key, Json::Text(value))).collect();
            parsed(Json::Object(members))
        }
        Media::Csv => csv(text),
        // For functions with one unnamed parameter, of which the store has none.
        Media::Text | Media::Xml | Media::Bytes if call => Ok(Payload::default()),
        other => Err(RestError::body(&format!("Content-Type not acceptable: {}", other.name()))),
    }
}

fn parsed(json: Json) -> Result<Payload, RestError> {
    let keys_of = |item: &Json| match item {
        Json::Object(members) => Some(members.iter().map(|(key, _)| key.clone()).collect::<BTreeSet<_>>()),
        _ => None,
    };
    match json {
        Json::Array(items) => {
            let Some(first) = items.first() else { return Ok(Payload::default()) };
            let keys = keys_of(first);
            if keys.is_none() || items.iter().any(|item| keys_of(item) != keys) {
                return Err(RestError::body("All object keys must match"));
            }
            Ok(Payload { keys: keys.unwrap_or_default(), items })
        }
        object @ Json::Object(_) => Ok(Payload { keys: keys_of(&object).unwrap_or_default(), items: vec![object] }),
        _ => Ok(Payload::default()),
    }
}

fn raw(text: &str, columns: &BTreeSet<String>) -> Result<Payload, RestError> {
    use crate::twin::supabase::store::error::PgError;
    let items = match Json::parse(text) {
        Some(Json::Array(items)) => items,
        Some(other) => vec![other],
        None => return Err(PgError::new("22P02", "invalid input syntax for type json").into()),
    };
    Ok(Payload { items, keys: columns.clone() })
}

/// A header line and lines of values; `NULL` is null.
fn csv(text: &str) -> Result<Payload, RestError> {
    let mut lines = text.lines().map(split_line);
    let header = lines.next().ok_or_else(|| RestError::body("not enough input"))?;
    let mut items = Vec::new();
    for values in lines.filter(|values| values.len() > 1 || values.iter().any(|value| !value.is_empty())) {
        if values.len() != header.len() {
            return Err(RestError::body("All lines must have same number of fields"));
        }
        let value = |text: String| if text == "NULL" { Json::Null } else { Json::Text(text) };
        items.push(Json::Object(header.iter().cloned().zip(values.into_iter().map(value)).collect()));
    }
    let keys = if items.is_empty() { BTreeSet::new() } else { header.into_iter().collect() };
    Ok(Payload { items, keys })
}

fn split_line(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut in_quotes) = (Vec::new(), String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if in_quotes && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' => in_quotes = !in_quotes,
            ',' if !in_quotes => fields.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    fields.push(field);
    fields
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::twin::supabase::store::json::Json;
    use crate::wire::postgrest::media::Media;

    fn keys(body: &str, media: &Media) -> Option<(usize, Vec<String>)> {
        let payload = read(body.as_bytes(), media, None, false).ok()?;
        Some((payload.items.len(), payload.keys.into_iter().collect()))
    }

    #[test]
    fn bodies_become_rows() {
        let named = |count, names: &[&str]| Some((count, names.iter().map(|name| (*name).to_owned()).collect()));
        assert_eq!(keys(r#"{"b":1,"a":2}"#, &Media::Json), named(1, &["a", "b"]));
        assert_eq!(keys(r#"[{"a":1},{"a":2}]"#, &Media::Json), named(2, &["a"]));
        assert_eq!(keys(r#"[{"a":1},{"b":2}]"#, &Media::Json), None);
        assert_eq!(keys("[]", &Media::Json), named(0, &[]));
        assert_eq!(keys("", &Media::Json), None);
        assert_eq!(keys("a=1&b=2", &Media::Form), named(1, &["a", "b"]));
        assert_eq!(keys("a,b\n1,\"x,y\"\n2,NULL\n", &Media::Csv), named(2, &["a", "b"]));
        let csv = read(b"a,b\n1,NULL", &Media::Csv, None, false).unwrap();
        assert_eq!(csv.items[0].member("b"), Some(&Json::Null));
    }
}
