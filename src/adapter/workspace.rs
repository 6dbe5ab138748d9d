//! The workspace: `preflight.yaml`, found upwards, and the contracts beside it laid over the shipped ones.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::adapter::contracts::{self, Contract, Stray};
use crate::adapter::embedded;
use crate::adapter::encoding;
use crate::adapter::files::{self, FileError};
use crate::adapter::folder::{self, Content};
use crate::adapter::probes;
use crate::adapter::signing::PublicKey;
use crate::adapter::yaml::{self, error::YamlError};
use crate::domain::coherence::{self, Contradiction};
use crate::domain::contract::Place;
use crate::domain::flag;
use crate::domain::integration::Name;
use crate::domain::inventory::{Approver, Environment, Integration, Inventory, VERSION};
use crate::domain::policy::Policy;
use crate::domain::readiness::Criterion;

/// The workspace's file.
pub const FILE: &str = "preflight.yaml";

/// Everything that a run reads before it asks anything.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The folder of `preflight.yaml`; None when only what is shipped is known.
    pub root: Option<PathBuf>,
    pub inventory: Inventory,
    /// Every contract that can be run, in the inventory or not.
    pub contracts: BTreeMap<Name, Contract>,
    /// SHA-256 of `preflight.yaml` (hex).
    pub hash: Option<String>,
    /// The text of `preflight.yaml`; empty without one.
    pub text: String,
    /// The flags that shipped contracts speak of, under those of the inventory.
    pub flags: BTreeMap<String, flag::Declared>,
    /// Paths of the files under the root, which won over the shipped ones.
    pub own_files: BTreeSet<String>,
    /// Files beside the contracts that no run will read.
    pub strays: Vec<Stray>,
    /// The files of probes, by integration. They are no part of a contract: to change one leaves its evidence as it is.
    pub probes: BTreeMap<Name, probes::Source>,
    /// What the inventory says against itself.
    pub problems: Vec<Problem>,
}

/// One thing in `preflight.yaml` that cannot be meant so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    pub place: Place,
    /// The keys that lead there (`policy.staging.integrations.0`).
    pub within: String,
    pub message: String,
    pub hint: Option<String>,
}

/// Why there is no workspace to work in.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    #[error("no workspace at {}", path.display())]
    NotFound { path: PathBuf },
    #[error("{} is not read: the file is called {FILE}", path.display())]
    OtherName { path: PathBuf },
    #[error(transparent)]
    Unreadable(#[from] FileError),
    #[error(transparent)]
    Yaml(#[from] YamlError),
    #[error("{FILE}:{line}: format version {version}, this program reads version {VERSION}")]
    Version { version: u32, line: usize },
    #[error("{}", told(.0))]
    Contradictory(Vec<Problem>),
}

impl WorkspaceError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound { .. } => {
                Some(format!("name a folder that holds {FILE}, or write one with `preflight init`"))
            }
            Self::OtherName { .. } => Some(format!("rename it to {FILE}")),
            Self::Unreadable(error) => error.hint().map(str::to_owned),
            Self::Yaml(error) => error.hint(),
            Self::Version { version, .. } if *version > VERSION => Some("use a newer preflight".to_owned()),
            Self::Version { .. } => Some(format!("write `version: {VERSION}`")),
            Self::Contradictory(_) => Some("`preflight lint` shows these and more".to_owned()),
        }
    }
}

fn told(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| {
            let hint = problem.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
            format!("{}: {}: {}{hint}", problem.place, problem.within, problem.message)
        })
        .collect();
    lines.join("\n")
}

