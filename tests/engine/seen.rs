//! What watches see of rollouts and alerts, in the few words that scenarios use, and signals that follow from it.

use crate::ground;
use crate::world::{Outcome, World};
use holdpoint::domain::alert::{Alert, AlertState, Severity};
use holdpoint::domain::left_off::LeftOff;
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::owner::Owner;
use holdpoint::domain::series::Minute;
use holdpoint::domain::signal::{Bad, Query, Rollout, Signal, Unit};
use holdpoint::domain::span::Span;
use holdpoint::domain::stages::{Check, Judged, Stages};
use holdpoint::domain::topic::Topic;
use std::collections::BTreeMap;

/// All of web: `ready`, `trouble`, `alerts`, `pages` (critical, while the Watchdog fires), and `burn`, the
/// rate at which 99 % of `errors` burns over 1h and 5m; `remaining`, what is left of that over 6h. Each fails at once,
/// `burn` above 6, `remaining` below a tenth; `reporting`, whether `errors` counts the version that is wanted, within a minute.
pub fn signals() -> Vec<Signal> {
    let burn = Query::Burn { slo: "s".into(), signal: "errors".into(), objective: 0.99, window: "1h".parse().unwrap() };
    let period = "6h".parse().unwrap();
    let remaining = Query::Remaining { slo: "s".into(), signal: "errors".into(), objective: 0.99, period };
    let reporting = Query::Reporting { signal: "errors".into(), within: Span::mins(1) };
    let pages = Query::Alerts { severity: Some(Severity::Critical), watchdog: Some("Watchdog".to_owned()) };
    let all = [
        ("ready", Query::Rollout { of: Rollout::Ready }, Unit::Ratio, Bad::Below, 1.0),
        ("trouble", Query::Rollout { of: Rollout::Trouble }, Unit::Count, Bad::Above, 0.0),
        ("alerts", Query::Alerts { severity: None, watchdog: None }, Unit::Count, Bad::Above, 0.0),
        ("pages", pages, Unit::Count, Bad::Above, 0.0),
        ("burn", burn, Unit::Times, Bad::Above, 6.0),
        ("remaining", remaining, Unit::Ratio, Bad::Below, 0.1),
        ("reporting", reporting, Unit::Count, Bad::Below, 1.0),
    ];
    all.map(|(name, query, unit, bad, fail)| Signal {
        name: name.into(),
        title: name.to_owned(),
        service: "web".into(),
        environments: vec!["prod".into(), "stage".into()],
        source: "sh".into(),
        query,
        unit,
        bad,
        warn: None,
        fail: Some(fail),
        hold_for: Span::ZERO,
        min_events: 0,
        every: Span::secs(5),
    })
    .into()
}

/// What a watch sees, or why it sees nothing; none when these are not its words.
pub fn seen(kind: &str, text: &str) -> Option<Result<Observation, String>> {
    match kind {
        "rollout" => Some(Ok(rollout(text))),
        "alerts" => Some(Ok(Observation::Alerts(text.split_whitespace().map(alert).collect()))),
        "recall" => Some(Ok(recall(text))),
        "unreachable" => Some(Err(text.to_owned())),
        "unheard" => Some(Ok(unheard(text))),
        _ => None,
    }
}

/// `alerts connection refused`: of one topic.
fn unheard(text: &str) -> Observation {
    let (name, why) = text.split_once(' ').unwrap();
    Observation::Unheard(Topic::ALL.into_iter().find(|topic| topic.name() == name).unwrap(), why.to_owned())
}

