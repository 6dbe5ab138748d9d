//! Which branches of optional, nullable and one-of promises the answers of a run have shown.

use std::collections::BTreeMap;

/// For each promise with branches: how often each branch was seen.
#[derive(Clone, Debug, Default)]
pub struct Branches {
    seen: BTreeMap<String, BTreeMap<String, u32>>,
}

impl Branches {
    /// Notes that of the `branches` of the promise `label` this one was seen.
    pub fn note<'a>(&mut self, label: &str, branches: impl IntoIterator<Item = &'a str>, seen: &str) {
        let known = self.seen.entry(label.to_owned()).or_default();
        for branch in branches {
            known.entry(branch.to_owned()).or_default();
        }
        *known.entry(seen.to_owned()).or_default() += 1;
    }

    pub fn merge(&mut self, other: Self) {
        for (label, branches) in other.seen {
            let known = self.seen.entry(label).or_default();
            for (branch, times) in branches {
                *known.entry(branch).or_default() += times;
            }
        }
    }

    /// The same with labels and branches rewritten: a promise may have been about a secret.
    #[must_use]
    pub fn relabelled(self, rewrite: impl Fn(&str) -> String) -> Self {
        let mut rewritten = Self::default();
        for (label, branches) in self.seen {
            let known = rewritten.seen.entry(rewrite(&label)).or_default();
            for (branch, times) in branches {
                *known.entry(rewrite(&branch)).or_default() += times;
            }
        }
        rewritten
    }

    /// One line for each branch that no answer showed: `features/x.feature:12 $.a (##string): never null`.
    pub fn unseen(&self) -> Vec<String> {
        let never = |(label, branches): (&String, &BTreeMap<String, u32>)| {
            let missing: Vec<_> = branches.iter().filter(|(_, times)| **times == 0).map(|(b, _)| b.as_str()).collect();
            (!missing.is_empty()).then(|| format!("{label}: never {}", missing.join(", ")))
        };
        self.seen.iter().filter_map(never).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Branches;

    #[test]
    fn a_branch_that_no_answer_showed_is_named() {
        let mut branches = Branches::default();
        branches.note("f:1 $.a", ["null", "present"], "present");
        let mut later = Branches::default();
        later.note("f:2 $.b", ["open", "resolved"], "open");
        later.note("f:2 $.b", ["open", "resolved"], "resolved");
        branches.merge(later);
        assert_eq!(branches.unseen(), ["f:1 $.a: never null"]);
    }
}
