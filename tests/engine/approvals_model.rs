//! Random sequences of what people do to an approval, beside a model that was written from the book alone.
//!
//! Two steps wait: the first for a gate of its own, the second as an approval of the whole run. People type and sign,
//! take back, bring texts late, again and with others' keys; files gain and lose people, proofs, keys and logins, and
//! are adopted; steps are added, the conn goes to another. After each move both say who counts and what is let through.

use crate::ground;
use crate::signed::{approval, fingerprint, signature, slot};
use crate::world::World;
use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::domain::approval::Slot;
use holdpoint::domain::command::{Command, StepCommand};
use holdpoint::domain::gate::Gate;
use holdpoint::domain::person::Proof;
use holdpoint::domain::plan::{Kind, Question, Start, Step, Work};
use holdpoint::domain::signed::Signed;
use holdpoint::domain::verdict::Level;
use holdpoint::engine::run::State;
use holdpoint::engine::{people, rules, statement};
use std::collections::{BTreeMap, BTreeSet};

const PEOPLE: [&str; 5] = ["tom", "sam", "bo", "kim", "ana"];
const ROLES: [&str; 3] = ["qa", "ops", "business"];
/// Those whose keys and logins the files may change; the others start, drive or are given a step.
const CHANGED: [&str; 3] = ["tom", "sam", "bo"];

/// Randomness that a seed says again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % n
    }
    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

