//! The card of an open hold point or poll: what it says at every size, when it
//! gives way, and that its keys are the keymap's.

use crate::actions::Desk;
use crate::ground::{self, Lines};
use chrono::{DateTime, Utc};
use holdpoint::domain::approval::{Cast, Spoken, Vote};
use holdpoint::domain::command::Command;
use holdpoint::domain::digest::Digest;
use holdpoint::domain::fact::Fact;
use holdpoint::domain::name::RunId;
use holdpoint::domain::observed::Observed;
use holdpoint::domain::person::{Person, Proof, Role};
use holdpoint::domain::plan::{At, Kind, Plan, Question, Step, Work};
use holdpoint::domain::signal::SignalAt;
use holdpoint::domain::span::Span;
use holdpoint::domain::workspace::{Purpose, Workspace};
use holdpoint::engine::{Given, people};
use holdpoint::tui::action::{Action, Pane};
use holdpoint::tui::hand;
use holdpoint::tui::keymap::Keymap;
use holdpoint::tui::request::Request;

const ROLES: [(&str, &str, &[&str]); 5] = [
    ("ops", "Operations", &["ana"]),
    ("qa", "Quality", &["tom"]),
    ("security", "Security", &["bo"]),
    ("data", "Data platform", &["mia"]),
    ("business", "Business", &["ruiz", "lind"]),
];

fn workspace() -> Workspace {
    let mut workspace = ground::workspace(20, 2);
    workspace.purpose = Purpose::Rehearsal;
    let person = |name: &str| Person {
        name: name.into(),
        title: format!("{}{} Example", name[..1].to_uppercase(), &name[1..]),
        accounts: holdpoint::domain::person::Accounts::default(),
        contacts: vec![format!("+46 70 555 01{:02}", name.len())],
    };
    let role = |name: &str, title: &str, people: &[&str]| Role {
        name: name.into(),
        title: title.to_owned(),
        people: people.iter().map(|p| (*p).into()).collect(),
        proof: Proof::Claimed,
        spoken: true,
        rollback: name == "ops",
        contacts: vec![],
    };
    let all = ROLES.iter().flat_map(|(.., people)| people.iter()).chain(&["kim"]);
    workspace.people = all.map(|name| ((*name).into(), person(name))).collect();
    workspace.roles = ROLES.iter().map(|(name, title, people)| ((*name).into(), role(name, title, people))).collect();
    workspace
}

/// Six steps; the first asks.
fn plan(question: Question, kind: Kind, workspace: &Workspace) -> Plan {
    let mut plan = ground::plan(6);
    let title = if kind == Kind::Poll { "Go or no-go for the train?" } else { "Promote payments to eu-north?" };
    let step = Step { title: title.to_owned(), kind, owner: None, work: Work::Ask(question), ..plan.steps[0].clone() };
    plan.steps[0] = step;
    plan.steps[4].point_of_no_return = true;
    plan.signals = workspace.signals.values().cloned().collect();
    plan
}

fn poll(workspace: &Workspace) -> Plan {
    let at = |place: &str| SignalAt { signal: "errors-svc-000".into(), environment: place.into() };
    let roles = ROLES.iter().map(|(name, ..)| (*name).into()).collect();
    let question = Question::Poll { roles, evidence: vec![at("place-00"), at("place-01")], closes: Span::mins(10) };
    plan(question, Kind::Poll, workspace)
}

fn started(question: impl FnOnce(&Workspace) -> Plan) -> (Workspace, Lines) {
    let (workspace, mut lines) = (workspace(), Lines::opened());
    lines.run(&workspace, question(&workspace));
    (workspace, lines)
}

/// The evidence of the poll once everything has been seen.
fn evidence(workspace: &Workspace, lines: &Lines) -> Digest {
    let (run, now) = (lines.ledger.run(RunId(1)).unwrap(), lines.ledger.at);
    let mut observed = Observed::default();
    ground::everything_seen(workspace, now).into_iter().for_each(|seen| observed.apply(&seen));
    let given = Given { ledger: &lines.ledger, workspace, observed: &observed, now };
    people::poll(&given, run, &run.plan.steps[0]).unwrap().evidence
}

fn cast(person: &str, vote: Vote, saw: Digest, at: DateTime<Utc>) -> Cast {
    Cast { person: person.into(), vote, proof: Proof::SshKey, at, saw, spoken: None }
}

