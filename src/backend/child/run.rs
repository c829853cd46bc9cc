//! Runs a child to its end and takes in what it prints meanwhile.
//!
//! It ends when the child ends, even if something it started still holds its
//! output open, and at the time limit, whatever the child does. Dropping the
//! future kills the child and its group.

use super::group::Group;
use super::intake::Intake;
use super::spawn::spawn;
use super::wanted::{Capture, Wanted};
use crate::domain::report::Output;
use crate::domain::text;
use rustix::process::Signal;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// How long a child may go on after it was told to stop.
const GRACE: Duration = Duration::from_secs(2);
/// How long output is awaited after the child's end, and how long a pause in it may be.
const DRAIN: (Duration, Duration) = (Duration::from_millis(300), Duration::from_millis(60));

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this exit code.
    Exited(i32),
    /// By a signal that was not ours.
    Signalled(i32),
    /// By us, at its time limit.
    OutOfTime,
    /// It cannot be told; waiting for it failed.
    Unknown,
}

/// A child that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub end: End,
    /// The last line of its stdout that was not blank, as bytes, and whether it was cut.
    pub last_out: Option<(Vec<u8>, bool)>,
    /// The last line of its stderr that was not blank, made harmless.
    pub last_err: Option<String>,
    /// The first bytes of its stdout, and whether there were more.
    pub document: (Vec<u8>, bool),
    /// What was kept of its output, if it was kept.
    pub output: Option<Output>,
}

/// Why a program was certainly not started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotStarted(pub String);

/// A child that runs, once its program has been executed.
#[derive(Debug)]
pub struct Running {
    group: Group,
    deadline: Instant,
}

/// Starts a program; certain to run when it gives one back.
pub async fn start(wanted: &Wanted) -> Result<Running, NotStarted> {
    let limit = wanted.limit.min(Duration::from_secs(10 * 366 * 86_400));
    let deadline = Instant::now() + limit;
    let (mut group, mut status) = spawn(wanted).await.map_err(NotStarted)?;
    let mut why = Vec::new();
    let told = tokio::time::timeout_at(deadline, (&mut status).take(4096).read_to_end(&mut why)).await;
    if told.is_ok() && why.is_empty() {
        return Ok(Running { group, deadline });
    }
    group.signal(Signal::KILL);
    let _ = group.wait().await;
    let program = wanted.argv.first().map(|p| text::shortened(&text::visible(p), 200)).unwrap_or_default();
    let why = if why.is_empty() { "no time was left to start it".into() } else { text::visible_bytes(&why) };
    Err(NotStarted(format!("{program}: {why}")))
}

/// Starts a program and waits for its end.
pub async fn run(wanted: &Wanted, capture: Capture) -> Result<Ended, NotStarted> {
    Ok(start(wanted).await?.finish(capture).await)
}

impl Running {
    /// Waits for its end.
    pub async fn finish(mut self, capture: Capture) -> Ended {
        let mut intake = Intake::new(capture, self.group.0.stdout.take(), self.group.0.stderr.take());
        let status = tokio::select! {
            status = Self::end(&mut self.group, &mut intake) => status.ok(),
            () = sleep_until(self.deadline) => {
                stop(&mut self.group, &mut intake).await;
                intake.drain(DRAIN).await;
                return intake.finish(End::OutOfTime);
            }
        };
        intake.drain(DRAIN).await;
        let end = status.map_or(End::Unknown, |status| match (status.code(), status.signal()) {
            (Some(code), _) => End::Exited(code),
            (None, Some(signal)) => End::Signalled(signal),
            (None, None) => End::Unknown,
        });
        intake.finish(end)
    }

    async fn end(group: &mut Group, intake: &mut Intake) -> std::io::Result<std::process::ExitStatus> {
        loop {
            tokio::select! {
                status = group.wait() => return status,
                () = intake.step() => {}
            }
        }
    }
}

/// Tells the group to stop, and stops it after the grace.
async fn stop(group: &mut Group, intake: &mut Intake) {
    group.signal(Signal::TERM);
    let gone = async {
        // Not reaped before the last signal: until then its number is its own.
        while !group.ended() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let _ = timeout(GRACE, async {
        tokio::select! {
            () = gone => {}
            () = async { loop { intake.step().await } } => {}
        }
    })
    .await;
    group.signal(Signal::KILL);
    let _ = group.wait().await;
}
