//! The forms that a text in a file may have to have: names, lengths, times.
//!
//! One table says of each form its pattern for editors and its check for us, so
//! that schema and message cannot drift apart.

use super::moment::{Moment, parse_at, parse_zone};
use crate::domain::name::{
    BackendName, CohortName, EnvironmentName, PersonName, PolicyName, ReleaseName, RoleName, RunbookName, ServiceName,
    SignalName, SloName, StepName, TriggerName,
};
use crate::domain::span::Span;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use std::borrow::Cow;

/// The key of a schema that names the form of a text.
pub const FORM: &str = "x-form";

/// Why a text has not the form it must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// What is wrong.
    pub what: String,
    /// How it would be right.
    pub help: Option<String>,
}

impl Wrong {
    /// A reason with the way to mend it.
    pub fn new(what: String, help: Option<String>) -> Self {
        Self { what, help }
    }
}

/// A key of an entry of the calendar.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct EventName(pub String);

/// The name of a variable or argument, as it stands in braces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct Placeholder(pub String);

/// A time, still as written; its form is checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Time(pub String);

/// An offset from T0 or a time, still as written; its form is checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Planned(pub String);

/// The name of a time zone that exists.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct ZoneName(pub String);

/// A signal, in an environment or in the step's.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct SignalRef(pub String);

/// A step of this runbook or, with the runbook's name before a colon, of another.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct StepRef(pub String);

const NAME: &str = "^[a-z0-9][a-z0-9_.-]{0,63}$";
const STEP: &str = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$";
const TIME: &str = r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d|\[[A-Za-z0-9_+/-]+\])$";
const PLANNED: &str = r"^(T[+-](\d+(ms|s|m|h|d))+|\d{4}-\d\d-\d\dT\d\d:\d\d.*)$";

/// Form, pattern and meaning of every text with a form.
const FORMS: [(&str, &str, &str); 9] = [
    ("name", NAME, "a name"),
    ("step", STEP, "the name of a step or trigger"),
    ("length", r"^(\d+(ms|s|m|h|d))+$", "a length of time: 90s, 5m, 1h30m"),
    ("time", TIME, "a time: RFC 3339, or local with its zone in brackets"),
    ("planned", PLANNED, "an offset from T0 (T-30m, T+1h) or a time"),
    ("zone", "^[A-Za-z][A-Za-z0-9_+/-]*$", "an IANA time zone"),
    ("signal", "^[a-z0-9][a-z0-9_.-]*(@[a-z0-9][a-z0-9_.-]*)?$", "a signal, or signal@environment"),
    ("step-ref", "^([a-z0-9][a-z0-9_.-]*:)?[A-Za-z0-9][A-Za-z0-9_.-]*$", "a step, or runbook:step"),
    ("placeholder", "^[a-z][a-z0-9_]{0,63}$", "a name that can stand in braces"),
];

/// Checks a text against a form; `here` is the workspace's zone.
///
/// # Errors
/// What is wrong and how it would be right.
pub fn check(form: &str, text: &str, here: &str) -> Result<(), Wrong> {
    match form {
        "name" => name(text, false),
        "step" => name(text, true),
        "length" => text.parse::<Span>().map(drop).map_err(|_| {
            let help = "write a number and its unit, such as 90s, 5m or 1h30m; ten years at most";
            Wrong::new(format!("{text:?} is no length of time"), Some(help.to_owned()))
        }),
        "time" => Moment::parse(text, here).map(drop),
        "planned" => parse_at(text, here).map(drop),
        "zone" => parse_zone(text).map(drop),
        "signal" => match text.split_once('@') {
            Some((signal, place)) => name(signal, false).and_then(|()| name(place, false)),
            None => name(text, false),
        },
        "step-ref" => match text.split_once(':') {
            Some((runbook, step)) => name(runbook, false).and_then(|()| name(step, true)),
            None => name(text, true),
        },
        "placeholder" => placeholder(text),
        _ => Ok(()),
    }
}

fn name(text: &str, capitals: bool) -> Result<(), Wrong> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || (capitals && c.is_ascii_uppercase());
    let good =
        text.len() <= 64 && text.starts_with(letter) && text.chars().all(|c| letter(c) || matches!(c, '_' | '.' | '-'));
    if good {
        return Ok(());
    }
    let letters = if capitals { "letters" } else { "small letters" };
    let rule = format!("a name is {letters}, digits, `_`, `.` and `-`, begins with a letter or digit, 64 at most");
    let mended: String = text
        .to_lowercase()
        .chars()
        .map(|c| if letter(c) || matches!(c, '_' | '.' | '-') { c } else { '-' })
        .skip_while(|c| !letter(*c))
        .take(64)
        .collect();
    let mended = mended.trim_end_matches('-');
    let help = if mended.is_empty() { rule } else { format!("{rule}; for example {mended:?}") };
    Err(Wrong::new(format!("{text:?} is no name"), Some(help)))
}

fn placeholder(text: &str) -> Result<(), Wrong> {
    let good = text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if good {
        return Ok(());
    }
    let rule = "small letters, digits and `_`, beginning with a letter, so that it can stand in braces";
    Err(Wrong::new(format!("{text:?} cannot be filled in"), Some(rule.to_owned())))
}

/// The schema of a text with a form.
fn formed(form: &str) -> Schema {
    let (pattern, meaning) =
        FORMS.iter().find(|(name, ..)| *name == form).map_or(("", ""), |(_, pattern, meaning)| (*pattern, *meaning));
    json_schema!({ "type": "string", FORM: form, "pattern": pattern, "description": meaning })
}

/// Gives a type the schema of a text with a form.
macro_rules! forms {
    ($($type:ty => $form:literal),+ $(,)?) => {$(
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                formed($form)
            }
        }
    )+};
}

forms! {
    BackendName => "name",
    CohortName => "name",
    EnvironmentName => "name",
    EventName => "name",
    PersonName => "name",
    PolicyName => "name",
    ReleaseName => "name",
    RoleName => "name",
    RunbookName => "name",
    ServiceName => "name",
    SignalName => "name",
    SloName => "name",
    StepName => "step",
    TriggerName => "step",
    Span => "length",
    Time => "time",
    Planned => "planned",
    ZoneName => "zone",
    SignalRef => "signal",
    StepRef => "step-ref",
    Placeholder => "placeholder",
}
