//! The process's signals, brought into the input thread's `poll(2)`.
//!
//! Each sets a flag and writes to one self-pipe; the input thread turns flags
//! into events. Nothing else happens in a signal's context. Once the terminal
//! has been given back, all but the hang-up act as they do by default again.

use super::event::What;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::{SigId, flag, low_level};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// A stop that is heard so soon after a SIGCONT was sent before it: while the action of
/// a signal waits to be run, that of the next one is run first.
pub const SWAPPED: Duration = Duration::from_millis(20);

const WATCHED: [i32; 6] = [SIGHUP, SIGTERM, SIGINT, SIGWINCH, SIGTSTP, SIGCONT];

/// The signals we listen to; dropping it stops listening.
#[derive(Debug)]
pub struct Signals {
    pipe: UnixStream,
    raised: [Arc<AtomicBool>; 6],
    /// Raised by SIGCONT like its flag, and lowered only before a stop is told.
    continued: Arc<AtomicBool>,
    began: Instant,
    /// When a SIGCONT was last taken, in milliseconds since it began; 0 for never.
    went_on: AtomicU64,
    ids: Vec<SigId>,
}

impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the self-pipe or an action cannot be made.
    pub fn listen() -> io::Result<Self> {
        let (pipe, writer) = UnixStream::pair()?;
        pipe.set_nonblocking(true)?;
        let raised: [Arc<AtomicBool>; 6] = Default::default();
        let mut ids = Vec::new();
        for (signal, raised) in WATCHED.into_iter().zip(&raised) {
            // The flag before the pipe: whoever is woken must find it set.
            ids.push(flag::register(signal, Arc::clone(raised))?);
            ids.push(low_level::pipe::register(signal, writer.try_clone()?)?);
        }
        // After its flag, so that whoever sees this one lowered finds that one raised.
        let continued = Arc::new(AtomicBool::new(false));
        ids.push(flag::register(SIGCONT, Arc::clone(&continued))?);
        let (began, went_on) = (Instant::now(), AtomicU64::new(0));
        let signals = Self { pipe, raised, continued, began, went_on, ids };
        default_again()?.store(false, Ordering::SeqCst);
        Ok(signals)
    }

    /// Empties the pipe and appends what the signals mean.
    pub fn take(&self, out: &mut Vec<What>) {
        let mut bytes = [0; 64];
        while matches!((&self.pipe).read(&mut bytes), Ok(n) if n > 0) {}
        let [hang_up, terminate, interrupt, resized, stop, go_on] = &self.raised;
        let taken = |flag: &AtomicBool| flag.swap(false, Ordering::SeqCst);
        let stop = taken(stop);
        if stop {
            // Before the next flag is taken: a SIGCONT from here on is seen here, there, or both.
            self.continued.store(false, Ordering::SeqCst);
        }
        let soon = self.went_on_just_now();
        let go_on = taken(go_on);
        if go_on {
            self.went_on.store(self.millis(), Ordering::SeqCst);
        }
        // A stop that has already been taken back is none.
        let taken_back = go_on || soon;
        if stop && taken_back {
            self.continued.store(true, Ordering::SeqCst);
        }
        let [hang_up, terminate, interrupt, resized] = [hang_up, terminate, interrupt, resized].map(|flag| taken(flag));
        let found = [
            // The ends first: with a hang-up comes a SIGCONT, and then there is nothing to go on with.
            (hang_up, What::HangUp("SIGHUP")),
            (terminate, What::Ending("SIGTERM")),
            (interrupt, What::Ending("SIGINT")),
            (stop && !taken_back, What::Stop),
            (go_on, What::Continue),
            (resized, What::Resized),
        ];
        out.extend(found.into_iter().filter_map(|(raised, what)| raised.then_some(what)));
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX).max(1)
    }

    fn went_on_just_now(&self) -> bool {
        let at = self.went_on.load(Ordering::SeqCst);
        at != 0 && Duration::from_millis(self.millis().saturating_sub(at)) < SWAPPED
    }

    /// Forgets an interrupt that was raised while another program had the terminal.
    pub fn forget_interrupt(&self) {
        let [_, _, interrupt, ..] = &self.raised;
        interrupt.store(false, Ordering::SeqCst);
    }

    /// What has asked the process to end and was not taken yet; an interrupt is for whoever has the terminal.
    pub fn ending(&self) -> Option<&'static str> {
        let [hang_up, terminate, ..] = &self.raised;
        let raised = |flag: &AtomicBool, how| flag.load(Ordering::SeqCst).then_some(how);
        raised(hang_up, "SIGHUP").or(raised(terminate, "SIGTERM"))
    }

    /// Whether the last stop that was told still holds: whoever went on meanwhile
    /// must not be stopped, for nobody would wake it again.
    pub fn stopping(&self) -> bool {
        !self.continued.load(Ordering::SeqCst)
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        for id in self.ids.drain(..) {
            low_level::unregister(id);
        }
        if let Ok(default) = default_again() {
            default.store(true, Ordering::SeqCst);
        }
    }
}

/// Whether SIGTERM, SIGINT and SIGTSTP do what they do by default. The
/// actions are registered once and stay: unregistering would leave none at all.
fn default_again() -> io::Result<&'static AtomicBool> {
    static DEFAULT: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if let Some(known) = DEFAULT.get() {
        return Ok(known);
    }
    let flag = Arc::new(AtomicBool::new(false));
    // Not SIGHUP: a closed window often brings two, and the second must not end us before
    // the journal says how the first did.
    for signal in [SIGTERM, SIGINT, SIGTSTP] {
        flag::register_conditional_default(signal, Arc::clone(&flag))?;
    }
    Ok(DEFAULT.get_or_init(|| flag))
}
