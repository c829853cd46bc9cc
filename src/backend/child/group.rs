//! A started child with everything it started, and their end.
//!
//! Signals go to the whole process group. They are sent only while the child
//! has not been reaped, so its number cannot have been given to someone else.

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};
use std::process::ExitStatus;
use tokio::process::Child;

/// A child that leads its own process group; killed with it when dropped.
#[derive(Debug)]
pub struct Group(pub Child);

impl Group {
    /// Sends a signal to the group, and to the child itself in case it has not
    /// made its group yet.
    pub fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid() {
            let _ = rustix::process::kill_process_group(pid, signal);
            let _ = rustix::process::kill_process(pid, signal);
        }
    }

    /// Whether the child itself has ended, without reaping it.
    pub fn ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        self.pid().is_none_or(|pid| !matches!(rustix::process::waitid(WaitId::Pid(pid), options), Ok(None)))
    }

    /// Waits for its end. May be dropped and called again.
    pub async fn wait(&mut self) -> std::io::Result<ExitStatus> {
        self.0.wait().await
    }

    fn pid(&self) -> Option<Pid> {
        self.0.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}
