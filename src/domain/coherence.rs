//! What an inventory says against itself: names that lead nowhere, orders that cannot hold.

mod alerts;
mod policy;
mod vendor;

use std::collections::BTreeMap;

use crate::domain::blocker::{Blocker, dates};
use crate::domain::flag;
use crate::domain::flag::keeper::{KEEPERS, Keeper, NoKeeper};
use crate::domain::integration::Name;
use crate::domain::inventory::{Environment, Inventory};
use crate::domain::nearest::nearest;
use crate::domain::secret::category::{Category, Proof};
use crate::domain::secret::declared::Declared as Secret;
use crate::domain::secret::keeper;

/// One thing in `preflight.yaml` that cannot be meant so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Contradiction {
    /// The keys that lead there (`policy`, `staging`, `integrations`, `0`).
    pub keys: Vec<String>,
    pub message: String,
    pub hint: Option<String>,
}

/// Lists everything in the inventory that contradicts the rest of it.
pub fn contradictions(inventory: &Inventory) -> Vec<Contradiction> {
    let mut search = Search { inventory, found: Vec::new() };
    search.outline();
    for (name, environment) in &inventory.environments {
        search.environment(name, environment);
    }
    for (name, integration) in &inventory.integrations {
        search.vendor(name.as_str(), integration);
        if let Some(flag) = &integration.flag {
            let known = inventory.flags.keys().map(String::as_str);
            search.unknown(&["integrations", name.as_str(), "flag"], "flag", flag, known);
        }
    }
    for (name, flag) in &inventory.flags {
        search.flag(name, flag);
    }
    search.secrets(&inventory.secrets);
    for (name, approver) in &inventory.approvers {
        search.environments(&["approvers", name], &approver.environments);
    }
    for (title, category) in &inventory.secret_categories {
        search.category(title, category);
    }
    for (ticket, blocker) in &inventory.blockers {
        search.blocker(ticket, blocker);
    }
    for (index, window) in inventory.maintenance.iter().enumerate() {
        if let Some(problem) = window.problem() {
            let keys = vec!["maintenance".to_owned(), index.to_string()];
            search.found.push(Contradiction {
                keys,
                message: format!("this window of maintenance is none: {problem}"),
                hint: None,
            });
        }
    }
    search.alerts(&inventory.alerts);
    for (name, policy) in &inventory.policy {
        search.policy(name, policy);
    }
    search.found
}

struct Search<'a> {
    inventory: &'a Inventory,
    found: Vec<Contradiction>,
}

impl<'a> Search<'a> {
    fn add(&mut self, keys: &[&str], message: impl Into<String>, hint: Option<String>) {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        self.found.push(Contradiction { keys, message: message.into(), hint });
    }

