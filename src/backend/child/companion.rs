//! A child that is talked to: it has an input, and lives until it is told to end.
//!
//! It only starts and ends it; what is said is its owner's. Dropping it kills it with
//! everything it started.

use super::group::Group;
use super::run::NotStarted;
use super::spawn::spawn_to_talk;
use super::wanted::Wanted;
use rustix::process::Signal;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;
use tokio::process::{ChildStderr, ChildStdin, ChildStdout};
use tokio::time::sleep;

/// How often its end is looked for.
const LOOK: Duration = Duration::from_millis(20);

/// A running child with its three streams; each is there until it is taken.
#[derive(Debug)]
pub struct Companion {
    /// What it reads.
    pub input: Option<ChildStdin>,
    /// What it says.
    pub output: Option<ChildStdout>,
    /// What it complains.
    pub errors: Option<ChildStderr>,
    group: Group,
}

impl Companion {
    /// Starts it, with variables beside those that it may see. `wanted.limit` says nothing here.
    /// Whether the program itself could be executed shows in its first words, or its end.
    pub async fn start(wanted: &Wanted, variables: &[(&str, String)]) -> Result<Self, NotStarted> {
        let mut group = spawn_to_talk(wanted, variables).await.map_err(NotStarted)?;
        let (input, output, errors) = (group.0.stdin.take(), group.0.stdout.take(), group.0.stderr.take());
        Ok(Self { input, output, errors, group })
    }

    /// Its number, until it has been waited for.
    pub fn number(&self) -> Option<u32> {
        self.group.0.id()
    }

    /// Asks it and everything it started to end.
    pub fn stop(&self) {
        self.group.signal(Signal::TERM);
    }

    /// Ends it and everything it started.
    pub fn kill(&self) {
        self.group.signal(Signal::KILL);
    }

    /// Waits for its end and then ends what it started; in words. May be dropped and called again.
    pub async fn end(&mut self) -> String {
        // Not reaped before the last signal: until then its number is its own.
        while !self.group.ended() {
            sleep(LOOK).await;
        }
        self.group.signal(Signal::KILL);
        match self.group.wait().await {
            Err(error) => format!("its end could not be waited for: {error}"),
            Ok(status) => match (status.code(), status.signal()) {
                (Some(code), _) => format!("it ended with exit {code}"),
                (None, Some(signal)) => format!("it was killed by signal {signal}"),
                (None, None) => "it ended".to_owned(),
            },
        }
    }
}
