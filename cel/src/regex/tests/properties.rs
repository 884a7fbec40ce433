//! What holds for all patterns.

use crate::budget::Budget;
use crate::regex::{MACHINE_LIMIT, Regex};
use proptest::prelude::*;

/// A pattern of few letters, and the texts that it matches, tried one by one.
#[derive(Clone, Debug)]
enum Simple {
    Letter(char),
    Any,
    Sequence(Box<[Simple; 2]>),
    Either(Box<[Simple; 2]>),
    Repeated(Box<Simple>, usize, Option<usize>),
}

impl Simple {
    fn pattern(&self) -> String {
        match self {
            Self::Letter(letter) => letter.to_string(),
            Self::Any => ".".to_owned(),
            Self::Sequence(parts) => parts.iter().map(Self::pattern).collect(),
            Self::Either(parts) => format!("(?:{}|{})", parts[0].pattern(), parts[1].pattern()),
            Self::Repeated(part, min, None) => format!("(?:{}){{{min},}}", part.pattern()),
            Self::Repeated(part, min, Some(max)) => format!("({}){{{min},{max}}}?", part.pattern()),
        }
    }

    /// Whether it matches the whole text.
    fn matches(&self, text: &[char]) -> bool {
        let split = |one: &dyn Fn(&[char]) -> bool, two: &dyn Fn(&[char]) -> bool, from: usize| {
            (from..=text.len()).any(|at| one(&text[..at]) && two(&text[at..]))
        };
        match self {
            Self::Letter(letter) => text == [*letter],
            Self::Any => text.len() == 1 && text != ['\n'],
            Self::Sequence(parts) => split(&|text| parts[0].matches(text), &|text| parts[1].matches(text), 0),
            Self::Either(parts) => parts.iter().any(|part| part.matches(text)),
            Self::Repeated(part, min, max) => {
                let again = || {
                    let rest = Self::Repeated(part.clone(), min.saturating_sub(1), max.map(|max| max - 1));
                    // Once is enough of what matches nothing.
                    let empty = usize::from(*min == 0);
                    split(&|text| part.matches(text), &|text| rest.matches(text), empty)
                };
                *min == 0 && text.is_empty() || *max != Some(0) && again()
            }
        }
    }
}

fn simple() -> impl Strategy<Value = Simple> {
    let leaf =
        prop_oneof![prop::sample::select(vec!['a', 'b', 'é']).prop_map(Simple::Letter), Just(Simple::Any)];
    leaf.prop_recursive(4, 12, 2, |part| {
        let two = (part.clone(), part.clone()).prop_map(|(one, two)| Box::new([one, two]));
        prop_oneof![
            two.clone().prop_map(Simple::Sequence),
            two.prop_map(Simple::Either),
            (part, 0..3_usize, prop::option::of(0..3_usize)).prop_map(|(part, min, more)| {
                Simple::Repeated(Box::new(part), min, more.map(|more| min + more))
            }),
        ]
    })
}

/// Pieces of syntax, in any order.
fn soup() -> impl Strategy<Value = String> {
    let pieces = [
        "(",
        ")",
        "(?",
        "(?i",
        "(?P<",
        "(?<",
        ">",
        "n",
        ":",
        "[",
        "[^",
        "]",
        "-",
        "{",
        "}",
        ",",
        "1",
        "0",
        "1000",
        "*",
        "+",
        "?",
        "|",
        "\\",
        "\\p",
        "\\P{",
        "\\x",
        "{",
        "\\Q",
        "\\E",
        "\\z",
        "\\b",
        "\\B",
        "\\07",
        "Greek",
        "^",
        "$",
        ".",
        "[:alpha:]",
        ":]",
        "\\d",
        "\\W",
        "\\pL",
        "é",
        "K",
        "(?im)",
        "(?U-s:",
        "😀",
        "\n",
        "\\n",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_simple_pattern_matches_what_can_be_found_by_trying(part in simple(), text in "[abé\n]{0,6}") {
        let anchored = Regex::new(&format!("^(?:{})$", part.pattern()), MACHINE_LIMIT).expect("it is simple");
        let letters: Vec<_> = text.chars().collect();
        prop_assert_eq!(anchored.is_match(&text, &mut Budget::default()), Ok(part.matches(&letters)));
        let anywhere = Regex::new(&part.pattern(), MACHINE_LIMIT).expect("it is simple");
        let parts = |from: usize| (from..=letters.len()).map(move |to| (from, to));
        let somewhere = (0..=letters.len()).flat_map(parts).any(|(from, to)| part.matches(&letters[from..to]));
        prop_assert_eq!(anywhere.is_match(&text, &mut Budget::default()), Ok(somewhere));
    }

    #[test]
    fn no_pattern_panics_and_matches_are_in_order(
        pattern in prop_oneof![soup(), soup(), any::<String>()],
        text in prop_oneof!["[ak1é\n -]{0,8}", any::<String>()],
    ) {
        let mut budget = Budget::steps(10_000_000);
        let Ok(regex) = Regex::charged(&pattern, &mut budget) else { return Ok(()) };
        let matched = regex.is_match(&text, &mut budget);
        let mut matches = regex.matches(&text);
        let mut end = 0;
        let mut any = false;
        while let Some(found) = matches.next(&mut budget).expect("the budget is large") {
            any = true;
            prop_assert!(found.range.start >= end && text.get(found.range.clone()).is_some());
            end = found.range.end;
            for group in (1..=regex.groups()).filter_map(|number| found.group(number)) {
                prop_assert!(text.get(group).is_some());
            }
        }
        prop_assert_eq!(matched, Ok(any));
    }
}
