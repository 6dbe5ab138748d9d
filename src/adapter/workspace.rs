//! The workspace: `preflight.yaml`, found upwards, and the contracts beside it laid over the shipped ones.

mod problem;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::adapter::contracts::{self, Contract, Stray};
use crate::adapter::embedded;
use crate::adapter::encoding;
use crate::adapter::files::{self, FileError};
use crate::adapter::folder::{self, Content};
use crate::adapter::probes;
use crate::adapter::workspace::problem::{Problem, problem, problems, told};
use crate::adapter::yaml::{self, error::YamlError};
use crate::domain::alert::declared::Alerts;
use crate::domain::coherence::Contradiction;
use crate::domain::flag;
use crate::domain::integration::Name;
use crate::domain::inventory::{Environment, Integration, Inventory, VERSION};
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
        alerts: Alerts::default(),
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
}
