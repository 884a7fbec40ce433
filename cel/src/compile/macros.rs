//! Macros: calls whose arguments are not evaluated as they stand.

use super::Compiler;
use super::calls::Call;
use crate::ast::{Element, Expr, ExprKind, Literal};
use crate::error::{CompileErrorKind, Style};
use crate::node::{Attribute, Comprehension, Fold, Node, NodeKind, Step, StepKind, Transform};

#[derive(Clone, Copy)]
pub(super) struct Macro {
    /// With its namespace: `cel.bind`.
    name: &'static str,
    on: On,
    expands: Expands,
    usage: &'static str,
}

/// What stands before the macro's name.
#[derive(Clone, Copy, PartialEq)]
enum On {
    Nothing,
    Value,
    Namespace(&'static str),
}

#[derive(Clone, Copy)]
enum Expands {
    Has,
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
    TransformList,
    TransformMap,
    TransformMapEntry,
    SortBy,
    Bind,
    OptionalMap {
        flat: bool,
    },
    /// The function that takes one or two numbers, or a list of them.
    Extreme(&'static str),
}

const fn on_value(name: &'static str, expands: Expands, usage: &'static str) -> Macro {
    Macro { name, on: On::Value, expands, usage }
}

const fn in_namespace(
    namespace: &'static str,
    name: &'static str,
    expands: Expands,
    usage: &'static str,
) -> Macro {
    Macro { name, on: On::Namespace(namespace), expands, usage }
}

static MACROS: [Macro; 16] = [
    Macro { name: "has", on: On::Nothing, expands: Expands::Has, usage: "has(x.field)" },
    on_value("all", Expands::All, "list.all(x, condition) or list.all(i, x, condition)"),
    on_value("exists", Expands::Exists, "list.exists(x, condition) or list.exists(i, x, condition)"),
    on_value("exists_one", Expands::ExistsOne, "list.exists_one(x, condition)"),
    on_value(
        "existsOne",
        Expands::ExistsOne,
        "list.existsOne(x, condition) or list.existsOne(i, x, condition)",
    ),
    on_value("map", Expands::Map, "list.map(x, value) or list.map(x, condition, value)"),
    on_value("filter", Expands::Filter, "list.filter(x, condition)"),
    on_value(
        "transformList",
        Expands::TransformList,
        "list.transformList(i, x, value) or list.transformList(i, x, condition, value)",
    ),
    on_value(
        "transformMap",
        Expands::TransformMap,
        "map.transformMap(k, v, value) or map.transformMap(k, v, condition, value)",
    ),
    on_value(
        "transformMapEntry",
        Expands::TransformMapEntry,
        "map.transformMapEntry(k, v, {key: value}) or map.transformMapEntry(k, v, condition, {key: value})",
    ),
    on_value("sortBy", Expands::SortBy, "list.sortBy(x, key)"),
    on_value("optMap", Expands::OptionalMap { flat: false }, "optional.optMap(x, value)"),
    on_value("optFlatMap", Expands::OptionalMap { flat: true }, "optional.optFlatMap(x, optional)"),
    in_namespace("cel", "cel.bind", Expands::Bind, "cel.bind(x, value, expression)"),
    in_namespace("math", "math.greatest", Expands::Extreme("math.@max"), "math.greatest(number, ...)"),
    in_namespace("math", "math.least", Expands::Extreme("math.@min"), "math.least(number, ...)"),
];

impl Macro {
    /// The macro that a call is a use of.
    pub(super) fn of(call: &Call) -> Option<Self> {
        let is = |it: &Self| match (&call.target, it.on) {
            (None, On::Nothing) => !call.absolute && it.name == call.name,
            (Some(_), On::Value) => it.name == call.name,
            (Some(target), On::Namespace(namespace)) => {
                let name = it.name.strip_prefix(namespace).and_then(|rest| rest.strip_prefix('.'));
                name == Some(&call.name) && is_name(target, namespace)
            }
            _ => false,
        };
        MACROS.iter().find(|it| is(it)).copied()
    }

    /// What a call in that style may have meant.
    pub(super) fn names(style: Style) -> impl Iterator<Item = &'static str> {
        MACROS
            .into_iter()
            .filter(move |it| (it.on == On::Value) == (style == Style::Member))
            .map(|it| it.name)
    }

    const fn misused(self) -> CompileErrorKind {
        CompileErrorKind::Macro { name: self.name, expected: self.usage }
    }
}

fn is_name(expr: &Expr, wanted: &str) -> bool {
    matches!(&expr.kind, ExprKind::Name { name, absolute: false } if name == wanted)
}

impl Compiler<'_> {
    /// Each macro apart, so that one inside another takes no more of the stack than it needs.
    #[inline(never)]
    pub(super) fn expanded(&mut self, of: Macro, call: Call) -> NodeKind {
        let Call { offset, target, arguments, .. } = call;
        let expanded = match (target, of.expands) {
            (Some(_), Expands::Bind) => self.bind(arguments),
            (Some(_), Expands::Extreme(function)) => self.extreme(offset, function, arguments),
            (Some(operand), Expands::OptionalMap { flat }) => self.optional_map(*operand, arguments, flat),
            (Some(range), expands) => self.comprehension(expands, *range, arguments),
            (None, _) => self.has(arguments),
        };
        expanded.unwrap_or_else(|| self.error(offset, of.misused()))
    }

    #[inline(never)]
    fn has(&mut self, arguments: Vec<Expr>) -> Option<NodeKind> {
        let [argument] = <[Expr; 1]>::try_from(arguments).ok()?;
        let ExprKind::Select { operand, field, optional: false } = argument.kind else { return None };
        let place = operand.offset;
        Some(match self.select(argument.offset, *operand, field, false) {
            NodeKind::Read(attribute) => tested(place, attribute),
            undeclared => undeclared,
        })
    }

