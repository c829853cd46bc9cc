//! The doors to rules on random cases: readiness, `may` and the key agree with a book that knows neither CEL nor the
//! engine, and what turns between the look and the key is refused.

use crate::ground;
use crate::policy::{asked, deploys, judged, live, rule, start, under};
use crate::world::World;
use chrono::TimeDelta;
use holdpoint::domain::catalogue::Tier;
use holdpoint::domain::fact::Fact;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::policy::{Effect, PolicyRule};
use holdpoint::domain::span::Span;
use holdpoint::domain::verdict::Level;

/// Numbers that come out the same for the same seed.
struct Dice(u64);

impl Dice {
    fn new(name: &str) -> Self {
        let seed = std::env::var("HOLDPOINT_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(0xd1ce);
        println!("{name}: HOLDPOINT_SEED={seed}");
        Self(seed)
    }

    fn roll(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())]
    }
}

/// What a case is in a book that knows neither CEL nor the engine.
#[derive(Clone)]
struct Truth {
    tier: Tier,
    from: Option<&'static str>,
    to: &'static str,
    data: bool,
}

/// An expression as the book reads it: none is *not known*.
enum Says {
    Tier(bool),
    Major,
    Data,
    From(&'static str),
    Not(Box<Says>),
    Both(Box<Says>, Box<Says>),
    Either(Box<Says>, Box<Says>),
}

impl Says {
    fn any(dice: &mut Dice, depth: usize) -> Self {
        let part = |dice: &mut Dice| Box::new(Self::any(dice, depth + 1));
        match dice.roll(if depth < 3 { 7 } else { 4 }) {
            0 => Self::Tier(dice.roll(2) == 0),
            1 => Self::Major,
            2 => Self::Data,
            3 => Self::From(dice.of(&["1.0.0", "2.0.0"])),
            4 => Self::Not(part(dice)),
            5 => Self::Both(part(dice), part(dice)),
            _ => Self::Either(part(dice), part(dice)),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Tier(true) => "environment.tier == 'production'".to_owned(),
            Self::Tier(false) => "environment.tier in ['staging', 'testing']".to_owned(),
            Self::Major => "change.kind == 'major'".to_owned(),
            Self::Data => "'pii' in service.data".to_owned(),
            Self::From(version) => format!("change.from == '{version}'"),
            Self::Not(part) => format!("!({})", part.text()),
            Self::Both(a, b) => format!("({}) && ({})", a.text(), b.text()),
            Self::Either(a, b) => format!("({}) || ({})", a.text(), b.text()),
        }
    }

