//! The rules that a run goes by: those of the files, and beside them those that
//! were in force before the files loosened them, until a person adopts that.
//!
//! What makes stricter applies at once, because all of them must pass. It reads
//! no file; what the files say is in the workspace it is given.

mod fed;
mod loosened;

use super::policy::classes;
use super::waivers::{self, Held};
use super::{Given, calendar, calendar::Question, clocks, feeds, windows};
use crate::domain::Timestamp;
use crate::domain::calendar::{Calendar, EventKind};
use crate::domain::catalogue::Confirmation;
use crate::domain::digest::Digest;
use crate::domain::fact::Fact;
use crate::domain::name::{EnvironmentName, PersonName, RoleName};
use crate::domain::person::{Accounts, Actor, Proof, Role};
use crate::domain::rules::Rules;
use crate::domain::ssh_key::Fingerprint;
use crate::domain::verdict::{Level, Reason, Verdict};
use crate::domain::workspace::Workspace;
use chrono::TimeDelta;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How far ahead the calendar's rules are written down.
const AHEAD: TimeDelta = TimeDelta::days(92);
/// They are written down again when less than this is left of that.
const LEFT: TimeDelta = TimeDelta::days(31);

/// What of the files' rules waits for a person to adopt it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loosened {
    /// What the files no longer demand, in words; never empty.
    pub what: Vec<String>,
    /// Digest of that, for whoever adopts it.
    pub digest: Digest,
}

/// The rules as the files say them now.
pub fn read(workspace: &Workspace, now: Timestamp) -> Rules {
    let until = now + AHEAD;
    let until = workspace.calendar.until.map_or(until, |known| known.min(until));
    let bounds = workspace.calendar.events.iter().filter(|e| matches!(e.kind, EventKind::Window | EventKind::Freeze));
    let mut events: Vec<_> = bounds.cloned().collect();
    for event in &mut events {
        event.occurrences.retain(|(from, to)| *to > now && *from < until);
    }
    Rules {
        read: workspace.read,
        calendar: Calendar { events, releases: Vec::new(), until: Some(until) },
        feeds: fed::read(workspace),
        roles: workspace.roles.clone(),
        people: workspace.people.iter().map(|(name, p)| (name.clone(), p.accounts.clone())).collect(),
        confirm: workspace.environments.values().map(|e| (e.name.clone(), e.confirm)).collect(),
        policy: workspace.policy.clone(),
        // Without a rule nothing goes by it.
        classes: if workspace.policy.is_empty() { BTreeMap::new() } else { classes::read(workspace) },
        emergency: workspace.emergency.clone(),
        purpose: Some(workspace.purpose),
    }
}

/// Writes the rules down that a run starts under; none while other runs go by some.
pub(super) fn at_start(given: &Given<'_>) -> Option<Fact> {
    given.ledger.rules.is_empty().then(|| Fact::RulesRead {
        rules: Arc::new(read(given.workspace, given.now)),
        loosened: Vec::new(),
        drops: Vec::new(),
    })
}

/// Writes down that the files' rules have changed, if they have.
pub(super) fn advance(given: &Given<'_>) -> Vec<Fact> {
    let Some(newest) = given.ledger.rules.last() else { return at_start(given).into_iter().collect() };
    // Another process has read the files after this one, which will do so in a moment.
    let behind = given.workspace.read < newest.read;
    if behind || (loosened::same(newest, given.workspace, given.now) && !runs_out(newest, given)) {
        return Vec::new();
    }
    let rules = read(given.workspace, given.now);
    let kept = given.ledger.rules.iter().enumerate();
    // What is no stricter than what the files say now need not be kept beside it.
    // What things were called at first is known by the first rules alone.
    let called = |n: usize, old: &Rules| n != 0 || classes::moved(old, given.workspace).is_empty();
    let covered = kept.filter(|(n, old)| called(*n, old) && loosened::loosened(old, &rules, given.now).is_empty());
    let mut drops: Vec<_> = covered.filter_map(|(n, _)| u32::try_from(n).ok()).collect();
    // What was in force at first stays so beside what came later and is not adopted: by it a way back has somebody.
    if drops.len() < given.ledger.rules.len() {
        drops.retain(|n| *n != 0);
    }
    let mut loosened = loosened::loosened(newest, &rules, given.now);
    loosened.extend(classes::moved(newest, given.workspace));
    vec![Fact::RulesRead { rules: Arc::new(rules), loosened, drops }]
}

fn runs_out(newest: &Rules, given: &Given<'_>) -> bool {
    let further = given.workspace.calendar.until.is_none_or(|known| known > given.now + AHEAD);
    further && newest.calendar.until.is_some_and(|until| until < given.now + LEFT)
}

