//! What is asked of rules, as clap reads it.
//!
//! Words only; what they do is in `cli::policy`.

use crate::domain::span::Span;
use clap::{Args, Subcommand};

/// What is asked of the rules of `policy/`.
#[derive(Subcommand, Debug)]
pub enum PolicyVerb {
    /// The rules: effect, name, owner, controls, condition.
    List {
        /// Only rules that carry out a control with this in its name.
        #[arg(long, value_name = "NAME")]
        control: Option<String>,
    },
    /// Try the rules with the cases of `[tests]`; status 1 when one comes out otherwise.
    Test,
    /// Trust a rule again that approves beforehand and that a failed use has revoked.
    Trust {
        /// The rule.
        rule: String,
        /// Why; mandatory.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Where in the journal rules spoke, were passed by, or were waived; for a control, or all of them.
    Evidence {
        /// Only rules that carry out a control with this in its name.
        #[arg(long, value_name = "NAME")]
        control: Option<String>,
        /// How far back.
        #[arg(long, value_name = "TIME", default_value = "90d")]
        since: Span,
    },
    /// What each rule says of a real change, and by which facts.
    Explain(ExplainArgs),
}

/// A change to explain.
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// deploy, promote, roll-back, …
    pub action: String,
    /// The service.
    pub service: String,
    /// The environment.
    pub environment: String,
    /// The version that it would bring.
    #[arg(id = "to_version", long = "to", value_name = "VERSION")]
    pub version: Option<String>,
    /// The release that it would belong to.
    #[arg(long, value_name = "NAME")]
    pub release: Option<String>,
    /// An RFC 3339 time, or local with its zone; now when not given.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
}
