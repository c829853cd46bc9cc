//! Sync windows as the calendar has them: told every interval, matched to places, never open
//! where they could not be read.

use super::ground::{deploy, placed, soon, spec, synced, with};
use crate::argo_server::{ArgoCd, Does, commit};
use crate::support::{Place, launcher, served, serves};
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use holdpoint::backend::plugin::{PluginBackend, trust};
use holdpoint::backend::{Backend, Fault, Topic};
use holdpoint::domain::backend::PluginSpec;
use holdpoint::domain::name::BackendName;
use holdpoint::domain::observed::{Observation, Observed, Quality, Stamped};
use holdpoint::domain::span::Span;
use holdpoint::domain::window::{WindowKind, Windows};
use serde_json::{Value, json};
use std::sync::Arc;

type Told = BoxStream<'static, Result<Observation, Fault>>;

fn watch(server: &ArgoCd) -> Told {
    with(spec(server), "api").watch(Topic::Windows)
}

async fn next(told: &mut Told) -> Result<Arc<Windows>, Fault> {
    match soon(told.next()).await.unwrap()? {
        Observation::Windows(windows) => Ok(windows),
        other => panic!("{other:?}"),
    }
}

/// The next picture that is as wanted, though others come before it.
async fn until(told: &mut Told, what: &str, wanted: impl Fn(&Windows) -> bool) -> Arc<Windows> {
    for _ in 0..40 {
        if let Ok(windows) = next(told).await
            && wanted(&windows)
        {
            return windows;
        }
    }
    panic!("never {what}");
}

fn always(kind: &str) -> Value {
    json!({ "kind": kind, "schedule": "* * * * *", "duration": "1h", "applications": ["a*"] })
}

fn never(kind: &str) -> Value {
    json!({ "kind": kind, "schedule": "0 0 1 1 *", "duration": "-1h", "applications": ["*"], "manualSync": false })
}

/// Whether `api` is shut now.
fn shut(windows: &Windows) -> bool {
    let now = chrono::Utc::now();
    let api = windows.places(None).find(|(place, _)| **place == placed("api"));
    api.is_some_and(|(_, shut)| shut.iter().any(|s| s.from <= now && now < s.to))
}

#[tokio::test]
async fn windows_are_told_every_interval_and_change_with_the_project() {
    let server = synced().await;
    server.put("ledger");
    let mut told = watch(&server);
    let none = next(&mut told).await.unwrap();
    assert!(none.all.is_empty() && none.unread.is_empty() && none.places(None).count() == 0, "{none:?}");
    // The same again: what is told is that it is still so.
    assert!(Arc::ptr_eq(&none, &next(&mut told).await.unwrap()));
    server.declares("default", json!([always("deny"), never("allow")]));
    let closed = until(&mut told, "closed", |w| w.all.len() == 2).await;
    assert!(shut(&closed), "{closed:?}");
    assert_eq!(closed.all[0].kind, WindowKind::Deny);
    assert_eq!(closed.all[0].title, "deny `* * * * *` for 1h, people too");
    assert_eq!(closed.all[0].places, [placed("api")].into());
    assert_eq!(closed.all[1].places, [placed("api"), placed("ledger")].into());
    let ahead = closed.until - chrono::Utc::now();
    assert!(ahead > chrono::TimeDelta::days(31), "the agenda looks a month ahead: {ahead}");
    let mut people = always("deny");
    people["manualSync"] = json!(true);
    server.declares("default", json!([people]));
    let open = until(&mut told, "open", |w| w.all.len() == 1).await;
    assert!(!shut(&open) && open.all[0].people, "{open:?}");
}

#[tokio::test]
async fn windows_of_projects_above_count_as_well() {
    let server = synced().await;
    server.declares("everyone", json!([always("deny")]));
    server.state().global.push("everyone".to_owned());
    let told = next(&mut watch(&server)).await.unwrap();
    assert!(shut(&told), "{told:?}");
}

#[tokio::test]
async fn what_cannot_be_read_is_unread_and_never_open() {
    let server = synced().await;
    server.declares(
        "default",
        json!([{ "kind": "deny", "schedule": "@daily\u{1b}[2J", "duration": "1h", "applications": ["*"] }]),
    );
    let told = next(&mut watch(&server)).await.unwrap();
    let why = told.unread.get(&placed("api")).unwrap();
    assert!(why.contains("five fields are expected") && why.contains("\\u{1b}") && !why.contains('\u{1b}'), "{why}");
    // `ledger` is declared and nobody has made it.
    assert_eq!(told.unread.get(&placed("ledger")).map(String::as_str), Some("application ledger is not there"));
    server.put("ledger");
    let told = until(&mut watch(&server), "found", |w| w.unread.len() == 2).await;
    assert!(told.unread.values().all(|why| why.contains("five fields")), "{told:?}");
}

#[tokio::test]
async fn windows_of_a_clock_that_does_not_agree_with_ours_are_unread() {
    let server = synced().await;
    server.state().ahead = Some(chrono::TimeDelta::minutes(-3));
    let mut told = watch(&server);
    let unread = until(&mut told, "unread", |w| w.unread.contains_key(&placed("api"))).await;
    let why = &unread.unread[&placed("api")];
    assert!(why.contains("s behind ours") && why.contains("is not known"), "{why}");
    let preview = soon(with(spec(&server), "api").preview(&deploy(&commit('b')))).await.unwrap();
    assert!(preview.obstacles.iter().any(|why| why.contains("behind ours")), "{preview:?}");
    server.state().ahead = Some(chrono::TimeDelta::zero());
    until(&mut told, "read again", |w| !w.unread.contains_key(&placed("api"))).await;
}

