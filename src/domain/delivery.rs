//! A webhook on its way.

use bytes::Bytes;
use http::Request;

/// One webhook delivery, signed and ready to send.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The event's name in the vendor's words (`message_created`, `orders/create`).
    pub event: String,
    /// Absolute URI, headers and body.
    pub request: Request<Bytes>,
}
