//! What the screens know: their own fold of what the runtime publishes.
//!
//! It only takes in; it never decides and never asks the runtime for more. The
//! ledger here is the same as the dispatcher's, entry by entry. What follows from
//! it is worked out by `refresh`, so that drawing only reads.

pub mod agenda;
pub mod changed;
pub mod dated;
pub mod derived;
pub mod lane;
pub mod places;
pub mod told;

use crate::domain::Timestamp;
use crate::domain::entry::Entry;
use crate::domain::foreseen::{Foreseen, Returning};
use crate::domain::name::PersonName;
use crate::domain::observed::Observed;
use crate::domain::plan::Step;
use crate::domain::session::SessionId;
use crate::domain::workspace::Workspace;
use crate::engine::changes::Change;
use crate::engine::{Given, Ledger, Run, adhoc};
use crate::runtime::input::{Trouble, Update};
use crate::tui::replay::Standing;
use chrono::TimeDelta;
use derived::Derived;
use places::Places;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use told::Told;

/// How many entries the journal pane keeps at hand.
const RECENT: usize = 5_000;
/// How many lines of a command's output are kept at hand.
const LINES: usize = 500;

/// How old what is worked out may be while only observations move.
const SETTLED: TimeDelta = TimeDelta::milliseconds(100);

/// How much has moved since things were worked out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Moved {
    #[default]
    Nothing,
    Observed,
    Known,
}

/// What is known.
#[derive(Default)]
pub struct Model {
    /// Whether the journal is open; before that nothing can be done.
    pub open: bool,
    /// What is being done before there is a journal to open, in words.
    pub opening: Option<&'static str>,
    /// Ours, durable.
    pub ledger: Ledger,
    /// Theirs, volatile.
    pub observed: Observed,
    /// What people declared.
    pub workspace: Arc<Workspace>,
    /// This session, once it is open.
    pub session: Option<SessionId>,
    /// Who sits here.
    pub person: Option<PersonName>,
    /// The newest entries that say something to people, oldest first.
    pub recent: VecDeque<Told>,
    /// The newest lines of output by the line that announced the operation.
    pub output: BTreeMap<u64, VecDeque<Arc<str>>>,
    /// What is wrong for longer.
    pub troubles: BTreeMap<Trouble, String>,
    /// Whether the session has ended.
    pub closed: bool,
    /// Every service in every environment, trouble first.
    pub places: Places,
    /// What backends said last of what would take back what live runs have changed.
    pub way_back: Arc<Vec<Foreseen>>,
    /// The same of what would lead back what they still have ahead.
    pub ahead: Arc<Vec<Returning>>,
    /// How the replay stands that this shows; none where things are as they are now.
    pub replay: Option<Standing>,
    /// What follows from all this, as of the last refresh.
    pub derived: Derived,
    /// How often something has become known; lines of output are nothing that anything rests on.
    pub taken: u64,
    moved: Moved,
}

impl Model {
    /// Knows what people declared and nothing else yet.
    pub fn of(workspace: Workspace) -> Self {
        let places = Places::of(&workspace);
        Self { workspace: Arc::new(workspace), places, moved: Moved::Known, ..Self::default() }
    }

    /// Works out what follows from what has moved; costs nothing when nothing has.
    /// Observations alone are gathered for a moment, and time counts in seconds.
    pub fn refresh(&mut self, now: Timestamp) {
        self.work_out(now, SETTLED);
    }

    /// The same with everything that has been seen until now.
    pub fn settle(&mut self, now: Timestamp) {
        self.work_out(now, TimeDelta::zero());
    }

    /// Whether something has been seen of which nothing has followed yet.
    pub fn is_settled(&self) -> bool {
        self.moved == Moved::Nothing
    }

    fn work_out(&mut self, now: Timestamp, gathers: TimeDelta) {
        let second = now.timestamp() != self.derived.at.timestamp();
        let settled = (now - self.derived.at).abs() >= gathers;
        if second {
            self.places.passed(&self.workspace, &self.observed, now);
        }
        if self.moved == Moved::Known {
            let live = self.ledger.runs.values().filter(|r| !r.ended());
            self.places.touch(&live.flat_map(|run| run.plan.steps.iter().filter_map(Step::target)).collect());
        }
        if second || self.moved == Moved::Known || (self.moved == Moved::Observed && settled) {
            self.derived = Derived::of(self, now);
            self.moved = Moved::Nothing;
        }
    }

    /// What changed at what is bad and upstream of it, likeliest first, as of the last refresh; gathered when first asked for.
    pub fn changed(&self) -> &[Change] {
        self.derived.changed.get_or_init(|| changed::changed(&self.given(self.derived.at)))
    }

