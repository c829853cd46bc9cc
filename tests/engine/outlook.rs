//! Forecasts in scenarios: runs of the past played through, and what is then
//! expected of the newest run, in words. Times count from its T0.
//!
//! `lands 35m 48m` · `lands never` · `planned 35m` · `drift -6m` · `standing AT RISK`
//! · `critical 1 2 4` · `step 2 starts 10m 13m` (or `ends`) · `step 2 work 4m 6m`
//! (or `waiting`) · `step 2 from runs 3` · `step 2 slack 5m` · `step 2 over 3m`
//! · `step 2 waited 3m` · `step 2 left-out` (or `kept`) · `edge window-end amber 2h 3`
//! · `edges 1` · `rollback 3m` · `horizon 57m clear` · `no-return 3 20m` · `slack -6m`
//! · `ahead 20m 5m` (work, waiting) · `axis 0s 48m` · `clocks wait until …`, all that clocks leave open

use crate::ground;
use crate::words;
use crate::world::{Outcome, World};
use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::domain::name::{RunId, StepName};
use holdpoint::domain::plan::{Mode, Plan};
use holdpoint::domain::span::Span;
use holdpoint::engine::forecast::{self, Estimate, Forecast, Range};

/// `web rto=15m back_within=1h`: what somebody has promised of a service; its signals are read in `stage` too.
pub fn promises(world: &mut World, text: &str) -> Outcome {
    let (service, promises) = text.split_once(' ').unwrap();
    for signal in world.workspace.signals.values_mut().filter(|signal| signal.service.as_str() == service) {
        signal.environments = vec!["prod".into(), "stage".into()];
    }
    let declared = world.workspace.services.get_mut(service).unwrap();
    for promise in promises.split(' ') {
        match promise.split_once('=').unwrap() {
            ("rto", span) => declared.rto = Some(ground::span(span)),
            ("back_within", span) => declared.back_within = Some(ground::span(span)),
            other => panic!("{other:?}"),
        }
    }
    world.pass(world.now)
}

/// Plays a run through: `1=10m 2=3m+20m`, each step in turn, the second 3 min after
/// it was ready; `rehearsal` first for a rehearsal. Answers a question in place of
/// working where there is one.
pub fn past(world: &mut World, plan: &Plan, text: &str) -> Outcome {
    let (mut plan, mut text) = (plan.clone(), text);
    if let Some(rest) = text.strip_prefix("rehearsal ") {
        (plan.mode, text) = (Mode::Rehearsal, rest);
    }
    let say = |world: &mut World, person: &str, text: &str| {
        let command = words::command(world, &plan, text);
        let outcome = world.command(person, &command);
        assert_eq!(outcome.refusal, None, "{text}");
    };
    say(world, "ana", "run");
    let run = world.ledger.last_run;
    let pass = |world: &mut World, length: &str| {
        let to = world.now + ground::span(length).delta();
        world.pass(to);
    };
    for part in text.split_whitespace() {
        let (step, took) = part.split_once('=').unwrap();
        let took = match took.split_once('+') {
            Some((waits, took)) => {
                pass(world, waits);
                say(world, "ana", &format!("start {step} confirm @{run}"));
                took
            }
            None => took,
        };
        pass(world, took);
        let found = world.ledger.run(RunId(run)).unwrap().plan.step(&step.into()).unwrap().clone();
        match found.operation() {
            Some(_) => drop({
                let (intent, report) = words::report(world, &format!("{run}/{step} done"));
                world.report(intent, &report)
            }),
            None if found.kind == holdpoint::domain::plan::Kind::Hold => {
                say(world, "bo", &format!("release {step} @{run}"))
            }
            None => say(world, "ana", &format!("done {step} @{run}")),
        }
    }
    assert!(world.ledger.run(RunId(run)).unwrap().ended(), "the past run {run} has ended");
    Outcome::default()
}

/// Checks what is expected of the newest run's forecast.
pub fn check(world: &World, wanted: &[String], what: &str) {
    if wanted.is_empty() {
        return;
    }
    let run = world.ledger.runs.values().next_back().unwrap_or_else(|| panic!("{what}: no run"));
    let all = forecast::forecast(&world.given(), run);
    let standing = forecast::standing(&world.given(), run, &all);
    for wanted in wanted {
        let found = found(&all, standing.text(), run.t0, wanted);
        assert!(found.iter().any(|f| f == wanted), "{what}: wanted {wanted:?}, found {found:?} in {all:#?}");
    }
}

