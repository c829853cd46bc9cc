//! What is kept of a signal: as if each reading and each minute stood alone, in less room where they say the same.

use chrono::{DateTime, Utc};
use holdpoint::domain::series::{MINUTES, Minute, Reading, SERIES, Series};
use proptest::prelude::*;
use std::collections::VecDeque;

fn at(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_800_000_000_000 + ms).unwrap()
}

fn reading(ms: i64, value: f64) -> Reading {
    Reading { at: at(ms), value, events: u64::MAX }
}

/// The same, each reading and each minute for itself.
#[derive(Default)]
struct Plain {
    readings: VecDeque<Reading>,
    minutes: VecDeque<(i64, Vec<f64>)>,
}

impl Plain {
    fn push(&mut self, reading: Reading) {
        self.readings.push_back(reading);
        self.readings.drain(..self.readings.len().saturating_sub(SERIES));
        let minute = reading.at.timestamp().div_euclid(60);
        match self.minutes.back_mut() {
            Some((last, values)) if *last == minute => values.push(reading.value),
            Some((last, _)) if *last > minute => {}
            _ => self.minutes.push_back((minute, vec![reading.value])),
        }
        self.minutes.drain(..self.minutes.len().saturating_sub(MINUTES));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_kept_is_what_was_read(
        read in proptest::collection::vec((1_i64..120_000, 0_u8..3), 1..700),
        past in proptest::collection::vec(0_u8..3, 0..400),
    ) {
        let (mut series, mut plain, mut ms) = (Series::default(), Plain::default(), 0);
        for (later, value) in read {
            ms += later;
            series.push(reading(ms, value.into()));
            plain.push(reading(ms, value.into()));
        }
        let first = plain.minutes[0].0;
        let past: Vec<Minute> = past.iter().rev().zip(1..).map(|(value, n)| Minute { minute: first - n, mean: (*value).into(), weight: 1.0 }).collect();
        let past: Vec<Minute> = past.into_iter().rev().collect();
        series.recall(&past);
        let all: Vec<Reading> = series.readings.iter().collect();
        prop_assert_eq!(&all, &plain.readings.iter().copied().collect::<Vec<_>>());
        prop_assert_eq!((series.readings.front(), series.readings.back()), (all.first().copied(), all.last().copied()));
        prop_assert_eq!(series.readings.newest().collect::<Vec<_>>(), all.iter().rev().copied().collect::<Vec<_>>());
        let room = MINUTES - plain.minutes.len();
        let remembered = past.iter().skip(past.len().saturating_sub(room)).map(|m| (m.minute, m.mean, 1.0));
        let read = plain.minutes.iter().map(|(minute, values)| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            (*minute, mean as f32, values.len() as f32)
        });
        let wanted: Vec<_> = remembered.chain(read).collect();
        let minutes: Vec<Minute> = series.minutes.iter().collect();
        prop_assert_eq!((series.minutes.len(), series.minutes.front()), (minutes.len(), minutes.first().copied()));
        prop_assert_eq!(minutes.len(), wanted.len());
        for (found, (minute, mean, weight)) in minutes.iter().zip(wanted) {
            prop_assert!(found.minute == minute && found.weight == weight && (found.mean - mean).abs() < 1e-4, "{:?}", found);
        }
        prop_assert_eq!(series.minutes.iter().rev().collect::<Vec<_>>(), minutes.into_iter().rev().collect::<Vec<_>>());
    }
}

#[test]
fn what_says_the_same_for_hours_is_kept_once() {
    // A rollout that is well for six hours, confirmed every five seconds and a little.
    let mut series = Series::default();
    (0..6 * 720).for_each(|n| series.push(reading(n * 5_040, 0.0)));
    assert_eq!((series.readings.len(), series.minutes.len()), (SERIES, MINUTES));
    let (readings, minutes) = (format!("{:?}", series.readings), format!("{:?}", series.minutes));
    assert!(readings.ends_with("runs: [((0.0, 18446744073709551615), 240)] } }"), "{readings}");
    // Eleven readings in some, twelve in most.
    let runs = minutes.matches("Run {").count();
    assert!(runs < MINUTES / 4, "{runs}: {minutes}");
}
