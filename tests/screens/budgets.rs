//! What the lines of budgets say: words that fit their colour.

use crate::actions::Desk;
use crate::ground;
use holdpoint::domain::observed::Observation;
use holdpoint::domain::series::Minute;
use holdpoint::domain::signal::SignalAt;
use holdpoint::domain::slo::Slo;
use holdpoint::domain::span::Span;
use holdpoint::runtime::input::Update;
use std::sync::Arc;

/// The health pane with an objective of 99 % whose last hour is calm, and whose six hours and days were so.
fn shown(hours: f32, days: f32) -> String {
    known(hours, days, 0)
}

/// The same where the source remembers so many hours of a period of 720, at a share of 0.4 %.
fn known(hours: f32, days: f32, whole: i64) -> String {
    let mut desk = Desk::running();
    let at = desk.model.derived.at;
    let mut workspace = (*desk.model.workspace).clone();
    let signal = workspace.signals.values().next().unwrap().clone();
    let (title, period) = ("objective".to_owned(), Span::secs(30 * 86_400));
    let slo = Slo { name: "o".into(), title, signal: signal.name.clone(), objective: 0.99, period };
    workspace.slos = [("o".into(), slo)].into();
    desk.model.workspace = Arc::new(workspace);
    let now = at.timestamp().div_euclid(60);
    let minute = |ago: i64, mean| Minute { minute: now - ago, mean, weight: 1_000.0 };
    let past = (1..360).rev().map(|ago| minute(ago, if ago < 60 { 0.001 } else { hours })).collect::<Vec<_>>();
    let long = (0..432).rev().map(|n| minute(n * 10, days)).collect::<Vec<_>>();
    let hour = |n: i64| Minute { minute: now - n * 60, mean: 0.004, weight: 60.0 };
    let whole = (0..whole).rev().map(hour).collect::<Vec<_>>();
    let places = signal.environments.iter();
    let seen = places.flat_map(|environment| {
        let here = SignalAt { signal: signal.name.clone(), environment: environment.clone() };
        let past = Observation::Past(here.clone(), past.clone());
        let whole = Observation::Whole(here.clone(), whole.clone());
        [past, Observation::Long(here, long.clone()), whole].map(|what| ground::stamped(at, what))
    });
    desk.model.take(Update::Seen(Arc::new(seen.collect())));
    desk.press(&["3", "z"]);
    desk.screen(200, 50)
}

#[test]
fn a_slow_pair_that_warns_is_named_where_the_last_hour_is_calm() {
    let screen = shown(0.013, 0.012);
    assert!(screen.contains("SLO objective") && screen.contains("3d+6h burn"), "{screen}");
    assert!(!screen.contains("lasts"), "{screen}");
    let screen = shown(0.013, 0.001);
    assert!(screen.contains("lasts") && !screen.contains(" burn"), "{screen}");
}

#[test]
fn what_is_left_of_the_whole_period_is_told_or_how_much_of_it_is_known() {
    let screen = known(0.001, 0.001, 720);
    assert!(screen.contains("· 60.0 % left of 30d"), "{screen}");
    let screen = known(0.001, 0.001, 360);
    assert!(screen.contains("· left of 30d not known, 15d are: at most 80.0 %"), "{screen}");
    let screen = known(0.001, 0.2, 0);
    assert!(screen.contains("· left of 30d not known, 3d are: at most -100.0 %"), "{screen}");
    assert!(screen.contains("all spent"), "{screen}");
    let screen = known(0.001, 0.001, 0);
    assert!(screen.contains("lasts"), "{screen}");
}
