//! A script's programs: each in a process group of its own, for a limited time,
//! and none outlives the demo.
//!
//! What a program leaves running in the background ends with it; only what moves
//! itself into another session is out of reach.

use crate::domain::text::visible;
use crate::tui::script::{Ran, Runs};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

/// Where a script's programs find the demo's workspace; it is their directory too.
const DIR: &str = "HOLDPOINT_DIR";
/// How long a program may take.
const LIMIT: Duration = Duration::from_secs(120);
/// How often it is looked at meanwhile.
const LOOK: Duration = Duration::from_millis(10);
/// How long what it said is waited for once it has ended.
const SAID: Duration = Duration::from_secs(1);
/// The most that is kept of each stream, in bytes.
const MOST: u64 = 1 << 20;

/// The programs that may be running; they end with [`Children::end`].
pub(super) struct Children {
    over: Arc<AtomicBool>,
    gone: Receiver<()>,
}

/// How a script's programs are run in a directory, and what ends them.
pub(super) fn within(dir: PathBuf) -> (Children, Runs) {
    let over = Arc::new(AtomicBool::new(false));
    let (alive, gone) = mpsc::channel();
    let ends = Arc::clone(&over);
    let runs: Runs = Arc::new(move |argv| {
        // Held for as long as a program may be running.
        let _alive: Sender<()> = alive.clone();
        let cannot = |error| Ran { exit: None, said: format!("cannot be started: {error}") };
        ran(&dir, argv, &ends, LIMIT).unwrap_or_else(cannot)
    });
    (Children { over, gone }, runs)
}

impl Children {
    /// Ends those that run, and waits until they are gone.
    pub(super) fn end(self) {
        self.over.store(true, Ordering::Relaxed);
        // Nothing is ever sent: it ends when the last who could send has.
        let _ = self.gone.recv_timeout(SAID * 3);
    }
}

fn ran(dir: &Path, argv: &[String], over: &AtomicBool, limit: Duration) -> io::Result<Ran> {
    let (program, arguments) = argv.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    // The program that is running, not another of its name.
    let program = if program == "holdpoint" { std::env::current_exe()? } else { program.into() };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(dir).env(DIR, dir).process_group(0);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let said = [child.stderr.take().map(listen), child.stdout.take().map(listen)];
    let why = ended(&child, over, limit);
    // Before it is waited for: until then its number, the group's too, is nobody else's.
    if let Some(group) = pid(&child) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let status = child.wait()?;
    let said = said.into_iter().flatten().map(|said| said.recv_timeout(SAID).unwrap_or_default());
    let said = said.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect::<Vec<_>>();
    let lines = said.iter().flat_map(|text| text.lines()).map(visible);
    let said = why.clone().into_iter().chain(lines).collect::<Vec<_>>().join("\n");
    Ok(Ran { exit: status.code().filter(|_| why.is_none()), said })
}

/// Waits until a program has ended, its time is over or everything ends; why it must be ended.
fn ended(child: &Child, over: &AtomicBool, limit: Duration) -> Option<String> {
    let begun = Instant::now();
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    loop {
        match pid(child).map(|pid| waitid(WaitId::Pid(pid), look)) {
            Some(Ok(None)) => {}
            _ => return None,
        }
        if over.load(Ordering::Relaxed) {
            return Some("it was ended with the demo".to_owned());
        }
        if begun.elapsed() > limit {
            return Some(format!("it had not ended after {} s and was killed; let it do less", limit.as_secs()));
        }
        std::thread::sleep(LOOK);
    }
}

fn pid(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

/// Reads a stream on a thread of its own: at its end it sends what was said.
fn listen(mut stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (send, said) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.by_ref().take(MOST).read_to_end(&mut bytes);
        // What is beyond it is read all the same, so that nobody waits to be heard.
        let _ = io::copy(&mut stream, &mut io::sink());
        let _ = send.send(bytes);
    });
    said
}
