//! Silences that end with another step: the step that follows from it, and what is wrong.

use super::Dir;
use holdpoint::domain::plan::{Need, Plan, Start};

const HEAD: &str = r#"
[workspace]
id = "0123456789abcdef"
name = "x"
zone = "UTC"
[environments.prod]
tier = "production"
[backends.alerts]
kind = "alertmanager"
url = "http://127.0.0.1:9093"
never = ["severity=critical"]
"#;

const DAY: &str = r#"
title = "x"
[[steps]]
id = "quiet"
title = "Quiet"
kind = "action"
verb = "silence"
service = "web"
environment = "prod"
args = { duration = "30m", comment = "move", alert = "Lag" }
ends_with = "move"
[[steps]]
id = "move"
title = "Move it"
kind = "manual"
needs = ["quiet"]
[[steps]]
id = "last"
title = "Say so"
kind = "manual"
needs = ["move"]
"#;

fn day(text: &str) -> Dir {
    let dir = Dir::empty();
    dir.put("holdpoint.toml", HEAD).put("services.toml", "[services.web]\n").put("runbooks/day.toml", text);
    dir
}

fn plan(text: &str) -> Plan {
    let loaded = day(text).load().unwrap_or_else(|problems| panic!("{problems}"));
    loaded.workspace.runbooks.into_values().next().unwrap()
}

#[test]
fn it_ends_by_a_step_of_the_plan_once_the_other_is_done() {
    let plan = plan(DAY);
    let names: Vec<&str> = plan.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["quiet", "move", "quiet-end", "last"]);
    let end = &plan.steps[2];
    let silence = plan.steps[0].operation().unwrap();
    let operation = end.operation().unwrap();
    assert_eq!(operation.to_string(), "silence web prod alert=Lag end=now");
    assert_eq!((&operation.backend, operation.limit), (&silence.backend, silence.limit));
    assert_eq!(end.needs, [Need::Step("quiet".into()), Need::Step("move".into())]);
    assert_eq!((end.start, end.title.as_str()), (Start::Auto, "End what step quiet silences"));
    assert!(end.may_skip && end.gate.is_none());
}

#[test]
fn what_cannot_end_with_a_step_is_said_with_its_place() {
    let silence = "verb = \"silence\"";
    for (from, to, said) in [
        ("ends_with = \"move\"", "ends_with = \"mvoe\"", "mvoe"),
        ("ends_with = \"move\"", "ends_with = \"quiet\"", "that step ends before the silence begins"),
        ("id = \"last\"", "id = \"quiet-end\"", "there is a step quiet-end already"),
        ("duration = \"30m\", comment = \"move\"", "end = \"now\"", "only a silence that is made ends with a step"),
    ] {
        assert!(DAY.contains(from) && DAY.contains(silence));
        let problems = day(&DAY.replace(from, to)).problems().to_string();
        assert!(problems.contains(said), "{to}: {problems}");
        assert!(problems.contains("runbooks/day.toml:11:"), "{to}: {problems}");
    }
    let manual = DAY.replace("kind = \"manual\"\nneeds = [\"quiet\"]", "kind = \"manual\"\nends_with = \"last\"");
    assert!(day(&manual).problems().to_string().contains("ends_with"));
    let before = DAY.replace("needs = [\"quiet\"]\n", "").replace("ends_with", "needs = [\"move\"]\nends_with");
    assert!(day(&before).problems().to_string().contains("that step ends before the silence begins"));
    // Also where another step stands between.
    let between = before.replace("needs = [\"move\"]\nends_with", "needs = [\"last\"]\nends_with");
    let problems = day(&between).problems().to_string();
    assert!(problems.contains("runbooks/day.toml:12:") && problems.contains("ends before the silence"), "{problems}");
}
