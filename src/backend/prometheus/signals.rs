//! Watching signals: each expression at its own interval, all through one client.
//!
//! The age of a sample is told by the server's clock, so that a difference of
//! clocks makes nothing older or younger than it is.

use super::super::http::{Client, Request};
use super::super::{Fault, pace};
use super::answer::{self, Point};
use super::expression::{self, Expression};
use super::versions;
use crate::domain::Timestamp;
use crate::domain::observed::Observation;
use crate::domain::series::{DAYS, LONG, MINUTES, Minute, Reading};
use crate::domain::signal::{Signal, SignalAt};
use crate::domain::span::Span;
use crate::domain::text::{shortened, visible};
use crate::domain::versions::Count;
use chrono::{TimeDelta, Utc};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream, select_all};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The longest a first question is put off, so that not all come at once.
const SPREAD: Duration = Duration::from_millis(400);
/// How long the past may take.
const RANGE: Duration = Duration::from_secs(10);
/// How often a baseline is asked for, at most.
const BASELINE: Duration = Duration::from_secs(60);

/// The stream of everything that the signals are seen to be.
pub fn watch(client: Client, signals: &[Signal]) -> BoxStream<'static, Result<Observation, Fault>> {
    let client = Arc::new(client);
    let one = |(at, found)| match found {
        Ok(expression) => repeat(client.clone(), expression),
        Err(why) => never(at, why),
    };
    let all = signals.iter().flat_map(expression::of).map(one);
    select_all(all).map(Ok).chain(stream::pending()).boxed()
}

/// A signal that cannot be asked for as it is declared; said once a minute.
fn never(at: SignalAt, why: String) -> BoxStream<'static, Observation> {
    stream::unfold(false, move |again| {
        let said = Observation::NoReading(at.clone(), visible(&why));
        async move {
            if again {
                tokio::time::sleep(Duration::from_secs(60)).await;
            }
            Some((said, true))
        }
    })
    .boxed()
}

struct Asking {
    client: Arc<Client>,
    expression: Expression,
    next: Instant,
    /// When the baseline is due again.
    baseline: Instant,
    /// Whether the past has been asked for.
    remembered: bool,
    /// When the last days are due again.
    long: Instant,
    /// A question was answered at this time, or was not: what else is due has not been asked for yet.
    after: Option<(Instant, bool)>,
}

fn repeat(client: Arc<Client>, expression: Expression) -> BoxStream<'static, Observation> {
    let next = Instant::now() + pace::jitter(SPREAD.min(expression.every.std() / 2));
    let asking = Asking { client, expression, next, baseline: next, remembered: false, long: next, after: None };
    stream::unfold(asking, |mut asking| async move {
        let seen = match asking.after.take() {
            // The number is told first: what else there is may take its time.
            Some((asked, had)) => asking.more(asked, had).await,
            None => {
                tokio::time::sleep_until(asking.next).await;
                vec![asking.number().await]
            }
        };
        Some((stream::iter(seen), asking))
    })
    .flatten()
    .boxed()
}

impl Asking {
    /// Asks for the number.
    async fn number(&mut self) -> Observation {
        let (asked, at) = (Instant::now(), self.expression.at.clone());
        let read = self.reading().await;
        self.after = Some((asked, read.is_ok()));
        // A host that fails is spared by its breaker, not by each of its signals.
        self.next = pace::next(asked, self.expression.every, 0);
        if read.is_err() {
            self.next = self.client.host().sooner(self.next);
        }
        match read {
            Ok(reading) => Observation::Reading(at, reading),
            Err(why) => Observation::NoReading(at, shortened(&why, 300)),
        }
    }

    /// What else is due: the counts of versions, and, after a number was had, what it was before.
    async fn more(&mut self, asked: Instant, had: bool) -> Vec<Observation> {
        let mut seen: Vec<Observation> = self.versions().await.into_iter().collect();
        if had {
            seen.extend(self.past().await);
            seen.extend(self.earlier(asked).await);
            seen.extend(self.long(asked).await);
        }
        seen
    }

    async fn reading(&self) -> Result<Reading, String> {
        let expression = &self.expression;
        let point = self.instant(&expression.expr, None).await?;
        let age = self.age(&point);
        if age > expression.stale.delta() {
            let age = Span::secs(age.num_seconds().unsigned_abs());
            return Err(format!("the newest sample is {age} old, and says nothing after {}", expression.stale));
        }
        let events = match &expression.events {
            None => u64::MAX,
            Some(events) => {
                let count =
                    self.instant(events, Some(point.at)).await.map_err(|why| format!("its events: {why}"))?.value;
                // `as` saturates; what is below nothing is nothing.
                count.max(0.0).round() as u64
            }
        };
        Ok(Reading { at: Utc::now() - age, value: point.value, events })
    }

