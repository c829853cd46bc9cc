//! The good workspace, value by value.

use super::{Dir, at, now};
use holdpoint::config::{check_file, find, state_dir};
use holdpoint::domain::approval::Slot;
use holdpoint::domain::gate::Gate;
use holdpoint::domain::operation::{Direction, Verb};
use holdpoint::domain::plan::{At, Need, Question, Start, Step, Work};
use holdpoint::domain::signal::SignalAt;
use holdpoint::domain::span::Span;
use holdpoint::domain::trigger::RollsBack;
use holdpoint::domain::workspace::{Purpose, Workspace};

fn workspace() -> Workspace {
    let loaded = Dir::good().load().unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(loaded.warnings, []);
    loaded.workspace
}

fn step(workspace: &Workspace, name: &str) -> Step {
    workspace.runbooks["train"].step(&name.into()).unwrap().clone()
}

fn signal(name: &str, place: &str) -> SignalAt {
    SignalAt { signal: name.into(), environment: place.into() }
}

#[test]
fn the_workspace_itself() {
    let w = workspace();
    assert_eq!((w.id.as_str(), w.zone.as_str(), w.purpose), ("0f3a9c1de2b84756", "Europe/Paris", Purpose::Rehearsal));
    assert_eq!(w.people["kim"].title, "kim");
    assert_eq!(w.environments["eu-west"].zone, "Europe/Paris");
    assert_eq!(w.environments["lab"].zone, "UTC");
    assert!(w.environments["eu-west"].confirm > w.environments["lab"].confirm);
    assert_eq!(w.backends.keys().map(|n| n.as_str()).collect::<Vec<_>>(), ["files", "metrics", "routers"]);
    assert_eq!(w.signals["failed-requests"].every, Span::secs(2));
    let slo = &w.slos["payments-accepted"];
    assert_eq!((slo.signal.as_str(), slo.objective, slo.period), ("failed-requests", 0.999, Span::secs(30 * 86_400)));
    assert_eq!(w.calendar.until, Some(now() + chrono::TimeDelta::days(366)));
}

#[test]
fn cohorts_stand_in_the_order_of_the_file() {
    let dir = Dir::good();
    let text = dir.text("holdpoint.toml");
    let text = text.replace("tier = \"production\"", "tier = \"production\"\ncohort = \"rest\"");
    let more = ["zeta", "alpha", "beta"].map(|name| {
        let cohort = if name == "alpha" { "early" } else { "rest" };
        format!("[environments.{name}]\ntier = \"testing\"\ncohort = \"{cohort}\"\n")
    });
    dir.put("holdpoint.toml", format!("{text}\n{}", more.concat()));
    let w = dir.load().unwrap_or_else(|problems| panic!("{problems}")).workspace;
    assert_eq!(w.cohorts.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["rest", "early"]);
    assert_eq!(w.environments["alpha"].cohort, Some("early".into()));
    assert_eq!(w.environments["lab"].cohort, None);
    assert_eq!(workspace().cohorts, []);
}

#[test]
fn a_runbook_is_a_plan() {
    let w = workspace();
    let plan = &w.runbooks["train"];
    assert_eq!(plan.title, "Payments 4.2.0");
    assert_eq!(plan.bill, w.calendar.releases[0].bill);
    assert_eq!(plan.t0, Some(at("2026-11-21T02:00:00Z")));
    assert_eq!(plan.signals.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["failed-requests"]);
    assert_eq!(plan.steps.len(), 10);
}

