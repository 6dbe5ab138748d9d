//! Values as PostgreSQL holds them, compares them and writes them.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::twin::kit::clock;
use crate::twin::supabase::store::json::Json;
use crate::twin::supabase::store::numeric::Numeric;

/// A value of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    Null,
    Bool(bool),
    Int(i64),
    Numeric(Numeric),
    Float(f64),
    /// Also `uuid`.
    Text(String),
    Timestamp(Timestamp),
    Date(Date),
    Json(Json),
    Array(Vec<Datum>),
}

impl Datum {
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// As the type's output function writes it; None for null.
    pub fn to_text(&self) -> Option<String> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(value) => if *value { "t" } else { "f" }.to_owned(),
            Self::Int(value) => value.to_string(),
            Self::Numeric(value) => value.to_string(),
            Self::Float(value) => write_float(*value),
            Self::Text(text) => text.clone(),
            Self::Timestamp(at) => write_timestamp(*at, ' ', "+00"),
            Self::Date(date) => date.to_string(),
            Self::Json(json) => json.spaced(),
            Self::Array(items) => write_array(items),
        })
    }

    /// As `CAST(… AS text)` writes it: like [`Self::to_text`], booleans by their words.
    pub fn cast_text(&self) -> Option<String> {
        match self {
            Self::Bool(value) => Some(value.to_string()),
            other => other.to_text(),
        }
    }

    /// As `to_jsonb` and `row_to_json` write it.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Int(value) => Json::Number(value.to_string()),
            Self::Numeric(value) => Json::Number(value.to_string()),
            Self::Float(value) if value.is_finite() => Json::Number(write_float(*value)),
            Self::Float(value) => Json::Text(write_float(*value)),
            Self::Text(text) => Json::Text(text.clone()),
            Self::Timestamp(at) => Json::Text(write_timestamp(*at, 'T', "+00:00")),
            Self::Date(date) => Json::Text(date.to_string()),
            Self::Json(json) => json.clone(),
            Self::Array(items) => Json::Array(items.iter().map(Self::to_json).collect()),
        }
    }

    /// The text that stands in an answer's row: JSON without spaces, but `jsonb` values as `jsonb` writes them.
    pub fn write_json(&self, text: &mut String) {
        match self {
            Self::Json(json) => text.push_str(&json.spaced()),
            Self::Array(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    text.push_str(if index == 0 { "" } else { "," });
                    item.write_json(text);
                }
                text.push(']');
            }
            other => text.push_str(&other.to_json().compact()),
        }
    }

    /// The order of two values of one type; None when one is null.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        Some(match (self, other) {
            (Self::Null, _) | (_, Self::Null) => return None,
            (Self::Bool(one), Self::Bool(two)) => one.cmp(two),
            (Self::Int(one), Self::Int(two)) => one.cmp(two),
            (Self::Numeric(one), Self::Numeric(two)) => one.compare(two),
            (Self::Float(one), Self::Float(two)) => one.total_cmp(two),
            (Self::Text(one), Self::Text(two)) => one.cmp(two),
            (Self::Timestamp(one), Self::Timestamp(two)) => one.cmp(two),
            (Self::Date(one), Self::Date(two)) => one.cmp(two),
            (Self::Json(one), Self::Json(two)) => one.compare(two),
            (Self::Array(one), Self::Array(two)) => {
                let mut orders = one.iter().zip(two).map(|(a, b)| a.compare_nulls_last(b));
                orders.find(|order| order.is_ne()).unwrap_or_else(|| one.len().cmp(&two.len()))
            }
            _ => self.to_text().cmp(&other.to_text()),
        })
    }

    /// The order in which PostgreSQL sorts ascending: null is larger than anything.
    pub fn compare_nulls_last(&self, other: &Self) -> Ordering {
        self.compare(other).unwrap_or_else(|| self.is_null().cmp(&other.is_null()))
    }

    pub fn equals(&self, other: &Self) -> bool {
        self.compare(other) == Some(Ordering::Equal)
    }
}

/// Microseconds, without trailing zeros: `2026-01-01T00:00:00.25+00:00`.
fn write_timestamp(at: Timestamp, between: char, zone: &str) -> String {
    let seconds = clock::format(at, &format!("%Y-%m-%d{between}%H:%M:%S"));
    let micros = at.subsec_nanosecond().unsigned_abs() / 1000;
    if micros == 0 {
        return format!("{seconds}{zone}");
    }
    let part = format!("{micros:06}");
    format!("{seconds}.{}{zone}", part.trim_end_matches('0'))
}

/// The shortest digits that read back the same, with an exponent below 1e-4 and from 1e15 on.
fn write_float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let magnitude = value.abs();
    if value != 0.0 && !(1e-4..1e15).contains(&magnitude) {
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
        return format!("{mantissa}e{sign}{digits:0>2}");
    }
    value.to_string()
}

/// An array literal: `{a,"b c",NULL}`.
fn write_array(items: &[Datum]) -> String {
    let write = |item: &Datum| match item.to_text() {
        None => "NULL".to_owned(),
        Some(text) => {
            let plain = !text.is_empty()
                && !text.eq_ignore_ascii_case("null")
                && !text.contains(|c: char| "{},\"\\".contains(c) || c.is_ascii_whitespace());
            if plain || matches!(item, Datum::Array(_)) {
                text
            } else {
                format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
            }
        }
    };
    format!("{{{}}}", items.iter().map(write).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::Datum;

    #[test]
    fn values_are_written_as_postgresql_writes_them() {
        let at = |text: &str| Datum::Timestamp(text.parse().unwrap());
        let cases = [
            (Datum::Float(0.1), "0.1"),
            (Datum::Float(5.0), "5"),
            (Datum::Float(1e20), "1e+20"),
            (Datum::Float(0.000_01), "1e-05"),
            (Datum::Bool(true), "t"),
            (at("2026-01-01T00:00:00.25Z"), "2026-01-01 00:00:00.25+00"),
            (Datum::Array(vec![Datum::Text("a".into()), Datum::Text("b c".into()), Datum::Null]), "{a,\"b c\",NULL}"),
        ];
        for (datum, text) in cases {
            assert_eq!(datum.to_text().as_deref(), Some(text));
        }
        assert_eq!(at("2026-01-01T00:00:00Z").to_json().compact(), "\"2026-01-01T00:00:00+00:00\"");
    }
}
