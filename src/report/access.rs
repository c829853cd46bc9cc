//! The access review: who may decide what by the files, and who did by the journal.
//!
//! Roles first, then people. It judges nothing; what an auditor would ask about is named at the end.

use crate::domain::Timestamp;
use crate::domain::entry::Entry;
use crate::domain::fact::Fact;
use crate::domain::gate::Gate;
use crate::domain::name::{PersonName, RoleName};
use crate::domain::person::Role;
use crate::domain::plan::{Question, Step, Work};
use crate::domain::session::{Origin, SessionId};
use crate::domain::waiver::Answer;
use crate::domain::workspace::Workspace;
use std::collections::{BTreeMap, BTreeSet};

/// What a review says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Review {
    /// The roles, by name.
    pub roles: Vec<OfRole>,
    /// The people of the files, and whoever else is in the journal.
    pub people: Vec<OfPerson>,
    /// What somebody should look at.
    pub remarks: Vec<String>,
}

/// What a role's word does.
#[derive(Clone, Debug, PartialEq)]
pub struct OfRole {
    /// The role.
    pub role: RoleName,
    /// Who fills it.
    pub people: Vec<PersonName>,
    /// How well they must be known.
    pub proof: String,
    /// What its word does, and where.
    pub may: Vec<String>,
    /// How often it was given in the time.
    pub given: u32,
}

/// What a person may do, and did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OfPerson {
    /// The person.
    pub person: String,
    /// The roles that the person fills.
    pub roles: Vec<RoleName>,
    /// Logins and keys that are the person.
    pub known_by: Vec<String>,
    /// What the person did in the time, and how often.
    pub did: BTreeMap<&'static str, u32>,
    /// When, last.
    pub last: Option<Timestamp>,
    /// From where: login, host, terminal and address.
    pub from: BTreeSet<String>,
}

/// The review of what is in the journal since an instant.
pub fn review<'e>(workspace: &Workspace, entries: impl Iterator<Item = &'e Entry>, since: Timestamp) -> Review {
    let mut did = Did::default();
    for entry in entries {
        did.take(entry, since);
    }
    let people: BTreeSet<&str> =
        workspace.people.keys().map(PersonName::as_str).chain(did.people.keys().map(String::as_str)).collect();
    let people: Vec<OfPerson> = people.into_iter().map(|name| person(workspace, &did, name)).collect();
    let roles: Vec<OfRole> = workspace.roles.values().map(|declared| role(workspace, &did, declared)).collect();
    let remarks = remarks(workspace, &roles, &people);
    Review { roles, people, remarks }
}

/// What was done, by person and by role.
#[derive(Default)]
struct Did {
    sessions: BTreeMap<SessionId, Origin>,
    people: BTreeMap<String, OfPerson>,
    roles: BTreeMap<RoleName, u32>,
}

impl Did {
    fn take(&mut self, entry: &Entry, since: Timestamp) {
        for fact in &entry.facts {
            if let Fact::SessionOpened(origin) = fact {
                self.sessions.insert(SessionId(entry.seq), (**origin).clone());
            }
            let Some((what, whose, role)) = done(fact).filter(|_| entry.at >= since) else { continue };
            let whose = whose.unwrap_or(&entry.by.person).to_string();
            *role.map_or(&mut 0, |role| self.roles.entry(role.clone()).or_default()) += 1;
            let from = self.sessions.get(&entry.by.session).map(place);
            let person = self.people.entry(whose).or_default();
            *person.did.entry(what).or_default() += 1;
            person.last = person.last.max(Some(entry.at));
            person.from.extend(from);
        }
    }
}

fn place(origin: &Origin) -> String {
    let tty = origin.tty.as_deref().unwrap_or("no terminal");
    let address = origin.ssh_client.as_deref().and_then(|client| client.split_whitespace().next());
    let address = address.map(|address| format!(" from {address}")).unwrap_or_default();
    format!("{}@{} {tty}{address}", origin.user, origin.host)
}

/// What a fact says that somebody did: in which words, whose it is where not its writer's, and for which role.
fn done(fact: &Fact) -> Option<(&'static str, Option<&PersonName>, Option<&RoleName>)> {
    Some(match fact {
        Fact::Decided { decision, .. } => {
            (if decision.yes { "approved" } else { "rejected" }, Some(&decision.person), Some(&decision.role))
        }
        Fact::Voted { cast, role, .. } => ("voted", Some(&cast.person), Some(role)),
        Fact::Released { .. } => ("released", None, None),
        Fact::Waived { .. } => ("accepted a verification", None, None),
        Fact::RunStarted { .. } => ("started runs", None, None),
        Fact::ConnTaken { .. } => ("took the conn", None, None),
        Fact::Announced(_) => ("sent operations", None, None),
        Fact::RulesAdopted { .. } => ("adopted rules", None, None),
        Fact::Trusted(..) => ("trusted rules again", None, None),
        Fact::Resolved { .. } => ("resolved doubts", None, None),
        Fact::WaiverAsked(_) => ("asked for waivers", None, None),
        Fact::WaiverAnswered(answered) => {
            let what = match answered.answer {
                Answer::Grant => "granted waivers",
                Answer::Refuse => "refused waivers",
                Answer::End => "ended waivers",
                Answer::Review => "reviewed waivers",
            };
            (what, Some(&answered.word.by), None)
        }
        _ => return None,
    })
}

