//! `holdpoint.toml` resolved: people, roles, environments and backends.
//!
//! Every reference is checked; what is wrong is said and left out.

use super::doc::Doc;
use super::problem::Problem;
use super::raw::workspace as raw;
use super::time::unknown_zone;
use super::tree::Step::Key;
use crate::domain::backend::{BackendKind, BackendSpec, CommandSpec, Script};
use crate::domain::catalogue::{Confirmation, Environment, Tier};
use crate::domain::name::{BackendName, EnvironmentName, PersonName, RoleName};
use crate::domain::operation::Verb;
use crate::domain::person::{Person, Proof, Role};
use crate::domain::span::Span;
use crate::domain::workspace::{Purpose, Workspace};
use crate::domain::zone::Zone;
use std::collections::BTreeMap;
use std::path::Path;

/// How often a backend is asked when its file does not say.
const EVERY: Span = Span::secs(10);
/// How long a script that only reads may take.
const READS: Span = Span::secs(10);
/// How long a script that acts may take.
const ACTS: Span = Span::mins(10);

/// Resolves the file into a workspace without services, signals and the rest.
pub fn resolve(doc: &Doc, file: raw::File, root: &Path, warnings: &mut Vec<Problem>) -> Workspace {
    let zone = file.workspace.zone.clone();
    if Zone::named(&zone).is_none() {
        doc.say(&[Key("workspace"), Key("zone")], unknown_zone(&zone));
    }
    if file.workspace.id.len() < 8 || !file.workspace.id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        let help = Some("16 hex digits, as `holdpoint init` writes them".to_owned());
        doc.say_with(&[Key("workspace"), Key("id")], "is no id: it names a directory", help);
    }
    let people: BTreeMap<PersonName, Person> = file.people.into_iter().map(|(name, p)| person(doc, name, p)).collect();
    let roles: BTreeMap<RoleName, Role> = file.roles.into_iter().map(|(name, r)| role(doc, name, r, &people)).collect();
    let environments =
        file.environments.into_iter().map(|(name, e)| environment(doc, name, e, &zone, warnings)).collect();
    let backends = file.backends.into_iter().map(|(name, b)| backend(doc, name, b)).collect();
    Workspace {
        id: file.workspace.id,
        name: file.workspace.name,
        purpose: match file.workspace.purpose {
            raw::Purpose::Real => Purpose::Real,
            raw::Purpose::Rehearsal => Purpose::Rehearsal,
            raw::Purpose::Demo => Purpose::Demo,
        },
        zone,
        root: root.to_owned(),
        state_dir: file.state.map(|s| root.join(s.dir)),
        environments,
        backends,
        people,
        roles,
        bridge: file.workspace.bridge,
        anchor: file.anchor.map(|a| a.git),
        ..Workspace::default()
    }
}

fn person(doc: &Doc, name: String, person: raw::Person) -> (PersonName, Person) {
    doc.name(&[Key("people"), Key(&name)], &name, false);
    let raw::Person { title, logins, keys, contacts } = person;
    let title = title.unwrap_or_else(|| name.clone());
    let name = PersonName::new(name);
    (name.clone(), Person { name, title, logins, keys, contacts })
}

fn role(doc: &Doc, name: String, role: raw::Role, people: &BTreeMap<PersonName, Person>) -> (RoleName, Role) {
    let at = [Key("roles"), Key(&name), Key("people")];
    doc.name(&[Key("roles"), Key(&name)], &name, false);
    if role.people.is_empty() {
        doc.say(&at, format!("nobody fills the role {name}"));
    }
    for (n, person) in role.people.iter().enumerate() {
        let path = [Key("roles"), Key(&name), Key("people"), super::tree::Step::Index(n)];
        doc.refer(&path, "person", person, people.keys().map(PersonName::as_str));
    }
    let proof = match role.proof {
        None | Some(raw::Proof::Login) => Proof::Login,
        Some(raw::Proof::Claimed) => Proof::Claimed,
        Some(raw::Proof::SshKey) => Proof::SshKey,
        Some(raw::Proof::Signed) => Proof::Signed,
    };
    let resolved = Role {
        name: RoleName::new(&name),
        title: role.title.unwrap_or_else(|| name.clone()),
        people: role.people.into_iter().map(PersonName::new).collect(),
        proof,
        spoken: role.spoken,
        rollback: role.rollback,
        contacts: role.contacts,
    };
    (RoleName::new(name), resolved)
}

