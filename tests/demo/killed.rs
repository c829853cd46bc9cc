//! What a probe finds when whoever carried out an operation was killed.

use crate::ground::Ground;
use crate::support::sandbox::LIMIT;
use crate::support::wait_until;
use rustix::fs::{FlockOperation, flock};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::process::{Child, Stdio};

const DEPLOY: &str = "deploy --service payments --env eu-west --version 4.2.0 --weight 0 --key k:1";

fn begin(ground: &Ground) -> Child {
    ground.control(DEPLOY).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn wanted(ground: &Ground) -> serde_json::Value {
    ground.file("estate/wanted/payments@eu-west.json")["candidate"].clone()
}

#[test]
fn after_the_commit_point_it_is_applied_all_the_same() {
    let ground = Ground::new();
    let mut deploy = begin(&ground);
    wait_until("the deploy is wanted", LIMIT, || wanted(&ground) == "4.2.0");
    // It is not to end before it is killed.
    kill_process(Pid::from_child(&deploy), Signal::STOP).unwrap();
    assert_eq!(ground.result("probe --key k:1")["found"], "unknown", "somebody is still at it");
    deploy.kill().unwrap();
    deploy.wait().unwrap();
    assert_eq!(ground.book("k:1"), ["start"]);
    let found = ground.result("probe --key k:1");
    assert_eq!((&found["found"], &found["detail"]["previous"]), (&"applied".into(), &"4.1.9".into()), "{found}");
    assert_eq!(ground.of_kind("instance").iter().filter(|p| p.command.contains("4.2.0")).count(), 2);
}

#[test]
fn before_the_commit_point_it_is_certainly_not_applied_and_can_be_done_anew() {
    let ground = Ground::new();
    let path = ground.dir().join("estate/wanted/payments@eu-west.lock");
    let lock = File::options().create(true).append(true).open(path).unwrap();
    flock(&lock, FlockOperation::LockExclusive).unwrap();
    let mut deploy = begin(&ground);
    wait_until("the deploy has begun", LIMIT, || ground.book("k:1") == ["start"]);
    assert_eq!(ground.result("probe --key k:1")["found"], "unknown", "somebody is still at it");
    deploy.kill().unwrap();
    deploy.wait().unwrap();
    let found = ground.result("probe --key k:1");
    assert_eq!((&found["found"], &found["final"]), (&"not-applied".into(), &true.into()), "{found}");
    drop(lock);
    ground.result(DEPLOY);
    assert_eq!(ground.book("k:1"), ["start", "start", "done"]);
}
