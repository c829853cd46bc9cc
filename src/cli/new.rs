//! `new`: a runbook from a template, with the workspace's own names in it.
//!
//! Five questions choose the template where none is named, and the reasons are written into the runbook. It is checked
//! as any other before it becomes a file, and never overwrites one.

use super::args::{ChangesWord, Global, NewArgs, SoonWord, TrafficWord, YesNo};
use super::context::{self, known};
use super::outcome::{Ended, Exit, Failure};
use super::print;
use crate::config::{self, Blanks};
use crate::domain::catalogue::{Service, Tier};
use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::strategy::{Answers, Template, fits};
use crate::domain::text::harmless;
use crate::domain::workspace::Workspace;
use crate::runtime::clock::now;
use clap::ValueEnum;
use std::io::{IsTerminal, Write};
use std::path::Path;

/// Makes a runbook, prints one, or lists the templates.
pub fn new(global: &Global, args: &NewArgs) -> Ended {
    if args.list {
        return list(global);
    }
    let root = context::root(global)?;
    let workspace = config::load(&root, now()).map_err(|problems| Failure::usage(problems.to_string()))?.workspace;
    let (template, why) = match &args.template {
        Some(name) => (named(name)?, Vec::new()),
        None => fits(answers(args)?),
    };
    let blanks = blanks(&workspace, args, why)?;
    let filled = config::fill(&workspace, template, &blanks).map_err(Failure::usage)?;
    let name = args.name.clone().unwrap_or_else(|| format!("{}-{}", template.name(), blanks.service));
    let checked = config::check_runbook(&root, &name, filled.text.clone(), now());
    let loaded = checked.map_err(|problems| Failure::usage(format!("nothing was written:\n{problems}")))?;
    blanks.why.iter().chain(&filled.notes).for_each(|note| print::words(note));
    loaded.warnings.iter().for_each(|warning| print::words(&format!("{warning}\n")));
    if args.print {
        print::line(filled.text.trim_end());
        return Ok(Exit::Done);
    }
    let file = format!("runbooks/{name}.toml");
    write(&root.join(&file), &filled.text).map_err(|e| Failure::failed(format!("cannot write {file}: {e}")))?;
    print::line(&file);
    let rehearse =
        if loaded.workspace.rehearsals.get(name.as_str()).is_some_and(Result::is_ok) { " --rehearse" } else { "" };
    print::words(&format!("read it through, then `holdpoint run start {name}{rehearse}`"));
    Ok(Exit::Done)
}

fn list(global: &Global) -> Ended {
    if global.json {
        let all = Template::ALL.map(|t| serde_json::json!({ "template": t.name(), "about": t.about() }));
        print::json(&all);
        return Ok(Exit::Done);
    }
    let rows: Vec<_> = Template::ALL.map(|t| vec![t.name().to_owned(), t.about().to_owned()]).into();
    print::table(&rows);
    Ok(Exit::Done)
}

fn named(name: &str) -> Result<Template, Failure> {
    let all = || Template::ALL.into_iter().map(Template::name);
    known(all().any(|known| known == name), "template", name, all())?;
    Template::ALL.into_iter().find(|t| t.name() == name).ok_or_else(|| Failure::usage(String::new()))
}

/// The answers of the command line; those that are missing are asked for where somebody can answer.
fn answers(args: &NewArgs) -> Result<Answers, Failure> {
    Ok(Answers {
        changes: asked::<ChangesWord>(args.changes, "changes", "What changes?")?.into(),
        soon: asked::<SoonWord>(args.soon, "soon", "How soon must it be out?")?.into(),
        side_by_side: asked::<YesNo>(args.side_by_side, "side-by-side", "Can old and new run side by side?")?.into(),
        traffic: asked::<TrafficWord>(args.traffic, "traffic", "How can traffic be given to a version?")?.into(),
        places: asked::<YesNo>(args.places, "places", "Is there more than one place?")?.into(),
    })
}

