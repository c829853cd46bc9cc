//! Windows that an Argo CD tells, as `calendar` prints them: no further than they are known.

use crate::argo_server::{ArgoCd, Does};
use crate::ground::{deploy, with};
use crate::support::sandbox::Sandbox;
use serde_json::{Value, json};

/// A service that this server deploys, with these windows in its project.
fn deployed_by(server: &ArgoCd, windows: Value) -> Sandbox {
    let s = with(&deploy("2.0"));
    server.put("web");
    server.declares("default", windows);
    let file = s.workspace().join("holdpoint.toml");
    let backend = format!(
        "\n[backends.argo]\nkind = \"argocd\"\nevery = \"1s\"\nurl = \"{}\"\ntoken = {{ file = \"{}\" }}\n",
        server.url(),
        server.token_file().display()
    );
    std::fs::write(&file, std::fs::read_to_string(&file).unwrap() + &backend).unwrap();
    s.write("services.toml", "[services.web]\ndeployed_by = { prod = \"argo\" }\n");
    s
}

#[test]
fn may_says_what_a_clock_that_differs_leaves_open() {
    let server = ArgoCd::start();
    let s = deployed_by(&server, json!([]));
    let now = chrono::Utc::now();
    let (from, to) = (now + chrono::TimeDelta::minutes(5), now + chrono::TimeDelta::hours(2));
    let freeze = format!("[freezes.close]\nstarts = \"{}\"\nends = \"{}\"\n", from.to_rfc3339(), to.to_rfc3339());
    s.write("calendar/freezes.toml", freeze);
    s.holdpoint(&["may", "promote", "web", "prod"]).exits(0);
    let behind = (now - chrono::TimeDelta::minutes(10)).format("date: %a, %d %b %Y %H:%M:%S GMT\r\n");
    server.fault("GET", "/", Does::With(behind.to_string()), u32::MAX);
    // A deploy is held by the windows of the server too: none is read while its clock is off.
    let told = s.holdpoint(&["may", "promote", "web", "prod"]).exits(3).stdout;
    assert!(told.contains("  wait until ") && told.contains("or mend a clock: that of argo is "), "{told}");
    let told = s.holdpoint(&["--json", "may", "promote", "web", "prod"]).exits(3).json();
    assert_eq!(told["level"], "unknown", "{told}");
    assert!(told["opens"].is_string() && told["opens"] == told["reasons"][0]["opens"], "{told}");
    s.holdpoint(&["may", "roll-back", "web", "prod"]).exits(0);
}

#[test]
fn what_answers_slowly_is_not_taken_for_what_was_heard_before_a_clock_was_set_back() {
    let server = ArgoCd::start();
    let always = json!({ "kind": "deny", "schedule": "* * * * *", "duration": "1h", "applications": ["*"] });
    let s = deployed_by(&server, json!([always]));
    // It takes longer than its interval.
    server.fault("GET", "/projects/", Does::TooMany(1), 1);
    let told = s.holdpoint(&["calendar", "--days", "7"]).exits(0).stdout;
    assert!(told.contains("argo: deny `* * * * *`") && !told.contains("??"), "{told}");
}

#[test]
fn calendar_says_how_far_windows_are_known_and_gives_them_no_edge_that_is_not() {
    let server = ArgoCd::start();
    let always = json!({ "kind": "deny", "schedule": "* * * * *", "duration": "1h", "applications": ["*"] });
    let s = deployed_by(&server, json!([always]));
    let near = s.holdpoint(&["calendar", "--days", "7"]).exits(0).stdout;
    assert!(near.contains("no end known") && near.contains("argo: deny `* * * * *`"), "{near}");
    assert!(!near.contains("and not beyond"), "{near}");
    let far = s.holdpoint(&["calendar", "--days", "60"]).exits(0).stdout;
    assert!(far.contains("?? windows of argo are known until ") && far.contains(", and not beyond"), "{far}");

    let rows = s.holdpoint(&["--json", "calendar", "--days", "60"]).exits(0).json();
    let rows = rows.as_array().unwrap();
    let window = rows.iter().find(|row| row["kind"] == "FREEZE").unwrap();
    assert_eq!((&window["starts"], &window["ends"]), (&Value::Null, &Value::Null), "{window}");
    let beyond = rows.iter().find(|row| row["kind"] == "unknown").unwrap();
    assert!(beyond["source"] == "argo" && beyond["starts"].is_string(), "{beyond}");
    let rows = s.holdpoint(&["--json", "calendar", "--days", "7"]).exits(0).json();
    assert!(rows.as_array().unwrap().iter().all(|row| row["kind"] != "unknown"), "{rows}");
}
