//! What a plugin can say of the way back: what it would refuse, whether it can be taken back, who else
//! holds a place and undoes what is changed there. Undeclared it is as if it had never been asked.

use super::ground::{Ground, soon};
use crate::support::{Place, deploy, launcher, serves};
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::command::CommandBackend;
use holdpoint::backend::plugin::{PluginBackend, trust};
use holdpoint::backend::{Backend, Fault, Topic};
use holdpoint::domain::backend::{CommandSpec, Granted, PluginSpec};
use holdpoint::domain::catalogue::Reversible;
use holdpoint::domain::foreseen::{Foreseen, Foresight};
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Preview;
use holdpoint::domain::span::Span;
use holdpoint::report::foreseen::{Weight, headline, lines};
use std::sync::Arc;

/// What is made of this answer to a preview, of a verb with this effect.
async fn previewed(effect: &str, answer: &str) -> Result<Preview, Fault> {
    let ground = Ground::new(&format!(
        "CAN = {{'act:deploy': {{'effect': '{effect}'}}}}\ndef on(method, id, params): return method == 'preview' and (ok(id, {answer}),) != ()"
    ));
    soon(ground.backend().preview(&deploy())).await
}

/// What somebody reads of it.
fn read(preview: Preview) -> Vec<(Weight, String)> {
    let said = Foresight::Told(chrono::Utc::now(), preview);
    let all = lines(&[Foreseen { operation: deploy(), said }]);
    all.into_iter().map(|line| (line.weight, format!("{} {}", line.under, line.text))).collect()
}

#[tokio::test]
async fn what_it_would_refuse_is_in_the_way_and_is_said_to_stop_it() {
    let said = previewed("act", "{'obstacles': ['a freeze', 'no disk'], 'refused': ['no disk', 'no \\x1b[2J right']}");
    let preview = said.await.unwrap();
    assert_eq!(preview.refused, ["no disk", "no \\u{1b}[2J right"]);
    assert_eq!(preview.obstacles, ["a freeze", "no disk", "no \\u{1b}[2J right"]);
    let line = headline(&[Foreseen { operation: deploy(), said: Foresight::Told(chrono::Utc::now(), preview) }]);
    assert_eq!(line.unwrap().weight, Weight::Refused);
    // As many as anything else of a preview, and each as long as a line.
    let many = previewed("act", "{'refused': ['%d ' % i + 'x' * 4000 for i in range(300)]}").await.unwrap();
    assert!(many.refused.len() == 64 && many.obstacles.len() == 64, "{}", many.refused.len());
    assert!(many.refused.iter().all(|why| why.chars().count() <= 200));
    let none = previewed("act", "{'obstacles': ['a freeze']}").await.unwrap();
    assert_eq!((none.refused.len(), none.reversible), (0, None));
}

#[tokio::test]
async fn what_it_could_not_find_out_is_neither_in_the_way_nor_fine() {
    let answer = "{'unknown': ['whether the queue is drained: no \\x1b[2J answer'], 'loses': ['a cache']}";
    let preview = previewed("act", answer).await.unwrap();
    assert_eq!(preview.unknown, ["whether the queue is drained: no \\u{1b}[2J answer"]);
    assert_eq!((preview.obstacles.len(), preview.refused.len()), (0, 0));
    let all = read(preview.clone());
    let at = |label: &str| all.iter().position(|(_, line)| line.starts_with(label)).unwrap();
    assert!(at("?? ") < at("loses ") && all[at("?? ")].0 == Weight::Unknown, "{all:?}");
    let told = |preview| Foreseen { operation: deploy(), said: Foresight::Told(chrono::Utc::now(), preview) };
    let head = headline(&[told(preview)]).unwrap();
    assert!(head.weight == Weight::Unknown && head.text.contains("could not find out: whether the queue"), "{head:?}");
    // As many as anything else of a preview, and each as long as a line.
    let many = previewed("act", "{'unknown': ['%d ' % i + 'x' * 4000 for i in range(300)]}").await.unwrap();
    assert_eq!(many.unknown.len(), 64);
    assert!(many.unknown.iter().all(|what| what.chars().count() <= 200));
    // An older one says nothing of it.
    let older = previewed("act", "{'effects': ['moves it']}").await.unwrap();
    assert_eq!((older.unknown.len(), headline(&[told(older)]).unwrap().weight), (0, Weight::Plain));
    for strange in ["'no'", "5", "{}", "[5]", "None"] {
        let said = previewed("act", &format!("{{'unknown': {strange}}}")).await;
        assert!(matches!(said, Err(Fault::Lost { .. })), "{strange}: {said:?}");
    }
}

