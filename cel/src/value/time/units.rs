//! Durations as text: numbers with units, as Go reads them.

use super::rfc3339::write_fraction;
use super::{Duration, TimeError};
use std::fmt::{self, Debug, Display, Formatter};
use std::str::FromStr;

/// The longest time backwards, in nanoseconds; forwards it is one less.
const LONGEST: u64 = 1 << 63;

impl FromStr for Duration {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let nanoseconds = if unsigned == "0" { 0 } else { parts(unsigned)? };
        let nanoseconds = i128::from(nanoseconds) * if text.starts_with('-') { -1 } else { 1 };
        let nanoseconds = i64::try_from(nanoseconds).map_err(|_| TimeError::Range)?;
        Ok(Self::from_nanoseconds(nanoseconds))
    }
}

/// `1h2.5m`, in nanoseconds.
fn parts(text: &str) -> Result<u64, TimeError> {
    let mut rest = text;
    let mut sum = 0_u64;
    loop {
        let (part, after) = part(rest)?;
        // Two of the longest time are none in Go, since their sum has 65 bits.
        sum = sum.wrapping_add(part);
        if sum > LONGEST {
            return Err(TimeError::Range);
        }
        rest = after;
        if rest.is_empty() {
            return Ok(sum);
        }
    }
}

/// The first number with its unit, in nanoseconds, and what comes after it.
fn part(text: &str) -> Result<(u64, &str), TimeError> {
    let (whole, rest) = digits(text);
    let (fraction, rest) = rest.strip_prefix('.').map_or(("", rest), digits);
    if whole.is_empty() && fraction.is_empty() {
        return Err(TimeError::Form);
    }
    let end = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let unit = unit(name).ok_or(TimeError::Form)?;
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| TimeError::Range)? };
    let whole = whole.checked_mul(unit).filter(|whole| *whole <= LONGEST).ok_or(TimeError::Range)?;
    let sum = whole + part_of_unit(fraction, unit);
    if sum <= LONGEST { Ok((sum, rest)) } else { Err(TimeError::Range) }
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// Nanoseconds.
fn unit(name: &str) -> Option<u64> {
    Some(match name {
        "ns" => 1,
        // The sign for micro has two code points.
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// So much of a unit as the digits after the point say, less than one; digits that 63 bits do not hold are dropped.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "Go rounds the same"
)]
fn part_of_unit(fraction: &str, unit: u64) -> u64 {
    let mut number = 0_u64;
    let mut scale = 1.0;
    for digit in fraction.bytes() {
        if number > (LONGEST - 1) / 10 {
            break;
        }
        let longer = number * 10 + u64::from(digit - b'0');
        if longer > LONGEST {
            break;
        }
        number = longer;
        scale *= 10.0;
    }
    (number as f64 * (unit as f64 / scale)) as u64
}

/// In seconds, with as many digits as it needs: `-1.5s`.
impl Display for Duration {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const NANOSECONDS: u64 = 1_000_000_000;
        let nanoseconds = self.nanoseconds.unsigned_abs();
        let sign = if self.nanoseconds < 0 { "-" } else { "" };
        write!(f, "{sign}{}", nanoseconds / NANOSECONDS)?;
        // A remainder fits.
        write_fraction(u32::try_from(nanoseconds % NANOSECONDS).unwrap_or_default(), f)?;
        f.write_str("s")
    }
}

impl Debug for Duration {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}
