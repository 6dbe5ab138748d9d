//! Auth, Storage and Realtime: their health answers, and the error that Storage sends under the wrong status.
//!
//! Read in supabase/auth, supabase/storage and supabase/realtime. Two of the three say 200 while they are ill.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::json;

use crate::twin::answer::Reply;
use crate::twin::kit::bucket::Window;
use crate::twin::kit::reply::{self, WithHeader};

/// How the services behind the gateway are.
#[derive(Clone, Debug)]
pub struct Platform {
    pub storage_healthy: bool,
    pub realtime_healthy: bool,
    pings: Window,
    ping_limit: u32,
}

/// Pings a second before Realtime refuses them.
const PINGS: u32 = 100;

impl Default for Platform {
    fn default() -> Self {
        Self { storage_healthy: true, realtime_healthy: true, pings: Window::new(PINGS, 1), ping_limit: PINGS }
    }
}

impl Platform {
    /// Allows so many pings a second.
    pub fn limit_pings(&mut self, limit: u32) {
        self.ping_limit = limit;
        self.pings = Window::new(limit, 1);
    }

    /// `GET /auth/v1/health` is static: it tells that the process runs, and nothing of the database.
    pub fn auth(request: &Request<Bytes>, path: &[&str]) -> Reply {
        match (request.method(), path) {
            (&Method::GET, ["health"]) => Reply::new(reply::json(
                StatusCode::OK,
                &json!({
                    "version": "v2.189.0",
                    "name": "GoTrue",
                    "description": "GoTrue is a user registration and authentication API",
                }),
            )),
            _ => Reply::gap("Auth beyond its health", request),
        }
    }

    pub fn storage(&self, request: &Request<Bytes>, path: &[&str]) -> Reply {
        match (request.method(), path) {
            (&Method::GET, ["status"]) => Reply::new(reply::empty(StatusCode::OK)),
            (&Method::GET, ["health"]) => {
                Reply::new(reply::json(StatusCode::OK, &json!({ "healthy": self.storage_healthy })))
            }
            // Every error but 500 is sent as 400, with the status that was meant in the body.
            (&Method::GET, ["object", _, _, ..]) => {
                let body = json!({
                    "statusCode": "404", "error": "not_found", "message": "Object not found", "code": "NoSuchKey",
                });
                Reply::new(reply::json(StatusCode::BAD_REQUEST, &body))
            }
            _ => Reply::gap("Storage beyond its health and missing objects", request),
        }
    }

    pub fn realtime(&mut self, now: Timestamp, request: &Request<Bytes>, path: &[&str], project: &str) -> Reply {
        match (request.method(), path) {
            (&Method::GET, ["api", "ping"]) => Reply::new(self.ping(now)),
            (&Method::GET, ["api", "tenants", tenant, "health"]) if *tenant == project => {
                let healthy = self.realtime_healthy;
                let body = json!({
                    "data": {
                        "healthy": healthy,
                        "db_connected": healthy,
                        "replication_connected": healthy,
                        "connected_cluster": 0,
                        "region": "us-east-1",
                        "node": "realtime@127.0.0.1",
                    },
                });
                Reply::new(reply::json(StatusCode::OK, &body))
            }
            (&Method::GET, ["api", "tenants", _, "health"]) => {
                Reply::new(reply::json(StatusCode::UNAUTHORIZED, &json!({ "message": "Tenant not found in database" })))
            }
            _ => Reply::gap("Realtime beyond its health", request),
        }
    }

    fn ping(&mut self, now: Timestamp) -> Response<Bytes> {
        let admitted = self.pings.admit(now);
        let (status, message) =
            if admitted { (StatusCode::OK, "Success") } else { (StatusCode::TOO_MANY_REQUESTS, "Too many requests") };
        reply::json(status, &json!({ "message": message })).with_header("x-rate-limit", self.ping_limit.to_string())
    }
}
