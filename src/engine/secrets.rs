//! The audit of secrets: asks every store, reads the app's sources, searches what is shared, and judges.

pub mod evidence;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream;
use jiff::Timestamp;
use regex::Regex;
use secrecy::ExposeSecret as _;

use crate::adapter::environment::Environment;
use crate::adapter::leaks::{self, LeaksError, Searched};
use crate::adapter::random::{self, NoRandomness};
use crate::adapter::sources::{self, SourceError};
use crate::adapter::vault::listing::Listings;
use crate::adapter::vault::local;
use crate::adapter::vault::question::{Answer, Question};
use crate::adapter::vault::stores::{Asked, Stores};
use crate::adapter::workspace::Workspace;
use crate::domain::integration::Name;
use crate::domain::secret::audit::{Grounds, SecretsAudit, SourcesRead, Stranger, audit};
use crate::domain::secret::declared::Declared;
use crate::domain::secret::keeper::Keeper;
use crate::domain::secret::sighting::{Key, Presence, Sighting, look};
use crate::domain::secret::sound::sounds_secret;
use crate::domain::usage::{Finder, Form, Kind, Usage};

/// Questions that are open at a time.
const AT_ONCE: usize = 8;

/// Folders of a workspace that people share.
const SHARED: [&str; 5] = ["reports", "features", "fixtures", "schemas", "docs"];

/// What to audit.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Declared ones.
    pub environments: Vec<String>,
    /// Names or aliases; all when empty.
    pub names: Vec<String>,
    /// Values are read also where a store could answer without them.
    pub values: bool,
    /// For one question to one store.
    pub timeout: Duration,
}

/// Why there is no audit.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    #[error(transparent)]
    Leaks(#[from] LeaksError),
}

impl AuditError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Leaks(LeaksError::NotThere { .. }) => Some("name files and folders that are there"),
            Self::Leaks(LeaksError::NoPath) | Self::Randomness(_) => None,
        }
    }
}

/// Audits the secrets of a workspace. Nothing of a value is left when it returns.
///
/// # Errors
/// The system has no randomness, or the workspace went away meanwhile.
pub async fn run(workspace: &Workspace, wanted: &Wanted, now: Timestamp) -> Result<SecretsAudit, AuditError> {
    let key = random::key()?;
    let stores = stores(workspace, wanted);
    let questions = questions(workspace, wanted);
    let sightings = stream::iter(&questions).map(|question| question.ask(&stores, &key)).buffer_unordered(AT_ONCE);
    let mut sightings: Vec<Sighting> = sightings.collect().await;
    // In the order of the inventory, whoever answered first.
    sightings.sort_by(|one, other| (&one.secret, &one.environment).cmp(&(&other.secret, &other.environment)));
    let (usages, sources) = usages(workspace);
    let contracts = contracts(workspace);
    let grounds = Grounds {
        strangers: strangers(workspace, &usages, &contracts, &stores.listings.all().await),
        readers: readers(&usages),
        sources,
        contracts,
        sightings,
        leaks: search(workspace, &key)?.map(|searched| searched.values).unwrap_or_default(),
        documents: documents(workspace),
    };
    Ok(audit(&workspace.inventory, &wanted.environments, &wanted.names, &grounds, now))
}

/// Searches paths for leaks; what is found is shown relative to `base`.
///
/// # Errors
/// A path is not there.
pub fn scan(base: &Path, paths: &[PathBuf]) -> Result<Searched, AuditError> {
    Ok(leaks::scan(base, paths, &random::key()?)?)
}

/// Searches the folders of the workspace that people share; None when it has none.
///
/// # Errors
/// A folder went away meanwhile.
pub fn scan_workspace(workspace: &Workspace) -> Result<Option<Searched>, AuditError> {
    search(workspace, &random::key()?)
}

fn search(workspace: &Workspace, key: &Key) -> Result<Option<Searched>, AuditError> {
    let Some(root) = &workspace.root else { return Ok(None) };
    let there: Vec<PathBuf> = SHARED.iter().map(|folder| root.join(folder)).filter(|path| path.is_dir()).collect();
    if there.is_empty() {
        return Ok(None);
    }
    Ok(Some(leaks::scan(root, &there, key)?))
}

