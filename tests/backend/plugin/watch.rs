//! Watches: whole pictures, what changes, and everything that does not add up.

use super::ground::{Ground, signal, soon};
use crate::support::launcher;
use crate::undisturbed as tokio;
use futures_util::{FutureExt, StreamExt};
use holdpoint::backend::plugin::PluginBackend;
use holdpoint::backend::{Backend, Fault, Topic};
use holdpoint::domain::alert::AlertState;
use holdpoint::domain::observed::Observation;
use holdpoint::domain::span::Span;
use holdpoint::domain::window::WindowKind;

/// A plugin whose watch says this.
fn says(lines: &str) -> Ground {
    Ground::new(&format!(
        "
def row(version, **more): return {{'service': 'web', 'environment': 'eu', 'version': version, **more}}
def watch(w):
{lines}
def on(method, id, params):
    if method.startswith('watch/'): trace(method + ' ' + str(params.get('seq', '')))
    if method != 'watch/start': return False
    ok(id); threading.Thread(target=watch, args=(params['watch'],), daemon=True).start(); return True"
    ))
}

/// Everything until the first fault.
async fn seen(ground: &Ground, topic: Topic) -> (Vec<Observation>, String) {
    let backend = ground.backend();
    let (mut watch, mut all) = (backend.watch(topic), Vec::new());
    loop {
        match soon(watch.next()).await.unwrap() {
            Ok(observation) => all.push(observation),
            Err(fault) => {
                assert!(soon(watch.next()).await.is_none(), "a fault ends it, and it begins anew");
                return (all, fault.to_string());
            }
        }
    }
}

#[tokio::test]
async fn a_picture_is_swapped_in_whole_and_changes_follow() {
    let ground = says(
        "    event(w, 1, 'begin'); event(w, 2, 'upsert', item=row('4.1.9', state='\\u202e', more=[1]))
    event(w, 3, 'end'); event(w, 4, 'upsert', item=row('4.2.0', weight=25)); event(w, 5, 'heartbeat')
    event(w, 6, 'delete', item={'service': 'web', 'environment': 'eu'}); event(w, 7, 'error', why='away')",
    );
    let (seen, fault) = seen(&ground, Topic::Deployments).await;
    let [
        Observation::Deployments(all),
        Observation::Deployment(_, new),
        Observation::Heartbeat,
        Observation::DeploymentGone(place),
    ] = seen.as_slice()
    else {
        panic!("{seen:?}")
    };
    assert_eq!((all[0].1.version.as_str(), all[0].1.state.as_str()), ("4.1.9", "\\u{202e}"));
    assert_eq!((new.version.as_str(), new.weight), ("4.2.0", Some(25)));
    assert_eq!((place.0.as_str(), fault.as_str()), ("web", "away"));
}

#[tokio::test]
async fn a_plugin_that_starts_slowly_is_not_silent() {
    let ground = says("    event(w, 1, 'begin'); event(w, 2, 'end')");
    let slow = std::fs::read_to_string(ground.place.file("plugins/test")).unwrap();
    let slow = Ground::of(&slow.replace("workspace = \".\"", "workspace = \".\"; time.sleep(4)"));
    // It may be silent for two seconds.
    let (spec, root) = (slow.spec.clone(), slow.place.root());
    let every = Span::millis(200);
    let backend = PluginBackend::with_pace("x".into(), every, spec, Vec::new(), root, launcher(), slow.pace);
    let first = soon(backend.watch(Topic::Deployments).next()).await.unwrap();
    assert!(matches!(first, Ok(Observation::Deployments(_))), "{first:?}");
    let second = soon(backend.watch(Topic::Deployments).skip(1).next()).await.unwrap();
    assert!(matches!(&second, Err(fault) if fault.to_string().contains("it has said nothing for 2s")), "{second:?}");
}

#[tokio::test]
async fn what_does_not_add_up_ends_the_watch() {
    for (lines, what) in [
        ("event(w, 1, 'begin'); event(w, 3, 'end')", "came where 2 was due"),
        ("event(w, 1, 'heartbeat')", "makes no sense"),
        ("event(w, 1, 'upsert', item=row('1'))", "makes no sense"),
        ("event(w, 1, 'begin'); event(w, 2, 'begin')", "makes no sense"),
        ("event(w, 1, 'begin'); event(w, 2, 'upsert', item=row('1')); event(w, 3, 'upsert', item=row('2'))", "twice"),
        ("event(w, 1, 'begin'); event(w, 2, 'upsert', item={'service': 5})", "cannot be read"),
        ("event(w, 1, 'begin'); event(w, 2, 'upsert', item=row('1', weight=101))", "weight of 101"),
        ("event(w, 1, 'dance')", "cannot be read"),
        ("event(w, 1, 'reading', item={'signal': 's', 'environment': 'eu', 'value': 1})", "makes no sense"),
        ("pass", "said nothing"),
        ("event(w, 1, 'begin'); os._exit(2)", "exit 2"),
        (
            "[event(w, i, 'begin' if i == 1 else 'upsert', item=row('1', service='s%d' % i)) for i in range(1, 9000)]",
            "",
        ),
    ] {
        let (all, fault) = seen(&says(&format!("    {lines}")), Topic::Deployments).await;
        assert!(all.is_empty() && fault.contains(what), "{lines}: {all:?} {fault}");
    }
}

