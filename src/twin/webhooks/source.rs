//! Who sends webhooks to the receiver, and what it holds each of them to.

use http::HeaderMap;
use serde_json::Value;

use crate::twin::webhooks::refusal::Refusal;
use crate::wire::webhook::scheme::Scheme;
use crate::wire::webhook::schemes::{CHATWOOT, SHOPIFY};

/// A sender that the receiver has a secret for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) enum Source {
    Shopify,
    Chatwoot,
}

impl Source {
    pub(super) const ALL: [Self; 2] = [Self::Shopify, Self::Chatwoot];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }

    pub(super) fn as_str(self) -> &'static str {
        &self.scheme().name
    }

    pub(super) fn scheme(self) -> &'static Scheme {
        match self {
            Self::Shopify => &SHOPIFY,
            Self::Chatwoot => &CHATWOOT,
        }
    }

    pub(super) fn secret_variable(self) -> &'static str {
        match self {
            Self::Shopify => "SHOPIFY_API_SECRET",
            Self::Chatwoot => "CHATWOOT_WEBHOOK_SECRET",
        }
    }

    /// The variable that names whom the sender sends for: the shop, the account.
    pub(super) fn tenant_variable(self) -> &'static str {
        match self {
            Self::Shopify => "SHOPIFY_SHOP_DOMAIN",
            Self::Chatwoot => "CHATWOOT_ACCOUNT_ID",
        }
    }

    /// Refuses an authentic delivery that is meant for another tenant.
    pub(super) fn check_tenant(self, headers: &HeaderMap, body: &Value, tenant: &str) -> Result<(), Refusal> {
        let known = match self {
            // Every Shopify delivery names its shop.
            Self::Shopify => {
                text(headers, "x-shopify-shop-domain").is_some_and(|shop| shop.eq_ignore_ascii_case(tenant))
            }
            // Typing events of Chatwoot 4.15 name no account.
            Self::Chatwoot => match body.pointer("/account/id").or_else(|| body.pointer("/conversation/account/id")) {
                Some(account) => account.as_i64().is_some_and(|id| id.to_string() == tenant),
                None => true,
            },
        };
        if known { Ok(()) } else { Err(Refusal::UnknownTenant) }
    }

    /// The delivery's id: the same on every retry.
    pub(super) fn delivery_id(self, headers: &HeaderMap) -> Option<&str> {
        text(headers, self.scheme().delivery_id.as_deref()?).filter(|id| !id.is_empty())
    }

    /// The headers that a delivery must carry besides its signature (`@shopify/shopify-api` 13.1.0 requires the same).
    pub(super) fn check_headers(self, headers: &HeaderMap) -> Result<(), Refusal> {
        let required: &[&'static str] = match self {
            Self::Shopify => &["x-shopify-topic", "x-shopify-webhook-id", "x-shopify-api-version"],
            Self::Chatwoot => &["x-chatwoot-delivery"],
        };
        match required.iter().find(|name| text(headers, name).is_none_or(str::is_empty)) {
            Some(missing) => Err(Refusal::MissingHeader(missing)),
            None => Ok(()),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
