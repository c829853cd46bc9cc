//! `theme`: list, check, import, show, use.
//!
//! It reads and writes the user's own directory and nothing of any workspace.

use super::args::Global;
use super::args::theme::ThemeVerb;
use super::outcome::{Ended, Exit, Failure};
use super::print;
use crate::config::Source;
use crate::domain::text::visible;
use crate::tui::theme::collection::{self, Entry, Read, is_scheme, name_of};
use crate::tui::theme::scheme::Scheme;
use crate::tui::theme::sight::{self, APART};
use crate::tui::theme::user::{Place, replace};
use crate::tui::theme::{BadTheme, Themes, color, file, repair, seen};
use serde_json::{Value, json};
use std::path::Path;

/// What is to be known of a theme before it is relied on.
struct Findings {
    name: String,
    repairs: Vec<String>,
    close: Vec<String>,
    unmeasured: bool,
}

/// Does what is asked of themes.
pub fn theme(global: &Global, verb: ThemeVerb) -> Ended {
    let place = Place::of_user();
    match verb {
        ThemeVerb::List => list(global, &place),
        ThemeVerb::Check { theme } => check(global, &place, theme.as_deref()),
        ThemeVerb::Import { file, name, replace } => import(&place, &file, name, replace),
        ThemeVerb::Show { theme } => {
            let read = one(&place, &theme).map_err(broken)?;
            let text = file::write(&read.styles, &format!("From the theme {}.", read.name));
            print::line(text.trim_end());
            Ok(Exit::Done)
        }
        ThemeVerb::Use { theme } => keep(&place, &theme),
    }
}

fn list(global: &Global, place: &Place) -> Ended {
    let themes = Themes::read(place.themes().as_deref(), None);
    let kept = place.kept().map_err(|problem| Failure::usage(problem.to_string()))?;
    let kept = kept.as_deref().unwrap_or(collection::DEFAULT);
    if global.json {
        let row =
            |e: &Entry| json!({ "name": e.name, "file": e.path, "kept": e.name == kept, "sound": e.read.is_ok() });
        print::json(&themes.0.iter().map(row).collect::<Vec<_>>());
        return Ok(Exit::Done);
    }
    let row = |e: &Entry| {
        let from = e.path.as_ref().map_or_else(|| "built in".to_owned(), |path| visible(&path.to_string_lossy()));
        let mistake = e.read.as_ref().err().map(|bad| bad.to_string()).unwrap_or_default();
        vec![if e.name == kept { "*" } else { "" }.to_owned(), e.name.clone(), from, mistake]
    };
    print::table(&themes.0.iter().map(row).collect::<Vec<_>>());
    Ok(Exit::Done)
}

fn check(global: &Global, place: &Place, asked: Option<&str>) -> Ended {
    let all: Vec<Result<Read, BadTheme>> = match asked {
        Some(asked) => vec![one(place, asked)],
        None => Themes::read(place.themes().as_deref(), None).0.into_iter().map(|entry| entry.read).collect(),
    };
    let (mut found, mut mistakes) = (Vec::new(), Vec::new());
    for read in all {
        match read {
            Ok(read) => found.push(findings(&read)),
            Err(bad) => mistakes.push(bad),
        }
    }
    if global.json {
        print::json(&json!({ "themes": found.iter().map(as_json).collect::<Vec<_>>(),
            "mistakes": mistakes.iter().map(|bad| &*bad.problem).collect::<Vec<_>>() }));
    } else {
        found.iter().flat_map(lines).for_each(|line| print::line(&line));
    }
    if !mistakes.is_empty() {
        return Err(Failure::usage(mistakes.iter().map(words).collect::<Vec<_>>().join("\n\n")));
    }
    let sound = found.iter().all(|f| f.repairs.is_empty() && f.close.is_empty());
    Ok(if sound { Exit::Done } else { Exit::Refused })
}

fn findings(read: &Read) -> Findings {
    // A built-in theme is used as it is; here it is looked at like any other.
    let (styles, mended) = repair::repaired(&read.styles);
    let close = sight::close(&styles).into_iter().map(|c| {
        let (one, other) = (c.one.name(), c.other.name());
        format!("{one} and {other} are {:.1} apart in {}, {APART} is needed", c.distance, c.sight.name())
    });
    let own = |role: &crate::tui::theme::Role| color::measured(seen(&styles, *role).0).is_none();
    Findings {
        name: read.name.clone(),
        repairs: read.repairs.iter().chain(&mended).map(ToString::to_string).collect(),
        close: close.collect(),
        unmeasured: crate::tui::theme::Role::ALL.iter().any(own),
    }
}

