//! Who has a conversation (`app/controllers/api/v1/accounts/conversations/assignments_controller.rb`).

use serde_json::Value;

use crate::twin::chatwoot::event::Outbox;
use crate::twin::chatwoot::scope::{Outcome, Scope, ok};
use crate::twin::chatwoot::state::State;

/// Assigns to a user, a bot or a team. An id that nobody has is no error: it takes the assignment away and answers `null`.
pub fn create(scope: &Scope, state: &mut State, outbox: &mut Outbox) -> Outcome {
    let id = scope.conversation(state)?.id;
    let params = &scope.params;
    let bot = scope.version().has_bot_assignees() && params.text("assignee_type").as_deref() == Some("AgentBot");
    if bot {
        assign_bot(scope, id, state, outbox)
    } else if params.has("assignee_id") {
        assign_user(scope, id, state, outbox)
    } else if params.has("team_id") {
        assign_team(scope, id, state, outbox)
    } else {
        ok(&Value::Null)
    }
}

fn assign_user(scope: &Scope, id: u64, state: &mut State, outbox: &mut Outbox) -> Outcome {
    let user = scope.params.id("assignee_id").filter(|user| state.user(*user).is_some());
    let by = scope.signature(state);
    state.change_conversation(id, scope.now, &by, outbox, |conversation| {
        conversation.assignee = user;
        conversation.assignee_bot = None;
    });
    let agent = user.and_then(|user| state.user(user)).map(|user| user.agent(&state.account, scope.version()));
    ok(&agent.into())
}

/// Here an unknown id changes nothing.
fn assign_bot(scope: &Scope, id: u64, state: &mut State, outbox: &mut Outbox) -> Outcome {
    let own = |bot: &u64| state.bot(*bot).is_some_and(|bot| bot.account == state.account.id);
    let Some(bot) = scope.params.id("assignee_id").filter(own) else { return ok(&Value::Null) };
    let by = scope.signature(state);
    state.change_conversation(id, scope.now, &by, outbox, |conversation| {
        conversation.assignee = None;
        conversation.assignee_bot = Some(bot);
    });
    ok(&state.bot(bot).map(super::super::bot::Bot::slim).into())
}

/// A user who is not in the team loses the conversation (`AssignmentHandler`).
fn assign_team(scope: &Scope, id: u64, state: &mut State, outbox: &mut Outbox) -> Outcome {
    let team = scope.params.id("team_id").and_then(|team| state.team(team)).cloned();
    let by = scope.signature(state);
    state.change_conversation(id, scope.now, &by, outbox, |conversation| {
        let outsider = |user: &u64| team.as_ref().is_some_and(|team| !team.members.contains(user));
        if conversation.assignee.as_ref().is_some_and(outsider) {
            conversation.assignee = None;
        }
        conversation.team = team.as_ref().map(|team| team.id);
    });
    ok(&team.map(|team| team.record(&state.account)).into())
}
