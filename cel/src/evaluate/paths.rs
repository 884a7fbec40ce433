//! Which parts of the input an unknown value comes from, as JSON Pointers.

use super::Evaluator;
use super::scope::{Names, Scope, frame};
use crate::input::Lookup;
use crate::node::{Attribute, Local, Node, NodeKind, Root, Step, StepKind};
use crate::value::Value;
use std::collections::BTreeSet;

/// Where a value was read, as far as that is known.
struct Trail {
    paths: BTreeSet<String>,
    /// Whether the value is what is at the one path; else it was made from what is there.
    exact: bool,
}

impl Trail {
    /// The paths to a field.
    fn to(mut self, field: &str) -> BTreeSet<String> {
        self.step(Some(field.to_owned()));
        self.paths
    }

    /// The trail to a part of the value, if the name of the part is known.
    fn step(&mut self, token: Option<String>) {
        self.exact &= token.is_some();
        if let Some(token) = token.filter(|_| self.exact) {
            let token = token.replace('~', "~0").replace('/', "~1");
            self.paths =
                std::mem::take(&mut self.paths).into_iter().map(|path| format!("{path}/{token}")).collect();
        }
    }
}

impl<'a> Evaluator<'_, 'a> {
    /// The paths of an attribute, up to so many of its steps.
    pub(super) fn paths(
        &mut self,
        attribute: &'a Attribute,
        steps: usize,
        scope: Scope<'_, 'a>,
    ) -> BTreeSet<String> {
        self.attribute_trail(attribute, steps, scope).paths
    }

    /// The path from a variable by what steps select, as far as that is known.
    pub(super) fn path_of<'k>(
        &mut self,
        name: &str,
        keys: impl Iterator<Item = Option<&'k Value<'a>>>,
    ) -> BTreeSet<String>
    where
        'a: 'k,
    {
        let mut trail = variable_trail(name);
        keys.for_each(|key| trail.step(key.and_then(token)));
        self.charged(trail).paths
    }

    /// The path of a field that `has` asks for, of whatever the operand is.
    pub(super) fn tested_in(
        &mut self,
        operand: &'a Node,
        field: &str,
        scope: Scope<'_, 'a>,
    ) -> BTreeSet<String> {
        self.trail(operand, scope).to(field)
    }

    /// The paths of a macro's variable.
    pub(super) fn local_paths(&mut self, local: Local, scope: Scope<'_, 'a>) -> BTreeSet<String> {
        self.local_trail(local, scope).paths
    }

    /// All that a node reads.
    pub(super) fn read_by(&mut self, node: &'a Node, scope: Scope<'_, 'a>) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        self.collect(node, 0, scope, &mut paths);
        paths
    }

    fn trail(&mut self, node: &'a Node, scope: Scope<'_, 'a>) -> Trail {
        match &node.kind {
            NodeKind::Read(attribute) => self.attribute_trail(attribute, attribute.steps.len(), scope),
            _ => Trail { paths: self.read_by(node, scope), exact: false },
        }
    }

    fn attribute_trail(&mut self, attribute: &'a Attribute, steps: usize, scope: Scope<'_, 'a>) -> Trail {
        let mut trail = match &attribute.root {
            Root::Variable { name, .. } => variable_trail(name),
            Root::Local(local) => self.local_trail(*local, scope),
            Root::Node(node) => self.trail(node, scope),
        };
        for step in attribute.steps.iter().take(steps) {
            let token = self.token(step, scope);
            trail.step(token);
        }
        self.charged(trail)
    }

    /// A path is as long as the names in it. Too long a one ends the evaluation, whatever is answered here.
    fn charged(&mut self, mut trail: Trail) -> Trail {
        let size = trail.paths.iter().map(String::len).sum();
        if self.budget.charge_bytes(size).is_err() {
            trail.paths.clear();
        }
        trail
    }

    /// An element's trail is that of its list and its index.
    fn local_trail(&mut self, local: Local, scope: Scope<'_, 'a>) -> Trail {
        let Some(frame) = frame(local, scope) else {
            return Trail { paths: BTreeSet::new(), exact: false };
        };
        let mut trail = self.trail(frame.origin, frame.outer);
        match (frame.key, frame.names) {
            (_, Names::Whole) => {}
            (Lookup::Found(key), _) if frame.is_value(local.second) => trail.step(token(key)),
            // A key is in no place of its own.
            _ => trail.step(None),
        }
        trail
    }

    fn token(&mut self, step: &'a Step, scope: Scope<'_, 'a>) -> Option<String> {
        let index = match &step.kind {
            StepKind::Field(name) => return Some(name.clone()),
            StepKind::Index(index) => self.node(index, scope).ok()?,
        };
        token(&index)
    }

    /// Adds the paths that a node reads, which sees so many locals more than `scope` has.
    fn collect(&mut self, node: &'a Node, inside: usize, scope: Scope<'_, 'a>, paths: &mut BTreeSet<String>) {
        if self.budget.charge(1).is_err() {
            return;
        }
        if let NodeKind::Read(attribute) | NodeKind::Present(attribute) = &node.kind {
            match &attribute.root {
                // Inside a comprehension, an index may depend on elements that are none here.
                Root::Variable { name, .. } if inside > 0 => {
                    paths.extend(fields_trail(name, attribute).paths);
                }
                // What the macro is about is collected.
                Root::Local(local) if local.outwards < inside => {}
                Root::Local(local) if inside > 0 => {
                    let outside = Local { outwards: local.outwards - inside, ..*local };
                    paths.extend(self.local_trail(outside, scope).paths);
                }
                Root::Node(_) => {}
                _ => paths.extend(self.attribute_trail(attribute, attribute.steps.len(), scope).paths),
            }
        }
        let mut children = Vec::new();
        node.children(&mut |child, locals| children.push((child, inside + locals)));
        for (child, inside) in children {
            self.collect(child, inside, scope, paths);
        }
    }
}

/// What a part is called in a path.
fn token(index: &Value<'_>) -> Option<String> {
    match index {
        Value::String(name) => Some(name.to_string()),
        Value::Int(index) => Some(index.to_string()),
        Value::Uint(index) => Some(index.to_string()),
        Value::Bool(key) => Some(key.to_string()),
        _ => None,
    }
}

fn variable_trail(name: &str) -> Trail {
    Trail { paths: BTreeSet::from([format!("/{}", name.replace('.', "/"))]), exact: true }
}

fn fields_trail(name: &str, attribute: &Attribute) -> Trail {
    let mut trail = variable_trail(name);
    for step in &attribute.steps {
        trail.step(if let StepKind::Field(field) = &step.kind { Some(field.clone()) } else { None });
    }
    trail
}
