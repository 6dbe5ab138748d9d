//! What a failure follows from: services stand on others, and one cause is one incident.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::integration::Name;

/// Who stands on whom.
#[derive(Clone, Debug, Default)]
pub struct Dependencies(BTreeMap<Name, Vec<Name>>);

impl Dependencies {
    pub fn of(all: impl IntoIterator<Item = (Name, Vec<Name>)>) -> Self {
        Self(all.into_iter().collect())
    }

    /// The services from which the failure of `name` follows: what it stands on, directly or not, that fails and stands on
    /// nothing that fails. Empty where it stands on nothing that fails, or where it fails in a circle with others.
    pub fn roots(&self, name: &Name, fails: &dyn Fn(&Name) -> bool) -> BTreeSet<Name> {
        let (mut roots, mut seen, mut left) = (BTreeSet::new(), BTreeSet::from([name]), vec![name]);
        while let Some(next) = left.pop() {
            let mut is_root = true;
            for below in self.0.get(next).into_iter().flatten().filter(|below| fails(below)) {
                is_root = false;
                if seen.insert(below) {
                    left.push(below);
                }
            }
            if is_root && next != name {
                roots.insert(next.clone());
            }
        }
        roots
    }

    /// A circle of services that stand on each other, if there is one: a mistake in the workspace.
    pub fn circle(&self) -> Option<Vec<Name>> {
        self.0.keys().find_map(|start| {
            let mut path = vec![start.clone()];
            self.way_back(start, start, &mut path, &mut BTreeSet::new()).then_some(path)
        })
    }

    fn way_back(&self, from: &Name, to: &Name, path: &mut Vec<Name>, seen: &mut BTreeSet<Name>) -> bool {
        for below in self.0.get(from).into_iter().flatten() {
            if below == to {
                return true;
            }
            if seen.insert(below.clone()) {
                path.push(below.clone());
                if self.way_back(below, to, path, seen) {
                    return true;
                }
                path.pop();
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::{Dependencies, Name};

    fn dependencies(text: &str) -> Dependencies {
        let one = |line: &str| {
            let (name, below) = line.split_once(':').unwrap();
            (name.parse().unwrap(), below.split_whitespace().map(|name| name.parse().unwrap()).collect())
        };
        Dependencies::of(text.split(';').map(one))
    }

    #[test]
    fn what_stands_on_a_failure_has_it_for_its_root() {
        let all =
            dependencies("app: supabase chatwoot;supabase: network;chatwoot: redis network;redis: network;network:");
        for (name, failing, roots) in [
            ("app", "app", ""),
            ("app", "app supabase", "supabase"),
            ("app", "app supabase network", "network"),
            ("app", "app supabase redis chatwoot", "redis supabase"),
            ("chatwoot", "chatwoot network", "network"),
            // The network fails, but what is between holds: the failure of the app does not follow from it.
            ("app", "app network", ""),
            ("network", "network app", ""),
        ] {
            let fails = |name: &Name| failing.split(' ').any(|failing| name.as_str() == failing);
            let found = all.roots(&name.parse().unwrap(), &fails);
            let found: Vec<_> = found.iter().map(Name::as_str).collect();
            assert_eq!(found.join(" "), roots, "{name} of {failing}");
        }
    }

    #[test]
    fn a_circle_ends_and_is_told() {
        let all = dependencies("a: b;b: c;c: a;d: a");
        assert!(all.roots(&"d".parse().unwrap(), &|_| true).is_empty());
        assert_eq!(all.circle().unwrap().len(), 3);
        assert!(dependencies("a: b;b: c").circle().is_none());
        assert_eq!(dependencies("a: a").circle().unwrap().len(), 1);
    }
}
