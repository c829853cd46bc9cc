//! Acting on a place without a runbook: what its menu offers, what is asked before anything is
//! sent, and that the run it makes takes the screens from no other.

use crate::actions::Desk;
use crate::ground::{self, Lines, ME};
use holdpoint::domain::backend::{ArgoCdSpec, BackendKind, BackendSpec, Granted, KubernetesSpec, PluginSpec};
use holdpoint::domain::catalogue::{Confirmation, Tier};
use holdpoint::domain::command::{Command, Consent};
use holdpoint::domain::fact::Fact;
use holdpoint::domain::name::RunId;
use holdpoint::domain::one_off::OneOff;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::person::{Actor, Proof};
use holdpoint::domain::report::{Receipt, Report};
use holdpoint::domain::span::Span;
use holdpoint::domain::trigger::RollsBack;
use holdpoint::domain::workspace::{Purpose, Workspace};
use holdpoint::engine::run::Phase;
use holdpoint::engine::{Given, adhoc, decide, settle};
use holdpoint::runtime::input::Update;
use holdpoint::tui::action::{Action, Pane};
use holdpoint::tui::arming::USUAL;
use holdpoint::tui::dialog::Dialog;
use holdpoint::tui::request::Request;
use holdpoint::tui::terminal::What;
use holdpoint::tui::ui::Intent;
use holdpoint::tui::update::{self, Seen};
use holdpoint::tui::way_back;
use std::sync::Arc;

/// A run under way, services in a cluster of which one is a rollout, and the hand on that in health.
fn desk() -> Desk {
    within(ground::workspace(6, 3))
}

fn within(mut workspace: Workspace) -> Desk {
    workspace.purpose = Purpose::Rehearsal;
    let mut cluster = ground::scripts();
    cluster.kind = BackendKind::Kubernetes(KubernetesSpec::default());
    workspace.backends.insert("sh".into(), cluster);
    let service = workspace.services.get_mut("svc-000").unwrap();
    service.scopes.insert("place-00".into(), "shop/rollout/svc".to_owned());
    let mut lines = Lines::opened();
    lines.run(&workspace, ground::plan(8));
    let mut desk = Desk::within(workspace, lines);
    desk.ui.pane = Pane::Health;
    desk.ui.target = Some(("svc-000".into(), "place-00".into()));
    desk
}

fn armed() -> Desk {
    let mut desk = desk();
    let uptime = desk.uptime;
    desk.ui.arming.arm(uptime, USUAL, true).unwrap();
    desk
}

fn offered(desk: &Desk) -> Vec<String> {
    let items = desk.ui.menu.as_ref().map(|menu| menu.items.as_slice()).unwrap_or_default();
    items.iter().map(|(_, label, _)| label.clone()).collect()
}

/// The key of an answer.
fn sign(desk: &Desk, label: &str) -> String {
    let items = &desk.ui.menu.as_ref().unwrap().items;
    items.iter().find(|(_, known, _)| known == label).unwrap_or_else(|| panic!("no {label}")).0.to_string()
}

/// Opens the menu and takes an answer.
fn choose(desk: &mut Desk, label: &str) {
    desk.press(&["a"]);
    let key = sign(desk, label);
    desk.press(&[&key]);
}

fn said(desk: &Desk) -> String {
    desk.ui.messages.back().map(|message| message.text.clone()).unwrap_or_default()
}

/// Types letters and names of keys.
fn types(desk: &mut Desk, text: &str) -> Vec<Request> {
    let keys = text.chars().map(|c| if c == ' ' { "space".to_owned() } else { c.to_string() });
    desk.events(keys.map(|key| What::Key(key.parse().unwrap())).collect()).1
}

/// What must be typed.
fn expected(desk: &Desk) -> String {
    match desk.ui.asked.as_ref().map(|asked| &asked.dialog) {
        Some(Dialog::Consent(asked)) => asked.expected.as_ref().map(ToString::to_string).unwrap_or_default(),
        _ => panic!("nothing is asked"),
    }
}

fn picture(desk: &Desk, name: &str) -> String {
    let code = expected(desk).split_once(' ').map(|(_, code)| code.to_owned());
    let one = |(width, height)| {
        let screen = desk.screen(width, height);
        let screen = code.as_ref().map_or(screen.clone(), |code| screen.replace(code, "XYZ"));
        let rows = screen.lines().skip_while(|line| !line.contains('┏'));
        let rows: Vec<_> = rows.take_while(|line| line.contains(['┏', '┃', '┗'])).collect();
        format!("── {name} {width}×{height}\n{}\n", rows.join("\n"))
    };
    [(80, 24), (120, 40)].map(one).concat()
}