#[tokio::test]
async fn credit_is_given_as_events_are_taken_in() {
    let ground = says(
        "    event(w, 1, 'begin'); event(w, 2, 'end'); [event(w, i, 'heartbeat') for i in range(3, 251)]; time.sleep(9)",
    );
    let backend = ground.backend();
    let mut watch = backend.watch(Topic::Deployments);
    for _ in 0..249 {
        soon(watch.next()).await.unwrap().unwrap();
    }
    drop(watch);
    crate::support::until("it is told", || ground.trace().contains("watch/stop")).await;
    let noted = ground.trace();
    let acks: Vec<&str> = noted.lines().filter(|line| line.contains("ack")).collect();
    assert_eq!(acks, ["watch/ack 64", "watch/ack 128", "watch/ack 192"]);
}

#[tokio::test]
async fn numbers_are_of_signals_that_were_asked_for() {
    let mut ground = says(
        "    at = {'signal': 'load', 'environment': 'eu'}
    event(w, 1, 'reading', item={**at, 'value': 0.5, 'events': 7}); event(w, 2, 'no-reading', item=at, why='asleep')
    event(w, 3, 'reading', item={**at, 'environment': 'us', 'value': 1})",
    );
    ground.signals = vec![signal("load", &["eu"])];
    let (seen, fault) = seen(&ground, Topic::Signals).await;
    assert!(
        matches!(&seen[0], Observation::Reading(at, r) if at.to_string() == "load@eu" && r.value == 0.5 && r.events == 7)
    );
    assert!(matches!(&seen[1], Observation::NoReading(_, why) if why == "asleep"));
    assert!(fault.contains("nobody asked for"), "{fault}");
}

#[tokio::test]
async fn alerts_come_in_whole_pictures_and_a_heartbeat_says_that_they_are_still_so() {
    let mut ground = says(
        "    quiet = {'name': 'Slow', 'state': 'silenced', 'since': '2026-03-01T10:00:00Z', 'until': '2026-03-01T12:00:00Z'}
    event(w, 1, 'begin'); event(w, 2, 'upsert', item=quiet)
    event(w, 3, 'upsert', item={'name': '\\u202e', 'state': 'pending', 'since': '2026-03-01T10:00:00Z', 'service': 'web', 'severity': 'page'})
    event(w, 4, 'end'); event(w, 5, 'heartbeat'); event(w, 6, 'begin'); event(w, 7, 'end'); event(w, 8, 'heartbeat')
    event(w, 9, 'error', why='away')",
    );
    ground.spec.alerts = true;
    let (seen, fault) = seen(&ground, Topic::Alerts).await;
    let [Observation::Alerts(all), Observation::Alerts(still), Observation::Alerts(none), Observation::Alerts(_)] =
        seen.as_slice()
    else {
        panic!("{seen:?}")
    };
    assert_eq!(all, still);
    let until = "2026-03-01T12:00:00Z".parse().unwrap();
    assert_eq!((all[0].name.as_str(), all[0].state), ("Slow", AlertState::Silenced { until: Some(until) }));
    assert_eq!((all[1].name.as_str(), all[1].state), ("\\u{202e}", AlertState::Pending));
    assert!(all[1].is_about(&"web".into(), &"eu".into()) && all[1].severity == "page");
    assert!(none.is_empty() && fault == "away", "{none:?} {fault}");
}

#[tokio::test]
async fn windows_of_a_place_that_is_not_told_are_not_known() {
    let mut ground = says(
        "    day = lambda n: (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=n)).isoformat()
    eu, us = {'service': 'web', 'environment': 'eu'}, {'service': 'web', 'environment': 'us'}
    event(w, 1, 'begin', item={'from': day(-1), 'until': day(30), 'places': [eu, us]})
    event(w, 2, 'upsert', item={'title': 'quarter end', 'kind': 'deny', 'places': [eu], 'spans': [{'from': day(1), 'to': day(2)}]})
    event(w, 3, 'no-reading', item=us, why='its calendar is away'); event(w, 4, 'end'); event(w, 5, 'heartbeat')
    event(w, 6, 'error', why='away')",
    );
    ground.spec.windows = true;
    let place = |environment: &str| ("web".into(), environment.into());
    let backend = ground.backend().asked_of([place("eu"), place("us"), place("ap")]);
    let mut watch = backend.watch(Topic::Windows);
    let Observation::Windows(told) = soon(watch.next()).await.unwrap().unwrap() else { panic!() };
    assert!(matches!(soon(watch.next()).await, Some(Ok(Observation::Windows(again))) if again == told));
    let shut: Vec<_> = told.places(Some(&place("eu"))).flat_map(|(_, shut)| shut).collect();
    assert!(shut.len() == 1 && shut[0].title == "quarter end" && shut[0].kind == WindowKind::Deny, "{shut:?}");
    assert_eq!(told.unread[&place("us")], "its calendar is away");
    assert_eq!(told.unread[&place("ap")], "its plugin did not look at this place");
    assert!(told.asked(&place("eu")) && told.asked(&place("ap")) && !told.asked(&place("jp")));
}