impl Workspace {
    /// Opens the workspace that `start` lies in, or the one that is named.
    ///
    /// Without any, what is shipped is the workspace, with one environment `local`. What `preflight.yaml` says
    /// against itself is listed in `problems`; see [`Self::coherent`].
    ///
    /// # Errors
    /// A workspace that is named and not there, and a file that cannot be read as one.
    pub fn open(start: &Path, explicit: Option<&Path>) -> Result<Self, WorkspaceError> {
        let file = match explicit {
            Some(path) => Some(named(path)?),
            None => search(start)?,
        };
        let Some(file) = file else {
            return Ok(shipped(start));
        };
        let root = file.parent().map(Path::to_path_buf).unwrap_or_default();
        let bytes = files::read(&file)?;
        let shown = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let inventory: Inventory = yaml::read(&shown, &bytes)?;
        let text = encoding::text(&bytes).unwrap_or_default();
        if inventory.version != VERSION {
            let line = yaml::locate(text, &["version"]).map_or(1, |(line, _)| line);
            return Err(WorkspaceError::Version { version: inventory.version, line });
        }
        let mut files: BTreeMap<_, _> = embedded::files().into_iter().map(|(path, bytes)| (path, Ok(bytes))).collect();
        let mut own_files = BTreeSet::new();
        for folder in FOLDERS {
            let own = folder::walk(&root, folder);
            own_files.extend(own.keys().cloned());
            files.extend(own);
        }
        let probes = take_probes(&mut files);
        let (contracts, mut strays) = contracts::assemble(&files);
        strays.extend(folder::hollow(&root, "features").into_iter().map(|path| {
            let reason = "holds no feature: write one, or remove the folder".to_owned();
            Stray { path, reason }
        }));
        strays.extend(undeclared(own_files.iter().map(String::as_str), &inventory));
        let problems = problems(&shown, text, &inventory);
        let hash = Some(hex::encode(Sha256::digest(&bytes)));
        let mut flags = shipped_flags();
        flags.extend(inventory.flags.clone());
        let text = text.to_owned();
        Ok(Self { root: Some(root), inventory, contracts, hash, text, flags, own_files, strays, probes, problems })
    }

    /// What is wrong with the value to which keys of `preflight.yaml` lead.
    pub fn problem(&self, keys: Vec<String>, message: String) -> Problem {
        problem(FILE, &self.text, Contradiction { keys, message, hint: None })
    }

    /// Refuses an inventory that contradicts itself: a policy about an integration that does not exist
    /// would pass without it.
    pub fn coherent(self) -> Result<Self, WorkspaceError> {
        if self.problems.is_empty() { Ok(self) } else { Err(WorkspaceError::Contradictory(self.problems)) }
    }
}

/// The workspace's own features of integrations that its inventory does not name: no run by default would reach them.
fn undeclared<'a>(own: impl Iterator<Item = &'a str>, inventory: &Inventory) -> Vec<Stray> {
    own.filter_map(|path| {
        let name: Name = path.strip_prefix("features/")?.split_once('/')?.0.parse().ok()?;
        (path.ends_with(".feature") && !inventory.integrations.contains_key(&name)).then(|| Stray {
            path: path.to_owned(),
            reason: format!("is run only by name: {FILE} declares no integration `{name}`"),
        })
    })
    .collect()
}

/// The folders of a workspace that hold contracts.
const FOLDERS: [&str; 3] = ["features", "schemas", "fixtures"];

fn named(path: &Path) -> Result<PathBuf, WorkspaceError> {
    let file = if path.is_dir() { path.join(FILE) } else { path.to_owned() };
    if file.is_file() { Ok(file) } else { Err(WorkspaceError::NotFound { path: path.to_owned() }) }
}

fn search(start: &Path) -> Result<Option<PathBuf>, WorkspaceError> {
    for folder in start.ancestors() {
        let file = folder.join(FILE);
        // Also a link that leads nowhere: to pass it by would be to judge by another workspace.
        if file.symlink_metadata().is_ok() {
            return Ok(Some(file));
        }
        let other = folder.join("preflight.yml");
        if other.exists() {
            return Err(WorkspaceError::OtherName { path: other });
        }
    }
    Ok(None)
}

/// The workspace of a folder that has none: every shipped contract, one environment.
fn shipped(start: &Path) -> Workspace {
    let mut files = embedded::files().into_iter().map(|(path, bytes)| (path, Ok(bytes))).collect();
    let probes = take_probes(&mut files);
    let (contracts, mut strays) = contracts::assemble(&files);
    for folder in FOLDERS {
        strays.extend(folder::walk(start, folder).into_keys().filter(|path| path.ends_with(".feature")).map(|path| {
            Stray { path, reason: format!("is not run: there is no {FILE} here (`preflight init` writes one)") }
        }));
    }
    let local = "local".to_owned();
    let policy = Policy { require: vec![Criterion::ContractTwin], ..Policy::default() };
    let inventory = Inventory {
        version: VERSION,
        name: "shipped contracts".to_owned(),
        sources: Vec::new(),
        environments: BTreeMap::from([(local.clone(), Environment::default())]),
        integrations: contracts.keys().map(|name| (name.clone(), Integration::default())).collect(),
        flags: BTreeMap::new(),
        secrets: BTreeMap::new(),
        approvers: BTreeMap::new(),
        secret_categories: BTreeMap::new(),
        maintenance: Vec::new(),
        blockers: BTreeMap::new(),
        policy: BTreeMap::from([(local, policy)]),
    };
    Workspace {
        root: None,
        inventory,
        contracts,
        hash: None,
        text: String::new(),
        flags: shipped_flags(),
        own_files: BTreeSet::new(),
        strays,
        probes,
        problems: Vec::new(),
    }
}

