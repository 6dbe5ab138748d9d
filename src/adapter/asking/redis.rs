//! A Redis server, asked PING or INFO, over TCP or TLS; nothing is written.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use url::Url;

use crate::adapter::asking::tcp::{connect, peer, timed_out};
use crate::adapter::asking::tls::handshake;
use crate::adapter::clock;
use crate::domain::finding::{Code, Finding};
use crate::domain::probe::ask::RedisCommand;
use crate::domain::probe::cannot::{CannotTell, Word};
use crate::domain::probe::heard::Heard;
use crate::wire::redis::{self, MOST_BYTES, Reply};

/// Where a URL leads, and as whom.
struct Place {
    address: (String, u16),
    secured: bool,
    /// User, where one is named, and password.
    credentials: Option<(Option<String>, String)>,
}

/// Asks one command. What the server refuses is told; its words hold no secret.
pub async fn ask(url: &str, command: RedisCommand, timeout: Duration) -> Heard {
    let start = clock::start();
    let place = match place(url) {
        Ok(place) => place,
        Err(told) => return Heard::nothing(CannotTell::new(Word::NotConfigured, told)),
    };
    let asked = async {
        let stream = connect(&place.address, timeout).await?;
        let peer = peer(&stream);
        let heard = if place.secured {
            let mut stream = handshake(stream, &place.address.0, None).await?;
            talk(&mut stream, &place, command).await
        } else {
            let mut stream = stream;
            talk(&mut stream, &place, command).await
        };
        Ok(Heard { address: peer, ..heard })
    };
    match tokio::time::timeout(timeout, asked).await {
        Ok(Ok(heard)) => Heard { took: start.elapsed(), ..heard },
        Ok(Err(cannot)) => Heard::nothing(cannot),
        Err(_) => Heard::nothing(timed_out(timeout)),
    }
}

async fn talk(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), place: &Place, command: RedisCommand) -> Heard {
    let mut lines: Vec<Vec<&str>> = Vec::new();
    if let Some((user, password)) = &place.credentials {
        lines.push(["AUTH"].into_iter().chain(user.as_deref()).chain([password.as_str()]).collect());
    }
    lines.push(match command {
        RedisCommand::Ping => vec!["PING"],
        RedisCommand::Info => vec!["INFO"],
    });
    let mut last = String::new();
    for line in lines {
        match one(stream, &line).await {
            Ok(Reply::Text(text)) => last = text,
            Ok(Reply::Error(words)) if words.starts_with("NOAUTH") && place.credentials.is_none() => {
                let told = format!("it asks for a password, and the URL has none: {words}");
                return Heard::nothing(CannotTell::new(Word::NoCredentials, told));
            }
            Ok(Reply::Error(words)) => {
                let told = format!("{} was answered {words}", line[0]);
                let finding = Finding::new(Code::Protocol, told).expected("an answer").actual(words);
                return Heard::default().promise(Some(finding));
            }
            Err(told) => return Heard::default().promise(Some(Finding::new(Code::Protocol, told))),
        }
    }
    match command {
        RedisCommand::Ping => Heard::document(&json!({ "ping": last }), Duration::ZERO),
        RedisCommand::Info => Heard::document(&redis::info(&last), Duration::ZERO),
    }
}

async fn one(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), line: &[&str]) -> Result<Reply, String> {
    let failed = |error: std::io::Error| format!("the connection broke: {error}");
    stream.write_all(&redis::command(line)).await.map_err(failed)?;
    stream.flush().await.map_err(failed)?;
    let mut heard = Vec::new();
    loop {
        let mut piece = [0; 8 * 1024];
        let count = stream.read(&mut piece).await.map_err(failed)?;
        heard.extend_from_slice(&piece[..count]);
        if let Some((reply, _)) = redis::reply(&heard)? {
            return Ok(reply);
        }
        if count == 0 {
            return Err("the connection was closed before a whole reply came".to_owned());
        }
        if heard.len() > MOST_BYTES + 64 {
            return Err(format!("its reply is longer than {MOST_BYTES} bytes"));
        }
    }
}

