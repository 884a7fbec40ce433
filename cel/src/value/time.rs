//! Points in time, and the time between them.

use std::fmt::{self, Debug, Formatter};

const NANOSECONDS: i128 = 1_000_000_000;

/// A point in time with nanoseconds, in the years 1 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    seconds: i64,
    nanoseconds: u32,
}

/// Time that passes, in nanoseconds: up to 292 years, forwards or backwards, as in Go.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    nanoseconds: i64,
}

impl Timestamp {
    /// The beginning of year 1.
    pub const MIN: Self = Self { seconds: -62_135_596_800, nanoseconds: 0 };
    /// The end of year 9999.
    pub const MAX: Self = Self { seconds: 253_402_300_799, nanoseconds: 999_999_999 };

    /// So many seconds and nanoseconds after the beginning of 1970; None outside the years, and for more than
    /// 999,999,999 nanoseconds.
    #[must_use]
    pub fn new(seconds: i64, nanoseconds: u32) -> Option<Self> {
        let timestamp = Self { seconds, nanoseconds };
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

    /// The point so much later.
    #[must_use]
    pub fn checked_add(self, duration: Duration) -> Option<Self> {
        Self::from_nanoseconds(self.whole() + i128::from(duration.nanoseconds))
    }

    /// The point so much earlier.
    #[must_use]
    pub fn checked_sub(self, duration: Duration) -> Option<Self> {
        Self::from_nanoseconds(self.whole() - i128::from(duration.nanoseconds))
    }

    /// The time since an earlier point.
    #[must_use]
    pub fn since(self, earlier: Self) -> Option<Duration> {
        i64::try_from(self.whole() - earlier.whole()).ok().map(Duration::from_nanoseconds)
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

impl Debug for Timestamp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "timestamp({}.{:09})", self.seconds, self.nanoseconds)
    }
}

impl Debug for Duration {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "duration({}ns)", self.nanoseconds)
    }
}