/// One role of each kind: two go, one of them spoken, one on a condition, one stale, one silent.
fn voted() -> Desk {
    let (workspace, mut lines) = started(poll);
    let (saw, at) = (evidence(&workspace, &lines), lines.ledger.at);
    let spoken = Spoken {
        said_by: "tom".into(),
        heard_by: "kim".into(),
        typed_by: "ana".into(),
        words: "quality says go".to_owned(),
    };
    let condition = Vote::GoIf { condition: "fx is fresh again".to_owned(), met: false };
    let votes = [
        ("ops", cast("ana", Vote::Go, saw, at)),
        ("qa", Cast { spoken: Some(spoken), ..cast("tom", Vote::Go, saw, at) }),
        ("security", cast("bo", condition, saw, at)),
        ("data", cast("mia", Vote::Go, Digest::default(), at)),
    ];
    for (role, cast) in votes {
        lines.write("vote", vec![Fact::Voted { run: RunId(1), step: "1".into(), role: role.into(), cast }]);
    }
    Desk::within(workspace, lines)
}

/// The card's rows alone, and on the wall the columns left of the world.
fn card(desk: &Desk, (width, height): (u16, u16)) -> String {
    let screen = desk.screen(width, height);
    let rows = screen.lines().skip_while(|line| !line.contains('◆'));
    let end = rows.clone().position(|line| line.contains("C call")).unwrap_or_else(|| panic!("no keys in\n{screen}"));
    let rows = rows.take(end + 1).map(|row| row.chars().take(120).collect::<String>().trim_end().to_owned() + "\n");
    format!("{width}×{height}\n{}\n", rows.collect::<String>())
}

