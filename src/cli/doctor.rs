//! `doctor`: is everything there that a release day needs? Reads only.
//!
//! Each finding is a line with its word; it tries nothing that changes anything.

use super::args::Global;
use super::context::Context;
use super::outcome::{Ended, Exit};
use super::print;
use crate::domain::backend::BackendKind;
use crate::domain::observed::Observed;
use crate::domain::report::Remark;
use crate::domain::span::Span;
use crate::domain::topic::Topic;
use crate::domain::zone;
use crate::journal::{Journal, JournalError, Layout, programs};
use crate::runtime::{Introduction, identity, introductions, observe_for};
use serde_json::json;
use std::path::Path;

/// How long the backends have to be heard.
const LOOK: Span = Span::secs(6);
/// Less free space than this is a warning.
const ROOM: u64 = 256 << 20;

/// One finding: what, how well, and words.
struct Finding {
    what: String,
    ok: bool,
    text: String,
}

/// Looks at everything and prints a line each; status 1 when something is wrong.
pub fn doctor(global: &Global) -> Ended {
    let context = Context::open(global)?;
    let mut found = vec![
        person(&context),
        state(&context),
        journal(&context),
        disk(&context.state),
        Finding { what: "zones".to_owned(), ok: true, text: format!("IANA {}, built in", zone::version()) },
        terminal(),
    ];
    found.extend(backends(&context));
    found.extend(introduced(&context));
    let well = found.iter().all(|f| f.ok);
    if global.json {
        let all = found.iter().map(|f| json!({ "what": f.what, "ok": f.ok, "text": f.text }));
        print::json(&all.collect::<Vec<_>>());
    } else {
        let word = |ok: bool| if ok { "ok" } else { "NOT OK" }.to_owned();
        print::table(&found.iter().map(|f| vec![word(f.ok), f.what.clone(), f.text.clone()]).collect::<Vec<_>>());
    }
    Ok(if well { Exit::Done } else { Exit::Refused })
}

fn person(context: &Context) -> Finding {
    let who = identity::origin(&context.workspace, context.global.person.as_deref(), "doctor");
    let (ok, text) = match who {
        Ok(origin) => {
            let roles: Vec<_> = context.workspace.roles_of(&origin.person).map(|r| r.name.to_string()).collect();
            (true, format!("{} ({}), login {}, roles {}", origin.person, origin.proof, origin.user, roles.join(", ")))
        }
        Err(stranger) => (false, stranger.to_string()),
    };
    Finding { what: "you".to_owned(), ok, text }
}

fn state(context: &Context) -> Finding {
    let anchor = match &context.workspace.anchor {
        Some(place) => format!("heads go to {place}"),
        None => "without an anchor whoever can write it can rewrite it".to_owned(),
    };
    Finding { what: "state".to_owned(), ok: true, text: format!("{} · {anchor}", context.state.display()) }
}

fn journal(context: &Context) -> Finding {
    let (ok, text) = match Journal::view(&context.state) {
        Ok(journal) => match journal.broken() {
            Some(broken) => (false, broken.to_string()),
            None => (true, format!("{} lines, sound", journal.ledger().seq)),
        },
        Err(JournalError::Absent(_)) => (true, "not begun".to_owned()),
        Err(error) => (false, error.to_string()),
    };
    Finding { what: "journal".to_owned(), ok, text }
}

/// Free space where the state lies, or in the nearest directory above that exists.
fn disk(state: &Path) -> Finding {
    let there = state.ancestors().find(|p| p.exists()).unwrap_or(Path::new("/"));
    let (ok, text) = match rustix::fs::statvfs(there) {
        Ok(stat) => {
            let free = stat.f_bavail.saturating_mul(stat.f_frsize);
            (free >= ROOM, format!("{} MiB free in {}", free >> 20, there.display()))
        }
        Err(error) => (false, format!("cannot look at {}: {error}", there.display())),
    };
    Finding { what: "disk".to_owned(), ok, text }
}

fn terminal() -> Finding {
    let var = |name: &str| std::env::var(name).unwrap_or_else(|_| "unset".to_owned());
    let text = format!("TERM {} · COLORTERM {}", var("TERM"), var("COLORTERM"));
    Finding { what: "terminal".to_owned(), ok: var("TERM") != "dumb", text }
}

fn backends(context: &Context) -> Vec<Finding> {
    let watched = |kind: &BackendKind| match kind {
        BackendKind::Probe => context.workspace.signals.values().next().is_some(),
        kind => kind.tells() || kind.alerts() || kind.measures() || kind.feed().is_some(),
    };
    let declared = context.workspace.backends.values();
    let wanted: Vec<_> = declared.filter(|b| watched(&b.kind)).map(|b| b.name.clone()).collect();
    let heard = |seen: &Observed| wanted.iter().all(|name| seen.sources.get(name).is_some_and(|s| s.heard.is_some()));
    let observed = observe_for(&context.workspace, LOOK, heard);
    let of = |name: &crate::domain::name::BackendName| {
        let source = observed.sources.get(name);
        let fed = context.workspace.backends.get(name).is_some_and(|spec| spec.kind.feed().is_some());
        let fault = source.and_then(|s| if fed { s.why(Topic::Windows) } else { s.trouble() }.cloned());
        let ok = source.is_some_and(|s| s.heard.is_some()) && fault.is_none();
        let text = fault.unwrap_or_else(|| if ok { "heard".to_owned() } else { format!("not heard within {LOOK}") });
        Finding { what: format!("backend {name}"), ok, text }
    };
    wanted.iter().map(of).collect()
}

/// What backends say of themselves: version, credential, clocks; and whether they were something else before.
fn introduced(context: &Context) -> Vec<Finding> {
    let noted = programs::read(&Layout::new(&context.state, context.access()));
    let one = |(name, said, who): Introduction| {
        let was = who.zip(noted.get(&name)).and_then(|(who, noted)| noted.changed(&who.program()));
        let said = said.into_iter().chain(was.map(Remark::well));
        said.map(move |r| Finding { what: format!("backend {name}"), ok: r.ok, text: r.text }).collect::<Vec<_>>()
    };
    introductions(&context.workspace, LOOK).into_iter().flat_map(one).collect()
}
