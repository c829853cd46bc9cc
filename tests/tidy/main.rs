//! The rules of the source tree that a compiler does not know: which folder may
//! use which, what the engine may not touch, how long a file may be, where the
//! one door for effects is, what must not be written anywhere.
//!
//! Every rule is a function from a file to its findings, tried on small
//! snippets, and then on the tree.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod docs;
mod doors;
mod folders;
mod graph;
mod names;
mod panics;
mod paths;
mod purity;
mod shape;
mod source;
mod tokens;
mod tree;
