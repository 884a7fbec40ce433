//! What calendars and clocks show of a point in time, and durations in whole units.

#[cfg(test)]
mod tests;

use super::{Answer, Function};
use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::value::{Civil, Duration, Timestamp, Value, evidence, seconds_east};

const OF_TIMESTAMP: &[&str] = &["timestamp -> int", "timestamp, string -> int"];
const OF_BOTH: &[&str] = &["timestamp -> int", "timestamp, string -> int", "duration -> int"];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::member("getFullYear", OF_TIMESTAMP, full_year),
    Function::member("getMonth", OF_TIMESTAMP, month),
    Function::member("getDate", OF_TIMESTAMP, date),
    Function::member("getDayOfMonth", OF_TIMESTAMP, day_of_month),
    Function::member("getDayOfWeek", OF_TIMESTAMP, day_of_week),
    Function::member("getDayOfYear", OF_TIMESTAMP, day_of_year),
    Function::member("getHours", OF_BOTH, hours),
    Function::member("getMinutes", OF_BOTH, minutes),
    Function::member("getSeconds", OF_BOTH, seconds),
    Function::member("getMilliseconds", OF_BOTH, milliseconds),
];

/// A part of what is shown in UTC, or in the zone that the second argument names.
fn shown<'a>(
    arguments: &[&Value<'a>],
    budget: &mut Budget,
    part: impl FnOnce(Civil, Timestamp) -> i64,
) -> Answer<'a> {
    let (at, east) = match arguments {
        [Value::Timestamp(at)] => (*at, 0),
        [Value::Timestamp(at), Value::String(zone)] => {
            budget.charge_bytes(zone.len())?;
            let unknown = || EvaluationErrorKind::UnknownTimeZone(evidence(Value::from(&**zone)));
            (*at, seconds_east(zone, *at).ok_or_else(unknown)?)
        }
        _ => return Ok(None),
    };
    Ok(Some(Value::Int(part(Civil::at(at.seconds() + east), at))))
}

/// A duration in whole units, or what a clock shows.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the fraction is to go, and the rest is less than an i64"
)]
fn whole<'a>(
    arguments: &[&Value<'a>],
    budget: &mut Budget,
    units: fn(Duration) -> f64,
    part: fn(Civil) -> i64,
) -> Answer<'a> {
    match arguments {
        [Value::Duration(duration)] => Ok(Some(Value::Int(units(*duration) as i64))),
        _ => shown(arguments, budget, |civil, _| part(civil)),
    }
}

fn full_year<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    shown(arguments, budget, |civil, _| civil.year)
}

fn month<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    shown(arguments, budget, |civil, _| civil.month)
}

fn date<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    shown(arguments, budget, |civil, _| civil.day)
}

fn day_of_month<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    shown(arguments, budget, |civil, _| civil.day - 1)
}

fn day_of_week<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    shown(arguments, budget, |civil, _| civil.weekday)
}

fn day_of_year<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    shown(arguments, budget, |civil, _| civil.day_of_year)
}

fn hours<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    whole(arguments, budget, Duration::as_hours, |civil| civil.hour)
}

fn minutes<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    whole(arguments, budget, Duration::as_minutes, |civil| civil.minute)
}

fn seconds<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    whole(arguments, budget, Duration::as_seconds, |civil| civil.second)
}

/// The specification asks for the milliseconds after the second of a duration too; cel-go answers all of it.
fn milliseconds<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    match arguments {
        [Value::Duration(duration)] => {
            Ok(Some(Value::Int(duration.nanoseconds() % 1_000_000_000 / 1_000_000)))
        }
        _ => shown(arguments, budget, |_, at| i64::from(at.nanoseconds() / 1_000_000)),
    }
}
