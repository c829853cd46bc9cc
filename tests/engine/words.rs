//! Commands, reports, findings and gates in the few words that scenarios use.
//!
//! `start 1 confirm` · `vote 3 qa go-if the smoke test passes` · `approve 2 role=qa`
//! · `rollback web prod confirm checkout fails`. Words of the form `key=value`
//! are options, `confirm`, `weak` and `stale` say how consent is given, `@2`
//! names another run than 1, and what is left is the reason.

use crate::ground;
use crate::world::World;
use holdpoint::domain::approval::{Slot, Vote};
use holdpoint::domain::catalogue::Confirmation;
use holdpoint::domain::command::{Command, Consent, Resolution, Said, StepCommand};
use holdpoint::domain::digest::Digest;
use holdpoint::domain::gate::Gate;
use holdpoint::domain::hold::Scope;
use holdpoint::domain::name::{RunId, StepName};
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::one_off::OneOff;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::plan::{Kind, Plan, Question, Work};
use holdpoint::domain::report::{Found, Receipt, Report};
use holdpoint::domain::trigger::RollsBack;
use holdpoint::domain::versions::Counts;
use holdpoint::engine::{adhoc, consent, people, rollback, rules, statement};
use std::collections::{BTreeMap, VecDeque};

struct Words<'a> {
    words: VecDeque<&'a str>,
    options: BTreeMap<&'a str, &'a str>,
    run: RunId,
    consent: Option<&'a str>,
}

impl<'a> Words<'a> {
    fn of(text: &'a str) -> Self {
        let mut found = Words { words: VecDeque::new(), options: BTreeMap::new(), run: RunId(1), consent: None };
        for word in text.split_whitespace() {
            match (word, word.split_once('='), word.strip_prefix('@')) {
                ("confirm" | "weak" | "stale", ..) => found.consent = Some(word),
                (_, Some((key, value)), _) => drop(found.options.insert(key, value)),
                (_, _, Some(run)) => found.run = RunId(run.parse().unwrap()),
                _ => found.words.push_back(word),
            }
        }
        found
    }

    fn next(&mut self) -> &'a str {
        self.words.pop_front().expect("a word more")
    }

    fn rest(&self) -> String {
        self.words.iter().copied().collect::<Vec<_>>().join(" ")
    }

    fn agreed(&self, saw: Digest) -> Option<Consent> {
        let (level, saw) = match self.consent? {
            "weak" => (Confirmation::Confirm, saw),
            "stale" => (Confirmation::Challenge, Digest::default()),
            _ => (Confirmation::Challenge, saw),
        };
        Some(Consent { level, saw, how: "typed".to_owned() })
    }

    fn said(&self) -> Option<Said> {
        let by = self.options.get("said")?;
        let heard_by = self.options.get("heard").copied().unwrap_or("sam").into();
        Some(Said { by: (*by).into(), heard_by, words: "we are good to go".to_owned() })
    }
}

