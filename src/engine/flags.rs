//! Looks at every flag in every store, in every environment, and at who reads it; changes nothing.

mod prerequisites;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;

use crate::adapter::client::{Client, Options, Safety};
use crate::adapter::environment::{Environment, EnvironmentError};
use crate::adapter::flags::open::{Keys, OpenError, open};
use crate::adapter::flags::store::Question;
use crate::adapter::sources::{Scan, scan};
use crate::adapter::workspace::Workspace;
use crate::domain::flag::Declared;
use crate::domain::flag::audit::findings::{Around, findings};
use crate::domain::flag::audit::{Audit, ParserSeen, Row, Seen, Sources, StoreSeen, VERSION};
use crate::domain::flag::names::{handles, twins};
use crate::domain::flag::readers::{ghosts, readers};
use crate::domain::flag::sighting::{Sighting, Switch, Trace, Unseen};
use crate::domain::readiness::Readiness;
use crate::domain::secret::Redactor;
use crate::domain::usage::{Finder, Usage};
use crate::engine::flags::prerequisites::{Known, needed, words};

/// Stores that are asked at the same time.
const AT_ONCE: usize = 16;

/// What to look at.
pub struct Order<'a> {
    /// Flags; all when empty.
    pub names: &'a [String],
    pub environments: &'a [String],
    /// The app's source trees.
    pub sources: &'a [PathBuf],
    /// For one question to a store.
    pub timeout: Duration,
    /// As the ledger is judged.
    pub readiness: &'a Readiness,
    pub now: Timestamp,
}

/// What the source trees say.
struct Searched {
    usages: Vec<Usage>,
    migrations: Vec<String>,
    summary: Sources,
}

/// Audits the flags of a workspace.
///
/// # Errors
/// A source tree or an environment's dotenv file cannot be read.
pub async fn audit(workspace: &Workspace, order: &Order<'_>) -> anyhow::Result<Audit> {
    let flags = &workspace.inventory.flags;
    let searched = search(workspace, order.sources)?;
    let environments = load(workspace, order.environments)?;
    let client = Client::new(Options { timeout: order.timeout, ..Options::new(Safety::SafeOnly) })?;
    let judged = order.readiness;
    let root = workspace.root.as_deref().unwrap_or(Path::new("."));
    let same = twins(flags);
    let inventory = &workspace.inventory;
    let production: Vec<&str> =
        inventory.environments.iter().filter(|(_, is)| is.production).map(|(name, _)| name.as_str()).collect();
    let mut rows = Vec::new();
    for (name, declared) in flags.iter().filter(|(name, _)| order.names.is_empty() || order.names.contains(name)) {
        let look = |environment: &'_ Arc<Environment>| {
            let environment = Arc::clone(environment);
            let (client, searched) = (&client, &searched);
            async move {
                let keys = Keys { root, environment: &environment, client, timeout: order.timeout };
                let known = Known {
                    workspace,
                    environment: &environment,
                    readiness: judged,
                    searched: (&searched.usages, &searched.migrations, searched.summary.whole),
                };
                let prerequisites = declared.prerequisites.iter().map(|text| needed(text, &known)).collect();
                Seen { prerequisites, ..look(name, declared, &keys).await }
            }
        };
        let seen: Vec<Seen> = futures::stream::iter(environments.iter().map(look)).buffered(AT_ONCE).collect().await;
        let readers = readers(name, declared, &searched.usages, searched.summary.whole);
        let around =
            Around { name, twins: same.get(name.as_str()).map_or(&[], Vec::as_slice), production: &production };
        rows.push(Row {
            name: name.clone(),
            owner: declared.owner.clone(),
            integrations: declared.integrations.clone(),
            default: declared.default,
            on_means_mock: declared.on_means_mock,
            findings: findings(declared, &seen, &readers, around),
            environments: seen,
            readers,
            note: declared.note.clone(),
        });
    }
    let secrets: BTreeSet<&str> = inventory
        .secrets
        .iter()
        .flat_map(|(name, secret)| std::iter::once(name).chain(&secret.aliases))
        .map(String::as_str)
        .collect();
    // Of one flag that is asked for, the ghosts of all others are no business.
    let ghosts = if order.names.is_empty() { ghosts(flags, &secrets, &searched.usages) } else { Vec::new() };
    let audit = Audit {
        version: VERSION,
        workspace: inventory.name.clone(),
        audited: order.now,
        sources: searched.summary,
        flags: rows,
        ghosts,
    };
    redacted(&audit, &environments, &secrets)
}

