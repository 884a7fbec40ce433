mod generated;

use crate::environment::Environment;
use crate::program::Program;
use crate::static_type::StaticType;
use crate::{CompileErrors, Style};

fn environment() -> Environment {
    [
        ("any", StaticType::Dyn),
        ("i", StaticType::Int),
        ("s", StaticType::String),
        ("ints", StaticType::list(StaticType::Int)),
        ("names", StaticType::map(StaticType::String, StaticType::Int)),
        ("maybe", StaticType::optional(StaticType::String)),
        ("perhaps", StaticType::Nullable(StaticType::Int.into())),
        ("since", StaticType::Timestamp),
        ("long", StaticType::Duration),
    ]
    .into_iter()
    .fold(Environment::standard(), |environment, (name, of)| environment.with_variable(name, of))
}

fn compile(environment: &Environment, source: &str) -> Result<Program, CompileErrors> {
    Program::compile(environment, source)
}

/// The type, or the errors.
fn of(source: &str) -> String {
    match compile(&environment(), source) {
        Ok(program) => program.result_type().to_string(),
        Err(errors) => errors.to_string(),
    }
}

fn all(pairs: &[(&str, &str)]) {
    for (source, expected) in pairs {
        assert_eq!(of(source), *expected, "{source}");
    }
}

#[test]
fn literals_have_their_types_and_what_is_mixed_is_dyn() {
    all(&[
        ("[1, 2]", "list(int)"),
        ("[1, 'a']", "list(dyn)"),
        ("[]", "list(dyn)"),
        ("{}", "map(dyn, dyn)"),
        ("[[], [1]]", "list(list(int))"),
        ("[[1], ['a']]", "list(dyn)"),
        ("{'a': 1, 'b': 2u}", "map(string, dyn)"),
        ("{1: 1, 'b': 2}", "map(dyn, int)"),
        ("{?'a': maybe}", "map(string, string)"),
        ("[?maybe, 's']", "list(string)"),
        ("[?any, 's']", "list(dyn)"),
        ("[since, null]", "list(google.protobuf.Timestamp)"),
        ("[i, null]", "list(dyn)"),
        ("[perhaps, null]", "list(wrapper(int))"),
        ("[dyn(1), 1]", "list(dyn)"),
        ("null", "null_type"),
    ]);
}

#[test]
fn types_are_values_that_have_a_type() {
    all(&[
        ("type(1)", "type(int)"),
        ("type(ints)", "type(list(int))"),
        ("int", "type(int)"),
        ("type", "type(type)"),
        ("type(type(1))", "type(type(int))"),
        ("list", "type(list(dyn))"),
        ("type(1) == string", "bool"),
        ("type([]) == list", "bool"),
    ]);
}

#[test]
fn operators_take_what_they_are_declared_for() {
    all(&[
        ("i + 1", "int"),
        ("any + 1", "int"),
        ("any + any", "dyn"),
        ("ints + []", "list(int)"),
        ("since - since", "google.protobuf.Duration"),
        ("since + long", "google.protobuf.Timestamp"),
        ("1 < 2u && 2.0 >= 1", "bool"),
        ("-i", "int"),
        ("1 in ints && s in names", "bool"),
        ("perhaps + 1", "int"),
        ("perhaps == null", "bool"),
        ("true ? 1 : any", "dyn"),
        ("[1, 2][0] == 1 ? [] : ['a']", "list(string)"),
        ("1 + 'a'", "1:3: no matching overload for \"_+_\" applied to (int, string), expected (int, int)"),
        ("1 == 'a'", "1:3: no matching overload for \"_==_\" applied to (int, string), expected (A, A)"),
        ("!i", "1:1: no matching overload for \"!_\" applied to (int), expected (bool)"),
        ("-'a'", "1:1: no matching overload for \"-_\" applied to (string), expected (double) or (int)"),
        (
            "true ? 1 : 'a'",
            "1:6: no matching overload for \"_?_:_\" applied to (bool, int, string), expected (bool, A, A)",
        ),
        ("i && true", "1:1: expected type bool, found int"),
        ("i == null", "1:3: no matching overload for \"_==_\" applied to (int, null_type), expected (A, A)"),
        (
            "'a' in ints",
            "1:5: no matching overload for \"@in\" applied to (string, list(int)), \
             expected (A, list(A)) or (A, map(A, B))",
        ),
    ]);
}

#[test]
fn functions_take_what_they_are_declared_for() {
    all(&[
        ("size(ints) + s.size()", "int"),
        ("any.startsWith('a')", "bool"),
        ("dyn(1)", "dyn"),
        (
            "s.startsWith(1)",
            "1:3: no matching overload for \"startsWith\" applied to string.(int), expected string.(string)",
        ),
        ("size(1)", "1:1: no matching overload for \"size\" applied to (int)"),
    ]);
}

