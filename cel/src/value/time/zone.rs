//! Time zones, from the database that is built in: the same everywhere, whatever the machine has.
//!
//! cel-go reads the machine's, or its own. An older edition knows other rules, and some are made with what is told of
//! zones before 1970, which the main files leave out: there the answers differ.

use super::{Duration, Timestamp};
use jiff::tz::TimeZoneDatabase;

/// After 400 years the calendar repeats itself, weekdays included, and so does every rule of a zone.
const SECONDS_IN_400_YEARS: i64 = 146_097 * 86_400;

/// Seconds by which clocks in the zone are before UTC at that time; None where there is no such zone.
///
/// A zone is a name of the database, in its own letters, or an offset: `+01:00`. What is not there for the machine to
/// choose (no name, or `Local`) is UTC, as in a container that has no zone set.
pub(crate) fn seconds_east(zone: &str, at: Timestamp) -> Option<i64> {
    match (zone, zone.split_once(':')) {
        ("" | "UTC" | "Local", _) => Some(0),
        (_, Some((hours, minutes))) => fixed(hours, minutes),
        (name, None) => named(name, at),
    }
}

/// As cel-go reads it: both parts may have any number of digits.
#[expect(clippy::cast_possible_truncation, reason = "no duration has more seconds than an i64")]
fn fixed(hours: &str, minutes: &str) -> Option<i64> {
    let whole = hours.parse::<i64>().ok()?.wrapping_mul(60);
    let rest: i64 = minutes.parse().ok()?;
    let minutes = if hours.starts_with('-') { whole.wrapping_sub(rest) } else { whole.wrapping_add(rest) };
    Some(Duration::from_nanoseconds(minutes.wrapping_mul(60_000_000_000)).as_seconds() as i64)
}

fn named(name: &str, at: Timestamp) -> Option<i64> {
    let zone = TimeZoneDatabase::bundled().get(name).ok()?;
    if zone.iana_name() != Some(name) {
        return None;
    }
    // The last day of the year 9999 is too late for the crate.
    let second = jiff::Timestamp::from_second(at.seconds())
        .or_else(|_| jiff::Timestamp::from_second(at.seconds() - SECONDS_IN_400_YEARS));
    Some(i64::from(zone.to_offset(second.ok()?).seconds()))
}
