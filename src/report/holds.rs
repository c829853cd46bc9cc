//! What still stops something, in a few words: for whoever leaves a release behind.
//! It reads what is given and decides nothing.

use crate::engine::Ledger;

/// `2 locks and a hold stand`, of every hold that nobody has lifted; none where nothing is held.
pub fn standing(ledger: &Ledger) -> Option<String> {
    let locks = ledger.holds.values().filter(|hold| hold.lock).count();
    let holds = ledger.holds.len() - locks;
    let count = |n: usize, word: &str| match n {
        0 => None,
        1 => Some(format!("a {word}")),
        n => Some(format!("{n} {word}s")),
    };
    let all: Vec<String> = count(locks, "lock").into_iter().chain(count(holds, "hold")).collect();
    let verb = if ledger.holds.len() == 1 { "stands" } else { "stand" };
    (!all.is_empty()).then(|| format!("{} {verb}", all.join(" and ")))
}
