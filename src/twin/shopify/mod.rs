//! Shopify's Admin API: GraphQL and REST in one shop, with costs, limits, versions, scopes, tokens and webhooks.
//!
//! Read from npm @shopify/dev-mcp 1.16.0 (schemas of 2026-01 to 2026-10), @shopify/shopify-api 13.1.0, shopify.dev and
//! captures that are named where they are used; what is remembered and was not confirmed is marked (remembered).

pub mod access;
pub mod deliver;
pub mod graphql;
pub mod mutation;
pub mod oauth;
pub mod refusal;
pub mod rest;
pub mod settings;
pub mod shop;
pub mod store;
pub mod throttle;
pub mod topics;
pub mod version;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::twin::answer::{Answer, Reply};
use crate::twin::kit::credentials::SHOPIFY_API_SECRET;
use crate::twin::kit::ids::Ids;
use crate::twin::kit::reply::{self, WithHeader as _};
use crate::twin::kit::request as read;
use crate::twin::setting::{Setting, Unarranged};
use crate::twin::shopify::access::Scopes;
use crate::twin::shopify::graphql::answer::{self as graphql_answer, Host};
use crate::twin::shopify::graphql::schema::Schema;
use crate::twin::shopify::oauth::Grants;
use crate::twin::shopify::rest::Outcome;
use crate::twin::shopify::settings::Condition;
use crate::twin::shopify::shop::Shop;
use crate::twin::shopify::store::{Store, number_of, text};
use crate::twin::shopify::throttle::{Plan, Throttle};
use crate::twin::shopify::version::{Served, Supported};
use crate::twin::{Identity, Start, Twin};

/// The scopes of the first user's app configuration: it reads much and writes products, and nothing of the inventory.
const SCOPES: &str = "read_orders,read_products,read_inventory,read_locations,read_customers,read_fulfillments,\
                      read_merchant_managed_fulfillment_orders,write_products";

/// Headers that Shopify does not write in Title-Case.
const SPELLING: [&str; 5] = [
    "X-Shopify-API-Version",
    "X-Shopify-API-Deprecated-Reason",
    "X-ShopId",
    "WWW-Authenticate",
    "http_x_shopify_shop_api_call_limit",
];

/// The twin.
#[derive(Clone)]
pub struct Shopify {
    schema: Arc<Schema>,
    shop: Shop,
    grants: Grants,
    token: String,
    code: String,
    throttle: Throttle,
    plan: Plan,
    condition: Condition,
    failing: bool,
}

impl Shopify {
    /// Opens the shop of the fixtures.
    ///
    /// # Errors
    /// A fixture that is missing or cannot be read.
    pub fn new(start: &Start) -> Result<Self, String> {
        let file = |name: &str| start.fixtures.get(name).ok_or_else(|| format!("fixtures/shopify/{name} is missing"));
        let text_of = |name: &str| String::from_utf8(file(name)?.to_vec()).map_err(|cause| format!("{name}: {cause}"));
        let schema = Schema::read(&text_of("admin.graphql")?, &text_of("admin.beyond.json")?)?;
        let store = Store::read(file("shop.json")?).map_err(|cause| format!("shop.json: {cause}"))?;
        let mut ids = Ids::new(start.seed);
        // Recognisable as nobody's.
        let (token, code) = (format!("shpat_twin{}", ids.hex(28)), ids.hex(32));
        let api_key = ids.hex(32);
        let shop = Shop {
            store: Arc::new(store),
            ids,
            scopes: Scopes::read(SCOPES),
            api_key: api_key.clone(),
            supported: Supported::default(),
            events: Vec::new(),
            idempotent: BTreeMap::new(),
        };
        let grants = Grants::new(api_key, SHOPIFY_API_SECRET.to_owned(), shop.domain(), token.clone(), code.clone());
        Ok(Self {
            schema: Arc::new(schema),
            shop,
            grants,
            token,
            code,
            throttle: Throttle::new(Plan::Standard, start.now),
            plan: Plan::Standard,
            condition: Condition::Open,
            failing: false,
        })
    }

