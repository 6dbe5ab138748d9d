//! A webhook on its way.

use bytes::Bytes;
use http::{Request, StatusCode};

use crate::domain::exchange::Response;

/// One webhook delivery, signed and ready to send.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The event's name in the vendor's words (`message_created`, `orders/create`).
    pub event: String,
    /// Absolute URI, headers and body.
    pub request: Request<Bytes>,
}

impl Delivery {
    /// Its head and body as if they had been an answer: what is said of answers can be said of it, but for the status.
    pub fn as_answer(&self) -> Response {
        let (headers, body) = (self.request.headers().clone(), self.request.body().clone());
        Response { status: StatusCode::OK, headers, body }
    }
}
