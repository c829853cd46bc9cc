//! A workspace directory as one value, or every mistake in it.
//!
//! Files are read in the order in which they refer to each other. A file with
//! mistakes is left out, and the others are checked as far as they can be.

use super::findings::Findings;
use super::names::{Names, Noun};
use super::parse::{Parsed, parse};
use super::problem::{Problem, Problems};
use super::raw::{Filed, calendar::CalendarFile, policy::PolicyFile, runbook::RunbookFile, services::ServicesFile};
use super::raw::{signals::SignalsFile, workspace::WorkspaceFile};
use super::read::calendar::{Horizon, Seen};
use super::read::{self, Reading, order::Book};
use super::source::Source;
use super::{FILE, schema};
use crate::domain::Timestamp;
use crate::domain::name::RunbookName;
use crate::domain::workspace::Workspace;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A workspace that may be used, and what is doubtful in it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Everything that was declared.
    pub workspace: Workspace,
    /// What is allowed and probably not meant.
    pub warnings: Vec<Problem>,
}

/// Reads the workspace in `root`; the calendar is expanded around `now`.
///
/// # Errors
/// Every mistake of every file, the first hundred of them with their places.
pub fn load(root: &Path, now: Timestamp) -> Result<Loaded, Problems> {
    let mut found = Findings::default();
    let workspace = Files::read(root, &[], &mut found).resolve(now, &mut found);
    finish(workspace, found, None)
}

/// Checks one file within its workspace; mistakes of other files are left out.
/// A TOML file that is not part of the workspace is checked as a runbook of it.
///
/// # Errors
/// Every mistake of the file.
pub fn check_file(root: &Path, path: &Path, now: Timestamp) -> Result<Loaded, Problems> {
    let mut found = Findings::default();
    let name = own_name(root, path);
    let extra = match &name {
        Some(_) => Vec::new(),
        None => vec![path.to_path_buf()],
    };
    let name = name.unwrap_or_else(|| crate::domain::text::visible(&path.to_string_lossy()));
    if !path.exists() {
        found.whole(Problem::of_file(&name, "there is no such file", None));
    }
    let workspace = Files::read(root, &extra, &mut found).resolve(now, &mut found);
    finish(workspace, found, Some(&name))
}

/// Checks a text as a runbook of the workspace, in place of the one of that name if there is one.
///
/// # Errors
/// Every mistake of the text.
pub fn check_runbook(root: &Path, name: &str, text: String, now: Timestamp) -> Result<Loaded, Problems> {
    let mut found = Findings::default();
    let mut files = Files::read(root, &[], &mut found);
    if let Err(wrong) = super::words::check("name", name, "") {
        return Err(Problems(vec![Problem::of_file(name, wrong.what, wrong.help)]));
    }
    let file = Source::new(&format!("runbooks/{name}.toml"), text);
    let (shown, here) = (file.name.clone(), files.workspace.raw.as_ref().map(|raw| raw.workspace.zone.0.clone()));
    let parsed = parse(file, &schema::of::<RunbookFile>(), &here.unwrap_or_default(), &mut found);
    files.runbooks.retain(|(other, _)| other != name);
    files.runbooks.push((name.to_owned(), parsed));
    let workspace = files.resolve(now, &mut found);
    finish(workspace, found, Some(&shown))
}

fn finish(workspace: Workspace, found: Findings, only: Option<&str>) -> Result<Loaded, Problems> {
    let (problems, warnings) = found.finish(only);
    if problems.0.is_empty() { Ok(Loaded { workspace, warnings }) } else { Err(problems) }
}

/// The name by which a file is part of the workspace, if it is.
fn own_name(root: &Path, path: &Path) -> Option<String> {
    let (root, path) = (std::fs::canonicalize(root).ok()?, std::fs::canonicalize(path).ok()?);
    let inside = path.strip_prefix(root).ok()?;
    let parts: Vec<String> = inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let toml = |name: &str| name.ends_with(".toml") && !name.starts_with('.');
    match parts.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [FILE | "services.toml" | "signals.toml"] => Some(parts.concat()),
        ["calendar", name] if name.ends_with(read::feed::ENDS) => Some(crate::domain::text::visible(&parts.join("/"))),
        ["calendar" | "policy" | "runbooks", name] if toml(name) => {
            Some(crate::domain::text::visible(&parts.join("/")))
        }
        _ => None,
    }
}

/// All files, each as far as it could be read by itself.
struct Files {
    root: PathBuf,
    workspace: Parsed<WorkspaceFile>,
    services: Parsed<ServicesFile>,
    signals: Parsed<SignalsFile>,
    calendar: Vec<Parsed<CalendarFile>>,
    policy: Vec<Parsed<PolicyFile>>,
    runbooks: Vec<(String, Parsed<RunbookFile>)>,
}