fn person(workspace: &Workspace, did: &Did, name: &str) -> OfPerson {
    let done = did.people.get(name).cloned().unwrap_or_default();
    let declared = workspace.people.get(&PersonName::from(name));
    let known_by = declared.into_iter().flat_map(|person| {
        let logins = person.accounts.logins.iter().cloned();
        logins.chain(person.accounts.keys.iter().map(ToString::to_string))
    });
    let fills = |role: &&Role| role.people.iter().any(|person| person.as_str() == name);
    let roles = workspace.roles.values().filter(fills).map(|role| role.name.clone()).collect();
    OfPerson { person: name.to_owned(), roles, known_by: known_by.collect(), ..done }
}

fn role(workspace: &Workspace, did: &Did, declared: &Role) -> OfRole {
    let given = did.roles.get(&declared.name).copied().unwrap_or_default();
    let (role, people, proof) = (declared.name.clone(), declared.people.clone(), declared.proof.to_string());
    OfRole { may: may(workspace, declared), role, people, proof, given }
}

/// Where a role's word is asked for.
fn may(workspace: &Workspace, declared: &Role) -> Vec<String> {
    let name = &declared.name;
    let mut all = Vec::new();
    if declared.rollback {
        all.push("roll back".to_owned());
    }
    for plan in workspace.runbooks.values() {
        let steps: Vec<_> = plan.steps.iter().filter(|step| asks(step, name)).map(|step| step.name.as_str()).collect();
        if !steps.is_empty() {
            all.push(format!("decide {} {}", plan.runbook, steps.join(" ")));
        }
    }
    let mut list = |verb: &str, names: Vec<&str>| {
        if !names.is_empty() {
            all.push(format!("{verb} {}", names.join(" ")));
        }
    };
    let rules = || workspace.policy.values();
    let slots = rules().filter(|rule| rule.approvals.iter().any(|slot| slot.role == *name));
    list("approve by policy", slots.map(|rule| rule.name.as_str()).collect());
    let waived = rules().filter(|rule| rule.waived_by.contains(name)).map(|rule| rule.name.as_str());
    let events = workspace.calendar.events.iter().filter(|event| event.waived_by.contains(name));
    list("waive", waived.chain(events.map(|event| event.name.as_str())).collect());
    if let Some(emergency) = &workspace.emergency {
        let duties =
            [(&emergency.declared_by, "declare"), (&emergency.second, "second"), (&emergency.reviewed_by, "review")];
        list("emergencies:", duties.iter().filter(|(roles, _)| roles.contains(name)).map(|(_, duty)| *duty).collect());
    }
    all
}

fn idle(people: &[OfPerson], who: &PersonName) -> bool {
    people.iter().all(|person| person.person != who.as_str() || person.did.is_empty())
}

fn asks(step: &Step, role: &RoleName) -> bool {
    let asked = match &step.work {
        Work::Ask(Question::Approval(slots)) => slots.iter().any(|slot| slot.role == *role),
        Work::Ask(Question::Poll { roles, .. } | Question::Release { roles, .. }) => roles.contains(role),
        _ => false,
    };
    asked || step.gate.iter().chain(&step.verify).any(|gate| in_gate(gate, role))
}

fn in_gate(gate: &Gate, role: &RoleName) -> bool {
    match gate {
        Gate::All(parts) | Gate::Any(parts) => parts.iter().any(|part| in_gate(part, role)),
        Gate::Approval(slots) => slots.iter().any(|slot| slot.role == *role),
        Gate::Manual { role: asked, .. } => asked == role,
        _ => false,
    }
}

fn remarks(workspace: &Workspace, roles: &[OfRole], people: &[OfPerson]) -> Vec<String> {
    let mut all = Vec::new();
    for role in roles {
        match role.people.as_slice() {
            [] => all.push(format!("nobody fills {}", role.role)),
            [alone] if !role.may.is_empty() => all.push(format!("{alone} alone fills {}; nobody stands in", role.role)),
            _ => {}
        }
        if role.may.is_empty() {
            all.push(format!("the word of {} is asked for nowhere", role.role));
        } else if role.given == 0 && role.people.iter().all(|who| idle(people, who)) {
            all.push(format!("nobody of {} did anything in this time", role.role));
        }
    }
    for person in people {
        let name = &person.person;
        let declared = workspace.people.contains_key(&PersonName::from(name.as_str()));
        match (declared, person.did.is_empty()) {
            (false, _) => all.push(format!("{name} is in the journal and not in the files")),
            (true, true) if !person.roles.is_empty() => all.push(format!("{name} did nothing in this time")),
            (true, _) if person.known_by.is_empty() => all.push(format!("{name} has neither login nor key")),
            _ => {}
        }
    }
    all
}
