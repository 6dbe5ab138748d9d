//! `account.json`: the account, its people, inboxes, labels and webhooks.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use crate::twin::Start;
use crate::twin::chatwoot::bot::Bot;
use crate::twin::chatwoot::inbox::{Channel, Inbox};
use crate::twin::chatwoot::label::Label;
use crate::twin::chatwoot::state::{Account, State};
use crate::twin::chatwoot::team::Team;
use crate::twin::chatwoot::user::{Role, User};
use crate::twin::chatwoot::webhook::Webhook;
use crate::twin::kit::ids::Ids;

/// `account.json`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountFile {
    id: u64,
    name: String,
    other_accounts: Vec<u64>,
    users: Vec<UserSeed>,
    bots: Vec<BotSeed>,
    teams: Vec<TeamSeed>,
    inboxes: Vec<InboxSeed>,
    labels: Vec<LabelSeed>,
    webhooks: Vec<WebhookSeed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserSeed {
    id: u64,
    name: String,
    email: String,
    role: Role,
    #[serde(default)]
    inboxes: Vec<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BotSeed {
    id: u64,
    name: String,
    description: String,
    account: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TeamSeed {
    id: u64,
    name: String,
    description: String,
    members: Vec<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InboxSeed {
    id: u64,
    name: String,
    channel: Channel,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelSeed {
    id: u64,
    title: String,
    description: String,
    color: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookSeed {
    id: u64,
    name: String,
    url: String,
    subscriptions: Vec<String>,
}

impl AccountFile {
    /// The account before anyone has written to it. Tokens and secrets are a function of the start's seed.
    pub fn build(self, founded: Timestamp, start: &Start) -> State {
        let mut ids = Ids::new(start.seed);
        let user = |seed: UserSeed, ids: &mut Ids| User {
            id: seed.id,
            name: seed.name,
            email: seed.email,
            role: seed.role,
            token: ids.base58(24),
            pubsub_token: ids.base58(24),
            inboxes: seed.inboxes,
            active_at: start.now,
        };
        let users = self.users.into_iter().map(|seed| user(seed, &mut ids)).collect();
        let bot = |seed: BotSeed, token| Bot {
            id: seed.id,
            name: seed.name,
            description: seed.description,
            token,
            account: seed.account,
        };
        let bots = self.bots.into_iter().map(|seed| bot(seed, ids.base58(24))).collect();
        let inboxes = self.inboxes.into_iter().map(|seed| inbox(seed, founded, &mut ids)).collect();
        let webhooks = self.webhooks.into_iter().map(|seed| webhook(seed, ids.base58(24))).collect();
        let team = |seed: TeamSeed| Team {
            id: seed.id,
            name: seed.name,
            description: seed.description,
            members: seed.members,
            created_at: founded,
        };
        let label = |seed: LabelSeed| Label {
            id: seed.id,
            title: seed.title,
            description: Some(seed.description),
            color: seed.color,
            show_on_sidebar: Some(true),
        };
        State {
            account: Account { id: self.id, name: self.name, created_at: founded },
            other_accounts: self.other_accounts,
            users,
            bots,
            teams: self.teams.into_iter().map(team).collect(),
            inboxes,
            labels: self.labels.into_iter().map(label).collect(),
            webhooks,
            contacts: BTreeMap::new(),
            contact_inboxes: Vec::new(),
            conversations: BTreeMap::new(),
            ids,
            last_message: 1000,
        }
    }
}

fn inbox(seed: InboxSeed, founded: Timestamp, ids: &mut Ids) -> Inbox {
    Inbox {
        id: seed.id,
        name: seed.name,
        channel: seed.channel,
        webhook_url: None,
        secret: ids.base58(24),
        hmac_token: ids.base58(24),
        identifier: ids.base58(24),
        created_at: founded,
    }
}

fn webhook(seed: WebhookSeed, secret: String) -> Webhook {
    Webhook {
        id: seed.id,
        name: Some(seed.name),
        url: seed.url,
        inbox: None,
        subscriptions: seed.subscriptions,
        secret,
    }
}
