//! `preflight webhook verify`: a delivery that was received in; trusted, or what is wrong with it, out.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

use crate::adapter::{clock, schemes};
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::home;
use crate::cli::webhook::bytes;
use crate::engine::webhook::delivery::secret;
use crate::engine::webhook::received::{Delivery, Verdict, headers, verify};

/// What to verify.
#[derive(Args, Clone, Debug)]
pub struct Verify {
    /// The raw body, byte for byte as it came; `-` reads stdin
    #[arg(value_name = "FILE", default_value = "-")]
    pub file: PathBuf,
    /// A known scheme, or a YAML file that describes one
    #[arg(long, value_name = "NAME|FILE")]
    pub scheme: String,
    /// The variable that holds the secret, or the public key [default: the scheme's usual one]
    #[arg(long, value_name = "NAME")]
    pub secret_env: Option<String>,
    /// A header that came; may be given more than once
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub header: Vec<String>,
    /// A file with the headers: lines `Name: value`, or a JSON object
    #[arg(long, value_name = "FILE")]
    pub headers: Option<PathBuf>,
    /// The address that was asked, as the vendor knows it; some schemes sign it
    #[arg(long, value_name = "URL", default_value = "http://localhost/")]
    pub url: String,
    /// The method that was asked
    #[arg(long, value_name = "METHOD", default_value = "POST")]
    pub method: http::Method,
    /// The time at which it is verified (RFC 3339) [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<Timestamp>,
}

/// Runs the verb.
///
/// # Errors
/// There is no such scheme or secret, or headers or body cannot be read.
pub fn run(args: &Verify, console: Console) -> anyhow::Result<Exit> {
    let scheme = schemes::find(&home::here()?, &args.scheme)?;
    let secret = secret(&scheme, args.secret_env.as_deref())?;
    let mut text = args.header.join("\n");
    let mut found = headers(&text).map_err(|error| Advice::new(format!("-H: {error}"), "write -H 'Name: value'"))?;
    if let Some(path) = &args.headers {
        text = String::from_utf8_lossy(&bytes(path)?).into_owned();
        let told = |error| Advice::new(format!("{}: {error}", path.display()), "one header a line, or a JSON object");
        found.extend(headers(&text).map_err(told)?);
    }
    if found.is_empty() {
        return Err(
            Advice::new("no header is given, so there is no signature", "give them with -H or --headers").into()
        );
    }
    let body = bytes(&args.file)?.to_vec();
    let delivery = Delivery { method: args.method.clone(), url: args.url.clone(), headers: found, body };
    let verdict = verify(&scheme, &secret, &delivery, args.at.unwrap_or_else(clock::now))?;
    if console.json() {
        console.give(&serde_json::to_string_pretty(&verdict)?);
    }
    console.say(&told(&verdict));
    Ok(if verdict.trusted { Exit::Kept } else { Exit::Broken })
}

fn told(verdict: &Verdict) -> String {
    let Some(message) = &verdict.message else { return format!("trusted: signed as {} signs", verdict.scheme) };
    let mut page = format!("refused: {message} ({})\n", verdict.refusal.unwrap_or_default());
    match verdict.reasons.as_slice() {
        [] if verdict.refusal == Some("wrong-signature") => page.push_str(
            "no known mistake makes it right: another secret, or another body; verify the raw bytes, before they are parsed\n",
        ),
        [] => {}
        reasons => {
            let _ = writeln!(page, "likely: {}", reasons.join(", and "));
        }
    }
    page
}
