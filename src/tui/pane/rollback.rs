//! The ways back: what was changed, to which version it returns, the plan for
//! all of it, triggers and locks, and who may decide.

use crate::domain::span::Span;
use crate::domain::trigger::Trigger;
use crate::domain::verdict;
use crate::engine::before::before;
use crate::engine::run::{Changed, Run, State, TriggerState};
use crate::report::forecast as words;
use crate::report::foreseen::{self, Line, Weight};
use crate::tui::action::{Action, Pane};
use crate::tui::hand::Id;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::text::{Align, put, row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// What the pane is called when it is copied.
pub const TITLE: &str = "the ways back";

/// How many places are told where nothing is to be taken back.
const PLACES: usize = 40;

/// How many rows it would like.
pub fn wanted(view: &View<'_>) -> u16 {
    u16::try_from(lines(view).len()).unwrap_or(u16::MAX)
}

/// Draws the pane.
pub fn draw(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let lines = lines(view);
    let hidden = lines.len().saturating_sub(usize::from(area.height.saturating_sub(1)));
    let hidden =
        (hidden > 0).then(|| if hidden == 1 { "1 line hidden".to_owned() } else { format!("{hidden} lines hidden") });
    let horizon = words::start_by(&view.model.derived.outlook);
    let right = hidden.into_iter().chain(horizon).collect::<Vec<_>>().join(" · ");
    let focused = view.ui.pane == Pane::Rollback;
    rule(buf, area, &Rule { right: &right, focused, ..Rule::named("rollback") }, theme);
    view.mark(Id::Text(TITLE.to_owned()), area, true);
    let room = usize::from(area.height.saturating_sub(1));
    let top = view.ui.row.min(lines.len().saturating_sub(room));
    for (n, (role, text)) in lines.iter().skip(top).take(room).enumerate() {
        let at = row(area, u16::try_from(n + 1).unwrap_or(u16::MAX));
        put(buf, at, &format!(" {text}"), Align::Left, theme.style(*role), theme);
    }
}

/// Its lines, each with its role.
pub fn lines(view: &View<'_>) -> Vec<(Role, String)> {
    let mut lines = ways(view);
    if view.model.derived.back.is_none() {
        places(view, &mut lines);
    }
    lines
}

/// What was changed, triggers, holds, who may decide, and the plan that takes it back.
pub fn ways(view: &View<'_>) -> Vec<(Role, String)> {
    let mut lines = Vec::new();
    // What may stop or start it stands before the plan, so that a long plan never hides it.
    match view.model.subject() {
        Some(run) => {
            changes(run, &mut lines);
            triggers(view, run, &mut lines);
        }
        None => lines.push((Role::Dim, "no run has changed anything".to_owned())),
    }
    lines.push((Role::Text, String::new()));
    for hold in view.model.ledger.holds.values() {
        let what = if hold.lock { "LOCK" } else { "hold" };
        let text = format!(
            "{what} {} on {} by {}, {}: {}",
            hold.id,
            hold.scope,
            hold.by,
            Span::between(hold.since, view.now),
            hold.reason
        );
        lines.push((if hold.lock { Role::Held } else { Role::Warn }, text));
    }
    let may = view.model.workspace.roles.values().filter(|r| r.rollback);
    let may: Vec<_> = may
        .map(|r| format!("{} ({})", r.people.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "), r.title))
        .collect();
    if !may.is_empty() {
        lines.push((Role::Dim, format!("may decide: {}", may.join(" · "))));
    }
    let key = |action| view.ui.keys.of(action);
    lines.push((Role::Dim, format!("{} rolls back · {} lifts a hold", key(Action::RollBack), key(Action::LiftHold))));
    if let Some(run) = view.model.subject() {
        plan(view, run, &mut lines);
    }
    lines
}

/// The first and last change of each place and what is taken back alike, with the steps that made it.
pub fn by_place(run: &Run) -> Vec<(&Changed, &Changed, String)> {
    let mut all: Vec<(&Changed, &Changed, String)> = Vec::new();
    for change in &run.changed {
        let same = |c: &Changed| {
            c.service == change.service && c.environment == change.environment && c.taken_back == change.taken_back
        };
        match all.iter_mut().find(|(_, last, _)| same(last)) {
            Some((_, last, steps)) => {
                *last = change;
                steps.push_str(&format!(", {}", change.step));
            }
            None => all.push((change, change, format!("step {}", change.step))),
        }
    }
    all
}

/// Where nothing is to be taken back: what each place has, and what it would return to.
fn places(view: &View<'_>, lines: &mut Vec<(Role, String)>) {
    lines.extend([(Role::Text, String::new()), (Role::Title, "what each place would return to".to_owned())]);
    let given = view.model.given(view.now);
    let seen = view.model.observed.deployments();
    if seen.len() == 0 {
        lines.push((Role::Dim, "  nothing has been seen of any place yet".to_owned()));
    }
    for ((service, environment), seen) in seen.clone().take(PLACES) {
        let live = seen.value.candidate.as_ref().unwrap_or(&seen.value.version);
        let (role, before) = match before(&given, service, environment, Some(seen.value)) {
            Ok(before) => (Role::Text, before.to_owned()),
            Err(reason) if reason.rule == verdict::Rule::Evidence => {
                (Role::Dim, "no version before is known".to_owned())
            }
            Err(reason) => (Role::Dim, reason.text),
        };
        lines.push((role, format!("  {service:<12} {environment:<10} {live:>8} → {before}")));
    }
    let more = seen.len().saturating_sub(PLACES);
    if more > 0 {
        lines.push((
            Role::Dim,
            format!("  and {more} places more; {} shows them", view.ui.keys.of(Action::Go(Pane::Health))),
        ));
    }
}

/// The rollback that goes on: its own plan, and how far it is.
fn under_way(going: &Run, lines: &mut Vec<(Role, String)>) {
    let (done, of) = going.progress();
    lines.push((Role::Text, String::new()));
    lines.push((Role::Title, format!("run {} takes this back · {done} of {of} done", going.id)));
    lines.extend(going.plan.steps.iter().map(|step| {
        let word = match going.state(&step.name) {
            State::Pending => "to do",
            State::Running | State::Verifying => "running",
            State::Done => "done",
            State::Failed(_) => "FAILED",
            State::Partly(..) => "PARTLY",
            State::Skipped(_) => "skipped",
            State::InDoubt(_) => "IN DOUBT",
            State::RolledBack => "taken back",
        };
        let role = if step_is_bad(word) { Role::Fail } else { Role::Text };
        (role, format!("  {:<4}{word:<8}  {}", step.name, step.title))
    }));
}

/// Whether a step's word is trouble: it is in capitals.
fn step_is_bad(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

/// What was changed, as what it goes back to.
fn changes(run: &Run, lines: &mut Vec<(Role, String)>) {
    let places = by_place(run);
    let widest = |text: &dyn Fn(&Changed) -> usize| places.iter().map(|(_, last, _)| text(last)).max().unwrap_or(0);
    let place = |c: &Changed| format!("{} {}", c.service, c.environment);
    let named = widest(&|c| place(c).chars().count()).max(20);
    let live = widest(&|c| c.to.as_deref().map_or(1, |to| to.chars().count()));
    for (first, last, steps) in &places {
        let (before, now) = (first.from.as_deref().unwrap_or("?"), last.to.as_deref().unwrap_or("?"));
        let (role, how) = match last.taken_back {
            Some(by) => (Role::Dim, format!("taken back by run {by}")),
            None => (Role::Text, format!("changed by {steps}")),
        };
        lines.push((role, format!("{:<named$}  {now:<live$} → {before}  {how}", place(last))));
    }
    if run.changed.is_empty() {
        lines.push((Role::Dim, format!("run {} has changed nothing yet", run.id)));
    }
}

/// The plan that takes it back, or how far it is.
fn plan(view: &View<'_>, run: &Run, lines: &mut Vec<(Role, String)>) {
    if let Some(going) = view.live().find(|back| back.plan.reverts == Some(run.id)) {
        return under_way(going, lines);
    }
    let Some(back) = &view.model.derived.back else { return };
    lines.push((Role::Text, String::new()));
    match back {
        Ok(plan) => {
            let elsewhere = view.model.derived.unasked.then(|| "not asked about here".to_owned());
            let counts = foreseen::counts(&view.model.derived.said).into_iter().chain(elsewhere);
            let head = format!("the whole set · plan {}", plan.digest().short());
            lines.push((Role::Title, std::iter::once(head).chain(counts).collect::<Vec<_>>().join(" · ")));
            lines.extend(plan.steps.iter().map(|s| (Role::Text, format!("  {:<4}{}", s.name, s.title))));
            let said = &view.model.derived.said;
            let known = foreseen::lines(said).into_iter().filter(|line| line.weight != Weight::Awaited);
            lines.extend(known.map(|line| (role(line.weight), told(&line))));
            lines.extend(foreseen::unasked(said).map(|text| (Role::Dim, format!("  {text}: the next look does"))));
        }
        Err(refusal) => lines.extend(refusal.reasons.iter().map(|r| (Role::Fail, r.to_string()))),
    }
}

fn told(line: &Line) -> String {
    format!("  {:<6} {}", line.label, line.text)
}

fn role(weight: Weight) -> Role {
    match weight {
        Weight::Refused => Role::Fail,
        Weight::Heed => Role::Warn,
        Weight::Unknown => Role::Unknown,
        Weight::Plain | Weight::Awaited => Role::Dim,
    }
}

/// Every trigger, with what it watches and whether it does.
fn triggers(view: &View<'_>, run: &Run, lines: &mut Vec<(Role, String)>) {
    if !run.plan.triggers.is_empty() {
        lines.push((Role::Text, String::new()));
    }
    let watches = |trigger: &Trigger| trigger.signals.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
    let named = run.plan.triggers.iter().map(|t| t.name.as_str().len()).max().unwrap_or(0);
    let mut all = Vec::new();
    for trigger in &run.plan.triggers {
        let (role, word) = match run.triggers.get(&trigger.name) {
            None => (Role::Dim, format!("armed from step {}", trigger.from)),
            Some(TriggerState::Armed) => (Role::Text, "armed".to_owned()),
            Some(TriggerState::Tripped { acts_at: Some(at), .. }) => {
                (Role::Alarm, format!("TRIPPED, acts in {}", Span::between(view.now, *at)))
            }
            Some(TriggerState::Tripped { .. }) => (Role::Alarm, "TRIPPED, proposes".to_owned()),
            Some(TriggerState::Postponed { until, .. }) => {
                (Role::Warn, format!("postponed until {}", until.format("%H:%M:%SZ")))
            }
            Some(TriggerState::Proposed { why, .. }) => (Role::Warn, format!("proposes: {why}")),
            Some(TriggerState::Fired(by)) => (Role::Dim, format!("answered by run {by}")),
            Some(TriggerState::Disarmed(by, why)) => (Role::Warn, format!("disarmed by {by}: {why}")),
        };
        all.push((role, trigger, word));
    }
    // A reason that someone gave does not push the others away.
    let widest = all.iter().map(|(.., word)| word.chars().count()).filter(|n| *n <= 26).max().unwrap_or(0);
    for (role, trigger, word) in all {
        let name = trigger.name.as_str();
        lines.push((role, format!("trigger {name:<named$}  {word:<widest$}  {}", watches(trigger))));
        let against = run.plan.register.risks.iter().filter(|risk| risk.trigger.as_ref() == Some(&trigger.name));
        lines.extend(against.map(|risk| (Role::Dim, format!("  takes back  {}", risk.line()))));
    }
    let rest: Vec<_> = run.plan.register.risks.iter().filter(|risk| risk.trigger.is_none()).collect();
    if !rest.is_empty() {
        lines.push((Role::Text, String::new()));
        lines.push((Role::Text, "no trigger takes back".to_owned()));
    }
    lines.extend(rest.into_iter().map(|risk| (Role::Dim, format!("  {}", risk.line()))));
}
