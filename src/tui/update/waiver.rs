//! Waivers from the screens: the list, a word on one, an emergency.
//!
//! What counts is the engine's; a word that does not is refused there and journaled.

use super::Seen;
use crate::domain::command::Command;
use crate::domain::name::RunId;
use crate::domain::span::Span;
use crate::domain::waiver::{Answer, LONGEST, Waives};
use crate::engine::waivers as engine;
use crate::report::waivers;
use crate::tui::ask;
use crate::tui::request::Request;
use crate::tui::sheet::Sheet;
use crate::tui::theme::Role;
use crate::tui::ui::{Intent, Ui};

/// How long an emergency lasts that is declared here; shorter where the workspace allows less.
const EMERGENCY: Span = Span::mins(60);

/// Lists every waiver with each word on it.
pub(super) fn list(ui: &mut Ui, seen: &Seen<'_>) {
    let given = seen.model.given(seen.now);
    let all = given.ledger.waivers.values().flat_map(|waiver| {
        let mut lines = waivers::lines(&given, waiver).into_iter();
        let head = lines.next().map(|line| (Role::Title, line));
        head.into_iter().chain(lines.map(|line| (Role::Text, line))).collect::<Vec<_>>()
    });
    let mut all: Vec<(Role, String)> = all.collect();
    if all.is_empty() {
        all.push((Role::Dim, "nothing is waived, and nothing waits for a review".to_owned()));
        let names = waivers::waivable(given.workspace);
        let names = if names.is_empty() { "nothing here".to_owned() } else { names.join(", ") };
        all.push((Role::Text, format!("can be waived  {names}")));
    }
    ui.sheet = Some(Sheet::text("waivers".to_owned(), all));
}

/// Says what was typed: `ask RULE LENGTH WHY`, or `grant 1 WHY` and the like.
pub fn typed(ui: &mut Ui, seen: &Seen<'_>, rest: &str) -> Option<Request> {
    match command(seen, rest) {
        Ok(command) => Some(command.into()),
        Err(why) => {
            ui.say(Role::Warn, format!("nothing was done: {why}"));
            None
        }
    }
}

fn command(seen: &Seen<'_>, rest: &str) -> Result<Command, String> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let number = |text: &str| text.parse::<u32>().map_err(|_| format!("{text:?} is no number of a waiver"));
    let answer = match words.as_slice() {
        ["ask", of, lasts, why @ ..] => {
            let run =
                seen.model.run().filter(|run| !run.ended()).ok_or("no run is live, so nothing is to be waived")?;
            let lasts = lasts.parse::<Span>().map_err(|error| error.to_string())?;
            let of = waivers::named(&seen.model.workspace, of)?;
            return Ok(Command::Waive { run: run.id, of, reason: why.join(" "), ticket: String::new(), lasts });
        }
        ["grant", which, why @ ..] => (which, Answer::Grant, why),
        ["refuse", which, why @ ..] => (which, Answer::Refuse, why),
        ["end", which, why @ ..] => (which, Answer::End, why),
        ["review", which, why @ ..] => (which, Answer::Review, why),
        _ => return Err("write ask RULE LENGTH WHY, or grant, refuse, end or review with a number and why".to_owned()),
    };
    let (which, answer, why) = answer;
    Ok(Command::AnswerWaiver(number(which)?, answer, why.join(" ")))
}

/// Asks whether an emergency is to be declared for the run.
pub(super) fn emergency(ui: &mut Ui, seen: &Seen<'_>) {
    let Some(run) = seen.model.run().filter(|run| !run.ended()) else {
        return ui.say(Role::Warn, "no run is live; an emergency is declared for a run");
    };
    let given = seen.model.given(seen.now);
    let Some(declared) = engine::emergency(&given) else {
        return ui
            .say(Role::Warn, "nobody may declare an emergency here; `[emergency]` of holdpoint.toml names who may");
    };
    let lasts = EMERGENCY.min(declared.longest).min(LONGEST);
    let second = engine::granted_by(&given, &Waives::Emergency);
    let second: Vec<_> = second.iter().map(|role| role.as_str()).collect();
    let holds = match second.is_empty() {
        true => "at once".to_owned(),
        false => format!("once {} has granted it", second.join(" or ")),
    };
    let reviewers: Vec<_> = declared.reviewed_by.iter().map(|role| role.as_str()).collect();
    let row = |label: &str, text: String| (label.to_owned(), text);
    let rows = vec![
        row("will", "let every rule, freeze and window pass for this run, and nothing else".to_owned()),
        row("stays", "holds, gates, approvals of the runbook, and what each step asks of you".to_owned()),
        row("holds", format!("{holds}, for {lasts} from now")),
        row("then", format!("{} reviews it within a day of its end", reviewers.join(" or "))),
        row("same", format!("holdpoint emergency {} --for {} --ticket TICKET --reason WHY", run.id, lasts.to_text())),
    ];
    let (reason, ticket) = (String::new(), String::new());
    let command = Command::Waive { run: run.id, of: Waives::Emergency, reason, ticket, lasts };
    let title = format!("Emergency for run {}: write the ticket, then why", run.id);
    ui.asked = Some(ask::reason(&title, "", rows, "", true, Intent::Reason(Box::new(command))));
}

/// An emergency by what was written: the first word is the ticket, the others are why.
pub fn declared(run: RunId, of: Waives, lasts: Span, text: &str) -> Command {
    let (ticket, reason) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
    Command::Waive { run, of, reason: reason.trim().to_owned(), ticket: ticket.to_owned(), lasts }
}
