//! Acting on a place without a runbook: which verbs are offered there, and the dialog for one.
//!
//! A verb that takes something is written out in the palette. It needs arming, as a step does; what leads
//! back does not.

use super::{Seen, guard, steps};
use crate::config::nearest;
use crate::domain::catalogue::Confirmation;
use crate::domain::command::{Command, Consent};
use crate::domain::name::EnvironmentName;
use crate::domain::observed::Placed;
use crate::domain::one_off::OneOff;
use crate::domain::operation::{Direction, Verb};
use crate::domain::parameter::{Parameter, Parameters, Takes};
use crate::engine::{adhoc, consent, decide};
use crate::report::one_off::{self, Unread};
use crate::tui::ask::{self, actor, blocked, consenting};
use crate::tui::dialog::Ask;
use crate::tui::hand::{self, Id};
use crate::tui::menu::{Choice, Menu};
use crate::tui::theme::Role;
use crate::tui::ui::{Asked, Intent, Ui};
use crate::tui::view::View;
use std::collections::BTreeMap;

/// The key: asks which of the verbs that are offered where the hand is.
pub(super) fn key(ui: &mut Ui, seen: &Seen<'_>) {
    let Some((id, (service, environment))) = here(&seen.view(ui)) else {
        let words = format!("no service in an environment is selected here; {} select", ui.keys.moving());
        return ui.say(Role::Text, words);
    };
    if !guard::highlighted(ui, seen, &id, "") {
        return;
    }
    let mut all = adhoc::offered(&seen.model.workspace, &service, &environment);
    if all.is_empty() {
        return ui.say(Role::Text, format!("nothing can be asked for {service} in {environment}"));
    }
    // What leads back comes first, and a new version last.
    all.sort_by_key(|(verb, _)| (verb.direction() != Direction::Back, *verb == Verb::Deploy));
    let items = all.iter().flat_map(|(verb, takes)| choices(*verb, takes, &service, &environment)).collect();
    ui.menu = Some(Menu::listed(&format!("{service} {environment}"), items, "do"));
}

/// What the hand is on: the place of a row or a sheet, or where a step acts.
fn here(view: &View<'_>) -> Option<(Id, Placed)> {
    let subject = view.ui.sheet.as_ref().map(|sheet| sheet.subject.id());
    let meant = || {
        let meant = hand::meant(view);
        meant.row.filter(|id| matches!(id, Id::Place(..))).or(meant.step)
    };
    let id = subject.or_else(meant)?;
    let placed = match &id {
        Id::Place(service, environment) => (service.clone(), environment.clone()),
        Id::Step(run, name) => {
            let (service, environment) = view.model.ledger.run(*run)?.plan.step(name)?.target()?;
            (service.clone(), environment.clone())
        }
        _ => return None,
    };
    Some((id, placed))
}

/// The ways to ask for a verb: each of its words for how, and the line to write where it takes more.
fn choices(
    verb: Verb,
    takes: &Parameters,
    service: &crate::domain::name::ServiceName,
    environment: &EnvironmentName,
) -> Vec<(String, Choice)> {
    let what = |args: BTreeMap<String, String>| {
        Choice::Do(OneOff { verb, service: service.clone(), environment: environment.clone(), args })
    };
    let more = |p: &Parameter| !matches!(p.name.as_ref(), "how" | "version") || p.needed;
    let rest: Vec<&Parameter> = takes.each().iter().filter(|p| more(p)).collect();
    let line = format!("do {verb} {service} {environment} ");
    let bare = match rest.as_slice() {
        // What it takes is not known here, so nobody can say that it takes nothing.
        [] if *takes == Parameters::Any => (format!("{verb} …"), Choice::Write(line)),
        [] => (verb.to_string(), what(BTreeMap::new())),
        [first, ..] if first.needed => {
            (format!("{verb} {}=…", first.name), Choice::Write(format!("{line}{}=", first.name)))
        }
        _ => (format!("{verb} …"), Choice::Write(line)),
    };
    let words = takes.each().iter().find_map(|p| match p.takes {
        Takes::One(words) if p.name == "how" => Some(words),
        _ => None,
    });
    let how = words.into_iter().flatten().map(|word| {
        let args = [("how".to_owned(), (*word).to_owned())].into();
        (format!("{verb} how={word}"), what(args))
    });
    // Where its words for how say all of it, the line comes after them.
    if rest.is_empty() { std::iter::once(bare).chain(how).collect() } else { how.chain([bare]).collect() }
}