#[test]
fn a_place_offers_what_its_backend_does_there_the_way_back_first() {
    let mut desk = desk();
    desk.press(&["a"]);
    assert_eq!(
        offered(&desk),
        [
            "pause",
            "abort",
            "promote how=step",
            "promote how=skip",
            "promote how=full",
            "promote …",
            "resume",
            "resume how=retry",
            "scale replicas=…",
            "restart",
            "snapshot",
            "deploy version=…",
        ]
    );
    assert!(desk.screen(80, 24).contains("svc-000 place-00"), "{}", desk.screen(80, 24));
    // Another place is a deployment, and goes in no steps.
    desk.press(&["esc"]);
    desk.ui.target = Some(("svc-001".into(), "place-00".into()));
    desk.press(&["a"]);
    assert!(!offered(&desk).join(" ").contains("promote"), "{:?}", offered(&desk));
    // Without a row under the hand nothing is guessed.
    desk.press(&["esc"]);
    desk.ui.target = None;
    desk.press(&["a"]);
    assert!(desk.ui.menu.is_none() && said(&desk).contains("no service"), "{}", said(&desk));
}

#[test]
fn an_action_is_written_out_with_what_it_needs() {
    let mut workspace = ground::workspace(6, 3);
    let argo = BackendSpec { kind: BackendKind::ArgoCd(ArgoCdSpec::default()), ..ground::scripts() };
    workspace.backends.insert("sh".into(), argo);
    let mut desk = Desk::within(workspace, Lines::opened());
    desk.ui.pane = Pane::Health;
    desk.ui.target = Some(("svc-000".into(), "place-00".into()));
    choose(&mut desk, "action action=…");
    let screen = desk.screen(120, 30);
    assert!(desk.ui.asked.is_none() && screen.contains("do action svc-000 place-00 action="), "{screen}");
    types(&mut desk, "restart ");
    let screen = desk.screen(120, 30);
    assert!(screen.contains("kind=…") && screen.contains("parameter-NAME=…"), "{screen}");
}

#[test]
fn what_leads_forward_needs_arming_and_what_leads_back_does_not() {
    let mut desk = desk();
    choose(&mut desk, "restart");
    assert!(desk.ui.asked.is_none() && said(&desk).contains("read-only"), "{}", said(&desk));
    // Evidence leads nowhere, and reaches a system all the same.
    choose(&mut desk, "snapshot");
    assert!(desk.ui.asked.is_none() && said(&desk).contains("read-only"), "{}", said(&desk));
    choose(&mut desk, "pause");
    assert_eq!(expected(&desk), "place-00");
    desk.press(&["esc"]);
    assert!(said(&desk).contains("not done, nothing was sent: pause svc-000 place-00"), "{}", said(&desk));
}

#[test]
fn one_thing_is_asked_as_a_step_is_and_becomes_one_command() {
    let mut desk = armed();
    choose(&mut desk, "restart");
    let mut all = picture(&desk, "restart");
    types(&mut desk, "pods leak");
    desk.press(&["enter"]);
    let typed = expected(&desk);
    assert!(typed.starts_with("place-00 "), "{typed}");
    assert!(types(&mut desk, &typed).is_empty());
    let (_, requests) = desk.press(&["enter"]);
    let Some(Request::Command(command)) = requests.into_iter().next() else { panic!("not taken") };
    let Command::Do { what, reason, consent } = *command else { panic!("{command:?}") };
    assert_eq!((what.verb, what.to_string().as_str()), (Verb::Restart, "restart svc-000 place-00"));
    assert_eq!((reason.as_str(), consent.unwrap().how), ("pods leak", format!("typed {typed}")));
    // What leaves checks out takes the service's name too.
    choose(&mut desk, "promote how=full");
    assert!(expected(&desk).starts_with("svc-000@place-00 "), "{}", expected(&desk));
    all += &picture(&desk, "in full");
    desk.press(&["esc"]);
    // What takes a value is written out.
    choose(&mut desk, "scale replicas=…");
    assert_eq!(desk.ui.prompt.as_ref().unwrap().input.value(), "do scale svc-000 place-00 replicas=");
    types(&mut desk, "3");
    desk.press(&["enter"]);
    all += &picture(&desk, "scale");
    desk.press(&["esc"]);
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("dialog_without_a_runbook", all);
    });
}

