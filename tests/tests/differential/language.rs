//! The language that is generated: its forms.

use std::rc::Rc;

use crate::differential::form::Form;

mod libraries;
mod macros;
mod operators;

/// How tightly what is made binds.
pub(crate) const TERNARY: u8 = 0;
pub(crate) const OR: u8 = 1;
pub(crate) const AND: u8 = 2;
pub(crate) const RELATION: u8 = 3;
pub(crate) const SUM: u8 = 4;
pub(crate) const PRODUCT: u8 = 5;
pub(crate) const UNARY: u8 = 6;
pub(crate) const MEMBER: u8 = 7;

/// A form as it is written in the tables: result, precedence, template.
type Written = (&'static str, u8, &'static str);

/// Every form.
pub(crate) fn forms() -> Vec<Rc<Form>> {
    let relations = ["==", "!=", "<", "<=", ">", ">="].into_iter().flat_map(operators::relations);
    let tables = [operators::FORMS, operators::CONVERSIONS, macros::FORMS];
    let tables = tables.into_iter().chain(libraries::TABLES.iter().copied());
    let written = tables.flatten().map(|(result, precedence, form)| Form::read(result, *precedence, form));
    written.chain(relations).map(Rc::new).collect()
}
