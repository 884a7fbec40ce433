use super::{Civil, Duration, TimeError, Timestamp, calendar, seconds_east};
use proptest::prelude::{Strategy, any};
use proptest::{prop_assert, prop_assert_eq, proptest};

fn timestamp(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn nanoseconds(text: &str) -> Result<i64, TimeError> {
    text.parse().map(Duration::nanoseconds)
}

#[test]
fn a_point_in_time_is_written_with_the_offset_that_it_was_read_with() {
    for (text, written) in [
        ("2009-02-13T23:31:30Z", "2009-02-13T23:31:30Z"),
        ("2009-02-13T23:31:30.120Z", "2009-02-13T23:31:30.12Z"),
        ("2009-02-13T23:31:30+00:00", "2009-02-13T23:31:30Z"),
        ("2009-02-13T23:31:30-00:00", "2009-02-13T23:31:30Z"),
        ("2009-02-13T23:31:30.000000001+05:45", "2009-02-13T23:31:30.000000001+05:45"),
        ("0000-12-31T19:00:00-05:00", "0000-12-31T19:00:00-05:00"),
        ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"),
    ] {
        assert_eq!(timestamp(text).to_string(), written);
    }
    assert_eq!(timestamp("2009-02-13T23:31:30-01:30").utc().to_string(), "2009-02-14T01:01:30Z");
}

#[test]
fn what_go_reads_beyond_rfc_3339_is_read() {
    for (text, written) in [
        ("2009-02-13T3:31:30Z", "2009-02-13T03:31:30Z"),
        ("2009-02-13T23:31:30,5Z", "2009-02-13T23:31:30.5Z"),
        ("2009-02-13T23:31:30.1234567899Z", "2009-02-13T23:31:30.123456789Z"),
        ("2009-02-13T23:31:30+24:60", "2009-02-13T23:31:30+25:00"),
    ] {
        assert_eq!(timestamp(text).to_string(), written);
    }
}

#[test]
fn what_is_no_point_in_time_is_refused() {
    for text in [
        "",
        "2009-02-13",
        "2009-02-13T23:31:30",
        "2009-02-13t23:31:30Z",
        "2009-02-13T23:31:30z",
        "2009-02-13 23:31:30Z",
        "2009-02-13T23:31:60Z",
        "2009-02-13T23:60:30Z",
        "2009-02-13T24:31:30Z",
        "2009-02-29T23:31:30Z",
        "1900-02-29T23:31:30Z",
        "2009-00-13T23:31:30Z",
        "2009-13-13T23:31:30Z",
        "2009-02-00T23:31:30Z",
        "2009-2-13T23:31:30Z",
        "2009-02-13T23:31:30.Z",
        "2009-02-13T23:31:30+25:00",
        "2009-02-13T23:31:30+01:61",
        "2009-02-13T23:31:30+0100",
        "2009-02-13T23:31:30+1:00",
        "2009-02-13T23:31:30Z ",
        "10000-01-01T00:00:00Z",
        "-009-02-13T23:31:30Z",
        "２009-02-13T23:31:30Z",
    ] {
        assert_eq!(text.parse::<Timestamp>(), Err(TimeError::Form), "{text:?}");
    }
    for text in ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00+00:01"] {
        assert_eq!(text.parse::<Timestamp>(), Err(TimeError::Range), "{text:?}");
    }
}

#[test]
fn the_same_point_is_equal_wherever_it_was_written() {
    let (one, two) = (timestamp("2009-02-13T23:31:30Z"), timestamp("2009-02-14T00:31:30+01:00"));
    assert_eq!(one, two);
    assert!(one < timestamp("2009-02-13T23:31:30-00:01"));
    let later = two.checked_add(Duration::from_nanoseconds(1_500_000_000)).unwrap();
    assert_eq!(later.to_string(), "2009-02-14T00:31:31.5+01:00");
}

