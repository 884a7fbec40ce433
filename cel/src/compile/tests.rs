use crate::budget::Budget;
use crate::environment::Environment;
use crate::node::NodeKind;
use crate::outcome::Outcome;
use crate::program::Program;
use crate::static_type::StaticType;

fn environment() -> Environment {
    ["event", "object", "variables.containers", "a.b"]
        .into_iter()
        .fold(Environment::standard(), |environment, name| environment.with_variable(name, StaticType::Dyn))
}

fn errors(source: &str) -> String {
    Program::compile(&environment(), source).expect_err(source).to_string()
}

fn reads(source: &str) -> Vec<String> {
    let program = Program::compile(&environment(), source).unwrap();
    program.reads().iter().map(|read| format!("{}@{}", read.path.join("/"), read.position)).collect()
}

#[test]
fn all_that_is_wrong_is_said_at_once_with_the_nearest_names() {
    assert_eq!(
        errors("evnt.kind == 'Exec' &&\n  'a'.startWith('b') && siz([]) == 0"),
        "1:1: undeclared name \"evnt\", did you mean \"event\"?\n\
         2:7: unknown member function \"startWith\", did you mean \"startsWith\"?\n\
         2:25: unknown function \"siz\", did you mean \"size\"?"
    );
    assert_eq!(errors("zzz"), "1:1: undeclared name \"zzz\"");
    assert_eq!(
        errors("variables.contaners"),
        "1:1: undeclared name \"variables.contaners\", did you mean \"variables.containers\"?"
    );
}

#[test]
fn a_misspelt_function_of_a_namespace_is_one_error() {
    let misspelt = |source: &str, place: &str, name: &str, meant: &str| {
        let expected = format!("{place}: unknown function {name:?}, did you mean {meant:?}?");
        assert_eq!(errors(source), expected, "{source}");
    };
    misspelt("math.greatst(1, 2)", "1:6", "math.greatst", "math.greatest");
    misspelt("math.abss(1) > 1", "1:6", "math.abss", "math.abs");
    misspelt("base64.encod(b'a')", "1:8", "base64.encod", "base64.encode");
    misspelt("regex.replac('a', 'a', 'b')", "1:7", "regex.replac", "regex.replace");
    misspelt("lists.rnge(3)", "1:7", "lists.rnge", "lists.range");
    misspelt("strings.qote('a')", "1:9", "strings.qote", "strings.quote");
    misspelt("cel.bnd(x, 1, x + 1)", "1:5", "cel.bnd", "cel.bind");
    misspelt("mth.abs(-1)", "1:5", "mth.abs", "math.abs");
    assert_eq!(errors("math.zzz(1)"), "1:6: unknown function \"math.zzz\"");
}

#[test]
fn what_is_no_namespace_is_a_name_still() {
    assert_eq!(
        errors("evnt.startWith('a')"),
        "1:1: undeclared name \"evnt\", did you mean \"event\"?\n\
         1:6: unknown member function \"startWith\", did you mean \"startsWith\"?"
    );
    let math = Environment::standard().with_variable("math", StaticType::Dyn);
    let errors = Program::compile(&math, "math.startWith('a')").unwrap_err().to_string();
    assert_eq!(errors, "1:6: unknown member function \"startWith\", did you mean \"startsWith\"?");
}

#[test]
fn a_misspelt_macro_is_one_error_and_none_about_its_variables() {
    assert_eq!(errors("event.al(c, c > 1)"), "1:7: unknown member function \"al\", did you mean \"all\"?");
    assert_eq!(
        errors("event.transformLst(i, c, c > 1)"),
        "1:7: unknown member function \"transformLst\", did you mean \"transformList\"?"
    );
    assert_eq!(errors("event.any(c, c > 1)"), "1:7: unknown member function \"any\"");
    assert_eq!(
        errors("event.al(c, c > d)"),
        "1:7: unknown member function \"al\", did you mean \"all\"?\n1:17: undeclared name \"d\""
    );
    assert_eq!(
        errors("c.al(c, c > 1)"),
        "1:1: undeclared name \"c\"\n1:3: unknown member function \"al\", did you mean \"all\"?"
    );
    // A function has no variables.
    assert_eq!(
        errors("'a'.replce(x, 'b')"),
        "1:5: unknown member function \"replce\", did you mean \"replace\"?\n1:12: undeclared name \"x\""
    );
}

#[test]
fn half_an_operator_is_no_riddle() {
    for (half, whole) in [("=", "=="), ("&", "&&"), ("|", "||")] {
        assert_eq!(
            errors(&format!("event {half} object")),
            format!("1:7: unexpected character '{half}', did you mean {whole:?}?")
        );
    }
    assert_eq!(errors("event ; object"), "1:7: unexpected character ';'");
}

#[test]
fn a_pattern_that_is_none_is_an_error_now_or_where_nothing_is_checked_in_the_evaluation_that_gets_there() {
    assert!(errors("true || 'a'.matches('(')").contains("missing"), "{}", errors("true || 'a'.matches('(')"));
    let unchecked = environment().unchecked();
    for (source, fails) in [("true || 'a'.matches('(')", false), ("'a'.matches('(')", true)] {
        let program = Program::compile(&unchecked, source).unwrap();
        let outcome = program.evaluate(&(), &mut Budget::default());
        assert_eq!(matches!(outcome, Outcome::Error(_)), fails, "{source}: {outcome:?}");
    }
}

#[test]
fn no_more_than_a_hundred_errors_are_noted() {
    assert_eq!(errors(&format!("{} true", "zz || ".repeat(1000))).lines().count(), 100);
}