fn stores<'a>(workspace: &'a Workspace, wanted: &Wanted) -> Stores<'a> {
    let root = workspace.root.as_deref();
    let load = |(name, declared): (&String, _)| {
        let loaded = Environment::load(root, name, declared).map_err(|error| {
            let causes: Vec<String> = anyhow::Error::from(error).chain().map(ToString::to_string).collect();
            causes.join(": ")
        });
        (name.clone(), loaded)
    };
    Stores {
        root,
        environments: workspace.inventory.environments.iter().map(load).collect(),
        timeout: wanted.timeout,
        listings: Listings::default(),
    }
}

/// One secret, one environment, one place.
struct Look<'a> {
    name: &'a str,
    declared: &'a Declared,
    environment: &'a str,
    keeper: Result<Keeper, String>,
    wants_value: bool,
}

/// What was asked for; and of the environments beside production what lies on this machine, to see what production shares.
fn questions<'a>(workspace: &'a Workspace, wanted: &Wanted) -> Vec<Look<'a>> {
    let inventory = &workspace.inventory;
    let production =
        wanted.environments.iter().any(|asked| inventory.environments.get(asked).is_some_and(|e| e.production));
    let mut questions = Vec::new();
    for (environment, about) in &inventory.environments {
        let asked = wanted.environments.contains(environment);
        if !asked && (about.production || !production) {
            continue;
        }
        for (name, declared) in inventory.secrets.iter().filter(|(_, declared)| declared.concerns(environment)) {
            let places = declared.kept_in.places(environment);
            let own = ["env".to_owned()];
            // What is kept nowhere is looked for where a live run would read it.
            let places = if declared.kept_in.all().is_empty() { &own[..] } else { places };
            for place in places {
                let keeper = Keeper::parse(place, environment, name).map_err(|error| error.to_string());
                if asked || keeper.as_ref().is_ok_and(Keeper::is_local) {
                    let wants_value = wanted.values || declared.shape.is_some();
                    questions.push(Look { name, declared, environment, keeper, wants_value });
                }
            }
        }
    }
    questions
}

impl Look<'_> {
    async fn ask(&self, stores: &Stores<'_>, key: &Key) -> Sighting {
        let names: Vec<&str> = self.declared.names(self.name).collect();
        let question = Question { names: &names, wants_value: self.wants_value };
        let asked = match &self.keeper {
            Ok(keeper) => stores.ask(self.environment, keeper, &question).await,
            Err(reason) => {
                Asked { place: "kept_in".to_owned(), ambient: false, answer: Answer::Unknown(reason.clone()) }
            }
        };
        self.sighting(asked, key)
    }

    /// What is kept of an answer. The value ends here.
    fn sighting(&self, asked: Asked, key: &Key) -> Sighting {
        let mut sighting = Sighting {
            secret: self.name.to_owned(),
            environment: self.environment.to_owned(),
            place: asked.place,
            ambient: asked.ambient,
            presence: Presence::Absent,
            found_as: None,
            look: None,
            renewed: None,
            permissions: None,
        };
        match asked.answer {
            Answer::Absent => {}
            Answer::Unknown(reason) => sighting.presence = Presence::Unknown(reason),
            Answer::Present(found) => {
                // One that is no expression was told when the workspace was opened.
                let shape = self.declared.shape.as_deref().and_then(|shape| Regex::new(shape).ok());
                sighting.presence = Presence::Present;
                sighting.look = found.value.map(|value| look(value.expose_secret(), shape.as_ref(), key));
                sighting.found_as = found.name;
                sighting.renewed = found.renewed;
                sighting.permissions = found.permissions;
            }
        }
        sighting
    }
}

