//! What the matrices of all adapters share: what can go wrong, and what must hold then.
//!
//! Each adapter has a table of its own (`kube/matrix`, `argocd/matrix`, `alertmanager/matrix`): its verbs, what they
//! are done to, and where one differs from what holds of all. Nothing here knows an adapter; `tried` judges a case.

mod tried;

pub use crate::ends::{End, Shows};

use holdpoint::backend::Backend;
use holdpoint::domain::operation::Operation;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
pub use tried::{all, tried};

/// More often than anything is asked.
pub const EVER: u32 = 1 << 20;

/// Where a row differs from what holds of all.
pub type But = &'static [(&'static [Case], Must)];

/// What goes wrong, or comes differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// Nothing: it is read back; and once more by the same key.
    Well,
    /// Another operator is quicker, between our look and our request.
    Another,
    /// Another has done the same before.
    Already,
    /// Refused with this status.
    No(u16),
    /// Refused with 429 and a `Retry-After`.
    TooMany,
    /// Answered with this status, which says nothing of what was done.
    Fails(u16),
    /// Cut before the server did anything.
    CutBefore,
    /// Cut after the server did it.
    CutAfter,
    /// Never answered.
    Hangs,
    /// Answered with what is no answer.
    Garbage,
    /// Answered with nothing at all.
    Empty,
    /// Accepted, and nothing happens.
    Nothing,
    /// Accepted and kept, and nobody acts on it; its state is a word that nobody knows.
    Unmoved,
    /// Accepted, and from then on every look is answered with this status.
    Blind(u16),
    /// Accepted, and one look is answered with this status.
    Stumbles(u16),
    /// What is read is full of words that act on a terminal.
    Hostile,
    /// Refused with this status, in such words, which repeat our token.
    HostileNo(u16),
    /// The same at every look after it was accepted.
    HostileBlind,
    /// What is asked for holds such words.
    HostileWish,
    /// The server's clock is minutes behind.
    Skewed,
    /// Whatever is listed comes one by one.
    Paged,
    /// Fields and words that nobody knows.
    Strange,
    /// A watch is cut meanwhile, and what happened is forgotten.
    Missed,
    /// It was decided too long ago by the time it would leave.
    Late,
}

impl Case {
    /// All of them, those that wait for a limit first.
    pub const ALL: [Case; 39] = [
        Case::Hangs,
        Case::Blind(401),
        Case::Blind(403),
        Case::Blind(500),
        Case::HostileBlind,
        Case::Nothing,
        Case::Unmoved,
        Case::Garbage,
        Case::Empty,
        Case::Missed,
        Case::Well,
        Case::Another,
        Case::Already,
        Case::No(307),
        Case::No(400),
        Case::No(401),
        Case::No(403),
        Case::No(404),
        Case::No(409),
        Case::No(422),
        Case::TooMany,
        Case::Fails(303),
        Case::Fails(408),
        Case::Fails(500),
        Case::Fails(502),
        Case::Fails(503),
        Case::Fails(504),
        Case::CutBefore,
        Case::CutAfter,
        Case::Stumbles(429),
        Case::Stumbles(503),
        Case::Hostile,
        Case::HostileNo(403),
        Case::HostileNo(500),
        Case::HostileWish,
        Case::Skewed,
        Case::Paged,
        Case::Strange,
        Case::Late,
    ];

    /// Whether it ends only with the operation's limit.
    pub fn waits(self) -> bool {
        use Case::{Blind, Empty, Garbage, Hangs, HostileBlind, Nothing, Unmoved};
        matches!(self, Blind(_) | HostileBlind | Nothing | Unmoved | Garbage | Empty | Hangs)
    }

    /// What must hold of it in a row that differs so.
    pub fn must(self, but: But) -> Must {
        but.iter().find(|(cases, _)| cases.contains(&self)).map_or_else(|| self.usual(), |(_, must)| *must)
    }

    /// What must hold of it, where a row does not say otherwise.
    fn usual(self) -> Must {
        use Case::{
            Already, Another, Blind, CutAfter, CutBefore, Empty, Fails, Garbage, Hangs, Hostile, HostileBlind,
            HostileNo, HostileWish, Late, Missed, No, Nothing, Paged, Skewed, Strange, Stumbles, TooMany, Unmoved,
            Well,
        };
        match self {
            Well | Stumbles(_) | Hostile | Skewed | Paged | Strange | Missed => WELL,
            Already => ALREADY,
            No(_) | TooMany | HostileNo(400..=499) => NO,
            Another => Must { found: &[Shows::NotYet, Shows::Unknown], again: None, ..NO },
            Late => Must { sent: Sent::None, ..NO },
            HostileWish => Must { ends: &[End::NotDone], sent: Sent::None, found: &[], again: None },
            Fails(_) | HostileNo(_) | CutBefore | Hangs | Garbage | Empty | Nothing => LOST,
            CutAfter | Blind(_) | HostileBlind => TAKEN,
            Unmoved => Must { ends: &[End::Unknown, End::Partly], ..TAKEN },
        }
    }
}

