//! `holdpoint.toml`: people, roles, environments, backends.
//!
//! Every reference is checked; what is wrong is noted and left out.

use super::script::{only, positive, script};
use super::{Reading, argocd, endpoint, kubernetes, plugin, rehearsal};
use crate::config::names::Noun;
use crate::config::raw::workspace::{self as raw, BackendWord, WorkspaceFile};
use crate::config::spot::Spot;
use crate::config::words;
use crate::domain::accent::Accent;
use crate::domain::backend::{BackendKind, BackendSpec, CommandSpec};
use crate::domain::catalogue::{Confirmation, Environment, Tier};
use crate::domain::comms::Audience;
use crate::domain::name::{BackendName, CohortName, EnvironmentName, PersonName, RoleName};
use crate::domain::operation::Verb;
use crate::domain::person::{Accounts, Person, Proof, Role};
use crate::domain::span::Span;
use crate::domain::ssh_key::{self, Fingerprint};
use crate::domain::template::{OF_OPERATION, placeholders};
use crate::domain::waiver::{self, Emergency};
use crate::domain::workspace::{Purpose, Workspace};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// How long a verb's script may take when nothing says otherwise.
pub const VERB_LIMIT: Span = Span::mins(10);
const ASK_LIMIT: Span = Span::secs(10);
/// How long an emergency lasts at most when nothing says otherwise.
const EMERGENCY: Span = Span::mins(120);
const EVERY: Span = Span::secs(10);

/// Reads the workspace's own file; services and all else are still empty.
pub fn workspace(r: &mut Reading<'_>, raw: &WorkspaceFile) -> Workspace {
    about(r, raw);
    once_each(r, raw.people.0.iter().flat_map(|(_, person)| &person.logins), "login", |text| text.to_owned());
    // A key is the same one as a line, with whatever comment, and as a fingerprint.
    let key = |text: &str| ssh_key::read(text).map_or_else(|_| text.to_owned(), |key| key.to_string());
    once_each(r, raw.people.0.iter().flat_map(|(_, person)| &person.keys), "key", key);
    let zone = raw.workspace.zone.0.clone();
    Workspace {
        id: raw.workspace.id.value.clone(),
        name: raw.workspace.name.clone(),
        purpose: match raw.workspace.purpose {
            raw::Purpose::Real => Purpose::Real,
            raw::Purpose::Rehearsal => Purpose::Rehearsal,
            raw::Purpose::Demo => Purpose::Demo,
        },
        root: r.workspace.root.clone(),
        state_dir: raw.state.as_ref().map(|state| PathBuf::from(&state.dir.value)),
        environments: environments(r, raw, &zone),
        cohorts: cohorts(raw),
        backends: backends(r, raw),
        people: raw.people.0.iter().map(|(name, raw)| (name.value.clone(), person(r, &name.value, raw))).collect(),
        roles: roles(r, raw),
        bridge: raw.workspace.bridge.clone(),
        comms: raw.comms.0.iter().map(|(name, raw)| audience(r, name, raw)).collect(),
        stage: raw.rehearsal.as_ref().map(|staged| rehearsal::stage(r, raw, staged)),
        emergency: raw.emergency.as_ref().map(|raw| emergency(r, raw)),
        anchor: raw.anchor.as_ref().map(|anchor| anchor.git.value.clone()),
        zone,
        ..Workspace::default()
    }
}

fn about(r: &mut Reading<'_>, raw: &WorkspaceFile) {
    let id = &raw.workspace.id;
    if words::check("name", id, "").is_err() {
        let what = format!("{:?} cannot name a state directory", id.value);
        r.mistake(&id.at, what, "`holdpoint init` writes sixteen hex digits");
    }
    if let Some(state) = raw.state.as_ref().filter(|state| !state.dir.starts_with('/')) {
        let what = "the state directory must be absolute";
        r.mistake(&state.dir.at, what, "several checkouts share it; write a path that begins with /");
    }
    if let Some(anchor) = raw.anchor.as_ref().filter(|anchor| anchor.git.trim().is_empty()) {
        r.mistake(&anchor.git.at, "the remote is empty", "write a git remote, or remove [anchor]");
    }
}

fn once_each<'a>(
    r: &mut Reading<'_>,
    values: impl Iterator<Item = &'a Spot<String>>,
    noun: &str,
    is: impl Fn(&str) -> String,
) {
    let mut seen = BTreeSet::new();
    for value in values {
        if !seen.insert(is(&value.value)) {
            let help = "who acts must be told apart; give it to one person";
            r.mistake(&value.at, format!("the {noun} {:?} belongs to a second person", value.value), help);
        }
    }
}