fn place(text: &str) -> Result<Place, String> {
    // What is wrong is told without the text: it holds the password.
    let url = Url::parse(text).map_err(|error| format!("the Redis URL is none: {error}"))?;
    let secured = match url.scheme() {
        "redis" => false,
        "rediss" => true,
        other => return Err(format!("the Redis URL begins with `{other}:`; write redis:// or rediss://")),
    };
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or("the Redis URL names no host")?;
    let plain = |text: &str| percent(text);
    let user = Some(url.username()).filter(|user| !user.is_empty()).map(plain);
    let credentials = url.password().map(|password| (user, plain(password)));
    let host = host.trim_matches(['[', ']']).to_owned();
    Ok(Place { address: (host, url.port().unwrap_or(6379)), secured, credentials })
}

/// Undoes percent-encoding.
fn percent(text: &str) -> String {
    let form = format!("v={}", text.replace('+', "%2B"));
    let value = url::form_urlencoded::parse(form.as_bytes()).next().map(|(_, value)| value.into_owned());
    value.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::{ask, place};
    use crate::domain::probe::ask::RedisCommand;
    use crate::domain::probe::cannot::Word;
    use crate::domain::probe::heard::{Answer, Heard};

    #[test]
    fn a_url_is_read_and_never_shown() {
        let read = place("rediss://app:s%3Acret+1@cache.example:6380/0").unwrap();
        assert_eq!(read.address, ("cache.example".to_owned(), 6380));
        assert!(read.secured);
        assert_eq!(read.credentials, Some((Some("app".to_owned()), "s:cret+1".to_owned())));
        assert_eq!(place("redis://:pw@[::1]").unwrap().address, ("::1".to_owned(), 6379));
        for wrong in ["http://:s3cr3t@x", "s3cr3t", "redis://"] {
            assert!(!place(wrong).err().unwrap().contains("s3cr3t"), "{wrong}");
        }
    }

    /// Asks a server that answers each thing that is said with the next of these.
    async fn against(url: &str, answers: &'static [&'static str]) -> Heard {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url.replace("HERE", &listener.local_addr().unwrap().to_string());
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            for answer in answers {
                let mut said = [0; 1024];
                let _ = stream.read(&mut said).await;
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let heard = ask(&url, RedisCommand::Ping, Duration::from_secs(20)).await;
        server.await.unwrap();
        heard
    }

    #[tokio::test]
    async fn what_a_server_says_and_what_is_none() {
        let Answer::Document(pong) = against("redis://HERE", &["+PONG\r\n"]).await.answer else { panic!("a document") };
        assert_eq!(pong, r#"{"ping":"PONG"}"#);
        let pong = against("redis://u:p@HERE", &["+OK\r\n", "+PONG\r\n"]).await;
        assert!(matches!(pong.answer, Answer::Document(_)));
        let asks = against("redis://HERE", &["-NOAUTH Authentication required.\r\n"]).await;
        assert_eq!(asks.cannot.map(|cannot| cannot.word), Some(Word::NoCredentials));
        for (url, answers, told) in [
            ("redis://u:p@HERE", &["-WRONGPASS invalid username-password pair\r\n"][..], "AUTH was answered WRONGPASS"),
            ("redis://HERE", &["-LOADING Redis is loading the dataset in memory\r\n"], "PING was answered LOADING"),
            ("redis://HERE", &["HTTP/1.1 400 Bad Request\r\n\r\n"], "does not speak Redis"),
            ("redis://HERE", &["+PO"], "closed before a whole reply"),
        ] {
            let heard = against(url, answers).await;
            assert!(heard.findings[0].message.contains(told), "{:?}", heard.findings);
        }
    }
}
