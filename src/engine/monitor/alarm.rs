//! Sends the letters that were written down, beside the rounds: none waits for a probe, and no probe for one.
//!
//! A letter is sent only after the history holds it, and is settled only there: whenever the program ends, the next one knows
//! what is still to be sent. What was sent and could not be noted in time is sent again, with the same key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;

use crate::adapter::alerts::Sender;
use crate::adapter::halt::Halt;
use crate::adapter::history::History;
use crate::adapter::history::error::HistoryError;
use crate::adapter::ledger::{Ledger, LedgerError};
use crate::adapter::stage::lock;
use crate::adapter::{clock, random};
use crate::domain::alert::letter::{Fate, Letter, State};
use crate::domain::alert::outbox::{self, Trouble};
use crate::domain::alert::receipt::Receipt;

/// From one look at the outbox to the next.
const TICK: Duration = Duration::from_millis(500);
/// How long letters that are on their way are waited for at the end.
const LAST: Duration = Duration::from_secs(10);

/// Between the desk and the sending: which channels do not deliver, and letters that the history could not take in time.
#[derive(Clone, Debug, Default)]
pub struct Board(Arc<Mutex<Notes>>);

#[derive(Debug, Default)]
struct Notes {
    troubles: BTreeMap<String, Trouble>,
    urgent: BTreeMap<String, Letter>,
}

impl Board {
    pub fn troubles(&self) -> BTreeMap<String, Trouble> {
        lock(&self.0).troubles.clone()
    }

    /// Has a letter sent though it is not written down: late news may come twice, none may never come.
    pub fn hurry(&self, letter: &Letter) {
        lock(&self.0).urgent.entry(letter.id.clone()).or_insert_with(|| letter.clone());
    }

    /// The letters that are sent though they are not written down.
    pub fn urgent(&self) -> Vec<Letter> {
        std::mem::take(&mut lock(&self.0).urgent).into_values().collect()
    }

    fn write(&self, troubles: BTreeMap<String, Trouble>) {
        lock(&self.0).troubles = troubles;
    }
}

/// What the sending of alerts works with.
pub struct Alarm {
    pub history: History,
    pub sender: Arc<Sender>,
    pub ledger: Ledger,
    pub board: Board,
}

