//! The plan of a read: the tree of relations that a request selects, with each one's filters, order and range.

use crate::twin::supabase::rest::embed::{find_relationship, no_relationship_hint};
use crate::twin::supabase::rest::error::{RestError, Told};
use crate::twin::supabase::store::database::Database;
use crate::twin::supabase::store::relation::Relationship;
use crate::wire::postgrest::filter::{Filter, Logic, Operation, Truth};
use crate::wire::postgrest::name::Field;
use crate::wire::postgrest::order::Term;
use crate::wire::postgrest::query::{Query, embed_path};
use crate::wire::postgrest::range::Range;
use crate::wire::postgrest::select::{Selected, SelectedField};

/// One relation of a request.
#[derive(Clone, Debug)]
pub struct Plan {
    /// As the request names it.
    pub name: String,
    pub alias: Option<String>,
    pub hint: Option<String>,
    /// The table it turned out to be.
    pub table: String,
    pub fields: Vec<SelectedField>,
    pub conditions: Vec<Condition>,
    pub order: Vec<Term>,
    pub range: Range,
    pub inner: bool,
    pub spread: bool,
    /// How it hangs on its parent; None at the root.
    pub relationship: Option<Relationship>,
    pub children: Vec<Plan>,
}

/// A condition, perhaps on whether an embedded relation is empty.
#[derive(Clone, Debug)]
pub enum Condition {
    Logic(Logic),
    Branch { negated: bool, all: bool, parts: Vec<Condition> },
    Embed { name: String, present: bool },
}

/// What is done to the root, which decides which of the request's parts apply to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Purpose {
    /// A read or a function call.
    Read,
    /// The rows that a mutation wrote: filters, order and ranges of the root were used up by the mutation.
    Written,
}

impl Plan {
    fn new(name: &str, selected: &[Selected]) -> Self {
        let mut plan = Self {
            name: name.to_owned(),
            alias: None,
            hint: None,
            table: name.to_owned(),
            fields: Vec::new(),
            conditions: Vec::new(),
            order: Vec::new(),
            range: Range::ALL,
            inner: false,
            spread: false,
            relationship: None,
            children: Vec::new(),
        };
        for item in selected {
            match item {
                Selected::Field(field) => plan.fields.push(field.clone()),
                Selected::Relation(relation) => {
                    let mut child = Self::new(&relation.name, &relation.selected);
                    child.alias.clone_from(&relation.alias);
                    child.hint.clone_from(&relation.hint);
                    child.inner = relation.inner;
                    child.spread = relation.spread;
                    plan.children.push(child);
                }
            }
        }
        plan
    }

    /// The name under which an embedded relation is answered.
    pub fn output_name(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }

    pub fn is_to_one(&self) -> bool {
        self.relationship.as_ref().is_some_and(|relationship| relationship.cardinality.is_to_one())
    }

    /// Applies a change at the end of a path of embedded relations, and moves those on the way to the front, as
    /// PostgREST's own tree update does.
    fn at(&mut self, path: &[String], change: &mut dyn FnMut(&mut Self)) -> Result<(), RestError> {
        let Some((first, rest)) = path.split_first() else {
            change(self);
            return Ok(());
        };
        let named = |child: &Self| child.name == *first || child.alias.as_ref() == Some(first);
        let Some(found) = self.children.iter().position(named) else { return Err(RestError::not_embedded(first)) };
        self.children[..=found].rotate_right(1);
        self.children[0].at(rest, change)
    }
}

/// Plans the read of `root` (a table, or a function's result).
///
/// # Errors
/// PostgREST's own (PGRST100, 108, 118, 119, 123, 200, 201).
pub fn read_plan(
    database: &Database,
    root: &str,
    query: &Query,
    top: Range,
    purpose: Purpose,
    max_rows: Option<i64>,
) -> Result<Plan, RestError> {
    let mut plan = Plan::new(root, &query.selected);
    let read = purpose == Purpose::Read;
    for (path, filter) in query.filters.iter().rev().filter(|(path, _)| read || !path.is_empty()) {
        let condition = Condition::Logic(Logic::Leaf(filter.clone()));
        plan.at(path, &mut |node| node.conditions.insert(0, condition.clone()))?;
    }
    if read {
        for (path, terms) in query.orders.iter().rev() {
            plan.at(path, &mut |node| node.order.clone_from(terms))?;
        }
        plan.range = top;
        for (name, range) in query.ranges.iter().filter(|(name, _)| *name != "limit") {
            plan.at(&embed_path(name)?, &mut |node| node.range = *range)?;
        }
    }
    for (path, logic) in query.logic.iter().rev().filter(|(path, _)| read || !path.is_empty()) {
        plan.at(path, &mut |node| node.conditions.insert(0, Condition::Logic(logic.clone())))?;
    }
    relate(database, &mut plan)?;
    check_related_orders(&plan)?;
    check_spreads(&plan)?;
    use_embeds_in_filters(&mut plan);
    check_aggregates(&plan)?;
    if let Some(most) = max_rows.filter(|_| read) {
        restrict(&mut plan, most);
    }
    Ok(plan)
}