#[test]
fn a_line_of_the_palette_names_what_is_near_and_lists_what_is_offered() {
    let mut desk = armed();
    let line = |desk: &mut Desk, text: &str| {
        desk.press(&[":"]);
        types(desk, text);
        desk.press(&["enter"]);
    };
    line(&mut desk, "do restrat svc-000 place-00");
    assert!(said(&desk).contains("no verb restrat; did you mean \"restart\"?"), "{}", said(&desk));
    line(&mut desk, "do restart svc-000");
    assert!(said(&desk).contains("write VERB SERVICE ENV"), "{}", said(&desk));
    line(&mut desk, "do promote svc-001 place-00");
    assert!(desk.screen(120, 40).contains("offers no promote"), "{}", desk.screen(120, 40));
    desk.press(&["enter"]);
    line(&mut desk, "do pause svc-000 place-00");
    assert_eq!(expected(&desk), "place-00");
}

#[test]
fn what_leaves_checks_out_makes_no_production_of_a_place_that_is_none() {
    let mut workspace = ground::workspace(6, 3);
    let place = workspace.environments.get_mut("place-00").unwrap();
    (place.tier, place.confirm) = (Tier::Staging, Confirmation::None);
    let mut desk = within(workspace);
    let uptime = desk.uptime;
    desk.ui.arming.arm(uptime, USUAL, true).unwrap();
    choose(&mut desk, "promote how=full");
    assert!(expected(&desk).starts_with("svc-000@place-00 "), "{}", expected(&desk));
    assert!(!desk.screen(120, 40).contains("PRODUCTION · "), "{}", desk.screen(120, 40));
    desk.press(&["esc"]);
    choose(&mut desk, "restart");
    assert_eq!(expected(&desk), "", "there is nothing to type");
}

#[test]
fn what_takes_nobody_knows_what_is_written_out() {
    let mut workspace = ground::workspace(6, 3);
    workspace.purpose = Purpose::Rehearsal;
    let mut plugin = ground::scripts();
    let granted = Granted { limit: Span::mins(1), idempotent: false };
    let verbs = [(Verb::Promote, granted)].into();
    plugin.kind = BackendKind::Plugin(PluginSpec { verbs, ..PluginSpec::default() });
    workspace.backends.insert("sh".into(), plugin);
    let mut lines = Lines::opened();
    lines.run(&workspace, ground::plan(8));
    let mut desk = Desk::within(workspace, lines);
    desk.ui.pane = Pane::Health;
    desk.ui.target = Some(("svc-000".into(), "place-00".into()));
    choose(&mut desk, "promote …");
    assert_eq!(desk.ui.prompt.as_ref().unwrap().input.value(), "do promote svc-000 place-00 ");
}

#[test]
fn its_run_takes_the_screens_from_no_other() {
    let mut desk = desk();
    choose(&mut desk, "pause");
    types(&mut desk, "why");
    desk.press(&["enter"]);
    types(&mut desk, "place-00");
    let (_, requests) = desk.press(&["enter"]);
    let Some(Request::Command(command)) = requests.into_iter().next() else { panic!("not taken") };
    let actor = Actor { person: "ana".into(), proof: Proof::SshKey, session: ME };
    let facts = decide(&desk.model.given(desk.model.derived.at), &actor, &command).unwrap();
    let mut lines = Lines { ledger: desk.model.ledger.clone(), entries: Vec::new() };
    lines.write(&command.to_string(), facts);
    desk.model.ledger = lines.ledger;
    assert_eq!(desk.model.ledger.last_run, 2);
    assert_eq!(desk.model.run().map(|run| run.id), Some(RunId(1)));
    // Where there is no other, it is shown.
    desk.model.ledger.runs.remove(&RunId(1));
    assert_eq!(desk.model.run().map(|run| run.id), Some(RunId(2)));
    assert!(desk.act(Action::Go(Pane::Runbook)).is_none());
    assert!(desk.screen(120, 40).contains("pause svc-000 place-00"), "{}", desk.screen(120, 40));
}

/// Writes down what one thing without a runbook is by somebody, and what becomes of it.
fn done_elsewhere(desk: &mut Desk, line: (Verb, &[(&str, &str)]), report: Option<Report>) -> RunId {
    let (service, environment) = ("svc-000".into(), "place-00".into());
    let args = line.1.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let what = OneOff { verb: line.0, service, environment, args };
    let given = desk.model.given(desk.model.derived.at);
    let saw = adhoc::plan(&given, &what).unwrap().digest();
    let consent = Some(Consent { level: Confirmation::Challenge, saw, how: "typed".to_owned() });
    let command = Command::Do { what, reason: "why".to_owned(), consent };
    let actor = Actor { person: "ana".into(), proof: Proof::SshKey, session: ME };
    let facts = decide(&given, &actor, &command).unwrap();
    let mut lines = Lines { ledger: desk.model.ledger.clone(), entries: Vec::new() };
    let seq = lines.write(&command.to_string(), facts).seq;
    let id = RunId(lines.ledger.last_run);
    if let Some(report) = report {
        let given = Given { ledger: &lines.ledger, ..desk.model.given(desk.model.derived.at) };
        let facts = settle(&given, seq, &report);
        lines.write("report", facts);
        lines.write("advance", vec![Fact::RunCompleted { run: id }]);
    }
    let at = desk.model.derived.at;
    desk.model.take(Update::Entries(Arc::new(lines.entries)));
    desk.model.refresh(at + chrono::TimeDelta::seconds(1));
    id
}

