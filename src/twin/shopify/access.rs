//! Access scopes: what an installation may do.

use std::collections::BTreeSet;

use crate::twin::shopify::graphql::schema::Access;

/// The scopes that a merchant granted.
#[derive(Clone, Debug, Default)]
pub struct Scopes(BTreeSet<String>);

impl Scopes {
    /// Reads `read_orders, write_products`.
    pub fn read(list: &str) -> Self {
        let handles = list.split(',').map(str::trim).filter(|handle| !handle.is_empty());
        Self(handles.map(str::to_owned).collect())
    }

    /// A write scope includes the read scope of the same resource (shopify.dev/docs/api/usage/access-scopes).
    pub fn allows(&self, scope: &str) -> bool {
        let write = scope.strip_prefix("read_").map(|resource| format!("write_{resource}"));
        self.0.contains(scope) || write.is_some_and(|write| self.0.contains(&write))
    }

    pub fn opens(&self, access: &Access) -> bool {
        access.scopes.iter().any(|scope| self.allows(scope))
    }

    /// The handles as Shopify lists them: a granted write scope comes with its read scope.
    pub fn handles(&self) -> Vec<String> {
        let reads = self.0.iter().filter_map(|scope| scope.strip_prefix("write_")).map(|name| format!("read_{name}"));
        let all: BTreeSet<_> = self.0.iter().cloned().chain(reads).collect();
        all.into_iter().collect()
    }

    /// `read_orders,write_products`
    pub fn list(&self) -> String {
        self.0.iter().map(String::as_str).collect::<Vec<_>>().join(",")
    }
}

/// What is required, in the words of an `ACCESS_DENIED` error: ``"`read_orders` access scope."``.
pub fn required(access: &Access) -> String {
    let named: Vec<_> = access.scopes.iter().map(|scope| format!("`{scope}` access scope")).collect();
    let list = match named.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    };
    match &access.also {
        Some(also) => format!("{list}. Also: {also}"),
        None => format!("{list}."),
    }
}

#[cfg(test)]
mod tests {
    use super::{Scopes, required};
    use crate::twin::shopify::graphql::schema::Access;

    #[test]
    fn a_write_scope_includes_the_read_scope() {
        let scopes = Scopes::read("read_orders, write_products");
        assert!(scopes.allows("read_orders") && scopes.allows("read_products") && scopes.allows("write_products"));
        assert!(!scopes.allows("write_orders") && !scopes.allows("read_customers"));
        assert_eq!(scopes.handles(), ["read_orders", "read_products", "write_products"]);
        assert_eq!(scopes.list(), "read_orders,write_products");
    }

    #[test]
    fn what_is_required_is_worded_as_shopify_words_it() {
        let access = |scopes: &[&str], also: Option<&str>| Access {
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            also: also.map(str::to_owned),
        };
        assert_eq!(required(&access(&["read_reports"], None)), "`read_reports` access scope.");
        assert_eq!(
            required(&access(&["a", "b", "c"], Some("The user must have a permission."))),
            "`a` access scope, `b` access scope or `c` access scope. Also: The user must have a permission."
        );
    }
}
