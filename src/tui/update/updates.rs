//! Updates for people elsewhere: drafted from live state, edited, copied, and said
//! to have gone out.
//!
//! Nothing goes out from here. What is noted as sent is the text as it was edited.

use super::Seen;
use crate::domain::text::shortened;
use crate::engine::run::Run;
use crate::engine::{comms, incident};
use crate::report::update::{self as drafting, Moment};
use crate::tui::action::Action;
use crate::tui::ask;
use crate::tui::request::Request;
use crate::tui::sheet::{Sheet, Subject};
use crate::tui::theme::Role;
use crate::tui::ui::{Intent, Ui};

/// How much of an update's text is shown where it is not edited.
const SHORT: usize = 300;

/// Opens drafts for the moment that the run is in, in three lengths, and the one that was copied last.
pub(super) fn draft(ui: &mut Ui, seen: &Seen<'_>, run: &Run) {
    let given = seen.model.given(seen.now);
    // What is taken back is what people were told of.
    let about = run.plan.reverts.and_then(|id| seen.model.ledger.run(id)).unwrap_or(run);
    let moment = Moment::of(&given, about);
    let open = incident::current(&seen.model.ledger);
    let dim = |text: String| (Role::Dim, text);
    let copy = ui.keys.of(Action::Copy);
    let mut lines = vec![dim(format!(
        "nothing goes out from here: {copy} edits and copies one of them, or notes that it has gone out"
    ))];
    lines.extend(comms::due(&seen.model.workspace, about, open.as_ref()).into_iter().map(|due| {
        let last = due.last.map(|at| format!(", last {}", at.format("%H:%MZ"))).unwrap_or_default();
        let to = due.audience.contacts.join(", ");
        dim(format!("{} are due one by {}{last}  {to}", due.audience.name, due.at.format("%H:%MZ")))
    }));
    let drafts = drafting::draft(&given, about, moment).into_iter().map(|(name, text)| (name.to_owned(), text));
    // What was copied and not yet sent stays at hand as it is, whatever the drafts say now.
    let copied = ui.copied.iter().map(|(name, text)| (format!("copied {name}"), text.clone()));
    let parts: Vec<_> = ['s', 'm', 'l', 'c'].into_iter().zip(drafts.chain(copied)).collect();
    for (_, (name, text)) in &parts {
        lines.extend([(Role::Text, String::new()), (Role::Title, name.clone()), (Role::Text, text.clone())]);
    }
    let parts = parts.into_iter().map(|(key, (name, text))| (key, name, text)).collect();
    ui.sheet = Some(Sheet { parts, ..Sheet::text(format!("update, {}, to copy", moment.word()), lines) });
}

/// Asks for the text as it is to be copied, with the draft in the field.
pub(super) fn edit(ui: &mut Ui, what: String, text: &str) {
    let row = |label: &str, text: &str| (label.to_owned(), text.to_owned());
    let copy = ui.keys.of(Action::Copy);
    let rows = vec![
        row("will", "copy the text below, to the clipboard and into a file"),
        row("keys", "Alt-Enter begins another line, Ctrl-O opens $EDITOR"),
        row("sends", &format!("nothing: you send it; then {copy} and the capital letter notes that it has gone out")),
    ];
    let title = format!("The {what} update, to edit and copy");
    ui.asked = Some(ask::text(&title, rows, text, "Copy", Intent::Copy(what)));
}

/// Copies an update as it was edited; from then on the open sheet has it so.
pub fn copied(ui: &mut Ui, what: String, text: String) -> Request {
    if let Some(sheet) = &mut ui.sheet {
        replace(sheet, &what, &text);
    }
    let name = what.trim_start_matches("copied ").to_owned();
    let request = Request::Copy(format!("the {name} update"), text.clone());
    ui.copied = Some((name, text));
    request
}

fn replace(sheet: &mut Sheet, what: &str, text: &str) {
    let Some((.., old)) = sheet.parts.iter_mut().find(|(_, name, _)| name == what) else { return };
    let old = std::mem::replace(old, text.to_owned());
    if let Subject::Text(_, lines) = &mut sheet.subject {
        let shown = lines.iter_mut().skip_while(|(_, line)| line != what).find(|(_, line)| *line == old);
        shown.into_iter().for_each(|(_, line)| text.clone_into(line));
    }
}

/// Asks to whom an update has gone out: the audience that is due first, unless another is written.
pub(super) fn sent(ui: &mut Ui, seen: &Seen<'_>, what: String, text: String) {
    let Some(run) = seen.model.run() else { return ui.say(Role::Warn, "there is no run whose update it could be") };
    let about = run.plan.reverts.and_then(|id| seen.model.ledger.run(id)).unwrap_or(run);
    let open = incident::current(&seen.model.ledger);
    let all = comms::due(&seen.model.workspace, about, open.as_ref());
    let first = all.first().map(|due| due.audience.name.clone()).unwrap_or_default();
    let names: Vec<_> = all.iter().map(|due| due.audience.name.as_str()).collect();
    let row = |label: &str, text: String| (label.to_owned(), text);
    let digest = comms::digest(&text).short();
    let rows = vec![
        row("will", format!("note in run {} that it has gone out, with this text, digest {digest}", about.id)),
        row("text", shortened(&text, SHORT)),
        row("then", "the clock of that audience starts again".to_owned()),
        row("to", names.join(", ")),
        row("sends", "nothing: you have sent it".to_owned()),
    ];
    let name = what.trim_start_matches("copied ").to_owned();
    let title = format!("The {name} update has gone out: to whom");
    ui.asked = Some(ask::reason(&title, "", rows, &first, true, Intent::Sent(about.id, name, text)));
}
