//! Read-only or armed: whether keys that reach systems do anything.
//!
//! Pure. Starts read-only, is armed for a time by whoever has the conn, is
//! renewed by their keys and ends by itself. Its end stops nothing in flight.
//! Instants are readings of a clock that counts suspend ([`super::uptime`]).

use std::time::Duration;

/// How long arming lasts when nothing else is said.
pub const USUAL: Duration = Duration::from_secs(5 * 60);
/// The longest that can be asked for.
pub const LONGEST: Duration = Duration::from_secs(30 * 60);

/// Whether keys reach systems.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arming {
    armed: Option<Armed>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Armed {
    until: Duration,
    length: Duration,
}

/// Why arming ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Its time was over.
    Time,
    /// Someone asked.
    Asked,
    /// The process was stopped or lent its terminal.
    Suspended,
    /// The conn is someone else's, or nobody's.
    ConnLost,
    /// The screen became too small to show what a key would do.
    TooSmall,
}

impl End {
    /// The reason in words.
    pub fn words(self) -> &'static str {
        match self {
            End::Time => "read-only again: the time is over",
            End::Asked => "read-only again",
            End::Suspended => "read-only again: the screens were suspended",
            End::ConnLost => "read-only again: you do not have the conn",
            End::TooSmall => "read-only again: the screen is too small",
        }
    }
}

/// Says why arming is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotArmed {
    /// Arming belongs to the conn.
    #[error("cannot arm: you do not have the conn")]
    NoConn,
    /// Too long, or no time at all.
    #[error("cannot arm for that long: at most 30 minutes; 5 is usual")]
    Length,
}

impl Arming {
    /// Arms for a time, or anew for another.
    ///
    /// # Errors
    /// Without the conn, or for more than [`LONGEST`].
    pub fn arm(&mut self, now: Duration, length: Duration, has_conn: bool) -> Result<(), NotArmed> {
        if !has_conn {
            return Err(NotArmed::NoConn);
        }
        if length.is_zero() || length > LONGEST {
            return Err(NotArmed::Length);
        }
        self.armed = Some(Armed { until: now.saturating_add(length), length });
        Ok(())
    }

    /// Renews it at a key of the one who armed; never revives one that is over.
    pub fn key(&mut self, now: Duration) {
        if let Some(armed) = &mut self.armed
            && now < armed.until
        {
            armed.until = now.saturating_add(armed.length);
        }
    }

    /// Whether keys reach systems now.
    pub fn is_armed(&self, now: Duration) -> bool {
        self.left(now).is_some()
    }

    /// How long it still lasts.
    pub fn left(&self, now: Duration) -> Option<Duration> {
        self.armed?.until.checked_sub(now).filter(|left| !left.is_zero())
    }

    /// Ends it when its time is over; says so once.
    pub fn tick(&mut self, now: Duration) -> Option<End> {
        if self.armed.is_some() && !self.is_armed(now) { self.end(End::Time) } else { None }
    }

    /// Ends it; says why when there was something to end.
    pub fn end(&mut self, why: End) -> Option<End> {
        self.armed.take().map(|_| why)
    }
}