#[tokio::test]
async fn every_place_is_asked_about_and_one_without_an_application_is_unread() {
    let server = synced().await;
    let told = next(&mut watch(&server)).await.unwrap();
    assert!(told.asked(&placed("api")) && !told.asked(&placed("elsewhere")), "{told:?}");
    let told = next(&mut with(spec(&server), "-\u{1b}").watch(Topic::Windows)).await.unwrap();
    let why = told.unread.get(&placed("api")).unwrap();
    assert!(why.contains("names no application") && !why.contains('\u{1b}'), "{why}");
}

#[tokio::test]
async fn a_token_that_may_not_read_projects_knows_only_that_there_are_none() {
    let server = synced().await;
    server.state().denied.push("projects".to_owned());
    let mut told = watch(&server);
    let none = next(&mut told).await.unwrap();
    assert!(!none.unread.contains_key(&placed("api")) && none.all.is_empty(), "{none:?}");
    let window = json!({ "kind": "allow", "schedule": "0 9 * * *", "duration": "8h", "manualSync": false });
    server.state().windows = json!({ "canSync": true, "activeWindows": [window], "assignedWindows": [window] });
    let some = until(&mut told, "unread", |w| w.unread.contains_key(&placed("api"))).await;
    let why = &some.unread[&placed("api")];
    assert!(why.contains("allow `0 9 * * *` for 8h") && why.contains("projects, get, default"), "{why}");
}

#[tokio::test]
async fn hostile_words_are_harmless_and_short() {
    let server = synced().await;
    let mut window = always("deny");
    window["description"] = json!(format!("CHG-1 \u{202e}\u{1b}[31m{}", "x".repeat(4000)));
    window["namespaces"] = json!(["\u{7}"]);
    server.declares("default", json!([window]));
    let told = next(&mut watch(&server)).await.unwrap();
    let title = &told.all[0].title;
    assert!(title.starts_with("CHG-1 \\u{202e}\\u{1b}[31mxxx") && title.chars().count() <= 300, "{title}");
    server.change("api", |app| app["spec"]["project"] = json!("../../session"));
    let mut open = spec(&server);
    open.project = None;
    let told = next(&mut with(open, "api").watch(Topic::Windows)).await.unwrap();
    // Its project is not asked for by such a name; the application itself says that it has no windows.
    assert!(told.places(None).count() == 0 && !told.unread.contains_key(&placed("api")), "{told:?}");
    let asked = server.state().asked.iter().filter(|asked| asked.path.contains("session")).count();
    assert_eq!(asked, 0);
}

#[tokio::test]
async fn a_server_that_fails_is_a_fault_and_what_it_said_grows_old() {
    let server = synced().await;
    server.declares("default", json!([always("allow")]));
    let mut told = watch(&server);
    let windows = next(&mut told).await.unwrap();
    server.fault("GET", "/projects/", Does::Status(500), 1000);
    let fault = loop {
        if let Err(fault) = next(&mut told).await {
            break fault;
        }
    };
    // It goes on by itself.
    server.heal();
    until(&mut told, "back", |w| w.all.len() == 1).await;
    let (at, every) = (chrono::Utc::now(), Span::secs(10));
    let mut observed = Observed::default();
    let stamped = |what| Stamped { at, source: "argo".into(), every, what };
    observed.apply(&stamped(Ok(Observation::Windows(windows))));
    observed.apply(&stamped(Err(fault.to_string())));
    let argo: BackendName = "argo".into();
    let seen = &observed.windows[&argo];
    let quality = |seconds| seen.quality(at + chrono::TimeDelta::seconds(seconds));
    assert_eq!([10, 30, 60].map(quality), [Quality::Fresh, Quality::Late, Quality::Lost]);
    // They say nothing of deployments.
    assert!(observed.sources[&argo].heard.is_none());
}

/// Ours of the same server, spoken to as a plugin.
pub fn wired(server: &ArgoCd, place: &Place, spec: PluginSpec) -> PluginBackend {
    let argo = format!(
        "[backends.argo]\nkind = \"argocd\"\nevery = \"300ms\"\nurl = {:?}\ntoken = {{ file = {:?} }}\nproject = \"default\"\n",
        server.url(),
        server.token_file()
    );
    std::fs::write(place.file("holdpoint.toml"), served("prod", &argo)).unwrap();
    let services = "[services.api]\nowner = \"ops\"\ndeployed_by = { prod = { backend = \"argo\", at = \"api\" } }\n";
    std::fs::write(place.file("services.toml"), services).unwrap();
    trust::trust(&place.root(), &launcher().program.display().to_string()).unwrap();
    let argv = serves(&place.root(), "argo");
    let spec = PluginSpec { argv, config: "{}".to_owned(), ..spec };
    PluginBackend::new("wire".into(), Span::secs(1), spec, Vec::new(), place.root(), launcher())
}

#[tokio::test]
async fn windows_are_the_same_over_the_wire_of_a_plugin() {
    let server = synced().await;
    server.declares("default", json!([always("deny")]));
    let place = Place::new();
    let plugin = wired(&server, &place, PluginSpec { windows: true, ..PluginSpec::default() });
    let plugin = plugin.asked_of([placed("api"), placed("ledger")]);
    let over = next(&mut plugin.watch(Topic::Windows)).await.unwrap();
    let mut direct = with(self::spec(&server), "api").watch(Topic::Windows);
    let direct = until(&mut direct, "told", |w| w.all.len() == 1).await;
    assert!(shut(&over) && over.all.len() == 1, "{over:?}");
    assert_eq!((&over.all[0].title, over.all[0].kind), (&direct.all[0].title, direct.all[0].kind));
    assert_eq!(over.all[0].places, [placed("api")].into());
    // It was not declared there that it deploys the other, so nothing is known of it.
    assert!(over.unread[&placed("ledger")].contains("did not look"), "{over:?}");
}
