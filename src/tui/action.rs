//! The one table of actions: what an operator can ask for on the screens.
//!
//! Keymap, command palette, help, footer, the documentation's key page and the
//! verb `keys` all come from it. An action changes the view or becomes a
//! command; it never does anything by itself.

/// A screen of its own, in the order of its number key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pane {
    /// Everything at a glance.
    #[default]
    Bridge,
    /// Steps and their details.
    Runbook,
    /// Services by environment.
    Health,
    /// What waits for whom.
    Approvals,
    /// The ways back.
    Rollback,
    /// Releases, windows and freezes.
    Calendar,
    /// What was decided.
    Journal,
}

impl Pane {
    /// Every pane, in order.
    pub const ALL: [Pane; 7] =
        [Pane::Bridge, Pane::Runbook, Pane::Health, Pane::Approvals, Pane::Rollback, Pane::Calendar, Pane::Journal];

    /// Its name, as the footer and the palette write it.
    pub fn name(self) -> &'static str {
        match self {
            Pane::Bridge => "bridge",
            Pane::Runbook => "runbook",
            Pane::Health => "health",
            Pane::Approvals => "approvals",
            Pane::Rollback => "rollback",
            Pane::Calendar => "calendar",
            Pane::Journal => "journal",
        }
    }

    /// Its number key.
    pub fn number(self) -> u8 {
        self as u8 + 1
    }
}

/// What an operator can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // The table below says what each does.
pub enum Action {
    Up,
    Down,
    Left,
    Right,
    First,
    Last,
    PageUp,
    PageDown,
    NextFocus,
    PreviousFocus,
    Go(Pane),
    Open,
    Back,
    Zoom,
    Zone,
    Copy,
    Repeat,
    Filter,
    Palette,
    Find,
    GoPane,
    GoStep,
    Help,
    Redraw,
    Mouse,
    Theme,
    Acknowledge,
    Errors,
    Pager,
    Quit,
    Arm,
    Disarm,
    HoldAll,
    Incident,
    Contacts,
    Update,
    Log,
    TakeConn,
    GiveConn,
    OfferConn,
    Adopt,
    /// Waivers: list them, ask for one, say something of one.
    Waiver,
    /// Declare an emergency for the run.
    Emergency,
    Messages,
    RollBack,
    Do,
    Evidence,
    SpokenVote,
    StartRun,
    Rehearse,
    ParkRun,
    UnparkRun,
    AbortRun,
    CompleteRun,
    Start,
    Done,
    Fail,
    Retry,
    Skip,
    Note,
    HoldStep,
    Release,
    Waive,
    Assign,
    Choose,
    Probe,
    Resolve,
    Output,
    TakeOver,
    Undo,
    Vote,
    Approve,
    Reject,
    PostponeTrigger,
    DisarmTrigger,
    LiftHold,
    Diagnose,
    May,
    Verify,
    RefusedOnly,
    Play,
    Faster,
    Slower,
    LineOn,
    LineBack,
    EventOn,
    EventBack,
    EventOf,
    Jump,
}

/// Where an action's keys act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// On every screen.
    Everywhere,
    /// While a trigger is tripped, on every screen.
    Trigger,
    /// With a step in focus: bridge and runbook.
    Step,
    /// With an approval or poll in focus.
    Approval,
    /// In the rollback pane.
    Rollback,
    /// In the calendar.
    Calendar,
    /// In the journal.
    Journal,
    /// In a replay, on every screen; these keys come before all others.
    Replay,
}

impl Place {
    /// Every place, in the order of help and documentation.
    pub const ALL: [Place; 8] = [
        Place::Everywhere,
        Place::Trigger,
        Place::Step,
        Place::Approval,
        Place::Rollback,
        Place::Calendar,
        Place::Journal,
        Place::Replay,
    ];

    /// Its word in keymaps and listings.
    pub fn word(self) -> &'static str {
        match self {
            Place::Everywhere => "any",
            Place::Trigger => "trigger",
            Place::Step => "step",
            Place::Approval => "approval",
            Place::Rollback => "rollback",
            Place::Calendar => "calendar",
            Place::Journal => "journal",
            Place::Replay => "replay",
        }
    }

    /// Whether both can be in focus at once, so that they may not share a key.
    pub fn meets(self, other: Place) -> bool {
        if self == Place::Replay || other == Place::Replay {
            return self == other;
        }
        let wide = |place| matches!(place, Place::Everywhere | Place::Trigger);
        self == other || wide(self) || wide(other)
    }
}