fn audience(r: &mut Reading<'_>, name: &Spot<String>, raw: &raw::Audience) -> Audience {
    // The journal says who was told as `update sent to NAME: …`, and reads it back.
    if name.value.trim() != name.value || name.value.is_empty() || name.value.contains(':') {
        let help = "write a short name without a colon, such as stakeholders";
        r.mistake(&name.at, format!("{:?} cannot name an audience", name.value), help);
    }
    Audience {
        name: name.value.clone(),
        every: raw.every.as_ref().map_or(Audience::EVERY, |every| positive(r, every)),
        in_incident: raw.in_incident.as_ref().map_or(Audience::IN_INCIDENT, |every| positive(r, every)),
        contacts: raw.contacts.clone(),
    }
}

fn emergency(r: &mut Reading<'_>, raw: &raw::Emergency) -> Emergency {
    if let Some(longest) = raw.longest.as_ref().filter(|longest| longest.value > waiver::LONGEST) {
        r.mistake(&longest.at, "an emergency of more than a day", "write 24h or less; another can be declared then");
    }
    for (who, what) in [(&raw.declared_by, "nobody may declare it"), (&raw.reviewed_by, "nobody reviews it")] {
        if who.value.is_empty() {
            r.mistake(&who.at, what, "name a role");
        }
    }
    Emergency {
        declared_by: r.list(Noun::Role, &raw.declared_by),
        second: r.list(Noun::Role, &raw.second),
        reviewed_by: r.list(Noun::Role, &raw.reviewed_by),
        longest: raw.longest.as_ref().map_or(EMERGENCY, |longest| positive(r, longest)),
    }
}

fn person(r: &mut Reading<'_>, name: &PersonName, raw: &raw::Person) -> Person {
    let logins = raw.logins.iter().map(|text| text.value.clone()).collect();
    Person {
        name: name.clone(),
        title: raw.title.clone().unwrap_or_else(|| name.to_string()),
        accounts: Accounts { logins, keys: raw.keys.iter().filter_map(|text| key(r, text)).collect() },
        contacts: raw.contacts.clone(),
    }
}

/// Roles; where a way back could be decided by nobody, because that is typed, it is noted.
fn roles(r: &mut Reading<'_>, raw: &WorkspaceFile) -> BTreeMap<RoleName, Role> {
    let mut back = raw.roles.0.iter().filter(|(_, raw)| raw.rollback).peekable();
    let first = back.peek().map(|(name, _)| name.at.clone());
    let typed = back.any(|(_, raw)| !raw.proof.is_some_and(Proof::by_key));
    if let Some(at) = first.filter(|_| !typed && matches!(raw.workspace.purpose, raw::Purpose::Real)) {
        let help = "a rollback is decided by typing; give a role with `rollback = true` the proof \"login\"";
        r.mistake(&at, "nobody could roll back: every role that may takes nothing but a signature", help);
    }
    raw.roles.0.iter().map(|(name, raw)| (name.value.clone(), role(r, &name.value, raw))).collect()
}

fn key(r: &mut Reading<'_>, text: &Spot<String>) -> Option<Fingerprint> {
    let read = ssh_key::read(&text.value);
    if let Err(why) = &read {
        r.mistake(&text.at, "this names no SSH key", why.to_string());
    }
    read.ok()
}

fn role(r: &mut Reading<'_>, name: &RoleName, raw: &raw::Role) -> Role {
    Role {
        name: name.clone(),
        title: raw.title.clone().unwrap_or_else(|| name.to_string()),
        people: r.list(Noun::Person, &raw.people),
        proof: raw.proof.unwrap_or(Proof::Login),
        spoken: raw.spoken,
        rollback: raw.rollback,
        contacts: raw.contacts.clone(),
    }
}

