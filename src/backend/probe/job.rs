//! What is read together: one signal at one place, or everything that one
//! scrape answers.

use super::super::child::Wanted;
use super::super::launcher::Launcher;
use super::super::template::{Unfilled, fill, fill_all};
use super::artifact::{Asked, Watched};
use super::compute::Formula;
use super::report::{self, Report};
use super::scrape::{Scrape, Target};
use super::{exec, http, nagios, tcp};
use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::observed::Observation;
use crate::domain::series::Reading;
use crate::domain::signal::{Compute, Query, Signal, SignalAt};
use crate::domain::span::Span;
use crate::domain::text;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// Everything that is to be read.
pub struct Plan {
    signals: Vec<Signal>,
    root: PathBuf,
    launcher: Launcher,
}

/// One thing that is done at an interval.
pub enum Job {
    /// One question, one signal.
    Ask(SignalAt, Question),
    /// One scrape, all its signals.
    Scrape(Scrape),
}

/// One question; its answer is one number.
pub enum Question {
    /// Asks a URL.
    Http(http::Http, http::Ask),
    /// Connects.
    Tcp { address: String, limit: Duration },
    /// Runs a program.
    Command(Wanted),
    /// Runs a check and takes its value of that label, or its status.
    Check(Wanted, Option<String>),
    /// Reads a file that a pipeline left behind.
    Report(Report),
    /// Verifies an artefact.
    Artifact(Box<Watched>),
    /// Cannot be asked as declared; why.
    Never(String),
}

impl Plan {
    /// Takes the signals as declared.
    pub fn new(signals: Vec<Signal>, root: PathBuf, launcher: Launcher) -> Self {
        Self { signals, root, launcher }
    }

    /// The jobs, each with its interval. Signals that read the same URL at the
    /// same interval share one scrape.
    pub fn jobs(&self) -> Vec<(Span, Job)> {
        let client = http::Http::new();
        let mut jobs = Vec::new();
        let mut scrapes: BTreeMap<(String, Span), Vec<Target>> = BTreeMap::new();
        for signal in &self.signals {
            for environment in &signal.environments {
                let at = SignalAt { signal: signal.name.clone(), environment: environment.clone() };
                match self.read(signal, environment, &client) {
                    Ok(Read::Ask(question)) => jobs.push((signal.every, Job::Ask(at, question))),
                    Ok(Read::Scrape(url, formula)) => {
                        let target = Target::new(at, signal.clone(), formula);
                        scrapes.entry((url, signal.every)).or_default().push(target);
                    }
                    Err(why) => jobs.push((signal.every, Job::Ask(at, Question::Never(why)))),
                }
            }
        }
        let scrape = |((url, every), targets)| {
            (every, Job::Scrape(Scrape::new(client.clone(), url, limit(every), every, targets)))
        };
        jobs.extend(scrapes.into_iter().map(scrape));
        jobs
    }

    fn read(&self, signal: &Signal, environment: &EnvironmentName, client: &http::Http) -> Result<Read, String> {
        let (names, limit) = (names(&signal.service, environment), limit(signal.every));
        let unfilled = |e: Unfilled| e.to_string();
        Ok(match &signal.query {
            Query::Http { url, status, body, latency } => {
                let url = fill(url, names).map_err(unfilled)?;
                let ask =
                    http::Ask { url, status: status.unwrap_or(200), body: body.clone(), latency: *latency, limit };
                Read::Ask(Question::Http(client.clone(), ask))
            }
            Query::Tcp { address } => {
                Read::Ask(Question::Tcp { address: fill(address, names).map_err(unfilled)?, limit })
            }
            Query::Command { argv } => {
                Read::Ask(Question::Command(self.wanted(fill_all(argv, names).map_err(unfilled)?, limit)))
            }
            Query::Check { argv, field } => {
                let wanted = self.wanted(fill_all(argv, names).map_err(unfilled)?, limit);
                Read::Ask(Question::Check(wanted, field.clone()))
            }
            Query::Report { file, format, value, max_age } => {
                let (root, file) = (self.root.clone(), report::located(file, names)?);
                let asked = report::Asked { root, file, format: *format, figure: *value, max_age: *max_age, limit };
                Read::Ask(Question::Report(Report::new(asked)))
            }
            Query::Artifact(held) => {
                let asked = Asked::new(self.root.clone(), held, names)?;
                Read::Ask(Question::Artifact(Box::new(Watched::new(asked, limit))))
            }
            Query::Plugin { .. } => return Err("only a plugin can be asked for it".to_owned()),
            Query::Prometheus { .. } => return Err(FOREIGN.to_owned()),
            Query::Rollout { .. }
            | Query::Alerts { .. }
            | Query::Burn { .. }
            | Query::Remaining { .. }
            | Query::Reporting { .. } => {
                return Err(DERIVED.to_owned());
            }
            Query::Scrape { url, compute } => Read::Scrape(fill(url, names).map_err(unfilled)?, Formula::new(compute)?),
        })
    }
}

