//! `preflight webhook sign`: a body in, the headers that its vendor would send out.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::adapter::{clock, schemes};
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::home;
use crate::cli::webhook::bytes;
use crate::engine::webhook::delivery::{Order, Signed, key, sign};

/// What to sign, and how.
#[derive(Args, Clone, Debug)]
pub struct Sign {
    /// The body; `-` reads stdin
    #[arg(value_name = "FILE", default_value = "-")]
    pub file: PathBuf,
    /// A known scheme, or a YAML file that describes one
    #[arg(long, value_name = "NAME|FILE")]
    pub scheme: String,
    /// The variable that holds the secret or the private key [default: the scheme's usual one]
    #[arg(long, value_name = "NAME")]
    pub secret_env: Option<String>,
    /// The event that the headers name
    #[arg(long, value_name = "EVENT", default_value = "preflight/test")]
    pub topic: String,
    /// The delivery's id [default: a new one]
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// The time that it is signed for (RFC 3339) [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<Timestamp>,
    /// The receiver's address; some schemes sign it
    #[arg(long, value_name = "URL", default_value = "http://localhost/")]
    pub url: String,
    /// The body's content type [default: the vendor's]
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,
    /// How the result is written
    #[arg(long, value_enum, default_value = "headers")]
    pub format: Format,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Format {
    /// A line a header
    Headers,
    /// A curl command
    Curl,
    /// An object
    Json,
}

/// Runs the verb.
///
/// # Errors
/// There is no such scheme or secret, or the body cannot be read.
pub fn run(args: &Sign, console: Console) -> anyhow::Result<Exit> {
    let scheme = schemes::find(&home::here()?, &args.scheme)?;
    let key = key(&scheme, args.secret_env.as_deref())?;
    let order = Order {
        method: http::Method::POST,
        url: args.url.clone(),
        event: args.topic.clone(),
        content_type: args.content_type.clone(),
        id: args.id.clone(),
        body: bytes(&args.file)?,
    };
    let signed = sign(&scheme, &key, &order, args.at.unwrap_or_else(clock::now))?;
    let format = if console.json() { Format::Json } else { args.format };
    console.give(&match format {
        Format::Headers => lines(&signed),
        Format::Curl => curl(&signed, &args.file),
        Format::Json => serde_json::to_string_pretty(&object(&signed))?,
    });
    Ok(Exit::Kept)
}

fn pairs(signed: &Signed) -> impl Iterator<Item = (&str, String)> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    signed.headers.iter().map(move |(name, value)| (name.as_str(), text(value)))
}

fn lines(signed: &Signed) -> String {
    pairs(signed).fold(String::new(), |mut page, (name, value)| {
        let _ = writeln!(page, "{name}: {value}");
        page
    })
}

fn object(signed: &Signed) -> Value {
    let headers: Map<String, Value> = pairs(signed).map(|(name, value)| (name.to_owned(), value.into())).collect();
    json!({ "method": signed.method.as_str(), "url": signed.url, "id": signed.id, "headers": headers })
}

fn curl(signed: &Signed, file: &std::path::Path) -> String {
    let mut command = format!("curl -X {} {}", signed.method, quoted(&signed.url));
    for (name, value) in pairs(signed) {
        let _ = write!(command, " \\\n  -H {}", quoted(&format!("{name}: {value}")));
    }
    let _ = writeln!(command, " \\\n  --data-binary {}", quoted(&format!("@{}", file.display())));
    command
}

/// A word that a POSIX shell takes as it is.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
