//! What of the input a program may read.

use crate::node::{Attribute, Node, NodeKind, Root, StepKind};
use crate::position::Position;
use crate::program::Read;

/// A path, and where its variable is.
type Found = (usize, Vec<String>);

pub(super) fn reads(root: &Node, source: &str) -> Vec<Read> {
    let mut found = Vec::new();
    collect(root, &mut found);
    found.sort_by_key(|(offset, _)| *offset);
    // Each is counted on from the one before, since a long source may have thousands.
    let mut position = Position::in_source(source, 0);
    let read = |(offset, path)| {
        position = position.to(source, offset);
        Read { path, position }
    };
    found.into_iter().map(read).collect()
}

fn collect(node: &Node, found: &mut Vec<Found>) {
    match &node.kind {
        NodeKind::Read(attribute) | NodeKind::Present(attribute) => found.extend(read(attribute, None)),
        // `has(a.b)` reads `a.b`, not all of `a`.
        NodeKind::Has { operand, field } => {
            if let NodeKind::Read(attribute) = &operand.kind {
                found.extend(read(attribute, Some(field)));
                attribute.children(&mut |child| collect(child, found));
                return;
            }
        }
        _ => {}
    }
    node.children(&mut |child, _| collect(child, found));
}

fn read(attribute: &Attribute, tested: Option<&String>) -> Option<Found> {
    let Root::Variable { name, offset, .. } = &attribute.root else { return None };
    let mut path = vec![name.clone()];
    for step in &attribute.steps {
        let StepKind::Field(field) = &step.kind else { break };
        path.push(field.clone());
    }
    if path.len() == 1 + attribute.steps.len() {
        path.extend(tested.cloned());
    }
    Some((*offset, path))
}
