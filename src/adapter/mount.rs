//! The twins mounted by wiremock, for tests that want its expectations and its request log.
//!
//! wiremock keeps a copy of every matched request for as long as the mock lives, so nothing long-running is mounted on it.

use std::sync::Arc;

use bytes::Bytes;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::adapter::stage::{SCENE_HEADER, Stage, lock};
use crate::domain::integration::Name;
use crate::twin::answer::Reply;
use crate::twin::scene::SceneAnswer;

/// Mounts the twin of a name on a server of its own, scenes scoped as `serve` scopes them.
///
/// A wire fault cannot be mounted (wiremock answers whole or not at all): such a reply is a 501 that says so.
pub async fn mount(stage: &Arc<Stage>, at: &Name) -> MockServer {
    let server = MockServer::start().await;
    let twin = MountedTwin { stage: Arc::clone(stage), at: at.clone() };
    Mock::given(any()).respond_with(twin).mount(&server).await;
    server
}

struct MountedTwin {
    stage: Arc<Stage>,
    at: Name,
}

impl Respond for MountedTwin {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let key = request.headers.get(SCENE_HEADER).and_then(|value| value.to_str().ok()?.parse().ok());
        let Some(scene) = key.and_then(|key| self.stage.scene(key)) else {
            return ResponseTemplate::new(421).set_body_string("the request names no scene that is being played");
        };
        let request = plain(request);
        let answer = lock(&scene).answer(&self.at, &request);
        match answer {
            SceneAnswer::Reply(reply) if reply.fault.is_some() => {
                template(Reply::gap("wiremock cannot break a connection", &request))
            }
            SceneAnswer::Reply(reply) => template(reply),
            SceneAnswer::Outside(..) => template(Reply::gap("a mounted twin asks only twins of its stage", &request)),
        }
    }
}

fn plain(request: &Request) -> http::Request<Bytes> {
    let mut plain = http::Request::new(Bytes::from(request.body.clone()));
    *plain.method_mut() = request.method.clone();
    *plain.headers_mut() = request.headers.clone();
    plain.headers_mut().remove(SCENE_HEADER);
    let path_and_query = match request.url.query() {
        Some(query) => format!("{}?{query}", request.url.path()),
        None => request.url.path().to_owned(),
    };
    if let Ok(uri) = path_and_query.parse() {
        *plain.uri_mut() = uri;
    }
    plain
}

fn template(reply: Reply) -> ResponseTemplate {
    let (head, body) = reply.response.into_parts();
    let mut template = ResponseTemplate::new(head.status.as_u16()).set_body_bytes(body.to_vec());
    for (name, value) in &head.headers {
        template = template.append_header(name.clone(), value.clone());
    }
    template
}
