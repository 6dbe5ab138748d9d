//! One idea of contract v4, and how a row of `product_suggestions` becomes one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

/// The table that the route reads (HotDash, the query that the route's author left as a comment in October 2025).
pub(super) const TABLE: &str = "product_suggestions";

/// An idea as the route sends it.
#[derive(Debug, Deserialize, Serialize)]
struct Idea {
    id: String,
    #[serde(rename = "type")]
    kind: Kind,
    title: String,
    description: String,
    target_platforms: Vec<String>,
    suggested_copy: String,
    suggested_hashtags: Vec<String>,
    evidence: Map<String, Value>,
    supabase_linkage: Map<String, Value>,
    projected_metrics: Metrics,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cadence: Option<String>,
    status: Status,
    priority: Priority,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    risk_level: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rollback_plan: Option<String>,
}

#[derive(Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Launch,
    Evergreen,
    Wildcard,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Draft,
    Approved,
    PendingReview,
    Rejected,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Priority {
    Low,
    Medium,
    High,
    Urgent,
}

#[derive(Debug, Deserialize, Serialize)]
#[expect(clippy::struct_field_names, reason = "the contract's names")]
struct Metrics {
    estimated_reach: Number,
    estimated_engagement_rate: Number,
    estimated_clicks: Number,
    estimated_conversions: Number,
}

/// Turns a row into an idea: the row's id as text, and a linkage that names the row's table, birth and end where the
/// row's own does not.
///
/// # Errors
/// What the row lacks, in words. The row's values are not repeated: they are not ours to publish.
pub(super) fn from_row(row: &Value) -> Result<Value, String> {
    let mut row = row.as_object().ok_or("is no object")?.clone();
    if let Some(Value::Number(id)) = row.get("id") {
        let id = Value::from(id.to_string());
        row.insert("id".to_owned(), id);
    }
    let linkage = linkage(&row);
    row.insert("supabase_linkage".to_owned(), linkage);
    let idea: Idea = serde_json::from_value(Value::Object(row)).map_err(|error| reason(&error))?;
    serde_json::to_value(idea).map_err(|_| "cannot be written as JSON".to_owned())
}

fn linkage(row: &Map<String, Value>) -> Value {
    let mut linkage = row.get("supabase_linkage").and_then(Value::as_object).cloned().unwrap_or_default();
    linkage.entry("table").or_insert_with(|| TABLE.into());
    for name in ["created_at", "expires_at"] {
        if let Some(value) = row.get(name).filter(|value| !value.is_null()) {
            linkage.entry(name).or_insert_with(|| value.clone());
        }
    }
    Value::Object(linkage)
}

/// The parser's message up to the value that it quotes.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.strip_prefix("missing field ") {
        Some(field) => format!("has no {}", field.trim_matches('`')),
        None if text.starts_with("unknown variant") => "has a word that contract v4 does not know".to_owned(),
        None => "has a value of the wrong type".to_owned(),
    }
}

pub(super) fn is_wildcard(idea: &Value) -> bool {
    idea["type"] == "wildcard"
}

/// Tells whether the idea's window has closed. A moment that cannot be read counts as closed: unknown is not open.
pub(super) fn has_expired(idea: &Value, now: Timestamp) -> bool {
    match &idea["supabase_linkage"]["expires_at"] {
        Value::Null => false,
        Value::String(text) => text.parse::<Timestamp>().map_or(true, |end| end <= now),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{from_row, has_expired};

    fn row() -> Value {
        json!({
            "id": 7, "type": "launch", "title": "t", "description": "d", "target_platforms": ["x"],
            "suggested_copy": "c", "suggested_hashtags": [], "evidence": {}, "status": "draft", "priority": "low",
            "projected_metrics": {
                "estimated_reach": 1, "estimated_engagement_rate": 0.5, "estimated_clicks": 2, "estimated_conversions": 3
            },
            "created_at": "2025-12-30T00:00:00+00:00", "shop_domain": "not for the tile",
        })
    }

    #[test]
    fn a_row_becomes_an_idea_that_says_where_it_came_from() {
        let idea = from_row(&row()).unwrap();
        assert_eq!(idea["id"], "7");
        assert_eq!(
            idea["supabase_linkage"],
            json!({ "table": "product_suggestions", "created_at": "2025-12-30T00:00:00+00:00" })
        );
        assert_eq!(idea.get("shop_domain"), None);
        assert_eq!(idea.get("cadence"), None);

        let mut linked = row();
        linked["supabase_linkage"] = json!({ "table": "trend_opportunities", "created_at": "2025-12-01T00:00:00Z" });
        linked["expires_at"] = json!("2026-02-01T00:00:00+00:00");
        let expected = json!({
            "table": "trend_opportunities", "created_at": "2025-12-01T00:00:00Z", "expires_at": "2026-02-01T00:00:00+00:00"
        });
        assert_eq!(from_row(&linked).unwrap()["supabase_linkage"], expected);
    }

    #[test]
    fn a_row_that_is_no_idea_is_refused_without_repeating_its_values() {
        let table = [
            ("title", Value::Null, "has a value of the wrong type"),
            ("type", json!("sk-secret"), "has a word that contract v4 does not know"),
            ("status", json!("published"), "has a word that contract v4 does not know"),
            ("priority", json!("critical"), "has a word that contract v4 does not know"),
            ("evidence", json!("sk-secret"), "has a value of the wrong type"),
        ];
        for (member, value, expected) in table {
            let mut bad = row();
            bad[member] = value;
            assert_eq!(from_row(&bad).unwrap_err(), expected, "{member}");
        }
        let mut bad = row();
        bad.as_object_mut().unwrap().remove("title");
        assert_eq!(from_row(&bad).unwrap_err(), "has no title");
        assert_eq!(from_row(&json!([])).unwrap_err(), "is no object");
    }

    #[test]
    fn a_window_is_open_until_its_last_moment() {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let table = [
            (json!({}), false),
            (json!({ "expires_at": null }), false),
            (json!({ "expires_at": "2026-01-01T00:00:01Z" }), false),
            (json!({ "expires_at": "2026-01-01T00:00:00Z" }), true),
            (json!({ "expires_at": "2025-12-31T23:59:59+00:00" }), true),
            (json!({ "expires_at": "soon" }), true),
            (json!({ "expires_at": 0 }), true),
        ];
        for (linkage, expected) in table {
            assert_eq!(has_expired(&json!({ "supabase_linkage": linkage }), now), expected, "{linkage}");
        }
    }
}
