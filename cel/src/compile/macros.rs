//! Macros: calls whose arguments are not evaluated as they stand.

use super::Compiler;
use super::calls::Call;
use super::fold::folded;
use crate::ast::{Expr, ExprKind};
use crate::error::{CompileErrorKind, Style};
use crate::node::{Attribute, Comprehension, Fold, Node, NodeKind, Step, StepKind};

#[derive(Clone, Copy)]
pub(super) struct Macro {
    name: &'static str,
    style: Style,
    expands: Expands,
    usage: &'static str,
}

#[derive(Clone, Copy)]
enum Expands {
    Has,
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
}

const fn over_elements(name: &'static str, expands: Expands, usage: &'static str) -> Macro {
    Macro { name, style: Style::Member, expands, usage }
}

const MACROS: [Macro; 7] = [
    Macro { name: "has", style: Style::Global, expands: Expands::Has, usage: "has(x.field)" },
    over_elements("all", Expands::All, "list.all(x, condition)"),
    over_elements("exists", Expands::Exists, "list.exists(x, condition)"),
    over_elements("exists_one", Expands::ExistsOne, "list.exists_one(x, condition)"),
    over_elements("existsOne", Expands::ExistsOne, "list.existsOne(x, condition)"),
    over_elements("map", Expands::Map, "list.map(x, value) or list.map(x, condition, value)"),
    over_elements("filter", Expands::Filter, "list.filter(x, condition)"),
];

impl Macro {
    /// The macro that a call is a use of.
    pub(super) fn of(call: &Call) -> Option<Self> {
        let named = |it: &Self| it.name == call.name && it.style == call.style() && !call.absolute;
        MACROS.into_iter().find(named)
    }

    pub(super) fn names(style: Style) -> impl Iterator<Item = &'static str> {
        MACROS.into_iter().filter(move |it| it.style == style).map(|it| it.name)
    }

    const fn misused(self) -> CompileErrorKind {
        CompileErrorKind::Macro { name: self.name, expected: self.usage }
    }
}

impl Compiler<'_> {
    pub(super) fn expanded(&mut self, of: Macro, call: Call) -> NodeKind {
        let Call { offset, target, arguments, .. } = call;
        let expanded = match (target, of.expands) {
            (None, _) => self.has(arguments),
            (Some(range), expands) => self.comprehension(expands, *range, arguments),
        };
        expanded.unwrap_or_else(|| self.error(offset, of.misused()))
    }

    fn has(&mut self, arguments: Vec<Expr>) -> Option<NodeKind> {
        let [argument] = <[Expr; 1]>::try_from(arguments).ok()?;
        let ExprKind::Select { operand, field } = argument.kind else { return None };
        let place = operand.offset;
        Some(match self.select(argument.offset, *operand, field) {
            NodeKind::Read(attribute) => tested(place, attribute),
            undeclared => undeclared,
        })
    }

    fn comprehension(&mut self, expands: Expands, range: Expr, mut arguments: Vec<Expr>) -> Option<NodeKind> {
        let wanted = if matches!(expands, Expands::Map) { 2..=3 } else { 2..=2 };
        if !wanted.contains(&arguments.len()) {
            return None;
        }
        let ExprKind::Name { name, absolute: false } = arguments.remove(0).kind else { return None };
        let range = self.node(range);
        self.locals.push(name);
        let bodies = self.nodes(arguments);
        self.locals.pop();
        let fold = fold(expands, bodies)?;
        Some(NodeKind::Comprehension(Box::new(Comprehension { range, fold })))
    }
}

/// The question whether there is what the attribute would read.
fn tested(operand_offset: usize, mut attribute: Attribute) -> NodeKind {
    match attribute.steps.pop() {
        Some(Step { kind: StepKind::Field(field), .. }) => {
            let operand = Node { offset: operand_offset, kind: NodeKind::Read(attribute) };
            NodeKind::Has { operand: Box::new(folded(operand)), field }
        }
        _ => NodeKind::Present(attribute),
    }
}

fn fold(expands: Expands, bodies: Vec<Node>) -> Option<Fold> {
    let mut bodies = bodies.into_iter();
    let first = bodies.next()?;
    Some(match (expands, bodies.next()) {
        (Expands::All, _) => Fold::All(first),
        (Expands::Exists, _) => Fold::Exists(first),
        (Expands::ExistsOne, _) => Fold::ExistsOne(first),
        (Expands::Filter, _) => Fold::Filter(first),
        (Expands::Map, None) => Fold::Map { filter: None, transform: first },
        (Expands::Map, Some(transform)) => Fold::Map { filter: Some(first), transform },
        (Expands::Has, _) => return None,
    })
}
