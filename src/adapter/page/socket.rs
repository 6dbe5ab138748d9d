//! The socket of the live page: connections that are limited in number, in time and in size, and an end that waits for answers under way.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::adapter::halt::Halt;
use crate::adapter::page::access::Access;
use crate::adapter::page::ask::Pages;
use crate::adapter::page::door::Door;
use crate::adapter::page::seats::{Seat, Seats};
use crate::adapter::serve::BindError;

/// A head has to be there within this time; so long a connection may be idle, too.
const HEAD: Duration = Duration::from_secs(10);
/// Bytes of a head.
const MOST_HEAD: usize = 16 * 1024;
/// What is under way at the end is waited for so long.
const LAST: Duration = Duration::from_secs(5);

/// A socket that is bound, and serves nobody yet.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    pub address: SocketAddr,
}

/// Binds an address; port 0 lets the system choose.
///
/// # Errors
/// The address is taken, not of this machine, or not allowed.
pub async fn bind(address: SocketAddr) -> Result<Bound, BindError> {
    let failed = |source| BindError { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Bound { listener, address })
}

/// Serves until it is told to end, and then until what is under way is answered, or for five seconds.
pub async fn serve(bound: Bound, access: Arc<Access>, pages: Arc<dyn Pages>, halt: Halt) {
    let seats = Seats::new();
    let door = Arc::new(Door::new(access, pages, halt.clone()));
    let (mut connections, mut number) = (JoinSet::new(), 0_u64);
    loop {
        tokio::select! {
            () = halt.called() => break,
            accepted = bound.listener.accept() => {
                let Ok((stream, from)) = accepted else {
                    // Out of file descriptors: give the open connections time to close.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                };
                number += 1;
                let Some(seat) = seats.take(number) else { continue };
                let (door, seats, halt) = (Arc::clone(&door), Arc::clone(&seats), halt.clone());
                connections.spawn(async move {
                    converse(stream, from, door, &seats, seat, halt).await;
                    seats.leave(number);
                });
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
    drop(bound.listener);
    let all_done = async { while connections.join_next().await.is_some() {} };
    // Who does not take his answer by then is left.
    drop(tokio::time::timeout(LAST, all_done).await);
}

async fn converse(
    stream: TcpStream,
    from: SocketAddr,
    door: Arc<Door>,
    seats: &Arc<Seats>,
    seat: Arc<Seat>,
    halt: Halt,
) {
    let _ = stream.set_nodelay(true);
    let handler = service_fn(|request| {
        let (door, seats, seat) = (Arc::clone(&door), Arc::clone(seats), Arc::clone(&seat));
        async move { door.enter(request, from.ip(), seats, seat).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(MOST_HEAD)
        .serve_connection(TokioIo::new(stream), handler);
    let mut connection = pin!(connection);
    tokio::select! {
        // A connection that ends badly is the client's to notice.
        _ = connection.as_mut() => return,
        () = seat.cut.notified() => return,
        () = halt.called() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
