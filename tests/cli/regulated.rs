//! The day of docs/regulated.md through the real program, on real servers: rules, a waiver, an emergency, and what is
//! left of them. It holds at every hour: what change hours add is waived or seen beside the rest.

use crate::support::sandbox::HOLDPOINT;
use crate::support::{Outcome, Sandbox};
use std::path::{Path, PathBuf};

struct Team(Sandbox);

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true if entry.file_name() == ".run" => {}
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

impl Team {
    /// The example, with 1.0.0 of everything everywhere.
    fn new() -> Self {
        let team = Self(Sandbox::new());
        let examples = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples");
        for example in ["scripts-team", "regulated"] {
            copy(&examples.join(example), &team.0.workspace().join(example));
        }
        for (service, place) in
            [("customers", "eu-prod"), ("ledger", "eu-prod"), ("web", "eu-prod"), ("customers", "us-prod")]
        {
            let key = format!("first-{service}-{place}");
            let script = team.0.workspace().join("scripts-team/scripts/deploy");
            let mut deploy = team.0.command(script.to_str().unwrap(), &[service, place, "1.0.0", &key]);
            assert!(deploy.output().unwrap().status.success());
        }
        team
    }

    fn holdpoint(&self, arguments: &[&str]) -> Outcome {
        let mut command = self.0.command(HOLDPOINT, arguments);
        command.current_dir(self.0.workspace().join("regulated"));
        crate::support::sandbox::finish(command, b"", crate::support::sandbox::LIMIT)
    }

    #[track_caller]
    fn done(&self, arguments: &[&str]) -> String {
        let outcome = self.holdpoint(arguments);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        outcome.stdout
    }

    #[track_caller]
    fn refused(&self, arguments: &[&str], parts: &[&str]) -> String {
        let outcome = self.holdpoint(arguments);
        assert!(matches!(outcome.code, Some(1 | 3)), "{outcome:?}");
        let all = outcome.stdout + &outcome.stderr;
        for part in parts {
            assert!(all.contains(part), "{part:?} is not in {all}");
        }
        all
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        let script = self.0.workspace().join("scripts-team/scripts/stop-all");
        let _ = self.0.command(script.to_str().unwrap(), &[]).output();
    }
}

#[test]
fn the_questions_of_the_book_have_its_answers() {
    let team = Team::new();
    assert!(team.done(&["check"]).contains("14 rules"));
    assert!(team.done(&["policy", "test"]).contains("8 tests, 14 rules, 0 failed"));
    let stays =
        ["customers holds pii, which may be in eu and not in us, policy residency", "FAIL · deploy customers us-prod"];
    team.refused(&["may", "deploy", "customers", "us-prod", "--to", "2.0.0"], &stays);
    let noon = "2026-11-24T10:00:00Z";
    let alone = team.done(&["may", "deploy", "web", "eu-prod", "--to", "1.0.1", "--at", noon]);
    assert!(alone.contains("a patch of a service that little stands on goes alone, policy hotfix"), "{alone}");
    let train = ["may", "deploy", "customers", "eu-prod", "--to", "2.0.0", "--release", "train-48", "--at", noon];
    let two = ["policy major: approval by risk 0 of 1", "policy personal-data: approval by privacy 0 of 1"];
    assert!(!team.refused(&train, &two).contains("off-train"));
    let closed = ["freeze Quarter end, ask finance", "opens Mon 2027-01-04 08:00Z, once it is approved"];
    team.refused(&["may", "deploy", "ledger", "eu-prod", "--to", "1.0.1", "--at", "2026-12-30T10:00:00Z"], &closed);
    let from = "2026-12-27T00:00:00Z";
    let when = team.done(&["when", "ledger", "eu-prod", "--to", "1.0.1", "--for", "2h", "--from", from]);
    let starts: Vec<_> = when.lines().filter_map(|line| line.trim_start().strip_prefix(['1', '2'])).collect();
    assert!(starts[0].contains("Mon 2026-12-28 08:00Z") && starts[1].contains("Mon 2027-01-04 08:00Z"), "{when}");
    let sox = team.done(&["policy", "list", "--control", "SOX"]);
    assert_eq!(sox.lines().count(), 5, "{sox}");
    let risk = team.done(&["policy", "explain", "deploy", "customers", "eu-prod", "--to", "2.0.0", "--at", noon]);
    let told = "risk    high 10: +1 web stands on it · +3 personal data · +4 major version · +2 tier 1";
    assert!(risk.contains(told), "{risk}");
    let why = team.done(&["policy", "explain", "deploy", "web", "eu-prod", "--to", "1.0.1"]);
    assert!(why.contains("lifted  needs off-train") && why.contains("change.kind is patch"), "{why}");
}

