//! Takes out of a shape what leads to no branch, so that a walk looks at nothing in vain.

use crate::check::shape::{Alternative, Inner, Node, Shape};

impl Shape {
    /// The same without places that have no branch and lead to none.
    pub(super) fn pruned(mut self) -> Self {
        let live = self.live();
        let leads = |node: &Option<usize>| node.filter(|at| live[*at]);
        for node in &mut self.nodes {
            for member in &mut node.members {
                member.node = leads(&member.node);
            }
            node.members.retain(|member| member.optional.is_some() || member.node.is_some());
            // Whether a list was empty matters only for what its items would have shown.
            node.entries.retain(|(_, inner)| live[inner.node]);
            node.items = node.items.take().filter(|inner| live[inner.node]);
            node.prefix.iter_mut().for_each(|place| *place = leads(place));
            for alternative in node.choices.iter_mut().flatten() {
                alternative.node = leads(&alternative.node);
            }
        }
        self.renumber();
        self
    }

    /// Which nodes have a branch or lead to one.
    fn live(&self) -> Vec<bool> {
        let mut live: Vec<bool> = self.nodes.iter().map(has_branch).collect();
        loop {
            let more: Vec<usize> = (0..self.nodes.len())
                .filter(|at| !live[*at] && inner(&self.nodes[*at]).any(|below| live[below]))
                .collect();
            if more.is_empty() {
                return live;
            }
            for at in more {
                live[at] = true;
            }
        }
    }

    /// Leaves out the branches that no node has any more.
    fn renumber(&mut self) {
        let mut kept = Vec::new();
        let mut number = |old: &mut usize| {
            kept.push(*old);
            *old = kept.len() - 1;
        };
        for node in &mut self.nodes {
            node.kinds.iter_mut().for_each(|(_, branch)| number(branch));
            for (present, absent) in node.members.iter_mut().filter_map(|member| member.optional.as_mut()) {
                number(present);
                number(absent);
            }
            let inner = node.entries.iter_mut().map(|(_, inner)| inner).chain(&mut node.items);
            inner.for_each(|inner| number(&mut inner.some));
            node.choices.iter_mut().flatten().filter_map(|it| it.branch.as_mut()).for_each(&mut number);
        }
        self.branches = kept.into_iter().map(|old| self.branches[old].clone()).collect();
    }
}

fn has_branch(node: &Node) -> bool {
    let chosen = |alternative: &Alternative| alternative.branch.is_some();
    !node.kinds.is_empty()
        || node.members.iter().any(|member| member.optional.is_some())
        || node.choices.iter().flatten().any(chosen)
}

/// The nodes that a node leads to.
fn inner(node: &Node) -> impl Iterator<Item = usize> {
    let lists = node.entries.iter().map(|(_, inner)| inner).chain(&node.items).map(|inner: &Inner| inner.node);
    let members = node.members.iter().filter_map(|member| member.node);
    let alternatives = node.choices.iter().flatten().filter_map(|alternative| alternative.node);
    lists.chain(members).chain(alternatives).chain(node.prefix.iter().filter_map(|place| *place))
}
