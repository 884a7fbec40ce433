//! What of the input a program may read.

use crate::node::{Attribute, Node, NodeKind, Root, StepKind};
use crate::position::Position;
use crate::program::Read;

pub(super) fn reads(root: &Node, source: &str) -> Vec<Read> {
    let mut reads = Vec::new();
    collect(root, source, &mut reads);
    reads.sort_by_key(|read| read.position);
    reads
}

fn collect(node: &Node, source: &str, reads: &mut Vec<Read>) {
    match &node.kind {
        NodeKind::Read(attribute) | NodeKind::Present(attribute) => {
            reads.extend(read(attribute, None, source));
        }
        // `has(a.b)` reads `a.b`, not all of `a`.
        NodeKind::Has { operand, field } => {
            if let NodeKind::Read(attribute) = &operand.kind {
                reads.extend(read(attribute, Some(field), source));
                attribute.children(&mut |child| collect(child, source, reads));
                return;
            }
        }
        _ => {}
    }
    let mut children = Vec::new();
    node.children(&mut |child, _| children.push(child));
    children.into_iter().for_each(|child| collect(child, source, reads));
}

fn read(attribute: &Attribute, tested: Option<&String>, source: &str) -> Option<Read> {
    let Root::Variable { name, offset, .. } = &attribute.root else { return None };
    let mut path = vec![name.clone()];
    for step in &attribute.steps {
        let StepKind::Field(field) = &step.kind else { break };
        path.push(field.clone());
    }
    if path.len() == 1 + attribute.steps.len() {
        path.extend(tested.cloned());
    }
    Some(Read { path, position: Position::in_source(source, *offset) })
}
