//! The weights of a route, rule by rule, as they are written.
//!
//! Pure. What is missing means what the API says it means: a backend of the Gateway API has the weight 1, a
//! destination of Istio none, unless it is the only one. What is no weight is an error, never a guess.

use super::super::answer::line;
use super::super::object::{list, text};
use super::RouteKind;
use crate::domain::traffic::Share;
use serde_json::Value;

/// A rule that has backends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// It in words: `rule 2`, or by its name.
    pub name: String,
    /// Where its backends stand in the object, as a JSON pointer.
    pub at: String,
    /// Its backends, as they are written.
    pub backends: Vec<Backend>,
}

/// Whom a rule sends traffic to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backend {
    /// Its name, as short as it can be among those of its rule; made harmless.
    pub name: String,
    /// The weight that is written; none where it is left out.
    pub written: Option<u64>,
    /// What that means.
    pub weight: u64,
    /// The names that it goes by.
    names: Vec<String>,
}

impl Rule {
    /// How it shares traffic out.
    pub fn shares(&self) -> Vec<Share> {
        self.backends.iter().map(|backend| Share { to: backend.name.clone(), weight: backend.weight }).collect()
    }
}

impl Backend {
    /// Whether it is the one of this name.
    pub fn is(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }
}

impl RouteKind {
    /// Where rules stand, where their backends stand in one, and what comes before a rule's number.
    const fn lists(self) -> &'static [(&'static str, &'static str, &'static str)] {
        match self {
            RouteKind::Http | RouteKind::Grpc => &[("rules", "backendRefs", "rule")],
            RouteKind::Virtual => {
                &[("http", "route", "http rule"), ("tls", "route", "tls rule"), ("tcp", "route", "tcp rule")]
            }
        }
    }
}

/// The rules of a route that have backends, in its order.
///
/// # Errors
/// Which weight is none.
pub fn rules(kind: RouteKind, object: &Value) -> Result<Vec<Rule>, String> {
    let mut all = Vec::new();
    for (rules, backends, word) in kind.lists() {
        for (n, rule) in list(object, &format!("/spec/{rules}")).iter().enumerate() {
            let refs = list(rule, &format!("/{backends}"));
            if refs.is_empty() {
                continue;
            }
            let own = line(text(rule, "/name"));
            let own = if own.is_empty() { own } else { format!(" ({own})") };
            let name = format!("{word} {}{own}", n.saturating_add(1));
            let backends_of = refs.iter().map(|one| backend(kind, one, refs));
            let found: Result<Vec<_>, String> = backends_of.collect();
            let found = found.map_err(|why| format!("{name}: {why}"))?;
            all.push(Rule { name, at: format!("/spec/{rules}/{n}/{backends}"), backends: found });
        }
    }
    Ok(all)
}

fn backend(kind: RouteKind, one: &Value, all: &[Value]) -> Result<Backend, String> {
    let names = names(kind, one);
    // The shortest one that no other of the rule goes by.
    let shared = |name: &String| all.iter().filter(|other| self::names(kind, other).contains(name)).count() > 1;
    let name = names.iter().find(|name| !shared(name)).or(names.last()).cloned().unwrap_or_default();
    let name = line(&name);
    let written = match one.get("weight") {
        None | Some(Value::Null) => None,
        Some(weight) => {
            let no = || format!("the weight of {name} is {}, which is none", line(&weight.to_string()));
            Some(weight.as_u64().ok_or_else(no)?)
        }
    };
    let weight = match kind {
        RouteKind::Http | RouteKind::Grpc => written.unwrap_or(1),
        // The only one has all of it, whatever its weight.
        RouteKind::Virtual if all.len() == 1 => 100,
        RouteKind::Virtual => written.unwrap_or(0),
    };
    Ok(Backend { name, written, weight, names })
}

/// The names that a backend goes by, the shortest first.
fn names(kind: RouteKind, one: &Value) -> Vec<String> {
    let number = |at: &str| one.pointer(at).and_then(Value::as_u64).map(|n| n.to_string()).unwrap_or_default();
    let join = |parts: [&str; 2], by: &str| match parts {
        [head, ""] => head.to_owned(),
        ["", tail] => tail.to_owned(),
        [head, tail] => format!("{head}{by}{tail}"),
    };
    let mut all = match kind {
        RouteKind::Http | RouteKind::Grpc => {
            let (name, namespace) = (text(one, "/name"), text(one, "/namespace"));
            let whole = join([namespace, name], "/");
            vec![name.to_owned(), whole.clone(), join([whole.as_str(), number("/port").as_str()], ":")]
        }
        RouteKind::Virtual => {
            let (host, subset) = (text(one, "/destination/host"), text(one, "/destination/subset"));
            let whole = join([host, subset], "/");
            let plain = if subset.is_empty() { host } else { subset };
            vec![
                plain.to_owned(),
                whole.clone(),
                join([whole.as_str(), number("/destination/port/number").as_str()], ":"),
            ]
        }
    };
    all.dedup();
    all
}
