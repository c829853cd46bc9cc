//! Tasks as the text of a runbook, and what was made of the file, in words.
//!
//! A text with braces is filled in a runbook, so a variable of the same name gives them back.

use super::Told;
use super::columns::Field;
use super::sheet::Table;
use super::tasks::{Task, Tasks, mended};
use crate::domain::Timestamp;
use crate::domain::name::RoleName;
use crate::domain::plan::At;
use crate::domain::span::Span;
use crate::domain::template;
use crate::domain::workspace::Workspace;
use std::collections::{BTreeMap, BTreeSet};
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table as Toml, Value, value};

/// A file as a runbook.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The runbook's text.
    pub text: String,
    /// How the columns were understood: the head, and what it is.
    pub columns: Vec<(String, Option<Field>)>,
    /// How the rest was understood, in words.
    pub notes: Vec<String>,
    /// How many steps it has.
    pub steps: usize,
}

/// Writes tasks as a runbook.
pub fn of(workspace: &Workspace, table: &Table, tasks: Tasks, told: &Told, zone: &str) -> Imported {
    let mut writing = Writing { workspace, told, vars: BTreeSet::new(), unknown: BTreeMap::new(), notes: Vec::new() };
    let first =
        tasks.all.iter().filter_map(|task| if let Some(At::Instant(at)) = task.at { Some(at) } else { None }).min();
    let steps: ArrayOfTables = tasks.all.iter().map(|task| writing.step(task, first)).collect();
    let count = steps.len();
    let title = if table.title.is_empty() { stem(&told.file) } else { table.title.clone() };
    let mut document = DocumentMut::new();
    document.insert("title", writing.text(&one_line(&title).0));
    if let Some(first) = first {
        let t0 = first.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        writing
            .notes
            .push(format!("times are those of {zone}; the first is T0, {t0}, and the others are counted from it"));
        document.insert("t0", value(t0));
    }
    if !writing.vars.is_empty() {
        // What stands in braces is filled in a runbook; here it stands for itself.
        let vars = writing.vars.iter().map(|name| (name.as_str(), value(format!("{{{name}}}"))));
        document.insert("vars", Item::Table(vars.collect()));
    }
    document.insert("steps", Item::ArrayOfTables(steps));
    if tasks.in_order {
        writing.notes.push("nothing says what waits for what: each step waits for the one before".to_owned());
    }
    for line in &tasks.headings {
        writing.notes.push(format!("line {line} has nothing but a title: it names the phase of those below"));
    }
    for (role, n) in &writing.unknown {
        let steps = if *n == 1 { "1 step".to_owned() } else { format!("{n} steps") };
        let help = format!("declare it, or say whom it means with `--role '{role}=ROLE'`");
        writing.notes.push(format!("there is no role for {role:?}: it stays in the instructions of {steps}; {help}"));
    }
    let text = format!("# Imported from {}. Every step is a person's.\n{document}", one_line(&told.file).0);
    Imported { text, columns: table.heads.clone(), notes: writing.notes, steps: count }
}

fn stem(file: &str) -> String {
    file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_owned()
}

/// The first line, and what stands below it.
fn one_line(text: &str) -> (String, String) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    (first.trim().to_owned(), rest.trim().to_owned())
}

struct Writing<'a> {
    workspace: &'a Workspace,
    told: &'a Told,
    vars: BTreeSet<String>,
    unknown: BTreeMap<String, usize>,
    notes: Vec<String>,
}

impl Writing<'_> {
    fn text(&mut self, text: &str) -> Item {
        self.vars.extend(template::placeholders(text).into_iter().map(str::to_owned));
        value(text)
    }

    fn step(&mut self, task: &Task, first: Option<Timestamp>) -> Toml {
        let get = |field: Field| task.texts.get(&field).map(String::as_str).unwrap_or_default();
        let (title, below) = one_line(get(Field::Title));
        let mut more = Vec::new();
        let owner = self.role(get(Field::Owner), "Owner", &mut more);
        let kind = kind(get(Field::Kind), owner.is_some(), &mut more);
        let mut step = Toml::new();
        step.insert("id", value(task.id.as_str()));
        step.insert("title", self.text(&title));
        step.insert("kind", value(kind));
        for (key, field) in [("phase", Field::Phase), ("stream", Field::Stream)] {
            let text = get(field).replace('\n', " ");
            if !text.is_empty() {
                step.insert(key, value(text));
            }
        }
        if !task.needs.is_empty() {
            let needs: Array = task.needs.iter().map(String::as_str).collect();
            step.insert("needs", value(needs));
        }
        if let (Some(role), "hold") = (&owner, kind) {
            step.insert("roles", value(Array::from_iter([role.as_str()])));
        } else if let Some(role) = &owner {
            step.insert("owner", value(role.as_str()));
        }
        if let Some(role) = self.role(get(Field::Backup), "Backup", &mut more) {
            step.insert("backup", value(role.as_str()));
        }
        if let Some(at) = task.at {
            step.insert("at", value(offset(at, first)));
        }
        if let Some(takes) = task.takes {
            step.insert("takes", value(takes.to_text()));
        }
        more.extend(task.others.iter().map(|(head, text)| format!("{head}: {text}")));
        let all = [below.as_str(), get(Field::Instructions)].into_iter().chain(more.iter().map(String::as_str));
        let all = all.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
        let texts = [
            ("instructions", all.as_str()),
            ("expect", get(Field::Expect)),
            ("evidence", get(Field::Evidence)),
            ("undo", get(Field::Undo)),
        ];
        for (key, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
            let item = if key == "evidence" { value(text) } else { self.text(text) };
            step.insert(key, item);
        }
        step
    }

    /// The role that a cell means; what means none is kept in words.
    fn role(&mut self, cell: &str, what: &str, more: &mut Vec<String>) -> Option<RoleName> {
        if cell.is_empty() {
            return None;
        }
        let given = self.told.roles.iter().find(|(name, _)| name.trim().eq_ignore_ascii_case(cell));
        let name = given.map_or_else(|| mended(cell).to_lowercase(), |(_, role)| role.clone());
        let role = RoleName::new(&name);
        if self.workspace.roles.contains_key(&role) {
            return Some(role);
        }
        *self.unknown.entry(cell.to_owned()).or_default() += 1;
        more.push(format!("{what}: {cell}"));
        None
    }
}

/// The kind of a step that waits for people; what is none of these is kept in words.
fn kind(cell: &str, owned: bool, more: &mut Vec<String>) -> &'static str {
    match cell.to_lowercase().as_str() {
        "" | "manual" | "task" => "manual",
        "milestone" => "milestone",
        "hold" | "hold point" | "go/no-go" | "go/no go" | "gate" | "checkpoint" if owned => "hold",
        _ => {
            more.push(format!("Type: {cell}"));
            "manual"
        }
    }
}

fn offset(at: At, first: Option<Timestamp>) -> Value {
    let millis = match (at, first) {
        (At::Offset(millis), _) => millis,
        (At::Instant(at), first) => (at - first.unwrap_or(at)).num_milliseconds(),
    };
    let sign = if millis < 0 { '-' } else { '+' };
    format!("T{sign}{}", Span::millis(millis.unsigned_abs()).to_text()).into()
}
