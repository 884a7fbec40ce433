//! Regular expressions: pieces of their syntax, put together as it allows, and in any order.

use serde_json::{Map, Value as Json, json};
use tests::oracle::Request;

use crate::differential::judge::Case;
use crate::differential::random::Random;

/// What is asked of a pattern `p` and a text `t`.
const EXPRESSIONS: &[&str] = &[
    "t.matches(p)",
    "t.matches(p)",
    "regex.extractAll(t, '(?:' + p + ')')",
    "regex.extractAll(t, p)",
    "regex.extract(t, p)",
    r"regex.replace(t, p, '<\\0>')",
    r"regex.replace(t, '(' + p + ')', '<\\1>', 2)",
];

const ATOMS: &[&str] = &[
    "a",
    "b",
    "ab",
    "k",
    "S",
    "K",
    "é",
    "ſ",
    "\u{212a}",
    "Δ",
    "ß",
    "日",
    "0",
    "_",
    "-",
    " ",
    r"\n",
    r"\.",
    r"\d",
    r"\D",
    r"\w",
    r"\W",
    r"\s",
    r"\S",
    ".",
    r"\pL",
    r"\PL",
    r"\p{Lu}",
    r"\p{Greek}",
    r"\p{^Lu}",
    r"\x41",
    r"\x{e9}",
    r"\101",
    r"\Qa.b\E",
    r"\Q*\E",
    "]",
    "}",
    "{",
    "{,2}",
    "[a-c]",
    "[^a]",
    "[k-s]",
    r"[^\W]",
    "[[:upper:]]",
    "[[:^alpha:]]",
    "[]a]",
    "[a-]",
    r"[\d-z]",
    "[a&&b]",
    "[^[:^word:]]",
    r"[\pL\s]",
];
const ASSERTIONS: &[&str] = &["^", "$", r"\A", r"\z", r"\b", r"\B"];
const REPETITIONS: &[&str] =
    &["*", "+", "?", "{2}", "{0}", "{1,3}", "{2,}", "{0,}", "*?", "+?", "??", "{1,2}?", "{0,2}?"];
const FLAGS: &[&str] = &["i", "s", "m", "U", "i-s", "ims", "-i", "-U", ""];
/// What is wrong in most places.
const PIECES: &[&str] = &[
    "(",
    ")",
    "(?",
    "(?i",
    "(?P<n>",
    "(?<n>",
    "(?P<",
    ">",
    "[",
    "[^",
    "]",
    "{",
    "}",
    ",",
    "2",
    "1000",
    "1001",
    "*",
    "+",
    "?",
    "|",
    r"\",
    r"\p",
    r"\P{",
    r"\x",
    r"\x{",
    r"\Q",
    r"\E",
    r"\C",
    r"\Z",
    r"\1",
    r"\8",
    r"\07",
    r"\é",
    "i)",
    "&&",
    "--",
    "[:alpha:]",
    "[:foo:]",
    ":]",
    "(?x)",
    "(?=",
    "(?<=",
    "(?>",
    "Greek",
    "Old_Italic",
    "10ffff",
    "110000",
];
const LETTERS: &[&str] = &[
    "a", "b", "a", "b", "c", "A", "k", "K", "s", "S", "\u{212a}", "ſ", "é", "É", "δ", "Δ", "ß", "ẞ", "日",
    "😀", "0", "9", "_", "-", " ", "\n", "\t", "\u{b}", ".", "*", "]", "{", "\u{345}", "ι",
];

/// So many questions.
pub(crate) fn cases(seed: u64, count: usize) -> Vec<Case> {
    let mut random = Random::new(seed);
    (0..count).map(|_| case(&mut random)).collect()
}

fn case(random: &mut Random) -> Case {
    let depth = 2 + random.below(4);
    let pattern = match random.below(4) {
        0 => soup(random),
        _ => pattern(random, depth),
    };
    let text: String = (0..random.below(9)).map(|_| random.pick(LETTERS)).collect();
    let string = |text: String| json!({"string_value": text});
    let input = [("p", string(pattern)), ("t", string(text))];
    let variables = ["p", "t"].map(|name| (name.to_owned(), Json::from("string")));
    Case::alike(Request {
        environment: "standard",
        variables: variables.into_iter().collect(),
        expr: random.pick(EXPRESSIONS).to_owned(),
        check: random.percent(50),
        input: input.map(|(name, value)| (name.to_owned(), value)).into_iter().collect::<Map<_, _>>(),
        ..Request::default()
    })
}

fn pattern(random: &mut Random, depth: usize) -> String {
    let Some(depth) = depth.checked_sub(1) else { return random.pick(ATOMS).to_owned() };
    match random.below(10) {
        0 | 1 => pattern(random, depth) + &pattern(random, depth),
        2 => pattern(random, depth) + "|" + &pattern(random, depth),
        3 => format!("({})", pattern(random, depth)),
        4 => format!("(?{}:{})", random.pick(FLAGS), pattern(random, depth)),
        5 => format!("(?{}){}", random.pick(FLAGS), pattern(random, depth)),
        6 | 7 => format!("(?:{}){}", pattern(random, depth), random.pick(REPETITIONS)),
        8 => random.pick(ATOMS).to_owned() + random.pick(REPETITIONS),
        _ => random.pick(ASSERTIONS).to_owned(),
    }
}

fn soup(random: &mut Random) -> String {
    let piece = |random: &mut Random| match random.below(3) {
        0 => random.pick(ATOMS),
        _ => random.pick(PIECES),
    };
    (0..1 + random.below(7)).map(|_| piece(random)).collect()
}
