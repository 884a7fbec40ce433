//! Points in time as text.
//!
//! What is read is what Go reads with its layout for RFC 3339. That is more than the RFC allows: an hour of one digit, a
//! comma before the fraction, offsets up to 24 hours and 60 minutes.

use super::calendar::{days_in, days_since_1970};
use super::{Civil, TimeError, Timestamp};
use std::fmt::{self, Debug, Display, Formatter};
use std::str::FromStr;

impl FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let (seconds, nanoseconds, east) = read(text.as_bytes()).ok_or(TimeError::Form)?;
        let timestamp = Self::new(seconds - i64::from(east), nanoseconds).ok_or(TimeError::Range)?;
        Ok(Self { east, ..timestamp })
    }
}

/// Seconds that the clock showed, nanoseconds, and seconds by which the clock was before UTC.
fn read(text: &[u8]) -> Option<(i64, u32, i32)> {
    let mut reader = Reader { rest: text };
    let days = reader.date()?;
    reader.symbol(b'T')?;
    let seconds = reader.time()?;
    let nanoseconds = reader.fraction();
    let east = reader.zone()?;
    reader.rest.is_empty().then_some((days * 86_400 + seconds, nanoseconds, east))
}

struct Reader<'t> {
    rest: &'t [u8],
}

impl Reader<'_> {
    fn symbol(&mut self, symbol: u8) -> Option<()> {
        self.rest = self.rest.strip_prefix(&[symbol])?;
        Some(())
    }

    /// A number of so many digits.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (number, rest) = self.rest.split_at_checked(digits)?;
        self.rest = rest;
        number.iter().try_fold(0, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
        })
    }

    /// Days since the beginning of 1970.
    fn date(&mut self) -> Option<i64> {
        let year = self.number(4)?;
        self.symbol(b'-')?;
        let month = self.number(2)? - 1;
        self.symbol(b'-')?;
        let day = self.number(2)?;
        let exists = (0..12).contains(&month) && (1..=days_in(year, month)).contains(&day);
        exists.then(|| days_since_1970(year, month, day))
    }

    /// Seconds since midnight.
    fn time(&mut self) -> Option<i64> {
        let digits = if self.rest.get(1).is_some_and(u8::is_ascii_digit) { 2 } else { 1 };
        let hour = self.number(digits)?;
        self.symbol(b':')?;
        let minute = self.number(2)?;
        self.symbol(b':')?;
        let second = self.number(2)?;
        (hour < 24 && minute < 60 && second < 60).then_some((hour * 60 + minute) * 60 + second)
    }

    /// Nanoseconds; digits after the ninth are dropped.
    fn fraction(&mut self) -> u32 {
        let [b'.' | b',', digits @ ..] = self.rest else { return 0 };
        let count = digits.iter().take_while(|digit| digit.is_ascii_digit()).count();
        if count == 0 {
            return 0;
        }
        self.rest = &digits[count..];
        (0..9).fold(0, |number, index| {
            let digit = if index < count { digits[index] - b'0' } else { 0 };
            number * 10 + u32::from(digit)
        })
    }

    /// Seconds before UTC.
    fn zone(&mut self) -> Option<i32> {
        let (sign, rest) = self.rest.split_first()?;
        self.rest = rest;
        let sign = match sign {
            b'Z' => return Some(0),
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let hours = self.number(2)?;
        self.symbol(b':')?;
        let minutes = self.number(2)?;
        let seconds = i32::try_from((hours * 60 + minutes) * 60).ok()?;
        (hours <= 24 && minutes <= 60).then_some(sign * seconds)
    }
}

/// As RFC 3339 has it, where it was read: `2026-01-02T03:04:05.6+01:00`.
impl Display for Timestamp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day, hour, minute, second, day_of_year: _, weekday: _ } =
            Civil::at(self.seconds + i64::from(self.east));
        write!(f, "{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}", month + 1)?;
        write_fraction(self.nanoseconds, f)?;
        if self.east == 0 {
            return f.write_str("Z");
        }
        let sign = if self.east < 0 { '-' } else { '+' };
        let minutes = self.east.unsigned_abs() / 60;
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

impl Debug for Timestamp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

/// Nothing for a whole second.
pub(super) fn write_fraction(nanoseconds: u32, f: &mut Formatter<'_>) -> fmt::Result {
    if nanoseconds == 0 {
        return Ok(());
    }
    let digits = format!("{nanoseconds:09}");
    write!(f, ".{}", digits.trim_end_matches('0'))
}
