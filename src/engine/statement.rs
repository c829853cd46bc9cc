//! What a decision on a step is about, and whether a signed one is what it says.
//!
//! A question to people is about the whole run that it stands in, an approval of a single step about that step. The
//! text that is signed follows from that and the heading alone, so that another text is refused to the byte.

use super::run::{Run, StepState};
use super::{Given, rules};
use crate::domain::Timestamp;
use crate::domain::approval::Decision;
use crate::domain::digest::Digest;
use crate::domain::name::{PersonName, RoleName};
use crate::domain::plan::{Plan, Question, Step, Work};
use crate::domain::refusal::Refusal;
use crate::domain::signed::{Heading, Signed};
use crate::domain::span::Span;
use crate::domain::text::{shortened, visible};
use crate::domain::verdict::Rule;
use chrono::SubsecRound;
use std::fmt::{self, Write};

/// How far ahead of our clock a text may have been made.
const AHEAD: Span = Span::mins(1);
/// How long a text may count at most.
pub const LONGEST: Span = Span::mins(7 * 24 * 60);

/// So much of what a text says of itself is told of it when it is refused.
const SHOWN: usize = 60;

/// Digest of what a decision on a step is about.
pub fn digest(run: &Run, step: &Step) -> Digest {
    match step.work {
        Work::Ask(Question::Approval(_)) => Digest::of("change", &(run.id, &step.name, whole(run))),
        _ => step.digest(),
    }
}

/// Digest of the plan as it is now, steps that were added in it.
fn whole(run: &Run) -> Digest {
    *run.change.get(|| run.plan.digest())
}

/// A decision before it is signed.
pub struct Draft<'a> {
    /// Approve or reject.
    pub yes: bool,
    /// For which role.
    pub role: &'a RoleName,
    /// Whose decision it is.
    pub person: &'a PersonName,
    /// Why, in one line.
    pub reason: &'a str,
    /// How long it counts.
    pub lasts: Span,
}

/// The text for a person to sign.
pub fn text(given: &Given<'_>, run: &Run, step: &Step, draft: &Draft<'_>) -> String {
    let asked = given.now.trunc_subsecs(0);
    let heading = Heading {
        journal: journal(given),
        run: run.id,
        step: step.name.clone(),
        yes: draft.yes,
        role: draft.role.clone(),
        person: draft.person.clone(),
        reason: draft.reason.to_owned(),
        asked,
        until: asked + draft.lasts.delta(),
        change: digest(run, step),
    };
    heading.text(&body(run, step))
}

