//! A child with which a conversation is held over its stdin and stdout, and how it is ended.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

use crate::adapter::child::{Chatter, ChildError, Group, MOST_CHATTER, listen, stray};
use crate::adapter::stage::lock;
use crate::adapter::{clock, environment, random};

/// What a process cannot do without: where programs and homes are, how to speak, and how to reach the network.
const INHERITED: [&str; 22] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "TERM",
    "TMPDIR",
    "LANG",
    "LC_ALL",
    "TZ",
    "SYSTEMROOT",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
];

/// How long a child may take to end behind the signal that asks for it.
const AFTER_SIGNAL: Duration = Duration::from_secs(3);

/// What a child is started with.
pub struct Started<'a> {
    /// Program and arguments.
    pub line: &'a [String],
    /// Beside what every process needs; nothing else of our own environment is handed on.
    pub environment: &'a BTreeMap<String, SecretString>,
}

/// One that runs. Dropping it ends it at once, with all that it started.
pub struct Spoken {
    child: Child,
    input: Option<ChildStdin>,
    output: ChildStdout,
    /// What it says on stderr.
    aside: Arc<Chatter>,
    listener: JoinHandle<()>,
    received: u64,
    leavings: Leavings,
}

/// What a child started, ended when this is dropped.
struct Leavings {
    group: Option<Group>,
    mark: String,
}

/// Why nothing more was heard.
#[derive(Debug)]
pub enum Deaf {
    /// It closed its stdout.
    Ended,
    /// It wrote more than anybody reads, to one or the other.
    TooMuch,
}

/// How a child ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// Before anybody asked for it.
    ByItself,
    /// When its stdin was closed, as it should.
    OnClose,
    /// When it was asked to (SIGTERM).
    OnTerminate,
    /// It had to be killed.
    OnKill,
}

/// The end of a child.
#[derive(Clone, Copy, Debug)]
pub struct Farewell {
    pub way: Way,
    /// None where a signal ended it.
    pub code: Option<i32>,
    /// From the closing of its stdin.
    pub took: Duration,
    /// Processes that it had started, and that outlived it until they were ended too.
    pub left: usize,
}

impl Spoken {
    /// Starts it.
    ///
    /// # Errors
    /// It is not there, or cannot be started.
    pub fn start(started: &Started<'_>) -> Result<Self, ChildError> {
        let program = started.line.first().cloned().unwrap_or_default();
        let named = || program.rsplit('/').next().unwrap_or(&program).to_owned();
        let failed = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::NotFound => ChildError::NotFound { program: named() },
            _ => ChildError::Start { program: named(), source },
        };
        let mark = random::uuid().map_err(|error| failed(std::io::Error::other(error)))?;
        let mut command = Command::new(&program);
        command.args(started.line.iter().skip(1)).env_clear().envs(environment::inherited(&INHERITED));
        command.envs(started.environment.iter().map(|(name, value)| (name, value.expose_secret())));
        command.env(stray::VARIABLE, &mark);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(failed)?;
        let leavings = Leavings { group: Some(Group(child.id())), mark };
        let (input, output, aside) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(output), Some(errors)) = (output, aside) else {
            return Err(failed(std::io::Error::other("it has no pipes")));
        };
        let aside = Arc::new(Chatter::default());
        let listener = tokio::spawn(listen(errors, Arc::clone(&aside)));
        Ok(Self { child, input, output, aside, listener, received: 0, leavings })
    }

    /// Writes to its stdin. It may be cut short by dropping the future; the child is of no use then.
    ///
    /// # Errors
    /// It reads no more.
    pub async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let Some(input) = &mut self.input else { return Err(std::io::ErrorKind::BrokenPipe.into()) };
        input.write_all(bytes).await?;
        input.flush().await
    }

    /// Reads what it wrote to stdout, a piece at a time.
    ///
    /// # Errors
    /// It closed its stdout, or wrote too much, there or to stderr.
    pub async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Deaf> {
        let read = tokio::select! {
            biased;
            () = self.aside.too_much.notified() => return Err(Deaf::TooMuch),
            read = self.output.read(buffer) => read,
        };
        let count = read.unwrap_or_default();
        self.received += count as u64;
        match count {
            0 => Err(Deaf::Ended),
            _ if self.received > MOST_CHATTER => Err(Deaf::TooMuch),
            count => Ok(count),
        }
    }

    /// The end of what it wrote to stderr. It is not redacted.
    pub fn said_aside(&self) -> String {
        String::from_utf8_lossy(&lock(&self.aside.last)).into_owned()
    }

    /// Waits a moment for it to end by itself, where it has closed its stdout.
    pub async fn ended(&mut self, patience: Duration) -> Option<Option<i32>> {
        let status = tokio::time::timeout(patience, self.child.wait()).await.ok()?.ok()?;
        // What it said last is in the pipe already; what it started may hold it open no longer than this.
        let _ = tokio::time::timeout(Duration::from_millis(200), &mut self.listener).await;
        Some(status.code())
    }

    /// Ends it in order: closes its stdin, waits, asks it to end, waits, and kills it. What it started goes with it.
    pub async fn end(mut self, patience: Duration) -> Farewell {
        let start = clock::start();
        let already = self.child.try_wait().ok().flatten();
        drop(self.input.take());
        let mut way = if already.is_some() { Way::ByItself } else { Way::OnClose };
        let mut status = self.wait(patience).await;
        if status.is_none() {
            way = Way::OnTerminate;
            self.leavings.terminate();
            status = self.wait(AFTER_SIGNAL).await;
        }
        if status.is_none() {
            way = Way::OnKill;
            let _ = self.child.start_kill();
            status = self.child.wait().await.ok();
        }
        let took = start.elapsed();
        let left = self.leavings.end();
        Farewell { way, code: status.and_then(|status| status.code()), took, left }
    }

    /// Waits for its end, and lets go of what it still says: a child that waits to be read does not end.
    async fn wait(&mut self, patience: Duration) -> Option<std::process::ExitStatus> {
        let Self { child, output, .. } = self;
        let draining = async {
            let mut buffer = vec![0; 16 * 1024];
            while let Ok(1..) = output.read(&mut buffer).await {}
            std::future::pending::<()>().await;
        };
        tokio::select! {
            biased;
            status = child.wait() => status.ok(),
            () = draining => None,
            () = tokio::time::sleep(patience) => None,
        }
    }
}

