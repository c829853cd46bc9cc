//! One thing that a person asks for without a runbook: a verb on a service in an environment.
//!
//! Words only; what becomes of them is planned by the engine, which looks everything up.

use super::name::{EnvironmentName, ServiceName};
use super::operation::Verb;
use std::collections::BTreeMap;
use std::fmt;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOff {
    /// What is done.
    pub verb: Verb,
    /// To which service.
    pub service: ServiceName,
    /// Where.
    pub environment: EnvironmentName,
    /// Arguments by name, as they were written.
    pub args: BTreeMap<String, String>,
}

impl fmt::Display for OneOff {
    /// `promote web prod how=step`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.verb, self.service, self.environment)?;
        self.args.iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}
