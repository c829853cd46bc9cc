//! Health: what is live where, its newest readings, and how old each is.
//!
//! Late values are dimmed with `~`, lost ones give way to `??`; never green.

use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::observed::{Deployment, Quality, Seen, Series};
use crate::domain::signal::{Signal, SignalAt};
use crate::domain::span::Span;
use crate::domain::verdict::Level;
use crate::engine::signal;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::spark::spark;
use crate::tui::widget::table::{Cell, Column, row as table_row, widths};
use crate::tui::widget::text::{Align, put, row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// How many readings a sparkline shows.
const SPARK: usize = 12;

const COLUMNS: [Column; 7] = [
    Column::words(9),
    Column::words(8),
    Column::words(7),
    Column::words(11).optional(2),
    Column::words(12).optional(3),
    Column::rest(14),
    Column::words(8),
];

/// The columns of a signal; the fourth is its sparkline.
const SIGNALS: [Column; 7] = [
    Column::words(10),
    Column::words(16),
    Column::words(9),
    Column::words(12).optional(1),
    Column::rest(20),
    Column::numbers(6),
    Column::words(8),
];

/// Where the n-th column stands, if there is room for it.
fn column(area: Rect, columns: &[Column], n: usize) -> Option<Rect> {
    let widths = widths(area.width, columns);
    let before: u16 = widths.iter().take(n).filter(|w| **w > 0).map(|w| w + 1).sum();
    let width = widths.get(n).copied().filter(|w| *w > 0)?;
    Some(Rect { x: area.x + before, width, height: 1, ..area })
}

struct Line<'a> {
    service: &'a ServiceName,
    environment: &'a EnvironmentName,
    seen: Option<&'a Seen<Deployment>>,
    level: Level,
    worst: Option<&'a Signal>,
    text: String,
}

/// How many rows it would like.
pub fn wanted(view: &View<'_>) -> u16 {
    u16::try_from(lines(view).len()).unwrap_or(u16::MAX).max(1)
}

/// Draws the section, or the whole pane when it has more room.
pub fn draw(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let lines = lines(view);
    let room = area.height.saturating_sub(1);
    let hidden = lines.len().saturating_sub(usize::from(room));
    let right = if hidden > 0 {
        let worst = lines.iter().skip(usize::from(room)).map(|l| l.level).max().unwrap_or_default();
        format!("{hidden} hidden, worst {}", word(worst))
    } else {
        String::new()
    };
    rule(buf, area, &Rule { right: &right, ..Rule::named("health") }, theme);
    if lines.is_empty() {
        put(buf, row(area, 1), " nothing is deployed or measured", Align::Left, theme.style(Role::Dim), theme);
    }
    for (n, line) in lines.iter().take(usize::from(room)).enumerate() {
        let n = u16::try_from(n).unwrap_or(u16::MAX);
        draw_line(view, line, row(area, n + 1), buf);
    }
    let used = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    if area.height > used + 4 {
        let below = Rect { y: area.y + used, height: area.height - used, ..area };
        signals(view, below, buf);
    }
}

/// Every signal of its own, where there is room for them.
fn signals(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    rule(buf, area, &Rule::named("signals"), theme);
    let all = view.model.workspace.signals.values().flat_map(|s| s.environments.iter().map(move |e| (s, e)));
    for (n, (declared, environment)) in all.enumerate() {
        let line = row(area, u16::try_from(n + 1).unwrap_or(u16::MAX));
        if line.height == 0 {
            return;
        }
        let at = SignalAt { signal: declared.name.clone(), environment: environment.clone() };
        let (verdict, evidence) = signal::judge(&view.model.observed, Some(declared), &at, view.now);
        let age = evidence.at.map(|t| Span::between(t, view.now).to_string()).unwrap_or_default();
        let why = verdict.reasons.first().map(|r| r.text.clone()).unwrap_or_default();
        let cells = [
            Cell { text: declared.service.as_str(), role: Role::Text },
            Cell { text: &declared.title, role: Role::Text },
            Cell { text: environment.as_str(), role: Role::Text },
            Cell { text: "", role: Role::Dim },
            Cell { text: &why, role: role(verdict.level) },
            Cell { text: &age, role: Role::Dim },
            Cell { text: word(verdict.level), role: role(verdict.level) },
        ];
        table_row(buf, line, &SIGNALS, &cells, Role::Text, theme);
        if let (Some(series), Some(place)) = (view.model.observed.series.get(&at), column(line, &SIGNALS, 3)) {
            sparkline(view, declared, series, place, buf);
        }
    }
}

