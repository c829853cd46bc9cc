//! Whether newer rules demand less than older ones, and what, in words.
//!
//! When in doubt they do: what is called looser than it is waits for a person,
//! what is called stricter than it is would let something through.

use super::fed;
use crate::domain::Timestamp;
use crate::domain::calendar::{Calendar, Event, EventKind};
use crate::domain::catalogue::Confirmation;
use crate::domain::name::{EnvironmentName, PersonName};
use crate::domain::person::{Accounts, Role};
use crate::domain::rules::Rules;
use crate::domain::workspace::{Purpose, Workspace};
use crate::engine::policy;
use std::collections::BTreeSet;

type Span = (Timestamp, Timestamp);

/// Whether the files say now what these rules say, from now for as long as both know.
pub fn same(rules: &Rules, workspace: &Workspace, now: Timestamp) -> bool {
    let confirm = workspace.environments.values().map(|e| (&e.name, &e.confirm));
    rules.roles == workspace.roles
        && rules.people.iter().eq(workspace.people.iter().map(|(name, p)| (name, &p.accounts)))
        && rules.purpose.is_none_or(|purpose| purpose == workspace.purpose)
        && rules.policy == workspace.policy
        && rules.emergency == workspace.emergency
        && (rules.classes.is_empty() || rules.classes == policy::classes::read(workspace))
        && rules.confirm.iter().eq(confirm)
        && fed::same(rules, workspace)
        && same_dates(&rules.calendar, &workspace.calendar, now)
}

/// The same of their windows and freezes.
pub fn same_dates(old: &Calendar, new: &Calendar, now: Timestamp) -> bool {
    let clip = Clip::of(old, new, now);
    let bounds = |c: &'_ Calendar| c.events.iter().filter(|e| binds(e)).count();
    let alike = |e: &Event| old.events.iter().any(|o| clip.alike(o, e));
    bounds(old) == bounds(new) && new.events.iter().filter(|e| binds(e)).all(alike)
}

/// What `new` no longer demands that `old` does, from now on.
pub fn loosened(old: &Rules, new: &Rules, now: Timestamp) -> Vec<String> {
    let clip = Clip::of(&old.calendar, &new.calendar, now);
    let mut what = Vec::new();
    for before in of(&old.calendar, EventKind::Freeze) {
        what.extend(freeze(before, named(&new.calendar, before), &clip));
    }
    windows(&old.calendar, &new.calendar, &clip, &mut what);
    what.extend(fed::loosened(old, new));
    for after in new.roles.values() {
        role(old.roles.get(&after.name), after, old, &mut what);
    }
    if authority(old) && !authority(new) {
        what.push("no role has rollback authority any more, so everyone has".to_owned());
    }
    for (name, after) in &new.people {
        // Who is new can do nothing but by a role, and that is told.
        old.people.get(name).into_iter().for_each(|before| accounts(name, before, after, &mut what));
    }
    let environments: BTreeSet<_> = old.confirm.keys().chain(new.confirm.keys()).collect();
    for environment in environments {
        let (before, after) = (confirm(old, environment), confirm(new, environment));
        if after < before {
            what.push(format!("{environment} asks for less: {} and no longer {}", word(after), word(before)));
        }
    }
    waivers(old, new, &mut what);
    what.extend(policy::loosened(&old.policy, &new.policy));
    if claims(new.purpose) && !claims(old.purpose) {
        what.push("the workspace is no longer for real, so a claimed identity counts".to_owned());
    }
    what
}

/// What an environment asks for by these rules; where it is not declared, a challenge.
pub fn confirm(rules: &Rules, environment: &EnvironmentName) -> Confirmation {
    rules.confirm.get(environment).copied().unwrap_or(Confirmation::Challenge)
}

/// Whether a claimed identity counts; in rules that do not say it nothing speaks against it.
fn claims(purpose: Option<Purpose>) -> bool {
    purpose != Some(Purpose::Real)
}

