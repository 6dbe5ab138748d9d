//! A name, resolved by the resolver of the machine.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use tokio::net::lookup_host;

use crate::adapter::asking::tcp::timed_out;
use crate::adapter::clock;
use crate::domain::probe::cannot::{CannotTell, Word};
use crate::domain::probe::heard::Heard;

/// Resolves a name. The document is `{"addresses": ["…"]}`, sorted, each once.
pub async fn ask(name: &str, timeout: Duration) -> Heard {
    let start = clock::start();
    match tokio::time::timeout(timeout, lookup_host((name, 0))).await {
        Err(_) => Heard::nothing(timed_out(timeout)),
        Ok(Err(error)) => Heard::nothing(CannotTell::new(Word::Dns, format!("{name} does not resolve: {error}"))),
        Ok(Ok(found)) => {
            let addresses: BTreeSet<String> = found.map(|address| address.ip().to_string()).collect();
            Heard::document(&json!({ "addresses": addresses }), start.elapsed())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::ask;
    use crate::domain::probe::cannot::Word;
    use crate::domain::probe::heard::Answer;

    #[tokio::test]
    async fn a_name_has_addresses_or_does_not_resolve() {
        let Answer::Document(found) = ask("127.0.0.1", Duration::from_secs(20)).await.answer else {
            panic!("a document")
        };
        assert_eq!(found, r#"{"addresses":["127.0.0.1"]}"#);
        let nobody = ask("no-such-host.invalid", Duration::from_secs(20)).await;
        assert_eq!(nobody.cannot.map(|cannot| cannot.word), Some(Word::Dns));
    }
}
