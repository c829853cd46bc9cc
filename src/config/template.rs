//! Runbooks that are ready to be filled in: the texts, and a workspace's own names in their blanks.
//!
//! What the workspace cannot do is left to people, and says so in a comment; comments of the template stay. Whether the
//! result is a runbook is for the loader to say, as of any other.

use crate::domain::name::{EnvironmentName, RoleName, ServiceName};
use crate::domain::operation::Verb;
use crate::domain::strategy::Template;
use crate::domain::workspace::Workspace;
use std::collections::BTreeSet;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

/// At most so many signals are watched; who wants more writes them down.
const SIGNALS: usize = 8;

/// What stands in the blanks.
#[derive(Clone, Debug)]
pub struct Blanks {
    /// The service that is released.
    pub service: ServiceName,
    /// Where.
    pub environment: EnvironmentName,
    /// Where after that.
    pub second: Option<EnvironmentName>,
    /// Where before that.
    pub staging: Option<EnvironmentName>,
    /// In which version.
    pub version: String,
    /// Why this template, one reason a line; may be empty.
    pub why: Vec<String>,
}

/// A template with its blanks filled.
#[derive(Clone, Debug)]
pub struct Filled {
    /// The file's text.
    pub text: String,
    /// What was done otherwise than the template has it, in words.
    pub notes: BTreeSet<String>,
}

/// Fills a template.
///
/// # Errors
/// What is missing, and how it is given.
pub fn fill(workspace: &Workspace, template: Template, blanks: &Blanks) -> Result<Filled, String> {
    let text = named(template, blanks)?;
    let mut document: DocumentMut = text.parse().map_err(|e| format!("template {} is broken: {e}", template.name()))?;
    let mut filling = Filling { workspace, blanks, notes: BTreeSet::new() };
    for key in ["steps", "triggers", "leaves_open", "risks"] {
        if let Some(tables) = document.get_mut(key).and_then(Item::as_array_of_tables_mut) {
            filling.tables(tables)?;
        }
    }
    if !blanks.why.is_empty() {
        document.insert("why", toml_edit::value(blanks.why.join("\n")));
    }
    Ok(Filled { text: document.to_string(), notes: filling.notes })
}

/// The template's text with every name in it that is one.
fn named(template: Template, blanks: &Blanks) -> Result<String, String> {
    let text = text(template);
    let missing = |help: &str| Err(format!("{} needs {help}", template.name()));
    let (second, staging) = match (&blanks.second, &blanks.staging) {
        (None, _) if text.contains("second@") => return missing("a second environment; name it with --second"),
        (_, None) if text.contains("@staging@") => {
            return missing("an environment to try it in; name it with --staging");
        }
        (second, staging) => (second.as_ref(), staging.as_ref()),
    };
    let name = |place: Option<&EnvironmentName>| place.map(ToString::to_string).unwrap_or_default();
    // A version may be any text, and stands in quotes.
    let version = Value::from(blanks.version.as_str()).to_string();
    Ok(text
        .replace("@service@", blanks.service.as_str())
        .replace("@environment@", blanks.environment.as_str())
        .replace("@second@", &name(second))
        .replace("@staging@", &name(staging))
        .replace("\"@version@\"", version.trim()))
}

struct Filling<'a> {
    workspace: &'a Workspace,
    blanks: &'a Blanks,
    notes: BTreeSet<String>,
}

