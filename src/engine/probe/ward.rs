//! Where probes are asked: one client, one set of connections and of values for all probes of an environment.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use secrecy::ExposeSecret as _;
use url::Url;

use crate::adapter::client::caller::Caller;
use crate::adapter::client::habits::Habits;
use crate::adapter::client::{Client, Options, Safety};
use crate::adapter::environment::{Environment, EnvironmentError};
use crate::adapter::halt::Halt;
use crate::adapter::ledger::Ledger;
use crate::adapter::permits::Permits;
use crate::adapter::workspace::Workspace;
use crate::check::schema::Schemas;
use crate::domain::integration::Name;
use crate::domain::probe::cannot::{CannotTell, Word};
use crate::domain::secret::Redactor;
use crate::domain::target::Target;
use crate::engine::probe::plan::{Planned, PlannedStep};
use crate::steps::run::{Party, Run};

/// Everything that probes share while they are asked, however often.
pub struct Ward {
    pub run: Arc<Run>,
    pub environment: String,
    /// Why an integration has no address here.
    pub unreached: BTreeMap<Name, CannotTell>,
    pub ledger: Ledger,
    /// The folder of the workspace.
    pub root: PathBuf,
}

/// Stands where an integration has no address; RFC 2606 keeps the name, and nobody is asked there.
const NOWHERE: &str = "http://no-address.invalid";

impl Ward {
    /// Reads the values that the probes need from an environment.
    ///
    /// # Errors
    /// The environment cannot be read, or a base URL is none.
    pub fn open(
        workspace: &Workspace,
        environment: &Environment,
        ledger: &Ledger,
        planned: &[Planned],
    ) -> anyhow::Result<Self> {
        let (mut parties, mut unreached, mut redactor) = (BTreeMap::new(), BTreeMap::new(), Redactor::default());
        let nowhere = Url::parse(NOWHERE)?;
        for probe in planned {
            let name = &probe.integration;
            if parties.contains_key(name) {
                continue;
            }
            let base_url = match base_url(environment, name)? {
                Ok(url) => url,
                Err(cannot) => {
                    unreached.insert(name.clone(), cannot);
                    nowhere.clone()
                }
            };
            let mut variables = BTreeMap::new();
            for (variable, about) in &probe.manifest.variables {
                if let Some(value) = environment.variable(variable)? {
                    if about.secret {
                        hide(&mut redactor, value.expose_secret());
                    }
                    variables.insert(variable.clone(), value.expose_secret().to_owned());
                }
            }
            let contract = workspace.contracts.get(name);
            let party = Party {
                manifest: (*probe.manifest).clone(),
                base_url,
                fixtures: contract.map(|contract| contract.fixtures.clone()).unwrap_or_default(),
                variables,
                next_request: Mutex::default(),
            };
            parties.insert(name.clone(), party);
        }
        let permits = Permits {
            ledger: ledger.clone(),
            inventory: workspace.inventory.clone(),
            environment: environment.name().to_owned(),
            contracts: workspace.contracts.iter().map(|(name, known)| (name.clone(), known.hash.clone())).collect(),
            redactor: redactor.clone(),
        };
        let client = Client::new(Options::new(Safety::SafeOnly))?.permitted(permits);
        Ok(Self {
            run: Arc::new(run(workspace, parties, client, redactor)),
            environment: environment.name().to_owned(),
            unreached,
            ledger: ledger.clone(),
            root: workspace.root.clone().unwrap_or_default(),
        })
    }

    /// The value of a variable of an integration.
    fn has(&self, integration: &Name, name: &str) -> bool {
        self.run.parties.get(integration).is_some_and(|party| party.variables.contains_key(name))
    }

