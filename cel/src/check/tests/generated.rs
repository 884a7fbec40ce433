//! Generated expressions.

use super::compile;
use crate::budget::Budget;
use crate::environment::Environment;
use crate::error::{EvaluationError, EvaluationErrorKind};
use crate::input::Lookup;
use crate::outcome::Outcome;
use crate::static_type::StaticType;
use crate::value::{Key, Value};
use proptest::prelude::*;
use std::ops::ControlFlow;

/// Any expression in which nothing is `dyn` or left open: that would be taken where it does not belong.
fn expression() -> impl Strategy<Value = String> {
    let leaves = [
        "1",
        "2u",
        "1.5",
        "'a'",
        "b'a'",
        "true",
        "null",
        "[1]",
        "['a', 'b']",
        "{'a': 1}",
        "int",
        "duration('1s')",
        "timestamp('2024-01-01T00:00:00Z')",
        "optional.of('a')",
        "x",
    ];
    let forms = [
        "(A) + (B)",
        "(A) - (B)",
        "(A) == (A)",
        "(A) < (B)",
        "(A) in (B)",
        "(A) && (B)",
        "(A) ? (B) : (C)",
        "true ? (A) : (B)",
        "!(A)",
        "-(A)",
        "[A]",
        "[A, B]",
        "[?A, B]",
        "{A: B}",
        "{?A: B, C: A}",
        "(A)[0]",
        "(A)[B]",
        "(A)[?0]",
        "(A).?a",
        "(A).a",
        "has((A).a)",
        "size(A)",
        "string(A)",
        "type(A)",
        "optional.of(A)",
        "(A).or(B)",
        "(A).orValue(B)",
        "(A).value()",
        "(A).all(x, B)",
        "(A).exists_one(x, B)",
        "(A).filter(x, B)",
        "(A).map(x, B)",
        "(A).map(x, B, C)",
        "(A).sortBy(x, B)",
        "(A).transformList(i, x, B)",
        "(A).transformMap(i, x, B)",
        "(A).transformMapEntry(i, x, {i: B})",
        "cel.bind(x, A, B)",
        "(A).optMap(x, B)",
        "(A).optFlatMap(x, B)",
    ];
    prop::sample::select(leaves.to_vec()).prop_map(str::to_owned).prop_recursive(4, 24, 3, move |inner| {
        let form = prop::sample::select(forms.to_vec());
        (form, inner.clone(), inner.clone(), inner).prop_map(|(form, a, b, c)| {
            let part = |letter| match letter {
                'A' => a.clone(),
                'B' => b.clone(),
                'C' => c.clone(),
                other => other.to_string(),
            };
            form.chars().map(part).collect()
        })
    })
}

/// Whether the value is one of the type.
fn is_of(value: &Value<'_>, of: &StaticType) -> bool {
    match (value, of) {
        (_, StaticType::Dyn)
        | (Value::Null, StaticType::Null)
        // Null stands for what is absent of these.
        | (Value::Null, StaticType::Timestamp | StaticType::Duration | StaticType::Optional(_))
        | (Value::Bool(_), StaticType::Bool)
        | (Value::Int(_), StaticType::Int)
        | (Value::Uint(_), StaticType::Uint)
        | (Value::Double(_), StaticType::Double)
        | (Value::String(_), StaticType::String)
        | (Value::Bytes(_), StaticType::Bytes)
        | (Value::Timestamp(_), StaticType::Timestamp)
        | (Value::Duration(_), StaticType::Duration)
        | (Value::Type(_), StaticType::Type(_)) => true,
        (Value::List(list), StaticType::List(element)) => {
            (0..list.size()).all(|index| found(list.get(index)).is_none_or(|item| is_of(&item, element)))
        }
        (Value::Map(map), StaticType::Map(keys, values)) => {
            let mut all = true;
            map.keys(&mut |key| {
                all &= is_of(&key, keys);
                let value = Key::from_value(key).and_then(|key| found(map.get(&key)));
                all &= value.is_none_or(|value| is_of(&value, values));
                ControlFlow::Continue(())
            });
            all
        }
        (Value::Optional(optional), StaticType::Optional(of)) => {
            optional.value().is_none_or(|value| is_of(&value, of))
        }
        _ => false,
    }
}

fn found(lookup: Lookup<'_>) -> Option<Value<'_>> {
    if let Lookup::Found(value) = lookup { Some(value) } else { None }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_an_expression_comes_to_is_of_the_type_that_was_deduced(source in expression()) {
        let ints = StaticType::list(StaticType::Int);
        let environment = Environment::standard().with_variable("x", ints).with_homogeneous_literals();
        let Ok(program) = compile(&environment, &source) else { return Ok(()) };
        match program.evaluate(&serde_json::json!({"x": [1, 2]}), &mut Budget::default()) {
            Outcome::Value(value) => {
                prop_assert!(is_of(&value, program.result_type()), "{value} is no {}", program.result_type());
            }
            Outcome::Error(EvaluationError { kind: EvaluationErrorKind::NoSuchOverload { .. }, .. }) => {
                // Null fits where a value may be absent, and no function takes it there.
                prop_assert!(source.contains("null"), "what was checked has its overload");
            }
            _ => {}
        }
    }
}
