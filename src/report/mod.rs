//! Words about what happened: for the journal pane, `journal show` and `status`.
//! It reads entries and the ledger; it decides nothing and opens nothing.

pub mod story;
