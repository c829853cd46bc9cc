//! The table: every verb of an Argo CD, and where one differs from what holds of all.

use crate::matrix::{Again, But, Case, End, LOST, Must, NO, Sent, Shows, TAKEN, WELL};
use Case::{
    Already, Another, Blind, CutAfter, CutBefore, Empty, Fails, Garbage, Hangs, HostileBlind, HostileNo, HostileWish,
    Late, No, Nothing, TooMany, Unmoved,
};
use holdpoint::domain::operation::Verb;

/// How the application lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum World {
    /// It was `aaaaaaa` and is `bbbbbbb`, all well; auto-sync is off, and we did not switch it off.
    Off,
    /// The same with `ccccccc` merged.
    Merged,
    /// The same as the first with auto-sync on.
    On,
    /// The same, which we paused.
    Paused,
    /// Auto-sync brings `ccccccc`, and does not come to an end.
    Busy,
}

/// One request that changes something: its method, and how its path ends.
pub type Call = (&'static str, &'static str);

/// A verb as it is done.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub verb: Verb,
    pub world: World,
    pub args: &'static [(&'static str, &'static str)],
    /// What it sends, in order; nothing where it only reads.
    pub sends: &'static [Call],
    /// Which of that the cases are about.
    pub at: usize,
    /// Where it differs from what holds of all.
    pub but: But,
}

const fn row(verb: Verb, world: World, sends: &'static [Call], but: But) -> Row {
    Row { verb, world, args: &[], sends, at: 0, but }
}

impl Row {
    const fn with(self, args: &'static [(&'static str, &'static str)]) -> Self {
        Self { args, ..self }
    }

    const fn at(self, at: usize) -> Self {
        Self { at, ..self }
    }
}

const PATCH: Call = ("PATCH", "/applications/api");
const END: Call = ("DELETE", "/applications/api/operation");
const BACK: Call = ("POST", "/applications/api/rollback");
const SYNC: Call = ("POST", "/applications/api/sync");
const RUN: Call = ("POST", "/applications/api/resource/actions/v2");

/// Somebody was quicker, which is seen before anything is sent.
const SEEN: (&[Case], Must) = (&[Another], Must { ends: &[End::NotDone], sent: Sent::None, found: &[], again: None });
/// The request is the effect: nobody has to act on it.
const AT_ONCE: (&[Case], Must) = (&[Unmoved], WELL);
/// Whoever syncs to a branch syncs again.
const ANEW: (&[Case], Must) = (&[Already], Must { again: None, ..WELL });

/// Whether there is such a revision is git's to say.
const NO_REVISION: (&[Case], Must) = (&[HostileWish], Must { found: &[], again: None, ..NO });

/// The first of several is taken, and the rest is not sent: it has not come about.
const HALF: Must = Must { found: &[Shows::NotYet], ..TAKEN };
const FIRST: But = &[
    SEEN,
    (&[CutAfter, Blind(401), Blind(403), Blind(500), HostileBlind], HALF),
    (&[Unmoved], Must { ends: &[End::Unknown], sent: Sent::All, ..TAKEN }),
];
/// One before it was taken, so that a no leaves it half done, certainly.
const PART: Must = Must { ends: &[End::Partly], ..NO };
const LATER: But = &[
    (&[No(307), No(400), No(401), No(403), No(404), No(409), No(422), TooMany, HostileNo(403)], PART),
    (&[Another], Must { found: &[], again: None, ..PART }),
];

/// In the middle both hold: what was taken has not led anywhere yet, and what was not leaves it half done.
const AMID: But = &[
    (&[CutAfter, Blind(401), Blind(403), Blind(500), HostileBlind, Unmoved], HALF),
    (&[No(307), No(400), No(401), No(403), No(404), No(409), No(422), TooMany, HostileNo(403)], PART),
    (&[Another], Must { sent: Sent::Before, found: &[], again: None, ..PART }),
];

