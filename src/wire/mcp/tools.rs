//! The list of a server's tools: pages that are followed to their end, and not for ever.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::wire::mcp::canonical;

/// Pages that are followed. The largest server that was seen lists 31 tools on one page.
pub const MOST_PAGES: usize = 50;

/// Tools that are kept.
pub const MOST_TOOLS: usize = 2_000;

/// One tool, as far as it is pinned or called.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tool {
    pub name: String,
    /// `annotations.readOnlyHint`; absent where the server says nothing.
    pub read_only: Option<bool>,
    pub destructive: Option<bool>,
    /// SHA-256 (hex) of its input schema in canonical JSON.
    pub schema: String,
}

/// Why a list is none.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadList {
    #[error("the answer to tools/list has no list `tools`")]
    NoTools,
    #[error("tool {place} of the list has no name")]
    NoName { place: usize },
    #[error("the tool `{name}` has no input schema, which every tool has")]
    NoSchema { name: String },
    #[error("the tool `{name}` is listed twice")]
    Twice { name: String },
    #[error("`nextCursor` is no text")]
    BadCursor,
    #[error("page {page} gives a cursor that was given before: the list has no end")]
    RepeatedCursor { page: usize },
    #[error("the list has more than {MOST_PAGES} pages")]
    TooManyPages,
    #[error("the list has more than {MOST_TOOLS} tools")]
    TooManyTools,
}

/// A list that is being read.
#[derive(Debug, Default)]
pub struct Pager {
    tools: Vec<Tool>,
    names: BTreeSet<String>,
    cursors: BTreeSet<String>,
    pages: usize,
}

impl Pager {
    /// Takes a page and returns the cursor of the next one; None behind the last.
    ///
    /// # Errors
    /// It is no page, repeats what was there, or is one too many.
    pub fn take(&mut self, result: &Value) -> Result<Option<String>, BadList> {
        self.pages += 1;
        let listed = result.get("tools").and_then(Value::as_array).ok_or(BadList::NoTools)?;
        for entry in listed {
            let tool = tool(entry, self.tools.len() + 1)?;
            if !self.names.insert(tool.name.clone()) {
                return Err(BadList::Twice { name: tool.name });
            }
            self.tools.push(tool);
            if self.tools.len() > MOST_TOOLS {
                return Err(BadList::TooManyTools);
            }
        }
        let cursor = match result.get("nextCursor") {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(cursor)) => cursor.clone(),
            Some(_) => return Err(BadList::BadCursor),
        };
        if !self.cursors.insert(cursor.clone()) {
            return Err(BadList::RepeatedCursor { page: self.pages });
        }
        if self.pages >= MOST_PAGES {
            return Err(BadList::TooManyPages);
        }
        Ok(Some(cursor))
    }

    pub fn pages(&self) -> usize {
        self.pages
    }

    pub fn tools(&self) -> &[Tool] {
        &self.tools
    }

    pub fn into_tools(self) -> Vec<Tool> {
        self.tools
    }
}

fn tool(entry: &Value, place: usize) -> Result<Tool, BadList> {
    let name = entry.get("name").and_then(Value::as_str).filter(|name| !name.is_empty());
    let name = name.ok_or(BadList::NoName { place })?.to_owned();
    let Some(schema) = entry.get("inputSchema").filter(|schema| schema.is_object()) else {
        return Err(BadList::NoSchema { name });
    };
    let hint = |hint: &str| entry.get("annotations")?.get(hint)?.as_bool();
    Ok(Tool { read_only: hint("readOnlyHint"), destructive: hint("destructiveHint"), schema: canonical::hash(schema), name })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{BadList, MOST_PAGES, Pager};

    fn named(name: &str) -> Value {
        json!({"name": name, "inputSchema": {"type": "object"}})
    }

    #[test]
    fn pages_become_one_list() {
        let mut pager = Pager::default();
        let first = json!({"tools": [{"name": "a", "inputSchema": {}, "annotations": {"readOnlyHint": true}}], "nextCursor": "2"});
        assert_eq!(pager.take(&first), Ok(Some("2".to_owned())));
        assert_eq!(pager.take(&json!({"tools": [named("b")]})), Ok(None));
        let told: Vec<_> = pager.tools().iter().map(|tool| (tool.name.as_str(), tool.read_only)).collect();
        assert_eq!(told, [("a", Some(true)), ("b", None)]);
        assert_eq!(pager.pages(), 2);
    }

    #[test]
    fn a_list_that_is_none_is_refused_by_its_fault() {
        for (pages, fault) in [
            (vec![json!({})], BadList::NoTools),
            (vec![json!({"tools": [{"inputSchema": {}}]})], BadList::NoName { place: 1 }),
            (vec![json!({"tools": [{"name": "a"}]})], BadList::NoSchema { name: "a".to_owned() }),
            (vec![json!({"tools": [named("a"), named("a")]})], BadList::Twice { name: "a".to_owned() }),
            (vec![json!({"tools": [], "nextCursor": 2})], BadList::BadCursor),
            (
                vec![json!({"tools": [], "nextCursor": "1"}), json!({"tools": [], "nextCursor": "1"})],
                BadList::RepeatedCursor { page: 2 },
            ),
        ] {
            let mut pager = Pager::default();
            let ended = pages.iter().map(|page| pager.take(page)).find(Result::is_err);
            assert_eq!(ended, Some(Err(fault)), "{pages:?}");
        }
    }

    #[test]
    fn pages_without_end_are_not_followed() {
        let mut pager = Pager::default();
        let page = |number: usize| json!({"tools": [], "nextCursor": number.to_string()});
        let ended = (1..).map(|number| pager.take(&page(number))).find(Result::is_err);
        assert_eq!(ended, Some(Err(BadList::TooManyPages)));
        assert_eq!(pager.pages(), MOST_PAGES);
        let crowd: Vec<Value> = (0..2_001).map(|number| named(&number.to_string())).collect();
        assert_eq!(Pager::default().take(&json!({"tools": crowd})), Err(BadList::TooManyTools));
    }
}