/// Takes the files of probes out of those of which contracts are made.
fn take_probes(files: &mut BTreeMap<String, Content>) -> BTreeMap<Name, probes::Source> {
    let found: Vec<probes::Source> =
        files.iter().filter_map(|(path, content)| probes::Source::at(path, content)).collect();
    for source in &found {
        files.remove(&source.path);
    }
    found.into_iter().map(|source| (source.integration.clone(), source)).collect()
}

/// The flags of our own workspace: the shipped contracts were written with them.
fn shipped_flags() -> BTreeMap<String, flag::Declared> {
    // A test keeps our own file readable.
    yaml::read::<Inventory>(FILE, embedded::WORKSPACE).map(|inventory| inventory.flags).unwrap_or_default()
}

fn problems(file: &str, text: &str, inventory: &Inventory) -> Vec<Problem> {
    let found = coherence::contradictions(inventory).into_iter().chain(bad_keys(inventory));
    let mut problems: Vec<Problem> = found.map(|found| problem(file, text, found)).collect();
    problems.sort_by(|one, other| one.place.cmp(&other.place));
    problems
}

fn problem(file: &str, text: &str, found: Contradiction) -> Problem {
    let mut keys: Vec<&str> = found.keys.iter().map(String::as_str).collect();
    let within = keys.join(".");
    // A key that stands only in the defaults has its place where its parent stands.
    let line = loop {
        match yaml::locate(text, &keys) {
            Some((line, _)) => break line,
            None if keys.pop().is_none() => break 1,
            None => {}
        }
    };
    let place = Place { file: file.to_owned(), line };
    Problem { place, within, message: found.message, hint: found.hint }
}

