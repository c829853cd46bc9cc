//! Gates, slots and signals as steps and triggers refer to them.
//!
//! A gate that can never pass is a mistake of its file.

use super::Reading;
use crate::config::names::Noun;
use crate::config::nearest;
use crate::config::raw::runbook as raw;
use crate::config::spot::Spot;
use crate::config::words::SignalRef;
use crate::domain::approval::Slot;
use crate::domain::gate::Gate;
use crate::domain::name::{EnvironmentName, PersonName, RoleName, ServiceName, SignalName};
use crate::domain::quorum;
use crate::domain::signal::SignalAt;
use crate::domain::workspace::Purpose;
use std::collections::BTreeSet;

/// What the step says about itself that its gates depend on.
#[derive(Clone, Copy, Debug, Default)]
pub struct About<'a> {
    /// Where signals without a place are looked up.
    pub environment: Option<&'a EnvironmentName>,
    /// The service it is about, whose windows count.
    pub service: Option<&'a ServiceName>,
    /// Who does it, and so asks for its approval.
    pub owner: Option<&'a RoleName>,
}

/// Resolves a gate; what is wrong in it is noted.
pub fn gate(r: &mut Reading<'_>, raw: &Spot<raw::Gate>, about: About<'_>) -> Gate {
    let mut parts = |parts: &[Spot<raw::Gate>]| parts.iter().map(|part| gate(r, part, about)).collect();
    if let Some(all) = &raw.all {
        return Gate::All(parts(all));
    }
    if let Some(any) = &raw.any {
        return Gate::Any(parts(any));
    }
    if let Some(signals) = &raw.health {
        return Gate::Health(self::signals(r, signals, about.environment));
    }
    if let Some(compared) = &raw.versions {
        return Gate::Versions(versions(r, compared, about.environment));
    }
    if let Some(soak) = &raw.soak {
        let signals = self::signals(r, &soak.signals, about.environment);
        return Gate::Soak { signals, hold_for: soak.hold_for };
    }
    if let Some(approval) = &raw.approval {
        return Gate::Approval(slots(r, approval, about.owner));
    }
    if let Some(manual) = &raw.manual {
        let role = r.name(Noun::Role, &manual.role);
        keys(r, &manual.role, &role, 1);
        return Gate::Manual { role, text: manual.text.value.clone() };
    }
    if raw.window.is_some() && about.environment.is_none() && about.service.is_none() {
        let help = "give the step `environment`, and `service` when windows differ by service";
        r.mistake(&raw.at, "whose window? the step names no environment", help);
    }
    Gate::Window { service: about.service.cloned(), environment: about.environment.cloned() }
}

/// Resolves signals, one that is listed twice is noted.
pub fn signals(r: &mut Reading<'_>, raw: &[Spot<SignalRef>], environment: Option<&EnvironmentName>) -> Vec<SignalAt> {
    once(r, raw);
    raw.iter().filter_map(|raw| signal(r, raw, environment)).collect()
}

fn once(r: &mut Reading<'_>, raw: &[Spot<SignalRef>]) {
    let texts: Vec<_> = raw.iter().map(|s| Spot { at: s.at.clone(), value: s.0.clone() }).collect();
    r.once(&texts);
}

/// The same of signals that count by version; one that does not is noted where it stands.
fn versions(r: &mut Reading<'_>, raw: &[Spot<SignalRef>], environment: Option<&EnvironmentName>) -> Vec<SignalAt> {
    once(r, raw);
    let mut one = |raw: &Spot<SignalRef>| {
        let at = signal(r, raw, environment)?;
        let declared = r.workspace.signals.get(&at.signal);
        if declared.is_some_and(|signal| signal.query.versions().is_none()) {
            let what = format!("{:?} does not count by version", at.signal.as_str());
            r.mistake(&raw.at, what, "give its query `versions`, or name a signal that has them");
        }
        Some(at)
    };
    raw.iter().filter_map(&mut one).collect()
}

fn signal(r: &mut Reading<'_>, raw: &Spot<SignalRef>, here: Option<&EnvironmentName>) -> Option<SignalAt> {
    let (name, place) = match raw.0.split_once('@') {
        Some((name, place)) => (name, Some(place)),
        None => (raw.0.as_str(), None),
    };
    if !r.names.known(r.found, r.file, Noun::Signal, name, &raw.at) {
        return None;
    }
    let workspace = r.workspace;
    let signal = workspace.signals.get(name)?;
    let places = || signal.environments.iter().map(EnvironmentName::as_str);
    let place = match (place, here, signal.environments.as_slice()) {
        (Some(place), ..) => EnvironmentName::new(place),
        (None, Some(here), _) => here.clone(),
        (None, None, [only]) => only.clone(),
        (None, None, _) => {
            let choices = places().map(|place| format!("{name}@{place}")).collect::<Vec<_>>().join(", ");
            r.mistake(&raw.at, format!("where? {name:?} is measured in several places"), choices);
            return None;
        }
    };
    if !signal.environments.contains(&place) {
        let what = format!("{name:?} is not measured in {:?}", place.as_str());
        let help = nearest::help(place.as_str(), "it is measured in", places()).unwrap_or_default();
        r.mistake(&raw.at, what, help);
    }
    Some(SignalAt { signal: SignalName::new(name), environment: place })
}

