//! A plan as rows: for spreadsheets (CSV) and for whoever reads Markdown, under heads that `import` knows.
//!
//! A cell that a spreadsheet would take for a formula gets an apostrophe before it. What a step sends is said in words, and so are
//! its state and its times where it belongs to a run.

use crate::domain::Timestamp;
use crate::domain::name::RoleName;
use crate::domain::plan::{At, Need, Plan, Question, Step, Work};
use crate::domain::span::Span;
use crate::domain::text::harmless_lines;
use crate::engine::run::{Run, State, StepState};
use std::io;

/// The heads of a plan's columns; those of a run follow.
const HEADS: [&str; 16] = [
    "id",
    "task",
    "type",
    "phase",
    "stream",
    "owner",
    "backup",
    "start",
    "duration",
    "predecessors",
    "instructions",
    "expected",
    "evidence",
    "rollback",
    "operation",
    "point of no return",
];

/// The heads of what became of it.
const OF_RUN: [&str; 3] = ["state", "started", "ended"];

/// A plan as CSV, with what became of each step where a run is given.
///
/// # Errors
/// That the text could not be written, which memory alone can cause.
pub fn csv(plan: &Plan, run: Option<&Run>) -> io::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADS.into_iter().chain(OF_RUN.into_iter().filter(|_| run.is_some())))?;
    for step in &plan.steps {
        writer.write_record(cells(step).into_iter().chain(became(run, step)).map(|cell| guarded(&cell)))?;
    }
    let bytes = writer.into_inner().map_err(|e| io::Error::other(e.to_string()))?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

/// A plan as a checklist in Markdown; a box is ticked where its step has ended well.
pub fn markdown(plan: &Plan, run: Option<&Run>) -> String {
    let mut out = format!("# {}\n", escaped(&plan.title));
    let mut phase = "";
    for (n, step) in plan.steps.iter().enumerate() {
        if step.phase != phase || n == 0 {
            phase = &step.phase;
            // A heading without a word ends a phase.
            let head = if n == 0 && phase.is_empty() { String::new() } else { format!("\n## {}\n", escaped(phase)) };
            out.push_str(&format!("{head}\n"));
        }
        let done = run.is_some_and(|run| *run.state(&step.name) == State::Done);
        out.push_str(&format!("- [{}] {}\n", if done { 'x' } else { ' ' }, escaped(&step.title)));
        let cells = cells(step).into_iter().chain(became(run, step));
        for (head, cell) in HEADS.into_iter().chain(OF_RUN).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            match head {
                "task" | "phase" => {}
                "instructions" => out.push_str(&fenced(&cell)),
                _ => out.push_str(&format!("  - {head}: {}\n", escaped(&cell.replace('\n', " ")))),
            }
        }
    }
    out
}

fn cells(step: &Step) -> Vec<String> {
    let all = |roles: &mut dyn Iterator<Item = &RoleName>| roles.map(RoleName::as_str).collect::<Vec<_>>().join(", ");
    let owner = match &step.work {
        Work::Ask(Question::Release { roles, .. } | Question::Poll { roles, .. }) => all(&mut roles.iter()),
        _ => all(&mut step.owner.iter()),
    };
    let needs = step.needs.iter().map(|need| match need {
        Need::Step(step) => step.to_string(),
        Need::Other(runbook, step) => format!("{runbook}:{step}"),
    });
    vec![
        step.name.to_string(),
        step.title.clone(),
        step.kind.text().to_owned(),
        step.phase.clone(),
        step.stream.clone(),
        owner,
        all(&mut step.backup.iter()),
        step.at.map(start).unwrap_or_default(),
        step.takes.map(|takes| takes.to_text()).unwrap_or_default(),
        needs.collect::<Vec<_>>().join(", "),
        step.instructions.clone(),
        step.expect.clone(),
        step.evidence.clone(),
        step.undo.clone(),
        step.operation().map(ToString::to_string).unwrap_or_default(),
        if step.point_of_no_return { "yes".to_owned() } else { String::new() },
    ]
}

fn start(at: At) -> String {
    match at {
        At::Instant(at) => instant(at),
        At::Offset(millis) => {
            let sign = if millis < 0 { '-' } else { '+' };
            format!("T{sign}{}", Span::millis(millis.unsigned_abs()).to_text())
        }
    }
}

fn instant(at: Timestamp) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// State, start and end of a step; nothing without a run.
fn became(run: Option<&Run>, step: &Step) -> Vec<String> {
    let Some(run) = run else { return Vec::new() };
    let at = |of: fn(&StepState) -> Option<Timestamp>| run.steps.get(&step.name).and_then(of).map(instant);
    let state = match run.state(&step.name) {
        State::Pending => "pending".to_owned(),
        State::Running => "running".to_owned(),
        State::Verifying => "verifying".to_owned(),
        State::Done => "done".to_owned(),
        State::RolledBack => "taken back".to_owned(),
        State::Skipped(why) => format!("skipped: {why}"),
        State::Failed(why) => format!("FAILED: {why}"),
        State::InDoubt(why) => format!("IN DOUBT: {why}"),
        State::Partly(some, of, why) => format!("PARTLY, {some} of {of}: {why}"),
    };
    vec![state, at(|state| state.started).unwrap_or_default(), at(|state| state.ended).unwrap_or_default()]
}

/// A cell that is no formula to any spreadsheet, and harmless to a terminal.
fn guarded(cell: &str) -> String {
    let cell = harmless_lines(cell);
    if cell.starts_with(['=', '+', '-', '@', '\'']) { format!("'{cell}") } else { cell }
}

/// A text that Markdown takes for nothing but a text, on one line.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in harmless_lines(text).replace('\n', " ").trim().chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '#' | '|' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A text of several lines as a block of a point, which nothing in it ends.
fn fenced(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let lines: String = harmless_lines(text).split('\n').map(|line| format!("  {line}\n")).collect();
    format!("  {fence}text\n{lines}  {fence}\n")
}
