//! What can be typed: the short words with an example each, and help for one.
//!
//! One notation for all of them; the waiting lines offer the same words.

use crate::cli::args::Cli;
use crate::config::nearest;
use clap::CommandFactory;

/// A word that can be typed: how it is written, what it does, an example.
struct Word {
    name: &'static str,
    usage: &'static str,
    does: &'static str,
    example: &'static str,
}

const fn word(name: &'static str, usage: &'static str, does: &'static str, example: &'static str) -> Word {
    Word { name, usage, does, example }
}

const WORDS: &[Word] = &[
    word("status", "status", "says what is going on, and what waits for you first", "status"),
    word("waiting", "waiting", "says what waits for people, whose it is, and what answers it", "waiting"),
    word("steps", "steps [all]", "says the steps that matter now, or every one", "steps all"),
    word("health", "health", "says what is live and how every signal is", "health"),
    word("forecast", "forecast [all]", "says when the run lands and what it crosses", "forecast"),
    word("approvals", "approvals", "says what waits for votes and approvals", "approvals"),
    word("journal", "journal tail [N]", "says the last lines of the journal", "journal tail 5"),
    word("calendar", "calendar", "lists windows and freezes from now on", "calendar --days 2"),
    word("run", "run start NAME", "starts a run, after showing its plan", "run start train"),
    word("start", "start STEP", "starts a step; what it would send is shown first", "start 6"),
    word("done", "done STEP [NOTE]", "says that a step done by hand is done", "done 3"),
    word("undo", "undo STEP", "takes your done back, within ten seconds", "undo 3"),
    word("fail", "fail STEP WHY", "says that a step failed", "fail 3 the alerts would not be silenced"),
    word("retry", "retry STEP", "tries a failed step once more", "retry 6"),
    word(
        "skip",
        "skip STEP WHY",
        "leaves a step out; what that passes by is said first",
        "skip 4 it was done yesterday",
    ),
    word("waive", "waive STEP WHY", "accepts a verification that does not pass", "waive 10 the signal is known to lie"),
    word("release", "release STEP WHY", "releases a hold point", "release 16 eu-west is well"),
    word("choose", "choose STEP ANSWER", "answers a question of the runbook", "choose 20 landed"),
    word("vote", "vote STEP go, no-go, or go-if WHAT", "votes in a go or no-go", "vote 5 go"),
    word(
        "spoken",
        "spoken STEP go, no-go, approve or reject NAME heard by NAME WORDS",
        "writes down what somebody told you; a third person must have heard it",
        "spoken 5 go tom heard by lee we are good to go",
    ),
    word("approve", "approve STEP", "approves a step", "approve 15"),
    word("reject", "reject STEP WHY", "rejects a step", "reject 15 the books are not closed"),
    word("note", "note STEP TEXT", "writes something down about a step", "note 3 lee has silenced them"),
    word("log", "log TEXT", "writes something down about the run", "log a customer called"),
    word("assign", "assign STEP PERSON", "gives a step to somebody", "assign 13 lee"),
    word(
        "hold",
        "hold all WHY, or hold step STEP WHY",
        "stops what goes forward; never the way back",
        "hold all odd logs",
    ),
    word("lift", "lift HOLD WHY", "lifts a hold or a lock by its number", "lift 1 the logs were old"),
    word(
        "rollback",
        "rollback SERVICE ENV WHY, or rollback all WHY",
        "goes back to the version before, or takes back everything the run has changed",
        "rollback payments eu-north a tenth of the requests fail",
    ),
    word(
        "do",
        "do VERB SERVICE ENV [NAME=VALUE] WHY",
        "does one thing that a backend offers there, without a runbook; what it would send is shown first",
        "do pause payments eu-north the new pods crash",
    ),
    word("postpone", "postpone TRIGGER WHY", "puts off what a tripped trigger does", "postpone T2 we know the cause"),
    word("disarm", "disarm TRIGGER WHY", "ends what a trigger watches", "disarm T2 the signal is broken"),
    word("probe", "probe STEP", "asks the backend what became of an operation in doubt", "probe 6"),
    word(
        "resolve",
        "resolve STEP succeeded, failed or not-applied WHY",
        "decides what became of an operation in doubt",
        "resolve 6 succeeded I looked myself",
    ),
    word(
        "take",
        "take [WHY]",
        "takes the conn: the right to drive the run, which goes on only while somebody has it",
        "take",
    ),
    word("give", "give [to PERSON]", "lays the conn down, or offers it to somebody", "give to kim"),
    word("park", "park WHY", "sets the run aside until its next window", "park the window ends"),
    word("unpark", "unpark", "goes on with a parked run", "unpark"),
    word("abort", "abort WHY", "stops the run for good", "abort the release is called off"),
    word("complete", "complete", "closes a run in which every step has ended", "complete"),
    word("adopt", "adopt WHY", "lets count what the files have loosened", "adopt agreed with ops"),
    word("quit", "quit", "leaves; it asks while you have the conn", "quit"),
];

/// What can be typed, on one page.
pub const ALL: &str = "\
status says what is going on; waiting says what waits for you, or whose it is and how to reach them.
steps, health, forecast, approvals, calendar, journal tail look closer.
run start NAME starts a run. take takes the conn, which is the right to drive; give lays it down.
start 6, done 3, fail 3 WHY, retry 6, skip 4 WHY, release 16 WHY, note 3 TEXT, choose 20 ANSWER, probe 6 act on a step.
vote 5 go, vote 5 no-go, approve 15, reject 15 WHY give your word; spoken 5 go tom heard by lee WORDS what tom told you.
hold all WHY stops everything that goes forward; lift 1 WHY lifts hold 1.
rollback SERVICE ENV WHY goes back; rollback all WHY takes back everything that the run has changed.
do pause SERVICE ENV WHY does one thing without a runbook: pause, resume, promote, abort, restart, scale, as offered there.
postpone T2 WHY puts off what a trigger does.
When others are silent: waiting says how to reach them, whether a spoken word counts, and what skip would mean.
help and a word, such as help vote, says how it is written, with an example. A step of another run is written 2/6.
What reaches a system is printed in full first, and done once you have typed what is asked for.
When lines come while you type, go on: what you typed is kept, and Control-R shows it again. quit leaves.";

/// Help for one word; none when there is no such word.
pub fn of(name: &str) -> Option<String> {
    // A lock is a hold that a rollback leaves behind.
    let name = if matches!(name, "lock" | "unlock") { "lift" } else { name };
    let found = WORDS.iter().find(|word| word.name == name);
    let known =
        |word: &Word| format!("{} {}. Written: `{}`. Example: `{}`.", word.name, word.does, word.usage, word.example);
    found.map(known).or_else(|| of_shell(name))
}

/// Help for a verb that only the command line has.
fn of_shell(name: &str) -> Option<String> {
    let mut all = Cli::command();
    let verb = all.find_subcommand_mut(name)?;
    let about = verb.get_about().map(|about| about.to_string().trim_end_matches('.').to_owned()).unwrap_or_default();
    let usage = verb.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim_start_matches("holdpoint ").trim();
    Some(format!("{name}: {about}. Written: `{usage}`."))
}

/// Says that there is no such word, and which one may have been meant.
pub fn unknown(name: &str) -> String {
    let near = nearest::nearest(name, WORDS.iter().map(|word| word.name));
    let near = near.map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
    format!("There is no `{name}` here: nothing was done.{near} help lists what can be typed.")
}
