//! Bodies under `multipart/form-data` (RFC 7578).

use bytes::Bytes;

/// One field of a form.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Part {
    pub name: String,
    /// Present when the field is a file.
    pub file_name: Option<String>,
    pub content: Bytes,
}

/// The boundary that a `Content-Type` value names; None when it is no multipart form.
pub fn boundary(content_type: &str) -> Option<&str> {
    let (media_type, parameters) = content_type.split_once(';')?;
    if !media_type.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let value = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("boundary="))?;
    Some(value.trim_matches('"'))
}

/// The fields in order; None when the body is not in that form or ends before its last boundary.
pub fn parse(boundary: &str, body: &Bytes) -> Option<Vec<Part>> {
    let delimiter = format!("--{boundary}");
    let mut at = find(body, delimiter.as_bytes(), 0)? + delimiter.len();
    let mut parts = Vec::new();
    while !body[at..].starts_with(b"--") {
        let start = at + body[at..].starts_with(b"\r\n").then_some(2)?;
        let head_end = find(body, b"\r\n\r\n", start)?;
        let content_start = head_end + 4;
        let content_end = find(body, format!("\r\n{delimiter}").as_bytes(), content_start)?;
        let head = std::str::from_utf8(&body[start..head_end]).ok()?;
        parts.push(part(head, body.slice(content_start..content_end))?);
        at = content_end + 2 + delimiter.len();
    }
    Some(parts)
}

fn part(head: &str, content: Bytes) -> Option<Part> {
    let disposition = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let parameter = |wanted: &str| {
        disposition.split(';').find_map(|piece| {
            let (name, value) = piece.trim().split_once('=')?;
            (name == wanted).then(|| value.trim_matches('"').to_owned())
        })
    };
    Some(Part { name: parameter("name")?, file_name: parameter("filename"), content })
}

fn find(body: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    body.get(from..)?.windows(needle.len()).position(|window| window == needle).map(|found| found + from)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{boundary, parse};

    #[test]
    fn fields_and_files_are_told_apart() {
        let body = Bytes::from_static(
            b"--x\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nhi\r\nthere\r\n\
              --x\r\nContent-Disposition: form-data; name=\"attachments[]\"; filename=\"a.txt\"\r\n\
              Content-Type: text/plain\r\n\r\nA\r\n--x--\r\n",
        );
        let parts = parse("x", &body).unwrap();
        assert_eq!((parts[0].name.as_str(), &parts[0].content[..]), ("content", &b"hi\r\nthere"[..]));
        assert_eq!((parts[1].name.as_str(), parts[1].file_name.as_deref()), ("attachments[]", Some("a.txt")));
        assert_eq!(parts.len(), 2);
    }

    #[test]
    fn what_is_no_form_is_none() {
        assert_eq!(boundary("multipart/form-data; boundary=\"a b\""), Some("a b"));
        assert_eq!(boundary("application/json; charset=utf-8"), None);
        for body in ["", "--x", "--x\r\n", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ncut"] {
            assert_eq!(parse("x", &Bytes::from_static(body.as_bytes())), None, "{body}");
        }
    }
}
