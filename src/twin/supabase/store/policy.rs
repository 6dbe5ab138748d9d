//! Who may see and write which rows: grants, and row-level security.

use jiff::Timestamp;

use crate::twin::supabase::store::datum::Datum;
use crate::twin::supabase::store::error::PgError;
use crate::twin::supabase::store::json::Json;
use crate::twin::supabase::store::schema::{Command, Policy, Rule, Table};

/// Who asks, when.
#[derive(Clone, Debug)]
pub struct Session {
    pub role: String,
    /// The claims of the request's token.
    pub claims: Json,
    pub now: Timestamp,
}

impl Session {
    /// `service_role` has BYPASSRLS in every Supabase project.
    fn bypasses(&self) -> bool {
        self.role == "service_role"
    }

    pub fn claim(&self, name: &str) -> Option<String> {
        self.claims.member(name).and_then(Json::as_text)
    }

    /// Whether row-level security holds for this session on this table.
    pub fn is_restricted(&self, table: &Table) -> bool {
        table.policies.is_some() && !self.bypasses()
    }

    /// # Errors
    /// 42501 when the role was not granted the privilege.
    pub fn require(&self, table: &Table, command: Command) -> Result<(), PgError> {
        if table.allows(&self.role, command) { Ok(()) } else { Err(PgError::permission_denied(&table.name)) }
    }

    /// Whether a row is seen by a statement of this kind.
    pub fn sees(&self, table: &Table, row: &[Datum], command: Command) -> bool {
        self.passes(table, row, command, |policy| policy.using.as_ref())
    }

    /// Whether a row may be written by a statement of this kind.
    pub fn may_write(&self, table: &Table, row: &[Datum], command: Command) -> bool {
        self.passes(table, row, command, |policy| policy.check.as_ref().or(policy.using.as_ref()))
    }

    fn passes(&self, table: &Table, row: &[Datum], command: Command, rule: fn(&Policy) -> Option<&Rule>) -> bool {
        if !self.is_restricted(table) {
            return true;
        }
        let policies = table.policies.iter().flatten();
        let mut applying = policies.filter(|policy| {
            policy.command.is_none_or(|own| own == command) && (policy.to.is_empty() || policy.to.contains(&self.role))
        });
        applying.any(|policy| rule(policy).is_none_or(|rule| self.holds(table, row, rule)))
    }

    fn holds(&self, table: &Table, row: &[Datum], rule: &Rule) -> bool {
        let condition = match rule {
            Rule::Always(always) => return *always,
            Rule::When(condition) => condition,
        };
        let Some(value) = table.position(&condition.column).and_then(|position| row.get(position)) else {
            return false;
        };
        match (&condition.claim, &condition.equals) {
            (Some(claim), _) => value.to_text().is_some_and(|text| self.claim(claim) == Some(text)),
            (None, Some(wanted)) => value.cast_text() == Json::from(wanted).as_text() && !value.is_null(),
            (None, None) => false,
        }
    }
}
