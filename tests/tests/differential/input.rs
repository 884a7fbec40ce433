//! Inputs: what the variables are, and which parts of them are unknown.

use serde_json::{Map, Value as Json, json};

use crate::differential::random::Random;

/// What generated expressions may name, and of which type it is.
pub(crate) const VARIABLES: &[(&str, &str)] = &[
    ("i", "int"),
    ("j", "int"),
    ("u", "uint"),
    ("d", "double"),
    ("s", "string"),
    ("y", "bytes"),
    ("p", "bool"),
    ("q", "bool"),
    ("li", "list(int)"),
    ("ls", "list(string)"),
    ("ld", "list(double)"),
    ("lx", "list(dyn)"),
    ("m", "map(string, int)"),
    ("mi", "map(int, string)"),
    ("t", "google.protobuf.Timestamp"),
    ("r", "google.protobuf.Duration"),
    ("x", "dyn"),
    ("z", "dyn"),
    // Parts of what is above.
    ("li[0]", "int"),
    ("m.a", "int"),
    ("x.a", "dyn"),
    ("x.a.b", "dyn"),
    ("x.list", "dyn"),
    ("x.list[1]", "dyn"),
    ("x.none", "dyn"),
    ("x['k/~']", "dyn"),
];

/// The variables' types, as both judges are told them.
pub(crate) fn variables() -> impl Iterator<Item = (&'static str, &'static str)> {
    VARIABLES.iter().copied().filter(|(name, _)| !name.contains(['.', '[']))
}

/// Patterns of what is unknown, of which an input has some.
const UNKNOWNS: &[&[Option<&str>]] = &[
    &[Some("i")],
    &[Some("p")],
    &[Some("s")],
    &[Some("d")],
    &[Some("z")],
    &[Some("li")],
    &[Some("m")],
    &[Some("x")],
    &[Some("m"), Some("a")],
    &[Some("m"), None],
    &[Some("x"), Some("a")],
    &[Some("x"), Some("a"), Some("b")],
    &[Some("x"), Some("none")],
    &[Some("x"), None, Some("b")],
    &[Some("x"), Some("list"), None],
    &[Some("ls"), None],
    &[Some("t")],
];

/// Values of every variable.
pub(crate) fn input(random: &mut Random) -> Map<String, Json> {
    let mut input = Map::new();
    for (name, kind) in variables() {
        input.insert(name.to_owned(), value(random, kind));
    }
    input.insert("x".to_owned(), object(random));
    input
}

/// Patterns of what is unknown: none in most inputs. Of two that are about one variable cel-go takes any, so there is
/// one at most; and none is about a variable whose name a macro binds, which it takes for the variable.
pub(crate) fn unknowns(random: &mut Random, bound: &[String]) -> Vec<Vec<Json>> {
    let count = if random.percent(30) { 1 + random.below(3) } else { 0 };
    let mut unknowns: Vec<Vec<Json>> = Vec::new();
    for _ in 0..count {
        let pattern = pattern(random);
        let variable = pattern[0].as_str().unwrap_or_default();
        let is_free = !bound.iter().any(|name| name == variable);
        if is_free && !unknowns.iter().any(|taken| taken[0] == pattern[0]) {
            unknowns.push(pattern);
        }
    }
    unknowns
}

fn pattern(random: &mut Random) -> Vec<Json> {
    if random.percent(5) {
        return vec![json!("li"), json!(0)];
    }
    let steps = random.pick(UNKNOWNS).iter();
    steps.map(|step| step.map_or(Json::Null, Json::from)).collect()
}

