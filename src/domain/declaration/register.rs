//! What people declared in a workspace, each as it stands now: approvals, waivers, blockers.

use jiff::Timestamp;

use crate::domain::blocker::case::cases;
use crate::domain::blocker::summary::Summary;
use crate::domain::declaration::standing::{Court, Doubt};
use crate::domain::declaration::{Declaration, What};
use crate::domain::entry::History;
use crate::domain::inventory::Inventory;

/// Everything that was declared.
#[derive(Clone, Debug, Default)]
pub struct Register {
    /// In the ledger's order.
    pub approvals: Vec<Standing>,
    pub waivers: Vec<Standing>,
    /// By ticket, the resolved ones too.
    pub blockers: Vec<Summary>,
}

/// An approval or a waiver, and whether it may be acted upon where it was declared for.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Of its entry in the ledger.
    pub sequence: u64,
    pub declaration: Declaration,
    /// Why it opens nothing; None when it stands.
    pub doubt: Option<Doubt>,
    /// Requests that it opened.
    pub opened: usize,
}

impl Standing {
    /// What is approved or waived.
    pub fn subject(&self) -> String {
        match &self.declaration.what {
            What::Approval { scope, .. } => scope.to_string(),
            What::Waiver { integration, criterion } => format!("{integration} {criterion}"),
            What::Attempt { ticket, .. } | What::Resolution { ticket, .. } => ticket.clone(),
            What::Revocation { sequence, .. } => format!("entry {sequence}"),
        }
    }

    /// Where it holds; empty where it names nothing.
    pub fn environment(&self) -> &str {
        self.declaration.environment.as_deref().unwrap_or_default()
    }

    /// `stands`, or why it does not.
    pub fn told(&self) -> String {
        self.doubt.as_ref().map_or_else(|| "stands".to_owned(), ToString::to_string)
    }
}

/// Puts it together, as of `now`. The history's signatures are checked already.
pub fn register(inventory: &Inventory, history: &History, now: Timestamp) -> Register {
    let history = &history.of_people();
    let mut register = Register::default();
    for (sequence, declaration) in history.declarations() {
        let list = match declaration.what {
            What::Approval { .. } => &mut register.approvals,
            What::Waiver { .. } => &mut register.waivers,
            What::Attempt { .. } | What::Resolution { .. } | What::Revocation { .. } => continue,
        };
        let environment = declaration.environment.as_deref().unwrap_or_default();
        let digest = declaration.digest();
        list.push(Standing {
            sequence,
            declaration: declaration.clone(),
            doubt: Court { inventory, history, environment, now }.doubts(sequence, declaration),
            opened: history.opened().filter(|opened| opened.digest == digest).count(),
        });
    }
    register.blockers = cases(inventory, history, None, now).iter().map(|case| Summary::of(case, now)).collect();
    register
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::register;
    use crate::domain::chain::hash::Hash;
    use crate::domain::entry::{Body, Entry, History, VERSION};
    use crate::domain::inventory::Inventory;

    #[test]
    fn each_is_told_as_it_stands() {
        let inventory: Inventory = serde_json::from_value(json!({
            "version": 1, "name": "w", "environments": {"staging": {}}, "integrations": {"shop": {}},
            "blockers": {"T-1": {"integration": "shop", "title": "No key", "owner": "ops", "opened": "2026-11-01"}},
        }))
        .expect("an inventory");
        let at = "2026-11-20T12:00:00Z".parse().expect("a time");
        let declare = |sequence, what: serde_json::Value, until: &str| Entry {
            version: VERSION,
            sequence,
            previous: Hash::NOTHING,
            written: at,
            body: Body::Declaration(
                serde_json::from_value(json!({
                    "what": what, "workspace": "w", "environment": "staging", "by": "ana", "why": "launch",
                    "at": "2026-11-20T10:00:00Z", "until": until,
                }))
                .expect("a declaration"),
            ),
        };
        let waiver = json!({"waiver": {"integration": "shop", "criterion": "webhooks"}});
        let approval = json!({"approval": {"scope": {"flip": {"flag": "live"}}}});
        let history = History {
            entries: vec![
                declare(1, waiver.clone(), "2026-11-20T11:00:00Z"),
                declare(2, waiver, "2026-11-21T11:00:00Z"),
                declare(3, approval, "2026-11-21T11:00:00Z"),
            ],
            ..History::default()
        };
        let found = register(&inventory, &history, at);
        let told = |list: &[super::Standing]| -> Vec<String> {
            list.iter().map(|one| format!("{} {} {}", one.sequence, one.subject(), one.told())).collect()
        };
        assert_eq!(told(&found.waivers), ["1 shop webhooks expired at 2026-11-20T11:00:00Z", "2 shop webhooks stands"]);
        assert_eq!(told(&found.approvals), ["3 flip live stands"]);
        assert!(found.blockers.iter().all(|blocker| blocker.open && blocker.ticket == "T-1"));
    }
}
