//! A PostgreSQL server: one query in a transaction that only reads, as libpq would connect.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls, SimpleQueryMessage};
use url::Url;

use crate::adapter::asking::tcp::{connect, peer, timed_out};
use crate::adapter::asking::tls::{Seen, handshake};
use crate::adapter::clock;
use crate::domain::finding::{Code, Finding};
use crate::domain::probe::cannot::{CannotTell, Word};
use crate::domain::probe::heard::Heard;

/// How the connection is secured, in libpq's words (PostgreSQL 17, libpq-ssl).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Ssl {
    Disable,
    /// Where the server offers it; its certificate is not looked at.
    Prefer,
    /// Its certificate is not looked at.
    Require,
    Verify,
}

struct Place {
    config: Config,
    address: (String, u16),
    ssl: Ssl,
}

/// Asks one query. The document is the list of its rows.
pub async fn ask(url: &str, query: &str, timeout: Duration) -> Heard {
    let start = clock::start();
    let place = match place(url) {
        Ok(place) => place,
        Err(told) => return Heard::nothing(CannotTell::new(Word::NotConfigured, told)),
    };
    if query.contains(';') {
        return Heard::nothing(CannotTell::new(Word::Failed, "the query holds `;`, and only one is asked"));
    }
    match tokio::time::timeout(timeout, converse(&place, query, timeout)).await {
        Ok(Ok(heard)) => Heard { took: start.elapsed(), ..heard },
        Ok(Err(cannot)) => Heard::nothing(cannot),
        Err(_) => Heard::nothing(timed_out(timeout)),
    }
}

async fn converse(place: &Place, query: &str, timeout: Duration) -> Result<Heard, CannotTell> {
    let mut stream = connect(&place.address, timeout).await?;
    let address = peer(&stream);
    let heard = if place.ssl != Ssl::Disable && offers_tls(&mut stream).await? {
        let seen = std::sync::Arc::new(Seen::default());
        let seen = (place.ssl != Ssl::Verify).then_some(&seen);
        talk(place, handshake(stream, &place.address.0, seen).await?, query).await
    } else if matches!(place.ssl, Ssl::Disable | Ssl::Prefer) {
        talk(place, stream, query).await
    } else {
        let told = "the server offers no TLS, and the URL demands it";
        Heard::default().promise(Some(Finding::new(Code::Protocol, told)))
    };
    Ok(Heard { address, ..heard })
}

/// Asks for TLS before anything else is said (PostgreSQL 17, protocol message `SSLRequest`).
async fn offers_tls(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Result<bool, CannotTell> {
    const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
    let failed = |error: std::io::Error| CannotTell::new(Word::Failed, format!("the connection broke: {error}"));
    stream.write_all(&SSL_REQUEST).await.map_err(failed)?;
    let mut answer = [0; 1];
    stream.read_exact(&mut answer).await.map_err(failed)?;
    Ok(answer[0] == b'S')
}

async fn talk(place: &Place, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, query: &str) -> Heard {
    let (client, connection) = match place.config.connect_raw(stream, NoTls).await {
        Ok(both) => both,
        Err(error) => return refused("the connection", &error),
    };
    let asked = async {
        // The server makes the document, so that it knows every type; in a transaction that cannot write.
        client.simple_query("begin transaction read only").await?;
        let whole = format!("select coalesce(json_agg(asked), '[]')::text as rows from ({query}) as asked");
        client.simple_query(&whole).await
    };
    // The connection drives itself only as long as somebody waits for it; it is closed when both are dropped.
    let answered = tokio::select! {
        answered = asked => answered,
        ended = connection => match ended {
            Err(error) => return refused("the connection", &error),
            Ok(()) => return Heard::default().promise(Some(Finding::new(Code::Protocol, "the server closed the connection"))),
        },
    };
    match answered {
        Err(error) => refused("the query", &error),
        Ok(messages) => {
            let row = messages.iter().find_map(|message| match message {
                SimpleQueryMessage::Row(row) => row.get("rows"),
                _ => None,
            });
            match row.and_then(|text| serde_json::from_str::<Value>(text).ok()) {
                Some(rows) => Heard::document(&rows, Duration::ZERO),
                None => Heard::default().promise(Some(Finding::new(Code::Protocol, "the query brought no row"))),
            }
        }
    }
}

/// What a server refused is an answer.
fn refused(what: &str, error: &tokio_postgres::Error) -> Heard {
    let told = match error.as_db_error() {
        Some(refusal) => format!("{what} was refused: {} ({})", refusal.message(), refusal.code().code()),
        None => format!("{what} failed: {error}"),
    };
    Heard::default().promise(Some(Finding::new(Code::Protocol, told)))
}

/// Reads the URL. What is wrong is told without it: it holds the password.
fn place(text: &str) -> Result<Place, String> {
    let mut url = Url::parse(text).map_err(|error| format!("the PostgreSQL URL is none: {error}"))?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(format!("the PostgreSQL URL begins with `{}:`; write postgres://", url.scheme()));
    }
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let ssl = match pairs.iter().find(|(name, _)| name == "sslmode").map(|(_, value)| value.as_str()) {
        None | Some("prefer" | "allow") => Ssl::Prefer,
        Some("disable") => Ssl::Disable,
        Some("require") => Ssl::Require,
        Some("verify-ca" | "verify-full") => Ssl::Verify,
        Some(_) => return Err("the PostgreSQL URL has an sslmode that libpq does not know".to_owned()),
    };
    // Other parameters are those of other clients (`pgbouncer`, `schema`), which this one would refuse.
    url.set_query(None);
    let mut config: Config = url.as_str().parse().map_err(|_| "the PostgreSQL URL cannot be read".to_owned())?;
    config.ssl_mode(SslMode::Disable).application_name("preflight");
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or("the PostgreSQL URL names no host")?;
    let address = (host.trim_matches(['[', ']']).to_owned(), url.port().unwrap_or(5432));
    Ok(Place { config, address, ssl })
}

#[cfg(test)]
mod tests {
    use super::{Ssl, place};

    #[test]
    fn a_url_is_read_as_libpq_reads_it_and_never_shown() {
        for (text, ssl) in [
            ("postgres://u:p@db.example/app", Ssl::Prefer),
            ("postgresql://u:p@db.example/app?sslmode=disable", Ssl::Disable),
            ("postgres://u:p@db.example/app?sslmode=require&pgbouncer=true", Ssl::Require),
            ("postgres://u:p@db.example/app?sslmode=verify-full", Ssl::Verify),
        ] {
            let read = place(text).unwrap_or_else(|told| panic!("{told}"));
            assert_eq!((read.ssl, read.address), (ssl, ("db.example".to_owned(), 5432)));
        }
        for wrong in ["mysql://u:s3cr3t@x", "s3cr3t", "postgres://u:s3cr3t@x?sslmode=sometimes", "postgres:///x"] {
            assert!(!place(wrong).err().unwrap_or_default().contains("s3cr3t"), "{wrong}");
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
