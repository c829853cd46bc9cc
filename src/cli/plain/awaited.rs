//! What waits for people, in sentences: whether it is one's own, else whose it is
//! and how to reach them, and the short lines that answer it.
//!
//! A line is offered only when the engine would take it from whoever sits here
//! now; the same words are listed by `help`.

use super::{back, whom, words};
use crate::cli::session::Session;
use crate::domain::approval::Vote;
use crate::domain::catalogue::Confirmation;
use crate::domain::command::{Command, Consent, StepCommand};
use crate::domain::name::RoleName;
use crate::domain::plan::{Question, Step, Work};
use crate::engine::people::{self, Ballot};
use crate::engine::run::{Run, State, TriggerState};
use crate::engine::show::{self, Waiting, Word};
use crate::engine::statement;
use crate::engine::{Given, asked, consent};

/// Something that waits.
pub struct Wait {
    /// The same as long as it is the same thing that waits for the same people.
    pub key: String,
    /// What it is, whose, and what to type.
    pub line: String,
    /// Whether people are asked for their word.
    pub word: bool,
    /// Before what it is told: what may hurt first, then one's own.
    rank: u8,
}

/// Everything that waits in a run, what may hurt first, then one's own.
pub fn of_run(session: &Session, run: &Run) -> Vec<Wait> {
    let given = session.given();
    let look = Look { session, given, run };
    let triggers = run.plan.triggers.iter().filter_map(|trigger| {
        let state = run.triggers.get(&trigger.name)?;
        let (acts_at, why) = match state {
            TriggerState::Tripped { acts_at, .. } => (*acts_at, String::new()),
            TriggerState::Proposed { why, .. } => (None, format!(" It did not act: {why}.")),
            _ => return None,
        };
        let line = format!("{}{why}", back::trips(session, run, trigger, acts_at));
        let key = format!("{} trigger {} {}", run.id, trigger.name, acts_at.is_some());
        Some(Wait { key, line, word: false, rank: 0 })
    });
    let steps = show::waiting(&given, run).into_iter().filter_map(|waiting| look.step(&waiting));
    let mut all: Vec<_> = triggers.chain(steps).collect();
    all.sort_by_key(|wait| wait.rank);
    all
}

/// Holds whose time is over.
pub fn holds(session: &Session) -> Vec<Wait> {
    let given = session.given();
    let late = given.ledger.holds.values().filter(|h| given.ledger.overdue.contains_key(&h.id));
    let all = late.map(|hold| {
        let line = format!(
            "Hold {} on {} by {} is PAST ITS TIME: {}. `lift {} WHY` lifts it.",
            hold.id, hold.scope, hold.by, hold.reason, hold.id
        );
        Wait { key: format!("hold {}", hold.id), line, word: false, rank: 2 }
    });
    all.collect()
}

/// Everything that waits for somebody.
pub fn all(session: &Session) -> Vec<Wait> {
    let live = session.ledger.runs.values().filter(|r| !r.ended());
    live.flat_map(|run| of_run(session, run)).chain(holds(session)).collect()
}

/// A run, and who looks at it.
#[derive(Clone, Copy)]
struct Look<'a> {
    session: &'a Session,
    given: Given<'a>,
    run: &'a Run,
}

/// What is said of a step.
struct Said {
    text: String,
    /// What makes it another thing to wait for.
    key: String,
    rank: u8,
}

impl Said {
    fn of(text: String, mine: bool) -> Self {
        Self { text, key: String::new(), rank: if mine { 1 } else { 3 } }
    }
}

