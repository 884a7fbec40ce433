//! Lists as sets: order and repetition do not matter.

use super::lists::{Members, element};
use super::{Answer, Function};
use crate::budget::Budget;
use crate::fault::Fault;
use crate::value::{List, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::global("sets.contains", &["list(A), list(A) -> bool"], contains),
    Function::global("sets.equivalent", &["list(A), list(A) -> bool"], equivalent),
    Function::global("sets.intersects", &["list(A), list(A) -> bool"], intersects),
];

fn contains<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::List(list), Value::List(part)] = arguments else { return Ok(None) };
    Ok(Some(Value::Bool(holds_all(list, part, budget)?)))
}

fn equivalent<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::List(one), Value::List(two)] = arguments else { return Ok(None) };
    let unknown = match holds_all(one, two, budget) {
        Ok(false) => return Ok(Some(Value::Bool(false))),
        Ok(true) => false,
        Err(Fault::Unknown) => true,
        Err(fault) => return Err(fault),
    };
    match holds_all(two, one, budget)? {
        true if unknown => Err(Fault::Unknown),
        equivalent => Ok(Some(Value::Bool(equivalent))),
    }
}

fn intersects<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::List(one), Value::List(two)] = arguments else { return Ok(None) };
    Ok(Some(Value::Bool(find(true, two, one, budget)?)))
}

fn holds_all(list: &List<'_>, part: &List<'_>, budget: &mut Budget) -> Result<bool, Fault> {
    find(false, list, part, budget).map(|missing| !missing)
}

/// Whether there is one of these that is, or is not, in the list. One that is found outweighs those that are
/// unknown.
fn find(wanted: bool, list: &List<'_>, these: &List<'_>, budget: &mut Budget) -> Result<bool, Fault> {
    let members = Members::of(list, budget)?;
    let mut unknown = false;
    for index in 0..these.size() {
        match element(these, index, budget).and_then(|element| members.contains(&element, budget)) {
            Ok(found) if found == wanted => return Ok(true),
            Ok(_) => {}
            Err(Fault::Unknown) => unknown = true,
            Err(fault) => return Err(fault),
        }
    }
    if unknown { Err(Fault::Unknown) } else { Ok(false) }
}
