use crate::environment::Environment;
use crate::program::Program;
use crate::static_type::StaticType;

/// The errors, or nothing.
fn errors(source: &str) -> String {
    let environment = [("any", StaticType::Dyn), ("s", StaticType::String)]
        .into_iter()
        .fold(Environment::standard(), |environment, (name, of)| environment.with_variable(name, of));
    Program::compile(&environment, source).err().map_or_else(String::new, |errors| errors.to_string())
}

#[test]
fn a_constant_text_is_held_to_what_it_is_given() {
    for (source, expected) in [
        ("'%d%%'.format([1])", ""),
        ("'%d'.format([any, 1])", "1:6: the text to be formatted has 1 clauses, found 2 values"),
        ("'%%'.format([1])", "1:6: the text to be formatted has 0 clauses, found 1 values"),
        ("'%d'.format([])", "1:6: index 0 out of range"),
        ("'%a'.format([1])", "1:6: could not parse formatting clause: unrecognized formatting clause 'a'"),
        ("'%d'.format([any])", ""),
        (
            "'%s %d'.format([1, s])",
            "1:20: error during formatting: %d takes int, uint or double, was given string",
        ),
        ("'%b'.format([1.0])", "1:14: error during formatting: %b takes int, uint or bool, was given double"),
        (
            "false && '%o'.format([s]) == ''",
            "1:23: error during formatting: %o takes int or uint, was given string",
        ),
        (
            "[1].map(x, '%x'.format([x, '%s'.format([s])]))",
            "1:17: the text to be formatted has 1 clauses, found 2 values",
        ),
        ("[1].map(x, '%x%X'.format([x, '%s'.format([s])]))", ""),
        (
            "'%x'.format([null])",
            "1:14: error during formatting: %x takes int, uint, bytes or string, was given null_type",
        ),
    ] {
        assert_eq!(errors(source), expected, "{source}");
    }
}

#[test]
fn what_is_in_a_literal_has_to_have_a_form_as_text_too() {
    let refused = |source| errors(source).contains("was given optional_type(int)");
    assert_eq!(errors("'%s'.format([[1, {'a': [null, duration('1s'), type(any)]}]])"), "");
    assert!(refused("'%s'.format([optional.of(1)])"));
    assert!(refused("'%s'.format([[1, {'a': [optional.of(1)]}]])"));
    // Of what is no literal, only the type's name counts.
    assert_eq!(errors("'%s'.format([[1].map(x, optional.of(x))])"), "");
}

#[test]
fn text_or_values_that_are_no_literals_are_left_to_the_evaluation() {
    assert_eq!(errors("('%a' + '').format([1])"), "");
    assert_eq!(errors("'%d'.format([s].map(x, x))"), "");
    assert_eq!(errors("s.format([1, 2])"), "");
}

#[test]
fn nested_calls_are_held_in_linear_time() {
    let nested = (0..40).fold("s".to_owned(), |inner, _| format!("'%s'.format([{inner}])"));
    assert_eq!(errors(&nested), "");
}
