//! The schemes that are known, one file a vendor.

mod chatwoot;
mod github;
mod intercom;
mod klaviyo;
mod message;
mod meta;
mod pagerduty;
mod sendgrid;
mod shopify;
mod slack;
pub mod standard;
mod stripe;
mod twilio;
mod zendesk;

use crate::wire::webhook::scheme::Scheme;

pub use self::chatwoot::CHATWOOT;
pub use self::github::GITHUB;
pub use self::intercom::INTERCOM;
pub use self::klaviyo::KLAVIYO;
pub use self::message::{RFC9421, RFC9421_ED25519, RFC9421_P256};
pub use self::meta::META;
pub use self::pagerduty::PAGERDUTY;
pub use self::sendgrid::SENDGRID;
pub use self::shopify::{SHOPIFY, SHOPIFY_EVENTS};
pub use self::slack::SLACK;
pub use self::standard::{STANDARD, STANDARD_V1A, SVIX};
pub use self::stripe::STRIPE;
pub use self::twilio::TWILIO;
pub use self::zendesk::ZENDESK;

/// Every scheme that is known.
pub static SCHEMES: [&Scheme; 19] = [
    &SHOPIFY,
    &SHOPIFY_EVENTS,
    &CHATWOOT,
    &STRIPE,
    &SLACK,
    &GITHUB,
    &STANDARD,
    &STANDARD_V1A,
    &SVIX,
    &ZENDESK,
    &PAGERDUTY,
    &META,
    &KLAVIYO,
    &INTERCOM,
    &TWILIO,
    &SENDGRID,
    &RFC9421,
    &RFC9421_ED25519,
    &RFC9421_P256,
];