fn lines(found: &Findings) -> Vec<String> {
    let mut lines = Vec::new();
    lines.push(match (found.repairs.len(), found.close.len()) {
        (0, 0) => format!("{}: ok", found.name),
        (n, m) => format!("{}: {n} changed to be readable, {m} hard to tell apart by colour", found.name),
    });
    lines.extend(found.repairs.iter().map(|text| format!("  changed  {text}")));
    lines.extend(found.close.iter().map(|text| format!("  close    {text}")));
    if !found.close.is_empty() {
        lines.push("  Word and sign tell these states all the same.".to_owned());
    }
    if found.unmeasured {
        lines.push("  It uses the terminal's own colours, which cannot be measured from here.".to_owned());
    }
    lines
}

fn as_json(found: &Findings) -> Value {
    json!({ "name": found.name, "changed": found.repairs, "close": found.close, "unmeasured": found.unmeasured })
}

fn import(place: &Place, path: &Path, name: Option<String>, over: bool) -> Ended {
    if !is_scheme(path) {
        return Err(Failure::usage("cannot import: a scheme's file ends in .yaml or .yml"));
    }
    let shown = path.to_string_lossy();
    let source = Source::read(path, &shown).map_err(|problem| Failure::usage(problem.to_string()))?;
    let source =
        source.ok_or_else(|| Failure::usage(format!("cannot import {}: there is no such file", visible(&shown))))?;
    let scheme = Scheme::read(&source).map_err(|problem| Failure::usage(problem.to_string()))?;
    let name = name.unwrap_or_else(|| name_of(path));
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.starts_with('.') || !name.chars().all(letter) {
        return Err(Failure::usage(format!(
            "cannot import as {:?}: a theme's name is letters, digits, `-`, `_` and `.`; give --name NAME",
            visible(&name)
        )));
    }
    let dir = place.themes().ok_or_else(|| Failure::usage("cannot import: neither HOME nor XDG_CONFIG_HOME is set"))?;
    let to = dir.join(format!("{name}.toml"));
    let taken = ["toml", "yaml", "yml"].map(|ending| dir.join(format!("{name}.{ending}")));
    if let Some(taken) = taken.iter().find(|path| path.exists() && !over) {
        let taken = visible(&taken.to_string_lossy());
        return Err(Failure::failed(format!("{taken} is there already; give --replace, or another --name")));
    }
    let (styles, repairs) = repair::repaired(&scheme.styles());
    let title = visible(&scheme.title);
    let head = format!("From the scheme {title}.\n{} colours were changed to be readable.", repairs.len());
    let failed = |e: std::io::Error| Failure::failed(format!("cannot write {}: {e}", visible(&to.to_string_lossy())));
    std::fs::create_dir_all(&dir).map_err(failed)?;
    replace(&to, &file::write(&styles, &head)).map_err(failed)?;
    print::line(&visible(&to.to_string_lossy()));
    repairs.iter().for_each(|repair| print::words(&format!("changed  {repair}")));
    let close = findings(&Read { name: name.clone(), styles, repairs: Vec::new() }).close;
    close.iter().for_each(|close| print::words(&format!("close    {close}")));
    print::words(&format!("`holdpoint theme use {name}` keeps it; `:theme` on the screens shows it"));
    Ok(Exit::Done)
}

fn keep(place: &Place, name: &str) -> Ended {
    let read = collection::find(name, place.themes().as_deref()).map_err(broken)?;
    // A mistake in the settings is the user's to mend, not ours to write over.
    place.kept().map_err(|problem| Failure::usage(problem.to_string()))?;
    let path = place.keep(&read.name).map_err(|e| Failure::failed(format!("cannot keep theme {}: {e}", read.name)))?;
    print::line(&format!("theme {} is kept in {}", read.name, visible(&path.to_string_lossy())));
    Ok(Exit::Done)
}

/// A theme by its name, or by its file where the text has a slash or an ending.
fn one(place: &Place, asked: &str) -> Result<Read, BadTheme> {
    let path = Path::new(asked);
    match asked.contains('/') || is_scheme(path) || path.extension().is_some_and(|e| e == "toml") {
        true => collection::read_file(path),
        false => collection::find(asked, place.themes().as_deref()),
    }
}

fn words(bad: &BadTheme) -> String {
    bad.problem.to_string()
}

fn broken(bad: BadTheme) -> Failure {
    Failure::usage(words(&bad))
}
