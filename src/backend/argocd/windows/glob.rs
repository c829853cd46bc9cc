//! Patterns as Argo CD matches names by them: `*`, `?`, `[ab]`, `[!a-c]`, `{api,web}`, `\*`.
//!
//! A star reaches over everything. What is no pattern matches nothing, as there. However it is
//! written, matching takes no more steps than pattern times text.

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::str::Chars;

/// The deepest that alternatives may lie in one another, and the longest pattern in characters.
const DEPTH: u8 = 8;
const LONGEST: usize = 512;

/// A piece of a pattern.
enum Piece {
    Any,
    One,
    Char(char),
    Class { not: bool, of: Vec<(char, char)> },
    Either(Vec<Vec<Piece>>),
}

/// Whether a text matches a pattern as a whole.
pub fn matches(pattern: &str, text: &str) -> bool {
    if pattern.chars().nth(LONGEST).is_some() {
        return false;
    }
    let Some(pieces) = pieces(&mut pattern.chars().peekable(), 0) else { return false };
    let text: Vec<char> = text.chars().collect();
    ends(&pieces, &text, BTreeSet::from([0])).contains(&text.len())
}

/// Where what begins at one of some places may end.
fn ends(pieces: &[Piece], text: &[char], from: BTreeSet<usize>) -> BTreeSet<usize> {
    let one = |from: &BTreeSet<usize>, fits: &dyn Fn(char) -> bool| -> BTreeSet<usize> {
        from.iter().filter(|at| text.get(**at).is_some_and(|c| fits(*c))).map(|at| at + 1).collect()
    };
    pieces.iter().fold(from, |from, piece| match piece {
        Piece::Any => from.first().map(|first| (*first..=text.len()).collect()).unwrap_or_default(),
        Piece::One => one(&from, &|_| true),
        Piece::Char(wanted) => one(&from, &|c| c == *wanted),
        Piece::Class { not, of } => one(&from, &|c| of.iter().any(|(a, b)| (*a..=*b).contains(&c)) != *not),
        Piece::Either(all) => all.iter().flat_map(|pieces| ends(pieces, text, from.clone())).collect(),
    })
}

/// The pieces up to the end, or up to what ends an alternative.
fn pieces(rest: &mut Peekable<Chars<'_>>, depth: u8) -> Option<Vec<Piece>> {
    let mut all = Vec::new();
    while let Some(next) = rest.next_if(|c| depth == 0 || !matches!(c, ',' | '}')) {
        all.push(match next {
            '*' => Piece::Any,
            '?' => Piece::One,
            '[' => class(rest)?,
            '{' if depth < DEPTH => Piece::Either(either(rest, depth + 1)?),
            '{' => return None,
            '\\' => match rest.next() {
                Some(escaped) => Piece::Char(escaped),
                None => continue,
            },
            other => Piece::Char(other),
        });
    }
    Some(all)
}

/// The alternatives after `{`; one that is not closed ends with the pattern.
fn either(rest: &mut Peekable<Chars<'_>>, depth: u8) -> Option<Vec<Vec<Piece>>> {
    let mut all = Vec::new();
    loop {
        all.push(pieces(rest, depth)?);
        if rest.next() != Some(',') {
            return Some(all);
        }
    }
}

/// What comes after `[`: one range, or a list of characters.
fn class(rest: &mut Peekable<Chars<'_>>) -> Option<Piece> {
    let not = rest.next_if_eq(&'!').is_some();
    let mut read: Vec<(char, bool)> = Vec::new();
    loop {
        match rest.next()? {
            ']' => break,
            '\\' => read.push((rest.next()?, true)),
            other => read.push((other, false)),
        }
    }
    let of = match read.as_slice() {
        [] => return None,
        [(from, _), ('-', false), (to, _)] if from <= to => vec![(*from, *to)],
        [_, ('-', false), ..] => return None,
        list => list.iter().map(|(c, _)| (*c, *c)).collect(),
    };
    Some(Piece::Class { not, of })
}
