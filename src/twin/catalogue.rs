//! Which twins there are.

use crate::twin::chatwoot::Chatwoot;
use crate::twin::flags::Flags;
use crate::twin::idea_pool::IdeaPool;
use crate::twin::shopify::Shopify;
use crate::twin::supabase::Supabase;
use crate::twin::webhooks::Webhooks;
use crate::twin::{Start, Twin};

/// The names of all twins.
pub const NAMES: [&str; 6] = ["chatwoot", "flags", "idea-pool", "shopify", "supabase", "webhooks"];

/// Builds the twin of an integration.
///
/// # Errors
/// What is wrong with a fixture, in words. None when no twin models the integration.
pub fn build(name: &str, start: &Start) -> Option<Result<Box<dyn Twin>, String>> {
    Some(match name {
        "chatwoot" => Chatwoot::new(start).map(boxed),
        "flags" => Flags::new(start).map(boxed),
        "idea-pool" => IdeaPool::new(start).map(boxed),
        "shopify" => Shopify::new(start).map(boxed),
        "supabase" => Supabase::new(start).map(boxed),
        "webhooks" => Ok(boxed(Webhooks::new(start))),
        _ => return None,
    })
}

fn boxed<T: Twin + 'static>(twin: T) -> Box<dyn Twin> {
    Box::new(twin)
}
