//! `preflight approve`: let exactly one thing be done on a live target, for a while; list what was declared; take it back.

use clap::Args;
use serde_json::json;

use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::declaring::{Desk, Draft, Word, unknown, until};
use crate::cli::exit::{Advice, Exit};
use crate::domain::declaration::register::{Register, Standing, register};
use crate::domain::declaration::scope::Scope;
use crate::domain::declaration::{Declaration, What};
use crate::domain::integration::Name;
use crate::engine::plan::plan;

/// What is approved, where, by whom, why, and until when.
#[derive(Args, Clone, Debug)]
pub struct Approve {
    /// `INTEGRATION METHOD PATH` (`shop PUT /items/{id}`; a GraphQL mutation: `shop POST /graphql.json mutation NAME`),
    /// `INTEGRATION OPERATION` (an id of its manifest), `INTEGRATION @TAG` (whatever these scenarios send), or `flip FLAG`
    #[arg(value_name = "WHAT")]
    pub what: Vec<String>,
    /// The environment in which it may be done
    #[arg(long, value_name = "ENVIRONMENT")]
    pub env: Option<String>,
    #[command(flatten)]
    pub word: Word,
    /// When it expires: a day (its end, UTC), a time with its zone, or a while (90m, 8h, 3d)
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// How many requests it opens [default: any number]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub uses: Option<u32>,
    /// Lists approvals and waivers, and which of them stand
    #[arg(long, conflicts_with_all = ["what", "revoke", "uses", "until", "by", "why", "key"])]
    pub list: bool,
    /// Takes back the declaration of this entry (an approval, a waiver, an attempt, a resolution)
    #[arg(long, value_name = "SEQUENCE", conflicts_with_all = ["what", "uses", "until", "env"])]
    pub revoke: Option<u64>,
}

/// Runs the verb.
///
/// # Errors
/// What is to be declared makes no sense, or cannot be written.
pub fn run(common: &Common, args: &Approve, console: Console) -> anyhow::Result<Exit> {
    let desk = Desk::open(common, console)?;
    if args.list {
        return list(&desk, args.env.as_deref());
    }
    if let Some(sequence) = args.revoke {
        return revoke(&desk, sequence, &args.word);
    }
    let scope = scope(&desk, &args.what)?;
    let environment = desk.environment(args.env.as_deref())?;
    let until = until(args.until.as_deref(), desk.now)?;
    if matches!(scope, Scope::Flip { .. }) && args.uses.is_some() {
        return Err(Advice::new("a flip is no request", "leave --uses out").into());
    }
    let told = format!("{scope} on {environment} until {until}");
    let what = What::Approval { scope, uses: args.uses };
    let counts_in = vec![environment.clone()];
    desk.declare(Draft { what, environment: Some(environment), until: Some(until), counts_in }, &args.word)?;
    console.say(&format!("opened: {told}; everything else stays refused"));
    Ok(Exit::Kept)
}

/// Reads what is approved.
fn scope(desk: &Desk, words: &[String]) -> anyhow::Result<Scope> {
    let joined = words.join(" ");
    let words: Vec<&str> = joined.split_whitespace().collect();
    let example = "for example: preflight approve supabase POST /rest/v1/rpc/match_documents";
    match words.as_slice() {
        ["flip", flag] => flip(desk, flag),
        ["flip", ..] => Err(Advice::new("a flip names one flag", "preflight approve flip FLAG").into()),
        [name, tag] if tag.starts_with('@') => scenarios(desk, &integration(desk, name)?, tag.trim_start_matches('@')),
        [name, operation] => operation_of(desk, integration(desk, name)?, operation),
        [name, method, path] => request(integration(desk, name)?, method, path, None),
        [name, method, path, kind, field] => {
            request(integration(desk, name)?, method, path, Some(format!("{kind} {field}")))
        }
        _ => Err(Advice::new("it does not say what is approved", example).into()),
    }
}

fn integration(desk: &Desk, named: &str) -> anyhow::Result<Name> {
    let declared = &desk.workspace.inventory.integrations;
    let found = declared.keys().find(|name| name.as_str() == named).cloned();
    let known: Vec<&str> = declared.keys().map(Name::as_str).collect();
    Ok(found.ok_or_else(|| unknown("integration", named, &known))?)
}

fn flip(desk: &Desk, flag: &str) -> anyhow::Result<Scope> {
    let flags = &desk.workspace.inventory.flags;
    if !flags.contains_key(flag) {
        let known: Vec<&str> = flags.keys().map(String::as_str).collect();
        return Err(unknown("flag", flag, &known).into());
    }
    Ok(Scope::Flip { flag: flag.to_owned() })
}

