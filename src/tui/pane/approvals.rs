//! Approvals and polls that wait, each with what it takes to decide.
//!
//! What I may not approve says why.

use crate::domain::approval::Decision;
use crate::domain::name::RoleName;
use crate::domain::plan::{Question, Step, Work};
use crate::domain::span::Span;
use crate::domain::text::shortened;
use crate::domain::waiver::Waiver;
use crate::engine::run::{Run, State};
use crate::engine::{asked, people, policy, rules, statement};
use crate::report::waivers;
use crate::tui::action::Pane;
use crate::tui::hand::{Id, Order};
use crate::tui::pane::runbook::contacts;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::table::point;
use crate::tui::widget::text::{Align, put, row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// How many operations a card lists.
const SENT: usize = 6;

/// The selected card's run and step as long as it is there and shown; the first when none was selected.
pub fn selected<'a>(view: &View<'a>) -> Option<(&'a Run, &'a Step)> {
    let mut all = kept(view).into_iter();
    match &view.ui.ask {
        Some((run, step)) => all.find(|(r, s)| r.id == *run && s.name == *step),
        None => all.next(),
    }
}

/// The cards that the filter keeps; in the order they had as long as the hand moves.
pub fn kept<'a>(view: &View<'a>) -> Vec<(&'a Run, &'a Step)> {
    let filter = view.filter(Pane::Approvals);
    let queue = view.queue();
    let keeps = |(run, step): &(&Run, &Step)| {
        let (id, owner) = (run.id.to_string(), step.owner.as_ref().map(ToString::to_string).unwrap_or_default());
        let (step, title) = (step.name.as_str(), step.title.as_str());
        filter.keeps(&[("run", &id), ("step", step), ("title", title), ("owner", &owner), ("by", run.by.as_str())])
    };
    let all = match view.ui.hand.order(view.uptime) {
        Some(Order::Asks(order)) => {
            let found = |(run, step): &(_, _)| queue.iter().find(|(r, s)| r.id == *run && s.name == *step).copied();
            order.iter().filter_map(found).collect()
        }
        _ => queue,
    };
    all.into_iter().filter(keeps).collect()
}

/// How many cards have come while the hand moved.
fn new(view: &View<'_>) -> usize {
    let Some(Order::Asks(order)) = view.ui.hand.order(view.uptime) else { return 0 };
    view.model.derived.queue.iter().filter(|ask| !order.contains(ask)).count()
}

/// How many rows it would like; none when nothing waits for a word.
pub fn wanted(view: &View<'_>) -> u16 {
    let cards: usize = view.queue().iter().map(|(run, step)| card(view, run, step).len() + 2).sum();
    u16::try_from(cards).unwrap_or(u16::MAX)
}

/// Draws the pane: a card each, then what will ask for a word later.
pub fn draw(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let queue = kept(view);
    let (new, all) = (new(view), view.model.derived.queue.len());
    let mut right = format!("{}{}", queue.len(), view.chip(Pane::Approvals, all.saturating_sub(queue.len() + new)));
    if new > 0 {
        right.push_str(&format!(" · {new} new below"));
    }
    let hand = selected(view).map(|(run, step)| (run.id, &step.name));
    let focused = view.ui.pane == Pane::Approvals;
    rule(buf, area, &Rule { right: &right, focused, ..Rule::named("approvals") }, theme);
    let mut y = 1;
    if queue.is_empty() {
        let text = if all > new { " the filter leaves nothing" } else { " nothing waits for approval" };
        put(buf, row(area, 1), text, Align::Left, theme.style(Role::Dim), theme);
        y = 3;
    }
    for (run, step) in &queue {
        let selected = hand == Some((run.id, &step.name));
        let title = format!("{}/{} {}", run.id, step.name, step.title);
        let digest = statement::digest(run, step).short();
        let place = Rect { y: area.y + y, height: area.height.saturating_sub(y), ..area };
        if place.height < 2 {
            return;
        }
        let line = row(place, 0);
        view.mark(Id::Ask(run.id, step.name.clone()), line, selected);
        if selected {
            buf.set_style(line, theme.style(Role::Selected));
        }
        let rest = put(buf, line, &format!("{digest} "), Align::Right, theme.style(Role::Dim), theme);
        put(
            buf,
            rest,
            &format!(" {title}"),
            Align::Left,
            theme.style(if selected { Role::Selected } else { Role::Title }),
            theme,
        );
        if selected {
            point(buf, line, theme);
        }
        let mut lines = card(view, run, step);
        lines.truncate(usize::from(place.height - 1));
        for (k, text) in lines.iter().enumerate() {
            let at = row(place, u16::try_from(k + 1).unwrap_or(u16::MAX));
            put(buf, at, &format!("   {text}"), Align::Left, theme.style(Role::Text), theme);
        }
        y = y.saturating_add(u16::try_from(lines.len() + 2).unwrap_or(u16::MAX));
    }
    let rest = Rect { y: area.y.saturating_add(y), height: area.height.saturating_sub(y), ..area };
    if focused {
        later(view, waived(view, rest, buf), buf);
    }
}

