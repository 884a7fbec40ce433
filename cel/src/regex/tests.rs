mod limits;
mod matches;
mod properties;
mod refused;

use super::{MACHINE_LIMIT, Regex};
use crate::budget::Budget;

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern, MACHINE_LIMIT).expect(pattern)
}

/// Where all matches and their groups begin and end; -1 where a group has no part in it.
fn found(pattern: &str, text: &str) -> String {
    let regex = regex(pattern);
    let mut budget = Budget::default();
    let mut matches = regex.matches(text);
    let mut all = Vec::new();
    while let Some(found) = matches.next(&mut budget).unwrap() {
        let groups = (0..=regex.groups()).map(|number| found.group(number));
        let places =
            groups.map(|range| range.map_or("-1 -1".to_owned(), |it| format!("{} {}", it.start, it.end)));
        all.push(format!("[{}]", places.collect::<Vec<_>>().join(" ")));
    }
    assert_eq!(regex.is_match(text, &mut budget), Ok(!all.is_empty()), "{pattern} in {text:?}");
    format!("[{}]", all.join(" "))
}

#[test]
fn a_group_past_the_ninth_is_counted_but_not_found() {
    let regex = regex("(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)");
    let found = regex.matches("abcdefghij").next(&mut Budget::default()).unwrap().unwrap();
    assert_eq!((regex.groups(), found.group(9), found.group(10)), (10, Some(8..9), None));
}
