//! What waivers do: which rules do not hold a run back now, and whose word that takes.
//!
//! The word of whoever granted one is judged again whenever it would let something through, by who fills the role then.
//! Rules that were loosened while a run is under way ask for everyone's leave that they asked for before.

use super::people::{self, Word as Way};
use super::run::Run;
use super::{Given, policy, rules};
use crate::domain::Timestamp;
use crate::domain::calendar::{Calendar, EventKind};
use crate::domain::name::{PolicyName, RoleName, RunId};
use crate::domain::person::Actor;
use crate::domain::verdict::{Level, Reason, Rule, Verdict};
use crate::domain::waiver::{Emergency, Waiver, Waives, Word};

/// What holds something back, as waivers name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held<'a> {
    /// A rule of `policy/`.
    Policy(&'a PolicyName),
    /// A freeze of the files.
    Freeze(&'a str),
    /// A window of the files.
    Window(&'a str),
    /// What nobody waives for itself: windows that backends tell, and what is not known.
    Told,
}

/// Makes a warning of what does not pass where a waiver of the run is in force.
pub(super) fn lift(
    given: &Given<'_>,
    run: Option<RunId>,
    at: Timestamp,
    held: Held<'_>,
    mut verdict: Verdict,
) -> Verdict {
    let Some(waiver) = run.filter(|_| !verdict.passes()).and_then(|run| of(given, run, at, held)) else {
        return verdict;
    };
    let words = told(waiver);
    for reason in &mut verdict.reasons {
        reason.text = format!("{}, {words}", reason.text);
        reason.opens = None;
    }
    Verdict { level: Level::Warn, ..verdict }
}

/// The waiver in force that lets a run pass by what holds it.
pub(super) fn of<'a>(given: &Given<'a>, run: RunId, at: Timestamp, held: Held<'_>) -> Option<&'a Waiver> {
    let mine = given.ledger.waivers.values().filter(|waiver| waiver.run == run && lifts(&waiver.of, held));
    mine.filter(|waiver| waiver.on(at)).find(|waiver| counts(given, waiver).is_ok())
}

/// Every waiver of the ledger that is in force now, by number.
pub fn in_force<'a>(given: &Given<'a>) -> impl Iterator<Item = &'a Waiver> + use<'a> {
    let given = *given;
    let on = given.ledger.waivers.values().filter(move |waiver| waiver.on(given.now));
    on.filter(move |waiver| counts(&given, waiver).is_ok())
}

/// When waivers of a run end, each an instant at which a judgement turns.
pub(super) fn edges(given: &Given<'_>, run: Option<RunId>) -> impl Iterator<Item = Timestamp> {
    given
        .ledger
        .waivers
        .values()
        .filter(move |waiver| Some(waiver.run) == run && waiver.ended.is_none())
        .map(|w| w.until)
}

fn lifts(of: &Waives, held: Held<'_>) -> bool {
    match (of, held) {
        (Waives::Emergency, _) => true,
        (Waives::Policy(name), Held::Policy(held)) => name == held,
        (Waives::Freeze(name), Held::Freeze(held)) | (Waives::Window(name), Held::Window(held)) => name == held,
        _ => false,
    }
}

/// A waiver in words: until when, by whose word, and why.
pub fn told(waiver: &Waiver) -> String {
    let until = waiver.until.format("%H:%M:%SZ");
    let by = waiver.granted.as_ref().map_or(&waiver.asked.by, |granted| &granted.by);
    match waiver.of {
        Waives::Emergency => {
            let with = if *by == waiver.asked.by { String::new() } else { format!(" with {by}") };
            format!("EMERGENCY until {until} by {}{with}: {}", waiver.asked.by, waiver.reason)
        }
        _ => format!("waived until {until} by {by}: {}", waiver.reason),
    }
}

/// Whether the words that a waiver rests on count now.
///
/// # Errors
/// Why they do not.
pub(super) fn counts(given: &Given<'_>, waiver: &Waiver) -> Result<(), Reason> {
    let Some(run) = given.ledger.run(waiver.run).filter(|run| !run.ended()) else {
        return Err(Reason::new(Rule::State, format!("run {} has ended", waiver.run)));
    };
    let Some(word) = &waiver.granted else {
        return Err(Reason::new(Rule::Approval, format!("nobody has granted waiver {}", waiver.id)));
    };
    if waiver.of == Waives::Emergency {
        declares(given, &waiver.asked)?;
    }
    grants(given, run, waiver, word)
}

/// Whether somebody may declare an emergency.
///
/// # Errors
/// Why not.
pub(super) fn declares(given: &Given<'_>, word: &Word) -> Result<(), Reason> {
    let roles = common(emergencies(given).map(|declared| declared.map(|e| e.declared_by.as_slice())));
    if roles.is_empty() {
        let text = "nobody may declare an emergency here; `[emergency]` of holdpoint.toml names who may";
        return Err(Reason::new(Rule::Authority, text));
    }
    speaks(given, word, &roles, "an emergency is declared by")
}

/// Whether somebody's word grants a waiver.
///
/// # Errors
/// Why not.
pub(super) fn grants(given: &Given<'_>, run: &Run, waiver: &Waiver, word: &Word) -> Result<(), Reason> {
    let roles = granted_by(given, &waiver.of);
    if waiver.of == Waives::Emergency && alone(given) && word.by == waiver.asked.by {
        return Ok(());
    }
    let no = |text: String| Err(Reason::new(Rule::Separation, text));
    if word.by == waiver.asked.by {
        return no(format!("{} asked for waiver {} and cannot grant it", word.by, waiver.id));
    }
    if waiver.of != Waives::Emergency && people::excluded(run, None).any(|person| *person == word.by) {
        return no(format!("{} started or drives run {}, or has driven it, and cannot waive for it", word.by, run.id));
    }
    speaks(given, word, &roles, &format!("{} is waived by", waiver.of))
}

/// Whether somebody may review a waiver: not who asked for it, nor who granted it.
///
/// # Errors
/// Why not.
pub(super) fn reviews(given: &Given<'_>, waiver: &Waiver, word: &Word) -> Result<(), Reason> {
    if word.by == waiver.asked.by || waiver.granted.as_ref().is_some_and(|granted| granted.by == word.by) {
        let text = format!("{} asked for or granted waiver {}, and a further person reviews it", word.by, waiver.id);
        return Err(Reason::new(Rule::Separation, text));
    }
    let roles = reviewed_by(given, &waiver.of);
    // Its rule may be gone by then, and a debt that nobody could pay would stay for ever.
    if roles.is_empty() { Ok(()) } else { speaks(given, word, &roles, "it is reviewed by") }
}

/// The roles that review a waiver afterwards.
pub fn reviewed_by(given: &Given<'_>, of: &Waives) -> Vec<RoleName> {
    match of {
        Waives::Emergency => common(emergencies(given).map(|declared| declared.map(|e| e.reviewed_by.as_slice()))),
        of => granted_by(given, of),
    }
}

/// The roles whose word waives something, by everything in force; none where nobody's does.
pub fn granted_by(given: &Given<'_>, of: &Waives) -> Vec<RoleName> {
    match of {
        Waives::Policy(name) => {
            let rules = policy::in_force(given).filter_map(|rules| rules.get(name));
            common(rules.map(|rule| Some(rule.waived_by.as_slice())))
        }
        Waives::Freeze(name) => of_events(given, EventKind::Freeze, name),
        Waives::Window(name) => of_events(given, EventKind::Window, name),
        // Whoever asks for nobody does not let go of whom the others ask for.
        Waives::Emergency => common(
            emergencies(given).flatten().map(|e| &e.second).filter(|l| !l.is_empty()).map(|l| Some(l.as_slice())),
        ),
    }
}

/// Whether an emergency holds by the word of whoever declares it, by everything in force.
pub fn alone(given: &Given<'_>) -> bool {
    emergencies(given).all(|declared| declared.is_some_and(|declared| declared.second.is_empty()))
}

/// The longest that an emergency lasts, by everything in force; none where there may be none.
pub fn emergency(given: &Given<'_>) -> Option<Emergency> {
    let strictest = emergencies(given).collect::<Option<Vec<_>>>()?.into_iter().min_by_key(|e| e.longest)?;
    Some(strictest.clone())
}

fn emergencies<'a>(given: &Given<'a>) -> impl Iterator<Item = Option<&'a Emergency>> {
    let kept = given.ledger.rules.iter().map(|rules| rules.emergency.as_ref());
    std::iter::once(given.workspace.emergency.as_ref()).chain(kept)
}