/// Waivers that wait for a word, are in force, or are to be reviewed; what is left of the place.
fn waived(view: &View<'_>, area: Rect, buf: &mut Buffer) -> Rect {
    let given = view.given();
    let all: Vec<&Waiver> = waivers::open(&given).collect();
    if all.is_empty() || area.height < 3 {
        return area;
    }
    let right = all.len().to_string();
    rule(buf, area, &Rule { right: &right, ..Rule::named("waivers") }, view.theme);
    let lines = all.iter().flat_map(|waiver| {
        let urgent = !matches!(waivers::standing(&given, waiver), waivers::Standing::InForce);
        let head = if urgent { Role::Warn } else { Role::Title };
        waivers::lines(&given, waiver)
            .into_iter()
            .enumerate()
            .map(move |(n, line)| (if n == 0 { head } else { Role::Text }, line))
    });
    let lines: Vec<_> = lines.take(usize::from(area.height - 1)).collect();
    for (n, (role, line)) in lines.iter().enumerate() {
        let at = row(area, u16::try_from(n + 1).unwrap_or(u16::MAX));
        put(buf, at, &format!(" {line}"), Align::Left, view.theme.style(*role), view.theme);
    }
    let used = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    Rect { y: area.y.saturating_add(used), height: area.height.saturating_sub(used), ..area }
}

/// The steps of live runs that will ask for someone's word.
fn later(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    if area.height < 3 {
        return;
    }
    let asks = |run: &Run, step: &Step| {
        let asked =
            matches!(step.work, Work::Ask(Question::Approval(_) | Question::Poll { .. } | Question::Release { .. }));
        asked && *run.state(&step.name) == State::Pending
    };
    let steps = view.live().flat_map(|run| run.plan.steps.iter().map(move |step| (run, step)));
    let coming: Vec<_> = steps.filter(|(run, step)| asks(run, step)).collect();
    if coming.is_empty() {
        return;
    }
    let right = coming.len().to_string();
    rule(buf, area, &Rule { right: &right, ..Rule::named("will ask later") }, view.theme);
    for (n, (run, step)) in coming.iter().enumerate() {
        let who = match &step.work {
            Work::Ask(Question::Approval(slots)) => slots.iter().map(|s| format!("{} {}", s.need, s.role)).collect(),
            Work::Ask(Question::Poll { roles, .. } | Question::Release { roles, .. }) => {
                roles.iter().map(ToString::to_string).collect()
            }
            _ => Vec::new(),
        };
        let text = format!(" {}/{} {} · {}", run.id, step.name, step.title, who.join(", "));
        let line = row(area, u16::try_from(n + 1).unwrap_or(u16::MAX));
        put(buf, line, &text, Align::Left, view.theme.style(Role::Text), view.theme);
    }
}

