//! The nouns of a release day and their rules: values only.
//!
//! Nothing here reads a clock, a file or a socket, and nothing here decides;
//! deciding is `engine`. Everything that is journaled, drawn or sent to a
//! backend is one of these types, so a name means the same thing everywhere.

mod about;
pub mod accent;
pub mod alert;
pub mod alerting;
pub mod approval;
pub mod backend;
pub mod calendar;
pub mod carried;
pub mod catalogue;
pub mod challenge;
pub mod clock;
pub mod cohort;
pub mod command;
pub mod comms;
pub mod digest;
pub mod drift;
pub mod effect;
pub mod endpoint;
pub mod entry;
pub mod evidence;
pub mod fact;
pub mod foreseen;
pub mod gate;
pub mod hold;
pub mod in_the_open;
pub mod intent;
pub mod introduced;
pub mod journal_id;
pub mod left_off;
pub mod memo;
pub mod moves;
pub mod name;
pub mod observed;
pub mod one_off;
pub mod operation;
pub mod owner;
pub mod parameter;
pub mod person;
pub mod plan;
pub mod refusal;
pub mod release;
pub mod report;
pub mod result_file;
pub mod rules;
pub mod sample;
pub mod secret;
pub mod series;
pub mod session;
pub mod signal;
pub mod signed;
pub mod slo;
pub mod span;
pub mod ssh_key;
pub mod ssh_signature;
pub mod stages;
pub mod template;
pub mod text;
pub mod topic;
pub mod traffic;
pub mod trigger;
pub mod verdict;
pub mod versions;
pub mod waiting;
pub mod way;
pub mod window;
pub mod workspace;
pub mod zone;

/// An instant, always UTC; printed as RFC 3339. Local time exists only on screens.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