    /// Takes in what the runtime says.
    pub fn take(&mut self, update: Update) {
        self.moved = self.moved.max(match &update {
            Update::Seen(_) => Moved::Observed,
            Update::Line(..) | Update::Foreseen(..) => Moved::Nothing,
            _ => Moved::Known,
        });
        let looks = matches!(update, Update::Foreseen(..) | Update::WayBack(_) | Update::Ahead(_));
        let rests = !looks && !matches!(update, Update::Line(..));
        self.taken += u64::from(rests);
        match update {
            Update::Opened(opened) => {
                self.open = true;
                self.ledger = opened.ledger;
                self.declared(opened.workspace);
                self.session = Some(opened.session);
                self.person = self.ledger.sessions.get(&opened.session).map(|s| s.origin.person.clone());
                self.recent = opened.recent.into_iter().filter_map(Told::of).collect();
            }
            Update::Entries(entries) => entries.iter().for_each(|entry| self.fold(entry)),
            Update::CutBack(ledger) => {
                self.ledger = *ledger;
                let stands = self.ledger.seq;
                self.recent.retain(|told| told.entry.seq <= stands);
            }
            Update::Seen(batch) => {
                for seen in batch.iter() {
                    self.observed.apply(seen);
                    self.places.changed(seen, &self.workspace, &self.observed);
                }
            }
            Update::Line(intent, line) => {
                let lines = self.output.entry(intent).or_default();
                if lines.len() >= LINES {
                    lines.pop_front();
                }
                lines.push_back(line);
            }
            Update::Workspace(workspace) => self.declared(workspace),
            Update::Trouble(what, Some(why)) => drop(self.troubles.insert(what, why)),
            Update::Trouble(what, None) => drop(self.troubles.remove(&what)),
            // It belongs to the dialog that asked.
            Update::Foreseen(..) => {}
            Update::WayBack(all) => self.way_back = all,
            Update::Ahead(all) => self.ahead = all,
            Update::Closed => self.closed = true,
        }
    }

    /// Knows what was known at an instant of the past, and nothing of this session.
    pub fn stand_at(&mut self, ledger: Ledger, recent: impl Iterator<Item = Entry>, observed: Observed, at: Timestamp) {
        (self.ledger, self.observed, self.open) = (ledger, observed, true);
        self.recent = recent.filter_map(Told::of).collect();
        self.places = Places::of(&self.workspace);
        self.places.judge_all(&self.workspace, &self.observed, at);
        self.moved = Moved::Known;
        self.taken += 1;
    }

    fn declared(&mut self, workspace: Arc<Workspace>) {
        self.places = Places::of(&workspace);
        self.places.judge_all(&workspace, &self.observed, self.derived.at);
        self.workspace = workspace;
    }

    fn fold(&mut self, entry: &Entry) {
        if entry.seq <= self.ledger.seq {
            return;
        }
        if let Err(illegal) = self.ledger.apply(entry) {
            self.troubles.insert(Trouble::Journal, illegal.to_string());
        }
        if let Some(told) = Told::of(entry.clone()) {
            if self.recent.len() >= RECENT {
                self.recent.pop_front();
            }
            self.recent.push_back(told);
        }
        let kept = &self.ledger.sent;
        self.output.retain(|intent, _| kept.contains_key(intent));
    }

    /// Everything a judgement may look at, as of `now`.
    pub fn given(&self, now: Timestamp) -> Given<'_> {
        Given { ledger: &self.ledger, workspace: &self.workspace, observed: &self.observed, now }
    }

    /// The run that the screens are about: the newest that has not ended, a rollback before what it takes
    /// back; else the one that ended last. What was done without a runbook stands before no other.
    pub fn run(&self) -> Option<&Run> {
        if let Some(run) = self.replayed() {
            return Some(run);
        }
        let live = adhoc::newest_first(&self.ledger).find(|run| !run.ended());
        live.or_else(|| self.ledger.runs.values().max_by_key(|run| (!adhoc::is(&run.plan), run.ended_at(), run.id)))
    }

    /// The run whose conn arming and dialogs rest on: that of the screens while it goes on, unless it is one thing without a
    /// runbook, which its own session drives to its end.
    pub fn conned(&self) -> Option<&Run> {
        self.run().filter(|run| !run.ended() && !adhoc::is(&run.plan))
    }

    /// The run whose changes can be taken back: the one that the screens are about, or what that takes back.
    pub fn subject(&self) -> Option<&Run> {
        let run = self.run()?;
        if run.takes_back() { self.ledger.run(run.plan.reverts?) } else { Some(run) }
    }

    /// The run that is replayed, or what takes it back while that goes on.
    fn replayed(&self) -> Option<&Run> {
        let id = self.replay.as_ref()?.run;
        let back = self.ledger.runs.values().rev().find(|r| !r.ended() && r.plan.reverts == Some(id));
        back.or_else(|| self.ledger.run(id))
    }

    /// Whether this session drives a run.
    pub fn drives(&self, run: &Run) -> bool {
        self.session.is_some() && self.ledger.driver(run) == self.session
    }
}
