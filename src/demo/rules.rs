//! What the director is told: when something becomes true, do this, once.
//!
//! The estate has a few rules of its own; whoever brings it up adds others,
//! such as scripted colleagues who vote when a poll is opened.

use super::place::Place;
use crate::domain::span::Span;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// When.
    pub when: When,
    /// How long after that.
    #[serde(default)]
    pub after: Span,
    /// What.
    pub act: Act,
    /// How often a program that does not end with 0 is tried, a second apart; 0 counts as 1.
    #[serde(default)]
    pub tries: u32,
    /// What is true once it has been done; nothing is done when it is. Without it
    /// a program that was killed under way is not run again: it may have done all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<When>,
}

/// What must become true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum When {
    /// The estate is up.
    Up,
    /// A version has at least this share of the traffic of a place, in percent.
    Share {
        /// Where.
        place: Place,
        /// Which.
        version: String,
        /// How much.
        weight: u8,
    },
    /// One line of a file holds all of these texts. A directory stands for the
    /// last of its `.jsonl` files by name; what is not there yet is waited for.
    Line {
        /// Below the estate's directory, unless it is absolute.
        file: PathBuf,
        /// All of these.
        contains: Vec<String>,
    },
}

/// What is done then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Act {
    /// Every instance of a place stands still for a moment.
    Blip {
        /// Where.
        place: Place,
        /// How long.
        span: Span,
    },
    /// The metrics of a place are silent for a while.
    Silence {
        /// Where.
        place: Place,
        /// How long.
        span: Span,
    },
    /// Ledger closes the day of a region.
    CloseDay {
        /// Which.
        region: String,
    },
    /// Our own program is run with these arguments after `-C DIR`.
    Run {
        /// Such as `--as mia vote 1 8 go --role data`.
        argv: Vec<String>,
    },
}

/// The estate's own rules: a blip early in eu-west that must not trip anything,
/// and silent metrics of fx in eu-north before its gate, for a minute unless
/// somebody makes them speak before.
pub fn own(fast: bool) -> Vec<Rule> {
    let place = |service: &str, region: &str| Place { service: service.to_owned(), region: region.to_owned() };
    let new = |weight| When::Share { place: place("payments", "eu-west"), version: "4.2.0".to_owned(), weight };
    let pick = |slow, quick| Span::secs(if fast { quick } else { slow });
    vec![
        Rule {
            when: When::Up,
            after: Span::ZERO,
            act: Act::CloseDay { region: "eu-west".to_owned() },
            tries: 1,
            done: None,
        },
        Rule {
            when: new(5),
            after: pick(5, 2),
            act: Act::Blip { place: place("ledger", "eu-west"), span: Span::millis(if fast { 1500 } else { 2500 }) },
            tries: 1,
            done: None,
        },
        Rule {
            when: new(100),
            after: Span::secs(1),
            act: Act::Silence { place: place("fx", "eu-north"), span: pick(60, 30) },
            tries: 1,
            done: None,
        },
    ]
}
