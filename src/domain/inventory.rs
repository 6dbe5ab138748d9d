//! The workspace as declared: `preflight.yaml`.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::domain::alert::declared::Alerts;
use crate::domain::blocker::Blocker;
use crate::domain::flag;
use crate::domain::integration::Name;
use crate::domain::monitor::maintenance::Maintenance;
use crate::domain::policy::Policy;
use crate::domain::readiness::Criterion;
use crate::domain::secret::category::Category;
use crate::domain::secret::declared::Declared as Secret;
use crate::domain::vendor;
use crate::domain::vendor::evaluation::Scores;

/// The version of the file's format.
pub const VERSION: u32 = 1;

/// Everything that is to be judged, and by which policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    pub version: u32,
    /// What the workspace is called in reports.
    pub name: String,
    /// Folders of the app's source tree, relative to the workspace: where the readers of flags and secrets are looked for.
    #[serde(default)]
    pub sources: Vec<String>,
    #[serde(deserialize_with = "unique")]
    pub environments: BTreeMap<String, Environment>,
    #[serde(deserialize_with = "unique")]
    pub integrations: BTreeMap<Name, Integration>,
    #[serde(default, deserialize_with = "unique")]
    pub flags: BTreeMap<String, flag::Declared>,
    #[serde(default, deserialize_with = "unique")]
    pub secrets: BTreeMap<String, Secret>,
    /// Those whose signature an approval, a waiver or a resolution needs, by the name that they declare under.
    #[serde(default, deserialize_with = "unique")]
    pub approvers: BTreeMap<String, Approver>,
    /// What the team counts as its readiness with secrets, by title.
    #[serde(default, deserialize_with = "unique")]
    pub secret_categories: BTreeMap<String, Category>,
    #[serde(default, deserialize_with = "unique")]
    pub blockers: BTreeMap<String, Blocker>,
    /// Times at which services are expected to be away: a monitor opens no incident then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub maintenance: Vec<Maintenance>,
    /// Who is told when a service fails, and how.
    #[serde(default)]
    pub alerts: Alerts,
    /// By environment.
    #[serde(default, deserialize_with = "unique")]
    pub policy: BTreeMap<String, Policy>,
}

/// Where an environment is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Base URL by integration. May hold `${NAME}`, never a secret's value.
    #[serde(default, deserialize_with = "unique")]
    pub base_urls: BTreeMap<Name, String>,
    /// A dotenv file that is read before the process environment, relative to the workspace.
    #[serde(default)]
    pub dotenv: Option<String>,
    /// In a production profile an answer from a fixture is a failure.
    #[serde(default)]
    pub production: bool,
}

/// One row of the matrix.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Integration {
    /// The manifest's title when absent.
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub owner: Option<String>,
    /// The flag that takes it from mock to live.
    #[serde(default)]
    pub flag: Option<String>,
    /// Criteria that do not apply here, with the reason.
    #[serde(default)]
    pub not_applicable: BTreeMap<Criterion, String>,
    #[serde(default)]
    pub note: Option<String>,
    /// What people say of its vendor.
    #[serde(default)]
    pub vendor: Option<vendor::Declared>,
    /// Whether it is worth taking on.
    #[serde(default)]
    pub evaluation: Option<Scores>,
}

/// Who may approve, and the key that shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approver {
    /// The public key as PEM (`-----BEGIN PUBLIC KEY-----`), Ed25519 or P-256.
    pub key: String,
    /// Where a signature is asked for; everywhere when empty.
    #[serde(default)]
    pub environments: Vec<String>,
}

impl Approver {
    pub fn signs_for(&self, environment: &str) -> bool {
        self.environments.is_empty() || self.environments.iter().any(|named| named == environment)
    }
}

/// Reads a mapping and refuses a key that stands twice, which the YAML library lets the last one win.
fn unique<'de, D, K, V>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord + fmt::Debug,
    V: Deserialize<'de> + Entry,
{
    deserializer.deserialize_map(Unique(PhantomData))
}

/// What a key without a value (`redis:`) means.
trait Entry: Sized {
    const WHEN_EMPTY: Option<fn() -> Self>;
}

impl Entry for Environment {
    const WHEN_EMPTY: Option<fn() -> Self> = Some(Self::default);
}
impl Entry for Integration {
    const WHEN_EMPTY: Option<fn() -> Self> = Some(Self::default);
}
impl Entry for Policy {
    const WHEN_EMPTY: Option<fn() -> Self> = None;
}
impl Entry for flag::Declared {
    const WHEN_EMPTY: Option<fn() -> Self> = None;
}
impl Entry for Secret {
    const WHEN_EMPTY: Option<fn() -> Self> = None;
}
impl Entry for Category {
    const WHEN_EMPTY: Option<fn() -> Self> = None;
}
impl Entry for Approver {
    const WHEN_EMPTY: Option<fn() -> Self> = None;
}
impl Entry for Blocker {
    const WHEN_EMPTY: Option<fn() -> Self> = None;
}
impl Entry for String {
    const WHEN_EMPTY: Option<fn() -> Self> = None;
}

struct Unique<K, V>(PhantomData<(K, V)>);

impl<'de, K, V> Visitor<'de> for Unique<K, V>
where
    K: Deserialize<'de> + Ord + fmt::Debug,
    V: Deserialize<'de> + Entry,
{
    type Value = BTreeMap<K, V>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a mapping")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(BTreeMap::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some(key) = entries.next_key::<K>()? {
            if map.contains_key(&key) {
                return Err(A::Error::custom(format!("duplicate entry {key:?}")));
            }
            let value = match V::WHEN_EMPTY {
                Some(empty) => entries.next_value::<Option<V>>()?.unwrap_or_else(empty),
                None => entries.next_value::<V>()?,
            };
            map.insert(key, value);
        }
        Ok(map)
    }
}
