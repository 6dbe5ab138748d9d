//! Refusals in Shopify's own words: `errors` is a text.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::json;

use crate::twin::kit::reply::{self, WithHeader as _};
use crate::twin::shopify::throttle::{Plan, whole};

/// The body and headers of a refusal that comes before any resource is looked at.
///
/// 401: `frappe/ecommerce_integrations#414` (February 2026). 429: `Shopify/shopify_python_api#256` and MONEI#135, with the
/// decimal `Retry-After`. The others are remembered (remembered); which statuses there are is documented
/// (shopify.dev/docs/api/usage/response-codes).
pub fn body(status: StatusCode, plan: Plan) -> Response<Bytes> {
    let rate = whole(plan.calls_per_second());
    let words = match status.as_u16() {
        401 => "[API] Invalid API key or access token (unrecognized login or wrong password)".to_owned(),
        402 => "This shop's plan does not have access to this feature".to_owned(),
        403 => "[API] This action requires merchant approval for the necessary scope.".to_owned(),
        404 => "Not Found".to_owned(),
        423 => "Locked".to_owned(),
        429 => format!(
            "Exceeded {rate} calls per second for api client. Reduce request rates to resume uninterrupted service."
        ),
        500 => "Internal Server Error".to_owned(),
        _ => status.canonical_reason().unwrap_or("Error").to_owned(),
    };
    let response = reply::json(status, &json!({ "errors": words }));
    match status.as_u16() {
        401 => response.with_header("www-authenticate", "Basic Realm=\"Shopify API Authentication\""),
        429 => response.with_header("retry-after", "2.0"),
        _ => response,
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::body;
    use crate::twin::shopify::throttle::Plan;

    #[test]
    fn a_429_names_the_rate_of_the_plan_and_a_decimal_wait() {
        let response = body(StatusCode::TOO_MANY_REQUESTS, Plan::Plus);
        assert_eq!(response.headers()["retry-after"], "2.0");
        assert_eq!(
            response.body(),
            r#"{"errors":"Exceeded 20 calls per second for api client. Reduce request rates to resume uninterrupted service."}"#
        );
    }

    #[test]
    fn every_refusal_has_a_text_under_errors() {
        for status in [400, 401, 402, 403, 404, 406, 422, 423, 429, 500, 502, 503, 504] {
            let response = body(StatusCode::from_u16(status).unwrap(), Plan::Standard);
            let json: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
            assert!(json["errors"].is_string(), "{status}");
        }
    }
}