#[tokio::test]
async fn alerts_and_windows_that_do_not_add_up_end_the_watch() {
    let between = |from: i64, until: i64| {
        let at = |hours: i64| (chrono::Utc::now() + chrono::TimeDelta::hours(hours)).to_rfc3339();
        let (from, until) = (at(from), at(until));
        format!("event(w, 1, 'begin', item={{'from': '{from}', 'until': '{until}', 'places': []}}); ")
    };
    let begun = between(0, 200);
    for (topic, lines, what) in [
        (Topic::Alerts, "event(w, 1, 'upsert', item={})".to_owned(), "makes no sense"),
        (Topic::Alerts, "event(w, 1, 'begin'); event(w, 2, 'upsert', item={'name': 'x'})".to_owned(), "cannot be read"),
        (Topic::Alerts, "event(w, 1, 'begin'); event(w, 2, 'heartbeat')".to_owned(), "makes no sense"),
        (Topic::Windows, "event(w, 1, 'begin')".to_owned(), "cannot be read"),
        (
            Topic::Windows,
            "event(w, 1, 'begin', item={'from': '2001-01-01T00:00:00Z', 'until': '2001-01-02T00:00:00Z', 'places': []})"
                .to_owned(),
            "make no sense",
        ),
        // Where nothing is told of now, nothing is open.
        (Topic::Windows, between(1, 200), "say nothing of now"),
        (Topic::Windows, between(-200, -1), "say nothing of now"),
        (
            Topic::Windows,
            begun.clone()
                + "event(w, 2, 'upsert', item={'title': 't', 'kind': 'deny', 'places': [{'service': 'web', 'environment': 'eu'}], 'spans': []})",
            "did not look at",
        ),
        (
            Topic::Windows,
            begun.clone()
                + "day = lambda n: '2026-03-0%dT00:00:00Z' % n; event(w, 2, 'upsert', item={'title': 't', 'kind': 'deny', 'places': [], 'spans': [{'from': day(1), 'to': day(2)}, {'from': day(2), 'to': day(3)}]})",
            "not in order",
        ),
    ] {
        let mut ground = says(&format!("    {lines}"));
        (ground.spec.alerts, ground.spec.windows) = (true, true);
        let (all, fault) = seen(&ground, topic).await;
        assert!(all.is_empty() && fault.contains(what), "{lines}: {all:?} {fault}");
    }
}

#[tokio::test]
async fn windows_that_have_ended_are_not_confirmed() {
    let mut ground = says(
        "    at = lambda s: (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=s)).isoformat()
    event(w, 1, 'begin', item={'from': at(-9), 'until': at(4), 'places': [{'service': 'web', 'environment': 'eu'}]})
    event(w, 2, 'end')
    for i in range(200): event(w, 3 + i, 'heartbeat'); time.sleep(0.1)",
    );
    ground.spec.windows = true;
    let (all, fault) = seen(&ground, Topic::Windows).await;
    assert!(!all.is_empty() && fault.contains("and nothing beyond"), "{all:?} {fault}");
}

#[tokio::test]
async fn a_window_that_begins_with_a_clock_that_is_ahead_keeps_out_already() {
    let mut ground = says(
        "    at = lambda s: (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=s)).isoformat()
    eu, head = {'service': 'web', 'environment': 'eu'}, at(40)
    event(w, 1, 'begin', item={'from': head, 'until': at(9000), 'places': [eu]})
    event(w, 2, 'upsert', item={'title': 'freeze', 'kind': 'deny', 'places': [eu], 'spans': [{'from': head, 'to': at(5000)}]})
    event(w, 3, 'end'); event(w, 4, 'error', why='away')",
    );
    ground.spec.windows = true;
    let (seen, _) = seen(&ground, Topic::Windows).await;
    let [Observation::Windows(told)] = seen.as_slice() else { panic!("{seen:?}") };
    let shut: Vec<_> = told.places(None).flat_map(|(_, shut)| shut).collect();
    assert!(shut.len() == 1 && shut[0].from <= chrono::Utc::now(), "{shut:?}");
}

#[tokio::test]
async fn what_is_not_granted_is_not_watched_and_nothing_starts() {
    let mut ground = says("    pass");
    ground.spec.signals = false;
    let first = ground.backend().watch(Topic::Signals).next().now_or_never().unwrap();
    assert!(matches!(first, Some(Err(Fault::Cannot(..)))));
    assert_eq!(ground.trace(), "");
}
