//! A question that is answered with one key, and what each key leads to.
//!
//! Data only: `press` takes the key, `update` does what it leads to, `pane::menu` draws it.

use super::dialog::Guard;
use super::replay::Move;
use crate::domain::command::Resolution;
use crate::domain::digest::Digest;
use crate::domain::name::{PersonName, RoleName, RunId, RunbookName, StepName, TriggerName};
use crate::domain::observed::Placed;
use crate::domain::one_off::OneOff;
use crate::domain::trigger::RollsBack;

/// The keys of a list, in order: letters first, for what is listed often has numbers of its own.
const SIGNS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ123456789";

/// A question answered with one key.
#[derive(Clone, Debug)]
pub struct Menu {
    /// What is asked.
    pub title: String,
    /// Key, label and what it leads to.
    pub items: Vec<(char, String, Choice)>,
    /// What to tell the operator, if a key was not taken.
    pub note: Option<&'static str>,
    /// Which keys count: no key that was typed before it was shown.
    pub guard: Guard,
    /// How many of its answers every picture of it had room for: no other can be chosen.
    pub shown: usize,
}

impl Menu {
    /// A menu that has not been shown yet.
    pub fn new(title: impl Into<String>, items: Vec<(char, String, Choice)>) -> Self {
        Self { title: title.into(), items, note: None, guard: Guard::default(), shown: usize::MAX }
    }

    /// A menu of a list, a sign each; where there are more than signs its title says so, and which
    /// verb takes all.
    pub fn listed(title: &str, all: Vec<(String, Choice)>, verb: &str) -> Self {
        let count = all.len();
        let items: Vec<_> = SIGNS.chars().zip(all).map(|(key, (label, choice))| (key, label, choice)).collect();
        match items.len() {
            some if some < count => {
                Self::new(format!("{title}: the first {some} of {count}, `holdpoint {verb}` takes all"), items)
            }
            _ => Self::new(title, items),
        }
    }
}

/// Where a vote goes, and on what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// The run.
    pub run: RunId,
    /// The poll.
    pub step: StepName,
    /// For which role.
    pub role: RoleName,
    /// The evidence that was shown when it was asked for.
    pub saw: Digest,
}

/// Whose word is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Who says it.
    pub by: PersonName,
    /// Who else heard it.
    pub heard_by: PersonName,
}

/// What a vote says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// Go.
    Go,
    /// No go.
    NoGo,
    /// Go on a condition that is still to be written.
    If,
    /// That this condition is met.
    Met(String),
}

/// What a key of a menu leads to.
#[derive(Clone, Debug)]
pub enum Choice {
    /// Start a run of this runbook.
    StartRun(RunbookName),
    /// Start a rehearsal of this runbook.
    Rehearse(RunbookName),
    /// Vote.
    Vote(At, Says),
    /// Ask for one's vote for this role in place of another.
    Role(At),
    /// Ask who else heard somebody.
    Sayer(At, PersonName),
    /// Ask what somebody said.
    Witness(At, Heard),
    /// Record a spoken vote.
    Spoken(At, Heard, Says),
    /// Ask whether to roll this back, of what a run changed or whoever did.
    Back(Option<RunId>, RollsBack),
    /// Ask whether what holds this place goes back in its stead.
    Holder(RunId, Placed),
    /// Ask whether to do this without a runbook.
    Do(OneOff),
    /// Go on writing this line in the palette.
    Write(String),
    /// Choose a branch.
    Branch(RunId, StepName, String),
    /// Decide what became of an operation in doubt.
    Resolve(RunId, StepName, Resolution),
    /// Lift a hold.
    Lift(u32),
    /// Disarm a trigger.
    Disarm(RunId, TriggerName),
    /// Take over what a run leaves open.
    TakeOver(RunId, String),
    /// Move the replay.
    Replay(Move),
    /// Edit an update and copy it: which, and its text.
    Copy(String, String),
    /// Say that an update has gone out: which, and its text.
    Sent(String, String),
}
