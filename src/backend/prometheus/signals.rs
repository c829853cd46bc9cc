//! Watching signals: each expression at its own interval, all through one client. What is asked
//! beside the numbers is a stream of its own: no number waits for it.
//!
//! The age of a sample is told by the server's clock, so that a difference of
//! clocks makes nothing older or younger than it is.

use super::super::http::standing::Standing;
use super::super::{Fault, pace};
use super::answer::Point;
use super::asked::Asked;
use super::beside::{Number, beside};
use super::expression::{self, Expression};
use crate::domain::Timestamp;
use crate::domain::name::SignalName;
use crate::domain::observed::Observation;
use crate::domain::series::Reading;
use crate::domain::signal::{Signal, SignalAt};
use crate::domain::span::Span;
use crate::domain::text::{shortened, visible};
use chrono::{TimeDelta, Utc};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream, select_all};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{Sender, channel};
use tokio::time::Instant;

/// The longest a first question is put off, so that not all come at once.
const SPREAD: Duration = Duration::from_millis(400);

/// The stream of everything that the signals are seen to be.
pub fn watch(
    client: Standing,
    signals: &[Signal],
    periods: &BTreeMap<SignalName, Span>,
) -> BoxStream<'static, Result<Observation, Fault>> {
    let client = Arc::new(client);
    let one = |(at, found)| match found {
        Ok(expression) => repeat(client.clone(), expression),
        Err(why) => never(at, why),
    };
    let all = signals.iter().flat_map(|signal| expression::of(signal, periods.get(&signal.name).copied())).map(one);
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
    asked: Asked,
    next: Instant,
    /// Who is told of each number, and asks for what else there is.
    beside: Sender<Number>,
}

fn repeat(client: Arc<Standing>, expression: Expression) -> BoxStream<'static, Observation> {
    let next = Instant::now() + pace::jitter(SPREAD.min(expression.every.std() / 2));
    let asked = Asked { client, expression: Arc::new(expression) };
    let (told, numbers) = channel(1);
    let asking = Asking { asked: asked.clone(), next, beside: told };
    let all = stream::unfold(asking, |mut asking| async move {
        tokio::time::sleep_until(asking.next).await;
        Some((asking.number().await, asking))
    });
    stream::select(all, beside(asked, numbers)).boxed()
}

impl Asking {
    /// Asks for the number.
    async fn number(&mut self) -> Observation {
        let (asked, at) = (Instant::now(), self.asked.expression.at.clone());
        let read = self.reading().await;
        // While something is still asked for, this one is left out.
        let _ = self.beside.try_send((asked, read.is_ok()));
        // A host that fails is spared by its breaker, not by each of its signals.
        self.next = pace::next(asked, self.asked.expression.every, 0);
        if read.is_err() {
            self.next = self.asked.host().sooner(self.next);
        }
        match read {
            Ok(reading) => Observation::Reading(at, reading),
            Err(why) => Observation::NoReading(at, shortened(&why, 300)),
        }
    }

    async fn reading(&self) -> Result<Reading, String> {
        let expression = &self.asked.expression;
        let point = self.asked.instant(&expression.expr, None).await?;
        let age = self.age(&point);
        if age > expression.stale.delta() {
            let age = Span::secs(age.num_seconds().unsigned_abs());
            return Err(format!("the newest sample is {age} old, and says nothing after {}", expression.stale));
        }
        let events = match &expression.events {
            None => u64::MAX,
            Some(events) => {
                let count =
                    self.asked.instant(events, Some(point.at)).await.map_err(|why| format!("its events: {why}"))?.value;
                // `as` saturates; what is below nothing is nothing.
                count.max(0.0).round() as u64
            }
        };
        Ok(Reading { at: Utc::now() - age, value: point.value, events })
    }

    /// How old a sample is by the server's own clock; never younger than now.
    fn age(&self, point: &Point) -> TimeDelta {
        let skew = self.asked.host().skew().unwrap_or_default();
        let at = Timestamp::from_timestamp_millis((point.at * 1000.0) as i64).unwrap_or_default();
        // Within the second that `Date` is exact to, it is new.
        let age = Utc::now() + skew - at;
        if age < TimeDelta::seconds(2) { TimeDelta::zero() } else { age }
    }
}
