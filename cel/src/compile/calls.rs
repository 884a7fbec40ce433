//! Calls of functions.

use super::macros::Macro;
use super::{Compiler, nearest::nearest};
use crate::ast::Expr;
use crate::error::{CompileErrorKind, EvaluationErrorKind, Style};
use crate::functions::{self, Function};
use crate::node::{Node, NodeKind};
use crate::value::{Value, evidence};

/// A call as it is written.
pub(super) struct Call {
    pub(super) offset: usize,
    pub(super) target: Option<Box<Expr>>,
    pub(super) name: String,
    pub(super) absolute: bool,
    pub(super) arguments: Vec<Expr>,
}

impl Call {
    pub(super) const fn style(&self) -> Style {
        if self.target.is_some() { Style::Member } else { Style::Global }
    }
}

impl Compiler<'_> {
    pub(super) fn call(&mut self, mut call: Call) -> NodeKind {
        if let Some(of) = Macro::of(&call) {
            return self.expanded(of, call);
        }
        let named = self.named(&call);
        let written = std::mem::take(&mut call.arguments);
        let style = call.style();
        let found = written.len();
        let arguments =
            self.nodes(call.target.take().map(|target| *target).into_iter().chain(written).collect());
        match named.iter().find(|function| function.arity == arguments.len()) {
            Some(function) => self.prepared(function, arguments),
            None => self.not_callable(call, style, &named, found),
        }
    }

    /// The functions of that name and style, one for each number of arguments.
    fn named(&self, call: &Call) -> Vec<&'static Function> {
        let names = match call.target {
            None if !call.absolute => self.environment.candidates(&call.name),
            _ => vec![call.name.clone()],
        };
        let style = call.style();
        let known =
            |function: &&Function| function.style == style && names.iter().any(|n| n == function.name);
        self.environment.functions().filter(known).collect()
    }

    /// The call, with what can be made of constant arguments made now.
    fn prepared(&mut self, function: &'static Function, mut arguments: Vec<Node>) -> NodeKind {
        if let (functions::MATCHES, [_, pattern]) = (function.name, arguments.as_slice())
            && let NodeKind::Constant(Value::String(text)) = &pattern.kind
        {
            return match functions::prepare(text, functions::MACHINE_LIMIT) {
                Ok(pattern) => NodeKind::Matches { subject: Box::new(arguments.swap_remove(0)), pattern },
                Err(error) => self.error(pattern.offset, CompileErrorKind::Regex(error.to_string())),
            };
        }
        NodeKind::Call { function, arguments }
    }

    fn not_callable(&mut self, call: Call, style: Style, named: &[&Function], found: usize) -> NodeKind {
        let Call { offset, name, .. } = call;
        let later = EvaluationErrorKind::NoSuchFunction(evidence(&name));
        let kind = if named.is_empty() {
            let known = self.environment.functions().filter(|function| function.style == style);
            let known = known.map(|function| function.name).chain(Macro::names(style));
            CompileErrorKind::UnknownFunction { nearest_known: nearest(&name, known), name, style }
        } else {
            let arities: Vec<_> = named.iter().map(|function| function.written_arity().to_string()).collect();
            CompileErrorKind::Arity { name, expected: arities.join(" or "), found }
        };
        self.undeclared(offset, kind, later)
    }
}
