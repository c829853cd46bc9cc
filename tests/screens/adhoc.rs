//! Acting on a place without a runbook: what its menu offers, what is asked before anything is
//! sent, and that the run it makes takes the screens from no other.

use crate::actions::Desk;
use crate::ground::{self, Lines, ME};
use holdpoint::domain::backend::{BackendKind, KubernetesSpec};
use holdpoint::domain::catalogue::{Confirmation, Tier};
use holdpoint::domain::command::Command;
use holdpoint::domain::name::RunId;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::person::{Actor, Proof};
use holdpoint::domain::workspace::{Purpose, Workspace};
use holdpoint::engine::decide;
use holdpoint::tui::action::{Action, Pane};
use holdpoint::tui::arming::USUAL;
use holdpoint::tui::dialog::Dialog;
use holdpoint::tui::request::Request;
use holdpoint::tui::terminal::What;

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
fn what_leads_forward_needs_arming_and_what_leads_back_does_not() {
    let mut desk = desk();
    choose(&mut desk, "restart");
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
    let Command::Do { what, reason, consent, named: true } = *command else { panic!("{command:?}") };
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
