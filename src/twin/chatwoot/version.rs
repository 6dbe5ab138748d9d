//! The Chatwoot releases that are modelled, and what changed between them.

/// A modelled release.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Version {
    /// Webhooks are not signed and there is no `/health`.
    V4_6_0,
    #[default]
    V4_15_1,
}

impl Version {
    pub const ALL: [Self; 2] = [Self::V4_15_1, Self::V4_6_0];

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.as_str() == text)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::V4_6_0 => "4.6.0",
            Self::V4_15_1 => "4.15.1",
        }
    }

    fn is_recent(self) -> bool {
        self == Self::V4_15_1
    }

    /// `GET /health` (pull request 13386, release 4.11.0).
    pub fn has_health(self) -> bool {
        self.is_recent()
    }

    /// Webhooks carry a signature and a delivery id, and show their secret (pull request 13573, release 4.11.2).
    pub fn signs_webhooks(self) -> bool {
        self.is_recent()
    }

    /// Webhook URLs go through a filter that refuses private addresses (release 4.14.0).
    pub fn filters_webhook_urls(self) -> bool {
        self.is_recent()
    }

    /// Conversations can be assigned to an agent bot, and say what kind of assignee they have.
    pub fn has_bot_assignees(self) -> bool {
        self.is_recent()
    }

    /// Bots may also show a conversation, type, and read and write its labels.
    pub fn widens_bot_access(self) -> bool {
        self.is_recent()
    }

    /// Transcript requests an hour and account (`config/initializers/rack_attack.rb` of both releases).
    pub fn transcripts_per_hour(self) -> u32 {
        if self.is_recent() { 1000 } else { 30 }
    }

    /// `GET …/conversations/meta` has a limit of its own.
    pub fn throttles_meta(self) -> bool {
        self.is_recent()
    }

    /// A contact search answers `has_more` and the size of the page; before, it answered the number of all matches.
    pub fn searches_contacts_by_page(self) -> bool {
        self.is_recent()
    }
}
