//! One authenticated request, as an action sees it.

use bytes::Bytes;
use http::{Response, StatusCode};
use jiff::Timestamp;
use serde_json::Value;

use crate::twin::chatwoot::auth::Caller;
use crate::twin::chatwoot::contact::Contact;
use crate::twin::chatwoot::conversation::Conversation;
use crate::twin::chatwoot::params::Params;
use crate::twin::chatwoot::refusal::Refusal;
use crate::twin::chatwoot::settings::Settings;
use crate::twin::chatwoot::state::State;
use crate::twin::chatwoot::user::User;
use crate::twin::chatwoot::version::Version;
use crate::twin::kit::reply;

/// What an action gives: an answer, or a refusal.
pub type Outcome = Result<Response<Bytes>, Refusal>;

/// One request within an account.
pub struct Scope<'a> {
    pub now: Timestamp,
    pub settings: &'a Settings,
    pub caller: Caller,
    pub params: Params,
    /// The path's own parameters by name.
    pub captures: Vec<(&'static str, String)>,
}

impl Scope<'_> {
    pub fn version(&self) -> Version {
        self.settings.version
    }

    /// An id of the path; what is no number finds nothing.
    pub fn id(&self, name: &str) -> u64 {
        let capture = self.captures.iter().find(|(key, _)| *key == name);
        capture.and_then(|(_, value)| value.parse().ok()).unwrap_or(0)
    }

    /// The calling user. Bots do not come this far.
    pub fn user<'s>(&self, state: &'s State) -> Result<&'s User, Refusal> {
        self.caller.user(state).ok_or(Refusal::BotsNotAuthorized)
    }

    /// The conversation of the path, if there is one and the caller may see it (`ConversationPolicy#show?`).
    pub fn conversation<'s>(&self, state: &'s State) -> Result<&'s Conversation, Refusal> {
        let conversation = state.conversations.get(&self.id("conversation")).ok_or(Refusal::NotFound)?;
        let Some(user) = self.caller.user(state) else { return Ok(conversation) };
        let in_team =
            conversation.team.and_then(|id| state.team(id)).is_some_and(|team| team.members.contains(&user.id));
        if user.sees_inbox(conversation.inbox) || in_team { Ok(conversation) } else { Err(Refusal::NotAllowed) }
    }

    pub fn contact<'s>(&self, state: &'s State) -> Result<&'s Contact, Refusal> {
        state.contacts.get(&self.id("contact")).ok_or(Refusal::NotFound)
    }

    /// The page that was asked for, counted from 1.
    pub fn page(&self) -> usize {
        self.params.int("page").and_then(|page| usize::try_from(page).ok()).unwrap_or(1).max(1)
    }

    /// The name that notices in the thread are signed with.
    pub fn signature(&self, state: &State) -> String {
        self.caller.name(state)
    }
}

/// 200 with a JSON body. Creates answer it too: Chatwoot renders a view and sets no 201.
pub fn ok(body: &Value) -> Outcome {
    Ok(reply::json(StatusCode::OK, body))
}

/// `head :ok`
pub fn empty() -> Outcome {
    Ok(reply::empty(StatusCode::OK))
}
