//! `keys`: every key of the screens with what it does and the verb that does the
//! same, and the page of the book that is made from the same table.
//!
//! It reads the one table of actions and nothing else.

use super::args::Global;
use super::outcome::{Ended, Exit};
use super::print;
use crate::tui::action::{Binding, Place, TABLE};
use serde_json::json;

/// Every place in the order of the page, with its heading.
const PLACES: [(Place, &str); 8] = [
    (Place::Everywhere, "On every screen"),
    (Place::Trigger, "While a trigger is tripped"),
    (Place::Step, "With a step in focus: bridge, runbook, health"),
    (Place::Approval, "With an approval in focus"),
    (Place::Rollback, "In the rollback pane"),
    (Place::Calendar, "In the calendar"),
    (Place::Journal, "In the journal"),
    (Place::Replay, "In a replay"),
];

const HEAD: &str = "# Keys

<!-- Made from the table of actions; a test compares them. Write it anew with
     HOLDPOINT_UPDATE_DOCS=1 cargo test --all-features --test cli -->

The same table makes `?` on the screens, the palette (`:` and a name) and `holdpoint keys`, which
prints it with `--json` too. A key that reaches a system does nothing until `:arm` and then asks in a
dialog. Every key that is pressed is in the key log of its session, see [journal.md](journal.md); of
what is typed into a field only what was submitted is kept, and of a challenge only that it was answered.
";

/// Prints the table.
pub fn keys(global: &Global) -> Ended {
    if global.json {
        let row = |b: &Binding| {
            json!({ "place": place(b.place), "keys": b.keys, "name": b.name, "help": b.help, "verb": b.verb,
                    "reach": format!("{:?}", b.reach).to_lowercase() })
        };
        print::json(&TABLE.iter().map(row).collect::<Vec<_>>());
        return Ok(Exit::Done);
    }
    let row = |b: &Binding| {
        let verb = b.verb.map(|v| format!("holdpoint {v}")).unwrap_or_default();
        vec![place(b.place).to_owned(), b.keys.join(" "), b.name.to_owned(), b.help.to_owned(), verb]
    };
    print::table(&TABLE.iter().map(row).collect::<Vec<_>>());
    Ok(Exit::Done)
}

/// The page of the book, `docs/keys.md`.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for (place, heading) in PLACES {
        page.push_str(&format!("\n## {heading}\n\n| keys | name | what it does | verb |\n|---|---|---|---|\n"));
        for row in TABLE.iter().filter(|row| row.place == place) {
            let keys: Vec<_> = row.keys.iter().map(|key| format!("`{key}`")).collect();
            let verb = row.verb.map(|verb| format!("`{verb}`")).unwrap_or_default();
            page.push_str(&format!("| {} | {} | {} | {verb} |\n", keys.join(" "), row.name, row.help));
        }
    }
    page
}

fn place(place: Place) -> &'static str {
    match place {
        Place::Everywhere => "everywhere",
        Place::Trigger => "trigger",
        Place::Step => "step",
        Place::Approval => "approval",
        Place::Rollback => "rollback",
        Place::Calendar => "calendar",
        Place::Journal => "journal",
        Place::Replay => "replay",
    }
}