/// How far an action reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// This screen only.
    View,
    /// The journal; nothing else in the world changes.
    Journal,
    /// A system: needs arming, and a dialog by what it is.
    System,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// What it asks for.
    pub action: Action,
    /// Its name in the palette and in key overrides.
    pub name: &'static str,
    /// Its keys, as [`super::terminal::Key`] reads them; the palette alone when none.
    pub keys: &'static [&'static str],
    /// Where the keys act.
    pub place: Place,
    /// How far it reaches.
    pub reach: Reach,
    /// The verb that does the same, if there is one.
    pub verb: Option<&'static str>,
    /// One line of help.
    pub help: &'static str,
}

const fn view(action: Action, name: &'static str, keys: &'static [&'static str], help: &'static str) -> Binding {
    Binding { action, name, keys, place: Place::Everywhere, reach: Reach::View, verb: None, help }
}

const fn past(action: Action, name: &'static str, keys: &'static [&'static str], help: &'static str) -> Binding {
    let verb = Some("replay RUN");
    Binding { action, name, keys, place: Place::Replay, reach: Reach::View, verb, help }
}

const fn act(
    action: Action,
    place: Place,
    reach: Reach,
    name: &'static str,
    keys: &'static [&'static str],
    verb: &'static str,
    help: &'static str,
) -> Binding {
    Binding { action, name, keys, place, reach, verb: Some(verb), help }
}

use Action as A;
use Place::{Approval, Calendar, Everywhere, Journal, Rollback, Step, Trigger};
use Reach::{Journal as Told, System, View};

/// Every action there is, in the order help shows them.
pub const TABLE: &[Binding] = &[
    view(A::Up, "up", &["up", "k"], "one up"),
    view(A::Down, "down", &["down", "j"], "one down"),
    view(A::Left, "left", &["left", "h"], "out of what is open, back to the bridge"),
    view(A::Right, "right", &["right", "l"], "into what is selected"),
    view(A::First, "first", &["g", "home"], "to the first"),
    view(A::Last, "last", &["G", "end"], "to the last"),
    view(A::PageUp, "page-up", &["pageup"], "one page up"),
    view(A::PageDown, "page-down", &["pagedown", "space"], "one page down"),
    view(A::NextFocus, "next", &["tab"], "to the next section, or the next pane"),
    view(A::PreviousFocus, "previous", &["shift-tab"], "to the section or pane before"),
    Binding {
        verb: Some("status"),
        ..view(A::Go(Pane::Bridge), "bridge", &["1"], "the bridge: everything at a glance")
    },
    Binding {
        verb: Some("run show RUN"),
        ..view(A::Go(Pane::Runbook), "runbook", &["2"], "the runbook: steps and their details")
    },
    Binding { verb: Some("health"), ..view(A::Go(Pane::Health), "health", &["3"], "health: services by environment") },
    Binding {
        verb: Some("approvals"),
        ..view(A::Go(Pane::Approvals), "approvals", &["4"], "approvals: what waits for whom")
    },
    view(A::Go(Pane::Rollback), "rollback", &["5"], "rollback: the ways back"),
    Binding {
        verb: Some("calendar"),
        ..view(A::Go(Pane::Calendar), "calendar", &["6"], "the calendar: releases, windows, freezes")
    },
    Binding {
        verb: Some("journal show"),
        ..view(A::Go(Pane::Journal), "journal", &["7"], "the journal: what was decided")
    },
    view(A::Open, "open", &["enter"], "open what is selected"),
    view(A::Back, "back", &["esc"], "back; never undoes anything"),
    view(A::Zoom, "zoom", &["z"], "the section in focus alone, and back"),
    view(A::Zone, "zone", &["t"], "the next time zone beside UTC"),
    view(A::Copy, "copy", &["y"], "copy what is selected, to clipboard and file"),
    view(A::Repeat, "repeat", &["."], "the last view command again"),
    view(A::Filter, "filter", &["/"], "filter rows: text, !inverse, ~fuzzy, key=value"),
    view(A::Palette, "palette", &[":"], "every action by name, with what it takes"),
    view(A::Find, "find", &["ctrl-p"], "find an action, step, service or run"),
    view(A::GoPane, "go", &[], "to a pane by its name: go health"),
    view(A::GoStep, "goto", &[], "to a step by its name: goto 14"),
    Binding { verb: Some("keys"), ..view(A::Help, "help", &["?"], "what the keys do here") },
    view(A::Redraw, "redraw", &["f12"], "paint the screen anew"),
    view(A::Mouse, "mouse", &[], "use the mouse, or leave it to the terminal"),
    Binding { verb: Some("theme list"), ..view(A::Theme, "theme", &[], "choose a theme and see it at once") },
    view(A::Acknowledge, "acknowledge", &["backspace"], "put the shown error with the past ones"),
    view(A::Errors, "errors", &[], "errors and warnings of this session"),
    view(A::Pager, "pager", &[], "read the open sheet in $PAGER"),
    view(A::Messages, "messages", &["M"], "every message that was not put away, in full"),
    view(A::Quit, "quit", &["q"], "leave; asks while a run is live"),
    view(A::Arm, "arm", &[], "keys that reach systems act, for five minutes"),
    view(A::Disarm, "disarm", &[], "read-only again"),
    act(A::HoldAll, Everywhere, Told, "hold-all", &["H"], "hold all", "stop everything that goes forward"),
    act(
        A::RollBack,
        Everywhere,
        System,
        "roll-back",
        &["B"],
        "rollback SERVICE --env ENV",
        "roll back to the last good version",
    ),
    view(A::Incident, "incident", &["I"], "the incident screen: open, lead, close it"),
    view(A::Contacts, "contacts", &["C"], "whom to call"),
    view(A::Update, "update", &["U"], "draft an update to copy"),
    act(A::Log, Everywhere, Told, "log", &["L"], "run note RUN TEXT", "log a note about the run"),
    act(A::TakeConn, Everywhere, Told, "take-conn", &["T"], "conn take RUN", "take the conn"),
    act(A::GiveConn, Everywhere, Told, "give-conn", &[], "conn give RUN", "give the conn back"),
    act(A::OfferConn, Everywhere, Told, "give", &[], "conn give RUN --to PERSON", "offer the conn to someone by name"),
    act(
        A::Waiver,
        Everywhere,
        Told,
        "waiver",
        &[],
        "waiver list",
        "what is waived; ask, grant, refuse, end, review after it",
    ),
    act(A::Emergency, Everywhere, Told, "emergency", &[], "emergency RUN --ticket TEXT", "no rule holds the run back"),
    act(A::Adopt, Everywhere, Told, "adopt", &[], "adopt --reason TEXT", "adopt what the files have loosened"),
    act(A::Evidence, Everywhere, Told, "evidence", &["X"], "journal export", "export the evidence"),
    act(
        A::SpokenVote,
        Everywhere,
        Told,
        "spoken",
        &["V"],
        "vote RUN STEP go --role ROLE --said-by PERSON --heard-by PERSON",
        "record what was said on the bridge",
    ),
    act(A::StartRun, Everywhere, Told, "run", &["N"], "run start RUNBOOK", "start a run of a runbook"),
    act(A::Rehearse, Everywhere, Told, "rehearse", &[], "run start RUNBOOK --rehearse", "rehearse a runbook"),
    act(A::ParkRun, Everywhere, Told, "park", &["P"], "run park RUN", "set the run aside until its next window"),
    act(A::UnparkRun, Everywhere, Told, "unpark", &[], "run unpark RUN", "go on with a parked run"),
    act(A::AbortRun, Everywhere, Told, "abort", &[], "run abort RUN", "stop the run for good"),
    act(A::CompleteRun, Everywhere, Told, "complete", &[], "run complete RUN", "close a run whose steps have ended"),
    act(A::Undo, Everywhere, Told, "undo", &["u"], "step undo RUN STEP", "take the last done back, within ten seconds"),
    act(A::Start, Step, System, "start", &["s"], "step start RUN STEP", "start the step"),
    act(A::Done, Step, Told, "done", &["d"], "step done RUN STEP", "say that it is done"),
    act(A::Fail, Step, Told, "fail", &["f"], "step fail RUN STEP", "say that it failed"),
    act(A::Retry, Step, System, "retry", &["r"], "step retry RUN STEP", "try it again after a certain failure"),
    act(A::Skip, Step, Told, "skip", &["x"], "step skip RUN STEP", "leave it out, with a reason"),
    act(A::Note, Step, Told, "note", &["n"], "step note RUN STEP TEXT", "write something down about it"),
    act(A::HoldStep, Step, Told, "hold", &["w"], "step hold RUN STEP", "let it wait: place a hold, with a reason"),
    act(A::Release, Step, System, "release", &["R"], "step release RUN STEP", "release the hold point or hold"),
    act(A::Waive, Step, Told, "waive", &["W"], "step waive RUN STEP", "accept what does not pass, with a reason"),
    act(A::Assign, Step, Told, "assign", &["A"], "step assign RUN STEP PERSON", "give it to someone"),
    act(A::Choose, Step, Told, "choose", &["c"], "step choose RUN STEP BRANCH", "choose a branch"),
    act(A::Probe, Step, Told, "probe", &["p"], "step probe RUN STEP", "ask the system what became of it"),
    act(
        A::Resolve,
        Step,
        Told,
        "resolve",
        &["e"],
        "resolve RUN STEP OUTCOME",
        "decide what became of it, with a reason",
    ),
    Binding { place: Step, ..view(A::Output, "output", &["o"], "all of its output") },
    act(
        A::Do,
        Step,
        System,
        "do",
        &["a"],
        "do VERB SERVICE --env ENV",
        "act on its place without a runbook: what is offered there",
    ),
    act(A::Vote, Step, Told, "vote", &["v"], "vote RUN STEP go --role ROLE", "vote for your role"),
    act(A::TakeOver, Step, Told, "take-over", &["O"], "run take-over RUN WHAT", "take over what is left open"),
    act(A::Approve, Approval, Told, "approve", &["a"], "approve SUBJECT", "approve"),
    act(A::Reject, Approval, Told, "reject", &["r"], "reject SUBJECT", "reject, with a reason"),
    act(A::Vote, Approval, Told, "vote-here", &["v"], "vote RUN STEP go --role ROLE", "vote for your role"),
    act(
        A::PostponeTrigger,
        Trigger,
        Told,
        "postpone",
        &["S"],
        "trigger postpone RUN TRIGGER",
        "postpone the trigger, with a reason",
    ),
    act(A::DisarmTrigger, Trigger, Told, "disarm-trigger", &["D"], "trigger disarm RUN TRIGGER", "disarm the trigger"),
    act(A::LiftHold, Rollback, Told, "lift", &["i"], "lift HOLD", "lift a hold; a lock asks for the cause"),
    act(A::Diagnose, Rollback, Told, "cause", &["c"], "run root-cause RUN TEXT", "say what the cause was"),
    act(A::May, Calendar, View, "may", &["m"], "may ACTION SERVICE ENV", "whether something may happen, and when"),
    act(A::Verify, Journal, View, "verify", &["v"], "journal verify", "verify the chain"),
    act(A::RefusedOnly, Journal, View, "refused", &["r"], "journal show --refused", "what was refused, only"),
    past(A::Play, "play", &["space"], "replay: play, or stand still"),
    past(A::Faster, "faster", &[">", "+"], "replay: faster, up to x600"),
    past(A::Slower, "slower", &["<", "-"], "replay: slower, down to x1"),
    past(A::LineOn, "line-on", &["]"], "replay: one line of the journal on"),
    past(A::LineBack, "line-back", &["["], "replay: one line of the journal back"),
    past(A::EventOn, "event-on", &["}"], "replay: to the next decision or trouble"),
    past(A::EventBack, "event-back", &["{"], "replay: to the one before"),
    past(A::EventOf, "event-of", &["J"], "replay: to the next of one kind"),
    past(A::Jump, "go-to", &["@"], "replay: to 02:15, +5m, -30s or line #412"),
];

impl Action {
    /// Its first row in the table.
    pub fn binding(self) -> Option<&'static Binding> {
        TABLE.iter().find(|row| row.action == self)
    }

    /// The action of a name, as the palette and key overrides write it.
    pub fn named(name: &str) -> Option<Action> {
        TABLE.iter().find(|row| row.name == name).map(|row| row.action)
    }

    /// How far it reaches.
    pub fn reach(self) -> Reach {
        self.binding().map_or(Reach::System, |row| row.reach)
    }
}
