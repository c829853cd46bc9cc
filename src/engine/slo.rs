//! How fast an objective's budget burns, from what was watched.
//!
//! A burn rate is the share that goes wrong over the share that may: at 1 the
//! budget lasts exactly its period. Only minutes that were read or are remembered count, and a
//! window of which less than half is known says nothing. It decides nothing.

mod left;

pub use left::{Left, left};

use crate::domain::Timestamp;
use crate::domain::series::{LONG, MINUTES, Minute, Series};
use crate::domain::slo::{PAIRS, Slo, allowed};
use crate::domain::span::Span;
use crate::domain::verdict::Level;

/// The windows, shortest first: pairs of them are what the SRE workbook alerts on.
pub const WINDOWS: [Span; 4] = [Span::mins(5), Span::mins(30), Span::mins(60), Span::mins(360)];

/// The long windows of the workbook's slow pairs, and the short one of the first. They are known
/// where the source remembers days; that of the second is the last of [`WINDOWS`].
pub const SLOW: [Span; 3] = [Span::mins(120), Span::mins(24 * 60), Span::mins(3 * 24 * 60)];

/// From which rate each slow pair is a warning: a tenth of 30 days' budget in a day, and in three.
const SLOWLY: [f64; 2] = [3.0, 1.0];

/// The rates from which a window is a warning and a failure.
const WARN: f64 = 1.0;
const FAIL: f64 = 6.0;

/// How an objective stands at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Burn {
    /// The rate in each of [`WINDOWS`]; none where too little was read.
    pub rates: [Option<f64>; 4],
    /// The rate in each of [`SLOW`]; none where too little is remembered.
    pub slow: [Option<f64>; 3],
    /// The share of the period's budget that was spent while it was watched.
    pub spent: f64,
    /// For how long it was watched.
    pub watched: Span,
    /// What is left of the budget over the whole period.
    pub left: Left,
    /// When what is left is gone, or where that is not known what is left of a budget that was whole when it began to be
    /// watched: at the rate of the last hour, or of what is known of it; none when it lasts its period.
    pub out_in: Option<Span>,
    /// The worst that two neighbouring windows agree on, or a warning where a slow pair does or nothing is left;
    /// unknown where no window of an hour or less says anything.
    pub level: Level,
    /// The slow pair that is a warning, the long window first; the shorter pair where both are.
    pub slowly: Option<(Span, Span)>,
}

/// Works out the burn of an objective from the minutes of its signal.
pub fn burn(slo: &Slo, series: Option<&Series>, now: Timestamp) -> Burn {
    let rates = WINDOWS.map(|window| series.and_then(|series| rate(slo.allowed(), series, window, now)));
    let slow = SLOW.map(|window| series.and_then(|series| rate(slo.allowed(), series, window, now)));
    let minutes = || series.into_iter().flat_map(|series| series.minutes.iter());
    let watched = Span::mins(i64::try_from(minutes().count()).unwrap_or(i64::MAX / 100_000).unsigned_abs());
    let period = slo.period.delta().num_seconds().max(1) as f64;
    let spent: f64 = minutes().map(|m| f64::from(m.mean) / slo.allowed() * 60.0 / period).sum();
    // An hour is long enough to be no blip and short enough to be about this release.
    let [short, middle, hour, _] = rates;
    let telling = hour.or(middle).or(short).filter(|rate| *rate > 1.0);
    let left = left((slo.objective, slo.period), series, now);
    let rest = left.share.unwrap_or((1.0 - spent).min(left.at_most)).max(0.0);
    let out_in = telling.map(|rate| Span::secs((period * rest / rate).max(0.0) as u64));
    let slowly = slowly(&rates, &slow);
    let level = level(&rates, slowly.is_some() || left.at_most <= 0.0);
    Burn { rates, slow, spent, watched, left, out_in, level, slowly }
}

/// The rate at which both windows of a pair burn, the smaller of the two; why it is not known where one says nothing, or
/// the short one rests on less than `least` events.
pub fn pair(objective: f64, series: &Series, long: Span, now: Timestamp, least: u64) -> Result<f64, String> {
    let pair = PAIRS.iter().find(|(window, _)| *window == long);
    let (_, short) = pair.ok_or_else(|| format!("{long} is none of the windows that are paired"))?;
    if let Some(few) = counted(series, *short, now).filter(|events| *events < least as f64) {
        return Err(format!("too few events in the last {}, {few:.0} of {least}", short.to_text()));
    }
    let allowed = allowed(objective);
    let too_little = |window: Span| format!("too little is known of the last {}", window.to_text());
    let of = |window: Span| rate(allowed, series, window, now).ok_or_else(|| too_little(window));
    Ok(of(long)?.min(of(*short)?))
}

