//! Blips, silence, and what the director does when it sees something.

use crate::ground::Ground;
use crate::support::sandbox::LIMIT;
use crate::support::wait_until;
use holdpoint::demo::{Act, Ending, Options, Rule, When};
use holdpoint::domain::span::Span;
use rustix::process::Signal;
use std::fs;
use std::time::Duration;

fn rule(when: When, act: Act) -> Rule {
    Rule { when, after: Span::millis(10), act, tries: 1, done: None }
}

#[test]
fn silent_metrics_give_no_answer_while_the_service_goes_on() {
    let ground = Ground::new();
    let metrics = |limit| ground.get("/fx/eu-north/metrics", limit);
    assert!(metrics(LIMIT).is_some());
    ground.run("silence --place fx@eu-north --for 8s").exits(0);
    assert_eq!(metrics(Duration::from_millis(400)), None);
    assert_eq!(ground.answer("/fx/eu-north/healthz"), "ok\n");
    ground.answer("/fx/eu-west/metrics");
    wait_until("the metrics speak again", LIMIT, || metrics(Duration::from_millis(400)).is_some());
}

#[test]
fn a_blip_really_stops_the_instances_and_they_go_on() {
    let ground = Ground::new();
    let states = || ground.states("ledger@eu-west");
    let mut blip = ground.control("blip --place ledger@eu-west --for 5s").spawn().unwrap();
    wait_until("both stand still", LIMIT, || states() == "TT");
    assert_eq!(ground.get("/ledger/eu-west/version", Duration::from_millis(150)), None);
    ground.answer("/ledger/eu-north/version");
    assert!(blip.wait().unwrap().success());
    assert!(!states().contains('T'));
    ground.answer("/ledger/eu-west/version");
}

#[test]
fn the_director_runs_our_own_program_once_a_line_is_written() {
    let when = When::Line { file: "journal".into(), contains: vec!["\"poll\"".into(), "\"5\"".into()] };
    let act = Act::Run { argv: vec!["init".into(), "made/by-the-director".into()] };
    let ground = Ground::with(Ending::WithUs, vec![rule(when, act)]);
    let made = ground.dir().join("made/by-the-director/holdpoint.toml");
    fs::create_dir(ground.dir().join("journal")).unwrap();
    let segment = ground.dir().join("journal/000001.jsonl");
    fs::write(&segment, "{\"poll\":\"4\"}\n{\"poll\":\"5\"").unwrap();
    wait_until("the director has had time to look", LIMIT, || {
        fs::metadata(ground.dir().join("estate/log/director.log")).is_ok()
    });
    assert!(!made.exists(), "half a line is none");
    fs::write(&segment, "{\"poll\":\"4\"}\n{\"poll\":\"5\"}\n").unwrap();
    wait_until("the program has run", LIMIT, || made.exists());
}

#[test]
fn the_tours_own_blip_and_silence_come_by_themselves() {
    let ground = Ground::of(Options::default());
    ground.result("deploy --service payments --env eu-west --version 4.2.0 --weight 100 --key k:1");
    wait_until("fx in eu-north is silent", LIMIT, || {
        ground.get("/fx/eu-north/metrics", Duration::from_millis(300)).is_none()
    });
    wait_until("ledger in eu-west has had its blip", LIMIT, || {
        fs::read_to_string(ground.dir().join("estate/log/director.log")).unwrap().contains("2 instances stood still")
    });
}

#[test]
fn a_killed_director_comes_back_goes_on_and_repeats_nothing() {
    let line = |word: &str| When::Line { file: "said.jsonl".into(), contains: vec![word.to_owned()] };
    let close = |region: &str| Act::CloseDay { region: region.to_owned() };
    let ground = Ground::with(
        Ending::Detached,
        vec![
            rule(line("first"), close("eu-west")),
            Rule { after: Span::secs(2), ..rule(line("second"), close("eu-north")) },
            rule(line("third"), Act::Run { argv: vec!["init".into(), "made".into()] }),
        ],
    );
    let said = ground.dir().join("said.jsonl");
    let day = |region: &str| ground.dir().join(format!("data/{region}/closed.json"));
    fs::write(&said, "first\nsecond\n").unwrap();
    wait_until("the first is written down as done", LIMIT, || progress(&ground).first() == Some(&"ended".into()));
    // What it does again would be there again.
    fs::remove_file(day("eu-west")).unwrap();
    kill_the_director(&ground);
    fs::write(&said, "first\nsecond\nthird\n").unwrap();
    wait_until("the rest is done", LIMIT, || {
        day("eu-north").is_file() && ground.dir().join("made/holdpoint.toml").is_file()
    });
    wait_until("the director has nothing left to do", LIMIT, || ground.of_kind("director").is_empty());
    assert!(!day("eu-west").exists(), "what was done is done again");
    let log = fs::read_to_string(ground.dir().join("estate/log/director.log")).unwrap();
    assert_eq!(log.matches("day of eu-west closed").count(), 1, "{log}");
}

#[test]
fn what_was_under_way_when_the_director_was_killed_is_looked_up_and_not_guessed() {
    let done = |file: &str| Some(When::Line { file: file.into(), contains: Vec::new() });
    let blip = |service: &str| Act::Blip { place: format!("{service}@eu-west").parse().unwrap(), span: Span::secs(6) };
    let ground = Ground::with(
        Ending::Detached,
        vec![
            Rule { done: done("ledger-blinked"), tries: 2, ..rule(When::Up, blip("ledger")) },
            Rule { done: done("fx-blinked"), tries: 2, ..rule(When::Up, blip("fx")) },
            Rule { tries: 2, ..rule(When::Up, blip("payments")) },
        ],
    );
    let stopped = |service: &str| ground.states(&format!("{service}@eu-west")) == "TT";
    wait_until("all are under way", LIMIT, || ["ledger", "fx", "payments"].iter().all(|service| stopped(service)));
    fs::write(ground.dir().join("fx-blinked"), "yes\n").unwrap();
    kill_the_director(&ground);
    wait_until("the director has nothing left to do", LIMIT, || progress(&ground).iter().all(|one| one == "ended"));
    let log = fs::read_to_string(ground.dir().join("estate/log/director.log")).unwrap();
    assert_eq!(log.matches("instances stood still").count(), 1, "only what is not known to be done: {log}");
    assert!(log.contains("ledger"), "{log}");
}

#[test]
fn a_blip_that_is_killed_halfway_ends_all_the_same() {
    let ground = Ground::new();
    let states = || ground.states("ledger@eu-west");
    let mut blip = ground.control("blip --place ledger@eu-west --for 5s").spawn().unwrap();
    wait_until("both stand still", LIMIT, || states() == "TT");
    blip.kill().unwrap();
    blip.wait().unwrap();
    wait_until("both go on", LIMIT, || !states().contains('T'));
    ground.answer("/ledger/eu-west/version");
    assert!(!ground.dir().join("estate/blip/ledger@eu-west").exists());
}

/// How far each rule is, as it is written down.
fn progress(ground: &Ground) -> Vec<serde_json::Value> {
    let written = fs::read(ground.dir().join("estate/directed.json"));
    written.map(|text| serde_json::from_slice(&text).unwrap()).unwrap_or_default()
}

fn kill_the_director(ground: &Ground) {
    let director = ground.of_kind("director").remove(0);
    director.signal(Signal::KILL);
    wait_until("it comes back", LIMIT, || {
        ground.of_kind("director").iter().any(|now| now.pid != director.pid)
            || progress(ground).iter().all(|one| one == "ended")
    });
}
