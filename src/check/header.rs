//! Headers of an answer.

use jiff::Timestamp;
use serde_json::Value;

use crate::check::matcher::Matcher;
use crate::domain::exchange::Response;
use crate::domain::finding::{Code, Finding};

/// The header must be there with this value, or be like this matcher (`#regex …`).
///
/// # Errors
/// What is wrong with the matcher.
pub fn is(name: &str, expected: &str, response: &Response, now: Timestamp) -> Result<Option<Finding>, String> {
    let Some(came) = response.header(name) else {
        return Ok(Some(
            Finding::new(Code::Header, format!("the header {name} is absent, expected {expected}"))
                .expected(expected)
                .actual("absent"),
        ));
    };
    let holds = if expected.starts_with('#') {
        Matcher::parse_promise(expected)?.judge(Some(&Value::from(came.clone())), now).is_ok()
    } else {
        came == expected
    };
    Ok((!holds).then(|| {
        Finding::new(Code::Header, format!("the header {name} is {came}, expected {expected}"))
            .expected(expected)
            .actual(came)
    }))
}

/// The header must not be there.
pub fn is_absent(name: &str, response: &Response) -> Option<Finding> {
    let came = response.header(name)?;
    Some(
        Finding::new(Code::Header, format!("the header {name} is {came}, expected none"))
            .expected("absent")
            .actual(came),
    )
}

/// The media type, without parameters, must be this one.
pub fn media_type(expected: &str, response: &Response) -> Option<Finding> {
    let came = response.media_type().unwrap_or_else(|| "absent".to_owned());
    (came != expected.to_ascii_lowercase()).then(|| {
        Finding::new(Code::Header, format!("the media type is {came}, expected {expected}"))
            .expected(expected)
            .actual(came)
    })
}
