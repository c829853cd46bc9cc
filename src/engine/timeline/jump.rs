//! Where in a history to go, as someone types it: `02:15`, `02:15:30`, `+5m`,
//! `-30s`, `#412`, or an instant as RFC 3339. Clock times are UTC, as screens show
//! them.

use crate::domain::Timestamp;
use crate::domain::span::Span;
use chrono::{NaiveTime, TimeDelta};

/// Where to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jump {
    /// To a clock time of the day, in UTC.
    Clock(NaiveTime),
    /// To an instant.
    Instant(Timestamp),
    /// So much later.
    On(Span),
    /// So much earlier.
    Back(Span),
    /// To a line of the journal.
    Line(u64),
}

/// What can be typed.
pub const FORMS: &str = "02:15, 02:15:30, +5m, -30s, #412 or 2026-11-21T02:15:00Z, times in UTC";

impl Jump {
    /// Reads what was typed; a leading `@` may stand before it.
    ///
    /// # Errors
    /// When it is none of the forms; the error says which there are.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bare = text.trim();
        let bare = bare.strip_prefix('@').unwrap_or(bare).trim();
        let span = |text: &str| text.trim().parse::<Span>().ok();
        let clock = |text: &str| {
            let text = text.strip_suffix(['Z', 'z']).unwrap_or(text);
            ["%H:%M:%S", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok())
        };
        let found = match (bare.strip_prefix('+'), bare.strip_prefix('-'), bare.strip_prefix('#')) {
            (Some(on), ..) => span(on).map(Jump::On),
            (_, Some(back), _) => span(back).map(Jump::Back),
            (.., Some(line)) => line.parse().ok().map(Jump::Line),
            _ => clock(bare)
                .map(Jump::Clock)
                .or_else(|| chrono::DateTime::parse_from_rfc3339(bare).ok().map(|at| Jump::Instant(at.to_utc()))),
        };
        found.ok_or_else(|| format!("cannot go to {:?}: type {FORMS}", crate::domain::text::visible(bare)))
    }

    /// The instant it means when one stands at `here` between `first` and `last`; none for a line.
    ///
    /// A clock time is that of the day of `here`, or of the nearest day on which it lies between the two.
    pub fn instant(self, here: Timestamp, first: Timestamp, last: Timestamp) -> Option<Timestamp> {
        Some(match self {
            Jump::Line(_) => return None,
            Jump::Instant(at) => at,
            Jump::On(span) => here.checked_add_signed(span.delta()).unwrap_or(last),
            Jump::Back(span) => here.checked_sub_signed(span.delta()).unwrap_or(first),
            Jump::Clock(time) => {
                let today = here.date_naive().and_time(time).and_utc();
                let days = (0..=400).flat_map(|n| [n, -n]).map(TimeDelta::days);
                let mut all = days.filter_map(|days| today.checked_add_signed(days));
                all.find(|at| (first..=last).contains(at)).unwrap_or(today)
            }
        })
    }
}
