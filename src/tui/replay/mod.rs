//! Replay: a past run on the same screens, from the journal alone.
//!
//! The model is made by the same fold over the first so many entries; the clock
//! on the screens is the replayed one. Nothing here reaches the runtime: a replay
//! has no session, no journal to write to and no backend.

mod player;
mod seen;

pub use player::Replay;

use crate::domain::Timestamp;
use crate::domain::name::RunId;
use crate::domain::sample::Sample;
use crate::domain::workspace::Workspace;
use crate::engine::timeline::Timeline;
use crate::engine::timeline::jump::Jump;
use crate::engine::timeline::notable::Notable;

/// What every key says that would act.
pub const NOTHING: &str = "replay: nothing is sent";
/// The speeds one steps through.
pub const SPEEDS: [u32; 9] = [1, 2, 5, 10, 30, 60, 120, 300, 600];
/// The speed when none is asked for.
pub const USUAL: u32 = 60;

/// What is replayed.
pub struct Past {
    /// What people declare now; it was perhaps otherwise then.
    pub workspace: Workspace,
    /// The stretch of the journal, from a little before the run on.
    pub history: Timeline,
    /// The run.
    pub run: RunId,
    /// How many entries there are up to and with the one that started the run.
    pub first: usize,
    /// When the replay ends.
    pub until: Timestamp,
    /// What was seen meanwhile, oldest first; empty when it was not kept.
    pub samples: Vec<Sample>,
    /// What one should know of all this, in words.
    pub notes: Vec<String>,
    /// Where to begin; at the start of the run when none.
    pub from: Option<Jump>,
    /// How fast to play from the beginning; it stands still when none.
    pub speed: Option<u32>,
}

/// How a replay stands, for the screens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The run that is replayed.
    pub run: RunId,
    /// The replayed instant.
    pub at: Timestamp,
    /// When the run began.
    pub from: Timestamp,
    /// When the replay ends.
    pub until: Timestamp,
    /// Whether it plays.
    pub playing: bool,
    /// How many seconds go by in one.
    pub speed: u32,
    /// The last line of the journal that has happened; 0 before the first.
    pub line: u64,
    /// The last line there is.
    pub last: u64,
    /// The next thing to look for: when, and what.
    pub next: Option<(Timestamp, Notable)>,
}

/// What someone asks of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Play, or stand still.
    Play,
    /// The next higher speed.
    Faster,
    /// The next lower speed.
    Slower,
    /// One entry on.
    On,
    /// One entry back.
    Back,
    /// To the next thing of a kind, or of any.
    Next(Option<Notable>),
    /// To the one before.
    Previous(Option<Notable>),
    /// Somewhere else.
    To(Jump),
}
