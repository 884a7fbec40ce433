//! The calendar that is in use today, extended to all years before and after.

const SECONDS_A_DAY: i64 = 86_400;
const DAYS_IN_400_YEARS: i64 = 146_097;
/// Days from the first of March of year 0 to the first of January 1970.
const DAYS_TO_1970: i64 = 719_468;

/// What a calendar and a clock show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    /// 0 is January.
    pub(crate) month: i64,
    /// From 1.
    pub(crate) day: i64,
    /// From 0.
    pub(crate) day_of_year: i64,
    /// 0 is Sunday.
    pub(crate) weekday: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
}

impl Civil {
    /// What they show so many seconds after the beginning of 1970.
    ///
    /// Years begin in March here, so that a leap day is the last of its year.
    pub(crate) const fn at(seconds: i64) -> Self {
        let days = seconds.div_euclid(SECONDS_A_DAY);
        let since_midnight = seconds.rem_euclid(SECONDS_A_DAY);
        let since_march = days + DAYS_TO_1970;
        let of_cycle = since_march.rem_euclid(DAYS_IN_400_YEARS);
        let year = (of_cycle - of_cycle / 1460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
        let of_year = of_cycle - (365 * year + year / 4 - year / 100);
        // Five months, such as March to July, have 153 days.
        let month = (5 * of_year + 2) / 153;
        let january = if month >= 10 { 1 } else { 0 };
        let year = since_march.div_euclid(DAYS_IN_400_YEARS) * 400 + year + january;
        Self {
            year,
            month: (month + 2) % 12,
            day: of_year - days_before(month) + 1,
            day_of_year: days - days_since_1970(year, 0, 1),
            // The first of January 1970 was a Thursday.
            weekday: (days + 4).rem_euclid(7),
            hour: since_midnight / 3600,
            minute: since_midnight / 60 % 60,
            second: since_midnight % 60,
        }
    }
}

/// Days of a year before a month, counted from March.
const fn days_before(month: i64) -> i64 {
    (153 * month + 2) / 5
}

/// The day's number; months are counted from 0, days from 1.
pub(super) const fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month >= 2 { year } else { year - 1 };
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    days + days_before((month + 10) % 12) + day - 1 - DAYS_TO_1970
}

/// How many days a month has; months are counted from 0.
pub(super) const fn days_in(year: i64, month: i64) -> i64 {
    let next =
        if month == 11 { days_since_1970(year + 1, 0, 1) } else { days_since_1970(year, month + 1, 1) };
    next - days_since_1970(year, month, 1)
}
