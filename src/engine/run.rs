//! A run as the fold knows it: its plan and what became of each step.
//!
//! Values only; the fold changes them and nothing else does.

use crate::domain::Timestamp;
use crate::domain::approval::{Cast, Decision};
use crate::domain::command::Consent;
use crate::domain::digest::Digest;
use crate::domain::fact::{Evidence, Intent};
use crate::domain::memo::Memo;
use crate::domain::name::{EnvironmentName, PersonName, RoleName, RunId, ServiceName, StepName, TriggerName};
use crate::domain::operation::Verb;
use crate::domain::plan::Plan;
use crate::domain::report::Report;
use crate::domain::sample::Kept;
use crate::domain::session::SessionId;
use crate::domain::trigger::RollsBack;
use crate::domain::verdict::Verdict;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A run that has not ended, or has only just.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// What it does; steps added mid-run are in it.
    pub plan: Arc<Plan>,
    /// Digest of the plan as it was started.
    pub digest: Digest,
    /// Digest of the plan as it is now.
    #[serde(skip)]
    pub change: Memo<Digest>,
    /// When it was started.
    pub started: Timestamp,
    /// By whom.
    pub by: PersonName,
    /// What offsets count from.
    pub t0: Timestamp,
    /// Where it is in its life.
    pub phase: Phase,
    /// When it was set aside and taken up again, oldest first; the newest times only.
    #[serde(default)]
    pub parked: Vec<(Timestamp, Option<Timestamp>)>,
    /// Who drives it.
    pub conn: Option<Conn>,
    /// Everyone who has driven it.
    #[serde(default)]
    pub drove: BTreeSet<PersonName>,
    /// How often the conn has been taken.
    pub epoch: u64,
    /// To whom whoever drives it has offered the conn.
    #[serde(default)]
    pub offered: Option<PersonName>,
    /// Its steps by name.
    pub steps: BTreeMap<StepName, StepState>,
    /// Its triggers by name.
    pub triggers: BTreeMap<TriggerName, TriggerState>,
    /// What its operations have changed, in order, and which run took it back, if one has.
    pub changed: Vec<Changed>,
    /// Things left open that someone took over by name.
    pub taken_over: Vec<(String, PersonName, String)>,
    /// What was seen when a rollback was started.
    pub symptom: Option<String>,
    /// What a rollback's cause was, and its category.
    pub root_cause: Option<(String, String)>,
    /// The notes, oldest first: when, who, step, words.
    pub notes: Vec<(Timestamp, PersonName, Option<StepName>, String)>,
    /// The file of its signals' samples, once it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<Kept>,
}

/// Where a run is in its life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It goes on.
    Live,
    /// Set aside until its next window, and why.
    Parked(String),
    /// Every step has ended.
    Completed(Timestamp),
    /// Stopped for good, and why.
    Aborted(Timestamp, String),
}

/// Who drives a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conn {
    /// The session.
    pub session: SessionId,
    /// Its person.
    pub person: PersonName,
    /// Since when.
    pub since: Timestamp,
}

/// Something a run changed: what was there before is what a rollback returns to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// The step that changed it.
    pub step: StepName,
    /// The service.
    pub service: ServiceName,
    /// The environment.
    pub environment: EnvironmentName,
    /// The version before, when the backend said it.
    pub from: Option<String>,
    /// The version now.
    pub to: Option<String>,
    /// Where only traffic was shifted: the weights before, as the backend wrote them; empty when it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<String>,
    /// The run that took it back, if one has.
    pub taken_back: Option<RunId>,
}

/// What has become of a step. What it waits for is derived, never stored.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Not started.
    #[default]
    Pending,
    /// Started: an operation is on its way, a watch or a question is open.
    Running,
    /// Its operation is done and its verification runs.
    Verifying,
    /// Done.
    Done,
    /// Failed, and why.
    Failed(String),
    /// Done to so many of so many, and why not to all.
    Partly(u32, u32, String),
    /// Left out, and why.
    Skipped(String),
    /// An operation was sent and its outcome is not known; why.
    InDoubt(String),
    /// Done, and taken back since.
    RolledBack,
}

