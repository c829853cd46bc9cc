//! The alerts of a place in its details: how each stands, whether it is older than what a run
//! changed there, and what may be wrong with the rules behind them.
//!
//! Who is not heard is told as that: no alert known is not no alert.

use crate::domain::alert::{Alert, AlertState};
use crate::domain::name::{BackendName, EnvironmentName, ServiceName};
use crate::domain::observed::Quality;
use crate::engine::alert_since::AlertSince;
use crate::tui::theme::Role;
use crate::tui::view::View;

/// The alerts about a place, and the systems of which it is not known whether they have any.
pub fn lines(view: &View<'_>, service: &ServiceName, environment: &EnvironmentName) -> Vec<(Role, String)> {
    let observed = &view.model.observed;
    let told = observed.alerts_of(&(service.clone(), environment.clone()), view.now);
    let sources = view.model.workspace.backends.values().filter(|spec| spec.kind.alerts());
    let heard = |name| observed.alerts.get(name).is_some_and(|seen| seen.quality(view.now) != Quality::Lost);
    let unheard = sources.filter(|spec| !heard(&spec.name));
    let unknown = unheard.map(|spec| (Role::Unknown, format!("alert    ?? {} is not heard", spec.name)));
    let told = told.into_iter().flat_map(|told| told_of(view, told));
    told.chain(unknown).chain(rules(view, service, environment)).collect()
}

/// An alert, and below it how it stands to what runs changed, where anything is known of that.
fn told_of(view: &View<'_>, (by, alert, quality): (&BackendName, &Alert, Quality)) -> Vec<(Role, String)> {
    if quality == Quality::Lost {
        let text = format!("alert    ?? {} was there when its system was last heard", alert.name);
        return vec![(Role::Unknown, text)];
    }
    let role = match alert.state {
        AlertState::Firing => Role::Fail,
        AlertState::Pending => Role::Warn,
        _ => Role::Dim,
    };
    let began = view.model.derived.dated.since(by, alert).map(|began| {
        let role = if matches!(began, AlertSince::Since { .. }) { Role::Warn } else { Role::Dim };
        (role, format!("began    {}", began.line()))
    });
    std::iter::once((role, format!("alert    {}", alert.line()))).chain(began).collect()
}

/// The alerts that fire and of which it is known whether they are older than what a run changed at
/// their place, each in one line; those that are not come first.
pub fn dated<'a>(view: &View<'a>) -> Vec<(&'a Alert, &'a AlertSince)> {
    let seen = view.model.observed.alerts.iter().filter(|(_, seen)| seen.quality(view.now) != Quality::Lost);
    let told = seen.flat_map(|(by, seen)| seen.value.iter().map(move |alert| (by, alert)));
    let firing = told.filter(|(_, alert)| alert.state == AlertState::Firing);
    let mut all: Vec<_> =
        firing.filter_map(|(by, alert)| Some((alert, view.model.derived.dated.since(by, alert)?))).collect();
    all.sort_by_key(|(alert, began)| (matches!(began, AlertSince::Before { .. }), alert.since));
    all
}

/// The rules that may be about a place and cannot be relied on, and whose rules are not known.
fn rules(view: &View<'_>, service: &ServiceName, environment: &EnvironmentName) -> Vec<(Role, String)> {
    let mut all = Vec::new();
    for (source, seen) in &view.model.observed.rules {
        match &seen.value {
            _ if seen.quality(view.now) == Quality::Lost => {}
            Err(why) => all.push((Role::Unknown, format!("rules    ?? those of {source} are not known: {why}"))),
            Ok(rules) if rules.all == 0 => all.push((Role::Warn, format!("rules    {source} has {}", rules.line()))),
            Ok(rules) => {
                let mine = rules.ailing.iter().filter(|rule| rule.may_be_about(service, environment));
                all.extend(mine.take(5).map(|rule| (Role::Warn, format!("rules    {}", rule.line()))));
            }
        }
    }
    all
}