/// Keys of approvers that are none: nothing that they sign would ever be believed.
fn bad_keys(inventory: &Inventory) -> Vec<Contradiction> {
    let told = |(name, approver): (&String, &Approver)| {
        let error = PublicKey::from_pem(&approver.key).err()?;
        let hint = "write the public key: openssl pkey -in key.pem -pubout".to_owned();
        let keys = ["approvers", name, "key"].map(str::to_owned).to_vec();
        Some(Contradiction { keys, message: error.to_string(), hint: Some(hint) })
    };
    inventory.approvers.iter().filter_map(told).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Workspace, WorkspaceError};
    use crate::adapter::files;

    const SMALL: &str = "version: 1\nname: small\nenvironments:\n  local:\nintegrations:\n  echo:\n";

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            files::write(&root.path().join(path), text.as_bytes()).unwrap();
        }
        root
    }

    fn told(error: &WorkspaceError) -> String {
        format!("{error}\nhint: {}", error.hint().unwrap_or_default())
    }

    #[test]
    fn a_workspace_is_found_upwards_and_its_files_are_laid_over_the_shipped_ones() {
        let root = folder(&[
            ("preflight.yaml", SMALL),
            ("features/echo/x.feature", "Feature: x"),
            ("fixtures/echo/manifest.yaml", "title: Echo\nmodels: {versions: ['1'], source: none}\n"),
            ("deep/er/readme", ""),
        ]);
        let workspace = Workspace::open(&root.path().join("deep/er"), None).unwrap();
        assert_eq!(workspace.root.as_deref(), Some(root.path()));
        assert_eq!(workspace.inventory.name, "small");
        assert_eq!(workspace.hash.as_ref().map(String::len), Some(64));
        let echo = &workspace.contracts[&"echo".parse().unwrap()];
        assert_eq!((echo.manifest.title.as_str(), echo.features.len()), ("Echo", 1));
        for name in ["preflight.yaml", "."] {
            assert!(Workspace::open(Path::new("/"), Some(&root.path().join(name))).is_ok());
        }
    }

    #[test]
    fn an_empty_folder_has_what_is_shipped() {
        let root = folder(&[("features/own/x.feature", "Feature: x")]);
        let workspace = Workspace::open(root.path(), None).unwrap();
        assert_eq!((workspace.root, workspace.hash), (None, None));
        assert_eq!(workspace.inventory.environments.keys().collect::<Vec<_>>(), ["local"]);
        assert!(workspace.inventory.integrations.keys().eq(workspace.contracts.keys()));
        assert!(workspace.flags.contains_key("supabase_idea_pool"));
        assert_eq!(workspace.strays.len(), 1, "{:?}", workspace.strays);
    }

    #[test]
    fn a_workspace_that_is_not_there_is_an_error_with_what_to_do() {
        let root = folder(&[("sub/preflight.yml", "")]);
        let missing = Workspace::open(root.path(), Some(&root.path().join("no"))).unwrap_err();
        assert_eq!(missing.to_string(), format!("no workspace at {}", root.path().join("no").display()));
        let other = Workspace::open(&root.path().join("sub"), None).unwrap_err();
        assert_eq!(other.hint().as_deref(), Some("rename it to preflight.yaml"));
        let newer = folder(&[("preflight.yaml", &SMALL.replace("version: 1", "version: 2"))]);
        let error = Workspace::open(newer.path(), None).unwrap_err();
        assert_eq!(
            told(&error),
            "preflight.yaml:1: format version 2, this program reads version 1\nhint: use a newer preflight"
        );
    }

    #[test]
    fn names_that_lead_nowhere_are_told_with_their_line() {
        let text = "version: 1
name: x
environments:
  staging:
    base_urls: {chatwot: 'https://c', chatwoot: 'chat.example'}
integrations:
  chatwoot: {flag: live}
flags:
  lve: {integrations: [shopify], parser: {names: []}}
secrets:
  A: {service: chatwoot, aliases: [B], environments: [stagin], shape: '(', kept_in: ['vualt:x']}
  B: {service: chatwot}
blockers:
  T-1: {integration: chatwoott, title: t, owner: o, opened: 2025-10-08, due: 2025-10-07}
policy:
  stagng: {require: [], min_coverage: 80}
";
        let root = folder(&[("preflight.yaml", text)]);
        let error = Workspace::open(root.path(), None).unwrap().coherent().unwrap_err();
        insta::assert_snapshot!(told(&error), @r"
        preflight.yaml:5: environments.staging.base_urls.chatwoot: the base URL `chat.example` has no scheme (write it as `https://host` or take it whole from a variable: `${NAME}`)
        preflight.yaml:5: environments.staging.base_urls.chatwot: unknown integration `chatwot` (did you mean `chatwoot`?)
        preflight.yaml:7: integrations.chatwoot.flag: unknown flag `live` (did you mean `lve`?)
        preflight.yaml:9: flags.lve.integrations.0: unknown integration `shopify` (add it under `integrations`, or use one of: chatwoot)
        preflight.yaml:9: flags.lve.parser.names: the parser reads no variable, so the flag can never be switched
        preflight.yaml:11: secrets.A.environments.0: unknown environment `stagin` (did you mean `staging`?)
        preflight.yaml:11: secrets.A.shape: not a regular expression: unclosed group
        preflight.yaml:11: secrets.A.kept_in.0: unknown keeper of secrets `vualt:x` (did you mean `vault`? allowed here: env, dotenv, file, op, vault, doppler, fly, github, command)
        preflight.yaml:12: secrets.B: `B` is a name of `A` too (one name can only mean one secret)
        preflight.yaml:12: secrets.B.service: unknown integration `chatwot` (did you mean `chatwoot`?)
        preflight.yaml:14: blockers.T-1.integration: unknown integration `chatwoott` (did you mean `chatwoot`?)
        preflight.yaml:14: blockers.T-1.due: due 2025-10-07, before it was opened (2025-10-08)
        preflight.yaml:16: policy.stagng: unknown environment `stagng` (did you mean `staging`?)
        preflight.yaml:16: policy.stagng.require: nothing is required, so the verdict is UNKNOWN for ever (require at least `contract-twin`)
        preflight.yaml:16: policy.stagng.min_coverage: 80 is no share (write a share between 0 and 1: 0.8 for 80 %)
        hint: `preflight lint` shows these and more
        ");
    }

    #[test]
    fn a_rule_that_can_never_hold_or_always_holds_is_told_with_its_line() {
        let text = "version: 1
name: x
environments: {staging: {base_urls: {chatwoot: 'https://chat.example'}}, e2: , e3: }
integrations:
  chatwoot: {not_applicable: {health: none}, vendor: {baseline_ms: 0, by: ops, at: 2026-11-01}}
  redis: {evaluation: {business_value: 6, feasibility: 3, tier: 4, by: ops, at: 2026-11-01}}
policy:
  staging:
    require: [contract-live, health]
    integrations: [chatwoot]
    max_age_hours: {health: 0, blockers: 3}
    min_coverage: 0
    min_score: {flag: 0.5, health: 2}
    accept_declared: [webhooks]
    conditions:
      - {name: nothing, criterion: contract-live}
      - {name: no exchange, criterion: health, p95_ms: 3}
      - {name: twin, criterion: contract-twin, host: chat.example}
      - {name: wrong, criterion: contract-live, integrations: [chatwoot], host: other.example, status: [20], p95_ms: 0}
      - {name: path, criterion: contract-live, integrations: [redis], body: {$.data.source: live}}
  e2: {require: [blockers, flag]}
  e3: {require: [contract-twin, flag]}
";
        let root = folder(&[("preflight.yaml", text)]);
        let error = Workspace::open(root.path(), None).unwrap().coherent().unwrap_err();
        insta::assert_snapshot!(told(&error), @r"
        preflight.yaml:5: integrations.chatwoot.vendor.baseline_ms: no answer comes within 0 ms
        preflight.yaml:6: integrations.redis.evaluation.business_value: 6 is no score (scores are from 0 to 5)
        preflight.yaml:6: integrations.redis.evaluation.tier: 4 is no tier (tiers are 1, 2 and 3)
        preflight.yaml:11: policy.staging.max_age_hours.health: all evidence is older than 0 h, so this can never hold (write at least 1)
        preflight.yaml:11: policy.staging.max_age_hours.blockers: blockers are declared and rest on no evidence, so this always holds (leave it out)
        preflight.yaml:12: policy.staging.min_coverage: a share of 0 is always reached (leave it out, or ask for more)
        preflight.yaml:13: policy.staging.min_score.health: 2 is no share (write a share between 0 and 1: 0.8 for 80 %)
        preflight.yaml:13: policy.staging.min_score.flag: flag is not required, so this decides nothing (add `flag` to `require`, or leave it out)
        preflight.yaml:14: policy.staging.accept_declared.0: webhooks is not required, so this decides nothing (add `webhooks` to `require`, or leave it out)
        preflight.yaml:16: policy.staging.conditions.0: it asks nothing, so it always holds (name `promises`, `status`, `body`, `host` or `p95_ms`)
        preflight.yaml:17: policy.staging.conditions.1.criterion: evidence of health holds no exchange, so this can never hold (name `contract-twin` or `contract-live`)
        preflight.yaml:18: policy.staging.conditions.2.criterion: contract-twin is not required, so this decides nothing (add `contract-twin` to `require`, or leave it out)
        preflight.yaml:18: policy.staging.conditions.2.host: a twin answers for every host, so this can never hold (name `contract-live`)
        preflight.yaml:19: policy.staging.conditions.3.status: 20 is no status, so this can never hold (statuses are 100 to 599)
        preflight.yaml:19: policy.staging.conditions.3.p95_ms: no answer comes within 0 ms, so this can never hold
        preflight.yaml:19: policy.staging.conditions.3.host: chatwoot is asked at chat.example, so this can never hold (make the base URL and the condition agree)
        preflight.yaml:20: policy.staging.conditions.4.integrations.0: the policy is not about redis, so this decides nothing (add it to policy.staging.integrations, or leave it out)
        preflight.yaml:20: policy.staging.conditions.4.body: `$.data.source` is no JSON Pointer, so this can never hold (write `/data/source`)
        preflight.yaml:21: policy.e2.require: nothing that is required of chatwoot, redis can rest on evidence, so the verdict can never be GO (require what can be shown, such as `contract-twin`, or name other integrations)
        preflight.yaml:22: policy.e3.require.1: no flag switches any integration that the policy is about, so this always holds (leave `flag` out)
        hint: `preflight lint` shows these and more
        ");
        // What can hold and can fail is no contradiction.
        let good = text
            .replace("baseline_ms: 0", "baseline_ms: 500")
            .replace("6, feasibility: 3, tier: 4", "5, feasibility: 3, tier: 1");
        let good = good.split("  staging:\n").next().unwrap().to_owned()
            + "  staging:\n    require: [contract-live]\n    min_coverage: 0.8\n    conditions:\n      - {name: live, criterion: \
               contract-live, integrations: [chatwoot], host: chat.example, status: [200], body: {/data/source: live}, p95_ms: 300}\n";
        let root = folder(&[("preflight.yaml", &good)]);
        assert_eq!(Workspace::open(root.path(), None).unwrap().problems, []);
    }
}
