//! `changes SERVICE`: what changed there and upstream, as words and as JSON; what
//! nobody here did; and what is asked wrongly.

use crate::ground::{by, deploy, with};
use crate::support::sandbox::Sandbox;

/// web stands on db; `status` says both live, and of db since when, by whom and what was before.
fn estate(db_since: &str) -> Sandbox {
    let s = with(&deploy("2.0"));
    s.write(
        "services.toml",
        "[services.web]\ndeployed_by = { prod = \"scripts\" }\ndepends_on = [\"db\"]\n[services.db]\ndeployed_by = { prod = \"scripts\" }\n",
    );
    let status = format!(
        r#"#!/bin/sh
v=$(cat live-web-prod 2>/dev/null || echo 1.0)
echo "{{\"deployments\":[{{\"service\":\"web\",\"environment\":\"prod\",\"version\":\"$v\",\"state\":\"stable\",\"history\":[\"1.0\"]}},{{\"service\":\"db\",\"environment\":\"prod\",\"version\":\"9.1\",\"state\":\"stable\",\"since\":\"{db_since}\",\"by\":\"ci-bot\"}}]}}"
"#
    );
    crate::support::ground::script(&s, "status", &status);
    s
}

fn ago(minutes: i64) -> String {
    (chrono::Utc::now() - chrono::TimeDelta::minutes(minutes)).format("%FT%H:%M:%SZ").to_string()
}

#[test]
fn what_a_run_did_and_what_nobody_here_did_are_told_apart() {
    let s = estate(&ago(30));
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(0);
    let told = s.holdpoint(&["changes", "web", "--since", "6h"]).exits(0);
    let line = |part: &str| {
        let found = told.stdout.lines().find(|line| line.contains(part));
        found.unwrap_or_else(|| panic!("no {part:?} in {told:?}")).to_owned()
    };
    let (web, db) = (line("web prod 1.0 → 2.0"), line("db prod 9.1"));
    assert!(web.contains("ana") && web.contains("run 1 step 1") && web.contains("score "), "{web}");
    assert!(db.contains("ci-bot") && db.contains("OUTSIDE any run"), "{db}");

    let all = s.holdpoint(&["--json", "changes", "web", "--env", "prod", "--since", "6h"]).exits(0).json();
    assert_eq!((&all["service"], &all["environment"]), (&"web".into(), &"prod".into()));
    assert!(all["since"].is_string() && all["first_bad"].is_null(), "{all}");
    let changes = all["changes"].as_array().unwrap();
    let of = |service: &str| changes.iter().find(|c| c["service"] == service).unwrap();
    assert_eq!(of("web")["origin"], serde_json::json!({ "run": [1, "1"] }));
    assert_eq!((&of("web")["distance"], &of("db")["distance"]), (&0.into(), &1.into()));
    assert!(of("db")["origin"]["outside"].is_string() || of("db")["origin"].get("outside").is_some(), "{all}");
    let scores: Vec<_> = changes.iter().map(|c| c["score"].as_u64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "likeliest first: {scores:?}");
}

#[test]
fn what_is_older_is_left_out_and_nothing_is_said_plainly() {
    let s = estate(&ago(90));
    let told = s.holdpoint(&["changes", "web", "--since", "2h"]).exits(0);
    assert!(told.stdout.contains("db prod 9.1"), "{told:?}");
    let told = s.holdpoint(&["changes", "web", "--since", "1h"]).exits(0);
    assert_eq!(told.stdout, "", "{told:?}");
    assert!(told.stderr.contains("changed on web or upstream in the last 1h00"), "{told:?}");
    let json = s.holdpoint(&["--json", "changes", "web", "--since", "1h"]).exits(0).json();
    assert_eq!(json["changes"], serde_json::json!([]));
    // What stands on it is not upstream of it.
    let told = s.holdpoint(&["changes", "db", "--since", "1h"]).exits(0);
    assert_eq!(told.stdout, "", "{told:?}");
}

#[test]
fn what_is_asked_wrongly_is_refused_with_what_there_is() {
    let s = estate(&ago(30));
    for (asked, parts) in [
        (vec!["changes", "wbe"], ["there is no service wbe", "did you mean \"web\"?"]),
        (vec!["changes", "zzz"], ["there is no service zzz", "there are db, web"]),
        (vec!["changes", "web", "--env", "prd"], ["there is no environment prd", "did you mean \"prod\"?"]),
        (vec!["changes", "web", "--since", "yesterday"], ["yesterday", "--since"]),
        (vec!["changes", "web", "--since=-6h"], ["-6h", "--since"]),
        (vec!["changes"], ["required", "SERVICE"]),
    ] {
        let told = s.holdpoint(&asked).exits(2);
        assert_eq!(told.stdout, "", "{asked:?}: {told:?}");
        for part in parts {
            assert!(told.stderr.contains(part), "{asked:?} lacks {part:?}: {told:?}");
        }
    }
    assert!(s.holdpoint(&["journal", "show"]).stdout.is_empty(), "nothing is journaled");
}
