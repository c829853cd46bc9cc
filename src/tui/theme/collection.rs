//! All themes one has: those that ship inside, and the files of the user's own
//! directory, themes and schemes alike.
//!
//! A file of one's own stands for the built-in of its name. What has a mistake
//! stays in the list with it, so that it can be said where it is.

use super::file;
use super::repair::{Repair, repaired};
use super::scheme::Scheme;
use super::{BUILT_IN, BadTheme, Styles};
use crate::config::{Problem, Source};
use crate::domain::text::visible;
use std::path::{Path, PathBuf};

/// The theme when none is asked for.
pub const DEFAULT: &str = "terminal";
/// The most files that are read.
const MOST: usize = 500;
/// The largest file that is read, in bytes.
const LARGEST: usize = 64 * 1024;

/// A theme that could be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// Its name.
    pub name: String,
    /// The styles of all roles, readable.
    pub styles: Styles,
    /// What was changed to make them so.
    pub repairs: Vec<Repair>,
}

/// A theme of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its name: the file's without its ending.
    pub name: String,
    /// Its file; none when it ships inside.
    pub path: Option<PathBuf>,
    /// What it says, or why it cannot be used.
    pub read: Result<Read, BadTheme>,
}

/// All themes, built-in ones first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Themes(pub Vec<Entry>);

impl Themes {
    /// Reads what ships inside, every theme of a directory, and one file beside them.
    pub fn read(dir: Option<&Path>, also: Option<&Path>) -> Self {
        let own = files(dir).into_iter().chain(also.map(Path::to_path_buf));
        let own: Vec<_> =
            own.map(|path| Entry { name: name_of(&path), read: read_file(&path), path: Some(path) }).collect();
        let shadowed = |name: &str| own.iter().any(|entry| entry.name == name);
        let inside = BUILT_IN.iter().filter(|(name, _)| !shadowed(name));
        let inside = inside.map(|(name, _)| Entry { name: (*name).to_owned(), path: None, read: built_in(name) });
        let mut all: Vec<_> = inside.collect();
        for entry in own {
            if !all.iter().any(|known| known.name == entry.name) {
                all.push(entry);
            }
        }
        Self(all)
    }

    /// The theme of a name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.name == name)
    }
}

/// Reads one theme by its name, looking into the directory first.
///
/// # Errors
/// When there is none of that name, or it has a mistake.
pub fn find(name: &str, dir: Option<&Path>) -> Result<Read, BadTheme> {
    match files(dir).into_iter().find(|path| name_of(path) == name) {
        Some(path) => read_file(&path),
        None => built_in(name),
    }
}

/// Reads a built-in theme; they need no repair, a test holds that.
///
/// # Errors
/// When there is none of that name.
pub fn built_in(name: &str) -> Result<Read, BadTheme> {
    let bad = |problem| BadTheme { name: visible(name), problem };
    let Some((name, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) else {
        let known: Vec<_> = BUILT_IN.iter().map(|(name, _)| *name).collect();
        let help = format!("there are {} and the files of your themes directory", known.join(", "));
        return Err(bad(Box::new(Problem::of_file(name, "there is no theme of that name", Some(help)))));
    };
    let styles = file::read(&Source::new(&format!("themes/{name}.toml"), (*text).to_owned())).map_err(bad)?;
    Ok(Read { name: (*name).to_owned(), styles, repairs: Vec::new() })
}

/// Reads a theme, or a scheme where the name says so.
///
/// # Errors
/// When it has a mistake.
pub fn read(name: &str, source: &Source) -> Result<Read, BadTheme> {
    let bad = |problem| BadTheme { name: visible(name), problem };
    if source.text.len() > LARGEST {
        let what = format!("is larger than {} KiB", LARGEST / 1024);
        return Err(bad(Box::new(Problem::of_file(source.name.as_str(), what, None))));
    }
    let styles = match is_scheme(Path::new(&source.name)) {
        true => Scheme::read(source).map_err(bad)?.styles(),
        false => file::read(source).map_err(bad)?,
    };
    let (styles, repairs) = repaired(&styles);
    Ok(Read { name: visible(name), styles, repairs })
}

/// Reads the theme of a file.
///
/// # Errors
/// When it cannot be read or has a mistake.
pub fn read_file(path: &Path) -> Result<Read, BadTheme> {
    let (name, shown) = (name_of(path), path.to_string_lossy());
    let bad = |problem| BadTheme { name: name.clone(), problem };
    match Source::read(path, &shown).map_err(bad)? {
        Some(source) => read(&name, &source),
        None => Err(bad(Box::new(Problem::of_file(shown, "there is no such file", None)))),
    }
}

/// The name of a theme's file: its own without the ending, made harmless.
pub fn name_of(path: &Path) -> String {
    visible(&path.file_stem().unwrap_or_default().to_string_lossy())
}

/// Whether a file is a scheme by its ending.
pub fn is_scheme(path: &Path) -> bool {
    matches!(path.extension().and_then(|e| e.to_str()), Some("yaml" | "yml"))
}

/// The files of themes and schemes in a directory, in order of name.
pub(super) fn files(dir: Option<&Path>) -> Vec<PathBuf> {
    let Some(listed) = dir.and_then(|dir| std::fs::read_dir(dir).ok()) else { return Vec::new() };
    let theme = |path: &PathBuf| {
        let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        !hidden && (is_scheme(path) || path.extension().is_some_and(|e| e == "toml"))
    };
    let mut found: Vec<_> = listed.filter_map(|entry| Some(entry.ok()?.path())).filter(theme).take(MOST).collect();
    found.sort_unstable();
    found
}
