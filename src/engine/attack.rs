//! Attacks a webhook receiver: every case of its scheme is sent, effects are counted, and one suite comes back.

pub mod body;
pub mod campaign;
pub mod clearance;
pub mod count;
pub mod craft;
pub mod event;
pub mod evidence;
pub mod flood;
pub mod line;
pub mod overall;
pub mod prepare;
pub mod scheme;
pub mod timing;

use std::time::Duration;

use crate::adapter::client::Client;
use crate::adapter::clock;
use crate::adapter::delivery::Clearance;
use crate::adapter::halt::Halt;
use crate::adapter::observer::Observer;
use crate::domain::integration::Name;
use crate::domain::receiver::case::{Case, Forgery, Trick};
use crate::domain::receiver::cases;
use crate::domain::receiver::judge::wanted;
use crate::domain::receiver::sender::Sender;
use crate::domain::receiver::traits::{Asks, Given, Traits, asks, fitted};
use crate::domain::record::Outcome;
use crate::domain::record::recorded_exchange::RecordedBody;
use crate::domain::secret::{REDACTED, Redactor};
use crate::domain::suite::{Came, CaseRun, LeftOut, Suite};
use crate::engine::attack::campaign::Campaign;
use crate::engine::attack::count::Counter;
use crate::engine::attack::craft::{Crafter, Delivery};
use crate::engine::attack::line::{Line, Manner};

/// What is to be attacked, and how.
pub struct Order {
    pub crafter: Crafter,
    pub traits: Traits,
    pub sender: Sender,
    pub integration: Option<Name>,
    pub client: Client,
    pub clearance: Clearance,
    /// Names of cases; all where empty.
    pub only: Vec<String>,
    /// How long a right delivery may take.
    pub deadline: Duration,
    /// How long an effect is waited for.
    pub settle: Duration,
    /// The longest pause that is made for a receiver that throttles.
    pub patience: Duration,
    /// Deliveries a second at most.
    pub rate: Option<u32>,
    /// Right deliveries a second; no flood where absent.
    pub flood: Option<u32>,
    /// Answers of each kind whose times are compared; none where zero.
    pub timing: u32,
    pub redactor: Redactor,
}

/// Bytes of an answer that a record keeps.
const KEPT: usize = 600;

/// Runs the suite. It never fails: what could not be asked is unasked.
pub async fn perform(order: &Order, observer: Option<Observer>, halt: Halt) -> Suite {
    let start = clock::start();
    let grace = (order.deadline / 2).max(Duration::from_millis(500));
    let manner = Manner { timeout: order.deadline + grace, patience: order.patience, rate: order.rate };
    let line = Line::new(order.client.clone(), order.clearance.clone(), &manner, &order.crafter.secret);
    let question = order.crafter.craft(Trick::Forgery(Forgery::Missing), 0, clock::now()).ok();
    let given = Given {
        observer: observer.is_some(),
        verify_token: order.crafter.verify_token.is_some(),
        flood: order.flood.is_some(),
    };
    let counter = Counter::new(observer, question, order.settle);
    let mut campaign = Campaign::new(order, line, counter, halt);
    let (mut asked, mut not_applicable) = (Vec::new(), Vec::new());
    for case in cases::all().map(|case| fitted(case, &order.traits, &order.crafter.scheme.name)) {
        let selected = order.only.is_empty() || order.only.iter().any(|name| name == case.name);
        match asks(&case, &order.traits, given) {
            // The first right delivery tells whether anybody is there, also where it is not asked about.
            Asks::Yes if selected || case.name == "valid" => asked.push(case),
            Asks::Unasked(reason) if selected => {
                let judged = crate::domain::receiver::judge::Judged::unasked(reason);
                campaign.note(&case, judged, Vec::new(), campaign::none());
            }
            Asks::NotApplicable(reason) if selected => {
                not_applicable.push(LeftOut { name: case.name.to_owned(), reason: reason.to_owned() });
            }
            _ => {}
        }
    }
    campaign.run(&asked).await;
    let timing = timing::compare(&mut campaign, order.timing).await;
    let duration = start.elapsed();
    let start = clock::start();
    flood::run(&mut campaign, &asked).await;
    let flood_ms = if given.flood { millis(start.elapsed()) } else { 0 };
    for case in &asked {
        if let Trick::Overall(overall) = case.trick {
            let seen = campaign.line.seen();
            let judged = overall::judge(case, overall, &seen, &order.sender, order.deadline);
            campaign.note(case, judged, Vec::new(), campaign::none());
        }
    }
    Suite {
        scheme: order.crafter.scheme.name.to_string(),
        url: order.redactor.text(&told(&order.crafter.url)),
        integration: order.integration.clone(),
        observer: campaign.counter.told(),
        remarks: remarks(&campaign),
        timing,
        requests: campaign.line.sent(),
        lag_ms: campaign.counter.lag.map(millis),
        duration_ms: millis(duration),
        flood_ms,
        cases: runs(order, &campaign),
        not_applicable,
    }
}

