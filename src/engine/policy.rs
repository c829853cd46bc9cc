//! What the rules of `policy/` say of a change: the same for a key, a verb, a gate and a forecast.
//!
//! Every rule is heard. The heaviest decides, what cannot be told is unknown and never a yes, and an approval that was
//! given beforehand lifts only what it names. Beside the files' rules those bind that they were loosened from.

pub mod about;
pub(super) mod classes;
mod kept;
mod opens;
pub mod risk;
pub mod told;

pub use about::About;
pub(super) use kept::{in_force, loosened};
pub use risk::Risk;
pub use told::{Said, told, told_but};

use super::people;
use super::run::{Run, StepState};
use super::waivers::{self, Held};
use super::{Given, consent, rehearsal, standard};
use crate::domain::Timestamp;
use crate::domain::approval::Slot;
use crate::domain::facts::Facts;
use crate::domain::name::{PolicyName, RoleName};
use crate::domain::operation::{Direction, Operation};
use crate::domain::plan::{Plan, Step};
use crate::domain::policy::{Effect, Policy};
use crate::domain::verdict::{Level, Reason, Rule, Verdict};
use std::collections::BTreeSet;

/// What the rules in force say of a change at an instant, with nobody's approval given yet.
pub fn may(given: &Given<'_>, about: &About<'_>, at: Timestamp) -> Verdict {
    let plan = about.by.map(|(run, _)| &*run.plan);
    judge(given, about, at, &|said| {
        let persons = wanted(&said.rule.approvals, said.rule.second_person);
        Verdict::all(rehearsed(given, plan, said).into_iter().chain([persons]))
    })
}

/// The same as if everybody had approved whose word is needed.
pub fn by_time(given: &Given<'_>, about: &About<'_>, at: Timestamp) -> Verdict {
    judge(given, about, at, &|_| Verdict::pass())
}

/// What the rules in force say of a step now; approvals count as they stand.
pub(super) fn of_step(given: &Given<'_>, run: &Run, step: &Step) -> Verdict {
    let Some(about) = about(run, step).filter(|_| any(given)) else { return Verdict::pass() };
    let nothing = StepState::default();
    let state = run.steps.get(&step.name).unwrap_or(&nothing);
    // Nobody fills two places, also where two rules want them.
    let all = places(given, run, step, &|_| true);
    let decisions = people::counting(given, run, step, state);
    let filled = people::filled(&decisions, &all);
    let have = |want: &Slot| all.iter().zip(&filled).find(|(slot, _)| slot.role == want.role).map_or(0, |(_, n)| *n);
    judge(given, &about, given.now, &|said| {
        let slots = said.rule.approvals.iter().map(|want| people::slot(&decisions, want, have(want)));
        let second = said.rule.second_person.then(|| consent::second_person(given, run, step, None));
        let second =
            second.and_then(Result::err).map(|refusal| Verdict { level: Level::Hold, reasons: refusal.reasons });
        Verdict::all(rehearsed(given, Some(&run.plan), said).into_iter().chain(second).chain(slots))
    })
}

/// The places that rules want filled before a step, or may want: whether they do need not be known where it is approved.
pub fn slots(given: &Given<'_>, run: &Run, step: &Step) -> Vec<Slot> {
    let waived = |said: &Said<'_>| waivers::of(given, run.id, given.now, Held::Policy(&said.rule.name)).is_some();
    places(given, run, step, &|said| !waived(said))
}

/// The places of the rules that are asked after, each role once.
fn places(given: &Given<'_>, run: &Run, step: &Step, asked: &dyn Fn(&Said<'_>) -> bool) -> Vec<Slot> {
    let mut all: Vec<Slot> = Vec::new();
    every(given, run, step, &mut |said| {
        for slot in said.rule.approvals.iter().filter(|_| asked(said)) {
            match all.iter_mut().find(|had| had.role == slot.role) {
                Some(had) => had.need = had.need.max(slot.need),
                None => all.push(slot.clone()),
            }
        }
    });
    all
}

/// Why rules want somebody's word before a step, in words.
pub fn needs(given: &Given<'_>, run: &Run, step: &Step) -> Vec<String> {
    let mut all = Vec::new();
    needing(given, run, step, &mut |said| {
        let text = match &said.speaks {
            Ok(_) => format!("{}, policy {}", said.text, said.rule.name),
            Err(why) => format!("perhaps policy {}: {why}", said.rule.name),
        };
        if !all.contains(&text) {
            all.push(text);
        }
    });
    all
}