fn done(version: &str, previous: &str) -> Report {
    let detail = [("version", version), ("previous", previous)].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    Report::Done(Receipt { detail, ..Receipt::default() })
}

/// What the key that rolls back means.
fn back(desk: &Desk) -> (Option<RunId>, RollsBack) {
    let seen = desk.seen();
    let (run, what) = way_back::meant(&seen.view(&desk.ui));
    (run.map(|run| run.id), what)
}

#[test]
fn the_way_back_of_a_place_takes_back_what_was_done_there_last() {
    let mut desk = armed();
    desk.press(&["B"]);
    assert_eq!(back(&desk), (Some(RunId(1)), RollsBack::Set), "nothing was changed there");
    desk.press(&["esc"]);
    let id = done_elsewhere(&mut desk, (Verb::Deploy, &[("version", "2.1")]), Some(done("2.1", "2.0")));
    assert_eq!(back(&desk), (Some(id), RollsBack::One("svc-000".into(), "place-00".into())));
    desk.press(&["B"]);
    assert!(desk.screen(120, 40).contains("2.0"), "{}", desk.screen(120, 40));
}

#[test]
fn nobodys_one_thing_is_taken_by_its_number_and_disarms_nobody() {
    let mut desk = armed();
    let id = done_elsewhere(&mut desk, (Verb::Pause, &[]), None);
    let given = Fact::ConnGiven { run: id };
    let mut lines = Lines { ledger: desk.model.ledger.clone(), entries: Vec::new() };
    lines.write("conn give", vec![given]);
    desk.model.take(Update::Entries(Arc::new(lines.entries)));
    desk.ui.pane = Pane::Bridge;
    let screen = desk.screen(160, 50);
    assert!(screen.contains("run 2: nobody drives it; `holdpoint conn take 2`"), "{screen}");
    // Where it is all there is, the key takes it, and it asks nobody for its conn.
    desk.model.ledger.runs.remove(&RunId(1));
    watch(&mut desk);
    let uptime = desk.uptime;
    assert!(desk.ui.arming.is_armed(uptime), "{}", said(&desk));
    let screen = desk.screen(160, 50);
    assert!(screen.contains("run 2: nobody drives it; T takes the conn"), "{screen}");
}

/// News has come.
fn watch(desk: &mut Desk) {
    let now = desk.model.derived.at;
    let mut ui = std::mem::take(&mut desk.ui);
    let seen = Seen { now, ..desk.seen() };
    update::watch::watch(&mut ui, &seen);
    desk.ui = ui;
}

#[test]
fn a_dialog_is_over_when_the_same_was_done_meanwhile() {
    let mut desk = armed();
    choose(&mut desk, "restart");
    assert!(desk.ui.asked.is_some());
    done_elsewhere(&mut desk, (Verb::Restart, &[]), None);
    watch(&mut desk);
    assert!(desk.ui.asked.is_none() && said(&desk).contains("nothing was sent"), "{}", said(&desk));
}

#[test]
fn an_incident_is_not_noted_on_what_is_done_without_a_runbook() {
    let mut desk = armed();
    done_elsewhere(&mut desk, (Verb::Restart, &[]), None);
    desk.model.ledger.runs.remove(&RunId(1));
    desk.act(Action::Incident);
    desk.act(Action::Incident);
    let intent = desk.ui.asked.as_ref().and_then(|asked| asked.intent.as_ref());
    assert!(matches!(intent, Some(Intent::OpenIncident(None, true))), "{intent:?}");
}

#[test]
fn an_incident_after_the_end_of_a_run_is_noted_on_it() {
    let mut desk = armed();
    desk.model.ledger.runs.get_mut(&RunId(1)).unwrap().phase = Phase::Completed(desk.model.derived.at);
    desk.act(Action::Incident);
    desk.act(Action::Incident);
    let intent = desk.ui.asked.as_ref().and_then(|asked| asked.intent.as_ref());
    assert!(matches!(intent, Some(Intent::OpenIncident(Some(RunId(1)), _))), "{intent:?}");
}
