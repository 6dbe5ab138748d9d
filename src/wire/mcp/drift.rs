//! Tools as they were pinned, against tools as they are: names and schemas change between releases without a word.

use std::collections::BTreeMap;

use crate::domain::nearest::nearest;
use crate::wire::mcp::tools::Tool;

/// One difference.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Drift {
    /// With the most similar name that is there.
    Missing {
        name: String,
        near: Option<String>,
    },
    Changed {
        name: String,
        pinned: String,
        found: String,
    },
    /// Only where the pins are the whole list.
    Added {
        name: String,
    },
}

/// Differences, in the order of the names: pinned ones, then those that are there beside them. A pin is the hash of an input
/// schema; an empty one asks for the name alone.
pub fn drift(pinned: &BTreeMap<String, String>, others: bool, listed: &[Tool]) -> Vec<Drift> {
    let there: BTreeMap<&str, &Tool> = listed.iter().map(|tool| (tool.name.as_str(), tool)).collect();
    let mut found: Vec<Drift> = Vec::new();
    for (name, pin) in pinned {
        match (there.get(name.as_str()), pin) {
            (None, _) => {
                let near = nearest(name, there.keys().copied()).map(ToString::to_string);
                found.push(Drift::Missing { name: name.clone(), near });
            }
            (Some(tool), pin) if !pin.is_empty() && !pin.eq_ignore_ascii_case(&tool.schema) => {
                found.push(Drift::Changed { name: name.clone(), pinned: pin.clone(), found: tool.schema.clone() });
            }
            _ => {}
        }
    }
    if !others {
        let added = there.keys().filter(|name| !pinned.contains_key(**name));
        found.extend(added.map(|name| Drift::Added { name: (*name).to_owned() }));
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Drift, drift};
    use crate::wire::mcp::tools::Tool;

    #[test]
    fn what_is_gone_changed_or_new_is_found() {
        let tool = |name: &str, schema: &str| Tool {
            name: name.to_owned(),
            read_only: None,
            destructive: None,
            schema: schema.to_owned(),
        };
        let listed = [tool("same", "aa"), tool("changed", "bb"), tool("search_docs_chunks", "cc")];
        let pin = |name: &str, hash: &str| (name.to_owned(), hash.to_owned());
        let pinned = BTreeMap::from([pin("changed", "b0"), pin("same", "AA"), pin("search_docs_chunk", "")]);
        let gone = Drift::Missing {
            name: "search_docs_chunk".to_owned(),
            near: Some("search_docs_chunks".to_owned()),
        };
        let changed = Drift::Changed {
            name: "changed".to_owned(),
            pinned: "b0".to_owned(),
            found: "bb".to_owned(),
        };
        let added = Drift::Added { name: "search_docs_chunks".to_owned() };
        assert_eq!(drift(&pinned, true, &listed), [changed.clone(), gone.clone()]);
        assert_eq!(drift(&pinned, false, &listed), [changed, gone, added]);
        assert_eq!(drift(&BTreeMap::new(), true, &listed), []);
    }
}
