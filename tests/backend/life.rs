//! The life of a child: limits, what it leaves behind, and our own death.

use crate::support::{Place, alive, deploy, key, launcher, pid, program, sink, until};
use crate::undisturbed as tokio;
use futures_util::FutureExt;
use holdpoint::backend::{Backend, Done, Fault};
use holdpoint::domain::operation::Operation;
use holdpoint::domain::span::Span;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn short(limit: u64) -> Operation {
    Operation { limit: Span::millis(limit), ..deploy() }
}

#[tokio::test]
async fn at_its_limit_it_is_told_to_stop_with_everything_it_started() {
    let place = Place::new().deploys("trap 'echo told > told; exit 0' TERM; sleep 60 & echo $! > inner; wait");
    let fault = place.perform(short(3000)).await.unwrap_err();
    // Even an orderly exit 0 after that is no success.
    assert!(matches!(&fault, Fault::Lost { why, .. } if why.contains("not ended after")), "{fault:?}");
    assert!(place.file("told").exists());
    let inner = pid(&place.file("inner")).await;
    until("the inner process is gone", || !alive(inner)).await;
}

#[tokio::test]
async fn one_that_ignores_that_is_killed_after_the_grace() {
    let place = Place::new()
        .deploys("trap '' TERM; echo $$ > outer; sh -c 'trap \"\" TERM; echo $$ > inner; while :; do sleep 1; done'");
    let began = Instant::now();
    assert!(matches!(place.perform(short(3000)).await.unwrap_err(), Fault::Lost { .. }));
    let took = began.elapsed();
    assert!(took > Duration::from_millis(4900) && took < Duration::from_secs(30), "{took:?}");
    for name in ["outer", "inner"] {
        let process = pid(&place.file(name)).await;
        until("it is gone", || !alive(process)).await;
    }
}

#[tokio::test]
async fn one_that_closes_its_output_is_still_waited_for() {
    let place = Place::new().deploys("exec >/dev/null 2>&1; sleep 0.5; touch late");
    assert!(matches!(place.perform(deploy()).await.unwrap(), Done::Whole(_)));
    assert!(place.file("late").exists());
    let place = Place::new().deploys("exec >/dev/null 2>&1; sleep 60");
    assert!(matches!(place.perform(short(3000)).await.unwrap_err(), Fault::Lost { .. }));
}

#[tokio::test]
async fn it_ends_with_the_child_though_a_grandchild_holds_the_output() {
    let place = Place::new().deploys("sh -c 'echo $$ > inner; exec sleep 30' & while [ ! -s inner ]; do sleep 0.02; done; echo '{\"summary\":\"up\"}'");
    let began = Instant::now();
    let Done::Whole(receipt) = place.perform(deploy()).await.unwrap() else { panic!() };
    assert!(began.elapsed() < Duration::from_secs(25));
    assert_eq!(receipt.summary, "up");
    // What a script leaves running on purpose is not ours to end.
    let inner = pid(&place.file("inner")).await;
    assert!(alive(inner));
    kill(inner);
}

#[tokio::test]
async fn dropping_the_call_kills_the_group() {
    let place = Place::new().deploys("echo $$ > outer; sh -c 'echo $$ > inner; exec sleep 60'");
    let performing = tokio::spawn(place.backend().perform(deploy(), key(), sink(None).0));
    let (outer, inner) = (pid(&place.file("outer")).await, pid(&place.file("inner")).await);
    performing.abort();
    until("both are gone", || !alive(outer) && !alive(inner)).await;
}

/// The parent-death signal is the forking *thread's*; a worker thread that ends must not kill a deployment.
#[tokio::test]
async fn a_thread_that_ends_takes_no_child_with_it() {
    let place = Place::new().deploys("touch running; until [ -e go ]; do sleep 0.02; done; echo fine");
    let mut performing = place.backend().perform(deploy(), key(), sink(None).0);
    let (runtime, running) = (tokio::runtime::Handle::current(), place.file("running"));
    performing = std::thread::spawn(move || {
        let _entered = runtime.enter();
        assert!((&mut performing).now_or_never().is_none());
        // Not before the script runs: until then no signal is asked for.
        while !running.exists() {
            std::thread::sleep(Duration::from_millis(10));
        }
        performing
    })
    .join()
    .unwrap();
    let performing = tokio::spawn(performing);
    std::fs::write(place.file("go"), "").unwrap();
    let Done::Whole(receipt) = performing.await.unwrap().unwrap() else { panic!() };
    assert_eq!(receipt.summary, "fine");
}

/// When holdpoint is killed, its children are: nobody would hear of their end.
#[tokio::test]
async fn a_child_does_not_outlive_its_parent() {
    let place = Place::new();
    let (root, exe) = (place.root(), launcher().program);
    place.script("child", "#!/bin/sh\necho $$ > child\nexec sleep 60\n");
    // `sh` stands for holdpoint: it starts the launcher as we do and is killed.
    let line = format!("{} exec-child $$ -- ./child </dev/null & wait", exe.display());
    let mut parent = Command::new("sh")
        .args(["-c", &line])
        .current_dir(&root)
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    let child = pid(&place.file("child")).await;
    assert!(alive(child));
    parent.kill().unwrap();
    parent.wait().unwrap();
    until("the child is gone", || !alive(child)).await;
}

#[test]
fn the_launcher_starts_nothing_for_a_parent_that_is_gone() {
    let place = Place::new();
    let run = |args: &[&str]| {
        Command::new(launcher().program)
            .arg("exec-child")
            .args(args)
            .current_dir(place.root())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    };
    let ours = std::process::id().to_string();
    for args in [
        &["1", "--", "touch", "x"][..],
        &["x", "--", "touch", "x"],
        &["--", "touch", "x"],
        &[&ours],
        &[&ours, "touch", "x"],
        &[],
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(127), "{args:?}");
        assert!(!output.stderr.is_empty());
        assert!(!place.file("x").exists(), "{args:?}");
    }
    assert!(run(&[&ours, "--", "touch", "x"]).status.success());
    assert!(place.file("x").exists());
}

#[tokio::test]
async fn many_at_once_all_end() {
    let place = Place::new();
    let backend = place.backend();
    let run = |n: usize| backend.perform(program(&["echo", &n.to_string()]), key(), sink(None).0);
    let all = futures_util::future::join_all((0..40).map(run)).await;
    for (n, done) in all.into_iter().enumerate() {
        let Done::Whole(receipt) = done.unwrap() else { panic!() };
        assert_eq!(receipt.summary, n.to_string());
    }
}

fn kill(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
}