impl State {
    /// Whether later steps may count on it.
    pub fn satisfied(&self) -> bool {
        matches!(self, State::Done | State::Skipped(_))
    }
    /// Whether nothing more will happen to it by itself.
    pub fn ended(&self) -> bool {
        matches!(self, State::Done | State::Skipped(_) | State::RolledBack)
    }
    /// Whether it failed, in whole or in part.
    pub fn failed(&self) -> bool {
        matches!(self, State::Failed(_) | State::Partly(..))
    }
    /// Whether it did something, in whole or in part, even if that was taken back.
    pub fn took_effect(&self) -> bool {
        matches!(self, State::Verifying | State::Done | State::Partly(..) | State::RolledBack)
    }
    /// Whether something is under way.
    pub fn active(&self) -> bool {
        matches!(self, State::Running | State::Verifying | State::InDoubt(_))
    }
}

/// A step of a run.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct StepState {
    /// What has become of it.
    pub state: State,
    /// How often it was started.
    pub attempt: u32,
    /// When it was last started.
    pub started: Option<Timestamp>,
    /// When it ended: done, failed, skipped.
    pub ended: Option<Timestamp>,
    /// When what it did had ended and its verification began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_ended: Option<Timestamp>,
    /// From when a soak of it counts, if not from its start.
    pub soak_from: Option<Timestamp>,
    /// The line that announced its open or last operation.
    pub intent: Option<u64>,
    /// Agreement given in advance.
    pub consent: Option<Consent>,
    /// Who gave that agreement.
    #[serde(default)]
    pub consented_by: Option<PersonName>,
    /// Who ended or started it by hand.
    pub by: Option<PersonName>,
    /// Who it was given to.
    pub assigned: Option<PersonName>,
    /// Everyone it was ever given to.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub given: BTreeSet<PersonName>,
    /// Why its verification was waived.
    pub waived: Option<String>,
    /// The branch chosen, for a decision.
    pub chosen: Option<String>,
    /// Votes by role, for a poll.
    pub votes: BTreeMap<RoleName, Cast>,
    /// Approvals and rejections, in order.
    pub decisions: Vec<Decision>,
    /// The signed texts that were taken down, of every try.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub taken: BTreeSet<Digest>,
    /// When it was last asked anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retried: Option<Timestamp>,
    /// The last verdict that was journaled of it.
    pub verdict: Option<Verdict>,
    /// The readings it rested on.
    pub evidence: Vec<Evidence>,
    /// Whom it was escalated to, last.
    pub escalated: Option<RoleName>,
    /// Words of whoever ended it.
    pub note: String,
}

/// What has become of a trigger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TriggerState {
    /// It watches.
    Armed,
    /// It tripped; when, when it acts (none: it only proposes), what it saw.
    Tripped {
        /// When it tripped.
        at: Timestamp,
        /// When it acts.
        acts_at: Option<Timestamp>,
        /// What it saw.
        evidence: Vec<Evidence>,
    },
    /// It tripped and was postponed until then.
    Postponed {
        /// Until when.
        until: Timestamp,
        /// Why.
        reason: String,
    },
    /// It tripped, could not act, and waits for a person; why.
    Proposed {
        /// Since when.
        at: Timestamp,
        /// Why it did not act.
        why: String,
    },
    /// Its rollback was started.
    Fired(RunId),
    /// Someone with rollback authority disarmed it; who and why.
    Disarmed(PersonName, String),
}

/// An operation that was announced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    /// The line that announced it.
    pub seq: u64,
    /// What was announced, and to whom.
    pub intent: Intent,
    /// When it was announced.
    pub at: Timestamp,
    /// What is known of it.
    pub fate: Fate,
    /// The session that is to probe it, while a probe is open.
    pub probing: Option<SessionId>,
    /// What the last probe said, in words.
    pub probed: Option<String>,
}

/// What is known of an announced operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Its report is awaited.
    Open,
    /// Its outcome is not known; why.
    InDoubt(String),
    /// It ended.
    Settled(Report),
    /// A person decided it.
    Resolved,
}

impl Run {
    /// Whether nothing more can happen in it.
    pub fn ended(&self) -> bool {
        matches!(self.phase, Phase::Completed(_) | Phase::Aborted(..))
    }

    /// When it completed or was aborted; none while something can happen in it.
    pub fn ended_at(&self) -> Option<Timestamp> {
        match &self.phase {
            Phase::Completed(at) | Phase::Aborted(at, _) => Some(*at),
            Phase::Live | Phase::Parked(_) => None,
        }
    }

