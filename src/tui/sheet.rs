//! A sheet: text over the whole body of the screen, scrolled and copied, that
//! waits for no answer. Keys that act still act.
//!
//! Data only; what a sheet of live state says is worked out when it is drawn.

use super::hand::Id;
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

impl Subject {
    /// What a key that acts on the sheet acts on.
    pub fn id(&self) -> Id {
        match self {
            Subject::Incident => Id::Text("incident".to_owned()),
            Subject::Step(run, step) => Id::Step(*run, step.clone()),
            Subject::Place(service, environment) => Id::Place(service.clone(), environment.clone()),
            Subject::Text(title, _) => Id::Text(title.clone()),
        }
    }
}

/// An open sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What it is about.
    pub subject: Subject,
    /// The row that it was opened on, where its subject does not say.
    pub about: Option<Id>,
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
        Self { subject, about: None, top: 0, furthest: usize::MAX, parts: Vec::new() }
    }

    /// A sheet of plain lines.
    pub fn text(title: impl Into<String>, lines: Vec<(Role, String)>) -> Self {
        Self::of(Subject::Text(title.into(), lines))
    }

    /// What a key can act on while it is open: itself, and what it was opened on.
    pub fn ids(&self) -> impl Iterator<Item = Id> {
        [self.subject.id()].into_iter().chain(self.about.clone())
    }

    /// The same sheet, opened on a row.
    pub fn opened_on(self, id: Id) -> Self {
        Self { about: Some(id), ..self }
    }
}
