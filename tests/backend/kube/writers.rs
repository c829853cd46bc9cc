//! Who deployed it: the person that a cause of ours names, where the API server says that it was we who wrote last, and
//! else the program that it names.

use super::ground::{NEW, Watched, backend, cause, operation, other_key, rolled, rolled_sets, soon};
use crate::cluster::{Cluster, deployment};
use crate::support::{key, sink};
use crate::undisturbed as tokio;
use holdpoint::backend::kubernetes::version::Where;
use holdpoint::backend::kubernetes::writer::writer;
use holdpoint::backend::{Backend, Done, Sink};
use holdpoint::domain::operation::{Operation, Verb};
use serde_json::{Value, json};

fn by(person: &str) -> Sink {
    Sink { by: Some(person.into()), ..sink(None).0 }
}

fn deploy(version: &str) -> Operation {
    operation(Verb::Deploy, "api", &[("version", version)])
}

/// What the API server notes of whoever has written these parts of a template; of us also that the cause is ours.
fn note(manager: &str, at: &str, held: Value) -> Value {
    let caused = json!({ "f:annotations": { "f:kubernetes.io/change-cause": {} } });
    let meta = if manager == "holdpoint" { caused } else { json!({}) };
    json!({ "manager": manager, "operation": "Update", "time": at, "fieldsType": "FieldsV1",
        "fieldsV1": { "f:metadata": meta, "f:spec": { "f:template": held } } })
}

fn image() -> Value {
    json!({ "f:spec": { "f:containers": { "k:{\"name\":\"api\"}": { ".": {}, "f:image": {} } } } })
}

fn stamp() -> Value {
    json!({ "f:metadata": { "f:annotations": { "f:kubectl.kubernetes.io/restartedAt": {} } } })
}

fn noted(cluster: &Cluster, resource: &str, name: &str, notes: &[Value]) {
    cluster.change(resource, name, |object| object["metadata"]["managedFields"] = json!(notes));
}

#[tokio::test]
async fn who_asked_stands_at_the_end_of_the_cause_and_is_who_deployed_it_as_long_as_we_wrote_last() {
    let cluster = rolled().await;
    let mut watched = Watched::new(&cluster);
    watched.until("the row", |watched| watched.api().is_some()).await;
    assert_eq!(watched.api().unwrap().by, None);

    let done = soon(backend(&cluster).perform(deploy("4.3.0"), key(), by("ana"))).await;
    assert!(matches!(done, Ok(Done::Whole(_))), "{done:?}");
    let said = cause(&cluster.get("deployments", "api").unwrap()).to_owned();
    assert_eq!(said, format!("holdpoint {}: deploy 4.3.0 by ana", key()));
    // The same key is found again by the beginning, whoever asks.
    let mutations = cluster.mutations().len();
    let again = soon(backend(&cluster).perform(deploy("4.3.0"), key(), by("bo"))).await;
    assert!(matches!(again, Ok(Done::Whole(_))), "{again:?}");
    assert_eq!(cluster.mutations().len(), mutations);

    let (ours, later) = (note("holdpoint", "2026-11-22T10:00:00Z", image()), "2026-11-22T10:05:00Z");
    noted(&cluster, "deployments", "api", std::slice::from_ref(&ours));
    watched.until("the person", |watched| watched.api().unwrap().by.as_deref() == Some("ana")).await;
    noted(&cluster, "deployments", "api", &[ours, note("kubectl-edit\u{1b}[2J", later, json!({}))]);
    let program = "kubectl-edit\\u{1b}[2J (a program, 2026-11-22 10:05:00Z)";
    watched.until("the program", |watched| watched.api().unwrap().by.as_deref() == Some(program)).await;
}

#[tokio::test]
async fn every_way_to_write_a_template_says_for_whom() {
    let cluster = rolled_sets().await;
    let all = [
        (Verb::Deploy, "db", "statefulsets", ("version", "4.3.0"), "deploy 4.3.0"),
        (Verb::RollBack, "db", "statefulsets", ("to", "4.1.9"), "roll-back 4.1.9"),
        (Verb::Restart, "agent", "daemonsets", ("", ""), "restart"),
    ];
    for (verb, service, resource, arg, words) in all {
        let args: Vec<_> = [arg].into_iter().filter(|(name, _)| !name.is_empty()).collect();
        let key = if verb == Verb::RollBack { other_key() } else { key() };
        // What no name may hold is not written, and none is longer than 64.
        let asker = format!("ana by bo, from {}", "x".repeat(80));
        let done = soon(backend(&cluster).perform(operation(verb, service, &args), key.clone(), by(&asker))).await;
        assert!(matches!(done, Ok(Done::Whole(_))), "{verb}: {done:?}");
        let said = cause(&cluster.get(resource, service).unwrap()).to_owned();
        assert_eq!(said, format!("holdpoint {key}: {words} by ana_by_bo__from_{}", "x".repeat(48)));
    }
    // A set says nothing of when but by that note.
    noted(&cluster, "daemonsets", "agent", &[note("holdpoint", "2026-11-22T10:00:00Z", stamp())]);
    let mut watched = Watched::new(&cluster);
    let placed = super::ground::placed("agent");
    watched.until("the row", |watched| watched.rows.contains_key(&placed)).await;
    let row = &watched.rows[&placed];
    assert_eq!(row.since.map(|at| at.to_rfc3339()).as_deref(), Some("2026-11-22T10:00:00+00:00"));
    assert!(row.by.as_deref().is_some_and(|by| by.ends_with("(a restart)")), "{:?}", row.by);
}