    fn unknown<'k>(&mut self, keys: &[&str], kind: &str, word: &str, known: impl Iterator<Item = &'k str> + Clone) {
        if known.clone().any(|candidate| candidate == word) {
            return;
        }
        let hint = match nearest(word, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add it under `{kind}s`, or use one of: {}", known.collect::<Vec<_>>().join(", ")),
        };
        self.add(keys, format!("unknown {kind} `{word}`"), Some(hint));
    }

    fn integration(&mut self, keys: &[&str], word: &str) {
        let inventory = self.inventory;
        self.unknown(keys, "integration", word, inventory.integrations.keys().map(Name::as_str));
    }

    fn environments(&mut self, keys: &[&str], words: &[String]) {
        let inventory = self.inventory;
        for (index, word) in words.iter().enumerate() {
            let index = index.to_string();
            let keys = [keys, &["environments", &index]].concat();
            self.unknown(&keys, "environment", word, inventory.environments.keys().map(String::as_str));
        }
    }

    fn outline(&mut self) {
        if self.inventory.environments.is_empty() {
            let hint = "write at least `local: {}` under it".to_owned();
            self.add(&["environments"], "there is no environment, so nothing is judged", Some(hint));
        }
        if self.inventory.integrations.is_empty() {
            let hint = "write at least one name under it, such as `chatwoot:`".to_owned();
            self.add(&["integrations"], "there is no integration, so nothing is checked", Some(hint));
        }
    }

    fn environment(&mut self, name: &str, environment: &Environment) {
        for (integration, url) in &environment.base_urls {
            let keys = ["environments", name, "base_urls", integration.as_str()];
            self.integration(&keys, integration.as_str());
            if let Some(problem) = base_url_problem(url) {
                let hint = "write it as `https://host` or take it whole from a variable: `${NAME}`".to_owned();
                self.add(&keys, problem, Some(hint));
            }
        }
    }

    fn flag(&mut self, name: &str, flag: &flag::Declared) {
        for (index, integration) in flag.integrations.iter().enumerate() {
            self.integration(&["flags", name, "integrations", &index.to_string()], integration);
        }
        for (index, kept_in) in flag.kept_in.iter().enumerate() {
            self.flag_keeper(&["flags", name, "kept_in", &index.to_string()], kept_in);
        }
        let known = self.inventory.environments.keys().map(String::as_str);
        for (environment, stores) in &flag.stores {
            let keys = ["flags", name, "stores", environment];
            self.unknown(&keys, "environment", environment, known.clone());
            for (index, kept_in) in stores.iter().enumerate() {
                self.flag_keeper(&[&keys[..], &[&index.to_string()]].concat(), kept_in);
            }
        }
        if let Some(integration) = flag.canary.as_ref().and_then(|canary| canary.integration.as_ref()) {
            self.integration(&["flags", name, "canary", "integration"], integration);
        }
        for (key, list, sense) in [
            ("names", &flag.parser.names, "the parser reads no variable, so the flag can never be switched"),
            ("truthy", &flag.parser.truthy, "no value means on, so the flag can never be switched on"),
        ] {
            if list.is_empty() {
                self.add(&["flags", name, "parser", key], sense, None);
            }
        }
    }

    fn flag_keeper(&mut self, keys: &[&str], kept_in: &str) {
        match Keeper::parse(kept_in, "x") {
            Ok(_) => {}
            Err(NoKeeper::Unknown(_)) => self.kept_in(keys, "flags", kept_in, &KEEPERS),
            Err(error) => self.add(keys, error.to_string(), None),
        }
    }

    fn secrets(&mut self, secrets: &'a BTreeMap<String, Secret>) {
        let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, secret) in secrets {
            for known_as in std::iter::once(name).chain(&secret.aliases) {
                if let Some(other) = owners.insert(known_as, name) {
                    let hint = "one name can only mean one secret".to_owned();
                    let message = format!("`{known_as}` is a name of `{other}` too");
                    self.add(&["secrets", name], message, Some(hint));
                }
            }
        }
        for (name, secret) in secrets {
            self.integration(&["secrets", name, "service"], &secret.service);
            self.environments(&["secrets", name], &secret.environments);
            for environment in secret.rotated.keys() {
                let known = self.inventory.environments.keys().map(String::as_str);
                self.unknown(&["secrets", name, "rotated", environment], "environment", environment, known);
            }
            if let Some(shape) = &secret.shape
                && let Err(error) = regex::Regex::new(shape)
            {
                let reason = error.to_string();
                let last = reason.lines().last().unwrap_or_default().trim_start_matches("error: ");
                self.add(&["secrets", name, "shape"], format!("not a regular expression: {last}"), None);
            }
            for (index, integration) in secret.required_by.iter().enumerate() {
                self.integration(&["secrets", name, "required_by", &index.to_string()], integration.as_str());
            }
            if secret.shared.as_ref().is_some_and(|reason| reason.trim().is_empty()) {
                self.add(&["secrets", name, "shared"], "shared without a reason", None);
            }
            self.places(name, secret);
        }
    }

    /// Where a secret is kept: the scheme is known, and what stands behind it can be read.
    fn places(&mut self, name: &str, secret: &Secret) {
        for (environment, index, place) in secret.kept_in.all() {
            let index = index.to_string();
            let mut keys = vec!["secrets", name, "kept_in"];
            if let Some(environment) = environment {
                keys.push(environment);
                let known = self.inventory.environments.keys().map(String::as_str);
                self.unknown(&keys, "environment", environment, known);
            }
            keys.push(&index);
            let scheme = place.split(':').next().unwrap_or_default();
            if !keeper::KEEPERS.contains(&scheme) {
                self.kept_in(&keys, "secrets", place, &keeper::KEEPERS);
            } else if let Err(error) = keeper::Keeper::parse(place, "environment", name) {
                self.add(&keys, error.to_string(), Some(error.hint().to_owned()));
            }
        }
    }

    fn category(&mut self, title: &str, category: &Category) {
        self.environments(&["secret_categories", title], &category.environments);
        if matches!(category.proof, Proof::Statement) && category.said_by.as_deref().is_none_or(str::is_empty) {
            let hint = "write `said_by: NAME` and `said_at: DAY`".to_owned();
            let message = "a statement without anyone who makes it";
            self.add(&["secret_categories", title], message, Some(hint));
        }
        if matches!(category.proof, Proof::Document) && category.document.is_none() {
            let hint = "write `document: PATH`".to_owned();
            self.add(&["secret_categories", title], "a document without its path", Some(hint));
        }
    }

    fn kept_in(&mut self, keys: &[&str], kind: &str, kept_in: &str, keepers: &[&str]) {
        let scheme = kept_in.split(':').next().unwrap_or_default();
        if !keepers.contains(&scheme) {
            let list = keepers.join(", ");
            let hint = match nearest(scheme, keepers.iter().copied()) {
                Some(near) => format!("did you mean `{near}`? allowed here: {list}"),
                None => format!("allowed here: {list}"),
            };
            self.add(keys, format!("unknown keeper of {kind} `{kept_in}`"), Some(hint));
        }
    }

    fn blocker(&mut self, ticket: &str, blocker: &Blocker) {
        self.integration(&["blockers", ticket, "integration"], &blocker.integration);
        self.environments(&["blockers", ticket], &blocker.environments);
        for impossible in dates::out_of_order(blocker) {
            let keys: Vec<&str> =
                ["blockers", ticket].into_iter().chain(impossible.keys.iter().map(String::as_str)).collect();
            self.add(&keys, impossible.message, None);
        }
        for (index, attempt) in blocker.attempts.iter().enumerate() {
            let ladder = blocker.ladder.join(", ");
            if let Some(rung) = attempt.rung.as_ref().filter(|rung| !blocker.ladder.contains(rung)) {
                let keys = ["blockers", ticket, "attempts", &index.to_string(), "rung"];
                self.add(&keys, format!("`{rung}` is no rung of its ladder"), Some(format!("the ladder is: {ladder}")));
            }
        }
    }
}

