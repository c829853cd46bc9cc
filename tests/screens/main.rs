//! The screens' pure parts: themes, keys, layout, widgets, dialog, arming.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![cfg(feature = "tui")]

mod actions;
mod arming;
mod clipboard;
mod dialog;
mod ground;
mod hands;
mod keylog;
mod keymap;
mod layout;
mod model;
mod play;
mod script;
mod theme;
mod widget;
