//! The screens: loop, keymap, update, panes, widgets, theme.
//!
//! The only room that knows ratatui. A picture is a pure function of the
//! ledger, what is observed and the view's own state; a key changes the view or
//! becomes a command, and nothing here acts on anything by itself.

pub mod action;
pub mod arming;
pub mod ask;
pub mod attention;
pub mod ballots;
pub mod basis;
pub mod clipboard;
pub mod coach;
pub mod dialog;
pub mod draw;
pub mod filter;
pub mod glyphs;
pub mod hand;
pub mod keymap;
pub mod layout;
pub mod menu;
pub mod model;
pub mod palette;
pub mod pane;
pub mod pending;
pub mod press;
pub mod replay;
pub mod request;
pub mod run;
pub mod script;
pub mod sheet;
pub mod stray;
pub mod terminal;
pub mod theme;
pub mod ui;
pub mod update;
pub mod uptime;
pub mod view;
pub mod watch;
pub mod way_back;
pub mod widget;
