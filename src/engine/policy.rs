//! What the rules of `policy/` say of a change: the same for a key, a verb, a gate and a forecast.
//!
//! Every rule is heard. The heaviest decides, what cannot be told is unknown and never a yes, and an approval that was
//! given beforehand lifts only what it names. Beside the files' rules those bind that they were loosened from.

pub mod about;
mod kept;
mod opens;
pub mod told;

pub use about::About;
pub(super) use kept::loosened;
pub use told::{Said, told};

use super::people;
use super::run::{Run, StepState};
use super::{Given, consent};
use crate::domain::Timestamp;
use crate::domain::approval::Slot;
use crate::domain::facts::Facts;
use crate::domain::name::RoleName;
use crate::domain::operation::{Direction, Operation};
use crate::domain::plan::Step;
use crate::domain::policy::{Effect, Policy};
use crate::domain::verdict::{Level, Reason, Rule, Verdict};

/// What the rules in force say of a change at an instant, with nobody's approval given yet.
pub fn may(given: &Given<'_>, about: &About<'_>, at: Timestamp) -> Verdict {
    judge(given, about, at, &|said| wanted(&said.rule.approvals, said.rule.second_person))
}

/// What the rules in force say of a step now; approvals count as they stand.
pub(super) fn of_step(given: &Given<'_>, run: &Run, step: &Step) -> Verdict {
    let Some(about) = about(run, step).filter(|_| any(given)) else { return Verdict::pass() };
    let nothing = StepState::default();
    let state = run.steps.get(&step.name).unwrap_or(&nothing);
    judge(given, &about, given.now, &|said| {
        let slots = people::slots(given, run, step, state, &said.rule.approvals);
        let second = said.rule.second_person.then(|| consent::second_person(given, run, step, None));
        let second =
            second.and_then(Result::err).map(|refusal| Verdict { level: Level::Hold, reasons: refusal.reasons });
        Verdict::all(second.into_iter().chain([slots]))
    })
}

/// The places that rules want filled before a step; none where it asks for none, or cannot be told.
pub fn slots(given: &Given<'_>, run: &Run, step: &Step) -> Vec<Slot> {
    let mut all: Vec<Slot> = Vec::new();
    needing(given, run, step, &mut |said| {
        for slot in &said.rule.approvals {
            match all.iter_mut().find(|had| had.role == slot.role) {
                Some(had) => had.need = had.need.max(slot.need),
                None => all.push(slot.clone()),
            }
        }
    });
    all
}

/// Whether rules want any second person before a step.
pub fn second_person(given: &Given<'_>, run: &Run, step: &Step) -> bool {
    let mut wanted = false;
    needing(given, run, step, &mut |said| wanted |= said.rule.second_person);
    wanted
}

fn needing(given: &Given<'_>, run: &Run, step: &Step, each: &mut dyn FnMut(&Said<'_>)) {
    let Some(about) = about(run, step).filter(|_| any(given)) else { return };
    let facts = about.facts(given, given.now);
    for rules in kept::in_force(given) {
        told(rules, &facts, about.direction()).iter().filter(|said| said.speaks(Effect::Needs)).for_each(&mut *each);
    }
}

/// When a rule that is silent now next keeps it, by time alone.
pub fn closes(given: &Given<'_>, about: &About<'_>, at: Timestamp) -> Option<Timestamp> {
    if !any(given) {
        return None;
    }
    let facts = about.facts(given, at);
    let sets = kept::in_force(given).flat_map(|rules| told(rules, &facts, about.direction()));
    let silent = sets.filter(|said| said.rule.effect > Effect::Warn && said.speaks == Ok(false));
    silent.filter_map(|said| opens::closes(given, about, said.rule, at)).min()
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
    let facts = about.facts(given, at);
    let mut said: Vec<(Level, Reason)> = Vec::new();
    for rules in kept::in_force(given) {
        let by = By { given, about, at, filled };
        let mut verdict = by.rules(rules, &facts);
        let (level, kept) = (verdict.level, !std::ptr::eq(rules, &given.workspace.policy));
        if kept {
            // The same words may have come from a rule that weighed less: only what weighs as much has said it.
            let again = |reason: &Reason| said.iter().any(|(had, same)| *had >= level && same == reason);
            verdict.reasons.retain(|reason| !again(reason));
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
}

impl By<'_, '_> {
    fn rules(&self, rules: &Policy, facts: &Facts) -> Verdict {
        let said = told(rules, facts, self.about.direction());
        Verdict::all(said.iter().filter(|said| said.lifted.is_none()).filter_map(|said| self.rule(said)))
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
            Effect::Allow => Verdict::new(Level::Pass, reason(text)),
            Effect::Warn => Verdict::new(Level::Warn, reason(text)),
            Effect::Block => match opens::opens(self.given, self.about, said.rule, self.at) {
                opens @ Some(_) => Verdict::new(Level::Hold, Reason { opens, ..reason(text) }),
                None => Verdict::new(Level::Fail, reason(text)),
            },
            Effect::Needs => {
                let mut missing = (self.filled)(said);
                if missing.passes() {
                    return Some(missing);
                }
                missing.reasons.insert(0, reason(text));
                missing
            }
        })
    }
}

/// What is missing where nobody has approved anything.
fn wanted(slots: &[Slot], second_person: bool) -> Verdict {
    let hold = |text: String| Verdict::new(Level::Hold, Reason::new(Rule::Approval, text));
    let person = |role: &RoleName, need: u32| hold(format!("approval by {role} 0 of {need}"));
    let second = second_person.then(|| hold("a second person must approve it".to_owned()));
    Verdict::all(second.into_iter().chain(slots.iter().map(|slot| person(&slot.role, slot.need))))
}
