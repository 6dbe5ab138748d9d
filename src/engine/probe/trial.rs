//! Tells each probe every lie: it is asked against a right service first, and then against each way of being broken.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use url::Url;

use crate::adapter::client::{Client, Options, Safety};
use crate::adapter::ledger::Ledger;
use crate::adapter::liar::Liar;
use crate::adapter::serve::Reserved;
use crate::adapter::tls;
use crate::adapter::workspace::Workspace;
use crate::domain::integration::Name;
use crate::domain::probe::lie::{Fate, Lie, Told, Trial, Tried};
use crate::domain::probe::run::ProbeRun;
use crate::domain::probe::thresholds::{Bar, Thresholds};
use crate::domain::record::Outcome;
use crate::domain::secret::Redactor;
use crate::engine::probe::perform::perform;
use crate::engine::probe::plan::Planned;
use crate::engine::probe::truth::{Truth, mouth};
use crate::engine::probe::ward::{Ward, run};
use crate::engine::serve::{Order, Served, serve};
use crate::engine::twins;
use crate::steps::promise::Part;
use crate::steps::run::Party;

/// The version of the document.
const VERSION: u32 = 1;

/// How often the truth is told to a probe that does not believe it: a machine that is busy is slow, too.
const ATTEMPTS: usize = 3;

/// Probes that are tried at the same time.
const AT_ONCE: usize = 8;

/// What a hanging service is waited for beyond the bar of slowness.
const BEYOND: Duration = Duration::from_secs(1);

/// Tries them all, so many lies at a time.
///
/// # Errors
/// A twin cannot start, or no port can be had.
pub async fn try_all(
    workspace: &Workspace,
    planned: Vec<Planned>,
    ledger: &Ledger,
    jobs: usize,
) -> anyhow::Result<Trial> {
    let modelled: BTreeSet<&Name> =
        planned.iter().map(|probe| &probe.integration).filter(|name| twins::names().contains(&name.as_str())).collect();
    let order = Order {
        names: modelled.iter().map(|name| (*name).clone()).collect(),
        port: None,
        certificate: None,
        upstreams: BTreeMap::new(),
        settings: Vec::new(),
        faults: Vec::new(),
        seed: 0,
        follows: Vec::new(),
        told: Arc::new(|_| {}),
        gaps: Arc::new(|_| {}),
    };
    // Without a name it would serve them all.
    let serving = if modelled.is_empty() { None } else { Some(serve(workspace, order).await?) };
    let served: &[Served] = serving.as_ref().map_or(&[], |serving| &serving.twins);
    // A lie that is waited for costs nothing but time.
    let tried = planned.into_iter().map(|probe| Bench::of(workspace, probe, served, ledger).try_it(jobs));
    let tried: Vec<_> = stream::iter(tried).buffered(AT_ONCE).collect().await;
    Ok(Trial { version: VERSION, tried: tried.into_iter().collect::<anyhow::Result<_>>()? })
}

/// A probe and the right service that it is tried with.
struct Bench<'a> {
    workspace: &'a Workspace,
    ledger: &'a Ledger,
    planned: Planned,
    /// The same without its bars of time: what a busy machine is slow at is no lie that was noticed.
    patient: Planned,
    truth: Option<Arc<Truth>>,
    left_out: Vec<String>,
    slow: Duration,
}

impl<'a> Bench<'a> {
    fn of(workspace: &'a Workspace, mut planned: Planned, served: &[Served], ledger: &'a Ledger) -> Self {
        let twin = served.iter().find(|twin| twin.name == planned.integration);
        let truth = match (twin, planned.truth.as_ref()) {
            (Some(twin), _) => Truth::of_twin(twin),
            (None, Some(script)) => Some(Truth::of_script(script, &planned.manifest)),
            (None, None) => None,
        };
        let (asked, others): (Vec<_>, Vec<_>) =
            planned.steps.into_iter().partition(|step| step.step.ask.kind().is_over_http());
        let left_out = others.iter().map(|step| format!("{} ({})", step.step.name, step.step.ask.kind())).collect();
        planned.steps = asked;
        let slow = Duration::from_millis(planned.probe.thresholds().degraded.p95_ms);
        let most = u64::try_from((slow + BEYOND).as_millis()).unwrap_or(u64::MAX);
        planned.probe.timeout_ms = planned.probe.timeout_ms.min(most);
        for step in &mut planned.steps {
            step.step.timeout_ms = step.step.timeout_ms.map(|own| own.min(most));
        }
        let patient = patient(&planned);
        Self { workspace, ledger, planned, patient, truth: truth.map(Arc::new), left_out, slow }
    }

    async fn try_it(self, jobs: usize) -> anyhow::Result<Tried> {
        let unproven = self.hurdle().await?;
        let mut told = Vec::new();
        if unproven.is_none() {
            let lies: Vec<_> = stream::iter(Lie::ALL).map(|lie| self.tell(lie)).buffered(jobs.max(1)).collect().await;
            told = lies.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
        }
        let truth = self.truth.as_ref().map_or("", |truth| truth.word()).to_owned();
        Ok(Tried {
            probe: self.planned.probe.name,
            integration: self.planned.integration,
            truth,
            unproven,
            left_out: self.left_out,
            told,
        })
    }