/// What the files have loosened since the rules in force were written down and
/// nobody has adopted yet.
pub fn waiting(given: &Given<'_>) -> Option<Loosened> {
    let kept = given.ledger.rules.iter();
    if kept.clone().all(|old| loosened::same(old, given.workspace, given.now)) {
        return None;
    }
    let now = read(given.workspace, given.now);
    let mut what: Vec<_> = kept.flat_map(|old| loosened::loosened(old, &now, given.now)).collect();
    what.extend(given.ledger.rules.first().into_iter().flat_map(|first| classes::moved(first, given.workspace)));
    what.sort_unstable();
    what.dedup();
    (!what.is_empty()).then(|| Loosened { digest: Digest::of("rules", &what), what })
}

/// Judges freezes and windows: the files', those that were not let go, and those that feeds and backends tell.
/// Near an edge the answer is not known where the clock of the backend that the operation goes to differs from ours.
pub fn may(given: &Given<'_>, ask: Question<'_>, at: Timestamp) -> Verdict {
    judged(given, &beside(given), ask, at)
}

fn judged(given: &Given<'_>, beside: &[&Rules], ask: Question<'_>, at: Timestamp) -> Verdict {
    let clocks = ask.backend.and_then(|by| clocks::unknown(given, ask, by, at));
    let all = Verdict::all(clocks.into_iter().chain([whole(given, beside, ask, at)]));
    waivers::lift(given, ask.run, at, Held::Told, all)
}

fn whole(given: &Given<'_>, beside: &[&Rules], ask: Question<'_>, at: Timestamp) -> Verdict {
    let unknown = windows::unknown(given, ask, at).into_iter().chain(fed::unknown(given, ask));
    Verdict::all(unknown.chain([judge(given, beside, ask, at)]))
}

/// The rules whose dates bind beside the files' own and say something else.
fn beside<'a>(given: &Given<'a>) -> Vec<&'a Rules> {
    let dates = |old: &Rules| loosened::same_dates(&old.calendar, &given.workspace.calendar, given.now);
    let kept = given.ledger.rules.iter().map(AsRef::as_ref);
    kept.filter(|old| !dates(old) || !fed::same(old, given.workspace)).collect()
}

fn judge(given: &Given<'_>, beside: &[&Rules], ask: Question<'_>, at: Timestamp) -> Verdict {
    let lift = |held: Held<'_>, verdict: Verdict| waivers::lift(given, ask.run, at, held, verdict);
    let mut all = vec![calendar::judged(&given.workspace.calendar, feeds::events(given), ask, at, &lift)];
    for old in beside.iter().filter(|old| old.calendar.until.is_none_or(|until| at < until)) {
        let events = old.calendar.events.iter().chain(fed::events(given, old));
        let mut verdict = calendar::judged(&old.calendar, events, ask, at, &lift);
        verdict.reasons.retain(|reason| all.iter().all(|v| !v.reasons.contains(reason)));
        if !verdict.passes() && !verdict.reasons.is_empty() {
            verdict.reasons.iter_mut().for_each(kept);
            all.push(verdict);
        }
    }
    all.extend(windows::may(given.observed, ask, at).map(|verdict| lift(Held::Told, verdict)));
    Verdict::all(all)
}

/// Says of a reason that the files no longer give it.
fn kept(reason: &mut Reason) {
    reason
        .text
        .push_str(", as it stood when the run went by it; the files were loosened and `holdpoint adopt` lets it go");
}

/// When the question first passes at or after `at`, by either clock where they differ; none where that is not known.
pub fn opens(given: &Given<'_>, ask: Question<'_>, at: Timestamp) -> Option<Timestamp> {
    let beside = beside(given);
    calendar::opens_by(|at| judged(given, &beside, ask, at), at)
}

/// When the question next stops passing after `at`, by either clock where they differ; none where that is not known.
pub fn closes(given: &Given<'_>, ask: Question<'_>, at: Timestamp) -> Option<Timestamp> {
    let (beside, near) = (beside(given), clocks::near(given, ask));
    let mut edges = edges(given, &beside, ask, at);
    let doubted: Vec<_> = edges.iter().filter_map(|edge| edge.checked_sub_signed(near?)).collect();
    edges.extend(doubted.into_iter().filter(|from| *from > at));
    let closes = calendar::closes_by(|at| judged(given, &beside, ask, at), edges);
    closes.filter(|from| whole(given, &beside, ask, *from).level != Level::Unknown)
}

/// The same as [`opens`] by what is known alone, and by our clock; whoever goes by it says what is not.
pub(super) fn opens_by_known(given: &Given<'_>, ask: Question<'_>, at: Timestamp) -> Option<Timestamp> {
    let beside = beside(given);
    calendar::opens_by(|at| judge(given, &beside, ask, at), at)
}

/// The same as [`closes`] by what is known alone, and by our clock; whoever goes by it says what is not.
pub(super) fn closes_by_known(given: &Given<'_>, ask: Question<'_>, at: Timestamp) -> Option<Timestamp> {
    let beside = beside(given);
    calendar::closes_by(|at| judge(given, &beside, ask, at), edges(given, &beside, ask, at))
}

/// An instant at which the answer to a question turns.
pub(super) struct Turn {
    /// When.
    pub at: Timestamp,
    /// Whether it passes from then on; else it did until then.
    pub opens: bool,
    /// What shuts on the side that does not pass.
    pub why: String,
}

