//! Health: what is live where, its newest readings, and how old each is.
//!
//! Late values are dimmed with `~`, lost ones give way to `??`; never green.

use super::trend::sparkline;
use super::{alert, budget, change, cohorts};
use crate::domain::name::{BackendName, EnvironmentName, ServiceName};
use crate::domain::observed::{Deployed, Deployment, Quality};
use crate::domain::signal::{Signal, SignalAt};
use crate::domain::span::Span;
use crate::domain::stages::{Check, Stages};
use crate::domain::verdict::Level;
use crate::engine::signal;
use crate::tui::action::{Action, Pane};
use crate::tui::hand::{Id, Order};
pub use crate::tui::model::places::word;
use crate::tui::model::places::{FIELDS, Place};
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::table::{Cell, Column, point, row as table_row, widths};
use crate::tui::widget::text::{Align, margin, put, row, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The most cells of a row.
const WIDEST: u16 = 130;

/// How many readings a sparkline shows.
const SPARK: u16 = 16;

/// The columns of a place, with this much room for its environment, the second, and its
/// sparkline, the fifth.
const fn columns(environment: u16, spark: u16) -> [Column; 7] {
    [
        Column::words(9),
        Column::words(environment),
        Column::words(7),
        Column::words(11).optional(2),
        Column::words(spark).optional(3),
        Column::rest(14),
        Column::words(8),
    ]
}

/// The room of an environment's name: where something is must not be cut, if it can be helped.
fn environments(view: &View<'_>, room: u16) -> u16 {
    let names = view.model.workspace.environments.keys();
    names.map(|name| width(name.as_str())).max().unwrap_or(0).clamp(8, (room / 7).max(8))
}

/// The columns of a signal; the fourth is its sparkline.
const fn signal_columns(title: u16, environment: u16) -> [Column; 7] {
    [
        Column::words(9).optional(1),
        Column::words(title),
        Column::words(environment),
        Column::words(12).optional(3),
        Column::rest(20),
        Column::numbers(6).optional(2),
        Column::words(8),
    ]
}

/// Where the n-th column stands, if there is room for it.
fn column(area: Rect, columns: &[Column], n: usize) -> Option<Rect> {
    let widths = widths(area.width, columns);
    let before: u16 = widths.iter().take(n).filter(|w| **w > 0).map(|w| w + 1).sum();
    let width = widths.get(n).copied().filter(|w| *w > 0)?;
    Some(Rect { x: area.x + before, width, height: 1, ..area })
}

struct Line<'a> {
    place: &'a Place,
    seen: Option<Deployed<'a>>,
    worst: Option<&'a Signal>,
    /// The numbers of its signals, the worst first, and what is off because of us.
    numbers: Vec<String>,
}

/// How many rows it would like.
pub fn wanted(view: &View<'_>) -> u16 {
    let places = u16::try_from(view.model.places.len()).unwrap_or(u16::MAX).max(1);
    places.saturating_add(budget::wanted(view))
}

/// How many rows the signals below would like.
pub fn signals_wanted(view: &View<'_>) -> u16 {
    u16::try_from(view.model.places.signal_count()).map_or(u16::MAX, |n: u16| n.saturating_add(2))
}

/// How many rows everything below its list and budgets would like.
pub fn below_wanted(view: &View<'_>) -> u16 {
    cohorts::wanted(view).saturating_add(signals_wanted(view))
}

/// The places that the filter keeps, trouble first, as their positions among those declared.
pub fn numbers<'a>(view: &View<'a>) -> impl Iterator<Item = usize> + use<'a> {
    let filter = view.filter(Pane::Health);
    let (all, places) = (filter.is_empty(), &view.model.places);
    ordered(view).filter(move |n| all || filter.keeps_row(&FIELDS, places.row(*n)))
}

/// All places in the order they are shown in: trouble first, but never under a moving hand.
fn ordered<'a>(view: &View<'a>) -> Box<dyn Iterator<Item = usize> + 'a> {
    let places = &view.model.places;
    match view.ui.hand.order(view.uptime) {
        // Places that are declared no more are left out of an order of before.
        Some(Order::Places(order)) => Box::new(order.iter().copied().filter(|n| *n < places.len())),
        _ => Box::new(places.order()),
    }
}

/// The selected place, as long as it is there and shown.
pub fn selected<'a>(view: &View<'a>) -> Option<&'a Place> {
    let places = &view.model.places;
    let hand = places.position(view.ui.target.as_ref()?)?;
    numbers(view).find(|n| *n == hand).and_then(|n| places.at(n))
}