impl Drop for Spoken {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Leavings {
    fn terminate(&self) {
        #[cfg(unix)]
        if let Some(group) = self.group.as_ref().and_then(Group::id) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::TERM);
        }
    }

    /// Ends what is left, and counts it where it can be seen.
    fn end(&mut self) -> usize {
        let marked = stray::end(&self.mark);
        let in_group = self.group.take().is_some_and(|group| group.is_there());
        marked.max(usize::from(in_group))
    }
}

impl Drop for Leavings {
    fn drop(&mut self) {
        if self.group.is_some() {
            self.end();
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::{Deaf, Farewell, Spoken, Started, Way};
    use crate::adapter::{clock, files};

    fn started(line: &str) -> Spoken {
        let words = ["sh", "-c", line].map(str::to_owned);
        let given = BTreeMap::from([("GIVEN".to_owned(), "given".to_owned().into())]);
        Spoken::start(&Started { line: &words, environment: &given }).unwrap()
    }

    async fn heard(child: &mut Spoken) -> Result<String, Deaf> {
        let mut buffer = [0; 1024];
        let count = child.read(&mut buffer).await?;
        Ok(String::from_utf8_lossy(&buffer[..count]).into_owned())
    }

    #[tokio::test]
    async fn a_child_answers_with_the_environment_that_it_was_given() {
        let mut child = started("read line; echo \"$line $GIVEN ${CARGO_MANIFEST_DIR:-nothing}\"; echo aside >&2; read end");
        child.write(b"asked\n").await.unwrap();
        assert_eq!(heard(&mut child).await.unwrap(), "asked given nothing\n");
        let ended = child.end(Duration::from_secs(20)).await;
        assert_eq!((ended.way, ended.left), (Way::OnClose, 0));
    }

    async fn ended(line: &str, patience: Duration) -> Farewell {
        let mut child = started(line);
        assert_eq!(heard(&mut child).await.unwrap(), "ready\n");
        child.end(patience).await
    }

    #[tokio::test]
    async fn a_child_is_ended_as_gently_as_it_lets() {
        for (line, millis, way) in [
            ("echo ready; read end", 60_000, Way::OnClose),
            ("echo ready; exec sleep 60", 100, Way::OnTerminate),
            ("trap '' TERM; echo ready; while :; do sleep 1; done", 100, Way::OnKill),
        ] {
            assert_eq!(ended(line, Duration::from_millis(millis)).await.way, way, "{line}");
        }
    }

    #[tokio::test]
    async fn a_child_that_says_too_much_or_goes_is_not_listened_to() {
        for line in ["yes >&2", "yes"] {
            let mut child = started(line);
            let mut buffer = vec![0; 1024 * 1024];
            let deaf = loop {
                if let Err(deaf) = child.read(&mut buffer).await {
                    break deaf;
                }
            };
            assert!(matches!(deaf, Deaf::TooMuch), "{line}");
            assert!(child.said_aside().len() <= 2_000);
        }
        let mut gone = started("echo why >&2; exit 3");
        assert!(matches!(heard(&mut gone).await, Err(Deaf::Ended)));
        assert_eq!(gone.ended(Duration::from_secs(20)).await, Some(Some(3)));
        assert_eq!(gone.said_aside(), "why\n");
    }

    /// A killed process may wait to be collected; it is gone, or a zombie.
    #[cfg(target_os = "linux")]
    fn is_alive(pid: &str) -> bool {
        let told = files::read(std::path::Path::new(&format!("/proc/{pid}/stat")));
        told.is_ok_and(|told| !String::from_utf8_lossy(&told).contains(") Z "))
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_it_started_does_not_outlive_it_in_its_group_or_out_of_it() {
        for how in ["sleep 60", "setsid sleep 60"] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("pid");
            let line = format!("{how} </dev/null >/dev/null 2>&1 & echo $! > '{}'; echo ready; read end", file.display());
            let farewell = ended(&line, Duration::from_secs(60)).await;
            assert_eq!((farewell.way, farewell.left), (Way::OnClose, 1), "{how}");
            let pid = String::from_utf8_lossy(&files::read(&file).unwrap()).trim().to_owned();
            let start = clock::start();
            while is_alive(&pid) && start.elapsed() < Duration::from_secs(20) {
                tokio::task::yield_now().await;
            }
            assert!(!is_alive(&pid), "{how}");
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn who_is_dropped_is_ended_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let mut child = started(&format!("setsid sleep 60 & echo $! > '{}'; echo ready; wait", file.display()));
        assert_eq!(heard(&mut child).await.unwrap(), "ready\n");
        drop(child);
        let pid = String::from_utf8_lossy(&files::read(&file).unwrap()).trim().to_owned();
        let start = clock::start();
        while is_alive(&pid) && start.elapsed() < Duration::from_secs(20) {
            tokio::task::yield_now().await;
        }
        assert!(!is_alive(&pid));
    }
}
