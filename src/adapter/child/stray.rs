//! Processes that left the group that they were started in: found by a mark in their environment, which what they start inherits.
//!
//! A process that makes a session of its own (`setsid`, a daemon) is in no group that could be ended with its parent. Its
//! environment still holds what it was started with, and the kernel shows it to its own user. One that overwrites its own
//! environment, as Node does when it sets `process.title`, is not found so, and stays if it has left the group too.

/// The variable that carries the mark.
pub const VARIABLE: &str = "PREFLIGHT_CHILD";

/// Ends every process that carries the mark, and returns how many it were. What one of them starts meanwhile is looked for
/// again, a few times.
#[cfg(target_os = "linux")]
pub fn end(mark: &str) -> usize {
    let needle = format!("{VARIABLE}={mark}");
    let mut ended = std::collections::BTreeSet::new();
    for _ in 0..ROUNDS {
        // One that was killed may be seen for a moment longer.
        let strays: Vec<i32> = marked(needle.as_bytes()).into_iter().filter(|pid| !ended.contains(pid)).collect();
        if strays.is_empty() {
            break;
        }
        ended.extend(strays.into_iter().filter(|pid| kill(*pid, needle.as_bytes())));
    }
    ended.len()
}

/// Elsewhere no process may look into another one's environment.
#[cfg(not(target_os = "linux"))]
pub fn end(_mark: &str) -> usize {
    0
}

#[cfg(target_os = "linux")]
const ROUNDS: usize = 5;

#[cfg(target_os = "linux")]
fn marked(needle: &[u8]) -> Vec<i32> {
    let own = i32::try_from(std::process::id()).unwrap_or_default();
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| *pid != own && is_marked(*pid, needle)).collect()
}

/// A process that has ended and waits to be collected has no environment any more.
#[cfg(target_os = "linux")]
fn is_marked(pid: i32, needle: &[u8]) -> bool {
    let read = crate::adapter::files::read(std::path::Path::new(&format!("/proc/{pid}/environ")));
    read.is_ok_and(|bytes| bytes.split(|byte| *byte == 0).any(|variable| variable == needle))
}

/// The process is held by a handle before it is looked at again, so that a number that was given anew strikes nobody.
#[cfg(target_os = "linux")]
fn kill(pid: i32, needle: &[u8]) -> bool {
    use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

    let Some(handle) = Pid::from_raw(pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok()) else {
        return false;
    };
    is_marked(pid, needle) && pidfd_send_signal(handle, Signal::KILL).is_ok()
}
