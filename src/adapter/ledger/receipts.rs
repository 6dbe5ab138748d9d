//! Receipts of alerts, each once.

use jiff::Timestamp;

use crate::adapter::ledger::{Ledger, LedgerError};
use crate::domain::alert::receipt::Receipt;
use crate::domain::entry::{Body, Entry};

impl Ledger {
    /// Writes a receipt, and returns its sequence.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn receive(&self, receipt: Receipt, now: Timestamp) -> Result<u64, LedgerError> {
        crate::adapter::files::make_folder(&self.folder)?;
        let mut file = self.open()?;
        self.append_entries(&mut file, std::iter::once(Body::Receipt(Box::new(receipt))), now)
    }

    /// The same where nobody knows whether it was written already, because the program ended in between: the ledger is read
    /// first. Returns the sequence under which it stands.
    ///
    /// # Errors
    /// The ledger cannot be read or written.
    pub fn receive_once(&self, receipt: Receipt, now: Timestamp) -> Result<u64, LedgerError> {
        let (appended, known) = self.decide(now, |history| {
            let is_it = |entry: &&Entry| match &entry.body {
                Body::Receipt(known) => known.letter == receipt.letter,
                _ => false,
            };
            let known = history.entries.iter().rev().find(is_it).map(|entry| entry.sequence);
            (known.is_none().then(|| Body::Receipt(Box::new(receipt))), known)
        })?;
        Ok(known.unwrap_or(appended))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use crate::adapter::ledger::Ledger;
    use crate::domain::alert::message::Action;
    use crate::domain::alert::receipt::Receipt;

    fn receipt(letter: &str) -> Receipt {
        Receipt {
            letter: letter.to_owned(),
            channel: "oncall".to_owned(),
            action: Action::Trigger,
            key: "preflight/w/staging/orders-1".to_owned(),
            subject: "orders".to_owned(),
            environment: "staging".to_owned(),
            delivered: true,
            attempts: 1,
            said: "202 Event processed".to_owned(),
            written: Timestamp::UNIX_EPOCH,
            settled: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_receipt_is_written_once_and_is_no_evidence() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::new(folder.path());
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(ledger.receive(receipt("a"), now).unwrap(), 1);
        assert_eq!(ledger.receive_once(receipt("a"), now).unwrap(), 1);
        assert_eq!(ledger.receive_once(receipt("b"), now).unwrap(), 2);
        let reading = ledger.read().unwrap();
        assert_eq!((reading.history.entries.len(), reading.lost.len()), (2, 0));
        assert_eq!(reading.history.evidence().count() + reading.history.declarations().count(), 0);
    }
}
