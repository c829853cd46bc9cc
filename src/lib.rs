//! holdpoint: the release-day command center for the terminal.
//!
//! ```text
//!  key ─keymap→ Action ─update→ Ui'                              (view state only)
//!                   └────────→ Command ─┐
//!  cli args ─────────────────→ Command ─┤        ┌─ Observation ← watch ─ Backend
//!                                       ▼        ▼
//!       Dispatcher   next input → journal.commit(|ledger| decide | settle | advance)
//!                    publish entries ──────────→ tui and cli fold the same entries
//!                    for each effect of ours now due → Executor → Backend.perform → Report
//!                    sleep until next_wake
//!  screen = draw(frame, &View { ledger, observed, ui, theme, now })
//! ```
//!
//! # Seven invariants, each with the test that holds it
//! 1. Run state is a fold over the journal and nothing else. (`tests/engine`: replay equals live)
//! 2. No effect leaves before the fact that announces it is durable. (`tests/crash`)
//! 3. Replay has no effects; work is derived from state. (`tests/engine`: due after replay)
//! 4. The engine is pure: no clock, no randomness, no I/O, no async. (`tests/tidy`)
//! 5. Unknown is never success. (`tests/engine`: doubt, stale evidence)
//! 6. What the dialog previews is what runs. (`tests/engine`: consent digest)
//! 7. Only `tui` knows ratatui, only `backend` the network, only `journal`
//!    writes the journal, only one function lets an effect out. (`tests/tidy`)
//!
//! # Folders
//! | folder | what lives there |
//! |---|---|
//! | `domain` | the nouns and their rules: values only |
//! | `engine` | decisions over the ledger: pure |
//! | `journal` | the one durable truth: append, chain, verify, tail |
//! | `backend` | trait Backend and one module per system; the only network |
//! | `runtime` | dispatcher, executor, observer, clock: where async lives |
//! | `config` | workspace and user settings |
//! | `tui` | loop, keymap, update, panes, widgets, theme |
//! | `cli` | one file per subcommand; text and JSON output |
//! | `demo` | the estate of real processes that ships inside |

#![warn(clippy::disallowed_methods)]

#[allow(clippy::disallowed_methods, reason = "it meets the world: a reading carries the time it was taken")]
pub mod backend;
pub mod cli;
pub mod config;
#[cfg(feature = "demo")]
#[allow(clippy::disallowed_methods, reason = "it is a world of its own, with its own clocks")]
pub mod demo;
pub mod domain;
pub mod engine;
pub mod fault;
pub mod journal;
pub mod report;
pub mod runtime;
#[cfg(feature = "tui")]
pub mod tui;
