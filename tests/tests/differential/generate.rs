//! Expressions out of a seed.

use std::rc::Rc;

use crate::differential::form::{Form, Hole};
use crate::differential::input::VARIABLES;
use crate::differential::kind::{Assigned, Kind};
use crate::differential::language::{MEMBER, forms};
use crate::differential::leaves;
use crate::differential::random::Random;
use crate::differential::tree::{Node, Tree};

/// What makes expressions.
pub(crate) struct Generator {
    forms: Vec<Rc<Form>>,
    random: Random,
}

/// The names that macros bind, the innermost last.
type Scope = Vec<(String, Kind)>;

/// Names for macros to bind; some are the input's, too.
const NAMES: [&str; 6] = ["v", "w", "k", "e", "i", "s"];

/// What an expression as a whole may be.
const RESULTS: [&str; 14] = [
    "bool",
    "bool",
    "bool",
    "bool",
    "int",
    "int",
    "uint",
    "double",
    "string",
    "dyn",
    "list(int)",
    "map(string, int)",
    "google.protobuf.Timestamp",
    "optional_type(int)",
];

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        Self { forms: forms(), random: Random::new(seed) }
    }

    /// The next expression.
    pub(crate) fn expression(&mut self) -> Tree {
        let kind = Kind::read(self.random.pick(&RESULTS));
        let depth = 2 + self.random.below(4);
        self.tree(&kind, depth, &mut Vec::new())
    }

    pub(crate) const fn random(&mut self) -> &mut Random {
        &mut self.random
    }

    fn tree(&mut self, kind: &Kind, depth: usize, scope: &mut Scope) -> Tree {
        let node = match self.form(kind, depth) {
            Some((form, assigned)) => self.formed(form, assigned, depth, scope),
            None => self.leaf(kind, scope),
        };
        Tree { kind: kind.clone(), node }
    }

    /// A form whose result is of that type, unless the expression is to end here.
    fn form(&mut self, kind: &Kind, depth: usize) -> Option<(Rc<Form>, Assigned)> {
        if depth == 0 || self.random.percent(15) {
            return None;
        }
        let fitting = |form: &Rc<Form>| {
            let mut assigned = Assigned::new();
            form.result.unify(kind, &mut assigned).then(|| (Rc::clone(form), assigned))
        };
        let fitting: Vec<_> = self.forms.iter().filter_map(fitting).collect();
        (!fitting.is_empty()).then(|| self.random.pick(&fitting))
    }

    fn formed(&mut self, form: Rc<Form>, mut assigned: Assigned, depth: usize, scope: &mut Scope) -> Node {
        let mut names: Vec<String> = Vec::new();
        while names.len() < form.names {
            let name = self.random.pick(&NAMES);
            if !names.iter().any(|taken| taken == name) {
                names.push(name.to_owned());
            }
        }
        let children =
            form.holes().map(|hole| self.fill(hole, &names, &mut assigned, depth - 1, scope)).collect();
        Node::Formed { form, names, children }
    }

    fn fill(
        &mut self,
        hole: &Hole,
        names: &[String],
        assigned: &mut Assigned,
        depth: usize,
        scope: &mut Scope,
    ) -> Tree {
        let random = &mut self.random;
        let mut choose = |parameter: &str| leaves::any_kind(random, parameter);
        let kind = hole.kind.put_in(assigned, &mut choose);
        let bound = scope.len();
        for (name, of) in &hole.binds {
            scope.push((names[*name].clone(), of.put_in(assigned, &mut choose)));
        }
        let tree = self.tree(&kind, depth, scope);
        scope.truncate(bound);
        tree
    }

    fn leaf(&mut self, kind: &Kind, scope: &Scope) -> Node {
        let named = self.names(kind, scope);
        if !named.is_empty() && self.random.percent(55) {
            return Node::Leaf(self.random.pick(&named), MEMBER);
        }
        let literals = leaves::literals(kind);
        match kind.name.as_str() {
            // An empty one shows less than one with an element.
            "list" if self.random.percent(80) => {
                let element = self.leaf(&kind.parameters[0], scope);
                leaf_of(&[element], |texts| format!("[{}]", texts[0]))
            }
            "map" if self.random.percent(80) => {
                let (key, value) =
                    (self.leaf(&kind.parameters[0], scope), self.leaf(&kind.parameters[1], scope));
                leaf_of(&[key, value], |texts| format!("{{{}: {}}}", texts[0], texts[1]))
            }
            _ => {
                let text = self.random.pick(literals);
                Node::Leaf(text.to_owned(), leaves::precedence(text))
            }
        }
    }

    /// Names of that type which mean what they mean outside, or the nearest that binds them.
    fn names(&self, kind: &Kind, scope: &Scope) -> Vec<String> {
        let nearest = |name: &str| scope.iter().rev().find(|(bound, _)| bound == name);
        let bound =
            scope.iter().filter(|(name, of)| of == kind && nearest(name).is_some_and(|it| it.1 == *kind));
        let free = VARIABLES.iter().filter(|(name, of)| {
            let root = name.split(['.', '[']).next().unwrap_or_default();
            *of == kind.to_string() && nearest(root).is_none()
        });
        bound.map(|(name, _)| name.clone()).chain(free.map(|(name, _)| (*name).to_owned())).collect()
    }
}

fn leaf_of(parts: &[Node], write: impl Fn(&[&str]) -> String) -> Node {
    let texts: Vec<_> = parts
        .iter()
        .filter_map(|part| if let Node::Leaf(text, _) = part { Some(text.as_str()) } else { None })
        .collect();
    Node::Leaf(write(&texts), MEMBER)
}
