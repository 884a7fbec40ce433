//! Calls of functions that there are not, and what was perhaps meant.

use super::super::Compiler;
use super::super::macros::Macro;
use super::super::nearest::nearest;
use super::Call;
use crate::ast::{Expr, ExprKind};
use crate::environment::Undeclared;
use crate::error::{CompileErrorKind, EvaluationErrorKind, Style};
use crate::node::NodeKind;
use crate::value::evidence;

impl<'c> Compiler<'c> {
    #[inline(never)]
    pub(super) fn unknown_function(&mut self, call: Call) -> NodeKind {
        let (fails, names) = self.note_unknown(&call);
        // Nothing becomes of the arguments, but more mistakes may be in them.
        if let Some(target) = call.target {
            self.node(*target);
        }
        self.locals.push(names);
        for argument in call.arguments {
            self.node(argument);
        }
        self.locals.pop();
        fails
    }

    /// Notes the error, and tells what among the arguments are a macro's variables, if it was to be one.
    #[inline(never)]
    fn note_unknown(&mut self, call: &Call) -> (NodeKind, Vec<String>) {
        let (style, name) = (call.style(), call.name.clone());
        let meant = self.nearest(&name, self.callable(style).filter(|known| are_alike(&name, known)));
        let names =
            if takes_variables(meant.as_deref(), style) { variables(&call.arguments) } else { Vec::new() };
        let later = EvaluationErrorKind::NoSuchFunction(evidence(&name));
        let kind = CompileErrorKind::UnknownFunction { nearest_known: meant, name, style };
        (self.undeclared(call.offset, kind, later), names)
    }

    /// Whether `namespace.name`, which is no function, was perhaps meant to be one.
    #[inline(never)]
    pub(super) fn is_namespace(&self, namespace: &str, name: &str) -> bool {
        if self.environment.undeclared == Undeclared::FailsToEvaluate {
            return false;
        }
        let namespaces = || self.callable(Style::Global).filter_map(|name| Some(name.rsplit_once('.')?.0));
        let mut candidates = self.environment.candidates(namespace);
        if candidates.any(|candidate| namespaces().any(|known| known == candidate)) {
            return true;
        }
        // The namespace may be what is misspelt.
        let Some(namespace) = self.nearest(namespace, namespaces()) else { return false };
        let name = format!("{namespace}.{name}");
        self.callable(Style::Global).any(|known| known == name)
    }

    /// The names that a call in that style can have.
    fn callable(&self, style: Style) -> impl Iterator<Item = &'c str> + use<'c> {
        // What no expression can name is there for macros only.
        let functions = self.environment.function_names(style).filter(|name| !name.contains('@'));
        functions.chain(Macro::names(style).map(|name| -> &str { name }))
    }
}

/// Whether names of one namespace are alike without it; it alone would make them so.
fn are_alike(name: &str, known: &str) -> bool {
    match (name.rsplit_once('.'), known.rsplit_once('.')) {
        (Some((namespace, name)), Some((same, known))) if namespace == same => {
            nearest(name, std::iter::once(known)).is_some()
        }
        _ => true,
    }
}

/// Whether a call that means this name, or no known one, has names for its own among its arguments.
fn takes_variables(meant: Option<&str>, style: Style) -> bool {
    match meant {
        Some(meant) => Macro::names(style).any(|name| name == meant),
        // `list.any(x, condition)` is a macro elsewhere.
        None => style == Style::Member,
    }
}

/// The names that would be a macro's variables.
fn variables(arguments: &[Expr]) -> Vec<String> {
    let Some((_, before)) = arguments.split_last() else { return Vec::new() };
    let name = |argument: &Expr| match &argument.kind {
        ExprKind::Name { name, absolute: false } => Some(name.clone()),
        _ => None,
    };
    before.iter().map_while(name).collect()
}
