//! A TCP connection, and nothing said over it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};

use crate::adapter::clock;
use crate::domain::probe::cannot::{CannotTell, Word};
use crate::domain::probe::heard::Heard;

/// Connects, and closes again.
pub async fn ask(address: &(String, u16), timeout: Duration) -> Heard {
    let start = clock::start();
    match connect(address, timeout).await {
        Err(cannot) => Heard::nothing(cannot),
        Ok(stream) => {
            let peer = peer(&stream);
            let heard = Heard { took: start.elapsed(), address: peer, ..Heard::default() };
            heard.promise(None)
        }
    }
}

/// A connection to host and port, within the time.
///
/// # Errors
/// Why there is none.
pub async fn connect((host, port): &(String, u16), timeout: Duration) -> Result<TcpStream, CannotTell> {
    let connecting = async {
        let found: Vec<SocketAddr> = lookup_host((host.as_str(), *port))
            .await
            .map_err(|error| CannotTell::new(Word::Dns, format!("{host} does not resolve: {error}")))?
            .collect();
        if found.is_empty() {
            return Err(CannotTell::new(Word::Dns, format!("{host} resolves to no address")));
        }
        let mut last = CannotTell::new(Word::Refused, format!("{host}:{port} takes no connection"));
        for address in found {
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    // A small question is not to wait for more of itself; that it cannot be said is no failure.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Err(error) => last = refused(host, *port, &error),
            }
        }
        Err(last)
    };
    tokio::time::timeout(timeout, connecting).await.unwrap_or_else(|_| Err(timed_out(timeout)))
}

fn refused(host: &str, port: u16, error: &io::Error) -> CannotTell {
    let word = if error.kind() == io::ErrorKind::TimedOut { Word::TimedOut } else { Word::Refused };
    CannotTell::new(word, format!("{host}:{port} takes no connection: {error}"))
}

/// No answer came within the time.
pub fn timed_out(timeout: Duration) -> CannotTell {
    CannotTell::new(Word::TimedOut, format!("no answer within {} ms", timeout.as_millis()))
}

pub fn peer(stream: &TcpStream) -> Option<String> {
    stream.peer_addr().ok().map(|address| address.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpListener;

    use super::ask;
    use crate::domain::probe::cannot::Word;

    const LONG: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn somebody_takes_the_connection_or_nobody_does() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = ("127.0.0.1".to_owned(), listener.local_addr().unwrap().port());
        let heard = ask(&address, LONG).await;
        assert!(heard.cannot.is_none() && heard.checks == 1);
        drop(listener);
        assert_eq!(ask(&address, LONG).await.cannot.map(|cannot| cannot.word), Some(Word::Refused));
        let nowhere = ("no-such-host.invalid".to_owned(), 1);
        assert_eq!(ask(&nowhere, LONG).await.cannot.map(|cannot| cannot.word), Some(Word::Dns));
    }
}
