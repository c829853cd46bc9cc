//! Killed at every named point, the first time it is passed and later.

use crate::estate::{ana, begun, make};
use crate::ground::{Ground, SIGKILL, state_of};
use crate::support::promised;
use crate::support::sandbox::Sandbox;
use holdpoint::engine::run::State;
use holdpoint::fault::POINTS;
use std::time::Duration;

/// The points that a verb passes. `tests/faults` kills the screens at those of the
/// terminal, `tests/journal` a writer at those of the navigation keys.
fn of_verbs() -> impl Iterator<Item = &'static str> {
    POINTS.iter().copied().filter(|point| !point.starts_with("terminal.") && !point.starts_with("keys."))
}

/// Dies at a point, comes back, and brings the step to its end with the deploy run
/// at most once a key. Returns how long the first verb afterwards took.
fn survives(point: &str, nth: u32) -> Duration {
    let ground = Ground::before(point);
    let before = ground.lines();
    let killed = ground.killed(&format!("{}{point}#{nth}=kill", ground.first));
    let passed = killed.signal == Some(SIGKILL);
    assert!(passed || nth > 1, "{point} was not passed: {killed:?}");
    assert!(killed.signal.is_some() || killed.code.is_some(), "{point}: {killed:?}");
    let took = ground.resume(point);
    let after = ground.lines();
    assert_eq!(after[..before.len()], before[..], "{point}#{nth}: an acknowledged line changed");
    ground.finish(point);
    assert!(ground.intact(), "{point}#{nth}: the chain is broken");
    ground.sandbox.nothing_left(promised(Duration::from_secs(3)));
    took
}

/// One of so many points is killed at; says how long coming back took, and that it was quick.
fn all_survive(nth: u32, share: usize) {
    let mut took: Vec<_> = of_verbs().step_by(share).map(|point| survives(point, nth)).collect();
    took.sort();
    let (median, worst) = (took[took.len() / 2], took[took.len() - 1]);
    println!("{} kills; back in {median:?} (median), {worst:?} (worst)", took.len());
    assert!(median < Duration::from_secs(2), "coming back took {median:?}");
    assert!(worst < promised(Duration::from_secs(2)), "coming back took {worst:?}");
}

/// One point of so many is killed at when it is passed again; all of them with `HOLDPOINT_FULL=1`.
fn share() -> usize {
    if std::env::var_os("HOLDPOINT_FULL").is_some() { 1 } else { 3 }
}

#[test]
fn there_are_points_enough_and_each_has_a_name_of_its_own() {
    let mut names = POINTS.to_vec();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), POINTS.len());
    assert!(of_verbs().count() >= 30, "{} points", of_verbs().count());
}

#[test]
fn killed_at_every_point() {
    all_survive(1, 1);
}

#[test]
fn killed_when_a_point_is_passed_again() {
    all_survive(2, share());
}

#[test]
fn killed_when_a_point_is_passed_the_fourth_time() {
    all_survive(4, share());
}

/// Killed while the script is at work: in doubt, probed, and deployed once.
#[test]
fn killed_in_the_middle_of_a_deploy() {
    let ground = Ground::before("executor.before-report");
    assert_eq!(ground.killed("executor.before-report=kill").signal, Some(SIGKILL));
    let sandbox: &Sandbox = &ground.sandbox;
    sandbox.holdpoint(&ana(&["drive", "1"])).exits(3);
    assert_eq!(state_of(sandbox, "2"), Some(State::Done));
    assert_eq!(begun(sandbox).len(), 1);
    let story = sandbox.holdpoint(&["journal", "show"]).stdout;
    for part in ["was lost", "IN DOUBT", "probed: it was done", "step 2 done"] {
        assert!(story.contains(part), "the story lacks {part:?}:\n{story}");
    }
}

/// The first verb after a driver's death knows that nobody drives, and drives.
#[test]
fn the_first_verb_after_a_death_takes_the_conn() {
    let sandbox = Sandbox::new();
    make(&sandbox);
    sandbox.holdpoint(&ana(&["run", "start", "ground"])).exits(0);
    let ground = Ground { sandbox, first: "", verb: &["drive", "1"] };
    assert_eq!(ground.killed("dispatcher.answer=kill").signal, Some(SIGKILL));
    let began = ground.sandbox.holdpoint(&ana(&["step", "start", "1", "2", "--confirm", "prod"]));
    assert!(began.stderr.contains("nobody drove run 1; taking the conn"), "{began:?}");
    assert_eq!(state_of(&ground.sandbox, "2"), Some(State::Done), "{began:?}");
}

/// A panic where an answer is awaited loses the answer, not the run: the verb ends
/// by itself, the step is in doubt or failed, and the deploy ran at most once.
#[test]
fn a_panic_at_any_point_of_the_runtime_ends_the_verb_and_loses_nothing() {
    let points = of_verbs().filter(|p| !p.starts_with("journal.") && *p != "dispatcher.recover");
    for point in points.filter(|p| !p.ends_with("before-probe") && !p.ends_with("before-found")) {
        let sandbox = Sandbox::new();
        make(&sandbox);
        sandbox.holdpoint(&ana(&["run", "start", "ground"])).exits(0);
        let ground = Ground { sandbox, first: "", verb: &["step", "start", "1", "2", "--confirm", "prod"] };
        let ended = ground.killed(&format!("{point}=panic"));
        assert!(ended.code.is_some(), "{point}: {ended:?}");
        assert!(ended.stderr.contains("a test's fault at"), "{point} was not passed: {ended:?}");
        ground.resume(point);
        ground.finish(point);
    }
}
