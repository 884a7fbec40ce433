//! `seLinuxOptions`. Levels tell containers of one type apart and are chosen anew for each Pod, so they are not compared.

use serde_json::Value;

use super::{Change, Comparison, Finding, label, told};

/// Types that are not confined.
const UNCONFINED: [&str; 2] = ["spc_t", "unconfined_t"];

pub(super) fn change(case: &Comparison<'_>) -> Option<Change> {
    let declared = case.inherited("seLinuxOptions")?;
    let kind = declared["type"].as_str().unwrap_or_default();
    let observed = parts(label(&case.facts.selinux)?)?;
    if UNCONFINED.contains(&kind) {
        return None;
    }
    let differing: Vec<_> = observed
        .into_iter()
        .filter(|(field, observed)| {
            declared[*field].as_str().is_some_and(|wanted| !wanted.is_empty() && wanted != *observed)
        })
        .collect();
    let mut options = declared.as_object().filter(|_| !differing.is_empty())?.clone();
    options.extend(differing.iter().map(|(field, value)| ((*field).to_owned(), Value::from(*value))));
    let told = told(case, |process| process.selinux_label.as_ref()).and_then(parts);
    let words: Vec<_> = differing.iter().map(|(field, value)| format!("the {field} {value}")).collect();
    let finding = Finding {
        declared: Some(declared),
        observed: options.into(),
        step: case.step(|_| told.is_some_and(|told| differing.iter().all(|part| told.contains(part)))),
        reason: format!("SELinux gives it {}", words.join(" and ")),
    };
    Some(case.in_context("seLinuxOptions", finding))
}

/// User, role and type of a label.
fn parts(label: &str) -> Option<[(&'static str, &str); 3]> {
    let mut parts = label.split(':');
    Some([("user", parts.next()?), ("role", parts.next()?), ("type", parts.next()?)])
}