fn of_events(given: &Given<'_>, kind: EventKind, name: &str) -> Vec<RoleName> {
    let kept = given.ledger.rules.iter().map(|rules| &rules.calendar);
    let calendars = std::iter::once(&given.workspace.calendar).chain(kept);
    let named = |calendar: &'_ Calendar| calendar.events.iter().position(|e| e.kind == kind && e.name == name);
    let events = calendars.filter_map(|calendar| calendar.events.get(named(calendar)?));
    common(events.map(|event| Some(event.waived_by.as_slice())))
}

/// The roles that each of several lists names.
fn common<'a>(lists: impl Iterator<Item = Option<&'a [RoleName]>>) -> Vec<RoleName> {
    let mut lists = lists.map(Option::unwrap_or_default);
    let mut roles = lists.next().unwrap_or_default().to_vec();
    lists.for_each(|list| roles.retain(|role| list.contains(role)));
    roles
}

/// Whether a person's word counts for any of the roles.
fn speaks(given: &Given<'_>, word: &Word, roles: &[RoleName], what: &str) -> Result<(), Reason> {
    let actor = Actor { person: word.by.clone(), proof: word.proof, session: word.session };
    let fills = roles.iter().filter(|role| rules::fills(given, &word.by, role));
    let tried: Vec<_> = fills.map(|role| people::speaker(given, &actor, role, Way::Typed)).collect();
    if tried.iter().any(Result::is_ok) {
        return Ok(());
    }
    if let Some(reason) = tried.into_iter().filter_map(Result::err).flatten().next() {
        return Err(reason);
    }
    let names: Vec<_> = roles.iter().map(RoleName::as_str).collect();
    let names = if names.is_empty() { "nobody".to_owned() } else { names.join(" or ") };
    Err(Reason::new(Rule::Authority, format!("{what} {names}; {} fills none of these", word.by)))
}
