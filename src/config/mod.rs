//! The workspace's files: read, checked and resolved in one go.
//!
//! Shapes are checked against the schemas that `holdpoint schema` prints,
//! references against each other. Every mistake of every file is reported with
//! its place; a workspace with mistakes is none.

mod calendar;
mod doc;
mod graph;
mod init;
mod people;
mod problem;
mod raw;
mod runbook;
mod services;
mod shape;
mod time;
mod tree;

pub use init::{init, new_id, renew_id};
pub use problem::{Problem, Problems};
pub use time::instant;

use crate::domain::Timestamp;
use crate::domain::workspace::Workspace;
use doc::Doc;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The file that makes a directory a workspace.
pub const FILE: &str = "holdpoint.toml";

/// A workspace that was read, and what is unwise in it.
pub struct Loaded {
    /// Everything that people declared.
    pub workspace: Workspace,
    /// What is no mistake and yet unwise.
    pub warnings: Vec<Problem>,
}

/// Finds the workspace at or above a directory.
pub fn find(start: &Path) -> Option<PathBuf> {
    let start = start.canonicalize().ok()?;
    start.ancestors().find(|dir| dir.join(FILE).is_file()).map(Path::to_owned)
}

/// Reads the whole workspace.
pub fn load(root: &Path, now: Timestamp) -> Result<Loaded, Problems> {
    let (loaded, mut problems) = read(root, now);
    if problems.is_empty() {
        return Ok(loaded);
    }
    problems.sort();
    problems.dedup();
    Err(Problems(problems))
}

/// Reads the whole workspace and reports what is wrong with one file of it.
pub fn check_file(root: &Path, file: &Path, now: Timestamp) -> Result<Loaded, Problems> {
    let full = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let name = full.strip_prefix(root).unwrap_or(file).display().to_string();
    let (loaded, mut problems) = read(root, now);
    problems.retain(|p| p.file == name);
    problems.sort();
    if problems.is_empty() { Ok(loaded) } else { Err(Problems(problems)) }
}

fn read(root: &Path, now: Timestamp) -> (Loaded, Vec<Problem>) {
    let (mut docs, mut warnings) = (Vec::new(), Vec::new());
    let main = Doc::open(root, &root.join(FILE));
    let mut workspace = match main.parse() {
        Some(file) => people::resolve(&main, file, root, &mut warnings),
        None => Workspace { root: root.to_owned(), ..Workspace::default() },
    };
    // Without the main file every reference would be wrong: its own mistakes are enough.
    let sound = main.sound();
    docs.push(main);
    if sound {
        let here = |name: &str| Some(root.join(name)).filter(|p| p.exists());
        if let Some(path) = here("services.toml") {
            let doc = Doc::open(root, &path);
            doc.parse().into_iter().for_each(|file| services::services(&doc, file, &mut workspace));
            docs.push(doc);
        }
        if let Some(path) = here("signals.toml") {
            let doc = Doc::open(root, &path);
            doc.parse().into_iter().for_each(|file| services::signals(&doc, file, &mut workspace));
            docs.push(doc);
        }
        workspace.calendar.until = Some(now + calendar::horizon().delta());
        for path in toml_files(&root.join("calendar")) {
            let doc = Doc::open(root, &path);
            doc.parse().into_iter().for_each(|file| calendar::resolve(&doc, file, &mut workspace, now));
            docs.push(doc);
        }
        runbooks(root, &mut workspace, &mut docs);
    }
    let problems = docs.iter().flat_map(Doc::take).collect();
    (Loaded { workspace, warnings }, problems)
}

fn runbooks(root: &Path, workspace: &mut Workspace, docs: &mut Vec<Doc>) {
    let files = toml_files(&root.join("runbooks"));
    let name = |path: &Path| path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let names: Vec<String> = files.iter().map(|p| name(p)).collect();
    for path in &files {
        let doc = Doc::open(root, path);
        let name = name(path);
        let plan = doc.parse().and_then(|file| runbook::resolve(&doc, &name, &file, workspace, &names));
        plan.into_iter().for_each(|plan| drop(workspace.runbooks.insert(plan.runbook.clone(), plan)));
        docs.push(doc);
    }
    let known = &workspace.calendar.releases;
    let missing = known.iter().filter_map(|r| r.runbook.as_ref()).find(|r| !names.iter().any(|n| n == r.as_str()));
    if let (Some(missing), Some(doc)) = (missing, docs.first()) {
        let help = problem::suggest(missing.as_str(), names.iter().map(String::as_str));
        doc.say_with(
            &[],
            format!("a release of the calendar names the runbook `{missing}`, which does not exist"),
            help,
        );
    }
}

/// The TOML files of a directory, by name; none when there is no such directory.
fn toml_files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path());
    let mut files: Vec<_> = entries.filter(|p| p.extension().is_some_and(|e| e == "toml")).collect();
    files.sort();
    files
}

/// The JSON Schemas of all files, by the name that `holdpoint schema` takes.
pub fn schema() -> BTreeMap<&'static str, serde_json::Value> {
    [
        ("workspace", schemars::schema_for!(raw::workspace::File).to_value()),
        ("services", schemars::schema_for!(raw::services::File).to_value()),
        ("signals", schemars::schema_for!(raw::signals::File).to_value()),
        ("calendar", schemars::schema_for!(raw::calendar::File).to_value()),
        ("runbook", schemars::schema_for!(raw::runbook::File).to_value()),
    ]
    .into()
}

/// Where the state lies: the shared directory, or the user's own named by the workspace's id.
pub fn state_dir(workspace: &Workspace) -> Option<PathBuf> {
    if let Some(shared) = &workspace.state_dir {
        return Some(shared.clone());
    }
    let base = directories::BaseDirs::new()?;
    Some(base.state_dir()?.join("holdpoint").join(&workspace.id))
}
