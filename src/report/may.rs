//! Whether something may be done somewhere at a time, with every reason: the
//! answer of the verb `may` and of the calendar's prompt.
//!
//! The judgement is the engine's; here are its question from words and its words.

use crate::domain::Timestamp;
use crate::domain::name::{BackendName, EnvironmentName, PersonName, ReleaseName, ServiceName};
use crate::domain::operation::Verb;
use crate::domain::verdict::{Level, Verdict};
use crate::engine::calendar::Question;
use crate::engine::may::{self, Asking};
use crate::engine::policy::About;
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
    version: Option<String>,
    release: Option<ReleaseName>,
    person: Option<PersonName>,
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
        Ok(Self { verb, service, environment, backend, version: None, release: None, person: None })
    }

    /// The same with what rules may ask for as well; the error says that there is no such release.
    ///
    /// # Errors
    /// A release that is not in the calendar.
    pub fn with(
        self,
        given: &Given<'_>,
        version: Option<String>,
        release: Option<&str>,
        person: Option<PersonName>,
    ) -> Result<Self, String> {
        let releases = &given.workspace.calendar.releases;
        let release = release.map(ReleaseName::from);
        if let Some(name) = release.as_ref().filter(|name| releases.iter().all(|release| release.name != **name)) {
            return Err(none("release", name.as_str(), releases.iter().map(|release| release.name.as_str())));
        }
        Ok(Self { version, release, person, ..self })
    }

    /// What is asked of calendar and rules.
    pub fn asking(&self) -> Asking<'_> {
        Asking { question: self.question(), about: self.about() }
    }

    /// What the rules are asked.
    pub fn about(&self) -> About<'_> {
        About {
            verb: self.verb,
            service: Some(&self.service),
            environment: Some(&self.environment),
            version: self.version.as_deref(),
            release: self.release.as_ref(),
            person: self.person.as_ref(),
            by: None,
        }
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
            run: None,
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.verb, self.service, self.environment)?;
        self.version.as_ref().map_or(Ok(()), |version| write!(f, " {version}"))?;
        self.release.as_ref().map_or(Ok(()), |release| write!(f, " ({release})"))
    }
}

/// Asks calendar and rules.
pub fn ask(given: &Given<'_>, subject: Subject, at: Timestamp) -> Answer {
    let (ask, asking) = (subject.question(), subject.asking());
    let verdict = may::may(given, &asking, at);
    let doubted = |at: &Timestamp| ask.backend.is_some_and(|by| clocks::unknown(given, ask, by, *at).is_some());
    // Beyond what the calendar knows, the end of what holds now is all that can be said.
    let beyond = |at: &Timestamp| rules::may(given, ask, *at).level == Level::Unknown && !doubted(at);
    let opens = may::opens(given, &asking, at).or_else(|| verdict.opens().filter(beyond));
    let closes = may::closes(given, &asking, at);
    let passes = verdict.passes();
    // What waits for people alone is open already.
    let (opens, closes) = (opens.filter(|opens| !passes && *opens > at), closes.filter(|_| passes));
    Answer { subject, at, opens, closes, verdict }
}

fn none<'a>(what: &str, name: &str, all: impl Iterator<Item = &'a str>) -> String {
    format!("there is no {what} {name}; there are {}", all.collect::<Vec<_>>().join(", "))
}
