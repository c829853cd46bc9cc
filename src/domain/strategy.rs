//! Ways to release, and which one fits: five answers, one template, and the reasons for it.
//!
//! The reasons are written into the runbook, so that whoever reads it at night knows why it is as it is.

use serde::Serialize;

/// A runbook that is ready to be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Template {
    /// The new version beside the old one; all traffic is switched.
    BlueGreen,
    /// A little traffic first.
    Canary,
    /// A few instances at a time.
    Rolling,
    /// The schema grows, data move, the schema shrinks.
    DatabaseExpandContract,
    /// One place after the other.
    MultiRegion,
    /// The smallest change that mends it.
    Hotfix,
    /// Users are hurt now.
    EmergencyChange,
    /// A backup is restored, for practice.
    RestoreExercise,
    /// Forward and back, for practice.
    RollbackDrill,
    /// A place is given up, for practice.
    DisasterRecoveryDrill,
    /// Between two batches.
    BatchPause,
    /// A new form of a message.
    MessageSchema,
    /// From one supplier to another.
    ThirdPartyCutover,
}

impl Template {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 13] = [
        Self::Rolling,
        Self::Canary,
        Self::BlueGreen,
        Self::MultiRegion,
        Self::DatabaseExpandContract,
        Self::MessageSchema,
        Self::BatchPause,
        Self::ThirdPartyCutover,
        Self::Hotfix,
        Self::EmergencyChange,
        Self::RollbackDrill,
        Self::RestoreExercise,
        Self::DisasterRecoveryDrill,
    ];

    /// Its name, as it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::BlueGreen => "blue-green",
            Self::Canary => "canary",
            Self::Rolling => "rolling",
            Self::DatabaseExpandContract => "database-expand-contract",
            Self::MultiRegion => "multi-region",
            Self::Hotfix => "hotfix",
            Self::EmergencyChange => "emergency-change",
            Self::RestoreExercise => "restore-exercise",
            Self::RollbackDrill => "rollback-drill",
            Self::DisasterRecoveryDrill => "disaster-recovery-drill",
            Self::BatchPause => "batch-pause",
            Self::MessageSchema => "message-schema",
            Self::ThirdPartyCutover => "third-party-cutover",
        }
    }

    /// What it is, in one line.
    pub fn about(self) -> &'static str {
        match self {
            Self::BlueGreen => {
                "the new version stands ready beside the old one; all traffic is switched at once, and back at once"
            }
            Self::Canary => "a little of the traffic first, more only while nothing is worse",
            Self::Rolling => "a few instances at a time, old and new side by side",
            Self::DatabaseExpandContract => {
                "expand, write both, backfill, read the new, contract; a point in time to come back to"
            }
            Self::MultiRegion => "one place after the other, the second once the first has stood",
            Self::Hotfix => "the smallest change that mends it, through staging all the same",
            Self::EmergencyChange => "users are hurt now; what is left out is done afterwards",
            Self::RestoreExercise => "an exercise: a backup is restored, against the clock",
            Self::RollbackDrill => "a drill: forward and back again",
            Self::DisasterRecoveryDrill => "a drill: one place is given up, the other carries on",
            Self::BatchPause => "between two batches: jobs are paused, caught up, let go on",
            Self::MessageSchema => "a new form of a message: readers first, writers after",
            Self::ThirdPartyCutover => "from one supplier to another, both connected meanwhile",
        }
    }
}

/// What changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changes {
    /// Code alone.
    Code,
    /// Code whose data are written by batch jobs.
    Jobs,
    /// A schema, or data.
    Database,
    /// Messages between services.
    Messages,
    /// Who supplies something.
    Supplier,
}

/// How soon it must be out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Soon {
    /// At a time that is planned.
    Planned,
    /// Today.
    Today,
    /// Users are hurt.
    Now,
}

/// How traffic can be given to a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic {
    /// In shares.
    Shares,
    /// All or nothing.
    Switch,
    /// By replacing instances only.
    Instances,
}

/// The five answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answers {
    /// What changes.
    pub changes: Changes,
    /// How soon.
    pub soon: Soon,
    /// Whether old and new can run side by side.
    pub side_by_side: bool,
    /// How traffic can be given.
    pub traffic: Traffic,
    /// Whether there is more than one place.
    pub places: bool,
}

/// The template that fits, and why, one reason a line: the heaviest answer first, then what each other one adds.
pub fn fits(answers: Answers) -> (Template, Vec<String>) {
    let (template, because) = first(answers);
    let mut why = vec![format!("{}: {because}", template.name())];
    why.extend(besides(answers, template).into_iter().map(str::to_owned));
    (template, why)
}

fn first(answers: Answers) -> (Template, &'static str) {
    use Template as T;
    match (answers.changes, answers.soon) {
        (Changes::Database, _) => (T::DatabaseExpandContract, "data change, and data cannot be deployed back"),
        (_, Soon::Now) => (T::EmergencyChange, "users are hurt now; what is left out is done afterwards"),
        (Changes::Supplier, _) => {
            (T::ThirdPartyCutover, "the supplier changes, so both are connected before anything moves")
        }
        (Changes::Messages, _) => (T::MessageSchema, "messages change, and some of the old ones are on their way"),
        (_, Soon::Today) => (T::Hotfix, "it must be out today, so nothing else goes with it"),
        (Changes::Jobs, _) => (T::BatchPause, "batch jobs write what it reads, so it goes between two of them"),
        (Changes::Code, Soon::Planned) => by_traffic(answers),
    }
}

fn by_traffic(answers: Answers) -> (Template, &'static str) {
    use Template as T;
    match (answers.side_by_side, answers.places, answers.traffic) {
        (false, ..) => (T::BlueGreen, "old and new cannot run side by side, so one of them has all of the traffic"),
        (true, true, _) => (T::MultiRegion, "there are several places, and the first shows what the second will do"),
        (true, false, Traffic::Shares) => (T::Canary, "traffic can be shared out, so few users meet a fault first"),
        (true, false, Traffic::Switch) => {
            (T::BlueGreen, "traffic can be switched at once, and so switched back at once")
        }
        (true, false, Traffic::Instances) => {
            (T::Rolling, "traffic follows the instances, so they are replaced a few at a time")
        }
    }
}

/// What the other answers add.
fn besides(answers: Answers, template: Template) -> Vec<&'static str> {
    use Template as T;
    let one_version = !answers.side_by_side;
    let all = [
        (
            answers.soon != Soon::Planned && template == T::DatabaseExpandContract,
            "haste does not make data safer: expand tonight, contract another day",
        ),
        (
            answers.soon == Soon::Now && matches!(answers.changes, Changes::Supplier | Changes::Messages),
            "what else changes goes through its own runbook afterwards",
        ),
        (
            one_version && template != T::BlueGreen,
            "old and new cannot run side by side: nobody may be using it while it is deployed",
        ),
        (
            one_version && template == T::BlueGreen && answers.traffic == Traffic::Instances,
            "nothing can switch traffic: take a maintenance window",
        ),
        (answers.places && template != T::MultiRegion, "there are several places: run it for one after the other"),
        (
            answers.traffic == Traffic::Shares && template == T::MultiRegion,
            "traffic can be shared out: let each place begin with little of it",
        ),
    ];
    all.into_iter().filter(|(is, _)| *is).map(|(_, why)| why).collect()
}