impl Files {
    fn read(root: &Path, extra: &[PathBuf], found: &mut Findings) -> Self {
        let mut one = Reader { root, here: String::new(), found };
        let workspace = one.required::<WorkspaceFile>(FILE);
        one.here = workspace.raw.as_ref().map(|raw| raw.workspace.zone.0.clone()).unwrap_or_default();
        let calendar: Vec<_> = one.folder::<CalendarFile>("calendar").into_iter().map(|(_, parsed)| parsed).collect();
        one.unread(&calendar);
        let policy: Vec<_> = one.folder::<PolicyFile>("policy").into_iter().map(|(_, parsed)| parsed).collect();
        let mut runbooks = one.folder::<RunbookFile>("runbooks");
        for path in extra {
            let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            runbooks.retain(|(other, _)| *other != name);
            let parsed = one.file(path, &path.to_string_lossy(), &schema::of::<RunbookFile>());
            runbooks.extend(parsed.map(|parsed| (name, parsed)));
        }
        Self {
            root: root.to_path_buf(),
            services: one.optional("services.toml"),
            signals: one.optional("signals.toml"),
            workspace,
            calendar,
            policy,
            runbooks,
        }
    }

    /// The names that the files declare.
    fn names(&self) -> Names {
        let mut names = Names::default();
        names.take(Noun::Person, &self.workspace, "people");
        names.take(Noun::Role, &self.workspace, "roles");
        names.take(Noun::Environment, &self.workspace, "environments");
        names.take(Noun::Backend, &self.workspace, "backends");
        names.add(Noun::Backend, ["files".to_owned()], true);
        names.take(Noun::Service, &self.services, "services");
        names.take(Noun::Signal, &self.signals, "signals");
        names.take(Noun::Slo, &self.signals, "slos");
        names.add(Noun::Policy, [], true);
        for file in &self.policy {
            names.take(Noun::Policy, file, "rules");
        }
        names.add(Noun::Release, [], true);
        names.add(Noun::Runbook, [], true);
        for file in &self.calendar {
            names.take(Noun::Release, file, "releases");
        }
        for (name, file) in &self.runbooks {
            names.add(Noun::Runbook, [name.clone()], true);
            names.add_steps(name, file.declared.get("steps").cloned().unwrap_or_default(), file.complete);
        }
        names
    }

    /// Looks everything up and puts it together.
    fn resolve(&self, now: Timestamp, found: &mut Findings) -> Workspace {
        let names = self.names();
        let mut so_far = Workspace { root: self.root.clone(), ..Workspace::default() };
        if let Some(raw) = &self.workspace.raw {
            let mut r = Reading { file: &self.workspace.file, names: &names, workspace: &so_far, found };
            so_far = read::workspace::workspace(&mut r, raw);
        }
        if let Some(raw) = &self.services.raw {
            let mut r = Reading { file: &self.services.file, names: &names, workspace: &so_far, found };
            so_far.services = read::services::services(&mut r, raw);
            so_far.ways = read::services::ways(raw);
        }
        so_far.read = now;
        // Before the signals: an artefact is held to what a release names.
        self.calendar(&names, &mut so_far, now, found);
        if let Some(raw) = &self.signals.raw {
            let mut r = Reading { file: &self.signals.file, names: &names, workspace: &so_far, found };
            so_far.signals = read::signals::signals(&mut r, raw);
            let mut r = Reading { file: &self.signals.file, names: &names, workspace: &so_far, found };
            let slos = read::slos::slos(&mut r, raw, &so_far.signals);
            so_far.slos = slos;
        }
        self.policy(&names, &mut so_far, found);
        self.runbooks(&names, &mut so_far, found);
        so_far
    }

    fn calendar(&self, names: &Names, so_far: &mut Workspace, now: Timestamp, found: &mut Findings) {
        let (horizon, mut seen) = (Horizon::around(now), Seen::default());
        for file in &self.calendar {
            if let Some(raw) = &file.raw {
                let mut r = Reading { file: &file.file, names, workspace: so_far, found };
                let read = read::calendar::calendar(&mut r, raw, horizon, &mut seen);
                so_far.calendar.releases.extend(read.releases);
                so_far.calendar.events.extend(read.events);
                so_far.backends.extend(read.feeds.into_iter().map(|feed| (feed.name.clone(), feed)));
            }
        }
        so_far.calendar.releases.sort_by_key(|release| release.starts);
        so_far.calendar.until = Some(horizon.to);
    }

    /// Rules of all files first, because they name each other.
    fn policy(&self, names: &Names, so_far: &mut Workspace, found: &mut Findings) {
        let mut rules = read::policy::SoFar::default();
        let files = || self.policy.iter().filter_map(|file| Some((&file.file, file.raw.as_ref()?)));
        for (file, raw) in files() {
            read::policy::rules(&mut Reading { file, names, workspace: so_far, found }, raw, &mut rules);
        }
        let mut tests = Vec::new();
        for (file, raw) in files() {
            let mut r = Reading { file, names, workspace: so_far, found };
            read::policy::beside(&mut r, raw, &rules);
            tests.extend(read::policy::tests(&mut r, raw));
        }
        (so_far.policy, so_far.policy_tests) = (rules.finish(), tests);
    }

