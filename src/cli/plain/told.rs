//! The state as a few plain sentences, and lists of steps and of what is seen.
//!
//! Text only, from the same judgements as the screens.

use super::{awaited, lists};
use crate::cli::session::Session;
use crate::cli::status;
use crate::domain::left_off;
use crate::domain::observed::Deployment;
use crate::domain::signal::SignalAt;
use crate::domain::span::Span;
use crate::domain::stages::Stages;
use crate::domain::verdict::Level;
use crate::domain::workspace::Purpose;
use crate::engine::run::{Phase, Run};
use crate::engine::show::{self, Word};
use crate::engine::{Given, cohorts, forecast, rules, signal};
use crate::report::forecast as words;

/// What is going on: how it stands, what waits, then the rest.
pub fn state(session: &Session) -> Vec<String> {
    let given = session.given();
    let mut told = vec![place(session)];
    let live: Vec<&Run> = given.ledger.runs.values().filter(|r| !r.ended()).collect();
    if live.is_empty() {
        let known: Vec<_> = given.workspace.runbooks.keys().map(ToString::to_string).collect();
        told.push(format!("No run is live. `run start NAME` starts one of: {}.", known.join(", ")));
    }
    live.iter().for_each(|run| told.extend(of_run(session, &given, run)));
    told.extend(awaited::holds(session).into_iter().map(|wait| wait.line));
    told.extend(
        given
            .ledger
            .holds
            .values()
            .map(|hold| format!("In force: {}. `lift {} WHY` lifts it.", status::hold_line(&given, hold), hold.id)),
    );
    told.extend(left_off::still_off(given.observed, given.now).iter().map(|off| format!("{}.", off.line())));
    if let Some(waiting) = rules::waiting(&given) {
        told.push(format!("The files loosened {}; `adopt WHY` lets it count.", waiting.what.join("; ")));
    }
    told.extend(signals(&given).into_iter().filter(|s| s.level >= Level::Warn && !s.guarded).map(|s| s.line));
    told
}

/// Where one stands, and who one is.
fn place(session: &Session) -> String {
    let kind = match session.workspace.purpose {
        Purpose::Real => "",
        Purpose::Rehearsal => ", a REHEARSAL",
        Purpose::Demo => ", a DEMO",
    };
    let at = session.given().now.format("%H:%M:%SZ");
    format!("{at}. Workspace {}{kind}. You are {}.", session.workspace.name, session.person())
}

fn of_run(session: &Session, given: &Given<'_>, run: &Run) -> Vec<String> {
    let all = forecast::forecast(given, run);
    let standing = forecast::standing(given, run, &all);
    let phase = match &run.phase {
        Phase::Parked(why) => format!("parked: {why}"),
        _ if run.takes_back() => "ROLLING BACK".to_owned(),
        _ => "live".to_owned(),
    };
    let (done, of) = run.progress();
    let mut told = vec![format!(
        "Run {}, {}, is {phase}. It stands {standing}: {}.",
        run.id,
        run.plan.title,
        words::why(given, run, &all)
    )];
    told.extend(awaited::of_run(session, run).into_iter().map(|wait| wait.line));
    told.push(format!("{done} of {of} steps are done. {}", conn(session, run)));
    let busy = |word: Word| matches!(word, Word::Running | Word::Verifying);
    told.extend(show::steps(given, run).filter(|s| busy(s.word)).map(|s| step(given, &s)));
    told.extend(lists::way_back(&all));
    told.extend(lists::no_way_back(session, run).into_iter().map(|(.., text)| text));
    let mine = session.ledger.driver(run) == Some(session.me());
    told.extend(lists::heavy_of(session, run).filter(|_| mine).map(|line| lists::in_the_way(&line)));
    told
}

fn conn(session: &Session, run: &Run) -> String {
    match (session.ledger.driver(run), &run.conn) {
        (Some(driver), _) if driver == session.me() => "You have the conn.".to_owned(),
        (Some(_), Some(conn)) => format!("{} has the conn.", conn.person),
        _ => "UNATTENDED: nothing goes on by itself until someone takes the conn; `take`.".to_owned(),
    }
}

/// Everything that waits for a person.
pub fn awaited(session: &Session) -> Vec<String> {
    let all: Vec<_> = awaited::all(session).into_iter().map(|wait| wait.line).collect();
    if all.is_empty() { vec!["Nothing waits for a person.".to_owned()] } else { all }
}

/// The steps of every live run, a sentence each: what matters now first, and how
/// many there are besides; every one in the plan's order when `all`.
pub fn steps(session: &Session, all: bool) -> Vec<String> {
    let given = session.given();
    let live = given.ledger.runs.values().filter(|r| !r.ended());
    let told: Vec<_> = live
        .flat_map(|run| {
            let mut steps: Vec<_> = show::steps(&given, run).collect();
            let (mut shown, mut ended) = (steps.len(), 0);
            if !all {
                steps.sort_by_key(|s| rank(s.word));
                ended = steps.iter().filter(|s| rank(s.word) == ENDED).count();
                shown = steps.iter().filter(|s| rank(s.word) < NEXT).count() + 3;
                steps.retain(|s| rank(s.word) < ENDED);
            }
            let later = steps.len().saturating_sub(shown);
            let lines = steps.iter().take(shown).map(|s| step(&given, s)).collect::<Vec<_>>();
            let rest = format!("{later} more come later and {ended} are over; `steps all` says every one.");
            let rest = Some(rest).filter(|_| later + ended > 0);
            std::iter::once(format!("Run {}, {}:", run.id, run.plan.title)).chain(lines).chain(rest)
        })
        .collect();
    if told.is_empty() { vec!["No run is live.".to_owned()] } else { told }
}

