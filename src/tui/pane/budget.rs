//! How fast the budgets of objectives burn: a line each, the worst first.
//!
//! A window that was not read long enough says `-`, never a number.

use crate::domain::name::EnvironmentName;
use crate::domain::signal::SignalAt;
use crate::domain::slo::Slo;
use crate::domain::span::Span;
use crate::domain::verdict::Level;
use crate::engine::slo::{Burn, Left, SLOW, WINDOWS, burn};
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::bar::bar;
use crate::tui::widget::table::{Cell, Column, row as table_row, widths};
use crate::tui::widget::text::{margin, row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The rate that fills a bar: a sixth of a month's budget in a day and more.
const FULL: f64 = 6.0;

/// Name, place, bar, four windows, when it is gone, what is left.
const COLUMNS: [Column; 9] = [
    Column::words(20),
    Column::words(8),
    Column::words(12).optional(2),
    Column::numbers(9),
    Column::numbers(10).optional(4),
    Column::numbers(9).optional(1),
    Column::numbers(9).optional(5),
    Column::numbers(12),
    Column::rest(24).optional(3),
];

struct Line<'a> {
    slo: &'a Slo,
    environment: &'a EnvironmentName,
    burn: Burn,
}

/// How many lines there are.
pub fn wanted(view: &View<'_>) -> u16 {
    let known = &view.model.workspace;
    let places = known.slos.values().filter_map(|slo| known.signals.get(&slo.signal));
    u16::try_from(places.map(|signal| signal.environments.len()).sum::<usize>()).unwrap_or(u16::MAX)
}

/// Draws as many lines as there are rows, the worst first.
pub fn draw(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    if area.height == 0 {
        return;
    }
    for (n, line) in lines(view).iter().take(area.height.into()).enumerate() {
        one(view, line, margin(row(area, u16::try_from(n).unwrap_or(u16::MAX))), buf);
    }
}

fn lines<'a>(view: &View<'a>) -> Vec<Line<'a>> {
    let known = &view.model.workspace;
    let places = known.slos.values().filter_map(|slo| Some((slo, known.signals.get(&slo.signal)?)));
    let all = places.flat_map(|(slo, signal)| signal.environments.iter().map(move |environment| (slo, environment)));
    let mut lines: Vec<Line<'_>> = all
        .map(|(slo, environment)| {
            let at = SignalAt { signal: slo.signal.clone(), environment: environment.clone() };
            Line { slo, environment, burn: burn(slo, view.model.observed.series.get(&at), view.now) }
        })
        .collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.burn.level));
    lines
}

fn one(view: &View<'_>, line: &Line<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let burn = &line.burn;
    let role = match burn.level {
        // A watch that has just begun is no trouble.
        Level::Unknown if burn.watched > Span::ZERO && burn.watched < WINDOWS.first().copied().unwrap_or_default() => {
            Role::Dim
        }
        Level::Pass => Role::Dim,
        Level::Warn | Level::Hold => Role::Warn,
        Level::Unknown => Role::Unknown,
        Level::Fail => Role::Fail,
    };
    let name = format!("SLO {}", line.slo.title);
    let rates: Vec<String> = WINDOWS.iter().zip(&burn.rates).map(|(window, rate)| self::rate(*window, *rate)).collect();
    let rate = |n: usize| rates.get(n).map_or("", String::as_str);
    // The days are told where they are known; they change slowly.
    let days = SLOW.iter().zip(&burn.slow).skip(1).filter_map(|(window, rate)| rate.map(|rate| (window, rate)));
    let days: String = days.map(|(window, rate)| format!("· {}d {rate:.1}x ", window.delta().num_days())).collect();
    let (period, share) = (line.slo.period.to_text(), |share: f64| format!("{:.1} %", share * 100.0));
    let early = burn.level == Level::Unknown && role == Role::Dim;
    let spent = match burn.left {
        // That it is too early stands beside it.
        Left { share: None, at_most, .. } if early && at_most >= 1.0 => days,
        Left { share: Some(left), .. } => format!("· {} left of {period} {days}", share(left)),
        // What was spent is spent, whatever is not known.
        Left { at_most, covers, .. } if covers > Span::ZERO => {
            format!("· left of {period} not known, {} are: at most {} {days}", rough(covers), share(at_most))
        }
        _ => format!("· left of {period} not known {days}"),
    };
    let out = match (burn.level, burn.out_in) {
        _ if early => "too early".to_owned(),
        (Level::Unknown, _) => "unknown".to_owned(),
        _ if burn.left.at_most <= 0.0 => "all spent".to_owned(),
        (_, Some(left)) => format!("out in {}", rough(left)),
        (_, None) => match burn.slowly {
            Some((long, short)) => format!("{}+{} burn", hours(long), hours(short)),
            None => "lasts".to_owned(),
        },
    };
    let cells = [
        Cell { text: &name, role: Role::Text },
        Cell { text: line.environment.as_str(), role: Role::Text },
        Cell { text: "", role },
        Cell { text: rate(0), role },
        Cell { text: rate(1), role },
        Cell { text: rate(2), role },
        Cell { text: rate(3), role },
        Cell { text: &out, role },
        Cell { text: &spent, role: Role::Dim },
    ];
    table_row(buf, area, &COLUMNS, &cells, Role::Text, theme);
    let widths = widths(area.width, &COLUMNS);
    if let [name, place, cell, ..] = widths.as_slice()
        && *cell > 0
    {
        let newest = burn.rates.iter().flatten().next().copied().unwrap_or(0.0);
        let place = Rect { x: area.x + name + place + 2, width: *cell, height: 1, ..area };
        bar(buf, place, newest / FULL, if role == Role::Dim { Role::Text } else { role }, theme);
    }
}

/// `5m 0.8x`.
fn rate(window: Span, rate: Option<f64>) -> String {
    let window = match window.delta().num_minutes() {
        minutes if minutes >= 60 => format!("{}h", minutes / 60),
        minutes => format!("{minutes}m"),
    };
    rate.map_or(format!("{window}    -"), |rate| format!("{window} {rate:.1}x"))
}

/// A window of hours or days: `2h`, `3d`.
fn hours(span: Span) -> String {
    match span.delta() {
        long if long.num_hours() % 24 == 0 => format!("{}d", long.num_days()),
        long => format!("{}h", long.num_hours()),
    }
}

/// A long time in one unit: `9d`, `4h`, `12m`.
fn rough(span: Span) -> String {
    match span.delta() {
        long if long.num_days() > 1 => format!("{}d", long.num_days()),
        long if long.num_hours() > 1 => format!("{}h{:02}", long.num_hours(), long.num_minutes() % 60),
        long => format!("{}m", long.num_minutes()),
    }
}