    /// Whether it is a rollback: agreed to whole, and never held by a freeze or a hold.
    pub fn takes_back(&self) -> bool {
        self.symptom.is_some()
    }

    /// What has become of a step; a step that the run does not have is pending.
    pub fn state(&self, step: &StepName) -> &State {
        self.steps.get(step).map_or(&State::Pending, |s| &s.state)
    }

    /// How many steps have ended well, of how many.
    pub fn progress(&self) -> (usize, usize) {
        (self.steps.values().filter(|s| s.state.ended()).count(), self.steps.len())
    }

    /// Whether nothing in it is left to do. Evidence that a way back could save in part only is lost for the rest: nobody
    /// can do more about it, and what leads back is not kept open for it.
    pub fn over(&self) -> bool {
        let partly = |name| self.in_part().any(|(step, ..)| step == name);
        self.steps.iter().all(|(name, step)| step.state.ended() || partly(name))
    }

    /// The steps of a way back that saved evidence in part only: so much of so much, and why not all of it.
    pub fn in_part(&self) -> impl Iterator<Item = (&StepName, u32, u32, &str)> {
        let steps = self.plan.steps.iter().filter(|_| self.takes_back());
        let evidence = steps.filter(|step| step.operation().is_some_and(|op| op.verb == Verb::Snapshot));
        evidence.filter_map(|step| match self.state(&step.name) {
            State::Partly(done, of, why) => Some((&step.name, *done, *of, why.as_str())),
            _ => None,
        })
    }

    /// How far it is, in words: `19 of 23 done, 3 taken back, 1 skipped`.
    pub fn tally(&self) -> String {
        let count = |state: fn(&State) -> bool| self.steps.values().filter(|s| state(&s.state)).count();
        let done = count(|state| matches!(state, State::Done));
        let parts = [
            (count(|state| matches!(state, State::RolledBack)), "taken back"),
            (count(|state| matches!(state, State::Skipped(_))), "skipped"),
            (count(|state| matches!(state, State::Partly(..))), "in part"),
        ];
        let parts = parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!(", {n} {word}"));
        format!("{done} of {} done{}", self.steps.len(), parts.collect::<String>())
    }

    /// What steps have left open and nothing has closed or taken over.
    pub fn left_open(&self) -> impl Iterator<Item = &crate::domain::plan::LeftOpen> {
        self.plan.leaves_open.iter().filter(|left| {
            self.state(&left.opened_by).took_effect()
                && *self.state(&left.closed_by) != State::Done
                && !self.taken_over.iter().any(|(what, ..)| *what == left.what)
        })
    }

    /// The run that has taken back everything of this that the run changed; none
    /// while some of it stands, or when it changed nothing of it.
    pub fn taken_back(&self, what: &RollsBack) -> Option<RunId> {
        let of = |c: &&Changed| match what {
            RollsBack::One(service, environment) => c.service == *service && c.environment == *environment,
            RollsBack::Set => true,
        };
        let by: Option<Vec<_>> = self.changed.iter().filter(of).map(|c| c.taken_back).collect();
        by?.last().copied()
    }

    /// The version before the run's first change of the target that stands, as
    /// the run knows it; a later change would only name the run's own.
    pub fn previous(&self, service: &ServiceName, environment: &EnvironmentName) -> Option<&String> {
        self.standing(service, environment).find(|c| c.weights.is_none()).and_then(|c| c.from.as_ref())
    }

    /// What the run has changed of a target and nothing has taken back, the first change first.
    pub fn standing(&self, service: &ServiceName, environment: &EnvironmentName) -> impl Iterator<Item = &Changed> {
        self.changed
            .iter()
            .filter(move |c| c.service == *service && c.environment == *environment && c.taken_back.is_none())
    }
}

impl StepState {
    /// The newest decision of each person and role, in the order in which they were made.
    pub fn words(&self) -> Vec<&Decision> {
        let mut newest: Vec<&Decision> = Vec::new();
        for decision in &self.decisions {
            newest.retain(|d| (&d.person, &d.role) != (&decision.person, &decision.role));
            newest.push(decision);
        }
        newest
    }
}

impl Sent {
    /// Whether it may still be under way or have an unknown outcome.
    pub fn open(&self) -> bool {
        matches!(self.fate, Fate::Open | Fate::InDoubt(_))
    }
}
