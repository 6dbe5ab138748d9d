//! `POST …/filter` of conversations and contacts (`app/services/filter_service.rb`, `lib/filters/filter_keys.yml`).

use serde_json::{Map, Value, json};

use crate::twin::chatwoot::api::contacts;
use crate::twin::chatwoot::api::conversation_list::{PER_PAGE, by_activity, counts};
use crate::twin::chatwoot::contact::Contact;
use crate::twin::chatwoot::conversation::{Conversation, Status};
use crate::twin::chatwoot::refusal::Refusal;
use crate::twin::chatwoot::scope::{Outcome, Scope, ok};
use crate::twin::chatwoot::state::State;
use crate::twin::kit::page::numbered;

const EQUALITY: &[&str] = &["equal_to", "not_equal_to"];
const PRESENCE: &[&str] = &["equal_to", "not_equal_to", "is_present", "is_not_present"];
const TEXT: &[&str] = &["equal_to", "not_equal_to", "contains", "does_not_contain"];
const DATE: &[&str] = &["is_greater_than", "is_less_than", "days_before"];

/// The attributes of conversations and the operators that each takes.
const CONVERSATION_KEYS: &[(&str, &[&str])] = &[
    ("status", EQUALITY),
    ("assignee_id", PRESENCE),
    ("inbox_id", PRESENCE),
    ("team_id", PRESENCE),
    ("contact_id", EQUALITY),
    ("priority", EQUALITY),
    ("display_id", TEXT),
    ("campaign_id", PRESENCE),
    ("labels", PRESENCE),
    ("browser_language", EQUALITY),
    ("conversation_language", EQUALITY),
    ("referer", TEXT),
    ("created_at", DATE),
    ("last_activity_at", DATE),
    ("mail_subject", TEXT),
];

/// The attributes of contacts and the operators that each takes.
const CONTACT_KEYS: &[(&str, &[&str])] = &[
    ("name", TEXT),
    ("phone_number", &["equal_to", "not_equal_to", "contains", "does_not_contain", "starts_with"]),
    ("email", TEXT),
    ("identifier", EQUALITY),
    ("country_code", EQUALITY),
    ("city", TEXT),
    ("company_name", TEXT),
    ("labels", PRESENCE),
    ("created_at", DATE),
    ("last_activity_at", DATE),
    ("blocked", EQUALITY),
];

/// A list without `data` around it and without `assigned_count`.
pub fn conversations(scope: &Scope, state: &State) -> Outcome {
    let user = scope.user(state)?;
    let filter = Filter::read(scope, CONVERSATION_KEYS)?;
    let seen = state.conversations.values().filter(|conversation| user.sees_inbox(conversation.inbox));
    let mut found: Vec<_> =
        seen.filter(|conversation| filter.takes(|key| conversation_values(conversation, key))).collect();
    by_activity(&mut found);
    let page = numbered(&found, scope.page(), PER_PAGE).iter();
    let payload: Value = page.map(|conversation| conversation.view(state, scope.version())).collect();
    ok(&json!({ "meta": counts(scope, &found, false), "payload": payload }))
}

pub fn contacts(scope: &Scope, state: &State) -> Outcome {
    let filter = Filter::read(scope, CONTACT_KEYS)?;
    let seen = state.contacts.values().filter(|contact| contact.is_resolved());
    contacts::page(scope, state, seen.filter(|contact| filter.takes(|key| contact_values(contact, key))).collect())
}

/// The values that a conversation has for an attribute: none is null.
fn conversation_values(conversation: &Conversation, key: &str) -> Vec<String> {
    let number = |value: Option<u64>| value.map(|value| value.to_string()).into_iter().collect();
    match key {
        "status" => vec![conversation.status.as_str().to_owned()],
        "priority" => conversation.priority.map(|priority| priority.as_str().to_owned()).into_iter().collect(),
        "assignee_id" => number(conversation.assignee),
        "inbox_id" => number(Some(conversation.inbox)),
        "team_id" => number(conversation.team),
        "contact_id" => number(Some(conversation.contact)),
        "display_id" => number(Some(conversation.id)),
        "labels" => conversation.labels.clone(),
        _ => attribute(&conversation.additional_attributes, key),
    }
}

fn contact_values(contact: &Contact, key: &str) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().into_iter().collect();
    match key {
        "name" => vec![contact.name.clone()],
        "phone_number" => text(&contact.phone_number),
        "email" => text(&contact.email),
        "identifier" => text(&contact.identifier),
        "labels" => contact.labels.clone(),
        "blocked" => vec![contact.blocked.to_string()],
        _ => attribute(&contact.additional_attributes, key),
    }
}

fn attribute(attributes: &Map<String, Value>, key: &str) -> Vec<String> {
    attributes.get(key).and_then(Value::as_str).map(str::to_owned).into_iter().collect()
}

/// Alternatives, each of conditions that hold together: AND binds tighter than OR.
struct Filter {
    alternatives: Vec<Vec<Condition>>,
}

struct Condition {
    key: String,
    operator: String,
    /// In lower case.
    values: Vec<String>,
}

