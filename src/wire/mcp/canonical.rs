//! One text for every JSON document that means the same (RFC 8785), and its hash: an input schema is pinned by it.

use serde_json::{Number, Value};
use sha2::{Digest as _, Sha256};

/// SHA-256 (hex) of the canonical text.
pub fn hash(value: &Value) -> String {
    hex::encode(Sha256::digest(text(value).as_bytes()))
}

/// The canonical text: members by the UTF-16 code units of their names, no space, numbers as ECMAScript writes them.
pub fn text(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
            sorted.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            enclose('{', '}', sorted, text, |(name, value), text| {
                quote(name, text);
                text.push(':');
                write(value, text);
            });
        }
        Value::Array(items) => enclose('[', ']', items, text, write),
        Value::String(words) => quote(words, text),
        Value::Number(number) => text.push_str(&as_ecmascript(number)),
        Value::Null | Value::Bool(_) => text.push_str(&value.to_string()),
    }
}

fn enclose<T>(open: char, close: char, items: impl IntoIterator<Item = T>, text: &mut String, each: fn(T, &mut String)) {
    text.push(open);
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        each(item, text);
    }
    text.push(close);
}

fn quote(words: &str, text: &mut String) {
    text.push_str(&Value::String(words.to_owned()).to_string());
}

/// Whole numbers beyond 2^53 keep their digits, which no two of them share; ECMAScript would round them.
fn as_ecmascript(number: &Number) -> String {
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else { return number.to_string() };
    if float == 0.0 {
        return "0".to_owned();
    }
    // The shortest digits that mean this number, and the exponent of the first: `1.2e-7`.
    let shortest = format!("{float:e}");
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits = mantissa.replace('.', "");
    format!("{sign}{}", placed(&digits, exponent))
}

/// ECMA-262, Number::toString: plain from 1e-6 to 1e21, else with an exponent.
fn placed(digits: &str, exponent: i32) -> String {
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |many: i32| "0".repeat(usize::try_from(many).unwrap_or_default());
    match exponent {
        -6..=-1 => format!("0.{}{digits}", zeros(-exponent - 1)),
        0..=20 if exponent + 1 >= count => format!("{digits}{}", zeros(exponent + 1 - count)),
        0..=20 => {
            let (whole, rest) = digits.split_at(usize::try_from(exponent + 1).unwrap_or_default());
            format!("{whole}.{rest}")
        }
        _ => {
            let (first, rest) = digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            let plus = if exponent > 0 { "+" } else { "" };
            format!("{first}{point}{rest}e{plus}{exponent}")
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{hash, text};

    #[test]
    fn the_order_of_members_does_not_matter_and_all_else_does() {
        let schema = json!({"type": "object", "properties": {"b": {"type": "string"}, "a": {}}, "required": ["b", "a"]});
        let same = json!({"required": ["b", "a"], "properties": {"a": {}, "b": {"type": "string"}}, "type": "object"});
        let other = json!({"required": ["a", "b"], "properties": {"a": {}, "b": {"type": "string"}}, "type": "object"});
        assert_eq!(hash(&schema), hash(&same));
        assert_ne!(hash(&schema), hash(&other));
        assert_eq!(hash(&json!({})), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }

    /// RFC 8785, appendix B and §3.2.3.
    #[test]
    fn numbers_and_names_are_written_as_the_rfc_does() {
        for (written, canonical) in [
            ("0.0", "0"),
            ("-0.0", "0"),
            ("5e-324", "5e-324"),
            ("-5e-324", "-5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("9007199254740992.0", "9007199254740992"),
            ("1e21", "1e+21"),
            ("9.999999999999997e22", "9.999999999999997e+22"),
            ("999999999999999900000.0", "999999999999999900000"),
            ("0.000001", "0.000001"),
            ("9.999999999999997e-7", "9.999999999999997e-7"),
            ("333333333.3333332", "333333333.3333332"),
            ("4.50", "4.5"),
            ("2e-3", "0.002"),
            ("100", "100"),
            ("1.0", "1"),
        ] {
            let value: Value = serde_json::from_str(written).unwrap();
            assert_eq!(text(&value), canonical, "{written}");
        }
        let names = json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7});
        let order: Vec<char> = text(&names).chars().filter(char::is_ascii_digit).collect();
        // The name "1" is a digit too.
        assert_eq!(order, ['2', '1', '4', '6', '7', '1', '5', '3']);
    }
}
