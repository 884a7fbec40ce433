//! What a program consists of: the tree with its names resolved.

use crate::ast::{Binary, Logic, Unary};
use crate::error::EvaluationErrorKind;
use crate::functions::Function;
use crate::value::Value;
use regex::Regex;

/// A part of a program, and where it is in the source.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) offset: usize,
    pub(crate) kind: NodeKind,
}

#[derive(Debug)]
pub(crate) enum NodeKind {
    Constant(Value<'static>),
    Read(Attribute),
    /// `has(operand.field)`
    Has {
        operand: Box<Node>,
        field: String,
    },
    /// `has(a.b)` where `a.b` is a variable.
    Present(Attribute),
    Unary {
        operator: Unary,
        operand: Box<Node>,
    },
    Binary {
        operator: Binary,
        operands: Box<[Node; 2]>,
    },
    Logic {
        operator: Logic,
        terms: Vec<Node>,
    },
    Conditional {
        operands: Box<[Node; 3]>,
    },
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    Call {
        function: &'static Function,
        arguments: Vec<Node>,
    },
    /// `subject.matches(pattern)` with a constant pattern.
    Matches {
        subject: Box<Node>,
        pattern: Regex,
    },
    Comprehension(Box<Comprehension>),
    /// A name or a function that is not declared, where that is found out by whoever gets here.
    Fails(EvaluationErrorKind),
}

/// A value and the way from it to a part of it.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) root: Root,
    pub(crate) steps: Vec<Step>,
}

#[derive(Debug)]
pub(crate) enum Root {
    Variable {
        slot: usize,
        name: String,
        offset: usize,
    },
    /// A comprehension's variable, by how many comprehensions lie between.
    Local(usize),
    Node(Box<Node>),
}

#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) offset: usize,
    pub(crate) kind: StepKind,
}

#[derive(Debug)]
pub(crate) enum StepKind {
    Field(String),
    Index(Node),
}

/// A macro over the elements of a list or the keys of a map.
#[derive(Debug)]
pub(crate) struct Comprehension {
    pub(crate) range: Node,
    pub(crate) fold: Fold,
}

/// What is made of the elements, each of which the nodes know as the local 0.
#[derive(Debug)]
pub(crate) enum Fold {
    All(Node),
    Exists(Node),
    ExistsOne(Node),
    Filter(Node),
    Map { filter: Option<Node>, transform: Node },
}

impl Fold {
    /// The nodes that are evaluated for each element.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Node> {
        let (one, two) = match self {
            Self::All(node) | Self::Exists(node) | Self::ExistsOne(node) | Self::Filter(node) => (None, node),
            Self::Map { filter, transform } => (filter.as_ref(), transform),
        };
        one.into_iter().chain([two])
    }
}

impl Node {
    /// Shows each child to `visit`, with how many locals it sees more than this node: 1 inside a comprehension.
    pub(crate) fn children<'n>(&'n self, visit: &mut dyn FnMut(&'n Self, usize)) {
        let mut beside = |child| visit(child, 0);
        match &self.kind {
            NodeKind::Constant(_) | NodeKind::Present(_) | NodeKind::Fails(_) => {}
            NodeKind::Read(attribute) => attribute.children(&mut beside),
            NodeKind::Has { operand, .. } | NodeKind::Unary { operand, .. } => beside(operand),
            NodeKind::Matches { subject, .. } => beside(subject),
            NodeKind::Binary { operands, .. } => operands.iter().for_each(beside),
            NodeKind::Conditional { operands } => operands.iter().for_each(beside),
            NodeKind::Logic { terms: nodes, .. }
            | NodeKind::List(nodes)
            | NodeKind::Call { arguments: nodes, .. } => nodes.iter().for_each(beside),
            NodeKind::Map(entries) => entries.iter().flat_map(|(key, value)| [key, value]).for_each(beside),
            NodeKind::Comprehension(comprehension) => {
                beside(&comprehension.range);
                comprehension.fold.nodes().for_each(|node| visit(node, 1));
            }
        }
    }
}

impl Root {
    /// What errors call it.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Variable { name, .. } => name,
            Self::Local(_) | Self::Node(_) => "an element",
        }
    }
}

impl Step {
    /// What errors call it.
    pub(crate) fn name(&self) -> &str {
        match &self.kind {
            StepKind::Field(name) => name,
            StepKind::Index(_) => "an element",
        }
    }
}

impl Attribute {
    pub(crate) fn children<'n>(&'n self, visit: &mut dyn FnMut(&'n Node)) {
        if let Root::Node(node) = &self.root {
            visit(node);
        }
        for step in &self.steps {
            if let StepKind::Index(index) = &step.kind {
                visit(index);
            }
        }
    }
}
