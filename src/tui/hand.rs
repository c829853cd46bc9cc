//! The hand: what a key would act on, what a person has seen of it, and the order
//! that a list keeps while someone moves through it.
//!
//! A key acts on what was highlighted in the last picture that left, or on nothing.
//! It changes nothing of what is known.

use super::action::Pane;
use super::model::agenda::Slot;
use super::pane::{approvals, calendar, health, journal, runbook, trigger};
use super::terminal::FrameId;
use super::view::View;
use super::way_back;
use crate::domain::name::{EnvironmentName, RunId, ServiceName, StepName, TriggerName};
use crate::domain::trigger::RollsBack;
use ratatui::layout::{Position, Rect};
use std::collections::VecDeque;
use std::time::Duration;

/// How long a list keeps its order after a key that moves through it.
pub const STILL: Duration = Duration::from_secs(2);

/// Something that a key can act on, by what it is about.
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
    /// The run that a picture is about.
    Run(RunId),
    /// What is taken back by the key that rolls back, and of which run.
    Back(Option<RunId>, RollsBack),
    /// A tripped trigger in its banner.
    Trigger(RunId, TriggerName),
    /// A hold that stands.
    Hold(u32),
    /// The row of help or of the finder that Enter takes.
    Entry(String),
    /// A text that is shown whole, by its title.
    Text(String),
    /// A pane's name in the footer.
    Tab(Pane),
    /// A section of the bridge, or the pane that is shown.
    Section(Pane),
}

impl Id {
    /// Whether it is a row of a list, which is highlighted or not; everything else is shown or not.
    pub fn row(&self) -> bool {
        matches!(self, Id::Step(..) | Id::Place(..) | Id::Ask(..) | Id::Slot(_) | Id::Line(_))
    }

    /// It in a few words.
    pub fn words(&self) -> String {
        match self {
            Id::Step(_, step) => format!("step {step}"),
            Id::Place(service, environment) => format!("{service} {environment}"),
            Id::Ask(run, step) => format!("{run}/{step}"),
            Id::Slot(slot) => slot.what.title.clone(),
            Id::Line(seq) => format!("line {seq}"),
            Id::Run(run) => format!("run {run}"),
            Id::Back(_, RollsBack::One(service, environment)) => format!("{service} {environment}"),
            Id::Back(_, RollsBack::Set) => "everything that the run has changed".to_owned(),
            Id::Trigger(_, name) => format!("trigger {name}"),
            Id::Hold(id) => format!("hold {id}"),
            Id::Entry(text) | Id::Text(text) => text.clone(),
            Id::Tab(pane) | Id::Section(pane) => pane.name().to_owned(),
        }
    }
}

/// Something in a picture: where it stands, and whether it is highlighted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What it is about.
    pub id: Id,
    /// Its cells.
    pub area: Rect,
    /// Whether it is highlighted; what is no row always is.
    pub on: bool,
}

/// What a picture shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Everything that can be pointed at or acted on.
    pub marks: Vec<Mark>,
    /// Whether help, the palette or a list of themes lies over it: rows stay as they were seen before.
    pub over: bool,
}

impl Shown {
    /// What is highlighted or shown.
    pub fn on(&self) -> impl Iterator<Item = &Id> {
        self.marks.iter().filter(|mark| mark.on).map(|mark| &mark.id)
    }
}

impl FromIterator<Id> for Shown {
    fn from_iter<T: IntoIterator<Item = Id>>(ids: T) -> Self {
        let mark = |id| Mark { id, area: Rect::ZERO, on: true };
        Self { marks: ids.into_iter().map(mark).collect(), over: false }
    }
}

/// What keys would act on now, seen or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meant {
    /// The step, where steps are shown.
    pub step: Option<Id>,
    /// The row of the section or pane in focus.
    pub row: Option<Id>,
    /// The run, what rolling back takes back, the trigger of the banner and the holds.
    pub others: Vec<Id>,
}

