//! What a fault makes of a reply.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Response, StatusCode};

use crate::domain::fault::{Fault, Scripted, WireFault};
use crate::twin::Twin;
use crate::twin::answer::Reply;

/// The reply that stands in for the twin's own, for faults that keep the request from it.
pub fn instead(fault: &Fault, twin: &dyn Twin) -> Option<Reply> {
    let response = match fault {
        Fault::Status(status) => twin.refusal(*status),
        Fault::TooManyRequests(retry_after) => {
            let mut response = twin.refusal(StatusCode::TOO_MANY_REQUESTS);
            response.headers_mut().remove(RETRY_AFTER);
            if let Some(value) = retry_after.as_deref().and_then(|text| HeaderValue::from_str(text).ok()) {
                response.headers_mut().insert(RETRY_AFTER, value);
            }
            response
        }
        Fault::Wire(WireFault::ResetBeforeAnswer) => {
            let mut reply = Reply::new(twin.refusal(StatusCode::BAD_GATEWAY));
            reply.fault = Some(WireFault::ResetBeforeAnswer);
            return Some(reply);
        }
        Fault::Wire(WireFault::Hang) => {
            let mut reply = Reply::new(twin.refusal(StatusCode::GATEWAY_TIMEOUT));
            reply.fault = Some(WireFault::Hang);
            return Some(reply);
        }
        Fault::Answer(scripted) => scripted_answer(scripted),
        _ => return None,
    };
    Some(Reply::new(response))
}

/// Spoils the twin's own reply, for faults that let the request through.
pub fn spoil(fault: &Fault, reply: &mut Reply) {
    match fault {
        Fault::Delay(delay) => reply.delay += *delay,
        Fault::SlowBody(duration) => {
            reply.delay += *duration;
            reply.fault = Some(WireFault::SlowBody);
        }
        Fault::Wire(wire) => reply.fault = Some(*wire),
        Fault::InvalidJson => {
            let half = reply.response.body().len() / 2;
            let cut = reply.response.body().slice(..half);
            *reply.response.body_mut() = if cut.is_empty() { Bytes::from_static(b"{") } else { cut };
            reply.response.headers_mut().remove(http::header::CONTENT_LENGTH);
        }
        Fault::ContentType(media_type) => {
            if let Ok(value) = HeaderValue::from_str(media_type) {
                reply.response.headers_mut().insert(CONTENT_TYPE, value);
            }
        }
        Fault::Headers(headers) => {
            for (name, value) in headers {
                if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
                    reply.response.headers_mut().insert(name, value);
                }
            }
        }
        Fault::Status(_) | Fault::TooManyRequests(_) | Fault::Answer(_) => {}
    }
}

/// The answer of a script, under `application/json` where it names no media type of its own.
pub fn scripted_answer(scripted: &Scripted) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(scripted.body.clone()));
    *response.status_mut() = scripted.status;
    for (name, value) in &scripted.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            response.headers_mut().append(name, value);
        }
    }
    if !scripted.body.is_empty() {
        response.headers_mut().entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    }
    response
}
