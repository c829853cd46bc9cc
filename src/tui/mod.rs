//! The screens: their own fold of what the runtime publishes, and drawing.
//!
//! Only this folder knows ratatui. It decides nothing: keys become commands.

pub mod model;
