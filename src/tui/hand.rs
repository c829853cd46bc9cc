//! The hand: which rows are highlighted, which of them a person has seen, and the
//! order that a list keeps while someone moves through it.
//!
//! A key acts on what was highlighted in the last picture that left, or on nothing.
//! It changes nothing of what is known.

use super::action::Pane;
use super::model::derived::Slot;
use super::pane::{approvals, calendar, health, journal, runbook};
use super::terminal::FrameId;
use super::view::View;
use crate::domain::name::{EnvironmentName, RunId, ServiceName, StepName};
use std::collections::VecDeque;
use std::time::Duration;

/// How long a list keeps its order after a key that moves through it.
pub const STILL: Duration = Duration::from_secs(2);

/// A row, by what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// A step of a run.
    Step(RunId, StepName),
    /// A service in an environment.
    Place(ServiceName, EnvironmentName),
    /// A step that waits for people's word.
    Ask(RunId, StepName),
    /// A piece of the calendar.
    Slot(Slot),
    /// A line of the journal.
    Line(u64),
}

/// What a picture highlights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The step, where steps are shown.
    pub step: Option<Id>,
    /// The row of the section or pane in focus.
    pub row: Option<Id>,
}

/// The order that a list had when the hand began to move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Places, by their position in the workspace.
    Places(Vec<usize>),
    /// Steps that wait for a word.
    Asks(Vec<(RunId, StepName)>),
    /// Pieces of the calendar.
    Slots(Vec<Slot>),
    /// The journal up to this line.
    Lines(u64),
}

/// What the hand remembers.
#[derive(Clone, Debug, Default)]
pub struct Hand {
    drawn: VecDeque<(FrameId, Shown)>,
    painted: Shown,
    still: Option<(Duration, Order)>,
}

/// What the view highlights now.
pub fn shown(view: &View<'_>) -> Shown {
    let step = || {
        let run = view.run()?;
        let steps = view.steps(run);
        let at = runbook::highlighted(view, &steps)?;
        Some(Id::Step(run.id, steps.get(at)?.step.name.clone()))
    };
    let (pane, acting) = (view.ui.pane, view.ui.acting());
    let steps = pane == Pane::Runbook || (pane == Pane::Bridge && (!view.ui.zoomed || acting == Pane::Bridge));
    let step = if steps { step() } else { None };
    let row = match acting {
        Pane::Bridge | Pane::Runbook => step.clone(),
        Pane::Health => health::selected(view).map(|p| Id::Place(p.service.clone(), p.environment.clone())),
        Pane::Approvals => approvals::selected(view).map(|(run, step)| Id::Ask(run.id, step.name.clone())),
        Pane::Calendar => calendar::selected(view).map(|slot| Id::Slot(slot.clone())),
        Pane::Journal => journal::selected(view).map(|told| Id::Line(told.entry.seq)),
        Pane::Rollback => None,
    };
    Shown { step, row }
}

impl Hand {
    /// Says what a frame highlights, before it leaves.
    pub fn drawn(&mut self, frame: FrameId, shown: Shown) {
        self.drawn.push_back((frame, shown));
    }

    /// Says that a frame has left; those before it never will.
    pub fn painted(&mut self, frame: FrameId) {
        while self.drawn.front().is_some_and(|(drawn, _)| *drawn <= frame) {
            if let Some((_, shown)) = self.drawn.pop_front() {
                self.painted = shown;
            }
        }
    }

    /// Whether a person has this highlighted before their eyes.
    pub fn is_on(&self, id: &Id) -> bool {
        [&self.painted.step, &self.painted.row].into_iter().flatten().any(|seen| seen == id)
    }

    /// Takes what someone has written out as if it had been pointed at.
    pub fn named(&mut self, id: Id) {
        self.painted.step = Some(id);
    }

    /// Keeps an order for a while; one that is kept already goes on.
    pub fn hold_still(&mut self, uptime: Duration, order: impl FnOnce() -> Order) {
        let until = uptime.saturating_add(STILL);
        match &mut self.still {
            Some((old, _)) if uptime < *old => *old = until,
            still => *still = Some((until, order())),
        }
    }

    /// Lets lists move again.
    pub fn let_go(&mut self) {
        self.still = None;
    }

    /// The order that is kept at an instant.
    pub fn order(&self, uptime: Duration) -> Option<&Order> {
        self.still.as_ref().filter(|(until, _)| uptime < *until).map(|(_, order)| order)
    }
}