/// What the files say of people.
#[derive(Clone, PartialEq)]
struct Files {
    fill: BTreeSet<(&'static str, &'static str)>,
    signed: BTreeSet<&'static str>,
    keys: BTreeSet<(&'static str, u8)>,
    logins: BTreeSet<&'static str>,
}

/// A word that was taken down.
#[derive(Clone)]
struct Word {
    person: &'static str,
    role: &'static str,
    yes: bool,
    version: u32,
    at: DateTime<Utc>,
    signed: Option<(u8, DateTime<Utc>)>,
}

/// A text that somebody signed, and that may be brought.
#[derive(Clone)]
struct Text {
    step: usize,
    word: Word,
    asked: DateTime<Utc>,
    lasts: TimeDelta,
    key: u8,
    text: String,
}

/// The book, once more.
struct Model {
    slots: [Vec<(&'static str, u32)>; 2],
    /// Since the run began or somebody adopted: all of them bind.
    files: Vec<Files>,
    words: [Vec<Word>; 2],
    taken: BTreeSet<String>,
    excluded: BTreeSet<&'static str>,
    given: BTreeSet<&'static str>,
    versions: u32,
    driver: &'static str,
    closed: bool,
}

impl Model {
    fn now(&self) -> &Files {
        self.files.last().unwrap()
    }
    fn all(&self, holds: impl Fn(&Files) -> bool) -> bool {
        self.files.iter().all(holds)
    }
    fn fills(&self, person: &'static str, role: &'static str) -> bool {
        self.all(|files| files.fill.contains(&(role, person)))
    }
    fn signs(&self, person: &'static str, key: u8) -> bool {
        self.all(|files| files.keys.contains(&(person, key)))
    }
    /// Only what is about the whole run changes with it.
    fn version(&self, step: usize) -> u32 {
        if step == 1 { self.versions } else { 0 }
    }
    fn out(&self, step: usize) -> impl Iterator<Item = &'static str> + use<'_> {
        self.excluded.iter().chain(self.given.iter().filter(move |_| step == 0)).copied()
    }

    fn takes_typed(&self, step: usize, word: &Word) -> bool {
        let signs = self.files.iter().any(|files| files.signed.contains(word.role));
        self.open(step)
            && self.asks(step, word.role)
            && self.fills(word.person, word.role)
            && !signs
            && self.all(|files| files.logins.contains(word.person))
            && !self.out(step).any(|out| out == word.person)
            && word.version == self.version(step)
    }

    fn takes_signed(&self, text: &Text, at: DateTime<Utc>) -> bool {
        let (step, word) = (text.step, &text.word);
        let same = |w: &&Word| w.person == word.person && w.role == word.role;
        let last = self.words[step].iter().rfind(same).map(|w| w.at);
        let later = |last: DateTime<Utc>| if word.yes { last >= text.asked } else { last > text.asked };
        self.open(step)
            && self.asks(step, word.role)
            && self.fills(word.person, word.role)
            && !self.out(step).any(|out| out == word.person)
            && self.good(step, word, text.key, text.asked + text.lasts, at)
            && text.lasts <= TimeDelta::days(7)
            && !self.taken.contains(&text.text)
            && !last.is_some_and(later)
    }

    fn good(&self, step: usize, word: &Word, key: u8, until: DateTime<Utc>, at: DateTime<Utc>) -> bool {
        word.version == self.version(step) && until > at && self.signs(word.person, key)
    }

    fn open(&self, step: usize) -> bool {
        step == 0 || !self.closed
    }
    fn asks(&self, step: usize, role: &str) -> bool {
        self.slots[step].iter().any(|(of, _)| *of == role)
    }

    fn counts(&self, step: usize, word: &Word, at: DateTime<Utc>) -> bool {
        let own = |out| word.person == out || word.signed.is_some_and(|(key, _)| self.has(out, key));
        let well = match word.signed {
            Some((key, until)) => self.good(step, word, key, until, at),
            None => !self.files.iter().any(|files| files.signed.contains(word.role)),
        };
        let fresh = word.version == self.version(step);
        fresh && well && self.fills(word.person, word.role) && !self.out(step).any(own)
    }

    fn has(&self, person: &'static str, key: u8) -> bool {
        self.now().keys.contains(&(person, key))
    }

    /// Fail where a rejection stands, pass where different people fill every place, else hold.
    fn level(&self, step: usize, at: DateTime<Utc>) -> Level {
        let mut newest: BTreeMap<_, &Word> = BTreeMap::new();
        for word in &self.words[step] {
            newest.insert((word.person, word.role), word);
        }
        if newest.values().any(|word| !word.yes && self.asks(step, word.role)) {
            return Level::Fail;
        }
        let mut people: Vec<(BTreeSet<&str>, BTreeSet<u8>, BTreeSet<&str>)> = Vec::new();
        for word in newest.values().filter(|word| word.yes && self.counts(step, word, at)) {
            let mut one = (BTreeSet::from([word.person]), BTreeSet::new(), BTreeSet::from([word.role]));
            one.1.extend(word.signed.map(|(key, _)| key));
            // Names that share a key are one person, and so are those that share one with them.
            while let Some(n) = people.iter().position(|p| !p.0.is_disjoint(&one.0) || !p.1.is_disjoint(&one.1)) {
                let other = people.remove(n);
                one.0.extend(other.0);
                one.1.extend(other.1);
                one.2.extend(other.2);
            }
            people.push(one);
        }
        let places: Vec<_> = self.slots[step].iter().flat_map(|(role, n)| (0..*n).map(move |_| *role)).collect();
        let roles: Vec<_> = people.into_iter().map(|person| person.2).collect();
        if seats(&places, &roles) { Level::Pass } else { Level::Hold }
    }
}

/// Whether there is any way to fill every place by somebody else: all ways are tried.
fn seats(places: &[&str], people: &[BTreeSet<&str>]) -> bool {
    let Some((place, rest)) = places.split_first() else { return true };
    let fits = |n: usize| people[n].contains(place) && seats(rest, &[&people[..n], &people[n + 1..]].concat());
    (0..people.len()).any(fits)
}

/// A model and the engine, side by side.
struct Pair {
    world: World,
    model: Model,
    texts: Vec<Text>,
    seen: BTreeMap<&'static str, u32>,
}

impl Pair {
    fn new(dice: &mut Dice) -> Self {
        let mut world = World::new();
        world.laws = false;
        let mut files = Files {
            fill: [("qa", "tom"), ("qa", "sam"), ("ops", "kim"), ("ops", "sam"), ("business", "bo")].into(),
            signed: BTreeSet::new(),
            keys: [("tom", 1), ("sam", 2), ("bo", 3), ("kim", 4), ("ana", 5)].into(),
            logins: PEOPLE.into(),
        };
        // A key of two people, one of whom may be who started the run.
        files.keys.extend([("sam", 1), ("bo", 5), ("tom", 5)].into_iter().filter(|_| dice.one_in(3)));
        files.signed.extend(ROLES.into_iter().filter(|_| dice.one_in(2)));
        let slots = [0, 1].map(|_| {
            let first = dice.below(3);
            let roles = ROLES.into_iter().cycle().skip(usize::try_from(first).unwrap());
            roles
                .take(1 + usize::from(dice.one_in(2)))
                .map(|role| (role, 1 + u32::from(dice.one_in(2))))
                .collect::<Vec<_>>()
        });
        write(&mut world, &files);
        let places = |n: usize| slots[n].iter().map(|(role, need)| slot(role, *need)).collect::<Vec<Slot>>();
        let gated =
            Step { start: Start::Person, gate: Some(Gate::Approval(places(0))), ..ground::deploys("1", "web", &[]) };
        let gated = match gated.work {
            Work::Do(mut op) => {
                op.environment = Some("stage".into());
                Step { work: Work::Do(op), ..gated }
            }
            _ => gated,
        };
        world.starts(ground::plan("day", vec![gated, approval("2", places(1))]));
        let model = Model {
            slots,
            files: vec![files],
            words: [Vec::new(), Vec::new()],
            taken: BTreeSet::new(),
            excluded: ["ana"].into(),
            given: BTreeSet::new(),
            versions: 0,
            driver: "ana",
            closed: false,
        };
        Self { world, model, texts: Vec::new(), seen: BTreeMap::new() }
    }

    fn count(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    /// One move; false when the day is over.
    fn step(&mut self, dice: &mut Dice) -> bool {
        match dice.below(20) {
            0..5 => self.types(dice),
            5 => self.writes(dice),
            6..9 => {
                self.writes(dice);
                self.brings(dice);
            }
            9..12 => self.brings(dice),
            12 => {
                let seconds = dice.of(&[1, 20, 60, 600, 4000]);
                self.world.pass(self.world.now + TimeDelta::seconds(seconds));
            }
            13..15 => self.edits(dice),
            15..17 => self.adopts(),
            17 => self.adds_or_gives(dice),
            _ => return !self.dispatches(),
        }
        true
    }

    fn word(&self, dice: &mut Dice) -> (usize, Word) {
        let step = usize::from(dice.one_in(2));
        let role = if dice.one_in(8) { dice.of(&ROLES) } else { dice.of(&self.model.slots[step]).0 };
        let fill: Vec<_> = PEOPLE.into_iter().filter(|p| self.model.fills(p, role)).collect();
        let person = if fill.is_empty() || dice.one_in(5) { dice.of(&PEOPLE) } else { dice.of(&fill) };
        let version = self.model.version(step);
        (step, Word { person, role, yes: !dice.one_in(8), version, at: self.world.now, signed: None })
    }

    fn run(&self) -> &holdpoint::engine::Run {
        self.world.ledger.runs.values().next().unwrap()
    }

    fn decide(&mut self, step: usize, word: &Word, who: &str, signed: Option<Signed>) -> bool {
        let run = self.run();
        let at = &run.plan.steps[step];
        let fresh = word.version == self.model.version(step);
        let saw = if fresh { statement::digest(run, at) } else { Default::default() };
        let reason = if word.yes { String::new() } else { "the schema is missing".to_owned() };
        let (run, name, role) = (run.id, at.name.clone(), Some(word.role.into()));
        let signed = signed.map(Box::new);
        let command = Command::Decide { run, step: name, role, yes: word.yes, reason, saw, said: None, signed };
        self.world.command(who, &command).refusal.is_none()
    }

    fn types(&mut self, dice: &mut Dice) {
        let (step, mut word) = self.word(dice);
        if step == 1 && word.version > 0 && dice.one_in(4) {
            // What was seen before a step was added.
            word.version -= 1;
        }
        let takes = self.model.takes_typed(step, &word);
        let taken = self.decide(step, &word, word.person, None);
        assert_eq!(taken, takes, "typed by {} for {}", word.person, word.role);
        self.count(if taken { "typed" } else { "typed, refused" });
        if taken {
            self.model.words[step].push(word);
        }
    }

    fn writes(&mut self, dice: &mut Dice) {
        let (step, word) = self.word(dice);
        let lasts = dice.of(&["30s", "10m", "1h", "168h", "169h"]);
        let reason = if word.yes { "" } else { "the schema is missing" };
        let draft = statement::Draft {
            yes: word.yes,
            role: &word.role.into(),
            person: &word.person.into(),
            reason,
            lasts: ground::span(lasts),
        };
        let run = self.run();
        let text = statement::text(&self.world.given(), run, &run.plan.steps[step], &draft);
        let own: Vec<_> = (1..=5).filter(|key| self.model.signs(word.person, *key)).collect();
        let key = if own.is_empty() || dice.one_in(5) { dice.of(&[1, 2, 3, 4, 5]) } else { dice.of(&own) };
        let (asked, lasts) = (self.world.now, ground::span(lasts).delta());
        self.texts.push(Text { step, word, asked, lasts, key, text });
    }

    fn brings(&mut self, dice: &mut Dice) {
        if self.texts.is_empty() {
            return;
        }
        let newest = self.texts.last().unwrap().clone();
        let all: Vec<_> = (0..self.texts.len()).collect();
        let text = if dice.one_in(2) { newest } else { self.texts[dice.of(&all)].clone() };
        let takes = self.model.takes_signed(&text, self.world.now);
        let signed = Signed::new(text.text.clone(), signature(text.key, &text.text));
        let taken = self.decide(text.step, &text.word, "ana", Some(signed));
        assert_eq!(taken, takes, "signed with {}:\n{}", text.key, text.text);
        self.count(if taken { "signed" } else { "signed, refused" });
        if taken {
            let signed = Some((text.key, text.asked + text.lasts));
            self.model.words[text.step].push(Word { at: self.world.now, signed, ..text.word });
            self.model.taken.insert(text.text);
        }
    }

    fn edits(&mut self, dice: &mut Dice) {
        fn toggle<T: Ord>(all: &mut BTreeSet<T>, one: T) {
            if !all.remove(&one) {
                all.insert(one);
            }
        }
        let mut files = self.model.now().clone();
        match dice.below(5) {
            0 | 1 => toggle(&mut files.fill, (dice.of(&ROLES), dice.of(&["tom", "sam", "bo", "kim"]))),
            2 => toggle(&mut files.signed, dice.of(&ROLES)),
            3 => toggle(&mut files.keys, (dice.of(&CHANGED), dice.of(&[1, 2, 3, 5]))),
            _ => toggle(&mut files.logins, dice.of(&CHANGED)),
        }
        self.count("files changed");
        write(&mut self.world, &files);
        self.world.pass(self.world.now);
        self.model.files.push(files);
    }

    fn adopts(&mut self) {
        let Some(waiting) = rules::waiting(&self.world.given()) else { return };
        let adopt = Command::Adopt(waiting.digest, "looked at".to_owned());
        assert_eq!(self.world.command("ana", &adopt).refusal, None);
        self.model.files.drain(..self.model.files.len() - 1);
        self.count("adopted");
    }

    fn adds_or_gives(&mut self, dice: &mut Dice) {
        let (run, epoch) = (self.run().id, self.run().epoch);
        match dice.below(4) {
            0 if self.model.driver == "ana" => {
                assert_eq!(self.world.command("kim", &Command::TakeConn(run, epoch, "my shift".into())).refusal, None);
                self.model.driver = "kim";
                self.model.excluded.insert("kim");
            }
            1 => {
                let give = Command::Step(run, "1".into(), StepCommand::Assign("kim".into()));
                assert_eq!(self.world.command(self.model.driver, &give).refusal, None);
                self.model.given.insert("kim");
            }
            _ => {
                let name = format!("9{}", self.model.versions);
                let added = ground::step(&name, Kind::Manual, &[], Work::Ask(Question::Done));
                let add = Command::AddStep(run, Box::new(added), "one more".to_owned());
                assert_eq!(self.world.command(self.model.driver, &add).refusal, None);
                self.model.versions += 1;
            }
        }
    }

    /// Whether the operation was let out, which it is exactly when everybody who must has agreed, now.
    fn dispatches(&mut self) -> bool {
        let start = Command::Step(self.run().id, "1".into(), StepCommand::Start(None));
        let wanted = self.model.level(0, self.world.now) == Level::Pass;
        let out = self.world.command(self.model.driver, &start).refusal.is_none();
        assert_eq!(out, wanted, "let out");
        self.count(if out { "let out" } else { "not let out" });
        out
    }

    /// Both say the same of both steps.
    fn agree(&mut self) {
        let (run, at) = (self.run(), self.world.now);
        for n in [0, 1] {
            let step = &run.plan.steps[n];
            let places: Vec<_> = self.model.slots[n].iter().map(|(role, need)| slot(role, *need)).collect();
            let state = &run.steps[&step.name];
            let level = people::slots(&self.world.given(), run, step, state, &places).level;
            assert_eq!(level, self.model.level(n, at), "step {}", n + 1);
        }
        let passes = self.model.level(1, at) == Level::Pass;
        let done = run.steps["2"].state == State::Done;
        assert!(done == (passes || self.model.closed) || run.steps["2"].state.failed(), "{:?}", run.steps["2"].state);
        self.model.closed = done;
    }
}

/// Writes files into the workspace.
fn write(world: &mut World, files: &Files) {
    for role in ROLES {
        let declared = world.workspace.roles.get_mut(role).unwrap();
        declared.people = PEOPLE.into_iter().filter(|p| files.fill.contains(&(role, *p))).map(Into::into).collect();
        declared.proof = if files.signed.contains(role) { Proof::Signed } else { Proof::Login };
    }
    for person in PEOPLE {
        let accounts = &mut world.workspace.people.get_mut(person).unwrap().accounts;
        accounts.keys = (1..=5).filter(|key| files.keys.contains(&(person, *key))).map(fingerprint).collect();
        let login = if files.logins.contains(person) { person.to_owned() } else { format!("not-{person}") };
        accounts.logins = vec![login];
    }
}

/// How many sequences: 20,000 with `HOLDPOINT_FULL`.
fn sequences() -> u64 {
    let given = std::env::var("HOLDPOINT_SEQUENCES").ok().and_then(|n| n.parse().ok());
    given.unwrap_or(if std::env::var_os("HOLDPOINT_FULL").is_some() { 20_000 } else { 400 })
}

#[test]
fn a_model_of_the_book_says_the_same_of_every_sequence() {
    let first: u64 = std::env::var("HOLDPOINT_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let total = sequences();
    let half = |from: u64| {
        let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
        for seed in (first + from..first + total).step_by(2) {
            let day = std::panic::catch_unwind(|| {
                let mut dice = Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
                let mut pair = Pair::new(&mut dice);
                for _ in 0..40 {
                    if !pair.step(&mut dice) {
                        break;
                    }
                    pair.agree();
                }
                pair.seen
            });
            let Ok(day) = day else { panic!("seed {seed}: HOLDPOINT_SEED={seed} HOLDPOINT_SEQUENCES=1") };
            day.into_iter().for_each(|(what, n)| *seen.entry(what).or_default() += n);
        }
        seen
    };
    let (mut seen, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        (half(0), other.join().unwrap())
    });
    other.into_iter().for_each(|(what, n)| *seen.entry(what).or_default() += n);
    println!("{total} sequences from seed {first}: {seen:?}");
    for what in ["typed", "typed, refused", "signed", "signed, refused", "adopted", "let out", "not let out"] {
        assert!(total < 100 || seen.contains_key(what), "{what} never happened");
    }
}