#[tokio::test]
async fn whether_it_can_be_taken_back_is_said_as_it_says_it() {
    const UNSAID: &str = "its plugin does not say that this can be taken back";
    for (effect, answer, reversible, unsaid) in [
        ("act", "{}", None, false),
        ("dangerous", "{}", None, true),
        ("dangerous", "{'reversible': None}", None, true),
        (
            "dangerous",
            "{'reversible': {'ok': True, 'note': 'roll-back to 4.1.9'}}",
            Some((true, "roll-back to 4.1.9")),
            false,
        ),
        (
            "act",
            "{'reversible': {'ok': False, 'note': 'it drops \\u202e rows', 'more': 1}}",
            Some((false, "it drops \\u{202e} rows")),
            false,
        ),
        ("act", "{'reversible': {'ok': True}}", Some((true, "")), false),
    ] {
        let preview = previewed(effect, answer).await.unwrap();
        let wanted = reversible.map(|(ok, note)| Reversible { ok, note: note.to_owned() });
        assert_eq!(preview.reversible, wanted, "{answer}");
        assert_eq!(preview.loses.contains(&UNSAID.to_owned()), unsaid, "{answer}: {preview:?}");
        let all = read(preview);
        let back = all.iter().find(|(_, line)| line.starts_with("back "));
        assert_eq!(back.is_some(), reversible.is_some(), "{all:?}");
        let weight = if reversible.is_some_and(|(ok, _)| !ok) { Weight::Heed } else { Weight::Plain };
        assert!(back.is_none_or(|(is, _)| *is == weight), "{all:?}");
    }
    let long = previewed("act", "{'reversible': {'ok': False, 'note': 'x' * 1000000}}").await.unwrap();
    assert_eq!(long.reversible.unwrap().note.chars().count(), 200);
    for strange in ["True", "5", "'yes'", "[]", "{}", "{'ok': 'yes'}", "{'ok': None}", "{'ok': True, 'note': 5}"] {
        let said = previewed("act", &format!("{{'reversible': {strange}}}")).await;
        // What cannot be read judges nothing, and is never taken for a yes.
        assert!(matches!(&said, Err(Fault::Lost { why, .. }) if why.contains("cannot be read")), "{strange}: {said:?}");
    }
    for strange in ["'no'", "5", "{}", "[5]"] {
        let said = previewed("act", &format!("{{'refused': {strange}}}")).await;
        assert!(matches!(said, Err(Fault::Lost { .. })), "{strange}: {said:?}");
    }
}

/// The first row that a plugin tells with these keys besides, or why its watch ended.
async fn row(more: &str) -> Result<Arc<Deployment>, String> {
    let ground = Ground::new(&format!(
        "
def watch(w):
    item = {{'service': 'web', 'environment': 'eu', 'version': '1', {more}}}
    event(w, 1, 'begin'); event(w, 2, 'upsert', item=item); event(w, 3, 'end'); time.sleep(9)
def on(method, id, params):
    if method != 'watch/start': return False
    ok(id); threading.Thread(target=watch, args=(params['watch'],), daemon=True).start(); return True"
    ));
    let backend = ground.backend();
    let first = soon(backend.watch(Topic::Deployments).next()).await.unwrap();
    match first {
        Ok(Observation::Deployments(mut all)) => Ok(all.remove(0).1),
        Ok(other) => panic!("{other:?}"),
        Err(fault) => Err(fault.to_string()),
    }
}

