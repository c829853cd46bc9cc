//! Two states of an object: what belongs together in lists, what counts as there, what is hidden.

use holdpoint::backend::compare::{Part, compare, difference, seal, unsaid, words};
use serde_json::{Value, json};

fn told(live: Value, wanted: Value) -> Vec<[String; 3]> {
    let all = compare(&live, &wanted);
    let all = all.iter().map(|found| difference("it", found, &live, &[]));
    all.map(|one| [one.path, one.declared, one.live]).collect()
}

#[test]
fn elements_of_lists_are_told_apart_by_name_and_by_place_where_they_have_none() {
    let live = json!({ "c": [{ "name": "side", "image": "s" }, { "name": "web", "image": "1" }] });
    let wanted =
        json!({ "c": [{ "name": "web", "image": "2" }, { "name": "gone" }, { "name": "side", "image": "s" }] });
    assert_eq!(
        told(live, wanted),
        [["c[web].image", "2", "1"], ["c[gone]", "{\"name\":\"gone\"}", "(nothing)"]].map(|row| row.map(str::to_owned))
    );
    // One port for two protocols: its number does not tell them apart.
    let port = |protocol: &str| json!({ "containerPort": 53, "protocol": protocol });
    let both = json!({ "p": [port("UDP"), port("TCP")] });
    assert_eq!(told(both.clone(), both.clone()).len(), 0);
    assert_eq!(told(both.clone(), json!({ "p": [port("UDP"), port("SCTP")] }))[0][0], "p[1].protocol");
    // Of different length nothing says which is which: the whole list is told.
    assert_eq!(told(both, json!({ "p": [port("UDP")] }))[0][0], "p");
    assert_eq!(told(json!({ "args": ["a", "b"] }), json!({ "args": ["a", "c"] }))[0], ["args[1]", "c", "b"]);
}

#[test]
fn what_is_empty_is_not_there() {
    let live = json!({ "a": {}, "b": [], "c": null, "d": 0, "e": "" });
    let found = told(live, json!({ "a": null }));
    assert_eq!(found.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), ["d", "e"]);
}

#[test]
fn order_and_what_is_empty_is_not_told_and_that_is_known() {
    let named = |names: &[&str]| json!({ "c": names.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>() });
    let one =
        |live: &Value, wanted: &Value| (told(live.clone(), wanted.clone()).len(), unsaid(Some(live), Some(wanted)));
    assert_eq!(one(&named(&["a", "b"]), &named(&["b", "a"])), (0, true));
    // What comes and what goes is told, wherever it stands; the others stand as they stood.
    assert_eq!(one(&named(&["x", "a", "b"]), &named(&["a", "y", "b"])), (2, false));
    assert_eq!(one(&named(&["x", "a", "b"]), &named(&["b", "y", "a"])), (2, true));
    assert_eq!(one(&json!({ "a": {}, "b": 1 }), &json!({ "b": 1 })), (0, true));
    assert_eq!(one(&json!({ "a": [{ "b": [], "c": 1 }] }), &json!({ "a": [{ "b": null, "c": 1 }] })), (0, true));
    assert_eq!(one(&json!({ "a": null, "b": 1 }), &json!({ "b": 1 })), (0, false));
    assert_eq!(one(&json!({ "a": [1, 2], "b": 3 }), &json!({ "a": [2, 1], "b": 4 })), (3, false));
}

#[test]
fn paths_are_written_so_that_no_key_looks_like_another() {
    let path = ["metadata", "annotations", "a.b/c"].map(|key| Part::Key(key.to_owned()));
    assert_eq!(words(&path), "metadata.annotations[a.b/c]");
}

#[test]
fn what_looks_like_a_secret_is_hidden_on_both_sides_and_within_larger_values() {
    let env = |value: &str| json!({ "env": [{ "name": "API_TOKEN", "value": value }] });
    assert_eq!(told(env("hunter1"), env("hunter2")), [["env[API_TOKEN].value", "(hidden)", "(hidden)"]]);
    for (live, wanted) in [
        (json!({ "x": env("hunter1") }), json!({})),
        (json!({ "stringData": { "plain": "hunter1" } }), json!({ "stringData": { "plain": "hunter2" } })),
        (json!({ "data": { "db-password": "hunter1" } }), json!({ "data": { "db-password": "hunter2" } })),
        (json!({ "a": [{ "b": [{ "password": "hunter1" }] }] }), json!({ "a": "hidden" })),
    ] {
        let found = told(live, wanted);
        assert!(!found.is_empty() && !format!("{found:?}").contains("hunter"), "{found:?}");
    }
}

