//! What an open dialog rests on: who has the conn, and the thing it is about as
//! it was when the dialog opened.
//!
//! It is compared, never shown. What the engine would refuse as moved is told
//! while the dialog is open, and not only after it has been answered.

use super::model::Model;
use super::ui::Intent;
use super::view::View;
use crate::domain::Timestamp;
use crate::domain::command::Command;
use crate::domain::digest::Digest;
use crate::domain::name::{RunId, StepName};
use crate::engine::run::{Run, State};
use crate::engine::{adhoc, consent, people, rollback, rules};
use chrono::TimeDelta;
use std::mem::Discriminant;

/// What an open dialog rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// Whether the conn was this session's.
    pub conn: bool,
    /// The newest line of the journal then.
    pub seq: u64,
    /// What it is about, as it was.
    pub about: About,
    /// How much was known when this was looked at, and when that was.
    looked: (u64, Timestamp),
}

/// How long what a dialog rests on is taken for the same while nothing new is known:
/// one event looks at it several times, and the plan of a rollback is dear.
const SAME: TimeDelta = TimeDelta::milliseconds(100);

/// What a dialog is about, as it was at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum About {
    /// Nothing that could move.
    #[default]
    Nothing,
    /// A step: its state, and the digest of what would be sent or is voted on.
    Step(Option<(Discriminant<State>, Digest)>),
    /// Everything that a rollback would do, or one thing without a runbook, and the newest of the same that has begun.
    Plan(Option<Digest>, Option<RunId>),
    /// Rules that wait for adoption.
    Rules(Option<Digest>),
    /// The epoch of a run's conn.
    Conn(Option<u64>),
}

impl Basis {
    /// What a dialog rests on now.
    pub fn of(view: &View<'_>, intent: Option<&Intent>) -> Self {
        let conn = view.model.conned().is_some_and(|run| view.model.drives(run));
        let about = intent.map(|intent| about(view, intent)).unwrap_or_default();
        Self { conn, seq: view.model.ledger.seq, about, looked: (view.model.taken, view.now) }
    }

    /// The same of a dialog that is open since this line of the journal.
    pub fn since(self, seq: u64) -> Self {
        Self { seq, ..self }
    }

    /// Whether it was looked at just now, and nothing has become known since.
    pub fn stands(&self, model: &Model, now: Timestamp) -> bool {
        let (taken, at) = self.looked;
        taken == model.taken && (now - at).abs() < SAME
    }
}

fn about(view: &View<'_>, intent: &Intent) -> About {
    let given = view.given();
    match intent {
        Intent::Start(run, name) | Intent::Retry(run, name) | Intent::Done(run, name) => step(view, *run, name),
        Intent::RollBack(run, what) => {
            let begun = view.model.ledger.runs.values().rev().find(|r| r.takes_back() && r.plan.reverts == *run);
            let run = run.and_then(|id| view.model.ledger.run(id));
            let plan = rollback::plan(&given, run, what, None).ok().map(|plan| plan.digest());
            About::Plan(plan, begun.map(|run| run.id))
        }
        Intent::Do(what) => {
            let plan = adhoc::plan(&given, what).ok();
            // The same may be done meanwhile by somebody else.
            let same = |run: &&Run| plan.as_ref().is_some_and(|plan| run.plan.runbook == plan.runbook);
            let begun = view.model.ledger.runs.values().rev().find(same).map(|run| run.id);
            About::Plan(plan.map(|plan| plan.digest()), begun)
        }
        Intent::Reason(command) => match &**command {
            Command::Step(run, name, _) | Command::Decide { run, step: name, .. } => step(view, *run, name),
            Command::Vote { run, step: name, .. } => step(view, *run, name),
            Command::Adopt(..) => About::Rules(rules::waiting(&given).map(|waiting| waiting.digest)),
            Command::TakeConn(run, ..) | Command::OfferConn(run, _) => {
                About::Conn(view.model.ledger.run(*run).map(|run| run.epoch))
            }
            _ => About::Nothing,
        },
        Intent::OpenIncident(..) | Intent::CloseIncident(_) | Intent::Sent(..) => About::Nothing,
        Intent::Hold(_) | Intent::Note(..) | Intent::Copy(_) | Intent::Quit => About::Nothing,
    }
}

fn step(view: &View<'_>, run: RunId, name: &StepName) -> About {
    let found = view.model.ledger.run(run).filter(|run| !run.ended());
    About::Step(found.and_then(|run| {
        let step = run.plan.step(name)?;
        let evidence = people::poll(&view.given(), run, step).map(|poll| poll.evidence);
        let digest = evidence.unwrap_or_else(|| consent::digest(run, step));
        Some((std::mem::discriminant(run.state(name)), digest))
    }))
}
