//! An update for people elsewhere, filled with live state, in three lengths.
//!
//! Text to copy: nothing goes out from here.

use crate::engine::forecast;
use crate::engine::run::{Phase, Run};
use crate::engine::{Given, show};

/// The update in one line, in a few lines, and with what waits.
pub fn three_lengths(given: &Given<'_>, run: &Run) -> [(&'static str, String); 3] {
    let outlook = forecast::forecast(given, run);
    let (done, of) = run.progress();
    let lands = outlook.lands.map(|at| format!(", expected {} UTC", at.format("%H:%M"))).unwrap_or_default();
    let state = match &run.phase {
        Phase::Live if run.takes_back() => "is being rolled back".to_owned(),
        Phase::Live => format!("is under way: {done} of {of} steps done{lands}"),
        Phase::Parked(why) => format!("is parked: {why}"),
        Phase::Completed(at) => format!("is complete since {} UTC", at.format("%H:%M")),
        Phase::Aborted(_, why) => format!("was stopped: {why}"),
    };
    let short = format!("{} {state}.", run.plan.title);
    let now = show::steps(given, run).filter(|s| s.state.state.active()).map(|s| s.step.title.clone());
    let now: Vec<_> = now.collect();
    let doing = if now.is_empty() { String::new() } else { format!(" Now: {}.", now.join("; ")) };
    let middle = format!("{short}{doing}");
    let waiting = show::waiting(given, run);
    let waits: Vec<_> = waiting.iter().map(|w| format!("{} ({})", w.title, w.why)).collect();
    let bill: Vec<_> = run.plan.bill.iter().map(|i| format!("{} {}", i.service, i.version)).collect();
    let parts = [
        (!bill.is_empty()).then(|| format!(" Contents: {}.", bill.join(", "))),
        (!waits.is_empty()).then(|| format!(" Waiting for: {}.", waits.join("; "))),
        run.symptom.as_ref().map(|s| format!(" Cause as seen: {s}.")),
    ];
    let long = format!("{middle}{}", parts.into_iter().flatten().collect::<String>());
    [("short", short), ("middle", middle), ("long", long)]
}
