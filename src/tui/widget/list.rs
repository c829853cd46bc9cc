//! Which part of a long list is shown, and what is said about the rest.
//!
//! What is hidden is counted, with its worst state.

/// The part of a list that is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The first that is shown.
    pub first: usize,
    /// How many are.
    pub shown: usize,
    /// How many are hidden above.
    pub above: usize,
    /// How many are hidden below.
    pub below: usize,
}

/// The window of `rows` over a list of `total`. It moves from where it was
/// (`before`) only as far as needed to keep the selected one in sight.
pub fn window(total: usize, rows: u16, selected: Option<usize>, before: usize) -> Window {
    let shown = total.min(rows.into());
    let furthest = total - shown;
    let mut first = before.min(furthest);
    if let Some(selected) = selected.filter(|selected| *selected < total && shown > 0) {
        first = first.min(selected).max((selected + 1).saturating_sub(shown));
    }
    Window { first, shown, above: first, below: total - first - shown }
}

impl Window {
    /// The positions that are shown.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.shown
    }

    /// Says how many of the list's states are hidden and the worst of them:
    /// `5 hidden, all pending`, `7 hidden, worst FAILED`. None when all are
    /// shown. A state is its weight, heavier is worse, and its word.
    pub fn hidden(&self, states: &[(u8, &str)]) -> Option<String> {
        let range = self.range();
        let hidden = || states.iter().enumerate().filter(|(n, _)| !range.contains(n)).map(|(_, state)| state);
        let (weight, worst) = hidden().max_by_key(|(weight, _)| *weight)?;
        let all = hidden().all(|state| state == &(*weight, *worst));
        Some(format!("{} hidden, {} {worst}", hidden().count(), if all { "all" } else { "worst" }))
    }
}
