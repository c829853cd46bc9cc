//! What the bridge says of the forecast: the landing as a range, the horizon, and
//! the edges that the run will cross.

use crate::ground::{self, Lines};
use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::domain::calendar::{Event, EventKind};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::plan::{Step, Work};
use holdpoint::domain::span::Span;
use holdpoint::tui::draw::draw;
use holdpoint::tui::glyphs::Glyphs;
use holdpoint::tui::theme::{Depth, Theme};
use holdpoint::tui::ui::Ui;
use holdpoint::tui::view::View;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::time::Duration;

/// The bridge of a run of one hour's work and a deploy, in a window that ends so many minutes after T0.
fn bridge(closes: i64) -> String {
    bridge_of(closes, 120)
}

/// The same on so many columns.
fn bridge_of(closes: i64, columns: u16) -> String {
    let mut workspace = ground::workspace(2, 2);
    let (from, to) = (ground::start() - TimeDelta::hours(1), ground::start() + TimeDelta::minutes(closes));
    workspace.calendar.events = vec![Event {
        name: "night".to_owned(),
        kind: EventKind::Window,
        title: "night".to_owned(),
        services: vec![],
        environments: vec![],
        stops_rollback: false,
        contact: String::new(),
        waived_by: vec![],
        occurrences: vec![(from, to), (to + TimeDelta::hours(20), to + TimeDelta::hours(26))],
    }];
    let mut plan = ground::plan(2);
    let lengths = [Span::mins(60), Span::mins(10)];
    let names: Vec<_> = plan.steps.iter().map(|s| s.name.clone()).collect();
    for ((n, step), takes) in plan.steps.iter_mut().enumerate().zip(lengths) {
        *step = shaped(step.clone(), n, takes, &names);
    }
    let mut lines = Lines::opened();
    lines.run(&workspace, plan);
    let now: DateTime<Utc> = lines.ledger.at + TimeDelta::seconds(1);
    let mut model = ground::model(workspace, &lines);
    model.refresh(now);
    let theme = Theme::built_in("dark", Depth::True, Glyphs::default()).unwrap();
    let ui = Ui::default();
    let view =
        View { model: &model, ui: &ui, theme: &theme, now, uptime: Duration::from_secs(1), marks: Default::default() };
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, 40));
    let area = buffer.area;
    draw(&view, area, &mut buffer);
    let row = |y| (0..area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    (0..area.height).map(row).collect::<Vec<_>>().join("\n")
}

fn shaped(step: Step, n: usize, takes: Span, names: &[holdpoint::domain::name::StepName]) -> Step {
    use holdpoint::domain::plan::{Need, Question};
    let work = match (n, &step.work) {
        (0, _) => Work::Ask(Question::Done),
        (_, Work::Do(op)) => Work::Do(op.clone()),
        _ => Work::Do(holdpoint::domain::operation::Operation {
            backend: "sh".into(),
            verb: Verb::Deploy,
            service: Some("svc-000".into()),
            environment: Some("place-00".into()),
            args: Default::default(),
            argv: vec![],
            limit: Span::mins(1),
            idempotent: false,
        }),
    };
    let needs = if n == 0 { vec![] } else { vec![Need::Step(names[0].clone())] };
    Step { needs, work, takes: Some(takes), at: None, due: None, not_before: None, gate: None, verify: None, ..step }
}

#[test]
fn a_landing_is_a_range_and_the_window_stands_beside_it() {
    let screen = bridge(240);
    let second = screen.lines().nth(1).unwrap();
    assert!(second.contains("ON TIME") && second.contains("window ends"), "{screen}");
    let lands = second.split("lands ").nth(1).unwrap().split("  ").next().unwrap();
    assert!(lands.len() == "03:10-03:40Z".len() && lands.contains('-'), "{lands} in\n{screen}");
    assert!(!screen.contains("crosses it"), "{screen}");
}

#[test]
fn an_edge_is_told_in_waiting_for_before_it_is_crossed() {
    let screen = bridge(90);
    assert!(screen.contains("AT RISK"), "{screen}");
    let told = screen.lines().find(|l| l.contains("! forecast")).unwrap_or_else(|| panic!("{screen}"));
    assert!(told.contains("window night ends 03:30Z") && told.contains("in 1h29"), "{told}");
    let screen = bridge(65);
    assert!(screen.contains("TOO LATE"), "{screen}");
}

#[test]
fn the_local_time_goes_before_the_end_of_the_window_is_cut() {
    let seconds: Vec<String> =
        (60..=120).map(|columns| bridge_of(240, columns).lines().nth(1).unwrap().to_owned()).collect();
    for line in &seconds {
        assert!(!(line.contains('…') && line.contains("Paris")), "{line}");
    }
    let whole = |line: &&String| line.contains("window ends 06:00Z");
    assert!(seconds.iter().filter(whole).any(|line| !line.contains("Paris")), "{seconds:#?}");
    assert!(seconds.last().is_some_and(|line| whole(&line) && line.contains("Paris")), "{seconds:#?}");
}
