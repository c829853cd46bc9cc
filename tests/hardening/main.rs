//! The terminal as an enemy: it dies, stalls, changes size, splits what it sends,
//! and everything shown on it was written by somebody else.
//!
//! A tenth of the counts or less; all of them with `HOLDPOINT_FULL=1`. The counts and
//! what was measured are in `docs/reliability.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(dead_code)]
#![cfg(feature = "tui")]

#[path = "../screens/ground.rs"]
mod estate;
#[path = "../faults/ground.rs"]
mod ground;
#[path = "../support/mod.rs"]
mod support;

mod chance;
mod corpus;
mod desk;
mod dying;
mod locales;
mod nasties;
mod resizing;
mod selection;
mod slow;
mod soak;
mod stopping;
mod streams;
mod tty;
mod typed;
mod typing;
mod verbs;

/// So many in the normal run, so many in the full one.
fn count(normal: usize, full: usize) -> usize {
    if std::env::var_os("HOLDPOINT_FULL").is_some() { full } else { normal }
}

/// Does so many jobs, several at once, each by its number; what each said, in no order.
/// Whoever mostly waits for programs need not wait for one after the other.
fn side_by_side<T: Send>(jobs: usize, at_once: usize, job: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let take = || Some(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)).filter(|n| *n < jobs);
    let some = || std::iter::from_fn(take).map(&job).collect::<Vec<T>>();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..at_once.min(jobs)).map(|_| scope.spawn(some)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}
