//! The operators, and what macros are made of, as functions with overloads; in the order in which cel-go declares
//! them.

use crate::ast::Binary;
use crate::functions::Signature;
use std::sync::LazyLock;

/// The conditional's name in errors, as cel-go has it.
pub(super) const CONDITIONAL: &str = "_?_:_";
pub(super) const INDEX: &str = "_[_]";
pub(super) const OPTIONAL_INDEX: &str = "_[?_]";

type Overloads = Vec<Signature>;

pub(super) struct Operators {
    pub(super) not: Overloads,
    pub(super) negate: Overloads,
    pub(super) conditional: Overloads,
    pub(super) index: Overloads,
    pub(super) optional_index: Overloads,
    pub(super) has_value: Overloads,
    pub(super) value: Overloads,
    pub(super) optional_of: Overloads,
    pub(super) insert: Overloads,
    pub(super) insert_all: Overloads,
    pub(super) sort_by: Overloads,
    add: Overloads,
    subtract: Overloads,
    multiply: Overloads,
    remainder: Overloads,
    contained: Overloads,
    equal: Overloads,
    ordered: Overloads,
}

pub(super) static OPERATORS: LazyLock<Operators> = LazyLock::new(|| Operators {
    not: Signature::all(&["bool -> bool"]),
    negate: Signature::all(&["double -> double", "int -> int"]),
    conditional: Signature::all(&["bool, A, A -> A"]),
    index: Signature::all(&[
        "list(A), int -> A",
        "map(A, B), A -> B",
        "optional(list(V)), int -> optional(V)",
        "optional(map(K, V)), K -> optional(V)",
    ]),
    optional_index: Signature::all(&[
        "list(V), int -> optional(V)",
        "optional(list(V)), int -> optional(V)",
        "map(K, V), K -> optional(V)",
        "optional(map(K, V)), K -> optional(V)",
    ]),
    has_value: Signature::all(&["optional(V) -> bool"]),
    value: Signature::all(&["optional(V) -> V"]),
    optional_of: Signature::all(&["V -> optional(V)"]),
    insert: Signature::all(&["map(K, V), K, V -> map(K, V)"]),
    insert_all: Signature::all(&["map(K, V), map(K, V) -> map(K, V)"]),
    sort_by: Signature::all(&[
        "list(T), list(int) -> list(T)",
        "list(T), list(uint) -> list(T)",
        "list(T), list(double) -> list(T)",
        "list(T), list(bool) -> list(T)",
        "list(T), list(duration) -> list(T)",
        "list(T), list(timestamp) -> list(T)",
        "list(T), list(string) -> list(T)",
        "list(T), list(bytes) -> list(T)",
    ]),
    add: Signature::all(&[
        "bytes, bytes -> bytes",
        "double, double -> double",
        "duration, duration -> duration",
        "duration, timestamp -> timestamp",
        "timestamp, duration -> timestamp",
        "int, int -> int",
        "list(A), list(A) -> list(A)",
        "string, string -> string",
        "uint, uint -> uint",
    ]),
    subtract: Signature::all(&[
        "double, double -> double",
        "duration, duration -> duration",
        "int, int -> int",
        "timestamp, duration -> timestamp",
        "timestamp, timestamp -> duration",
        "uint, uint -> uint",
    ]),
    multiply: Signature::all(&["double, double -> double", "int, int -> int", "uint, uint -> uint"]),
    remainder: Signature::all(&["int, int -> int", "uint, uint -> uint"]),
    contained: Signature::all(&["A, list(A) -> bool", "A, map(A, B) -> bool"]),
    equal: Signature::all(&["A, A -> bool"]),
    ordered: Signature::all(&[
        "bool, bool -> bool",
        "int, int -> bool",
        "int, double -> bool",
        "int, uint -> bool",
        "uint, uint -> bool",
        "uint, double -> bool",
        "uint, int -> bool",
        "double, double -> bool",
        "double, int -> bool",
        "double, uint -> bool",
        "string, string -> bool",
        "bytes, bytes -> bool",
        "timestamp, timestamp -> bool",
        "duration, duration -> bool",
    ]),
});

impl Operators {
    pub(super) fn binary(&self, operator: Binary) -> &[Signature] {
        match operator {
            Binary::Equal | Binary::NotEqual => &self.equal,
            Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual => &self.ordered,
            Binary::In => &self.contained,
            Binary::Add => &self.add,
            Binary::Subtract => &self.subtract,
            Binary::Multiply | Binary::Divide => &self.multiply,
            Binary::Remainder => &self.remainder,
        }
    }
}
