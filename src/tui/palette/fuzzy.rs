//! How well a few letters fit a text: all of them in order, best at the
//! beginnings of words and side by side.
//!
//! Pure. Blanks part words that must all fit; case does not count.

/// For every letter that fits.
const FITS: i32 = 16;
/// More where a word begins.
const BEGINS: i32 = 10;
/// More right after the letter before.
const FOLLOWS: i32 = 8;
/// Less for every letter between two that fit, up to this.
const FURTHEST: usize = 6;

/// How well it fits, more is better; none when it does not.
pub fn score(typed: &str, text: &str) -> Option<i32> {
    let text: Vec<char> = text.chars().collect();
    let lower: Vec<char> = text.iter().map(|c| c.to_lowercase().next().unwrap_or(*c)).collect();
    let words = typed.split_whitespace().map(|word| of_word(word, &text, &lower));
    let sum = words.sum::<Option<i32>>()?;
    // Of two that fit alike the shorter one is meant.
    Some(sum - i32::try_from(text.len() / 8).unwrap_or(i32::MAX))
}

/// The positions of texts that fit, best first; those that fit alike stay in their order.
pub fn best<'a>(typed: &str, texts: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let scored = texts.enumerate().filter_map(|(n, text)| Some((n, score(typed, text)?)));
    falling(scored.collect())
}

fn falling(mut scored: Vec<(usize, i32)>) -> Vec<usize> {
    scored.sort_by_key(|(_, score)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(n, _)| n).collect()
}

fn of_word(word: &str, text: &[char], lower: &[char]) -> Option<i32> {
    let word: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    let first = word.first()?;
    let starts = lower.iter().enumerate().filter(|(_, c)| *c == first).map(|(n, _)| n);
    starts.filter_map(|start| from(start, &word, text, lower)).max()
}

/// The score of the first way to fit the letters from a position on.
fn from(start: usize, word: &[char], text: &[char], lower: &[char]) -> Option<i32> {
    let (mut sum, mut last) = (0, None::<usize>);
    let mut at = start;
    for c in word {
        at += lower.get(at..)?.iter().position(|other| other == c)?;
        sum += FITS;
        if begins(at, text) {
            sum += BEGINS;
        }
        match last.map(|last| at - last - 1) {
            Some(0) => sum += FOLLOWS,
            Some(gap) => sum -= i32::try_from(gap.min(FURTHEST)).unwrap_or(0),
            None => {}
        }
        last = Some(at);
        at += 1;
    }
    Some(sum)
}

fn begins(at: usize, text: &[char]) -> bool {
    let before = at.checked_sub(1).and_then(|n| text.get(n));
    before.is_none_or(|c| !c.is_alphanumeric())
}
