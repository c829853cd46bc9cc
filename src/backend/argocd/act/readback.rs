//! Reading back until the effect is seen: what was accepted is not yet done.
//!
//! What has ended badly, or was synced and is not well in time, is done in part; what is not seen to
//! have ended is unknown. Both with what the application says. A look on makes way for what leads back.

use super::super::super::record::Record;
use super::super::super::{Fault, pace};
use super::super::goal::{Goal, Look, look};
use super::super::row::row;
use super::gather::Application;
use super::lost;
use std::time::Duration;
use tokio::time::Instant;

/// The first pause between two looks.
const PAUSE: Duration = Duration::from_millis(400);
/// The longest.
const LONGEST: Duration = Duration::from_secs(5);

/// What was seen in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The effect; in words.
    Whole(String),
    /// That it was taken, and how it stands.
    Part(String),
}

/// Waits until the effect is seen, or is certainly not there in whole. Everything else is unknown,
/// with the reason.
pub async fn until_seen(
    found: &Application,
    goal: &Goal,
    before: Option<&str>,
    until: Instant,
    record: &mut Record,
) -> Result<Ended, Fault> {
    let mut pause = PAUSE;
    let mut last;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match tokio::time::timeout(left.max(Duration::from_secs(1)), found.again()).await {
            Ok(Ok(app)) => match look(goal, &found.place, &app, before) {
                Look::Seen(words) => {
                    record.say(&words);
                    return Ok(Ended::Whole(words));
                }
                Look::Over(why) => return Err(lost(why)),
                Look::Failed(why) => return Ok(Ended::Part(why)),
                look => {
                    let (taken, brought, words) = stand(look);
                    record.say(&words);
                    let reasons = row(&found.place, &app).trouble.join("; ");
                    last = if reasons.is_empty() { words } else { format!("{words} ({reasons})") };
                    if brought && Instant::now() >= until {
                        return Ok(Ended::Part(format!("not well in time: {last}")));
                    }
                    if taken && record.makes_way() {
                        return Ok(Ended::Part(format!("left for what leads back: {last}")));
                    }
                }
            },
            // No longer let in: asking on would only hammer.
            Ok(Err(fault @ Fault::Refused { .. })) => {
                return Err(lost(format!("accepted, and not read back: {fault}")));
            }
            Ok(Err(fault)) => {
                last = format!("reading back: {fault}");
                record.say(&last);
            }
            Err(_) => last = "reading back took too long".to_owned(),
        }
        if Instant::now() >= until {
            return Err(lost(format!("accepted, and not seen to happen in time: {last}")));
        }
        record.pause((pause + pace::jitter(PAUSE / 4)).min(until.saturating_duration_since(Instant::now()))).await;
        pause = (pause * 5 / 4).min(LONGEST);
    }
}

/// Whether what was sent was taken, whether it has ended well, and how it stands.
fn stand(look: Look) -> (bool, bool, String) {
    match look {
        Look::Brought(words) => (true, true, words),
        Look::Going(words) => (true, false, words),
        Look::Seen(words) | Look::Failed(words) | Look::Not(words) | Look::Over(words) => (false, false, words),
    }
}
