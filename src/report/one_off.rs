//! What is asked for without a runbook, read from words: of the verb `do` and of the palette.
//!
//! It looks names up and judges nothing else; what the arguments may be is the engine's to say.

use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::one_off::OneOff;
use crate::domain::operation::Verb;
use crate::domain::parameter::Parameters;
use crate::domain::workspace::Workspace;
use crate::engine::adhoc;
use std::collections::BTreeMap;

/// Why words could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// There is no such thing; there are others.
    Unknown {
        /// What was looked for, such as `verb`.
        what: String,
        /// What was written.
        name: String,
        /// What could have been.
        all: Vec<String>,
    },
    /// Something else is wrong with them.
    Wrong(String),
}

/// Reads a verb, a service, an environment and `NAME=VALUE` words.
///
/// # Errors
/// The first word that names nothing, with what there is.
pub fn read(
    workspace: &Workspace,
    (verb, service, environment): (&str, &str, &str),
    words: &[&str],
) -> Result<OneOff, Unread> {
    let Workspace { services, environments, .. } = workspace;
    if !services.contains_key(service) {
        return Err(unknown("service", service, services.keys().map(ServiceName::as_str)));
    }
    if !environments.contains_key(environment) {
        return Err(unknown("environment", environment, environments.keys().map(EnvironmentName::as_str)));
    }
    let (service, environment) = (ServiceName::new(service), EnvironmentName::new(environment));
    let mut args = arguments(words)?;
    let offered = adhoc::offered(workspace, &service, &environment);
    let verb = match verb {
        "rollback" => Verb::RollBack,
        // What brings an aborted rollout on its way again.
        "retry" if retries(&offered) => {
            args.insert("how".to_owned(), "retry".to_owned());
            Verb::Resume
        }
        word => {
            let found = Verb::ALL.into_iter().find(|verb| verb.word() == word);
            found.ok_or_else(|| unknown("verb", word, offered.iter().map(|(verb, _)| verb.word())))?
        }
    };
    let takes = offered.iter().find(|(known, _)| *known == verb).map(|(_, takes)| takes);
    if let Some(Parameters::These(known)) = takes
        && let Some(odd) = args.keys().find(|name| known.iter().all(|p| !p.means(name)))
    {
        let what = format!("argument of {verb}");
        return Err(unknown(&what, odd, known.iter().map(|p| p.name.as_ref())));
    }
    Ok(OneOff { verb, service, environment, args })
}

fn unknown<'a>(what: &str, name: &str, all: impl Iterator<Item = &'a str>) -> Unread {
    Unread::Unknown { what: what.to_owned(), name: name.to_owned(), all: all.map(str::to_owned).collect() }
}

fn arguments(words: &[&str]) -> Result<BTreeMap<String, String>, Unread> {
    let mut args = BTreeMap::new();
    for word in words {
        let Some((name, value)) = word.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            return Err(Unread::Wrong(format!("{word:?} is no argument; write NAME=VALUE, such as replicas=3")));
        };
        if args.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(Unread::Wrong(format!("{name} is given twice")));
        }
    }
    Ok(args)
}

fn retries(offered: &[(Verb, Parameters)]) -> bool {
    offered.iter().any(|(verb, takes)| *verb == Verb::Resume && takes.takes("how", "retry"))
}
