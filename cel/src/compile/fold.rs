//! Parts of an expression that are the same in every evaluation.

use crate::budget::Budget;
use crate::evaluate;
use crate::node::{Node, NodeKind, Root};
use crate::outcome::Outcome;

/// What is not done in so many steps is left to the evaluation and its budget.
const STEPS: u64 = 10_000;

/// The value of the node, if it reads nothing and does not fail; else the node.
///
/// A failure is left where it is: it counts only if the evaluation gets there.
pub(super) fn folded(node: Node) -> Node {
    if !reads_nothing(&node) {
        return node;
    }
    let value = match evaluate::evaluate(&node, "", &(), &mut Budget::steps(STEPS)) {
        Outcome::Value(value) => value.into_owned(),
        Outcome::Error(_) | Outcome::Unknown(_) => None,
    };
    match value {
        Some(value) => Node { offset: node.offset, kind: NodeKind::Constant(value) },
        None => node,
    }
}

/// Whether all that the node needs are constants. Children were folded before, so that one look is enough.
fn reads_nothing(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Constant(_) | NodeKind::Present(_) | NodeKind::Fails(_) | NodeKind::Comprehension(_) => {
            return false;
        }
        NodeKind::Read(attribute) if !matches!(attribute.root, Root::Node(_)) => return false,
        _ => {}
    }
    let mut constant = true;
    node.children(&mut |child, _| constant &= matches!(child.kind, NodeKind::Constant(_)));
    constant
}
