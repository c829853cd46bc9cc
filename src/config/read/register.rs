//! The risk register of a runbook, and why it goes the way it does.
//!
//! A risk without an owner is no mistake: whether one may start so is for the rules to say.

use super::Reading;
use crate::config::names::Noun;
use crate::config::nearest;
use crate::config::raw::runbook::{Risk as Raw, RunbookFile};
use crate::config::spot::Spot;
use crate::domain::name::TriggerName;
use crate::domain::register::{Register, Risk};

/// Reads the register.
pub fn register(r: &mut Reading<'_>, raw: &RunbookFile) -> Register {
    let titles: Vec<_> = raw.risks.iter().map(|risk| risk.what.clone()).collect();
    r.once(&titles);
    let risks = raw.risks.iter().map(|risk| self::risk(r, raw, risk)).collect();
    Register { why: raw.why.as_ref().map(|why| why.value.trim().to_owned()).unwrap_or_default(), risks }
}

fn risk(r: &mut Reading<'_>, book: &RunbookFile, raw: &Raw) -> Risk {
    if raw.what.value.trim().is_empty() {
        r.mistake(&raw.what.at, "a risk is a sentence", "say what could go wrong");
    }
    let trigger = raw.trigger.as_ref().filter(|trigger| known(r, book, trigger));
    Risk {
        what: raw.what.value.trim().to_owned(),
        likelihood: raw.likelihood,
        effect: raw.effect,
        mitigation: raw.mitigation.clone().unwrap_or_default(),
        owner: raw.owner.as_ref().map(|owner| r.name(Noun::Role, owner)),
        trigger: trigger.map(|trigger| trigger.value.clone()),
    }
}

fn known(r: &mut Reading<'_>, book: &RunbookFile, trigger: &Spot<TriggerName>) -> bool {
    let all = || book.triggers.iter().map(|known| known.id.value.as_str());
    let known = all().any(|name| name == trigger.value.as_str());
    if !known {
        let help = nearest::help(trigger.value.as_str(), "triggers", all());
        let help = help.unwrap_or_else(|| "declare it in `[[triggers]]`, or leave it out".to_owned());
        r.mistake(&trigger.at, format!("there is no trigger {}", trigger.value), help);
    }
    known
}
