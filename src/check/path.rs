//! JSONPath (RFC 9535) into a body.

use serde_json::Value;
use serde_json_path::JsonPath;

/// One selected value and where it stands.
pub struct Node<'a> {
    /// JSON Pointer (RFC 6901).
    pub pointer: String,
    pub value: &'a Value,
}

/// Selects nodes in document order.
///
/// # Errors
/// What is wrong with the path.
pub fn select<'a>(path: &str, document: &'a Value) -> Result<Vec<Node<'a>>, String> {
    let query = JsonPath::parse(path).map_err(|error| format!("`{path}` is no JSONPath (RFC 9535): {error}"))?;
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
