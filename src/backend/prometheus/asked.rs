//! Questions to a Prometheus about one expression: of now, of a time, of a range.
//!
//! It knows no intervals and no meaning of an answer.

use super::super::http::standing::Standing;
use super::super::http::{Host, Request};
use super::answer::{self, Point};
use super::expression::Expression;
use crate::domain::Timestamp;
use crate::domain::series::Minute;
use crate::domain::span::Span;
use chrono::Utc;
use std::sync::Arc;
use std::time::Duration;

/// How long the past may take.
const RANGE: Duration = Duration::from_secs(10);

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
        let (now, step) = (self.server_now().timestamp(), step.delta().num_seconds());
        // On the steps themselves, so that the same instants are asked for again and can be kept by who answers.
        let end = now.div_euclid(step) * step;
        let (start, end, step) = ((end - long.delta().num_seconds()).to_string(), end.to_string(), step.to_string());
        let fields = [("query", self.expression.expr.as_str()), ("start", &start), ("end", &end), ("step", &step)];
        let request = Request { limit: RANGE, aside: true, ..Request::form("/api/v1/query_range", &fields) };
        let answer = self.client.read(&request).await.ok()?;
        answer::minutes(&answer.body).ok()
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
