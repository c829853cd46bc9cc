//! Where am I, what time is it, is it going well: three lines, or one.
//!
//! Production is named in word and colour; what is only a demo says so.

use crate::domain::operation::Direction;
use crate::domain::plan::Step;
use crate::domain::span::Span;
use crate::domain::waiver::{Waiver, Waives};
use crate::engine::forecast::{Level, Standing};
use crate::engine::run::{Phase, Run, State, TriggerState};
use crate::engine::show::Shown;
use crate::engine::waivers;
use crate::report::foreseen::{self, Line, Weight};
use crate::report::{forecast as words, holds};
use crate::runtime::input::Trouble;
use crate::tui::action::{Action, Pane};
use crate::tui::pane::past;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::frame::Kind;
use crate::tui::widget::text::{Align, fit, put, row, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use std::borrow::Cow;

/// Below this width the header's first line says how it goes in place of the run's title.
const NARROW: u16 = 70;

/// From this width on an emergency says until when it lasts.
const WIDE: u16 = 100;

/// Below this one there is no room for the run's number either.
const TINY: u16 = 50;

/// Draws the header.
pub fn draw(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    place(view, area, buf);
    // A time of the past is never read as now: it has its date.
    let form = if view.model.replay.is_some() { "%F %H:%M:%SZ" } else { "%H:%M:%SZ" };
    let (here, line) = (view.local(), row(area, 1));
    let mut clock = format!("  {}  {here} ", view.now.format(form));
    let standing = goes(view);
    let told = view.run().filter(|r| !r.ended());
    let facts = told.map(|_| format!("  {}", words::outlook(&view.model.derived.outlook))).unwrap_or_default();
    // What the local time would cut off is worth more than it.
    if 1 + width(&standing) + width(&facts) + width(&clock) > line.width {
        clock = format!("  {} ", view.now.format(form));
    }
    let rest = put(buf, line, &clock, Align::Right, theme.style(Role::Text), theme);
    let Some(run) = view.run().filter(|r| !r.ended()) else {
        put(buf, rest, &format!(" {}", idle(view)), Align::Left, theme.style(Role::Dim), theme);
        let rest = match view.model.derived.agenda.unknown.join(" · ") {
            none if none.is_empty() => row(area, 2),
            what => put(buf, row(area, 2), &format!(" ?? {what} ·"), Align::Left, theme.style(Role::Warn), theme),
        };
        put(buf, rest, &format!(" {}", calendar(view)), Align::Left, theme.style(Role::Dim), theme);
        return;
    };
    let outlook = &view.model.derived.outlook;
    let role = match view.model.derived.standing {
        None | Some(Standing::OnTime | Standing::UnderWay | Standing::TakenBack | Standing::PartlyBack) => Role::Text,
        Some(Standing::AtRisk | Standing::Late | Standing::StepLate) => Role::Warn,
        Some(Standing::TooLate | Standing::Failed) => Role::Fail,
    };
    let rest = put(buf, rest, &format!(" {standing}"), Align::Left, theme.style(role), theme);
    put(buf, rest, &facts, Align::Left, theme.style(Role::Text), theme);

    let left = run.left_open().count();
    let s = if left == 1 { "" } else { "s" };
    let right = if left > 0 { format!(" {left} thing{s} open ") } else { String::new() };
    let rest = put(buf, row(area, 2), &right, Align::Right, theme.style(Role::Warn), theme);
    let doubtful = run.steps.values().any(|s| matches!(s.state, State::InDoubt(_)));
    let ready = !matches!(&view.model.derived.back, Some(Err(_)));
    let said = view.model.derived.headline.as_ref().filter(|_| outlook.rollback.is_some() && !run.takes_back());
    let held = view.model.derived.held.as_ref();
    let says = |weight| said.is_some_and(|line| line.weight == weight);
    let rollback = match words::rollback(outlook).filter(|_| !run.takes_back()) {
        _ if doubtful => " ROLLBACK not known: a step is in doubt".to_owned(),
        None if run.takes_back() => format!(" ROLLBACK under way: {}", run.tally()),
        None => format!(" ROLLBACK {}", unneeded(run)),
        Some(set) if !ready => format!(" ROLLBACK NOT READY: {set}"),
        Some(set) => match (held, said) {
            (Some(why), _) => format!(" ROLLBACK HELD: {why}"),
            (None, Some(Line { weight: Weight::Refused, text, .. })) => format!(" ROLLBACK BLOCKED: {text}"),
            (None, Some(Line { weight: Weight::Heed, text, .. })) => format!(" ROLLBACK {set}, but {text}"),
            (None, Some(Line { weight: Weight::Awaited | Weight::Unknown, text, .. })) => {
                format!(" ROLLBACK {set}, {text}")
            }
            _ if view.model.derived.unasked => format!(" ROLLBACK not asked about here: {set}"),
            _ => format!(" ROLLBACK {}: {set}", foreseen::looked(&view.model.derived.said)),
        },
    };
    let role = match outlook.horizon_level {
        _ if doubtful => Role::Unknown,
        Level::Red => Role::Fail,
        _ if (!ready || held.is_some()) && outlook.rollback.is_some() => Role::Fail,
        _ if says(Weight::Refused) => Role::Fail,
        _ if says(Weight::Heed) => Role::Warn,
        _ if says(Weight::Unknown) => Role::Unknown,
        Level::Amber => Role::Warn,
        Level::Clear => Role::Text,
    };
    let style = theme.style(role);
    let armed = run.triggers.values().filter(|t| matches!(t, TriggerState::Armed)).count();
    let tripped = run.triggers.iter().filter(|(_, t)| matches!(t, TriggerState::Tripped { .. }));
    let tripped: Vec<&str> = tripped.map(|(name, _)| name.as_str()).collect();
    let words = match (tripped.as_slice(), armed) {
        ([], 0) => String::new(),
        ([], n) => format!("triggers {n} armed"),
        ([one], _) => format!(" {one} TRIPPED "),
        (more, _) => format!(" {} TRIGGERS TRIPPED ", more.len()),
    };
    // What somebody else says may be long: it never pushes a tripped trigger away.
    let room = rest.width.saturating_sub(if words.is_empty() { 0 } else { width(&words) + 2 });
    let rest = put(buf, rest, &fit(&rollback, room, theme.glyphs), Align::Left, style, theme);
    let rest = put(buf, rest, "  ", Align::Left, theme.style(Role::Text), theme);
    put(buf, rest, &words, Align::Left, theme.style(if !tripped.is_empty() { Role::Alarm } else { Role::Dim }), theme);
}

/// How the run stands; of a late step, which one.
fn goes(view: &View<'_>) -> Cow<'static, str> {
    let late = view.run().filter(|_| view.model.derived.standing == Some(Standing::StepLate));
    let late = late.and_then(|run| Some(view.steps(run).into_iter().find(Shown::late)?.step.name.clone()));
    match (late, view.model.derived.standing) {
        (Some(step), _) => format!("STEP {step} LATE").into(),
        (None, standing) => standing.map_or("", Standing::text).into(),
    }
}

/// Why there is nothing to take back.
fn unneeded(run: &Run) -> String {
    let changes = |step: &&Step| {
        let forward = step.operation().is_some_and(|op| op.direction() == Direction::Forward);
        forward && *run.state(&step.name) == State::Running
    };
    let so_far = match run.changed.as_slice() {
        [] => "nothing changed yet",
        _ => "nothing left: all that changed is taken back",
    };
    match run.plan.steps.iter().find(changes) {
        Some(step) => format!("{so_far}; step {} is changing something now", step.name),
        None => so_far.to_owned(),
    }
}

/// What is said where no run is live: how the last one ended, and what still stands of it.
fn idle(view: &View<'_>) -> String {
    let ended = match view.run().map(|run| (run.id, &run.phase)) {
        Some((id, Phase::Completed(at))) => {
            let lacks = view.run().filter(|run| run.in_part().next().is_some()).map_or("", |_| ", evidence in part");
            format!("; run {id} completed {} ago{lacks}", Span::between(*at, view.now))
        }
        Some((id, Phase::Aborted(at, why))) => {
            format!("; run {id} aborted {} ago: {why}", Span::between(*at, view.now))
        }
        _ => String::new(),
    };
    let key = view.ui.keys.of(Action::Go(Pane::Rollback));
    let stands = holds::standing(&view.model.ledger).map(|what| format!(" · {what}: {key}")).unwrap_or_default();
    format!("no run is live{ended}{stands}")
}

/// The window that is open and the next edge of the calendar.
fn calendar(view: &View<'_>) -> String {
    let agenda = &view.model.derived.agenda;
    let open = agenda.slots.iter().filter(|s| s.begun(view.now) && s.what.kind.is_some());
    let open = open.map(|s| match s.to {
        Some(to) => format!("{} until {}", agenda.title(&s.what), to.format("%a %H:%MZ")),
        None => format!("{}, no end known", agenda.title(&s.what)),
    });
    let next = agenda.slots.iter().find_map(|s| Some((s.from.filter(|from| *from > view.now)?, &s.what)));
    let next = next.map(|(from, what)| format!("next {} in {}", agenda.title(what), Span::between(view.now, from)));
    let all: Vec<_> = open.chain(next).collect();
    match agenda.unknown.is_empty() {
        _ if !all.is_empty() => all.join(" · "),
        true => "nothing in the calendar for a month".to_owned(),
        false => "nothing else in the calendar for a month".to_owned(),
    }
}

/// The emergency in force that ends last.
fn emergency<'a>(view: &View<'a>) -> Option<&'a Waiver> {
    let given = view.given();
    waivers::in_force(&given).filter(|waiver| waiver.of == Waives::Emergency).max_by_key(|waiver| waiver.until)
}

