//! The pieces that panes are made of: each draws plain values into a rectangle.
//!
//! None keeps state, reads a clock or knows a noun of the domain, and none
//! draws outside its rectangle, whatever the text: long, wide, combining or
//! right to left.

pub mod axis;
pub mod bar;
pub mod card;
pub mod chart;
pub mod field;
pub mod frame;
pub mod gutter;
pub mod lane;
pub mod list;
pub mod paragraph;
pub mod rule;
pub mod spark;
pub mod table;
pub mod text;
