//! Plain mode among others: what waits and whose it is, and what becomes of a
//! question while other people act.

use crate::ground::{begun, by, with};
use crate::plain::{challenge, dumb, read_it, said, started, text};
use crate::support::pty::{PATIENCE, Pty};
use crate::support::sandbox::Sandbox;
use crate::support::trial;
use crate::support::until;

/// A release with a poll, a step by hand of somebody else, a deploy that is refused, and a hold point.
const TRAIN: &str = r#"
title = "Train"
[[steps]]
id = "1"
title = "Go?"
kind = "poll"
roles = ["operator", "qa", "security"]
closes = "10m"
[[steps]]
id = "2"
title = "Deploy web"
kind = "action"
needs = ["1"]
verb = "deploy"
service = "web"
environment = "prod"
args = { version = "no" }
[[steps]]
id = "3"
title = "Warm the caches"
kind = "manual"
owner = "security"
backup = "operator"
[[steps]]
id = "4"
title = "Open the gate"
kind = "hold"
roles = ["operator"]
"#;

/// The train, started by ana, and ana in plain mode.
pub fn train() -> (Sandbox, Pty) {
    let sandbox = with(TRAIN);
    by(&sandbox, "ana", &["run", "start", "day"]).exits(0);
    let mut pty = dumb(&sandbox);
    pty.send(b"take\n");
    said(&pty, "took the conn of run 1");
    (sandbox, pty)
}

#[test]
fn what_waits_is_mine_or_names_whose_it_is_and_offers_what_is_taken_from_here() {
    trial(|| {
        let (sandbox, mut pty) = train();
        said(
            &pty,
            "Step 1, Go, waits for your vote for operator: `vote 1 go` or `vote 1 no-go`. It also waits for qa: tom",
        );
        let all = text(&pty);
        assert!(!all.contains("--role"), "no other role's vote is offered:\n{all}");
        pty.send(b"vote 1 go\n");
        assert_eq!(challenge(&pty), "yes");
        read_it();
        pty.send(b"yes\n");
        said(&pty, "Step 1, Go, waits for qa: tom; and for security: bo; you cannot vote for them.");
        said(&pty, "`spoken 1 go tom heard by NAME WORDS`");
        pty.send(b"spoken 1 go tom heard by kim all is well\n");
        said(&pty, "Would: poll 1, qa: GO by tom, spoken, heard by kim");
        read_it();
        pty.send(b"\n");
        said(&pty, "Left as it is: nothing was done.");
        by(&sandbox, "bo", &["vote", "1", "1", "go", "--role", "security"]).exits(0);
        // Bo's word leaves one: it is told anew whom alone it waits for.
        said(&pty, "Step 1, Go, waits for qa: tom; you cannot vote for qa.");
        pty.send(b"vote 1 go --role qa\n");
        said(&pty, "ana does not fill qa; tom may");
    });
}

#[test]
fn leaving_out_says_what_is_passed_by_and_what_begins_and_done_names_the_step() {
    trial(|| {
        let (sandbox, mut pty) = train();
        pty.send(b"skip 1 tom is not reachable\n");
        said(&pty, "Left out: 1 Go?");
        said(&pty, "This passes by a go or no-go: operator, qa, security did not say go.");
        said(&pty, "Because of it: step 2, Deploy web, can then be started.");
        assert_eq!(challenge(&pty), "yes");
        read_it();
        pty.send(b"\n");
        said(&pty, "Left as it is: nothing was done.");
        pty.send(b"done 3\n");
        said(&pty, "Done: 3 Warm the caches, which is security's: bo?");
        assert_eq!(challenge(&pty), "yes");
        let story = by(&sandbox, "ana", &["journal", "show"]).exits(0).stdout;
        assert!(!story.contains("step 3 done"), "nothing is done before it is agreed to: {story}");
        read_it();
        pty.send(b"yes\n");
        said(&pty, "ana: step 3 done.");
        assert!(begun(&sandbox).is_empty(), "it touches the journal alone");
    });
}

