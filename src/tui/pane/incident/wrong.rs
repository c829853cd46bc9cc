//! What is wrong: every bad signal with what it was before and since when, and
//! what one might fear for and need not.

use super::part::{Part, Row};
use crate::domain::observed::Quality;
use crate::domain::verdict::Level;
use crate::engine::ailing::{Ail, spared};
use crate::engine::alert_since::AlertSince;
use crate::tui::pane::{alert, health};
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::table::Column;

const COLUMNS: &[Column] = &[
    Column::words(9),
    Column::words(9),
    Column::words(7).optional(1),
    Column::rest(16),
    Column::numbers(8),
    Column::numbers(8),
    Column::numbers(7),
    Column::numbers(6),
];
const HEADS: &[&str] = &["", "", "", "", "now", "normal", "since", "age"];

/// How many alerts it tells at most.
const ALERTS: usize = 4;

/// The part that says what is wrong.
pub fn part(view: &View<'_>, bad: &[Ail<'_>]) -> Part {
    let mut rows: Vec<Row> = bad.iter().map(|ail| row(view, ail)).collect();
    if rows.is_empty() {
        rows.push(Row::text(Role::Dim, "no signal is bad now"));
    }
    rows.extend(places(view, bad));
    rows.extend(alerts(view));
    let well = well(view, bad);
    let last = usize::from(well.is_some());
    rows.extend(well.map(|text| Row::text(Role::Dim, text)));
    Part { title: "what is wrong".to_owned(), heads: HEADS, columns: COLUMNS, rows, least: 3, last, ..Part::default() }
}

fn row(view: &View<'_>, ail: &Ail<'_>) -> Row {
    let key = (ail.signal.service.clone(), ail.environment.clone());
    let seen = view.model.observed.deployment(&key);
    let version = seen.map(|s| s.value.candidate.as_ref().unwrap_or(&s.value.version).clone()).unwrap_or_default();
    let show = |value: Option<f64>| value.map_or_else(|| "??".to_owned(), |value| ail.signal.unit.show(value));
    let (now, dim) = match ail.quality {
        Quality::Fresh => (show(ail.now), Role::Text),
        Quality::Late => (format!("~{}", show(ail.now)), Role::Late),
        Quality::Lost => ("??".to_owned(), Role::Unknown),
    };
    let role = health::role(ail.level);
    // A value that has come back into its limits is told, and not in colour.
    let role = if ail.level == Level::Pass { Role::Text } else { role };
    let since = ail.since.map(|at| at.format("%H:%MZ").to_string()).unwrap_or_default();
    let age = ail.age.map(|age| age.to_string()).unwrap_or_default();
    Row(vec![
        (role, ail.signal.service.to_string()),
        (Role::Text, ail.environment.to_string()),
        (dim, version),
        (Role::Text, ail.signal.title.clone()),
        (role, now),
        (Role::Dim, show(ail.normal)),
        (Role::Text, since),
        (dim, age),
    ])
}

/// Deployments that their backend calls unwell, in its own words.
fn places<'a>(view: &'a View<'_>, bad: &'a [Ail<'_>]) -> impl Iterator<Item = Row> + 'a {
    let seen = view.model.observed.deployments();
    let told = seen.flat_map(|(place, seen)| seen.value.trouble.iter().map(move |why| (place, why)));
    told.take(6).map(|((service, environment), why)| {
        let known = bad.iter().any(|ail| ail.signal.service == *service && ail.environment == environment);
        Row::text(if known { Role::Text } else { Role::Fail }, format!("{service} {environment}: {why}"))
    })
}

/// `api eu-west: alert ApiFails critical since run 7 step 4`: those that fire, where it is known whether they are older.
fn alerts(view: &View<'_>) -> Vec<Row> {
    let all = alert::dated(view).into_iter().take(ALERTS).map(|(alert, began)| {
        let role = if matches!(began, AlertSince::Since { .. }) { Role::Fail } else { Role::Dim };
        let named = |name: Option<&str>| name.unwrap_or_default().to_owned();
        let service = named(alert.service.as_ref().map(|service| service.as_str()));
        let place = named(alert.environment.as_ref().map(|place| place.as_str()));
        let severity = if alert.severity.is_empty() { String::new() } else { format!(" {}", alert.severity) };
        let (name, began) = (&alert.name, began.short());
        Row::text(role, format!("{service} {place}: alert {name}{severity}, firing {began}"))
    });
    all.collect()
}

/// `not hit: payments eu-west (also 4.2.0) · ledger everywhere`.
fn well(view: &View<'_>, bad: &[Ail<'_>]) -> Option<String> {
    let given = view.given();
    let version = |service: &_, place: &_| {
        let seen = view.model.observed.deployment(&(Clone::clone(service), Clone::clone(place)))?;
        Some(seen.value.candidate.clone().unwrap_or_else(|| seen.value.version.clone()))
    };
    let ill: Vec<_> = bad.iter().filter_map(|ail| version(&ail.signal.service, ail.environment)).collect();
    let all = spared(&given, bad).into_iter().map(|(service, places)| {
        let whole = view.model.workspace.services.get(service).is_some_and(|s| s.deployed_by.len() == places.len());
        if whole && places.len() > 1 {
            return format!("{service} everywhere");
        }
        let each = places.into_iter().map(|place| match version(service, place).filter(|v| ill.contains(v)) {
            Some(version) => format!("{place} (also {version})"),
            None => place.to_string(),
        });
        format!("{service} {}", each.collect::<Vec<_>>().join(", "))
    });
    let all: Vec<_> = all.collect();
    (!bad.is_empty() && !all.is_empty()).then(|| format!("not hit: {}", all.join(" · ")))
}
