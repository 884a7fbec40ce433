use super::{MAX_DEPTH, MAX_SIZE, parse};
use crate::ast::{Element, Expr, ExprKind, Literal, Logic, Unary};
use crate::error::CompileErrorKind;
use proptest::prelude::*;

/// The tree in brackets, to see what belongs to what.
fn tree(source: &str) -> String {
    let expr = parse(source).unwrap_or_else(|error| panic!("{source}: {error}"));
    written(&expr)
}

fn written(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Literal(literal) => match literal {
            Literal::Int(number) => number.to_string(),
            other => format!("{other:?}"),
        },
        ExprKind::Name { name, absolute } => format!("{}{name}", if *absolute { "." } else { "" }),
        ExprKind::Select { operand, field, optional } => {
            format!("({}.{}{field})", written(operand), mark(*optional))
        }
        ExprKind::Index { operand, index, optional } => {
            format!("({}[{}{}])", written(operand), mark(*optional), written(index))
        }
        ExprKind::Call { target, name, arguments, .. } => {
            let target = target.as_ref().map_or_else(String::new, |target| written(target) + ".");
            format!("{target}{name}({})", list(arguments))
        }
        ExprKind::Unary { operator: Unary::Not, operand } => format!("(! {})", written(operand)),
        ExprKind::Unary { operator: Unary::Negate, operand } => format!("(- {})", written(operand)),
        ExprKind::Binary { operator, operands } => {
            format!(
                "({} {} {})",
                written(&operands[0]),
                operator.name().trim_matches('_'),
                written(&operands[1])
            )
        }
        ExprKind::Logic { operator: Logic::And, terms } => format!("(and {})", list(terms)),
        ExprKind::Logic { operator: Logic::Or, terms } => format!("(or {})", list(terms)),
        ExprKind::Conditional { operands } => {
            format!("(if {})", operands.iter().map(|it| written(it)).collect::<Vec<_>>().join(", "))
        }
        ExprKind::List(elements) => {
            let element = |it: &Element| format!("{}{}", mark(it.optional), written(&it.value));
            format!("[{}]", elements.iter().map(element).collect::<Vec<_>>().join(", "))
        }
        ExprKind::Map(entries) => {
            let entries = entries
                .iter()
                .map(|it| format!("{}{}: {}", mark(it.optional), written(&it.key), written(&it.value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

fn mark(optional: bool) -> &'static str {
    if optional { "?" } else { "" }
}

fn list(exprs: &[Expr]) -> String {
    exprs.iter().map(written).collect::<Vec<_>>().join(", ")
}

/// Line, column and message of the error.
fn error(source: &str) -> String {
    let error = parse(source).expect_err(source);
    format!("{}: {error}", error.position)
}

#[test]
fn operators_bind_as_the_specification_says() {
    assert_eq!(tree("1 + 2 * 3 - 4"), "((1 + (2 * 3)) - 4)");
    assert_eq!(tree("a || b && c == d + e"), "(or a, (and b, (c == (d + e))))");
    assert_eq!(tree("a && b && c || d"), "(or (and a, b, c), d)");
    assert_eq!(tree("a < b == c in d"), "(((a < b) == c) @in d)");
    assert_eq!(tree("!a.b && -c[0] > 1"), "(and (! (a.b)), ((- (c[0])) > 1))");
    assert_eq!(tree("a ? b : c ? d : e"), "(if a, b, (if c, d, e))");
}

#[test]
fn the_sign_before_a_number_is_the_numbers() {
    assert_eq!(tree("-9223372036854775808"), i64::MIN.to_string());
    assert_eq!(tree("-0x10"), "-16");
    assert_eq!(tree("1 -1"), "(1 - 1)");
    assert_eq!(tree("!-1"), "(! -1)");
    assert_eq!(tree("!!- 15"), "-15");
    assert_eq!(error("!-a"), "1:3: found \"a\", expected an expression");
    assert_eq!(tree("!!a"), "a");
    assert_eq!(tree("---a"), "(- a)");
    assert_eq!(
        error("9223372036854775808"),
        "1:1: 9223372036854775808 is not an integer of 64 bits with a sign"
    );
    assert_eq!(error("1e999"), "1:1: 1e999 is not a finite double");
}

#[test]
fn members_calls_and_literals_are_read() {
    assert_eq!(tree("a.b.c(d, e)[f].`g-h`"), "(((a.b).c(d, e)[f]).g-h)");
    assert_eq!(tree(".a.b"), "(.a.b)");
    assert_eq!(tree("a.?b[?c].d"), "(((a.?b)[?c]).d)");
    assert_eq!(tree("[?a, b] + {?c: d}"), "([?a, b] + {?c: d})");
    assert_eq!(tree("[1, 2,]"), "[1, 2]");
    assert_eq!(tree("{1: [], 2: {},}"), "{1: [], 2: {}}");
    assert_eq!(tree("[[,], {,}]"), "[[], {}]");
    assert_eq!(tree("a.for.in_x"), "((a.for).in_x)");
}

#[test]
fn an_error_says_where_what_was_found_and_what_was_expected() {
    assert_eq!(error("a ||"), "1:5: found the end, expected an expression");
    assert_eq!(error("a\n  b"), "2:3: found \"b\", expected an operator or the end");
    assert_eq!(error("f(1, 2"), "1:7: found the end, expected \",\" or \")\"");
    assert_eq!(error("[1 2]"), "1:4: found the number 2, expected \",\" or \"]\"");
    assert_eq!(error("a ? b"), "1:6: found the end, expected \":\"");
    assert_eq!(error("{1}"), "1:3: found \"}\", expected \":\"");
    assert_eq!(error("a.in"), "1:3: found \"in\", expected the name of a field or of a function");
    assert_eq!(error("for"), "1:1: \"for\" is a reserved word");
    assert_eq!(error("f(1,)"), "1:5: found \")\", expected an expression");
    assert_eq!(error("a.B{c: 1}"), "1:3: messages are not supported");
    assert_eq!(error(""), "1:1: found the end, expected an expression");
}

#[test]
fn what_is_too_long_or_too_deep_is_refused() {
    let long = " ".repeat(MAX_SIZE + 1);
    assert!(matches!(parse(&long).unwrap_err().kind, CompileErrorKind::TooLong { .. }));
    let deep = |open: &str, close: &str, times| open.repeat(times) + "a" + &close.repeat(times);
    for (open, close) in
        [("(", ")"), ("[", "]"), ("a ? b : ", ""), ("f(", ")"), ("a[", "]"), ("{0: ", "}"), ("a + (", ")")]
    {
        parse(&deep(open, close, MAX_DEPTH / 2 - 1)).unwrap();
        for times in [MAX_DEPTH, 10_000] {
            let error = parse(&deep(open, close, times)).expect_err(open);
            assert_eq!(error.kind, CompileErrorKind::TooDeep(MAX_DEPTH), "{open}");
        }
    }
    for chain in [".b", " + 1", "[0]", ".f()"] {
        let source = format!("a{}", chain.repeat(MAX_DEPTH));
        assert_eq!(parse(&source).unwrap_err().kind, CompileErrorKind::TooDeep(MAX_DEPTH), "{chain}");
    }
}

#[test]
fn a_chain_of_terms_is_not_deep_however_long() {
    parse(&format!("a{}", " && a".repeat(10_000))).unwrap();
    parse(&format!("{}a", "!".repeat(10_000))).unwrap();
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_at_a_place_inside_it(source in ".{0,200}") {
        if let Err(error) = parse(&source) {
            prop_assert!(error.position.offset <= source.len());
            prop_assert!(source.is_char_boundary(error.position.offset));
            prop_assert!(error.position.caret(&source).ends_with('^'));
        }
    }

    #[test]
    fn any_tokens_are_read_or_refused_at_a_place_inside_them(
        tokens in prop::collection::vec(
            prop::sample::select(vec![
                "a", "1", "2u", "3.5", "'s'", "b'x'", "r\"\\\"", "'''", "`q`", "in", "true", "null", "for", "(", ")",
                "[", "]", "{", "}", ".", ",", ":", "?", "!", "-", "+", "*", "==", "&&", "||", "//", "\n", "\\", "é",
            ]),
            0..60,
        )
    ) {
        let source = tokens.concat();
        if let Err(error) = parse(&source) {
            prop_assert!(error.position.offset <= source.len());
        }
    }
}
