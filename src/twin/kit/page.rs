//! Pages of a list.

/// One page, numbered from 1; a page past the end is empty.
pub fn numbered<T>(items: &[T], page: usize, size: usize) -> &[T] {
    let start = page.saturating_sub(1).saturating_mul(size).min(items.len());
    &items[start..start.saturating_add(size).min(items.len())]
}

/// A `Link` header (RFC 8288) from `(relation, URL)` pairs; None when there are none.
pub fn link_header(links: &[(&str, String)]) -> Option<String> {
    let parts: Vec<_> = links.iter().map(|(relation, url)| format!("<{url}>; rel=\"{relation}\"")).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{link_header, numbered};

    #[test]
    fn pages_end_where_the_list_ends() {
        let items = [1, 2, 3, 4, 5];
        assert_eq!(numbered(&items, 1, 2), [1, 2]);
        assert_eq!(numbered(&items, 3, 2), [5]);
        assert!(numbered(&items, 4, 2).is_empty());
        assert_eq!(numbered(&items, 0, 2), [1, 2]);
    }

    #[test]
    fn links_are_written_as_rfc_8288_says() {
        assert_eq!(link_header(&[]), None);
        assert_eq!(
            link_header(&[("next", "https://x/?p=2".into())]).as_deref(),
            Some("<https://x/?p=2>; rel=\"next\"")
        );
    }
}
