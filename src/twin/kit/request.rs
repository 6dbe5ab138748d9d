//! Requests as a twin reads them.

use bytes::Bytes;
use http::Request;
use serde_json::Value;

/// The query parameters in order, decoded.
pub fn query(request: &Request<Bytes>) -> Vec<(String, String)> {
    let query = request.uri().query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// The first query parameter of a name.
pub fn query_value(request: &Request<Bytes>, name: &str) -> Option<String> {
    query(request).into_iter().find_map(|(key, value)| (key == name).then_some(value))
}

/// A header's first value as text.
pub fn header<'a>(request: &'a Request<Bytes>, name: &str) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

/// The token of `Authorization: Bearer …`; the scheme's letter case does not matter (RFC 9110 §11.1).
pub fn bearer(request: &Request<Bytes>) -> Option<&str> {
    let (scheme, token) = header(request, "authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// The body as JSON; None when it is empty or is no JSON.
pub fn json(request: &Request<Bytes>) -> Option<Value> {
    serde_json::from_slice(request.body()).ok()
}

/// The path's segments, percent-decoded, without empty ones.
pub fn segments(request: &Request<Bytes>) -> Vec<String> {
    request.uri().path().split('/').filter(|segment| !segment.is_empty()).map(decode).collect()
}

/// Undoes percent-encoding; `+` stays a plus sign.
pub fn decode(text: &str) -> String {
    let protected = text.replace('+', "%2B");
    let pair = format!("={protected}");
    url::form_urlencoded::parse(pair.as_bytes()).next().map_or_else(String::new, |(_, value)| value.into_owned())
}

/// `http://host` as the client addressed it, for links that the vendor writes absolute.
pub fn origin(request: &Request<Bytes>) -> String {
    let scheme = header(request, "x-forwarded-proto").unwrap_or("http");
    let host = header(request, "host").unwrap_or("localhost");
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;

    use super::{bearer, query, segments};

    #[test]
    fn a_request_is_read_decoded() {
        let request = Request::get("/a%20b//c+d?x=1&x=2&y=a+b%2B")
            .header("authorization", "bearer t")
            .body(Bytes::new())
            .unwrap();
        assert_eq!(segments(&request), ["a b", "c+d"]);
        let pairs = [("x", "1"), ("x", "2"), ("y", "a b+")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(query(&request), pairs);
        assert_eq!(bearer(&request), Some("t"));
    }
}
