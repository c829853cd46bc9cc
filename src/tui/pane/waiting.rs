//! *waiting for*: whom and what, what blocks, and what closes soon.
//!
//! Holds and locks stand here too, because someone must lift them.

use super::approvals;
use crate::domain::calendar::EventKind;
use crate::domain::name::{RunId, StepName};
use crate::domain::span::Span;
use crate::domain::waiver::{Waiver, Waives};
use crate::engine::run::TriggerState;
use crate::engine::{comms, incident};
use crate::report::forecast as words;
use crate::report::waivers::{self, Standing};
use crate::tui::action::{Action, Pane};
use crate::tui::hand::Id;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::table::{Cell, Column, point, row as table_row};
use crate::tui::widget::text::{Align, margin, put, row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const COLUMNS: [Column; 4] = [Column::words(1), Column::words(10), Column::rest(30), Column::numbers(8).optional(1)];

/// An update that is due so soon is urgent.
const SOON: Span = Span::mins(5);

/// One thing that is awaited.
struct Line {
    urgent: bool,
    /// Whether it should have ended already.
    late: bool,
    kind: String,
    text: String,
    age: String,
    /// The run and step it is about, if it is about one.
    step: Option<(RunId, StepName)>,
}

/// How many rows it would like.
pub fn wanted(view: &View<'_>) -> u16 {
    u16::try_from(lines(view).len()).unwrap_or(u16::MAX).max(1)
}

/// What needs someone besides a step that is shown elsewhere, in one line each.
pub fn urgent(view: &View<'_>, but: (RunId, &StepName)) -> Vec<String> {
    let other = |line: &Line| line.step.as_ref().is_none_or(|(run, step)| (*run, step) != but);
    let lines = lines(view).into_iter().filter(|line| line.urgent && other(line));
    lines.map(|line| format!("{} {} {}", line.kind, line.text, line.age).trim_end().to_owned()).collect()
}

/// Draws the section.
pub fn draw(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let lines = lines(view);
    let room = usize::from(area.height.saturating_sub(1));
    let right = match lines.len() {
        0 => String::new(),
        n if n > room => format!("{n}, {} hidden", n - room),
        n => n.to_string(),
    };
    let focused = view.ui.pane == Pane::Bridge && view.ui.focus == Pane::Approvals;
    rule(buf, area, &Rule { right: &right, focused, ..Rule::named("waiting for") }, theme);
    if lines.is_empty() {
        put(buf, row(area, 1), " nobody", Align::Left, theme.style(Role::Dim), theme);
    }
    let hand = approvals::selected(view).filter(|_| focused).map(|(run, step)| (run.id, step.name.clone()));
    for (n, line) in lines.iter().take(room).enumerate() {
        let role = match (line.late, line.urgent) {
            (true, _) => Role::Late,
            (_, true) => Role::Warn,
            _ => Role::Dim,
        };
        let cells = [
            Cell { text: if line.urgent { "!" } else { " " }, role },
            Cell { text: &line.kind, role },
            Cell { text: &line.text, role: Role::Text },
            Cell { text: &line.age, role: Role::Dim },
        ];
        let selected = hand.is_some() && line.step == hand;
        let whole = if selected { Role::Selected } else { Role::Text };
        let step = line.step.clone();
        let line = row(area, u16::try_from(n + 1).unwrap_or(u16::MAX));
        if let Some((run, step)) = step {
            view.mark(Id::Ask(run, step), line, selected);
        }
        if selected {
            point(buf, line, theme);
        }
        table_row(buf, margin(line), &COLUMNS, &cells, whole, theme);
    }
}

fn lines(view: &View<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    for run in view.live() {
        if view.model.ledger.driver(run).is_none() {
            // The key takes the conn of the run that the screens are about, and gives back one's own.
            let takes = match view.run() {
                Some(shown) if shown.id == run.id => view.ui.keys.of(Action::TakeConn),
                _ => format!("`holdpoint conn take {}`", run.id),
            };
            let text = format!("run {}: nobody drives it; {takes} takes the conn", run.id);
            lines.push(Line {
                urgent: true,
                late: false,
                kind: "conn".to_owned(),
                text,
                age: String::new(),
                step: None,
            });
        }
        for (name, state) in &run.triggers {
            if let TriggerState::Proposed { at, why } = state {
                let text = format!("trigger {name} proposes a rollback: {why}");
                lines.push(Line {
                    urgent: true,
                    late: false,
                    kind: "trigger".to_owned(),
                    text,
                    age: age(view, *at),
                    step: None,
                });
            }
        }
        let here = view.model.derived.waiting.iter().filter(|(id, _)| *id == run.id);
        for (_, waiting) in here {
            let text = format!("{} {} · {}", waiting.step, waiting.title, waiting.why);
            let step = Some((run.id, StepName::new(&waiting.step)));
            let age = waiting.since.map(|at| age(view, at)).unwrap_or_default();
            lines.push(Line { urgent: true, late: false, kind: waiting.word.text().to_owned(), text, age, step });
        }
        for left in run.left_open() {
            let text = format!("{} ({}), closed by step {}", left.what, left.owner, left.closed_by);
            lines.push(Line {
                urgent: false,
                late: false,
                kind: "left open".to_owned(),
                text,
                age: String::new(),
                step: None,
            });
        }
    }
    if let Some(first) = view.model.derived.loosened.first() {
        let more = match view.model.derived.loosened.len() {
            1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        let text = format!("{} lets go what the files loosened: {first}{more}", view.ui.keys.of(Action::Adopt));
        lines.push(Line { urgent: true, late: false, kind: "rules".to_owned(), text, age: String::new(), step: None });
    }
    lines.extend(waived(view));
    for hold in view.model.ledger.holds.values() {
        let kind = if hold.lock { "lock" } else { "hold" };
        let text = format!("{} on {} by {}: {}", hold.id, hold.scope, hold.by, hold.reason);
        let over = hold.until.filter(|until| *until <= view.now);
        let (kind, text) = match over {
            Some(until) => (format!("{kind} LATE"), format!("{}{text}", overdue(view, hold.id, until))),
            None => (kind.to_owned(), text),
        };
        let urgent = !hold.lock || over.is_some();
        lines.push(Line { urgent, late: over.is_some(), kind, text, age: age(view, hold.since), step: None });
    }
    lines.extend(updates(view));
    lines.extend(crossed(view));
    lines.extend(edges(view));
    lines
}

/// Emergencies and waivers: those in force, those that wait for a word, and those to be reviewed.
fn waived(view: &View<'_>) -> Vec<Line> {
    let given = view.given();
    let line = |waiver: &Waiver| {
        let standing = waivers::standing(&given, waiver);
        let late = standing == Standing::Overdue;
        let verb = match standing {
            Standing::Waits => "grant",
            Standing::Owed | Standing::Overdue => "review",
            Standing::InForce | Standing::Void => "end",
            Standing::Reviewed | Standing::Refused => return None,
        };
        let emergency = waiver.of == Waives::Emergency;
        let key = view.ui.keys.line(&format!("waiver {verb} {}", waiver.id));
        let what = if emergency { "everything".to_owned() } else { waiver.of.to_string() };
        let text = format!("{} {what} {}; {key} · {}", waiver.id, waivers::short(&given, waiver), waiver.reason);
        let kind = if emergency { "EMERGENCY" } else { "waiver" };
        let urgent = standing == Standing::Waits || late || kind == "EMERGENCY";
        let age = age(view, waiver.asked.at);
        Some(Line {
            urgent,
            late: late || (emergency && standing == Standing::InForce),
            kind: kind.to_owned(),
            text,
            age,
            step: None,
        })
    };
    view.model.ledger.waivers.values().filter_map(line).collect()
}

/// Who is due an update, the earliest first; only the first where none is due soon.
fn updates(view: &View<'_>) -> impl Iterator<Item = Line> {
    let open = incident::current(&view.model.ledger);
    let runs = view.live().filter(|run| run.plan.reverts.is_none());
    let due = runs.flat_map(|run| comms::due(&view.model.workspace, run, open.as_ref())).collect::<Vec<_>>();
    let (now, key) = (view.now, view.ui.keys.of(Action::Update));
    due.into_iter().enumerate().filter_map(move |(n, due)| {
        let left = Span::between(now, due.at);
        let late = due.at <= now;
        let urgent = late || left <= SOON;
        (n == 0 || urgent).then(|| Line {
            urgent,
            late,
            kind: "comms".to_owned(),
            text: format!("{} update {}; {key} drafts it", due.audience.name, if late { "is late" } else { "is due" }),
            age: if late { Span::between(due.at, now).to_string() } else { format!("in {left}") },
            step: None,
        })
    })
}

/// The edges that the run will cross, told before it does, and what is not known of them.
fn crossed(view: &View<'_>) -> impl Iterator<Item = Line> {
    let outlook = &view.model.derived.outlook;
    let line = |text: String, age: String| Line {
        urgent: true,
        late: false,
        kind: "forecast".to_owned(),
        text,
        age,
        step: None,
    };
    let unknown = words::clocks(outlook)
        .into_iter()
        .chain(words::unknown(outlook))
        .map(move |text| line(format!("?? {text}"), String::new()));
    outlook.crossings().map(move |edge| line(edge.text(), edge.when())).chain(unknown)
}

/// Since when a hold should have ended, and whom that was escalated to.
fn overdue(view: &View<'_>, hold: u32, until: crate::domain::Timestamp) -> String {
    let to = view.model.ledger.overdue.get(&hold).into_iter().flatten().next();
    let to = to.map(|role| format!(", told {role}")).unwrap_or_default();
    format!("over since {}{to}: ", until.format("%H:%MZ"))
}

/// The next freezes that begin, the nearer one first, so that nobody runs into one: the calendar's, and a
/// backend's where the run goes.
fn edges(view: &View<'_>) -> impl Iterator<Item = Line> {
    let (now, derived) = (view.now, &view.model.derived);
    let line = move |text: String, from| {
        let age = format!("in {}", Span::between(now, from));
        Line { urgent: false, late: false, kind: "freeze".to_owned(), text, age, step: None }
    };
    let own = derived.agenda.slots.iter().filter(|slot| slot.what.source.is_none());
    let own = own.filter(|slot| slot.what.kind == Some(EventKind::Freeze));
    let own = own.filter_map(|slot| Some((slot.from.filter(|from| *from > now)?, &slot.what))).next();
    let own = own.map(|(from, what)| {
        let text = format!("{} from {}; shuts fixing forward too", what.title, from.format("%a %H:%MZ"));
        (from, line(text, from))
    });
    let told = derived.freezes.first().filter(|(from, ..)| *from > now);
    let told = told.and_then(|(from, places, what)| {
        let (service, environment) = places.first()?;
        let scope = match places.len() - 1 {
            0 => String::new(),
            more => format!(" +{more}"),
        };
        let more = match derived.freezes.len() - 1 {
            0 => String::new(),
            more => format!(", {more} more after it"),
        };
        let title = derived.agenda.title(what);
        let when = from.format("%a %H:%MZ");
        Some((*from, line(format!("from {when} for {service}@{environment}{scope}{more}: {title}"), *from)))
    });
    let mut all: Vec<_> = own.into_iter().chain(told).collect();
    all.sort_by_key(|(from, _)| *from);
    all.into_iter().map(|(_, line)| line)
}

fn age(view: &View<'_>, since: crate::domain::Timestamp) -> String {
    Span::between(since, view.now).to_string()
}