fn place(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let line = row(area, 0);
    let theme = view.theme;
    buf.set_style(line, theme.style(Role::Title));
    let model = view.model;
    let you = model.person.as_ref().map(|p| format!("you {p} ")).unwrap_or_default();
    let narrow = line.width < NARROW;
    let conn = model.run().map(|run| match (&run.conn, model.ledger.driver(run)) {
        (Some(conn), Some(_)) if narrow && model.person.as_ref() == Some(&conn.person) => String::new(),
        (Some(conn), Some(_)) => format!("conn {} · ", conn.person),
        _ if run.ended() => String::new(),
        _ => "UNATTENDED · ".to_owned(),
    });
    let who = format!("{}{you}", conn.unwrap_or_default());
    let mut rest = put(buf, line, &who, Align::Right, theme.style(Role::Title), theme);
    let left = view.ui.arming.left(view.uptime);
    let (word, role) = match left {
        _ if model.replay.is_some() => (past::word(view), Role::Rehearsal),
        Some(left) => (format!(" ARMED {} ", Span::secs(left.as_secs())), Role::Armed),
        None if model.open => ("READ-ONLY".to_owned(), Role::Dim),
        None if model.troubles.contains_key(&Trouble::Journal) => ("NO JOURNAL, NO ACTION".to_owned(), Role::Fail),
        None => (model.opening.unwrap_or("opening journal").to_uppercase(), Role::Warn),
    };
    let parted = if who.is_empty() { " " } else { " · " };
    rest = put(buf, rest, parted, Align::Right, theme.style(Role::Dim), theme);
    rest = put(buf, rest, &word, Align::Right, theme.style(role), theme);
    let kind = view.kind();
    if view.rehearses() {
        let style = theme.style(Role::Rehearsal).add_modifier(Modifier::REVERSED);
        rest = put(buf, rest, " REHEARSAL ", Align::Left, style, theme);
    }
    let tier = match (view.watermark(), kind) {
        (Some(word), _) => word,
        (None, Kind::Production) => "PROD",
        (None, _) => "",
    };
    if !tier.is_empty() {
        let accented = view.accent().map(|accent| theme.accented(kind.role(), accent));
        let style = accented.as_ref().unwrap_or(theme).style(kind.role());
        rest = put(buf, rest, &format!(" {tier} "), Align::Left, style, theme);
    }
    if let Some(emergency) = emergency(view) {
        let text = match line.width < WIDE {
            true => " EMERGENCY ".to_owned(),
            false => format!(" EMERGENCY until {} ", emergency.until.format("%H:%MZ")),
        };
        rest = put(buf, rest, &text, Align::Left, theme.style(Role::Alarm), theme);
    }
    let title = match model.run() {
        Some(run) => {
            let phase = match &run.phase {
                Phase::Live if run.takes_back() => "ROLLING BACK",
                Phase::Live => "LIVE",
                Phase::Parked(_) => "PARKED",
                Phase::Completed(_) => "completed",
                Phase::Aborted(..) => "aborted",
            };
            // Where there is one line, how a live run goes matters more than that it does.
            let goes =
                model.derived.standing.filter(|_| area.height < 2 && run.phase == Phase::Live && !run.takes_back());
            let word = goes.map_or(phase, Standing::text);
            match line.width {
                // The word that matters most is the last to be cut.
                ..TINY => format!(" {word}"),
                TINY..NARROW => format!(" run {} · {word}", run.id),
                _ => format!(" run {} · {} · {phase}", run.id, run.plan.title),
            }
        }
        None => format!(" {}", model.workspace.name),
    };
    put(buf, rest, &title, Align::Left, theme.style(Role::Title), theme);
}