/// What there is of the kind that a line expects, in the same words.
fn found(all: &Forecast, standing: &str, t0: DateTime<Utc>, wanted: &str) -> Vec<String> {
    let since = |at: DateTime<Utc>| delta(at - t0);
    let range = |range: Option<Range>| match range {
        None => "never".to_owned(),
        Some(Range { p50, p90: Some(p90) }) if p50 == p90 => since(p50),
        Some(Range { p50, p90 }) => format!("{} {}", since(p50), p90.map_or("never".to_owned(), since)),
    };
    let parts: Vec<&str> = wanted.split(' ').collect();
    let one = match parts[0] {
        "lands" => format!("lands {}", range(all.landing)),
        "planned" => format!("planned {}", all.planned.map(since).unwrap_or_default()),
        "drift" => format!("drift {}", all.drift().map(delta).unwrap_or_default()),
        "slack" => format!("slack {}", all.slack.map(delta).unwrap_or_default()),
        "standing" => format!("standing {standing}"),
        "critical" => {
            let names: Vec<_> = all.critical.iter().map(ToString::to_string).collect();
            format!("critical {}", names.join(" "))
        }
        "rollback" => format!("rollback {}", estimate(all.rollback_estimate.unwrap_or_default())),
        "horizon" => {
            format!("horizon {} {:?}", all.horizon.map(since).unwrap_or_default(), all.horizon_level).to_lowercase()
        }
        "over-rto" => match &all.over_rto {
            Some((service, rto)) => format!("over-rto {service} {}", rto.to_text()),
            None => "over-rto".to_owned(),
        },
        "ahead" => format!("ahead {} {}", all.work_ahead.to_text(), all.wait_ahead.to_text()),
        "axis" => all.axis.map(|(a, b)| format!("axis {} {}", since(a), since(b))).unwrap_or_default(),
        "edges" => format!("edges {}", all.edges.len()),
        "no-return" => match &all.no_return {
            Some(point) => {
                let passed = if point.passed { " passed" } else { "" };
                format!("no-return {} {}{passed}", point.step, range(point.at))
            }
            None => "no-return none".to_owned(),
        },
        "edge" => {
            let line = |e: &forecast::Edge| {
                let kind = serde_json::to_value(e.kind).unwrap();
                let level = format!("{:?}", e.level).to_lowercase();
                let step = e.step.as_ref().map(|s| format!(" {s}")).unwrap_or_default();
                let over = e.over.map(|over| format!(" {}", delta(over))).unwrap_or_default();
                format!("edge {} {level} {}{step}{over}", kind.as_str().unwrap(), since(e.at))
            };
            return all.edges.iter().map(line).collect();
        }
        "clocks" => format!("clocks {}", all.clocks.join(" · ")),
        "step" => {
            let step = all.step(&StepName::from(parts[1])).unwrap_or_else(|| panic!("no step {}", parts[1]));
            let rest = match parts[2] {
                "starts" => range(step.start),
                "ends" => range(step.end),
                "planned" => format!("{} {}", since(step.planned_start), since(step.planned_end)),
                "work" => estimate(step.working),
                "waiting" => estimate(step.waiting),
                "from" => step.working.source.to_string(),
                "waits-from" => step.waiting.source.to_string(),
                "slack" => step.slack.map_or("none".to_owned(), delta),
                "over" => step.overrun.to_text(),
                "waited" => step.waited.to_text(),
                flag @ ("left-out" | "kept" | "critical") => {
                    let on = [("left-out", step.left_out), ("kept", step.kept), ("critical", step.critical)];
                    return on
                        .iter()
                        .any(|(name, on)| *name == flag && *on)
                        .then(|| wanted.to_owned())
                        .into_iter()
                        .collect();
                }
                other => panic!("nothing is known of {other}"),
            };
            format!("step {} {} {rest}", parts[1], parts[2])
        }
        other => panic!("no forecast says {other}"),
    };
    vec![one]
}

fn estimate(of: Estimate) -> String {
    if of.p50 == of.p90 { of.p50.to_text() } else { format!("{} {}", of.p50.to_text(), of.p90.to_text()) }
}

fn delta(by: TimeDelta) -> String {
    let text = Span::millis(by.num_milliseconds().unsigned_abs()).to_text();
    if by < TimeDelta::zero() { format!("-{text}") } else { text }
}
