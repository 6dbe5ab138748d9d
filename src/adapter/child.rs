//! Child processes: bounded in time and output, and none of them, nor what they started, outlives its question.

pub mod spoken;
mod stray;

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretSlice;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::adapter::clock;
use crate::adapter::halt::Halt;
use crate::adapter::stage::lock;
use crate::domain::gauntlet::Ended;

/// Bytes of output that are read.
pub const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// Why a program gave no output.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    #[error("`{program}` is not installed here")]
    NotFound { program: String },
    #[error("`{program}` could not be started: {source}")]
    Start { program: String, source: std::io::Error },
    #[error("`{program}` gave no answer within {seconds} s and was ended")]
    TimedOut { program: String, seconds: u64 },
    #[error("`{program}` gave more than {MOST_BYTES} bytes and was ended")]
    TooLong { program: String },
    /// What it said on stderr is not shown: it may hold what must not be.
    #[error("`{program}` {how}; run it yourself to see why")]
    Failed { program: String, how: String },
}

impl ChildError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotFound { .. } => Some("write the program as your shell finds it, or its whole path"),
            Self::Start { .. } => Some("look at its permissions: it must be a program that may be run"),
            _ => None,
        }
    }
}

/// Runs a program to its end and returns what it wrote to stdout. It reads nothing, and its stderr is let go.
///
/// # Errors
/// It is not there, takes too long, says too much, or fails.
pub async fn output(program: &str, arguments: &[&str], timeout: Duration) -> Result<SecretSlice<u8>, ChildError> {
    let named = || program.rsplit('/').next().unwrap_or(program).to_owned();
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn().map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => ChildError::NotFound { program: named() },
        _ => ChildError::Start { program: named(), source },
    })?;
    let group = Group(child.id());
    let answer = async {
        let mut bytes = Vec::new();
        let start = |source| ChildError::Start { program: named(), source };
        if let Some(out) = child.stdout.take() {
            out.take(MOST_BYTES + 1).read_to_end(&mut bytes).await.map_err(start)?;
        }
        if bytes.len() as u64 > MOST_BYTES {
            return Err(ChildError::TooLong { program: named() });
        }
        let status = child.wait().await.map_err(start)?;
        if status.success() {
            return Ok(SecretSlice::from(bytes));
        }
        let how =
            status.code().map_or("was ended by a signal".to_owned(), |code| format!("failed with exit code {code}"));
        Err(ChildError::Failed { program: named(), how })
    };
    let answered = tokio::time::timeout(timeout, answer).await;
    drop(group);
    answered.unwrap_or_else(|_| Err(ChildError::TimedOut { program: named(), seconds: timeout.as_secs() }))
}

/// What a program that was let run to its end said, apart.
#[derive(Debug)]
pub struct Ran {
    pub how: Ended,
    pub took: Duration,
    pub stdout: Vec<u8>,
    /// Its end.
    pub stderr: Vec<u8>,
}

/// Runs a program to its end, whatever the end is. It reads nothing.
///
/// # Errors
/// It is not there, takes too long, or says too much.
pub async fn whole(
    line: &[String],
    environment: &BTreeMap<String, String>,
    timeout: Duration,
) -> Result<Ran, ChildError> {
    let program = line.first().map_or("", String::as_str);
    let named = || program.rsplit('/').next().unwrap_or(program).to_owned();
    let mut command = Command::new(program);
    command.args(line.iter().skip(1)).envs(environment);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let start = clock::start();
    let mut child = command.spawn().map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => ChildError::NotFound { program: named() },
        _ => ChildError::Start { program: named(), source },
    })?;
    let group = Group(child.id());
    let (out, chatter) = (child.stdout.take(), Arc::new(Chatter::default()));
    let mut listeners = JoinSet::new();
    if let Some(err) = child.stderr.take() {
        listeners.spawn(listen(err, Arc::clone(&chatter)));
    }
    let answer = async {
        let mut stdout = Vec::new();
        let failed = |source| ChildError::Start { program: named(), source };
        if let Some(out) = out {
            out.take(MOST_BYTES + 1).read_to_end(&mut stdout).await.map_err(failed)?;
        }
        if stdout.len() as u64 > MOST_BYTES {
            return Err(ChildError::TooLong { program: named() });
        }
        let ended = child.wait().await.map_err(failed)?;
        Ok((ended.code().map_or(Ended::Signal, Ended::Exit), stdout))
    };
    let answered = tokio::time::timeout(timeout, answer).await;
    let took = start.elapsed();
    drop(group);
    let (how, stdout) =
        answered.unwrap_or_else(|_| Err(ChildError::TimedOut { program: named(), seconds: timeout.as_secs() }))?;
    let _ = tokio::time::timeout(Duration::from_millis(200), async { while listeners.join_next().await.is_some() {} })
        .await;
    let stderr = std::mem::take(&mut *lock(&chatter.last));
    Ok(Ran { how, took, stdout, stderr })
}