/// How much of what changes something was sent, each once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Nothing.
    None,
    /// What goes before the request that the case is about.
    Before,
    /// As far as that.
    Upto,
    /// All.
    All,
}

/// How the same key goes, sent again when nothing goes wrong any more.
#[derive(Clone, Copy, Debug)]
pub struct Again {
    /// How it may end.
    pub ends: &'static [End],
    /// Whether what the case is about is sent once more; none where either is right.
    pub more: Option<bool>,
}

/// What must hold of a case.
#[derive(Clone, Copy, Debug)]
pub struct Must {
    /// How it may end.
    pub ends: &'static [End],
    /// What is sent.
    pub sent: Sent,
    /// What a probe finds then; anything where it is empty. What was taken may take its time.
    pub found: &'static [Shows],
    /// How the same key goes then, where that is asked.
    pub again: Option<Again>,
}

/// It is done.
pub const WELL: Must = Must {
    ends: &[End::Done],
    sent: Sent::All,
    found: &[Shows::Applied],
    again: Some(Again { ends: &[End::Done], more: Some(false) }),
};
/// It is as it should be already.
pub const ALREADY: Must = Must { sent: Sent::None, again: None, ..WELL };
/// It is certainly not done, which is not for ever.
pub const NO: Must = Must {
    ends: &[End::NotDone],
    sent: Sent::Upto,
    found: &[Shows::NotYet],
    again: Some(Again { ends: &[End::Done], more: Some(true) }),
};
/// Nobody knows; in truth nothing was done.
pub const LOST: Must = Must { ends: &[End::Unknown], ..NO };
/// Nobody knows; in truth it was done, which is found out and not done twice.
pub const TAKEN: Must = Must {
    ends: &[End::Unknown],
    sent: Sent::Upto,
    found: &[Shows::Applied],
    again: Some(Again { ends: &[End::Done], more: Some(false) }),
};

/// A world of its own, in which one case of one row is tried.
pub trait Ground {
    fn backend(&self) -> &dyn Backend;
    /// What is asked for.
    fn wish(&self, case: Case) -> Operation;
    /// What must hold.
    fn must(&self, case: Case) -> Must;
    /// How many requests change something, and which of them the case is about.
    fn sends(&self) -> (usize, usize);
    /// Makes the world as the case has it.
    fn prepare(&self, case: Case) -> impl Future<Output = Result<(), String>>;
    /// Lets it go wrong.
    fn arm(&self, case: Case);
    /// What happens while it is done.
    fn beside(&self, case: Case) -> impl Future<Output = ()>;
    /// How often each request was sent that changes something; an error is one that should not have been.
    fn sent(&self) -> Result<Vec<usize>, String>;
    /// Forgets what was sent.
    fn forget(&self);
    /// Nothing goes wrong any more, and what stood still goes on.
    fn heal(&self);
    /// What else must hold whenever it has ended.
    fn left(&self) -> Result<(), String>;
    /// What else must hold of the case, once it is over.
    fn over(&self, case: Case) -> impl Future<Output = Result<(), String>>;
    /// Whether a clock that is off matters to it, so that whoever looks is told.
    fn timed(&self) -> bool {
        true
    }
    /// What must never be said.
    fn secret(&self) -> &'static str;
    /// Where output goes.
    fn file(&self) -> PathBuf;
}

/// The header of a server whose clock is minutes behind.
pub fn behind() -> String {
    let then = chrono::Utc::now() - chrono::TimeDelta::minutes(10);
    format!("date: {}\r\n", then.format("%a, %d %b %Y %H:%M:%S GMT"))
}

/// Puts an authority into a directory, for clients that are to trust no other: those of the system take long to read.
pub fn authority(dir: &Path) -> PathBuf {
    static MADE: OnceLock<String> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let mut params = rcgen::CertificateParams::new(vec![]).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem()
    });
    let file = dir.join("ca.pem");
    std::fs::write(&file, made).unwrap();
    file
}
