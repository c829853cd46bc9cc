//! The end of what backends keep running: whoever leaves waits for it, and never for long.
//!
//! It ends nothing itself. What runs holds an `Alive` for as long as it does; what has to be taken
//! back is waited for longer, and is told to people when it was not.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// How often one looks.
const LOOK: Duration = Duration::from_millis(10);
/// How long it is waited for that something is taken back.
pub const TAKING_BACK: Duration = Duration::from_secs(12);

/// Held, in any number of copies, by what runs.
#[derive(Clone, Debug, Default)]
pub struct Alive {
    held: Arc<()>,
    open: Open,
}

/// What is to be taken back.
type Open = Arc<Mutex<Vec<Undone>>>;

/// Something that is to be taken back.
#[derive(Debug)]
struct Undone {
    /// What is waited for, in words: `the gate of canary web is closed again`.
    until: String,
    /// What people are told while it is not; nothing once it is.
    words: String,
    /// Whether somebody is at it.
    at_it: bool,
}

impl Alive {
    /// How its end is waited for.
    pub fn ending(&self) -> Ending {
        Ending { held: Arc::downgrade(&self.held), open: Arc::clone(&self.open) }
    }

    /// Begins to take something back that nobody waits for any more: whoever leaves waits `until` this is so, and
    /// `words` are for people, should it not succeed.
    pub fn taking_back(&self, until: String, words: String) -> TakingBack {
        let mut all = lock(&self.open);
        all.push(Undone { until, words, at_it: true });
        TakingBack { at: all.len().saturating_sub(1), alive: self.clone() }
    }
}

/// Held while something is taken back.
pub struct TakingBack {
    at: usize,
    alive: Alive,
}

impl TakingBack {
    /// How it ended; an error is what people are told.
    pub fn ended(self, ended: Result<(), String>) {
        if let Some(undone) = lock(&self.alive.open).get_mut(self.at) {
            undone.words = ended.err().unwrap_or_default();
        }
    }
}

impl Drop for TakingBack {
    fn drop(&mut self) {
        if let Some(undone) = lock(&self.alive.open).get_mut(self.at) {
            undone.at_it = false;
        }
    }
}

/// Tells when no copy is held any longer.
#[derive(Clone, Debug)]
pub struct Ending {
    held: Weak<()>,
    open: Open,
}

impl Ending {
    /// How long its end is waited for.
    fn limit(&self, usual: Duration) -> Duration {
        let at_it = lock(&self.open).iter().any(|undone| undone.at_it);
        if at_it { usual.max(TAKING_BACK) } else { usual }
    }
}

/// Waits until all have ended, at most for `limit` altogether, and longer only for what is being taken
/// back; whether they have. It blocks.
pub fn wait(all: &[Ending], limit: Duration) -> bool {
    let began = Instant::now();
    loop {
        let run = all.iter().filter(|ending| ending.held.strong_count() > 0);
        match run.map(|ending| ending.limit(limit)).max() {
            None => return true,
            Some(limit) if began.elapsed() >= limit => return false,
            Some(_) => std::thread::sleep(LOOK),
        }
    }
}

/// What is being taken back now and is waited for, in words for people.
pub fn under_way(all: &[Ending]) -> Vec<String> {
    let until = |ending: &Ending| {
        let open = lock(&ending.open);
        open.iter().filter(|undone| undone.at_it).map(|undone| undone.until.clone()).collect::<Vec<_>>()
    };
    all.iter().flat_map(until).collect()
}

/// What was to be taken back and was not, in words for people; asked after [`wait`].
pub fn left_open(all: &[Ending]) -> Vec<String> {
    let words = |ending: &Ending| lock(&ending.open).iter().map(|undone| undone.words.clone()).collect::<Vec<_>>();
    all.iter().flat_map(words).filter(|words| !words.is_empty()).collect()
}

/// Whoever panicked in between has left it whole.
fn lock(open: &Open) -> MutexGuard<'_, Vec<Undone>> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}