#[test]
fn a_key_that_says_so_hides_its_value_and_a_reference_does_not() {
    for (live, wanted) in [
        (json!({ "spec": { "adminPassword": "hunter1" } }), json!({ "spec": { "adminPassword": "hunter2" } })),
        (json!({ "w": [{ "name": "x", "token": "hunter1" }] }), json!({ "w": [{ "name": "x", "token": "hunter2" }] })),
        (json!({ "tokens": ["hunter1"] }), json!({ "tokens": ["hunter2"] })),
        (json!({ "tokens": ["hunter1"] }), json!({ "tokens": ["hunter2", "hunter3"] })),
        (json!({ "x": { "tokens": ["hunter1"] } }), json!({})),
        (json!({ "x": [{ "key": "DB_PASSWORD", "value": "hunter1" }] }), json!({})),
        (json!({ "x": { "stringData": { "plain": "hunter1" } } }), json!({})),
    ] {
        let found = told(live, wanted);
        assert!(!found.is_empty() && !format!("{found:?}").contains("hunter"), "{found:?}");
    }
    let applied = |said: &str| json!({ "metadata": { "annotations": { "kubectl.kubernetes.io/last-applied-configuration": said } } });
    for (live, wanted) in [
        // An application that is itself declared by one: its chart's values, as one text or told apart.
        (json!({ "helm": { "values": "p: hunter1" } }), json!({ "helm": { "values": "p: hunter2" } })),
        (applied("hunter1"), applied("hunter2")),
        (
            json!({ "valuesObject": { "auth": { "user": "hunter1" } } }),
            json!({ "valuesObject": { "auth": { "user": "hunter2" } } }),
        ),
        (json!({ "valuesObject": { "key": "hunter1" } }), json!({ "valuesObject": { "key": "hunter2" } })),
        (json!({ "valuesObject": { "auth": { "user": "hunter1" } } }), json!({ "valuesObject": "hidden" })),
        (
            json!({ "one": { "name": "API_TOKEN", "value": "hunter1" } }),
            json!({ "one": { "name": "API_TOKEN", "value": "hunter2" } }),
        ),
        (
            json!({ "one": { "name": "API_TOKEN", "value": "hunter1" } }),
            json!({ "one": { "name": "LEVEL", "value": "hunter2" } }),
        ),
    ] {
        let found = told(live, wanted);
        assert!(!found.is_empty() && !format!("{found:?}").contains("hunter"), "{found:?}");
    }
    let match_by =
        |value: &str| json!({ "matchExpressions": [{ "key": "zone", "operator": "In", "values": [value] }] });
    assert_eq!(told(match_by("a"), match_by("b")), [["matchExpressions[zone].values[0]", "b", "a"]]);
    let refers = |to: &str| json!({ "secretName": to, "valueFrom": { "secretKeyRef": { "name": to, "key": to } } });
    let found = told(refers("one"), refers("two"));
    assert!(found.len() == 3 && found.iter().all(|row| row[1] == "two" && row[2] == "one"), "{found:?}");
    let found = told(json!({ "automountServiceAccountToken": false }), json!({ "automountServiceAccountToken": true }));
    assert_eq!(found[0][1], "true");
}

#[test]
fn what_stands_for_differences_changes_with_all_that_is_shown_and_with_nothing_that_is_hidden() {
    let of = |object: &str, name: &str, live: &str, wanted: &str| {
        let side = |value: &str| json!({ "env": [{ "name": name, "value": value }] });
        seal(object, &compare(&side(live), &side(wanted)))
    };
    let long = |end: &str| format!("{}{end}", "x".repeat(200));
    let seals = [
        of("a", "RATE", "1", "2"),
        of("b", "RATE", "1", "2"),
        of("a", "RATES", "1", "2"),
        of("a", "RATE", "3", "2"),
        of("a", "RATE", "1", "3"),
        of("a", "RATE", &long("1"), &long("2")),
        of("a", "RATE", &long("1"), &long("3")),
    ];
    assert_eq!(seals.iter().collect::<std::collections::BTreeSet<_>>().len(), seals.len(), "{seals:?}");
    assert_eq!(of("a", "DB_PASSWORD", "one", "two"), of("a", "DB_PASSWORD", "three", "four"));
}