fn journal(given: &Given<'_>) -> String {
    given.ledger.journal.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// What is decided on, in words. The digest covers more of the plan than is told here, and not all that is told: who
/// started the run, and for one step the title of the plan, stand in the text alone, which is compared to the byte.
fn body(run: &Run, step: &Step) -> String {
    let plan = &run.plan;
    let mut out = String::new();
    match step.work {
        Work::Ask(Question::Approval(_)) => whole_body(run, plan, &mut out),
        _ => {
            line(&mut out, format_args!("This is about one step of run {}, {}:", run.id, plan.title));
            tell(step, &mut out);
        }
    }
    out
}

fn whole_body(run: &Run, plan: &Plan, out: &mut String) {
    let about = format_args!("run {}, {} (runbook {})", run.id, plan.title, plan.runbook);
    line(out, format_args!("This is about {about}, started by {}.", run.by));
    if let Some(release) = &plan.release {
        line(out, format_args!("It carries out release {release}:"));
    }
    for item in &plan.bill {
        let digest = item.digest.as_ref().map(|d| format!(" {d}")).unwrap_or_default();
        let commit = item.commit.as_ref().map(|c| format!(" commit {c}")).unwrap_or_default();
        line(out, format_args!("  {} {}{digest}{commit}", item.service, item.version));
    }
    line(out, format_args!("Its {} steps:", plan.steps.len()));
    plan.steps.iter().for_each(|step| tell(step, out));
    for trigger in &plan.triggers {
        let signals: Vec<_> = trigger.signals.iter().map(ToString::to_string).collect();
        line(out, format_args!("  trigger {} leads back on {}", trigger.name, signals.join(", ")));
    }
}

/// A line of its own, whatever is in it: nobody's title can look like another line.
fn line(out: &mut String, words: fmt::Arguments<'_>) {
    let _ = writeln!(out, "{}", visible(&words.to_string()));
}

fn tell(step: &Step, out: &mut String) {
    line(out, format_args!("  {}  {}", step.name, step.title));
    if let Some(operation) = step.operation() {
        line(out, format_args!("      sends {operation}"));
    }
    if step.point_of_no_return {
        line(out, format_args!("      cannot be taken back"));
    }
}

/// Checks that a signed decision may be taken down now: that it is what it says, and was not taken down before.
pub(super) fn admissible(
    given: &Given<'_>,
    run: &Run,
    step: &Step,
    state: &StepState,
    signed: &Signed,
) -> Result<Heading, Refusal> {
    let heading = genuine(given, run, step, signed).map_err(|why| {
        Refusal::one(Rule::Approval, format!("the signed decision on step {} counts for nothing: {why}", step.name))
    })?;
    let before = |d: &Decision| d.signed.as_ref().is_some_and(|earlier| earlier.text == signed.text);
    if state.taken.contains(&signed.digest()) || state.decisions.iter().any(before) {
        let text = format!("this text on step {} was taken down before; export it anew", step.name);
        return Err(Refusal::one(Rule::Approval, text));
    }
    // Texts are of whole seconds. A rejection of the same second as the word before it is the later one: it is
    // nobody's gain to play one again, and whoever says no is to be heard.
    let later = |at: Timestamp| if heading.yes { at >= heading.asked } else { at.trunc_subsecs(0) > heading.asked };
    let again = |d: &&Decision| d.person == heading.person && d.role == heading.role && later(d.at);
    let since = state.decisions.iter().rfind(again).map(|d| d.at);
    let since = since.into_iter().chain(state.retried.filter(|at| *at >= heading.asked)).max();
    match since {
        Some(at) => Err(Refusal::one(
            Rule::Approval,
            format!(
                "the text was made at {}, and {} of {} was decided on or asked anew at {}; export it anew",
                clock(heading.asked),
                step.name,
                heading.role,
                clock(at)
            ),
        )),
        None => Ok(heading),
    }
}

/// Why a decision that is said to be signed does not count now; nothing where it does.
pub(super) fn lapsed(given: &Given<'_>, run: &Run, step: &Step, decision: &Decision) -> Option<String> {
    let Some(signed) = &decision.signed else {
        return Some("it is called signed, and no signature is there".to_owned());
    };
    match genuine(given, run, step, signed) {
        Err(why) => Some(why),
        Ok(heading) => {
            let as_written = heading.yes == decision.yes
                && heading.role == decision.role
                && heading.person == decision.person
                && heading.reason == decision.reason;
            (!as_written).then(|| "what was signed is another decision than the journal says".to_owned())
        }
    }
}

/// The heading of a text that somebody signed with a key of theirs, about exactly this, and that has not expired.
fn genuine(given: &Given<'_>, run: &Run, step: &Step, signed: &Signed) -> Result<Heading, String> {
    let (heading, rest) = Heading::read(&signed.text).map_err(|unread| format!("its text cannot be read: {unread}"))?;
    let here = journal(given);
    if (heading.journal.as_str(), heading.run, &heading.step) != (here.as_str(), run.id, &step.name) {
        let [part, of] = [heading.step.as_str(), &heading.journal].map(|text| shortened(text, SHOWN));
        let there = format!("{}/{part} of journal {of}", heading.run);
        return Err(format!("it is about {there}, and this is {}/{} of {here}", run.id, step.name));
    }
    if heading.change != digest(run, step) {
        return Err("what was approved has changed since".to_owned());
    }
    if rest != body(run, step) || signed.text != heading.text(rest) {
        return Err(
            "its text is not the one that was made here: the digest is right and the words are others".to_owned()
        );
    }
    in_time(&heading, given.now)?;
    let key = signed.key().as_ref().map_err(ToString::to_string)?;
    if rules::signs(given, &heading.person, key) {
        return Ok(heading);
    }
    let person = shortened(heading.person.as_str(), SHOWN);
    Err(format!("the key {key} is not {person}'s by `keys` in holdpoint.toml and the rules in force"))
}

fn in_time(heading: &Heading, now: Timestamp) -> Result<(), String> {
    if heading.until <= now {
        return Err(format!("it counted until {}", clock(heading.until)));
    }
    if heading.asked > now + AHEAD.delta() {
        return Err(format!("its text is of {}, which is still to come", clock(heading.asked)));
    }
    if heading.until > heading.asked + LONGEST.delta() {
        return Err(format!("it would count for longer than {LONGEST}"));
    }
    Ok(())
}

fn clock(at: Timestamp) -> String {
    at.format("%FT%TZ").to_string()
}
