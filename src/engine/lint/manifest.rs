//! Manifests that say what cannot be.

use std::collections::BTreeSet;

use crate::adapter::contracts::{Contract, MANIFEST};
use crate::adapter::schemes;
use crate::domain::integration::Name;
use crate::engine::lint::finding::Code;
use crate::engine::lint::{Bench, place_of, suggestion};
use crate::engine::webhook::topics::known;
use crate::wire::webhook::scheme::Scheme;
use crate::wire::webhook::schemes::SCHEMES;

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// What is wrong with a contract's manifest, where it could be read.
pub fn look(bench: &mut Bench, contract: &Contract) {
    let file = format!("fixtures/{}/{MANIFEST}", contract.name);
    if contract.unreadable.iter().any(|unreadable| unreadable.place.file == file) {
        return;
    }
    let mut check = Check { bench, contract, file };
    check.models();
    check.stands_on();
    check.operations();
    check.credentials();
    check.scheme();
}

struct Check<'b, 'a> {
    bench: &'b mut Bench<'a>,
    contract: &'b Contract,
    file: String,
}

impl Check<'_, '_> {
    fn add(&mut self, keys: &[&str], message: String, hint: Option<String>) {
        let place = place_of(self.contract, &self.file, keys);
        self.bench.add(Code::BadManifest, place, message, hint);
    }

    fn models(&mut self) {
        if self.contract.manifest.models.versions.is_empty() {
            self.add(
                &["models", "versions"],
                "no version is modelled".to_owned(),
                Some("name at least one".to_owned()),
            );
        }
        if self.contract.manifest.models.source.trim().is_empty() {
            let hint = Some("name the document or the source tree, with its version".to_owned());
            self.add(&["models", "source"], "nothing says where the model was read".to_owned(), hint);
        }
    }

    fn stands_on(&mut self) {
        let contract = self.contract;
        let known: Vec<&Name> = self.bench.workspace.contracts.keys().filter(|name| **name != contract.name).collect();
        for (index, name) in contract.manifest.stands_on.iter().enumerate() {
            let keys = ["stands_on", &index.to_string()];
            if *name == contract.name {
                self.add(&keys, "it stands on itself".to_owned(), Some("take it out".to_owned()));
            } else if !known.contains(&name) {
                let hint = suggestion(name.as_str(), known.iter().map(|name| name.as_str()), "there is no contract");
                self.add(&keys, format!("it stands on `{name}`, which has no contract"), Some(hint));
            }
        }
    }

    fn operations(&mut self) {
        let mut ids = BTreeSet::new();
        let contract = self.contract;
        for (index, operation) in contract.manifest.operations.iter().enumerate() {
            let index = index.to_string();
            if !ids.insert(&operation.id) {
                self.add(&["operations", &index, "id"], format!("the operation `{}` stands twice", operation.id), None);
            }
            self.request(&["operations", &index, "request"], &operation.request);
            if let Some(field) = &operation.graphql
                && !["query ", "mutation ", "subscription "].iter().any(|kind| field.starts_with(kind))
            {
                let hint = Some("write it with its kind: `query shop`, `mutation productUpdate`".to_owned());
                self.add(&["operations", &index, "graphql"], format!("`{field}` is no root field"), hint);
            }
        }
        if contract.manifest.operations.is_empty() {
            let hint = Some("list the requests that the app makes: they are what coverage counts".to_owned());
            self.add(&["operations"], "no operation is named".to_owned(), hint);
        }
    }

    fn request(&mut self, keys: &[&str], request: &str) {
        let good = request.split_once(' ').is_some_and(|(method, path)| {
            METHODS.contains(&method) && path.starts_with('/') && !path.contains(' ') && !path.contains("${")
        });
        if !good {
            let hint = Some("write it as METHOD /path/{parameter}".to_owned());
            self.add(keys, format!("`{request}` is no request"), hint);
        }
    }

    fn credentials(&mut self) {
        let contract = self.contract;
        let manifest = &contract.manifest;
        let names = manifest.credentials.keys().map(String::as_str);
        if let Some(default) = &manifest.default_credential
            && !manifest.credentials.contains_key(default)
        {
            let hint = Some(suggestion(default, names.clone(), "the manifest has no credential"));
            self.add(&["default_credential"], format!("there is no credential `{default}`"), hint);
        }
        for (name, credential) in &manifest.credentials {
            let headers = credential.headers.iter().map(|entry| ("headers", entry));
            for (part, (key, value)) in headers.chain(credential.query.iter().map(|entry| ("query", entry))) {
                for variable in value.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
                {
                    if !manifest.variables.contains_key(variable) {
                        let known = manifest.variables.keys().map(String::as_str);
                        let hint = Some(suggestion(variable, known, "declare it under `variables`"));
                        let message = format!("nothing provides ${{{variable}}}");
                        self.add(&["credentials", name, part, key], message, hint);
                    }
                }
            }
        }
    }

    fn scheme(&mut self) {
        let Some(scheme) = &self.contract.manifest.webhook_scheme else { return };
        match self.contract.fixtures.get(scheme) {
            // A description of the contract's own.
            Some(bytes) if scheme.contains('.') => {
                if let Err(error) = schemes::read(scheme, bytes) {
                    self.add(&["webhook_scheme"], error.to_string(), error.hint());
                }
            }
            _ => self.known_scheme(scheme),
        }
    }

    fn known_scheme(&mut self, name: &str) {
        if let Some(scheme) = Scheme::named(name) {
            return self.topics(scheme);
        }
        let hint = Some(suggestion(name, SCHEMES.iter().map(|scheme| scheme.name.as_ref()), "there is none"));
        self.add(&["webhook_scheme"], format!("unknown signature scheme `{name}`"), hint);
    }

    /// An event that the vendor does not have never comes.
    fn topics(&mut self, scheme: &Scheme) {
        let contract = self.contract;
        if contract.manifest.webhook_topics.is_empty() {
            return;
        }
        let known = known(self.bench.workspace, scheme);
        let names: Vec<&str> = known.names.iter().map(|topic| topic.name.as_str()).collect();
        for (index, topic) in contract.manifest.webhook_topics.iter().enumerate() {
            if known.is_whole && !names.contains(&topic.as_str()) {
                let hint = Some(suggestion(topic, names.iter().copied(), "there is none"));
                let message = format!("{} has no event `{topic}`", scheme.name);
                self.add(&["webhook_topics", &index.to_string()], message, hint);
            }
        }
    }
}
