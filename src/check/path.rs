//! JSONPath (RFC 9535) into a body.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;
use serde_json_path::JsonPath;

/// One selected value and where it stands.
pub struct Node<'a> {
    /// JSON Pointer (RFC 6901).
    pub pointer: String,
    pub value: &'a Value,
}

/// Paths that a thread remembers; a contract has fewer.
const MOST: usize = 1024;

thread_local! {
    /// Read once: a promise is asked thousands of times, and reading its path costs more than following it.
    static KNOWN: RefCell<HashMap<Box<str>, Rc<JsonPath>>> = RefCell::default();
}

/// A path, read.
fn read(path: &str) -> Result<Rc<JsonPath>, String> {
    if let Some(known) = KNOWN.with_borrow(|known| known.get(path).cloned()) {
        return Ok(known);
    }
    let query = JsonPath::parse(path).map_err(|error| format!("`{path}` is no JSONPath (RFC 9535): {error}"))?;
    let query = Rc::new(query);
    KNOWN.with_borrow_mut(|known| {
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(path.into(), Rc::clone(&query));
    });
    Ok(query)
}

/// Selects nodes in document order.
///
/// # Errors
/// What is wrong with the path.
pub fn select<'a>(path: &str, document: &'a Value) -> Result<Vec<Node<'a>>, String> {
    let query = read(path)?;
    let nodes = query.query_located(document);
    Ok(nodes.iter().map(|node| Node { pointer: node.location().to_json_pointer(), value: node.node() }).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::select;

    #[test]
    fn nodes_come_with_their_pointers() {
        let document = json!({"ideas": [{"id": 1}, {"id": 2}]});
        let nodes = select("$.ideas[*].id", &document).unwrap();
        let found: Vec<_> = nodes.iter().map(|node| (node.pointer.as_str(), node.value.as_i64())).collect();
        assert_eq!(found, [("/ideas/0/id", Some(1)), ("/ideas/1/id", Some(2))]);
        assert!(select("$.nope", &document).unwrap().is_empty());
        assert!(select("ideas", &document).is_err());
    }
}
