//! Reading back until the effect is seen: what was accepted is not yet done.
//! What did not happen in time is unknown, with what the application says.

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

/// Waits until the effect is seen. Everything else is unknown, with the reason.
pub async fn until_seen(
    found: &Application,
    goal: &Goal,
    before: Option<&str>,
    until: Instant,
    record: &mut Record,
) -> Result<String, Fault> {
    let mut pause = PAUSE;
    let mut last;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match tokio::time::timeout(left.max(Duration::from_secs(1)), found.again()).await {
            Ok(Ok(app)) => match look(goal, &found.place, &app, before) {
                Look::Seen(words) => {
                    record.say(&words);
                    return Ok(words);
                }
                Look::Over(why) => return Err(lost(why)),
                Look::Not(words) => {
                    record.say(&words);
                    let reasons = row(&found.place, &app).trouble.join("; ");
                    last = if reasons.is_empty() { words } else { format!("{words} ({reasons})") };
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
        tokio::time::sleep((pause + pace::jitter(PAUSE / 4)).min(until.saturating_duration_since(Instant::now())))
            .await;
        pause = (pause * 5 / 4).min(LONGEST);
    }
}
