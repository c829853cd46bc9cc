//! `approvals`, `approve`, `reject` and `vote`: what waits for people's word.
//!
//! A decision carries the digest of what was seen; when that has changed since,
//! it is refused.

use super::args::{Decision, Global, SpokenArgs, VoteWord};
use super::context::Context;
use super::outcome::{Ended, Exit, Failure};
use super::session::Session;
use super::{act, print, sign, status};
use crate::domain::approval::Vote;
use crate::domain::command::{Command, Said};
use crate::domain::digest::Digest;
use crate::domain::name::{RunId, StepName};
use crate::domain::observed::Observed;
use crate::engine::{Given, people, show, statement};
use crate::runtime::clock::now;

/// Prints what waits for approval or votes.
pub fn approvals(global: &Global) -> Ended {
    let context = Context::open(global)?;
    let ledger = status::ledger(&context)?;
    let observed = Observed::default();
    let given = Given { ledger: &ledger, workspace: &context.workspace, observed: &observed, now: now() };
    let mut found = Vec::new();
    for run in ledger.runs.values().filter(|r| !r.ended()) {
        let waiting = show::waiting(&given, run);
        found.extend(waiting.into_iter().filter(|w| w.word == show::Word::Approval).map(|w| (run, w)));
    }
    if global.json {
        let all = found.iter().map(|(run, w)| {
            let digest = run.plan.step(&StepName::new(&w.step)).map(|s| statement::digest(run, s));
            serde_json::json!({ "subject": format!("{}/{}", run.id, w.step), "title": w.title, "why": w.why, "since": w.since, "digest": digest })
        });
        print::json(&all.collect::<Vec<_>>());
        return Ok(Exit::Done);
    }
    if found.is_empty() {
        print::words("nothing waits for approval or votes");
    }
    let rows = found.iter().map(|(run, w)| {
        let digest = run.plan.step(&StepName::new(&w.step));
        let digest = digest.map(|s| statement::digest(run, s).short()).unwrap_or_default();
        let since = w.since.map(print::clock).unwrap_or_default();
        vec![format!("{}/{}", run.id, w.step), digest, since, w.title.clone(), w.why.clone()]
    });
    print::table(&rows.collect::<Vec<_>>());
    Ok(Exit::Done)
}

/// Approves or rejects each subject, in a decision of its own.
pub fn decide(global: &Global, asked: Decision, yes: bool) -> Ended {
    if sign::asked_for(&asked.signing) {
        return sign::decide(global, &asked, yes);
    }
    let context = Context::open(global)?;
    let mut session = Session::open(&context, if yes { "approve" } else { "reject" }, false)?;
    let ended = asked.subjects.iter().try_for_each(|subject| {
        let command = decision(&session, subject, &asked, yes)?;
        let seq = session.command(command)?;
        act::tell(&mut session, global, seq);
        Ok(())
    });
    session.close("done");
    ended.map(|()| Exit::Done)
}

/// The decision on one subject, of what stands there now.
pub fn decision(session: &Session, subject: &str, asked: &Decision, yes: bool) -> Result<Command, Failure> {
    let (run, step) = parse_subject(subject)?;
    let found = session.run(run)?;
    let shown = found.plan.step(&step).map(|s| statement::digest(found, s));
    let shown = shown.ok_or_else(|| Failure::usage(format!("run {run} has no step {step}")))?;
    Ok(Command::Decide {
        run,
        step,
        role: asked.role.as_deref().map(Into::into),
        yes,
        reason: asked.reason.clone(),
        saw: seen(asked.saw.as_deref(), shown)?,
        said: said(&asked.spoken),
        signed: None,
    })
}

/// What a vote says.
pub struct Voting {
    /// In one word.
    pub vote: VoteWord,
    /// For which role.
    pub role: String,
    /// The condition of go-if.
    pub condition: Option<String>,
    /// Whether that condition is met.
    pub met: bool,
    /// Digest of what was seen.
    pub saw: Option<String>,
    /// For a spoken vote.
    pub spoken: SpokenArgs,
}

/// Votes in a poll.
pub fn vote(global: &Global, run: u32, step: &str, voting: Voting) -> Ended {
    let context = Context::open(global)?;
    let mut session = Session::open(&context, "vote", true)?;
    session.look_at(RunId(run));
    let ended = ballot(&session, RunId(run), step, voting).and_then(|command| {
        let seq = session.command(command)?;
        act::tell(&mut session, global, seq);
        Ok(Exit::Done)
    });
    session.close("done");
    ended
}

/// The vote, on the evidence as it is now.
pub fn ballot(session: &Session, run: RunId, step: &str, voting: Voting) -> Result<Command, Failure> {
    let step = StepName::new(step);
    let vote = match (voting.vote, voting.condition) {
        (VoteWord::Go, _) => Vote::Go,
        (VoteWord::NoGo, _) => Vote::NoGo,
        (VoteWord::GoIf, Some(condition)) if voting.met => Vote::go_if(&condition).met(),
        (VoteWord::GoIf, Some(condition)) => Vote::go_if(&condition),
        (VoteWord::GoIf, None) => return Err(Failure::usage("go-if needs its condition: --if TEXT")),
    };
    let saw = seen(voting.saw.as_deref(), evidence(session, run, &step)?)?;
    Ok(Command::Vote { run, step, role: voting.role.as_str().into(), vote, saw, said: said(&voting.spoken) })
}

fn evidence(session: &Session, run: RunId, step: &StepName) -> Result<Digest, Failure> {
    let given = session.given();
    let found = session.run(run)?;
    let poll = found.plan.step(step).and_then(|s| people::poll(&given, found, s));
    poll.map(|p| p.evidence).ok_or_else(|| Failure::usage(format!("step {step} of run {run} is no poll")))
}

/// The digest that the operator saw, given in part or not at all.
pub fn seen(typed: Option<&str>, shown: Digest) -> Result<Digest, Failure> {
    match typed {
        None => Ok(shown),
        Some(text) if text.len() >= 8 && shown.to_string().starts_with(text) => Ok(shown),
        Some(text) => Err(Failure::failed(format!(
            "what you saw ({text}) is not what is there now ({}); look again",
            shown.short()
        ))),
    }
}

fn said(spoken: &SpokenArgs) -> Option<Said> {
    Some(Said {
        by: spoken.said_by.as_deref()?.into(),
        heard_by: spoken.heard_by.as_deref()?.into(),
        words: spoken.words.clone().unwrap_or_default(),
    })
}

/// RUN/STEP.
pub fn parse_subject(text: &str) -> Result<(RunId, StepName), Failure> {
    let wrong = || Failure::usage(format!("{text:?} is no subject; write RUN/STEP, such as 1/14"));
    let (run, step) = text.split_once('/').ok_or_else(wrong)?;
    Ok((RunId(run.parse().map_err(|_| wrong())?), StepName::new(step)))
}
