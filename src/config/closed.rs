//! The words of closed lists as schemas, taken from the domain's own enums.
//!
//! What is refused here would be silently ignored otherwise.

use crate::domain::alert::Severity;
use crate::domain::catalogue::{Confirmation, Tier};
use crate::domain::operation::Verb;
use crate::domain::person::Proof;
use crate::domain::plan::{Kind, Mode, Start};
use crate::domain::policy::Effect;
use crate::domain::release::Impact;
use crate::domain::result_file::Format;
use crate::domain::signal::{Bad, Rollout, Unit};
use crate::domain::way::WayKind;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use std::borrow::Cow;

/// The schema of a list of words; the words are those that serde reads.
fn words<T: Serialize>(all: &[T]) -> Schema {
    let words: Vec<_> = all.iter().filter_map(|word| serde_json::to_value(word).ok()).collect();
    json_schema!({ "type": "string", "enum": words })
}

/// Gives an enum of the domain the schema of its words.
macro_rules! closed {
    ($($type:ident => $all:expr),+ $(,)?) => {$(
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                words(&$all)
            }
        }
    )+};
}

closed! {
    Bad => [Bad::Above, Bad::Below],
    Confirmation => [Confirmation::None, Confirmation::Confirm, Confirmation::Challenge, Confirmation::TwoPerson],
    Effect => [Effect::Points, Effect::Allow, Effect::Warn, Effect::Needs, Effect::Block],
    Format => Format::ALL,
    Impact => [Impact::Low, Impact::Medium, Impact::High],
    Kind => [
        Kind::Manual, Kind::Command, Kind::Check, Kind::Action, Kind::Approval, Kind::Hold, Kind::Poll, Kind::Soak,
        Kind::Announce, Kind::Snapshot, Kind::RestorePoint, Kind::Decision, Kind::Milestone,
    ],
    Mode => [Mode::Live, Mode::Rehearsal],
    Proof => [Proof::Claimed, Proof::Login, Proof::SshKey, Proof::Signed],
    Rollout => [Rollout::Ready, Rollout::Trouble],
    Severity => [Severity::Info, Severity::Warning, Severity::Critical],
    Start => [Start::Auto, Start::Person],
    Tier => [Tier::Development, Tier::Testing, Tier::Staging, Tier::Production],
    Unit => [Unit::Ratio, Unit::Seconds, Unit::Bytes, Unit::PerSecond, Unit::Count, Unit::Times],
    Verb => Verb::ALL,
    WayKind => [WayKind::KillSwitch, WayKind::Compensate, WayKind::FixForward],
}
