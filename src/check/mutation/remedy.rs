//! The sentence that would notice a mutation, in the words of the vocabulary.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::check::mutation::place::{path, tokens};
use crate::domain::exchange::Response;
use crate::domain::json::type_name;
use crate::domain::mutation::{Kind, Mutation, Spot};

/// What the sentence is written from.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    pub mutation: &'a Mutation,
    /// The event, where a webhook was mutated and not an answer.
    pub webhook: Option<&'a str>,
    /// The right answer; None where none came.
    pub response: Option<&'a Response>,
    pub document: Option<&'a Value>,
    /// The pointer of the place that was mutated.
    pub pointer: &'a str,
    /// The name of a schema of this answer, there or to be written (`shop/list-orders`).
    pub schema: &'a str,
}

/// The sentence, without its keyword.
pub fn sentence(case: &Case<'_>) -> String {
    if let Some(event) = case.webhook {
        return about_a_webhook(&quoted(event), case);
    }
    let whole = || format!("the body matches schema \"{}\"", case.schema);
    match (&case.mutation.at, case.mutation.kind) {
        (_, Kind::Answered) => "no answer comes: reset".to_owned(),
        (Spot::Status, _) => {
            format!("the status is {}", case.response.map_or(200, |response| response.status.as_u16()))
        }
        (Spot::Time, _) => "the answer comes within 500 ms".to_owned(),
        (Spot::Header(name), kind) => header(name, kind, case.response),
        // An answer that does not come is no answer.
        (Spot::Webhook, _) => whole(),
        (Spot::Body, Kind::ExtraMember) => match case.response {
            Some(response) if response.body.is_empty() => "the body is empty".to_owned(),
            _ => whole(),
        },
        (Spot::Body, _) => match (case.document, case.response) {
            (Some(_), _) | (None, None) => whole(),
            (None, Some(response)) => {
                format!("the body is the text {}", quoted(&String::from_utf8_lossy(&response.body)))
            }
        },
        (Spot::Member(general), kind) => member(general, kind, case),
    }
}

fn about_a_webhook(event: &str, case: &Case<'_>) -> String {
    let value = case.document.and_then(|document| document.pointer(case.pointer));
    match (&case.mutation.at, case.mutation.kind) {
        (Spot::Webhook, _) => format!("the webhook {event} is delivered"),
        (Spot::Header(name), kind) => match case.response.and_then(|delivery| delivery.header(name)) {
            None => format!("the webhook {event} carries no signature"),
            Some(_) if kind == Kind::HeaderRemoved => {
                format!("the webhook {event} has the header {} \"#string\"", quoted(name))
            }
            Some(value) => format!("the webhook {event} has the header {} {}", quoted(name), quoted(&value)),
        },
        // What a schema cannot know: which value it is.
        (
            Spot::Member(_),
            Kind::OffByOne | Kind::Sign | Kind::Huge | Kind::Flipped | Kind::DateStale | Kind::DateFuture,
        ) if value.is_some() && !case.pointer.is_empty() => {
            let mut expected = value.cloned().unwrap_or_default();
            for token in tokens(case.pointer).collect::<Vec<_>>().into_iter().rev() {
                // An element is told by a list of one.
                expected = if token.parse::<usize>().is_ok() { json!([expected]) } else { json!({ token: expected }) };
            }
            format!("the webhook {event} contains:\n  \"\"\"\n  {expected}\n  \"\"\"")
        }
        _ => format!("the webhook {event} matches schema \"{}\"", case.schema),
    }
}

fn header(name: &str, kind: Kind, response: Option<&Response>) -> String {
    let value = response.and_then(|response| response.header(name));
    match (value, kind) {
        (_, Kind::ContentType) => {
            let media = response.and_then(Response::media_type).unwrap_or_else(|| "application/json".to_owned());
            format!("the media type is {}", quoted(&media))
        }
        (None, _) => format!("the header {} is absent", quoted(name)),
        (Some(_), Kind::HeaderRemoved) => format!("the header {} is \"#string\"", quoted(name)),
        (Some(value), _) => format!("the header {} is {}", quoted(name), quoted(&value)),
    }
}

