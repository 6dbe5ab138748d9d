//! What `preflight.yaml` says against itself, with the line where it stands.

use crate::adapter::signing::PublicKey;
use crate::adapter::yaml;
use crate::domain::coherence::{self, Contradiction};
use crate::domain::contract::Place;
use crate::domain::inventory::{Approver, Inventory};

/// One thing in `preflight.yaml` that cannot be meant so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    pub place: Place,
    /// The keys that lead there (`policy.staging.integrations.0`).
    pub within: String,
    pub message: String,
    pub hint: Option<String>,
}

/// As an error tells them, a line each.
pub(super) fn told(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| {
            let hint = problem.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
            format!("{}: {}: {}{hint}", problem.place, problem.within, problem.message)
        })
        .collect();
    lines.join("\n")
}

/// What the inventory says against itself, by line.
pub(super) fn problems(file: &str, text: &str, inventory: &Inventory) -> Vec<Problem> {
    let found = coherence::contradictions(inventory).into_iter().chain(bad_keys(inventory));
    let mut problems: Vec<Problem> = found.map(|found| problem(file, text, found)).collect();
    problems.sort_by(|one, other| one.place.cmp(&other.place));
    problems
}

pub(super) fn problem(file: &str, text: &str, found: Contradiction) -> Problem {
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
    use crate::adapter::files;
    use crate::adapter::workspace::Workspace;

    /// The workspace of this file.
    fn workspace(text: &str) -> Workspace {
        let root = tempfile::tempdir().unwrap();
        files::write(&root.path().join("preflight.yaml"), text.as_bytes()).unwrap();
        Workspace::open(root.path(), None).unwrap()
    }

    /// What is said where it contradicts itself.
    fn told(text: &str) -> String {
        let error = workspace(text).coherent().unwrap_err();
        format!("{error}\nhint: {}", error.hint().unwrap_or_default())
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
        insta::assert_snapshot!(told(text), @r"
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
        insta::assert_snapshot!(told(text), @r"
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
        assert_eq!(workspace(&good).problems, []);
    }
}