/// Reads a command; `plan` is what `run` starts.
pub fn command(world: &World, plan: &Plan, text: &str) -> Command {
    let mut w = Words::of(text);
    let run = w.run;
    let given = world.given();
    let verb = w.next();
    match verb {
        "run" => {
            let agreed = w.options.get("agree").into_iter().flat_map(|names| names.split(','));
            let next = RunId(world.ledger.last_run + 1);
            let consents = agreed.map(|name| {
                let saw = plan.step(&name.into()).map(|s| consent::of_try(next, 1, s)).unwrap_or_default();
                let level = Confirmation::Challenge;
                let saw = if w.consent == Some("stale") { Digest::default() } else { saw };
                (StepName::from(name), Consent { level, saw, how: "typed".to_owned() })
            });
            // `run as=night`: the same steps as a runbook of another name.
            let runbook = w.options.get("as").map_or_else(|| plan.runbook.clone(), |name| (*name).into());
            Command::StartRun(Box::new(Plan { runbook, ..plan.clone() }), consents.collect())
        }
        "vote" => {
            let (step, role) = (StepName::from(w.next()), w.next().into());
            let vote = match w.next() {
                "go" => Vote::Go,
                "no-go" => Vote::NoGo,
                "go-if" => Vote::GoIf { condition: w.rest(), met: false },
                "met" => Vote::GoIf { condition: w.rest(), met: true },
                other => panic!("no vote: {other}"),
            };
            let found = world.ledger.run(run).unwrap();
            let evidence = people::poll(&given, found, found.plan.step(&step).unwrap()).unwrap().evidence;
            let saw = if w.consent == Some("stale") { Digest::default() } else { evidence };
            Command::Vote { run, step, role, vote, saw, said: w.said() }
        }
        "approve" | "reject" => {
            let step = StepName::from(w.next());
            let found = world.ledger.run(run).unwrap();
            let shown = statement::digest(found, found.plan.step(&step).unwrap());
            let saw = if w.consent == Some("stale") { Digest::default() } else { shown };
            let role = w.options.get("role").map(|r| (*r).into());
            Command::Decide {
                run,
                step,
                role,
                yes: verb == "approve",
                reason: w.rest(),
                saw,
                said: w.said(),
                signed: None,
            }
        }
        "take" => {
            let epoch = w.options.get("epoch").map(|e| e.parse().unwrap());
            Command::TakeConn(run, epoch.unwrap_or(world.ledger.run(run).unwrap().epoch), w.rest())
        }
        "give" => match w.rest() {
            nobody if nobody.is_empty() => Command::GiveConn(run),
            person => Command::OfferConn(run, person.as_str().into()),
        },
        "hold-all" => {
            let until = w.options.get("until").map(|t| ground::start() + ground::span(t).delta());
            Command::Hold(Scope::All, w.rest(), until)
        }
        "hold-run" => Command::Hold(Scope::Run(run), w.rest(), None),
        "hold-target" => {
            let scope = Scope::Target(w.next().into(), w.next().into());
            Command::Hold(scope, w.rest(), None)
        }
        "adopt" => {
            let shown = rules::waiting(&given).map(|waiting| waiting.digest).unwrap_or_default();
            let saw = if w.consent == Some("stale") { Digest::default() } else { shown };
            Command::Adopt(saw, w.rest())
        }
        "lift" => Command::Lift(w.next().parse().unwrap(), w.rest()),
        "abort" => Command::Abort(run, w.rest()),
        "park" => Command::Park(run, w.rest()),
        "unpark" => Command::Unpark(run),
        "complete" => Command::Complete(run),
        "take-over" => {
            let text = w.rest();
            let (what, reason) = text.split_once(':').unwrap_or((&text, ""));
            Command::TakeOver(run, what.to_owned(), reason.to_owned())
        }
        "rollback" => {
            let from = world.ledger.run(run);
            let what = match w.next() {
                "set" => RollsBack::Set,
                service => RollsBack::One(service.into(), w.next().into()),
            };
            let to = w.options.get("to").map(|v| (*v).to_owned());
            let plan = rollback::plan(&given, from, &what, to.as_deref());
            let consent = w.agreed(plan.map(|p| p.digest()).unwrap_or_default());
            Command::RollBack { run: from.map(|r| r.id), what, to, symptom: w.rest(), consent }
        }
        // `do promote web prod how=full confirm it is well`
        "do" => {
            let word = w.next();
            let verb = Verb::ALL.into_iter().find(|v| v.word() == word).unwrap_or_else(|| panic!("no verb {word}"));
            let args = w.options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let what = OneOff { verb, service: w.next().into(), environment: w.next().into(), args };
            let consent = w.agreed(adhoc::plan(&given, &what).map(|p| p.digest()).unwrap_or_default());
            Command::Do { what, reason: w.rest(), consent }
        }
        "postpone" => Command::Postpone(run, w.next().into(), w.rest()),
        "disarm" => Command::Disarm(run, w.next().into(), w.rest()),
        "root-cause" => Command::RootCause(run, w.rest(), "code".to_owned()),
        "add" => {
            let name = w.next();
            let needs: Vec<_> = w.options.get("needs").into_iter().flat_map(|n| n.split(',')).collect();
            let step = ground::step(name, Kind::Manual, &needs, Work::Ask(Question::Done));
            Command::AddStep(run, Box::new(step), w.rest())
        }
        "add-deploy" => {
            let (name, op) = (w.next(), ground::operation(Verb::Deploy, w.next(), w.next()));
            Command::AddStep(run, Box::new(ground::step(name, Kind::Action, &[], Work::Do(op))), w.rest())
        }
        "close" => Command::Close(w.rest()),
        _ => {
            let step = StepName::from(w.next());
            let found = world.ledger.run(run);
            let saw = found.and_then(|r| Some(consent::digest(r, r.plan.step(&step)?))).unwrap_or_default();
            Command::Step(run, step, on_step(world, verb, saw, w))
        }
    }
}

fn on_step(world: &World, verb: &str, saw: Digest, mut w: Words<'_>) -> StepCommand {
    match verb {
        "start" => StepCommand::Start(w.agreed(saw)),
        "retry" => StepCommand::Retry(w.agreed(saw)),
        "done" => StepCommand::Done(w.rest()),
        "undo" => StepCommand::Undo,
        "fail" => StepCommand::Fail(w.rest()),
        "skip" => StepCommand::Skip(w.rest()),
        "hold" => StepCommand::Hold(w.rest()),
        "release" => {
            let ahead = w.options.get("agree").and_then(|name| {
                let run = world.ledger.run(w.run)?;
                let saw = consent::digest(run, run.plan.step(&(*name).into())?);
                Some(Consent { level: Confirmation::Challenge, saw, how: "typed".to_owned() })
            });
            StepCommand::Release(w.rest(), ahead)
        }
        "note" => StepCommand::Note(w.rest()),
        "waive" => StepCommand::Waive(w.rest()),
        "assign" => StepCommand::Assign(w.next().into()),
        "choose" => StepCommand::Choose(w.rest()),
        "probe" => StepCommand::Probe,
        "resolve" => {
            let resolution = match w.next() {
                "succeeded" => Resolution::Succeeded,
                "failed" => Resolution::Failed,
                "not-applied" => Resolution::NotApplied,
                other => panic!("no resolution: {other}"),
            };
            StepCommand::Resolve(resolution, w.rest())
        }
        other => panic!("no command: {other}"),
    }
}

