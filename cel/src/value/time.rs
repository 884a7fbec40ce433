//! Points in time, and the time between them.

mod calendar;
mod rfc3339;
#[cfg(test)]
mod tests;
mod units;
mod zone;

pub(crate) use calendar::Civil;
pub(crate) use zone::seconds_east;

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

const NANOSECONDS: i128 = 1_000_000_000;

/// A point in time with nanoseconds, in the years 1 to 9999.
///
/// It remembers how far from UTC it was written, and is written so again; two that are the same point are equal
/// wherever they were written.
///
/// ```
/// use cel::{Duration, Timestamp};
///
/// let written: Timestamp = "2024-02-29T01:00:00+01:00".parse().unwrap();
/// assert_eq!(written, Timestamp::new(1_709_164_800, 0).unwrap());
/// assert_eq!(written.utc().to_string(), "2024-02-29T00:00:00Z");
/// let later = written.checked_add(Duration::from_nanoseconds(1_500_000_000)).unwrap();
/// assert_eq!(later.to_string(), "2024-02-29T01:00:01.5+01:00");
/// ```
#[derive(Clone, Copy)]
pub struct Timestamp {
    seconds: i64,
    nanoseconds: u32,
    /// Seconds by which the clock that it was read from is before UTC.
    east: i32,
}

/// Time that passes, in nanoseconds: up to 292 years, forwards or backwards, as in Go.
///
/// ```
/// use cel::Duration;
///
/// let duration: Duration = "-1h30m0.5s".parse().unwrap();
/// assert_eq!(duration.nanoseconds(), -5_400_500_000_000);
/// assert_eq!(duration.to_string(), "-5400.5s");
/// assert!("1 hour".parse::<Duration>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    nanoseconds: i64,
}

/// Why a text is no point in time, or no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// It is not written as one.
    #[error("it is not written as RFC 3339 writes a point in time, or Go a duration")]
    Form,
    /// It is one that its type does not reach.
    #[error("it is outside the years 1 to 9999, or longer than 292 years")]
    Range,
}

impl Timestamp {
    /// The beginning of year 1.
    pub const MIN: Self = Self { seconds: -62_135_596_800, nanoseconds: 0, east: 0 };
    /// The end of year 9999.
    pub const MAX: Self = Self { seconds: 253_402_300_799, nanoseconds: 999_999_999, east: 0 };

    /// So many seconds and nanoseconds after the beginning of 1970; None outside the years, and for more than
    /// 999,999,999 nanoseconds.
    #[must_use]
    pub fn new(seconds: i64, nanoseconds: u32) -> Option<Self> {
        let timestamp = Self { seconds, nanoseconds, east: 0 };
        ((Self::MIN..=Self::MAX).contains(&timestamp) && nanoseconds < 1_000_000_000).then_some(timestamp)
    }

    fn from_nanoseconds(nanoseconds: i128) -> Option<Self> {
        let seconds = i64::try_from(nanoseconds.div_euclid(NANOSECONDS)).ok()?;
        Self::new(seconds, u32::try_from(nanoseconds.rem_euclid(NANOSECONDS)).ok()?)
    }

    fn whole(self) -> i128 {
        i128::from(self.seconds) * NANOSECONDS + i128::from(self.nanoseconds)
    }

    /// Whole seconds since the beginning of 1970; before it, the number is negative.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds since the second began.
    #[must_use]
    pub const fn nanoseconds(self) -> u32 {
        self.nanoseconds
    }

    /// The same point, as a clock in UTC shows it.
    #[must_use]
    pub const fn utc(self) -> Self {
        Self { east: 0, ..self }
    }

    /// The point so much later.
    #[must_use]
    pub fn checked_add(self, duration: Duration) -> Option<Self> {
        let later = Self::from_nanoseconds(self.whole() + i128::from(duration.nanoseconds))?;
        Some(Self { east: self.east, ..later })
    }

    /// The point so much earlier; None, too, for the one duration that has no opposite.
    #[must_use]
    pub fn checked_sub(self, duration: Duration) -> Option<Self> {
        self.checked_add(duration.checked_neg()?)
    }

    /// The time since an earlier point; the seconds between them must be a duration by themselves, as in cel-go.
    #[must_use]
    pub fn since(self, earlier: Self) -> Option<Duration> {
        let seconds = (self.seconds - earlier.seconds).checked_mul(1_000_000_000)?;
        let rest = i64::from(self.nanoseconds) - i64::from(earlier.nanoseconds);
        seconds.checked_add(rest).map(Duration::from_nanoseconds)
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.seconds, self.nanoseconds).cmp(&(other.seconds, other.nanoseconds))
    }
}

impl Hash for Timestamp {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.seconds, self.nanoseconds).hash(state);
    }
}

impl Duration {
    /// So many nanoseconds.
    #[must_use]
    pub const fn from_nanoseconds(nanoseconds: i64) -> Self {
        Self { nanoseconds }
    }

    /// All of it in nanoseconds.
    #[must_use]
    pub const fn nanoseconds(self) -> i64 {
        self.nanoseconds
    }

    /// All of it in hours, as Go computes them.
    #[must_use]
    pub fn as_hours(self) -> f64 {
        self.as_units_of(3_600_000_000_000)
    }

    /// All of it in minutes, as Go computes them.
    #[must_use]
    pub fn as_minutes(self) -> f64 {
        self.as_units_of(60_000_000_000)
    }

    /// All of it in seconds, as Go computes them.
    #[must_use]
    pub fn as_seconds(self) -> f64 {
        self.as_units_of(1_000_000_000)
    }

    #[expect(clippy::cast_precision_loss, reason = "Go loses the same")]
    fn as_units_of(self, unit: i64) -> f64 {
        (self.nanoseconds / unit) as f64 + (self.nanoseconds % unit) as f64 / unit as f64
    }

    /// Both together.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.nanoseconds.checked_add(other.nanoseconds).map(Self::from_nanoseconds)
    }

    /// The one without the other.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.nanoseconds.checked_sub(other.nanoseconds).map(Self::from_nanoseconds)
    }

    /// The same backwards.
    #[must_use]
    pub fn checked_neg(self) -> Option<Self> {
        self.nanoseconds.checked_neg().map(Self::from_nanoseconds)
    }
}
