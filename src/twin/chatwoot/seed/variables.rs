//! What a client must know of the state to talk to the twin.

use std::collections::BTreeMap;

use crate::twin::chatwoot::conversation::Status;
use crate::twin::chatwoot::inbox::Channel;
use crate::twin::chatwoot::state::State;
use crate::twin::chatwoot::user::Role;

/// The names that a contract uses for what the twin accepts.
pub fn variables(state: &State) -> BTreeMap<String, String> {
    let token = |role: Role| state.users.iter().find(|user| user.role == role).map(|user| user.token.clone());
    let inbox = |channel: Channel| state.inboxes.iter().find(|inbox| inbox.channel == channel).map(|inbox| inbox.id);
    let conversation = |inbox: Option<u64>| {
        let mut own = state.conversations.values().filter(|conversation| Some(conversation.inbox) == inbox);
        own.find(|conversation| conversation.status == Status::Open)
    };
    let (api, widget) = (inbox(Channel::Api), inbox(Channel::WebWidget));
    let number = |id: Option<u64>| id.map(|id| id.to_string());
    let agent = state.users.iter().find(|user| user.role == Role::Agent);
    let values = [
        ("CHATWOOT_API_TOKEN", token(Role::Administrator)),
        ("CHATWOOT_AGENT_TOKEN", token(Role::Agent)),
        ("CHATWOOT_BOT_TOKEN", state.bots.first().map(|bot| bot.token.clone())),
        ("CHATWOOT_WEBHOOK_SECRET", state.webhooks.first().map(|webhook| webhook.secret.clone())),
        ("CHATWOOT_ACCOUNT_ID", Some(state.account.id.to_string())),
        ("CHATWOOT_INBOX_ID", number(api)),
        ("CHATWOOT_CONVERSATION_ID", number(conversation(api).map(|conversation| conversation.id))),
        ("CHATWOOT_WIDGET_CONVERSATION_ID", number(conversation(widget).map(|conversation| conversation.id))),
        ("CHATWOOT_CONTACT_ID", number(conversation(api).map(|conversation| conversation.contact))),
        ("CHATWOOT_AGENT_ID", number(agent.map(|agent| agent.id))),
        ("CHATWOOT_TEAM_ID", number(state.teams.first().map(|team| team.id))),
    ];
    values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}
