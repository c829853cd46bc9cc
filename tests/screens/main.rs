//! The screens' pure parts: themes, keys, layout, widgets, dialog, arming.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![cfg(feature = "tui")]

mod actions;
mod adhoc;
mod ahead;
mod alert_since;
mod arming;
mod attention;
mod back;
mod budgets;
mod calendar;
#[allow(dead_code)]
#[path = "../hardening/chance.rs"]
mod chance;
mod chart;
mod clipboard;
mod clocks;
mod cohorts;
mod dialog;
mod frames;
mod ground;
mod hands;
mod hold_point;
mod incident;
mod introduced;
mod keylog;
mod keymap;
mod layout;
mod left_off;
mod model;
mod mouse;
mod outdated;
mod outlook;
mod overlay;
mod palette;
mod play;
mod rehearsals;
mod replay;
mod room;
mod samples;
mod script;
mod selection;
mod sends;
mod storm;
mod stray;
mod theme;
mod theme_check;
mod theme_choice;
mod theme_depth;
mod theme_scheme;
mod unknown;
mod waivers;
mod widget;
mod windows;