/// Whether rules want any second person before a step, or may want one.
pub fn second_person(given: &Given<'_>, run: &Run, step: &Step) -> bool {
    let mut wanted = false;
    needing(given, run, step, &mut |said| wanted |= said.rule.second_person);
    wanted
}

/// Every rule that needs something, or may, and is not waived.
fn needing(given: &Given<'_>, run: &Run, step: &Step, each: &mut dyn FnMut(&Said<'_>)) {
    every(given, run, step, &mut |said| {
        if waivers::of(given, run.id, given.now, Held::Policy(&said.rule.name)).is_none() {
            each(said);
        }
    });
}

fn every(given: &Given<'_>, run: &Run, step: &Step, each: &mut dyn FnMut(&Said<'_>)) {
    let Some(about) = about(run, step).filter(|_| any(given)) else { return };
    let facts = about.facts(given, given.now);
    for rules in kept::in_force(given) {
        let said = heard(given, rules, &facts, about.direction());
        said.iter().filter(|said| said.may_need()).for_each(&mut *each);
    }
}

/// When a rule that is silent now next keeps it, by time alone.
pub fn closes(given: &Given<'_>, about: &About<'_>, at: Timestamp) -> Option<Timestamp> {
    if !any(given) {
        return None;
    }
    let facts = about.facts(given, at);
    let waived = waivers::edges(given, about.by.map(|(run, _)| run.id)).filter(|until| *until > at);
    let of = |rules: &Policy| {
        let said = heard(given, rules, &facts, about.direction());
        let silent = said.iter().filter(|said| said.rule.effect > Effect::Warn && said.speaks == Ok(false));
        silent.filter_map(|said| opens::closes(given, about, (rules, said.rule), at)).min()
    };
    kept::in_force(given).filter_map(of).chain(waived).min()
}

/// The rules of the files that approve a step beforehand now: those that lift another which would speak.
pub(super) fn approved(given: &Given<'_>, run: &Run, step: &Step) -> Vec<PolicyName> {
    let Some(about) = about(run, step).filter(|_| any(given)) else { return Vec::new() };
    let facts = about.facts(given, given.now);
    let said = heard(given, &given.workspace.policy, &facts, about.direction());
    let lifted = said.iter().filter(|said| said.speaks != Ok(false)).filter_map(|said| said.lifted);
    lifted.cloned().collect::<BTreeSet<_>>().into_iter().collect()
}

fn heard<'a>(given: &Given<'_>, rules: &'a Policy, facts: &Facts, direction: Direction) -> Vec<Said<'a>> {
    told_but(rules, facts, direction, &standard::revoked(given))
}

/// What a change comes to by the rules of the files; none where none of them gives points.
pub fn risk(given: &Given<'_>, about: &About<'_>, at: Timestamp) -> Option<Risk> {
    Risk::of(&given.workspace.policy, &about.facts(given, at))
}

/// The same of a step.
pub fn risk_of(given: &Given<'_>, run: &Run, step: &Step) -> Option<Risk> {
    risk(given, &about(run, step)?, given.now)
}

/// Whether any rule is in force.
pub fn any(given: &Given<'_>) -> bool {
    kept::in_force(given).next().is_some()
}

/// What a step asks of the rules; none where it changes nothing anywhere.
fn about<'a>(run: &'a Run, step: &'a Step) -> Option<About<'a>> {
    let operation: &Operation = step.operation().filter(|op| op.environment.is_some())?;
    match (operation.direction(), run.takes_back()) {
        (Direction::Aside, _) | (Direction::Forward, true) => None,
        _ => Some(About::step(run, step, operation)),
    }
}

