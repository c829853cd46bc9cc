//! What a Prometheus remembers of the whole period of an objective: hours of which as much is known as was told.

use crate::programs;
use crate::prometheus::{backend, exporter, signal};
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::prometheus::answer;
use holdpoint::backend::{Backend, Topic};
use holdpoint::domain::observed::Observation;
use holdpoint::domain::span::Span;
use std::time::Duration;

#[test]
fn an_hour_is_known_for_as_long_as_it_was_told_and_what_did_not_happen_was() {
    // Every twenty minutes: an hour of all three, one with a gap and one in which nothing happened for a while; the last
    // has not ended.
    let values = r#"[[1200,"0.3"],[2400,"0.6"],[3600,"0"],[4800,"0.5"],[6000,"+Inf"],[8400,"NaN"],[9600,"0.4"],
        [10800,"0.2"],[12000,"1"]]"#;
    let body = format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":{values}}}]}}}}"#
    );
    let hours = answer::hours(body.as_bytes(), Span::mins(20)).unwrap();
    let told: Vec<_> = hours.iter().map(|hour| (hour.minute, (hour.mean * 100.0).round(), hour.weight)).collect();
    assert_eq!(told, [(60, 30.0, 60.0), (120, 50.0, 20.0), (180, 20.0, 60.0)]);
    answer::hours(body.replace(r#"{"metric""#, r#"{"metric":{},"values":[]},{"metric""#).as_bytes(), Span::mins(20))
        .unwrap_err();
}

#[tokio::test]
async fn a_real_prometheus_is_asked_for_the_whole_period() {
    let Some(prometheus) = programs::prometheus(&exporter()) else { return };
    let over = |days: u64| [("days".into(), Span::secs(days * 86_400))].into();
    // So long a period has fewer values, each of which stands for longer.
    for days in [5, 90] {
        let watched = backend(prometheus.url.as_str(), vec![signal("days", "vector(0.25)")]).over(over(days));
        let mut watch = watched.watch(Topic::Signals);
        let whole = async {
            loop {
                if let Observation::Whole(_, hours) = watch.next().await.unwrap().unwrap() {
                    return hours;
                }
            }
        };
        let hours = tokio::time::timeout(Duration::from_secs(60), whole).await.unwrap();
        let expected = usize::try_from(days).unwrap() * 24;
        assert!((expected - 1..=expected + 1).contains(&hours.len()), "{}", hours.len());
        let odd = hours[1..].iter().find(|hour| (hour.mean, hour.weight, hour.minute % 60) != (0.25, 60.0, 0));
        assert_eq!(odd, None);
    }
}
