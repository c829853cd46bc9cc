//! Drift mended: the commit that was deployed last is synced once more, where git still holds that very commit.
//!
//! Another commit, or other sources, are no drift but a deploy, which is asked for as one. The sync is held to the commit,
//! and whoever asks for it says by `of` which differences are meant: resource by resource, with what is live and what
//! would be. Where Argo CD takes no commit to be held to (auto-sync, several sources), nothing is sent.

use super::super::super::compare::{compare, seal as sealed};
use super::super::app::{self, KEY};
use super::super::goal::Goal;
use super::super::json::{line, list, named, text};
use super::super::managed::Managed;
use super::super::past::{Entry, past};
use super::super::version;
use super::back::hooks;
use super::forward::{compared, running, window};
use super::{Call, Plan, Read, Step, arg, begun, flag};
use crate::domain::digest::Digest;
use crate::domain::operation::Operation;
use serde_json::{Value, json};

/// The plan for `mend`.
///
/// # Errors
/// Argo CD does not know whether it differs, cannot be held to a commit, what differs is a deploy, or a flag is none.
pub fn mend(operation: &Operation, key: &str, read: &Read<'_>) -> Result<Plan, String> {
    let prune = flag(operation, "prune")?.unwrap_or(false);
    let Read { place, app, items, .. } = read;
    let ours = app::running(app).and_then(|running| running.key);
    let newest = app.pointer("/status/operationState/operation").and_then(app::key_of);
    let goal = |key: Option<&str>, at: &str| Goal::Mended { key: key.map(str::to_owned), at: at.to_owned(), prune };
    if ours.as_deref() == Some(key) || newest == Some(key) {
        let at = text(app, "/status/operationState/operation/sync/revision");
        return Ok(nothing(goal(Some(key), at), format!("{} has been told already", place.words())));
    }
    match app::sync(app) {
        "Synced" => return Ok(nothing(goal(None, ""), format!("{} is as git has it already", place.words()))),
        "OutOfSync" => {}
        other => return Err(format!("how it compares with git is not known to Argo CD ({})", line(other))),
    }
    let revision = held(app, read.past.first())?;
    let (out, left): (Vec<_>, Vec<_>) = differs(app).partition(|one| prune || !is_beyond(one));
    match (out.is_empty(), left.is_empty()) {
        (true, true) => return Err("what is out of sync is not told".to_owned()),
        (true, false) => {
            let why = format!("{} is as git has it, but for what is not in git (prune=true deletes it)", place.words());
            return Ok(nothing(goal(None, ""), why));
        }
        (false, _) => {}
    }
    let body = json!({ "prune": prune, "revision": revision, "infos": [{ "name": KEY, "value": key }] });
    let at = line(&version::short(revision));
    let effect = format!("syncs {} to {at} once more, the commit that was deployed last", place.words());
    let goal = goal(Some(key), revision);
    let mut plan = begun(vec![Step { call: Call::Sync(body), effect, goal: goal.clone() }], goal);
    plan.effects = plan.steps.iter().map(|step| step.effect.clone()).collect();
    let word = |one: &Value| if is_beyond(one) { "deleted, as it is not in git" } else { "as git has it" };
    plan.effects.extend(out.iter().map(|one| format!("{}: {}", named(one), word(one))));
    plan.effects.extend(left.iter().map(|one| format!("{}: stays, though it is not in git", named(one))));
    plan.blocks.extend(meant(operation, &seal_of(app, items, revision, &out)));
    plan.blocks.extend(running(read));
    plan.blocks.extend(window(read));
    plan.loses.push("what was changed by hand in these is overwritten".to_owned());
    let hooks = hooks(app);
    if !hooks.is_empty() {
        plan.loses.push(format!("a sync runs the hooks too; the last one had {}", hooks.join(", ")));
    }
    Ok(plan)
}

/// The commit that a sync can be held to: the one that was deployed last, with which it is compared.
fn held<'a>(app: &'a Value, last: Option<&Entry>) -> Result<&'a str, String> {
    if app::auto_sync(app).is_some() {
        return Err(
            "auto-sync is on, so that it takes no commit to be held to; let it sync, or pause it first".to_owned()
        );
    }
    let revision = compared(app).ok_or("it has several sources, or a commit that is not known; bring it by git")?;
    let spec = app.get("spec").map(app::sources).unwrap_or_default();
    match last {
        Some(last) if last.revision == revision && spec.into_iter().eq(&last.sources) => Ok(revision),
        _ => {
            let at = line(&version::short(revision));
            Err(format!("git holds {at} from other sources or another commit than was deployed last: deploy it"))
        }
    }
}

/// Why it is not sent: that others are meant, or that nobody has said which.
fn meant(operation: &Operation, now: &str) -> Option<String> {
    match arg(operation, "of") {
        Some(of) if of == now => None,
        Some(of) => {
            Some(format!("what differs is not what of={} was said of; look again: it is of={now} now", line(of)))
        }
        None => Some(format!("say that exactly this is meant: of={now}")),
    }
}

/// What stands for exactly what is mended of an application, what is not in git left out; none where nothing is, or
/// it cannot be now. `items` are those of `…/managed-resources`.
pub fn seal(app: &Value, image: Option<&str>, items: &[Value]) -> Option<String> {
    let revision = held(app, past(app, image).first()).ok().filter(|_| app::sync(app) == "OutOfSync")?;
    let out: Vec<_> = differs(app).filter(|one| !is_beyond(one)).collect();
    (!out.is_empty()).then(|| seal_of(app, items, revision, &out))
}

fn seal_of(app: &Value, items: &[Value], revision: &str, out: &[&Value]) -> String {
    let of = |one: &&Value| {
        let (name, group) = (named(one), text(one, "/group"));
        let mine = items.iter().filter(|item| text(item, "/group") == group).filter_map(Managed::read);
        let found = mine.filter(|item| item.name == name).map(|item| sealed(&name, &compare(&item.live, &item.wanted)));
        (group.to_owned(), name.clone(), is_beyond(one), found.collect::<Vec<_>>())
    };
    let all: Vec<_> = out.iter().map(of).collect();
    Digest::of("sync", &(text(app, "/metadata/uid"), revision, all)).short()
}

/// What Argo CD calls out of sync.
fn differs(app: &Value) -> impl Iterator<Item = &Value> {
    list(app, "/status/resources").iter().filter(|one| text(one, "/status") == "OutOfSync")
}

/// Whether it is not in git, and goes only where that is asked for.
fn is_beyond(one: &Value) -> bool {
    one.get("requiresPruning") == Some(&Value::Bool(true))
}

fn nothing(goal: Goal, why: String) -> Plan {
    let mut plan = begun(Vec::new(), goal);
    plan.effects.push(format!("{why}; nothing is sent"));
    plan
}
