//! States that a twin can be put into because the vendor's own API cannot be asked for them.

use serde_json::Value;

/// One state that a twin can be put into.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// As a contract writes it; capitals stand for a name to be filled in (`table:NAME`).
    pub name: &'static str,
    /// What it does, and the values that it takes.
    pub meaning: &'static str,
}

/// Why a twin cannot be arranged as asked.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unarranged {
    #[error("the twin has no setting `{setting}`; it has {known}")]
    Unknown { setting: String, known: String },
    #[error("`{setting}` cannot be {value}: {reason}")]
    BadValue { setting: String, value: String, reason: String },
}

impl Unarranged {
    pub fn unknown(setting: &str, known: &[Setting]) -> Self {
        Self::unknown_among(setting, known.iter().map(|known| known.name))
    }

    pub fn unknown_among<'a>(setting: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        Self::Unknown { setting: setting.to_owned(), known }
    }

    pub fn bad_value(setting: &str, value: &Value, reason: impl Into<String>) -> Self {
        Self::BadValue { setting: setting.to_owned(), value: value.to_string(), reason: reason.into() }
    }
}
