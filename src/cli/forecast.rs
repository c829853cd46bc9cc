//! `forecast`: when every step of a run begins and ends, when it lands, and what
//! it crosses, from the journal, the files, and what backends tell of windows.

use super::args::Global;
use super::context::Context;
use super::outcome::{Ended, Exit, Failure};
use super::{print, status, windows};
use crate::domain::name::RunId;
use crate::engine::run::Run;
use crate::engine::{Given, Ledger, adhoc, forecast};
use crate::report::forecast as words;
use crate::runtime::clock::now;
use serde_json::json;

/// Prints the forecast of a run: the newest live one when none is named, else the newest. What is done
/// without a runbook stands behind all others, as on the screens.
pub fn forecast(global: &Global, run: Option<u32>) -> Ended {
    let context = Context::open(global)?;
    let (ledger, observed) = (status::ledger(&context)?, windows::ask(&context.workspace));
    let given = Given { ledger: &ledger, workspace: &context.workspace, observed: &observed, now: now() };
    let run = which(&ledger, run)?;
    let all = forecast::forecast(&given, run);
    let standing = if run.ended() { "ENDED" } else { forecast::standing(&given, run, &all).text() };
    if global.json {
        let drift = all.drift().map(|d| d.num_seconds());
        print::json(&json!({ "run": run.id, "standing": standing, "drift_seconds": drift, "forecast": all }));
        return Ok(Exit::Done);
    }
    print::line(&format!("run {} · {} · {standing}  {}", run.id, run.plan.title, words::outlook(&all)));
    if all.parked {
        print::line("it is parked; reckoned as if it were taken up now");
    }
    for text in [words::rollback(&all).map(|text| format!("rollback: {text}")), no_return(&all), ahead(run, &all)] {
        text.iter().for_each(|text| print::line(text));
    }
    print::table(&words::table(run, &all));
    words::edges(&all).for_each(|text| print::line(&text));
    all.clocks.iter().for_each(|text| print::line(&format!("?? {text}; reckoned by our clock")));
    all.unknown.iter().for_each(|text| print::line(&format!("?? {text}; reckoned as if they were open")));
    Ok(Exit::Done)
}

fn which(ledger: &Ledger, run: Option<u32>) -> Result<&Run, Failure> {
    match run {
        Some(run) => ledger.run(RunId(run)).ok_or_else(|| status::no_run(ledger, RunId(run))),
        None => {
            let none = || Failure::usage("no run has been started yet; start one with `holdpoint run start RUNBOOK`");
            let mut runs = adhoc::newest_first(ledger);
            runs.clone().find(|run| !run.ended()).or_else(|| runs.next()).ok_or_else(none)
        }
    }
}

fn no_return(all: &forecast::Forecast) -> Option<String> {
    let point = all.no_return.as_ref()?;
    let at = point.at.map(|at| format!(" at {}", words::between(at, all.at))).unwrap_or_default();
    let word = if point.passed { "was passed with" } else { "is" };
    Some(format!("the point of no return {word} step {}{at}", point.step))
}

fn ahead(run: &Run, all: &forecast::Forecast) -> Option<String> {
    let text = format!("ahead on the critical path: work {}, waiting for people {}", all.work_ahead, all.wait_ahead);
    (!run.ended()).then_some(text)
}