/// Bytes that a client may write; nobody reads more.
const MOST_CHATTER: u64 = 64 * 1024 * 1024;

/// Bytes of the end of it that are kept.
const KEPT: usize = 2_000;

/// How a client that was let run ended.
#[derive(Debug)]
pub struct Ending {
    pub how: Ended,
    pub took: Duration,
    /// The end of what it wrote, to stdout and stderr in turn.
    pub said: Vec<u8>,
}

/// Runs a client until it ends, until its time is up, or until its user stops it; then everything that it started is ended too.
///
/// # Errors
/// It cannot be started.
pub async fn play(
    line: &[String],
    environment: &BTreeMap<String, String>,
    time_up: impl Future<Output = ()>,
    halt: &Halt,
) -> Result<Ending, ChildError> {
    let program = line.first().map_or("", String::as_str);
    let mut command = Command::new(program);
    command.args(line.iter().skip(1)).envs(environment);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let start = clock::start();
    let mut child = command.spawn().map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => ChildError::NotFound { program: program.to_owned() },
        _ => ChildError::Start { program: program.to_owned(), source },
    })?;
    let group = Group(child.id());
    let chatter = Arc::new(Chatter::default());
    let mut listeners = JoinSet::new();
    if let Some(out) = child.stdout.take() {
        listeners.spawn(listen(out, Arc::clone(&chatter)));
    }
    if let Some(out) = child.stderr.take() {
        listeners.spawn(listen(out, Arc::clone(&chatter)));
    }
    let how = tokio::select! {
        // Who is heard no further dies of it, so that question comes first.
        biased;
        () = chatter.too_much.notified() => Ended::TooLoud,
        ended = child.wait() => match ended.ok().and_then(|status| status.code()) {
            Some(code) => Ended::Exit(code),
            None => Ended::Signal,
        },
        () = time_up => Ended::OutOfTime,
        () = halt.called() => Ended::Stopped,
    };
    let took = start.elapsed();
    drop(group);
    // What it left in its pipes is there already; what it started may hold them open no longer.
    let _ = tokio::time::timeout(Duration::from_millis(200), async { while listeners.join_next().await.is_some() {} })
        .await;
    let said = std::mem::take(&mut *lock(&chatter.last));
    Ok(Ending { how, took, said })
}

#[derive(Default)]
struct Chatter {
    last: Mutex<Vec<u8>>,
    bytes: AtomicU64,
    too_much: Notify,
}

async fn listen(mut out: impl AsyncRead + Unpin, chatter: Arc<Chatter>) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = out.read(&mut buffer).await {
        let all = chatter.bytes.fetch_add(count as u64, Ordering::Relaxed);
        if all > MOST_CHATTER {
            chatter.too_much.notify_one();
            return;
        }
        let mut last = lock(&chatter.last);
        last.extend_from_slice(&buffer[..count]);
        let over = last.len().saturating_sub(KEPT);
        last.drain(..over);
    }
}

/// A child and everything that it started; ended when this is dropped, also when nobody waits any more.
struct Group(Option<u32>);