fn member(general: &str, kind: Kind, case: &Case<'_>) -> String {
    let value = case.document.and_then(|document| document.pointer(case.pointer));
    let (all, many) = path(general);
    let each = if many { "each " } else { "" };
    let like = |matcher: &str| format!("{each}{} is {}", quoted(&all), quoted(matcher));
    let one = || quoted(&exactly(general, case.pointer));
    let exact = || match value {
        Some(value @ (Value::Array(_) | Value::Object(_))) => format!("{} is \"#{}\"", one(), type_name(value)),
        Some(value) => format!("{} is {}", one(), literal(value)),
        None => format!("{} is present", one()),
    };
    let items = |count: usize| format!("{} has {count} item{}", one(), if count == 1 { "" } else { "s" });
    match kind {
        Kind::Removed | Kind::Case if many => like("#present"),
        Kind::Removed | Kind::Case => format!("{} is present", one()),
        Kind::Null => like("#notnull"),
        Kind::Type => like(&format!("#{}", value.map_or("string", type_name))),
        Kind::EmptyText => like("#regex ."),
        Kind::EmptyList if value.and_then(Value::as_array).is_some() => format!("{} has at least 1 item", one()),
        Kind::OneMore | Kind::OneFewer | Kind::EmptyList => items(value.and_then(Value::as_array).map_or(1, Vec::len)),
        Kind::Enum => match value.and_then(Value::as_str) {
            Some(word) => format!("{each}{} is one of {}", quoted(&all), quoted(word)),
            None => exact(),
        },
        Kind::DuplicateId => format!("the values of {} are unique", quoted(&all)),
        Kind::DateFormat => like("#datetime"),
        Kind::ExtraMember => match &case.mutation.to {
            Some(name) => format!("{} is absent", quoted(&path(&format!("{general}/{name}")).0)),
            None => format!("the body matches schema \"{}\"", case.schema),
        },
        Kind::Mock => format!("{} is not \"mock\"", one()),
        _ => exact(),
    }
}

/// The path of the one value that was mutated.
fn exactly(general: &str, pointer: &str) -> String {
    let mut exact = String::new();
    for (shared, own) in tokens(general).zip(tokens(pointer)) {
        if shared == "*" {
            let _ = write!(exact, "[{own}]");
        } else {
            exact.push_str(path(&format!("/{}", crate::check::document::escape(&own))).0.trim_start_matches('$'));
        }
    }
    format!("${exact}")
}

fn literal(value: &Value) -> String {
    match value {
        // A text that begins so would be a matcher.
        Value::String(text) if text.starts_with('#') => quoted(&format!("#literal {text}")),
        Value::String(text) => quoted(text),
        // The vocabulary knows plain numbers alone.
        Value::Number(number) if number.to_string().contains(['e', 'E']) => "\"#number\"".to_owned(),
        other => other.to_string(),
    }
}

/// A text as a sentence writes it: on one line, in double quotes.
fn quoted(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let cut = match plain.char_indices().nth(120) {
        Some((end, _)) => &plain[..end],
        None => &plain,
    };
    format!("\"{}\"", cut.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};
    use serde_json::{Value, json};

    use super::{Case, sentence};
    use crate::domain::exchange::Response;
    use crate::domain::mutation::{Kind, Mutation, Spot};

    fn told(kind: Kind, at: Spot, pointer: &str, document: &Value) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("link", "<a>; rel=\"next\"".parse().unwrap());
        let response = Response { status: StatusCode::CREATED, headers, body: Bytes::from(document.to_string()) };
        let mutation = Mutation::new(kind, at);
        let (response, document) = (Some(&response), Some(document));
        sentence(&Case { mutation: &mutation, webhook: None, response, document, pointer, schema: "shop/orders" })
    }

    #[test]
    fn each_mutation_has_its_sentence() {
        let document = json!({"data": [{"id": 1, "at": "2026-01-01", "tag": "open", "note": "#1"}], "x-y": 1.5});
        let member = |pointer: &str| Spot::Member(pointer.to_owned());
        for (kind, at, pointer, expected) in [
            (Kind::Status, Spot::Status, "", "the status is 201"),
            (Kind::HeaderChanged, Spot::Header("link".into()), "", r#"the header "link" is "<a>; rel=\"next\"""#),
            (Kind::HeaderRemoved, Spot::Header("link".into()), "", r##"the header "link" is "#string""##),
            (Kind::Removed, member("/data/*/id"), "/data/0/id", r##"each "$.data[*].id" is "#present""##),
            (Kind::Removed, member("/x-y"), "/x-y", r#""$['x-y']" is present"#),
            (Kind::OffByOne, member("/data/*/id"), "/data/0/id", r#""$.data[0].id" is 1"#),
            (Kind::Sign, member("/x-y"), "/x-y", r#""$['x-y']" is 1.5"#),
            (Kind::Enum, member("/data/*/tag"), "/data/0/tag", r#"each "$.data[*].tag" is one of "open""#),
            (Kind::DateStale, member("/data/*/note"), "/data/0/note", r##""$.data[0].note" is "#literal #1""##),
            (Kind::OneMore, member("/data"), "/data", r#""$.data" has 1 item"#),
            (Kind::DuplicateId, member("/data/*/id"), "/data/1/id", r#"the values of "$.data[*].id" are unique"#),
            (Kind::Truncated, Spot::Body, "", r#"the body matches schema "shop/orders""#),
        ] {
            assert_eq!(told(kind, at, pointer, &document), expected, "{kind}");
        }
    }
}