impl Look<'_> {
    fn step(self, waiting: &Waiting) -> Option<Wait> {
        let step = self.run.plan.steps.iter().find(|s| s.name.as_str() == waiting.step)?;
        let said = match (self.run.state(&step.name), waiting.word, &step.work) {
            (State::Failed(_) | State::Partly(..), ..) => self.failed(step, &waiting.why),
            (State::InDoubt(_), ..) => self.in_doubt(step, &waiting.why),
            (_, Word::Approval, Work::Ask(Question::Poll { .. })) => self.poll(step)?,
            (_, Word::Approval, _) => self.approval(step, &waiting.why),
            (_, Word::Ready, _) => self.ready(step),
            (_, Word::Waiting, Work::Ask(Question::Release { roles, .. })) => self.release(step, roles),
            (_, Word::Waiting, Work::Ask(Question::Choice { branches })) => self.choice(step, branches),
            (_, Word::Waiting, _) => self.by_hand(step),
            _ => self.held(step, &waiting.why),
        };
        let said = if waiting.word == Word::Approval { said } else { self.given(step, said) };
        Some(Wait {
            key: format!("{} {} {:?} {}", self.run.id, step.name, waiting.word, said.key),
            line: format!("{} {}", self.name(step), said.text),
            word: waiting.word == Word::Approval,
            rank: said.rank,
        })
    }

    /// `Step 3, Silence the alerts,`, with its run where there are several.
    fn name(self, step: &Step) -> String {
        let several = self.session.ledger.runs.values().filter(|r| !r.ended()).count() > 1;
        let of = if several { format!(" of run {}", self.run.id) } else { String::new() };
        format!("Step {}{of}, {},", step.name, step.title.trim_end_matches(['.', '?', ',']))
    }

    /// How a step is named at the prompt.
    fn at(self, step: &Step) -> String {
        words::short(self.session, self.run.id, &step.name)
    }

    /// Whether this would be taken from here now.
    fn may(self, command: &Command) -> bool {
        match command {
            Command::Step(_, _, StepCommand::Start(_) | StepCommand::Retry(_)) => {
                self.session.preview_driving(self.run.id, command).is_ok()
            }
            _ => self.session.preview(command).is_ok(),
        }
    }

    fn may_step(self, step: &Step, command: StepCommand) -> bool {
        self.may(&Command::Step(self.run.id, step.name.clone(), command))
    }

    fn agreed(self, step: &Step) -> Option<Consent> {
        let saw = consent::digest(self.run, step);
        step.operation().map(|_| Consent { level: Confirmation::Challenge, saw, how: String::new() })
    }

    /// `skip` with what it means, where it would be taken.
    fn skip(self, step: &Step) -> Option<String> {
        let may = step.may_skip && self.may_step(step, StepCommand::Skip("why".to_owned()));
        let says = "leaves it out, and says first what that passes by and what then begins";
        may.then(|| format!("`skip {} WHY` {says}", self.at(step)))
    }

    /// The ways out of a failure, the safest first.
    fn failed(self, step: &Step, why: &str) -> Said {
        let at = self.at(step);
        let mut ways = Vec::new();
        let mut ahead = String::new();
        if let Some((service, environment)) = step.target() {
            match back::begun(self.session, service.as_str(), environment.as_str()).filter(|run| !run.ended()) {
                Some(back) => ahead = format!(" Run {} is taking it back: nothing need be done.", back.id),
                None => {
                    let answer = back::answers(self.run, service, environment);
                    if let Some((trigger, TriggerState::Armed)) = answer {
                        ahead = format!(" And {}.", back::watches(self.run, trigger));
                    }
                    let to = self.run.previous(service, environment);
                    if to.is_some() && people::may_roll_back(&self.given, &self.session.actor).is_ok() {
                        let to = to.map(|to| format!(" goes back to {to}")).unwrap_or_default();
                        ways.push(format!("`rollback {service} {environment} WHY`{to}"));
                    }
                }
            }
        }
        if self.may_step(step, StepCommand::Retry(self.agreed(step))) {
            ways.push(format!("`retry {at}` tries it once more"));
        }
        ways.extend(self.skip(step));
        let ways = match ways.as_slice() {
            [] => whose(self.session, step),
            ways => format!(" Ways out, the safest first: {}.", ways.join("; ")),
        };
        let why = why.strip_prefix("failed: ").unwrap_or(why);
        Said { text: format!("FAILED: {why}.{ahead}{ways}"), key: String::new(), rank: 0 }
    }

    fn in_doubt(self, step: &Step, why: &str) -> Said {
        let at = self.at(step);
        let text = format!(
            "is IN DOUBT: {why}. `probe {at}` asks the backend what became of it; once you have looked yourself, \
             `resolve {at} succeeded WHY`, `resolve {at} failed WHY` or `resolve {at} not-applied WHY`."
        );
        Said { text, key: String::new(), rank: 0 }
    }

    /// The same of a step that somebody else was given: it is theirs to do, whoever else may.
    /// What is decided is its roles' all the same, and of a failure the ways out come first.
    fn given(self, step: &Step, said: Said) -> Said {
        if matches!(step.work, Work::Ask(Question::Release { .. } | Question::Choice { .. })) {
            return said;
        }
        let Some(other) = people::given_to_another(self.run, step, self.session.person()) else { return said };
        if matches!(self.run.state(&step.name), State::Failed(_) | State::Partly(..)) {
            let text = format!("{} It was given to {}.", said.text, whom::person(self.session, other));
            return Said { text, key: format!("{} {other}", said.key), ..said };
        }
        let text = format!("was given to {}, who does it. It {}", whom::person(self.session, other), said.text);
        Said { text, key: format!("{} {other}", said.key), rank: if said.rank == 1 { 3 } else { said.rank } }
    }

    fn ready(self, step: &Step) -> Said {
        let mine = self.may_step(step, StepCommand::Start(self.agreed(step)));
        let text = match mine {
            true => format!("can be started by you: `start {}`.", self.at(step)),
            false => format!("can be started, but not by you.{}", whose(self.session, step)),
        };
        Said::of(text, mine)
    }

    fn by_hand(self, step: &Step) -> Said {
        let mine = self.may_step(step, StepCommand::Done(String::new()));
        let (at, instructions) = (self.at(step), sentence(&step.instructions));
        let Some(owner) = step.owner.as_ref() else {
            return Said::of(format!("is anyone's.{instructions} Once it is done: `done {at}`."), mine);
        };
        let owns = whom::owns(self.session, owner);
        let reached = match owns.as_str() {
            "you" => String::new(),
            _ if mine => whom::first(self.session, owner).map(|first| format!(" Reach {first}.")).unwrap_or_default(),
            _ => format!(" {}.", whom::reached(self.session, owner)),
        };
        let answer = match mine {
            true => format!(" Once it is really done: `done {at}`; if it cannot be: `fail {at} WHY`."),
            false => " You cannot say it for them.".to_owned(),
        };
        let text = format!("is done by hand, and is {owner}'s: {owns}.{instructions}{reached}{answer}");
        Said::of(text, mine)
    }

    fn release(self, step: &Step, roles: &[RoleName]) -> Said {
        let (at, instructions) = (self.at(step), sentence(&step.instructions));
        let mine = self.may_step(step, StepCommand::Release("why".to_owned(), None));
        let text = match mine {
            true => format!(
                "is a hold point: nothing behind it starts until it is released.{instructions} You may release it: `release {at} WHY`."
            ),
            false => {
                let reached: Vec<_> = roles.iter().map(|role| whom::reached(self.session, role)).collect();
                format!("is a hold point, and you cannot release it.{instructions} Ask {}.", reached.join("; "))
            }
        };
        Said::of(text, mine)
    }

    fn choice(self, step: &Step, branches: &[String]) -> Said {
        let at = self.at(step);
        let first = branches.first().cloned().unwrap_or_default();
        let mine = self.may_step(step, StepCommand::Choose(first));
        let choices: Vec<_> = branches.iter().map(|branch| format!("`choose {at} {branch}`")).collect();
        // What is not about people's answers, and is still to come.
        let ahead = self.run.plan.steps.iter().filter(|s| !matches!(s.work, Work::Ask(_)) && s.work != Work::Mark);
        let ahead = ahead.filter(|s| !self.run.state(&s.name).ended()).count();
        let early = match ahead {
            0 => String::new(),
            1 => " NOT YET: 1 step is still to come.".to_owned(),
            n => format!(" NOT YET: {n} steps are still to come."),
        };
        let answer = match mine {
            true => format!(" Then: {}.", choices.join(" or ")),
            false => whose(self.session, step),
        };
        let text = format!("is to be answered.{}{early}{answer}", sentence(&step.instructions));
        Said { text, key: String::new(), rank: 4 }
    }

    fn held(self, step: &Step, why: &str) -> Said {
        let (run, at) = (self.run, self.at(step));
        let holds = self.given.ledger.holds.values().filter(|h| h.stops(run.id, &step.name, step.operation()));
        let lifts = holds.filter(|h| self.may(&Command::Lift(h.id, "why".to_owned())));
        let mut ways: Vec<_> = lifts.map(|h| format!("`lift {} WHY`", h.id)).collect();
        let asks = !asked::slots(&self.given, self.run, step).is_empty();
        ways.extend((asks && self.may_approve(step)).then(|| format!("`approve {at}`")));
        let mine = !ways.is_empty();
        let ways = if mine { format!(" {}.", ways.join(" or ")) } else { String::new() };
        Said::of(format!("cannot start yet: {why}.{ways}"), mine)
    }

    fn may_approve(self, step: &Step) -> bool {
        let (run, step, saw) = (self.run.id, step.name.clone(), statement::digest(self.run, step));
        let (role, reason) = (None, String::new());
        self.may(&Command::Decide { run, step, role, yes: true, reason, saw, said: None, signed: None })
    }

    fn approval(self, step: &Step, why: &str) -> Said {
        let at = self.at(step);
        if self.may_approve(step) {
            let text = format!("waits for your approval: `approve {at}` or `reject {at} WHY`. It needs {why}.");
            return Said::of(text, true);
        }
        let slots = match &step.work {
            Work::Ask(Question::Approval(slots)) => slots.iter().map(|slot| slot.role.clone()).collect(),
            _ => asked::slots(&self.given, self.run, step).into_iter().map(|slot| slot.role).collect::<Vec<_>>(),
        };
        let spoken = slots.iter().find_map(|role| self.spoken(role, &at, "approve"));
        let reached: Vec<_> = slots.iter().map(|role| whom::reached(self.session, role)).collect();
        let skip = self.skip(step).map(|skip| format!(" {skip}.")).unwrap_or_default();
        let text = format!(
            "needs {why}, and you cannot give it. Ask {}.{}{skip}",
            reached.join("; "),
            spoken.unwrap_or_default()
        );
        Said::of(text, false)
    }

    /// How somebody's spoken word is typed, where it counts.
    fn spoken(self, role: &RoleName, at: &str, word: &str) -> Option<String> {
        self.session.workspace.roles.get(role).filter(|role| role.spoken)?;
        let sayer = whom::others(self.session, role).next()?;
        Some(format!(
            " What {sayer} tells you, if somebody else hears it too, you may type: \
             `spoken {at} {word} {sayer} heard by NAME WORDS`."
        ))
    }

    fn poll(self, step: &Step) -> Option<Said> {
        let poll = people::poll(&self.given, self.run, step)?;
        let at = self.at(step);
        let votes = |role: &RoleName| {
            let (run, step, vote) = (self.run.id, step.name.clone(), Vote::Go);
            self.may(&Command::Vote { run, step, role: role.clone(), vote, saw: poll.evidence, said: None })
        };
        let missing: Vec<_> = poll
            .ballots
            .iter()
            .filter(|(.., b)| matches!(b, Ballot::Silent | Ballot::Stale))
            .map(|(r, ..)| *r)
            .collect();
        let (mine, others): (Vec<&RoleName>, Vec<&RoleName>) = missing.into_iter().partition(|role| votes(role));
        let mut text = Vec::new();
        for role in &mine {
            let stale = poll.ballots.iter().any(|(r, _, ballot)| r == role && *ballot == Ballot::Stale);
            let again = if stale { " again, for the evidence has changed" } else { "" };
            let flag = if mine.len() > 1 { format!(" --role {role}") } else { String::new() };
            text.push(format!(
                "waits for your vote for {role}{again}: `vote {at} go{flag}` or `vote {at} no-go{flag}`."
            ));
        }
        for (role, cast, ballot) in &poll.ballots {
            let who = cast.map(|cast| cast.person.to_string()).unwrap_or_default();
            match ballot {
                Ballot::NoGo => text.push(format!("{who} says NO-GO for {role}.")),
                Ballot::GoIf(condition) => text.push(format!("{who} says go for {role} if {condition}.")),
                _ => {}
            }
        }
        let also = if text.is_empty() { "waits" } else { "It also waits" };
        text.extend(self.silent(&others, &at).map(|silent| format!("{also} for {silent}")));
        if let Some(closes) = poll.closes.filter(|_| !others.is_empty()) {
            text.push(format!("Silence is NO-GO when it closes at {}.", closes.format("%H:%M:%SZ")));
        }
        if mine.is_empty() {
            text.extend(self.skip(step).map(|skip| format!("{skip}.")));
        }
        let few: Vec<_> = others.iter().filter(|_| others.len() < 2).map(|role| role.as_str()).collect();
        let key = format!("{} {}", mine.len(), few.join(" "));
        Some(Said { key, ..Said::of(text.join(" "), !mine.is_empty()) })
    }

    /// Who has not voted: all by name, one or two with how to reach them.
    fn silent(self, others: &[&RoleName], at: &str) -> Option<String> {
        if others.is_empty() {
            return None;
        }
        if others.len() > 2 {
            let named = others.iter().map(|role| format!("{role} ({})", whom::names(self.session, role)));
            let named = named.collect::<Vec<_>>().join(", ");
            return Some(format!("the votes of {named}; you cannot vote for them."));
        }
        let reached: Vec<_> = others.iter().map(|role| whom::reached(self.session, role)).collect();
        let spoken = others.iter().find_map(|role| self.spoken(role, at, "go")).unwrap_or_default();
        let whose = match others {
            [one] => one.to_string(),
            _ => "them".to_owned(),
        };
        Some(format!("{}; you cannot vote for {whose}.{spoken}", reached.join("; and for ")))
    }
}

/// Whose a step is and how to reach them, as a sentence.
fn whose(session: &Session, step: &Step) -> String {
    let roles = step.owner.iter().chain(&step.backup);
    let reached: Vec<_> = roles.map(|role| whom::reached(session, role)).collect();
    if reached.is_empty() { String::new() } else { format!(" Ask {}.", reached.join("; or ")) }
}

fn sentence(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    if text.is_empty() { String::new() } else { format!(" {text}.") }
}
