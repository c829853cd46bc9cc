//! Looking at a canary until something is seen of it, or there is no time left.
//!
//! It reads only.

use super::super::super::pace;
use super::super::super::record::Record;
use super::super::answer::{Unanswered, line};
use super::super::place::Place;
use super::end::Went;
use super::gather::Ground;
use super::serve::rolled;
use super::state::{self, phase};
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// The pause between two looks.
pub const PAUSE: Duration = Duration::from_millis(200);

/// What is read beside the canary.
#[derive(Default)]
pub struct Seen {
    /// Its workload.
    pub target: Option<Value>,
    /// What serves.
    pub primary: Option<Value>,
}

impl Seen {
    /// How many replicas its workload is to have.
    pub fn replicas(&self) -> Option<u64> {
        self.target.as_ref().and_then(state::replicas)
    }

    /// Whether every pod that serves is of one version.
    pub fn rolled(&self) -> bool {
        self.primary.as_ref().is_some_and(rolled)
    }

    /// The version that serves.
    pub fn serves(&self, ground: &Ground) -> Option<String> {
        let template = self.primary.as_ref()?.pointer("/spec/template")?;
        Some(line(&ground.workload.at.version(template)))
    }
}

/// Looks until something is seen, or there is no time left.
pub async fn wait(
    ground: &Ground,
    until: Instant,
    record: &mut Record,
    seen: impl Fn(&Value, &Seen) -> Option<Went>,
) -> Went {
    let cluster = &ground.workload.cluster;
    let serves = Place { name: state::primary(&ground.workload.place.name), ..ground.workload.place.clone() };
    loop {
        let mut pause = PAUSE;
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_secs(1));
        let read = async {
            let canary = cluster.read(&ground.place.path()).await?;
            let target = cluster.read(&ground.workload.place.path()).await?;
            let primary = cluster.read(&serves.path()).await.ok();
            Ok::<_, Unanswered>((canary, Seen { target: Some(target), primary }))
        };
        let last = match tokio::time::timeout(left, read).await {
            Ok(Ok((canary, beside))) => match seen(&canary, &beside) {
                Some(went) => return went,
                None => {
                    let share = state::weight(&canary).map(|w| format!(" at {w} %")).unwrap_or_default();
                    line(&format!("it is {}{share}", phase(&canary).to_lowercase()))
                }
            },
            Ok(Err(error)) => {
                pause = PAUSE.max(error.patience());
                format!("reading back: {}", error.words())
            }
            Err(_) => "reading back took too long".to_owned(),
        };
        record.say(&last);
        if Instant::now() >= until {
            return Went::Unknown(format!("{} did not go on in time: {last}", ground.place.words()));
        }
        let left = until.saturating_duration_since(Instant::now());
        tokio::time::sleep(pause.min(left) + pace::jitter(PAUSE / 4)).await;
    }
}