    fn route(&mut self, now: Timestamp, request: &Request<Bytes>) -> Reply {
        let segments = read::segments(request);
        let path: Vec<_> = segments.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["admin", "oauth", "access_token" | "access_token.json"] if request.method() == Method::POST => {
                let scope = self.shop.scopes.list();
                Reply::new(self.grants.answer(&mut self.shop.ids, &scope, now, request))
            }
            ["admin", "oauth", "access_scopes.json"] => self.entered(now, request, Self::access_scopes),
            ["admin", "api", version, rest @ ..] if !rest.is_empty() => self.versioned(now, request, version, rest),
            ["admin", rest @ ..] if rest.last().is_some_and(|last| last.strip_suffix(".json").is_some()) => {
                // Without a version the oldest supported one answers.
                let oldest = self.shop.supported.oldest.clone();
                self.versioned(now, request, &oldest, rest)
            }
            _ => Reply::gap("only the Admin API and its token endpoint are modelled", request),
        }
    }

    /// What every request to the Admin API meets first: the shop's condition, then the token.
    fn entered(
        &mut self,
        now: Timestamp,
        request: &Request<Bytes>,
        then: impl FnOnce(&mut Self, Timestamp, &Request<Bytes>) -> Reply,
    ) -> Reply {
        let closed = match self.condition {
            Condition::Frozen => Some(StatusCode::PAYMENT_REQUIRED),
            Condition::Locked => Some(StatusCode::LOCKED),
            Condition::Open | Condition::Uninstalled => None,
        };
        if let Some(status) = closed {
            return Reply::new(refusal::body(status, self.plan));
        }
        let token = read::header(request, "x-shopify-access-token").unwrap_or_default();
        if !self.grants.knows(token, now) {
            return Reply::new(refusal::body(StatusCode::UNAUTHORIZED, self.plan));
        }
        then(self, now, request)
    }

    fn versioned(&mut self, now: Timestamp, request: &Request<Bytes>, version: &str, rest: &[&str]) -> Reply {
        let served = match self.shop.supported.serve(version) {
            Served::By(served) => served,
            Served::NoSuch => return Reply::new(refusal::body(StatusCode::NOT_FOUND, self.plan)),
            Served::Unreleased => return Reply::gap("release candidates and `unstable`", request),
        };
        let mut reply = self.entered(now, request, |twin, now, request| match rest {
            ["graphql.json"] => twin.graphql(now, request, &served),
            _ => twin.rest(now, request, &served, rest),
        });
        reply.response = reply.response.with_header("x-shopify-api-version", served);
        reply
    }

    fn graphql(&mut self, now: Timestamp, request: &Request<Bytes>, version: &str) -> Reply {
        if request.method() != Method::POST {
            return Reply::new(refusal::body(StatusCode::NOT_FOUND, self.plan));
        }
        let failing = self.failing.then(|| self.shop.ids.uuid());
        let schema = Arc::clone(&self.schema);
        let host = Host {
            schema: &schema,
            version,
            shop: &mut self.shop,
            throttle: &mut self.throttle,
            now,
            failing: failing.as_deref(),
        };
        let answered = graphql_answer::answer(host, request);
        if let Some(gap) = answered.gap {
            self.shop.events.clear();
            return Reply::gap(&gap, request);
        }
        let deliveries = deliver::deliveries(&mut self.shop, &self.grants.api_secret, now);
        let response = match answered.deprecated {
            Some(fields) => answered.response.with_header("x-shopify-api-deprecated-reason", fields),
            None => answered.response,
        };
        Reply::new(response).delivering(deliveries)
    }

    fn rest(&mut self, now: Timestamp, request: &Request<Bytes>, version: &str, rest: &[&str]) -> Reply {
        let admitted = self.throttle.calls.pour(1.0, now);
        let mut reply = if admitted {
            self.resource(now, request, version, rest)
        } else {
            Reply::new(self.refusal(StatusCode::TOO_MANY_REQUESTS))
        };
        let limit = self.throttle.call_limit(now);
        reply.response = reply
            .response
            .with_header("x-shopify-shop-api-call-limit", &limit)
            .with_header("http_x_shopify_shop_api_call_limit", &limit);
        if rest.first().is_some_and(|first| matches!(*first, "products" | "products.json" | "variants")) {
            // Deprecated since 2024-04; the value is an address of the changelog [MEM].
            let reason = "https://shopify.dev/docs/apps/build/graphql/migrate/new-product-model";
            reply.response = reply.response.with_header("x-shopify-api-deprecated-reason", reason);
        }
        reply
    }

    fn resource(&mut self, now: Timestamp, request: &Request<Bytes>, version: &str, rest: &[&str]) -> Reply {
        if self.failing {
            return Reply::new(self.refusal(StatusCode::INTERNAL_SERVER_ERROR));
        }
        let Some((last, front)) = rest.split_last() else { return Reply::gap("no resource", request) };
        let Some(last) = last.strip_suffix(".json") else {
            return Reply::new(refusal::body(StatusCode::NOT_FOUND, self.plan));
        };
        let path: Vec<_> = front.iter().copied().chain([last]).collect();
        let schema = Arc::clone(&self.schema);
        let call = rest::Call { schema: &schema, version, now, request, path: &path };
        match rest::answer(&mut self.shop, &call) {
            Outcome::Answer(response) => {
                let deliveries = deliver::deliveries(&mut self.shop, &self.grants.api_secret, now);
                Reply::new(*response).delivering(deliveries)
            }
            Outcome::Gap(gap) => Reply::gap(&gap, request),
        }
    }

    fn access_scopes(&mut self, _now: Timestamp, _request: &Request<Bytes>) -> Reply {
        let scopes: Vec<_> = self.shop.scopes.handles().into_iter().map(|handle| json!({ "handle": handle })).collect();
        Reply::new(reply::json(StatusCode::OK, &json!({ "access_scopes": scopes })))
    }

    fn variable_pairs(&self) -> Vec<(&'static str, String)> {
        let first =
            |ty: &str| self.shop.store.rows(ty).first().map(|row| text(row, "id").to_owned()).unwrap_or_default();
        let number = |ty: &str| number_of(&first(ty)).to_owned();
        vec![
            ("SHOPIFY_ADMIN_TOKEN", self.token.clone()),
            ("SHOPIFY_API_KEY", self.grants.api_key.clone()),
            ("SHOPIFY_API_SECRET", self.grants.api_secret.clone()),
            ("SHOPIFY_AUTH_CODE", self.code.clone()),
            ("SHOPIFY_SHOP_DOMAIN", self.grants.shop_domain.clone()),
            ("SHOPIFY_API_VERSION", self.shop.supported.newest.clone()),
            ("SHOPIFY_PRODUCT_ID", number("Product")),
            ("SHOPIFY_VARIANT_ID", number("ProductVariant")),
            ("SHOPIFY_INVENTORY_ITEM_ID", number("InventoryItem")),
            ("SHOPIFY_LOCATION_ID", number("Location")),
            ("SHOPIFY_ORDER_ID", number("Order")),
            ("SHOPIFY_WEBHOOK_URL", "https://hotdash.example/api/webhooks/shopify".to_owned()),
        ]
    }
}

impl Twin for Shopify {
    fn identity(&self) -> Identity {
        let variables = self.variable_pairs().into_iter().map(|(name, value)| (name.to_owned(), value));
        Identity {
            version: self.shop.supported.newest.clone(),
            variables: variables.collect(),
            base_url_variable: "SHOPIFY_STORE_URL",
            header_spelling: &SPELLING,
        }
    }

    fn answer(&mut self, now: Timestamp, request: &Request<Bytes>) -> Answer {
        let mut reply = self.route(now, request);
        let number = number_of(text(&self.shop.about(), "id")).to_owned();
        reply.response =
            reply.response.with_header("x-request-id", self.shop.ids.uuid()).with_header("x-shopid", number);
        reply.into()
    }

    fn arrange(&mut self, now: Timestamp, setting: &str, value: &Value) -> Result<(), Unarranged> {
        settings::arrange(self, now, setting, value)
    }

    fn refusal(&self, status: StatusCode) -> Response<Bytes> {
        refusal::body(status, self.plan)
    }

    fn settings(&self) -> &'static [Setting] {
        &settings::KNOWN
    }

    fn fork(&self) -> Box<dyn Twin> {
        Box::new(self.clone())
    }
}
