//! A connection that can be reset instead of closed.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// Says how a connection is to end.
#[derive(Clone, Default)]
pub struct Ending(Arc<How>);

#[derive(Default)]
struct How {
    reset: AtomicBool,
    cut: Notify,
}

impl Ending {
    /// The connection ends with a reset (RST), not in good order (FIN).
    pub fn reset(&self) {
        self.0.reset.store(true, Ordering::Relaxed);
    }

    /// The same, now, whatever else goes on.
    pub fn cut(&self) {
        self.reset();
        self.0.cut.notify_one();
    }

    /// Returns when the connection is to be cut.
    pub async fn was_cut(&self) {
        self.0.cut.notified().await;
    }
}

/// A TCP stream that is reset when it is dropped, if that was asked for.
pub struct Breakable {
    stream: TcpStream,
    ending: Ending,
}

impl Breakable {
    pub fn new(stream: TcpStream) -> (Self, Ending) {
        let ending = Ending::default();
        (Self { stream, ending: ending.clone() }, ending)
    }
}

impl Drop for Breakable {
    fn drop(&mut self) {
        if self.ending.0.reset.load(Ordering::Relaxed) {
            // A socket that lingers for no time at all is reset when it is closed (socket(7), SO_LINGER).
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Breakable {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context, buffer: &mut ReadBuf) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Breakable {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context,
        slices: &[io::IoSlice],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
