//! The arguments that a verb takes, by what does it and what it is done to.
//!
//! For whoever asks by hand: a word that means nothing is found before anything is written
//! down. A backend reads its arguments itself as well, and knows what no table can.

use super::backend::{AlertmanagerSpec, ArgoCdSpec, BackendKind, Script};
use super::operation::Verb;
use super::span::Span;
use super::template::{OF_OPERATION, placeholders};
use std::borrow::Cow;

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: Cow<'static, str>,
    /// Whether it must be given.
    pub needed: bool,
    /// What it may be.
    pub takes: Takes,
}

/// What an argument may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Any text but none.
    Text,
    /// Any text, none too.
    Free,
    /// The same, by every name that begins as its own: only what does it knows them.
    Many,
    /// A whole number, such as of replicas or of a step.
    Count,
    /// A share in percent, from 1 to 100.
    Share,
    /// The same, and none of it too.
    Part,
    /// A length of time, such as `30m`.
    Time,
    /// `true` or `false`.
    Flag,
    /// One of these words.
    One(&'static [&'static str]),
}

/// The arguments of a verb.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parameters {
    /// What does it does not say: whatever is given is passed on.
    Any,
    /// These and no others.
    These(Vec<Parameter>),
}

const fn may(name: &'static str, takes: Takes) -> Parameter {
    Parameter { name: Cow::Borrowed(name), needed: false, takes }
}

const fn must(name: &'static str, takes: Takes) -> Parameter {
    Parameter { name: Cow::Borrowed(name), needed: true, takes }
}

/// The gates of a canary that are opened on its way forward.
const GATES: &[&str] = &["confirm-rollout", "confirm-traffic-increase", "confirm-promotion"];

impl Takes {
    /// Whether what is given by a name is the argument of this name, or one of those.
    pub fn means(self, name: &str, given: &str) -> bool {
        match self {
            Self::Many => given.len() > name.len() && given.starts_with(name),
            _ => given == name,
        }
    }

    /// The name of an argument as it is told: `parameter-NAME` where there may be many.
    pub fn called(self, name: &str) -> String {
        let more = if self == Self::Many { "NAME" } else { "" };
        format!("{name}{more}")
    }
}

impl Parameters {
    /// What a verb takes there; none where it is not offered there.
    pub fn of(kind: &BackendKind, scope: Option<&str>, verb: Verb) -> Option<Self> {
        let offer = kind.offer(verb)?;
        Some(match kind {
            BackendKind::Kubernetes(_) => {
                let scope = scope.unwrap_or_default();
                Self::These(in_cluster(workload(scope), shifts(scope), verb)?)
            }
            BackendKind::ArgoCd(_) => Self::needing(ArgoCdSpec::arguments(verb), verb),
            BackendKind::Alertmanager(_) => Self::named(&AlertmanagerSpec::ARGUMENTS),
            _ => offer.script.map_or(Self::Any, Self::of_script),
        })
    }

