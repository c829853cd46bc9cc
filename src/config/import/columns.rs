//! What the columns of a sheet are, by their heads.
//!
//! The heads are those of spreadsheets and of tools that export cutover plans. One that is not known is no mistake.

use std::fmt;

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The number or name of a step.
    Id,
    /// What it is, in one line.
    Title,
    /// What kind of step.
    Kind,
    /// The phase.
    Phase,
    /// The parallel stream.
    Stream,
    /// The role that does it.
    Owner,
    /// The role that does it when the owner cannot.
    Backup,
    /// Planned start.
    Start,
    /// Planned end.
    End,
    /// Planned length.
    Takes,
    /// What must be done before.
    Needs,
    /// What to do.
    Instructions,
    /// What should then be seen.
    Expect,
    /// What is to be kept.
    Evidence,
    /// How it is taken back.
    Undo,
}

impl Field {
    /// All of them, in the order of an exported sheet.
    pub const ALL: [Self; 15] = [
        Self::Id,
        Self::Title,
        Self::Kind,
        Self::Phase,
        Self::Stream,
        Self::Owner,
        Self::Backup,
        Self::Start,
        Self::End,
        Self::Takes,
        Self::Needs,
        Self::Instructions,
        Self::Expect,
        Self::Evidence,
        Self::Undo,
    ];

    /// The heads it is known by, small letters only; the first is its name.
    fn heads(self) -> &'static [&'static str] {
        match self {
            Self::Id => &[
                "id",
                "no",
                "no.",
                "nr",
                "nr.",
                "number",
                "#",
                "ref",
                "seq",
                "step",
                "step no",
                "step number",
                "step id",
                "task id",
                "task no",
                "task number",
                "task ref",
                "wbs",
                "order",
                "line",
            ],
            Self::Title => &[
                "task",
                "title",
                "task name",
                "name",
                "activity",
                "step name",
                "step title",
                "step description",
                "summary",
                "action",
                "what",
                "task title",
            ],
            Self::Kind => &["type", "kind", "task type", "step type", "activity type"],
            Self::Phase => &["phase", "stage", "section", "group", "milestone group", "runbook section"],
            Self::Stream => &["stream", "workstream", "work stream", "swimlane", "track"],
            Self::Owner => &[
                "owner",
                "team",
                "role",
                "responsible",
                "responsible team",
                "assigned team",
                "assignee",
                "assigned to",
                "who",
                "resource",
                "executing team",
                "accountable",
                "resource names",
            ],
            Self::Backup => &["backup", "deputy", "backup owner", "secondary"],
            Self::Start => &[
                "start",
                "planned start",
                "start time",
                "scheduled start",
                "planned start time",
                "planned start date",
                "start date",
                "begin",
                "at",
                "start date/time",
            ],
            Self::End => &[
                "end",
                "planned end",
                "end time",
                "finish",
                "scheduled end",
                "scheduled finish",
                "planned finish",
                "planned end time",
                "planned end date",
                "end date",
                "finish time",
                "end date/time",
            ],
            Self::Takes => &[
                "duration",
                "planned duration",
                "estimated duration",
                "takes",
                "length",
                "est. duration",
                "estimate",
                "expected duration",
            ],
            Self::Needs => &[
                "predecessors",
                "predecessor",
                "dependencies",
                "dependency",
                "depends on",
                "after",
                "needs",
                "predecessor tasks",
                "dependent on",
                "prerequisites",
                "blocked by",
            ],
            Self::Instructions => &[
                "instructions",
                "description",
                "details",
                "how",
                "how to",
                "procedure",
                "task description",
                "commands",
            ],
            Self::Expect => {
                &["expected", "expected result", "success criteria", "validation", "verification", "expect"]
            }
            Self::Evidence => &["evidence", "evidence required"],
            Self::Undo => {
                &["rollback", "roll back", "backout", "back-out", "back out", "undo", "fallback", "rollback step"]
            }
        }
    }

    /// Its name, as it is typed and as it heads an exported column.
    pub fn name(self) -> &'static str {
        self.heads().first().copied().unwrap_or_default()
    }

    /// The field of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// What a head stands for, and the unit that it names in brackets.
    pub fn of_head(head: &str) -> Option<Self> {
        let bare = bare(head);
        Self::ALL.into_iter().find(|field| field.heads().contains(&bare.as_str()))
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A head without case, doubled blanks, and what stands in brackets.
pub fn bare(head: &str) -> String {
    let without = head.split(['(', '[']).next().unwrap_or_default();
    let words: Vec<_> =
        without.split(|c: char| c.is_whitespace() || c == '_').filter(|word| !word.is_empty()).collect();
    words.join(" ").to_lowercase().trim_end_matches([':', '*', ' ']).to_owned()
}

/// The unit that a head names: `Duration (mins)`.
pub fn unit(head: &str) -> Option<&'static str> {
    let inside = head.split_once(['(', '['])?.1.trim_end_matches([')', ']', ' ']).trim().to_lowercase();
    match inside.as_str() {
        "m" | "min" | "mins" | "minutes" | "in minutes" => Some("m"),
        "h" | "hr" | "hrs" | "hours" | "in hours" => Some("h"),
        "s" | "sec" | "secs" | "seconds" => Some("s"),
        _ => None,
    }
}
