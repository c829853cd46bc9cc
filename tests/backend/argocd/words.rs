//! What is pure: versions, history, differences, windows, and words that nobody knows yet.

use crate::argo_server::commit;
use holdpoint::backend::argocd::goal::{Goal, Look, look};
use holdpoint::backend::argocd::place::Place;
use holdpoint::backend::argocd::windows::Windows;
use holdpoint::backend::argocd::{app, diff, past, row, version};
use serde_json::{Value, json};

fn entry(id: i64, revision: &str, source: &Value) -> Value {
    json!({ "id": id, "revision": revision, "source": source, "deployedAt": "2026-11-21T02:00:00Z" })
}

#[test]
fn what_a_version_is() {
    let git = |target: &str| json!({ "repoURL": "x", "path": "api", "targetRevision": target });
    let of = |source: &Value, revision: &str| version::of_entry(&entry(1, revision, source), None);
    assert_eq!(of(&git("main"), &commit('a')), "aaaaaaa");
    assert_eq!(of(&git("v4.2.0"), &commit('a')), "v4.2.0");
    assert_eq!(of(&git("4.2.0-rc.1"), &commit('a')), "4.2.0-rc.1");
    assert_eq!(of(&git("release-7"), &commit('a')), "aaaaaaa");
    assert_eq!(of(&git("4.*"), &commit('a')), "aaaaaaa");
    let chart = json!({ "repoURL": "x", "chart": "api", "targetRevision": "4.*" });
    assert_eq!(of(&chart, "4.2.7"), "4.2.7");
    assert_eq!(of(&json!({}), ""), "");
    assert_eq!(of(&git("main"), "a\u{202e}b"), "a\\u{202e}b");
    // Of several sources the first that brings something.
    let several =
        json!({ "sources": [{ "repoURL": "x", "ref": "values" }, chart], "revisions": [commit('a'), "4.2.7"] });
    assert_eq!(version::of_entry(&several, None), "4.2.7");
    let kustomized = json!({ "path": "api", "kustomize": { "images": ["reg.example:5000/team/api:4.2.0", "old=reg.example/new:7"] } });
    let image = |name: &str| version::of_entry(&entry(1, &commit('a'), &kustomized), Some(name));
    assert_eq!((image("reg.example:5000/team/api").as_str(), image("old").as_str()), ("4.2.0", "7"));
    assert_eq!((image("reg.example/new").as_str(), image("other").as_str()), ("7", "aaaaaaa"));
    let app = json!({ "status": { "summary": { "images": ["proxy:1", "reg.example/api:4.2.0@sha256:00"] } } });
    assert_eq!(version::live(&app, Some("reg.example/api")), "4.2.0");
}

#[test]
fn what_can_be_returned_to() {
    let (one, two) =
        (json!({ "path": "api", "targetRevision": "main" }), json!({ "path": "api2", "targetRevision": "main" }));
    let app = json!({ "status": { "history": [
        entry(3, &commit('a'), &one), entry(4, &commit('b'), &one), entry(5, &commit('a'), &two),
        entry(6, &commit('c'), &one), entry(7, &commit('b'), &one) ] } });
    let all = past::past(&app, None);
    assert_eq!(past::names(&all), ["ccccccc", "aaaaaaa#5", "aaaaaaa#3"]);
    let id = |to: &str| past::find(&all, to).map(|entry| entry.id);
    assert_eq!((id("aaaaaaa"), id("aaaaaaa#3"), id("#6"), id(&commit('c'))), (Ok(5), Ok(3), Ok(6), Ok(6)));
    // What is there now is only meant when nothing else has its name.
    assert_eq!(id("bbbbbbb"), Ok(7));
    assert!(id("ddddddd").is_err() && id("aaaaaaa#6").is_err() && id("").is_err());
    // Every name that is listed leads somewhere else.
    for name in past::names(&all) {
        assert!(!past::find(&all, &name).unwrap().same(&all[0]), "{name}");
    }
    assert_eq!(past::names(&past::past(&json!({}), None)), [""; 0]);
}