#[test]
fn operations_are_resolved() {
    let w = workspace();
    let one = step(&w, "1");
    let op = one.operation().unwrap();
    assert_eq!(
        (op.backend.as_str(), op.verb, op.limit, op.idempotent),
        ("routers", Verb::Deploy, Span::mins(2), false)
    );
    assert_eq!(op.args["version"], "4.2.0");
    assert_eq!((one.title.as_str(), one.at), ("Deploy payments 4.2.0 to lab", Some(At::Offset(-30 * 60_000))));
    let six = step(&w, "6");
    let op = six.operation().unwrap();
    assert_eq!((op.limit, op.idempotent), (Span::secs(30), true));
    let eight = step(&w, "8");
    let op = eight.operation().unwrap();
    assert_eq!((op.verb, op.limit), (Verb::Run, Span::mins(10)));
    assert_eq!(op.argv, ["echo", "4.2.0", "{key}", "{environment}", r#"{"json": true}"#]);
}

#[test]
fn who_starts_a_step() {
    let w = workspace();
    assert_eq!(step(&w, "1").start, Start::Auto, "not production");
    assert_eq!(step(&w, "5").start, Start::Person, "forward in production");
    assert_eq!(step(&w, "8").start, Start::Person, "a program in production");
    assert_eq!(step(&w, "7").start, Start::Auto, "asks people");
    assert_eq!(step(&w, "8s").start, Start::Auto, "saving something leads nowhere");
}

#[test]
fn a_program_that_saves_something_is_neither_forward_nor_back() {
    let saved = step(&workspace(), "8s");
    let op = saved.operation().unwrap();
    assert_eq!((op.verb, op.direction(), op.changes()), (Verb::Snapshot, Direction::Aside, None));
}

#[test]
fn gates_polls_and_triggers() {
    let w = workspace();
    let five = step(&w, "5");
    let slot = Slot { role: "business".into(), need: 1 };
    let window = Gate::Window { service: Some("payments".into()), environment: Some("eu-west".into()) };
    assert_eq!(five.gate, Some(Gate::All(vec![window, Gate::Approval(vec![slot])])));
    let soak = Gate::Soak { signals: vec![signal("failed-requests", "eu-west")], hold_for: Span::secs(20) };
    assert_eq!(five.verify, Some(soak));
    assert_eq!(five.branch, Some(("4".into(), "all".to_owned())));
    assert_eq!(step(&w, "7").needs, [Need::Step("5".into()), Need::Step("6".into())]);
    let Work::Ask(Question::Poll { evidence, closes, .. }) = step(&w, "3").work else { panic!("no poll") };
    assert_eq!((evidence, closes), (vec![signal("failed-requests", "lab")], Span::mins(10)));
    let Work::Watch { gate, limit } = step(&w, "2").work else { panic!("no check") };
    assert_eq!((gate, limit), (Gate::Health(vec![signal("failed-requests", "lab")]), Some(Span::mins(1))));
    let trigger = &w.runbooks["train"].triggers[0];
    assert_eq!(trigger.signals, [signal("failed-requests", "eu-west")]);
    assert_eq!(trigger.rolls_back, RollsBack::One("payments".into(), "eu-west".into()));
    assert_eq!((trigger.countdown, trigger.postpone), (Some(Span::secs(60)), Span::mins(2)));
}

#[test]
fn found_from_below() {
    let dir = Dir::good();
    let below = dir.path().join("runbooks");
    assert_eq!(find(&below).unwrap(), dir.path());
    assert_eq!(find(std::path::Path::new("/")), None);
}

#[test]
fn the_state_lies_where_it_says() {
    let mut w = workspace();
    let own = state_dir(&w).unwrap();
    assert!(own.ends_with("holdpoint/0f3a9c1de2b84756"), "{own:?}");
    w.state_dir = Some("/srv/holdpoint/payments".into());
    assert_eq!(state_dir(&w).unwrap(), std::path::Path::new("/srv/holdpoint/payments"));
}

#[test]
fn one_file_is_checked_alone() {
    let dir = Dir::good();
    dir.put("services.toml", "[services.payments]\ntitle = 3\n");
    dir.put("runbooks/other.toml", "title = \"x\"\n[[steps]]\nid = \"1\"\ntitle = \"x\"\nkind = \"manaul\"\n");
    let checked = |file: &str| check_file(dir.path(), &dir.path().join(file), now());
    assert!(checked("runbooks/train.toml").is_ok());
    assert_eq!(checked("services.toml").unwrap_err().0.len(), 1);
    let problems = checked("runbooks/other.toml").unwrap_err();
    assert_eq!((problems.0.len(), problems.0[0].line), (1, 5));
    let outside = tempfile::tempdir().unwrap();
    let draft = outside.path().join("draft.toml");
    std::fs::write(&draft, "title = \"x\"\nsteps = 1\n").unwrap();
    assert_eq!(check_file(dir.path(), &draft, now()).unwrap_err().0.len(), 1);
    assert!(checked("nothing.toml").is_err());
}
