//! Gates and slots of a runbook resolved.
//!
//! An approval that no one could give is a mistake, not a surprise at night.

use super::{Look, Path};
use crate::config::raw::runbook as raw;
use crate::config::tree::Step::{Index, Key};
use crate::domain::approval::Slot;
use crate::domain::gate::Gate;
use crate::domain::span::Span;

impl Look<'_> {
    /// Resolves a gate at a path.
    pub(super) fn gate(&self, path: &Path<'_>, gate: &raw::Gate, environment: Option<&String>) -> Gate {
        let within = |field| [path, &[Key(field)]].concat();
        let parts = |field, parts: &[raw::Gate]| {
            let path = within(field);
            parts
                .iter()
                .enumerate()
                .map(|(n, part)| self.gate(&[path.as_slice(), &[Index(n)]].concat(), part, environment))
                .collect()
        };
        match gate {
            raw::Gate::All(all) => Gate::All(parts("all", all)),
            raw::Gate::Any(any) => {
                if any.is_empty() {
                    self.doc.say(&within("any"), "of nothing can never pass");
                }
                Gate::Any(parts("any", any))
            }
            raw::Gate::Window(yes) => {
                if !yes {
                    self.doc.say(&within("window"), "there is no `not`; leave it out");
                }
                Gate::Window
            }
            raw::Gate::Health(signals) => Gate::Health(self.signals(&within("health"), signals, environment)),
            raw::Gate::Soak(soak) => {
                let inner = |field| [within("soak").as_slice(), &[Key(field)]].concat();
                Gate::Soak {
                    signals: self.signals(&inner("signals"), &soak.signals, environment),
                    hold_for: self.doc.span(&inner("for"), Some(&soak.hold_for), Span::ZERO),
                }
            }
            raw::Gate::Approval(slots) => Gate::Approval(self.slots(&within("approval"), slots)),
            raw::Gate::Manual(manual) => Gate::Manual {
                role: self.role(&[within("manual").as_slice(), &[Key("role")]].concat(), &manual.role),
                text: manual.text.clone(),
            },
        }
    }

    /// Resolves the slots of an approval.
    pub(super) fn slots(&self, path: &Path<'_>, slots: &[raw::Slot]) -> Vec<Slot> {
        if slots.is_empty() {
            self.doc.say(path, "asks nobody for approval");
        }
        let each = slots.iter().enumerate().map(|(n, slot)| {
            let within = |field| [path, &[Index(n), Key(field)]].concat();
            let role = self.role(&within("role"), &slot.role);
            let people = self.workspace.roles.get(&role).map_or(usize::MAX, |r| r.people.len());
            if slot.need == 0 {
                self.doc.say(&within("need"), "needs nobody");
            } else if people < slot.need as usize {
                let what = format!("no one could ever give it: {} needs {} people and has {people}", role, slot.need);
                self.doc.say(&[path, &[Index(n)]].concat(), what);
            }
            Slot { role, need: slot.need }
        });
        each.collect()
    }
}