#[test]
fn auto_sync_is_on_unless_it_is_said_to_be_off() {
    let of = |automated: Value| json!({ "spec": { "syncPolicy": { "automated": automated } } });
    assert!(app::auto_sync(&of(json!({}))).is_some());
    assert!(app::auto_sync(&of(json!({ "enabled": true }))).is_some());
    assert!(app::auto_sync(&of(json!({ "enabled": false }))).is_none());
    assert!(app::auto_sync(&of(Value::Null)).is_none() && app::auto_sync(&json!({})).is_none());
}

#[test]
fn words_that_nobody_knows_yet_are_neither_well_nor_over() {
    let place = Place::read("api").unwrap();
    let compared = |health: &str, phase: &str, sync: Value| {
        row::row(
            &place,
            &json!({ "metadata": { "name": "api", "newField": [1] }, "status": { "health": { "status": health }, "sync": sync,
            "operationState": { "phase": phase, "operation": { "sync": { "revision": "r" }, "teleport": true } } } }),
        )
    };
    let seen = |health: &str, phase: &str| compared(health, phase, json!({ "status": "Synced" }));
    assert_eq!(seen("Healthy", "Succeeded").state, "stable");
    assert_eq!(seen("Enchanted\u{1b}[2J", "Succeeded").state, "degraded");
    assert_eq!(seen("Enchanted\u{1b}[2J", "Succeeded").trouble, [""; 0]);
    assert_eq!(seen("Healthy", "Pondering").state, "rolling");
    assert_eq!((seen("Suspended", "").state.as_str(), seen("Progressing", "").state.as_str()), ("paused", "rolling"));
    let failed = seen("Healthy", "Error");
    assert_eq!((failed.state.as_str(), failed.trouble[0].as_str()), ("degraded", "the last sync ended in an error: "));
    assert_eq!(row::row(&place, &json!({})).state, "degraded");
    // Well, as far as anybody knows: what git holds could not be compared.
    for sync in [json!({ "status": "Unknown" }), json!({}), json!({ "status": "Entangled" })] {
        let unknown = compared("Healthy", "Succeeded", sync);
        assert_eq!(unknown.state, "degraded");
        assert!(unknown.trouble[0].starts_with("how it compares with git is not known"), "{unknown:?}");
    }
    assert_eq!(compared("Healthy", "Succeeded", json!({ "status": "OutOfSync" })).state, "out-of-sync");
}

#[test]
fn health_that_is_older_than_the_sync_says_nothing() {
    let place = Place::read("api").unwrap();
    let app = |phase: &str, began: &str, looked: &str| {
        json!({ "metadata": { "name": "api" }, "status": { "health": { "status": "Healthy" }, "reconciledAt": looked,
            "history": [entry(1, &commit('a'), &json!({ "path": "api" }))],
            "operationState": { "phase": phase, "startedAt": began, "finishedAt": "2026-11-21T02:00:09Z",
                "operation": { "info": [{ "name": "holdpoint", "value": "k7" }] } } } })
    };
    let synced = Goal::Synced { key: Some("k7".to_owned()), version: "main".to_owned() };
    let back = Goal::Back(past::past(&app("", "", ""), None).remove(0));
    let seen = |goal: &Goal, app: &Value, before: Option<&str>| look(goal, &place, app, before);
    let (early, late) = ("2026-11-21T02:00:08Z", "2026-11-21T02:00:09Z");
    for goal in [&synced, &back] {
        assert!(matches!(seen(goal, &app("Succeeded", "b", early), Some("a")), Look::Brought(_)));
        assert!(matches!(seen(goal, &app("Succeeded", "b", late), Some("a")), Look::Seen(_)));
        assert!(matches!(seen(goal, &app("Failed", "b", late), Some("a")), Look::Failed(_)));
        assert!(matches!(seen(goal, &app("Pondering", "b", late), None), Look::Going(_) | Look::Not(_)));
    }
    // What failed before ours was sent, as a server that is behind still tells it.
    assert!(matches!(seen(&back, &app("Failed", "a", late), Some("a")), Look::Not(_)));
    let other = Goal::Synced { key: Some("k8".to_owned()), version: "main".to_owned() };
    assert!(matches!(seen(&other, &app("Succeeded", "a", late), Some("a")), Look::Not(_)));
    assert!(matches!(seen(&other, &app("Succeeded", "b", late), Some("a")), Look::Over(_)));
}