#[test]
fn a_waiver_and_an_emergency_let_pass_what_they_say_and_are_owed_a_review() {
    let team = Team::new();
    let text = std::fs::read_to_string(team.0.workspace().join("regulated/runbooks/hotfix.toml")).unwrap();
    team.0.write("regulated/runbooks/hotfix.toml", text.replace("1.0.1", "2.0.0"));
    team.done(&["--as", "ana", "run", "start", "hotfix"]);
    let start = ["--as", "ana", "step", "start", "1", "1", "--confirm", "eu-prod"];
    team.refused(&start, &["a major version goes with a train, policy no-major-alone", "approval by risk 0 of 1"]);
    let ask = |of: &str| {
        ["--as", "ana", "waiver", "ask", "1", of, "--for", "2h", "--reason", "nobody can pay"].map(str::to_owned)
    };
    let ask = |of: &str| team.holdpoint(&ask(of).each_ref().map(String::as_str));
    assert!(ask("residency").stderr.contains("cannot be waived"));
    assert!(ask("nothing").stderr.contains("there is no rule, freeze or window \"nothing\"; waived can be high-risk"));
    assert_eq!(ask("no-major-alone").code, Some(0));
    team.refused(&["--as", "ana", "waiver", "grant", "1"], &["ana asked for waiver 1 and cannot grant it"]);
    team.refused(&["--as", "dina", "waiver", "grant", "1"], &["is waived by risk; dina fills none of these"]);
    team.done(&["--as", "cleo", "waiver", "grant", "1", "--reason", "agreed"]);
    let left = team.refused(&start, &["policy major: approval by risk 0 of 1"]);
    assert!(!left.contains("no-major-alone"), "{left}");
    let emergency = ["--as", "ana", "emergency", "1", "--reason", "nobody can pay"];
    team.refused(&emergency, &["an emergency needs a ticket or incident"]);
    team.refused(
        &["--as", "cleo", "emergency", "1", "--ticket", "INC-41", "--reason", "x"],
        &["declared by release-manager"],
    );
    team.done(&[&emergency[..], &["--ticket", "INC-41"]].concat());
    team.refused(&start, &["policy major"]);
    team.done(&["--as", "bo", "waiver", "grant", "2"]);
    let sent = team.done(&start);
    assert!(sent.contains("EMERGENCY until") && sent.contains("step 1 done: ledger is 2.0.0 in eu-prod"), "{sent}");
    let owed = team.done(&["waiver", "list"]);
    assert_eq!(owed.matches("to be reviewed by").count(), 2, "{owed}");
    let status = team.done(&["status"]);
    assert!(
        status.contains("waiver 2 for run 1, everything, in an emergency, risk or privacy reviews it by"),
        "{status}"
    );
    team.refused(&["--as", "cleo", "waiver", "review", "1", "--reason", "x"], &["a further person reviews it"]);
    team.done(&["--as", "bo", "waiver", "review", "1", "--reason", "right"]);
    team.done(&["--as", "dina", "waiver", "review", "2", "--reason", "right"]);
    assert_eq!(team.done(&["waiver", "list"]).matches("· reviewed").count(), 2);
    let evidence = team.done(&["policy", "evidence", "--control", "ITGC-CM-02"]);
    for part in ["refused no-major-alone", "waiver no-major-alone", "passed off-train", "waiver 1 review: right"] {
        assert!(evidence.contains(part), "{part:?} is not in {evidence}");
    }
    assert!(!evidence.contains(" personal-data"), "{evidence}");
    let access = team.done(&["access"]);
    for part in ["! dina alone fills privacy; nobody stands in", "granted waivers 1", "may emergencies: declare"] {
        assert!(access.contains(part), "{part:?} is not in {access}");
    }
    team.refused(&["journal", "verify"], &["CANNOT PROVE: no anchor holds a head"]);
    let refused = team.done(&["journal", "show", "--refused"]);
    assert!(refused.contains("cannot be waived") && refused.contains("cannot grant it"), "{refused}");
}