/// The time that both calendars know, from now on.
struct Clip {
    from: Timestamp,
    to: Option<Timestamp>,
}

impl Clip {
    fn of(old: &Calendar, new: &Calendar, now: Timestamp) -> Self {
        Self { from: now, to: [old.until, new.until].into_iter().flatten().min() }
    }

    /// What of an event lies in that time.
    fn spans<'a>(&'a self, event: &'a Event) -> impl Iterator<Item = Span> + 'a {
        self.whole(event).map(|(cut, _)| cut)
    }

    /// The same, each with the whole occurrence, which does not change as time passes.
    fn whole<'a>(&'a self, event: &'a Event) -> impl Iterator<Item = (Span, Span)> + 'a {
        let all = &event.occurrences;
        // Occurrences are in order, so those that are over and those beyond lie at the ends.
        let first = all.partition_point(|(_, to)| *to <= self.from);
        let last = self.to.map_or(all.len(), |end| all.partition_point(|(from, _)| *from < end));
        let end = |to: Timestamp| self.to.map_or(to, |last| to.min(last));
        let cut = all.get(first..last).unwrap_or_default().iter();
        cut.map(move |(from, to)| (((*from).max(self.from), end(*to)), (*from, *to)))
    }

    /// Whether two events bind the same things at the same times.
    fn alike(&self, one: &Event, other: &Event) -> bool {
        (&one.name, one.kind, one.stops_rollback) == (&other.name, other.kind, other.stops_rollback)
            && (&one.services, &one.environments, &one.waived_by)
                == (&other.services, &other.environments, &other.waived_by)
            && self.spans(one).eq(self.spans(other))
    }
}

fn binds(event: &Event) -> bool {
    matches!(event.kind, EventKind::Window | EventKind::Freeze)
}

fn of(calendar: &Calendar, kind: EventKind) -> impl Iterator<Item = &Event> {
    calendar.events.iter().filter(move |e| e.kind == kind)
}

fn named<'a>(calendar: &'a Calendar, like: &Event) -> Option<&'a Event> {
    of(calendar, like.kind).find(|e| e.name == like.name)
}

fn freeze(before: &Event, after: Option<&Event>, clip: &Clip) -> Vec<String> {
    let title = &before.title;
    let Some((_, first)) = clip.whole(before).next() else { return Vec::new() };
    let Some(after) = after else {
        return vec![format!("freeze {title}, {}, is gone", shown(first))];
    };
    let mut what = Vec::new();
    if !covers(after, before) {
        what.push(format!("freeze {title} covers less than it did"));
    }
    if before.stops_rollback && !after.stops_rollback {
        what.push(format!("freeze {title} no longer stops the way back"));
    }
    if let Some((_, bare)) = clip.whole(before).find(|(cut, _)| !clip.spans(after).any(|now| within(*cut, now))) {
        let now = clip.whole(after).map(|(_, now)| now).find(|now| now.0 < bare.1 && bare.0 < now.1);
        let now = now.map_or_else(|| "elsewhere".to_owned(), shown);
        what.push(format!("freeze {title}, {}, is now {now}", shown(bare)));
    }
    what
}

/// A window bounds what it covers and is open to it; the first one on a target
/// tightens, a further one loosens.
fn windows(old: &Calendar, new: &Calendar, clip: &Clip, what: &mut Vec<String>) {
    for after in of(new, EventKind::Window) {
        let title = &after.title;
        let Some(before) = named(old, after) else {
            if of(old, EventKind::Window).any(|other| meet(other, after)) {
                what.push(format!("window {title} is new"));
            }
            continue;
        };
        if (&before.services, &before.environments) != (&after.services, &after.environments) {
            what.push(format!("window {title} covers something else than it did"));
        }
        let wider = clip.whole(after).find(|(cut, _)| !clip.spans(before).any(|was| within(*cut, was)));
        if let Some((_, wider)) = wider {
            what.push(format!("window {title} is open {}", shown(wider)));
        }
    }
    for before in of(old, EventKind::Window).filter(|e| named(new, e).is_none()) {
        if !of(new, EventKind::Window).any(|other| covers(other, before)) {
            what.push(format!("window {} is gone, and nothing bounds what it covered", before.title));
        }
    }
}

