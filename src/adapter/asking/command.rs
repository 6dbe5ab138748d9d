//! A program: how it ends, and what it writes to its standard output, which is the document.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::adapter::child::{self, ChildError};
use crate::domain::finding::{Code, Finding};
use crate::domain::gauntlet::Ended;
use crate::domain::probe::cannot::{CannotTell, Word};
use crate::domain::probe::heard::{Answer, Heard};

/// Runs it to its end. Its standard error is evidence and decides nothing.
pub async fn ask(line: &[String], variables: &BTreeMap<String, String>, exit: i32, timeout: Duration) -> Heard {
    let program = line.first().cloned().unwrap_or_default();
    let ran = match child::whole(line, variables, timeout).await {
        Ok(ran) => ran,
        Err(error) => {
            let word = match &error {
                ChildError::NotFound { .. } => Word::NoCommand,
                ChildError::TimedOut { .. } => Word::TimedOut,
                _ => Word::Failed,
            };
            return Heard::nothing(CannotTell::new(word, error.to_string()));
        }
    };
    let ended = match ran.how {
        Ended::Exit(code) => format!("exit code {code}"),
        _ => "a signal".to_owned(),
    };
    let wrong = (ran.how != Ended::Exit(exit)).then(|| {
        Finding::new(Code::Status, format!("`{program}` ended with {ended}, promised is exit code {exit}"))
            .expected(format!("exit code {exit}"))
            .actual(ended.clone())
    });
    let heard = Heard { took: ran.took, answer: Answer::Document(ran.stdout.into()), ..Heard::default() };
    let heard = heard.fact("ended", ended).promise(wrong);
    let said = String::from_utf8_lossy(&ran.stderr);
    if said.trim().is_empty() { heard } else { heard.fact("stderr", said.trim()) }
}

#[cfg(all(test, unix))]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::ask;
    use crate::domain::probe::cannot::Word;
    use crate::domain::probe::heard::{Answer, Heard};

    async fn shell(script: &str, millis: u64) -> Heard {
        let line = ["sh", "-c", script].map(str::to_owned);
        let given = BTreeMap::from([("GIVEN".to_owned(), "ok".to_owned())]);
        ask(&line, &given, 0, Duration::from_millis(millis)).await
    }

    #[tokio::test]
    async fn how_a_program_ends_and_what_it_says() {
        let heard = shell("echo \"{\\\"state\\\": \\\"$GIVEN\\\"}\"; echo careful >&2", 20_000).await;
        let Answer::Document(document) = &heard.answer else { panic!("a document") };
        assert_eq!(document, "{\"state\": \"ok\"}\n");
        assert!(heard.facts.contains(&("stderr".to_owned(), "careful".to_owned())), "{:?}", heard.facts);
        assert!(heard.findings.is_empty() && heard.checks == 1);
        // All is well, it says; and it fails.
        let lies = shell("echo '{\"state\": \"ok\"}'; exit 3", 20_000).await;
        assert!(lies.findings[0].message.contains("exit code 3"), "{:?}", lies.findings);
        assert_eq!(shell("sleep 60", 300).await.cannot.map(|cannot| cannot.word), Some(Word::TimedOut));
        let missing = ask(&["/no/such/program".to_owned()], &BTreeMap::new(), 0, Duration::from_secs(20)).await;
        assert_eq!(missing.cannot.map(|cannot| cannot.word), Some(Word::NoCommand));
    }
}
