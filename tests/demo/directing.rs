//! Blips, silence, and what the director does when it sees something.

use crate::ground::Ground;
use crate::support::sandbox::LIMIT;
use crate::support::wait_until;
use holdpoint::demo::{Act, Ending, Options, Rule, When};
use holdpoint::domain::span::Span;
use std::fs;
use std::time::Duration;

#[test]
fn silent_metrics_give_no_answer_while_the_service_goes_on() {
    let ground = Ground::new();
    let metrics = |limit| ground.get("/fx/eu-north/metrics", limit);
    assert!(metrics(LIMIT).is_some());
    ground.run("silence --place fx@eu-north --for 2s").exits(0);
    assert_eq!(metrics(Duration::from_millis(400)), None);
    assert_eq!(ground.answer("/fx/eu-north/healthz"), "ok\n");
    ground.answer("/fx/eu-west/metrics");
    wait_until("the metrics speak again", LIMIT, || metrics(Duration::from_millis(400)).is_some());
}

#[test]
fn a_blip_really_stops_the_instances_and_they_go_on() {
    let ground = Ground::new();
    let states = || {
        let ledger = ground.of_kind("instance").into_iter().filter(|p| p.command.contains("ledger@eu-west"));
        let state = |pid: i32| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
            stat.rsplit_once(") ").unwrap().1.chars().next().unwrap()
        };
        ledger.map(|p| state(p.pid)).collect::<String>()
    };
    let mut blip = ground.control("blip --place ledger@eu-west --for 500ms").spawn().unwrap();
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
    let ground = Ground::with(Ending::WithUs, vec![Rule { when, after: Span::millis(10), act, tries: 1 }]);
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