#[tokio::test]
async fn who_else_holds_a_place_and_undoes_what_is_changed_there_is_told() {
    let told = row("'reverts': True, 'owners': ['helm-release/shop/api', 'argocd-application/api']").await.unwrap();
    let owners: Vec<_> = told.owners.iter().map(ToString::to_string).collect();
    assert_eq!(
        (told.reverts, owners),
        (true, vec!["helm-release/shop/api".to_owned(), "argocd-application/api".to_owned()])
    );
    let plain = row("").await.unwrap();
    assert!(!plain.reverts && plain.owners.is_empty());
    let many = row("'owners': ['helm-release/shop/a%d' % i for i in range(5000)]").await.unwrap();
    assert_eq!((many.owners.len(), many.owners_left_out, plain.owners_left_out), (20, 4980, 0));
    for owner in [
        "",
        "api",
        "helm-release/api",
        "puppet/shop/api",
        "helm-release/shop/\\x1b[2J",
        "helm-release/shop/' + 'x' * 9999 + '",
    ] {
        // An owner that is lost for a slip of the pen would undo a way back that nobody paused it for.
        let why = row(&format!("'owners': ['{owner}']")).await.unwrap_err();
        assert!(why.contains("is no owner") && why.len() < 700 && !why.contains('\u{1b}'), "{owner}: {why}");
    }
    for strange in ["'owners': 'helm-release/shop/api'", "'owners': [5]", "'reverts': 'yes'", "'reverts': 1"] {
        assert!(row(strange).await.unwrap_err().contains("cannot be read"), "{strange}");
    }
}

/// Scripts as a backend, and the same backend over the wire.
fn both(place: &Place) -> (CommandBackend, PluginBackend) {
    let row = r#"{"service":"web","environment":"eu-west","version":"1","reverts":true}"#;
    place.script("status", &format!("#!/bin/sh\necho '{{\"deployments\":[{row}]}}'\n"));
    place.script("probe", "#!/bin/sh\necho '{\"found\":\"unknown\"}'\n");
    let spec = CommandSpec {
        status: Some(crate::support::script(&["./status"])),
        verbs: [(Verb::Deploy, crate::support::script(&["scripts/deploy", "{service}", "{environment}", "{version}"]))]
            .into(),
        ..CommandSpec::default()
    };
    std::fs::write(place.file("holdpoint.toml"), crate::contract::scripts()).unwrap();
    trust::trust(&place.root(), &launcher().program.display().to_string()).unwrap();
    let served = PluginSpec {
        argv: serves(&place.root(), "routers"),
        config: "{}".to_owned(),
        deployments: true,
        verbs: [(Verb::Deploy, Granted { limit: Span::secs(20), idempotent: false })].into(),
        ..PluginSpec::default()
    };
    let local = CommandBackend::new("routers".into(), Span::secs(5), spec, place.root(), launcher());
    let wire = PluginBackend::new("wire".into(), Span::secs(5), served, Vec::new(), place.root(), launcher());
    (local, wire)
}

#[tokio::test]
async fn ours_say_the_same_of_it_over_the_wire() {
    let place = Place::new();
    let (local, wire) = both(&place);
    // There is no such program, and no version to fill in.
    for operation in [deploy(), Operation { args: Default::default(), ..deploy() }] {
        let here = soon(local.preview(&operation)).await.unwrap();
        let there = soon(wire.preview(&operation)).await.unwrap();
        assert!(!here.refused.is_empty(), "{here:?}");
        assert_eq!((&here.refused, &here.obstacles, here.blind), (&there.refused, &there.obstacles, there.blind));
        assert_eq!(here.reversible, there.reversible);
    }
    for backend in [&local as &dyn Backend, &wire] {
        let first = soon(backend.watch(Topic::Deployments).next()).await.unwrap().unwrap();
        let Observation::Deployments(all) = first else { panic!("{first:?}") };
        assert!(all[0].1.reverts, "{all:?}");
    }
}
