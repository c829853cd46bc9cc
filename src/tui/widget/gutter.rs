//! The gutter left of a list of steps that shows what follows what: one column
//! a line of work, forks and joins between them.
//!
//! The list keeps its order; a gutter that would be wider than allowed is left
//! out as a whole rather than drawn wrong.

use std::collections::BTreeSet;

/// What a row needs: positions in the same list.
pub type Needs = Vec<Vec<usize>>;

/// Two cells for each row and column, or none where it would take more than
/// `most` columns, or where a row needs a later one.
pub fn gutter(needs: &Needs, most: usize) -> Option<Vec<String>> {
    let count = needs.len();
    let mut waiting: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); count];
    for (row, needed) in needs.iter().enumerate() {
        for from in essential(needs, needed) {
            if from >= row {
                return None;
            }
            waiting.get_mut(from)?.insert(row);
        }
    }
    let mut columns: Vec<Option<usize>> = Vec::new();
    let mut rows = Vec::with_capacity(count);
    for (row, needed) in needs.iter().enumerate() {
        let from: BTreeSet<usize> = essential(needs, needed).into_iter().collect();
        for need in &from {
            waiting.get_mut(*need)?.remove(&row);
        }
        let done = |need: usize| waiting.get(need).is_some_and(BTreeSet::is_empty);
        let mine = |columns: &[Option<usize>], free: &dyn Fn(Option<usize>) -> bool| {
            columns.iter().position(|held| free(*held))
        };
        let heir = mine(&columns, &|held| held.is_some_and(|n| from.contains(&n) && done(n)));
        let column = heir.or_else(|| mine(&columns, &|held| held.is_none())).unwrap_or_else(|| {
            columns.push(None);
            columns.len() - 1
        });
        if columns.len() > most {
            return None;
        }
        rows.push(drawn(&columns, column, &from, &done));
        for held in &mut columns {
            if held.is_some_and(|n| from.contains(&n) && done(n)) {
                *held = None;
            }
        }
        if let Some(held) = columns.get_mut(column) {
            *held = waiting.get(row).filter(|w| !w.is_empty()).map(|_| row);
        }
        while columns.last() == Some(&None) {
            columns.pop();
        }
    }
    Some(rows)
}

/// What a row needs directly: what another of its needs already needs is left out.
fn essential(needs: &Needs, needed: &[usize]) -> Vec<usize> {
    let implied: BTreeSet<usize> = needed.iter().flat_map(|n| needs.get(*n)).flatten().copied().collect();
    needed.iter().copied().filter(|n| !implied.contains(n)).collect()
}

/// One row: its own point, the lines that go by, and those that fork or join here.
fn drawn(columns: &[Option<usize>], own: usize, from: &BTreeSet<usize>, done: &dyn Fn(usize) -> bool) -> String {
    let joins = |n: usize| n != own && columns.get(n).copied().flatten().is_some_and(|held| from.contains(&held));
    let ends: Vec<usize> = (0..columns.len()).filter(|n| joins(*n)).chain([own]).collect();
    let (first, last) = (ends.iter().min().copied().unwrap_or(own), ends.iter().max().copied().unwrap_or(own));
    let mut text = String::new();
    for (n, held) in columns.iter().enumerate() {
        let across = (first..last).contains(&n);
        let inside = (first..=last).contains(&n);
        let goes_on = held.is_some_and(|held| !(from.contains(&held) && done(held)));
        let sign = match (n == own, joins(n), goes_on) {
            (true, ..) => '●',
            (_, true, true) if n < own => '├',
            (_, true, true) => '┤',
            (_, true, false) if n < own => '╰',
            (_, true, false) => '╯',
            (_, _, true) if inside => '┼',
            (_, _, true) => '│',
            _ if inside => '─',
            _ => ' ',
        };
        text.push(sign);
        text.push(if across { '─' } else { ' ' });
    }
    text.trim_end().to_owned()
}
