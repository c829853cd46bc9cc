//! Whose word counts: authority, separation of duties, approvals and polls.
//!
//! People are compared, never accounts; nothing is decided here.

use super::basis::{Basis, basis};
use super::run::{Run, StepState};
use super::{Given, rules, statement};
use crate::domain::Timestamp;
use crate::domain::approval::{Cast, Decision, Slot, Spoken, Vote};
use crate::domain::command::Said;
use crate::domain::digest::Digest;
use crate::domain::name::{PersonName, RoleName};
use crate::domain::person::{Actor, Proof, Role};
use crate::domain::plan::{Question, Step, Work};
use crate::domain::quorum;
use crate::domain::verdict::{Level, Reason, Rule, Verdict};
use crate::domain::workspace::Purpose;
use std::collections::BTreeMap;

/// Whether an actor may work on a step: its owner, backup, assignee, or the conn.
pub fn may_work(given: &Given<'_>, run: &Run, step: &Step, actor: &Actor) -> Result<(), Reason> {
    let fills = |role: &Option<RoleName>| role.as_ref().is_some_and(|r| rules::fills(given, &actor.person, r));
    let assigned = run.steps.get(&step.name).and_then(|s| s.assigned.as_ref()) == Some(&actor.person);
    let drives = run.conn.as_ref().is_some_and(|c| c.session == actor.session);
    let Some(owner) = &step.owner else { return Ok(()) };
    if assigned || drives || fills(&step.owner) || fills(&step.backup) {
        return Ok(());
    }
    let text = format!("step {} is {owner}'s; {} fills neither that role nor its backup", step.name, actor.person);
    Err(Reason::new(Rule::Authority, text))
}

/// Who else has been given a step; none when nobody has, or this person has.
pub fn given_to_another<'a>(run: &'a Run, step: &Step, me: &PersonName) -> Option<&'a PersonName> {
    run.steps.get(&step.name)?.assigned.as_ref().filter(|person| *person != me)
}

/// Whether an actor may decide a rollback: in a role that has that authority, and
/// known as well as the role demands. Where no role has it, everyone does.
pub fn may_roll_back(given: &Given<'_>, actor: &Actor) -> Result<(), Reason> {
    // Rules that the files have loosened bind on: each of them must allow it.
    let kept = given.ledger.rules.iter().map(|rules| &rules.roles);
    let mut all = kept.chain([&given.workspace.roles]);
    let anyone = |able: &dyn Fn(&PersonName) -> bool| given.workspace.people.keys().any(able);
    let by_all = |most: Proof| anyone(&|person| all.clone().all(|roles| types(roles, person, most)));
    // It is decided by typing: where that would be nobody's, a proof that was raised does not bind.
    let most = if by_all(Proof::Signed) { Proof::Signed } else { Proof::Login };
    if by_all(most) {
        return all.try_for_each(|roles| has_authority(given, roles, actor, most));
    }
    // Nobody is allowed by all of them: whoever was at first, for a way back must not be without anyone.
    let first = all.find(|roles| anyone(&|person| types(roles, person, most)));
    has_authority(given, first.unwrap_or(&given.workspace.roles), actor, most)
}

/// Whether a person can decide a rollback by these roles when it is typed, and this is the most proof that they ask for.
fn types(roles: &BTreeMap<RoleName, Role>, person: &PersonName, most: Proof) -> bool {
    let mut with = roles.values().filter(|r| r.rollback).peekable();
    with.peek().is_none() || with.any(|r| r.people.contains(person) && !r.proof.min(most).by_key())
}

fn has_authority(
    given: &Given<'_>,
    roles: &BTreeMap<RoleName, Role>,
    actor: &Actor,
    most: Proof,
) -> Result<(), Reason> {
    let roles: Vec<_> = roles.values().filter(|r| r.rollback).collect();
    if roles.is_empty() {
        return Ok(());
    }
    let person = &actor.person;
    let fills: Vec<_> = roles.iter().filter(|r| r.people.contains(person)).collect();
    if fills.iter().any(|r| actor.proof >= r.proof.min(most) || given.claims_count()) {
        return Ok(());
    }
    let no = |text: String| Err(Reason::new(Rule::Authority, text));
    if let Some(role) = fills.first() {
        return no(format!("{} needs proof by {}, {person} is {}", role.name, role.proof, actor.proof));
    }
    let who: Vec<_> = roles.iter().flat_map(|r| r.people.iter().map(|p| format!("{p} ({})", r.title))).collect();
    no(format!("{person} has no rollback authority; {} may", who.join(", ")))
}