fn asked<T: ValueEnum>(given: Option<T>, flag: &str, question: &str) -> Result<T, Failure> {
    if let Some(given) = given {
        return Ok(given);
    }
    let all = T::value_variants();
    let words: Vec<_> = all.iter().filter_map(ValueEnum::to_possible_value).collect();
    let names = || words.iter().map(|word| word.get_name()).collect::<Vec<_>>().join("|");
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        let help = "name a template (`holdpoint new --list`), or answer what chooses one";
        return Err(Failure::usage(format!("which runbook? {help}: --{flag} {}: {question}", names())));
    }
    print::words(question);
    for (n, word) in (1..).zip(&words) {
        let help = word.get_help().map(ToString::to_string).unwrap_or_default();
        print::words(&format!("  {n} {:<10} {help}", word.get_name()));
    }
    loop {
        let mut typed = String::new();
        let read = stdin.read_line(&mut typed).map_err(|e| Failure::failed(format!("cannot read an answer: {e}")))?;
        if read == 0 {
            return Err(Failure::usage("nothing was written: not all was answered"));
        }
        let typed = typed.trim();
        let by_number = typed.parse::<usize>().ok().and_then(|n| all.get(n.checked_sub(1)?));
        match by_number.cloned().or_else(|| T::from_str(typed, true).ok()) {
            Some(answer) => return Ok(answer),
            None => print::words(&format!("type a number or one of {}", names())),
        }
    }
}

/// What stands in the blanks: what was given, else the only one there is.
fn blanks(workspace: &Workspace, args: &NewArgs, why: Vec<String>) -> Result<Blanks, Failure> {
    let services = &workspace.services;
    let names = || services.keys().map(ServiceName::as_str);
    let service = one("service", args.service.as_deref(), names().collect(), names().collect())?;
    let service = ServiceName::new(service);
    let declared = services.get(&service).ok_or_else(|| Failure::usage("there are no services"))?;
    let there: Vec<_> = declared.deployed_by.keys().map(EnvironmentName::as_str).collect();
    if harmless(&args.version) != args.version {
        return Err(Failure::usage(format!("--to {}: a version has no such characters", args.version)));
    }
    let real = productions(workspace, declared);
    let environment = one("env", args.env.as_deref(), there.clone(), real.clone())?;
    let mut others = real.iter().filter(|name| **name != environment);
    let only = others.next().filter(|_| others.next().is_none()).copied();
    let place = |flag: &str, given: &Option<String>, else_: Option<&str>| match given {
        Some(name) => {
            one(flag, Some(name.as_str()), there.clone(), Vec::new()).map(|name| Some(EnvironmentName::new(name)))
        }
        None => Ok(else_.map(EnvironmentName::new)),
    };
    Ok(Blanks {
        second: place("second", &args.second, only)?,
        staging: place("staging", &args.staging, before(workspace, declared))?,
        environment: EnvironmentName::new(environment),
        service,
        version: args.version.clone(),
        why,
    })
}

/// The one that was given, if it is known; else the only one that it can be.
fn one<'a>(flag: &str, given: Option<&'a str>, all: Vec<&'a str>, likely: Vec<&'a str>) -> Result<&'a str, Failure> {
    let noun = if flag == "service" { "service" } else { "environment of that service" };
    match (given, likely.as_slice()) {
        (Some(name), _) => known(all.contains(&name), noun, name, all.iter().copied()).map(|()| name),
        (None, [only]) => Ok(only),
        (None, []) => {
            Err(Failure::usage(format!("no {noun} is declared that this could be for; name one with --{flag}")))
        }
        (None, several) => Err(Failure::usage(format!("which one? --{flag} {}", several.join("|")))),
    }
}

fn productions<'a>(workspace: &'a Workspace, service: &'a Service) -> Vec<&'a str> {
    let real = |name: &EnvironmentName| workspace.environments.get(name).is_some_and(|e| e.tier == Tier::Production);
    service.deployed_by.keys().filter(|name| real(name)).map(EnvironmentName::as_str).collect()
}

/// The environment that comes last before production.
fn before<'a>(workspace: &'a Workspace, service: &'a Service) -> Option<&'a str> {
    let tier = |name: &EnvironmentName| workspace.environments.get(name).map(|environment| environment.tier);
    let earlier = service.deployed_by.keys().filter(|name| tier(name).is_some_and(|tier| tier < Tier::Production));
    earlier.max_by_key(|name| tier(name)).map(EnvironmentName::as_str)
}

/// Writes a file that must not be there yet.
pub fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::File::create_new(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half of a runbook is worse than none, and would be in the way of the next try.
        let _ = std::fs::remove_file(path);
    }
    written
}
