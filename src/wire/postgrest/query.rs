//! The query string as a whole: what is selected, filtered, ordered and limited, and its canonical form.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::wire::postgrest::filter::{Filter, Logic, logic_path, parse_filter, parse_logic};
use crate::wire::postgrest::name::{columns, tree_path};
use crate::wire::postgrest::order::{Term, parse_order};
use crate::wire::postgrest::parsec::{Refusal, parse};
use crate::wire::postgrest::range::Range;
use crate::wire::postgrest::select::{Selected, parse_select};

/// Something that belongs to an embedded relation, or to the root when the path is empty.
pub type At<T> = (Vec<String>, T);

/// A query string, read.
#[derive(Clone, Debug)]
pub struct Query {
    /// Sorted by name, encoded: what `Content-Location` shows.
    pub canonical: String,
    pub selected: Vec<Selected>,
    pub filters: Vec<At<Filter>>,
    /// The names that filters stand under, `on_conflict` and the like excepted.
    pub filter_names: BTreeSet<String>,
    pub logic: Vec<At<Logic>>,
    pub orders: Vec<At<Vec<Term>>>,
    /// By `limit` or `relation.limit`.
    pub ranges: BTreeMap<String, Range>,
    pub columns: Option<BTreeSet<String>>,
    pub on_conflict: Option<Vec<String>>,
    /// The arguments of a function called with GET, which are those that are no filter.
    pub arguments: Vec<(String, String)>,
}

const RESERVED: [&str; 3] = ["select", "columns", "on_conflict"];
const RESERVED_LAST: [&str; 5] = ["order", "limit", "offset", "and", "or"];

/// How a query string is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dialect {
    /// What is no filter is an argument: a function is called with GET or HEAD.
    pub arguments: bool,
    /// `is.not_null` is known: from PostgREST 13 on.
    pub not_null: bool,
}

impl Query {
    /// Reads a raw query string, without `?`.
    ///
    /// # Errors
    /// The refusal in PostgREST's words (PGRST100).
    pub fn parse(raw: &str, dialect: Dialect) -> Result<Self, Refusal> {
        let pairs = split(raw);
        let given: Vec<(&str, &str)> =
            pairs.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_deref()?))).collect();
        let first =
            |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).and_then(|(_, value)| value.as_deref());
        let ending = |words: &'static [&'static str]| {
            given.iter().filter(move |(name, _)| words.contains(&last_word(name))).copied()
        };
        let orders = ending(&["order"]).map(read_order).collect::<Result<_, _>>()?;
        let logic = ending(&["and", "or"]).map(|pair| read_logic(pair, dialect.not_null)).collect::<Result<_, _>>()?;
        let columns = first("columns").map(|text| read_columns("columns", text)).transpose()?;
        let selected = parse_select(first("select").unwrap_or("*"))?;
        let (mut filters, mut arguments, mut filter_names) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (name, value) in given.iter().copied() {
            if RESERVED.contains(&name) || RESERVED_LAST.contains(&last_word(name)) {
                continue;
            }
            filter_names.insert(name.to_owned());
            let (path, field) = read_path(name)?;
            match parse_filter(field.clone(), value, dialect.not_null) {
                Ok(filter) => filters.push((path, filter)),
                Err(_) if dialect.arguments => arguments.push((field.name, value.to_owned())),
                Err(refusal) => return Err(refusal),
            }
        }
        let on_conflict = first("on_conflict").map(|text| read_columns("on_conflict", text)).transpose()?;
        Ok(Self {
            canonical: canonical(&pairs),
            selected,
            filters,
            filter_names,
            logic,
            orders,
            ranges: ranges(ending(&["limit"]), ending(&["offset"])),
            columns: columns.map(|names| names.into_iter().collect()),
            on_conflict,
            arguments,
        })
    }

    /// The filters of the root.
    pub fn root_filters(&self) -> impl Iterator<Item = &Filter> {
        self.filters.iter().filter(|(path, _)| path.is_empty()).map(|(_, filter)| filter)
    }
}