fn role(before: Option<&Role>, after: &Role, old: &Rules, what: &mut Vec<String>) {
    let name = &after.name;
    // A role may have been there before the rules that lack it, so its people are new to it.
    let Some(before) = before else {
        if !after.people.is_empty() {
            let people: Vec<_> = after.people.iter().map(|p| p.as_str()).collect();
            what.push(format!("{name} is new and may be filled by {}", people.join(", ")));
        }
        if after.rollback && authority(old) {
            what.push(format!("{name} is new and may roll back"));
        }
        return;
    };
    let added: Vec<_> = after.people.iter().filter(|p| !before.people.contains(p)).map(|p| p.as_str()).collect();
    if !added.is_empty() {
        what.push(format!("{name} may be filled by {} too", added.join(", ")));
    }
    if after.proof < before.proof {
        what.push(format!("{name} needs less proof: {} and no longer {}", after.proof, before.proof));
    }
    if after.spoken && !before.spoken {
        what.push(format!("a spoken decision counts for {name}"));
    }
    if after.rollback && !before.rollback && authority(old) {
        what.push(format!("{name} may roll back"));
    }
}

fn accounts(name: &PersonName, before: &Accounts, after: &Accounts, what: &mut Vec<String>) {
    let logins = after.logins.iter().filter(|login| !before.logins.contains(login));
    what.extend(logins.map(|login| format!("the login {login} is {name} too")));
    let keys = after.keys.iter().filter(|key| !before.keys.contains(key));
    what.extend(keys.map(|key| format!("the key {key} signs for {name}")));
}

/// Who may waive freezes and windows, or declare an emergency, and could not before.
fn waivers(old: &Rules, new: &Rules, what: &mut Vec<String>) {
    for after in new.calendar.events.iter().filter(|e| binds(e)) {
        let Some(before) = named(&old.calendar, after) else { continue };
        let more: Vec<_> = after.waived_by.iter().filter(|role| !before.waived_by.contains(role)).collect();
        if !more.is_empty() {
            let roles: Vec<_> = more.iter().map(|role| role.as_str()).collect();
            what.push(format!("{} may be waived by {}", after.title, roles.join(", ")));
        }
    }
    match (&old.emergency, &new.emergency) {
        (_, None) => {}
        (None, Some(_)) => what.push("an emergency may be declared".to_owned()),
        (Some(before), Some(after)) if before == after => {}
        (Some(_), Some(_)) => what.push("an emergency is declared otherwise".to_owned()),
    }
}

fn authority(rules: &Rules) -> bool {
    rules.roles.values().any(|role| role.rollback)
}

/// Whether one event is about everything that the other is about.
fn covers(one: &Event, other: &Event) -> bool {
    all_of(&one.services, &other.services) && all_of(&one.environments, &other.environments)
}

fn all_of<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    one.is_empty() || (!other.is_empty() && other.iter().all(|name| one.contains(name)))
}

/// Whether two events are about anything in common.
fn meet(one: &Event, other: &Event) -> bool {
    some_of(&one.services, &other.services) && some_of(&one.environments, &other.environments)
}

fn some_of<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    one.is_empty() || other.is_empty() || other.iter().any(|name| one.contains(name))
}

fn within(inner: Span, outer: Span) -> bool {
    outer.0 <= inner.0 && inner.1 <= outer.1
}

fn shown((from, to): Span) -> String {
    format!("{} to {}", from.format("%FT%H:%MZ"), to.format("%FT%H:%MZ"))
}

fn word(level: Confirmation) -> &'static str {
    match level {
        Confirmation::None => "nothing",
        Confirmation::Confirm => "confirm",
        Confirmation::Challenge => "challenge",
        Confirmation::TwoPerson => "two-person",
    }
}