/// The line that announced a step's newest operation, or `#LINE`: `1`, `2/R1`, `#7`.
pub fn intent(world: &World, text: &str) -> u64 {
    if let Some(line) = text.strip_prefix('#') {
        return line.parse().unwrap();
    }
    let (run, step) = text.split_once('/').unwrap_or(("1", text));
    let run = world.ledger.run(RunId(run.parse().unwrap())).unwrap();
    run.steps[step].intent.unwrap_or_else(|| panic!("step {text} was never sent"))
}

/// `1 done previous=1.0` · `1 not-done` · `1 partly 2 3` · `1 unknown` · `1 not-sent`.
pub fn report(world: &World, text: &str) -> (u64, Report) {
    let mut w = Words::of(text);
    let intent = intent(world, w.next());
    let why = || "as the test says".to_owned();
    let report = match w.next() {
        "done" => Report::Done(receipt(&w)),
        "not-done" => Report::NotDone { why: why(), output: None },
        "unknown" => Report::Unknown { why: why(), output: None },
        "not-sent" => Report::NotSent { why: why() },
        "partly" => {
            let (done, of) = (w.next().parse().unwrap(), w.next().parse().unwrap());
            Report::Partly { done, of, receipt: receipt(&w) }
        }
        other => panic!("no report: {other}"),
    };
    (intent, report)
}

/// `1 applied` · `1 not-applied` · `1 not-applied-so-far` · `1 unknown` · `1 partly 1 2`.
pub fn found(world: &World, text: &str) -> (u64, Found) {
    let mut w = Words::of(text);
    let intent = intent(world, w.next());
    let why = || "as the test says".to_owned();
    let found = match w.next() {
        "applied" => Found::Applied(receipt(&w)),
        "not-applied" => Found::NotApplied { r#final: true, why: why() },
        "not-applied-so-far" => Found::NotApplied { r#final: false, why: why() },
        "unknown" => Found::Unknown { why: why() },
        "partly" => {
            let (done, of) = (w.next().parse().unwrap(), w.next().parse().unwrap());
            Found::Partly { done, of, receipt: receipt(&w) }
        }
        other => panic!("no finding: {other}"),
    };
    (intent, found)
}

fn receipt(w: &Words<'_>) -> Receipt {
    let detail = w.options.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Receipt { summary: "ok".to_owned(), detail, output: None }
}

/// `window` · `window web@prod` · `health errors@prod` · `soak 20s errors@prod` · `approval qa:2` · `manual qa`; several with ` + ` between.
pub fn gate(text: &str) -> Gate {
    if text.contains(" + ") {
        return Gate::All(text.split(" + ").map(gate).collect());
    }
    let mut words = text.split_whitespace();
    let kind = words.next().unwrap_or_default();
    match kind {
        "window" => {
            let (service, environment) = words.next().and_then(|place| place.split_once('@')).unzip();
            Gate::Window { service: service.map(Into::into), environment: environment.map(Into::into) }
        }
        "health" => Gate::Health(words.map(ground::signal_at).collect()),
        "versions" => Gate::Versions(words.map(ground::signal_at).collect()),
        "soak" => {
            let hold_for = ground::span(words.next().unwrap());
            Gate::Soak { signals: words.map(ground::signal_at).collect(), hold_for }
        }
        "approval" => Gate::Approval(words.map(slot).collect()),
        "manual" => Gate::Manual { role: words.next().unwrap().into(), text: "it is so".to_owned() },
        other => panic!("no gate: {other}"),
    }
}

/// `qa:2`, or `qa` for one.
pub fn slot(text: &str) -> Slot {
    let (role, need) = text.split_once(':').unwrap_or((text, "1"));
    Slot { role: role.into(), need: need.parse().unwrap() }
}

/// `web prod 1.0 2.0`: the second is being rolled out beside the first.
pub fn canary(text: &str) -> Observation {
    let [service, place, version, candidate] = text.split(' ').collect::<Vec<_>>()[..] else { panic!("{text:?}") };
    let live =
        Deployment { version: version.to_owned(), candidate: Some(candidate.to_owned()), ..Deployment::default() };
    Observation::Deployment((service.into(), place.into()), live.into())
}

/// `errors@prod 1.0 8/1600 2.0 12/400`: bad events of all, version by version.
pub fn counts(text: &str) -> Observation {
    let mut words = text.split(' ');
    let at = ground::signal_at(words.next().unwrap());
    let mut counted = BTreeMap::new();
    while let Some(version) = words.next() {
        let (bad, all) = words.next().unwrap().split_once('/').unwrap();
        counted.insert(version.to_owned(), Counts { bad: bad.parse().unwrap(), all: all.parse().unwrap() });
    }
    Observation::Versions(at, Ok(counted))
}
