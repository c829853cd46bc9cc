//! What an action takes after its name in the palette.
//!
//! Said once, for completion and for what is submitted; it reads nothing.

use crate::tui::action::{Action, Place};

/// What is written after an action's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// The name of a theme.
    Theme,
    /// The name of a pane.
    Pane,
    /// The name of a step of the run.
    Step,
    /// The name of a runbook.
    Runbook,
    /// A filter.
    Filter,
    /// Action, service, environment and perhaps a time.
    May,
    /// Verb, service, environment and what the verb takes.
    Do,
    /// What is said of which waiver.
    Waiver,
    /// How long.
    Time,
}

/// What an action takes.
pub fn of(action: Action) -> Takes {
    match action {
        Action::Theme => Takes::Theme,
        Action::GoPane => Takes::Pane,
        Action::GoStep => Takes::Step,
        Action::StartRun | Action::Rehearse => Takes::Runbook,
        Action::Filter => Takes::Filter,
        Action::May => Takes::May,
        Action::Do => Takes::Do,
        Action::Waiver => Takes::Waiver,
        Action::Arm => Takes::Time,
        Action::TakeOver => Takes::Nothing,
        other if other.binding().is_some_and(|row| row.place == Place::Step) => Takes::Step,
        _ => Takes::Nothing,
    }
}

impl Takes {
    /// It in words, as the list shows it.
    pub fn words(self) -> &'static str {
        match self {
            Takes::Nothing => "",
            Takes::Theme => "NAME",
            Takes::Pane => "PANE",
            Takes::Step => "STEP",
            Takes::Runbook => "RUNBOOK",
            Takes::Filter => "WORDS",
            Takes::May => "ACTION SERVICE ENV [VERSION] [TIME]",
            Takes::Do => "VERB SERVICE ENV [NAME=VALUE]",
            Takes::Waiver => "ask RULE LENGTH WHY, or grant|refuse|end|review N WHY",
            Takes::Time => "5m",
        }
    }
}