fn value(random: &mut Random, kind: &str) -> Json {
    match kind {
        "bool" => json!({"bool_value": random.percent(50)}),
        "int" => json!({"int64_value": random.pick(&INTS).to_string()}),
        "uint" => json!({"uint64_value": random.pick(&UINTS).to_string()}),
        "double" => json!({"double_value": random.pick(&DOUBLES)}),
        "string" => json!({"string_value": random.pick(&STRINGS)}),
        "bytes" => json!({"bytes_value": random.pick(&["", "YQ==", "/wA=", "YWJj", "w6k="])}),
        "list(int)" => list(random, &["int"]),
        "list(string)" => list(random, &["string"]),
        "list(double)" => list(random, &["double"]),
        "list(dyn)" => list(random, &SCALARS),
        "map(string, int)" => map(random, "int"),
        "map(int, string)" => map_of(random, |random| value(random, "int"), "string"),
        "google.protobuf.Timestamp" => any(kind, random.pick(&TIMESTAMPS)),
        "google.protobuf.Duration" => any(kind, random.pick(&DURATIONS)),
        _ => {
            let kind = random.pick(&SCALARS);
            value(random, kind)
        }
    }
}

const SCALARS: [&str; 8] =
    ["bool", "int", "uint", "double", "string", "bytes", "list(int)", "map(string, int)"];
const INTS: [i64; 12] = [0, 1, -1, 2, 3, 7, 42, i64::MAX, i64::MIN, i64::MAX - 1, 1 << 53, (1 << 53) + 1];
const UINTS: [u64; 8] = [0, 1, 2, 7, u64::MAX, 1 << 63, i64::MAX as u64, (1 << 53) + 1];
const DOUBLES: [f64; 11] = [
    0.0,
    1.0,
    -1.0,
    0.5,
    2.5,
    1e308,
    5e-324,
    9_223_372_036_854_775_807.0,
    9_007_199_254_740_993.0,
    0.1,
    -1e-7,
];
const STRINGS: [&str; 13] = [
    "",
    "a",
    "abc",
    "ABC",
    "é",
    "a😀b",
    "1",
    "-7",
    "1.5",
    "[a-b]*",
    "2009-02-13T23:31:30.123456789Z",
    "1.5s",
    "x,y,a",
];
const TIMESTAMPS: [&str; 4] = [
    "2009-02-13T23:31:30.5Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    "1970-01-01T00:00:00Z",
];
const DURATIONS: [&str; 5] = ["0s", "1.5s", "-3600s", "9223372036.854775807s", "0.000000001s"];

fn any(kind: &str, value: &str) -> Json {
    json!({"object_value": {"@type": format!("type.googleapis.com/{kind}"), "value": value}})
}

fn list(random: &mut Random, kinds: &[&str]) -> Json {
    let size = random.below(4);
    let mut element = || {
        let kind = random.pick(kinds);
        value(random, kind)
    };
    json!({"list_value": {"values": (0..size).map(|_| element()).collect::<Vec<_>>()}})
}

fn map(random: &mut Random, kind: &str) -> Json {
    map_of(random, |random| json!({"string_value": random.pick(&["a", "b", "c", "k/~"])}), kind)
}

/// A map in which no key comes twice.
fn map_of(random: &mut Random, key: impl Fn(&mut Random) -> Json, kind: &str) -> Json {
    let mut entries: Vec<(Json, Json)> = Vec::new();
    for _ in 0..random.below(4) {
        let key = key(random);
        if !entries.iter().any(|(taken, _)| *taken == key) {
            let value = value(random, kind);
            entries.push((key, value));
        }
    }
    let entries: Vec<_> =
        entries.into_iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
    json!({"map_value": {"entries": entries}})
}

/// An object with what most expressions ask of it.
fn object(random: &mut Random) -> Json {
    let inner = ("b", value(random, "dyn"));
    let all = [("a", fields(&[inner])), ("list", list(random, &SCALARS)), ("k/~", value(random, "dyn"))];
    fields(&all[..=random.below(3)])
}

fn fields(fields: &[(&str, Json)]) -> Json {
    let entry = |(name, value): &(&str, Json)| json!({"key": {"string_value": name}, "value": value});
    json!({"map_value": {"entries": fields.iter().map(entry).collect::<Vec<_>>()}})
}
