//! How much of a stack the deepest expressions take.

use cel::{Budget, Environment, Outcome, Program, StaticType};

/// What is promised: a thread as Rust makes them, and half of one where the compiler optimises.
const STACK: usize = if cfg!(debug_assertions) { 2 << 20 } else { 1 << 20 };

/// What stands before and behind an expression, so often that it just compiles; the last ones never do.
const FORMS: [(&str, &str, &str); 24] = [
    ("(", "x", ")"),
    ("!(", "true", ")"),
    ("-(", "x", ")"),
    ("[", "x", "]"),
    ("{0: ", "x", "}"),
    ("{'a': ", "x", "}[?'a'].orValue(0)"),
    ("x == 2 ? 0 : (", "x", ")"),
    ("x + (", "x", ")"),
    ("x == 1 || [", "x", "] == []"),
    ("[0][x - 1 + (", "0", ")]"),
    ("has({'a': ", "x", "}.a) || x == 1"),
    ("[x].all(i, true && ", "true", ")"),
    ("[x].map(i, i > 0, [", "i", "])"),
    ("[x].sortBy(i, ", "i", ")[0]"),
    ("[x].transformMapEntry(i, j, {i: ", "x", "})"),
    ("cel.bind(i, x, ", "i", ")"),
    ("optional.of(x).optMap(i, ", "x", ").value()"),
    ("math.greatest(x, ", "x", ")"),
    ("sets.contains([", "x", "], [])"),
    ("'%s'.format([", "x", "])"),
    ("'a'.matches(string(", "x", "))"),
    ("math.abss(", "x", ")"),
    ("[x].al(c, ", "c", ")"),
    ("x.zz(y.zz(", "y", "))"),
];

#[test]
fn the_deepest_expressions_fit_a_stack_of_a_mebibyte_or_two() {
    for (before, inner, behind) in FORMS {
        let deepest = std::thread::Builder::new().stack_size(STACK).spawn(move || {
            let deep = |times: &usize| before.repeat(*times) + inner + &behind.repeat(*times);
            let fits = |source: &String| !go_through(source).contains("is nested more than");
            let times = (1..=250).rev().find(|times| fits(&deep(times))).unwrap();
            assert!(times >= 60, "{before}: only {times} fit");
        });
        deepest.unwrap().join().unwrap();
    }
}

/// Compiles and evaluates it, with types and without them; what is wrong with it.
fn go_through(source: &str) -> String {
    let environment = Environment::standard().with_variable("x", StaticType::Dyn);
    for environment in [environment.clone().unchecked(), environment] {
        match Program::compile(&environment, source) {
            Ok(program) => {
                let input = serde_json::json!({"x": 1});
                if let Outcome::Value(value) = program.evaluate(&input, &mut Budget::default()) {
                    assert!(!value.to_string().is_empty());
                    drop(value.to_json());
                }
            }
            Err(errors) => return errors.to_string(),
        }
    }
    String::new()
}