#[track_caller]
fn keeps(name: &str, desk: &Desk) {
    let text: String = [(80, 24), (120, 40), (200, 50)].map(|size| card(desk, size)).concat();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn a_poll_says_what_it_means_who_said_what_and_what_is_missing() {
    keeps("hold_point_poll", &voted());
}

#[test]
fn a_hold_point_says_who_releases_it_and_by_when() {
    let decide_by = |minutes: i64| {
        move |workspace: &Workspace| {
            let question = Question::Release {
                roles: vec!["ops".into(), "business".into()],
                decide_by: Some(At::Offset(minutes * 60_000)),
            };
            plan(question, Kind::Hold, workspace)
        }
    };
    let (workspace, lines) = started(decide_by(30));
    keeps("hold_point_release", &Desk::within(workspace, lines));
    let (workspace, lines) = started(decide_by(-1));
    let late = Desk::within(workspace, lines).screen(80, 24);
    assert!(late.contains("LATE: decide by 01:59Z"), "{late}");
}

#[test]
fn it_gives_way_to_a_step_that_someone_points_at_and_comes_back() {
    let mut desk = voted();
    assert!(desk.screen(80, 24).contains("◆ POLL 1"));
    desk.press(&["down"]);
    assert!(desk.screen(80, 24).contains("◆ POLL 1"), "pointed at itself it stays");
    desk.press(&["down"]);
    let screen = desk.screen(80, 24);
    assert!(!screen.contains("POLL 1") && screen.contains("── now ") && screen.contains("── waiting for "), "{screen}");
    assert!(screen.contains("▸·    2 "), "the row that keys act on is shown: {screen}");
    desk.press(&["esc"]);
    assert!(desk.screen(80, 24).contains("◆ POLL 1"));
    desk.act(Action::Zoom);
    assert!(!desk.screen(80, 24).contains("POLL 1"), "zoomed, the list is alone");
}

#[test]
fn its_keys_are_the_keymaps_and_name_the_roles_that_are_ones_own() {
    let (workspace, lines) = started(poll);
    let mut desk = Desk::within(workspace, lines);
    assert!(desk.screen(80, 24).contains("v vote (ops)  V record a spoken vote  C call  P park"));
    let lines = Keymap::lines().into_iter().filter(|line| line.action != Some(Action::Vote)).collect::<Vec<_>>();
    desk.ui.keys = Keymap::of(&lines).into();
    assert!(desk.screen(80, 24).contains(" V record a spoken vote  C call  P park"), "{}", desk.screen(80, 24));
}

#[test]
fn what_there_is_no_room_for_is_counted_and_is_a_go() {
    let desk = voted();
    // A message takes the line above the footer; at 24 rows a quarter belongs to the world.
    let full = desk.screen(80, 24);
    let rows =
        full.lines().filter(|line| line.contains("GO-IF") || line.contains("STALE") || line.contains(" - ")).count();
    assert!(rows >= 3, "who has not said go is never hidden: {full}");
    assert!(full.contains("NO-GO so far: 1 condition open · data votes again · business silent"), "{full}");
}

#[test]
fn what_keys_would_act_on_is_highlighted_at_every_size_and_in_every_pane() {
    let (held, lines) = started(poll);
    for mut desk in [voted(), Desk::within(held, lines)] {
        for pane in Pane::ALL {
            desk.ui.pane = pane;
            for (width, height) in [(80, 24), (100, 30), (120, 40), (200, 50)] {
                let seen = desk.seen();
                let view = seen.view(&desk.ui);
                let meant: Vec<_> = hand::meant(&view).ids().collect();
                let shown = desk.drawn(width, height).1.shown;
                for id in meant {
                    assert!(shown.on().any(|on| *on == id), "{pane:?} at {width}x{height}: {id:?}");
                }
            }
        }
    }
}

/// What the newest request commands.
fn commanded(requests: &[Request]) -> Command {
    match requests.last() {
        Some(Request::Command(command)) => (**command).clone(),
        other => panic!("no command but {other:?}"),
    }
}

fn typed(text: &str) -> Vec<String> {
    text.chars().map(|c| if c == ' ' { "space".to_owned() } else { c.to_string() }).collect()
}

#[test]
fn a_go_on_a_condition_asks_for_the_condition_in_the_voters_words() {
    let (workspace, lines) = started(poll);
    let mut desk = Desk::within(workspace, lines);
    desk.act(Action::Vote);
    assert!(desk.screen(80, 24).contains("g GO  n NO-GO  i GO-IF, on a condition"), "{}", desk.screen(80, 24));
    assert!(desk.press(&["i"]).1.is_empty(), "nothing is said before the condition is written");
    let asked = desk.screen(80, 24);
    assert!(asked.contains("Poll 1, ops: go if what") && asked.contains("only you can"), "{asked}");
    assert!(desk.press(&["enter"]).1.is_empty(), "an empty condition is none");
    let asked = desk.screen(80, 24);
    assert!(asked.contains("the condition is needed") && !asked.contains("a reason is needed"), "{asked}");
    let words = typed("if fx is fresh");
    desk.press(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let Command::Vote { vote, said: None, .. } = commanded(&desk.press(&["enter", "enter"]).1) else {
        panic!("no vote")
    };
    assert_eq!(vote, Vote::GoIf { condition: "fx is fresh".to_owned(), met: false });
}

#[test]
fn who_has_voted_go_if_is_offered_to_say_that_it_is_met() {
    let (workspace, mut lines) = started(poll);
    let (saw, at) = (evidence(&workspace, &lines), lines.ledger.at);
    let cast = cast("ana", Vote::go_if("fx is fresh again"), saw, at);
    lines.write("vote", vec![Fact::Voted { run: RunId(1), step: "1".into(), role: "ops".into(), cast }]);
    let mut desk = Desk::within(workspace, lines);
    assert!(desk.screen(80, 24).contains("v vote (ops)"), "{}", desk.screen(80, 24));
    desk.act(Action::Vote);
    let screen = desk.screen(80, 24);
    assert!(screen.contains("m MET: fx is fresh again"), "{screen}");
    let Command::Vote { vote, .. } = commanded(&desk.press(&["m"]).1) else { panic!("no vote") };
    assert_eq!(vote, Vote::GoIf { condition: "fx is fresh again".to_owned(), met: true });
}

/// A poll in which ana has two roles, with these votes of hers on what is seen now.
fn of_two_roles(votes: &[(&str, Vote)]) -> Desk {
    let mut workspace = workspace();
    workspace.roles.get_mut("qa").unwrap().people.insert(0, "ana".into());
    let mut plan = poll(&workspace);
    if let Work::Ask(Question::Poll { roles, .. }) = &mut plan.steps[0].work {
        *roles = vec!["ops".into(), "qa".into()];
    }
    let mut lines = Lines::opened();
    lines.run(&workspace, plan);
    let (saw, at) = (evidence(&workspace, &lines), lines.ledger.at);
    for (role, vote) in votes {
        let cast = cast("ana", vote.clone(), saw, at);
        lines.write("vote", vec![Fact::Voted { run: RunId(1), step: "1".into(), role: (*role).into(), cast }]);
    }
    Desk::within(workspace, lines)
}

/// What the menu asks, and its answers.
fn menu(desk: &Desk) -> (String, Vec<String>) {
    let menu = desk.ui.menu.as_ref().unwrap();
    (menu.title.clone(), menu.items.iter().map(|(key, label, _)| format!("{key} {label}")).collect())
}

#[test]
fn who_has_two_roles_is_asked_for_the_one_that_needs_it_and_can_change_either() {
    let go_if = || Vote::go_if("fx is fresh");
    for (votes, asked) in [
        (vec![], "ops"),
        (vec![("ops", Vote::Go)], "qa"),
        (vec![("ops", Vote::Go), ("qa", go_if())], "qa"),
        (vec![("ops", go_if()), ("qa", Vote::Go)], "ops"),
        (vec![("ops", go_if())], "qa"),
        (vec![("ops", Vote::Go), ("qa", Vote::NoGo)], "qa"),
    ] {
        let mut desk = of_two_roles(&votes);
        desk.act(Action::Vote);
        assert_eq!(menu(&desk).0, format!("poll 1 for {asked}"), "{votes:?}");
    }
    let mut desk = of_two_roles(&[("ops", Vote::Go), ("qa", go_if())]);
    desk.act(Action::Vote);
    let Command::Vote { role, vote, .. } = commanded(&desk.press(&["m"]).1) else { panic!("no vote") };
    assert_eq!((role.as_str(), vote), ("qa", Vote::GoIf { condition: "fx is fresh".to_owned(), met: true }));
    // Both have said go: either can be taken back.
    for wanted in ["ops", "qa"] {
        let mut desk = of_two_roles(&[("ops", Vote::Go), ("qa", Vote::Go)]);
        desk.act(Action::Vote);
        if menu(&desk).0 != format!("poll 1 for {wanted}") {
            assert!(desk.press(&["1"]).1.is_empty(), "it only changes which role is asked");
        }
        assert_eq!(menu(&desk).0, format!("poll 1 for {wanted}"));
        let Command::Vote { role, vote: Vote::NoGo, .. } = commanded(&desk.press(&["n"]).1) else { panic!("no vote") };
        assert_eq!(role.as_str(), wanted);
    }
}

#[test]
fn ones_own_condition_as_the_last_thing_open_is_hinted_at() {
    let coach = |desk: &Desk| holdpoint::tui::coach::line(&desk.seen().view(&desk.ui), &Keymap::shipped());
    let desk = of_two_roles(&[("ops", Vote::Go), ("qa", Vote::go_if("fx is fresh"))]);
    assert_eq!(coach(&desk).as_deref(), Some("next v vote 1"));
    assert!(desk.screen(80, 24).contains("v vote (qa)"), "{}", desk.screen(80, 24));
}

#[test]
fn every_person_whose_spoken_word_would_count_is_offered_and_no_other() {
    let mut desk = voted();
    desk.act(Action::SpokenVote);
    let (title, rows) = menu(&desk);
    assert!(title.contains("spoken"), "{title}");
    assert_eq!(rows, ["a security: bo says", "b data: mia says", "c business: ruiz says", "d business: lind says"]);
    assert!(desk.press(&["d"]).1.is_empty());
    // Who else heard it is asked, and it is neither who says it nor who types it.
    let (title, rows) = menu(&desk);
    assert!(title.contains("who else heard it") && rows.len() > 1, "{title} {rows:?}");
    assert!(!rows.iter().any(|row| row.ends_with(" lind") || row.ends_with(" ana")), "{rows:?}");
    let witness = rows[1].split(' ').nth(1).unwrap().to_owned();
    assert!(desk.press(&["b"]).1.is_empty());
    let (title, _) = menu(&desk);
    assert_eq!(title, format!("business: lind says, {witness} heard it"));
    assert!(desk.press(&["g"]).1.is_empty(), "the words are asked for");
    let words = typed("go");
    desk.press(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let Command::Vote { role, vote: Vote::Go, said: Some(said), .. } = commanded(&desk.press(&["enter"]).1) else {
        panic!("no vote")
    };
    assert_eq!((role.as_str(), said.by.as_str(), said.words.as_str()), ("business", "lind", "go"));
    assert_eq!(said.heard_by.as_str(), witness);
}

/// A poll of twenty roles, each of two people.
fn of_many() -> Desk {
    let mut workspace = workspace();
    for n in 0..20 {
        let role = Role { name: format!("r{n:02}").as_str().into(), ..workspace.roles["business"].clone() };
        workspace.roles.insert(role.name.clone(), role);
    }
    let mut plan = poll(&workspace);
    if let Work::Ask(Question::Poll { roles, .. }) = &mut plan.steps[0].work {
        *roles = (0..20).map(|n| format!("r{n:02}").as_str().into()).collect();
    }
    let mut lines = Lines::opened();
    lines.run(&workspace, plan);
    Desk::within(workspace, lines)
}

#[test]
fn more_roles_than_a_menu_once_had_keys_for_are_all_offered() {
    let mut desk = of_many();
    desk.act(Action::SpokenVote);
    let rows = menu(&desk).1;
    let keys: std::collections::BTreeSet<_> = rows.iter().filter_map(|row| row.chars().next()).collect();
    assert_eq!((rows.len(), keys.len()), (40, 40), "{rows:?}");
}

#[test]
fn a_spoken_vote_is_offered_exactly_where_its_key_finds_one() {
    let mut workspace = workspace();
    // Who sits here is the only one in any role that votes: there is nobody whose word could be recorded.
    workspace.roles.values_mut().for_each(|role| role.people = vec!["ana".into()]);
    let mut lines = Lines::opened();
    lines.run(&workspace, poll(&workspace));
    let mut desk = Desk::within(workspace, lines);
    assert!(!desk.screen(80, 24).contains("record a spoken vote"), "{}", desk.screen(80, 24));
    desk.act(Action::SpokenVote);
    assert!(desk.ui.menu.is_none());
}

#[test]
fn a_condition_too_long_for_a_menu_is_shown_whole_before_it_is_said_to_be_met() {
    let long = "fx is fresh in both regions for ten minutes, the queue of ledger is below one hundred, and \
                nobody at the desk in Oslo objects";
    let mut desk = of_two_roles(&[("ops", Vote::Go), ("qa", Vote::go_if(long))]);
    desk.act(Action::Vote);
    assert!(desk.press(&["m"]).1.is_empty(), "nothing is said before it was shown whole");
    let screen = desk.screen(60, 20);
    for word in long.split_whitespace() {
        assert!(screen.contains(word), "{word} is missing in\n{screen}");
    }
    let Command::Vote { vote, .. } = commanded(&desk.press(&["enter"]).1) else { panic!("no vote") };
    assert_eq!(vote, Vote::GoIf { condition: long.to_owned(), met: true });
}

#[test]
fn only_an_answer_that_was_on_the_screen_can_be_chosen() {
    let mut desk = of_many();
    let (few, all) = (desk_answers(&mut desk, 60, 12), desk_answers(&mut desk, 120, 40));
    assert!(few < all, "else this shows nothing: {few} of {all}");
    for (width, height) in [(60, 12), (120, 40)] {
        let shown = desk_answers(&mut desk, width, height);
        let keys: Vec<_> = desk.ui.menu.as_ref().unwrap().items.iter().map(|(key, ..)| key.to_string()).collect();
        for (n, key) in keys.iter().enumerate() {
            desk_answers(&mut desk, width, height);
            let (log, _) = desk.press(&[key]);
            let did = log[0].did.clone().unwrap();
            if n < shown {
                assert!(did.starts_with("chose "), "{key} at {width}x{height}: {did}");
            } else {
                assert_eq!(did, "that answer has no room on this screen", "{key} at {width}x{height}");
                assert!(desk.screen(width, height).contains(&did));
            }
        }
    }
}

/// Opens the menu of spoken votes and shows it at a size; how many answers had room.
fn desk_answers(desk: &mut Desk, width: u16, height: u16) -> usize {
    desk.ui.menu = None;
    desk.act(Action::SpokenVote);
    let answers = desk.drawn(width, height).1.answers.unwrap();
    desk.ui.offered(answers);
    answers
}

#[test]
fn answers_that_do_not_fit_on_a_line_have_a_row_each_and_none_is_cut_silently() {
    let mut desk = voted();
    desk.act(Action::SpokenVote);
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let screen = desk.screen(width, height);
        let menu = desk.ui.menu.as_ref().unwrap();
        for (key, label, _) in &menu.items {
            assert!(screen.contains(&format!("{key} {label}")), "{key} {label} is not at {width}x{height}: {screen}");
        }
    }
    let small = desk.screen(60, 12);
    let menu = desk.ui.menu.as_ref().unwrap();
    let shown = menu.items.iter().filter(|(key, label, _)| small.contains(&format!("{key} {label}"))).count();
    let rest = menu.items.len() - shown;
    assert!(rest == 0 || small.contains(&format!("{rest} more: ")), "{small}");
}