#[test]
fn what_leaves_the_years_or_64_bits_is_none() {
    let (least, most) = (Duration::from_nanoseconds(i64::MIN), Duration::from_nanoseconds(i64::MAX));
    assert_eq!(Timestamp::MAX.checked_add(Duration::from_nanoseconds(1)), None);
    assert_eq!(Timestamp::MIN.checked_sub(Duration::from_nanoseconds(1)), None);
    assert_eq!(Timestamp::MIN.checked_add(least), None);
    assert_eq!(timestamp("2009-02-13T23:31:30Z").checked_sub(least), None);
    assert_eq!(Timestamp::MAX.since(Timestamp::MIN), None);
    let epoch = Timestamp::new(0, 0).unwrap();
    assert_eq!(epoch.checked_add(most).and_then(|later| later.since(epoch)), Some(most));
    // The difference has 63 bits, its seconds alone have not.
    let (one, two) = (Timestamp::new(-9_223_372_037, 500_000_000).unwrap(), epoch);
    assert_eq!(one.since(two), None);
}

#[test]
fn a_duration_is_read_as_go_reads_it() {
    for (text, expected) in [
        ("0", 0),
        ("-0", 0),
        ("1h2m3.5s", 3_723_500_000_000),
        ("-1.5h", -5_400_000_000_000),
        ("+5.s", 5_000_000_000),
        (".5ms", 500_000),
        ("1us1\u{b5}s1\u{3bc}s", 3_000),
        ("0.9999999999s", 999_999_999),
        ("0.3333333333333333333h", 1_200_000_000_000),
        ("9223372036854775807ns", i64::MAX),
        ("-9223372036854775808ns", i64::MIN),
        ("2562047h47m16.854775807s", i64::MAX),
    ] {
        assert_eq!(nanoseconds(text), Ok(expected), "{text:?}");
    }
    for text in ["", "-", "+-1s", "1", "1d", "1 s", "s", ".s", "1e3s", "1s-1s", "1S", "--1s", "１s"] {
        assert_eq!(nanoseconds(text), Err(TimeError::Form), "{text:?}");
    }
    for text in ["9223372036854775808ns", "-9223372036854775809ns", "99999999999999999999h", "2562048h"] {
        assert_eq!(nanoseconds(text), Err(TimeError::Range), "{text:?}");
    }
}

#[test]
fn a_duration_is_written_in_seconds() {
    for (nanoseconds, written) in [
        (0, "0s"),
        (1, "0.000000001s"),
        (-1_500_000_000, "-1.5s"),
        (i64::MIN, "-9223372036.854775808s"),
        (60_000_000_000, "60s"),
    ] {
        assert_eq!(Duration::from_nanoseconds(nanoseconds).to_string(), written);
    }
}

#[test]
fn the_calendar_knows_leap_years_and_weekdays() {
    for (text, day_of_year, weekday) in [
        ("1970-01-01T00:00:00Z", 0, 4),
        ("2000-02-29T12:00:00Z", 59, 2),
        ("2000-12-31T12:00:00Z", 365, 0),
        ("1900-03-01T00:00:00Z", 59, 4),
        ("0001-01-01T00:00:00Z", 0, 1),
        ("9999-12-31T23:59:59Z", 364, 5),
    ] {
        let civil = Civil::at(timestamp(text).seconds());
        assert_eq!((civil.day_of_year, civil.weekday), (day_of_year, weekday), "{text}");
    }
    assert_eq!(
        [calendar::days_in(2000, 1), calendar::days_in(1900, 1), calendar::days_in(2026, 11)],
        [29, 28, 31]
    );
}

#[test]
fn a_zone_is_a_name_of_the_database_or_an_offset() {
    let winter = timestamp("2026-01-15T12:00:00Z");
    for (zone, east) in [
        ("", 0),
        ("UTC", 0),
        ("Local", 0),
        ("Europe/Berlin", 3_600),
        ("Asia/Kathmandu", 20_700),
        ("Etc/GMT+5", -18_000),
        ("+01:30", 5_400),
        ("-01:30", -5_400),
        ("02:00", 7_200),
        ("+1:99", 9_540),
        ("+05:-30", 16_200),
    ] {
        assert_eq!(seconds_east(zone, winter), Some(east), "{zone:?}");
    }
    for zone in [
        "utc",
        "europe/berlin",
        "Europe",
        "Etc/Unknown",
        "../UTC",
        "/etc/localtime",
        "posixrules",
        "+01",
        ":",
        "1:",
        ":30",
        "1:2:3",
        "+ 1:00",
        "Europe/Berlin\0",
    ] {
        assert_eq!(seconds_east(zone, winter), None, "{zone:?}");
    }
}