fn relate(database: &Database, parent: &mut Plan) -> Result<(), RestError> {
    let origin = parent.table.clone();
    for child in &mut parent.children {
        let found = find_relationship(database, &origin, &child.name, child.hint.as_deref())
            .map_err(|ambiguous| RestError::from(*ambiguous))?;
        let Some(relationship) = found else {
            let hinted = child.hint.as_ref().map_or_else(String::new, |hint| format!("' using the hint '{hint}"));
            let name = &child.name;
            return Err(Told::new(
                400,
                "PGRST200",
                format!("Could not find a relationship between '{origin}' and '{name}' in the schema cache"),
            )
            .details(format!(
                "Searched for a foreign key relationship between '{origin}' and '{name}{hinted}' in the schema \
                 'public', but no matches were found."
            ))
            .hint(no_relationship_hint(database, &origin, name))
            .into());
        };
        child.table.clone_from(&relationship.foreign);
        child.relationship = Some(relationship);
        relate(database, child)?;
    }
    Ok(())
}

fn check_related_orders(plan: &Plan) -> Result<(), RestError> {
    for relation in plan.order.iter().filter_map(|term| term.relation.as_ref()) {
        match plan.children.iter().find(|child| child.output_name() == relation) {
            None => return Err(RestError::not_embedded(relation)),
            Some(child) if !child.is_to_one() => {
                let (origin, target) = (&plan.table, child.output_name());
                return Err(not_to_one("PGRST118", &format!("A related order on '{target}'"), origin, target));
            }
            Some(_) => {}
        }
    }
    plan.children.iter().try_for_each(check_related_orders)
}

fn check_spreads(plan: &Plan) -> Result<(), RestError> {
    for child in &plan.children {
        if child.spread && !child.is_to_one() {
            let what = format!("A spread operation on '{}'", child.name);
            return Err(not_to_one("PGRST119", &what, &plan.table, &child.name));
        }
        check_spreads(child)?;
    }
    Ok(())
}

fn not_to_one(code: &'static str, what: &str, origin: &str, target: &str) -> RestError {
    Told::new(400, code, format!("{what} is not possible"))
        .details(format!("'{origin}' and '{target}' do not form a many-to-one or one-to-one relationship"))
        .into()
}

/// `notes=is.null` on an embedded `notes` asks whether it is empty.
fn use_embeds_in_filters(plan: &mut Plan) {
    let names: Vec<String> = plan.children.iter().map(|child| child.output_name().to_owned()).collect();
    for condition in &mut plan.conditions {
        if let Condition::Logic(logic) = condition {
            *condition = with_embeds(logic, &names);
        }
    }
    plan.children.iter_mut().for_each(use_embeds_in_filters);
}

fn with_embeds(logic: &Logic, names: &[String]) -> Condition {
    match logic {
        Logic::Branch { negated, all, parts } => Condition::Branch {
            negated: *negated,
            all: *all,
            parts: parts.iter().map(|part| with_embeds(part, names)).collect(),
        },
        Logic::Leaf(Filter { field: Field { name, path }, negated, operation: Operation::Is(Truth::Null) })
            if path.is_empty() && names.contains(name) =>
        {
            Condition::Embed { name: name.clone(), present: *negated }
        }
        leaf @ Logic::Leaf(_) => Condition::Logic(leaf.clone()),
    }
}

fn check_aggregates(plan: &Plan) -> Result<(), RestError> {
    if plan.fields.iter().any(|field| field.aggregate.is_some()) {
        return Err(Told::new(400, "PGRST123", "Use of aggregate functions is not allowed").into());
    }
    plan.children.iter().try_for_each(check_aggregates)
}

fn restrict(plan: &mut Plan, most: i64) {
    if !plan.range.is_none_asked() {
        plan.range = plan.range.restricted(most);
    }
    plan.children.iter_mut().for_each(|child| restrict(child, most));
}
