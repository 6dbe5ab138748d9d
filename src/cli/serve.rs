//! `preflight serve`: the twins on fixed ports, for any client in any language.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use url::Url;

use crate::adapter::client::{Client, Options, Safety};
use crate::adapter::halt;
use crate::adapter::workspace::Workspace;
use crate::cli::args::{Common, Serve};
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::flip;
use crate::cli::home;
use crate::cli::outputs;
use crate::domain::fault::Fault;
use crate::domain::integration::Name;
use crate::domain::nearest::nearest;
use crate::engine::follow::Followed;
use crate::engine::serve::{Order, Served, serve};
use crate::engine::twins;

/// Runs the verb until Ctrl-C.
///
/// # Errors
/// A port is taken, a name unknown, a setting refused.
pub async fn run(common: &Common, args: &Serve, console: Console) -> anyhow::Result<Exit> {
    let workspace = home::workspace(common)?.coherent()?;
    if args.list {
        console.give(&twins::page(&workspace)?);
        return Ok(Exit::Kept);
    }
    let here = home::here()?;
    let certificate = args.tls.then(|| here.join(outputs::folder(common, &workspace)).join("serve-certificate.pem"));
    let order = Order {
        names: args.names.iter().map(|text| twin(text)).collect::<Result<_, _>>()?,
        port: args.port,
        certificate: certificate.clone(),
        upstreams: upstreams(args)?,
        settings: args.set.iter().map(|text| setting(text)).collect::<Result<_, _>>()?,
        faults: args.fault.iter().map(|text| fault(text)).collect::<Result<_, _>>()?,
        seed: args.seed,
        follows: follows(&workspace, args)?,
        told: Arc::new(move |line| console.say(&format!("flag {line}"))),
        gaps: Arc::new(move |gap| console.say(&format!("gap: {gap}"))),
    };
    let end = halt::asked_for();
    let serving = serve(&workspace, order).await?;
    for twin in &serving.twins {
        announce(twin, certificate.as_deref().map(|path| path.display().to_string()), console);
    }
    console.say("serving until Ctrl-C");
    end.await;
    Ok(Exit::Kept)
}

fn twin(text: &str) -> anyhow::Result<Name> {
    let known = twins::names();
    if !known.contains(&text) {
        let near =
            nearest(text, known.iter().copied()).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        let hint = format!("{near}there are {}", known.join(", "));
        return Err(Advice::new(format!("there is no twin `{text}`"), hint).into());
    }
    Ok(text.parse()?)
}

/// `NAME=URL`; a bare URL is the service that the idea-pool asks.
fn upstreams(args: &Serve) -> anyhow::Result<BTreeMap<Name, Url>> {
    let mut upstreams = BTreeMap::new();
    for text in &args.upstream {
        let (name, url) = text.split_once('=').filter(|(name, _)| !name.contains(':')).unwrap_or(("supabase", text));
        let url = Url::parse(url).map_err(|error| {
            Advice::new(
                format!("`{url}` is no URL: {error}"),
                "write it with its scheme, as in https://project.supabase.co",
            )
        })?;
        upstreams.insert(twin(name)?, url);
    }
    Ok(upstreams)
}

/// Each flag with the twin that reads it and the first store that keeps it.
fn follows(workspace: &Workspace, args: &Serve) -> anyhow::Result<Vec<Followed>> {
    let Some(environment) = &args.env else { return Ok(Vec::new()) };
    let environment = flip::environment(workspace, environment)?;
    let client = Client::new(Options::new(Safety::SafeOnly))?;
    let mut follows = Vec::new();
    for flag in &args.follow {
        let declared = flip::flag(workspace, flag)?;
        let store = flip::stores(workspace, flag, declared, &environment, &client)?.into_iter().next();
        let integration = declared.integrations.iter().find(|name| twins::names().contains(&name.as_str()));
        let (Some(store), Some(integration)) = (store, integration) else {
            let hint = "name an integration that has a twin in flags.NAME.integrations";
            return Err(Advice::new(format!("no twin reads `{flag}`"), hint).into());
        };
        follows.push(Followed {
            flag: flag.clone(),
            declared: declared.clone(),
            environment: environment.name().to_owned(),
            twin: twin(integration)?,
            store,
        });
    }
    Ok(follows)
}

fn setting(text: &str) -> anyhow::Result<(Name, String, Value)> {
    let usage = || {
        Advice::new(format!("`{text}` sets nothing"), "write --set NAME.SETTING=VALUE, as in chatwoot.version=4.6.0")
    };
    let (left, value) = text.split_once('=').ok_or_else(usage)?;
    let (name, setting) = left.split_once('.').ok_or_else(usage)?;
    // What a twin calls a version is always text, also where it looks like a number.
    let parsed = if setting == "version" { None } else { serde_json::from_str(value).ok() };
    Ok((twin(name)?, setting.to_owned(), parsed.unwrap_or_else(|| Value::from(value))))
}

fn fault(text: &str) -> anyhow::Result<(Name, Fault)> {
    let hint = "write --fault NAME=KIND, as in supabase=status:503; `preflight serve --help` lists the kinds";
    let (name, kind) = text.split_once('=').ok_or_else(|| Advice::new(format!("`{text}` is no fault"), hint))?;
    let fault = kind.parse().map_err(|error| Advice::new(format!("{error}"), hint))?;
    Ok((twin(name)?, fault))
}

/// One line a twin, once it answers.
fn announce(twin: &Served, certificate: Option<String>, console: Console) {
    if console.json() {
        let line = json!({
            "name": twin.name, "version": twin.version, "url": twin.url, "tls_url": twin.tls_url,
            "certificate": certificate, "environment": twin.environment,
        });
        console.give(&line.to_string());
        return;
    }
    let tls = twin.tls_url.as_ref().map(|url| format!(" and {url}")).unwrap_or_default();
    console.say(&format!("{} {} at {}{tls}", twin.name, twin.version, twin.url));
    for (variable, value) in &twin.environment {
        console.say(&format!("  {variable}={value}"));
    }
    if let Some(path) = certificate {
        console.say(&format!("  trust {path}"));
    }
}
