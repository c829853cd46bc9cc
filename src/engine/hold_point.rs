//! An open hold point or poll as those who decide it must see it: what a go lets
//! through, what stands if it is a no, what it rests on and whose word is missing.
//!
//! Pure and for reading only; whose word counts is decided in `people`.

use super::people::{self, Ballot};
use super::run::{Changed, Run, State};
use super::{Given, signal};
use crate::domain::Timestamp;
use crate::domain::approval::Cast;
use crate::domain::digest::Digest;
use crate::domain::name::{RoleName, StepName};
use crate::domain::plan::{Need, Question, Step, Work};
use crate::domain::signal::SignalAt;
use crate::domain::trigger::Trigger;
use crate::domain::verdict::{Level, Verdict};
use std::collections::BTreeSet;

/// An open hold point or poll.
#[derive(Clone, Debug)]
pub struct HoldPoint<'a> {
    /// The step that asks.
    pub step: &'a Step,
    /// Whether every role must say go; else any one of them releases it.
    pub poll: bool,
    /// Since when it is open.
    pub opened: Option<Timestamp>,
    /// When silence becomes no (a poll), or the last instant with every option left.
    pub decide_by: Option<Timestamp>,
    /// The steps that a go lets through, up to where people are asked again, in the plan's order.
    pub lets_through: Vec<&'a Step>,
    /// Where people are asked again after those; none when the run then ends.
    pub until: Option<&'a Step>,
    /// The triggers that a go agrees to.
    pub agrees_to: Vec<&'a Trigger>,
    /// What the run has changed and nothing has taken back, the newest of each place.
    pub stands: Vec<&'a Changed>,
    /// Digest of the evidence as it is known now; none where no vote rests on any.
    pub digest: Option<Digest>,
    /// What each signal of the evidence says, the worst first.
    pub evidence: Vec<(&'a SignalAt, Verdict)>,
    /// Each role in the plan's order, its vote if it has cast one, and how that counts now.
    pub ballots: Vec<(&'a RoleName, Option<&'a Cast>, Ballot)>,
}

/// What is missing for a go, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoFar {
    /// Whether nothing is.
    pub go: bool,
    /// What is, in the order of weight.
    pub missing: Vec<String>,
}

/// Whether a step is a hold point or poll that is open.
pub fn is_open(run: &Run, step: &Step) -> bool {
    matches!(step.work, Work::Ask(Question::Poll { .. } | Question::Release { .. }))
        && *run.state(&step.name) == State::Running
}

/// Looks at a hold point or poll; none for a step that is none, or is not open.
pub fn hold_point<'a>(given: &Given<'_>, run: &'a Run, step: &'a Step) -> Option<HoldPoint<'a>> {
    if run.ended() || !is_open(run, step) {
        return None;
    }
    let opened = run.steps.get(&step.name).and_then(|state| state.started);
    let (lets_through, until) = behind(run, step);
    let mut point = HoldPoint {
        step,
        poll: false,
        opened,
        decide_by: None,
        lets_through,
        until,
        agrees_to: run.plan.triggers.iter().filter(|t| t.agreed_at.as_ref() == Some(&step.name)).collect(),
        stands: stands(run),
        digest: None,
        evidence: Vec::new(),
        ballots: Vec::new(),
    };
    match &step.work {
        Work::Ask(Question::Poll { evidence, .. }) => {
            let standing = people::poll(given, run, step)?;
            point.poll = true;
            point.decide_by = standing.closes;
            point.digest = Some(standing.evidence);
            point.evidence = judged(given, run, evidence.iter());
            point.ballots = standing.ballots;
        }
        Work::Ask(Question::Release { roles, decide_by }) => {
            point.decide_by = decide_by.map(|at| at.resolve(run.t0));
            point.evidence = judged(given, run, watched(run));
            point.ballots = roles.iter().map(|role| (role, None, Ballot::Silent)).collect();
        }
        _ => return None,
    }
    Some(point)
}

