//! Fields and indices.

use super::Checker;
use super::deduced::Deduced;
use super::operators::{INDEX, OPERATORS, OPTIONAL_INDEX};
use crate::compile::nearest;
use crate::error::CompileErrorKind;
use crate::node::{Attribute, Node, Root, Step, StepKind};
use crate::static_type::ObjectType;

impl<'e> Checker<'e> {
    pub(super) fn read(&mut self, attribute: &mut Attribute) -> Deduced<'e> {
        let mut found = match &mut attribute.root {
            Root::Variable { slot, .. } => {
                let declared = self.environment.declared_at(*slot);
                declared.map_or(Deduced::Dyn, |declared| self.types.of(declared))
            }
            Root::Local(local) => self.local(*local),
            Root::Node(node) => self.node(node),
        };
        for step in &mut attribute.steps {
            found = self.step(found, step);
        }
        found
    }

    fn step(&mut self, operand: Deduced<'e>, step: &mut Step) -> Deduced<'e> {
        let Step { offset, optional, kind } = step;
        match kind {
            StepKind::Field(field) => {
                let found = self.select(*offset, operand, field, *optional);
                self.types.substitute(found, false)
            }
            StepKind::Index(index) => {
                let index = self.node(index);
                let (name, overloads) = if *optional {
                    (OPTIONAL_INDEX, &OPERATORS.optional_index)
                } else {
                    (INDEX, &OPERATORS.index)
                };
                self.operation(*offset, name, &[operand, index], overloads)
            }
        }
    }

    pub(super) fn has(&mut self, operand: &mut Node, field: &mut String) -> Deduced<'e> {
        let found = self.node(operand);
        self.select(operand.offset, found, field, false);
        Deduced::Bool
    }

    /// A field, whose name is replaced by the one that the input has.
    fn select(
        &mut self,
        offset: usize,
        operand: Deduced<'e>,
        field: &mut String,
        optional: bool,
    ) -> Deduced<'e> {
        let operand = self.types.substitute(operand, false);
        let (target, optional) = match operand {
            Deduced::Optional(of) => (self.types.first(of), true),
            other => (other, optional),
        };
        let found = match target {
            Deduced::Map(parts) => self.types.second(parts),
            Deduced::Object(object) => self.field(offset, object, field),
            Deduced::Dyn | Deduced::Error => Deduced::Dyn,
            Deduced::Variable(_) => {
                // Nothing that is found out later may contradict this use.
                self.types.assign(Deduced::Dyn, target);
                Deduced::Dyn
            }
            other => {
                let found = self.types.resolved(other).to_string();
                self.error(offset, CompileErrorKind::NoFields { found });
                Deduced::Dyn
            }
        };
        if optional { self.types.optional(found) } else { found }
    }

    fn field(&mut self, offset: usize, object: &'e ObjectType, field: &mut String) -> Deduced<'e> {
        if let Some(known) = object.field(field) {
            if let Some(name) = &known.escaped {
                (**name).clone_into(field);
            }
            return self.types.of(&known.of);
        }
        let nearest_known = nearest(field, object.fields().map(|(name, _)| name));
        self.error(offset, CompileErrorKind::UndefinedField { field: field.clone(), nearest_known })
    }
}