/// How a word came: whose it is, and how that is known.
#[derive(Clone, Copy, Debug)]
pub enum Word<'a> {
    /// Typed by whoever gives the command.
    Typed,
    /// Said aloud, and typed by whoever gives the command.
    Said(&'a Said),
    /// Signed by this person, and brought by whoever gives the command.
    Signed(&'a PersonName),
}

impl<'a> Word<'a> {
    /// Spoken where it was, else typed.
    pub fn of(said: Option<&'a Said>) -> Self {
        said.map_or(Self::Typed, Self::Said)
    }
}

/// For whom a decision counts, after checking role, proof and the spoken form.
///
/// A spoken decision counts for whoever said it, in a role that allows it, when
/// a third person heard it: neither the sayer nor the one who types. Whether a
/// signature is good is `engine::statement`'s to say.
pub fn speaker(
    given: &Given<'_>,
    actor: &Actor,
    role: &RoleName,
    word: Word<'_>,
) -> Result<(PersonName, Option<Spoken>), Vec<Reason>> {
    let Some(declared) = rules::role(given, role) else {
        return Err(vec![Reason::new(Rule::Authority, format!("there is no role {role}"))]);
    };
    let mut reasons = Vec::new();
    let mut need = |ok: bool, text: String| {
        if !ok {
            reasons.push(Reason::new(Rule::Authority, text));
        }
    };
    let (person, spoken) = match word {
        Word::Signed(person) => (person.clone(), None),
        Word::Typed => {
            let how = if declared.proof.by_key() { "; decide with --sign, or --export a file to sign" } else { "" };
            let proof = format!("{role} needs proof by {}, {} is {}{how}", declared.proof, actor.person, actor.proof);
            need(actor.proof >= declared.proof || given.claims_count(), proof);
            if let Some(login) = rules::newly_known(given, actor) {
                let text = format!("the login {login} became {}'s after the run went by the rules", actor.person);
                need(false, format!("{text}; `holdpoint adopt` lets it count"));
            }
            (actor.person.clone(), None)
        }
        Word::Said(said) => {
            need(declared.spoken, format!("a spoken decision does not count for {role}"));
            need(said.by != actor.person, format!("{} types it and so decides in person, not by word", said.by));
            need(
                said.heard_by != said.by && said.heard_by != actor.person,
                format!(
                    "a second person must have heard it: not {} who said and not {} who types",
                    said.by, actor.person
                ),
            );
            need(
                given.workspace.people.contains_key(&said.heard_by),
                format!("{} is not a person of this workspace", said.heard_by),
            );
            need(!said.words.trim().is_empty(), "the exact words are missing".to_owned());
            let spoken = Spoken {
                said_by: said.by.clone(),
                heard_by: said.heard_by.clone(),
                typed_by: actor.person.clone(),
                words: said.words.clone(),
            };
            (said.by.clone(), Some(spoken))
        }
    };
    let who: Vec<_> = declared.people.iter().map(PersonName::as_str).collect();
    need(declared.people.contains(&person), format!("{person} does not fill {role}; {} may", who.join(", ")));
    if reasons.is_empty() { Ok((person, spoken)) } else { Err(reasons) }
}

/// The people whose approval of a step never counts: who started the run, who drives it or ever did, who was given
/// the step and who agreed to its operation.
pub fn excluded<'a>(run: &'a Run, state: Option<&'a StepState>) -> impl Iterator<Item = &'a PersonName> {
    let own = state.into_iter().flat_map(|s| s.assigned.iter().chain(&s.given).chain(&s.consented_by));
    // A ledger of before says who drives, and not who did.
    std::iter::once(&run.by).chain(run.conn.iter().map(|c| &c.person)).chain(&run.drove).chain(own)
}

/// The newest decision of each person and role on a step, and why it does not count now; nothing where it does.
pub fn newest<'a>(
    given: &Given<'_>,
    run: &'a Run,
    step: &Step,
    state: &'a StepState,
) -> Vec<(&'a Decision, Option<String>)> {
    let newest = state.words();
    if newest.is_empty() {
        return Vec::new();
    }
    let about = statement::digest(run, step);
    // A rejection stays, whatever was changed since: whether that answers it is for whoever made it to say.
    let gone = |d: &Decision| (d.yes && d.saw != about).then(moved);
    let judged = |d: &'a Decision| (d, gone(d).or_else(|| lapsed(given, run, step, state, d)));
    newest.into_iter().map(judged).collect()
}