fn environments(r: &mut Reading<'_>, raw: &WorkspaceFile, zone: &str) -> BTreeMap<EnvironmentName, Environment> {
    let one = |(name, raw): &(Spot<EnvironmentName>, raw::Environment)| {
        let production = raw.tier == Tier::Production;
        if let Some(level) = raw.confirm.as_ref().filter(|level| production && level.value < Confirmation::Challenge) {
            let help = "production is usually `challenge` or `two-person`";
            r.warning(&level.at, format!("{} is production and asks for little", name.value), help);
        }
        let usual = if production { Confirmation::Challenge } else { Confirmation::Confirm };
        let accent = raw.accent.as_ref().and_then(|accent| match Accent::try_from(accent.value.clone()) {
            Ok(read) => Some(read),
            Err(help) => {
                r.mistake(&accent.at, format!("{:?} is no colour", accent.value), help);
                None
            }
        });
        let environment = Environment {
            name: name.value.clone(),
            title: raw.title.clone().unwrap_or_else(|| name.to_string()),
            tier: raw.tier,
            region: raw.region.clone(),
            zone: raw.zone.as_ref().map_or_else(|| zone.to_owned(), |zone| zone.0.clone()),
            confirm: raw.confirm.as_ref().map_or(usual, |level| level.value),
            accent,
            cohort: raw.cohort.as_ref().map(|cohort| cohort.value.clone()),
        };
        (name.value.clone(), environment)
    };
    raw.environments.0.iter().map(one).collect()
}

/// The cohorts in the order in which the file names them first, which is the order in which they get a version.
fn cohorts(raw: &WorkspaceFile) -> Vec<CohortName> {
    let mut named: Vec<_> = raw.environments.0.iter().filter_map(|(_, raw)| raw.cohort.as_ref()).collect();
    named.sort_by_key(|cohort| cohort.at.start);
    let mut seen = BTreeSet::new();
    named.into_iter().filter(|cohort| seen.insert(&cohort.value)).map(|cohort| cohort.value.clone()).collect()
}

fn backends(r: &mut Reading<'_>, raw: &WorkspaceFile) -> BTreeMap<BackendName, BackendSpec> {
    let files = BackendSpec { name: BackendName::from("files"), every: EVERY, kind: BackendKind::Files };
    let mut all = BTreeMap::from([(files.name.clone(), files)]);
    for (name, raw) in &raw.backends.0 {
        if (name.as_str() == "files") != (raw.kind.value == BackendWord::Files) {
            let help = "the backend `files` of kind `files` always exists; call this one something else";
            r.mistake(&name.at, "the name and the kind `files` belong together", help);
        }
        let kind = match raw.kind.value {
            BackendWord::Files => BackendKind::Files,
            BackendWord::Probe => BackendKind::Probe,
            BackendWord::Command => BackendKind::Command(command(r, raw)),
            BackendWord::Kubernetes => BackendKind::Kubernetes(kubernetes::cluster(r, raw)),
            BackendWord::Plugin => BackendKind::Plugin(plugin::plugin(r, raw)),
            BackendWord::Prometheus => BackendKind::Prometheus(endpoint::prometheus(r, raw)),
            BackendWord::Alertmanager => BackendKind::Alertmanager(endpoint::alertmanager(r, raw)),
            BackendWord::ArgoCd => BackendKind::ArgoCd(argocd::argocd(r, raw)),
        };
        let every = raw.every.as_ref().map_or(EVERY, |every| positive(r, every));
        all.insert(name.value.clone(), BackendSpec { name: name.value.clone(), every, kind });
    }
    all
}

fn command(r: &mut Reading<'_>, raw: &raw::Backend) -> CommandSpec {
    if let Some(status) = &raw.status {
        only(r, &status.argv, &[]);
    }
    for word in raw.probe.iter().flat_map(|probe| &probe.argv) {
        for name in placeholders(word).into_iter().filter(|name| !OF_OPERATION.contains(name)) {
            let at = r.brace(word, name);
            let help = "not every operation has this argument; rely on {key}";
            r.warning(&at, format!("{{{name}}} may stay unfilled when an operation is asked after"), help);
        }
    }
    for (verb, script) in raw.verbs.0.iter().filter(|(verb, _)| verb.value == Verb::RollBack) {
        let fills: Vec<&str> = OF_OPERATION.iter().copied().chain(["to"]).collect();
        only(r, &script.argv, &fills);
        let to = script.argv.iter().any(|word| placeholders(word).contains(&"to"));
        if !to {
            r.warning(&verb.at, "the way back is not told where to", "give the script {to}, the version to return to");
        }
    }
    CommandSpec {
        verbs: raw.verbs.0.iter().map(|(verb, raw)| (verb.value, script(r, raw, VERB_LIMIT))).collect(),
        status: raw.status.as_ref().map(|raw| script(r, raw, ASK_LIMIT)),
        probe: raw.probe.as_ref().map(|raw| script(r, raw, ASK_LIMIT)),
        pass_env: raw.pass_env.clone(),
    }
}