    fn holds(&self, truth: &Truth) -> Option<bool> {
        match self {
            Self::Tier(true) => Some(truth.tier == Tier::Production),
            Self::Tier(false) => Some(truth.tier == Tier::Staging),
            Self::Major => truth.from.map(|from| from.starts_with('1') && truth.to.starts_with('2')),
            Self::Data => Some(truth.data),
            Self::From(version) => truth.from.map(|from| from == *version),
            Self::Not(part) => part.holds(truth).map(|yes| !yes),
            Self::Both(a, b) => match (a.holds(truth), b.holds(truth)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (a, b) => Some(a? && b?),
            },
            Self::Either(a, b) => match (a.holds(truth), b.holds(truth)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (a, b) => Some(a? || b?),
            },
        }
    }
}

/// Some rules, with what each says.
fn some_rules(dice: &mut Dice) -> Vec<(PolicyRule, Says)> {
    let count = 1 + dice.roll(5);
    let mut all = Vec::new();
    for n in 0..count {
        let says = Says::any(dice, 0);
        let effect = dice.of(&[Effect::Allow, Effect::Warn, Effect::Needs, Effect::Block]);
        let mut one = rule(&format!("r{n}"), effect, &says.text());
        if effect == Effect::Allow {
            one.lifts = vec![format!("r{}", dice.roll(count)).as_str().into()];
        }
        all.push((one, says));
    }
    all
}

/// What comes out by the book.
fn by_book(all: &[(PolicyRule, Says)], truth: &Truth) -> Level {
    let speaks = |says: &Says| says.holds(truth) == Some(true);
    let lifted = |rule: &PolicyRule| {
        let lifting = |(other, says): &(PolicyRule, Says)| {
            other.effect == Effect::Allow && speaks(says) && other.lifts.contains(&rule.name)
        };
        matches!(rule.effect, Effect::Warn | Effect::Needs) && all.iter().any(lifting)
    };
    let level = |(rule, says): &(PolicyRule, Says)| match (rule.effect, says.holds(truth)) {
        (Effect::Allow | Effect::Points, _) | (_, Some(false)) => Level::Pass,
        _ if lifted(rule) => Level::Pass,
        (Effect::Warn, _) => Level::Warn,
        (_, None) => Level::Unknown,
        (Effect::Needs, _) => Level::Hold,
        (Effect::Block, _) => Level::Fail,
    };
    all.iter().map(level).max().unwrap_or_default()
}

fn made_so(world: &mut World, truth: &Truth) {
    world.workspace.environments.get_mut("stage").unwrap().tier = truth.tier;
    let data = if truth.data { vec!["pii".to_owned()] } else { vec![] };
    world.workspace.services.get_mut("web").unwrap().data = data;
    if let Some(from) = truth.from {
        live(world, from);
    }
}

#[test]
fn key_verb_and_book_agree_on_any_rules() {
    let rounds = if std::env::var_os("HOLDPOINT_FULL").is_some() { 10_000 } else { 600 };
    let mut dice = Dice::new("agree");
    let mut seen = std::collections::BTreeMap::<Level, u32>::new();
    for round in 0..rounds {
        let truth = Truth {
            tier: dice.of(&[Tier::Production, Tier::Staging]),
            from: dice.of(&[None, Some("1.0.0"), Some("2.0.0")]),
            to: dice.of(&["1.0.1", "2.0.1"]),
            data: dice.roll(2) == 0,
        };
        let all = some_rules(&mut dice);
        let mut world = World::new();
        world.laws = false;
        made_so(&mut world, &truth);
        world.workspace.policy = all.iter().map(|(rule, _)| (rule.name.clone(), rule.clone())).collect();
        world.starts(ground::plan("day", vec![deploys(truth.to, Verb::Deploy)]));
        let wanted = by_book(&all, &truth);
        let texts: Vec<_> = all.iter().map(|(rule, says)| format!("{} {}", rule.effect, says.text())).collect();
        assert_eq!(judged(&world).level, wanted, "round {round}: {texts:#?}");
        let may = asked(&world.given(), "deploy", truth.to, world.now).verdict.level;
        assert_eq!(may, wanted, "round {round}: {texts:#?}");
        assert_eq!(start(&mut world).refusal.is_none(), wanted <= Level::Warn, "round {round}: {texts:#?}");
        *seen.entry(wanted).or_default() += 1;
    }
    assert!(seen.len() == 5 && seen.values().all(|times| *times > 10), "every level was seen: {seen:?}");
}

#[test]
fn what_is_allowed_when_drawn_and_not_when_pressed_is_refused() {
    let rounds = if std::env::var_os("HOLDPOINT_FULL").is_some() { 10_000 } else { 600 };
    let mut dice = Dice::new("pressed");
    let (mut turned, mut sent) = (0u32, 0u32);
    for _ in 0..rounds {
        let evening = rule("evening", Effect::Block, "utc.hour >= 3");
        let major = rule("major", Effect::Block, "change.kind == 'major'");
        let mut world = under([evening, major], "2.0.0");
        world.laws = false;
        live(&mut world, "2.0.0");
        let drawn = judged(&world).passes();
        for _ in 0..=dice.roll(2) {
            match dice.roll(6) {
                0 => drop(world.pass(world.now + TimeDelta::minutes(i64::try_from(dice.roll(90)).unwrap()))),
                1 => drop(world.workspace.policy.insert("new".into(), rule("new", Effect::Needs, "service.tier == 1"))),
                2 => live(&mut world, "1.0.0"),
                3 => world.freeze("now", Span::mins(5), false),
                4 => drop(world.workspace.policy.remove("major")),
                _ => {}
            }
        }
        let now = judged(&world);
        let outcome = start(&mut world);
        assert_eq!(outcome.refusal.is_none(), now.passes(), "{now:?}");
        let left = outcome.facts.iter().any(|fact| matches!(fact, Fact::Announced(_)));
        assert_eq!(left, now.passes());
        turned += u32::from(drawn && !now.passes());
        sent += u32::from(left);
    }
    assert!(turned > 50 && sent > 50, "both were seen: {turned} turned, {sent} sent");
}
