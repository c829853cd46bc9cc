//! How a user wants to be called: `[attention]` in `config.toml` of their own
//! directory.
//!
//! It reads that one table; everything else in the file is others'.

use crate::config::{Problem, Source};
use crate::tui::theme::user::Place;
use chrono::NaiveTime;
use std::ops::Range;
use toml::de::DeTable;

/// How a user wants to be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether the bell rings.
    pub bell: bool,
    /// Whether the terminal is asked for a notification (OSC 9).
    pub notify: bool,
    /// When neither happens, but for a tripped trigger.
    pub quiet: Option<Hours>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { bell: true, notify: true, quiet: None }
    }
}

/// Hours of the day in the workspace's zone, perhaps past midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours(NaiveTime, NaiveTime);

impl Hours {
    /// Reads `22:00-07:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        Some(Self(time(from)?, time(to)?))
    }

    /// Whether a time of the day is among them.
    pub fn hold(&self, at: NaiveTime) -> bool {
        let Self(from, to) = *self;
        if from <= to { from <= at && at < to } else { at >= from || at < to }
    }
}

/// Reads a user's settings; the usual ones where there are none.
///
/// # Errors
/// When the table has a mistake, with its place.
pub fn read(place: &Place) -> Result<Settings, Box<Problem>> {
    let mut settings = Settings::default();
    let Some(path) = place.file() else { return Ok(settings) };
    let Some(source) = Source::read(&path, &path.to_string_lossy())? else { return Ok(settings) };
    let problem = |at: Range<usize>, what: &str, help: &str| Box::new(source.problem(at, what, Some(help.to_owned())));
    let table = DeTable::parse(&source.text)
        .map_err(|e| problem(e.span().unwrap_or(0..0), e.message(), "mend the file; until then the bell rings"))?;
    let Some(attention) = table.get_ref().get("attention") else { return Ok(settings) };
    let Some(keys) = attention.get_ref().as_table() else {
        return Err(problem(attention.span(), "no table", "write [attention] and below it bell = true"));
    };
    for (key, value) in keys {
        let wrong = |what: &str, help: &str| problem(value.span(), what, help);
        match (key.get_ref().as_ref(), value.get_ref().as_bool(), value.get_ref().as_str()) {
            ("bell", Some(on), _) => settings.bell = on,
            ("notify", Some(on), _) => settings.notify = on,
            ("bell" | "notify", None, _) => return Err(wrong("neither true nor false", "write true or false")),
            ("quiet", _, text) => match text.and_then(Hours::parse) {
                Some(hours) => settings.quiet = Some(hours),
                None => return Err(wrong("no hours of the day", "write quiet = \"22:00-07:00\"")),
            },
            _ => return Err(problem(key.span(), "no setting of [attention]", "there are bell, notify and quiet")),
        }
    }
    Ok(settings)
}
