//! A sheet: text over the whole body of the screen, scrolled and copied, that
//! waits for no answer. Keys that act still act.
//!
//! Data only; what a sheet of live state says is worked out when it is drawn.

use super::theme::Role;
use crate::domain::name::{EnvironmentName, RunId, ServiceName, StepName};

/// What a sheet is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// What is wrong and who can be called.
    Incident,
    /// A step in full.
    Step(RunId, StepName),
    /// A service in an environment in full.
    Place(ServiceName, EnvironmentName),
    /// A text that was made once: its title and lines.
    Text(String, Vec<(Role, String)>),
}

/// An open sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What it is about.
    pub subject: Subject,
    /// How many of its lines are scrolled away; past its end is its end.
    pub top: usize,
    /// The first line of its last page as it was drawn last; unknown, and large, before.
    pub furthest: usize,
    /// Texts offered for copying one by one: key, name, text. The whole sheet when there are none.
    pub parts: Vec<(char, String, String)>,
}

impl Sheet {
    /// A sheet from its first line.
    pub fn of(subject: Subject) -> Self {
        Self { subject, top: 0, furthest: usize::MAX, parts: Vec::new() }
    }

    /// A sheet of plain lines.
    pub fn text(title: impl Into<String>, lines: Vec<(Role, String)>) -> Self {
        Self::of(Subject::Text(title.into(), lines))
    }
}
