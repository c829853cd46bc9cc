//! `import`: a plan that is kept elsewhere, as a runbook.
//!
//! How the file was understood is always shown; a runbook is written only when that was asked for, is checked as any
//! other before, and never overwrites one.

use super::args::{Global, ImportArgs};
use super::context;
use super::new::write;
use super::outcome::{Ended, Exit, Failure};
use super::print;
use crate::config::import::{self, Field, Imported, LIMIT, Told};
use crate::config::{self, Problems};
use crate::runtime::clock::now;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Imports a file.
pub fn import(global: &Global, args: &ImportArgs) -> Ended {
    let root = context::root(global)?;
    let broken = |problems: Problems| Failure::usage(problems.to_string());
    let workspace = config::load(&root, now()).map_err(broken)?.workspace;
    let imported = import::import(&workspace, &read(&args.file)?, &told(args)?).map_err(broken)?;
    let stem = args.file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let name = args.name.clone().unwrap_or_else(|| import::runbook_name(&stem));
    understood(&imported);
    let checked = config::check_runbook(&root, &name, imported.text.clone(), now());
    let loaded = checked.map_err(|problems| Failure::usage(format!("nothing was written:\n{problems}")))?;
    loaded.warnings.iter().for_each(|warning| print::words(&format!("{warning}\n")));
    let file = format!("runbooks/{name}.toml");
    if !args.write {
        print::line(imported.text.trim_end());
        print::words(&format!("nothing was written; `--write` makes {file}"));
        return Ok(Exit::Done);
    }
    write(&root.join(&file), &imported.text).map_err(|e| Failure::failed(format!("cannot write {file}: {e}")))?;
    print::line(&file);
    print::words(&format!(
        "{} steps, each a person's; read it through, then `holdpoint run start {name}`",
        imported.steps
    ));
    Ok(Exit::Done)
}

/// How the columns were understood, and the rest.
fn understood(imported: &Imported) {
    let heads = imported.columns.iter().filter(|(head, _)| !head.is_empty());
    for (head, field) in heads {
        let is = field.map_or("kept in the instructions, or left out with `--drop`", Field::name);
        print::words(&format!("column {head:?}: {is}"));
    }
    imported.notes.iter().for_each(|note| print::words(note));
}

fn read(path: &Path) -> Result<String, Failure> {
    let failed = |e: std::io::Error| Failure::usage(format!("cannot read {}: {e}", path.display()));
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(LIMIT + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LIMIT {
        return Err(Failure::usage(format!("{} is larger than {} MiB", path.display(), LIMIT >> 20)));
    }
    String::from_utf8(bytes).map_err(|e| {
        let line = e.as_bytes().iter().take(e.utf8_error().valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
        Failure::usage(format!("{}:{line}: this is no UTF-8; save it as \"CSV UTF-8\"", path.display()))
    })
}

fn told(args: &ImportArgs) -> Result<Told, Failure> {
    let file = args.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut told = Told { file, dropped: args.dropped.clone(), ..Told::default() };
    for (head, what) in pairs("--column", &args.columns)? {
        let all = Field::ALL.map(Field::name).join(", ");
        let field = Field::named(&what);
        let unknown = || Failure::usage(format!("--column {head}={what}: a column is one of {all}"));
        told.columns.insert(head.clone(), field.ok_or_else(unknown)?);
    }
    told.roles = pairs("--role", &args.roles)?.into_iter().collect();
    told.zone = args.zone.clone().unwrap_or_default();
    told.day_first = match (args.day_first, args.month_first) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    };
    Ok(told)
}

fn pairs(flag: &str, given: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let pair = |text: &String| {
        let wrong = || Failure::usage(format!("{flag} {text}: write what stands there, `=`, and what it means"));
        text.rsplit_once('=').map(|(a, b)| (a.trim().to_owned(), b.trim().to_owned())).ok_or_else(wrong)
    };
    given.iter().map(pair).collect()
}