#[test]
fn fields_and_indices_are_those_of_their_containers() {
    all(&[
        ("names.a + 1", "int"),
        ("names['a']", "int"),
        ("ints[0]", "int"),
        ("any.a.b[0]", "dyn"),
        ("any['a']", "dyn"),
        ("[][0]", "dyn"),
        ("[].map(x, x)[0].foo", "dyn"),
        ("names.?a", "optional_type(int)"),
        ("ints[?0]", "optional_type(int)"),
        ("any.?b.c", "optional_type(dyn)"),
        ("any.?a", "optional_type(dyn)"),
        ("has(names.a) && has(any.a.b)", "bool"),
        ("i.a", "1:3: type int has no fields, expected a map or an object"),
        ("has(i.a)", "1:5: type int has no fields, expected a map or an object"),
        (
            "names[1]",
            "1:6: no matching overload for \"_[_]\" applied to (map(string, int), int), \
                      expected (map(A, B), A)",
        ),
    ]);
}

#[test]
fn macros_have_the_types_of_what_they_make() {
    all(&[
        ("ints.all(x, x > 0)", "bool"),
        ("names.exists(k, v, k == 'a' && v > 1)", "bool"),
        ("ints.exists_one(x, x > 0)", "bool"),
        ("ints.filter(x, x > 0)", "list(int)"),
        ("names.filter(k, k != '')", "list(string)"),
        ("ints.map(x, string(x))", "list(string)"),
        ("ints.map(x, x > 0, [x])", "list(list(int))"),
        ("any.map(x, x)", "list(dyn)"),
        ("ints.transformList(i, x, i + x)", "list(int)"),
        ("ints.transformMap(i, x, string(x))", "map(int, string)"),
        ("names.transformMapEntry(k, v, {v: k})", "map(int, string)"),
        ("cel.bind(x, ints, x.map(y, y + x[0]))", "list(int)"),
        ("['b', 'a'].sortBy(x, size(x))", "list(string)"),
        ("maybe.optMap(x, size(x))", "optional_type(int)"),
        ("maybe.optFlatMap(x, names.?a)", "optional_type(int)"),
        ("ints.all(x, x)", "1:13: expected type bool, found int"),
        ("ints.filter(x, s)", "1:16: expected type bool, found string"),
        ("i.all(x, true)", "1:1: type int has no elements, expected a list or a map"),
        (
            "ints.map(x, x + 'a')",
            "1:15: no matching overload for \"_+_\" applied to (int, string), \
                                  expected (int, int)",
        ),
        (
            "s.optMap(x, x)",
            "1:3: no matching overload for \"optMap\" applied to (string), \
                            expected (optional_type(V))",
        ),
        (
            "ints.map(x, ints).sortBy(x, x)",
            "1:29: no matching overload for \"sortBy\" applied to \
                                            (list(list(int)), list(list(int)))",
        ),
    ]);
}

#[test]
fn all_that_is_wrong_is_said_at_once_and_only_once() {
    all(&[(
        "1 + 'a' == 2 && nme > 1 && s.startWith('a') && i.x.y.z",
        "1:3: no matching overload for \"_+_\" applied to (int, string), expected (int, int)\n\
         1:17: undeclared name \"nme\", did you mean \"names\"?\n\
         1:30: unknown member function \"startWith\", did you mean \"startsWith\"?\n\
         1:50: type int has no fields, expected a map or an object",
    )]);
    let many = format!("{} true", "i.x || ".repeat(1000));
    assert_eq!(of(&many).lines().count(), 100);
}

#[test]
fn what_is_not_checked_has_no_type() {
    let environment = environment().unchecked();
    let program = compile(&environment, "1 + 'a'").unwrap();
    assert_eq!(program.result_type(), &StaticType::Dyn);
}

#[test]
fn a_literal_may_have_to_be_of_one_type() {
    let environment = environment().with_homogeneous_literals();
    let errors = |source| compile(&environment, source).map(|_| ()).unwrap_err().to_string();
    assert_eq!(errors("[1, 'a', 2]"), "1:5: expected type int, found string");
    assert_eq!(
        errors("{'a': 1, 2: 2u}"),
        "1:10: expected type string, found int\n1:13: expected type int, found uint"
    );
    assert!(compile(&environment, "[1, any, 2] + [dyn('a')]").is_ok());
}

#[test]
fn a_function_may_be_declared_for_the_checker_alone() {
    let tuple = |parameter: &str| {
        let parameter = StaticType::Parameter(parameter.into());
        StaticType::Abstract("pair".into(), vec![parameter.clone(), parameter].into())
    };
    let both = ["T", "T"].map(|name| StaticType::Parameter(name.into()));
    let environment = environment().with_function("pair", Style::Global, both, tuple("T")).with_function(
        "swap",
        Style::Member,
        [tuple("T")],
        tuple("T"),
    );
    let program = compile(&environment, "pair(1, i).swap()").unwrap();
    assert_eq!(program.result_type().to_string(), "pair(int, int)");
    let errors = |source| compile(&environment, source).map(|_| ()).unwrap_err().to_string();
    assert_eq!(errors("pair(1)"), "1:1: \"pair\" takes 2 arguments, found 1");
    assert_eq!(
        errors("pair(1, 'a')"),
        "1:1: no matching overload for \"pair\" applied to (int, string), expected (T, T)"
    );
    assert_eq!(errors("pare(1, 1)"), "1:1: unknown function \"pare\", did you mean \"pair\"?");
}

#[test]
fn types_that_double_with_every_name_are_refused_and_do_not_hang() {
    let bound = (0..100).fold("{1: 1}".to_owned(), |value, _| format!("cel.bind(x, {value}, {{x: x}})"));
    assert_eq!(of(&bound), "1:1: the types in the expression are too large");
}
