//! With a Prometheus of its own: the signals come from it, its alerts show, and it goes
//! with the estate whatever ends that. With the real programs, where they are installed.

use crate::ground::Ground;
use crate::support::processes::Process;
use crate::support::sandbox::{HOLDPOINT, LIMIT, finish};
use crate::support::{executable, wait_until};
use holdpoint::demo::{self, Ending, Monitors, Options};
use rustix::process::Signal;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Longer than anything here takes, also where all else runs at the same time.
const LONG: Duration = Duration::from_secs(60);

/// One that is measured by the real programs; none where they are not installed. In CI they must be.
fn monitored(ending: Ending) -> Option<Ground> {
    let monitors = Monitors::installed().ok().filter(|monitors| monitors.alertmanager.is_some());
    if monitors.is_none() {
        assert!(std::env::var_os("CI").is_none(), "prometheus and alertmanager are not installed");
        crate::support::skip::skipped("prometheus or alertmanager is not installed");
    }
    Some(Ground::of(Options { monitors: Some(monitors?), ending, calm: true, ..Options::default() }))
}

fn health(ground: &Ground) -> serde_json::Value {
    let mut command = Command::new(HOLDPOINT);
    command.arg("-C").arg(ground.dir()).args(["--json", "health"]);
    finish(command, b"", LIMIT).json()
}

fn of(ground: &Ground, name: &str) -> Option<Process> {
    let own = format!("--config.file={}", ground.dir().join("estate").join(name).display());
    ground.processes().into_iter().find(|process| process.command.contains(&own))
}

#[test]
fn its_signals_come_from_prometheus_and_its_alert_says_which_version_fails() {
    let Some(ground) = monitored(Ending::WithUs) else { return };
    let text = fs::read_to_string(ground.dir().join("signals.toml")).unwrap();
    assert!(
        !text.contains("scrape") && !text.contains('@') && text.matches("kind = \"prometheus\"").count() == 4,
        "{text}"
    );
    let mut check = Command::new(HOLDPOINT);
    finish(
        {
            check.arg("check").arg("-C").arg(ground.dir());
            check
        },
        b"",
        LIMIT,
    )
    .exits(0);
    let passes = |name: &str| {
        let all = health(&ground);
        let all = all["signals"].as_array().unwrap();
        all.iter().any(|s| s["signal"] == name && s["evidence"]["level"] == "pass")
    };
    for name in ["failed-requests@eu-north", "latency-p99@eu-west", "sales@eu-west", "fx-p99@eu-north"] {
        wait_until(name, LONG, || passes(name));
    }
    ground.result("deploy --service payments --env eu-north --version 4.2.0 --weight 100 --key k:1");
    let alert = || {
        let told = health(&ground);
        let of = told["alerts"].as_array()?.iter().find(|source| source["source"] == "alerts")?.clone();
        let mut all = of["alerts"].as_array()?.clone().into_iter();
        all.find(|alert| alert["name"] == "PaymentsFail")
    };
    wait_until("the alert is told", LONG, || alert().is_some());
    let alert = alert().unwrap();
    assert_eq!((&alert["service"], &alert["environment"]), (&"payments".into(), &"eu-north".into()), "{alert}");
    assert!(alert["summary"].as_str().unwrap().starts_with("payments 4.2.0 fails"), "{alert}");
    wait_until("the signal fails", LONG, || {
        let all = health(&ground);
        let all = all["signals"].as_array().unwrap().clone();
        let failed = all.into_iter().find(|s| s["signal"] == "failed-requests@eu-north").unwrap();
        failed["evidence"]["value"].as_f64().is_some_and(|share| share > 0.02)
    });
}

#[test]
fn what_is_killed_comes_back_where_it_was_and_all_of_it_ends_with_the_supervisor() {
    let Some(ground) = monitored(Ending::Detached) else { return };
    let port = ground.file("estate/ports.json")["prometheus"].clone();
    for name in ["prometheus", "alertmanager"] {
        let victim = of(&ground, name).unwrap();
        victim.signal(Signal::KILL);
        // What starts it is another program for a moment.
        let again = || of(&ground, name).is_some_and(|now| now.pid != victim.pid && now.command == victim.command);
        wait_until("it is replaced by the same", LONG, again);
    }
    wait_until("it answers again", LONG, || std::net::TcpStream::connect(format!("127.0.0.1:{port}")).is_ok());
    of(&ground, "prometheus").unwrap().signal(Signal::STOP);
    ground.of_kind("supervise")[0].signal(Signal::KILL);
    ground.nothing_left();
    demo::down(&ground.dir()).unwrap();
}

#[test]
fn without_a_supervisor_down_ends_what_is_left() {
    let Some(ground) = monitored(Ending::Detached) else { return };
    assert!(of(&ground, "prometheus").is_some() && of(&ground, "alertmanager").is_some());
    demo::down(&ground.dir()).unwrap();
    assert!(ground.processes().is_empty(), "{:?}", ground.processes());
}

/// `demo up --prometheus` with nothing but this directory on the PATH.
fn up(ground: &Ground, path: &Path) -> crate::support::sandbox::Outcome {
    let mut command = Command::new(HOLDPOINT);
    command.args(["demo", "up"]).arg(ground.dir()).args(["--fast", "--prometheus"]).env("PATH", path);
    finish(command, b"", LONG)
}

#[test]
fn where_it_is_not_installed_it_says_what_to_install_and_starts_nothing() {
    let (ground, empty) = (Ground::empty(), tempfile::tempdir().unwrap());
    let outcome = up(&ground, empty.path()).exits(1);
    assert!(outcome.stderr.contains("install prometheus prometheus-alertmanager"), "{}", outcome.stderr);
    assert!(!ground.dir().exists(), "something was begun");
}

#[test]
fn one_that_cannot_run_ends_the_estate_with_what_it_said() {
    let (ground, path) = (Ground::empty(), tempfile::tempdir().unwrap());
    let program = path.path().join("prometheus");
    executable::write(&program, "#!/bin/sh\necho 'no room on the disk' >&2\nexit 1\n");
    let outcome = up(&ground, path.path()).exits(1);
    assert!(outcome.stderr.contains("prometheus did not come up: no room on the disk"), "{}", outcome.stderr);
    // Alerts are told by Prometheus then, and that is said.
    assert!(outcome.stderr.contains("no Alertmanager is installed"), "{}", outcome.stderr);
    ground.nothing_left();
}