impl HoldPoint<'_> {
    /// What is missing for a go: what is said against it first, then what is open, then who is silent.
    pub fn so_far(&self) -> SoFar {
        let of = |what: fn(&Ballot) -> bool| -> Vec<&str> {
            self.ballots.iter().filter(|(.., ballot)| what(ballot)).map(|(role, ..)| role.as_str()).collect()
        };
        let say = |roles: Vec<&str>, one: &str, more: &str| match roles.as_slice() {
            [] => None,
            [role] => Some(format!("{role} {one}")),
            several => Some(format!("{} {more}", several.join(", "))),
        };
        if !self.poll {
            let roles = of(|_| true).join(" or ");
            return SoFar { go: false, missing: vec![format!("{roles} releases it")] };
        }
        let conditions = of(|ballot| matches!(ballot, Ballot::GoIf(_))).len();
        let conditions = match conditions {
            0 => None,
            1 => Some("1 condition open".to_owned()),
            n => Some(format!("{n} conditions open")),
        };
        let unknown = self.evidence.iter().filter(|(_, verdict)| verdict.level == Level::Unknown).count();
        let missing = [
            say(of(|ballot| *ballot == Ballot::NoGo), "says NO-GO", "say NO-GO"),
            (unknown > 0).then(|| format!("{unknown} of {} signals not known", self.evidence.len())),
            conditions,
            say(of(|ballot| *ballot == Ballot::Stale), "votes again", "vote again"),
            say(of(|ballot| *ballot == Ballot::Silent), "silent", "silent"),
        ];
        let missing: Vec<String> = missing.into_iter().flatten().collect();
        SoFar { go: missing.is_empty(), missing }
    }

    /// The first step that it lets through and that cannot be taken back.
    pub fn no_return(&self) -> Option<&StepName> {
        self.lets_through.iter().find(|step| step.point_of_no_return).map(|step| &step.name)
    }
}

/// The pending steps that wait for this one and for nothing else that asks people, and the first that does ask.
fn behind<'a>(run: &'a Run, from: &Step) -> (Vec<&'a Step>, Option<&'a Step>) {
    let asks = |step: &Step| {
        matches!(step.work, Work::Ask(Question::Poll { .. } | Question::Release { .. } | Question::Approval(_)))
            || step.gate.iter().any(|gate| !gate.slots().is_empty())
    };
    let mut reached: BTreeSet<&StepName> = BTreeSet::from([&from.name]);
    let mut until: Option<&Step> = None;
    loop {
        let before = reached.len();
        for step in run.plan.steps.iter().filter(|step| *run.state(&step.name) == State::Pending) {
            let mut behind = false;
            let free = step.needs.iter().all(|need| match need {
                Need::Step(name) if reached.contains(name) => {
                    behind = true;
                    true
                }
                Need::Step(name) => run.state(name).ended(),
                Need::Other(..) => true,
            });
            match (free && behind, asks(step)) {
                (true, false) => drop(reached.insert(&step.name)),
                (true, true) => until = until.or(Some(step)),
                (false, _) => {}
            }
        }
        // A plan names steps in any order, so it is read until nothing new is reached.
        if reached.len() == before {
            break;
        }
    }
    let through = run.plan.steps.iter().filter(|step| step.name != from.name && reached.contains(&step.name));
    (through.collect(), until)
}

fn stands(run: &Run) -> Vec<&Changed> {
    let mut newest: Vec<&Changed> = Vec::new();
    for changed in run.changed.iter().filter(|c| c.taken_back.is_none()) {
        newest.retain(|c| (&c.service, &c.environment) != (&changed.service, &changed.environment));
        newest.push(changed);
    }
    newest
}

/// The signals of what the run has changed: what a hold point without evidence of its own is looked at by.
fn watched(run: &Run) -> impl Iterator<Item = &SignalAt> {
    let signals = run.plan.triggers.iter().flat_map(|trigger| &trigger.signals);
    let gates = run.plan.steps.iter().flat_map(|step| step.verify.iter()).flat_map(|gate| gate.signals());
    let stands = move |at: &&SignalAt| {
        let service = run.plan.signal(at).map(|signal| &signal.service);
        stands(run).iter().any(|c| Some(&c.service) == service && c.environment == at.environment)
    };
    let all: BTreeSet<&SignalAt> = signals.chain(gates).filter(stands).collect();
    all.into_iter()
}

fn judged<'a>(
    given: &Given<'_>,
    run: &Run,
    signals: impl Iterator<Item = &'a SignalAt>,
) -> Vec<(&'a SignalAt, Verdict)> {
    let judge = |at| (at, signal::judge_planned(given, run, at).0);
    let mut all: Vec<(&SignalAt, Verdict)> = signals.map(judge).collect();
    all.sort_by_key(|(_, verdict)| std::cmp::Reverse(verdict.level));
    all
}
