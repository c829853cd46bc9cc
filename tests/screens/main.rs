//! The screens' pure parts: themes, keys, layout, widgets, dialog, arming.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![cfg(feature = "tui")]

mod arming;
mod dialog;
mod keymap;
mod layout;
mod play;
mod script;
mod theme;
mod widget;
