//! Calls: which overloads take the arguments, and what they make of them.

use super::Checker;
use super::assign::same_head;
use super::deduced::{Deduced, Instances, Types, head};
use crate::budget::Budget;
use crate::error::{CompileErrorKind, Style};
use crate::fault::Fault;
use crate::functions::{FORMAT, Overloaded, Signature};
use crate::node::{Node, NodeKind};
use crate::static_type::StaticType;
use crate::value::evidence;

/// More overloads than a reader wants are not listed.
const MAX_LISTED: usize = 3;

impl<'e> Checker<'e> {
    pub(super) fn call(
        &mut self,
        offset: usize,
        function: &'static Overloaded,
        arguments: &mut [Node],
    ) -> Deduced<'e> {
        if function.name == FORMAT {
            self.noted.get_or_insert_default();
        }
        let found: Vec<_> = arguments.iter_mut().map(|argument| self.node(argument)).collect();
        match self.types.result(&found, &function.signatures) {
            Some(result) => {
                if matches!(function.name, "duration" | "timestamp") {
                    self.literal(function, arguments);
                }
                result
            }
            None => self.no_overload(offset, function.name, function.style, &found, &function.signatures),
        }
    }

    /// A call of a function that the environment declares.
    pub(super) fn declared_call(
        &mut self,
        offset: usize,
        function: usize,
        arguments: &mut [Node],
    ) -> Deduced<'e> {
        let found: Vec<_> = arguments.iter_mut().map(|argument| self.node(argument)).collect();
        let Some(declared) = self.environment.declared_function(function) else { return Deduced::Error };
        let result = self.types.result(&found, &declared.signatures);
        result.unwrap_or_else(|| {
            self.no_overload(offset, &declared.name, declared.style, &found, &declared.signatures)
        })
    }

    pub(super) fn operation(
        &mut self,
        offset: usize,
        name: &str,
        found: &[Deduced<'e>],
        signatures: &'e [Signature],
    ) -> Deduced<'e> {
        let result = self.types.result(found, signatures);
        result.unwrap_or_else(|| self.no_overload(offset, name, Style::Global, found, signatures))
    }

    fn no_overload(
        &mut self,
        offset: usize,
        name: &str,
        style: Style,
        found: &[Deduced<'e>],
        signatures: &'e [Signature],
    ) -> Deduced<'e> {
        let expected = self.types.expected(found, style, signatures);
        let found: Vec<_> = found.iter().map(|of| self.types.resolved(*of)).collect();
        let (function, arguments) = (name.to_owned(), written(&found, style));
        self.error(offset, CompileErrorKind::NoMatchingOverload { function, arguments, expected })
    }

    /// A constant that is to be a duration or a point in time.
    fn literal(&mut self, function: &'static Overloaded, arguments: &[Node]) {
        let [Node { offset, kind: NodeKind::Constant(value) }] = arguments else { return };
        let answer = function.call(&[value], &mut Budget::default());
        if let Ok(None) | Err(Fault::Error(_)) = answer {
            let (of, text) = (function.name, evidence(value));
            self.error(*offset, CompileErrorKind::Literal { of, text });
        }
    }
}

impl<'e> Types<'e> {
    /// What the overloads that take the arguments make of them; `dyn` where they disagree, None where there are none.
    pub(super) fn result(
        &mut self,
        found: &[Deduced<'e>],
        signatures: &'e [Signature],
    ) -> Option<Deduced<'e>> {
        let mut result = None;
        for signature in signatures {
            let Some(made) = self.take(found, signature) else { continue };
            result = Some(match result {
                None => made,
                Some(Deduced::Dyn) => Deduced::Dyn,
                Some(before) if self.same(made, before) => before,
                Some(_) => Deduced::Dyn,
            });
        }
        result
    }

    /// What the overload makes of the arguments, if it takes them.
    fn take(&mut self, found: &[Deduced<'e>], signature: &'e Signature) -> Option<Deduced<'e>> {
        let Signature { arguments, result } = signature;
        // Most overloads are found not to fit by a look at the types' heads.
        let may_fit = |(found, declared): (&Deduced<'e>, &'e StaticType)| self.may_fit(*found, declared);
        if arguments.len() != found.len() || !found.iter().zip(arguments).all(may_fit) {
            return None;
        }
        let mark = self.mark();
        let mut instances = Instances::new();
        for (found, declared) in found.iter().zip(arguments) {
            let declared = self.instance(declared, &mut instances);
            if !self.fit(*found, declared) {
                self.rewind(&mark);
                return None;
            }
        }
        let result = self.instance(result, &mut instances);
        let result = self.substitute(result, false);
        self.trail.clear();
        Some(result)
    }

    fn may_fit(&self, found: Deduced<'e>, declared: &'e StaticType) -> bool {
        match (found, head(declared)) {
            (Deduced::Nullable(of), _) => self.may_fit(self.first(of), declared),
            (Deduced::Dyn | Deduced::Error | Deduced::Variable(_) | Deduced::Null, _) => true,
            (_, Deduced::Dyn | Deduced::Variable(_) | Deduced::Nullable(_) | Deduced::Abstract { .. }) => {
                true
            }
            (found, declared) => same_head(found, declared),
        }
    }

    /// The arguments of the overloads that were perhaps meant: those that take the first argument, or all.
    fn expected(&self, found: &[Deduced<'e>], style: Style, signatures: &'e [Signature]) -> Vec<String> {
        let alike = signatures.iter().filter(|signature| {
            let mut pairs = found.iter().zip(&signature.arguments);
            signature.arguments.len() == found.len()
                && pairs.next().is_none_or(|(found, declared)| self.may_fit(*found, declared))
        });
        let mut listed: Vec<_> = alike.collect();
        if listed.is_empty() {
            listed.extend(signatures);
        }
        let mut expected: Vec<_> = listed.iter().map(|it| written(&it.arguments, style)).collect();
        expected.dedup();
        if expected.len() > MAX_LISTED {
            expected.clear();
        }
        expected
    }
}

/// Arguments as they are written: `(int, string)`, or with a target `string.(int)`.
fn written(arguments: &[StaticType], style: Style) -> String {
    let list = |arguments: &[StaticType]| {
        let texts: Vec<_> = arguments.iter().map(ToString::to_string).collect();
        format!("({})", texts.join(", "))
    };
    match (style, arguments) {
        (Style::Member, [target, arguments @ ..]) => format!("{target}.{}", list(arguments)),
        _ => list(arguments),
    }
}