#[test]
fn windows_that_do_not_say_that_they_are_open_are_closed() {
    let allow = json!({ "kind": "allow", "schedule": "0 9 * * 1-5", "duration": "8h", "manualSync": true });
    let read = |said: Value| Windows::read(&said);
    assert!(read(json!({})).open && read(json!({})).closed().is_none());
    assert!(!read(json!({ "assignedWindows": [allow] })).open);
    assert!(read(json!({ "assignedWindows": [allow], "canSync": true })).open);
    let closed = read(json!({ "assignedWindows": [allow], "canSync": false })).closed().unwrap();
    assert_eq!(closed, "the sync window is closed (allow `0 9 * * 1-5` for 8h, not for people)");
}

#[test]
fn differences_are_paths_with_old_and_new() {
    let item = |live: &Value, target: &Value| {
        json!({ "kind": "Deployment", "namespace": "n", "name": "api", "normalizedLiveState": live.to_string(),
            "predictedLiveState": target.to_string() })
    };
    let (old, new) = (
        json!({ "a": 1, "b": [1, 2], "c": { "d": "x" } }),
        json!({ "a": 2, "b": [1], "c": { "d": "x\u{1b}" }, "e": true }),
    );
    let told = diff::changes(&[item(&old, &new)]);
    assert_eq!(told[0], "Deployment n/api: a 1 → 2");
    assert_eq!(told[1], "Deployment n/api: b [1,2] → [1]");
    assert_eq!(told[2], "Deployment n/api: c.d x → x\\u{1b}");
    assert_eq!((told[3].as_str(), told.len()), ("Deployment n/api: e (nothing) → true", 4));
    assert_eq!(diff::changes(&[item(&old, &old)]), [""; 0]);
    assert_eq!(
        diff::changes(&[item(&old, &Value::Null)]),
        ["Deployment n/api is no longer in git; it stays unless it is pruned"]
    );
    let role = json!({ "kind": "ClusterRole", "name": "api", "predictedLiveState": old.to_string() });
    assert_eq!(diff::changes(&[role]), ["creates ClusterRole api"]);
    assert_eq!(diff::changes(&[json!({ "normalizedLiveState": "no json" })]), [""; 0]);
}

#[test]
fn places() {
    assert_eq!(Place::read("team-a/api#reg.example/api").unwrap().words(), "application team-a/api");
    for none in ["", "../x", "a/b/c", "a b", "api?x", "/api", "api#"] {
        assert!(Place::read(none).is_none_or(|place| place.image.as_deref() == Some("")), "{none}");
    }
    let app = |namespace: &str| {
        json!({ "metadata": { "name": "api", "namespace": namespace }, "spec": { "project": "p" },
        "status": { "controllerNamespace": "argocd" } })
    };
    let of = |scope: &str, namespace: &str| {
        let place = Place::read(scope).unwrap();
        (place.is(&app(namespace)), place.subject(&app(namespace)))
    };
    assert_eq!(of("api", "argocd"), (true, "p/api".to_owned()));
    assert_eq!(of("argocd/api", "argocd"), (true, "p/api".to_owned()));
    assert_eq!(of("team-a/api", "team-a"), (true, "p/team-a/api".to_owned()));
    assert!(!of("api", "team-a").0 && !of("other", "argocd").0);
}

#[test]
fn only_an_application_that_heals_itself_undoes_changes() {
    let reverts = |policy: Value| {
        let app = json!({ "metadata": { "name": "api" }, "spec": { "syncPolicy": policy } });
        row::row(&Place::read("api").unwrap(), &app).reverts
    };
    assert!(reverts(json!({ "automated": { "selfHeal": true } })));
    assert!(!reverts(json!({ "automated": { "selfHeal": true, "enabled": false } })));
    assert!(!reverts(json!({ "automated": { "prune": true } })));
    assert!(!reverts(json!({})));
}