/// Every use of a variable in the app's sources, and how far they were read.
fn usages(workspace: &Workspace) -> (Vec<Usage>, SourcesRead) {
    let root = workspace.root.clone().unwrap_or_default();
    let (mut usages, mut read) = (Vec::new(), SourcesRead { whole: true, ..SourcesRead::default() });
    let leave = |read: &mut SourcesRead, reason: String| {
        read.whole = false;
        if read.reason.is_empty() {
            read.reason = reason;
        }
    };
    if workspace.inventory.sources.is_empty() {
        leave(&mut read, "no `sources` are declared, so nobody knows what the app reads".to_owned());
    }
    for folder in &workspace.inventory.sources {
        let found =
            Finder::new([]).map_err(SourceError::from).and_then(|finder| sources::scan(&root.join(folder), &finder));
        match found {
            Ok(scan) => {
                let walked = &scan.walked;
                read.files += walked.read;
                if let Some(first) = walked.unread.first() {
                    leave(&mut read, format!("{} files of {folder} were not read: {first}", walked.not_read()));
                } else if walked.read == 0 {
                    leave(&mut read, format!("{folder} holds no text"));
                }
                usages.extend(scan.usages.into_iter().map(|usage| below(folder, usage)));
            }
            Err(error) => leave(&mut read, error.to_string()),
        }
    }
    (usages, read)
}

/// With its place relative to the workspace and not to the source tree.
fn below(folder: &str, mut usage: Usage) -> Usage {
    let folder = folder.trim_end_matches('/').trim_start_matches("./");
    if !matches!(folder, "" | ".") {
        usage.place.file = format!("{folder}/{}", usage.place.file);
    }
    usage
}

/// By the name that the program itself reads: where.
fn readers(usages: &[Usage]) -> BTreeMap<String, Vec<String>> {
    let mut readers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for usage in usages.iter().filter(|usage| usage.is_read()) {
        readers.entry(usage.name.clone()).or_default().push(usage.place.to_string());
    }
    readers
}

/// The secret variables of the manifests of declared integrations: which contracts need each.
fn contracts(workspace: &Workspace) -> BTreeMap<String, Vec<Name>> {
    let mut needed: BTreeMap<String, Vec<Name>> = BTreeMap::new();
    for (integration, contract) in &workspace.contracts {
        let declared = workspace.inventory.integrations.contains_key(integration) && !contract.features.is_empty();
        for (name, _) in contract.manifest.variables.iter().filter(|(_, variable)| declared && variable.secret) {
            needed.entry(name.clone()).or_default().push(integration.clone());
        }
    }
    needed
}

/// Places that are listed of one unknown name.
const MOST_PLACES: usize = 5;

/// Names that sound like a secret's, are used or kept somewhere, and are not in the inventory.
fn strangers(
    workspace: &Workspace,
    usages: &[Usage],
    contracts: &BTreeMap<String, Vec<Name>>,
    listings: &[(String, crate::adapter::vault::listing::Names)],
) -> Vec<Stranger> {
    let inventory = &workspace.inventory;
    let secrets = inventory.secrets.iter().flat_map(|(name, declared)| declared.names(name));
    let flags = workspace.flags.values().flat_map(|flag| flag.parser.names.iter().map(String::as_str));
    let known: BTreeSet<&str> = secrets.chain(flags).collect();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |name: &str, place: String| {
        if !known.contains(name) && sounds_secret(name) {
            found.entry(name.to_owned()).or_default().insert(place);
        }
    };
    for usage in usages {
        if usage.is_read() || usage.kind == Kind::Configuration && usage.form == Form::Reference {
            add(&usage.name, usage.place.to_string());
        }
    }
    for (name, integrations) in contracts {
        for integration in integrations {
            add(name, format!("the contract of {integration}"));
        }
    }
    for (scope, names) in listings {
        for name in names.keys() {
            add(name, scope.clone());
        }
    }
    let stranger = |(name, places): (String, BTreeSet<String>)| Stranger {
        name,
        seen_in: places.into_iter().take(MOST_PLACES).collect(),
    };
    found.into_iter().map(stranger).collect()
}

/// Which documents of the categories are there.
fn documents(workspace: &Workspace) -> BTreeMap<String, bool> {
    let paths = workspace.inventory.secret_categories.values().filter_map(|category| category.document.clone());
    paths.map(|path| (path.clone(), local::holds_something(&local::within(workspace.root.as_deref(), &path)))).collect()
}
