//! Contracts as they lie in folders: features, schemas, fixtures and a manifest under one name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bytes::Bytes;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::adapter::encoding;
use crate::adapter::folder::Content;
use crate::adapter::yaml::{self, error::YamlError};
use crate::domain::contract::{ContractHash, Place};
use crate::domain::integration::{Kind, Manifest, Modelled, Name};
use crate::domain::json;
use crate::domain::record::Unreadable;

/// Everything that one integration promises, as text that is not yet parsed.
#[derive(Clone, Debug)]
pub struct Contract {
    pub name: Name,
    pub manifest: Manifest,
    /// Sorted by path.
    pub features: Vec<Source>,
    /// By the name that a step uses: `chatwoot/conversation-list` is `schemas/chatwoot/conversation-list.json`.
    pub schemas: BTreeMap<String, Value>,
    /// By path under `fixtures/<name>/` (`seed.json`); the manifest is not among them.
    pub fixtures: BTreeMap<String, Bytes>,
    /// Every file as it lies there, by path.
    pub files: BTreeMap<String, Bytes>,
    /// Of path and bytes of every file of the contract, readable or not.
    pub hash: ContractHash,
    /// Files that could not be read. Whoever runs the contract must not call it kept.
    pub unreadable: Vec<Unreadable>,
}

/// A text file of the workspace.
#[derive(Clone, Debug)]
pub struct Source {
    /// Relative to the workspace, with `/`.
    pub path: String,
    pub text: String,
}

/// A file that belongs to no contract, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stray {
    pub path: String,
    pub reason: String,
}

impl Stray {
    /// Tells whether it may have been meant as a contract: a feature, or a folder of features that holds none.
    pub fn hides_a_contract(&self) -> bool {
        let extension = Path::new(&self.path).extension();
        extension.map_or(self.path.starts_with("features/"), |extension| extension == "feature")
    }
}

/// The manifest's file name in a contract's fixture folder.
pub const MANIFEST: &str = "manifest.yaml";

/// Sorts files (`features/chatwoot/health.feature`) into contracts.
pub fn assemble(files: &BTreeMap<String, Content>) -> (BTreeMap<Name, Contract>, Vec<Stray>) {
    let mut parts: BTreeMap<Name, Parts> = BTreeMap::new();
    let mut strays = Vec::new();
    for (path, content) in files {
        match belongs(path) {
            Ok(None) => {}
            Ok(Some((name, role))) => parts.entry(name).or_default().files.push((path, role, content)),
            Err(reason) => strays.push(Stray { path: path.clone(), reason }),
        }
    }
    let contracts = parts.into_iter().map(|(name, parts)| (name.clone(), parts.contract(name))).collect();
    (contracts, strays)
}

enum Role {
    Feature,
    Schema(String),
    Manifest,
    Fixture(String),
}

/// Which contract a file belongs to and as what; nothing for the published schemas of our own files.
fn belongs(path: &str) -> Result<Option<(Name, Role)>, String> {
    let mut parts = path.splitn(3, '/');
    let (Some(folder), Some(name), rest) = (parts.next(), parts.next(), parts.next()) else {
        return Err("stands in no integration's folder".to_owned());
    };
    if folder == "schemas" && name == "preflight" {
        return Ok(None);
    }
    let Some(rest) = rest else {
        return Err(format!("stands in no integration's folder: move it to {folder}/<integration>/{name}"));
    };
    let name: Name = name.parse().map_err(|error| format!("its folder names no integration: {error}"))?;
    let role = match folder {
        "features" if rest.ends_with(".feature") => Role::Feature,
        "features" => return Err("is not run: only files named *.feature are".to_owned()),
        "schemas" => match rest.strip_suffix(".json") {
            Some(stem) => Role::Schema(format!("{name}/{stem}")),
            None => return Err("is not read: a schema's file is named *.json".to_owned()),
        },
        _ if rest == MANIFEST => Role::Manifest,
        _ => Role::Fixture(rest.to_owned()),
    };
    Ok(Some((name, role)))
}

