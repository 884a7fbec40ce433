//! Every function with any arguments.

use crate::budget::Budget;
use crate::error::Style;
use crate::functions::STANDARD;
use crate::input::Lookup;
use crate::value::{Duration, Held, Key, Optional, Timestamp, Value};
use proptest::prelude::*;
use std::ops::ControlFlow;

fn scalar() -> BoxedStrategy<Value<'static>> {
    let edges = [0, 1, -1, 2, 7, 63, 64, 100, 1_000_000, i64::MAX, i64::MIN];
    let int = prop_oneof![prop::sample::select(edges.to_vec()), any::<i64>(), -3..10_i64];
    let text = prop_oneof![
        "[ab,©😀]{0,6}",
        "(%[.]?[0-9]{0,3}[sdfexXbo%a]?|[é ]){0,4}",
        "[A-Za-z0-9+/=\n]{0,9}",
        any::<String>(),
    ];
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        int.clone().prop_map(Value::Int),
        any::<u64>().prop_map(Value::Uint),
        prop_oneof![any::<f64>(), Just(f64::NAN), Just(-0.0), Just(f64::NEG_INFINITY), -3.0..3.0]
            .prop_map(Value::Double),
        text.prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..6).prop_map(|bytes| Value::Bytes(Held::from(bytes))),
        int.prop_map(|nanoseconds| Value::Duration(Duration::from_nanoseconds(nanoseconds))),
        Just(Value::Timestamp(Timestamp::MIN)),
        Just(Value::Timestamp(Timestamp::MAX)),
    ]
    .boxed()
}

fn value() -> impl Strategy<Value = Value<'static>> {
    scalar().prop_recursive(3, 24, 5, |inner| {
        let entries = prop::collection::vec((scalar(), inner.clone()), 0..4);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::list),
            prop::collection::vec(scalar(), 0..20).prop_map(Value::list),
            inner.prop_map(|value| Value::Optional(Optional::of(value))),
            entries.prop_filter_map("a key comes twice", |entries| {
                let keyed = |(key, value)| Some((Key::from_value(key)?, value));
                Value::map(entries.into_iter().filter_map(keyed).collect()).ok()
            }),
        ]
    })
}

/// Bytes of text, and elements.
fn size(value: &Value<'_>) -> u64 {
    match value {
        Value::String(text) => text.len() as u64,
        Value::Bytes(bytes) => bytes.len() as u64,
        Value::Optional(optional) => 1 + optional.value().map_or(0, |value| size(&value)),
        Value::List(list) => (0..list.size()).map(|index| 1 + found(list.get(index))).sum(),
        Value::Map(map) => {
            let mut sum = 0;
            map.keys(&mut |key| {
                sum += 1 + size(&key) + Key::from_value(key).map_or(0, |key| found(map.get(&key)));
                ControlFlow::Continue(())
            });
            sum
        }
        _ => 1,
    }
}

fn found(part: Lookup<'_>) -> u64 {
    if let Lookup::Found(value) = part { size(&value) } else { 0 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_function_panics_or_makes_more_than_it_was_charged_for(
        arguments in prop::collection::vec(value(), 0..5),
        steps in 0..2_000_u64,
    ) {
        let given: u64 = arguments.iter().map(size).sum();
        let functions = [Style::Global, Style::Member].into_iter().flat_map(|style| {
            STANDARD.names(style).filter_map(move |name| STANDARD.get(name, style))
        });
        for overloaded in functions {
            for taken in 0..=arguments.len() {
                let arguments: Vec<_> = arguments.iter().take(taken).collect();
                let mut budget = Budget::steps(steps);
                if let Ok(Some(made)) = overloaded.call(&arguments, &mut budget) {
                    let charged = steps - budget.remaining();
                    prop_assert!(size(&made) <= given + 32 + 20 * charged, "{}", overloaded.name);
                }
            }
        }
    }
}
