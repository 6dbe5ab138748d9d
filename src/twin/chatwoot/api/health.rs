//! The questions that need no token (`app/controllers/api_controller.rb`, `health_controller.rb`).

use bytes::Bytes;
use http::{Response, StatusCode};
use jiff::Timestamp;
use serde_json::json;

use crate::twin::chatwoot::settings::Settings;
use crate::twin::kit::clock::rails_db;
use crate::twin::kit::reply;

/// `GET /health`: the process is alive. It asks neither Redis nor Postgres.
pub fn alive() -> Response<Bytes> {
    reply::json(StatusCode::OK, &json!({ "status": "woot" }))
}

/// `GET /api`: always 200; a service that does not answer is the word `failing` in the body.
pub fn api(now: Timestamp, settings: &Settings) -> Response<Bytes> {
    let word = |works: bool| if works { "ok" } else { "failing" };
    let body = json!({
        "version": settings.version.as_str(),
        "timestamp": rails_db(now),
        "queue_services": word(settings.queue_services),
        "data_services": word(settings.data_services),
    });
    reply::json(StatusCode::OK, &body)
}
