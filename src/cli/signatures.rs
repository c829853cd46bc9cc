//! `journal signatures`: every signed decision as files that `ssh-keygen -Y verify` takes.
//!
//! It says what a signature proves and no more: that whoever has the key signed the text. Whose key it is,
//! people know; whether the decision counted, the journal says.

use super::context::Context;
use super::outcome::{Ended, Exit, Failure};
use super::print;
use crate::domain::approval::Decision;
use crate::domain::entry::Entry;
use crate::domain::fact::Fact;
use crate::domain::signed::{NAMESPACE, Signed};
use crate::domain::ssh_signature;
use crate::journal;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Writes them to a new directory, and a line about each.
pub fn write(context: &Context, directory: &Path) -> Ended {
    let place = directory.display();
    let failed = |e: std::io::Error| Failure::failed(format!("cannot write {place}: {e}; name a new directory"));
    fs::create_dir(directory).map_err(failed)?;
    let mut keys = BTreeSet::new();
    let (mut rows, mut all_good) = (Vec::new(), true);
    for entry in journal::entries(&context.state).map_err(|e| Failure::journal(e.to_string()))? {
        let entry = entry.map_err(|e| Failure::journal(e.to_string()))?;
        for (decision, signed) in of(&entry) {
            let name = format!("{}-{}", entry.seq, plain(decision.person.as_str()));
            fs::write(directory.join(&name), &signed.text).map_err(failed)?;
            fs::write(directory.join(format!("{name}.sig")), &signed.signature).map_err(failed)?;
            let good = signed.key().as_ref();
            all_good &= good.is_ok();
            let line = ssh_signature::key(&signed.signature).filter(|_| good.is_ok());
            keys.extend(line.map(|key| format!("{} {key}\n", plain(decision.person.as_str()))));
            let says = good.map_or_else(|why| format!("NOT GOOD: {why}"), ToString::to_string);
            rows.push(vec![
                name,
                if decision.yes { "approves" } else { "rejects" }.to_owned(),
                entry.cause.clone(),
                says,
            ]);
        }
    }
    fs::write(directory.join("allowed_signers"), keys.into_iter().collect::<String>()).map_err(failed)?;
    print::table(&rows);
    print::words(&format!(
        "wrote {} signed decisions to {place}; compare the keys with what you know of the people, and check one with\n  ssh-keygen -Y verify -f allowed_signers -I PERSON -n {NAMESPACE} -s NAME.sig < NAME",
        rows.len()
    ));
    Ok(if all_good { Exit::Done } else { Exit::Refused })
}

fn of(entry: &Entry) -> impl Iterator<Item = (&Decision, &Signed)> {
    entry.facts.iter().filter_map(|fact| match fact {
        Fact::Decided { decision, .. } => Some((decision, decision.signed.as_deref()?)),
        _ => None,
    })
}

/// A name as a file's name and a principal can have it.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect()
}
