//! Whether something may be done somewhere at a time, with every reason: the
//! answer of the verb `may` and of the calendar's prompt.
//!
//! The judgement is the engine's; here are its question from words and its words.

use crate::domain::Timestamp;
use crate::domain::name::{BackendName, EnvironmentName, ServiceName};
use crate::domain::operation::Verb;
use crate::domain::verdict::{Level, Verdict};
use crate::engine::calendar::Question;
use crate::engine::{Given, clocks, rules};

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked about.
    pub subject: Subject,
    /// The instant that was asked about.
    pub at: Timestamp,
    /// The verdict, with every reason.
    pub verdict: Verdict,
    /// When it opens, where it does not pass.
    pub opens: Option<Timestamp>,
    /// When it closes, where it passes.
    pub closes: Option<Timestamp>,
}

/// What is asked about: a verb at a service in an environment, all of them declared.
#[derive(Clone, Debug)]
pub struct Subject {
    verb: Verb,
    service: ServiceName,
    environment: EnvironmentName,
    backend: Option<BackendName>,
}

impl Subject {
    /// By names; the error says which name is none, and which there are.
    ///
    /// # Errors
    /// A name that is not declared.
    pub fn named(given: &Given<'_>, action: &str, service: &str, environment: &str) -> Result<Self, String> {
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
        let declared = workspace.services.get(&service);
        let backend = declared.and_then(|service| service.deployed_by.get(&environment)).cloned();
        Ok(Self { verb, service, environment, backend })
    }

    /// The environment.
    pub fn environment(&self) -> &EnvironmentName {
        &self.environment
    }

    /// The question that it is.
    pub fn question(&self) -> Question<'_> {
        Question {
            service: Some(&self.service),
            environment: Some(&self.environment),
            direction: self.verb.direction(),
            told: self.verb.deploys(),
            backend: self.backend.as_ref(),
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.verb, self.service, self.environment)
    }
}

/// Asks by names; the error says which name is none, and which there are.
pub fn ask(given: &Given<'_>, action: &str, service: &str, environment: &str, at: Timestamp) -> Result<Answer, String> {
    let subject = Subject::named(given, action, service, environment)?;
    let ask = subject.question();
    let verdict = rules::may(given, ask, at);
    let doubted = |at: &Timestamp| ask.backend.is_some_and(|by| clocks::unknown(given, ask, by, *at).is_some());
    // Beyond what the calendar knows, the end of what holds now is all that can be said.
    let beyond = |at: &Timestamp| rules::may(given, ask, *at).level == Level::Unknown && !doubted(at);
    let opens = rules::opens(given, ask, at).or_else(|| verdict.opens().filter(beyond));
    let closes = rules::closes(given, ask, at);
    let passes = verdict.passes();
    let (opens, closes) = (opens.filter(|_| !passes), closes.filter(|_| passes));
    Ok(Answer { subject, at, opens, closes, verdict })
}

fn none<'a>(what: &str, name: &str, all: impl Iterator<Item = &'a str>) -> String {
    format!("there is no {what} {name}; there are {}", all.collect::<Vec<_>>().join(", "))
}
