//! From the tree to a program: names become slots, macros loops, constants values.

mod calls;
mod macros;
mod names;
mod nearest;
mod prepare;
mod reads;
#[cfg(test)]
mod tests;

use crate::ast::{self, Expr, ExprKind, Literal};
use crate::check::{self, Checked};
use crate::environment::{Environment, Undeclared};
use crate::error::{CompileError, CompileErrorKind, CompileErrors, EvaluationErrorKind};
use crate::node::{Attribute, Element, Entry, Node, NodeKind, Root, Step, StepKind};
use crate::parser;
use crate::position::Position;
use crate::program::Program;
use crate::regex::MACHINE_LIMIT;
use crate::static_type::StaticType;
use crate::value::{Held, Key, Value};
use calls::Call;

pub(crate) use nearest::nearest;

/// More errors than a reader wants are not noted.
pub(crate) const MAX_ERRORS: usize = 100;

pub(crate) fn parse(source: &str) -> Result<Expr, CompileErrors> {
    parser::parse(source).map_err(|error| CompileErrors(vec![error]))
}

pub(crate) fn compile(environment: &Environment, source: &str) -> Result<Program, CompileErrors> {
    let expr = parse(source)?;
    let mut compiler = Compiler {
        environment,
        source,
        locals: Vec::new(),
        errors: Vec::new(),
        machines: MACHINE_LIMIT,
        folding: prepare::STEPS,
        copies: prepare::COPIES,
    };
    let mut root = compiler.node(expr);
    let result = compiler.check(&mut root);
    compiler.prepare(&mut root);
    let mut errors = compiler.errors;
    if errors.is_empty() {
        let reads = reads::reads(&root, source);
        return Ok(Program { source: source.to_owned(), root, reads, result });
    }
    errors.sort_by_key(|error| error.position);
    Err(CompileErrors(errors))
}

struct Compiler<'c> {
    environment: &'c Environment,
    source: &'c str,
    /// The variables of the macros around, the innermost last.
    locals: Vec<Vec<String>>,
    errors: Vec<CompileError>,
    /// Bytes that the machines of further patterns may have.
    machines: usize,
    /// Steps that computing further constants may take.
    folding: u64,
    /// Bytes that further copies of steps may have.
    copies: usize,
}

impl Compiler<'_> {
    /// Notes an error. The node is only there so that the rest is looked at too.
    fn error(&mut self, offset: usize, kind: CompileErrorKind) -> NodeKind {
        if self.errors.len() < MAX_ERRORS {
            let position = Position::in_source(self.source, offset);
            self.errors.push(CompileError { position, kind });
        }
        // Whatever it would be, it is not looked at further.
        NodeKind::Fails(EvaluationErrorKind::NoSuchFunction(String::new()))
    }

    /// The type of what the expression comes to; `dyn` where nobody checks.
    fn check(&mut self, root: &mut Node) -> StaticType {
        if self.environment.undeclared == Undeclared::FailsToEvaluate {
            return StaticType::Dyn;
        }
        let Checked { result, errors } = check::check(self.environment, root);
        for (offset, kind) in errors {
            self.error(offset, kind);
        }
        result
    }

    /// A name that is not known: an error now, or in the evaluation that gets there.
    fn undeclared(&mut self, offset: usize, kind: CompileErrorKind, later: EvaluationErrorKind) -> NodeKind {
        match self.environment.undeclared {
            Undeclared::FailsToCompile => self.error(offset, kind),
            Undeclared::FailsToEvaluate => NodeKind::Fails(later),
        }
    }

    /// What is written as an index and can be none is a mistake, reached or not, as in cel-go.
    fn must_be_a_key(&mut self, index: &Node) {
        let NodeKind::Constant(value) = &index.kind else { return };
        if !Key::can_find(value) {
            self.error(index.offset, CompileErrorKind::Key(value.type_of().name()));
        }
    }

    /// Only tells kinds apart: what it takes of the stack is taken for each expression inside another.
    fn node(&mut self, expr: Expr) -> Node {
        let Expr { offset, kind, depth: _ } = expr;
        let kind = match kind {
            ExprKind::Literal(literal) => NodeKind::Constant(constant(literal)),
            ExprKind::Name { name, absolute } => self.name(offset, name, absolute),
            ExprKind::Select { operand, field, optional } => self.select(offset, *operand, field, optional),
            ExprKind::Index { operand, index, optional } => self.index(offset, *operand, *index, optional),
            ExprKind::Call { target, name, absolute, arguments } => {
                self.call(Call { offset, target, name, absolute, arguments })
            }
            ExprKind::Unary { operator, operand } => {
                NodeKind::Unary { operator, operand: Box::new(self.node(*operand)) }
            }
            ExprKind::Binary { operator, operands } => {
                NodeKind::Binary { operator, operands: Box::new(operands.map(|operand| self.node(*operand))) }
            }
            ExprKind::Logic { operator, terms } => {
                NodeKind::Logic { operator, terms: terms.into_iter().map(|term| self.node(term)).collect() }
            }
            ExprKind::Conditional { operands } => {
                NodeKind::Conditional { operands: Box::new(operands.map(|operand| self.node(*operand))) }
            }
            ExprKind::List(elements) => self.list(elements),
            ExprKind::Map(entries) => self.map(entries),
        };
        Node { offset, kind }
    }

    fn index(&mut self, offset: usize, operand: Expr, index: Expr, optional: bool) -> NodeKind {
        let (operand, index) = (self.node(operand), self.node(index));
        self.must_be_a_key(&index);
        step(operand, Step { offset, optional, kind: StepKind::Index(index) })
    }

    fn list(&mut self, elements: Vec<ast::Element>) -> NodeKind {
        let element = |ast::Element { value, optional }| Element { value: self.node(value), optional };
        NodeKind::List(elements.into_iter().map(element).collect())
    }

    fn map(&mut self, entries: Vec<ast::Entry>) -> NodeKind {
        let entry = |ast::Entry { key, value, optional }| Entry {
            key: self.node(key),
            value: self.node(value),
            optional,
        };
        NodeKind::Map(entries.into_iter().map(entry).collect())
    }
}

/// The operand with one more step behind it.
fn step(operand: Node, step: Step) -> NodeKind {
    let mut attribute = match operand.kind {
        NodeKind::Read(attribute) => attribute,
        _ => Attribute { root: Root::Node(Box::new(operand)), steps: Vec::new() },
    };
    attribute.steps.push(step);
    NodeKind::Read(attribute)
}

fn constant(literal: Literal) -> Value<'static> {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(value) => Value::Bool(value),
        Literal::Int(value) => Value::Int(value),
        Literal::Uint(value) => Value::Uint(value),
        Literal::Double(value) => Value::Double(value),
        Literal::String(text) => Value::from(text),
        Literal::Bytes(bytes) => Value::Bytes(Held::from(bytes)),
    }
}
