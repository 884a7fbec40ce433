//! What a program consists of: the tree with its names resolved.

use crate::ast::{Binary, Logic, Unary};
use crate::error::EvaluationErrorKind;
use crate::functions::{self, Overloaded};
use crate::regex::Regex;
use crate::value::Value;

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
    List(Vec<Element>),
    Map(Vec<Entry>),
    Call {
        function: &'static Overloaded,
        arguments: Vec<Node>,
    },
    /// A call of a function that the environment declares, by its number there; nothing says what it does.
    Declared {
        function: usize,
        name: String,
        arguments: Vec<Node>,
    },
    /// `subject.matches(pattern)` with a constant pattern.
    Matches {
        subject: Box<Node>,
        pattern: Regex,
    },
    /// Another function of a constant pattern.
    Search(Box<Search>),
    Comprehension(Box<Comprehension>),
    /// `cel.bind(local, value, body)`: the value, and the body that knows it as a local.
    Bind(Box<[Node; 2]>),
    /// `optional.optMap(local, body)`; with `flat` the body is optional itself.
    OptionalMap {
        operands: Box<[Node; 2]>,
        flat: bool,
    },
    /// `one.or(other)`; with `value`, `one.orValue(other)`. The other is evaluated only where it is needed.
    OptionalOr {
        operands: Box<[Node; 2]>,
        value: bool,
    },
    /// A name or a function that is not declared, where that is found out by whoever gets here.
    Fails(EvaluationErrorKind),
}

/// An element of a list; with `optional`, the value of an optional if it has one.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) value: Node,
    pub(crate) optional: bool,
}

/// An entry of a map; with `optional`, only if the optional has a value.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: Node,
    pub(crate) value: Node,
    pub(crate) optional: bool,
}

/// A call of a function whose second argument is a pattern.
#[derive(Debug)]
pub(crate) struct Search {
    pub(crate) function: &'static str,
    pub(crate) search: functions::Search,
    pub(crate) pattern: Regex,
    /// The other arguments.
    pub(crate) arguments: Vec<Node>,
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
    /// A variable of a macro around it.
    Local(Local),
    Node(Box<Node>),
}

/// Which variable: by how many macros with variables lie between, and whether it is the second of its macro.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Local {
    pub(crate) outwards: usize,
    pub(crate) second: bool,
}

#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) offset: usize,
    /// Whether it makes what it finds, or does not find, optional.
    pub(crate) optional: bool,
    pub(crate) kind: StepKind,
}

#[derive(Debug)]
pub(crate) enum StepKind {
    Field(String),
    Index(Node),
}

/// A macro over the elements of a list or the entries of a map.
#[derive(Debug)]
pub(crate) struct Comprehension {
    pub(crate) range: Node,
    /// Whether there are two variables: index and element, or key and value. Else: element, or key.
    pub(crate) two: bool,
    pub(crate) fold: Fold,
}

/// What is made of the elements, which the nodes know as locals.
#[derive(Debug)]
pub(crate) enum Fold {
    All(Node),
    Exists(Node),
    ExistsOne(Node),
    Filter(Node),
    /// `map`, `transformList`
    Map(Transform),
    /// A map with the range's keys, or indices, and new values.
    TransformMap(Transform),
    /// A map of the entries of the maps that the transformation makes.
    TransformMapEntry(Transform),
    /// The elements, in the order of what the node makes of them.
    SortBy(Node),
}

/// What is made of each element for which the filter holds.
#[derive(Debug)]
pub(crate) struct Transform {
    pub(crate) filter: Option<Node>,
    pub(crate) value: Node,
}

impl Fold {
    /// The nodes that are evaluated for each element.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Node> {
        let (one, two) = match self {
            Self::All(node)
            | Self::Exists(node)
            | Self::ExistsOne(node)
            | Self::Filter(node)
            | Self::SortBy(node) => (None, node),
            Self::Map(transform) | Self::TransformMap(transform) | Self::TransformMapEntry(transform) => {
                (transform.filter.as_ref(), &transform.value)
            }
        };
        one.into_iter().chain([two])
    }

    pub(crate) fn nodes_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        let (one, two) = match self {
            Self::All(node)
            | Self::Exists(node)
            | Self::ExistsOne(node)
            | Self::Filter(node)
            | Self::SortBy(node) => (None, node),
            Self::Map(transform) | Self::TransformMap(transform) | Self::TransformMapEntry(transform) => {
                (transform.filter.as_mut(), &mut transform.value)
            }
        };
        one.into_iter().chain([two])
    }
}

