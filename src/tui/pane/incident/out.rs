//! The ways out side by side: what each takes, whether it is ready, what it
//! loses, and until when it fits; then who may decide.

use super::part::{Part, Row};
use crate::domain::foreseen::Foreseen;
use crate::domain::trigger::RollsBack;
use crate::engine::ailing::Ail;
use crate::engine::ways::{self, WayOut};
use crate::report::ahead::heavy;
use crate::report::forecast::clock;
use crate::report::foreseen::{self, Line, Weight};
use crate::report::loss::short;
use crate::tui::action::Action;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::table::Column;

const COLUMNS: &[Column] = &[
    Column::words(1),
    Column::rest(28),
    Column::numbers(6),
    Column::words(8),
    Column::words(14),
    Column::numbers(8).optional(1),
];
const HEADS: &[&str] = &["", "", "takes", "ready", "loses", "start by"];

/// How long a loss may be to stand in its column.
const SHORT: usize = 14;

/// The part that tells of the ways out.
pub fn part(view: &View<'_>, bad: &[Ail<'_>]) -> Part {
    let all = ways::ways(&view.given(), view.model.subject(), &view.model.derived.outlook, bad);
    // The key is for the first way back alone: what it opens is what stands beside it.
    let first = all.iter().position(|way| way.back.is_some());
    let mut rows: Vec<Row> = all.iter().enumerate().map(|(n, way)| row(view, way, Some(n) == first)).collect();
    rows.extend(all.iter().flat_map(|way| notes(view, way)));
    if all.is_empty() {
        rows.push(Row::text(Role::Dim, "nothing of ours can be taken back, and no other way is declared"));
    }
    let decide = may_decide(view);
    let last = usize::from(!decide.is_empty());
    if !decide.is_empty() {
        rows.push(Row::text(Role::Text, decide));
    }
    Part { title: "ways out".to_owned(), heads: HEADS, columns: COLUMNS, rows, least: 5, last, ..Part::default() }
}

fn row(view: &View<'_>, way: &WayOut, keyed: bool) -> Row {
    let back = way.back.is_some();
    let ready = match &way.lacks {
        None => match said(view, way).map(|line| line.weight) {
            Some(Weight::Refused) => (Role::Fail, "no *".to_owned()),
            Some(Weight::Heed) => (Role::Warn, "heed *".to_owned()),
            Some(Weight::Unknown) => (Role::Unknown, "?? *".to_owned()),
            Some(Weight::Plain | Weight::Awaited) | None => (Role::Ok, "yes".to_owned()),
        },
        Some(lacks) if lacks.chars().count() <= 8 => (Role::Warn, lacks.clone()),
        Some(_) => (Role::Fail, "no *".to_owned()),
    };
    let loses = short(&way.loses);
    let loses = match loses.chars().count() {
        0 if back => "nothing known".to_owned(),
        0 => "-".to_owned(),
        long if long <= SHORT => loses,
        _ => "see *".to_owned(),
    };
    let late = way.start_by.is_some_and(|by| by < view.now);
    let by = way.start_by.map_or_else(|| "any time".to_owned(), |by| clock(by, view.now));
    let by = if late { "TOO LATE".to_owned() } else { by };
    Row(vec![
        (Role::Key, if keyed { view.ui.keys.of(Action::RollBack) } else { String::new() }),
        (Role::Text, way.title.clone()),
        (Role::Text, way.takes.map_or_else(|| "??".to_owned(), |takes| takes.to_string())),
        ready,
        (Role::Text, loses),
        (if late { Role::Fail } else { Role::Text }, by),
    ])
}

/// The heaviest of what backends say of a way back, as far as they were asked of all of it.
fn said(view: &View<'_>, way: &WayOut) -> Option<Line> {
    let part = |it: &&Foreseen| match &way.back {
        Some(RollsBack::Set) => true,
        Some(RollsBack::One(service, environment)) => it.operation.target() == Some((service, environment)),
        None => false,
    };
    foreseen::headline(&view.model.derived.said.iter().filter(part).cloned().collect::<Vec<_>>())
}

/// What did not fit into a column, and where the way is done.
fn notes(view: &View<'_>, way: &WayOut) -> Vec<Row> {
    let first = |text: &str| way.title.split(' ').take(2).collect::<Vec<_>>().join(" ") + ": " + text;
    let long = |text: &&String, most: usize| text.chars().count() > most;
    let lacks = way.lacks.as_ref().filter(|text| long(text, 8)).map(|text| first(&format!("not ready: {text}")));
    let loses = Some(short(&way.loses)).filter(|text| long(&text, SHORT));
    let how = Some(&way.how).filter(|text| !text.is_empty()).map(|text| first(text));
    let said = said(view, way).filter(|line| way.lacks.is_none() && heavy(line)).map(|line| first(&line.text));
    [lacks, said, loses, how].into_iter().flatten().map(|text| Row::text(Role::Dim, format!("* {text}"))).collect()
}

/// Who may decide a rollback, and what was agreed beforehand.
pub fn may_decide(view: &View<'_>) -> String {
    let roles = view.model.workspace.roles.values().filter(|role| role.rollback);
    let each = roles.map(|role| {
        let mut people = role.people.iter();
        let first = people.next().map(|p| format!(" {p}")).unwrap_or_default();
        let rest: Vec<_> = people.map(|p| p.as_str()).collect();
        let deputy = if rest.is_empty() { String::new() } else { format!(", deputy {}", rest.join(", ")) };
        format!("{}{first}{deputy}", role.title)
    });
    let all: Vec<_> = each.collect();
    let agreed = view.live().filter_map(ways::tripped).find_map(|(trigger, _)| {
        let at = trigger.agreed_at.as_ref()?;
        Some(format!("agreed for {} at poll {at}", trigger.name))
    });
    match all.is_empty() {
        true => String::new(),
        false => format!("may decide: {}", all.into_iter().chain(agreed).collect::<Vec<_>>().join(" · ")),
    }
}