/// The rate over a window that ends now: from the minutes as far as they reach, days from what the source remembers.
fn rate(allowed: f64, series: &Series, window: Span, now: Timestamp) -> Option<f64> {
    let minutes = usize::try_from(window.delta().num_minutes()).is_ok_and(|window| window <= MINUTES);
    if minutes { by_minutes(allowed, series, window, now) } else { by_days(allowed, series, window, now) }
}

/// The rate over days, from what the source remembers.
fn by_days(allowed: f64, series: &Series, window: Span, now: Timestamp) -> Option<f64> {
    let minute = now.timestamp().div_euclid(60);
    // A value comes every ten minutes, with the reading after; what ends earlier is not about now.
    let recent = minute - (LONG.delta() * 2 + series.every.delta() * 2).num_minutes();
    series.long.last().filter(|newest| newest.minute >= recent)?;
    let after = minute - window.delta().num_minutes();
    let inside: Vec<f64> = series.long.iter().filter(|m| m.minute > after).map(|m| f64::from(m.mean)).collect();
    let expected = window.delta().num_minutes() / LONG.delta().num_minutes().max(1);
    let enough = i64::try_from(inside.len()).unwrap_or(i64::MAX) * 2 >= expected;
    enough.then(|| inside.iter().sum::<f64>() / inside.len() as f64 / allowed)
}

/// How many events were read over a window that ends now; none where they are not counted. What is remembered tells none.
fn counted(series: &Series, window: Span, now: Timestamp) -> Option<f64> {
    series.last().filter(|newest| newest.events != u64::MAX)?;
    let after = now.timestamp().div_euclid(60) - window.delta().num_minutes();
    let read = series.minutes.iter().filter(|m| m.minute > after && series.was_read(m));
    Some(read.map(|m| f64::from(m.weight)).sum())
}

/// What a minute weighs that is only remembered: as much as one that was read, because nobody tells its events.
fn usual(series: &Series) -> f64 {
    let read = series.minutes.iter().filter(|m| series.was_read(m) && m.weight > 0.0);
    let (sum, n) = read.fold((0.0, 0.0), |(sum, n), m| (sum + f64::from(m.weight), n + 1.0));
    if n > 0.0 { sum / n } else { 1.0 }
}

/// The rate over a window that ends now. A minute in which nothing happened says nothing.
fn by_minutes(allowed: f64, series: &Series, window: Span, now: Timestamp) -> Option<f64> {
    let long = window.delta().num_minutes();
    let after = now.timestamp().div_euclid(60) - long;
    let expected = long / series.every.delta().num_minutes().max(1);
    let usual = usual(series);
    let of = |m: &Minute| if series.was_read(m) { f64::from(m.weight) } else { usual };
    let inside = series.minutes.iter().filter(|m| m.minute > after).map(|m| (f64::from(m.mean), of(&m)));
    let (mut sum, mut weight, mut read) = (0.0, 0.0, 0);
    for (mean, weighs) in inside.filter(|(_, weighs)| *weighs > 0.0) {
        sum += mean * weighs;
        weight += weighs;
        read += 1;
    }
    (read * 2 >= expected && weight > 0.0).then(|| sum / weight / allowed)
}

/// One hot window is a blip; two that agree are not. The first of a fresh watch stands alone. Six
/// hours are no news of now: they count beside an hour or less, and say nothing without.
fn level(rates: &[Option<f64>; 4], warns: bool) -> Level {
    let [quick @ .., _] = rates;
    if quick.iter().all(Option::is_none) {
        return Level::Unknown;
    }
    let of = |rate: f64| match rate {
        rate if rate >= FAIL => Level::Fail,
        rate if rate > WARN => Level::Warn,
        _ => Level::Pass,
    };
    let known: Vec<Level> = rates.iter().flatten().map(|rate| of(*rate)).collect();
    let agreed = known.windows(2).filter_map(|pair| pair.iter().min().copied()).max();
    let quick = agreed.or(known.first().copied()).unwrap_or(Level::Unknown);
    quick.max(if warns { Level::Warn } else { Level::Pass })
}

/// The slow pair of which both windows burn from its rate on.
fn slowly(rates: &[Option<f64>; 4], slow: &[Option<f64>; 3]) -> Option<(Span, Span)> {
    let known = || WINDOWS.iter().zip(rates).chain(SLOW.iter().zip(slow));
    let burns =
        |window: &Span, from: f64| known().any(|(of, rate)| of == window && rate.is_some_and(|rate| rate >= from));
    let pairs = PAIRS.iter().skip(PAIRS.len() - SLOWLY.len()).zip(SLOWLY);
    pairs.into_iter().find(|((long, short), from)| burns(long, *from) && burns(short, *from)).map(|(pair, _)| *pair)
}
