//! `POST /admin/api/{version}/graphql.json`: from the request to the answer, costs and refusals included.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::twin::kit::reply;
use crate::twin::shopify::graphql::cost;
use crate::twin::shopify::graphql::document::{Operation, Posted};
use crate::twin::shopify::graphql::error::Error;
use crate::twin::shopify::graphql::execute::{Executed, execute};
use crate::twin::shopify::graphql::schema::{Schema, TypeRef};
use crate::twin::shopify::graphql::validate::validate;
use crate::twin::shopify::graphql::variables;
use crate::twin::shopify::shop::Shop;
use crate::twin::shopify::throttle::{MOST_POINTS, Throttle, whole};

/// What a GraphQL request comes to.
pub struct Answered {
    pub response: Response<Bytes>,
    /// What was asked that is not modelled.
    pub gap: Option<String>,
    /// The deprecated fields that were asked for, as `X-Shopify-API-Deprecated-Reason` lists them.
    pub deprecated: Option<String>,
}

/// The shop and the limits that a request meets.
pub struct Host<'a> {
    pub schema: &'a Schema,
    pub version: &'a str,
    pub shop: &'a mut Shop,
    pub throttle: &'a mut Throttle,
    pub now: Timestamp,
    /// The service fails inside, with this request id.
    pub failing: Option<&'a str>,
}

/// Answers a GraphQL request.
pub fn answer(host: Host, request: &Request<Bytes>) -> Answered {
    let Some(posted) = Posted::read(request) else {
        let body = json!({ "errors": { "query": "Required parameter missing or invalid" } });
        return Answered { response: reply::json(StatusCode::BAD_REQUEST, &body), gap: None, deprecated: None };
    };
    match prepare(&host, &posted) {
        Err(Stop::Errors(errors)) => refused(&errors),
        Err(Stop::Gap(gap)) => Answered { gap: Some(gap), ..refused(&[]) },
        Ok((operation, variables)) => run(host, &operation, &variables),
    }
}

enum Stop {
    Errors(Vec<Error>),
    Gap(String),
}

fn prepare(host: &Host, posted: &Posted) -> Result<(Operation, Map<String, Value>), Stop> {
    let refuse = |error: Error| Stop::Errors(vec![error]);
    let operation = Operation::read(&posted.query, posted.operation_name.as_deref()).map_err(refuse)?;
    let findings = validate(host.schema, host.version, &operation);
    if !findings.errors.is_empty() {
        return Err(Stop::Errors(findings.errors));
    }
    if let Some(gap) = findings.gaps.into_iter().next() {
        return Err(Stop::Gap(gap));
    }
    let variables =
        variables::coerce(host.schema, host.version, &operation, &posted.variables).map_err(Stop::Errors)?;
    for definition in &operation.variables {
        let ty = TypeRef::of(&definition.var_type);
        let value = variables.get(&definition.name).unwrap_or(&Value::Null);
        if let Some(gap) = variables::beyond(host.schema, host.version, value, &ty) {
            return Err(Stop::Gap(format!("input {gap}")));
        }
    }
    Ok((operation, variables))
}

fn refused(errors: &[Error]) -> Answered {
    let errors: Vec<_> = errors.iter().map(Error::to_json).collect();
    Answered { response: reply::json(StatusCode::OK, &json!({ "errors": errors })), gap: None, deprecated: None }
}

/// Refusals by cost and by rate come before execution and have no `data`; both are HTTP 200.
fn run(host: Host, operation: &Operation, variables: &Map<String, Value>) -> Answered {
    let Host { schema, version, shop, throttle, now, failing } = host;
    let requested = cost::requested(schema, version, operation, variables);
    if requested > MOST_POINTS {
        return refused(&[too_costly(requested)]);
    }
    if !throttle.points.pour(requested, now) {
        return throttled(requested, throttle, now);
    }
    if let Some(id) = failing {
        throttle.points.refund(requested);
        return refused(&[internal(id)]);
    }
    let executed = execute(schema, version, operation, variables, shop, now);
    let actual = executed.cost.min(requested);
    throttle.points.refund(requested - actual);
    let cost = costs(requested, &json!(whole(actual)), throttle, now);
    finish(executed, cost)
}

fn finish(executed: Executed, cost: Value) -> Answered {
    let mut body = Map::from_iter([("data".to_owned(), executed.data)]);
    if !executed.errors.is_empty() {
        body.insert("errors".into(), executed.errors.iter().map(Error::to_json).collect());
    }
    let mut extensions = Map::from_iter([("cost".to_owned(), cost)]);
    if !executed.search.is_empty() {
        extensions.insert("search".into(), Value::Array(executed.search));
    }
    body.insert("extensions".into(), Value::Object(extensions));
    let deprecated: Vec<_> = executed.deprecated.into_iter().collect();
    Answered {
        response: reply::json(StatusCode::OK, &Value::Object(body)),
        gap: executed.gap,
        deprecated: (!deprecated.is_empty()).then(|| deprecated.join(", ")),
    }
}

fn costs(requested: f64, actual: &Value, throttle: &mut Throttle, now: Timestamp) -> Value {
    json!({
        "requestedQueryCost": whole(requested),
        "actualQueryCost": actual,
        "throttleStatus": throttle.status(now),
    })
}

/// As captured in the community forum (community.shopify.com/t/254776): HTTP 200, no `data`, no `Retry-After`.
fn throttled(requested: f64, throttle: &mut Throttle, now: Timestamp) -> Answered {
    let error = Error::new(
        "Throttled",
        json!({ "code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits" }),
    );
    let body = json!({
        "errors": [error.to_json()],
        "extensions": { "cost": costs(requested, &Value::Null, throttle, now) },
    });
    Answered { response: reply::json(StatusCode::OK, &body), gap: None, deprecated: None }
}

/// Code and first sentence from community captures of July 2026, the rest remembered (remembered).
fn too_costly(cost: f64) -> Error {
    let (cost, most) = (whole(cost), whole(MOST_POINTS));
    let message = format!(
        "Query cost is {cost}, which exceeds the single query max cost limit ({most}).\n\nSee \
         https://shopify.dev/concepts/about-apis/rate-limits for more information on how the\ncost of a query is \
         calculated.\n\nTo query larger amounts of data with fewer limits, bulk operations should be used instead.\nSee \
         https://shopify.dev/tutorials/perform-bulk-operations-with-admin-api for usage details.\n"
    );
    let extensions = json!({
        "code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": most,
        "documentation": "https://shopify.dev/api/usage/rate-limits",
    });
    Error::new(message, extensions)
}

/// As captured by the community: HTTP 200.
pub fn internal(request_id: &str) -> Error {
    let message = format!(
        "Internal error. Looks like something went wrong on our end.\nRequest ID: {request_id} (include this in support requests)."
    );
    Error::new(message, json!({ "code": "INTERNAL_SERVER_ERROR", "requestId": request_id }))
}
