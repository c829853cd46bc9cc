//! Reads a workspace: the files that people write, as `domain::workspace`.
//!
//! ```text
//!  text ─parse→ spanned table ─shape→ raw structs ─read→ domain
//!               (syntax)        (against the schema) (names, rules, order)
//! ```
//! The types in `raw` are the one description of the files: serde reads them,
//! their JSON Schemas check the shape with places, and `schema` prints those.
//! Every mistake of every file is reported in one go. Nothing here writes,
//! except `init`, and nothing asks a clock: `now` is an argument.

mod closed;
mod find;
mod findings;
mod glance;
mod graph;
mod ics;
pub mod import;
mod init;
mod load;
mod moment;
mod names;
pub mod nearest;
mod parse;
mod problem;
mod raw;
mod read;
mod schema;
mod shape;
mod source;
mod spot;
mod template;
mod words;

pub use find::{find, state_dir, user_dir};
pub use findings::MOST;
pub use glance::glance;
pub use init::{init, new_id, renew_id};
pub use load::{Loaded, check_file, check_runbook, load};
pub use moment::instant;
pub use problem::{Problem, Problems};
pub use read::feed::read as read_feed;
pub use schema::{made as made_schemas, schemas};
pub use source::Source;
pub use template::{Blanks, Filled, fill};

/// The file that makes a directory a workspace.
pub const FILE: &str = "holdpoint.toml";
