//! Names: locals, variables, types.

use super::{Compiler, step};
use crate::ast::{Expr, ExprKind};
use crate::environment::Environment;
use crate::error::{CompileErrorKind, EvaluationErrorKind};
use crate::node::{Attribute, Local, Node, NodeKind, Root, Step, StepKind};
use crate::value::{Type, Value, evidence};

/// Names with dots between them: a name of the environment, and perhaps fields selected from it.
pub(super) struct Chain {
    pub(super) absolute: bool,
    /// Each name and where it is; the first is there.
    pub(super) names: Vec<(String, usize)>,
}

impl Compiler<'_> {
    pub(super) fn name(&mut self, offset: usize, name: String, absolute: bool) -> NodeKind {
        self.chain(Chain { absolute, names: vec![(name, offset)] })
    }

    pub(super) fn select(&mut self, offset: usize, operand: Expr, field: String, optional: bool) -> NodeKind {
        if let Some(mut chain) = Chain::of(&operand).filter(|_| !optional) {
            chain.names.push((field, offset));
            return self.chain(chain);
        }
        let operand = self.node(operand);
        step(operand, Step { offset, optional, kind: StepKind::Field(field) })
    }

    fn chain(&mut self, chain: Chain) -> NodeKind {
        if let Some(local) = self.local(&chain) {
            return chain.read(Root::Local(local), 1);
        }
        // A longer name goes before a field of a shorter one.
        for taken in (1..=chain.names.len()).rev() {
            if let Some(root) = self.declared(&chain, taken) {
                return chain.read(root, taken);
            }
        }
        self.undeclared_name(&chain)
    }

    /// The macro's variable that the first name is.
    pub(super) fn local(&self, chain: &Chain) -> Option<Local> {
        if chain.absolute {
            return None;
        }
        let (name, _) = &chain.names[0];
        let frames = self.locals.iter().rev().enumerate();
        frames.into_iter().find_map(|(outwards, names)| {
            let place = names.iter().position(|local| local == name)?;
            Some(Local { outwards, second: place == 1 })
        })
    }

    /// What the first `taken` names stand for together.
    fn declared(&self, chain: &Chain, taken: usize) -> Option<Root> {
        let name = chain.dotted(taken);
        let offset = chain.names[0].1;
        let mut candidates =
            self.environment.candidates(&name).skip_while(|it| chain.absolute && *it != name);
        candidates.find_map(|name| match self.environment.slot(&name) {
            Some(slot) => Some(Root::Variable { slot, name: name.into_owned(), offset }),
            None => {
                let kind = NodeKind::Constant(Value::Type(Environment::type_named(&name)?));
                Some(Root::Node(Box::new(Node { offset, kind })))
            }
        })
    }

    /// Whether no beginning of the names is declared.
    pub(super) fn stands_for_nothing(&self, chain: &Chain) -> bool {
        (1..=chain.names.len()).all(|taken| self.declared(chain, taken).is_none())
    }

    fn undeclared_name(&mut self, chain: &Chain) -> NodeKind {
        let (first, offset) = &chain.names[0];
        // Where variables have dots, the dotted name is what was misspelt.
        let within = format!("{first}.");
        let dotted = self.environment.variables().any(|variable| variable.starts_with(&within));
        let name = chain.dotted(if dotted { chain.names.len() } else { 1 });
        let types = Type::ALL.iter().map(|of| -> &str { of.name() });
        let locals = self.locals.iter().flatten().map(String::as_str);
        let nearest_known = self.nearest(&name, self.environment.variables().chain(locals).chain(types));
        let later = EvaluationErrorKind::NoSuchAttribute(evidence(&name));
        self.undeclared(*offset, CompileErrorKind::UndeclaredName { name, nearest_known }, later)
    }
}

impl Chain {
    pub(super) fn of(expr: &Expr) -> Option<Self> {
        match &expr.kind {
            ExprKind::Name { name, absolute } => {
                Some(Self { absolute: *absolute, names: vec![(name.clone(), expr.offset)] })
            }
            ExprKind::Select { operand, field, optional: false } => {
                let mut chain = Self::of(operand)?;
                chain.names.push((field.clone(), expr.offset));
                Some(chain)
            }
            _ => None,
        }
    }

    pub(super) fn dotted(&self, taken: usize) -> String {
        let names: Vec<_> = self.names.iter().take(taken).map(|(name, _)| name.as_str()).collect();
        names.join(".")
    }

    /// The root, and the names behind the `taken` ones as fields; a type alone is a constant.
    fn read(self, root: Root, taken: usize) -> NodeKind {
        let field = |(name, offset)| Step { offset, optional: false, kind: StepKind::Field(name) };
        let steps: Vec<_> = self.names.into_iter().skip(taken).map(field).collect();
        match root {
            Root::Node(node) if steps.is_empty() => node.kind,
            root => NodeKind::Read(Attribute { root, steps }),
        }
    }
}
