//! What can be wrong with the status and the headers of an answer.

use http::{HeaderName, HeaderValue, StatusCode};

use crate::check::mutation::apply::Change;
use crate::domain::exchange::Response;
use crate::domain::mutation::{Kind, Mutation, Spot};

/// Headers of the connection and not of the answer.
const OF_THE_CONNECTION: [&str; 6] =
    ["connection", "content-length", "keep-alive", "transfer-encoding", "content-encoding", "trailer"];

/// Another status of the class, and one of each class that a client would treat otherwise.
pub fn statuses(response: &Response, out: &mut Vec<(Mutation, Change)>) {
    let status = response.status.as_u16();
    let (within, across): (u16, [u16; 2]) = match status {
        200 => (203, [404, 500]),
        300..=399 => (if status == 302 { 301 } else { 302 }, [200, 500]),
        401 => (403, [200, 500]),
        403 | 407 => (401, [200, 500]),
        400 | 422 => (if status == 400 { 422 } else { 400 }, [200, 500]),
        402..=499 => (400, [200, 500]),
        500 => (503, [200, 404]),
        501..=599 => (500, [200, 404]),
        _ => (200, [404, 500]),
    };
    for (kind, to) in [(Kind::Status, within), (Kind::StatusClass, across[0]), (Kind::StatusClass, across[1])] {
        if let Ok(changed) = StatusCode::from_u16(to)
            && changed != response.status
        {
            out.push((Mutation::new(kind, Spot::Status).to(to.to_string()), Change::Status(changed)));
        }
    }
}

/// The headers of an answer that say something of it, by lower-case name.
pub fn telling(response: &Response) -> impl Iterator<Item = &str> {
    let names = response.headers.keys().map(HeaderName::as_str);
    names.filter(|name| !OF_THE_CONNECTION.contains(name) && *name != "content-type")
}

/// One header, gone and changed; or there where it was not.
pub fn header(name: &str, response: &Response, out: &mut Vec<(Mutation, Change)>) {
    let Ok(known) = HeaderName::from_bytes(name.as_bytes()) else { return };
    let spot = || Spot::Header(known.as_str().to_owned());
    let mut set = |kind, to: Option<&str>, value: Option<HeaderValue>| {
        let mutation = Mutation { kind, at: spot(), to: to.map(str::to_owned) };
        out.push((mutation, Change::Header(known.clone(), value)));
    };
    let Some(value) = response.header(name) else {
        set(Kind::HeaderChanged, Some("added"), Some(HeaderValue::from_static("1")));
        return;
    };
    set(Kind::HeaderRemoved, None, None);
    let changed = match value.parse::<i64>() {
        Ok(number) => number.checked_add(60).unwrap_or_default().to_string(),
        Err(_) => format!("{value}-preflight"),
    };
    if let Ok(changed) = HeaderValue::from_str(&changed) {
        set(Kind::HeaderChanged, None, Some(changed));
    }
    if name == "link"
        && let Some(wrong) = wrong_links(&value)
    {
        set(Kind::PageLink, None, Some(wrong));
    }
}

/// The relations of a `Link` header (RFC 8288) with their names exchanged: what was next is now the page before.
fn wrong_links(links: &str) -> Option<HeaderValue> {
    let (next, previous) = ("rel=\"next\"", "rel=\"previous\"");
    let swapped = links.replace(next, "\u{0}").replace(previous, next).replace('\u{0}', previous);
    (swapped != links).then(|| HeaderValue::from_str(&swapped).ok()).flatten()
}

/// The body is said to be of another type.
pub fn content_type(response: &Response, out: &mut Vec<(Mutation, Change)>) {
    if response.body.is_empty() {
        return;
    }
    let html = response.media_type().is_some_and(|media| media == "text/html");
    let other = if html { "application/json" } else { "text/html" };
    let change = Change::Header(http::header::CONTENT_TYPE, Some(HeaderValue::from_static(other)));
    out.push((Mutation::new(Kind::ContentType, Spot::Header("content-type".to_owned())), change));
}
