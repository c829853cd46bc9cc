//! `forecast`: the table, the edges, and the same as JSON.

use crate::ground::{by, deploy, with};

fn two_steps() -> String {
    format!(
        "{}takes = \"10m\"\n[[steps]]\nid = \"2\"\ntitle = \"Look around\"\nneeds = [\"1\"]\nkind = \"manual\"\ntakes = \"20m\"\n",
        deploy("2.0")
    )
}

const FREEZE: &str = r#"
[freezes.close]
title = "Q4 close"
starts = "2020-01-01T00:00:00Z"
ends = "2099-01-04T06:00:00Z"
"#;

#[test]
fn a_forecast_says_when_each_step_ends_and_where_that_comes_from() {
    let s = with(&two_steps());
    let none = s.holdpoint(&["forecast"]).exits(2);
    assert!(none.stderr.contains("holdpoint run start RUNBOOK"), "{none:?}");
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    let text = s.holdpoint(&["forecast"]).exits(0).stdout;
    for part in
        ["run 1 · One deploy · ON TIME  lands ", "ahead on the critical path: work 30m00", "10m00-15m00", "plan"]
    {
        assert!(text.contains(part), "lacks {part:?}:\n{text}");
    }
    // The clock goes on between the two.
    let still = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "0");
    let named = s.holdpoint(&["forecast", "1"]).exits(0).stdout;
    assert_eq!(still(&text), still(&named), "the newest live run is the one");
    let all = s.holdpoint(&["--json", "forecast", "1"]).exits(0).json();
    assert_eq!(all["standing"], "ON TIME");
    let forecast = &all["forecast"];
    assert_eq!(forecast["critical"], serde_json::json!(["1", "2"]));
    assert_eq!(forecast["steps"][1]["working"]["p90"], "30m");
    assert_eq!(forecast["steps"][1]["working"]["source"], serde_json::json!({ "plan": 0 }));
    assert_eq!(forecast["steps"][0]["slack_seconds"], 0);
    let wrong = s.holdpoint(&["forecast", "9"]).exits(2);
    assert!(wrong.stderr.contains("there is no run 9; there are 1"), "{wrong:?}");
}

#[test]
fn a_run_that_the_calendar_shuts_for_years_says_so() {
    let s = with(&two_steps());
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    s.write("calendar/freezes.toml", FREEZE);
    let text = s.holdpoint(&["forecast"]).exits(0).stdout;
    assert!(text.contains("TOO LATE  never lands: the calendar does not open again"), "{text}");
    let ends = &s.holdpoint(&["--json", "forecast"]).exits(0).json()["forecast"]["steps"][1]["end"];
    assert!(ends.is_null(), "what waits for it never ends either: {ends}");
}