/// Resolves slots; those that their people could never fill are noted.
pub fn slots(r: &mut Reading<'_>, raw: &[raw::Slot], owner: Option<&RoleName>) -> Vec<Slot> {
    let roles: Vec<_> = raw.iter().map(|slot| slot.role.clone()).collect();
    r.once(&roles);
    let (slots, well): (Vec<_>, Vec<_>) = raw.iter().map(|raw| slot(r, raw, owner)).unzip();
    if let Some(first) = raw.first().filter(|_| well.into_iter().all(|well| well)) {
        enough(r, &first.role, &slots);
    }
    slots
}

/// Nobody fills two slots, so together they may take more people than there are.
fn enough<T>(r: &mut Reading<'_>, at: &Spot<T>, slots: &[Slot]) {
    let workspace = r.workspace;
    let fill = |slot: &Slot| workspace.roles.get(&slot.role).map(|role| role.people.as_slice()).unwrap_or_default();
    let people: BTreeSet<_> = slots.iter().flat_map(fill).collect();
    let able = |person: &PersonName| {
        let fits = |(n, slot): (usize, &Slot)| fill(slot).contains(person).then_some(n);
        slots.iter().enumerate().filter_map(fits).collect::<Vec<_>>()
    };
    let needs: Vec<_> = slots.iter().map(|slot| slot.need).collect();
    let filled = quorum::filled(&needs, &people.iter().map(|person| able(person)).collect::<Vec<_>>());
    if filled != needs {
        let need: u64 = needs.iter().copied().map(u64::from).sum();
        let what = format!("{need} different people must approve, and their roles have {}", people.len());
        r.mistake(&at.at, what, "nobody approves for two roles at once; give the roles more people");
    }
}

/// Notes a role of which fewer can sign than must; whether it did.
fn keys<T>(r: &mut Reading<'_>, at: &Spot<T>, role: &RoleName, need: u32) -> bool {
    let workspace = r.workspace;
    let Some(declared) = workspace.roles.get(role) else { return false };
    let signs = |person: &&PersonName| workspace.people.get(*person).is_some_and(|p| !p.accounts.keys.is_empty());
    let by_key = workspace.purpose == Purpose::Real && declared.proof.by_key();
    let fill = &declared.people;
    let able = if by_key { fill.iter().filter(signs).count() } else { fill.len() };
    let lacking = wanted(need) > able && able < fill.len();
    if lacking {
        let what = format!("{need} people of {role} must sign, and {able} of them have `keys`");
        r.mistake(&at.at, what, "give them keys in [people]: the line of a KEY.pub file, or its fingerprint");
    }
    lacking
}

fn wanted(need: u32) -> usize {
    usize::try_from(need).unwrap_or(usize::MAX)
}

/// A slot, and whether its role alone could fill it.
fn slot(r: &mut Reading<'_>, raw: &raw::Slot, owner: Option<&RoleName>) -> (Slot, bool) {
    let (role, need) = (r.name(Noun::Role, &raw.role), raw.need.unwrap_or(1));
    let workspace = r.workspace;
    let people = |role: &RoleName| workspace.roles.get(role).map(|role| role.people.as_slice());
    let Some(fill) = people(&role) else { return (Slot { role, need }, false) };
    let asker = match owner.and_then(people) {
        Some([only]) if fill.contains(only) => Some(only),
        _ => None,
    };
    let asked = asker.filter(|_| wanted(need) + 1 > fill.len());
    let well = if keys(r, &raw.role, &role, need) {
        false
    } else if wanted(need) > fill.len() {
        let what = format!("{need} people of {role} must approve, and it has {}", fill.len());
        r.mistake(&raw.role.at, what, "lower `need`, or give the role more people");
        false
    } else if let Some(asker) = asked {
        let what = format!("nobody could approve: {asker} does the step, and {role} has no other people left");
        r.mistake(&raw.role.at, what, "who asks never counts as approving; give the role more people");
        false
    } else {
        true
    };
    (Slot { role, need }, well)
}