    fn runbooks(&self, names: &Names, so_far: &mut Workspace, found: &mut Findings) {
        let books: Vec<Book<'_>> = self
            .runbooks
            .iter()
            .filter_map(|(name, parsed)| Some(Book { name, file: &parsed.file, raw: parsed.raw.as_ref()? }))
            .collect();
        let (mut plans, mut rehearsals) = (BTreeMap::new(), BTreeMap::new());
        for book in &books {
            let name = RunbookName::new(book.name);
            let mut r = Reading { file: book.file, names, workspace: so_far, found };
            let plan = read::runbook::runbook(&mut r, &name, book.raw);
            rehearsals.insert(name.clone(), read::rehearsal::rehearsal(&r, book.raw, &plan));
            plans.insert(name, plan);
        }
        read::order::order(&books, names, so_far, found);
        (so_far.runbooks, so_far.rehearsals) = (plans, rehearsals);
    }
}

/// Reads files one by one; what cannot be read is noted.
struct Reader<'a> {
    root: &'a Path,
    here: String,
    found: &'a mut Findings,
}

impl Reader<'_> {
    fn file<T: DeserializeOwned>(&mut self, path: &Path, name: &str, schema: &serde_json::Value) -> Option<Parsed<T>> {
        match Source::read(path, name) {
            Ok(Some(file)) => Some(parse(file, schema, &self.here, self.found)),
            Ok(None) => None,
            Err(problem) => {
                self.found.whole(*problem);
                let file = Source::new(name, String::new());
                Some(Parsed { file, raw: None, declared: Default::default(), complete: false })
            }
        }
    }

    fn required<T: DeserializeOwned + Filed>(&mut self, name: &str) -> Parsed<T> {
        let path = self.root.join(name);
        self.file(&path, name, &schema::of::<T>()).unwrap_or_else(|| {
            let help = Some("`holdpoint init` writes a workspace to grow".to_owned());
            self.found.whole(Problem::of_file(name, "there is no such file", help));
            Parsed { file: Source::new(name, String::new()), raw: None, declared: Default::default(), complete: false }
        })
    }

    fn optional<T: DeserializeOwned + Filed + Default>(&mut self, name: &str) -> Parsed<T> {
        let path = self.root.join(name);
        self.file(&path, name, &schema::of::<T>()).unwrap_or_else(|| Parsed {
            file: Source::new(name, String::new()),
            raw: Some(T::default()),
            declared: Default::default(),
            complete: true,
        })
    }

    /// Every TOML file of a folder in order of name, each with its name without `.toml`.
    fn folder<T: DeserializeOwned + Filed>(&mut self, folder: &str) -> Vec<(String, Parsed<T>)> {
        let schema = schema::of::<T>();
        let mut all = Vec::new();
        for file in self.listed(folder, ".toml") {
            let shown = format!("{folder}/{file}");
            let stem = file.trim_end_matches(".toml").to_owned();
            if let Err(wrong) = super::words::check("name", &stem, "") {
                self.found.whole(Problem::of_file(shown.clone(), wrong.what, wrong.help));
            }
            let path = self.root.join(folder).join(&file);
            all.extend(self.file(&path, &shown, &schema).map(|parsed| (stem, parsed)));
        }
        all
    }

    /// Says which files of others lie in the calendar and are read by no feed.
    fn unread(&mut self, calendar: &[Parsed<CalendarFile>]) {
        let files = calendar.iter().filter_map(|file| file.raw.as_ref());
        let named: BTreeSet<&str> = files
            .flat_map(|raw| raw.feeds.0.iter().filter_map(|(_, feed)| feed.file.as_ref()?.value.as_str().into()))
            .collect();
        // A file with mistakes may name it.
        if calendar.iter().all(|file| file.raw.is_some()) {
            for file in self.listed("calendar", read::feed::ENDS).iter().filter(|file| !named.contains(file.as_str())) {
                let help = "say what its events are: [feeds.NAME] with `file` and `kind`";
                let shown = Source::new(&format!("calendar/{file}"), String::new());
                self.found.warning(&shown, &(0..0), "no feed reads this file", Some(help.to_owned()));
            }
        }
    }

    fn listed(&mut self, folder: &str, ends: &str) -> Vec<String> {
        let entries = match std::fs::read_dir(self.root.join(folder)) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
            Err(e) => {
                self.found.whole(Problem::of_file(folder, format!("cannot be listed: {e}"), None));
                return Vec::new();
            }
        };
        let mut names = Vec::new();
        for entry in entries.flatten() {
            match entry.file_name().into_string() {
                Ok(name) if name.ends_with(ends) && !name.starts_with('.') => names.push(name),
                Ok(_) => {}
                Err(name) => {
                    let shown = format!("{folder}/{}", name.to_string_lossy());
                    self.found.whole(Problem::of_file(shown, "its name is not UTF-8", Some("rename it".to_owned())));
                }
            }
        }
        names.sort_unstable();
        names
    }
}