fn scenarios(desk: &Desk, name: &Name, tag: &str) -> anyhow::Result<Scope> {
    let contract = desk.workspace.contracts.get(name);
    let planned = contract.map(|contract| plan(contract).0).unwrap_or_default();
    let tagged = planned.iter().filter(|scenario| scenario.tags.iter().any(|known| known == tag)).count();
    let Some(contract) = contract.filter(|_| tagged > 0) else {
        let hint = format!("a tag is approved with the contract as it is today; look in features/{name}/");
        return Err(Advice::new(format!("no scenario of {name} is tagged @{tag}"), hint).into());
    };
    desk.console.say(&format!("@{tag} marks {tagged} of the {} scenarios of {name}", planned.len()));
    Ok(Scope::Scenarios { integration: name.clone(), tag: tag.to_owned(), contract: contract.hash.clone() })
}

fn operation_of(desk: &Desk, name: Name, id: &str) -> anyhow::Result<Scope> {
    let operations = desk.workspace.contracts.get(&name).map(|contract| contract.manifest.operations.as_slice());
    let operations = operations.unwrap_or_default();
    let Some(operation) = operations.iter().find(|operation| operation.id == id) else {
        let known: Vec<&str> = operations.iter().map(|operation| operation.id.as_str()).collect();
        let hint = format!("write `{name} METHOD PATH`, or one of its operations: {}", known.join(", "));
        return Err(Advice::new(format!("{name} has no operation `{id}`"), hint).into());
    };
    let (method, path) = operation.request.split_once(' ').unwrap_or((&operation.request, ""));
    request(name, method, path, operation.graphql.clone())
}

fn request(integration: Name, method: &str, path: &str, graphql: Option<String>) -> anyhow::Result<Scope> {
    if !["POST", "PUT", "PATCH", "DELETE"].contains(&method) {
        let hint = "POST, PUT, PATCH or DELETE, in capitals; what only reads is sent without one";
        return Err(Advice::new(format!("`{method}` is no method that needs an approval"), hint).into());
    }
    if !path.starts_with('/') || path.contains('#') {
        let hint = "write the path below the base URL: /rest/v1/rpc/match_documents";
        return Err(Advice::new(format!("`{path}` is no path"), hint).into());
    }
    if graphql.as_ref().is_some_and(|field| !field.starts_with("mutation ")) {
        let hint = "write it as: POST /graphql.json mutation NAME";
        return Err(Advice::new("only a GraphQL mutation needs an approval", hint).into());
    }
    Ok(Scope::Request { integration, request: format!("{method} {path}"), graphql })
}

fn revoke(desk: &Desk, sequence: u64, word: &Word) -> anyhow::Result<Exit> {
    let found = desk.history.declarations().find(|(number, _)| *number == sequence);
    let digest = match found.map(|(_, declaration)| (declaration, Declaration::digest(declaration))) {
        Some((Declaration { what: What::Revocation { .. }, .. }, _)) => {
            return Err(Advice::new("a revocation is not taken back", "declare anew what it took").into());
        }
        Some((_, digest)) => digest,
        None => {
            let hint = "`preflight approve --list` shows their entries";
            return Err(Advice::new(format!("entry {sequence} of the ledger is no declaration"), hint).into());
        }
    };
    let what = What::Revocation { sequence, digest };
    desk.declare(Draft { what, environment: None, until: None, counts_in: Vec::new() }, word)?;
    desk.console.say(&format!("entry {sequence} and every copy of it count for nothing any more"));
    Ok(Exit::Kept)
}

fn list(desk: &Desk, environment: Option<&str>) -> anyhow::Result<Exit> {
    let environment = environment.map(|named| desk.environment(Some(named))).transpose()?;
    let Register { approvals, waivers, .. } = register(&desk.workspace.inventory, &desk.history, desk.now);
    let mut all: Vec<Standing> = approvals.into_iter().chain(waivers).collect();
    all.sort_by_key(|standing| standing.sequence);
    all.retain(|standing| environment.as_deref().is_none_or(|asked| asked == standing.environment()));
    let (mut lines, mut items) = (Vec::new(), Vec::new());
    for standing in &all {
        let Standing { sequence, declaration, doubt, opened } = standing;
        let until = declaration.until.map_or_else(|| "ever".to_owned(), |until| until.to_string());
        lines.push(format!(
            "{sequence}  {} of {} on {} until {until} by {}: {} [{}; opened {opened}]",
            declaration.noun(),
            standing.subject(),
            standing.environment(),
            declaration.by,
            declaration.why,
            standing.told()
        ));
        let doubt = doubt.as_ref().map(ToString::to_string);
        items.push(json!({
            "sequence": sequence, "declaration": declaration, "stands": doubt.is_none(), "doubt": doubt, "opened": opened,
        }));
    }
    if desk.console.json() {
        desk.console.give(&serde_json::to_string_pretty(&items)?);
    }
    if lines.is_empty() {
        lines.push("nothing is approved or waived".to_owned());
    }
    desk.console.say(&lines.join("\n"));
    Ok(Exit::Kept)
}
