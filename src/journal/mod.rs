//! The journal: the one durable truth. Append, chain, catch up, verify.
//!
//! One line is one decision; `prev` is the SHA-256 of the line before, so the
//! files are readable with `less` and verifiable with `sha256sum`. Everything
//! that other folders know of the past they know from here, as entries folded
//! into an `engine::Ledger`. Synchronous files only: nothing here starts a
//! process, opens a socket, reads a clock or decides anything.

pub mod anchor;
mod append;
mod chain;
mod commit;
pub mod entries;
pub mod error;
pub mod head;
pub mod heads;
mod key;
pub mod keylog;
pub mod layout;
pub mod lines;
pub mod liveness;
mod lock;
mod open;
mod poison;
pub mod programs;
mod reserve;
mod roll;
pub mod samples;
mod segment;
mod store;
mod tip;
mod torn;
pub mod verify;

pub use commit::{Committed, Opened};
pub use entries::{entries, of_file, tail};
pub use error::{Break, JournalError};
pub use head::{Head, SignedHead};
pub use keylog::{KeyLog, Pressed};
pub use layout::{Access, Layout};
pub use liveness::{Liveness, dead_sessions};
pub use open::Genesis;
pub use store::{Journal, Limits};
pub use torn::SetAside;
pub use verify::{Answer, Verification, verify};