/// What is told while it goes on.
#[derive(Debug)]
pub enum Told<'a> {
    /// It arrived.
    Delivered(&'a Letter),
    /// It did not, and is sent again when it is due.
    Failed(&'a Letter),
    /// It will not be sent again.
    GivenUp(&'a Letter),
    /// The outbox cannot be read or written now.
    Stuck(&'a HistoryError),
    /// The ledger cannot be told now.
    NoReceipt(&'a LedgerError),
}

/// Who hears of it.
pub type Tell = Arc<dyn Fn(Told) + Send + Sync>;

/// Sends until it is told to end, and then what is due once more. Returns how many letters wait still.
pub async fn go(alarm: Alarm, end: Halt, tell: Tell) -> usize {
    let mut office = Office::new(alarm, tell);
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = end.called() => break,
            Some(sent) = office.sending.join_next(), if !office.sending.is_empty() => office.settle(sent.ok()).await,
            Some(noted) = office.noting.join_next(), if !office.noting.is_empty() => office.noted(noted.ok()).await,
            _ = tick.tick() => office.look().await,
        }
    }
    // What waits longer is sent by the next one.
    let last = tokio::time::timeout(LAST, office.finish()).await;
    drop(last);
    office.waiting()
}

struct Office {
    alarm: Alarm,
    tell: Tell,
    /// Letters that wait, or of which the ledger does not know yet.
    open: BTreeMap<String, Letter>,
    /// Those of them that the history does not have as they are.
    unwritten: BTreeSet<String>,
    /// What became of the latest letter of each channel.
    last: BTreeMap<String, Letter>,
    /// Letters whose end this program has seen: nobody else can have told the ledger.
    seen: BTreeSet<String>,
    busy: BTreeSet<String>,
    sending: JoinSet<(Letter, Fate)>,
    noting: JoinSet<(String, Result<u64, LedgerError>)>,
    is_stuck: bool,
    is_loaded: bool,
}

impl Office {
    fn new(alarm: Alarm, tell: Tell) -> Self {
        Self {
            alarm,
            tell,
            open: BTreeMap::new(),
            unwritten: BTreeSet::new(),
            last: BTreeMap::new(),
            seen: BTreeSet::new(),
            busy: BTreeSet::new(),
            sending: JoinSet::new(),
            noting: JoinSet::new(),
            is_stuck: false,
            is_loaded: false,
        }
    }

    /// Reads what is there, and sends what is due.
    async fn look(&mut self) {
        // Of several that share a history one speaks for all.
        if !self.alarm.history.leads() {
            return;
        }
        if let Err(error) = self.read().await {
            self.stuck(&error);
        }
        for letter in self.alarm.board.urgent() {
            self.take(letter);
        }
        self.write().await;
        let now = clock::now();
        let mut waiting: Vec<&Letter> = self.open.values().filter(|letter| letter.is_waiting()).collect();
        waiting.sort_by_key(|letter| (letter.message.at, number(letter)));
        let due = outbox::due(&waiting, &self.busy, now);
        for id in due.overtaken {
            if let Some(letter) = self.open.get_mut(&id) {
                letter.overtaken(now);
                self.unwritten.insert(id);
            }
        }
        for id in due.send {
            let Some(letter) = self.open.get(&id).cloned() else { continue };
            self.busy.insert(letter.channel.clone());
            let sender = Arc::clone(&self.alarm.sender);
            self.sending.spawn(async move {
                let fate = sender.send(&letter).await;
                (letter, fate)
            });
        }
        self.note(now);
        self.show();
    }

    async fn read(&mut self) -> Result<(), HistoryError> {
        if !self.is_loaded {
            let last = self.alarm.history.last_letters().await?;
            self.last.extend(last.into_iter().map(|letter| (letter.channel.clone(), letter)));
            self.is_loaded = true;
        }
        for letter in self.alarm.history.open_letters().await? {
            self.take(letter);
        }
        Ok(())
    }

    /// What is known here is newer than what anybody else has.
    fn take(&mut self, letter: Letter) {
        if !self.seen.contains(&letter.id) {
            self.open.entry(letter.id.clone()).or_insert(letter);
        }
    }

    /// What came of sending a letter.
    async fn settle(&mut self, sent: Option<(Letter, Fate)>) {
        // A task that panicked is a defect; what it held is sent again by the next program.
        let Some((mut letter, fate)) = sent else { return };
        let Some(patience) = self.alarm.sender.patience(&letter.channel) else { return };
        self.busy.remove(&letter.channel);
        letter.settle(fate, clock::now(), patience, random::chance());
        match letter.state {
            State::Delivered => (self.tell)(Told::Delivered(&letter)),
            State::GivenUp => (self.tell)(Told::GivenUp(&letter)),
            State::Waiting | State::Overtaken => (self.tell)(Told::Failed(&letter)),
        }
        if !letter.is_waiting() {
            self.seen.insert(letter.id.clone());
            self.last.insert(letter.channel.clone(), letter.clone());
        }
        self.unwritten.insert(letter.id.clone());
        self.open.insert(letter.id.clone(), letter);
        self.write().await;
        self.note(clock::now());
        self.show();
    }

    /// Has the history hold what is known here.
    async fn write(&mut self) {
        let ids: Vec<String> = self.unwritten.iter().cloned().collect();
        if ids.is_empty() {
            return;
        }
        let letters: Vec<Letter> = ids.iter().filter_map(|id| self.open.get(id).cloned()).collect();
        match self.alarm.history.settle(letters).await {
            Ok(()) => {
                self.is_stuck = false;
                self.unwritten.clear();
                self.open.retain(|_, letter| letter.is_waiting() || letter.wants_receipt());
            }
            Err(error) => self.stuck(&error),
        }
    }

    /// Has the ledger told what became of letters, one after another.
    fn note(&mut self, now: Timestamp) {
        if !self.noting.is_empty() {
            return;
        }
        let wants = |letter: &&Letter| letter.wants_receipt() && !self.unwritten.contains(&letter.id);
        let Some(letter) = self.open.values().find(wants) else { return };
        let Some(receipt) = Receipt::of(letter) else { return };
        let (ledger, id, is_known) = (self.alarm.ledger.clone(), letter.id.clone(), self.seen.contains(&letter.id));
        // The ledger waits for its lock and for the disk.
        self.noting.spawn_blocking(move || {
            let noted = if is_known { ledger.receive(receipt, now) } else { ledger.receive_once(receipt, now) };
            (id, noted)
        });
    }

    async fn noted(&mut self, noted: Option<(String, Result<u64, LedgerError>)>) {
        match noted {
            Some((id, Ok(sequence))) => {
                if let Some(letter) = self.open.get_mut(&id) {
                    letter.receipt = Some(sequence);
                    self.unwritten.insert(id);
                }
                self.write().await;
                self.note(clock::now());
            }
            // The next look tries again.
            Some((_, Err(error))) => (self.tell)(Told::NoReceipt(&error)),
            None => {}
        }
    }

    fn show(&self) {
        let all = self.open.values().filter(|letter| letter.is_waiting()).chain(self.last.values());
        self.alarm.board.write(outbox::troubles(all));
    }

    fn stuck(&mut self, error: &HistoryError) {
        if !std::mem::replace(&mut self.is_stuck, true) {
            (self.tell)(Told::Stuck(error));
        }
    }

    /// Sends what is due now, and waits for what is on its way.
    async fn finish(&mut self) {
        self.look().await;
        loop {
            tokio::select! {
                Some(sent) = self.sending.join_next(), if !self.sending.is_empty() => {
                    self.settle(sent.ok()).await;
                    self.look().await;
                }
                Some(noted) = self.noting.join_next(), if !self.noting.is_empty() => self.noted(noted.ok()).await,
                else => return,
            }
        }
    }

    fn waiting(&self) -> usize {
        self.open.values().filter(|letter| letter.is_waiting()).count()
    }
}

/// Its place among the letters of its case.
fn number(letter: &Letter) -> u32 {
    letter.id.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}
