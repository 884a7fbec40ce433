//! Expressions without parts: literals in every form, and names.

use crate::differential::kind::Kind;
use crate::differential::language::{MEMBER, PRODUCT, UNARY};
use crate::differential::random::Random;

/// Literals of a type, and other short expressions that are edges of it.
pub(crate) fn literals(kind: &Kind) -> &'static [&'static str] {
    match kind.name.as_str() {
        "bool" => &["true", "false"],
        "int" => INTS,
        "uint" => UINTS,
        "double" => DOUBLES,
        "string" => STRINGS,
        "bytes" => BYTES,
        "dyn" => DYNS,
        "google.protobuf.Timestamp" => TIMESTAMPS,
        "google.protobuf.Duration" => DURATIONS,
        "list" => &["[]"],
        "map" => &["{}"],
        "optional_type" => &["optional.none()"],
        _ => &[],
    }
}

const INTS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "-1",
    "5",
    "7",
    "10",
    "-3",
    "0x1F",
    "-0xA",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775806",
    "4611686018427387904",
    "9007199254740993",
    "-9007199254740993",
    "2147483648",
    "1 / 0",
    "3037000500",
    "63",
    "64",
    "-62135596801",
    "253402300799",
];

const UINTS: &[&str] = &[
    "0u",
    "1u",
    "2u",
    "3u",
    "10U",
    "0xFFu",
    "18446744073709551615u",
    "9223372036854775808u",
    "9007199254740993u",
    "4294967296u",
    "1u % 0u",
];

const DOUBLES: &[&str] = &[
    "0.0",
    "-0.0",
    "1.0",
    "2.0",
    "-1.5",
    "0.5",
    ".25",
    "1e3",
    "2.5E-3",
    "1e308",
    "-1.7976931348623157e308",
    "5e-324",
    "9223372036854775807.0",
    "-9223372036854775808.0",
    "9007199254740992.0",
    "18446744073709551615.0",
    "0.1",
    "3.0",
    "0.0 / 0.0",
    "1.0 / 0.0",
    "123456.789",
    "1e21",
    "1e-7",
];

const STRINGS: &[&str] = &[
    "''",
    "'a'",
    "\"b\"",
    "'abc'",
    "'ABC'",
    "'é'",
    "'\\u00e9'",
    "'😀b'",
    "'\\U0001F600'",
    "r'\\d'",
    "'''a'b'''",
    "\"\"\"x\ny\"\"\"",
    "' a '",
    "'1'",
    "'-5'",
    "'1.5'",
    "'true'",
    "'9223372036854775808'",
    "'a.b.c'",
    "'\\x41\\101'",
    "'('",
    "'a+'",
    "'2009-02-13T23:31:30Z'",
    "'1h30m'",
    "'10.1.2.3'",
    "'::1'",
    "'YWJj'",
    "'NaN'",
    "'\\t\\n'",
    "'ab,c'",
];

const BYTES: &[&str] =
    &["b''", "b'a'", "b\"abc\"", "b'\\xff\\000'", "rb'\\x'", "b'é'", "bytes('é')", "b'''x'y'''"];

const DYNS: &[&str] =
    &["null", "dyn(1)", "dyn(2u)", "dyn(1.0)", "dyn('a')", "dyn([1, 'a'])", "dyn({'a': 1})", "dyn(true)"];

const TIMESTAMPS: &[&str] = &[
    "timestamp('2009-02-13T23:31:30Z')",
    "timestamp('0001-01-01T00:00:00Z')",
    "timestamp('9999-12-31T23:59:59.999999999Z')",
    "timestamp('2023-02-28T23:59:59.123456789-05:00')",
    "timestamp('2024-02-29T00:00:00+14:00')",
    "timestamp(0)",
    "timestamp('1969-12-31T23:59:59.5Z')",
];

const DURATIONS: &[&str] = &[
    "duration('0s')",
    "duration('1s')",
    "duration('-1.5h')",
    "duration('1h30m0.5s')",
    "duration('100ms')",
    "duration('1us')",
    "duration('2562047h47m16s')",
    "duration('-7ns')",
];

/// How tightly a literal's text binds: `-1` as a sign does, `1 / 0` as a product.
pub(crate) fn precedence(text: &str) -> u8 {
    match text {
        _ if text.contains(" / ") || text.contains(" % ") => PRODUCT,
        _ if text.starts_with('-') => UNARY,
        _ => MEMBER,
    }
}

/// Types that a parameter of a form may stand for.
pub(crate) fn any_kind(random: &mut Random, parameter: &str) -> Kind {
    const KEYS: [&str; 4] = ["string", "int", "bool", "uint"];
    const ANY: [&str; 11] = [
        "int",
        "int",
        "string",
        "string",
        "bool",
        "uint",
        "double",
        "bytes",
        "dyn",
        "list(int)",
        "google.protobuf.Duration",
    ];
    Kind::read(if parameter == "K" { random.pick(&KEYS) } else { random.pick(&ANY) })
}