/// An address without its query, which may hold a secret.
fn told(url: &url::Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Every case that was asked for, in the order in which cases are told.
fn runs(order: &Order, campaign: &Campaign<'_>) -> Vec<CaseRun> {
    let all = cases::all().map(|case| fitted(case, &order.traits, &order.crafter.scheme.name));
    let selected = all.filter(|case| order.only.is_empty() || order.only.iter().any(|name| name == case.name));
    selected.filter_map(|case| run(order, campaign, &case)).collect()
}

fn run(order: &Order, campaign: &Campaign<'_>, case: &Case) -> Option<CaseRun> {
    let (judged, deliveries, heard) = campaign.done.get(case.name)?;
    let broken = judged.outcome == Outcome::Broken;
    let answers = heard.answers.iter().map(|answer| Came {
        status: answer.outcome.as_ref().ok().copied(),
        no_answer: answer.outcome.as_ref().err().cloned(),
        took_us: u64::try_from(answer.took.as_micros()).unwrap_or(u64::MAX),
        body: (broken && !answer.body.is_empty()).then(|| kept(&answer.body, deliveries, &order.redactor)),
    });
    Some(CaseRun {
        name: case.name.to_owned(),
        family: case.family,
        shows: case.shows.to_owned(),
        sent: case.sent.to_owned(),
        wanted: wanted(case, &order.sender),
        outcome: judged.outcome,
        reason: judged.reason.clone(),
        note: judged.note.clone(),
        findings: judged.findings.clone(),
        answers: answers.collect(),
        effects: match heard.effects {
            crate::domain::receiver::answers::Counted::Effects(effects) => Some(effects),
            crate::domain::receiver::answers::Counted::Unknown(_) => None,
        },
    })
}

/// The beginning of an answer's body, without the secret and without any right signature.
fn kept(body: &[u8], deliveries: &[Delivery], redactor: &Redactor) -> RecordedBody {
    let mut text = redactor.cut_body(&String::from_utf8_lossy(&body[..body.len().min(KEPT)]));
    for right in deliveries.iter().filter_map(|delivery| delivery.right.as_deref()) {
        text = text.replace(right, REDACTED);
    }
    RecordedBody { text: text.into(), length: body.len() as u64, sha256: None }
}

fn remarks(campaign: &Campaign<'_>) -> Vec<String> {
    let seen = campaign.line.seen();
    let mut remarks = Vec::new();
    if let Some(case) = seen.page_in {
        remarks.push(format!("it answers with an HTML page (to `{case}`): is this the receiver's address?"));
    }
    if campaign.line.is_throttled() {
        remarks.push("it throttled the suite (429), which waited as it was told".to_owned());
    }
    if let Some(reason) = &campaign.counter.blind
        && campaign.counter.told().is_some()
    {
        let said = campaign.done.values().any(|(judged, _, _)| judged.reason.as_ref() == Some(reason));
        remarks.extend((!said).then(|| reason.clone()));
    } else if campaign.counter.told().is_some() && !campaign.counter.moved {
        remarks.push("the count of effects never moved, so that nothing had an effect is not shown".to_owned());
    }
    remarks
}
