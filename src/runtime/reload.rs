//! Reading the workspace's files again when they change, and what that changes,
//! in words.
//! Files with mistakes change nothing: the last good reading stays in force. What backends were
//! opened with waits for the next start, which `outdated` says.

use super::clock::now;
use super::input::Input;
use crate::backend::files;
use crate::config;
use crate::domain::calendar::Event;
use crate::domain::span::Span;
use crate::domain::workspace::Workspace;
use futures_util::StreamExt;
use std::path::PathBuf;
use std::sync::mpsc::Sender;

/// How often the files are looked at.
const EVERY: Span = Span::secs(1);

/// Reads the workspace again whenever its files change, for ever.
pub(super) async fn watch(root: PathBuf, inbox: Sender<Input>) {
    let mut changes = files::changes(root.clone(), EVERY);
    while changes.next().await.is_some() {
        let root = root.clone();
        let read = tokio::task::spawn_blocking(move || config::load(&root, now())).await;
        let read = match read {
            Ok(Ok(loaded)) => Ok(Box::new(loaded.workspace)),
            Ok(Err(problems)) => Err(problems.to_string()),
            Err(_) => return,
        };
        if inbox.send(Input::Workspace(read)).is_err() {
            return;
        }
    }
}

/// Describes what differs; none when nothing that is live does. Runbooks are
/// left out: a run keeps the plan it started with.
pub(super) fn change(old: &Workspace, new: &Workspace) -> Option<String> {
    let mut parts = Vec::new();
    let events = |w: &Workspace| w.calendar.events.iter().map(named).collect::<Vec<_>>();
    parts.extend(lists("calendar", &events(old), &events(new)));
    let names = |w: &Workspace| w.people.keys().map(ToString::to_string).collect::<Vec<_>>();
    parts.extend(lists("people", &names(old), &names(new)));
    let mut section = |what: &str, differs: bool| {
        if differs {
            parts.push(format!("{what} changed"));
        }
    };
    section("roles", old.roles != new.roles);
    section("signals", old.signals != new.signals);
    section("services", old.services != new.services);
    section("environments", old.environments != new.environments);
    section("releases", old.calendar.releases != new.calendar.releases);
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// An event by kind, title and its first occurrence that can be told apart.
fn named(event: &Event) -> String {
    let kind = format!("{:?}", event.kind).to_lowercase();
    let times: Vec<_> = event
        .occurrences
        .iter()
        .take(2)
        .map(|(a, b)| format!("{} to {}", a.format("%FT%H:%MZ"), b.format("%FT%H:%MZ")))
        .collect();
    format!("{kind} {} ({})", event.title, times.join(", "))
}

fn lists(what: &str, old: &[String], new: &[String]) -> Option<String> {
    let added = new.iter().filter(|n| !old.contains(n)).map(|n| format!("+ {n}"));
    let gone = old.iter().filter(|o| !new.contains(o)).map(|o| format!("- {o}"));
    let parts: Vec<_> = added.chain(gone).collect();
    (!parts.is_empty()).then(|| format!("{what}: {}", parts.join(", ")))
}