fn load(workspace: &Workspace, wanted: &[String]) -> Result<Vec<Arc<Environment>>, EnvironmentError> {
    let declared =
        workspace.inventory.environments.iter().filter(|(name, _)| wanted.is_empty() || wanted.contains(name));
    declared
        .map(|(name, declared)| Environment::load(workspace.root.as_deref(), name, declared).map(Arc::new))
        .collect()
}

fn search(workspace: &Workspace, trees: &[PathBuf]) -> anyhow::Result<Searched> {
    let flags = &workspace.inventory.flags;
    let mut known: BTreeSet<String> = flags.iter().flat_map(|(name, declared)| handles(name, declared)).collect();
    known.extend(flags.values().flat_map(|declared| &declared.prerequisites).filter_map(|text| words(text)));
    let finder = Finder::new(known.iter().map(String::as_str))?;
    let mut searched = Searched { usages: Vec::new(), migrations: Vec::new(), summary: Sources::default() };
    let mut whole = !trees.is_empty();
    for tree in trees {
        let found = scan(tree, &finder)?;
        let Scan { usages, migrations, walked } = found;
        whole &= walked.is_whole();
        searched.usages.extend(usages);
        searched.migrations.extend(migrations);
        searched.summary.trees.push(tree.display().to_string());
        searched.summary.files += walked.read;
        searched.summary.unread.extend(walked.unread);
        if walked.unread_more > 0 {
            searched.summary.unread.push(format!("and {} more files of {}", walked.unread_more, tree.display()));
        }
    }
    searched.summary.whole = whole;
    Ok(searched)
}

/// One flag in one environment.
async fn look(name: &str, declared: &Declared, keys: &Keys<'_>) -> Seen {
    let environment = keys.environment.name();
    let (mut stores, mut parsers, mut traces) = (Vec::new(), Vec::new(), Vec::new());
    let kept_in = declared.kept_in(environment);
    for text in kept_in {
        // A parameter of each request is no place that holds a value; it is a finding of its own.
        if text.starts_with("query:") && kept_in.len() > 1 {
            continue;
        }
        match open(name, declared, text, keys) {
            Err(error) => stores.push(StoreSeen { place: scheme(text), sighting: closed(&error) }),
            Ok(store) => {
                let ask = |parser| Question { flag: name, declared, parser, environment };
                let place = store.place();
                let sighting = store.read(ask(&declared.parser)).await;
                if store.keeps_text() {
                    for (parser, rules) in declared.parsers() {
                        let seen = store.read(ask(rules)).await;
                        let (parser, place) = (parser.to_owned(), place.clone());
                        parsers.push(ParserSeen { parser, place, switch: seen.switch, by: seen.by });
                    }
                    traces.extend(store.traces(ask(&declared.parser)).await);
                } else if !sighting.switch.is_unknown() {
                    let switch = sighting.switch.clone();
                    traces.push(Trace { place: place.clone(), name: name.to_owned(), switch });
                }
                stores.push(StoreSeen { place, sighting });
            }
        }
    }
    let none = || Switch::unknown(Unseen::NoStore, "preflight.yaml does not say where it is kept");
    let effective = stores.first().map_or_else(none, |store| store.sighting.switch.clone());
    Seen { environment: environment.to_owned(), effective, stores, parsers, traces, prerequisites: Vec::new() }
}

fn scheme(text: &str) -> String {
    text.split(':').next().unwrap_or_default().to_owned()
}

fn closed(error: &OpenError) -> Sighting {
    let why = match error {
        OpenError::NoToken { .. } | OpenError::Environment(EnvironmentError::Missing { .. }) => Unseen::NoCredentials,
        OpenError::NoKeeper(_) => Unseen::NoStore,
        OpenError::Environment(_) | OpenError::Url { .. } => Unseen::Unreadable,
    };
    Sighting::unknown(why, error.to_string())
}

/// The audit without any value of a secret that one of its texts might repeat.
fn redacted(audit: &Audit, environments: &[Arc<Environment>], secrets: &BTreeSet<&str>) -> anyhow::Result<Audit> {
    let mut redactor = Redactor::default();
    for environment in environments {
        for name in secrets {
            if let Ok(Some(value)) = environment.variable(name) {
                redactor.hide(value.expose_secret());
            }
        }
    }
    Ok(serde_json::from_str(&redactor.text(&serde_json::to_string(audit)?))?)
}