#[test]
fn a_function_is_told_apart_by_its_arguments_and_its_style() {
    assert_eq!(errors("size()"), "1:1: \"size\" takes 1 arguments, found 0");
    assert_eq!(errors("'a'.contains()"), "1:5: \"contains\" takes 1 arguments, found 0");
    assert!(errors("startsWith('a', 'b')").starts_with("1:1: unknown function \"startsWith\""));
    assert!(errors("'a'.int()").starts_with("1:5: unknown member function \"int\""));
}

#[test]
fn a_macro_that_is_not_used_as_one_is_an_error() {
    assert_eq!(errors("has(object)"), "1:1: invalid use of the macro \"has\": expected has(x.field)");
    assert_eq!(
        errors("[1].all(x)"),
        "1:5: invalid use of the macro \"all\": expected list.all(x, condition) or list.all(i, x, condition)"
    );
    assert_eq!(
        errors("[1].filter(x.y, true)"),
        "1:5: invalid use of the macro \"filter\": expected list.filter(x, condition)"
    );
}

#[test]
fn a_macros_variable_is_known_inside_it_only() {
    assert!(Program::compile(&environment(), "[1].all(x, [2].exists(y, x < y))").is_ok());
    assert_eq!(errors("[1].all(x, true) && x"), "1:21: undeclared name \"x\"");
    assert_eq!(errors("x.all(x, true)"), "1:1: undeclared name \"x\"");
}

#[test]
fn a_constant_pattern_is_looked_at_now() {
    assert_eq!(
        errors("'a'.matches('(')"),
        "1:13: invalid regular expression: missing closing ): `(` at byte 0"
    );
    assert!(errors("'a'.matches('(a{999}){999}')").contains("invalid repeat count"));
    let large = r"'a'.matches('^\\pL{300}$')";
    assert!(Program::compile(&Environment::standard(), large).is_ok());
    assert!(errors(&[large; 5].join(" || ")).contains("it needs more than"), "together they are too large");
}

#[test]
fn reads_are_the_fields_that_are_named() {
    assert_eq!(reads("event.executable.origin == 'Image'"), ["event/executable/origin@1:1"]);
    assert_eq!(reads("event['executable']['origin'] == 'Image'"), ["event/executable/origin@1:1"]);
    assert_eq!(
        reads("has(event.socket) && event.socket.peer.port > 1"),
        ["event/socket@1:5", "event/socket/peer/port@1:22"]
    );
    assert_eq!(reads("1 == 2 ? object.x : event"), ["object/x@1:10", "event@1:21"]);
}

#[test]
fn an_index_that_is_no_constant_string_ends_a_read() {
    assert_eq!(reads("event.args[0].x"), ["event/args@1:1"]);
    assert_eq!(reads("object.m[event.kind].x"), ["object/m@1:1", "event/kind@1:10"]);
    assert_eq!(reads("has(object.m[event.kind].x)"), ["object/m@1:5", "event/kind@1:14"]);
}

#[test]
fn what_is_reached_through_a_macros_variable_is_a_read_of_the_range() {
    assert_eq!(
        reads("object.spec.containers.all(c, has(c.image) && c.image != event.kind)"),
        ["object/spec/containers@1:1", "event/kind@1:58"]
    );
}

#[test]
fn a_dotted_variable_goes_before_a_field() {
    assert_eq!(reads("variables.containers.size() + a.b.c"), ["variables.containers@1:1", "a.b/c@1:31"]);
    assert_eq!(reads("has(a.b) && has(variables.containers.x)"), ["a.b@1:5", "variables.containers/x@1:17"]);
    assert_eq!(
        errors("has(variables.x)"),
        "1:5: undeclared name \"variables.x\", did you mean \"variables.containers\"?"
    );
}

#[test]
fn a_name_is_looked_for_in_the_container_first() {
    let environment = Environment::standard()
        .with_container("x.y")
        .with_variable("x.v", StaticType::Dyn)
        .with_variable("v", StaticType::Dyn);
    let reads = |source| Program::compile(&environment, source).unwrap().reads()[0].path.clone();
    assert_eq!(reads("v"), ["x.v"]);
    assert_eq!(reads(".v"), ["v"]);
}

#[test]
fn constants_are_computed_once_and_failures_are_left_where_they_are() {
    let root = |source| Program::compile(&environment(), source).unwrap().root.kind;
    let folded =
        |source| if let NodeKind::Constant(value) = root(source) { value.to_string() } else { String::new() };
    assert_eq!(folded("['a' + 'b', {1: [size('abc')]}[1]]"), "[\"ab\", [3]]");
    assert_eq!(folded("true || 1 / 0 > 0"), "");
    assert_eq!(folded("1 / 0"), "");
    assert!(matches!(root("event.kind in ['a', 'b']"), NodeKind::Binary { operands, .. }
        if matches!(operands[1].kind, NodeKind::Constant(_))));
}

#[test]
fn a_variable_declared_again_keeps_its_slot() {
    let environment = environment().with_variable("object", StaticType::Dyn);
    assert_eq!(
        environment.variables().collect::<Vec<_>>(),
        ["event", "object", "variables.containers", "a.b"]
    );
    assert!(environment.declared("object").is_some() && environment.declared("nothing").is_none());
}

#[test]
fn a_constant_that_no_index_can_be_is_a_mistake() {
    assert_eq!(errors("object[null]"), "1:8: a value of type null_type cannot be an index");
    assert_eq!(errors("true || object[b'a']"), "1:16: a value of type bytes cannot be an index");
}
