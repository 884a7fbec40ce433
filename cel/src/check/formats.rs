//! Constant texts that are to be formatted, held to what they are given.

#[cfg(test)]
mod tests;

use super::Checker;
use super::deduced::Deduced;
use crate::error::CompileErrorKind;
use crate::functions::{FORMAT, hold_to_format};
use crate::node::{Element, Node, NodeKind};
use crate::static_type::StaticType;
use crate::value::Value;
use std::collections::HashMap;
use std::ptr;

/// The types of nodes, while these stay where they are in memory.
pub(super) type Noted<'e> = HashMap<*const Node, Deduced<'e>>;

impl<'e> Checker<'e> {
    /// Notes what was deduced of a node, if it is asked for later.
    pub(super) fn note(&mut self, node: &Node, deduced: Deduced<'e>) {
        if let Some(noted) = &mut self.noted {
            noted.insert(ptr::from_ref(node), deduced);
        }
    }

    /// Holds all calls of `format` in and below a node to their clauses.
    pub(super) fn formats(&mut self, node: &Node) {
        if let NodeKind::Call { function, arguments } = &node.kind
            && function.name == FORMAT
            && let [Node { kind: NodeKind::Constant(Value::String(pattern)), .. }, values] =
                arguments.as_slice()
            && let NodeKind::List(elements) = &values.kind
        {
            self.format(node.offset, pattern, elements);
        }
        node.children(&mut |child, _| self.formats(child));
    }

    fn format(&mut self, offset: usize, pattern: &str, elements: &[Element]) {
        let types: Vec<_> = elements.iter().map(|element| self.written(&element.value)).collect();
        match hold_to_format(pattern, &types) {
            Ok(clauses) if clauses < elements.len() => {
                self.error(offset, CompileErrorKind::FormatValues { clauses, values: elements.len() });
            }
            Ok(_) => {}
            Err((place, error)) => {
                let offset = place.map_or(offset, |place| elements[place].value.offset);
                self.error(offset, CompileErrorKind::Format(Box::new(error)));
            }
        }
    }

    /// The type of a value; that of the first part of a literal that could not be written, if there is one.
    fn written(&mut self, node: &Node) -> StaticType {
        let parts: Vec<&Node> = match &node.kind {
            NodeKind::List(elements) => elements.iter().map(|element| &element.value).collect(),
            NodeKind::Map(entries) => entries.iter().flat_map(|entry| [&entry.key, &entry.value]).collect(),
            _ => Vec::new(),
        };
        let written = parts.into_iter().map(|part| self.written(part));
        let refused = written.into_iter().find(|of| hold_to_format("%s", std::slice::from_ref(of)).is_err());
        refused.unwrap_or_else(|| {
            let deduced = self.noted.as_ref().and_then(|noted| noted.get(&ptr::from_ref(node)));
            deduced.copied().map_or(StaticType::Dyn, |deduced| self.types.resolved(deduced))
        })
    }
}