/// Draws the section, or the whole pane when it has more room. Only rows that
/// are shown are formatted.
pub fn draw(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let below = area.height.saturating_sub(2 + u16::try_from(view.model.places.len()).unwrap_or(u16::MAX).min(4));
    let budgets = budget::wanted(view).min(below);
    let wished = u16::try_from(view.model.places.len()).unwrap_or(u16::MAX).max(1).saturating_add(1 + budgets);
    let grouped = cohorts::granted(view, area, wished);
    let room = usize::from(area.height.saturating_sub(1 + budgets + grouped));
    let filtered = !view.filter(Pane::Health).is_empty();
    // A filter looks at every place: once a picture is enough.
    let found: Option<Vec<usize>> = filtered.then(|| numbers(view).collect());
    let total = found.as_ref().map_or(view.model.places.len(), Vec::len);
    let numbers = || match &found {
        Some(found) => Box::new(found.iter().copied()) as Box<dyn Iterator<Item = usize>>,
        None => Box::new(numbers(view)),
    };
    let places = || numbers().filter_map(|n| view.model.places.at(n));
    let first = first(view, numbers(), room, total);
    let shown: Vec<&Place> = places().skip(first).take(room).collect();
    let hidden = total - shown.len();
    // Trouble comes first, so the worst that is hidden is the first that is.
    let worst = if first > 0 { places().next() } else { places().nth(room) };
    let out = view.chip(Pane::Health, view.model.places.len().saturating_sub(total));
    let right = match worst.filter(|_| hidden > 0) {
        Some(worst) => format!("{total} places, {hidden} hidden, at worst {}{out}", word(worst.level)),
        None => format!("{total} places{out}"),
    };
    let focused = view.ui.acting() == Pane::Health;
    rule(buf, area, &Rule { right: &right, focused, ..Rule::named("health") }, theme);
    if shown.is_empty() {
        let text = if filtered { " the filter leaves nothing" } else { " nothing is deployed or measured" };
        put(buf, row(area, 1), text, Align::Left, theme.style(Role::Dim), theme);
    }
    for (n, place) in shown.iter().enumerate() {
        let n = u16::try_from(n).unwrap_or(u16::MAX);
        draw_line(view, &line(view, place), row(area, n.saturating_add(1)), buf);
    }
    let listed = u16::try_from(shown.len().max(1)).unwrap_or(u16::MAX).saturating_add(1);
    budget::draw(
        view,
        Rect { y: area.y + listed, height: budgets.min(area.height.saturating_sub(listed)), ..area },
        buf,
    );
    let above = (listed + budgets).min(area.height);
    cohorts::draw(view, Rect { y: area.y + above, height: grouped.min(area.height - above), ..area }, buf);
    let used = listed + budgets + grouped + 1;
    if area.height > used + 3 {
        let below = Rect { y: area.y + used, height: area.height - used, ..area };
        signals(view, below, buf);
        let used = signals_wanted(view);
        let chosen =
            view.ui.target.clone().or_else(|| shown.first().map(|p| (p.service.clone(), p.environment.clone())));
        if let Some((service, environment)) = chosen.filter(|_| below.height > used + 4) {
            let below = Rect { y: below.y + used, height: below.height - used, ..below };
            in_full(view, &service, &environment, below, buf);
        }
    }
}

/// A place in full below the lists.
fn in_full(view: &View<'_>, service: &ServiceName, environment: &EnvironmentName, area: Rect, buf: &mut Buffer) {
    let lines = told(view, service, environment);
    let title = format!("{service} in {environment}");
    let charts = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..margin(area) };
    let charted = change::draw(view, service, environment, charts, buf);
    let room = usize::from(area.height.saturating_sub(charted + 1));
    let right = match lines.len().saturating_sub(room) {
        0 => String::new(),
        hidden => {
            let open = view.ui.keys.of(Action::Open);
            // Nothing is opened that nobody has pointed at.
            let point =
                if view.ui.target.is_none() { format!("{}, ", view.ui.keys.of(Action::Down)) } else { String::new() };
            format!("{hidden} lines hidden, {point}{open} shows them")
        }
    };
    rule(buf, area, &Rule { right: &right, ..Rule::named(&title) }, view.theme);
    let area = Rect { y: area.y + charted, height: area.height.saturating_sub(charted), ..area };
    for (n, (role, text)) in lines.iter().take(room).enumerate() {
        let line = margin(row(area, u16::try_from(n + 1).unwrap_or(u16::MAX)));
        put(buf, line, text, Align::Left, view.theme.style(*role), view.theme);
    }
}

