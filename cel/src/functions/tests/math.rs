use super::each;
use crate::environment::Environment;
use crate::program::Program;

#[test]
fn a_number_half_way_is_rounded_away_from_zero() {
    each(&[
        ("[math.round(2.5), math.round(-2.5), math.round(0.49999999999999994)]", "[3.0, -3.0, 0.0]"),
        ("[math.ceil(-0.5), math.floor(-0.5), math.trunc(-1.9)]", "[-0.0, -1.0, -1.0]"),
        ("math.round(dyn(1))", "error: no such overload: math.round(int)"),
        ("math.isInf(math.ceil(1.0 / 0.0)) && math.isNaN(math.floor(0.0 / 0.0))", "true"),
        ("[math.isFinite(1.0), math.isFinite(0.0 / 0.0), math.isFinite(-1.0 / 0.0)]", "[true, false, false]"),
    ]);
}

#[test]
fn a_sign_is_of_the_numbers_type() {
    each(&[
        ("[math.sign(-7), math.sign(0u), math.sign(9u)]", "[-1, 0u, 1u]"),
        ("[math.sign(-0.0), math.sign(-1e-320), math.sign(1.0 / 0.0)]", "[0.0, -1.0, 1.0]"),
        ("math.isNaN(math.sign(0.0 / 0.0))", "true"),
        ("[math.abs(-7), math.abs(-9223372036854775807)]", "[7, 9223372036854775807]"),
        ("math.abs(-9223372036854775808)", "error: integer overflow"),
        ("[math.abs(-0.0), math.abs(18446744073709551615u)]", "[0.0, 18446744073709551615u]"),
        ("[math.sqrt(81), math.sqrt(2u), math.sqrt(6.25)]", "[9.0, 1.4142135623730951, 2.5]"),
        ("math.isNaN(math.sqrt(-1))", "true"),
    ]);
}

#[test]
fn bits_that_are_shifted_out_are_lost() {
    each(&[
        (
            "[math.bitShiftLeft(-1, 63), math.bitShiftLeft(-1, 64), math.bitShiftLeft(1, 9223372036854775807)]",
            "[-9223372036854775808, 0, 0]",
        ),
        (
            "[math.bitShiftRight(-1, 0), math.bitShiftRight(-1, 1), math.bitShiftRight(-1024, 64)]",
            "[-1, 9223372036854775807, 0]",
        ),
        (
            "[math.bitShiftLeft(1u, 63), math.bitShiftRight(18446744073709551615u, 63)]",
            "[9223372036854775808u, 1u]",
        ),
        ("math.bitShiftLeft(1u, -1)", "error: math.bitShiftLeft() negative offset: -1"),
        (
            "math.bitShiftRight(1, -9223372036854775808)",
            "error: math.bitShiftRight() negative offset: -9223372036854775808",
        ),
        ("[math.bitAnd(-1, 6), math.bitOr(-8, 1), math.bitXor(-1, 1), math.bitNot(0)]", "[6, -7, -2, -1]"),
        (
            "[math.bitAnd(5u, 6u), math.bitOr(5u, 2u), math.bitXor(5u, 1u), math.bitNot(0u)]",
            "[4u, 7u, 4u, 18446744073709551615u]",
        ),
        ("math.bitAnd(dyn(1), dyn(1u))", "error: no such overload: math.bitAnd(int, uint)"),
    ]);
}

#[test]
fn of_equal_numbers_the_first_is_the_extreme() {
    each(&[
        ("[math.greatest(1, 1.0), math.greatest(1.0, 1u, 1), math.least(1u, 1)]", "[1, 1.0, 1u]"),
        ("[math.greatest(-1, 2u, 1.5), math.least(-1, 2u, 1.5)]", "[2u, -1]"),
        ("math.greatest(dyn([3, 7.5, 2u]))", "7.5"),
        ("math.least(1, 0.0 / 0.0)", "error: NaN values cannot be ordered"),
        ("math.isNaN(math.least(0.0 / 0.0))", "true"),
        ("math.greatest(dyn([]))", "error: math.@max(list) argument must not be empty"),
        ("math.greatest(dyn([1, 'a']))", "error: no such overload: math.@max(string)"),
        ("math.least(dyn(true))", "error: no such overload: math.@min(bool)"),
    ]);
}

#[test]
fn a_literal_that_is_no_number_is_no_argument_of_an_extreme() {
    let environment = Environment::standard().unchecked();
    for arguments in ["", "[]", "'a'", "{}", "[1, 'a']", "[[1]]", "1, 'a'", "1, [2]", "1, 2, null"] {
        let source = format!("math.greatest({arguments})");
        let errors = Program::compile(&environment, &source).unwrap_err().to_string();
        assert!(errors.starts_with("1:6: invalid use of the macro \"math.greatest\""), "{source}: {errors}");
    }
}