/// What is wrong with a base URL as it is written; one that begins with a variable is judged when that is known.
pub fn base_url_problem(url: &str) -> Option<String> {
    if url.starts_with("${") {
        return None;
    }
    let shown = without_secrets(url);
    match url::Url::parse(url) {
        Ok(parsed) if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() => {
            Some(format!("the base URL `{shown}` has no scheme"))
        }
        Ok(parsed) if !parsed.username().is_empty() || parsed.password().is_some() => {
            Some("the base URL holds a user or a password".to_owned())
        }
        Ok(parsed) if parsed.query().is_some() || parsed.fragment().is_some() => {
            Some(format!("the base URL `{shown}` holds a query or a fragment"))
        }
        Ok(_) => None,
        Err(url::ParseError::RelativeUrlWithoutBase) => Some(format!("the base URL `{shown}` has no scheme")),
        Err(_) if url.contains("${") => None,
        Err(error) => Some(format!("the base URL is no URL: {error}")),
    }
}

/// A URL for a message: what stands where a password or a token may stand is left out.
fn without_secrets(url: &str) -> String {
    let (head, tail) = url.split_once(['?', '#']).map_or((url, ""), |(head, _)| (head, "?…"));
    let host = head.rsplit_once('@').map_or_else(|| head.to_owned(), |(_, host)| format!("…@{host}"));
    format!("{host}{tail}")
}
