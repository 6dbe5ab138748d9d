//! The outbox of a history: cases and letters, written together with the incidents that they come from.

use jiff::Timestamp;
use rusqlite::params;

use crate::adapter::history::batch::Batch;
use crate::adapter::history::error::HistoryError;
use crate::adapter::history::sqlite::Sqlite;
use crate::adapter::history::sqlite::write::Change;
use crate::domain::alert::case::Case;
use crate::domain::alert::letter::Letter;

/// Days that letters and cases are kept after their end (the users' year for incidents).
const DAYS: i64 = 366;

/// A letter that is known is not written again: what became of it would be forgotten, and it would be sent twice.
const ADD: &str = "INSERT INTO outbox (id, channel, created_at, settled_at, open, state, document)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
const REPLACE: &str = "INSERT OR REPLACE INTO outbox (id, channel, created_at, settled_at, open, state, document)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// Of each channel the letter that was settled last: beside `max`, `SQLite` gives the columns of the row that has it.
const LAST: &str = "SELECT id, document FROM (
    SELECT id, document, max(settled_at) FROM outbox WHERE settled_at IS NOT NULL AND state <> 'overtaken' GROUP BY channel)";

impl Change<'_> {
    /// Writes what a batch holds of alerts.
    pub fn alerts(&self, batch: &Batch) -> Result<(), HistoryError> {
        for case in &batch.cases {
            if case.over.is_some() && case.fired.is_empty() {
                // Nobody was told of it.
                self.run("DELETE FROM cases WHERE id = ?1", [&case.id])?;
                continue;
            }
            let document = self.text("a case", case)?;
            let row = params![case.id, case.over.map(Timestamp::as_second), document];
            self.run("INSERT OR REPLACE INTO cases (id, over_at, document) VALUES (?1, ?2, ?3)", row)?;
        }
        batch.letters.iter().try_for_each(|letter| self.letter(letter, ADD))
    }

    fn letter(&self, letter: &Letter, how: &str) -> Result<(), HistoryError> {
        let document = self.text("a letter", letter)?;
        let is_open = letter.is_waiting() || letter.wants_receipt();
        let row = params![
            letter.id,
            letter.channel,
            letter.message.at.as_millisecond(),
            letter.settled.map(Timestamp::as_millisecond),
            is_open,
            letter.state.as_str(),
            document,
        ];
        self.run(how, row).map(|_| ())
    }

    /// Lets go of what was over long ago.
    pub fn old_alerts(&self, now: Timestamp) -> Result<(), HistoryError> {
        let before = now.as_second() - DAYS * 86_400;
        self.run("DELETE FROM cases WHERE over_at < ?1", [before])?;
        self.run("DELETE FROM outbox WHERE open = 0 AND settled_at < ?1", [before * 1000]).map(|_| ())
    }
}

impl Sqlite {
    /// The cases that are not over.
    ///
    /// # Errors
    /// The file cannot be read, or a case in it.
    pub fn cases(&self) -> Result<Vec<Case>, HistoryError> {
        let all = self.documents("SELECT id, document FROM cases WHERE over_at IS NULL ORDER BY id", [])?;
        all.into_iter().map(|(_, document)| self.read("a case", &document)).collect()
    }

    /// The letters that wait, and those of which the ledger does not know what became of them; the oldest first.
    ///
    /// # Errors
    /// The file cannot be read, or a letter in it.
    pub fn open_letters(&self) -> Result<Vec<Letter>, HistoryError> {
        self.letters("SELECT id, document FROM outbox WHERE open = 1 ORDER BY created_at, id")
    }

    /// Of each channel the letter of which it was known last what became of it.
    ///
    /// # Errors
    /// The file cannot be read, or a letter in it.
    pub fn last_letters(&self) -> Result<Vec<Letter>, HistoryError> {
        self.letters(LAST)
    }

    fn letters(&self, query: &str) -> Result<Vec<Letter>, HistoryError> {
        self.documents(query, [])?.into_iter().map(|(_, document)| self.read("a letter", &document)).collect()
    }

    /// Writes down what became of letters.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn settle(&mut self, letters: &[Letter]) -> Result<(), HistoryError> {
        self.is_there()?;
        self.change(|change| letters.iter().try_for_each(|letter| change.letter(letter, REPLACE)))
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use crate::adapter::history::batch::Batch;
    use crate::adapter::history::sqlite::Sqlite;
    use crate::domain::alert::channel::Kind;
    use crate::domain::alert::letter::{Fate, Letter, Patience, State};
    use crate::domain::alert::message::Message;

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn letter(id: &str, channel: &str) -> Letter {
        Letter::new(id.to_owned(), channel, "orders-1", Message::test("w", "staging", channel, now()))
    }

    fn delivered(mut letter: Letter, seconds: i64) -> Letter {
        let at = now() + SignedDuration::from_secs(seconds);
        letter.settle(Fate::Delivered("ok".to_owned()), at, Patience::of(Kind::Slack), 0.0);
        letter
    }

    fn ids(letters: Vec<Letter>) -> Vec<String> {
        letters.into_iter().map(|letter| letter.id).collect()
    }

    #[test]
    fn what_became_of_a_letter_is_not_forgotten_when_it_is_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let mut history = Sqlite::open(&path).unwrap();
        let batch = Batch { letters: vec![letter("a", "ops"), letter("b", "oncall")], ..Batch::default() };
        history.write(&batch).unwrap();
        assert_eq!(ids(history.open_letters().unwrap()), ["a", "b"]);
        history.settle(&[delivered(letter("a", "ops"), 1)]).unwrap();
        history.write(&batch).unwrap();
        drop(history);
        let mut history = Sqlite::open(&path).unwrap();
        let open = history.open_letters().unwrap();
        assert_eq!(open.iter().map(|letter| letter.state).collect::<Vec<_>>(), [State::Delivered, State::Waiting]);
        // With a receipt nothing is left to be done.
        history.settle(&[Letter { receipt: Some(7), ..open[0].clone() }]).unwrap();
        assert_eq!(ids(history.open_letters().unwrap()), ["b"]);
    }

    #[test]
    fn the_latest_letter_of_each_channel_is_found_and_old_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        let mut history = Sqlite::open(&folder.path().join("history.db")).unwrap();
        let done =
            |id: &str, channel: &str, seconds| Letter { receipt: Some(1), ..delivered(letter(id, channel), seconds) };
        let mut late = letter("d", "ops");
        late.overtaken(now() + SignedDuration::from_secs(9));
        history
            .settle(&[done("a", "ops", 1), done("b", "ops", 3), done("c", "mail", 2), late, letter("e", "mail")])
            .unwrap();
        let mut last = ids(history.last_letters().unwrap());
        last.sort();
        assert_eq!(last, ["b", "c"]);
        history.compact(now() + SignedDuration::from_hours(367 * 24)).unwrap();
        assert!(history.last_letters().unwrap().is_empty());
        assert_eq!(ids(history.open_letters().unwrap()), ["e"], "what waits is not let go of");
    }
}
