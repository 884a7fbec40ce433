//! Points in time, given from outside: nothing here reads a clock.

use std::fmt;

use serde::{Serialize, Serializer};

/// Nanoseconds since 1970-01-01T00:00:00Z; good until the year 2554.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

const NANOS: u64 = 1_000_000_000;

impl Timestamp {
    /// From the count of nanoseconds since the epoch.
    pub const fn from_unix_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// The count of nanoseconds since the epoch.
    pub const fn as_unix_nanos(self) -> u64 {
        self.0
    }
}

/// RFC 3339 in UTC with nine digits.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No count of nanoseconds leaves the years that the expression language knows.
        let seconds = i64::try_from(self.0 / NANOS).ok().and_then(|seconds| cel::Timestamp::new(seconds, 0));
        let second = seconds.unwrap_or(cel::Timestamp::MAX).to_string();
        write!(f, "{}.{:09}Z", second.trim_end_matches('Z'), self.0 % NANOS)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests;
