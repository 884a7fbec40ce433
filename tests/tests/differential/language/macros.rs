//! Macros. What they make of a map has no order, so what is made is put in one.

use super::{MEMBER, Written};

pub(super) const FORMS: &[Written] = &[
    ("bool", MEMBER, "«list(T)@7».all(#0, «bool|#0:T»)"),
    ("bool", MEMBER, "«list(T)@7».exists(#0, «bool|#0:T»)"),
    ("bool", MEMBER, "«list(T)@7».exists_one(#0, «bool|#0:T»)"),
    ("bool", MEMBER, "«list(T)@7».existsOne(#0, «bool|#0:T»)"),
    ("bool", MEMBER, "«map(K, T)@7».all(#0, «bool|#0:K»)"),
    ("bool", MEMBER, "«map(K, T)@7».exists(#0, «bool|#0:K»)"),
    ("bool", MEMBER, "«map(K, T)@7».exists_one(#0, «bool|#0:K»)"),
    ("bool", MEMBER, "«dyn@7».all(#0, «bool|#0:dyn»)"),
    ("bool", MEMBER, "«dyn@7».exists(#0, «bool|#0:dyn»)"),
    ("list(T)", MEMBER, "«list(U)@7».map(#0, «T|#0:U»)"),
    ("list(T)", MEMBER, "«list(U)@7».map(#0, «bool|#0:U», «T|#0:U»)"),
    ("list(T)", MEMBER, "«list(T)@7».filter(#0, «bool|#0:T»)"),
    ("int", MEMBER, "«map(K, T)@7».filter(#0, «bool|#0:K»).size()"),
    ("bool", MEMBER, "«list(T)@7».all(#0, #1, «bool|#0:int, #1:T»)"),
    ("bool", MEMBER, "«list(T)@7».exists(#0, #1, «bool|#0:int, #1:T»)"),
    ("bool", MEMBER, "«list(T)@7».existsOne(#0, #1, «bool|#0:int, #1:T»)"),
    ("bool", MEMBER, "«map(K, T)@7».all(#0, #1, «bool|#0:K, #1:T»)"),
    ("bool", MEMBER, "«map(K, T)@7».exists(#0, #1, «bool|#0:K, #1:T»)"),
    ("list(T)", MEMBER, "«list(U)@7».transformList(#0, #1, «T|#0:int, #1:U»)"),
    ("list(T)", MEMBER, "«list(U)@7».transformList(#0, #1, «bool|#0:int, #1:U», «T|#0:int, #1:U»)"),
    ("map(int, T)", MEMBER, "«list(U)@7».transformMap(#0, #1, «T|#0:int, #1:U»)"),
    ("map(K, T)", MEMBER, "«map(K, U)@7».transformMap(#0, #1, «T|#0:K, #1:U»)"),
    ("map(K, T)", MEMBER, "«map(K, U)@7».transformMap(#0, #1, «bool|#0:K, #1:U», «T|#0:K, #1:U»)"),
    ("map(K, T)", MEMBER, "«list(U)@7».transformMapEntry(#0, #1, {«K|#0:int, #1:U»: «T|#0:int, #1:U»})"),
    ("T", MEMBER, "cel.bind(#0, «U», «T|#0:U»)"),
];