impl Meant {
    /// All of it.
    pub fn ids(self) -> impl Iterator<Item = Id> {
        self.step.into_iter().chain(self.row).chain(self.others)
    }
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
    /// The rows that were highlighted in the last picture with nothing over it.
    rows: Vec<Id>,
    still: Option<(Duration, Order)>,
}

/// What keys would act on now.
pub fn meant(view: &View<'_>) -> Meant {
    let acting = view.ui.acting();
    let step = if steps_shown(view) { step(view) } else { None };
    let row = match acting {
        Pane::Bridge | Pane::Runbook => step.clone(),
        Pane::Health => health::selected(view).map(|p| Id::Place(p.service.clone(), p.environment.clone())),
        Pane::Approvals => approvals::selected(view).map(|(run, step)| Id::Ask(run.id, step.name.clone())),
        Pane::Calendar => calendar::selected(view).map(|slot| Id::Slot(slot.clone())),
        Pane::Journal => journal::selected(view).map(|told| Id::Line(told.entry.seq)),
        Pane::Rollback => None,
    };
    Meant { step, row, others: others(view) }
}

/// What is no row and can be acted on.
pub fn others(view: &View<'_>) -> Vec<Id> {
    let run = view.run().map(|run| Id::Run(run.id));
    let (of, what) = way_back::meant(view);
    let tripped = trigger::tripped(view).map(|(run, trigger, _)| Id::Trigger(run.id, trigger.name.clone()));
    let holds = view.model.ledger.holds.values().map(|hold| Id::Hold(hold.id));
    run.into_iter().chain([Id::Back(of.map(|run| run.id), what)]).chain(tripped).chain(holds).collect()
}

/// Whether the section or pane that is shown has steps.
pub fn steps_shown(view: &View<'_>) -> bool {
    let pane = view.ui.pane;
    pane == Pane::Runbook || (pane == Pane::Bridge && (!view.ui.zoomed || view.ui.acting() == Pane::Bridge))
}

fn step(view: &View<'_>) -> Option<Id> {
    let run = view.run()?;
    let steps = view.steps(run);
    let at = runbook::highlighted(view, &steps)?;
    Some(Id::Step(run.id, steps.get(at)?.step.name.clone()))
}

impl Hand {
    /// Says what a frame shows, before it leaves.
    pub fn drawn(&mut self, frame: FrameId, shown: Shown) {
        self.drawn.push_back((frame, shown));
    }

    /// Says that a frame has left; those before it never will.
    pub fn painted(&mut self, frame: FrameId) {
        while self.drawn.front().is_some_and(|(drawn, _)| *drawn <= frame) {
            let Some((_, shown)) = self.drawn.pop_front() else { return };
            if !shown.over {
                self.rows = shown.on().filter(|id| id.row()).cloned().collect();
            }
            self.painted = shown;
        }
    }

    /// Nothing is before anyone's eyes any more: the terminal was someone else's.
    pub fn forget(&mut self) {
        (self.painted, self.rows) = (Shown::default(), Vec::new());
    }

    /// Whether a person has this highlighted before their eyes.
    pub fn is_on(&self, id: &Id) -> bool {
        if id.row() { self.rows.contains(id) } else { self.painted.on().any(|seen| seen == id) }
    }

    /// The step that was highlighted last.
    pub fn step(&self) -> Option<&Id> {
        self.rows.iter().find(|id| matches!(id, Id::Step(..)))
    }

    /// How many rows of a kind the last picture shows: a page of them; ten where it shows none.
    pub fn page(&self, kind: impl Fn(&Id) -> bool) -> usize {
        match self.painted.marks.iter().filter(|mark| kind(&mark.id)).count() {
            0 => 10,
            rows => rows,
        }
    }

    /// What stands in a cell of the last picture, the topmost first.
    pub fn at(&self, cell: Position) -> impl Iterator<Item = &Mark> {
        self.painted.marks.iter().rev().filter(move |mark| mark.area.contains(cell))
    }

    /// Takes what someone has written out as if it had been pointed at.
    pub fn named(&mut self, id: Id) {
        self.rows = vec![id];
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