/// What it takes to decide, as the lines of a card.
pub fn card(view: &View<'_>, run: &Run, step: &Step) -> Vec<String> {
    let given = view.given();
    let mut lines = Vec::new();
    let Some(state) = run.steps.get(&step.name) else { return lines };
    if let Some(started) = state.started {
        lines.push(format!("asked by {} · waits {}", run.by, Span::between(started, view.now)));
    }
    if let Some(op) = step.operation() {
        lines.push(format!("then    {op}"));
    }
    if let Some(poll) = people::poll(&given, run, step) {
        for (role, cast, ballot) in &poll.ballots {
            let word = match ballot {
                people::Ballot::Go => "GO".to_owned(),
                people::Ballot::NoGo => "NO-GO".to_owned(),
                people::Ballot::GoIf(condition) => format!("GO-IF {condition}"),
                people::Ballot::Stale => "STALE, votes again".to_owned(),
                people::Ballot::Silent => "-".to_owned(),
            };
            let how = cast.map(|c| {
                let spoken = c.spoken.as_ref().map(|s| format!("spoken; typed {}, heard {}", s.typed_by, s.heard_by));
                format!("{} · {} · {}", c.person, spoken.unwrap_or_else(|| c.proof.to_string()), c.at.format("%H:%MZ"))
            });
            lines.push(format!("{role:<12} {word:<8} {}", how.unwrap_or_else(|| contacts(view, role.as_str()))));
        }
        let closes = poll.closes.map(|at| format!("closes {} · silence then is NO-GO", at.format("%H:%M:%SZ")));
        lines.extend(closes);
        lines.push(format!("evidence {}", poll.evidence.short()));
        return lines;
    }
    let slots = match &step.work {
        Work::Ask(Question::Approval(slots)) => slots.as_slice(),
        _ => &[],
    };
    if !slots.is_empty() {
        lines.extend(sends(run));
    }
    let risk = policy::risk_of(&given, run, step);
    lines.extend(risk.map(|risk| format!("risk    {}", risk.told())));
    let rules = policy::needs(&given, run, step);
    lines.extend(rules.into_iter().map(|why| format!("why     {why}")));
    let gate = asked::slots(&given, run, step);
    let newest = people::newest(&given, run, step, state);
    let counting: Vec<_> = newest.iter().filter(|(_, lapsed)| lapsed.is_none()).map(|(d, _)| *d).collect();
    let filled = [slots, &gate].into_iter().flat_map(|slots| slots.iter().zip(people::filled(&counting, slots)));
    for (slot, filled) in filled {
        let of_role = || newest.iter().filter(|(d, _)| d.role == slot.role && d.yes);
        let have: Vec<_> = of_role().filter(|(_, lapsed)| lapsed.is_none()).map(|(d, _)| told(d)).collect();
        lines.push(format!("{} {} of {}  {}", slot.role, filled, slot.need, have.join(", ")));
        lines.extend(of_role().filter_map(|(d, why)| Some(format!("  {} not counted: {}", d.person, why.as_ref()?))));
        lines.push(format!("  {}", contacts(view, slot.role.as_str())));
    }
    let by_key = |role: &RoleName| rules::role(&given, role).is_some_and(|role| role.proof.by_key());
    if asked::roles(&given, run, step).iter().any(by_key) && !given.claims_count() {
        lines.push(format!("signed  holdpoint approve {}/{} --sign", run.id, step.name));
    }
    if let Some(me) = &view.model.person
        && people::excluded(run, Some(state)).any(|p| p == me)
    {
        lines.push(format!("not you: {me} started or drives this run"));
    }
    lines
}

/// What an approval of a run lets out, as far as there is room on a card.
fn sends(run: &Run) -> Vec<String> {
    let operations: Vec<_> = run.plan.steps.iter().filter_map(Step::operation).collect();
    let label = |n| if n == 0 { "sends" } else { "" };
    let mut lines: Vec<_> =
        operations.iter().take(SENT).enumerate().map(|(n, op)| format!("{:<7} {op}", label(n))).collect();
    if operations.len() > SENT {
        lines.push(format!("{:<7} and {} more", "", operations.len() - SENT));
    }
    lines
}

/// Who gave a word, and with which key where it was signed.
fn told(decision: &Decision) -> String {
    let key = decision.signed.as_ref().and_then(|signed| signed.key().as_ref().ok());
    let key = key.map(|key| format!(" (signed, {})", shortened(key.as_str(), 15)));
    format!("{}{}", decision.person, key.unwrap_or_default())
}
