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

/// Servers with a twin each, for as long as this lives.
#[derive(Default)]
pub struct Mounts(Vec<MockServer>);

impl Mounts {
    /// Mounts the twin of a name on a server of its own, scenes scoped as `serve` scopes them; returns its base URL.
    ///
    /// A wire fault cannot be mounted (wiremock answers whole or not at all): such a reply is a 501 that says so.
    pub async fn mount(&mut self, stage: &Arc<Stage>, at: &Name) -> String {
        let server = MockServer::start().await;
        let twin = MountedTwin { stage: Arc::clone(stage), at: at.clone() };
        Mock::given(any()).respond_with(twin).mount(&server).await;
        let address = server.uri();
        self.0.push(server);
        address
    }
}

impl Drop for Mounts {
    /// wiremock's own drop waits for a lock of tokio's. In a task that has used up its share of turns that lock is never
    /// had, and the wait never ends; on a thread of its own there are no turns to use up.
    fn drop(&mut self) {
        let servers = std::mem::take(&mut self.0);
        if !servers.is_empty() {
            let _ = std::thread::spawn(move || drop(servers)).join();
        }
    }
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use futures::FutureExt as _;
    use tokio::task::coop;

    use super::{Mounts, Stage};
    use crate::twin::scene::Prototypes;

    #[test]
    fn mounts_end_in_a_task_that_has_used_up_its_turns() {
        let (told, heard) = mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut mounts = Mounts::default();
                let stage = Stage::new(Prototypes::new(), jiff::Timestamp::UNIX_EPOCH);
                mounts.mount(&stage, &"chatwoot".parse().map_err(std::io::Error::other)?).await;
                while coop::has_budget_remaining() {
                    let _ = coop::consume_budget().now_or_never();
                }
                drop(mounts);
                Ok::<_, std::io::Error>(())
            })?;
            let _ = told.send(());
            Ok::<_, std::io::Error>(())
        });
        assert_eq!(heard.recv_timeout(Duration::from_secs(30)), Ok(()), "dropping them never ended");
    }
}