/// The first row that is shown, so that the selected one is in sight.
fn first(view: &View<'_>, mut numbers: impl Iterator<Item = usize>, room: usize, total: usize) -> usize {
    let Some(target) = view.ui.target.as_ref().filter(|_| total > room) else { return 0 };
    let hand = view.model.places.position(target);
    let at = hand.and_then(|hand| numbers.position(|n| n == hand)).unwrap_or(0);
    at.saturating_sub(room.saturating_sub(1)).min(total.saturating_sub(room))
}

/// A place in full.
pub fn told(view: &View<'_>, service: &ServiceName, environment: &EnvironmentName) -> Vec<(Role, String)> {
    let found = view.model.places.position(&(service.clone(), environment.clone()));
    let found = found.and_then(|n| view.model.places.at(n));
    let Some(place) = found else { return vec![(Role::Warn, "it is not declared any more".to_owned())] };
    let line = line(view, place);
    let mut lines = vec![(role(place.level), format!("{service} {environment}  {}", word(place.level)))];
    if let Some(seen) = line.seen {
        let (d, age) = (&seen.value, Span::between(seen.at, view.now));
        lines.push((Role::Text, format!("version  {} {}, seen {age} ago by {}", d.version, d.state, seen.source)));
        lines.extend(introduced(view, seen.source));
        let weight = d.weight.map(|w| format!(" at {w} %")).unwrap_or_default();
        lines.extend(d.candidate.iter().map(|c| (Role::Text, format!("rollout  {c}{weight}"))));
        lines.extend(d.stages.iter().flat_map(stages));
        lines
            .extend(d.ready.zip(d.wanted).map(|(ready, wanted)| (Role::Text, format!("ready    {ready} of {wanted}"))));
        lines.push(match &d.by {
            Some(by) => (Role::Text, format!("by       {by}")),
            None => (Role::Dim, format!("by       not known to {}", seen.source)),
        });
        lines.extend(d.owners.iter().map(|owner| (Role::Text, format!("held by  {}", owner.words()))));
        let more = d.owners_left_out;
        lines.extend((more > 0).then(|| (Role::Unknown, format!("held by  ?? {more} more, which are left out"))));
        lines.extend(d.since.map(|at| (Role::Text, format!("since    {}", at.format("%F %H:%M:%SZ")))));
        lines.extend(d.trouble.iter().map(|t| (Role::Fail, format!("trouble  {t}"))));
        lines.extend(d.left_off.iter().map(|off| (Role::Warn, format!("left off {}", off.words()))));
        if !d.history.is_empty() {
            lines.push((Role::Text, format!("before   {}", d.history.join(", "))));
        }
    } else {
        lines.push((Role::Unknown, "version  ?? nothing has been seen of it".to_owned()));
    }
    lines.extend(cohorts::told(view, service, environment));
    for name in &place.signals {
        let at = SignalAt { signal: name.clone(), environment: environment.clone() };
        let verdict = signal::judge(&view.model.observed, view.model.workspace.signals.get(name), &at, view.now).0;
        let why = verdict.reasons.first().map(|r| r.text.clone()).unwrap_or_default();
        lines.push((role(verdict.level), format!("signal   {why}  {}", word(verdict.level))));
        let declared = view.model.workspace.signals.get(name);
        let baseline = view.model.observed.series.get(&at).and_then(|series| series.baseline).zip(declared);
        let was =
            baseline.map(|((was, ago), signal)| format!("         {ago} ago it was {}", signal.unit.show(was.value)));
        lines.extend(was.map(|was| (Role::Dim, was)));
    }
    lines.extend(alert::lines(view, service, environment));
    if let Some(declared) = view.model.workspace.services.get(service) {
        let needs: Vec<_> = declared.depends_on.iter().map(ToString::to_string).collect();
        if !needs.is_empty() {
            lines.push((Role::Text, format!("needs    {}", needs.join(", "))));
        }
        lines.extend(declared.contacts.iter().map(|c| (Role::Text, format!("contact  {c}"))));
        let here = |to: &str| to.replace("{environment}", environment.as_str()).replace("{service}", service.as_str());
        lines.extend(declared.links.iter().map(|(name, to)| (Role::Text, format!("link     {name} {}", here(to)))));
    }
    lines
}

/// Who the backend says it is that tells of a place, where it says so.
fn introduced(view: &View<'_>, source: &BackendName) -> Option<(Role, String)> {
    let (ok, line) = view.model.observed.sources.get(source)?.introduced.as_ref()?.line(view.now);
    Some((if ok { Role::Text } else { Role::Warn }, format!("told by  {line}")))
}

