use crate::budget::Budget;
use crate::environment::Environment;
use crate::error::EvaluationErrorKind;
use crate::functions::tests::result;
use crate::outcome::Outcome;
use crate::program::Program;

const AT: &str = "timestamp('2009-02-13T23:31:30.123456789Z')";

#[test]
fn each_part_of_a_point_in_time_is_shown_in_utc_or_in_a_zone() {
    for (part, utc, sydney, west) in [
        ("getFullYear", 2009, 2009, 2009),
        ("getMonth", 1, 1, 1),
        ("getDate", 13, 14, 13),
        ("getDayOfMonth", 12, 13, 12),
        ("getDayOfWeek", 5, 6, 5),
        ("getDayOfYear", 43, 44, 43),
        ("getHours", 23, 10, 21),
        ("getMinutes", 31, 31, 1),
        ("getSeconds", 30, 30, 30),
        ("getMilliseconds", 123, 123, 123),
    ] {
        let source = format!("[{AT}.{part}(), {AT}.{part}('Australia/Sydney'), {AT}.{part}('-02:30')]");
        assert_eq!(result(&source), format!("[{utc}, {sydney}, {west}]"), "{part}");
    }
}

#[test]
fn the_offset_that_a_point_was_written_with_is_no_zone() {
    assert_eq!(result("timestamp('2009-02-13T23:31:30+05:00').getHours()"), "18");
}

#[test]
fn a_zone_that_there_is_not_is_an_error() {
    assert_eq!(
        result(&format!("{AT}.getHours('Mars/Olympus')")),
        "error: unknown time zone \"Mars/Olympus\""
    );
    assert_eq!(
        result("['europe/berlin'].map(z, timestamp(0).getHours(z))"),
        "error: unknown time zone \"europe/berlin\""
    );
}

#[test]
fn a_duration_is_converted_and_not_taken_apart_save_for_milliseconds() {
    let parts = "[d.getHours(), d.getMinutes(), d.getSeconds(), d.getMilliseconds()]";
    for (duration, expected) in
        [("1h2m3.456s", "[1, 62, 3723, 456]"), ("-1.5s", "[0, 0, -1, -500]"), ("0", "[0, 0, 0, 0]")]
    {
        assert_eq!(result(&format!("['{duration}'].map(t, duration(t)).map(d, {parts})[0]")), expected);
    }
    // Go has the hours by way of a double.
    assert_eq!(result("duration('2000000h59m59.999999999s').getHours()"), "2000001");
}

#[test]
fn times_are_converted_from_and_to_text_and_numbers() {
    assert_eq!(result("timestamp(1234567890)"), "timestamp(\"2009-02-13T23:31:30Z\")");
    assert_eq!(result("timestamp(timestamp(0)) == timestamp('1970-01-01T01:00:00+01:00')"), "true");
    assert_eq!(result("string(timestamp('1970-01-01T01:00:00+01:00'))"), "\"1970-01-01T01:00:00+01:00\"");
    assert_eq!(result("int(timestamp('1969-12-31T23:59:59.5Z'))"), "-1");
    assert_eq!(
        result("[duration('90m'), duration(duration('1ms'))]"),
        "[duration(\"5400s\"), duration(\"0.001s\")]"
    );
    assert_eq!(result("int(duration('1s'))"), "1000000000");
    // A double has no more digits.
    assert_eq!(result("string(duration('100000000.123456789s'))"), "\"100000000.12345679s\"");
    assert_eq!(
        result("[type(timestamp(0)), type(duration('0'))]"),
        "[google.protobuf.Timestamp, google.protobuf.Duration]"
    );
}

#[test]
fn what_is_no_time_is_an_error() {
    assert_eq!(result("[''].map(t, timestamp(t))"), "error: type conversion error from \"\" to timestamp");
    assert_eq!(result("['1'].map(t, duration(t))"), "error: type conversion error from \"1\" to duration");
    assert_eq!(result("['0000-01-01T00:00:00Z'].map(t, timestamp(t))"), "error: timestamp overflow");
    assert_eq!(result("[-62135596801].map(t, timestamp(t))"), "error: timestamp overflow");
    assert_eq!(result("['320000000000s'].map(t, duration(t))"), "error: duration overflow");
}

#[test]
fn a_text_is_charged_for_by_its_length() {
    let text = "0".repeat(20_000);
    for call in [
        "timestamp(t)",
        "duration(t)",
        "timestamp(0).getHours(t)",
        "isIP(t)",
        "isCIDR(t)",
        "ip(t)",
        "cidr(t)",
    ] {
        // Out of a list, since what is constant is computed once, when it is compiled.
        let program =
            Program::compile(&Environment::standard(), &format!("['{text}'].map(t, {call})")).unwrap();
        let mut budget = Budget::steps(2_000);
        let Outcome::Error(error) = program.evaluate(&(), &mut budget) else { unreachable!("{call}") };
        assert_eq!(error.kind, EvaluationErrorKind::BudgetExceeded, "{call}");
    }
}
