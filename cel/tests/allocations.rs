//! An evaluation allocates only what the expression makes.

#![expect(clippy::unwrap_used, reason = "an expression that does not compile is a failed test")]

use cel::{Budget, Environment, Outcome, Program, StaticType};
use serde_json::json;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    /// Bytes that are allocated now, and that were at most.
    static BYTES: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

// SAFETY: every call is passed on to the system's allocator as it came; the counter allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        let (now, most) = BYTES.get();
        let now = now.saturating_add(layout.size());
        BYTES.set((now, most.max(now)));
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let (now, most) = BYTES.get();
        BYTES.set((now.saturating_sub(layout.size()), most));
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

/// The bytes that compiling the expression, and showing what it comes to, needs at most.
fn bytes(expression: &str) -> usize {
    let environment = Environment::standard().with_variable("x", StaticType::Dyn);
    let before = BYTES.get().0;
    BYTES.set((before, before));
    if let Ok(program) = Program::compile(&environment, expression) {
        let input = json!({"x": true});
        let outcome = program.evaluate(&input, &mut Budget::default());
        drop(format!("{outcome:?}"));
        if let Outcome::Value(value) = outcome {
            drop(value.to_json());
        }
    }
    BYTES.get().1 - before
}

/// Constants that grow, steps that are copied into each arm of a conditional, lists of the same list twice.
#[test]
fn a_source_that_makes_much_of_little_is_compiled_and_shown_in_bounded_memory() {
    const LIMIT: usize = 64 << 20;
    let conditional = (0..9).fold("x".to_owned(), |inner, _| format!("(x ? {inner} : {inner})"));
    let binds = (1..60).map(|n| format!("cel.bind(v{n}, [v{0}, v{0}], ", n - 1)).collect::<String>();
    let doubled = format!("cel.bind(v0, 'v', {binds} v59{}", ")".repeat(60));
    for expression in [
        format!("[{}]", "lists.range(4990),".repeat(5_000)),
        format!("[{}]", "[1].sort() + lists.range(4000),".repeat(3_000)),
        format!("[{}]", "'abcdefghij'.replace('', '0123456789'),".repeat(2_500)),
        format!("{conditional}{}", ".a_field_with_a_long_name".repeat(1_000)),
        doubled,
    ] {
        let bytes = bytes(&expression);
        assert!(bytes < LIMIT, "{bytes} bytes for {expression:.80}");
    }
}