fn last_word(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn read_path(name: &str) -> Result<At<crate::wire::postgrest::name::Field>, Refusal> {
    parse(&format!("failed to parse tree path ({name})"), name, tree_path)
}

/// Reads the embeds that a `limit` belongs to.
///
/// # Errors
/// The refusal in PostgREST's words (PGRST100).
pub fn embed_path(name: &str) -> Result<Vec<String>, Refusal> {
    read_path(name).map(|(path, _)| path)
}

fn read_order((name, value): (&str, &str)) -> Result<At<Vec<Term>>, Refusal> {
    let (path, _) = read_path(name)?;
    Ok((path, parse_order(value)?))
}

fn read_logic((name, value): (&str, &str), not_null: bool) -> Result<At<Logic>, Refusal> {
    let (path, operator) = parse(&format!("failed to parse logic path ({name})"), name, logic_path)?;
    Ok((path, parse_logic(&operator, value, not_null)?))
}

fn read_columns(parameter: &str, text: &str) -> Result<Vec<String>, Refusal> {
    parse(&format!("failed to parse {parameter} parameter ({text})"), text, columns)
}

fn ranges<'a>(
    limits: impl Iterator<Item = (&'a str, &'a str)>,
    offsets: impl Iterator<Item = (&'a str, &'a str)>,
) -> BTreeMap<String, Range> {
    let mut limited: BTreeMap<String, Range> = BTreeMap::new();
    for (name, value) in limits {
        limited.insert(name.to_owned(), value.parse().map_or(Range::ALL, |limit| Range::ALL.restricted(limit)));
    }
    for (name, value) in offsets {
        let key = format!("{}limit", name.strip_suffix("offset").unwrap_or_default());
        let lower = value.parse().unwrap_or(0);
        let range = match limited.get(&key) {
            Some(range) => {
                let limit = range.limit().unwrap_or(0);
                Range { lower, upper: Some(lower.saturating_add(limit).saturating_sub(1)) }
            }
            None => Range::from(lower),
        };
        limited.insert(key, range);
    }
    limited
}

/// Splits at `&` and `;`, undoing percent-encoding and `+`. A name without `=` has no value.
fn split(raw: &str) -> Vec<(String, Option<String>)> {
    raw.split(['&', ';'])
        .filter(|part| !part.is_empty())
        .map(|part| match part.split_once('=') {
            Some((name, value)) => (decode(name), Some(decode(value))),
            None => (decode(part), None),
        })
        .collect()
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let pair = bytes.get(at + 1..at + 3).and_then(|pair| {
            let (high, low) = (char::from(pair[0]).to_digit(16)?, char::from(pair[1]).to_digit(16)?);
            u8::try_from(high * 16 + low).ok()
        });
        match (byte, pair) {
            (b'%', Some(value)) => {
                decoded.push(value);
                at += 3;
                continue;
            }
            (b'+', _) => decoded.push(b' '),
            _ => decoded.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Sorted by name, values of one name joined by commas, encoded; letters outside ASCII are encoded twice, as the
/// library that PostgREST uses does.
fn canonical(pairs: &[(String, Option<String>)]) -> String {
    let mut sorted: Vec<(&str, &str)> =
        pairs.iter().map(|(name, value)| (name.as_str(), value.as_deref().unwrap_or_default())).collect();
    sorted.sort_by_key(|(name, _)| *name);
    let mut parts: Vec<(&str, String)> = Vec::new();
    for (name, value) in sorted {
        match parts.last_mut() {
            Some((last, joined)) if *last == name => {
                joined.push(',');
                joined.push_str(&encode(value));
            }
            _ => parts.push((name, encode(value))),
        }
    }
    let parts: Vec<String> = parts.iter().map(|(name, value)| format!("{}={value}", encode(name))).collect();
    parts.join("&")
}

fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            0..=127 => {
                let _ = write!(encoded, "%{byte:02X}");
            }
            _ => {
                let mut buffer = [0; 2];
                for again in char::from(byte).encode_utf8(&mut buffer).bytes() {
                    let _ = write!(encoded, "%{again:02X}");
                }
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{Dialect, Query};
    use crate::wire::postgrest::range::Range;

    fn read(raw: &str) -> Query {
        Query::parse(raw, Dialect::default()).unwrap()
    }

    #[test]
    fn the_canonical_form_is_sorted_and_encoded() {
        assert_eq!(read("select=id,sku&limit=1").canonical, "limit=1&select=id%2Csku");
        assert_eq!(read("or=(id.eq.1,id.eq.2)&select=sku").canonical, "or=%28id.eq.1%2Cid.eq.2%29&select=sku");
        assert_eq!(read("id=gt.1&id=lt.5").canonical, "id=gt.1,lt.5");
    }

    #[test]
    fn limits_and_offsets_become_ranges() {
        let query = read("limit=2&offset=4&notes.limit=1");
        assert_eq!(query.ranges["limit"], Range { lower: 4, upper: Some(5) });
        assert_eq!(query.ranges["notes.limit"], Range::limited(1));
        assert_eq!(read("limit=ten").ranges["limit"], Range::ALL);
    }

    #[test]
    fn arguments_are_what_is_no_filter() {
        let query = Query::parse("a=1&b=eq.2", Dialect { arguments: true, not_null: false }).unwrap();
        assert_eq!(query.arguments, [("a".to_owned(), "1".to_owned())]);
        assert_eq!(query.filters.len(), 1);
    }

    proptest! {
        #[test]
        fn no_query_string_is_too_strange(raw in any::<String>(), arguments: bool, not_null: bool) {
            let _ = Query::parse(&raw, Dialect { arguments, not_null });
        }

        #[test]
        fn no_value_is_too_strange(value in "[a-z.,()!:>\"{}* \\\\-]{0,60}") {
            for name in ["select", "order", "or", "id", "columns", "x.y->z"] {
                let _ = Query::parse(&format!("{name}={value}"), Dialect::default());
            }
        }
    }
}