#[test]
fn a_zone_follows_its_rules_to_the_end_of_time() {
    for (text, zone, east) in [
        ("2026-03-29T00:59:59Z", "Europe/Berlin", 3_600),
        ("2026-03-29T01:00:00Z", "Europe/Berlin", 7_200),
        ("9999-07-01T00:00:00Z", "Europe/Berlin", 7_200),
        ("9999-12-31T23:59:59Z", "Europe/Berlin", 3_600),
        ("9999-12-31T23:59:59Z", "Australia/Sydney", 39_600),
        // Before there were zones, local mean time.
        ("1800-01-01T00:00:00Z", "Europe/Berlin", 3_208),
        ("0001-01-01T00:00:00Z", "America/New_York", -17_762),
    ] {
        assert_eq!(seconds_east(zone, timestamp(text)), Some(east), "{zone} at {text}");
    }
}

#[test]
fn an_offset_of_more_than_a_duration_is_what_it_is_in_go() {
    let at = timestamp("2026-01-15T12:00:00Z");
    assert_eq!(seconds_east("2562047:00", at), Some(9_223_369_200));
    assert_eq!(seconds_east("2562048:00", at), Some(-9_223_371_273));
}

fn points() -> impl Strategy<Value = Timestamp> {
    let seconds = Timestamp::MIN.seconds()..=Timestamp::MAX.seconds();
    let point = |(seconds, nanoseconds)| Timestamp::new(seconds, nanoseconds).unwrap();
    (seconds, 0..1_000_000_000_u32).prop_map(point)
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>(), at in points()) {
        let _: Result<Timestamp, _> = text.parse();
        let _: Result<Duration, _> = text.parse();
        seconds_east(&text, at);
    }

    #[test]
    fn any_text_like_a_time_is_read_or_refused(
        time in "[0-9]{3,5}-[0-9]{2}-[0-9]{2}T[0-9]{1,2}:[0-9]{2}:[0-9]{2}([.,][0-9]{0,12})?(Z|[+-][0-9]{2}:[0-9]{2})",
        duration in "[+-]?([0-9]{0,20}\\.?[0-9]{0,25}(ns|us|ms|s|m|h)){1,3}",
        zone in "[+-]?[0-9]{0,20}:[+-]?[0-9]{0,20}",
        at in points(),
    ) {
        if let Ok(time) = time.parse::<Timestamp>() {
            prop_assert_eq!(time.to_string().parse(), Ok(time));
        }
        let _: Result<Duration, _> = duration.parse();
        if let Some(east) = seconds_east(&zone, at) {
            Civil::at(at.seconds() + east);
        }
    }

    #[test]
    fn a_point_in_time_is_read_as_it_is_written(at in points()) {
        prop_assert_eq!(at.to_string().parse(), Ok(at));
    }

    #[test]
    fn a_duration_is_read_as_it_is_written(nanoseconds in any::<i64>()) {
        let duration = Duration::from_nanoseconds(nanoseconds);
        prop_assert_eq!(duration.to_string().parse(), Ok(duration));
    }

    #[test]
    fn a_day_is_what_its_date_says(seconds in -400_000_000_000_i64..400_000_000_000) {
        let civil = Civil::at(seconds);
        let days = calendar::days_since_1970(civil.year, civil.month, civil.day);
        prop_assert_eq!(((days * 24 + civil.hour) * 60 + civil.minute) * 60 + civil.second, seconds);
        prop_assert!((1..=calendar::days_in(civil.year, civil.month)).contains(&civil.day));
    }
}
