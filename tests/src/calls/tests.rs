use super::{Call, calls};

#[test]
fn a_call_has_a_target_and_arguments() {
    assert_eq!(
        calls("1 + f(a, 'b'.g(c)).indexOf(h(1, [2]), -3) + x.indexOf('y')", "indexOf"),
        [
            Call { target: "f(a, 'b'.g(c))", arguments: vec!["h(1, [2])", "-3"] },
            Call { target: "x", arguments: vec!["'y'"] },
        ]
    );
    assert_eq!(calls("(t - u).g()", "g"), [Call { target: "(t - u)", arguments: vec![] }]);
    assert_eq!(calls("[d.g()]", "g"), [Call { target: "d", arguments: vec![] }]);
    assert_eq!(calls("x.gg() + g(x)", "g"), []);
}

#[test]
fn what_is_no_expression_is_read_as_far_as_it_goes() {
    assert_eq!(calls(")]}.g(]})", "g"), [Call { target: ")]}", arguments: vec!["]}"] }]);
    assert_eq!(calls("x.g(1, 2", "g"), [Call { target: "x", arguments: vec!["1"] }]);
}
