//! Calls of functions.

use super::macros::Macro;
use super::names::Chain;
use super::{Compiler, nearest::nearest};
use crate::ast::Expr;
use crate::error::{CompileErrorKind, EvaluationErrorKind, Style};
use crate::functions::Overloaded;
use crate::node::NodeKind;
use crate::value::evidence;

/// A call as it is written.
pub(super) struct Call {
    pub(super) offset: usize,
    pub(super) target: Option<Box<Expr>>,
    pub(super) name: String,
    pub(super) absolute: bool,
    pub(super) arguments: Vec<Expr>,
}

impl Call {
    const fn style(&self) -> Style {
        if self.target.is_some() { Style::Member } else { Style::Global }
    }
}

impl Compiler<'_> {
    pub(super) fn call(&mut self, mut call: Call) -> NodeKind {
        if let Some(of) = Macro::of(&call) {
            return self.expanded(of, call);
        }
        self.take_namespace(&mut call);
        let style = call.style();
        let function = self.function(&call.name, call.absolute, style);
        let written = call.arguments.len();
        let values = call.target.take().map(|target| *target).into_iter().chain(call.arguments);
        let arguments: Vec<_> = values.map(|value| self.node(value)).collect();
        match function {
            Some(function) if function.takes(arguments.len()) => NodeKind::Call { function, arguments },
            _ => self.not_callable(call.offset, call.name, style, function, written),
        }
    }

    fn function(&self, name: &str, absolute: bool, style: Style) -> Option<&'static Overloaded> {
        if absolute || style == Style::Member {
            return self.environment.function(name, style);
        }
        let mut names = self.environment.candidates(name);
        names.find_map(|name| self.environment.function(&name, style))
    }

    /// What stands before the name may be no value, but a namespace: `math.abs(x)`.
    fn take_namespace(&self, call: &mut Call) {
        let Some(chain) = call.target.as_deref().and_then(Chain::of) else { return };
        if self.local(&chain).is_some() {
            return;
        }
        let name = format!("{}.{}", chain.dotted(chain.names.len()), call.name);
        if self.function(&name, chain.absolute, Style::Global).is_some() {
            *call = Call {
                offset: call.offset,
                target: None,
                name,
                absolute: chain.absolute,
                arguments: std::mem::take(&mut call.arguments),
            };
        }
    }

    fn not_callable(
        &mut self,
        offset: usize,
        name: String,
        style: Style,
        function: Option<&Overloaded>,
        found: usize,
    ) -> NodeKind {
        let later = EvaluationErrorKind::NoSuchFunction(evidence(&name));
        let kind = match function {
            None => {
                let known = self.environment.function_names(style).chain(Macro::names(style));
                CompileErrorKind::UnknownFunction { nearest_known: nearest(&name, known), name, style }
            }
            Some(function) => CompileErrorKind::Arity { name, expected: arities(function), found },
        };
        self.undeclared(offset, kind, later)
    }
}

/// The numbers of arguments between the parentheses: `1 or 2`.
fn arities(function: &Overloaded) -> String {
    let target = usize::from(function.function.style == Style::Member);
    let mut arities: Vec<_> = function.signatures.iter().map(|it| it.arguments.len() - target).collect();
    arities.sort_unstable();
    arities.dedup();
    arities.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}