impl Filling<'_> {
    fn tables(&mut self, tables: &mut ArrayOfTables) -> Result<(), String> {
        for table in tables.iter_mut() {
            self.by_hand(table);
            self.people(table)?;
            for key in ["signals", "evidence"] {
                if let Some(list) = table.get_mut(key).and_then(Item::as_array_mut) {
                    *list = self.signals(list)?;
                }
            }
        }
        Ok(())
    }

    /// An operation that nothing here does is left to a person.
    fn by_hand(&mut self, step: &mut Table) {
        let text = |step: &Table, key: &str| step.get(key).and_then(Item::as_str).map(str::to_owned);
        let (Some(service), Some(place)) = (text(step, "service"), text(step, "environment")) else { return };
        let Some(verb) = text(step, "verb").and_then(|verb| Verb::ALL.into_iter().find(|v| v.word() == verb)) else {
            return;
        };
        let declared = self.workspace.services.get(&ServiceName::new(service.as_str()));
        let Some(backend) = declared.and_then(|one| one.deployed_by.get(&EnvironmentName::new(place.as_str()))) else {
            return;
        };
        let offered = self.workspace.backends.get(backend).is_some_and(|spec| spec.kind.offer(verb).is_some());
        if offered {
            return;
        }
        self.notes.insert(format!("{backend} cannot {verb}: a person does it"));
        step.insert("kind", toml_edit::value("manual"));
        for key in ["verb", "args", "service", "environment"] {
            step.remove(key);
        }
        if !step.contains_key("owner") {
            step.insert("owner", toml_edit::value("ops"));
        }
        step.decor_mut().set_prefix(format!("\n# By hand: {backend} cannot {verb}.\n"));
    }

    fn people(&mut self, table: &mut Table) -> Result<(), String> {
        for key in ["owner", "backup"] {
            if let Some(role) = table.get(key).and_then(Item::as_str).map(str::to_owned) {
                table.insert(key, toml_edit::value(self.role(&role)?.as_str()));
            }
        }
        let same = |a: Option<&Item>, b: Option<&Item>| a.and_then(Item::as_str) == b.and_then(Item::as_str);
        if table.contains_key("backup") && same(table.get("backup"), table.get("owner")) {
            table.remove("backup");
        }
        if let Some(list) = table.get_mut("roles").and_then(Item::as_array_mut) {
            let mut roles = Vec::new();
            for role in list.iter().filter_map(Value::as_str) {
                let role = self.role(role)?;
                if !roles.contains(&role) {
                    roles.push(role);
                }
            }
            *list = roles.iter().map(RoleName::as_str).collect();
        }
        for slot in table.get_mut("slots").and_then(Item::as_array_mut).into_iter().flat_map(Array::iter_mut) {
            if let Some(slot) = slot.as_inline_table_mut() {
                self.slot(slot)?;
            }
        }
        Ok(())
    }

    fn slot(&mut self, slot: &mut InlineTable) -> Result<(), String> {
        if let Some(role) = slot.get("role").and_then(Value::as_str).map(str::to_owned) {
            slot.insert("role", self.role(&role)?.as_str().into());
        }
        Ok(())
    }

    /// The role of this name, or who does here what it would.
    fn role(&mut self, name: &str) -> Result<RoleName, String> {
        let (name, roles) = (RoleName::new(name), &self.workspace.roles);
        if roles.contains_key(&name) {
            return Ok(name);
        }
        let owner = self.workspace.services.get(&self.blanks.service).and_then(|one| one.owner.as_ref());
        let role = owner.or_else(|| roles.keys().next());
        let role = role.ok_or("nobody could do it: there are no roles in holdpoint.toml; declare one")?.clone();
        self.notes.insert(format!("there is no role {name}: {role} does what it would"));
        Ok(role)
    }

    /// A list with the signals of the service in place of a blank.
    fn signals(&self, list: &Array) -> Result<Array, String> {
        let mut all = Array::new();
        for text in list.iter().filter_map(Value::as_str) {
            match (text, &self.blanks.second) {
                ("@signals@", _) => all.extend(self.measured(&self.blanks.environment)?),
                ("@signals-of-second@", Some(second)) => all.extend(self.measured(second)?),
                (other, _) => all.push(other),
            }
        }
        Ok(all)
    }

    fn measured(&self, place: &EnvironmentName) -> Result<Vec<String>, String> {
        let service = &self.blanks.service;
        let there = self.workspace.signals.values();
        let there = there.filter(|s| s.service == *service && s.fail.is_some() && s.environments.contains(place));
        let names: Vec<_> = there.take(SIGNALS).map(|signal| format!("{}@{place}", signal.name)).collect();
        if names.is_empty() {
            let help = "declare one in signals.toml, with `fail`";
            return Err(format!("nothing is measured by which {service} could be watched in {place}; {help}"));
        }
        Ok(names)
    }
}

fn text(template: Template) -> &'static str {
    match template {
        Template::BlueGreen => include_str!("templates/runbooks/blue-green.toml"),
        Template::Canary => include_str!("templates/runbooks/canary.toml"),
        Template::Rolling => include_str!("templates/runbooks/rolling.toml"),
        Template::DatabaseExpandContract => include_str!("templates/runbooks/database-expand-contract.toml"),
        Template::MultiRegion => include_str!("templates/runbooks/multi-region.toml"),
        Template::Hotfix => include_str!("templates/runbooks/hotfix.toml"),
        Template::EmergencyChange => include_str!("templates/runbooks/emergency-change.toml"),
        Template::RestoreExercise => include_str!("templates/runbooks/restore-exercise.toml"),
        Template::RollbackDrill => include_str!("templates/runbooks/rollback-drill.toml"),
        Template::DisasterRecoveryDrill => include_str!("templates/runbooks/disaster-recovery-drill.toml"),
        Template::BatchPause => include_str!("templates/runbooks/batch-pause.toml"),
        Template::MessageSchema => include_str!("templates/runbooks/message-schema.toml"),
        Template::ThirdPartyCutover => include_str!("templates/runbooks/third-party-cutover.toml"),
    }
}
