//! What is asked beside the numbers: counts of versions, and what a number was before.
//!
//! A number never waits for it. One question at a time an expression; while one is under way
//! what is due is asked with a later number.

use super::answer;
use super::asked::Asked;
use super::versions;
use crate::domain::observed::Observation;
use crate::domain::series::{DAYS, HOUR, LONG, MINUTES, Reading};
use crate::domain::span::Span;
use crate::domain::text::shortened;
use crate::domain::versions::Count;
use chrono::Utc;
use futures_util::StreamExt;
use futures_util::stream::{self, Stream};
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio::time::Instant;

/// How often a baseline is asked for, at most.
const BASELINE: Duration = Duration::from_secs(60);

/// That a number was asked for at this time, and whether it was had.
pub type Number = (Instant, bool);

struct Beside {
    asked: Asked,
    numbers: Receiver<Number>,
    /// When the baseline is due again.
    baseline: Instant,
    /// Whether the past has been asked for.
    remembered: bool,
    /// When the last days are due again.
    long: Instant,
    /// When the whole period of an objective is due again.
    whole: Instant,
    /// The number whose versions have been asked for, and not yet what it was before.
    had: Option<Instant>,
}

/// What there is beside the numbers, after each of them.
pub fn beside(asked: Asked, numbers: Receiver<Number>) -> impl Stream<Item = Observation> + Send {
    let now = Instant::now();
    let beside = Beside { asked, numbers, baseline: now, remembered: false, long: now, whole: now, had: None };
    stream::unfold(beside, |mut beside| async move {
        let seen = match beside.had.take() {
            Some(asked) => beside.before(asked).await,
            None => {
                let (asked, had) = beside.numbers.recv().await?;
                beside.had = had.then_some(asked);
                beside.versions().await.into_iter().collect()
            }
        };
        Some((stream::iter(seen), beside))
    })
    .flatten()
}

impl Beside {
    /// What the number was before, as far as it is due.
    async fn before(&mut self, asked: Instant) -> Vec<Observation> {
        let mut seen: Vec<Observation> = self.past().await.into_iter().collect();
        seen.extend(self.earlier(asked).await);
        seen.extend(self.long(asked).await);
        seen.extend(self.whole(asked).await);
        seen
    }

    /// The minutes before the first reading, for what burns slowly; asked for once.
    async fn past(&mut self) -> Option<Observation> {
        if self.remembered || !self.asked.expression.remembers {
            return None;
        }
        self.remembered = true;
        let minutes = self.asked.range(Span::mins(u64::try_from(MINUTES).unwrap_or_default()), Span::mins(1)).await?;
        Some(Observation::Past(self.asked.expression.at.clone(), minutes))
    }

    /// The last days, for what burns so slowly that nobody watches it; asked for as often as a value is added.
    async fn long(&mut self, asked: Instant) -> Option<Observation> {
        if !self.asked.expression.remembers || asked < self.long {
            return None;
        }
        // What could not be had is not asked for at every reading: it is a large question.
        self.long = asked + BASELINE;
        let values = self.asked.range(DAYS, LONG).await?;
        self.long = asked + LONG.std();
        Some(Observation::Long(self.asked.expression.at.clone(), values))
    }

    /// All of the period of an objective, once an hour: no question is larger.
    async fn whole(&mut self, asked: Instant) -> Option<Observation> {
        let period = self.asked.expression.period.filter(|_| asked >= self.whole)?;
        self.whole = asked + LONG.std();
        let hours = self.asked.hours(period).await?;
        self.whole = asked + HOUR.std();
        Some(Observation::Whole(self.asked.expression.at.clone(), hours))
    }

    /// The same number as it was so long ago, once in a while.
    async fn earlier(&mut self, asked: Instant) -> Option<Observation> {
        let ago = self.asked.expression.baseline.filter(|_| asked >= self.baseline)?;
        self.baseline = asked + self.asked.expression.every.times(5).std().min(BASELINE);
        let then = self.asked.server_now() - ago.delta();
        // That there was nothing then is no fault of today's.
        let then = then.timestamp_millis() as f64 / 1000.0;
        let point = answer::point(&self.asked.body(&self.asked.expression.expr, Some(then), true).await.ok()?).ok()?;
        self.baseline = asked + BASELINE.max(self.asked.expression.every.std());
        let reading = Reading { at: Utc::now() - ago.delta(), value: point.value, events: u64::MAX };
        Some(Observation::Baseline(self.asked.expression.at.clone(), reading, ago))
    }

    /// What is counted of each version, where that is declared.
    async fn versions(&self) -> Option<Observation> {
        let (count, label) = self.asked.expression.versions.as_ref()?;
        let counted = match count {
            Count::Share { bad, all } => {
                async {
                    let (bad, at) = answer::by_label(&self.asked.body(bad, None, false).await?, label)?;
                    let (all, _) = answer::by_label(&self.asked.body(all, Some(at), false).await?, label)?;
                    versions::shares(&bad, &all)
                }
                .await
            }
            Count::Slower { buckets, than } => {
                async {
                    versions::slower(&answer::buckets(&self.asked.body(buckets, None, false).await?, label)?, *than)
                }
                .await
            }
        };
        let counted = counted.map_err(|why| shortened(&why, 300));
        Some(Observation::Versions(self.asked.expression.at.clone(), counted))
    }
}
