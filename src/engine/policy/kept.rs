//! The rules in force: those of the files first, then those that a live run goes by since before they were loosened.
//!
//! Nothing is judged here.

use crate::domain::policy::Policy;
use crate::domain::verdict::Reason;
use crate::engine::Given;

/// Each set of rules that binds, none twice and none that is empty.
pub(super) fn in_force<'a>(given: &Given<'a>) -> impl Iterator<Item = &'a Policy> + use<'a> {
    let live = &given.workspace.policy;
    let kept = given.ledger.rules.iter().map(|rules| &rules.policy);
    std::iter::once(live).chain(kept.filter(move |kept| *kept != live)).filter(|rules| !rules.is_empty())
}

/// Says of a reason that the files no longer give it.
pub(super) fn told(reason: &mut Reason) {
    reason.text.push_str(", as it was when the run went by it; `holdpoint adopt` lets it go");
}

/// What `new` no longer demands that `old` does.
pub(in crate::engine) fn loosened(old: &Policy, new: &Policy) -> Vec<String> {
    use crate::domain::policy::Effect;
    let mut what = Vec::new();
    for (name, before) in old.iter().filter(|(_, rule)| rule.effect != Effect::Allow) {
        match new.get(name) {
            None => what.push(format!("policy {name} is gone")),
            Some(after) if after.decides_as(before) => {}
            Some(after) if after.effect == before.effect => what.push(format!("policy {name} says something else")),
            Some(after) => {
                what.push(format!("policy {name} says something else: {}, and not {}", after.effect, before.effect))
            }
        }
    }
    for (name, after) in new.iter().filter(|(_, rule)| rule.effect == Effect::Allow && !rule.lifts.is_empty()) {
        let lifted: Vec<_> =
            after.lifts.iter().filter(|lifted| old.contains_key(*lifted)).map(|l| l.as_str()).collect();
        if !lifted.is_empty() && old.get(name).is_none_or(|before| !after.decides_as(before)) {
            what.push(format!("policy {name} lifts {}", lifted.join(", ")));
        }
    }
    what
}