/// `web stage 1.0 candidate=2.0 state=canary ready=2/3 wrong=crashes checks=errors:inconclusive,speed:passed`;
/// `before=0.9`, held by `owner=helm-release/shop/all`, and what it holds itself it `reverts=1`.
fn rollout(text: &str) -> Observation {
    let (options, words): (Vec<_>, Vec<_>) = text.split_whitespace().partition(|word| word.contains('='));
    let options: BTreeMap<_, _> = options.into_iter().filter_map(|word| word.split_once('=')).collect();
    let [service, place, version] = words[..] else { panic!("{text:?}") };
    let counted = options.get("ready").and_then(|n| n.split_once('/'));
    let check = |text: &str| {
        let (name, judged) = text.split_once(':').unwrap();
        let judged: Judged = serde_json::from_value(judged.into()).unwrap();
        Check { name: name.to_owned(), judged, detail: String::new() }
    };
    let wrong = options.get("wrong").map(ToString::to_string).into_iter();
    let stages = |checks: &&str| Stages { checks: checks.split(',').map(check).collect(), ..Stages::default() };
    // `off=1`: auto-sync is off because of us.
    let off = options.contains_key("off").then(|| LeftOff { what: "auto-sync".to_owned(), ..LeftOff::default() });
    let deployment = Deployment {
        version: version.to_owned(),
        candidate: options.get("candidate").map(ToString::to_string),
        state: options.get("state").map(ToString::to_string).unwrap_or_default(),
        ready: counted.map(|(ready, _)| ready.parse().unwrap()),
        wanted: counted.map(|(_, wanted)| wanted.parse().unwrap()),
        trouble: wrong.collect(),
        stages: options.get("checks").map(stages),
        left_off: off,
        history: options.get("before").map(ToString::to_string).into_iter().collect(),
        owners: options.get("owner").map(|owner| Owner::read(owner).unwrap()).into_iter().collect(),
        reverts: options.contains_key("reverts"),
        owners_left_out: options.get("more").map(|more| more.parse().unwrap()).unwrap_or_default(),
        ..Deployment::default()
    };
    Observation::Deployment((service.into(), place.into()), deployment.into())
}

/// `Errors/critical/silenced`: of web in stage; the Watchdog of nothing, `Watchdog@prod` of that environment.
fn alert(text: &str) -> Alert {
    let [name, severity, state] = text.split('/').collect::<Vec<_>>()[..] else { panic!("{text:?}") };
    let (name, place) = name.split_once('@').map_or((name, None), |(name, place)| (name, Some(place)));
    let about = name != "Watchdog";
    Alert {
        name: name.to_owned(),
        severity: severity.to_owned(),
        service: about.then(|| "web".into()),
        environment: place.or(about.then_some("stage")).map(Into::into),
        state: match state {
            "firing" => AlertState::Firing,
            "pending" => AlertState::Pending,
            "inhibited" => AlertState::Inhibited,
            "silenced" => AlertState::Silenced { until: None },
            other => panic!("no state: {other}"),
        },
        since: ground::start(),
        summary: String::new(),
    }
}

/// `errors@prod 55x0 5x0.2`: minutes before the start, the oldest first.
fn recall(text: &str) -> Observation {
    let mut words = text.split_whitespace();
    let at = ground::signal_at(words.next().unwrap());
    let runs = words.map(|word| word.split_once('x').unwrap());
    let means: Vec<f32> = runs.flat_map(|(n, mean)| vec![mean.parse().unwrap(); n.parse().unwrap()]).collect();
    let first = ground::start().timestamp() / 60 - means.len() as i64;
    let minutes = means.into_iter().zip(first..).map(|(mean, minute)| Minute { minute, mean, weight: 1.0 });
    Observation::Past(at, minutes.collect())
}

/// `able`: a verb whose script is declared too; `stands`: what a service is to a cluster.
pub fn declared(world: &mut World, kind: &str, text: &str) -> Outcome {
    match kind {
        "able" => world.able(Verb::ALL.into_iter().find(|verb| verb.word() == text).unwrap()),
        _ => return stands_for(world, text),
    }
    world.pass(world.now)
}

/// `api prod helm-release/shop/all`: what a service is to a cluster.
pub fn stands_for(world: &mut World, text: &str) -> Outcome {
    let [service, place, owner] = text.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{text:?}") };
    world.workspace.services.get_mut(service).unwrap().scopes.insert(place.into(), owner.to_owned());
    world.pass(world.now)
}

/// `pages`: the file no longer names the alert that always fires; `slow`: it names another address.
pub fn unwatched(world: &mut World, signal: &str) -> Outcome {
    match &mut world.workspace.signals.get_mut(signal).unwrap().query {
        Query::Alerts { watchdog, .. } => *watchdog = None,
        Query::Tcp { address } => address.push('1'),
        other => panic!("nothing is changed of {other:?}"),
    }
    world.pass(world.now)
}
