//! Agents and teams, to read.

use serde_json::Value;

use crate::twin::chatwoot::refusal::Refusal;
use crate::twin::chatwoot::scope::{Outcome, Scope, ok};
use crate::twin::chatwoot::state::State;

/// All users of the account by name, as a bare list.
pub fn agents(scope: &Scope, state: &State) -> Outcome {
    let mut users: Vec<_> = state.users.iter().collect();
    users.sort_by_key(|user| user.name.to_lowercase());
    let agents: Value = users.into_iter().map(|user| user.agent(&state.account, scope.version())).collect();
    ok(&agents)
}

/// All teams, as a bare list.
pub fn teams(scope: &Scope, state: &State) -> Outcome {
    let user = scope.caller.user(state).map(|user| user.id);
    let teams: Value = state.teams.iter().map(|team| team.view(&state.account, user)).collect();
    ok(&teams)
}

pub fn team(scope: &Scope, state: &State) -> Outcome {
    let user = scope.caller.user(state).map(|user| user.id);
    let team = state.team(scope.id("team")).ok_or(Refusal::NotFound)?;
    ok(&team.view(&state.account, user))
}
