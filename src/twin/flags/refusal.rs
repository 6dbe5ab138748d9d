//! The words in which unleash-server 8.2.0 refuses.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::twin::flags::Caller;
use crate::twin::kit::reply;

/// `{"name", "message", "details": [{"message"}]}`
pub(super) fn named(status: StatusCode, name: &str, message: &str) -> Response<Bytes> {
    let body = json!({ "name": name, "message": message, "details": [{ "message": message }] });
    reply::json(status, &body)
}

pub(super) fn not_found(message: &str) -> Response<Bytes> {
    named(StatusCode::NOT_FOUND, "NotFoundError", message)
}

/// A body that the server's own schema does not allow.
pub(super) fn bad_data(detail: &Value, id: Option<String>) -> Response<Bytes> {
    let message = "Request validation failed: your request body or params contain invalid data. Refer to the `details` \
                   list for more information.";
    let mut body = json!({ "name": "BadDataError", "message": message, "details": [detail] });
    if let Some(id) = id {
        body["id"] = id.into();
    }
    reply::json(StatusCode::BAD_REQUEST, &body)
}

/// A property that the body must have.
pub(super) fn required(property: &str, id: String) -> Response<Bytes> {
    let path = format!("/body/{property}");
    let message = format!("The `{path}` property is required. It was not present on the data you sent.");
    bad_data(&json!({ "path": path, "message": message }), Some(id))
}

/// The refusal of a caller who may not ask here: 401 for no token or a strange one, 403 for one of another type.
pub(super) fn token(caller: Caller) -> Response<Bytes> {
    let (status, message) = match caller {
        Caller::Nobody | Caller::Stranger => (
            StatusCode::UNAUTHORIZED,
            "This endpoint requires an API token. Please add an authorization header to your request with a valid token",
        ),
        _ => (StatusCode::FORBIDDEN, "invalid token: expected a different token type for this endpoint"),
    };
    reply::json(status, &json!({ "message": message }))
}

/// The same on the admin API, which people use too.
pub(super) fn admin(caller: Caller, id: &str) -> Response<Bytes> {
    if !matches!(caller, Caller::Nobody | Caller::Stranger) {
        return token(caller);
    }
    let message = "You must log in to use Unleash.";
    let body =
        json!({ "id": id, "name": "UnauthorizedError", "message": message, "details": [{ "message": message }] });
    reply::json(StatusCode::UNAUTHORIZED, &body)
}
