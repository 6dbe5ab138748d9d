//! The actions, one file a resource.

pub mod account;
pub mod assignments;
pub mod contacts;
pub mod conversation_list;
pub mod conversations;
pub mod filters;
pub mod health;
pub mod inboxes;
pub mod labels;
pub mod messages;
pub mod staff;
pub mod webhooks;
