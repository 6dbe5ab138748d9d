//! The state that a twin starts with, from `fixtures/chatwoot/`.

pub mod account;
pub mod contacts;
pub mod conversations;
pub mod variables;

use std::time::Duration;

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::twin::Start;
use crate::twin::chatwoot::seed::account::AccountFile;
use crate::twin::chatwoot::seed::contacts::ContactSeed;
use crate::twin::chatwoot::seed::conversations::ConversationSeed;
use crate::twin::chatwoot::state::State;

/// Reads the fixtures.
///
/// # Errors
/// The file and what is wrong with it.
pub fn read(start: &Start) -> Result<State, String> {
    let account: AccountFile = file(start, "account.json")?;
    let contacts: Vec<ContactSeed> = file(start, "contacts.json")?;
    let conversations: Vec<ConversationSeed> = file(start, "conversations.json")?;
    let founded = before(start.now, 60 * 24 * 90);
    let mut state = account.build(founded, start);
    for contact in contacts {
        let id = State::after(state.contacts.keys().copied());
        state.contacts.insert(id, contact.build(id, founded));
    }
    for (index, seed) in conversations.iter().enumerate() {
        for turn in 0..seed.times {
            seed.open(&mut state, turn, start.now)
                .map_err(|wrong| format!("conversations.json: entry {}: {wrong}", index + 1))?;
        }
    }
    Ok(state)
}

fn file<T: DeserializeOwned>(start: &Start, name: &str) -> Result<T, String> {
    let bytes = start.fixtures.get(name).ok_or_else(|| format!("the fixture {name} is missing"))?;
    serde_json::from_slice(bytes).map_err(|error| format!("{name}: {error}"))
}

/// A time before the start.
pub fn before(now: Timestamp, minutes: u64) -> Timestamp {
    now - Duration::from_mins(minutes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytes::Bytes;
    use jiff::Timestamp;

    use crate::twin::Start;

    const ACCOUNT: &str = r#"{"id": 1, "name": "A", "other_accounts": [], "users": [], "bots": [], "teams": [],
        "inboxes": [{"id": 1, "name": "I", "channel": "Channel::Api"}], "labels": [], "webhooks": []}"#;

    fn read(files: &[(&str, &str)]) -> Result<usize, String> {
        let fixtures: BTreeMap<_, _> =
            files.iter().map(|(name, text)| ((*name).to_owned(), Bytes::from((*text).to_owned()))).collect();
        let start = Start { now: Timestamp::UNIX_EPOCH, seed: 0, fixtures: &fixtures };
        super::read(&start).map(|state| state.conversations.len())
    }

    #[test]
    fn a_conversation_is_repeated_as_often_as_it_says() {
        let conversation = |contact: u64| {
            format!(
                r#"[{{"times": 3, "inboxes": [1], "contacts": [{contact}], "status": "open", "minutes_ago": 5,
                    "messages": [{{"from": "contact", "texts": ["Hello"]}}]}}]"#
            )
        };
        let read = |contact| {
            let (contacts, conversations) = (r#"[{"name": "C"}]"#, conversation(contact));
            let files =
                [("account.json", ACCOUNT), ("contacts.json", contacts), ("conversations.json", &conversations)];
            read(&files)
        };
        assert_eq!(read(1), Ok(3));
        assert_eq!(read(2).unwrap_err(), "conversations.json: entry 1: there is no inbox 1 or no contact 2");
    }

    #[test]
    fn a_fixture_that_is_none_is_named() {
        assert_eq!(read(&[]).unwrap_err(), "the fixture account.json is missing");
        let misspelled = ACCOUNT.replace("labels", "lables");
        let wrong = read(&[("account.json", &misspelled)]).unwrap_err();
        assert!(wrong.starts_with("account.json: unknown field `lables`"), "{wrong}");
    }
}