#[test]
fn an_address_with_a_password_in_it_is_hidden_whatever_its_name() {
    let env = |value: &str| json!({ "env": [{ "name": "DATABASE_URL", "value": value }] });
    let (one, two) = (env("postgres://app:hunter1@db"), env("postgres://app:hunter2@db"));
    let hidden = "postgres://app:(hidden)@db";
    assert_eq!(told(one.clone(), two.clone()), [["env[DATABASE_URL].value", hidden, hidden]]);
    assert_eq!(seal("it", &compare(&one, &two)), seal("it", &compare(&two, &one)));
    for (live, wanted) in [
        (json!({ "x": one }), json!({})),
        (json!({ "args": ["--db=postgres://app:hunter1@db"] }), json!({ "args": ["--db=postgres://app:hunter2@db"] })),
        (json!({ "args": ["postgres://app:hunter1@db"] }), json!({ "args": ["a", "b"] })),
        (json!({ "data": { "app.ini": "db = postgres://app:hunter1@db" } }), json!({ "data": { "app.ini": "" } })),
    ] {
        let found = told(live, wanted);
        assert!(!found.is_empty() && !format!("{found:?}").contains("hunter"), "{found:?}");
    }
    // One that takes it from elsewhere, or has none, is shown.
    let refers = told(env("postgres://app:$(PASSWORD)@db"), env("http://db:8080/x"));
    assert_eq!(refers[0][1..], ["http://db:8080/x", "postgres://app:$(PASSWORD)@db"]);
}

#[test]
fn a_secret_among_arguments_is_hidden_and_what_only_speaks_of_one_is_not() {
    for (live, wanted) in [
        (json!(["--db-password=hunter1"]), json!(["--db-password=hunter2"])),
        (json!(["--password", "hunter1"]), json!(["--password", "hunter2"])),
        (json!(["--password", "hunter1", "--fast"]), json!(["--slow"])),
        (json!(["--password", "hunter1"]), json!(["--password-file", "/etc/hunter"])),
        (json!(["-c", "API_KEY=hunter1 exec app"]), json!(["-c", "API_KEY=hunter2 exec app"])),
        (json!(["https://a.example/?token=hunter1"]), json!(["https://a.example/?token=hunter2"])),
        (json!(["--set=auth.password=hunter1"]), json!(["--set=auth.password=hunter2"])),
        (json!(["-c", "app --password hunter1"]), json!(["-c", "app --password hunter2"])),
        (json!(["--apikey=hunter1"]), json!(["--apikey=hunter2"])),
        (json!(["--password", "${PW:-hunter1}"]), json!(["--password", "${PW:-hunter2}"])),
    ] {
        let found = told(json!({ "args": live }), json!({ "args": wanted }));
        let shown = format!("{found:?}").replace("/etc/hunter", "");
        assert!(!found.is_empty() && !shown.contains("hunter"), "{found:?}");
    }
    for (live, wanted) in [
        ("--token-file=/a", "--token-file=/b"),
        ("--password=$(PASSWORD)", "--password=$(OTHER)"),
        ("--token-ttl=5", "--token-ttl=6"),
        ("--author=a", "--author=b"),
        ("--secret-name=a", "--secret-name=b"),
    ] {
        let found = told(json!({ "args": ["run", live] }), json!({ "args": ["run", wanted] }));
        assert_eq!(found, [["args[1]", wanted, live]]);
    }
    // What a command ends with announces the first of its arguments.
    let pod = |flag: &str, value: &str| json!({ "command": ["app", flag], "args": [value, "shown"] });
    assert_eq!(told(pod("--token", "a"), pod("--token", "b")), [["args[0]", "(hidden)", "(hidden)"]]);
    assert_eq!(told(pod("--fast", "a"), pod("--fast", "b")), [["args[0]", "b", "a"]]);
    let mut more = pod("--token", "hunter1");
    more["args"] = json!(["hunter1"]);
    let shown = told(more, pod("--token", "hunter2"));
    assert_eq!(shown, [["args", "[\"(hidden)\",\"shown\"]", "[\"(hidden)\"]"]]);
    // What follows an option is its value only where that is one.
    let options = told(json!({ "args": ["--token", "--fast"] }), json!({ "args": ["--token", "--slow"] }));
    assert_eq!(options, [["args[1]", "--slow", "--fast"]]);
}
