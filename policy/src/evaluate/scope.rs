//! What an expression sees: the input, `params`, and the variables, each worked out at most once and only if it is read.

use std::cell::{Cell, OnceCell};

use cel::{Budget, Lookup, Outcome, Program, Value};

use crate::input::Input;
use crate::set::Policy;

/// As in a ValidatingAdmissionPolicy: what one expression may cost, and all expressions of a policy together.
const CALL: u64 = 1_000_000;
const POLICY: u64 = 10_000_000;

/// Evaluates a policy's expressions against one input.
pub(super) struct Evaluator<'s> {
    scope: &'s dyn cel::Input,
    left: &'s Cell<u64>,
}

impl<'s> Evaluator<'s> {
    pub(super) fn evaluate(&self, program: &'s Program) -> Outcome<'s> {
        evaluate(program, self.scope, self.left)
    }
}

fn evaluate<'s>(program: &'s Program, scope: &'s dyn cel::Input, left: &Cell<u64>) -> Outcome<'s> {
    let granted = left.get().min(CALL);
    let mut budget = Budget::steps(granted);
    let outcome = program.evaluate(scope, &mut budget);
    // A variable that was worked out meanwhile has paid from the same account.
    left.set(left.get().saturating_sub(granted - budget.remaining()));
    outcome
}

struct Root<'a> {
    input: &'a Input<'a>,
    policy: &'a Policy,
}

impl cel::Input for Root<'_> {
    fn variable(&self, slot: usize, _name: &str) -> Lookup<'_> {
        if slot == self.policy.params_slot() {
            return Lookup::Found(self.policy.params().map_or(Value::Null, Value::from));
        }
        self.input.variable(slot)
    }
}

/// A variable laid over what it sees itself: the input and the variables before it.
struct Scope<'s> {
    below: &'s dyn cel::Input,
    slot: usize,
    program: &'s Program,
    left: &'s Cell<u64>,
    value: OnceCell<Lookup<'s>>,
}

impl cel::Input for Scope<'_> {
    fn variable(&self, slot: usize, name: &str) -> Lookup<'_> {
        if slot != self.slot {
            return self.below.variable(slot, name);
        }
        self.value.get_or_init(|| evaluate(self.program, self.below, self.left).into()).clone()
    }
}

/// Gives `work` an evaluator of the policy's expressions against this input.
pub(super) fn evaluator<T>(policy: &Policy, input: &Input<'_>, work: impl FnOnce(&Evaluator<'_>) -> T) -> T {
    let left = Cell::new(POLICY);
    let root = Root { input, policy };
    stack(policy, 0, &root, &left, work)
}

fn stack<T>(
    policy: &Policy,
    index: usize,
    below: &dyn cel::Input,
    left: &Cell<u64>,
    work: impl FnOnce(&Evaluator<'_>) -> T,
) -> T {
    let Some(variable) = policy.variables.get(index) else { return work(&Evaluator { scope: below, left }) };
    let slot = policy.params_slot() + 1 + index;
    let scope = Scope { below, slot, program: &variable.program, left, value: OnceCell::new() };
    stack(policy, index + 1, &scope, left, work)
}
