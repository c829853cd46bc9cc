//! What of an object's variables and arguments stands in the object itself.

use holdpoint::backend::literal::literals;
use serde_json::json;

/// List, number, name, value, and whether the name says that it is a secret.
type Told = (Option<(&'static str, usize)>, String, String, bool);

fn told(container: serde_json::Value) -> Vec<Told> {
    let live = json!({ "spec": { "template": { "spec": { "containers": [container] } } } });
    let all = literals("deployment shop/api", &live).into_iter();
    all.map(|one| (one.argument, one.name, one.value, one.secret)).collect()
}

#[test]
fn an_argument_is_told_as_the_option_whose_value_it_is() {
    let told = told(json!({
        "name": "api",
        "command": ["sh", "-c", "exec app --now"],
        "args": ["--host=db.stage", "--password", "hunter1", "--fast", "--slow", "", 5, "last"],
        "env": [{ "name": "A", "value": "b" }, { "name": "FROM", "valueFrom": {} }],
    }));
    let one = |at, name: &str, value: &str, secret| (at, name.to_owned(), value.to_owned(), secret);
    let expected = [
        one(None, "A", "b", false),
        one(Some(("command", 0)), "", "sh", false),
        one(Some(("command", 2)), "-c", "exec app --now", false),
        one(Some(("args", 0)), "--host", "db.stage", false),
        one(Some(("args", 2)), "--password", "hunter1", true),
        one(Some(("args", 7)), "", "last", false),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_a_command_ends_with_goes_on_in_its_arguments() {
    let told = told(json!({ "command": ["app", "--password"], "args": ["hunter1"] }));
    let app = (Some(("command", 0)), String::new(), "app".to_owned(), false);
    assert_eq!(told, [app, (Some(("args", 0)), "--password".to_owned(), "hunter1".to_owned(), true)]);
}

#[test]
fn what_is_no_list_of_texts_has_none() {
    for strange in [json!({ "name": "api", "args": "--a=b" }), json!({ "args": [[], {}, null] }), json!(null)] {
        assert_eq!(told(strange), []);
    }
}
