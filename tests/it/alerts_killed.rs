//! A monitor that is killed at any step between seeing an outage and writing its receipt: nothing is lost, and the vendor can
//! tell what came twice.
//!
//! Where the program stands when it is killed is decided from outside: a lock on the history or on the ledger, or a vendor that
//! does not answer, holds it there.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::alerts::{Monitor, PAGER, Service, events, pagerduty, taken, until, url};
use crate::server::{Asked, Server};
use crate::shell::Folder;

fn path(folder: &Folder) -> std::path::PathBuf {
    folder.path().join("reports/history/staging.db")
}

/// State and receipt of each letter of the outbox, by its id; none where there is no outbox yet.
fn letters(folder: &Folder) -> Vec<(String, Option<u64>)> {
    let read = || -> rusqlite::Result<Vec<String>> {
        let history = Connection::open_with_flags(path(folder), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut query = history.prepare("SELECT document FROM outbox ORDER BY created_at, id")?;
        query.query_map([], |row| row.get(0))?.collect()
    };
    let letter = |document: String| {
        let letter: Value = serde_json::from_str(&document).expect("JSON");
        (letter["state"].as_str().unwrap_or_default().to_owned(), letter["receipt"].as_u64())
    };
    read().unwrap_or_default().into_iter().map(letter).collect()
}

/// Holds the history so that nobody can write it.
fn held(folder: &Folder) -> Connection {
    let history = Connection::open(path(folder)).expect("a history");
    history.busy_timeout(std::time::Duration::from_secs(30)).expect("patience");
    history.execute_batch("BEGIN IMMEDIATE").expect("it is held");
    history
}

/// Holds the ledger in the same way.
fn held_ledger(folder: &Folder) -> File {
    let path = folder.path().join("reports/ledger.jsonl");
    let ledger = File::options().create(true).append(true).open(path).expect("a ledger");
    ledger.lock().expect("it is held");
    ledger
}

fn receipts(folder: &Folder) -> Vec<String> {
    let ledger = std::fs::read_to_string(folder.path().join("reports/ledger.jsonl")).unwrap_or_default();
    // A line that is being written is seen the next time.
    let letter = |line: &str| {
        let entry: Value = serde_json::from_str(line).ok()?;
        entry["body"]["receipt"]["letter"].as_str().map(str::to_owned)
    };
    ledger.lines().filter_map(letter).collect()
}

/// A service, a pager, and a monitor that has seen it well.
struct House {
    service: Service,
    folder: Folder,
}

impl House {
    fn new() -> Self {
        let service = Service::start();
        let folder = service.folder(PAGER);
        Self { service, folder }
    }

    fn watch(&self, pager: &Server) -> Monitor {
        Monitor::start(&self.folder, &[("PAGER_URL", &url(pager))])
    }

    /// Until the history is there and the service was asked.
    fn settle_in(&self) {
        until("the history is there", || path(&self.folder).exists() && self.service.asked() >= 2);
        let is_made = || {
            let history = Connection::open_with_flags(path(&self.folder), OpenFlags::SQLITE_OPEN_READ_ONLY).ok();
            history.is_some_and(|history| history.prepare("SELECT 1 FROM outbox").is_ok())
        };
        until("the history is made", is_made);
    }

    /// Lets another monitor go on until all is over and noted, and says how the story went: the triggers and resolves that
    /// came, with one key, and one receipt for each letter.
    fn ends_well(&self, pager: &Server) -> (usize, usize) {
        let monitor = self.watch(pager);
        until("a trigger came", || events(pager).iter().any(|(action, _)| action == "trigger"));
        self.service.is(true);
        until("a resolve came", || events(pager).iter().any(|(action, _)| action == "resolve"));
        until("all is noted", || {
            let letters = letters(&self.folder);
            letters.len() >= 2 && letters.iter().all(|(state, receipt)| state == "delivered" && receipt.is_some())
        });
        drop(monitor);
        let events = events(pager);
        let keys: BTreeSet<&String> = events.iter().map(|(_, key)| key).collect();
        assert_eq!(keys.len(), 1, "{events:?}");
        let receipts = receipts(&self.folder);
        assert_eq!(receipts.iter().collect::<BTreeSet<_>>().len(), receipts.len(), "{receipts:?}");
        assert_eq!(receipts.len(), letters(&self.folder).len());
        let count = |wanted: &str| events.iter().filter(|(action, _)| action == wanted).count();
        (count("trigger"), count("resolve"))
    }
}

#[test]
fn seen_and_not_written() {
    let (house, pager) = (House::new(), pagerduty());
    let monitor = house.watch(&pager);
    house.settle_in();
    let history = held(&house.folder);
    house.service.is(false);
    let asked = house.service.asked();
    until("it was seen to fail", || house.service.asked() >= asked + 5);
    monitor.kill();
    assert_eq!(events(&pager), [], "nothing is sent that is not written");
    drop(history);
    assert_eq!(house.ends_well(&pager), (1, 1));
}

#[test]
fn written_and_not_sent() {
    let (house, pager) = (House::new(), pagerduty());
    // Nobody is there: the port is free, and stays so.
    let nobody = Monitor::start(&house.folder, &[("PAGER_URL", "http://127.0.0.1:9")]);
    house.settle_in();
    house.service.is(false);
    until("it was written", || !letters(&house.folder).is_empty());
    nobody.kill();
    assert_eq!(letters(&house.folder)[0].0, "waiting");
    assert_eq!(house.ends_well(&pager), (1, 1));
}

#[test]
fn sent_and_not_answered() {
    let house = House::new();
    let is_silent = Arc::new(AtomicBool::new(true));
    let silent = Arc::clone(&is_silent);
    let pager = Server::start(move |_: &Asked, out: &mut dyn Write| {
        if silent.load(Ordering::SeqCst) {
            // As long as the program lives that asks.
            until("it is killed", || !silent.load(Ordering::SeqCst));
        } else {
            taken(out);
        }
    });
    let monitor = house.watch(&pager);
    house.settle_in();
    house.service.is(false);
    until("it was sent", || !events(&pager).is_empty());
    monitor.kill();
    is_silent.store(false, Ordering::SeqCst);
    let (triggers, resolves) = house.ends_well(&pager);
    assert_eq!((triggers, resolves), (2, 1), "the same key twice, which is one alert");
}

#[test]
fn answered_and_not_noted() {
    let house = House::new();
    let held_by = Arc::new(std::sync::Mutex::new(None));
    let (holder, place) = (Arc::clone(&held_by), house.folder.path().join("reports/history/staging.db"));
    let pager = Server::start(move |_: &Asked, out: &mut dyn Write| {
        let mut holder = holder.lock().expect("the lock");
        if holder.is_none() {
            let history = Connection::open(&place).expect("a history");
            history.busy_timeout(std::time::Duration::from_secs(30)).expect("patience");
            history.execute_batch("BEGIN IMMEDIATE").expect("it is held");
            *holder = Some(history);
        }
        taken(out);
    });
    let monitor = house.watch(&pager);
    house.settle_in();
    house.service.is(false);
    until("it was answered", || held_by.lock().expect("the lock").is_some());
    let asked = house.service.asked();
    until("it goes on", || house.service.asked() >= asked + 2);
    monitor.kill();
    held_by.lock().expect("the lock").as_ref().expect("a history").execute_batch("ROLLBACK").expect("it is let go");
    assert_eq!(letters(&house.folder)[0].0, "waiting");
    assert_eq!(house.ends_well(&pager), (2, 1), "the same key twice, which is one alert");
}

#[test]
fn noted_and_no_receipt() {
    let (house, pager) = (House::new(), pagerduty());
    let monitor = house.watch(&pager);
    house.settle_in();
    let ledger = held_ledger(&house.folder);
    house.service.is(false);
    until("it was noted", || letters(&house.folder).first().is_some_and(|(state, _)| state == "delivered"));
    monitor.kill();
    drop(ledger);
    assert_eq!(receipts(&house.folder), [""; 0]);
    assert_eq!(house.ends_well(&pager), (1, 1));
}

#[test]
fn received_and_not_noted() {
    let (house, pager) = (House::new(), pagerduty());
    let monitor = house.watch(&pager);
    house.settle_in();
    let ledger = held_ledger(&house.folder);
    house.service.is(false);
    until("it was noted", || letters(&house.folder).first().is_some_and(|(state, _)| state == "delivered"));
    let history = held(&house.folder);
    drop(ledger);
    until("the ledger has it", || !receipts(&house.folder).is_empty());
    monitor.kill();
    drop(history);
    assert_eq!(letters(&house.folder)[0].1, None);
    assert_eq!(house.ends_well(&pager), (1, 1));
}
