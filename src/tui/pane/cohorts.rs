//! How far each service is, cohort by cohort: a row a service, a column a cohort, with its name over it.
//!
//! Nothing of it is there where no environment is in a cohort. What has no room is counted.

use crate::domain::cohort::Standing;
use crate::domain::name::{CohortName, EnvironmentName, ServiceName};
use crate::engine::cohorts::{cohort, services, standings, wanted as brought};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::View;
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::text::{Align, fit_middle, margin, put, row, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::BTreeMap;

/// The blank row above, the rule line, and the names of the cohorts.
const HEAD: u16 = 3;

/// The cells of a cohort's column: the least, those that one environment needs, and those that several do.
const LEAST: u16 = 18;
const ONE: u16 = 24;
const MANY: u16 = 46;

/// The cells between two columns.
const GAP: u16 = 2;

/// The least columns and rows of a pane that shows cohorts: in less the lists need all of it.
const PANE: (u16, u16) = (56, 14);

/// The least cells that a version is cut to.
const VERSION: u16 = 6;

/// How many rows it would like; none where there are no cohorts.
pub fn wanted(view: &View<'_>) -> u16 {
    let services = services(&view.given(), &BTreeMap::new()).len();
    if services == 0 { 0 } else { u16::try_from(services).unwrap_or(u16::MAX).saturating_add(HEAD) }
}

/// How many rows it gets of a pane whose lists would like so many: what they leave, and a third at least.
pub fn granted(view: &View<'_>, area: Rect, lists: u16) -> u16 {
    if area.width < PANE.0 || area.height < PANE.1 {
        return 0;
    }
    let room = area.height.saturating_sub(lists).max(area.height / 3);
    Some(wanted(view).min(room)).filter(|rows| *rows > HEAD).unwrap_or(0)
}

/// Where what stands: the names of services, then a column for each cohort that fits. It follows from what is declared
/// alone, so that nothing moves while versions do.
struct Grid {
    rows: Rect,
    names: u16,
    columns: Vec<u16>,
}

impl Grid {
    fn of(view: &View<'_>, area: Rect, services: &[&ServiceName]) -> Self {
        let rows = margin(Rect { y: area.y + 2, height: area.height - 2, ..area });
        let longest = services.iter().map(|name| width(name.as_str())).max().unwrap_or(0);
        let names = longest.clamp(9, (area.width / 6).max(9));
        let room = rows.width.saturating_sub(names);
        let wish = |name| if environments(view, name).nth(1).is_some() { MANY } else { ONE };
        let fitting = usize::from(room / (LEAST + GAP)).max(1);
        let mut columns: Vec<u16> = view.model.workspace.cohorts.iter().take(fitting).map(wish).collect();
        while columns.iter().map(|each| each + GAP).sum::<u16>() > room {
            match columns.iter_mut().max_by_key(|each| **each) {
                Some(widest) if *widest > LEAST => *widest -= 1,
                _ => break,
            }
        }
        let spare = room.saturating_sub(columns.iter().map(|each| each + GAP).sum());
        if let Some(last) = columns.last_mut() {
            *last += spare;
        }
        Self { rows, names, columns }
    }

    fn service(&self, line: usize) -> Rect {
        Rect { width: self.names, ..row(self.rows, u16::try_from(line).unwrap_or(u16::MAX)) }
    }

    fn cohort(&self, line: usize, n: usize) -> Rect {
        let before: u16 = self.columns.iter().take(n).map(|each| each + GAP).sum();
        let width = self.columns.get(n).copied().unwrap_or(0);
        Rect { x: self.rows.x + self.names + GAP + before, width, ..self.service(line) }
    }
}

/// The environments of a cohort.
fn environments<'a>(view: &View<'a>, name: &CohortName) -> impl Iterator<Item = &'a str> {
    let all = view.model.workspace.environments.values();
    all.filter(move |one| one.cohort.as_ref() == Some(name)).map(|one| one.name.as_str())
}

