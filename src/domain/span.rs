//! Lengths of time as people write them (`90s`, `1h30m`) and as screens show
//! them (`3m12`): letters always, so a length is never mistaken for a clock time.

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A length of time in whole milliseconds, never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

/// The longest length a file may declare: ten years.
const LONGEST_MS: u64 = 10 * 366 * 86_400 * 1000;

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// A length of `n` milliseconds.
    pub const fn millis(n: u64) -> Self {
        Self(n)
    }
    /// A length of `n` seconds.
    pub const fn secs(n: u64) -> Self {
        Self(n.saturating_mul(1000))
    }
    /// A length of `n` minutes.
    pub const fn mins(n: u64) -> Self {
        Self::secs(n.saturating_mul(60))
    }
    /// The length in milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.0
    }
    /// The length in whole seconds, rounded down.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }
    /// The length as chrono's difference of instants.
    pub fn delta(self) -> TimeDelta {
        TimeDelta::milliseconds(i64::try_from(self.0).unwrap_or(i64::MAX / 2))
    }
    /// The length as std's duration, for timers.
    pub const fn std(self) -> std::time::Duration {
        std::time::Duration::from_millis(self.0)
    }
    /// How long it is from `from` to `to`; zero when `to` is earlier.
    pub fn between(from: super::Timestamp, to: super::Timestamp) -> Self {
        Self(u64::try_from((to - from).num_milliseconds()).unwrap_or(0))
    }
    /// `self` taken `n` times.
    pub const fn times(self, n: u64) -> Self {
        Self(self.0.saturating_mul(n))
    }
}

impl std::ops::Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Span {
    /// Two units at most: `8s`, `3m12`, `1h05`, `2d04h`; `0.4s` below a second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.0 / 1000;
        let text = match s {
            0 if self.0 > 0 => format!("0.{}s", self.0 / 100),
            0..60 => format!("{s}s"),
            60..3600 => format!("{}m{:02}", s / 60, s % 60),
            3600..86_400 => format!("{}h{:02}", s / 3600, s % 3600 / 60),
            _ => format!("{}d{:02}h", s / 86_400, s % 86_400 / 3600),
        };
        f.pad(&text)
    }
}

/// Why a text is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no length of time; write a number and its unit, such as 90s, 5m or 1h30m")]
pub struct NotASpan(pub String);

impl FromStr for Span {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Self, NotASpan> {
        let wrong = || NotASpan(text.to_owned());
        let mut rest = text;
        let (mut total, mut last_unit) = (0u64, u64::MAX);
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
            let (number, tail) = rest.split_at(digits);
            let letters = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(letters);
            let unit = match unit {
                "ms" => 1,
                "s" => 1000,
                "m" => 60_000,
                "h" => 3_600_000,
                "d" => 86_400_000,
                _ => return Err(wrong()),
            };
            let number: u64 = number.parse().map_err(|_| wrong())?;
            if unit >= last_unit {
                return Err(wrong());
            }
            last_unit = unit;
            total = number.checked_mul(unit).and_then(|n| n.checked_add(total)).ok_or_else(wrong)?;
            rest = tail;
        }
        if text.is_empty() || total > LONGEST_MS {
            return Err(wrong());
        }
        Ok(Self(total))
    }
}

impl Span {
    /// The form that [`FromStr`] reads back without loss: `1h30m`, `1500ms`.
    pub fn to_text(self) -> String {
        if self.0 == 0 {
            return "0s".to_owned();
        }
        let (mut rest, mut text) = (self.0, String::new());
        for (unit, letters) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms")] {
            if rest >= unit {
                text.push_str(&format!("{}{letters}", rest / unit));
                rest %= unit;
            }
        }
        text
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.to_text())
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