/// Nothing says what was to be ended, so what runs may be that, or not.
const WHOSE: &[Shows] = &[Shows::Unknown];
const ABORT: But = &[
    SEEN,
    (
        &[No(307), No(400), No(401), No(403), No(404), No(409), No(422), TooMany, HostileNo(403)],
        Must { found: WHOSE, ..NO },
    ),
    (&[Late], Must { found: WHOSE, sent: Sent::None, ..NO }),
    (
        &[
            Fails(303),
            Fails(408),
            Fails(500),
            Fails(502),
            Fails(503),
            Fails(504),
            HostileNo(500),
            CutBefore,
            Hangs,
            Garbage,
            Empty,
            Nothing,
        ],
        Must { found: WHOSE, ..LOST },
    ),
];

/// Argo CD notes nowhere what it ran: sent again it runs again, which only a person has it do.
const RUNS: Again = Again { ends: &[End::Done], more: Some(true) };
const RAN: Must = Must { found: &[Shows::Unknown], again: Some(RUNS), ..WELL };
/// It changes one resource after another, so that a no may come in the middle.
const MIDDLE: Must = Must { ends: &[End::Unknown], sent: Sent::Upto, ..RAN };
const ACTION: But = &[
    (&[No(307)], Must { ends: &[End::NotDone], ..MIDDLE }),
    (&[Late], Must { ends: &[End::NotDone], sent: Sent::None, ..MIDDLE }),
    (&[HostileWish], Must { ends: &[End::NotDone], sent: Sent::None, found: &[], again: None }),
    (
        &[
            No(400),
            No(401),
            No(403),
            No(404),
            No(409),
            No(422),
            TooMany,
            HostileNo(403),
            Fails(303),
            Fails(408),
            Fails(500),
            Fails(502),
            Fails(503),
            Fails(504),
            HostileNo(500),
            CutBefore,
            CutAfter,
            Hangs,
        ],
        MIDDLE,
    ),
    // Its answer is all that says that it was done; what is seen of it is told, and no more.
    (&Case::ALL, RAN),
];

/// What only reads: it is never in doubt, and nothing is sent.
const READS: But = &[
    (&[HostileWish], Must { ends: &[End::NotDone, End::Done], sent: Sent::None, found: &[], again: None }),
    (
        &Case::ALL,
        Must {
            ends: &[End::Done, End::NotDone],
            sent: Sent::None,
            found: &[Shows::Never],
            again: Some(Again { ends: &[End::Done], more: Some(false) }),
        },
    ),
];

const MAIN: &[(&str, &str)] = &[("version", "main")];
const TO: &[(&str, &str)] = &[("to", "aaaaaaa")];

pub const ROWS: &[Row] = &[
    row(Verb::Deploy, World::Merged, &[SYNC], &[SEEN, ANEW, NO_REVISION]).with(MAIN),
    row(Verb::RollBack, World::Off, &[BACK], &[SEEN]).with(TO),
    row(Verb::RollBack, World::On, &[PATCH, BACK], FIRST).with(TO),
    row(Verb::RollBack, World::On, &[PATCH, BACK], LATER).with(TO).at(1),
    row(Verb::RollBack, World::Busy, &[PATCH, END, BACK], AMID).with(TO).at(1),
    row(Verb::RollBack, World::Busy, &[PATCH, END, BACK], LATER).with(TO).at(2),
    row(Verb::Pause, World::On, &[PATCH], &[SEEN, AT_ONCE]),
    row(Verb::Resume, World::Paused, &[PATCH], &[SEEN, AT_ONCE]),
    row(Verb::Resume, World::Off, &[PATCH], &[SEEN, AT_ONCE]).with(&[("prune", "true"), ("self-heal", "false")]),
    row(Verb::Abort, World::Busy, &[END], ABORT),
    row(Verb::Action, World::Off, &[RUN], ACTION).with(&[("action", "restart"), ("kind", "Pod"), ("name", "api-1")]),
    row(Verb::Snapshot, World::Off, &[], READS),
];

/// What there is nothing of here, and why.
pub const NOT_HERE: &[(Case, &str)] = &[(Case::Paged, "its lists are given whole")];
