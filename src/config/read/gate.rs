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
use crate::domain::signal::SignalAt;
use crate::domain::workspace::Purpose;

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
        return Gate::Manual { role: r.name(Noun::Role, &manual.role), text: manual.text.value.clone() };
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

/// Resolves slots; one that its people could never fill is noted.
pub fn slots(r: &mut Reading<'_>, raw: &[raw::Slot], owner: Option<&RoleName>) -> Vec<Slot> {
    let roles: Vec<_> = raw.iter().map(|slot| slot.role.clone()).collect();
    r.once(&roles);
    raw.iter().map(|raw| slot(r, raw, owner)).collect()
}

fn slot(r: &mut Reading<'_>, raw: &raw::Slot, owner: Option<&RoleName>) -> Slot {
    let (role, need) = (r.name(Noun::Role, &raw.role), raw.need.unwrap_or(1));
    let workspace = r.workspace;
    let people = |role: &RoleName| workspace.roles.get(role).map(|role| role.people.as_slice());
    let Some(fill) = people(&role) else { return Slot { role, need } };
    let asker = match owner.and_then(people) {
        Some([only]) if fill.contains(only) => Some(only),
        _ => None,
    };
    let wanted = usize::try_from(need).unwrap_or(usize::MAX);
    let signs = |person: &PersonName| workspace.people.get(person).is_some_and(|p| !p.accounts.keys.is_empty());
    let by_key =
        workspace.purpose == Purpose::Real && workspace.roles.get(&role).is_some_and(|role| role.proof.by_key());
    let able = fill.iter().filter(|person| !by_key || signs(person)).count();
    if wanted > able && able < fill.len() {
        let what = format!("{need} people of {role} must sign, and {able} of them have `keys`");
        r.mistake(&raw.role.at, what, "give them keys in [people]: the line of a KEY.pub file, or its fingerprint");
    } else if wanted > fill.len() {
        let what = format!("{need} people of {role} must approve, and it has {}", fill.len());
        r.mistake(&raw.role.at, what, "lower `need`, or give the role more people");
    } else if let Some(asker) = asker.filter(|_| wanted + 1 > fill.len()) {
        let what = format!("nobody could approve: {asker} does the step, and {role} has no other people left");
        r.mistake(&raw.role.at, what, "who asks never counts as approving; give the role more people");
    }
    Slot { role, need }
}
