//! `keys`: every key of the screens with what it does and the verb that does the
//! same, and the page of the book that is made from the same table.
//!
//! It reads the one table of actions and the files that lie over its keys.

use super::args::Global;
use super::outcome::{Ended, Exit, Failure};
use super::print;
use super::screen::files;
use crate::config::Problems;
use crate::domain::text::visible;
use crate::tui::action::{Binding, Place, TABLE};
use crate::tui::keymap::Keymap;
use crate::tui::keymap::files::Files;
use crate::tui::keymap::overlay::Overlaid;
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
prints it as your files have it, with `--json` too. A key that reaches a system does nothing until `:arm` and then asks in a
dialog. Every key that is pressed is in the key log of its session, see [journal.md](journal.md); of
what is typed into a field only what was submitted is kept, and of a challenge only that it was answered.

## Palette, finder, help, filter
`:` takes a name and what belongs after it. Tab and Shift-Tab go through what may be written next, Up and Down
through the lines of this session; Enter on a word that begins several names lists them and does nothing.

| line | what it does |
|---|---|
| `:theme NAME`, `:go PANE`, `:goto STEP` | wears a theme, shows a pane, selects a step |
| `:filter WORDS` | filters the pane in focus; no words: all rows |
| `:may deploy payments eu-west [TIME]` | whether that may happen, when, and the next openings |
| `:do pause payments eu-north`, `:do scale payments eu-north replicas=3` | one thing without a runbook, dialog included |
| `:arm 10m` | arms for so long, 30 minutes at most |
| `:run RUNBOOK` | starts a run |
| `:done 14`, `:note 14`, `:start 14` and all that act on a step | selects the step, then does what the key does, dialog included |

`ctrl-p` finds actions, steps, services and runs by a few letters in order; Up and Down select, Enter takes.
`?` lists what acts where the hand is first; typing filters, Up and Down select, Enter does it, Esc closes.

`/` filters runbook, health, approvals, calendar and journal, each by itself, while it is typed: words that a row
holds, `!word` that it does not, `~wrd` whose letters it holds in order, `key=value` for one field; all of
them count. The section's line says how many rows are hidden; Esc shows them again.

## What a key acts on
What was highlighted in the last picture that left for the terminal, dialogs, `open` and `copy` included. Where
something else would be meant, because a list has moved or keys were typed ahead, nothing is done but to highlight it,
and the key is pressed once more; a row that is not in sight is refused with the key that shows it. With no step
selected the first open one is highlighted and follows the run. What is no row must have been on the screen: the run,
what `roll-back` takes back, the trigger of the banner, a hold that is lifted, the row of help or of the finder. While
help or the palette lies over the rows, what was highlighted before counts.
`roll-back` takes back what the banner of a tripped trigger says, else what is selected and was changed, else what
the shown run has changed: with two or more places standing it asks which, or all. Banners, cards and messages name keys as your files have them.
For two seconds after a key that moves through a list its order stays; rows that come meanwhile are counted.

## The mouse
Off, because a terminal that reports the mouse no longer selects text with it (most still do with shift held). `:mouse`
switches it for the session; for every session, in `config.toml` of your own directory, read at the start:

```toml
[screens]
mouse = true
```

A click selects the row under it or shows the pane whose name it meets in the footer; the wheel moves the selection
of what is under it, or scrolls an open sheet. It goes by the last picture that left. A click never acts, agrees, arms
or closes a dialog: while something is asked, typed or chosen the mouse does nothing, and all it does a key does too.

## Keys of your own
`keys.toml` in your own directory (`$XDG_CONFIG_HOME/holdpoint/`, else `~/.config/holdpoint/`), and one
beside a workspace's `holdpoint.toml`, lie over the keys below; yours lies on top. A table for each
place, keys on the left, a name from the tables below on the right, nothing to unbind:

```toml
[any]
\"g\" = \"\"                # first it is free,
\"g g\" = \"first\"         # then it may begin a sequence
\"ctrl-x z\" = \"zoom\"
[step]
\"f8\" = \"start\"
```

The places are `any`, `trigger`, `step`, `approval`, `rollback`, `calendar`, `journal` and `replay`. A key
is one character (`G` is shift and `g`), or `enter`, `tab`, `backspace`, `delete`, `insert`, `up`, `down`,
`left`, `right`, `home`, `end`, `pageup`, `pagedown`, `space`, `f1` to `f12`, with `ctrl-`, `alt-` or `shift-` before it.
A sequence has at most four keys with blanks between them. While one is begun, the line above the
footer shows what may follow; after two seconds, at Esc, and at a key that does not go on, nothing was done.

A file with a mistake is not used at all: the keys that ship are, and the mistake is said with file, line
and column until Backspace puts it away. `holdpoint keys --check` says all of them. A mistake is an unknown
key, place or action; the same keys twice, or where another place in focus has them already; a sequence that
begins with keys that mean something; an action in a place where it never acts; and no key left for the
palette, `back` or `open`. Esc and Ctrl-C are nobody's to bind, Enter has only what looks, and the keys of
dialogs and menus cannot be changed. Ctrl-A, B, S, Q, Z, H, J, K and L are warned of: tmux, screen and
terminals take them. While the screens run, a changed file is taken up within about two seconds; one with
a mistake leaves the keys as they were.
";

/// Prints the table with the keys as they are, or only checks them.
pub fn keys(global: &Global, check: bool, shipped: bool) -> Ended {
    let Files(paths) = files(global);
    let read = if shipped {
        Ok(Overlaid { keymap: Keymap::shipped(), ..Overlaid::default() })
    } else {
        Files(paths.clone()).read()
    };
    let overlaid = read.map_err(|wrong| Failure::usage(Problems(wrong).to_string()))?;
    if check {
        let there = paths.iter().filter(|path| path.is_file()).map(|path| visible(&path.to_string_lossy()));
        let there: Vec<_> = there.collect();
        match (there.is_empty(), global.json) {
            (_, true) => print::json(&json!({ "files": there, "warnings": overlaid.warnings })),
            (true, _) => print::line("no keys.toml: the keys that ship are used"),
            (false, _) => print::line(&format!("{}: no mistake", there.join(", "))),
        }
    }
    if !global.json {
        overlaid.warnings.iter().for_each(|warning| print::words(&format!("warning: {warning}")));
    }
    if !check {
        table(global, &overlaid.keymap);
    }
    Ok(Exit::Done)
}

fn table(global: &Global, keymap: &Keymap) {
    // What is bound beyond an action's own place stands with its place in front.
    let of = |b: &Binding| -> Vec<String> {
        let own = keymap.keys_in(b.place, b.action).map(ToString::to_string);
        let named = |place: Place| TABLE.iter().any(|row| row.action == b.action && row.place == place);
        let other = keymap.iter().filter(|(place, _, action)| *action == b.action && !named(*place));
        own.chain(other.map(|(place, keys, _)| format!("[{}] {keys}", place.word()))).collect()
    };
    if global.json {
        let row = |b: &Binding| {
            json!({ "place": b.place.word(), "keys": of(b), "name": b.name, "help": b.help, "verb": b.verb,
                    "reach": format!("{:?}", b.reach).to_lowercase() })
        };
        return print::json(&TABLE.iter().map(row).collect::<Vec<_>>());
    }
    let row = |b: &Binding| {
        let verb = b.verb.map(|v| format!("holdpoint {v}")).unwrap_or_default();
        vec![b.place.word().to_owned(), of(b).join(", "), b.name.to_owned(), b.help.to_owned(), verb]
    };
    print::table(&TABLE.iter().map(row).collect::<Vec<_>>());
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