fn moved() -> String {
    "what it was about has changed since".to_owned()
}

/// Why a decision on what is there now no longer counts. Rejections always do: whoever made one takes it back, and
/// nobody else by changing who may.
fn lapsed(given: &Given<'_>, run: &Run, step: &Step, state: &StepState, decision: &Decision) -> Option<String> {
    let (person, name) = (&decision.person, &decision.role);
    if !decision.yes {
        return None;
    }
    if let Some(own) = excluded(run, Some(state)).find(|own| is_of(given, decision, own)) {
        return Some(format!("{own} has started, driven or agreed to it"));
    }
    let role = rules::role(given, name);
    let Some(role) = role.filter(|role| role.people.contains(person)) else {
        return Some(format!("{person} does not fill {name} now"));
    };
    if decision.spoken.is_some() {
        return (!role.spoken).then(|| format!("a spoken decision does not count for {name}"));
    }
    if decision.signed.is_some() || decision.proof.by_key() {
        return statement::lapsed(given, run, step, decision);
    }
    let proved = decision.proof >= role.proof || given.claims_count();
    (!proved).then(|| format!("{name} needs proof by {}, and it was given as {}", role.proof, decision.proof))
}

/// Whether a decision is a person's: made in their name, or signed with a key that is theirs too.
pub fn is_of(given: &Given<'_>, decision: &Decision, person: &PersonName) -> bool {
    decision.person == *person || decision.key().is_some_and(|key| rules::has_key(given, person, key))
}

/// Decisions by who is behind them: several names that one key signs for are one person.
fn voices<'a>(decisions: impl Iterator<Item = &'a Decision>) -> Vec<Vec<&'a Decision>> {
    let same = |a: &Decision, b: &Decision| a.person == b.person || (a.key().is_some() && a.key() == b.key());
    decisions.fold(Vec::new(), |voices: Vec<Vec<&Decision>>, one| {
        let own = |voice: &Vec<&Decision>| voice.iter().any(|said| same(said, one));
        let (own, mut others): (Vec<_>, Vec<_>) = voices.into_iter().partition(own);
        others.push(own.into_iter().flatten().chain([one]).collect());
        others
    })
}

/// The decisions that count towards slots of a step: newest of each person and
/// role, by people who are not excluded, on exactly what is shown now.
pub fn counting<'a>(given: &Given<'_>, run: &'a Run, step: &Step, state: &'a StepState) -> Vec<&'a Decision> {
    let newest = newest(given, run, step, state).into_iter();
    newest.filter(|(_, lapsed)| lapsed.is_none()).map(|(decision, _)| decision).collect()
}

/// The rejection of a step that stands in one of these roles, in words.
pub fn rejected<'a>(state: &StepState, mut roles: impl Iterator<Item = &'a RoleName>) -> Option<String> {
    let words = state.words();
    let no = roles.find_map(|role| words.iter().find(|d| !d.yes && d.role == *role));
    no.map(|no| format!("{} ({}) rejected it: {}", no.person, no.role, no.reason))
}

/// What the slots of a step say. Nobody fills two of them.
pub fn slots(given: &Given<'_>, run: &Run, step: &Step, state: &StepState, slots: &[Slot]) -> Verdict {
    let decisions = counting(given, run, step, state);
    let filled = filled(&decisions, slots);
    Verdict::all(slots.iter().zip(filled).map(|(slot, have)| self::slot(&decisions, slot, have)))
}

/// What one slot says where so many people fill it.
pub fn slot(decisions: &[&Decision], slot: &Slot, have: u32) -> Verdict {
    if let Some(no) = decisions.iter().find(|d| d.role == slot.role && !d.yes) {
        let text = format!("{} ({}) rejected it: {}", no.person, no.role, no.reason);
        return Verdict::new(Level::Fail, Reason::new(Rule::Approval, text));
    }
    let text = format!("approval by {} {have} of {}", slot.role, slot.need);
    let level = if have >= slot.need { Level::Pass } else { Level::Hold };
    Verdict::new(level, Reason::new(Rule::Approval, text))
}

