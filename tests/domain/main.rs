//! The nouns on their own: lengths of time, verdicts, harmless text, digests,
//! zone rules and conditions.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod cohort;
mod condition;
mod digest;
mod facts;
mod in_the_open;
mod observed;
mod owner;
mod policy;
mod series;
mod signal;
mod span;
mod ssh;
mod stages;
mod strategy;
mod text;
mod verdict;
mod vote;
mod waiting;
mod zone;