/// Why a query for a Prometheus is not read here.
const FOREIGN: &str = "its source must be a backend of kind prometheus";

/// Why a derived query is read nowhere.
const DERIVED: &str = "nobody is asked for it: it follows from what is seen anyway";

impl Plan {
    /// A program that only looks.
    fn wanted(&self, argv: Vec<String>, limit: Duration) -> Wanted {
        let (root, launcher) = (self.root.clone(), self.launcher.clone());
        Wanted { launcher, root, argv, pass_env: Vec::new(), key: None, limit, memory: None }
    }
}

/// How a signal is read at one place.
enum Read {
    Ask(Question),
    Scrape(String, Formula),
}

/// What placeholders of a signal stand for.
fn names(service: &ServiceName, environment: &EnvironmentName) -> impl Fn(&str) -> Option<String> {
    let (service, environment) = (service.to_string(), environment.to_string());
    move |name| match name {
        "service" => Some(service.clone()),
        "environment" => Some(environment.clone()),
        _ => None,
    }
}

/// How long one reading may take: twice its interval, ten seconds at most.
fn limit(every: Span) -> Duration {
    every.times(2).std().min(Duration::from_secs(10))
}

/// The artefact that a signal verifies at a place, if it does.
pub fn artifact(root: PathBuf, signal: &Signal, environment: &EnvironmentName) -> Option<Result<Asked, String>> {
    let Query::Artifact(held) = &signal.query else { return None };
    Some(Asked::new(root, held, names(&signal.service, environment)))
}

/// Why a signal cannot be read as declared, if it cannot.
pub fn mistake(signal: &Signal) -> Option<String> {
    let environment = EnvironmentName::new("environment");
    let names = names(&signal.service, &environment);
    let unfilled = |e: Unfilled| Some(e.to_string());
    match &signal.query {
        Query::Http { url, .. } => fill(url, names).err().and_then(unfilled),
        Query::Tcp { address } => fill(address, names).err().and_then(unfilled),
        Query::Prometheus { .. } => Some(FOREIGN.to_owned()),
        Query::Rollout { .. }
        | Query::Alerts { .. }
        | Query::Burn { .. }
        | Query::Remaining { .. }
        | Query::Reporting { .. } => Some(DERIVED.to_owned()),
        Query::Command { argv } | Query::Check { argv, .. } if argv.is_empty() => {
            Some("no program is named".to_owned())
        }
        Query::Command { argv } | Query::Check { argv, .. } => fill_all(argv, names).err().and_then(unfilled),
        Query::Report { file, .. } => report::located(file, names).err(),
        Query::Artifact(held) => Asked::new(PathBuf::new(), held, names).err(),
        Query::Plugin { ask } => fill(ask, names).err().and_then(unfilled),
        Query::Scrape { url, compute } => {
            fill(url, names).err().and_then(unfilled).or_else(|| formula_mistake(compute))
        }
    }
}

fn formula_mistake(compute: &Compute) -> Option<String> {
    Formula::new(compute).err()
}

impl Job {
    /// Reads once; one observation for each signal.
    pub async fn read(&mut self) -> Vec<Observation> {
        match self {
            Job::Scrape(scrape) => scrape.read().await,
            Job::Ask(at, question) => {
                let answer = question.ask().await;
                let reading = |(value, events)| Reading { at: chrono::Utc::now(), value, events };
                vec![match answer {
                    Ok(read) => Observation::Reading(at.clone(), reading(read)),
                    Err(why) => Observation::NoReading(at.clone(), why_not(&why)),
                }]
            }
        }
    }

    /// Whether the next reading should come soon, because this one was half of a first one.
    pub fn in_a_hurry(&self) -> bool {
        matches!(self, Job::Scrape(scrape) if scrape.half())
    }
}

impl Question {
    /// The number, and how many events it rests on: none that could be counted, but for a file.
    async fn ask(&mut self) -> Result<(f64, u64), String> {
        let value = match self {
            Question::Report(report) => return report.ask().await,
            Question::Artifact(artifact) => return artifact.ask().await,
            Question::Http(client, ask) => client.ask(ask).await,
            Question::Tcp { address, limit } => tcp::connect(address, *limit).await,
            Question::Command(wanted) => exec::check(wanted).await,
            Question::Check(wanted, field) => nagios::check(wanted, field.as_deref()).await,
            Question::Never(why) => Err(why.clone()),
        };
        value.map(|value| (value, u64::MAX))
    }
}

/// A reason for the screen: harmless and short.
pub fn why_not(why: &str) -> String {
    text::shortened(&text::visible(why), 300)
}