#[derive(Default)]
struct Parts<'a> {
    files: Vec<(&'a String, Role, &'a Content)>,
}

impl Parts<'_> {
    fn contract(self, name: Name) -> Contract {
        let mut hash = Sha256::new();
        let mut contract = Contract {
            manifest: nameless(&name),
            name,
            features: Vec::new(),
            schemas: BTreeMap::new(),
            fixtures: BTreeMap::new(),
            files: BTreeMap::new(),
            hash: ContractHash(String::new()),
            unreadable: Vec::new(),
        };
        let has_manifest = self.files.iter().any(|(_, role, _)| matches!(role, Role::Manifest));
        for (path, role, content) in self.files {
            let bytes = content.as_deref().unwrap_or_default();
            for part in [path.as_bytes(), bytes] {
                // With their lengths, so that no byte can move from one part to the next unnoticed.
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
            if let Ok(bytes) = content {
                contract.files.insert(path.clone(), bytes.clone());
            }
            let read = match content {
                Ok(bytes) => contract.take(path, role, bytes),
                Err(reason) => Err((1, reason.clone())),
            };
            if let Err((line, message)) = read {
                contract.unreadable.push(unreadable(path, line, message));
            }
        }
        if !has_manifest {
            let path = format!("fixtures/{}/{MANIFEST}", contract.name);
            let message =
                "is missing: it names the integration, what is modelled, and the operations that the app uses";
            contract.unreadable.push(unreadable(&path, 1, message.to_owned()));
        }
        contract.hash = ContractHash(hex::encode(hash.finalize()));
        contract
    }
}

impl Contract {
    fn take(&mut self, path: &str, role: Role, bytes: &Bytes) -> Result<(), (usize, String)> {
        match role {
            Role::Feature => {
                let text =
                    encoding::text(bytes).map_err(|error| (error.line(), format!("{error}; {}", error.hint())))?;
                self.features.push(Source { path: path.to_owned(), text: text.to_owned() });
            }
            Role::Schema(name) => {
                let schema =
                    json::parse(bytes).map_err(|error| (error.line().max(1), format!("is not JSON: {error}")))?;
                self.schemas.insert(name, schema);
            }
            Role::Manifest => {
                self.manifest = yaml::read(path, bytes).map_err(|error| (error.line(), whole(&error)))?;
            }
            Role::Fixture(name) => {
                self.fixtures.insert(name, bytes.clone());
            }
        }
        Ok(())
    }
}

/// Message and hint without the place, which the finding carries.
fn whole(error: &YamlError) -> String {
    let message = error.problem();
    match error.hint() {
        Some(hint) => format!("{message} ({hint})"),
        None => message,
    }
}

fn unreadable(path: &str, line: usize, message: String) -> Unreadable {
    Unreadable { place: Place { file: path.to_owned(), line }, message }
}