impl Group {
    #[cfg(unix)]
    fn id(&self) -> Option<rustix::process::Pid> {
        self.0.and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw)
    }

    /// Somebody is still in it.
    #[cfg(unix)]
    fn is_there(&self) -> bool {
        self.id().is_some_and(|group| rustix::process::test_kill_process_group(group).is_ok())
    }

    #[cfg(not(unix))]
    fn is_there(&self) -> bool {
        false
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.id() {
            // Gone already is as good.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use secrecy::ExposeSecret;

    use super::{ChildError, Ending, KEPT, output, play};
    use crate::adapter::halt::Halt;
    use crate::adapter::{clock, files};
    use crate::domain::gauntlet::Ended;

    async fn shell(line: &str, timeout: Duration) -> Result<String, ChildError> {
        let bytes = output("sh", &["-c", line], timeout).await?;
        Ok(String::from_utf8_lossy(bytes.expose_secret()).into_owned())
    }

    #[tokio::test]
    async fn what_a_program_says_or_why_it_does_not() {
        let long = Duration::from_secs(20);
        assert_eq!(shell("echo one; echo two >&2", long).await.unwrap(), "one\n");
        let failed = shell("echo s3cr3t; exit 7", long).await.unwrap_err().to_string();
        assert_eq!(failed, "`sh` failed with exit code 7; run it yourself to see why");
        let missing = output("/no/such/program", &[], long).await.unwrap_err().to_string();
        assert_eq!(missing, "`program` is not installed here");
        let endless = shell("yes", long).await.unwrap_err().to_string();
        assert!(endless.contains("more than 4194304 bytes"), "{endless}");
    }

    async fn played(line: &str, millis: u64) -> Result<Ending, ChildError> {
        let words = ["sh", "-c", line].map(str::to_owned);
        let time_up = tokio::time::sleep(Duration::from_millis(millis));
        let given = BTreeMap::from([("GIVEN".to_owned(), "given".to_owned())]);
        play(&words, &given, time_up, &Halt::default()).await
    }

    #[tokio::test]
    async fn how_a_client_ends_and_what_it_said_last() {
        let ended = played("echo out; echo \"$GIVEN\" >&2; exit 7", 20_000).await.unwrap();
        assert_eq!(ended.how, Ended::Exit(7));
        let said = String::from_utf8(ended.said).unwrap();
        assert!(said.contains("out") && said.contains("given"), "{said}");
        assert_eq!(played("kill -9 $$", 20_000).await.unwrap().how, Ended::Signal);
        let loud = played("yes", 60_000).await.unwrap();
        assert_eq!((loud.how, loud.said.len()), (Ended::TooLoud, KEPT));
        // The grandchild holds the pipe open, and would for a minute.
        let start = clock::start();
        assert_eq!(played("sleep 60 & wait", 300).await.unwrap().how, Ended::OutOfTime);
        assert!(start.elapsed() < Duration::from_secs(20));
    }

    #[tokio::test]
    async fn one_that_hangs_is_ended_with_what_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let pids = folder.path().join("pid");
        let start = clock::start();
        // The grandchild holds the pipe open, and would for a minute.
        let line = format!("sleep 60 & echo $! > '{}'; wait", pids.display());
        let error = shell(&line, Duration::from_millis(700)).await.unwrap_err();
        assert!(matches!(error, ChildError::TimedOut { .. }), "{error}");
        assert!(start.elapsed() < Duration::from_secs(20));
        let pid: i32 = String::from_utf8_lossy(&files::read(&pids).unwrap()).trim().parse().unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        // A killed process may wait to be collected by init; asked again until it is gone, or a zombie.
        let alive = || {
            let told = files::read(std::path::Path::new(&format!("/proc/{}/stat", pid.as_raw_nonzero())));
            told.is_ok_and(|told| !String::from_utf8_lossy(&told).contains(") Z "))
        };
        while alive() && start.elapsed() < Duration::from_secs(20) {
            tokio::task::yield_now().await;
        }
        assert!(!alive(), "the grandchild is still there");
    }
}
