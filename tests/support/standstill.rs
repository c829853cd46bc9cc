//! Whether this machine has stood still: all of it at once and for seconds, as a virtual machine may.
//!
//! A thread that only sleeps notes when it ran; where nobody did for long, nothing else ran either.

use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// How long nothing may have run before it is called a standstill.
const STILL: Duration = Duration::from_secs(1);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// When somebody ran last, by both clocks: one of them may stand still too.
struct Ran {
    last: (Instant, SystemTime),
    /// For how long nobody did, in all.
    still: Duration,
}

static RAN: Mutex<Option<Ran>> = Mutex::new(None);
static WATCH: Once = Once::new();

/// For how long the machine has stood still in all since it was first asked.
pub fn stood_still() -> Duration {
    WATCH.call_once(|| {
        let watch = || loop {
            std::thread::sleep(LOOK);
            look(RAN.lock().unwrap_or_else(PoisonError::into_inner));
        };
        std::thread::Builder::new().name("standstills".to_owned()).spawn(watch).unwrap();
    });
    look(RAN.lock().unwrap_or_else(PoisonError::into_inner))
}

fn look(mut ran: MutexGuard<'_, Option<Ran>>) -> Duration {
    let now = (Instant::now(), SystemTime::now());
    let ran = ran.get_or_insert(Ran { last: now, still: Duration::ZERO });
    let wall = now.1.duration_since(ran.last.1).unwrap_or_default();
    let passed = now.0.duration_since(ran.last.0).max(wall);
    ran.last = now;
    if passed > STILL {
        ran.still += passed;
    }
    ran.still
}