/// A line of the palette: `VERB SERVICE ENV NAME=VALUE …`.
pub fn typed(ui: &mut Ui, seen: &Seen<'_>, rest: &str) {
    if seen.model.replay.is_some() {
        return ui.say(Role::Warn, crate::tui::replay::NOTHING);
    }
    let words: Vec<&str> = rest.split_whitespace().collect();
    let [verb, service, environment, more @ ..] = words.as_slice() else {
        return ui.say(Role::Warn, "write VERB SERVICE ENV and what it takes: do scale payments eu-west replicas=3");
    };
    match one_off::read(&seen.model.workspace, (verb, service, environment), more) {
        Ok(what) => ask(ui, seen, &what),
        Err(Unread::Wrong(words)) => ui.say(Role::Warn, format!("nothing was done: {words}")),
        Err(Unread::Unknown { what, name, all }) => {
            let all = all.iter().map(String::as_str);
            let help = nearest::help(&name, "there are", all).unwrap_or_else(|| "there are none".to_owned());
            ui.say(Role::Warn, format!("nothing was done: there is no {what} {name}; {help}"));
        }
    }
}

/// Opens the dialog for one thing.
pub(super) fn ask(ui: &mut Ui, seen: &Seen<'_>, what: &OneOff) {
    if what.verb.direction() != Direction::Back && !steps::armed(ui, seen) {
        return;
    }
    let asked = dialog(&seen.view(ui), what);
    ui.asked = asked.or(ui.asked.take());
}

fn dialog(view: &View<'_>, what: &OneOff) -> Option<Asked> {
    let given = view.given();
    let plan = match adhoc::plan(&given, what) {
        Ok(plan) => plan,
        Err(refusal) => return Some(blocked(&format!("Do {what}"), &refusal)),
    };
    let (step, saw) = (plan.steps.first()?, plan.digest());
    let operation = step.operation()?;
    let title = format!("Do {}, without a runbook", plan.title);
    // What was looked up now is what is done, whatever is seen when it is agreed to.
    let what = OneOff { args: operation.args.clone(), ..what.clone() };
    let as_if = Some(Consent { level: Confirmation::Challenge, saw, how: String::new() });
    let command = Command::Do { what: what.clone(), reason: "?".to_owned(), consent: as_if };
    if let Err(refusal) = decide(&given, &actor(view)?, &command) {
        return Some(ask::refused(&title, &refusal, command));
    }
    let mut rows = Vec::new();
    let mut say = |label: &str, text: String| rows.push((label.to_owned(), text));
    say("will", format!("{} · {operation}", operation.backend));
    say("", format!("at most {}, then the outcome is unknown", operation.limit));
    if adhoc::leaves_out(operation) {
        say("heed", "checks and pauses on its way are left out: the service is typed too".to_owned());
    }
    ask::live(view, step).into_iter().for_each(|text| say("now", text));
    if !step.undo.is_empty() {
        say("undo", step.undo.clone());
    }
    let (level, typed) = (adhoc::asks(&given, operation), EnvironmentName::new(adhoc::typed(operation)));
    let flag = if level == Confirmation::None { String::new() } else { format!(" --confirm {typed}") };
    let args: String = operation.args.iter().map(|(name, value)| format!(" {name}={value}")).collect();
    let (verb, service, environment) = (what.verb, &what.service, &what.environment);
    say("same", format!("holdpoint do {verb} {service} --env {environment}{args}{flag}"));
    let ask = Ask::of(level, operation.direction());
    let reason = Some((String::new(), true));
    let mut asked = consenting(view, title, rows, (ask, level), Some(&typed), saw, reason, Intent::Do(what));
    // A challenge for what leaves checks out makes no production of a place that is none.
    asked.dialog.acts_in(ask::place(view, operation.environment.as_ref(), consent::needed(&given, operation)));
    asked.dialog.sends(plan.steps.iter().filter_map(|step| step.operation()).cloned());
    Some(asked)
}
