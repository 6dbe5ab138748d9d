//! Who calls: the `api_access_token` header, and every way in which it is refused.

use bytes::Bytes;
use http::Request;

use crate::twin::chatwoot::refusal::Refusal;
use crate::twin::chatwoot::settings::Settings;
use crate::twin::chatwoot::state::State;
use crate::twin::chatwoot::user::User;
use crate::twin::kit::request::header;

/// The holder of a valid token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Caller {
    User(u64),
    Bot(u64),
}

impl Caller {
    /// The name that notices are signed with.
    pub fn name(self, state: &State) -> String {
        match self {
            Self::User(id) => state.user(id).map(|user| user.name.clone()),
            Self::Bot(id) => state.bot(id).map(|bot| bot.name.clone()),
        }
        .unwrap_or_default()
    }

    pub fn user(self, state: &State) -> Option<&User> {
        match self {
            Self::User(id) => state.user(id),
            Self::Bot(_) => None,
        }
    }

    pub fn is_administrator(self, state: &State) -> bool {
        self.user(state).is_some_and(User::is_administrator)
    }

    /// Refuses everyone but administrators, as the policies of webhooks and account labels do.
    pub fn must_administer(self, state: &State) -> Result<(), Refusal> {
        if self.is_administrator(state) { Ok(()) } else { Err(Refusal::NotAllowed) }
    }
}

/// Finds out who calls (`app/controllers/concerns/access_token_auth_helper.rb`).
///
/// Rack writes `api_access_token` and `Api-Access-Token` alike, so both are read. `Authorization: Bearer` is
/// the token of a browser's session and never an access token.
pub fn authenticate(request: &Request<Bytes>, settings: &Settings, state: &State) -> Result<Caller, Refusal> {
    let underscored = header(request, "api_access_token").filter(|_| !settings.header_stripped);
    let token = underscored.or_else(|| header(request, "api-access-token")).unwrap_or_default().trim();
    if token.is_empty() {
        return Err(Refusal::SignIn);
    }
    let user = state.users.iter().find(|user| user.token == token).map(|user| Caller::User(user.id));
    let bot = || state.bots.iter().find(|bot| bot.token == token).map(|bot| Caller::Bot(bot.id));
    user.or_else(bot).ok_or(Refusal::UnknownToken)
}

/// Checks the account of the path (`app/controllers/concerns/ensure_current_account_helper.rb`).
pub fn enter_account(caller: Caller, account: &str, settings: &Settings, state: &State) -> Result<(), Refusal> {
    let id: u64 = account.parse().map_err(|_| Refusal::NotFound)?;
    let own = id == state.account.id;
    if !own && !state.other_accounts.contains(&id) {
        return Err(Refusal::NotFound);
    }
    if own && settings.account_suspended {
        return Err(Refusal::AccountSuspended);
    }
    match caller {
        Caller::User(_) if !own => Err(Refusal::NotInAccount),
        Caller::Bot(bot) if state.bot(bot).is_none_or(|bot| bot.account != id) => Err(Refusal::BotNotInAccount),
        _ => Ok(()),
    }
}
