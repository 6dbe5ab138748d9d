//! What stands in for a service that no twin models: good answers from a plan, or the real service itself.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::json;

use crate::domain::integration::Name;
use crate::domain::lesson::plan;
use crate::domain::lesson::step::Filling;
use crate::twin::answer::{Answer, Ask, AskFailure, Reply};
use crate::twin::fault::scripted_answer;
use crate::twin::kit::reply;
use crate::twin::{Identity, Twin};

/// How long a real service may take that is asked for a client.
const PATIENCE: Duration = Duration::from_mins(1);

/// Headers that are about one connection (RFC 9110 §7.6.1), or that our own server writes.
const HOP: [&str; 4] = ["connection", "transfer-encoding", "keep-alive", "content-length"];

/// Answers as it was told to.
pub struct StandIn {
    told: plan::StandIn,
}

impl StandIn {
    pub fn new(told: &plan::StandIn) -> Self {
        Self { told: told.clone() }
    }
}

impl Twin for StandIn {
    fn identity(&self) -> Identity {
        Identity { variables: self.told.environment.clone(), base_url_variable: "PREFLIGHT_URL", ..Identity::default() }
    }

    fn answer(&mut self, now: Timestamp, request: &Request<Bytes>) -> Answer {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let good = self.told.answers.iter().find(|good| good.on.hits(request.method().as_str(), path));
        match good {
            Some(good) => scripted_answer(&good.answer.scripted(&Filling { now, wait: Duration::ZERO })).into(),
            None => Reply::gap("the plan's stand-in has no answer to it", request).into(),
        }
    }

    fn fork(&self) -> Box<dyn Twin> {
        Box::new(Self { told: self.told.clone() })
    }

    fn refusal(&self, status: StatusCode) -> Response<Bytes> {
        let own = self.told.refusals.get(status.as_str()).or_else(|| self.told.refusals.get("*"));
        let plain = json!({ "error": status.canonical_reason() });
        reply::json(status, own.unwrap_or(&plain))
    }
}

/// Passes requests on to a service outside the scene.
pub struct Relay {
    to: Name,
    like: Identity,
}

impl Relay {
    /// `to` is the name under which the service is asked; `like` is what its clients read.
    pub fn new(to: Name, like: Identity) -> Self {
        Self { to, like }
    }
}

impl Twin for Relay {
    fn identity(&self) -> Identity {
        self.like.clone()
    }

    fn answer(&mut self, _: Timestamp, request: &Request<Bytes>) -> Answer {
        if request.method() == http::Method::CONNECT {
            let told =
                json!({ "error": "a tunnel cannot be looked into: give the client this address as its base URL" });
            return reply::json(StatusCode::NOT_IMPLEMENTED, &told).into();
        }
        let mut passed = Request::new(request.body().clone());
        *passed.method_mut() = request.method().clone();
        *passed.uri_mut() = request.uri().clone();
        *passed.headers_mut() = request.headers().clone();
        for name in HOP {
            passed.headers_mut().remove(name);
        }
        Answer::Ask(Ask { to: self.to.clone(), request: passed, timeout: PATIENCE })
    }

    fn resume(&mut self, _: Timestamp, _: &Request<Bytes>, outcome: Result<Response<Bytes>, AskFailure>) -> Answer {
        match outcome {
            Ok(mut response) => {
                for name in HOP {
                    response.headers_mut().remove(name);
                }
                response.into()
            }
            Err(failure) => reply::json(StatusCode::BAD_GATEWAY, &json!({ "error": failure.to_string() })).into(),
        }
    }

    fn fork(&self) -> Box<dyn Twin> {
        Box::new(Self { to: self.to.clone(), like: self.like.clone() })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{Request, StatusCode};
    use serde_json::json;

    use super::StandIn;
    use crate::twin::Twin as _;
    use crate::twin::answer::Answer;

    #[test]
    fn a_stand_in_answers_what_it_was_told_and_says_what_it_was_not() {
        let told = json!({
            "answers": [{"on": "GET /v1/models", "answer": {"status": 200, "body": {"data": []}}}],
            "refusals": {"429": {"code": "rate"}, "*": {"code": "any"}},
        });
        let mut stand_in = StandIn::new(&serde_json::from_value(told).unwrap());
        for (path, status) in [("/v1/models?limit=1", StatusCode::OK), ("/v1/files", StatusCode::NOT_IMPLEMENTED)] {
            let request = Request::get(path).body(Bytes::new()).unwrap();
            let Answer::Reply(reply) = stand_in.answer(jiff::Timestamp::UNIX_EPOCH, &request) else {
                panic!("a reply")
            };
            assert_eq!(reply.response.status(), status, "{path}");
        }
        for (status, body) in [(429, r#"{"code":"rate"}"#), (503, r#"{"code":"any"}"#)] {
            let refused = stand_in.refusal(StatusCode::from_u16(status).unwrap());
            assert_eq!((refused.status().as_u16(), refused.body().as_ref()), (status, body.as_bytes()));
        }
    }
}
