//! The coach: the next key for what waits here, in a few words.
//!
//! It reads the same state as the panes and promises nothing.

use super::action::Action;
use super::keymap::Keymap;
use super::view::View;
use crate::engine::show::Word;

/// The next key, if one is evident.
pub fn line(view: &View<'_>, keymap: &Keymap) -> Option<String> {
    let key = |action: Action| keymap.keys_of(action).next().map(|k| k.to_string());
    let Some(run) = view.run().filter(|r| !r.ended()) else {
        return (!view.model.workspace.runbooks.is_empty())
            .then(|| key(Action::StartRun).map(|k| format!("next {k} start a run")))?;
    };
    if view.model.ledger.driver(run).is_none() {
        return key(Action::TakeConn).map(|k| format!("next {k} take the conn"));
    }
    let shown = view.steps(run).into_iter().find(|s| match &view.ui.step {
        Some(name) => s.step.name == *name,
        None => matches!(s.word, Word::Ready | Word::Waiting | Word::Approval | Word::Failed | Word::InDoubt),
    })?;
    let name = &shown.step.name;
    let (action, word) = match shown.word {
        Word::Ready if !view.armed() => return Some(format!("next :arm, then s start {name}")),
        Word::Ready => (Action::Start, "start"),
        Word::Waiting
            if matches!(
                shown.step.work,
                crate::domain::plan::Work::Ask(crate::domain::plan::Question::Release { .. })
            ) =>
        {
            (Action::Release, "release")
        }
        Word::Waiting => (Action::Done, "done"),
        Word::Approval => (Action::Vote, "vote"),
        Word::Failed | Word::Partly => (Action::Retry, "retry"),
        Word::InDoubt => (Action::Probe, "probe"),
        _ => return None,
    };
    key(action).map(|k| format!("next {k} {word} {name}"))
}