#[test]
fn a_cause_is_believed_only_where_we_wrote_last_and_what_it_says_is_ours() {
    const EARLY: &str = "2026-11-22T10:00:00Z";
    const LATE: &str = "2026-11-22T10:05:00Z";
    let ours = |at: &str, held: Value| note("holdpoint", at, held);
    let kubectl = |at: &str| note("kubectl-set", at, image());
    let (deployed, restarted) = ("holdpoint a-1: deploy 4.2.0 by ana", "holdpoint a-1: restart by ana");
    let program = |name: &str, at: &str| Some(format!("{name} (a program, {})", at.replace('T', " ")));
    let ana = |words: &str| Some(format!("ana{words}"));
    let mut scaled = note("hpa", LATE, image());
    scaled["subresource"] = json!("scale");
    let mut uncaused = ours(LATE, image());
    uncaused["fieldsV1"]["f:metadata"] = json!({ "f:annotations": {} });
    let other = json!({ "f:spec": { "f:containers": { "k:{\"name\":\"side\"}": { "f:image": {} } } } });
    let all: Vec<(&str, Vec<Value>, Option<String>)> = vec![
        (deployed, vec![], None),
        (deployed, vec![json!({ "manager": "kubectl", "fieldsV1": { "f:spec": { "f:replicas": {} } } })], None),
        (deployed, vec![ours(EARLY, image())], ana("")),
        (deployed, vec![kubectl(EARLY), ours(LATE, image())], ana("")),
        (deployed, vec![ours(LATE, image()), kubectl(EARLY)], ana("")),
        (deployed, vec![ours(EARLY, image()), scaled], ana("")),
        // Somebody else wrote since, or in the same second.
        (deployed, vec![ours(EARLY, image()), kubectl(LATE)], program("kubectl-set", LATE)),
        (deployed, vec![ours(EARLY, image()), kubectl(EARLY)], program("kubectl-set", EARLY)),
        (deployed, vec![kubectl(EARLY), ours(EARLY, image())], program("kubectl-set", EARLY)),
        // Whoever wrote the cause since wrote nothing else: its words are not ours any more.
        (deployed, vec![uncaused], program("holdpoint", LATE)),
        // A pause of ours renewed our note, and the image is not ours any more.
        (deployed, vec![kubectl(EARLY), ours(LATE, stamp())], program("holdpoint", LATE)),
        (deployed, vec![ours(LATE, other)], program("holdpoint", LATE)),
        (restarted, vec![ours(LATE, stamp())], ana(" (a restart)")),
        (restarted, vec![ours(LATE, image())], program("holdpoint", LATE)),
        // None of ours, or one that names nobody.
        ("ana deployed it by ana", vec![ours(LATE, image())], program("holdpoint", LATE)),
        ("holdpoint a-1: deploy 4.2.0", vec![ours(LATE, image())], program("holdpoint", LATE)),
        ("holdpoint a-1: deploy 4.2.0 by ", vec![ours(LATE, image())], program("holdpoint", LATE)),
        ("holdpoint a-1: deploy 4.2.0 by the whole team", vec![ours(LATE, image())], program("holdpoint", LATE)),
        ("holdpoint a-1: deploy 4.2.0 by \u{202e}ana", vec![ours(LATE, image())], program("holdpoint", LATE)),
    ];
    for (cause, notes, wanted) in all {
        let mut object = deployment("api", NEW, 1);
        object["metadata"]["annotations"] = json!({ "kubernetes.io/change-cause": cause });
        object["metadata"]["managedFields"] = json!(notes);
        assert_eq!(writer(&object, &Where::default()), wanted, "{cause} {notes:?}");
    }
    // A version that a label tells is held by whoever wrote the label.
    let at = Where { container: None, label: Some("release".to_owned()) };
    for (held, wanted) in
        [(json!({ "f:metadata": { "f:labels": { "f:release": {} } } }), ana("")), (image(), program("holdpoint", LATE))]
    {
        let mut object = deployment("api", NEW, 1);
        object["metadata"]["annotations"] = json!({ "kubernetes.io/change-cause": deployed });
        object["metadata"]["managedFields"] = json!([ours(LATE, held)]);
        assert_eq!(writer(&object, &at), wanted);
    }
}

#[test]
fn a_mend_that_wrote_no_template_brought_no_pods() {
    const EARLY: &str = "2026-11-22T10:00:00Z";
    const LATE: &str = "2026-11-22T10:05:00Z";
    let edit = note("kubectl-edit", EARLY, json!({ "f:spec": { "f:terminationGracePeriodSeconds": {} } }));
    let kubectl = Some("kubectl-edit (a program, 2026-11-22 10:00:00Z)");
    let ours = |held: Value| note("holdpoint", LATE, held);
    let env = json!({ "f:spec": { "f:containers": { "k:{\"name\":\"api\"}": { "f:env": { "k:{\"name\":\"A\"}": {
        ".": {}, "f:name": {}, "f:value": {} } } } } } });
    let (bo, mended) = (Some("bo (mended drift)"), "holdpoint a-1: mend by bo");
    for (cause, notes, wanted) in [
        // What a deploy of ana's has left in our note.
        (mended, vec![ours(image()), edit.clone()], kubectl),
        (mended, vec![ours(stamp()), edit.clone()], kubectl),
        ("holdpoint a-1: mend", vec![ours(image()), edit.clone()], kubectl),
        (mended, vec![ours(image())], Some("holdpoint (a program, 2026-11-22 10:05:00Z)")),
        (mended, vec![ours(env), edit.clone()], bo),
        ("holdpoint a-1: mend 4.2.0 by bo", vec![ours(image()), edit], bo),
    ] {
        let mut object = deployment("api", NEW, 1);
        object["metadata"]["annotations"] = json!({ "kubernetes.io/change-cause": cause });
        object["metadata"]["managedFields"] = json!(notes);
        assert_eq!(writer(&object, &Where::default()).as_deref(), wanted, "{cause} {notes:?}");
    }
}
