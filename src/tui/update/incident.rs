//! The key of the incident screen: it opens the screen, and there it asks for
//! what comes next: open the incident, take its lead, close it.
//!
//! Each is a dialog that says what will be journaled. None reaches a system.

use super::{Seen, guard};
use crate::domain::command::Command;
use crate::domain::hold::Scope;
use crate::engine::incident::{self, Incident, Said};
use crate::engine::{adhoc, ailing};
use crate::tui::action::{Action, Pane};
use crate::tui::hand::Id;
use crate::tui::pane::incident as drawn;
use crate::tui::sheet::{Sheet, Subject};
use crate::tui::theme::Role;
use crate::tui::ui::{Asked, Intent, Ui};
use crate::tui::{ask, replay};

/// Opens the screen, or asks for what comes next on it.
pub(super) fn key(ui: &mut Ui, seen: &Seen<'_>) {
    let there = ui.sheet.as_ref().is_some_and(|sheet| sheet.subject == Subject::Incident);
    if !there {
        ui.sheet = Some(Sheet::of(Subject::Incident));
        return;
    }
    if seen.model.replay.is_some() {
        return ui.say(Role::Warn, replay::NOTHING);
    }
    // What is asked names the run of the picture.
    if let Some(run) = seen.model.run()
        && !guard::shown(ui, &Id::Run(run.id))
    {
        return;
    }
    let mine = |lead: &Option<(_, _)>| lead.as_ref().map(|(who, _)| who) == seen.model.person.as_ref();
    ui.asked = Some(match incident::current(&seen.model.ledger) {
        None => open(ui, seen),
        Some(Incident { run: Some(run), lead, .. }) if mine(&lead) => close(run),
        Some(Incident { run: Some(run), lead, .. }) => lead_it(ui, seen, run, lead.map(|(who, _)| who.to_string())),
        Some(Incident { run: None, .. }) => {
            let (pane, lift) = (ui.keys.of(Action::Go(Pane::Rollback)), ui.keys.of(Action::LiftHold));
            let how = format!("it is open as long as its hold; {pane} then {lift} lifts it");
            return ui.say(Role::Text, format!("no run tells of this incident: {how}"));
        }
    });
}

fn row(label: &str, text: impl Into<String>) -> (String, String) {
    (label.to_owned(), text.into())
}

fn open(ui: &Ui, seen: &Seen<'_>) -> Asked {
    let (ledger, view) = (&seen.model.ledger, seen.view(ui));
    let given = seen.model.given(seen.now);
    let bad = ailing::ailing(&given);
    // A note on what is done without a runbook goes with that: the hold tells then.
    let run = seen.model.run().filter(|run| !adhoc::is(&run.plan));
    let subject = run.map(|run| run.plan.reverts.unwrap_or(run.id));
    let held = ledger.holds.values().any(|hold| hold.scope == Scope::All);
    let what = drawn::headline(&bad).unwrap_or_default();
    let prefill = format!("SEV{}: {what}", drawn::severity(&view, &bad));
    let hold = match held {
        true => row("will", "leave everything held, as it is"),
        false => row("will", "hold all: nothing goes forward any more; the way back stays open"),
    };
    let noted = match subject {
        Some(run) => row("", format!("note in run {run}: incident SEVn: title, and updates are due more often")),
        None => row("", "say so in the reason of the hold: there is no run to note it on"),
    };
    let rows =
        vec![hold, noted, row("sends", "nothing to any system"), row("write", "SEV1 to SEV5, a colon, what is wrong")];
    // Without a run only the hold tells of it.
    let intent = Intent::OpenIncident(subject, !held || subject.is_none());
    ask::reason("Open an incident", "", rows, &prefill, true, intent)
}

fn lead_it(ui: &Ui, seen: &Seen<'_>, run: crate::domain::name::RunId, from: Option<String>) -> Asked {
    let you = seen.model.person.as_ref().map(ToString::to_string).unwrap_or_default();
    let from = from.map_or_else(|| "nobody leads it".to_owned(), |who| format!("{who} leads it until then"));
    let rows = vec![
        row("will", format!("note in run {run}: {}, by {you}", Said::Lead.note())),
        row("now", from),
        row("sends", format!("nothing to any system; the conn is another thing: {}", ui.keys.of(Action::TakeConn))),
    ];
    let intent = Intent::Reason(Box::new(Command::Note(run, Said::Lead.note())));
    ask::agree("Lead the incident", rows, intent)
}

fn close(run: crate::domain::name::RunId) -> Asked {
    let rows = vec![
        row("will", format!("note in run {run}: incident closed, with the reason")),
        row("stays", "holds and locks, until someone lifts them"),
    ];
    ask::reason("Close the incident", "", rows, "", true, Intent::CloseIncident(run))
}