#[test]
fn a_question_that_somebody_else_settles_is_withdrawn_and_its_answer_answers_nothing() {
    trial(|| {
        let (sandbox, mut pty) = train();
        pty.send(b"done 3\n");
        said(&pty, "Done: 3 Warm the caches, which is security's: bo?");
        assert_eq!(challenge(&pty), "yes");
        // What leaves it as it was leaves the question too.
        by(&sandbox, "tom", &["run", "note", "1", "all quiet"]).exits(0);
        said(&pty, "all quiet");
        by(&sandbox, "bo", &["step", "done", "1", "3"]).exits(0);
        said(&pty, "What was asked is withdrawn, nothing was done: refused: step 3 ");
        let all = text(&pty);
        let (quiet, settled, gone) = (all.find("all quiet"), all.find("bo: step 3 done"), all.find("is withdrawn"));
        assert!(quiet < settled && settled < gone, "what happened is told first:\n{all}");
        read_it();
        pty.send(b"yes\n");
        said(&pty, "That answers what was withdrawn: nothing was done.");
        // Only once, and nothing but the answer.
        pty.send(b"yes\n");
        said(&pty, "There is no `yes` here");
        pty.send(b"skip 1 tom is not reachable\n");
        said(&pty, "Left out: 1 Go?");
        assert_eq!(text(&pty).matches("is withdrawn").count(), 1, "{}", text(&pty));
    });
}

#[test]
fn a_question_outlives_what_only_holds_it_up_and_one_about_leaving_does_not_outlive_the_conn() {
    trial(|| {
        let sandbox = started();
        let mut pty = dumb(&sandbox);
        pty.send(b"take\n");
        said(&pty, "took the conn of run 1");
        pty.send(b"start 1\n");
        challenge(&pty);
        by(&sandbox, "bo", &["hold", "1", "--reason", "look first"]).exits(0);
        said(&pty, "look first");
        by(&sandbox, "bo", &["lift", "1", "--reason", "looked"]).exits(0);
        said(&pty, "looked");
        assert!(!text(&pty).contains("is withdrawn"), "{}", text(&pty));
        read_it();
        pty.send(b"\n");
        said(&pty, "Left as it is: nothing was done");
        pty.send(b"quit\n");
        said(&pty, "without you it is unattended");
        by(&sandbox, "kim", &["conn", "take", "1", "--reason", "mine"]).exits(3);
        said(&pty, "What was asked is withdrawn, nothing was done: you have no conn any more; `quit` leaves.");
    });
}

#[test]
fn what_several_may_decide_is_not_called_that_of_who_was_given_it() {
    trial(|| {
        let (sandbox, pty) = train();
        by(&sandbox, "ana", &["step", "assign", "1", "4", "kim"]).exits(0);
        by(&sandbox, "ana", &["step", "assign", "1", "3", "kim"]).exits(0);
        said(&pty, "Step 3, Warm the caches, was given to kim");
        assert!(!text(&pty).contains("Open the gate, was given"), "{}", text(&pty));
        by(&sandbox, "kim", &["step", "fail", "1", "3", "--reason", "too cold"]).exits(0);
        said(
            &pty,
            "Step 3, Warm the caches, FAILED: too cold. Ways out, the safest first: `retry 3` tries it once more",
        );
        said(&pty, " It was given to kim.");
    });
}

#[test]
fn a_step_that_was_given_to_somebody_says_who_does_it() {
    trial(|| {
        let (sandbox, pty) = train();
        by(&sandbox, "ana", &["step", "assign", "1", "3", "kim"]).exits(0);
        said(
            &pty,
            "Step 3, Warm the caches, was given to kim, who does it. It is done by hand, and is security's: bo.",
        );
        let mine = || text(&pty).matches("Step 3, Warm the caches, is done by hand").count();
        let before = mine();
        by(&sandbox, "ana", &["step", "assign", "1", "3", "ana"]).exits(0);
        until(PATIENCE, || (mine() == before + 1).then_some(())).expect("one's own is told without it");
    });
}
