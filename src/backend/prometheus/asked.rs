//! Questions to a Prometheus about one expression: of now, of a time, of a range.
//!
//! It knows no intervals and no meaning of an answer.

use super::super::http::standing::Standing;
use super::super::http::{Host, Request};
use super::answer::{self, Point};
use super::expression::Expression;
use crate::domain::Timestamp;
use crate::domain::series::{LONG, Minute};
use crate::domain::span::Span;
use chrono::Utc;
use std::sync::Arc;
use std::time::Duration;

/// How long the past may take.
const RANGE: Duration = Duration::from_secs(10);
/// How many values are asked for at once; the server gives up at 11,000.
const MOST: i64 = 10_000;

/// One expression and who is asked for it. Cheap to clone.
#[derive(Clone)]
pub struct Asked {
    /// Who is asked.
    pub client: Arc<Standing>,
    /// What is asked for.
    pub expression: Arc<Expression>,
}

impl Asked {
    /// What is known of the host.
    pub fn host(&self) -> &Host {
        self.client.host()
    }

    /// The time by the server's own clock.
    pub fn server_now(&self) -> Timestamp {
        Utc::now() + self.host().skew().unwrap_or_default()
    }

    /// The expression from so long ago until a step ago, one value a step.
    pub async fn range(&self, long: Span, step: Span) -> Option<Vec<Minute>> {
        answer::minutes(&self.answered(long, step).await?).ok()
    }

    /// The whole period of an objective until the last full hour, an hour each.
    pub async fn hours(&self, period: Span) -> Option<Vec<Minute>> {
        let steps = period.delta().num_minutes().div_euclid(LONG.delta().num_minutes() * MOST) + 1;
        let step = LONG.times(u64::try_from(steps).unwrap_or(1));
        answer::hours(&self.answered(period, step).await?, step).ok()
    }

    async fn answered(&self, long: Span, step: Span) -> Option<Vec<u8>> {
        let (now, step) = (self.server_now().timestamp(), step.delta().num_seconds());
        // On the steps themselves, so that the same instants are asked for again and can be kept by who answers.
        let end = now.div_euclid(step) * step;
        let (start, end, step) = ((end - long.delta().num_seconds()).to_string(), end.to_string(), step.to_string());
        let fields = [("query", self.expression.expr.as_str()), ("start", &start), ("end", &end), ("step", &step)];
        let request = Request { limit: RANGE, aside: true, ..Request::form("/api/v1/query_range", &fields) };
        Some(self.client.read(&request).await.ok()?.body)
    }

    /// The one number that a query gives.
    pub async fn instant(&self, query: &str, time: Option<f64>) -> Result<Point, String> {
        answer::point(&self.body(query, time, false).await?)
    }

    /// The answer to a query of now, or of a time in seconds since the epoch: of what belongs together, of the
    /// same time. One that goes `aside` is only nice to have.
    pub async fn body(&self, query: &str, time: Option<f64>, aside: bool) -> Result<Vec<u8>, String> {
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
