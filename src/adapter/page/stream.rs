//! Changes of a page as server-sent events: what is new since the last time, and a sign of life where nothing is.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Response};
use futures::stream::unfold;
use serde_json::json;
use tokio::sync::watch;

use crate::adapter::halt::Halt;
use crate::adapter::page::ask::{Ask, Pages, Parts, Viewer};
use crate::adapter::page::seats::Streaming;

/// From one event to the next at most: the page says that nothing comes after fifteen seconds.
const BEAT: Duration = Duration::from_secs(5);

struct Line {
    pages: Arc<dyn Pages>,
    ask: Ask,
    viewer: Viewer,
    changes: watch::Receiver<u64>,
    /// Digest of each part as it was sent last.
    sent: BTreeMap<String, u64>,
    is_first: bool,
    halt: Halt,
    _room: Streaming,
}

/// The stream of a page. It ends with the monitor, and where there is no such page any more.
pub fn of(pages: Arc<dyn Pages>, ask: Ask, viewer: Viewer, halt: Halt, room: Streaming) -> Response {
    let changes = pages.changes();
    let line = Line { pages, ask, viewer, changes, sent: BTreeMap::new(), is_first: true, halt, _room: room };
    Sse::new(unfold(line, |mut line| async move {
        let event = line.next().await?;
        Some((Ok::<_, Infallible>(event), line))
    }))
    .into_response()
}

impl Line {
    async fn next(&mut self) -> Option<Event> {
        if !std::mem::take(&mut self.is_first) {
            tokio::select! {
                () = self.halt.called() => return None,
                () = async { drop(tokio::time::timeout(BEAT, self.changes.changed()).await) } => {}
            }
        }
        let parts = self.pages.parts(self.ask.clone(), self.viewer).await?;
        Some(Event::default().event("parts").data(self.news(&parts)))
    }

    /// What was not sent yet.
    fn news(&mut self, parts: &Parts) -> String {
        let mut new = Vec::new();
        for (id, html) in &parts.parts {
            let mut hasher = DefaultHasher::new();
            html.hash(&mut hasher);
            let digest = hasher.finish();
            if self.sent.insert(id.clone(), digest) != Some(digest) {
                new.push((id, html));
            }
        }
        json!({ "at": parts.at, "title": parts.title, "parts": new }).to_string()
    }
}
