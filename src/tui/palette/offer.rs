//! What may be written next: names of actions, and what an action takes after
//! its name, from what is known now.
//!
//! It only offers. What is written is read anew when it is submitted.

use super::fuzzy::best;
use super::takes::{Takes, of};
use crate::domain::operation::Verb;
use crate::domain::parameter::{self, Parameter};
use crate::domain::workspace::Workspace;
use crate::engine::adhoc;
use crate::report::waivers;
use crate::tui::action::{Action, Binding, Pane, Place, TABLE};
use crate::tui::press::places;
use crate::tui::update::named;
use crate::tui::view::View;

/// One way to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The whole line once it is taken.
    pub line: String,
    /// What the list shows of it.
    pub label: String,
    /// What it does or is.
    pub help: String,
}

/// Every way to go on with what was written, the best first.
pub fn offers(view: &View<'_>, written: &str) -> Vec<Offer> {
    let Some((name, rest)) = written.trim_start().split_once(char::is_whitespace) else {
        return actions(written.trim(), &places(view.ui, view.model));
    };
    let Some(takes) = named(name).map(of) else { return Vec::new() };
    let (before, last) = rest.rsplit_once(char::is_whitespace).map_or(("", rest), |(before, last)| (before, last));
    let words: Vec<&str> = before.split_whitespace().collect();
    let known = arguments(view, takes, &words);
    let head: String = std::iter::once(name).chain(words).map(|word| format!("{word} ")).collect();
    let fits =
        if last.is_empty() { (0..known.len()).collect() } else { best(last, known.iter().map(|(w, _)| w.as_str())) };
    let offer = |(word, help): &(String, String)| Offer {
        line: format!("{head}{word}"),
        label: word.clone(),
        help: help.clone(),
    };
    fits.into_iter().filter_map(|n| known.get(n)).map(offer).collect()
}

/// Where the hand is comes first, and moving about last: everyone knows its keys.
fn rank(row: &Binding, here: &[Place]) -> u8 {
    match row.place {
        _ if row.action <= Action::PageDown => 3,
        Place::Everywhere => 1,
        place if here.contains(&place) => 0,
        _ => 2,
    }
}

fn actions(written: &str, here: &[Place]) -> Vec<Offer> {
    let begins = |n: &usize| TABLE.get(*n).is_some_and(|row| row.name.starts_with(written));
    let mut fits = best(written, TABLE.iter().map(|row| row.name));
    if written.is_empty() {
        fits = (0..TABLE.len()).collect();
        fits.sort_by_key(|n| TABLE.get(*n).map(|row| rank(row, here)));
    }
    // What it begins is meant before what it only fits.
    fits.sort_by_key(|n| !begins(n));
    let offer = |row: &Binding| {
        let takes = of(row.action);
        let blank = if takes == Takes::Nothing { "" } else { " " };
        let label = format!("{} {}", row.name, takes.words()).trim_end().to_owned();
        Offer { line: format!("{}{blank}", row.name), label, help: row.help.to_owned() }
    };
    fits.into_iter().filter_map(|n| TABLE.get(n)).map(offer).collect()
}

/// What may stand after these words, each with what it is.
fn arguments(view: &View<'_>, takes: Takes, words: &[&str]) -> Vec<(String, String)> {
    let workspace = &view.model.workspace;
    let plain = |text: &str| (text.to_owned(), String::new());
    match (takes, words.len()) {
        (Takes::Theme, 0) => view.ui.themes.0.iter().map(|entry| plain(&entry.name)).collect(),
        (Takes::Pane, 0) => Pane::ALL.iter().map(|pane| plain(pane.name())).collect(),
        (Takes::Time, 0) => ["5m", "10m", "15m", "30m"].into_iter().map(plain).collect(),
        (Takes::Step, 0) => {
            let steps = view.run().into_iter().flat_map(|run| &run.plan.steps);
            steps.map(|step| (step.name.to_string(), step.title.clone())).collect()
        }
        (Takes::Runbook, 0) => {
            workspace.runbooks.values().map(|plan| (plan.runbook.to_string(), plan.title.clone())).collect()
        }
        (Takes::May, 0) => Verb::ALL.iter().map(|verb| plain(verb.word())).collect(),
        (Takes::Do, 0) => {
            Verb::ALL.into_iter().filter(|verb| adhoc::askable(*verb)).map(|verb| plain(verb.word())).collect()
        }
        (Takes::May | Takes::Do, 1) => {
            workspace.services.values().map(|s| (s.name.to_string(), s.title.clone())).collect()
        }
        (Takes::May | Takes::Do, 2) => {
            let service = words.get(1).and_then(|name| workspace.services.get(*name));
            service.into_iter().flat_map(|s| s.deployed_by.keys()).map(|e| plain(e.as_str())).collect()
        }
        (Takes::Do, _) => taken(workspace, words).unwrap_or_default(),
        (Takes::Waiver, 0) => ["ask", "grant", "refuse", "end", "review"].into_iter().map(plain).collect(),
        (Takes::Waiver, 1) if words.first() == Some(&"ask") => {
            waivers::waivable(workspace).iter().map(|name| plain(name)).collect()
        }
        (Takes::Waiver, 1) => {
            let all = view.model.ledger.waivers.values();
            all.map(|waiver| (waiver.id.to_string(), waivers::told(&view.given(), waiver))).collect()
        }
        (Takes::Waiver, 2) if words.first() == Some(&"ask") => ["30m", "1h", "2h"].into_iter().map(plain).collect(),
        (Takes::Filter, _) => fields(view.ui.acting()).iter().map(|field| plain(&format!("{field}="))).collect(),
        _ => Vec::new(),
    }
}

/// The arguments that a verb takes there and that are not written yet, a word of each that has words.
fn taken(workspace: &Workspace, words: &[&str]) -> Option<Vec<(String, String)>> {
    let [verb, service, environment, written @ ..] = words else { return None };
    let all = adhoc::offered(workspace, &(*service).into(), &(*environment).into());
    let (_, takes) = all.into_iter().find(|(known, _)| known.word() == *verb)?;
    let open = |p: &&Parameter| written.iter().all(|word| word.split('=').next() != Some(p.name.as_ref()));
    let each = takes.each().iter().filter(open).flat_map(|p| match p.takes {
        parameter::Takes::One(values) => {
            values.iter().map(|value| (format!("{}={value}", p.name), String::new())).collect()
        }
        // What comes after its beginning is not known here.
        parameter::Takes::Many => vec![(p.name.to_string(), p.written())],
        _ => vec![(format!("{}=", p.name), p.written())],
    });
    Some(each.collect())
}

/// The fields of a pane's rows that a filter can name.
fn fields(pane: Pane) -> &'static [&'static str] {
    match pane {
        Pane::Runbook => &["step", "title", "owner", "state"],
        Pane::Health => &["service", "env", "state", "version"],
        Pane::Approvals => &["run", "step", "title", "owner", "by"],
        Pane::Calendar => &["kind", "title", "about"],
        Pane::Journal => &["person", "cause", "line", "text"],
        Pane::Bridge | Pane::Rollback => &[],
    }
}
