//! Recorded series in a real Prometheus: what is said of three days and of two versions is what
//! can be worked out by hand from what was recorded.

use crate::programs;
use crate::support::launcher;
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::prometheus::PrometheusBackend;
use holdpoint::backend::{Backend, Topic};
use holdpoint::domain::backend::PrometheusSpec;
use holdpoint::domain::endpoint::Endpoint;
use holdpoint::domain::observed::{Deployment, Observation, Observed, Stamped};
use holdpoint::domain::signal::{Query, Signal, SignalAt};
use holdpoint::domain::slo::Slo;
use holdpoint::domain::span::Span;
use holdpoint::domain::verdict::Level;
use holdpoint::domain::versions::{Count, Rule, Versions};
use holdpoint::engine::slo::burn;
use holdpoint::engine::versions;
use std::fmt::Write;
use std::time::Duration;

/// The share that failed so many minutes before the recording was made, and from then on.
fn share(ago: i64) -> f64 {
    match ago {
        ..5 => 0.08,
        5..60 => 0.03,
        60..360 => 0.002,
        _ => 0.02,
    }
}

/// Three days of a share, and counters of two versions, a sample a minute; some of them still to come, so that a
/// slow machine reads no other numbers.
fn recording(base: i64) -> String {
    let mut all = "# TYPE failed_share gauge\n".to_owned();
    for minute in base - 3 * 1440 - 20..base + 20 {
        writeln!(all, "failed_share{{service=\"api\"}} {} {}", share(base - minute), minute * 60).unwrap();
    }
    // Of each thousand requests of the old version ten fail; of the new one forty, or ten.
    let counters = [("served", 600, 300, 300), ("failed", 6, 12, 3)];
    for (name, old, worse, same) in counters {
        writeln!(all, "# TYPE {name} counter").unwrap();
        for (labels, each) in
            [("version=\"1.0\"", old), ("version=\"2.0\",a=\"worse\"", worse), ("version=\"2.0\",a=\"same\"", same)]
        {
            for minute in base - 60..base + 20 {
                writeln!(all, "{name}_total{{{labels}}} {} {}", each * (minute - base + 60), minute * 60).unwrap();
            }
        }
    }
    all + "# EOF\n"
}

fn signal(a: &str) -> Signal {
    let count = |name: &str| format!("sum by (version) (increase({name}_total{{a=~\"|{a}\"}}[30m]))");
    let count = Count::Share { bad: count("failed"), all: count("served") };
    let versions = Some(Versions { label: "version".to_owned(), count, rule: Rule::default() });
    let expr = "failed_share{service=\"{service}\"}".to_owned();
    Signal {
        service: "api".into(),
        environments: vec!["prod".into()],
        query: Query::Prometheus { expr, events: None, stale: None, baseline: None, versions },
        // One reading weighs as much as a minute that is remembered.
        every: Span::mins(1),
        ..crate::prometheus::signal("failed", "")
    }
}

/// Everything that is said of a signal until its days and its versions are known.
async fn seen(url: &str, signal: Signal) -> Observed {
    let endpoint = Endpoint { url: url.to_owned(), ..Endpoint::default() };
    let (spec, every) = (PrometheusSpec { endpoint, alerts: None }, signal.every);
    let backend = PrometheusBackend::new("prom".into(), every, spec, vec![signal], "/".into(), launcher());
    let (mut watch, mut observed) = (backend.watch(Topic::Signals), Observed::default());
    let at = SignalAt { signal: "failed".into(), environment: "prod".into() };
    let known = async {
        loop {
            let what = watch.next().await.unwrap().map_err(|fault| fault.to_string());
            observed.apply(&Stamped { at: chrono::Utc::now(), source: "prom".into(), every, what });
            let series = observed.series.get(&at);
            let remembered = series.is_some_and(|series| series.minutes.len() > 300 && !series.long.is_empty());
            if remembered && observed.versions.contains_key(&at) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), known).await.unwrap();
    observed
}

#[tokio::test]
async fn burn_rates_and_versions_are_what_was_recorded() {
    let base = chrono::Utc::now().timestamp().div_euclid(60);
    let Some(prometheus) = programs::recorded(&recording(base)) else { return };
    let at = SignalAt { signal: "failed".into(), environment: "prod".into() };
    for (a, level, new) in [("worse", Level::Fail, 0.04), ("same", Level::Pass, 0.01)] {
        let mut observed = seen(&prometheus.url, signal(a)).await;
        let now = chrono::Utc::now();
        let minute = now.timestamp().div_euclid(60);
        // 99 %: a share of one in a hundred burns at 1.
        let period = Span::secs(30 * 86_400);
        let slo = Slo { name: "s".into(), title: String::new(), signal: "failed".into(), objective: 0.99, period };
        let found = burn(&slo, observed.series.get(&at), now);
        let mean = |long: i64, step: usize| {
            let minutes = (minute - long + 1..=minute).filter(|m| m % step as i64 == 0);
            let shares: Vec<f64> = minutes.map(|m| share(base - m)).collect();
            shares.iter().sum::<f64>() / shares.len() as f64 / 0.01
        };
        let near = |found: Option<f64>, wanted: f64| found.is_some_and(|found| (found - wanted).abs() < wanted * 0.02);
        for (rate, long) in found.rates.into_iter().zip([5, 30, 60, 360]) {
            assert!(near(rate, mean(long, 1)), "{long} minutes: {} in {found:?}", mean(long, 1));
        }
        for (rate, long) in found.slow.into_iter().skip(1).zip([1440, 4320]) {
            assert!(near(rate, mean(long, 10)), "{long} minutes: {} in {found:?}", mean(long, 10));
        }
        // Five minutes at eight times the budget fail only where half an hour agrees, and it burns at four.
        assert_eq!(found.level, Level::Warn, "{found:?}");
        let deployed =
            Deployment { version: "1.0".to_owned(), candidate: Some("2.0".to_owned()), ..Deployment::default() };
        let place = ("api".into(), "prod".into());
        let what = Ok(Observation::Deployments(vec![(place, deployed.into())]));
        observed.apply(&Stamped { at: now, source: "live".into(), every: Span::secs(60), what });
        let (verdict, evidence) = versions::judge(&observed, Some(&signal(a)), &at, now);
        assert_eq!(verdict.level, level, "{verdict:?}");
        let counts = observed.versions[&at].value.clone().unwrap();
        let near = |found: u64, wanted: f64| (found as f64 - wanted).abs() <= wanted * 0.02;
        let (old, fresh) = (counts["1.0"], counts["2.0"]);
        // Thirty minutes of 600 and of 300 a minute.
        assert!(near(old.all, 18_000.0) && near(old.bad, 180.0), "{old}");
        assert!(near(fresh.all, 9_000.0) && near(fresh.bad, 9_000.0 * new), "{fresh} {evidence:?}");
    }
}