    #[inline(never)]
    fn bind(&mut self, arguments: Vec<Expr>) -> Option<NodeKind> {
        let [name, value, body] = <[Expr; 3]>::try_from(arguments).ok()?;
        let name = variable(name)?;
        let value = self.node(value);
        let body = self.inside(vec![name], body);
        Some(NodeKind::Bind(Box::new([value, body])))
    }

    #[inline(never)]
    fn optional_map(&mut self, operand: Expr, arguments: Vec<Expr>, flat: bool) -> Option<NodeKind> {
        let [name, body] = <[Expr; 2]>::try_from(arguments).ok()?;
        let name = variable(name)?;
        let operand = self.node(operand);
        let body = self.inside(vec![name], body);
        Some(NodeKind::OptionalMap { operands: Box::new([operand, body]), flat })
    }

    fn extreme(&mut self, offset: usize, function: &str, arguments: Vec<Expr>) -> Option<NodeKind> {
        let call = extreme(offset, function, arguments)?;
        let function = self.environment.function(function, Style::Global)?;
        Some(self.call_of(function, call))
    }

    #[inline(never)]
    fn comprehension(&mut self, expands: Expands, range: Expr, arguments: Vec<Expr>) -> Option<NodeKind> {
        let (names, bodies) = expands.split(arguments)?;
        let range = self.node(range);
        let two = names.len() == 2;
        self.locals.push(names);
        let bodies = bodies.into_iter().map(|body| self.node(body)).collect();
        self.locals.pop();
        Some(NodeKind::Comprehension(Box::new(Comprehension { range, two, fold: expands.fold(bodies)? })))
    }

    /// A node that sees one macro's variables more.
    fn inside(&mut self, names: Vec<String>, body: Expr) -> Node {
        self.locals.push(names);
        let body = self.node(body);
        self.locals.pop();
        body
    }
}

/// The call of the function that the macro is; more than two numbers are given to it as a list.
fn extreme(offset: usize, function: &str, mut arguments: Vec<Expr>) -> Option<Call> {
    let are_numbers = match arguments.as_slice() {
        [Expr { kind: ExprKind::List(elements), .. }] => {
            !elements.is_empty() && elements.iter().all(|element| may_be_number(&element.value))
        }
        numbers => !numbers.is_empty() && numbers.iter().all(may_be_number),
    };
    if !are_numbers {
        return None;
    }
    if arguments.len() > 2 {
        let depth = arguments.iter().map(|argument| argument.depth).max().unwrap_or(0) + 1;
        let element = |value| Element { value, optional: false };
        let kind = ExprKind::List(arguments.into_iter().map(element).collect());
        arguments = vec![Expr { offset, depth, kind }];
    }
    Some(Call { offset, target: None, name: function.to_owned(), absolute: true, arguments })
}

/// Whether it is no literal that is something else.
const fn may_be_number(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Literal(literal) => {
            matches!(literal, Literal::Int(_) | Literal::Uint(_) | Literal::Double(_))
        }
        kind => !matches!(kind, ExprKind::List(_) | ExprKind::Map(_)),
    }
}

fn variable(expr: Expr) -> Option<String> {
    if let ExprKind::Name { name, absolute: false } = expr.kind { Some(name) } else { None }
}

impl Expands {
    /// How many variables the macro has, and how many arguments behind them.
    fn takes(self, variables: usize, bodies: usize) -> bool {
        match self {
            Self::All | Self::Exists | Self::ExistsOne => variables <= 2 && bodies == 1,
            Self::Filter | Self::SortBy => variables == 1 && bodies == 1,
            Self::Map => variables == 1 && matches!(bodies, 1 | 2),
            _ => variables == 2 && matches!(bodies, 1 | 2),
        }
    }

    /// The names of the variables, and the other arguments.
    fn split(self, arguments: Vec<Expr>) -> Option<(Vec<String>, Vec<Expr>)> {
        let total = arguments.len();
        let variables = [1, 2].into_iter().find(|of| total > *of && self.takes(*of, total - of))?;
        let mut arguments = arguments.into_iter();
        let names: Vec<_> = arguments.by_ref().take(variables).map(variable).collect::<Option<_>>()?;
        let differ = names.first() != names.get(1);
        differ.then(|| (names, arguments.collect()))
    }

    fn fold(self, bodies: Vec<Node>) -> Option<Fold> {
        let mut bodies = bodies.into_iter();
        let first = bodies.next()?;
        let transform = |first, second| match second {
            None => Transform { filter: None, value: first },
            Some(value) => Transform { filter: Some(first), value },
        };
        Some(match self {
            Self::All => Fold::All(first),
            Self::Exists => Fold::Exists(first),
            Self::ExistsOne => Fold::ExistsOne(first),
            Self::Filter => Fold::Filter(first),
            Self::SortBy => Fold::SortBy(first),
            Self::Map | Self::TransformList => Fold::Map(transform(first, bodies.next())),
            Self::TransformMap => Fold::TransformMap(transform(first, bodies.next())),
            Self::TransformMapEntry => Fold::TransformMapEntry(transform(first, bodies.next())),
            Self::Has | Self::Bind | Self::OptionalMap { .. } | Self::Extreme(_) => return None,
        })
    }
}

/// The question whether there is what the attribute would read.
fn tested(operand_offset: usize, mut attribute: Attribute) -> NodeKind {
    match attribute.steps.pop() {
        Some(Step { kind: StepKind::Field(field), .. }) => {
            let operand = Node { offset: operand_offset, kind: NodeKind::Read(attribute) };
            NodeKind::Has { operand: Box::new(operand), field }
        }
        _ => NodeKind::Present(attribute),
    }
}
