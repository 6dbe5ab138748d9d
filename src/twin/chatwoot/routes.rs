//! Chatwoot's routes within an account, as a table, and the way from a request to its action.

use http::Method;

use crate::twin::chatwoot::api::{
    account, assignments, contacts, conversation_list, conversations, filters, inboxes, labels, messages, staff,
    webhooks,
};
use crate::twin::chatwoot::event::Outbox;
use crate::twin::chatwoot::scope::{Outcome, Scope};
use crate::twin::chatwoot::state::State;
use crate::twin::chatwoot::version::Version;

/// What an action does with the state.
#[derive(Clone, Copy)]
pub enum Action {
    Read(fn(&Scope, &State) -> Outcome),
    Write(fn(&Scope, &mut State, &mut Outbox) -> Outcome),
    /// Chatwoot has it, the twin has not.
    NotModelled,
}

/// Whether a bot's token opens a route (`BOT_ACCESSIBLE_ENDPOINTS`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Bots {
    No,
    Yes,
    /// In 4.15.1, not in 4.6.0.
    Lately,
}

/// One route.
pub struct Route {
    methods: &'static [&'static str],
    /// Below `/api/v1/accounts/{id}/`; a segment with a colon is a parameter.
    path: &'static str,
    bots: Bots,
    pub action: Action,
}

const GET: &[&str] = &["GET"];
const POST: &[&str] = &["POST"];
const DELETE: &[&str] = &["DELETE"];
/// Rails takes both for an update.
const UPDATE: &[&str] = &["PATCH", "PUT"];

const fn route(methods: &'static [&'static str], path: &'static str, bots: Bots, action: Action) -> Route {
    Route { methods, path, bots, action }
}

/// `config/routes.rb`, in its order. A path that is here answers 404 to a method that is not.
static ROUTES: &[Route] = &[
    route(GET, "", Bots::No, Action::Read(account::show)),
    route(UPDATE, "", Bots::No, Action::NotModelled),
    route(GET, "agents", Bots::No, Action::Read(staff::agents)),
    route(POST, "agents", Bots::No, Action::NotModelled),
    route(GET, "conversations", Bots::No, Action::Read(conversation_list::list)),
    route(POST, "conversations", Bots::Yes, Action::Write(conversations::create)),
    route(GET, "conversations/meta", Bots::No, Action::Read(conversation_list::meta)),
    route(GET, "conversations/search", Bots::No, Action::Read(conversation_list::search)),
    route(POST, "conversations/filter", Bots::No, Action::Read(filters::conversations)),
    route(GET, "conversations/:conversation", Bots::Lately, Action::Read(conversations::show)),
    route(UPDATE, "conversations/:conversation", Bots::Yes, Action::Write(conversations::update)),
    route(DELETE, "conversations/:conversation", Bots::No, Action::NotModelled),
    route(GET, "conversations/:conversation/messages", Bots::No, Action::Read(messages::list)),
    route(POST, "conversations/:conversation/messages", Bots::Yes, Action::Write(messages::create)),
    route(UPDATE, "conversations/:conversation/messages/:message", Bots::No, Action::Write(messages::update)),
    route(DELETE, "conversations/:conversation/messages/:message", Bots::No, Action::Write(messages::delete)),
    route(POST, "conversations/:conversation/assignments", Bots::Yes, Action::Write(assignments::create)),
    route(GET, "conversations/:conversation/labels", Bots::Lately, Action::Read(labels::of_conversation)),
    route(POST, "conversations/:conversation/labels", Bots::Lately, Action::Write(labels::replace_of_conversation)),
    route(POST, "conversations/:conversation/mute", Bots::No, Action::Write(conversations::mute)),
    route(POST, "conversations/:conversation/unmute", Bots::No, Action::Write(conversations::unmute)),
    route(POST, "conversations/:conversation/transcript", Bots::No, Action::Read(conversations::transcript)),
    route(POST, "conversations/:conversation/toggle_status", Bots::Yes, Action::Write(conversations::toggle_status)),
    route(
        POST,
        "conversations/:conversation/toggle_priority",
        Bots::Yes,
        Action::Write(conversations::toggle_priority),
    ),
    route(
        POST,
        "conversations/:conversation/toggle_typing_status",
        Bots::Lately,
        Action::Write(conversations::toggle_typing_status),
    ),
    route(
        POST,
        "conversations/:conversation/custom_attributes",
        Bots::Yes,
        Action::Write(conversations::replace_custom_attributes),
    ),
    route(GET, "contacts", Bots::No, Action::Read(contacts::list)),
    route(POST, "contacts", Bots::No, Action::Write(contacts::create)),
    route(GET, "contacts/search", Bots::No, Action::Read(contacts::search)),
    route(POST, "contacts/filter", Bots::No, Action::Read(filters::contacts)),
    route(GET, "contacts/active", Bots::No, Action::NotModelled),
    route(GET, "contacts/:contact", Bots::No, Action::Read(contacts::show)),
    route(UPDATE, "contacts/:contact", Bots::No, Action::Write(contacts::update)),
    route(DELETE, "contacts/:contact", Bots::No, Action::NotModelled),
    route(GET, "contacts/:contact/conversations", Bots::No, Action::Read(contacts::conversations)),
    route(GET, "contacts/:contact/labels", Bots::No, Action::Read(labels::of_contact)),
    route(POST, "contacts/:contact/labels", Bots::No, Action::Write(labels::replace_of_contact)),
    route(GET, "inboxes", Bots::No, Action::Read(inboxes::list)),
    route(POST, "inboxes", Bots::No, Action::NotModelled),
    route(GET, "inboxes/:inbox", Bots::No, Action::Read(inboxes::show)),
    route(UPDATE, "inboxes/:inbox", Bots::No, Action::NotModelled),
    route(DELETE, "inboxes/:inbox", Bots::No, Action::NotModelled),
    route(GET, "labels", Bots::No, Action::Read(labels::list)),
    route(POST, "labels", Bots::No, Action::Write(labels::create)),
    route(GET, "labels/:label", Bots::No, Action::Read(labels::show)),
    route(UPDATE, "labels/:label", Bots::No, Action::Write(labels::update)),
    route(DELETE, "labels/:label", Bots::No, Action::Write(labels::delete)),
    route(GET, "teams", Bots::No, Action::Read(staff::teams)),
    route(POST, "teams", Bots::No, Action::NotModelled),
    route(GET, "teams/:team", Bots::No, Action::Read(staff::team)),
    route(UPDATE, "teams/:team", Bots::No, Action::NotModelled),
    route(DELETE, "teams/:team", Bots::No, Action::NotModelled),
    route(GET, "webhooks", Bots::No, Action::Read(webhooks::list)),
    route(POST, "webhooks", Bots::No, Action::Write(webhooks::create)),
    route(UPDATE, "webhooks/:webhook", Bots::No, Action::Write(webhooks::update)),
    route(DELETE, "webhooks/:webhook", Bots::No, Action::Write(webhooks::delete)),
];

