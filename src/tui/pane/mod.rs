//! The panes: each draws a part of the screen from the view, and nothing else.
//!
//! A pane holds no state and asks nobody; what it cuts, it counts.

pub mod ahead;
pub mod alert;
pub mod approvals;
pub mod budget;
pub mod calendar;
pub mod change;
pub mod cohorts;
pub mod failed;
pub mod gantt;
pub mod header;
pub mod health;
pub mod help;
pub mod hold_point;
pub mod incident;
pub mod journal;
pub mod menu;
pub mod note;
pub mod now;
pub mod palette;
pub mod past;
pub mod rollback;
pub mod runbook;
pub mod sheet;
pub mod themes;
pub mod timeline;
pub mod trend;
pub mod trigger;
pub mod waiting;
pub mod week;
