//! Feeds among the rules that a run goes by: which calendars bind it, wherever the files have them read by now.
//!
//! What a feed says may change at any time, that is what it is for. That it is asked no more, or somewhere else, or as
//! something else, waits for a person like everything else that is loosened.

use super::kept;
use crate::domain::calendar::{Event, EventKind};
use crate::domain::feed::Declared;
use crate::domain::name::BackendName;
use crate::domain::operation::Direction;
use crate::domain::rules::Rules;
use crate::domain::verdict::{Level, Reason, Rule, Verdict};
use crate::domain::workspace::Workspace;
use crate::engine::calendar::Question;
use crate::engine::{Given, feeds};
use std::collections::BTreeMap;

/// What the files say of the feeds that bind.
pub(super) fn read(workspace: &Workspace) -> BTreeMap<BackendName, Declared> {
    let bind = feeds::declared(workspace).filter(|(_, spec)| spec.feed.binds());
    bind.map(|(by, spec)| (by.name.clone(), spec.declared())).collect()
}

/// Whether the files say the same of them as these rules.
pub(super) fn same(rules: &Rules, workspace: &Workspace) -> bool {
    rules.feeds == read(workspace)
}

/// What newer rules no longer take from feeds, or take from others.
pub(super) fn loosened(old: &Rules, new: &Rules) -> Vec<String> {
    let mut what = Vec::new();
    for (name, before) in &old.feeds {
        let noun = before.feed.noun();
        match new.feeds.get(name) {
            None => what.push(format!("{noun} of {name} are not read any more")),
            Some(after) if after.address != before.address => what.push(format!("{noun} of {name} are read elsewhere")),
            Some(after) if !as_strict(before, after) => what.push(format!("{name} is read otherwise")),
            Some(_) => {}
        }
    }
    let windows = |(_, after): &(&BackendName, &Declared)| after.feed.kind == EventKind::Window;
    let bounded = old.feeds.values().any(|before| before.feed.kind == EventKind::Window)
        || old.calendar.events.iter().any(|event| event.kind == EventKind::Window);
    let more = new.feeds.iter().filter(windows).filter(|(name, _)| bounded && !old.feeds.contains_key(*name));
    what.extend(more.map(|(name, _)| format!("windows of {name} are new")));
    what
}

/// Whether what a feed is read as lets nothing in that it did not before; who answers for it does not matter.
fn as_strict(before: &Declared, after: &Declared) -> bool {
    let mut alike = before.clone();
    alike.max_age = alike.max_age.min(after.max_age);
    alike.feed.contact.clone_from(&after.feed.contact);
    alike.max_age == after.max_age && alike == *after
}

/// What those feeds say that the files have read as these rules do.
pub(super) fn events<'a>(given: &Given<'a>, rules: &'a Rules) -> impl Iterator<Item = &'a Event> + use<'a> {
    let given = *given;
    let alike =
        move |name: &BackendName, spec: &Declared| rules.feeds.get(name).is_some_and(|old| as_strict(old, spec));
    let told = feeds::declared(given.workspace).filter(move |(by, spec)| alike(&by.name, &spec.declared()));
    told.filter_map(move |(by, _)| feeds::last(&given, by)).flat_map(|seen| &seen.value.events)
}

/// The feeds of rules in force that are not read as they were, each in a verdict: what they say now nobody knows.
pub(super) fn unknown(given: &Given<'_>, ask: Question<'_>) -> Vec<Verdict> {
    if ask.direction != Direction::Forward {
        return Vec::new();
    }
    let now = read(given.workspace);
    let old = given.ledger.rules.iter().flat_map(|rules| &rules.feeds);
    let lost = old.filter(|(name, old)| !now.get(*name).is_some_and(|new| as_strict(old, new)));
    let about = lost.filter(|(_, old)| old.feed.covers(ask.service, ask.environment));
    let mut texts: Vec<_> = about.map(|(name, old)| format!("{} of {name} are not known", old.feed.noun())).collect();
    texts.sort_unstable();
    texts.dedup();
    let reason = |text| {
        let mut reason = Reason::new(Rule::Evidence, text);
        kept(&mut reason);
        Verdict::new(Level::Unknown, reason)
    };
    texts.into_iter().map(reason).collect()
}
