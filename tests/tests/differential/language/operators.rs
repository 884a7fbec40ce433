//! Operators, conversions and what the language has without extensions.

use super::{AND, MEMBER, OR, PRODUCT, RELATION, SUM, TERNARY, UNARY, Written};
use crate::differential::form::Form;

pub(super) const FORMS: &[Written] = &[
    ("T", TERNARY, "«bool@1» ? «T@1» : «T»"),
    ("bool", OR, "«bool@1» || «bool@2»"),
    ("bool", OR, "«bool@1» || «bool@2»"),
    ("bool", AND, "«bool@2» && «bool@3»"),
    ("bool", AND, "«bool@2» && «bool@3»"),
    ("bool", UNARY, "!«bool@6»"),
    ("int", SUM, "«int@4» + «int@5»"),
    ("int", SUM, "«int@4» - «int@5»"),
    ("int", PRODUCT, "«int@5» * «int@6»"),
    ("int", PRODUCT, "«int@5» / «int@6»"),
    ("int", PRODUCT, "«int@5» % «int@6»"),
    ("int", UNARY, "-«int@6»"),
    ("uint", SUM, "«uint@4» + «uint@5»"),
    ("uint", SUM, "«uint@4» - «uint@5»"),
    ("uint", PRODUCT, "«uint@5» * «uint@6»"),
    ("uint", PRODUCT, "«uint@5» / «uint@6»"),
    ("uint", PRODUCT, "«uint@5» % «uint@6»"),
    ("double", SUM, "«double@4» + «double@5»"),
    ("double", SUM, "«double@4» - «double@5»"),
    ("double", PRODUCT, "«double@5» * «double@6»"),
    ("double", PRODUCT, "«double@5» / «double@6»"),
    ("double", UNARY, "-«double@6»"),
    ("string", SUM, "«string@4» + «string@5»"),
    ("bytes", SUM, "«bytes@4» + «bytes@5»"),
    ("list(T)", SUM, "«list(T)@4» + «list(T)@5»"),
    ("list(T)", MEMBER, "[«T»]"),
    ("list(T)", MEMBER, "[«T», «T»]"),
    ("list(T)", MEMBER, "[«T», «T», «T»,]"),
    ("map(string, T)", MEMBER, "{'a': «T»}"),
    ("map(K, T)", MEMBER, "{«K»: «T»}"),
    // With two keys that can be equal the judges differ, and it is known how.
    ("map(string, T)", MEMBER, "{'a': «T», 'b': «T»}"),
    ("map(int, T)", MEMBER, "{1: «T», 2: «T»}"),
    ("map(dyn, T)", MEMBER, "{1: «T», 'a': «T», true: «T», 2u: «T»}"),
    ("T", MEMBER, "«list(T)@7»[«int»]"),
    ("T", MEMBER, "«map(string, T)@7».a"),
    ("T", MEMBER, "«map(K, T)@7»[«K»]"),
    ("bool", MEMBER, "has(«map(string, T)@7».a)"),
    ("bool", RELATION, "«T@4» in «list(T)@4»"),
    ("bool", RELATION, "«K@4» in «map(K, T)@4»"),
    ("dyn", MEMBER, "dyn(«T»)"),
    ("dyn", SUM, "«dyn@4» + «dyn@5»"),
    ("dyn", SUM, "«dyn@4» - «dyn@5»"),
    ("dyn", PRODUCT, "«dyn@5» * «dyn@6»"),
    ("dyn", PRODUCT, "«dyn@5» / «dyn@6»"),
    ("dyn", PRODUCT, "«dyn@5» % «dyn@6»"),
    ("dyn", UNARY, "-«dyn@6»"),
    ("dyn", MEMBER, "«dyn@7»[«dyn»]"),
    ("dyn", MEMBER, "«dyn@7».a"),
    ("bool", MEMBER, "has(«dyn@7».a)"),
    ("bool", RELATION, "«dyn@4» in «list(T)@4»"),
    ("bool", RELATION, "«dyn@4» in «map(K, T)@4»"),
    ("bool", RELATION, "«dyn@4» in «dyn@4»"),
    ("int", MEMBER, "size(«string»)"),
    ("int", MEMBER, "«string@7».size()"),
    ("int", MEMBER, "size(«bytes»)"),
    ("int", MEMBER, "«list(T)@7».size()"),
    ("int", MEMBER, "size(«map(K, T)»)"),
    ("int", MEMBER, "size(«dyn»)"),
    ("bool", MEMBER, "«string@7».startsWith(«string»)"),
    ("bool", MEMBER, "«string@7».endsWith(«string»)"),
    ("bool", MEMBER, "«string@7».contains(«string»)"),
    ("bool", MEMBER, "«string@7».matches('^[a-c]+$')"),
    ("bool", MEMBER, "«string@7».matches(r'\\d+\\.?\\s*')"),
    ("bool", MEMBER, "«string@7».matches(«string»)"),
    ("bool", MEMBER, "«dyn@7».contains(«string»)"),
    ("bool", RELATION, "type(«T») == type(«U»)"),
    ("bool", RELATION, "type(«dyn») == int"),
];

/// Every type into every other that it can become.
pub(super) const CONVERSIONS: &[Written] = &[
    ("int", MEMBER, "int(«uint»)"),
    ("int", MEMBER, "int(«double»)"),
    ("int", MEMBER, "int(«string»)"),
    ("int", MEMBER, "int(«dyn»)"),
    ("uint", MEMBER, "uint(«int»)"),
    ("uint", MEMBER, "uint(«double»)"),
    ("uint", MEMBER, "uint(«string»)"),
    ("double", MEMBER, "double(«int»)"),
    ("double", MEMBER, "double(«uint»)"),
    ("double", MEMBER, "double(«string»)"),
    ("string", MEMBER, "string(«int»)"),
    ("string", MEMBER, "string(«uint»)"),
    ("string", MEMBER, "string(«double»)"),
    ("string", MEMBER, "string(«bool»)"),
    ("string", MEMBER, "string(«bytes»)"),
    ("string", MEMBER, "string(«dyn»)"),
    ("bytes", MEMBER, "bytes(«string»)"),
    ("bool", MEMBER, "bool(«string»)"),
];

/// Types of which two may stand beside a relation.
const SAME: [&str; 6] = ["bool", "int", "uint", "double", "string", "bytes"];
const MIXED: [(&str, &str); 6] = [
    ("int", "double"),
    ("double", "int"),
    ("int", "uint"),
    ("uint", "int"),
    ("uint", "double"),
    ("double", "uint"),
];

/// The forms of a relation's operator.
pub(super) fn relations(operator: &str) -> Vec<Form> {
    let equality = matches!(operator, "==" | "!=");
    let mut forms = Vec::new();
    let mut form = |one: &str, two: &str| {
        forms.push(Form::read("bool", RELATION, &format!("«{one}@3» {operator} «{two}@4»")));
    };
    SAME.iter().for_each(|kind| form(kind, kind));
    form("dyn", "dyn");
    if equality {
        form("list(T)", "list(T)");
        form("map(K, T)", "map(K, T)");
        form("dyn", "int");
        form("dyn", "double");
        form("dyn", "uint");
        form("dyn", "list(T)");
    } else {
        MIXED.iter().for_each(|(one, two)| form(one, two));
    }
    forms
}