impl Node {
    /// Shows each child to `visit`, with how many locals it sees more than this node: 1 inside a macro.
    pub(crate) fn children<'n>(&'n self, visit: &mut dyn FnMut(&'n Self, usize)) {
        let mut beside = |child| visit(child, 0);
        match &self.kind {
            NodeKind::Constant(_) | NodeKind::Present(_) | NodeKind::Fails(_) => {}
            NodeKind::Read(attribute) => attribute.children(&mut beside),
            NodeKind::Has { operand, .. } | NodeKind::Unary { operand, .. } => beside(operand),
            NodeKind::Matches { subject, .. } => beside(subject),
            NodeKind::Search(search) => search.arguments.iter().for_each(beside),
            NodeKind::Binary { operands, .. } | NodeKind::OptionalOr { operands, .. } => {
                operands.iter().for_each(beside);
            }
            NodeKind::Conditional { operands } => operands.iter().for_each(beside),
            NodeKind::Logic { terms: nodes, .. }
            | NodeKind::Call { arguments: nodes, .. }
            | NodeKind::Declared { arguments: nodes, .. } => {
                nodes.iter().for_each(beside);
            }
            NodeKind::List(elements) => elements.iter().for_each(|element| beside(&element.value)),
            NodeKind::Map(entries) => {
                entries.iter().flat_map(|entry| [&entry.key, &entry.value]).for_each(beside);
            }
            NodeKind::Comprehension(comprehension) => {
                beside(&comprehension.range);
                comprehension.fold.nodes().for_each(|node| visit(node, 1));
            }
            NodeKind::Bind(operands) | NodeKind::OptionalMap { operands, .. } => {
                beside(&operands[0]);
                visit(&operands[1], 1);
            }
        }
    }

    /// Shows each child to `visit`, to be changed.
    pub(crate) fn children_mut(&mut self, visit: &mut dyn FnMut(&mut Self)) {
        match &mut self.kind {
            NodeKind::Constant(_) | NodeKind::Present(_) | NodeKind::Fails(_) => {}
            NodeKind::Read(attribute) => attribute.children_mut(visit),
            NodeKind::Has { operand, .. } | NodeKind::Unary { operand, .. } => visit(operand),
            NodeKind::Matches { subject, .. } => visit(subject),
            NodeKind::Search(search) => search.arguments.iter_mut().for_each(visit),
            NodeKind::Binary { operands, .. }
            | NodeKind::OptionalOr { operands, .. }
            | NodeKind::Bind(operands)
            | NodeKind::OptionalMap { operands, .. } => operands.iter_mut().for_each(visit),
            NodeKind::Conditional { operands } => operands.iter_mut().for_each(visit),
            NodeKind::Logic { terms: nodes, .. }
            | NodeKind::Call { arguments: nodes, .. }
            | NodeKind::Declared { arguments: nodes, .. } => {
                nodes.iter_mut().for_each(visit);
            }
            NodeKind::List(elements) => elements.iter_mut().for_each(|element| visit(&mut element.value)),
            NodeKind::Map(entries) => {
                entries.iter_mut().flat_map(|entry| [&mut entry.key, &mut entry.value]).for_each(visit);
            }
            NodeKind::Comprehension(comprehension) => {
                visit(&mut comprehension.range);
                comprehension.fold.nodes_mut().for_each(visit);
            }
        }
    }
}

impl Step {
    /// The same step, if nothing has to be evaluated for it.
    pub(crate) fn copied(&self) -> Option<Self> {
        let kind = match &self.kind {
            StepKind::Field(name) => StepKind::Field(name.clone()),
            StepKind::Index(Node { offset, kind: NodeKind::Constant(value) }) => {
                StepKind::Index(Node { offset: *offset, kind: NodeKind::Constant(value.clone()) })
            }
            StepKind::Index(_) => return None,
        };
        Some(Self { offset: self.offset, optional: self.optional, kind })
    }

    /// The field that it selects, unless it may make an optional of it.
    pub(crate) fn field(&self) -> Option<&str> {
        match &self.kind {
            StepKind::Field(name) if !self.optional => Some(name),
            _ => None,
        }
    }

    /// What errors call it.
    pub(crate) fn name(&self) -> &str {
        match &self.kind {
            StepKind::Field(name) => name,
            StepKind::Index(_) => "an element",
        }
    }
}

impl Attribute {
    pub(crate) fn children_mut(&mut self, visit: &mut dyn FnMut(&mut Node)) {
        if let Root::Node(node) = &mut self.root {
            visit(node);
        }
        for step in &mut self.steps {
            if let StepKind::Index(index) = &mut step.kind {
                visit(index);
            }
        }
    }

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
