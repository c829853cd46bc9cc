//! People and how to reach them, and when the next update is due.
//!
//! It calls nobody and sends nothing.

use super::part::{Part, Row};
use crate::domain::span::Span;
use crate::engine::ailing::Ail;
use crate::engine::{comms, incident};
use crate::tui::action::Action;
use crate::tui::pane::runbook;
use crate::tui::theme::Role;
use crate::tui::view::View;
use std::collections::BTreeSet;

/// The part that tells whom to call.
pub fn part(view: &View<'_>, bad: &[Ail<'_>]) -> Part {
    let workspace = &view.model.workspace;
    let right = workspace.bridge.first().map(|bridge| format!("bridge {bridge}")).unwrap_or_default();
    let ill: BTreeSet<_> = bad.iter().map(|ail| &ail.signal.service).collect();
    let owners: BTreeSet<_> =
        ill.iter().filter_map(|service| workspace.services.get(*service)?.owner.as_ref()).collect();
    let mut roles: Vec<_> = workspace.roles.values().collect();
    // Who answers for what is bad, then who may decide, then everyone else.
    roles.sort_by_key(|role| (!owners.contains(&role.name), !role.rollback));
    let mut rows: Vec<Row> = due(view).into_iter().collect();
    rows.extend(roles.into_iter().map(|role| {
        let near = owners.contains(&role.name) || role.rollback;
        Row::text(if near { Role::Text } else { Role::Dim }, runbook::contacts(view, role.name.as_str()))
    }));
    let told = ill.iter().filter_map(|service| workspace.services.get(*service));
    let told = told.filter(|s| !s.contacts.is_empty()).map(|s| format!("{}: {}", s.title, s.contacts.join(" · ")));
    rows.extend(told.map(|text| Row::text(Role::Text, text)));
    Part { title: "people".to_owned(), right, role: Some(Role::Accent), rows, least: 2, ..Part::default() }
}

/// `stakeholders update due in 4m10`, the earliest of all live runs.
pub fn due(view: &View<'_>) -> Option<Row> {
    let open = incident::current(&view.model.ledger);
    let all = view.live().flat_map(|run| comms::due(&view.model.workspace, run, open.as_ref()));
    let due = all.min_by_key(|due| due.at)?;
    let name = &due.audience.name;
    let to = due.audience.contacts.first().map(|c| format!(" ({c})")).unwrap_or_default();
    let late = due.at < view.now;
    let left = match late {
        true => format!("OVERDUE {}", Span::between(due.at, view.now)),
        false => format!("due {}, in {}", due.at.format("%H:%MZ"), Span::between(view.now, due.at)),
    };
    let role = if late { Role::Late } else { Role::Text };
    Some(Row::text(role, format!("update to {name}{to} {left} · {} drafts it", view.ui.keys.of(Action::Update))))
}
