//! Calls of functions.

mod unknown;

use super::Compiler;
use super::macros::Macro;
use super::names::Chain;
use crate::ast::Expr;
use crate::environment::Known;
use crate::error::{CompileErrorKind, EvaluationErrorKind, Style};
use crate::functions::Signature;
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

impl<'c> Compiler<'c> {
    pub(super) fn call(&mut self, mut call: Call) -> NodeKind {
        if let Some(of) = Macro::of(&call) {
            return self.expanded(of, call);
        }
        self.take_namespace(&mut call);
        match self.function(&call.name, call.absolute, call.style()) {
            Some(function) => self.call_of(function, call),
            None => self.unknown_function(call),
        }
    }

    /// Apart from the others, as they are: a call inside a call takes no more of the stack than it needs.
    #[inline(never)]
    pub(super) fn call_of(&mut self, function: Known<'c>, mut call: Call) -> NodeKind {
        let style = call.style();
        let written = call.arguments.len();
        let values = call.target.take().map(|target| *target).into_iter().chain(call.arguments);
        let arguments: Vec<_> = values.map(|value| self.node(value)).collect();
        match function {
            Known::Implemented(function) if takes(&function.signatures, arguments.len()) => {
                NodeKind::Call { function, arguments }
            }
            Known::Declared(function, signatures) if takes(signatures, arguments.len()) => {
                NodeKind::Declared { function, name: call.name, arguments }
            }
            _ => self.wrong_arity(call.offset, call.name, style, function.signatures(), written),
        }
    }

    fn function(&self, name: &str, absolute: bool, style: Style) -> Option<Known<'c>> {
        if absolute || style == Style::Member {
            return self.environment.function(name, style);
        }
        let mut names = self.environment.candidates(name);
        names.find_map(|name| self.environment.function(&name, style))
    }

    /// What stands before the name may be no value, but a namespace: `math.abs(x)`.
    #[inline(never)]
    fn take_namespace(&self, call: &mut Call) {
        let Some(chain) = call.target.as_deref().and_then(Chain::of) else { return };
        if self.local(&chain).is_some() {
            return;
        }
        let namespace = chain.dotted(chain.names.len());
        let name = format!("{namespace}.{}", call.name);
        let known = self.function(&name, chain.absolute, Style::Global).is_some();
        if known || (self.stands_for_nothing(&chain) && self.is_namespace(&namespace, &call.name)) {
            *call = Call {
                offset: call.offset,
                target: None,
                name,
                absolute: chain.absolute,
                arguments: std::mem::take(&mut call.arguments),
            };
        }
    }

    #[cold]
    fn wrong_arity(
        &mut self,
        offset: usize,
        name: String,
        style: Style,
        signatures: &[Signature],
        found: usize,
    ) -> NodeKind {
        let later = EvaluationErrorKind::NoSuchFunction(evidence(&name));
        let kind = CompileErrorKind::Arity { name, expected: arities(signatures, style), found };
        self.undeclared(offset, kind, later)
    }
}

/// Whether an overload takes so many arguments, a target included.
fn takes(signatures: &[Signature], arguments: usize) -> bool {
    signatures.iter().any(|signature| signature.arguments.len() == arguments)
}

/// The numbers of arguments between the parentheses: `1 or 2`.
fn arities(signatures: &[Signature], style: Style) -> String {
    let target = usize::from(style == Style::Member);
    let mut arities: Vec<_> = signatures.iter().map(|it| it.arguments.len().saturating_sub(target)).collect();
    arities.sort_unstable();
    arities.dedup();
    arities.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}
