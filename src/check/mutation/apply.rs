//! Makes an exchange wrong in one way.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use crate::check::mutation::place::parent;
use crate::domain::delivery::Delivery;
use crate::domain::exchange::{Exchange, NoAnswer, Response};
use crate::domain::json;

/// What is done to an exchange; worked out once, and done in each run anew.
#[derive(Clone, Debug)]
pub enum Change {
    Status(StatusCode),
    /// Set, or taken off.
    Header(HeaderName, Option<HeaderValue>),
    /// It comes after this time; later than the client waits, it does not come at all.
    Late {
        after: Duration,
        timeout: Duration,
    },
    /// The second half of the body is missing.
    Half,
    /// The body in UTF-16, without a word of it.
    Utf16,
    Body(Bytes),
    /// Another answer in the place of this one.
    Instead(Arc<Response>),
    /// An empty object, 200, where no answer came.
    Answer,
    /// A webhook does not come.
    Gone,
    /// A place of a JSON body, by its pointer.
    Member(String, Edit),
}

/// That something was changed.
#[derive(Debug, Default)]
pub struct Applied {
    /// The body as JSON, where it is known without reading it.
    pub document: Option<Value>,
}

/// What is done to one place of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    Remove,
    Put(Value),
    Rename(String),
    Add(String, Value),
    /// The last element once again.
    Push,
    Pop,
}

impl Change {
    /// Does it. Tells whether the exchange is another one now: a place that is not there in this answer changes nothing.
    pub fn apply(&self, exchange: &mut Exchange) -> bool {
        self.apply_knowing(exchange, None).is_some()
    }

    /// The same to an exchange whose body is this document, if that is known: then it is not read again. None where
    /// nothing was changed.
    pub fn apply_knowing(&self, exchange: &mut Exchange, document: Option<&Value>) -> Option<Applied> {
        match (self, &mut exchange.outcome) {
            (Self::Late { after, timeout }, _) => {
                let late = after > timeout;
                exchange.duration = (*after).min(*timeout);
                if late {
                    let millis = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
                    exchange.outcome = Err(NoAnswer::TimedOut(millis));
                }
                Some(Applied::default())
            }
            (Self::Answer, outcome @ Err(_)) => {
                let body = Bytes::from_static(b"{}");
                *outcome = Ok(Response { status: StatusCode::OK, headers: HeaderMap::new(), body });
                Some(Applied::default())
            }
            (Self::Answer | Self::Gone, Ok(_)) | (_, Err(_)) => None,
            (change, Ok(response)) => change.within(response, document),
        }
    }

    /// It changes what stands in the body.
    pub fn is_of_the_body(&self) -> bool {
        matches!(self, Self::Half | Self::Utf16 | Self::Body(_) | Self::Member(..))
    }

    /// Does it to one of the webhooks that were delivered: its head and body change as those of an answer do.
    pub fn apply_to_delivery(&self, deliveries: &mut Vec<Delivery>, at: usize) -> bool {
        if matches!(self, Self::Gone) && at < deliveries.len() {
            deliveries.remove(at);
            return true;
        }
        let Some(delivery) = deliveries.get_mut(at) else { return false };
        let mut answer = delivery.as_answer();
        let changed = self.within(&mut answer, None).is_some();
        *delivery.request.headers_mut() = answer.headers;
        *delivery.request.body_mut() = answer.body;
        changed
    }

    fn within(&self, response: &mut Response, document: Option<&Value>) -> Option<Applied> {
        let Self::Member(pointer, edit) = self else { return self.to_the_whole(response).then(Applied::default) };
        let mut document = document.cloned().or_else(|| json::parse(&response.body).ok())?;
        if !edit.perform(&mut document, pointer) {
            return None;
        }
        let text = serde_json::to_vec(&document).ok()?;
        put(response, text.into()).then_some(Applied { document: Some(document) })
    }

    fn to_the_whole(&self, response: &mut Response) -> bool {
        match self {
            Self::Status(status) => std::mem::replace(&mut response.status, *status) != *status,
            Self::Header(name, None) => response.headers.remove(name).is_some(),
            Self::Header(name, Some(value)) => {
                let before = response.headers.insert(name.clone(), value.clone());
                before.is_none_or(|before| before != value)
            }
            Self::Half => put(response, response.body.slice(..response.body.len() / 2)),
            Self::Utf16 => {
                let text = String::from_utf8_lossy(&response.body);
                let wide: Vec<u8> =
                    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
                put(response, wide.into())
            }
            Self::Body(body) => put(response, body.clone()),
            Self::Instead(other) => {
                let same = other.status == response.status && other.body == response.body;
                *response = Response::clone(other);
                !same
            }
            Self::Member(..) | Self::Late { .. } | Self::Answer | Self::Gone => false,
        }
    }
}

fn put(response: &mut Response, body: Bytes) -> bool {
    let other = response.body != body;
    if response.headers.contains_key(CONTENT_LENGTH) {
        response.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
    response.body = body;
    other
}

impl Edit {
    /// Does it at a place of a document; tells whether the document is another one now.
    pub fn perform(&self, document: &mut Value, pointer: &str) -> bool {
        match self {
            Self::Remove | Self::Rename(_) => {
                let Some((above, name)) = parent(pointer) else { return false };
                let Some(Value::Object(members)) = document.pointer_mut(above) else { return false };
                let Some(value) = members.shift_remove(&name) else { return false };
                match self {
                    Self::Rename(to) => members.insert(to.clone(), value).is_none(),
                    _ => true,
                }
            }
            Self::Put(value) => document.pointer_mut(pointer).is_some_and(|place| {
                let before = std::mem::replace(place, value.clone());
                before != *value
            }),
            Self::Add(name, value) => match document.pointer_mut(pointer) {
                Some(Value::Object(members)) => members.insert(name.clone(), value.clone()).is_none(),
                _ => false,
            },
            Self::Push => match document.pointer_mut(pointer) {
                Some(Value::Array(items)) => match items.last().cloned() {
                    Some(last) => {
                        items.push(last);
                        true
                    }
                    None => false,
                },
                _ => false,
            },
            Self::Pop => match document.pointer_mut(pointer) {
                Some(Value::Array(items)) => items.pop().is_some(),
                _ => false,
            },
        }
    }
}