    /// Why no lie shows anything: nobody knows the truth, or the probe does not believe it.
    async fn hurdle(&self) -> anyhow::Result<Option<String>> {
        if !self.planned.steps.iter().any(|step| step.step.advice.is_none()) {
            return Ok(Some("it asks nothing over HTTP that decides, so nobody can lie to it here".to_owned()));
        }
        let Some(truth) = &self.truth else {
            let told = format!(
                "no twin models {}, and `truth` in {} says no right answer",
                self.planned.integration, self.planned.path
            );
            return Ok(Some(told));
        };
        let mut last = String::new();
        for _ in 0..ATTEMPTS {
            let lied = Arc::new(AtomicBool::new(false));
            let liar = Liar::serve(mouth(Arc::clone(truth), None, self.slow, lied), None).await?;
            let client = Client::new(Options::new(Safety::SafeOnly))?;
            let run = self.ask(&self.patient, &liar.url, client).await?;
            if run.outcome == Outcome::Kept {
                return Ok(None);
            }
            last = why(&run);
        }
        Ok(Some(format!("it does not believe the truth: {last}")))
    }

    async fn tell(&self, lie: Lie) -> anyhow::Result<Told> {
        let lied = Arc::new(AtomicBool::new(false));
        let plain = || Client::new(Options::new(Safety::SafeOnly));
        let Some(truth) = &self.truth else { anyhow::bail!("there is no truth to lie about") };
        let run = match lie {
            Lie::Down => {
                // A port that is kept and at which nobody listens.
                let nobody = Reserved::port()?;
                lied.store(true, Ordering::Relaxed);
                self.ask(&self.patient, &format!("http://{}", nobody.address), plain()?).await?
            }
            Lie::ExpiredCertificate => {
                let identity = tls::expired(&[])?;
                // Trusted, so that its time alone is what is wrong with it.
                let client = Client::trusting(Options::new(Safety::SafeOnly), &identity.certificate)?;
                let mouth = mouth(Arc::clone(truth), None, self.slow, Arc::clone(&lied));
                let liar = Liar::serve(mouth, Some(identity.acceptor)).await?;
                lied.store(true, Ordering::Relaxed);
                self.ask(&self.patient, &liar.url, client).await?
            }
            _ => {
                let mouth = mouth(Arc::clone(truth), Some(lie), self.slow, Arc::clone(&lied));
                let liar = Liar::serve(mouth, None).await?;
                let is_of_time = matches!(lie, Lie::Slow | Lie::Hanging);
                let planned = if is_of_time { &self.planned } else { &self.patient };
                self.ask(planned, &liar.url, plain()?).await?
            }
        };
        let fate = if !lied.load(Ordering::Relaxed) {
            Fate::Void { why: void(lie).to_owned() }
        } else if run.outcome == Outcome::Kept {
            Fate::Believed
        } else {
            Fate::Noticed { outcome: run.outcome, told: why(&run) }
        };
        Ok(Told { lie, fate })
    }

    /// Asks the probe at an address.
    async fn ask(&self, planned: &Planned, url: &str, client: Client) -> anyhow::Result<ProbeRun> {
        let variables = self.truth.as_ref().map(|truth| truth.variables.clone()).unwrap_or_default();
        let mut redactor = Redactor::default();
        for (name, value) in &variables {
            if self.planned.manifest.variables.get(name).is_some_and(|variable| variable.secret) {
                redactor.hide(value);
            }
        }
        let contract = self.workspace.contracts.get(&self.planned.integration);
        let party = Party {
            manifest: (*self.planned.manifest).clone(),
            base_url: Url::parse(url)?,
            fixtures: contract.map(|contract| contract.fixtures.clone()).unwrap_or_default(),
            variables,
            next_request: Mutex::default(),
        };
        let parties = BTreeMap::from([(self.planned.integration.clone(), party)]);
        let ward = Ward {
            run: Arc::new(run(self.workspace, parties, client, redactor)),
            environment: "proof".to_owned(),
            unreached: BTreeMap::new(),
            ledger: self.ledger.clone(),
            root: self.workspace.root.clone().unwrap_or_default(),
        };
        Ok(perform(&ward, planned).await)
    }
}

/// Milliseconds for which a patient probe waits.
const PATIENCE_MS: u64 = 60_000;

fn patient(planned: &Planned) -> Planned {
    let mut patient = planned.clone();
    let bar = |success_percent| Bar { success_percent, p95_ms: PATIENCE_MS };
    patient.probe.thresholds = Some(Thresholds { healthy: bar(95.0), degraded: bar(90.0) });
    patient.probe.timeout_ms = PATIENCE_MS;
    for step in &mut patient.steps {
        step.step.timeout_ms = None;
        step.promises.retain(|promise| promise.part != Part::Time);
    }
    patient
}

/// What decided, in a few words.
fn why(run: &ProbeRun) -> String {
    let Some(step) = run.culprit() else { return run.outcome.as_str().to_owned() };
    let broken = step.findings.first().map(|finding| finding.message.clone());
    let cannot = || step.cannot.as_ref().map(ToString::to_string);
    format!("{}: {}", step.name, broken.or_else(cannot).unwrap_or_else(|| step.outcome.as_str().to_owned()))
}

/// Why a lie changed nothing.
fn void(lie: Lie) -> &'static str {
    match lie {
        Lie::WrongTenant => "nothing that it is answered names the account",
        Lie::SilentCache => "nothing that it is answered names a time of now",
        Lie::StrippedHeader => "it sends no header that authenticates",
        Lie::StaleCache => "no cache keeps answers to what it asks",
        _ => "no request came",
    }
}
