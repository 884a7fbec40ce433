//! New text from old.

use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::functions::{Answer, Function, lists};
use crate::value::{Str, Value, evidence};

pub(in crate::functions) const FUNCTIONS: &[Function] = &[
    Function::member("lowerAscii", &["string -> string"], lower),
    Function::member("upperAscii", &["string -> string"], upper),
    Function::member(
        "replace",
        &["string, string, string -> string", "string, string, string, int -> string"],
        replace,
    ),
    Function::member("join", &["list(string) -> string", "list(string), string -> string"], join),
    Function::global("strings.quote", &["string -> string"], quote),
];

fn lower<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    in_case(arguments, budget, u8::is_ascii_uppercase, str::to_ascii_lowercase)
}

fn upper<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    in_case(arguments, budget, u8::is_ascii_lowercase, str::to_ascii_uppercase)
}

fn in_case<'a>(
    arguments: &[&Value<'a>],
    budget: &mut Budget,
    changes: fn(&u8) -> bool,
    change: fn(&str) -> String,
) -> Answer<'a> {
    let [Value::String(text)] = arguments else { return Ok(None) };
    budget.charge_bytes(text.len())?;
    // Text in that case already is not copied.
    let changed = text.as_bytes().iter().any(changes);
    Ok(Some(if changed { Value::from(change(text)) } else { Value::String(text.clone()) }))
}

fn replace<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let (text, old, new, times) = match arguments {
        [Value::String(text), Value::String(old), Value::String(new)] => (text, old, new, -1),
        [Value::String(text), Value::String(old), Value::String(new), Value::Int(times)] => {
            (text, old, new, *times)
        }
        _ => return Ok(None),
    };
    budget.charge_bytes(text.len().saturating_add(old.len()))?;
    // A negative number is no limit. Empty text is found at the ends and between all code points.
    let times = usize::try_from(times).unwrap_or(usize::MAX);
    let mut replaced = String::new();
    let mut rest = 0;
    for (found, old) in text.match_indices(&**old).take(times) {
        budget.charge_bytes(new.len().saturating_add(1))?;
        replaced.push_str(&text[rest..found]);
        replaced.push_str(new);
        rest = found + old.len();
    }
    replaced.push_str(&text[rest..]);
    Ok(Some(Value::from(replaced)))
}

/// The text with its code points in the opposite order.
pub(in crate::functions) fn reversed<'a>(text: &Str<'a>, budget: &mut Budget) -> Answer<'a> {
    budget.charge_bytes(text.len())?;
    Ok(Some(Value::from(text.chars().rev().collect::<String>())))
}

fn join<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let (list, separator) = match arguments {
        [Value::List(list)] => (list, ""),
        [Value::List(list), Value::String(separator)] => (list, &**separator),
        _ => return Ok(None),
    };
    let mut joined = String::new();
    for index in 0..list.size() {
        let element = lists::element(list, index, budget)?;
        let Value::String(text) = &element else {
            return Err(EvaluationErrorKind::NotJoinable(evidence(element)).into());
        };
        let separator = if index == 0 { "" } else { separator };
        budget.charge_bytes(text.len().saturating_add(separator.len()))?;
        joined.push_str(separator);
        joined.push_str(text);
    }
    Ok(Some(Value::from(joined)))
}

fn quote<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::String(text)] = arguments else { return Ok(None) };
    budget.charge_bytes(text.len())?;
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for symbol in text.chars() {
        match escape(symbol) {
            Some(escape) => quoted.extend(['\\', escape]),
            None => quoted.push(symbol),
        }
    }
    quoted.push('"');
    Ok(Some(Value::from(quoted)))
}

/// What stands behind the backslash for it, in the language.
const fn escape(symbol: char) -> Option<char> {
    Some(match symbol {
        '\x07' => 'a',
        '\x08' => 'b',
        '\x0c' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\x0b' => 'v',
        '\\' | '"' => symbol,
        _ => return None,
    })
}
