//! The alerts of a monitor: whom they reach, and what is said of it on the terminal.

use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::adapter::alerts::Sender;
use crate::adapter::clock;
use crate::adapter::environment::Environment;
use crate::adapter::halt::Halt;
use crate::adapter::history::History;
use crate::adapter::ledger::Ledger;
use crate::adapter::workspace::Workspace;
use crate::cli::console::Console;
use crate::domain::alert::case::{Case, Cases, Subject};
use crate::domain::integration::Name;
use crate::engine::monitor::alarm::{self, Alarm, Board, Told};
use crate::engine::monitor::desk::Desk;
use crate::report::digest::number;
use crate::report::terminal;

/// Alerts that are being sent beside the rounds.
pub struct Alerting {
    end: Halt,
    sending: JoinHandle<usize>,
}

/// Lets a desk alert people, where channels are declared for its environment. Cases of services that are only not watched now
/// stay as they are.
///
/// # Errors
/// A channel cannot be used: its secret is absent, or is none. Or the history cannot be read.
pub async fn begin(
    desk: Desk,
    workspace: &Workspace,
    environment: &Environment,
    (history, ledger): (History, Ledger),
    is_concerned: &dyn Fn(&Name) -> bool,
    console: Console,
) -> anyhow::Result<(Desk, Option<Alerting>)> {
    let alerts = &workspace.inventory.alerts;
    let Some(plan) = alerts.plan(&workspace.inventory.name, environment.name()) else { return Ok((desk, None)) };
    let used = alerts.channels.iter().filter(|(name, _)| plan.ways.contains_key(*name));
    let sender = Arc::new(Sender::open(used, environment)?);
    let is_ours = |case: &Case| match &case.subject {
        Subject::Service(name) => is_concerned(name),
        Subject::Channel(_) => true,
    };
    let open: Vec<Case> = history.cases().await?.into_iter().filter(is_ours).collect();
    let channels: Vec<&str> = plan.ways.keys().map(String::as_str).collect();
    console.say(&format!("alerts go to {}", channels.join(", ")));
    let (board, end) = (Board::default(), Halt::default());
    let alarm = Alarm { history, sender, ledger, board: board.clone() };
    let told = move |told: Told<'_>| console.say(&terminal::alert::line(&of(&told), clock::now(), console.style()));
    let sending = tokio::spawn(alarm::go(alarm, end.clone(), Arc::new(told)));
    Ok((desk.alerting(Cases::resume(plan, open), board), Some(Alerting { end, sending })))
}

/// What is told, as the report knows it.
fn of<'a>(told: &'a Told<'_>) -> terminal::alert::News<'a> {
    use terminal::alert::News;
    let because = |error: &dyn std::error::Error| {
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        format!("{error}{cause}")
    };
    match told {
        Told::Delivered(letter) => News::Delivered(letter),
        Told::Failed(letter) => News::Failed(letter),
        Told::GivenUp(letter) => News::GivenUp(letter),
        Told::Stuck(error) => News::Stuck(because(*error)),
        Told::NoReceipt(error) => News::NoReceipt(because(*error)),
    }
}

impl Alerting {
    /// Sends what is due once more, and says what waits for the next monitor.
    pub async fn finish(self, console: Console) {
        self.end.call();
        match self.sending.await {
            Ok(0) => {}
            Ok(waiting) => {
                let alerts = number(waiting, "alert");
                console.say(&format!("not delivered yet: {alerts}; the next `preflight watch` goes on with it"));
            }
            Err(_) => console.say("the sending of alerts has a defect and stopped; the next `preflight watch` goes on"),
        }
    }
}
