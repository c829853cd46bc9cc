//! However it ends, nothing is left behind.

use crate::ground::Ground;
use crate::support::sandbox::{HOLDPOINT, LIMIT};
use crate::support::wait_until;
use holdpoint::demo::{self, Ending};
use rustix::process::Signal;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn dropping_one_that_ends_with_us_takes_it_down() {
    let mut ground = Ground::new();
    assert!(ground.processes().len() > 20);
    drop(ground.estate.take());
    ground.nothing_left();
}

#[test]
fn a_detached_one_stays_until_it_is_told_and_down_may_be_said_twice() {
    let mut ground = Ground::with(Ending::Detached, Vec::new());
    drop(ground.estate.take());
    ground.answer("/payments/eu-west/version");
    demo::down(&ground.dir()).unwrap();
    assert!(ground.processes().is_empty(), "{:?}", ground.processes());
    demo::down(&ground.dir()).unwrap();
    assert!(ground.dir().join("holdpoint.toml").is_file(), "the workspace stays");
    assert_eq!(ground.run("status").code, Some(3));
}

#[test]
fn kill_of_the_supervisor_takes_everything_down_even_what_is_stopped() {
    let ground = Ground::with(Ending::Detached, Vec::new());
    ground.of_kind("instance")[0].signal(Signal::STOP);
    ground.of_kind("router")[0].signal(Signal::STOP);
    ground.of_kind("supervise")[0].signal(Signal::KILL);
    ground.nothing_left();
}

#[test]
fn kill_of_whoever_brought_it_up_takes_it_down_with_its_directory() {
    let ground = Ground::empty();
    let mut up = Command::new(HOLDPOINT);
    up.args(["demo-estate", "up", "--attached", "--remove", "--fast", "--dir"]).arg(ground.dir());
    let mut up = up.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(up.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(ground.processes().len() > 20, "{:?}", ground.processes());
    up.kill().unwrap();
    up.wait().unwrap();
    ground.nothing_left();
    wait_until("the directory is gone", LIMIT, || !ground.dir().exists());
}

#[test]
fn an_instance_that_is_killed_costs_no_question_an_answer() {
    let ground = Ground::new();
    let victim = ground.of_kind("instance").into_iter().find(|p| p.command.contains("ledger@eu-north")).unwrap();
    victim.signal(Signal::KILL);
    let replaced = || {
        let now = ground.of_kind("instance");
        now.iter().filter(|p| p.command.contains("ledger@eu-north")).count() == 2 && !now.contains(&victim)
    };
    wait_until("it is replaced", LIMIT, || {
        assert!(ground.get("/ledger/eu-north/version", LIMIT).is_some(), "the other one is well");
        replaced()
    });
}

#[test]
fn what_is_killed_within_comes_back_and_still_goes_at_the_end() {
    let ground = Ground::with(Ending::Detached, Vec::new());
    for kind in ["traffic", "front", "router", "instance"] {
        let victim = ground.of_kind(kind).remove(0);
        victim.signal(Signal::KILL);
        wait_until("it is replaced", LIMIT, || {
            let now = ground.of_kind(kind);
            !now.contains(&victim) && now.iter().any(|p| p.command == victim.command)
        });
    }
    wait_until("customers pay again", LIMIT, || {
        let page = ground.get("/payments/eu-west/metrics", LIMIT);
        page.is_some_and(|page| crate::ground::Counters::read(&page).sum("sales_total", &[]) > 5.0)
    });
    demo::down(&ground.dir()).unwrap();
    assert!(ground.processes().is_empty(), "{:?}", ground.processes());
}