    /// How old a sample is by the server's own clock; never younger than now.
    fn age(&self, point: &Point) -> TimeDelta {
        let skew = self.client.host().skew().unwrap_or_default();
        let at = Timestamp::from_timestamp_millis((point.at * 1000.0) as i64).unwrap_or_default();
        // Within the second that `Date` is exact to, it is new.
        let age = Utc::now() + skew - at;
        if age < TimeDelta::seconds(2) { TimeDelta::zero() } else { age }
    }

    /// The minutes before the first reading, for what burns slowly; asked for once.
    async fn past(&mut self) -> Option<Observation> {
        if self.remembered || !self.expression.remembers {
            return None;
        }
        self.remembered = true;
        let minutes = self.range(Span::mins(u64::try_from(MINUTES).unwrap_or_default()), Span::mins(1)).await?;
        Some(Observation::Past(self.expression.at.clone(), minutes))
    }

    /// The last days, for what burns so slowly that nobody watches it; asked for as often as a value is added.
    async fn long(&mut self, asked: Instant) -> Option<Observation> {
        if !self.expression.remembers || asked < self.long {
            return None;
        }
        // What could not be had is not asked for at every reading: it is a large question.
        self.long = asked + BASELINE;
        let values = self.range(DAYS, LONG).await?;
        self.long = asked + LONG.std();
        Some(Observation::Long(self.expression.at.clone(), values))
    }

    /// The expression from so long ago until a step ago, one value a step.
    async fn range(&self, long: Span, step: Span) -> Option<Vec<Minute>> {
        let (now, step) = (self.server_now().timestamp(), step.delta().num_seconds());
        // On the steps themselves, so that the same instants are asked for again and can be kept by who answers.
        let end = now.div_euclid(step) * step;
        let (start, end, step) = ((end - long.delta().num_seconds()).to_string(), end.to_string(), step.to_string());
        let fields = [("query", self.expression.expr.as_str()), ("start", &start), ("end", &end), ("step", &step)];
        let request = Request { limit: RANGE, aside: true, ..Request::form("/api/v1/query_range", &fields) };
        let answer = self.client.read(&request).await.ok()?;
        answer::minutes(&answer.body).ok()
    }

    /// The same number as it was so long ago, once in a while.
    async fn earlier(&mut self, asked: Instant) -> Option<Observation> {
        let ago = self.expression.baseline.filter(|_| asked >= self.baseline)?;
        self.baseline = asked + self.expression.every.times(5).std().min(BASELINE);
        let then = self.server_now() - ago.delta();
        // That there was nothing then is no fault of today's.
        let then = then.timestamp_millis() as f64 / 1000.0;
        let point = answer::point(&self.body(&self.expression.expr, Some(then), true).await.ok()?).ok()?;
        self.baseline = asked + BASELINE.max(self.expression.every.std());
        let reading = Reading { at: Utc::now() - ago.delta(), value: point.value, events: u64::MAX };
        Some(Observation::Baseline(self.expression.at.clone(), reading, ago))
    }

    fn server_now(&self) -> Timestamp {
        Utc::now() + self.client.host().skew().unwrap_or_default()
    }

    /// What is counted of each version, where that is declared.
    async fn versions(&self) -> Option<Observation> {
        let (count, label) = self.expression.versions.as_ref()?;
        let counted = match count {
            Count::Share { bad, all } => {
                async {
                    let (bad, at) = answer::by_label(&self.body(bad, None, false).await?, label)?;
                    let (all, _) = answer::by_label(&self.body(all, Some(at), false).await?, label)?;
                    versions::shares(&bad, &all)
                }
                .await
            }
            Count::Slower { buckets, than } => {
                async { versions::slower(&answer::buckets(&self.body(buckets, None, false).await?, label)?, *than) }
                    .await
            }
        };
        let counted = counted.map_err(|why| shortened(&why, 300));
        Some(Observation::Versions(self.expression.at.clone(), counted))
    }

    async fn instant(&self, query: &str, time: Option<f64>) -> Result<Point, String> {
        answer::point(&self.body(query, time, false).await?)
    }

    /// The answer to a query of now, or of a time in seconds since the epoch: of what belongs together, of the
    /// same time. One that goes `aside` is only nice to have.
    async fn body(&self, query: &str, time: Option<f64>, aside: bool) -> Result<Vec<u8>, String> {
        let limit = self.expression.limit;
        // The server gives up before we do, so that it says why.
        let server = format!("{}ms", limit.as_millis().saturating_mul(9) / 10);
        let time = time.map(|time| format!("{time:.3}"));
        let mut fields = vec![("query", query), ("timeout", server.as_str())];
        fields.extend(time.as_deref().map(|time| ("time", time)));
        let request = Request { limit, aside, ..Request::form("/api/v1/query", &fields) };
        Ok(self.client.read(&request).await.map_err(|fault| fault.to_string())?.body)
    }
}
