//! A case: everything that rules may ask about one change at one moment, by the names that they ask by.
//!
//! An optional field that is none is not known, which is something else than being empty: a rule that asks for it
//! cannot be told. docs/policy.md is the table of these names for people, and a test holds it to this file.

use serde::Serialize;
use std::collections::BTreeMap;

/// One change at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Case {
    /// What is to be done.
    pub change: Change,
    /// What it is done to.
    pub service: About,
    /// Where.
    pub environment: Place,
    /// The release that it belongs to; empty where it belongs to none.
    pub release: Release,
    /// The run that does it.
    pub run: Run,
    /// What is on there.
    pub calendar: On,
    /// The time where the environment is.
    pub local: Clock,
    /// The same by universal time.
    pub utc: Clock,
    /// How it is there.
    pub health: Health,
    /// Who has approved it.
    pub approvals: Approvals,
    /// Who does it.
    pub operator: Operator,
    /// What it comes to by the rules that give points; reckoned where rules are asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
}

/// The points of a change.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Risk {
    /// The sum.
    pub points: i64,
    /// `low`, `medium` from 4, `high` from 8.
    pub class: String,
}

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Change {
    /// The verb.
    pub verb: String,
    /// `forward` or `back`.
    pub direction: String,
    /// The version that it brings; empty where it brings none.
    pub version: String,
    /// The version that is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// `major`, `minor`, `patch`, `same`, `older`, `other`, or `none` where it brings no version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

/// A service.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct About {
    /// Its name.
    pub name: String,
    /// 1 is what the business stands on.
    pub tier: i64,
    /// The role that answers for it; empty where none does.
    pub owner: String,
    /// The kinds of data that it holds.
    pub data: Vec<String>,
    /// Where those data may be.
    pub regions: Vec<String>,
    /// What it needs.
    pub depends_on: Vec<String>,
    /// What needs it, directly or through others.
    pub reaches: Vec<String>,
}

/// An environment.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// How close to users it is.
    pub tier: String,
    /// Where it is.
    pub region: String,
    /// The zone its people live by.
    pub zone: String,
    /// What it gets a version together with; empty where that is nothing.
    pub cohort: String,
}

/// A release of the calendar.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// How much it can hurt; empty where there is no release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impact: Option<String>,
    /// How many services it brings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services: Option<i64>,
}

/// A run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Run {
    /// Its runbook; empty where there is none.
    pub runbook: String,
    /// Whether it takes another run back.
    pub takes_back: bool,
    /// Who started it; empty where there is none.
    pub by: String,
    /// The risks of its register that nobody sees to.
    pub unowned: Vec<String>,
}

/// What is on, by title; of a kind of which a feed is not known, nothing is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct On {
    /// Change windows that are open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows: Option<Vec<String>>,
    /// Freezes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freezes: Option<Vec<String>>,
    /// Maintenance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maintenance: Option<Vec<String>>,
    /// Reservations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservations: Option<Vec<String>>,
    /// What is worth knowing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notices: Option<Vec<String>>,
}

impl Default for On {
    fn default() -> Self {
        let none = || Some(Vec::new());
        Self { windows: none(), freezes: none(), maintenance: none(), reservations: none(), notices: none() }
    }
}

/// A time of a place.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Clock {
    /// `Mon` to `Sun`.
    pub weekday: String,
    /// 0 to 23.
    pub hour: i64,
    /// `15:30`, which compares as time does.
    pub time: String,
    /// `2026-11-27`, which compares as dates do.
    pub date: String,
    /// 1 to 31.
    pub day: i64,
    /// 1 to 12.
    pub month: i64,
}

/// How a service is in an environment.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Health {
    /// How many alerts fire for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alerts: Option<i64>,
    /// How many of those are critical.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical: Option<i64>,
    /// Its signals by name; one that is late or lost is not in it.
    pub signals: BTreeMap<String, Signal>,
}

/// A signal's reading.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Signal {
    /// The number in its base unit.
    pub value: f64,
    /// `pass`, `warn` or `fail`.
    pub level: String,
}

/// What has been approved.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Approvals {
    /// The roles whose approval counts now.
    pub roles: Vec<String>,
    /// The people who gave them.
    pub people: Vec<String>,
}

/// Who drives the run, or asks.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Operator {
    /// The person; none where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The roles the person fills.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
}

impl Case {
    /// A case in which everything is known and empty: what tests of rules are written over.
    pub fn blank() -> Self {
        let (text, none) = (String::new, || Some(0));
        Self {
            change: Change { from: Some(text()), kind: Some("none".to_owned()), ..Change::default() },
            release: Release { impact: Some(text()), services: none(), ..Release::default() },
            health: Health { alerts: none(), critical: none(), ..Health::default() },
            operator: Operator { name: Some(text()), roles: Some(Vec::new()) },
            risk: Some(Risk { points: 0, class: "low".to_owned() }),
            ..Self::default()
        }
    }

    /// The tables whose names people choose.
    pub const OPEN: [&str; 1] = ["health.signals"];
    /// What is known of the entries of an open table.
    pub const OF_OPEN: [&str; 2] = ["value", "level"];
    /// The tables that change with time alone.
    pub const TIMED: [&str; 3] = ["local", "utc", "calendar"];
    /// The facts that are told by backends and so must be looked at first.
    pub const WATCHED: [&str; 3] = ["change.from", "change.kind", "health"];
}
