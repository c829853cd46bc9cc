//! What a picture is made of: everything known, the view's own state, a theme
//! and the instant. Drawing is a function of it and of nothing else.

use super::action::Pane;
use super::filter::Filter;
use super::hand::{Id, Mark};
use super::model::Model;
use super::theme::{Role, Theme};
use super::ui::Ui;
use super::widget::frame::Kind;
use crate::domain::Timestamp;
use crate::domain::accent::Accent;
use crate::domain::catalogue::{Environment, Tier};
use crate::domain::plan::{Mode, Step};
use crate::domain::text::shortened;
use crate::domain::workspace::{Purpose, Workspace};
use crate::domain::zone::Zone;
use crate::engine::show::{Shown, Word};
use crate::engine::{Given, Run};
use ratatui::layout::Rect;
use std::cell::Cell;
use std::time::Duration;

/// What a picture is made of.
pub struct View<'a> {
    /// Everything known.
    pub model: &'a Model,
    /// The view's own state.
    pub ui: &'a Ui,
    /// How roles look.
    pub theme: &'a Theme,
    /// The wall clock.
    pub now: Timestamp,
    /// The clock that never jumps.
    pub uptime: Duration,
    /// What is drawn that can be pointed at or acted on, gathered while it is.
    pub marks: Marks,
}

/// What has been drawn that can be pointed at or acted on.
#[derive(Default)]
pub struct Marks(Cell<Vec<Mark>>);

impl Marks {
    /// All of it, once.
    pub fn take(&self) -> Vec<Mark> {
        self.0.take()
    }
}

impl<'a> View<'a> {
    /// Says that something is drawn in these cells, and whether it is highlighted.
    pub fn mark(&self, id: Id, area: Rect, on: bool) {
        if area.is_empty() {
            return;
        }
        let mut all = self.marks.0.take();
        all.push(Mark { id, area, on });
        self.marks.0.set(all);
    }

    /// What judgements look at.
    pub fn given(&self) -> Given<'a> {
        self.model.given(self.now)
    }

    /// The run that the screens are about.
    pub fn run(&self) -> Option<&'a Run> {
        self.model.run()
    }

    /// The steps of that run as they look.
    pub fn steps(&self, run: &'a Run) -> Vec<Shown<'a>> {
        self.model.derived.steps(run).collect()
    }

    /// The runs that have not ended.
    pub fn live(&self) -> impl Iterator<Item = &'a Run> + use<'a> {
        self.model.ledger.runs.values().filter(|r| !r.ended())
    }

    /// The steps that wait for people's word, each with its run.
    pub fn queue(&self) -> Vec<(&'a Run, &'a Step)> {
        let found = self.model.derived.queue.iter();
        found
            .filter_map(|(run, step)| self.model.ledger.run(*run).and_then(|r| Some((r, r.plan.step(step)?))))
            .collect()
    }

    /// What rows of a pane must hold to be shown.
    pub fn filter(&self, pane: Pane) -> Filter {
        Filter::parse(self.ui.filter(pane))
    }

    /// What is said of a pane's filter beside what it leaves: `filter payments hides 12`; nothing without one.
    pub fn chip(&self, pane: Pane, hidden: usize) -> String {
        match self.ui.filter(pane).trim() {
            "" => String::new(),
            filter => format!(" · filter {} hides {hidden}", shortened(filter, 24)),
        }
    }

    /// Whether keys reach systems now.
    pub fn armed(&self) -> bool {
        self.ui.arming.is_armed(self.uptime)
    }

    /// The local time beside UTC, with the name of its place.
    pub fn local(&self) -> String {
        let zones = zones(&self.model.workspace);
        let name = zones.get(self.ui.zone % zones.len().max(1)).copied().unwrap_or("UTC");
        let place = name.rsplit('/').next().unwrap_or(name).replace('_', " ");
        Zone::named(name).map(|z| format!("{} {place}", z.local(self.now).format("%H:%M"))).unwrap_or_default()
    }

    /// Whose frame the screens and dialogs have.
    pub fn kind(&self) -> Kind {
        if self.model.replay.is_some() {
            return Kind::Replay;
        }
        let production = self.model.workspace.environments.values().any(|e| e.tier == Tier::Production);
        match self.model.workspace.purpose {
            Purpose::Real if production => Kind::Production,
            Purpose::Real => Kind::Plain,
            Purpose::Rehearsal => Kind::Rehearsal,
            Purpose::Demo => Kind::Demo,
        }
    }

    /// The accent of an environment by its name, if it has one.
    pub fn accent_of(&self, environment: &str) -> Option<&'a Accent> {
        self.model.workspace.environments.get(environment)?.accent.as_ref()
    }

    /// The accent of the workspace: that of its production environments, when they agree.
    pub fn accent(&self) -> Option<&'a Accent> {
        let production = |e: &&Environment| e.tier == Tier::Production;
        let mut all = self.model.workspace.environments.values().filter(production).map(|e| e.accent.as_ref());
        let first = all.next()??;
        all.all(|other| other == Some(first)).then_some(first)
    }

    /// Whether the run that is shown is or was a rehearsal, beside which the real thing goes on.
    pub fn rehearses(&self) -> bool {
        let real = self.model.workspace.purpose == Purpose::Real && self.model.replay.is_none();
        real && self.model.run().is_some_and(|run| run.plan.mode == Mode::Rehearsal)
    }

    /// The word that nobody can miss where nothing is real.
    pub fn watermark(&self) -> Option<&'static str> {
        match self.model.workspace.purpose {
            _ if self.model.replay.is_some() => Some("REPLAY"),
            Purpose::Real => None,
            Purpose::Rehearsal => Some("REHEARSAL"),
            Purpose::Demo => Some("DEMO"),
        }
    }
}

/// The zones shown beside UTC: the workspace's, then those of its environments.
pub fn zones(workspace: &Workspace) -> Vec<&str> {
    let others = workspace.environments.values().map(|e| e.zone.as_str());
    let mut zones: Vec<&str> = Vec::new();
    for zone in std::iter::once(workspace.zone.as_str()).chain(others) {
        if !zones.contains(&zone) {
            zones.push(zone);
        }
    }
    zones
}

/// The role that a step's word is drawn in.
pub fn role_of(shown: &Shown<'_>) -> Role {
    match shown.word {
        _ if shown.late() => Role::Late,
        Word::Pending => Role::Dim,
        Word::Ready => Role::Accent,
        Word::Running | Word::Verifying => Role::Running,
        Word::Waiting | Word::Approval => Role::Warn,
        Word::Held => Role::Held,
        Word::Done => Role::Ok,
        Word::Skipped | Word::RolledBack => Role::Skipped,
        Word::Partly | Word::Failed => Role::Fail,
        Word::InDoubt => Role::Unknown,
    }
}