type Filled<'f> = &'f dyn Fn(&Said<'_>) -> Verdict;

/// Judges by the files' rules, then by those that were in force before they were loosened.
fn judge(given: &Given<'_>, about: &About<'_>, at: Timestamp, filled: Filled<'_>) -> Verdict {
    let mut all: Vec<Verdict> = Vec::new();
    if !any(given) {
        return Verdict::pass();
    }
    all.extend(classes::kept(given, about));
    let facts = about.facts(given, at);
    let mut said: Vec<(Level, Reason)> = Vec::new();
    for rules in kept::in_force(given) {
        let by = By { given, about, at, filled, rules };
        let mut verdict = by.rules(rules, &facts);
        let (level, kept) = (verdict.level, !std::ptr::eq(rules, &given.workspace.policy));
        if kept {
            // The same words may have come from a rule that weighed less: only what weighs as much has said it.
            verdict.reasons.retain(|reason| said.iter().all(|(had, same)| *had < level || same != reason));
            if verdict.passes() || verdict.reasons.is_empty() {
                continue;
            }
        }
        said.extend(verdict.reasons.iter().map(|reason| (level, reason.clone())));
        if kept {
            verdict.reasons.iter_mut().for_each(kept::told);
        }
        all.push(verdict);
    }
    Verdict::all(all)
}

/// By what rules are judged.
struct By<'a, 'f> {
    given: &'a Given<'a>,
    about: &'a About<'a>,
    at: Timestamp,
    filled: Filled<'f>,
    rules: &'a Policy,
}

impl By<'_, '_> {
    fn rules(&self, rules: &Policy, facts: &Facts) -> Verdict {
        let said = heard(self.given, rules, facts, self.about.direction());
        // What approves beforehand is said where it lets something pass.
        let idle = |one: &Said<'_>| {
            let lifts = said.iter().any(|s| s.lifted == Some(&one.rule.name) && s.speaks == Ok(true));
            one.rule.effect == Effect::Points || (one.rule.effect == Effect::Allow && !lifts)
        };
        let heard = said.iter().filter(|said| said.lifted.is_none() && !idle(said));
        Verdict::all(heard.filter_map(|one| {
            let mut verdict = self.lifted(one)?;
            let would = said.iter().find(|s| s.speaks(Effect::Allow) && s.rule.lifts.contains(&one.rule.name));
            if let Some((would, why)) = would.and_then(|would| Some((would, would.revoked.as_ref()?))) {
                let text = format!(", policy {} no longer lifts it: {why}", would.rule.name);
                verdict.reasons.iter_mut().for_each(|reason| reason.text.push_str(&text));
            }
            Some(verdict)
        }))
    }

    fn lifted(&self, said: &Said<'_>) -> Option<Verdict> {
        let run = self.about.by.map(|(run, _)| run.id);
        Some(waivers::lift(self.given, run, self.at, Held::Policy(&said.rule.name), self.rule(said)?))
    }

    fn rule(&self, said: &Said<'_>) -> Option<Verdict> {
        let name = &said.rule.name;
        let reason = |text: String| Reason::new(Rule::Policy, text);
        if let Err(why) = &said.speaks {
            // Nobody is kept by what would only have warned, or let through.
            let level = if said.rule.effect > Effect::Warn { Level::Unknown } else { Level::Warn };
            let text = format!("whether policy {name} speaks cannot be told: {why}");
            return (said.rule.effect > Effect::Allow).then(|| Verdict::new(level, reason(text)));
        }
        if said.speaks != Ok(true) {
            return None;
        }
        let text = format!("{}, policy {name}", said.text);
        Some(match said.rule.effect {
            Effect::Allow | Effect::Points => Verdict::new(Level::Pass, reason(text)),
            Effect::Warn => Verdict::new(Level::Warn, reason(text)),
            Effect::Block => match opens::opens(self.given, self.about, (self.rules, said.rule), self.at) {
                opens @ Some(_) => Verdict::new(Level::Hold, Reason { opens, ..reason(text) }),
                None => Verdict::new(Level::Fail, reason(text)),
            },
            Effect::Needs => {
                let missing = (self.filled)(said);
                if missing.passes() {
                    return Some(missing);
                }
                let wants: Vec<_> = missing.reasons.iter().map(|reason| reason.text.as_str()).collect();
                // Where nobody's word is missing, nobody is asked for one.
                let word = missing.reasons.iter().any(|reason| reason.rule != Rule::Evidence);
                let rule = if word { Rule::Approval } else { Rule::Evidence };
                Verdict::new(missing.level, Reason::new(rule, format!("{text}: {}", wants.join(", "))))
            }
        })
    }
}

/// What a rule wants rehearsed and was not.
fn rehearsed(given: &Given<'_>, plan: Option<&Plan>, said: &Said<'_>) -> Option<Verdict> {
    let lacks = rehearsal::had(given, plan, said.rule.rehearsed?).err()?;
    Some(Verdict::new(Level::Hold, Reason::new(Rule::Evidence, lacks)))
}

/// What is missing where nobody has approved anything.
fn wanted(slots: &[Slot], second_person: bool) -> Verdict {
    let hold = |text: String| Verdict::new(Level::Hold, Reason::new(Rule::Approval, text));
    let person = |role: &RoleName, need: u32| hold(format!("approval by {role} 0 of {need}"));
    let second = second_person.then(|| hold("a second person must approve it".to_owned()));
    Verdict::all(second.into_iter().chain(slots.iter().map(|slot| person(&slot.role, slot.need))))
}
