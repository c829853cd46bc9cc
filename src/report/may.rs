//! Whether something may be done somewhere at a time, with every reason: the
//! answer of the verb `may` and of the calendar's prompt.
//!
//! The judgement is the engine's; here are its question from words and its words.

use crate::domain::Timestamp;
use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::operation::Verb;
use crate::domain::verdict::{Level, Verdict};
use crate::engine::calendar::Question;
use crate::engine::{Given, clocks, rules};

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What was asked, in one line.
    pub asked: String,
    /// The instant that was asked about.
    pub at: Timestamp,
    /// The verdict, with every reason.
    pub verdict: Verdict,
    /// When it opens, where it does not pass.
    pub opens: Option<Timestamp>,
    /// When it closes, where it passes.
    pub closes: Option<Timestamp>,
}

/// Asks by names; the error says which name is none, and which there are.
pub fn ask(given: &Given<'_>, action: &str, service: &str, environment: &str, at: Timestamp) -> Result<Answer, String> {
    let workspace = given.workspace;
    let verb = Verb::ALL.into_iter().find(|v| v.word() == action || v.word().replace('-', "") == action);
    let words = Verb::ALL.map(Verb::word).join(", ");
    let verb = verb.ok_or_else(|| format!("{action:?} is no action; there are {words}"))?;
    let (service, environment) = (ServiceName::new(service), EnvironmentName::new(environment));
    if !workspace.services.contains_key(&service) {
        return Err(none("service", service.as_str(), workspace.services.keys().map(ServiceName::as_str)));
    }
    if !workspace.environments.contains_key(&environment) {
        let all = workspace.environments.keys().map(EnvironmentName::as_str);
        return Err(none("environment", environment.as_str(), all));
    }
    let (direction, told) = (verb.direction(), verb == Verb::Deploy);
    let backend = workspace.services.get(&service).and_then(|service| service.deployed_by.get(&environment));
    let ask = Question { service: Some(&service), environment: Some(&environment), direction, told, backend };
    let verdict = rules::may(given, ask, at);
    let doubted = |at: &Timestamp| backend.is_some_and(|by| clocks::unknown(given, ask, by, *at).is_some());
    // Beyond what the calendar knows, the end of what holds now is all that can be said.
    let beyond = |at: &Timestamp| rules::may(given, ask, *at).level == Level::Unknown && !doubted(at);
    let opens = rules::opens(given, ask, at).or_else(|| verdict.opens().filter(beyond));
    let closes = rules::closes(given, ask, at);
    let passes = verdict.passes();
    Ok(Answer {
        asked: format!("{verb} {service} {environment}"),
        at,
        opens: opens.filter(|_| !passes),
        closes: closes.filter(|_| passes),
        verdict,
    })
}

fn none<'a>(what: &str, name: &str, all: impl Iterator<Item = &'a str>) -> String {
    format!("there is no {what} {name}; there are {}", all.collect::<Vec<_>>().join(", "))
}