fn environment(
    doc: &Doc,
    name: String,
    environment: raw::Environment,
    usual_zone: &str,
    warnings: &mut Vec<Problem>,
) -> (EnvironmentName, Environment) {
    let path = [Key("environments"), Key(&name)];
    doc.name(&path, &name, false);
    let zone = environment.zone.unwrap_or_else(|| usual_zone.to_owned());
    if Zone::named(&zone).is_none() {
        doc.say(&[Key("environments"), Key(&name), Key("zone")], unknown_zone(&zone));
    }
    let tier = match environment.tier {
        raw::Tier::Development => Tier::Development,
        raw::Tier::Testing => Tier::Testing,
        raw::Tier::Staging => Tier::Staging,
        raw::Tier::Production => Tier::Production,
    };
    let confirm = match environment.confirm {
        None if tier == Tier::Production => Confirmation::Challenge,
        None | Some(raw::Confirm::Key) => Confirmation::Confirm,
        Some(raw::Confirm::None) => Confirmation::None,
        Some(raw::Confirm::Challenge) => Confirmation::Challenge,
        Some(raw::Confirm::TwoPerson) => Confirmation::TwoPerson,
    };
    if tier == Tier::Production && confirm < Confirmation::Challenge {
        let path = [Key("environments"), Key(&name), Key("confirm")];
        let what = format!("{name} is production, and one key is enough to act in it");
        warnings.push(doc.problem(&path, what).help("leave `confirm` out, or write \"challenge\""));
    }
    let region = environment.region.unwrap_or_else(|| name.clone());
    let title = environment.title.unwrap_or_else(|| name.clone());
    let name = EnvironmentName::new(name);
    (name.clone(), Environment { name, title, tier, region, zone, confirm })
}

fn backend(doc: &Doc, name: String, backend: raw::Backend) -> (BackendName, BackendSpec) {
    let path = |field| [Key("backends"), Key(name.as_str()), Key(field)];
    doc.name(&[Key("backends"), Key(&name)], &name, false);
    let every = doc.span(&path("every"), backend.every.as_ref(), EVERY);
    if every < Span::millis(100) {
        doc.say(&path("every"), "asks more often than ten times a second");
    }
    let command = backend.kind == raw::BackendKind::Command;
    let scripts = backend.status.is_some() || backend.probe.is_some() || !backend.verbs.is_empty();
    if scripts && !command {
        doc.say(&path("kind"), "only a backend of kind command has scripts");
    }
    let kind = match backend.kind {
        raw::BackendKind::Files => BackendKind::Files,
        raw::BackendKind::Probe => BackendKind::Probe,
        raw::BackendKind::Command => BackendKind::Command(CommandSpec {
            verbs: backend.verbs.into_iter().filter_map(|(verb, s)| verb_script(doc, &name, verb, s)).collect(),
            status: backend.status.map(|s| script(doc, &[Key("backends"), Key(&name), Key("status")], s, READS)),
            probe: backend.probe.map(|s| script(doc, &[Key("backends"), Key(&name), Key("probe")], s, READS)),
            pass_env: backend.pass_env,
        }),
    };
    let name = BackendName::new(&name);
    (name.clone(), BackendSpec { name, every, kind })
}

fn verb_script(doc: &Doc, backend: &str, word: String, raw: raw::Script) -> Option<(Verb, Script)> {
    let path = [Key("backends"), Key(backend), Key("verbs"), Key(&word)];
    let verb = verb(doc, &path, &word)?;
    Some((verb, script(doc, &path, raw, ACTS)))
}

/// A verb by its word; says so when there is none.
pub fn verb(doc: &Doc, path: &[super::tree::Step<'_>], word: &str) -> Option<Verb> {
    let found = Verb::ALL.into_iter().find(|v| v.word() == word);
    if found.is_none() {
        doc.refer(path, "verb", word, Verb::ALL.iter().map(|v| v.word()));
    }
    found
}

fn script(doc: &Doc, path: &[super::tree::Step<'_>], script: raw::Script, usual: Span) -> Script {
    let within = |field| [path, &[Key(field)]].concat();
    if script.argv.first().is_none_or(String::is_empty) {
        doc.say(&within("argv"), "names no program");
    }
    let limit = doc.span(&within("limit"), script.limit.as_ref(), usual);
    Script { argv: script.argv, limit, not_applied: script.not_applied, idempotent: script.idempotent }
}