/// How many of each slot decisions that count fill.
pub fn filled(decisions: &[&Decision], slots: &[Slot]) -> Vec<u32> {
    let needs: Vec<_> = slots.iter().map(|slot| slot.need).collect();
    let voices = voices(decisions.iter().copied().filter(|d| d.yes));
    let able = |voice: Vec<&Decision>| {
        let fits = |(n, slot): (usize, &Slot)| voice.iter().any(|d| d.role == slot.role).then_some(n);
        slots.iter().enumerate().filter_map(fits).collect()
    };
    quorum::filled(&needs, &voices.into_iter().map(able).collect::<Vec<_>>())
}

/// How one role stands in a poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ballot {
    /// Nothing said.
    Silent,
    /// Go, on the evidence as it is now.
    Go,
    /// No go.
    NoGo,
    /// Go on a condition that its author has not marked met.
    GoIf(String),
    /// The evidence has changed since the vote.
    Stale,
}

/// A poll as it stands.
#[derive(Clone, Debug)]
pub struct Standing<'a> {
    /// Each role, its vote if it has cast one, and how that counts now.
    pub ballots: Vec<(&'a RoleName, Option<&'a Cast>, Ballot)>,
    /// Digest of the evidence as it is known now.
    pub evidence: Digest,
    /// When silence becomes no; none before the poll has opened.
    pub closes: Option<Timestamp>,
    /// Pass when every role says go and the evidence is known; unknown or hold until then.
    pub verdict: Verdict,
}

/// How a poll stands; none for a step that is no poll.
pub fn poll<'a>(given: &Given<'_>, run: &'a Run, step: &'a Step) -> Option<Standing<'a>> {
    let Work::Ask(Question::Poll { roles, evidence, closes }) = &step.work else { return None };
    let state = run.steps.get(&step.name)?;
    let basis = basis(given, run, step, evidence);
    let ballots: Vec<_> = roles
        .iter()
        .map(|role| {
            let cast = state.votes.get(role);
            (role, cast, cast.map_or(Ballot::Silent, |cast| ballot(cast, &basis)))
        })
        .collect();
    let closes = state.started.map(|at| at + closes.delta());
    let votes = Verdict::all(ballots.iter().map(|(role, cast, ballot)| {
        let who = cast.map_or_else(String::new, |c| format!(" ({})", c.person));
        let hold = |text: String| Verdict::new(Level::Hold, Reason::new(Rule::Poll, text));
        match ballot {
            Ballot::Go => Verdict::new(Level::Pass, Reason::new(Rule::Poll, format!("{role}{who} go"))),
            Ballot::NoGo => hold(format!("{role}{who} says NO-GO")),
            Ballot::GoIf(condition) => hold(format!("{role}{who} go if {condition}")),
            Ballot::Stale => hold(format!("{role}{who} votes again: the evidence has changed")),
            Ballot::Silent => hold(format!("{role} silent")),
        }
    }));
    // What cannot be told is no go, whoever has voted on it.
    let verdict = Verdict::all([votes, basis.known]);
    Some(Standing { ballots, evidence: basis.digest, closes, verdict })
}

fn ballot(cast: &Cast, evidence: &Basis) -> Ballot {
    match &cast.vote {
        Vote::NoGo => Ballot::NoGo,
        _ if !evidence.is(cast.saw) => Ballot::Stale,
        Vote::GoIf { condition, met: false } => Ballot::GoIf(condition.clone()),
        Vote::Go | Vote::GoIf { .. } => Ballot::Go,
    }
}

impl Given<'_> {
    /// Whether claimed identities count: only in a demo or a rehearsal, by everything in force.
    pub fn claims_count(&self) -> bool {
        let kept = self.ledger.rules.iter().filter_map(|rules| rules.purpose);
        kept.chain([self.workspace.purpose]).all(|purpose| purpose != Purpose::Real)
    }

    /// Whether an actor is known well enough to act at all.
    pub fn known(&self, actor: &Actor) -> Result<(), Reason> {
        if !self.workspace.people.contains_key(&actor.person) {
            let text = format!("{} is not a person of this workspace; add them to [people]", actor.person);
            return Err(Reason::new(Rule::Authority, text));
        }
        if actor.proof == Proof::Claimed && !self.claims_count() {
            let text = "--as is only for a workspace marked demo or rehearsal";
            return Err(Reason::new(Rule::Authority, text));
        }
        Ok(())
    }
}
