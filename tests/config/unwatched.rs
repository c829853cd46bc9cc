//! A runbook that ends with a change of production and watches nothing after it: each case is the end of the
//! good runbook, and the step that is named, or none.

use super::Dir;

/// A deploy to an environment, after these steps.
fn deploy(id: &str, needs: &str, environment: &str, more: &str) -> String {
    step(
        id,
        needs,
        "action",
        &format!(
            "verb = \"deploy\"\nservice = \"payments\"\nenvironment = \"{environment}\"\nargs = {{ version = \"4.2.0\" }}\n{more}"
        ),
    )
}

fn step(id: &str, needs: &str, kind: &str, more: &str) -> String {
    format!("[[steps]]\nid = \"{id}\"\ntitle = \"{id}\"\nkind = \"{kind}\"\nneeds = [{needs}]\n{more}\n\n")
}

/// What is said of a runbook of these steps.
fn said(steps: &[String]) -> String {
    let dir = Dir::good();
    dir.put("runbooks/short.toml", format!("title = \"Short\"\n\n{}", steps.concat()));
    let warnings = dir.load().unwrap_or_else(|problems| panic!("{problems}")).warnings;
    warnings.iter().map(|warning| format!("{warning}\n")).collect()
}

#[test]
fn the_last_change_of_production_that_nothing_watches_is_named() {
    let soak = "{ soak = { signals = [\"failed-requests@eu-west\"], for = \"1m\" } }";
    let (verify, gate) = (format!("verify = {soak}"), format!("gate = {soak}"));
    let watch = "signals = [\"failed-requests@eu-west\"]\nfor = \"1m\"";
    let any = format!("verify = {{ any = [{soak}, {{ manual = {{ role = \"ops\", text = \"well?\" }} }}] }}");
    let all = any.replace("any =", "all =");
    let health = "verify = { health = [\"failed-requests\"] }";
    let west = |id: &str, needs: &str, more: &str| deploy(id, needs, "eu-west", more);
    let cases: [(&str, Vec<String>, Option<&str>); 14] = [
        ("nothing follows", vec![west("1", "", "")], Some("1")),
        ("its own soak", vec![west("1", "", &verify)], None),
        ("its own soak before it", vec![west("1", "", &gate)], Some("1")),
        ("one reading is not a while", vec![west("1", "", health)], Some("1")),
        ("a step that soaks", vec![west("1", "", ""), step("2", "\"1\"", "soak", watch)], None),
        ("one beside it", vec![west("1", "", ""), step("2", "", "soak", watch)], Some("1")),
        (
            "one farther behind",
            vec![west("1", "", ""), step("2", "\"1\"", "milestone", ""), step("3", "\"2\"", "milestone", &gate)],
            None,
        ),
        ("it may pass without", vec![west("1", "", &any)], Some("1")),
        ("it may not", vec![west("1", "", &all)], None),
        ("only the last counts", vec![west("1", "", ""), west("2", "\"1\"", &verify)], None),
        ("a soak between", vec![west("1", "", &verify), west("2", "\"1\"", "")], Some("2")),
        ("two beside each other", vec![west("1", "", ""), west("2", "", "")], Some("2")),
        ("written backwards", vec![west("2", "\"1\"", ""), west("1", "", "")], Some("2")),
        ("no production", vec![deploy("1", "", "lab", "")], None),
    ];
    for (name, steps, wanted) in cases {
        let told = said(&steps);
        match wanted {
            None => assert_eq!(told, "", "{name}"),
            Some(id) => {
                let text = format!("title = \"Short\"\n\n{}", steps.concat());
                let line = text.lines().position(|line| line == format!("id = \"{id}\"")).unwrap() + 1;
                let place = format!("runbooks/short.toml:{line}:6: nothing is watched after step {id}, the last that");
                assert!(told.starts_with(&place) && told.matches("nothing is").count() == 1, "{name}: {told}");
                let help = format!("add `verify = {}` to it", soak.replace("1m", "1h"));
                assert!(told.contains(&help), "{name}: {told}");
            }
        }
    }
}

#[test]
fn where_nothing_is_measured_nothing_is_asked_for() {
    let dir = Dir::good();
    let places = "[environments.us]\ntier = \"production\"\n[environments.lab]";
    dir.put("holdpoint.toml", dir.text("holdpoint.toml").replace("[environments.lab]", places));
    dir.put("services.toml", dir.text("services.toml").replace("{ eu-west", "{ us = \"routers\", eu-west"));
    dir.put("runbooks/short.toml", format!("title = \"Short\"\n\n{}", deploy("1", "", "us", "")));
    let warnings = || dir.load().unwrap_or_else(|problems| panic!("{problems}")).warnings;
    assert_eq!(warnings(), []);
    dir.put(
        "signals.toml",
        dir.text("signals.toml").replace("[\"eu-west\", \"lab\"]", "[\"eu-west\", \"lab\", \"us\"]"),
    );
    assert_eq!(warnings().len(), 1);
}
