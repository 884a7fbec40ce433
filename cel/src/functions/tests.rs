mod any;
mod encoders;
mod format;
mod lists;
mod math;
mod optionals;
mod regexes;
mod sets;
mod strings;

use super::strings::SEARCH;
use super::{Answer, Function, Library, number};
use crate::budget::Budget;
use crate::environment::Environment;
use crate::error::Style;
use crate::evaluate::tests::partial::Partial;
use crate::input::Lookup;
use crate::outcome::Outcome;
use crate::program::Program;
use crate::static_type::StaticType;
use crate::value::{Value, equal};
use serde_json::json;

/// What the expression comes to, or the error.
pub(super) fn result(source: &str) -> String {
    let program = Program::compile(&Environment::standard().unchecked(), source).unwrap();
    match program.evaluate(&(), &mut Budget::default()) {
        Outcome::Value(value) => value.to_string(),
        Outcome::Error(error) => format!("error: {error}"),
        Outcome::Unknown(paths) => format!("unknown: {paths:?}"),
    }
}

/// Holds each expression to what it comes to, or to the error.
fn each(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(result(source), *expected, "{source}");
    }
}

/// What the expression comes to, where `x` is the JSON, in which the string `?` is unknown and `!` failed.
fn partial(x: &str, source: &str) -> String {
    let environment = Environment::standard().with_variable("x", StaticType::Dyn);
    let program = Program::compile(&environment, source).unwrap();
    let x: serde_json::Value = serde_json::from_str(x).unwrap();
    match program.evaluate(&Partial::new(&json!({"x": x})), &mut Budget::default()) {
        Outcome::Value(value) => value.to_string(),
        Outcome::Error(_) => "error".to_owned(),
        Outcome::Unknown(_) => "unknown".to_owned(),
    }
}

#[test]
fn a_double_is_written_as_go_writes_it() {
    for (double, text) in [
        (0.0, "0"),
        (-0.0045, "-0.0045"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (100_000.0, "100000"),
        (1_000_000.0, "1e+06"),
        (123_456_789.5, "1.234567895e+08"),
        (1e100, "1e+100"),
        (f64::NAN, "NaN"),
        (f64::INFINITY, "+Inf"),
        (f64::NEG_INFINITY, "-Inf"),
    ] {
        assert_eq!(number::from_double(double), text);
    }
}

#[test]
fn a_number_outside_the_type_is_a_range_error() {
    assert_eq!(result("int(9223372036854775807u)"), "9223372036854775807");
    assert_eq!(result("int(9223372036854775808u)"), "error: range error: 9223372036854775808u is no int");
    assert_eq!(result("int(-9223372036854775808.0)"), "error: range error: -9.223372036854776e18 is no int");
    assert_eq!(result("uint(-1)"), "error: range error: -1 is no uint");
    assert_eq!(
        result("uint(18446744073709551616.0)"),
        "error: range error: 1.8446744073709552e19 is no uint"
    );
    assert_eq!(result("int(double('NaN'))"), "error: range error: NaN is no int");
}

#[test]
fn text_is_read_as_go_reads_it() {
    assert_eq!(result("[int('+5'), int('-5')]"), "[5, -5]");
    assert_eq!(result("uint('+5')"), "error: type conversion error from \"+5\" to uint");
    assert_eq!(result("double('inf')"), "inf");
    assert_eq!(result("[double('0x1.8p3'), double('-0X1p-2'), double('1_000.5')]"), "[12.0, -0.25, 1000.5]");
    assert_eq!(result("double('0x1')"), "error: type conversion error from \"0x1\" to double");
    assert_eq!(result("double('_1')"), "error: type conversion error from \"_1\" to double");
    assert_eq!(result("double('1e999')"), "error: type conversion error from \"1e999\" to double");
    assert_eq!(result("bool('yes')"), "error: type conversion error from \"yes\" to bool");
    assert_eq!(result("string(b'\\xff')"), "error: invalid UTF-8 in bytes, cannot convert to string");
}

#[test]
fn size_counts_code_points_bytes_elements_and_entries() {
    assert_eq!(result("[size('é'), size(b'é'), [1, 2].size(), {1: 2}.size()]"), "[1, 2, 2, 1]");
    assert_eq!(result("size(1)"), "error: no such overload: size(int)");
}

#[test]
fn a_pattern_that_is_not_constant_is_prepared_when_it_is_met() {
    assert_eq!(result("['b', '('].exists(p, 'abc'.matches(p))"), "true");
    assert_eq!(
        result("['('].exists(p, 'abc'.matches(p))"),
        "error: invalid regular expression: missing closing ): `(` at byte 0"
    );
    assert_eq!(result("matches('abc', '^b')"), "false");
    assert_eq!(result("['\\\\w{9}'].exists(p, 'abcdefghi'.matches(p))"), "true");
    assert_eq!(
        result("['(a{999}){999}'].exists(p, 'abc'.matches(p))"),
        "error: invalid regular expression: invalid repeat count: `{999}` at byte 8"
    );
    let many = "[1, 2, 3, 4].all(a, [1, 2, 3, 4].all(b, ['\\\\pL{50}'].all(p, !'abc'.matches(p))))";
    assert_eq!(result(many), "error: the evaluation took more steps than its budget allows");
}

/// The seam for environments with libraries of their own: Kubernetes' lists have an `indexOf` beside the strings'.
#[test]
fn a_library_adds_overloads_to_a_name_of_another() {
    fn index_of_element<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
        let [Value::List(list), wanted] = arguments else { return Ok(None) };
        let is = |index: &usize| matches!(list.get(*index), Lookup::Found(it) if equal(&it, wanted, budget).is_ok_and(|is| is));
        let found = (0..list.size()).find(is);
        Ok(Some(Value::Int(found.map_or(-1, |index| i64::try_from(index).unwrap_or(i64::MAX)))))
    }
    const MORE: &[Function] = &[Function::member("indexOf", &["list(A), A -> int"], index_of_element)];
    let library = Library::of(&[SEARCH, MORE]);
    let function = library.get("indexOf", Style::Member).unwrap();
    let strings_alone = Library::of(&[SEARCH]);
    let before = &strings_alone.get("indexOf", Style::Member).unwrap().signatures;
    assert_eq!(function.signatures.len(), before.len() + 1);
    let list = Value::list(vec![Value::Int(7), Value::Int(8)]);
    let call = |arguments: &[&Value<'static>]| function.call(arguments, &mut Budget::default());
    assert!(matches!(call(&[&Value::from("abc"), &Value::from("c")]), Ok(Some(Value::Int(2)))));
    assert!(matches!(call(&[&list, &Value::Int(8)]), Ok(Some(Value::Int(1)))));
    assert!(matches!(call(&[&Value::Int(1), &list]), Ok(None)));
}