impl Filter {
    /// Reads `{"payload": [{"attribute_key", "filter_operator", "values", "query_operator"}]}`.
    fn read(scope: &Scope, keys: &[(&str, &[&str])]) -> Result<Self, Refusal> {
        // Without the list an exception is raised that nobody rescues.
        let payload = scope.params.get("payload").and_then(Value::as_array).ok_or(Refusal::Crash)?;
        for condition in payload {
            let operator = condition["query_operator"].as_str().unwrap_or_default().to_uppercase();
            if !matches!(operator.as_str(), "" | "AND" | "OR") {
                let text = "Query operator must be either \"AND\" or \"OR\".";
                return Err(Refusal::Unprocessable(text.to_owned()));
            }
        }
        let mut alternatives = vec![Vec::new()];
        for (index, condition) in payload.iter().enumerate() {
            if let Some(alternative) = alternatives.last_mut() {
                alternative.push(Condition::read(condition, keys)?);
            }
            let last = index + 1 == payload.len();
            match condition["query_operator"].as_str().unwrap_or_default().to_uppercase().as_str() {
                "OR" if !last => alternatives.push(Vec::new()),
                "AND" if !last => {}
                "" if last => {}
                // Two conditions without a word between them, or a word with nothing after it, are no SQL.
                _ => return Err(Refusal::Crash),
            }
        }
        Ok(Self { alternatives })
    }

    fn takes(&self, values: impl Fn(&str) -> Vec<String>) -> bool {
        let holds = |condition: &Condition| condition.holds(&values(&condition.key));
        self.alternatives.iter().any(|alternative| alternative.iter().all(holds))
    }
}

impl Condition {
    fn read(condition: &Value, keys: &[(&str, &[&str])]) -> Result<Self, Refusal> {
        let key = condition["attribute_key"].as_str().unwrap_or_default().to_owned();
        let operator = condition["filter_operator"].as_str().unwrap_or_default().to_owned();
        let refuse = |text: String| Err(Refusal::Unprocessable(text));
        let known = keys.iter().find(|(name, _)| *name == key).map(|(_, operators)| *operators);
        if let Some(operators) = known
            && !operators.contains(&operator.as_str())
        {
            let allowed = operators.join(",");
            return refuse(format!("Invalid operator. The allowed operators for {key} are [{allowed}]."));
        }
        let values = values(&condition["values"], &key)?;
        let needs_none = matches!(operator.as_str(), "is_present" | "is_not_present");
        if values.is_empty() && !needs_none {
            return refuse(format!("Invalid value. The values provided for {key} are invalid"));
        }
        if known.is_none() {
            let allowed = keys.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
            return refuse(format!(
                "Invalid attribute key - [{key}]. The key should be one of [{allowed}] or a custom attribute defined in the account."
            ));
        }
        if DATE.contains(&operator.as_str()) {
            return Err(Refusal::NotModelled("filters by date"));
        }
        Ok(Self { key, operator, values })
    }

    fn holds(&self, have: &[String]) -> bool {
        let have: Vec<_> = have.iter().map(|value| value.to_lowercase()).collect();
        let any = |test: fn(&str, &str) -> bool| {
            have.iter().any(|value| self.values.iter().any(|wanted| test(value, wanted)))
        };
        match self.operator.as_str() {
            "equal_to" => any(|value, wanted| value == wanted),
            // SQL compares nothing with null, but a list of labels is asked for whether it exists.
            "not_equal_to" => (self.key == "labels" || !have.is_empty()) && !any(|value, wanted| value == wanted),
            "contains" => any(|value, wanted| value.contains(wanted)),
            "does_not_contain" => !have.is_empty() && !any(|value, wanted| value.contains(wanted)),
            "starts_with" => any(|value, wanted| value.starts_with(wanted)),
            "is_present" => !have.is_empty(),
            _ => have.is_empty(),
        }
    }
}

/// The values in lower case; `all` stands for every status.
fn values(values: &Value, key: &str) -> Result<Vec<String>, Refusal> {
    let list: Vec<_> = match values {
        Value::Array(list) => list.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let words: Vec<_> = list
        .iter()
        .filter_map(|value| match value {
            Value::String(text) => Some(text.trim().to_lowercase()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(on) => Some(on.to_string()),
            _ => None,
        })
        .collect();
    match key {
        "status" if words.iter().any(|word| word == "all") => {
            Ok(Status::ALL.iter().map(|status| status.as_str().to_owned()).collect())
        }
        // An unknown word becomes NULL in the query and finds nothing.
        "status" | "priority" => Ok(words),
        "phone_number" => Ok(words.iter().map(|word| format!("+{}", word.trim_start_matches('+'))).collect()),
        _ if words.len() != list.len() => Err(Refusal::Crash),
        _ => Ok(words),
    }
}

#[cfg(test)]
mod tests {
    use super::Condition;

    fn holds(operator: &str, wanted: &str, have: &[&str]) -> bool {
        let condition = Condition { key: "city".into(), operator: operator.into(), values: vec![wanted.into()] };
        condition.holds(&have.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn operators_hold_as_sql_has_it() {
        let table = [
            ("equal_to", "boston", &["Boston"][..], true),
            ("equal_to", "bos", &["Boston"], false),
            ("not_equal_to", "boston", &["Austin"], true),
            ("not_equal_to", "boston", &[], false),
            ("contains", "sto", &["Boston"], true),
            ("does_not_contain", "sto", &["Austin"], true),
            ("is_present", "", &["x"], true),
            ("is_not_present", "", &["x"], false),
        ];
        for (operator, wanted, have, expected) in table {
            assert_eq!(holds(operator, wanted, have), expected, "{operator} {wanted} {have:?}");
        }
    }
}