/// Draws as many services as there are rows, and as many cohorts as fit.
pub fn draw(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    if area.height <= HEAD {
        return;
    }
    let (given, all, theme) = (view.given(), &view.model.workspace.cohorts, view.theme);
    let brought = brought(&given);
    let services = services(&given, &brought);
    let shown: Vec<&ServiceName> = services.iter().copied().take((area.height - HEAD).into()).collect();
    let grid = Grid::of(view, area, &shown);
    let hidden =
        [(services.len() - shown.len(), "services"), (all.len().saturating_sub(grid.columns.len()), "cohorts")];
    let hidden = hidden.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what} hidden"));
    let right = hidden.collect::<Vec<_>>().join(" · ");
    rule(buf, row(area, 1), &Rule { right: &right, ..Rule::named("cohorts") }, theme);
    let standings = |name: &&ServiceName| standings(&given, name, brought.get(*name).copied().flatten());
    let known: Vec<Vec<Standing>> = shown.iter().map(standings).collect();
    for (n, service) in shown.iter().enumerate() {
        put(buf, grid.service(n + 1), service.as_str(), Align::Left, theme.style(Role::Text), theme);
    }
    for (n, name) in all.iter().enumerate().take(grid.columns.len()) {
        head(view, name, grid.cohort(0, n), buf);
        let mine = || known.iter().map(|all| all.iter().find(|standing| standing.cohort == *name));
        let share = mine().flatten().map(|standing| width(&standing.share())).max().unwrap_or(0);
        for (line, standing) in mine().enumerate() {
            let at = grid.cohort(line + 1, n);
            let (role, text) =
                standing.map_or((Role::Dim, "-".to_owned()), |it| (role(it), text(it, share, at, theme)));
            put(buf, at, &text, Align::Left, theme.style(role), theme);
        }
    }
}

/// The name of a cohort, and its environments where they all have room.
fn head(view: &View<'_>, name: &CohortName, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let rest = put(buf, area, name.as_str(), Align::Left, theme.style(Role::Title), theme);
    let mine: Vec<&str> = environments(view, name).collect();
    let all = format!("  {}", mine.join(", "));
    let text = if width(&all) <= rest.width { all } else { format!("  {} environments", mine.len()) };
    if width(&text) <= rest.width {
        put(buf, rest, &text, Align::Left, theme.style(Role::Dim), theme);
    }
}

/// What is not known is no progress; what is everywhere is quiet.
fn role(standing: &Standing) -> Role {
    match standing {
        Standing { unknown: 1.., .. } => Role::Unknown,
        Standing { at, places, .. } if at == places => Role::Dim,
        _ => Role::Text,
    }
}

/// How far it is, the share as wide as others are, and as much beside it as fits; `+1` counts the rest.
fn text(standing: &Standing, share: u16, area: Rect, theme: &Theme) -> String {
    let rest = standing.rest();
    let share = format!("{:>1$}", standing.share(), usize::from(share));
    let with = |version: &str, n: usize| {
        let lead = Some(version).filter(|version| !version.is_empty()).map(|version| format!("{share} {version}"));
        let said: Vec<_> = lead.into_iter().chain(rest.iter().take(n).cloned()).collect();
        let more = Some(rest.len() - n).filter(|more| *more > 0).map(|more| format!(" +{more}")).unwrap_or_default();
        said.join(", ") + &more
    };
    let version = standing.version.as_deref().unwrap_or_default();
    let fits = |text: &String| width(text) <= area.width;
    let found = (0..=rest.len()).rev().map(|n| with(version, n)).find(fits);
    // That something is not known outweighs how a long version ends.
    let first = usize::from(standing.unknown > 0);
    match found {
        Some(text) if first == 0 || text.contains('?') => text,
        _ => {
            let beside = width(&with(version, first)).saturating_sub(width(version));
            with(&fit_middle(version, area.width.saturating_sub(beside).max(VERSION), theme.glyphs), first)
        }
    }
}

/// How far the cohort of a place is, then the others of its service; nothing where there are no cohorts.
pub fn told(view: &View<'_>, service: &ServiceName, environment: &EnvironmentName) -> Vec<(Role, String)> {
    let given = view.given();
    if given.workspace.cohorts.is_empty() {
        return Vec::new();
    }
    let all = standings(&given, service, brought(&given).get(service).copied().flatten());
    let own = cohort(&given, environment);
    let (mine, others): (Vec<_>, Vec<_>) = all.iter().partition(|standing| Some(&standing.cohort) == own);
    let line = |label: &str, all: &[&Standing]| {
        let said: Vec<_> = all.iter().map(|standing| format!("{} {standing}", standing.cohort)).collect();
        let unknown = all.iter().any(|standing| standing.unknown > 0);
        (if unknown { Role::Unknown } else { Role::Text }, format!("{label:<9}{}", said.join(" · ")))
    };
    let beside = if own.is_some() { "others" } else { "cohorts" };
    let lines = [("cohort", &mine), (beside, &others)];
    lines.into_iter().filter(|(_, all)| !all.is_empty()).map(|(label, all)| line(label, all)).collect()
}
