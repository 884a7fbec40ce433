//! What can be done once, so that no evaluation has to do it: constants computed, patterns prepared.

use super::Compiler;
use crate::ast::Binary;
use crate::budget::Budget;
use crate::environment::Undeclared;
use crate::error::CompileErrorKind;
use crate::evaluate;
use crate::functions;
use crate::node::{Attribute, Node, NodeKind, Root, Search, Step, StepKind};
use crate::outcome::Outcome;
use crate::regex::{self, Regex};
use crate::value::Value;

/// The steps that computing the constants of an expression may take; with them what is made of constants is bounded.
/// What would need more is left to the evaluation and its budget.
pub(super) const STEPS: u64 = 20_000;

/// The steps for one constant.
const STEPS_EACH: u64 = 5_000;

/// The bytes, about, that the steps take which are written once and read in both arms of a conditional.
pub(super) const COPIES: usize = 256 * 1024;

impl Compiler<'_> {
    /// Prepares a node and all below it.
    pub(super) fn prepare(&mut self, node: &mut Node) {
        node.children_mut(&mut |child| self.prepare(child));
        if let NodeKind::Read(attribute) | NodeKind::Present(attribute) = &mut node.kind {
            name_fields(attribute);
        }
        self.distribute(node);
        self.prepare_pattern(node);
        self.prepare_search(node);
        prepare_optional(node);
        prepare_set(node);
        self.fold(node);
    }

    /// A search for a constant pattern.
    fn prepare_pattern(&mut self, node: &mut Node) {
        let NodeKind::Call { function, arguments } = &mut node.kind else { return };
        let (functions::MATCHES, [_, pattern]) = (function.name, arguments.as_slice()) else {
            return;
        };
        match self.machine(pattern) {
            None => {}
            Some(Ok(pattern)) => {
                let subject = Box::new(arguments.swap_remove(0));
                node.kind = NodeKind::Matches { subject, pattern };
            }
            // Where nothing is checked, it fails the evaluation that gets there.
            Some(Err(_)) if self.environment.undeclared == Undeclared::FailsToEvaluate => {}
            Some(Err(error)) => {
                let kind = CompileErrorKind::Regex(error.to_string());
                self.error(pattern.offset, kind);
            }
        }
    }

    /// Another function of a constant pattern. Whether it is one, cel-go finds out when it evaluates.
    fn prepare_search(&mut self, node: &mut Node) {
        let NodeKind::Call { function, arguments } = &mut node.kind else { return };
        let function = function.name;
        let (Some(search), [_, pattern, ..]) = (functions::search(function), arguments.as_slice()) else {
            return;
        };
        let Some(Ok(pattern)) = self.machine(pattern) else { return };
        arguments.remove(1);
        let arguments = std::mem::take(arguments);
        node.kind = NodeKind::Search(Box::new(Search { function, search, pattern, arguments }));
    }

    /// `(c ? a : b).f` reads `a.f` or `b.f`, and neither `a` nor `b`: what of them is unknown may be something else.
    fn distribute(&mut self, node: &mut Node) {
        let NodeKind::Read(Attribute { root: Root::Node(root), steps }) = &mut node.kind else { return };
        let NodeKind::Conditional { operands } = &mut root.kind else { return };
        let [_, then, otherwise] = &mut **operands;
        let size = steps.iter().map(|step| size_of::<Step>() + step.name().len()).sum();
        let Some(left) = self.copies.checked_sub(size) else { return };
        let Some(copied) = steps.iter().map(Step::copied).collect::<Option<Vec<_>>>() else { return };
        self.copies = left;
        append(then, copied);
        append(otherwise, std::mem::take(steps));
        self.distribute(then);
        self.distribute(otherwise);
        node.kind = std::mem::replace(&mut root.kind, NodeKind::Constant(Value::Null));
    }

    /// Puts the value in the place of a node that reads nothing and does not fail.
    ///
    /// A failure is left where it is: it counts only if the evaluation gets there.
    fn fold(&mut self, node: &mut Node) {
        if self.folding == 0 || !reads_nothing(node) {
            return;
        }
        let steps = self.folding.min(STEPS_EACH);
        let mut budget = Budget::steps(steps);
        let value = match evaluate::evaluate(node, "", &(), &[], &mut budget) {
            Outcome::Value(value) => value.into_owned(),
            Outcome::Error(_) | Outcome::Unknown(_) => None,
        };
        self.folding -= if budget.is_exceeded() { steps } else { steps - budget.remaining() };
        if let Some(value) = value {
            node.kind = NodeKind::Constant(value);
        }
    }

    /// What searches for a pattern, if that is constant. All patterns of an expression share the memory.
    fn machine(&mut self, pattern: &Node) -> Option<Result<Regex, regex::Error>> {
        let NodeKind::Constant(Value::String(text)) = &pattern.kind else { return None };
        let made = Regex::new(text, self.machines);
        if let Ok(machine) = &made {
            self.machines -= machine.size().min(self.machines);
        }
        Some(made)
    }
}

/// An index that is a constant string is a field.
fn name_fields(attribute: &mut Attribute) {
    for step in &mut attribute.steps {
        let StepKind::Index(Node { kind: NodeKind::Constant(Value::String(name)), .. }) = &step.kind else {
            continue;
        };
        step.kind = StepKind::Field(name.to_string());
    }
}

/// Puts steps behind what a node reads.
fn append(node: &mut Node, steps: Vec<Step>) {
    if let NodeKind::Read(attribute) = &mut node.kind {
        attribute.steps.extend(steps);
        return;
    }
    let kind = std::mem::replace(&mut node.kind, NodeKind::Constant(Value::Null));
    let root = Root::Node(Box::new(Node { offset: node.offset, kind }));
    node.kind = NodeKind::Read(Attribute { root, steps });
}

/// `or` and `orValue` evaluate their argument only where it is needed, unlike functions.
fn prepare_optional(node: &mut Node) {
    let NodeKind::Call { function, arguments } = &mut node.kind else { return };
    let value = match function.name {
        functions::OPTIONAL_OR => false,
        functions::OPTIONAL_OR_VALUE => true,
        _ => return,
    };
    if let Ok(operands) = <[Node; 2]>::try_from(std::mem::take(arguments)) {
        node.kind = NodeKind::OptionalOr { operands: Box::new(operands), value };
    }
}

/// A constant list that is searched.
fn prepare_set(node: &mut Node) {
    let NodeKind::Binary { operator: Binary::In, operands } = &mut node.kind else { return };
    if let NodeKind::Constant(Value::List(list)) = &mut operands[1].kind {
        *list = list.clone().into_set();
    }
}

/// Whether all that the node needs are constants. Children were folded before, so that one look is enough.
fn reads_nothing(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Constant(_)
        | NodeKind::Present(_)
        | NodeKind::Fails(_)
        | NodeKind::Comprehension(_)
        | NodeKind::Bind(_)
        | NodeKind::OptionalMap { .. } => return false,
        NodeKind::Read(attribute) if !matches!(attribute.root, Root::Node(_)) => return false,
        _ => {}
    }
    let mut constant = true;
    node.children(&mut |child, _| constant &= matches!(child.kind, NodeKind::Constant(_)));
    constant
}