    fn named(all: &[(&'static str, Takes)]) -> Self {
        Self::These(all.iter().map(|(name, takes)| may(name, *takes)).collect())
    }

    /// The same, where a deploy cannot do without its version, and an action without what it is and of what.
    fn needing(all: &[(&'static str, Takes)], verb: Verb) -> Self {
        let one = |(name, takes): &(&'static str, Takes)| match (verb, *name) {
            (Verb::Deploy, "version") | (Verb::Action, "action" | "kind" | "name") => must(name, *takes),
            _ => may(name, *takes),
        };
        Self::These(all.iter().map(one).collect())
    }

    /// What a script's arguments name and nothing else fills.
    fn of_script(script: &Script) -> Self {
        let mut all: Vec<Parameter> = Vec::new();
        for name in script.argv.iter().flat_map(|word| placeholders(word)) {
            if !OF_OPERATION.contains(&name) && !all.iter().any(|known| known.name == name) {
                all.push(Parameter { name: Cow::Owned(name.to_owned()), needed: true, takes: Takes::Text });
            }
        }
        Self::These(all)
    }

    /// Whether an argument is among them and may have a value.
    pub fn takes(&self, name: &str, value: &str) -> bool {
        self.each().iter().any(|known| known.name == name && known.wrong(value).is_none())
    }

    /// Each of them; none where they are not known.
    pub fn each(&self) -> &[Parameter] {
        match self {
            Self::Any => &[],
            Self::These(all) => all,
        }
    }
}

impl Parameter {
    /// Whether what is given by this name is meant.
    pub fn means(&self, given: &str) -> bool {
        self.takes.means(&self.name, given)
    }

    /// It as it is written: `replicas=N`.
    pub fn written(&self) -> String {
        let value = match self.takes {
            Takes::Text | Takes::Free | Takes::Many => "…".to_owned(),
            Takes::Count => "N".to_owned(),
            Takes::Share | Takes::Part => "PERCENT".to_owned(),
            Takes::Time => "30m".to_owned(),
            Takes::Flag => "true|false".to_owned(),
            Takes::One(words) => words.join("|"),
        };
        format!("{}={value}", self.takes.called(&self.name))
    }

    /// What is wrong with a value, if anything is.
    pub fn wrong(&self, value: &str) -> Option<String> {
        let name = &self.name;
        let within = |least: u16, most: u16| value.parse().is_ok_and(|n: u16| (least..=most).contains(&n));
        let (right, what) = match self.takes {
            Takes::Text => (!value.trim().is_empty(), "something".to_owned()),
            Takes::Free | Takes::Many => (true, String::new()),
            Takes::Count => (within(0, u16::MAX), "a whole number".to_owned()),
            Takes::Share => (within(1, 100), "a share in percent, from 1 to 100".to_owned()),
            Takes::Part => (within(0, 100), "a share in percent, from 0 to 100".to_owned()),
            Takes::Time => (value.parse::<Span>().is_ok(), "a length of time such as 30m".to_owned()),
            Takes::Flag => (matches!(value, "true" | "false"), "true or false".to_owned()),
            Takes::One(words) => (words.contains(&value), words.join(" or ")),
        };
        (!right).then(|| format!("{name} is {what}, not {value:?}"))
    }
}

/// The kind of workload that a scope of a cluster names: `namespace/KIND/name#container>route`.
pub fn workload(scope: &str) -> &str {
    let path = scope.split(['#', '>']).next().unwrap_or_default();
    path.rsplit('/').nth(1).unwrap_or("deployment")
}

/// Whether a scope of a cluster names who is given traffic by hand: what stands behind its `>` and `=`.
fn shifts(scope: &str) -> bool {
    scope.split_once('>').is_some_and(|(_, route)| route.contains('='))
}

/// What a verb takes for a kind of workload, and where traffic is shifted by hand; none where that has no such verb.
fn in_cluster(kind: &str, shifts: bool, verb: Verb) -> Option<Vec<Parameter>> {
    let (rollout, canary) = (kind == "rollout", kind == "canary");
    let version = || may("version", Takes::Text);
    Some(match verb {
        Verb::Deploy => vec![must("version", Takes::Text), may("image", Takes::Text)],
        Verb::RollBack => vec![must("to", Takes::Text)],
        Verb::Promote if rollout => vec![
            may("how", Takes::One(&["step", "skip", "full"])),
            may("step", Takes::Count),
            may("weight", Takes::Share),
            version(),
        ],
        Verb::Promote if canary => vec![
            may("how", Takes::One(&["full"])),
            may("gate", Takes::One(GATES)),
            may("weight", Takes::Share),
            version(),
        ],
        Verb::Abort if rollout => vec![version()],
        Verb::Abort if canary => Vec::new(),
        Verb::Abort if shifts => vec![may("to", Takes::Text)],
        Verb::Shift if shifts && !rollout && !canary => vec![must("weight", Takes::Part)],
        Verb::Resume if rollout => vec![may("how", Takes::One(&["retry"])), version()],
        Verb::Pause | Verb::Resume if rollout || canary || kind == "deployment" => Vec::new(),
        Verb::Scale if !canary && kind != "daemonset" => vec![must("replicas", Takes::Count)],
        Verb::Restart => vec![version()],
        Verb::Mend if !rollout && !canary => vec![may("of", Takes::Text), version()],
        Verb::Snapshot => Vec::new(),
        _ => return None,
    })
}