/// The turns of a question by what is known, after the first of two instants and up to the second, in order. An edge
/// that leaves the answer as it is, such as that of a window within another, is none.
pub(super) fn turns<'a>(
    given: &Given<'a>,
    ask: Question<'a>,
    (from, to): (Timestamp, Timestamp),
) -> impl DoubleEndedIterator<Item = Turn> + use<'a> {
    let (given, beside) = (*given, beside(given));
    let mut edges = edges(&given, &beside, ask, from);
    edges.retain(|edge| *edge <= to);
    edges.sort_unstable();
    edges.dedup();
    edges.into_iter().filter_map(move |at| {
        let before = judge(&given, &beside, ask, at - TimeDelta::nanoseconds(1));
        let then = judge(&given, &beside, ask, at);
        let opens = then.passes();
        let shut = if opens { &before } else { &then };
        let why = shut.reasons.first().map_or_else(String::new, |reason| reason.text.clone());
        (before.passes() != opens).then_some(Turn { at, opens, why })
    })
}

/// Whether any window or freeze bears on a question, whenever.
pub(super) fn bears(given: &Given<'_>, ask: Question<'_>) -> bool {
    !edges(given, &beside(given), ask, Timestamp::MIN_UTC).is_empty()
}

/// Every instant after `at` at which the answer to a question may change.
fn edges(given: &Given<'_>, beside: &[&Rules], ask: Question<'_>, at: Timestamp) -> Vec<Timestamp> {
    let events = beside.iter().flat_map(|old| &old.calendar.events).chain(feeds::events(given));
    let edges = calendar::edges(events, ask).chain(windows::edges(given.observed, ask));
    let edges = edges.chain(waivers::edges(given, ask.run));
    edges.filter(|edge| *edge > at).collect()
}

/// A role as strictly as anything in force says it: who fills it everywhere, by
/// the strongest proof.
pub fn role<'a>(given: &Given<'a>, name: &RoleName) -> Option<Cow<'a, Role>> {
    let mut role = Cow::Borrowed(given.workspace.roles.get(name)?);
    for rules in &given.ledger.rules {
        let Some(before) = rules.roles.get(name) else {
            role.to_mut().people.clear();
            continue;
        };
        if *before != *role {
            let strict = role.to_mut();
            strict.people.retain(|person| before.people.contains(person));
            strict.proof = strict.proof.max(before.proof);
            strict.spoken &= before.spoken;
            strict.rollback &= before.rollback;
        }
    }
    Some(role)
}

/// Whether a person fills a role by everything in force.
pub fn fills(given: &Given<'_>, person: &PersonName, name: &RoleName) -> bool {
    role(given, name).is_some_and(|role| role.people.contains(person))
}

/// Whether a key signs for a person by everything in force.
pub fn signs(given: &Given<'_>, person: &PersonName, key: &Fingerprint) -> bool {
    let live = given.workspace.people.get(person).is_some_and(|p| p.accounts.keys.contains(key));
    // Rules of before keys were known name nobody's: until they are written down anew, nothing says whose a key was.
    let mut kept = given.ledger.rules.iter().peekable();
    let written = kept.peek().is_none() || kept.any(|rules| !rules.people.is_empty());
    live && written && kept_of(given, person).all(|accounts| accounts.keys.contains(key))
}

/// Whether a key is a person's by anything in force.
pub fn has_key(given: &Given<'_>, person: &PersonName, key: &Fingerprint) -> bool {
    let live = given.workspace.people.get(person).map(|p| &p.accounts);
    live.into_iter().chain(kept_of(given, person)).any(|accounts| accounts.keys.contains(key))
}

/// The login of a session that was given to its person after rules came into force that still bind.
pub fn newly_known<'a>(given: &Given<'a>, actor: &Actor) -> Option<&'a str> {
    let session = given.ledger.sessions.get(&actor.session).filter(|_| actor.proof == Proof::Login)?;
    let login = session.origin.user.as_str();
    let mut kept = kept_of(given, &actor.person);
    kept.any(|accounts| !accounts.logins.iter().any(|known| known == login)).then_some(login)
}

/// By what a person is known in rules that bind beside the files; whoever is not in them is judged by their roles.
fn kept_of<'a>(given: &Given<'a>, person: &PersonName) -> impl Iterator<Item = &'a Accounts> {
    given.ledger.rules.iter().filter_map(move |rules| rules.people.get(person))
}

/// What an environment asks for, the most that anything in force says; a
/// challenge where it is not declared (any more).
pub fn confirm(given: &Given<'_>, environment: &EnvironmentName) -> Confirmation {
    let live = given.workspace.environments.get(environment).map(|e| e.confirm);
    let kept = given.ledger.rules.iter().map(|rules| loosened::confirm(rules, environment));
    live.unwrap_or(Confirmation::Challenge).max(kept.max().unwrap_or(Confirmation::None))
}
