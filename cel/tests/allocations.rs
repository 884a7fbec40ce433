//! An evaluation allocates only what the expression makes.

#![expect(clippy::unwrap_used, reason = "an expression that does not compile is a failed test")]

use cel::{Budget, Environment, Outcome, Program, StaticType};
use serde_json::json;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is passed on to the system's allocator as it came; the counter allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often an evaluation of the expression allocates.
fn allocations(expression: &str) -> usize {
    let environment = Environment::standard().with_variable("x", StaticType::Dyn);
    let program = Program::compile(&environment, expression).unwrap();
    let input = json!({"x": {
        "name": "web", "privileged": false, "ids": [1, 2, 3],
        "containers": [{"image": "registry/app:1", "drop": ["ALL"]}, {"image": "registry/db:2", "drop": ["ALL"]}],
    }});
    let mut budget = Budget::default();
    let evaluate = |budget: &mut Budget| {
        let before = ALLOCATIONS.get();
        assert!(matches!(program.evaluate(&input, budget), Outcome::Value(_)), "{expression}");
        ALLOCATIONS.get() - before
    };
    // A regex makes its working memory at its first search.
    evaluate(&mut budget);
    evaluate(&mut budget)
}

#[test]
fn an_expression_that_makes_no_value_allocates_nothing() {
    for expression in [
        "x.name == 'web' && !x.privileged",
        "x.ids[1] + size(x.ids) * 2 > 5 ? x.name : x.containers[0].image",
        "x.containers.all(c, has(c.image) && c.drop.exists(d, d == 'ALL'))",
        "x.containers.exists_one(c, c.image.startsWith('registry/app') && c.image.contains(':'))",
        "x.containers.all(c, c.image.matches('^registry/[a-z]+:[0-9]+$'))",
        "x.name in ['web', 'db'] && 2 in x.ids && 'name' in x",
        "x.all(k, k != 'hostNetwork')",
        "x.ids == [1, 2, 3] && type(x.ids) == list",
        "['a' + 'b', 'c'] == ['ab', 'c']",
        "x.containers",
        "x.?spec.?os.?name.orValue('linux') == 'linux' && x.?name.orValue('') == 'web'",
        "x.containers.all(c, c.?securityContext.?privileged.orValue(false) == false)",
        "(x.containers + (has(x.others) ? x.others : [])).all(c, c.image != '')",
        "x.all(k, v, k != 'hostNetwork' || v)",
        "x.name.substring(1) == 'eb' && x.name.charAt(0) == 'w'",
    ] {
        assert_eq!(allocations(expression), 0, "{expression}");
    }
}

#[test]
fn a_value_that_is_made_is_allocated_once() {
    assert_eq!(allocations("x.name + '-1'"), 2, "the text, and its shared form");
    assert_eq!(allocations("x.ids + x.ids"), 1, "no element is copied");
}
