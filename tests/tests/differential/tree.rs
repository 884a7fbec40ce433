//! Generated expressions as trees.

use std::rc::Rc;

use crate::differential::form::{Form, Part};
use crate::differential::kind::Kind;
use crate::differential::language::{PRODUCT, SUM};
use crate::differential::leaves;

/// An expression.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub(crate) kind: Kind,
    pub(crate) node: Node,
}

#[derive(Debug, Clone)]
pub(crate) enum Node {
    /// A literal or a name, and how tightly it binds.
    Leaf(String, u8),
    Formed {
        form: Rc<Form>,
        names: Vec<String>,
        children: Vec<Tree>,
    },
}

/// What is done wrong on purpose when an expression is written down for us, and not for the other judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// `(1 + 2) * 3` loses its parentheses.
    Precedence,
    /// A sum that overflows is the largest integer.
    Overflow,
    /// The right side of `&&` is not looked at when the left side fails.
    ShortCircuit,
}

impl Tree {
    /// The expression's text.
    pub(crate) fn text(&self, fault: Option<Fault>) -> String {
        let mut text = String::new();
        self.write(0, fault, &mut text);
        text
    }

    fn write(&self, outside: u8, fault: Option<Fault>, text: &mut String) {
        let own = match &self.node {
            Node::Leaf(_, precedence) => *precedence,
            Node::Formed { form, .. } => form.precedence,
        };
        let dropped =
            fault == Some(Fault::Precedence) && own == SUM && outside > SUM && outside <= PRODUCT + 1;
        let closed = own < outside && !dropped;
        if closed {
            text.push('(');
        }
        match &self.node {
            Node::Leaf(leaf, _) => text.push_str(leaf),
            Node::Formed { form, names, children } => self.write_form(form, names, children, fault, text),
        }
        if closed {
            text.push(')');
        }
    }

    fn write_form(
        &self,
        form: &Form,
        names: &[String],
        children: &[Self],
        fault: Option<Fault>,
        text: &mut String,
    ) {
        match (fault, children, form.operator()) {
            (Some(Fault::Overflow), [one, two], "+") if self.kind.name == "int" => {
                let (one, two) = (one.closed(fault), two.closed(fault));
                *text +=
                    &format!("(double({one}) + double({two}) >= {LIMIT}.0 ? {} : {one} + {two})", LIMIT - 1);
                return;
            }
            (Some(Fault::ShortCircuit), [one, two], "&&") => {
                *text += &format!("({} ? {} : false)", one.closed(fault), two.closed(fault));
                return;
            }
            _ => {}
        }
        let mut next = children.iter();
        for part in &form.parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Name(name) => text.push_str(&names[*name]),
                Part::Hole(hole) => {
                    if let Some(child) = next.next() {
                        child.write(hole.precedence, fault, text);
                    }
                }
            }
        }
    }

    fn closed(&self, fault: Option<Fault>) -> String {
        format!("({})", self.text(fault))
    }

    /// The names that macros bind in it.
    pub(crate) fn bound(&self) -> Vec<String> {
        let Node::Formed { names, children, .. } = &self.node else { return Vec::new() };
        names.iter().cloned().chain(children.iter().flat_map(Self::bound)).collect()
    }

    /// Trees of the same type with a part less, those that lose most first.
    pub(crate) fn smaller(&self) -> Vec<Self> {
        let mut smaller = Vec::new();
        self.parts_of(&self.kind, &mut smaller);
        let literals = leaves::literals(&self.kind).iter().take(2);
        if let Node::Formed { .. } = self.node {
            let leaf = |text: &&str| Self {
                kind: self.kind.clone(),
                node: Node::Leaf((*text).to_owned(), leaves::precedence(text)),
            };
            smaller.extend(literals.map(leaf));
        }
        if let Node::Formed { children, .. } = &self.node {
            for (index, child) in children.iter().enumerate() {
                smaller.extend(child.smaller().into_iter().map(|child| self.with_child(index, child)));
            }
        }
        smaller
    }

    /// The parts of a type, the nearest ones only.
    fn parts_of(&self, kind: &Kind, parts: &mut Vec<Self>) {
        let Node::Formed { children, .. } = &self.node else { return };
        for child in children {
            if child.kind == *kind {
                parts.push(child.clone());
            } else {
                child.parts_of(kind, parts);
            }
        }
    }

    fn with_child(&self, index: usize, child: Self) -> Self {
        let mut tree = self.clone();
        if let Node::Formed { children, .. } = &mut tree.node {
            children[index] = child;
        }
        tree
    }
}

/// One more than the largest integer.
const LIMIT: u64 = 1 << 63;
