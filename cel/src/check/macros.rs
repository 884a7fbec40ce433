//! Macros. cel-go checks what they expand to; what their nodes come to is deduced the same way.

use super::Checker;
use super::deduced::Deduced;
use super::operators::OPERATORS;
use crate::ast::Binary;
use crate::error::CompileErrorKind;
use crate::node::{Comprehension, Fold, Node, Transform};

impl<'e> Checker<'e> {
    pub(super) fn comprehension(&mut self, comprehension: &mut Comprehension) -> Deduced<'e> {
        let Comprehension { range, two, fold } = comprehension;
        let found = self.node(range);
        // What is made of the elements is put into this, one by one.
        let made = match fold {
            Fold::TransformMap(_) | Fold::TransformMapEntry(_) => {
                let (key, value) = (self.types.variable(), self.types.variable());
                self.types.map(key, value)
            }
            _ => {
                let element = self.types.variable();
                self.types.list(element)
            }
        };
        let [first, second] = self.elements(range.offset, found, *two);
        self.locals.push([first, second]);
        let result = self.fold(fold, found, made, first);
        self.locals.pop();
        result
    }

    /// The types of the variables: of elements or of keys, and with `two` of indices and elements or of keys and
    /// values.
    fn elements(&mut self, offset: usize, range: Deduced<'e>, two: bool) -> [Deduced<'e>; 2] {
        let range = self.types.substitute(range, false);
        match range {
            Deduced::List(part) if two => [Deduced::Int, self.types.first(part)],
            Deduced::List(part) => [self.types.first(part); 2],
            Deduced::Map(parts) => [self.types.first(parts), self.types.second(parts)],
            Deduced::Dyn | Deduced::Error | Deduced::Variable(_) => {
                // Nothing that is found out later may contradict this use.
                self.types.assign(Deduced::Dyn, range);
                [Deduced::Dyn; 2]
            }
            other => {
                let found = self.types.resolved(other).to_string();
                [self.error(offset, CompileErrorKind::NotIterable { found }); 2]
            }
        }
    }

    fn fold(
        &mut self,
        fold: &mut Fold,
        range: Deduced<'e>,
        made: Deduced<'e>,
        first: Deduced<'e>,
    ) -> Deduced<'e> {
        match fold {
            Fold::All(condition) | Fold::Exists(condition) | Fold::ExistsOne(condition) => {
                let found = self.node(condition);
                self.expect_bool(condition.offset, found);
                Deduced::Bool
            }
            Fold::Filter(condition) => {
                let found = self.node(condition);
                let added = self.added(condition.offset, made, first);
                self.put(made, Some((condition.offset, found)), added)
            }
            Fold::Map(transform) => {
                let (condition, value) = self.transform(transform);
                let added = self.added(transform.value.offset, made, value);
                self.put(made, condition, added)
            }
            Fold::TransformMap(transform) => {
                let (condition, value) = self.transform(transform);
                let found = [made, first, value];
                let added = self.operation(transform.value.offset, INSERT, &found, &OPERATORS.insert);
                self.put(made, condition, added)
            }
            Fold::TransformMapEntry(transform) => {
                let (condition, entry) = self.transform(transform);
                let offset = transform.value.offset;
                let added = self.operation(offset, INSERT, &[made, entry], &OPERATORS.insert_all);
                self.put(made, condition, added)
            }
            Fold::SortBy(key) => {
                let found = self.node(key);
                let added = self.added(key.offset, made, found);
                let keys = self.put(made, None, added);
                self.operation(key.offset, "sortBy", &[range, keys], &OPERATORS.sort_by)
            }
        }
    }

    fn transform(&mut self, transform: &mut Transform) -> (Option<(usize, Deduced<'e>)>, Deduced<'e>) {
        let Transform { filter, value } = transform;
        let condition = filter.as_mut().map(|filter| (filter.offset, self.node(filter)));
        (condition, self.node(value))
    }

    /// The list with one element more.
    fn added(&mut self, offset: usize, made: Deduced<'e>, element: Deduced<'e>) -> Deduced<'e> {
        let element = self.types.list(element);
        self.operation(offset, Binary::Add.name(), &[made, element], OPERATORS.binary(Binary::Add))
    }

    /// The end of one round: what was made is `added`, if there is no condition or if it holds.
    fn put(
        &mut self,
        made: Deduced<'e>,
        condition: Option<(usize, Deduced<'e>)>,
        mut added: Deduced<'e>,
    ) -> Deduced<'e> {
        if let Some((offset, condition)) = condition
            && self.expect_bool(offset, condition)
        {
            let chosen = self.types.result(&[Deduced::Bool, added, made], &OPERATORS.conditional);
            added = chosen.unwrap_or(Deduced::Error);
        }
        self.types.assign(made, added);
        self.types.substitute(made, false)
    }

    pub(super) fn bind(&mut self, operands: &mut [Node; 2]) -> Deduced<'e> {
        let [value, body] = operands;
        let value = self.node(value);
        self.inside(value, body)
    }

    /// The type of a node that sees one variable more.
    fn inside(&mut self, local: Deduced<'e>, body: &mut Node) -> Deduced<'e> {
        self.locals.push([local; 2]);
        let found = self.node(body);
        self.locals.pop();
        self.types.substitute(found, false)
    }

    pub(super) fn optional_map(
        &mut self,
        offset: usize,
        operands: &mut [Node; 2],
        flat: bool,
    ) -> Deduced<'e> {
        let name = if flat { "optFlatMap" } else { "optMap" };
        let [operand, body] = operands;
        let operand = self.node(operand);
        let there = self.operation(offset, name, &[operand], &OPERATORS.has_value);
        let value = match there {
            Deduced::Error => there,
            _ => self.operation(offset, name, &[operand], &OPERATORS.value),
        };
        let mut made = self.inside(value, body);
        if !flat {
            made = self.operation(offset, name, &[made], &OPERATORS.optional_of);
        }
        let none = self.types.variable();
        let none = self.types.optional(none);
        self.operation(offset, name, &[there, made, none], &OPERATORS.conditional)
    }
}

/// What a map is made with, in errors.
const INSERT: &str = "insert";