/// What a method and path lead to.
pub enum Found {
    Route(&'static Route, Vec<(&'static str, String)>),
    /// The path has a route, the method has none.
    OtherMethod,
    /// The twin knows no such path.
    Nothing,
}

/// Finds the route of a path below the account.
pub fn find(method: &Method, path: &[String]) -> Found {
    let mut seen = false;
    for route in ROUTES {
        if let Some(captures) = capture(route.path, path) {
            if route.methods.contains(&method.as_str()) {
                return Found::Route(route, captures);
            }
            seen = true;
        }
    }
    if seen { Found::OtherMethod } else { Found::Nothing }
}

fn capture(template: &'static str, path: &[String]) -> Option<Vec<(&'static str, String)>> {
    let wanted: Vec<_> = template.split('/').filter(|segment| !segment.is_empty()).collect();
    if wanted.len() != path.len() {
        return None;
    }
    let mut captures = Vec::new();
    for (want, have) in wanted.into_iter().zip(path) {
        match want.strip_prefix(':') {
            Some(name) => captures.push((name, have.clone())),
            None if want == have => {}
            None => return None,
        }
    }
    Some(captures)
}

impl Route {
    pub fn opens_to_bots(&self, version: Version) -> bool {
        match self.bots {
            Bots::No => false,
            Bots::Yes => true,
            Bots::Lately => version.widens_bot_access(),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::{Found, find};

    fn found(method: &Method, path: &str) -> &'static str {
        let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect();
        match find(method, &segments) {
            Found::Route(route, _) => route.path,
            Found::OtherMethod => "other method",
            Found::Nothing => "nothing",
        }
    }

    #[test]
    fn a_literal_segment_goes_before_a_parameter() {
        assert_eq!(found(&Method::GET, "conversations/meta"), "conversations/meta");
        assert_eq!(found(&Method::GET, "conversations/12"), "conversations/:conversation");
        assert_eq!(found(&Method::GET, ""), "");
    }

    #[test]
    fn there_is_no_transcript_to_get_and_no_single_message() {
        assert_eq!(found(&Method::GET, "conversations/12/transcript"), "other method");
        assert_eq!(found(&Method::GET, "conversations/12/messages/3"), "other method");
        assert_eq!(found(&Method::GET, "macros"), "nothing");
    }
}
