//! Panics, kept off the screen and told after it has been given back.
//!
//! The hook only records and tells the loop; it never touches the terminal, on
//! whichever thread the panic was. The thread of the screens gives the terminal
//! back (also while it unwinds) and then prints what was recorded.

use super::event::{Event, Sink, What};
use super::tty::timespec;
use crate::domain::text::visible;
use rustix::event::{PollFd, PollFlags, poll};
use std::io::Write;
use std::panic::PanicHookInfo;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::ThreadId;
use std::time::Duration;

/// How long a standard error that takes nothing is waited for.
const PATIENCE: Duration = Duration::from_millis(300);

/// What panicked while the screens were up; dropping it prints that.
#[derive(Debug)]
pub struct Panics {
    recorded: Arc<Mutex<Vec<String>>>,
}

impl Panics {
    /// Puts the hook in; after this value is gone the hook of before acts again.
    /// A panic of the calling thread is not sent to the sink, which it reads itself.
    pub fn watch(sink: &Sink) -> Self {
        let recorded = Arc::new(Mutex::new(Vec::new()));
        let theirs = Arc::downgrade(&recorded);
        // Weak, so that the hook keeps neither the loop's channel nor its records alive.
        let sink = Arc::downgrade(sink);
        let screens = std::thread::current().id();
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| match theirs.upgrade() {
            Some(_) => record(info, &theirs, screens, &sink),
            None => before(info),
        }));
        Self { recorded }
    }
}

impl Drop for Panics {
    fn drop(&mut self) {
        let messages = std::mem::take(&mut *self.recorded.lock().unwrap_or_else(PoisonError::into_inner));
        for message in messages {
            // A standard error that is gone must not panic again, a stuck one not keep us.
            let stderr = std::io::stderr();
            let mut fds = [PollFd::new(&stderr, PollFlags::OUT)];
            if poll(&mut fds, Some(&timespec(PATIENCE))).is_ok_and(|ready| ready > 0) {
                let _ = writeln!(stderr.lock(), "holdpoint: {message}");
            }
        }
    }
}

fn record(
    info: &PanicHookInfo<'_>,
    to: &Weak<Mutex<Vec<String>>>,
    screens: ThreadId,
    sink: &Weak<dyn Fn(Event) + Send + Sync>,
) {
    let message = describe(info);
    if let Some(recorded) = to.upgrade() {
        recorded.lock().unwrap_or_else(PoisonError::into_inner).push(message.clone());
    }
    if std::thread::current().id() != screens
        && let Some(sink) = sink.upgrade()
    {
        sink(Event::now(What::Panicked(message)));
    }
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let said = payload.downcast_ref::<&str>().copied();
    let said = said.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    let thread = std::thread::current();
    let at = info.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
    visible(&format!("a mistake in holdpoint: thread {} panicked{at}: {said}", thread.name().unwrap_or("unnamed")))
}
