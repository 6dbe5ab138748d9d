//! What encodings make of a secret: percent-encoding, JSON, HTML, base64, hex, alone and mixed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use url::form_urlencoded::byte_serialize;

/// A regular expression for a value in every form.
#[derive(Clone)]
pub struct Expression {
    /// Of the value.
    pub length: usize,
    pub text: String,
}

/// Each letter as it is or as percent-encoding, JSON, HTML or a regular expression write it, for writers differ in which
/// letters they encode; and the whole in base64 and hex.
pub fn expression(value: &str) -> Expression {
    let letters: String = value.chars().map(letter_expression).collect();
    let bytes = value.as_bytes();
    let whole = base64_cores(bytes).into_iter().map(|core| regex::escape(&core));
    let all: Vec<String> = [letters, format!("(?i:{})", hex::encode(bytes))].into_iter().chain(whole).collect();
    Expression { length: value.len(), text: all.join("|") }
}

fn letter_expression(letter: char) -> String {
    if letter.is_ascii_alphanumeric() {
        return letter.to_string();
    }
    let plain = regex::escape(letter.encode_utf8(&mut [0; 4]));
    let percent = percent(letter.encode_utf8(&mut [0; 4]).as_bytes(), |_| false);
    let unicode: Vec<_> = letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!(r"\\u{unit:04X}")).collect();
    let unicode = unicode.concat();
    let entity = match letter {
        '&' => "|&amp;",
        '<' => "|&lt;",
        '>' => "|&gt;",
        '"' => "|&quot;",
        '\'' => "|&apos;",
        ' ' => r"|\+",
        _ => "",
    };
    let code = u32::from(letter);
    // A backslash before it, or several where JSON stands in JSON.
    format!(r"(?:\\{{0,3}}{plain}|(?i:{percent}|{unicode}|&#0*{code};|&#x0*{code:X};){entity})")
}

/// The forms in which a value may stand in a text.
pub fn forms(value: &str) -> Vec<String> {
    let bytes = value.as_bytes();
    let form_encoded: String = byte_serialize(bytes).collect();
    let json = serde_json::Value::from(value).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let mut forms = vec![
        value.to_owned(),
        percent(bytes, |byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte)),
        // What may stand bare in a path or a query (RFC 3986 §3.3, §3.4).
        percent(bytes, |byte| byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:@/?".contains(&byte)),
        form_encoded.replace('+', "%20"),
        form_encoded,
        json.replace('/', "\\/"),
        json,
        html(value, "&#39;", "&quot;"),
        html(value, "&#x27;", "&#34;"),
        hex::encode(bytes),
    ];
    for form in forms.clone() {
        if form.contains('%') {
            forms.push(lower_hex(&form));
        }
    }
    forms.extend(base64_cores(bytes));
    forms.sort();
    forms.dedup();
    forms
}

fn percent(bytes: &[u8], bare: impl Fn(u8) -> bool) -> String {
    use std::fmt::Write as _;

    bytes.iter().fold(String::new(), |mut text, byte| {
        if bare(*byte) {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

/// `%2F` as `%2f`, the rest as it is.
fn lower_hex(text: &str) -> String {
    let mut lower = String::with_capacity(text.len());
    let mut digits = 0;
    for letter in text.chars() {
        lower.push(if digits > 0 { letter.to_ascii_lowercase() } else { letter });
        digits = if letter == '%' { 2 } else { i32::max(digits - 1, 0) };
    }
    lower
}

fn html(value: &str, apostrophe: &str, quote: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', apostrophe).replace('"', quote)
}

/// What base64 makes of a value whatever stands before and after it (`Basic` joins user and password): for each of the
/// three places where it may begin in a group, the letters that depend on it alone.
fn base64_cores(bytes: &[u8]) -> Vec<String> {
    let mut cores = Vec::new();
    for offset in 0..3 {
        let mut padded = vec![0; offset];
        padded.extend_from_slice(bytes);
        let encoded = STANDARD_NO_PAD.encode(&padded);
        let first = (offset * 8).div_ceil(6);
        let last = padded.len() * 8 / 6;
        let Some(core) = encoded.get(first..last).filter(|core| core.len() >= 8) else { continue };
        cores.push(core.replace('+', "-").replace('/', "_"));
        cores.push(core.to_owned());
    }
    cores
}
