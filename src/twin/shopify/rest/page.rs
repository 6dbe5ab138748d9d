//! Pages of a REST list: `limit`, `page_info`, and the `Link` header.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::twin::kit::page::link_header;
use crate::twin::kit::request as read;
use crate::twin::shopify::store::{Record, number_of, text};

const DEFAULT_LIMIT: usize = 50;
const MOST: usize = 250;

/// What a list request asks for: the filters of the first page travel in `page_info`.
#[derive(Debug)]
pub struct Asked {
    pub filters: Vec<(String, String)>,
    pub fields: Option<String>,
    limit: usize,
    /// Direction and number of the record that the page comes after or before.
    from: Option<(Direction, String)>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Direction {
    Next,
    Previous,
}

impl Asked {
    /// Reads a list request's query.
    ///
    /// # Errors
    /// The body of a 400: which parameter cannot be used, and why (worded from memory (remembered)).
    pub fn read(request: &Request<Bytes>) -> Result<Self, Value> {
        let query = read::query(request);
        let find = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let limit = match find("limit").map(|limit| limit.parse::<usize>()) {
            None => DEFAULT_LIMIT,
            Some(Ok(limit)) if limit > 0 => limit.min(MOST),
            Some(_) => return Err(json!({ "errors": { "limit": "Invalid value." } })),
        };
        let rest = query.iter().filter(|(key, _)| !matches!(key.as_str(), "limit" | "fields" | "page_info"));
        let Some(page_info) = find("page_info") else {
            return Ok(Self { filters: rest.cloned().collect(), fields: find("fields"), limit, from: None });
        };
        if let Some((name, _)) = rest.into_iter().next() {
            let reason = format!(
                "{name} cannot be passed when page_info is present. See https://shopify.dev/api/usage/pagination-rest for more information."
            );
            return Err(json!({ "errors": { name: reason } }));
        }
        let (filters, from) =
            decode(&page_info).ok_or_else(|| json!({ "errors": { "page_info": "Invalid value." } }))?;
        Ok(Self { filters, fields: find("fields"), limit, from: Some(from) })
    }

    pub fn filter(&self, name: &str) -> Option<&str> {
        self.filters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Cuts the page, and gives it with its `Link` header.
    pub fn cut(&self, rows: &[Record], request: &Request<Bytes>) -> (Vec<Record>, Option<String>) {
        let place = |number: &str| rows.iter().position(|row| number_of(text(row, "id")) == number);
        let (start, end) = match &self.from {
            None => (0, self.limit),
            Some((Direction::Next, number)) => {
                let start = place(number).map_or(rows.len(), |index| index + 1);
                (start, start + self.limit)
            }
            Some((Direction::Previous, number)) => {
                let end = place(number).unwrap_or(0);
                (end.saturating_sub(self.limit), end)
            }
        };
        let end = end.min(rows.len());
        let page = rows.get(start..end).unwrap_or_default().to_vec();
        let mut links = Vec::new();
        if start > 0
            && let Some(first) = page.first()
        {
            links.push(("previous", self.link(request, Direction::Previous, first)));
        }
        if end < rows.len()
            && let Some(last) = page.last()
        {
            links.push(("next", self.link(request, Direction::Next, last)));
        }
        (page, link_header(&links))
    }

    fn link(&self, request: &Request<Bytes>, direction: Direction, from: &Record) -> String {
        let page_info = encode(&self.filters, direction, number_of(text(from, "id")));
        let fields = self.fields.as_ref().map(|fields| format!("&fields={fields}")).unwrap_or_default();
        let (origin, path) = (read::origin(request), request.uri().path());
        format!("{origin}{path}?limit={}{fields}&page_info={page_info}", self.limit)
    }
}

fn encode(filters: &[(String, String)], direction: Direction, number: &str) -> String {
    let direction = if direction == Direction::Next { "next" } else { "prev" };
    let last_id: u64 = number.parse().unwrap_or_default();
    let info = json!({ "direction": direction, "last_id": last_id, "last_value": number, "filters": filters });
    URL_SAFE_NO_PAD.encode(info.to_string())
}

type Decoded = (Vec<(String, String)>, (Direction, String));

fn decode(page_info: &str) -> Option<Decoded> {
    let info: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(page_info).ok()?).ok()?;
    let direction = match info.get("direction")?.as_str()? {
        "next" => Direction::Next,
        "prev" => Direction::Previous,
        _ => return None,
    };
    let filters = serde_json::from_value(info.get("filters")?.clone()).ok()?;
    Some((filters, (direction, info.get("last_value")?.as_str()?.to_owned())))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;
    use serde_json::json;

    use super::Asked;
    use crate::twin::shopify::store::{Record, number_of, text};

    fn rows() -> Vec<Record> {
        (1..=5).filter_map(|n| json!({ "id": format!("gid://shopify/Product/{n}") }).as_object().cloned()).collect()
    }

    fn get(uri: &str) -> Request<Bytes> {
        Request::get(uri).header("host", "s.example").body(Bytes::new()).unwrap()
    }

    fn walk(uri: &str) -> Vec<(String, Vec<String>)> {
        let mut seen = Vec::new();
        let mut next = Some(("first".to_owned(), uri.to_owned()));
        while let Some((rel, uri)) = next.take() {
            let request = get(&uri);
            let asked = Asked::read(&request).unwrap();
            let (page, link) = asked.cut(&rows(), &request);
            seen.push((rel, page.iter().map(|row| number_of(text(row, "id")).to_owned()).collect()));
            next = link.unwrap_or_default().split(", ").find_map(|part| {
                let (url, rel) = part.strip_prefix('<')?.split_once(">; rel=")?;
                (rel == "\"next\"").then(|| ("next".to_owned(), url.to_owned()))
            });
        }
        seen
    }

    #[test]
    fn next_links_walk_through_every_record_once() {
        let pages = walk("https://s.example/admin/api/2026-10/products.json?limit=2&status=active");
        let numbers: Vec<_> = pages.iter().map(|(_, numbers)| numbers.join(",")).collect();
        assert_eq!(numbers, ["1,2", "3,4", "5"]);
    }

    #[test]
    fn the_filters_of_the_first_page_travel_along() {
        let request = get("/x.json?limit=2&status=any");
        let (_, link) = Asked::read(&request).unwrap().cut(&rows(), &request);
        let link = link.unwrap();
        let url = link.strip_prefix('<').and_then(|rest| rest.split('>').next()).unwrap();
        assert!(url.starts_with("http://s.example/x.json?limit=2&page_info="), "{url}");
        assert_eq!(Asked::read(&get(url)).unwrap().filter("status"), Some("any"));
    }

    #[test]
    fn nothing_but_limit_and_fields_may_stand_beside_page_info() {
        let refused = Asked::read(&get("/x.json?page_info=abc&status=any")).unwrap_err();
        assert!(
            refused["errors"]["status"]
                .as_str()
                .unwrap()
                .starts_with("status cannot be passed when page_info is present")
        );
        assert_eq!(
            Asked::read(&get("/x.json?page_info=abc")).unwrap_err(),
            json!({ "errors": { "page_info": "Invalid value." } })
        );
        assert!(Asked::read(&get("/x.json?limit=0")).is_err());
    }
}
