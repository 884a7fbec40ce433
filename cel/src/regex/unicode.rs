//! What Unicode says of characters, in the version that Go's `regexp` has.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};
use std::sync::LazyLock;

/// Made by `tests/oracle/unicode`, whose comment says what the lines are.
const TABLE: &str = include_str!("unicode.txt");

/// The characters of a category or a script, by any of the names that Go knows it by.
pub(super) fn class(name: &str, ignores_case: bool) -> Option<ClassUnicode> {
    let name = canonical(name);
    let name = long_name(&name).unwrap_or(&name);
    let class = class_named(name)?;
    // Go has no table of what differs in case only from the letters that have cases.
    Some(if ignores_case && name != "LC" && name != "Lc" { folded(&class) } else { class })
}

fn class_named(name: &str) -> Option<ClassUnicode> {
    let assigned = || union(|of| of.len() == 2);
    Some(match name {
        "Any" => class_of([('\0', char::MAX)]),
        "Ascii" => class_of([('\0', '\x7f')]),
        "Assigned" => assigned(),
        "Cn" => negated(&assigned()),
        // No text has a surrogate.
        "Cs" => ClassUnicode::empty(),
        "C" => {
            let mut other = negated(&assigned());
            other.union(&union(|of| of.len() == 2 && of.starts_with('C')));
            other
        }
        "Lc" | "LC" => union(|of| matches!(of, "Lu" | "Ll" | "Lt")),
        letter @ ("L" | "M" | "N" | "P" | "S" | "Z") => union(|of| of.len() == 2 && of.starts_with(letter)),
        name => class_of(ranges_of(lines().find_map(|(of, ranges)| (of == name).then_some(ranges))?)),
    })
}

/// The name with a capital letter first, small ones after it, and nothing between its words.
fn canonical(name: &str) -> String {
    let mut letters = name.chars().filter(|letter| !matches!(letter, '_' | '-' | ' '));
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters.map(|letter| letter.to_ascii_lowercase())).collect()
}

/// The category of that long name.
fn long_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "Other" => "C",
        "Control" | "Cntrl" => "Cc",
        "Format" => "Cf",
        "Unassigned" => "Cn",
        "Privateuse" => "Co",
        "Surrogate" => "Cs",
        "Letter" => "L",
        "Casedletter" => "LC",
        "Lowercaseletter" => "Ll",
        "Modifierletter" => "Lm",
        "Otherletter" => "Lo",
        "Titlecaseletter" => "Lt",
        "Uppercaseletter" => "Lu",
        "Mark" | "Combiningmark" => "M",
        "Spacingmark" => "Mc",
        "Enclosingmark" => "Me",
        "Nonspacingmark" => "Mn",
        "Number" => "N",
        "Decimalnumber" | "Digit" => "Nd",
        "Letternumber" => "Nl",
        "Othernumber" => "No",
        "Punctuation" | "Punct" => "P",
        "Connectorpunctuation" => "Pc",
        "Dashpunctuation" => "Pd",
        "Closepunctuation" => "Pe",
        "Finalpunctuation" => "Pf",
        "Initialpunctuation" => "Pi",
        "Otherpunctuation" => "Po",
        "Openpunctuation" => "Ps",
        "Symbol" => "S",
        "Currencysymbol" => "Sc",
        "Modifiersymbol" => "Sk",
        "Mathsymbol" => "Sm",
        "Othersymbol" => "So",
        "Separator" => "Z",
        "Lineseparator" => "Zl",
        "Paragraphseparator" => "Zp",
        "Spaceseparator" => "Zs",
        _ => return None,
    })
}

/// The lines of the table behind its comment: a name, and the rest.
fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.lines().skip(1).filter_map(|line| line.split_once(' '))
}

fn union(of: impl Fn(&str) -> bool) -> ClassUnicode {
    class_of(lines().filter(|(name, _)| of(name)).flat_map(|(_, ranges)| ranges_of(ranges)))
}

fn ranges_of(line: &str) -> impl Iterator<Item = (char, char)> {
    line.split(' ').filter_map(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        Some((character(first)?, character(last)?))
    })
}

fn character(hexadecimal: &str) -> Option<char> {
    char::from_u32(u32::from_str_radix(hexadecimal, 16).ok()?)
}

pub(super) fn class_of(ranges: impl IntoIterator<Item = (char, char)>) -> ClassUnicode {
    ClassUnicode::new(ranges.into_iter().map(|(first, last)| ClassUnicodeRange::new(first, last)))
}

/// The characters that are not of the class.
///
/// The class's own negation has a fault: it takes the last character before the surrogates and the first one behind
/// them for two with others in between.
pub(super) fn negated(class: &ClassUnicode) -> ClassUnicode {
    let mut gaps = Vec::with_capacity(class.ranges().len() + 1);
    let mut from = Some('\0');
    for range in class.ranges() {
        if let (Some(first), Some(last)) = (from, neighbour(range.start(), u32::checked_sub))
            && first <= last
        {
            gaps.push((first, last));
        }
        from = neighbour(range.end(), u32::checked_add);
    }
    gaps.extend(from.map(|first| (first, char::MAX)));
    class_of(gaps)
}

/// The next character in that direction. Surrogates are none.
fn neighbour(of: char, direction: fn(u32, u32) -> Option<u32>) -> Option<char> {
    const SURROGATES: u32 = 0x800;
    let near = direction(of.into(), 1)?;
    char::from_u32(near).or_else(|| char::from_u32(direction(near, SURROGATES)?))
}

/// Characters that differ from others in case: from the first to the last of them in steps, each with the one
/// that is so far away.
struct Run {
    first: u32,
    last: u32,
    step: u32,
    distance: u32,
}

static RUNS: LazyLock<Vec<Run>> = LazyLock::new(|| {
    let run = |line: &str| {
        let mut numbers = line.split(' ').map_while(|number| u32::from_str_radix(number, 16).ok());
        let mut number = || numbers.next();
        Some(Run { first: number()?, last: number()?, step: number()?, distance: number()? })
    };
    lines().filter(|(name, _)| *name == "fold").filter_map(|(_, line)| run(line)).collect()
});

/// The class, and the characters that differ from one of it in case only.
pub(super) fn folded(class: &ClassUnicode) -> ClassUnicode {
    let mut others = Vec::new();
    for run in &*RUNS {
        shifted(class, run, run.first, |code| code + run.distance, &mut others);
        shifted(class, run, run.first + run.distance, |code| code - run.distance, &mut others);
    }
    if others.is_empty() {
        return class.clone();
    }
    let mut folded = ClassUnicode::new(others);
    folded.union(class);
    folded
}

/// Adds the other character for each one of the class that is in the run, which begins at `first`.
fn shifted(
    class: &ClassUnicode,
    run: &Run,
    first: u32,
    other: impl Fn(u32) -> u32,
    others: &mut Vec<ClassUnicodeRange>,
) {
    let last = first + (run.last - run.first);
    let ranges = class.ranges();
    let begin = ranges.partition_point(|range| u32::from(range.end()) < first);
    for range in ranges[begin..].iter().take_while(|range| u32::from(range.start()) <= last) {
        let from = u32::from(range.start()).max(first);
        let from = from + (from - first) % run.step;
        let to = u32::from(range.end()).min(last);
        let mut add = |from: u32, to: u32| {
            if let (Some(from), Some(to)) = (char::from_u32(other(from)), char::from_u32(other(to))) {
                others.push(ClassUnicodeRange::new(from, to));
            }
        };
        match run.step {
            1 if from <= to => add(from, to),
            step => (from..=to).step_by(step as usize).for_each(|code| add(code, code)),
        }
    }
}
