//! Who is put through a gauntlet: a command, a function of a test, or a client that is running already.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::BoxFuture;

/// Where the twin is for one client.
#[derive(Clone, Debug)]
pub struct Address {
    pub url: String,
    /// Absent without TLS.
    pub tls_url: Option<String>,
    pub host: String,
    pub port: u16,
    /// What the vendor's official clients read, and `PREFLIGHT_URL`.
    pub environment: BTreeMap<String, String>,
}

/// A client that lives in this process; returns what would be its exit code.
pub type Inside = Arc<dyn Fn(Address) -> BoxFuture<'static, i32> + Send + Sync>;

/// Who is tried.
#[derive(Clone)]
pub enum Client {
    /// A program and its arguments.
    Command(Vec<String>),
    Inside(Inside),
    /// It is running, and asks this port.
    Elsewhere {
        port: u16,
    },
}

impl Client {
    pub fn is_elsewhere(&self) -> bool {
        matches!(self, Self::Elsewhere { .. })
    }

    /// It is told an `https:` address.
    pub fn wants_tls(&self) -> bool {
        matches!(self, Self::Command(line) if line.iter().any(|word| word.contains("{tls_url}")))
    }
}

/// A command's words with the address filled in: `{url}`, `{tls_url}`, `{host}`, `{port}`.
pub fn filled(line: &[String], address: &Address) -> Vec<String> {
    let port = address.port.to_string();
    let fill = |word: &String| {
        word.replace("{tls_url}", address.tls_url.as_deref().unwrap_or(&address.url))
            .replace("{url}", &address.url)
            .replace("{host}", &address.host)
            .replace("{port}", &port)
    };
    line.iter().map(fill).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Address, filled};

    #[test]
    fn an_address_is_filled_into_words() {
        let address = Address {
            url: "http://127.0.0.1:4010".to_owned(),
            tls_url: None,
            host: "127.0.0.1".to_owned(),
            port: 4010,
            environment: BTreeMap::new(),
        };
        let line = ["curl", "{url}/a", "--port={port}", "{host}", "{other}"].map(str::to_owned);
        let expected = ["curl", "http://127.0.0.1:4010/a", "--port=4010", "127.0.0.1", "{other}"];
        assert_eq!(filled(&line, &address), expected);
    }
}