/// The rank of a step that waits only for others.
const NEXT: u8 = 4;
/// The rank of a step that is over.
const ENDED: u8 = 5;

/// How soon a step is told.
fn rank(word: Word) -> u8 {
    match word {
        Word::Failed | Word::InDoubt | Word::Partly => 0,
        Word::Running | Word::Verifying => 1,
        Word::Waiting | Word::Approval | Word::Ready => 2,
        Word::Held => 3,
        Word::Pending => NEXT,
        Word::Done | Word::Skipped | Word::RolledBack => ENDED,
    }
}

fn step(given: &Given<'_>, shown: &show::Shown<'_>) -> String {
    let owner = shown.step.owner.as_ref().map(|owner| format!(", by {owner}")).unwrap_or_default();
    let late = shown.due.filter(|_| shown.late());
    let late = late.map(|due| format!(", LATE: it was due {} ago", Span::between(due, given.now))).unwrap_or_default();
    let why: Vec<_> =
        shown.verdict.reasons.iter().filter(|_| !shown.verdict.passes()).map(ToString::to_string).collect();
    let pending = shown.word == Word::Pending;
    let why = if why.is_empty() || pending { String::new() } else { format!(": {}", why.join("; ")) };
    let title = shown.step.title.trim_end_matches(['.', '?']);
    format!("Step {}, {title}, {}{owner}{late}{why}.", shown.step.name, phrase(shown.word))
}

/// A step's word within a sentence.
const fn phrase(word: Word) -> &'static str {
    match word {
        Word::Pending => "comes after others",
        Word::Ready => "can be started",
        Word::Running => "is under way",
        Word::Verifying => "is being verified",
        Word::Waiting => "waits for a person",
        Word::Approval => "waits for people's word",
        Word::Held => "cannot start yet",
        Word::Done => "is done",
        Word::Skipped => "was left out",
        Word::RolledBack => "was taken back",
        Word::Partly => "is done only IN PART",
        Word::Failed => "FAILED",
        Word::InDoubt => "is IN DOUBT",
    }
}

/// What is live and how every signal is.
pub fn health(session: &Session) -> Vec<String> {
    let given = session.given();
    let live = given.observed.deployments().map(|((service, environment), seen)| {
        let age = Span::between(seen.at, given.now);
        format!("{service} in {environment}: {}, seen {age} ago.", deployed(seen.value))
    });
    let live: Vec<_> = live.collect();
    let grouped = cohorts::all(&given).into_iter().map(|one| {
        let said = one.cohorts.iter().map(|standing| format!("{} {}", standing.cohort, standing.spoken()));
        format!("Cohorts of {}: {}.", one.service, said.collect::<Vec<_>>().join("; "))
    });
    live.into_iter().chain(grouped).chain(signals(&given).into_iter().map(|s| s.line)).collect()
}

/// A deployment in a few words.
pub fn deployed(live: &Deployment) -> String {
    let weight = live.weight.map(|w| format!(" at {w} %")).unwrap_or_default();
    let candidate = live.candidate.as_ref().map(|c| format!(", {c}{weight}")).unwrap_or_default();
    let trouble = if live.trouble.is_empty() { String::new() } else { format!(", {}", live.trouble.join(", ")) };
    let stages: String = live.stages.iter().flat_map(Stages::told).map(|text| format!(", {text}")).collect();
    let off: String = live.left_off.iter().map(|off| format!(", {}", off.words())).collect();
    format!("{} {}{candidate}{trouble}{stages}{off}", live.version, live.state)
}

/// A signal at a place, as it is told.
pub struct Told {
    /// Which.
    pub at: SignalAt,
    /// Its level now.
    pub level: Level,
    /// Whether it is beyond a threshold, but not for its guard time: that may be a blip.
    pub guarded: bool,
    /// It in a line.
    pub line: String,
}

/// Every signal where it is declared, with its level and a line about it.
pub fn signals(given: &Given<'_>) -> Vec<Told> {
    let declared = given.workspace.signals.values();
    let places = declared.flat_map(|signal| {
        let place = |e: &_| SignalAt { signal: signal.name.clone(), environment: Clone::clone(e) };
        signal.environments.iter().map(move |e| (place(e), signal))
    });
    places
        .map(|(at, declared)| {
            let (verdict, evidence) = signal::judge(given.observed, Some(declared), &at, given.now);
            let value = evidence.value.map(|v| format!(" {}", declared.unit.show(v))).unwrap_or_default();
            // The reasons name the signal.
            let why: Vec<_> = verdict.reasons.iter().map(|r| r.text.clone()).collect();
            let why = if why.is_empty() { format!("{at}{value}") } else { why.join("; ") };
            let line = format!("Signal {}: {why}.", verdict.level);
            let guarded = why.ends_with(&format!(" of {}", declared.hold_for)) && why.contains(" for ");
            Told { guarded: verdict.level > Level::Pass && guarded, at, level: verdict.level, line }
        })
        .collect()
}
