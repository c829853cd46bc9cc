//! Politeness of what only looks: its threads and children give way.
//!
//! A key, a commit or an operation that wants a processor gets it before a watch
//! does. It is never taken back: the system does not allow it, and nobody needs it.

/// How polite: a third of the usual share when all want the processor.
const NICE: i32 = 5;

/// Makes the thread that calls it give way, and every child that it starts. Where the
/// system refuses, nothing else is lost than that.
pub fn give_way() {
    let _ = rustix::process::nice(NICE);
}