/// What stands in for a manifest that is missing or cannot be read.
pub fn nameless(name: &Name) -> Manifest {
    Manifest {
        title: name.to_string(),
        kind: Kind::default(),
        stands_on: BTreeSet::new(),
        models: Modelled { versions: Vec::new(), source: String::new() },
        documentation: Vec::new(),
        operations: Vec::new(),
        variables: BTreeMap::new(),
        credentials: BTreeMap::new(),
        default_credential: None,
        webhook_scheme: None,
        webhook_topics: Vec::new(),
        rate_limit: None,
        fixture_schemas: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytes::Bytes;

    use super::{Contract, assemble};
    use crate::adapter::folder::Content;

    fn files(list: &[(&str, &[u8])]) -> BTreeMap<String, Content> {
        list.iter().map(|(path, bytes)| ((*path).to_owned(), Ok(Bytes::copy_from_slice(bytes)))).collect()
    }

    const MANIFEST: (&str, &[u8]) =
        ("fixtures/a/manifest.yaml", b"title: A\nmodels: {versions: ['1'], source: its documentation}\n");

    fn one(list: &[(&str, &[u8])]) -> Contract {
        let (contracts, strays) = assemble(&files(list));
        assert!(strays.is_empty(), "{strays:?}");
        contracts.into_values().next().unwrap()
    }

    #[test]
    fn files_become_a_contract() {
        let contract = one(&[
            MANIFEST,
            ("features/a/x.feature", b"Feature: x"),
            ("schemas/a/deep/y.json", b"{\"type\":\"object\"}"),
            ("fixtures/a/seed.json", b"[]"),
            ("schemas/preflight/workspace.json", b"{}"),
        ]);
        assert_eq!(contract.manifest.title, "A");
        assert_eq!(contract.features[0].path, "features/a/x.feature");
        assert_eq!(contract.schemas.keys().collect::<Vec<_>>(), ["a/deep/y"]);
        assert_eq!(contract.fixtures.keys().collect::<Vec<_>>(), ["seed.json"]);
        assert!(contract.unreadable.is_empty(), "{:?}", contract.unreadable);
    }

    #[test]
    fn what_cannot_be_read_is_named_and_the_rest_stays() {
        let contract = one(&[
            ("fixtures/a/manifest.yaml", b"title: A\nmodel: {}\n"),
            ("features/a/latin.feature", b"Feature: ok\n  caf\xE9\n"),
            ("features/a/x.feature", b"Feature: x"),
            ("schemas/a/twice.json", b"{\n\"type\":1,\"type\":2}"),
        ]);
        let told: Vec<_> = contract.unreadable.iter().map(|u| format!("{} {}", u.place, u.message)).collect();
        assert_eq!(
            told,
            [
                "features/a/latin.feature:2 holds 0xE9 at byte 17, which no UTF-8 text can hold there: it is probably Latin-1; save the file as UTF-8",
                "fixtures/a/manifest.yaml:2 unknown key `model` (did you mean `models`? allowed here: title, kind, stands_on, models, documentation, operations, variables, credentials, default_credential, webhook_scheme, webhook_topics, rate_limit, fixture_schemas)",
                "schemas/a/twice.json:2 is not JSON: duplicate key \"type\" at line 2 column 15",
            ]
        );
        assert_eq!(contract.features.len(), 1);
        let none = one(&[("features/a/x.feature", b"Feature: x")]);
        assert!(none.unreadable[0].message.starts_with("is missing"));
    }

    #[test]
    fn files_of_no_contract_are_strays_with_a_reason() {
        let (contracts, strays) = assemble(&files(&[
            ("features/x.feature", b""),
            ("features/a/x.features", b""),
            ("features/Chatwoot/x.feature", b""),
            ("schemas/a/x.yaml", b""),
        ]));
        assert!(contracts.is_empty());
        let told: Vec<_> = strays.iter().map(|stray| format!("{} {}", stray.path, stray.reason)).collect();
        assert_eq!(
            told,
            [
                "features/Chatwoot/x.feature its folder names no integration: `Chatwoot` is not an integration name: use lower-case letters, digits and `-`, beginning with a letter",
                "features/a/x.features is not run: only files named *.feature are",
                "features/x.feature stands in no integration's folder: move it to features/<integration>/x.feature",
                "schemas/a/x.yaml is not read: a schema's file is named *.json",
            ]
        );
    }

    #[test]
    fn the_hash_changes_with_every_part() {
        let base = one(&[MANIFEST, ("features/a/x.feature", b"x"), ("fixtures/a/s", b"1")]).hash;
        for other in [
            &[MANIFEST, ("features/a/x.feature", b"y"), ("fixtures/a/s", b"1")][..],
            &[MANIFEST, ("features/a/x.feature", b"x"), ("fixtures/a/s", b"2")],
            &[MANIFEST, ("features/a/x.feature", b"x"), ("fixtures/a/t", b"1")],
            &[MANIFEST, ("features/a/x.feature", b"x")],
        ] {
            assert_ne!(one(other).hash, base);
        }
        assert_eq!(one(&[MANIFEST, ("features/a/x.feature", b"x"), ("fixtures/a/s", b"1")]).hash, base);
    }
}
