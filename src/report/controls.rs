//! Evidence by control: the lines of a journal in which rules that carry it out spoke, were passed by, or were waived.
//!
//! It reads what was written down then, not what the rules say now.

use crate::domain::Timestamp;
use crate::domain::entry::Entry;
use crate::domain::fact::Fact;
use crate::domain::name::PolicyName;
use crate::domain::text::harmless;
use crate::domain::waiver::Waives;
use std::collections::BTreeMap;

/// One line that speaks of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The line's number.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who acted.
    pub person: String,
    /// The rule.
    pub rule: PolicyName,
    /// `held`, `passed`, `refused`, `waiver`, `trusted`.
    pub what: &'static str,
    /// In the words of that line.
    pub text: String,
}

/// What a journal says of these rules since an instant, in its order.
pub fn evidence<'e>(entries: impl Iterator<Item = &'e Entry>, rules: &[PolicyName], since: Timestamp) -> Vec<Evidence> {
    let mut found = Vec::new();
    let mut waivers = BTreeMap::new();
    for entry in entries {
        // A waiver is answered by its number, however long ago it was asked for.
        let said = said(entry, &mut waivers);
        if entry.at < since {
            continue;
        }
        for (what, text, named) in said {
            let of = |rule: &&PolicyName| named.as_ref().map_or_else(|| speaks_of(&text, rule), |name| name == *rule);
            found.extend(rules.iter().filter(of).map(|rule| Evidence {
                seq: entry.seq,
                at: entry.at,
                person: entry.by.person.to_string(),
                rule: rule.clone(),
                what,
                text: harmless(&text).into_owned(),
            }));
        }
    }
    found
}

/// What happened, in which words, and to which rule where that is not in the words.
type Said = (&'static str, String, Option<PolicyName>);

fn said(entry: &Entry, waivers: &mut BTreeMap<u32, PolicyName>) -> Vec<Said> {
    let refused = entry.refusal.iter().flat_map(|refusal| &refusal.reasons);
    let mut all: Vec<Said> =
        refused.map(|reason| ("refused", format!("{}: {}", entry.cause, reason.text), None)).collect();
    for fact in &entry.facts {
        match fact {
            Fact::Judged { run, step, verdict, .. } if !verdict.passes() => {
                let reasons = verdict.reasons.iter().map(|reason| format!("{run}/{step}: {}", reason.text));
                all.extend(reasons.map(|text| ("held", text, None)));
            }
            Fact::Announced(intent) => {
                let place = format!("{}/{} {}", intent.run, intent.step, intent.operation);
                all.extend(intent.knowing.iter().map(|text| ("passed", format!("{place}: {text}"), None)));
            }
            Fact::WaiverAsked(waiver) => {
                if let Waives::Policy(name) = &waiver.of {
                    waivers.insert(waiver.id, name.clone());
                    let text = format!("waiver {} asked for run {}: {}", waiver.id, waiver.run, waiver.reason);
                    all.push(("waiver", text, Some(name.clone())));
                }
            }
            Fact::WaiverAnswered(answered) => {
                if let Some(name) = waivers.get(&answered.waiver) {
                    let text = format!("waiver {} {}: {}", answered.waiver, answered.answer.word(), answered.word.text);
                    all.push(("waiver", text, Some(name.clone())));
                }
            }
            Fact::Trusted(name, reason) => all.push(("trusted", reason.clone(), Some(name.clone()))),
            _ => {}
        }
    }
    all
}

/// Whether a reason names a rule, as every verdict does: `…, policy NAME`.
fn speaks_of(text: &str, rule: &PolicyName) -> bool {
    let named = |rest: &str| {
        let after = rest.strip_prefix(rule.as_str());
        after.is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-')))
    };
    text.match_indices("policy ").any(|(at, found)| text.get(at + found.len()..).is_some_and(named))
}
