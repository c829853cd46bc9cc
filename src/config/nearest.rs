//! The nearest right name, for "did you mean".
//!
//! A suggestion that is far off is worse than none, so few edits are allowed.

/// How many candidates are compared at most; beyond that a guess costs too much.
const COMPARED: usize = 2000;

/// The candidate that is most like what was written, if one is near.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if written.len() > 100 {
        return None;
    }
    let lower = written.to_lowercase();
    let length = written.chars().count();
    let allowed = (length / 3).clamp(1, 4).min(length.saturating_sub(1));
    candidates
        .into_iter()
        .take(COMPARED)
        .map(|name| (strsim::osa_distance(&lower, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Help for a wrong name: the nearest, else the names there are.
pub fn help<'a>(written: &str, noun: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let all: Vec<&str> = candidates.into_iter().take(COMPARED).collect();
    if let Some(name) = nearest(written, all.iter().copied()) {
        return Some(format!("did you mean {name:?}?"));
    }
    let shown = all.iter().take(12).copied().collect::<Vec<_>>().join(", ");
    match all.len() {
        0 => None,
        1..=12 => Some(format!("{noun}: {shown}")),
        more => Some(format!("{noun}: {shown} and {} more", more - 12)),
    }
}
