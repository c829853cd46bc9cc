//! Measures the screens: a picture of every pane at two sizes, and taking in one
//! change, with 2,000 deployments and a run of 30 steps. `cargo bench --bench
//! screens`, a table of medians in µs on stdout.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, dead_code)]

#[path = "../tests/screens/ground.rs"]
mod ground;

use chrono::TimeDelta;
use holdpoint::domain::Timestamp;
use holdpoint::domain::observed::Observation;
use holdpoint::runtime::input::Update;
use holdpoint::tui::action::Pane;
use holdpoint::tui::draw::draw;
use holdpoint::tui::glyphs::Glyphs;
use holdpoint::tui::model::Model;
use holdpoint::tui::theme::{Depth, Theme};
use holdpoint::tui::ui::Ui;
use holdpoint::tui::view::View;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often each is measured.
const TIMES: usize = 200;

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1e6
}

fn measured(mut what: impl FnMut(usize)) -> f64 {
    let once = |n| {
        let started = Instant::now();
        what(n);
        started.elapsed()
    };
    median((0..TIMES).map(once).collect())
}

fn change(n: usize, at: Timestamp) -> Update {
    let place = (format!("svc-{:03}", n * 7 % 200).as_str().into(), format!("place-{:02}", n % 10).as_str().into());
    let seen = ground::stamped(at, Observation::Deployment(place, ground::deployment(&format!("4.2.{n}")).into()));
    Update::Seen(Arc::new(vec![seen]))
}

fn picture(model: &Model, ui: &Ui, now: Timestamp, theme: &Theme, buffer: &mut Buffer) {
    let view = View { model, ui, theme, now, uptime: Duration::from_secs(1), marks: Default::default() };
    buffer.reset();
    let area = buffer.area;
    draw(&view, area, buffer);
}

fn main() {
    let workspace = ground::workspace(200, 10);
    let mut lines = ground::Lines::opened();
    lines.run(&workspace, ground::plan(30));
    for n in 0..2000 {
        lines.write("note", vec![ground::note(&format!("a line of the journal, number {n}"))]);
    }
    let mut model = ground::model(workspace, &lines);
    let theme = Theme::built_in("dark", Depth::True, Glyphs::default()).unwrap();
    let now = lines.ledger.at + TimeDelta::seconds(2);

    let mut buffer = Buffer::empty(Rect::new(0, 0, 200, 50));
    model.refresh(now);
    println!("{:<24}{:>12}{:>12}   median µs of {TIMES}", "", "80x24", "200x50");
    for pane in Pane::ALL {
        let ui = Ui { pane, ..Ui::default() };
        let at = |width, height| {
            let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
            measured(|_| picture(&model, &ui, now, &theme, &mut buffer))
        };
        println!("draw {:<19}{:>12.0}{:>12.0}", pane.name(), at(80, 24), at(200, 50));
    }
    let took = measured(|n| model.take(change(n, now)));
    println!("{:<24}{took:>12.1}", "take one change");
    // Only an instant later than the last makes anything be worked out.
    let later = |n: usize, ms: i64| now + TimeDelta::milliseconds(i64::try_from(n + 1).unwrap() * ms);
    let run = measured(|n| {
        model.take(change(n, now));
        model.refresh(later(n, 0) + TimeDelta::milliseconds(100 + i64::try_from(n).unwrap() % 2 * 100));
    });
    println!("{:<24}{run:>12.1}", "work out what moved");
    let second = measured(|n| model.refresh(later(n, 1000)));
    println!("{:<24}{second:>12.1}", "a second has passed");
    let key = measured(|n| {
        let ui = Ui { pane: Pane::Health, ..Ui::default() };
        let at = later(TIMES, 1000);
        model.take(change(n, at));
        model.refresh(at);
        picture(&model, &ui, at, &theme, &mut buffer);
    });
    println!("{:<24}{key:>12.1}", "a key after a change");
    large(&theme);
}

/// Ten times as many deployments: what every second costs, and a filter over all of them.
fn large(theme: &Theme) {
    let mut lines = ground::Lines::opened();
    let workspace = ground::workspace(2_000, 10);
    lines.run(&workspace, ground::plan(30));
    let mut model = ground::model(workspace, &lines);
    let now = lines.ledger.at + TimeDelta::seconds(2);
    model.refresh(now);
    let beat = measured(|_| model.take(Update::Seen(Arc::new(vec![ground::stamped(now, Observation::Heartbeat)]))));
    println!("{:<24}{beat:>12.1}", "20,000: all is as it was");
    let second = measured(|n| model.refresh(now + TimeDelta::seconds(i64::try_from(n).unwrap() % 2)));
    println!("{:<24}{second:>12.1}", "20,000: a second");
    let mut buffer = Buffer::empty(Rect::new(0, 0, 200, 50));
    let mut filter = |typed: &str| {
        let ui = Ui { pane: Pane::Health, filters: [(Pane::Health, typed.to_owned())].into(), ..Ui::default() };
        measured(|_| picture(&model, &ui, now, theme, &mut buffer))
    };
    println!("{:<24}{:>12.1}", "20,000: filter svc-1999", filter("svc-1999"));
    println!("{:<24}{:>12.1}", "20,000: filter ~s1 !ok", filter("~s1 !ok"));
}
