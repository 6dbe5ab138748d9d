//! The end of a run that its user asks for before it is done.

use tokio::sync::watch;

/// Told once, heard by everyone who waits.
#[derive(Clone, Debug)]
pub struct Halt(watch::Sender<bool>);

impl Default for Halt {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Halt {
    /// Ends the run.
    pub fn call(&self) {
        self.0.send_replace(true);
    }

    pub fn is_called(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when the run is to end, at once when it already is.
    pub async fn called(&self) {
        // The sender is here, so that it cannot be gone.
        let _ = self.0.subscribe().wait_for(|called| *called).await;
    }
}

/// Waits for Ctrl-C, or for the signal by which a CI system ends what it started.
///
/// Signals are caught from the call on, not from the first poll: who is told that something runs may end it at once.
#[cfg(unix)]
pub fn asked_for() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};

    let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    async move {
        match signals {
            [Ok(mut interrupt), Ok(mut terminate)] => tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            },
            // Without signals there is no asking; the process ends as the system ends it.
            _ => std::future::pending().await,
        }
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub async fn asked_for() {
    let _ = tokio::signal::ctrl_c().await;
}
