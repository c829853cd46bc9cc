//! What a user keeps for all workspaces: the directory of themes, and which one is worn.
//!
//! One key of `config.toml` in the user's own directory; everything else in that
//! file is left as it is and to others.

use crate::config::{Problem, Source, user_dir};
use std::io;
use std::path::{Path, PathBuf};
use toml::de::DeTable;

/// The file of a user's own settings.
const FILE: &str = "config.toml";

/// Where a user's settings and themes lie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The directory; none when the user has no home.
    pub dir: Option<PathBuf>,
}

impl Place {
    /// The place of the user of this process.
    pub fn of_user() -> Self {
        Self { dir: user_dir() }
    }

    /// Where themes lie.
    pub fn themes(&self) -> Option<PathBuf> {
        Some(self.dir.as_ref()?.join("themes"))
    }

    /// The file of settings.
    pub fn file(&self) -> Option<PathBuf> {
        Some(self.dir.as_ref()?.join(FILE))
    }

    /// The theme that is kept for good, if one is.
    ///
    /// # Errors
    /// When the file has a mistake, with its place.
    pub fn kept(&self) -> Result<Option<String>, Box<Problem>> {
        let Some(path) = self.file() else { return Ok(None) };
        let Some(source) = Source::read(&path, &path.to_string_lossy())? else { return Ok(None) };
        let problem = |at: std::ops::Range<usize>, what: &str, help: Option<&str>| {
            Box::new(source.problem(at, what, help.map(str::to_owned)))
        };
        let table = DeTable::parse(&source.text).map_err(|e| problem(e.span().unwrap_or(0..0), e.message(), None))?;
        let Some(theme) = table.get_ref().get("theme") else { return Ok(None) };
        match theme.get_ref().as_str() {
            Some(name) => Ok(Some(name.to_owned())),
            None => Err(problem(theme.span(), "no name of a theme", Some("write theme = \"dark\""))),
        }
    }

    /// Keeps a theme for good and returns the file that says so.
    ///
    /// # Errors
    /// When there is no home, or the file cannot be written.
    pub fn keep(&self, name: &str) -> io::Result<PathBuf> {
        let nowhere = || io::Error::other("neither HOME nor XDG_CONFIG_HOME is set");
        let (dir, path) = (self.dir.as_ref().ok_or_else(nowhere)?, self.file().ok_or_else(nowhere)?);
        std::fs::create_dir_all(dir)?;
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(e),
        };
        replace(&path, &with_theme(&text, name))?;
        Ok(path)
    }
}

/// Writes a file whole: beside it first, then in its place.
///
/// # Errors
/// When the directory cannot be written.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("new~");
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, path)
}

/// The text with its `theme` line set; all other lines stay.
fn with_theme(text: &str, name: &str) -> String {
    let line = format!("theme = {name:?}");
    let is_theme = |line: &str| line.split_once('=').is_some_and(|(key, _)| key.trim() == "theme");
    let tables = text.lines().position(|line| line.trim_start().starts_with('['));
    let head = text.lines().take(tables.unwrap_or(usize::MAX));
    let mut lines: Vec<&str> = text.lines().collect();
    match head.enumerate().find(|(_, line)| is_theme(line)) {
        Some((at, _)) => {
            if let Some(old) = lines.get_mut(at) {
                *old = &line;
            }
        }
        None => lines.insert(0, &line),
    }
    lines.join("\n") + "\n"
}
