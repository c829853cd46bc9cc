//! An instant that is not certain, and how lengths add up to it.
//!
//! P50s are added. What P90 has beyond P50 is a length's spread; spreads of
//! steps after one another are added as the root of their squares, because not
//! all of them go badly on one night. Where paths meet, the later P50 counts,
//! and the later P90. What cannot begin before an instant forgets how it came
//! there. No random numbers: one ledger gives one answer.

use super::estimate::Estimate;
use crate::domain::Timestamp;
use crate::domain::span::Span;
use serde::Serialize;

/// A range of instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Range {
    /// The middle: as often earlier as later.
    pub p50: Timestamp,
    /// Nine times of ten not later than this; none when the calendar lets it be never.
    pub p90: Option<Timestamp>,
}

/// An instant as it is reckoned with, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    /// P50.
    pub p50: i64,
    /// What the spread counts from; P90 lies the root of `squares` after it.
    base: i64,
    /// The squares of the spreads on the way.
    squares: u128,
    /// Whether P90 is never.
    never: bool,
}

impl Reach {
    /// A certain instant.
    pub fn at(at: i64) -> Self {
        Self { p50: at, base: at, squares: 0, never: false }
    }

    /// What began at `from` and takes this long, seen at `now`: never in the past,
    /// and as uncertain as at first when it takes longer than usual.
    pub fn since(from: i64, takes: Estimate, now: i64) -> Self {
        let p50 = from.saturating_add(ms(takes.p50)).max(now);
        Self { p50, base: p50, squares: square(spread(takes)), never: false }
    }

    /// P90; none when that is never.
    pub fn p90(self) -> Option<i64> {
        let spread = i64::try_from(self.squares.isqrt()).unwrap_or(i64::MAX);
        (!self.never).then(|| self.base.saturating_add(spread).max(self.p50))
    }

    /// That long after it.
    pub fn plus(self, takes: Estimate) -> Self {
        let length = ms(takes.p50);
        Self {
            p50: self.p50.saturating_add(length),
            base: self.base.saturating_add(length),
            squares: self.squares.saturating_add(square(spread(takes))),
            ..self
        }
    }

    /// Exactly that many milliseconds after it.
    pub fn shifted(self, by: i64) -> Self {
        Self { p50: self.p50.saturating_add(by), base: self.base.saturating_add(by), ..self }
    }

    /// The later of two that must both have come.
    pub fn and(self, other: Self) -> Self {
        let later = |a: Self, b: Self| (a.never, a.p90(), a.base) >= (b.never, b.p90(), b.base);
        let far = if later(self, other) { self } else { other };
        Self { p50: self.p50.max(other.p50), ..far }
    }

    /// Not before an instant.
    pub fn not_before(self, at: i64) -> Self {
        let far = self.p90().map(|p90| p90.max(at));
        self.from(self.p50.max(at), far, at)
    }

    /// Not after an instant, as a poll closes then.
    pub fn not_after(self, at: i64) -> Self {
        let p50 = self.p50.min(at);
        self.from(p50, Some(self.p90().unwrap_or(at).min(at)), p50)
    }

    /// Where `open` moves it to; none when P50 has nowhere to go.
    pub fn moved(self, mut open: impl FnMut(i64) -> Option<i64>) -> Option<Self> {
        let p50 = open(self.p50)?;
        let far = self.p90().and_then(&mut open);
        if p50 == self.p50 && far == self.p90() {
            return Some(self);
        }
        Some(self.from(p50, far, p50))
    }

    /// The range that screens show.
    pub fn range(self) -> Range {
        Range { p50: instant(self.p50), p90: self.p90().map(instant) }
    }

    fn from(self, p50: i64, far: Option<i64>, floor: i64) -> Self {
        let base = self.base.max(floor);
        let Some(far) = far else { return Self { p50, base, squares: 0, never: true } };
        let base = base.min(far);
        Self { p50, base, squares: square(far.saturating_sub(base).unsigned_abs()), never: false }
    }
}

/// The milliseconds of a length.
pub(super) fn ms(of: Span) -> i64 {
    i64::try_from(of.as_millis()).unwrap_or(i64::MAX / 4)
}

/// What P90 has beyond P50.
pub(super) fn spread(of: Estimate) -> u64 {
    of.p90.as_millis().saturating_sub(of.p50.as_millis())
}

fn square(of: u64) -> u128 {
    u128::from(of) * u128::from(of)
}

/// The milliseconds of an instant.
pub(super) fn millis(at: Timestamp) -> i64 {
    at.timestamp_millis()
}

/// The instant of milliseconds, at the end of time when there is none.
pub(super) fn instant(ms: i64) -> Timestamp {
    Timestamp::from_timestamp_millis(ms).unwrap_or(if ms < 0 { Timestamp::MIN_UTC } else { Timestamp::MAX_UTC })
}

/// The root of the sum of squares of spreads, for lengths one after another.
pub(super) fn together(lengths: impl Iterator<Item = Estimate>) -> (Span, Span) {
    let (p50, squares) = lengths
        .fold((Span::ZERO, 0u128), |(p50, squares), one| (p50 + one.p50, squares.saturating_add(square(spread(one)))));
    let spread = u64::try_from(squares.isqrt()).unwrap_or(u64::MAX);
    (p50, p50 + Span::millis(spread))
}
