//! `policy evidence`: where in the journal rules that carry out a control spoke, were passed by, or were waived.
//!
//! It reads the files and the journal, and opens no session.

use super::args::Global;
use super::context::Context;
use super::outcome::{Ended, Exit, Failure};
use super::print;
use crate::domain::entry::Entry;
use crate::domain::name::PolicyName;
use crate::domain::span::Span;
use crate::journal;
use crate::report::controls;
use crate::runtime::clock::now;
use serde_json::json;

/// Prints the evidence for a control, or for every rule, of so long a time.
pub fn evidence(global: &Global, control: Option<&str>, since: Span) -> Ended {
    let context = Context::open(global)?;
    let from = now().checked_sub_signed(since.delta()).unwrap_or_default();
    let carries = |controls: &[String]| control.is_none_or(|wanted| controls.iter().any(|one| one.contains(wanted)));
    let rules: Vec<PolicyName> = context
        .workspace
        .policy
        .values()
        .filter(|rule| carries(&rule.controls))
        .map(|rule| rule.name.clone())
        .collect();
    if rules.is_empty() {
        return Err(Failure::failed("no rule carries that control out; `holdpoint policy list` names them"));
    }
    let entries = journal::entries(&context.state).map_err(|e| Failure::journal(e.to_string()))?;
    let entries = entries.collect::<Result<Vec<Entry>, _>>().map_err(|e| Failure::journal(e.to_string()))?;
    let found = controls::evidence(entries.iter(), &rules, from);
    if global.json {
        let rows = found.iter().map(|one| {
            let rule = context.workspace.policy.get(&one.rule);
            json!({ "line": one.seq, "at": one.at, "person": one.person, "rule": one.rule, "what": one.what,
                "text": one.text, "controls": rule.map(|rule| &rule.controls) })
        });
        print::json(&rows.collect::<Vec<_>>());
        return Ok(Exit::Done);
    }
    for one in &found {
        let at = print::date(one.at);
        print::line(&format!("#{} {at} {} {} {}", one.seq, one.person, one.what, one.rule));
        print::line(&format!("  {}", one.text));
    }
    if found.is_empty() {
        print::words(&format!("nothing is written down of {} since {}", several(&rules), print::date(from)));
    }
    Ok(Exit::Done)
}

fn several(rules: &[PolicyName]) -> String {
    rules.iter().map(PolicyName::as_str).collect::<Vec<_>>().join(", ")
}
