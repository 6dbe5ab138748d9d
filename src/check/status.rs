//! Status codes.

use crate::check::body;
use crate::domain::exchange::Response;
use crate::domain::finding::{Code, Finding};

/// The status must be one of those allowed.
pub fn check(allowed: &[u16], response: &Response) -> Option<Finding> {
    let came = response.status.as_u16();
    if allowed.contains(&came) {
        return None;
    }
    let wanted: Vec<_> = allowed.iter().map(u16::to_string).collect();
    let wanted = wanted.join(" or ");
    let start = body::start(response, 200);
    let saying = if start.is_empty() { String::new() } else { format!(", saying {start}") };
    Some(
        Finding::new(Code::Status, format!("expected the status {wanted}, came {came}{saying}"))
            .expected(wanted)
            .actual(came.to_string()),
    )
}