fn draw_line(view: &View<'_>, line: &Line<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let quality = line.seen.map(|s| s.quality(view.now));
    let deployment = line.seen.map(|s| &s.value);
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
    let trouble = deployment.and_then(|d| d.trouble.first().cloned());
    let text = age.or(trouble).unwrap_or_else(|| line.text.clone());
    let fresh = if quality == Some(Quality::Fresh) { Role::Text } else { Role::Late };
    let cells = [
        Cell { text: line.service.as_str(), role: Role::Text },
        Cell { text: line.environment.as_str(), role: Role::Text },
        Cell { text: &version, role: fresh },
        Cell { text: rollout.as_deref().unwrap_or(""), role: fresh },
        Cell { text: "", role: Role::Dim },
        Cell { text: &text, role: if line.level > Level::Pass { role(line.level) } else { Role::Dim } },
        Cell { text: word(line.level), role: role(line.level) },
    ];
    let target = (line.service.clone(), line.environment.clone());
    let whole = if view.ui.target.as_ref() == Some(&target) { Role::Selected } else { Role::Text };
    table_row(buf, area, &COLUMNS, &cells, whole, theme);
    let Some(declared) = line.worst else { return };
    let at = SignalAt { signal: declared.name.clone(), environment: line.environment.clone() };
    if let (Some(series), Some(place)) = (view.model.observed.series.get(&at), column(area, &COLUMNS, 4)) {
        sparkline(view, declared, series, place, buf);
    }
}

/// The newest readings on the scale of the threshold: a full cell is twice it.
fn sparkline(view: &View<'_>, declared: &Signal, series: &Series, area: Rect, buf: &mut Buffer) {
    let values: Vec<_> = series.readings.iter().rev().take(SPARK).map(|r| Some(r.value as f32)).collect();
    let values: Vec<_> = values.into_iter().rev().collect();
    let top = declared.fail.unwrap_or_else(|| series.readings.iter().map(|r| r.value).fold(0.0, f64::max)) * 2.0;
    spark(buf, area, &values, top as f32, view.theme.style(Role::Dim), view.theme);
}

/// Every service in every environment, trouble first.
fn lines<'a>(view: &View<'a>) -> Vec<Line<'a>> {
    let workspace = &view.model.workspace;
    let places = workspace.services.values().flat_map(|s| s.deployed_by.keys().map(move |e| (&s.name, e)));
    let mut lines: Vec<_> = places.map(|(service, environment)| line(view, service, environment)).collect();
    lines.sort_by_key(|l| std::cmp::Reverse(l.level));
    lines
}

fn line<'a>(view: &View<'a>, service: &'a ServiceName, environment: &'a EnvironmentName) -> Line<'a> {
    let model = view.model;
    let seen = model.observed.deployments.get(&(service.clone(), environment.clone()));
    let mine =
        model.workspace.signals.values().filter(|s| s.service == *service && s.environments.contains(environment));
    let judged = mine.map(|declared| {
        let at = SignalAt { signal: declared.name.clone(), environment: environment.clone() };
        (declared, signal::judge(&model.observed, Some(declared), &at, view.now).0)
    });
    let mut judged: Vec<_> = judged.collect();
    judged.sort_by_key(|(_, v)| std::cmp::Reverse(v.level));
    let lost = seen.is_none_or(|s| s.quality(view.now) != Quality::Fresh);
    let unwell = seen.is_some_and(|s| !s.value.trouble.is_empty());
    let level = judged.first().map(|(_, v)| v.level).unwrap_or_default();
    let level = level.max(if lost {
        Level::Unknown
    } else if unwell {
        Level::Fail
    } else {
        Level::Pass
    });
    let texts = judged.iter().take(2).filter_map(|(d, v)| {
        let text = &v.reasons.first()?.text;
        Some(text.replace(&format!("@{environment}"), "").replacen(d.name.as_str(), &d.title, 1))
    });
    let text = texts.collect::<Vec<_>>().join(" · ");
    Line { service, environment, seen, level, worst: judged.first().map(|(d, _)| *d), text }
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Pass => "ok",
        Level::Warn => "warn",
        Level::Hold => "held",
        Level::Unknown => "unknown",
        Level::Fail => "DEGRADED",
    }
}

fn role(level: Level) -> Role {
    match level {
        Level::Pass => Role::Dim,
        Level::Warn => Role::Warn,
        Level::Hold => Role::Held,
        Level::Unknown => Role::Unknown,
        Level::Fail => Role::Fail,
    }
}