/// How far a rollout in steps is, where traffic goes, and what is judged of it measure by measure.
fn stages(stages: &Stages) -> Vec<(Role, String)> {
    let line = Some(stages.line()).filter(|line| !line.is_empty());
    let waits = stages.waits.iter().map(|waits| (Role::Warn, format!("waits    {waits}")));
    let checks = stages.checks.iter().map(|check| (role(check.judged.level()), format!("check    {}", check.line())));
    let traffic = stages.traffic.iter().map(|traffic| {
        (if traffic.live == Some(false) { Role::Unknown } else { Role::Text }, format!("traffic  {}", traffic.line()))
    });
    let line = line.into_iter().map(|line| (Role::Text, format!("stage    {line}")));
    line.chain(waits).chain(traffic).chain(checks).collect()
}

/// Every signal of its own, where there is room for them.
fn signals(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let (total, room) =
        (usize::from(signals_wanted(view).saturating_sub(2)), usize::from(area.height.saturating_sub(1)));
    let right = if total > room { format!("{} hidden", total - room) } else { String::new() };
    rule(buf, area, &Rule { right: &right, ..Rule::named("signals") }, theme);
    // In the order of their places: trouble first.
    let known = &view.model.workspace.signals;
    let all = view.model.places.signals();
    let all = all.filter_map(|(name, environment)| Some((known.get(name)?, environment)));
    let all: Vec<_> = all.take(room).collect();
    let widest = all.iter().map(|(declared, _)| width(&declared.title)).max().unwrap_or(0);
    let columns = signal_columns(widest.clamp(15, (area.width / 5).clamp(15, 30)), environments(view, area.width));
    for (n, (declared, environment)) in all.into_iter().enumerate() {
        let line = margin(row(close(area), u16::try_from(n + 1).unwrap_or(u16::MAX)));
        if line.height == 0 {
            return;
        }
        let at = SignalAt { signal: declared.name.clone(), environment: environment.clone() };
        let (verdict, evidence) = signal::judge(&view.model.observed, Some(declared), &at, view.now);
        let age = evidence.at.map(|t| Span::between(t, view.now).to_string()).unwrap_or_default();
        let why = verdict.reasons.first().map(|r| bare(&r.text, &at).to_owned()).unwrap_or_default();
        let cells = [
            Cell { text: declared.service.as_str(), role: Role::Text },
            Cell { text: &declared.title, role: Role::Text },
            Cell { text: environment.as_str(), role: Role::Text },
            Cell { text: "", role: Role::Dim },
            Cell { text: &why, role: role(verdict.level) },
            Cell { text: &age, role: Role::Dim },
            Cell { text: word(verdict.level), role: role(verdict.level) },
        ];
        table_row(buf, line, &columns, &cells, Role::Text, theme);
        if let (Some(series), Some(place)) = (view.model.observed.series.get(&at), column(line, &columns, 3)) {
            sparkline(view, declared, environment, series, place, buf);
        }
    }
}

/// What can be read across: beyond it the eye loses the row.
fn close(area: Rect) -> Rect {
    Rect { width: area.width.min(WIDEST), ..area }
}

/// As many numbers as there is room for, three at most, and how many more there are.
fn fitting(numbers: &[String], room: u16) -> String {
    let first = |n: usize| {
        let text = numbers.iter().take(n).map(String::as_str).collect::<Vec<_>>().join(" · ");
        if n < numbers.len() { format!("{text} +{}", numbers.len() - n) } else { text }
    };
    let fits = (1..=numbers.len().min(3)).rev().map(first).find(|text| width(text) <= room);
    // Where not even one fits, its end is cut, and how many more there are is not.
    fits.unwrap_or_else(|| match numbers {
        [] | [_] => first(1),
        [one, more @ ..] => format!("+{} {one}", more.len()),
    })
}