    /// Why a step cannot be asked here, before anything is asked.
    pub fn lacks(&self, planned: &Planned, step: &PlannedStep) -> Option<CannotTell> {
        let address = self.unreached.get(&planned.integration).filter(|_| needs_address(step));
        // Where nothing can be asked, everything that the whole probe is missing is told at once.
        let needs: BTreeSet<&String> = match address {
            Some(_) => planned.steps.iter().flat_map(|step| &step.needs).collect(),
            None => step.needs.iter().collect(),
        };
        let missing: Vec<&String> = needs.into_iter().filter(|name| !self.has(&planned.integration, name)).collect();
        let is_secret =
            |name: &&String| planned.manifest.variables.get(name.as_str()).is_some_and(|variable| variable.secret);
        let (secret, plain): (Vec<&String>, Vec<&String>) = missing.into_iter().partition(is_secret);
        let told = |names: &[&String]| names.iter().map(|name| format!("${{{name}}}")).collect::<Vec<_>>().join(", ");
        let needs = |names: &[&String]| {
            let verb = if names.len() == 1 { "has" } else { "have" };
            format!("needs {}, which {verb} no value in {}", told(names), self.environment)
        };
        match (address, plain.is_empty(), secret.is_empty()) {
            (Some(cannot), true, true) => Some(cannot.clone()),
            (Some(cannot), ..) => {
                let also = needs(&[plain, secret].concat());
                Some(CannotTell::new(cannot.word, format!("{}; it also {also}", cannot.reason)))
            }
            (None, false, _) => Some(CannotTell::new(Word::NotConfigured, needs(&[plain, secret].concat()))),
            (None, true, false) => Some(CannotTell::new(Word::NoCredentials, needs(&secret))),
            (None, true, true) => None,
        }
    }
}

fn needs_address(step: &PlannedStep) -> bool {
    use crate::domain::probe::ask::Ask;
    match &step.step.ask {
        Ask::Http(_) | Ask::Webhook(_) => true,
        Ask::Tcp(tcp) => tcp.address.is_none(),
        Ask::Tls(tls) => tls.address.is_none(),
        Ask::Dns(dns) => dns.name.is_none(),
        // Whether its server is a process is looked at where it is started.
        Ask::Mcp(_) | Ask::Redis(_) | Ask::Postgres(_) | Ask::Command(_) | Ask::Heartbeat(_) => false,
    }
}

/// What a run of probes is to the sentences.
pub fn run(workspace: &Workspace, parties: BTreeMap<Name, Party>, client: Client, redactor: Redactor) -> Run {
    let schemas = workspace.contracts.values().flat_map(|contract| contract.schemas.clone());
    Run {
        target: Target::Live,
        parties,
        caller: Some(Caller::new(client.clone(), Habits::probe(client.timeout()))),
        client,
        stage: None,
        schemas: Schemas::new(schemas.collect()),
        flags: workspace.flags.clone(),
        switched: BTreeMap::new(),
        capabilities: BTreeSet::from(["live".to_owned()]),
        redactor,
        absent: BTreeMap::new(),
        hosts: Mutex::default(),
        halt: Halt::default(),
        workshop: None,
    }
}

/// Where an integration is here, or why that is not known.
fn base_url(environment: &Environment, name: &Name) -> Result<Result<Url, CannotTell>, EnvironmentError> {
    match environment.base_url(name) {
        Ok(url) => Ok(Ok(url)),
        Err(error @ EnvironmentError::NoBaseUrl { .. }) => {
            let hint = error.hint().unwrap_or_default();
            let told = format!("has no base URL in {}: {hint}", environment.name());
            Ok(Err(CannotTell::new(Word::NotConfigured, told)))
        }
        Err(EnvironmentError::Missing { variable, key, .. }) => {
            let told = format!("needs ${{{variable}}} ({key}), which has no value");
            Ok(Err(CannotTell::new(Word::NotConfigured, told)))
        }
        Err(error) => Err(error),
    }
}

/// Hides a value, and the password in it where it is a URL: a message may show that alone.
fn hide(redactor: &mut Redactor, value: &str) {
    redactor.hide(value);
    if let Ok(url) = Url::parse(value)
        && let Some(password) = url.password()
    {
        redactor.hide(password);
    }
}
