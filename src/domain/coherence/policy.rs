//! What a policy says against itself: a rule that can never hold, or that always holds, is no rule.

use crate::domain::coherence::Search;
use crate::domain::flag;
use crate::domain::integration::Name;
use crate::domain::policy::{Condition, Policy};
use crate::domain::readiness::Criterion;

/// Criteria whose evidence is the run of a contract.
const CONTRACT: [Criterion; 2] = [Criterion::ContractTwin, Criterion::ContractLive];

impl Search<'_> {
    pub(super) fn policy(&mut self, name: &str, policy: &Policy) {
        let inventory = self.inventory;
        self.unknown(&["policy", name], "environment", name, inventory.environments.keys().map(String::as_str));
        if policy.require.is_empty() {
            let hint = "require at least `contract-twin`".to_owned();
            let message = "nothing is required, so the verdict is UNKNOWN for ever";
            self.add(&["policy", name, "require"], message, Some(hint));
        }
        for (index, integration) in policy.integrations.iter().enumerate() {
            self.integration(&["policy", name, "integrations", &index.to_string()], integration.as_str());
        }
        self.shares(name, policy);
        self.ages(name, policy);
        self.declared(name, policy);
        for (index, condition) in policy.conditions.iter().enumerate() {
            self.condition(name, &index.to_string(), policy, condition);
        }
        self.without_evidence(name, policy);
    }

    fn shares(&mut self, name: &str, policy: &Policy) {
        for (key, value) in [("min_coverage", policy.min_coverage), ("min_bite", policy.min_bite)] {
            let Some(value) = value else { continue };
            self.share(&["policy", name, key], value);
            if !policy.require.is_empty() && !CONTRACT.iter().any(|criterion| policy.require.contains(criterion)) {
                let message = "no criterion of a contract is required, so this always holds";
                self.add(&["policy", name, key], message, Some("require `contract-twin` or `contract-live`".into()));
            }
        }
        for (criterion, value) in &policy.min_score {
            let keys = ["policy", name, "min_score", criterion.as_str()];
            self.share(&keys, *value);
            self.has_evidence(&keys, *criterion);
            self.is_required(&keys, policy, *criterion);
        }
    }

    fn share(&mut self, keys: &[&str], value: f64) {
        if !(0.0..=1.0).contains(&value) {
            let hint = "write a share between 0 and 1: 0.8 for 80 %".to_owned();
            self.add(keys, format!("{value} is no share"), Some(hint));
        } else if value <= 0.0 {
            self.add(keys, "a share of 0 is always reached", Some("leave it out, or ask for more".to_owned()));
        }
    }

    fn ages(&mut self, name: &str, policy: &Policy) {
        for (criterion, hours) in &policy.max_age_hours {
            let keys = ["policy", name, "max_age_hours", criterion.as_str()];
            self.has_evidence(&keys, *criterion);
            if *hours == 0 {
                let message = "all evidence is older than 0 h, so this can never hold";
                self.add(&keys, message, Some("write at least 1".to_owned()));
            }
        }
    }

    fn declared(&mut self, name: &str, policy: &Policy) {
        for (index, criterion) in policy.accept_declared.iter().enumerate() {
            let keys = ["policy", name, "accept_declared", &index.to_string()];
            self.has_evidence(&keys, *criterion);
            self.is_required(&keys, policy, *criterion);
        }
    }

    fn has_evidence(&mut self, keys: &[&str], criterion: Criterion) {
        if criterion == Criterion::Blockers {
            let message = "blockers are declared and rest on no evidence, so this always holds";
            self.add(keys, message, Some("leave it out".to_owned()));
        }
    }

    fn is_required(&mut self, keys: &[&str], policy: &Policy, criterion: Criterion) {
        if criterion != Criterion::Blockers && !policy.require.contains(&criterion) {
            let message = format!("{criterion} is not required, so this decides nothing");
            self.add(keys, message, Some(format!("add `{criterion}` to `require`, or leave it out")));
        }
    }

    fn condition(&mut self, name: &str, index: &str, policy: &Policy, condition: &Condition) {
        let own = ["policy", name, "conditions", index];
        let below = |key: &'static str| [own.as_slice(), &[key]].concat();
        if CONTRACT.contains(&condition.criterion) {
            self.is_required(&below("criterion"), policy, condition.criterion);
        } else {
            let message = format!("evidence of {} holds no exchange, so this can never hold", condition.criterion);
            self.add(&below("criterion"), message, Some("name `contract-twin` or `contract-live`".to_owned()));
        }
        if !condition.asks() {
            let hint = "name `promises`, `status`, `body`, `host` or `p95_ms`".to_owned();
            self.add(&own, "it asks nothing, so it always holds", Some(hint));
        }
        for (place, integration) in condition.integrations.iter().enumerate() {
            let place = place.to_string();
            let keys = [below("integrations").as_slice(), &[&place]].concat();
            self.integration(&keys, integration.as_str());
            if !policy.concerns(integration) {
                let message = format!("the policy is not about {integration}, so this decides nothing");
                self.add(&keys, message, Some(format!("add it to policy.{name}.integrations, or leave it out")));
            }
        }
        for status in condition.status.iter().filter(|status| !(100..600).contains(*status)) {
            let message = format!("{status} is no status, so this can never hold");
            self.add(&below("status"), message, Some("statuses are 100 to 599".to_owned()));
        }
        for pointer in condition.body.keys().filter(|pointer| !pointer.is_empty() && !pointer.starts_with('/')) {
            let message = format!("`{pointer}` is no JSON Pointer, so this can never hold");
            self.add(
                &below("body"),
                message,
                Some(format!("write `/{}`", pointer.trim_start_matches("$.").replace('.', "/"))),
            );
        }
        if condition.p95_ms == Some(0) {
            self.add(&below("p95_ms"), "no answer comes within 0 ms, so this can never hold", None);
        }
        if let Some(host) = &condition.host {
            self.condition_host(name, &below("host"), condition, host);
        }
    }

    fn condition_host(&mut self, name: &str, keys: &[&str], condition: &Condition, host: &str) {
        if condition.criterion == Criterion::ContractTwin {
            let message = "a twin answers for every host, so this can never hold";
            self.add(keys, message, Some("name `contract-live`".to_owned()));
        } else if host.contains(['/', ':', '@', ' ']) {
            let hint = "write the host alone, as in `api.example.com`".to_owned();
            self.add(keys, format!("`{host}` is no host, so this can never hold"), Some(hint));
        }
        let Some(environment) = self.inventory.environments.get(name) else { return };
        for integration in &condition.integrations {
            let written = environment.base_urls.get(integration).filter(|url| !url.contains("${"));
            let declared = written.and_then(|url| url::Url::parse(url).ok()?.host_str().map(str::to_owned));
            if let Some(declared) = declared.filter(|declared| declared != host) {
                let message = format!("{integration} is asked at {declared}, so this can never hold");
                self.add(keys, message, Some("make the base URL and the condition agree".to_owned()));
            }
        }
    }

    /// Green needs evidence: an integration of which all that is required is declared can never be GO.
    fn without_evidence(&mut self, name: &str, policy: &Policy) {
        if policy.require.is_empty() {
            return;
        }
        let own = |integration: &&Name| policy.concerns(integration);
        let concerned: Vec<&Name> = self.inventory.integrations.keys().filter(own).collect();
        let bare: Vec<&str> = concerned
            .iter()
            .filter(|integration| !policy.require.iter().any(|criterion| self.can_be_shown(integration, *criterion)))
            .map(|integration| integration.as_str())
            .collect();
        if !bare.is_empty() {
            let message = format!(
                "nothing that is required of {} can rest on evidence, so the verdict can never be GO",
                bare.join(", ")
            );
            let hint = "require what can be shown, such as `contract-twin`, or name other integrations".to_owned();
            self.add(&["policy", name, "require"], message, Some(hint));
        }
        let flag = policy.require.iter().position(|criterion| *criterion == Criterion::Flag);
        if let Some(index) = flag
            && !concerned.is_empty()
            && bare.is_empty()
            && !concerned.iter().any(|integration| self.has_flag(integration))
        {
            let message = "no flag switches any integration that the policy is about, so this always holds";
            self.add(&["policy", name, "require", &index.to_string()], message, Some("leave `flag` out".to_owned()));
        }
    }

    fn can_be_shown(&self, integration: &Name, criterion: Criterion) -> bool {
        let declared = self.inventory.integrations.get(integration);
        let excused = declared.is_some_and(|declared| declared.not_applicable.contains_key(&criterion));
        match criterion {
            Criterion::Blockers => false,
            Criterion::Flag => !excused && self.has_flag(integration),
            _ => !excused,
        }
    }

    fn has_flag(&self, integration: &Name) -> bool {
        let takes = |flag: &flag::Declared| flag.integrations.iter().any(|name| name == integration.as_str());
        let own = self.inventory.integrations.get(integration).is_some_and(|declared| declared.flag.is_some());
        own || self.inventory.flags.values().any(takes)
    }
}