fn draw_line(view: &View<'_>, line: &Line<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let whole_line = area;
    let quality = line.seen.map(|s| s.quality(view.now));
    let deployment = line.seen.map(|s| s.value);
    let version = match (deployment, quality) {
        (Some(d), Some(Quality::Fresh)) => d.candidate.clone().unwrap_or_else(|| d.version.clone()),
        (Some(d), Some(Quality::Late)) => format!("~{}", d.version),
        _ => "??".to_owned(),
    };
    let rollout = deployment.map(|d| match (&d.candidate, d.weight) {
        (Some(_), Some(weight)) => format!("{} {weight} %", d.state),
        _ => d.state.clone(),
    });
    let age = line.seen.filter(|_| quality != Some(Quality::Fresh)).map(|s| {
        let word = if quality == Some(Quality::Late) { "late" } else { "lost" };
        format!("{word} {}", Span::between(s.at, view.now))
    });
    let doubt = |d: &Deployment| d.stages.as_ref()?.doubt().map(Check::line);
    let trouble = deployment.and_then(|d| d.trouble.first().cloned().or_else(|| doubt(d)));
    let area = margin(area);
    let columns = &columns(environments(view, area.width), if area.width >= 100 { SPARK } else { 8 });
    let room = column(close(area), columns, 5).map_or(0, |place| place.width);
    let text = age.or(trouble).unwrap_or_else(|| fitting(&line.numbers, room));
    let fresh = if quality == Some(Quality::Fresh) { Role::Text } else { Role::Late };
    let accented = view.accent_of(line.place.environment.as_str()).map(|a| theme.accented(Role::Rehearsal, a));
    let environment = if accented.is_some() { Role::Rehearsal } else { Role::Text };
    let theme = accented.as_ref().unwrap_or(theme);
    let cells = [
        Cell { text: line.place.service.as_str(), role: Role::Text },
        Cell { text: line.place.environment.as_str(), role: environment },
        Cell { text: &version, role: fresh },
        Cell { text: rollout.as_deref().unwrap_or(""), role: fresh },
        Cell { text: "", role: Role::Dim },
        Cell { text: &text, role: if line.place.level > Level::Pass { role(line.place.level) } else { Role::Dim } },
        Cell { text: word(line.place.level), role: role(line.place.level) },
    ];
    let target = (line.place.service.clone(), line.place.environment.clone());
    let hand = view.ui.target.as_ref() == Some(&target);
    view.mark(Id::Place(target.0, target.1), whole_line, hand);
    let whole = if hand { Role::Selected } else { Role::Text };
    if hand {
        point(buf, whole_line, theme);
    }
    let area = close(area);
    table_row(buf, area, columns, &cells, whole, theme);
    let Some(declared) = line.worst else { return };
    let at = SignalAt { signal: declared.name.clone(), environment: line.place.environment.clone() };
    if let (Some(series), Some(place)) = (view.model.observed.series.get(&at), column(area, columns, 4)) {
        sparkline(view, declared, &line.place.environment, series, place, buf);
    }
}

fn line<'a>(view: &View<'a>, place: &'a Place) -> Line<'a> {
    let model = view.model;
    let environment = &place.environment;
    let seen = model.observed.deployment(&(place.service.clone(), environment.clone()));
    let mine = place.signals.iter().filter_map(|name| model.workspace.signals.get(name));
    let judged = mine.map(|declared| {
        let at = SignalAt { signal: declared.name.clone(), environment: environment.clone() };
        (declared, signal::judge(&model.observed, Some(declared), &at, view.now).0)
    });
    let mut judged: Vec<_> = judged.collect();
    judged.sort_by_key(|(_, v)| std::cmp::Reverse(v.level));
    // What is well needs no name; what is not has one.
    let texts = judged.iter().filter_map(|(declared, verdict)| {
        let at = SignalAt { signal: declared.name.clone(), environment: environment.clone() };
        let number = bare(&verdict.reasons.first()?.text, &at).to_owned();
        Some(if verdict.level > Level::Pass { format!("{} {number}", declared.title) } else { number })
    });
    let mut numbers: Vec<String> = texts.collect();
    // What we left off comes after what is not well, and before what is.
    let ill = judged.iter().filter(|(_, verdict)| verdict.level > Level::Pass).count().min(numbers.len());
    let off = seen.and_then(|seen| seen.value.left_off.as_ref());
    off.into_iter().for_each(|off| numbers.insert(ill, format!("{} OFF", off.what)));
    Line { place, seen, worst: judged.first().map(|(d, _)| *d), numbers }
}

/// What is said of a signal without its name.
fn bare<'a>(text: &'a str, at: &SignalAt) -> &'a str {
    text.strip_prefix(&at.to_string()).map_or(text, |rest| rest.trim_start_matches([' ', ':']))
}

/// The role that a level is drawn in.
pub fn role(level: Level) -> Role {
    match level {
        Level::Pass => Role::Dim,
        Level::Warn => Role::Warn,
        Level::Hold => Role::Warn,
        Level::Unknown => Role::Unknown,
        Level::Fail => Role::Fail,
    }
}
