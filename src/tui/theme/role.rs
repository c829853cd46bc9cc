//! The roles a piece of the screen can have: what it means, not how it looks.
//!
//! No pane names a colour; themes do.

/// A role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(usize)]
pub enum Role {
    /// Ordinary text; also the background of everything.
    Text,
    /// Text that matters less: labels, units, what is normal.
    Dim,
    /// What the eye should find: names, the thing in focus.
    Accent,
    /// The title of a section or card.
    Title,
    /// A key that can be pressed.
    Key,
    /// A key that can be seen but not pressed now.
    Disabled,
    /// A rule or frame.
    Border,
    /// The row or button under the hand.
    Selected,
    /// What a person types into.
    Field,
    /// What changed a moment ago.
    Changed,
    /// Good: passed, done, ok.
    Ok,
    /// Under way.
    Running,
    /// Held: something or someone opens it.
    Held,
    /// Look here: near a limit.
    Warn,
    /// Bad: failed, degraded, refused.
    Fail,
    /// Cannot be told: in doubt, lost.
    Unknown,
    /// Known, but no longer fresh; or behind its time.
    Late,
    /// Left out, not to come.
    Skipped,
    /// Production, in word and frame.
    Production,
    /// Rehearsal or demo, in word and frame.
    Rehearsal,
    /// Armed: keys reach systems.
    Armed,
    /// A banner that needs a person at once.
    Alarm,
}

impl Role {
    /// Every role, in order of declaration.
    pub const ALL: [Role; 22] = [
        Role::Text,
        Role::Dim,
        Role::Accent,
        Role::Title,
        Role::Key,
        Role::Disabled,
        Role::Border,
        Role::Selected,
        Role::Field,
        Role::Changed,
        Role::Ok,
        Role::Running,
        Role::Held,
        Role::Warn,
        Role::Fail,
        Role::Unknown,
        Role::Late,
        Role::Skipped,
        Role::Production,
        Role::Rehearsal,
        Role::Armed,
        Role::Alarm,
    ];

    /// The roles that tell a state; no two may look the same in any theme.
    pub const STATES: [Role; 8] =
        [Role::Ok, Role::Running, Role::Held, Role::Warn, Role::Fail, Role::Unknown, Role::Late, Role::Skipped];

    /// Its name in theme files.
    pub fn name(self) -> &'static str {
        match self {
            Role::Text => "text",
            Role::Dim => "dim",
            Role::Accent => "accent",
            Role::Title => "title",
            Role::Key => "key",
            Role::Disabled => "disabled",
            Role::Border => "border",
            Role::Selected => "selected",
            Role::Field => "field",
            Role::Changed => "changed",
            Role::Ok => "ok",
            Role::Running => "running",
            Role::Held => "held",
            Role::Warn => "warn",
            Role::Fail => "fail",
            Role::Unknown => "unknown",
            Role::Late => "late",
            Role::Skipped => "skipped",
            Role::Production => "production",
            Role::Rehearsal => "rehearsal",
            Role::Armed => "armed",
            Role::Alarm => "alarm",
        }
    }
}
