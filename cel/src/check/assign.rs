//! Whether one type can stand where another is expected, and what that says of the variables in both.
//!
//! These are cel-go's rules, with their order: which variable is bound to which decides what is deduced in the end.

use super::deduced::{Deduced, Types};
use std::sync::Arc;

impl<'e> Types<'e> {
    /// Whether the types fit. If they do, the variables in them are bound to what makes them fit.
    pub(super) fn assign(&mut self, one: Deduced<'e>, two: Deduced<'e>) -> bool {
        let mark = self.mark();
        let fit = self.fit(one, two);
        if fit {
            self.trail.clear();
        } else {
            self.rewind(&mark);
        }
        fit
    }

    /// The same, but variables may be bound even if the types do not fit.
    pub(super) fn fit(&mut self, one: Deduced<'e>, two: Deduced<'e>) -> bool {
        self.within(true, |types| {
            if let Deduced::Variable(variable) = two {
                match types.fits_variable(one, variable) {
                    Fits::Bound(fits) => return fits,
                    Fits::Unbound(true) => return true,
                    // Perhaps the other way round.
                    Fits::Unbound(false) => {}
                }
            }
            if let Deduced::Variable(variable) = one {
                let (Fits::Bound(fits) | Fits::Unbound(fits)) = types.fits_variable(two, variable);
                return fits;
            }
            types.fit_known(one, two)
        })
    }

    fn fit_known(&mut self, one: Deduced<'e>, two: Deduced<'e>) -> bool {
        match (one, two) {
            (Deduced::Dyn | Deduced::Error, _) | (_, Deduced::Dyn | Deduced::Error) => true,
            (Deduced::Null, other) | (other, Deduced::Null) => may_be_null(other),
            (Deduced::Nullable(of), other) => self.fit_known(self.first(of), other),
            (other, Deduced::Nullable(of)) => self.fit_known(other, self.first(of)),
            // Types are values of one type: that of types.
            (Deduced::Type(_), Deduced::Type(_)) => true,
            _ => same_head(one, two) && self.fit_parts(one, two),
        }
    }

    fn fit_parts(&mut self, one: Deduced<'e>, two: Deduced<'e>) -> bool {
        let mut places = Self::places(one).zip(Self::places(two));
        places.all(|(one, two)| self.fit(self.part(one), self.part(two)))
    }

    /// Whether the type is what the variable is bound to, or can be bound to.
    fn fits_variable(&mut self, one: Deduced<'e>, variable: u32) -> Fits {
        if matches!(one, Deduced::Variable(other) if other == variable) {
            return Fits::Bound(true);
        }
        let Some(bound) = self.binding(variable) else {
            let free = !self.mentions(one, variable);
            if free {
                self.bind(variable, one);
            }
            return Fits::Unbound(free);
        };
        if self.same(one, bound) {
            return Fits::Bound(true);
        }
        let fits = self.fit(one, bound);
        if fits {
            let general = self.most_general(one, bound);
            if !self.mentions(general, variable) {
                self.bind(variable, general);
            }
        }
        Fits::Bound(fits)
    }

    fn bind(&mut self, variable: u32, to: Deduced<'e>) {
        if let Some(binding) = self.bindings.get_mut(variable as usize) {
            self.trail.push((variable, binding.replace(to)));
        }
    }

    /// The more general of two types that fit.
    pub(super) fn most_general(&mut self, one: Deduced<'e>, two: Deduced<'e>) -> Deduced<'e> {
        if self.is_as_general(one, two) { one } else { two }
    }

    fn is_as_general(&mut self, one: Deduced<'e>, two: Deduced<'e>) -> bool {
        // What may be null is more general than null; here cel-go does not follow the specification.
        if matches!(two, Deduced::Null) && may_be_null(one) {
            return true;
        }
        self.within(true, |types| match (types.bare(one), types.bare(two)) {
            (Deduced::Dyn | Deduced::Variable(_), _) | (Deduced::Type(_), Deduced::Type(_)) => true,
            (_, Deduced::Dyn | Deduced::Variable(_)) => false,
            (one, two) => {
                let mut places = Self::places(one).zip(Self::places(two));
                same_head(one, two)
                    && places.all(|(one, two)| types.is_as_general(types.part(one), types.part(two)))
            }
        })
    }

    /// Whether the types are the same, variables included.
    pub(super) fn same(&mut self, one: Deduced<'e>, two: Deduced<'e>) -> bool {
        self.within(true, |types| match (types.bare(one), types.bare(two)) {
            (Deduced::Variable(one), Deduced::Variable(two)) => one == two,
            (one, two) => {
                let mut places = Self::places(one).zip(Self::places(two));
                same_head(one, two)
                    && places.all(|(one, two)| one == two || types.same(types.part(one), types.part(two)))
            }
        })
    }

    /// Whether the variable is in the type, or in what the variables there are bound to.
    fn mentions(&mut self, within: Deduced<'e>, variable: u32) -> bool {
        if !self.is_open(within) {
            return false;
        }
        self.within(true, |types| match within {
            Deduced::Variable(other) if other == variable => true,
            Deduced::Variable(other) => {
                types.binding(other).is_some_and(|bound| types.mentions(bound, variable))
            }
            other => Self::places(other).any(|place| types.mentions(types.part(place), variable)),
        })
    }

    /// The type with what its variables are bound to in their place; with `closed`, `dyn` for the others.
    pub(super) fn substitute(&mut self, of: Deduced<'e>, closed: bool) -> Deduced<'e> {
        if !self.is_open(of) {
            return of;
        }
        self.within(Deduced::Dyn, |types| match of {
            Deduced::Variable(variable) => match types.binding(variable) {
                Some(bound) => types.substitute(bound, closed),
                None if closed => Deduced::Dyn,
                None => of,
            },
            Deduced::Map(part) => {
                let key = types.substitute(types.first(part), closed);
                let value = types.substitute(types.second(part), closed);
                types.map(key, value)
            }
            Deduced::Abstract { .. } => {
                let parts: Vec<_> =
                    Self::places(of).map(|place| types.substitute(types.part(place), closed)).collect();
                types.with_parts(of, &parts)
            }
            Deduced::List(part) | Deduced::Optional(part) | Deduced::Nullable(part) | Deduced::Type(part) => {
                let inner = types.substitute(types.first(part), closed);
                types.with_parts(of, &[inner])
            }
            other => other,
        })
    }

    /// A type that may be null is told apart only from null.
    fn bare(&self, of: Deduced<'e>) -> Deduced<'e> {
        if let Deduced::Nullable(of) = of { self.first(of) } else { of }
    }
}

/// Whether a type fits a variable.
enum Fits {
    /// What the variable is bound to decides.
    Bound(bool),
    /// The variable is not bound, or was not before.
    Unbound(bool),
}

/// Null stands for what is absent of messages and of the types that are made like them.
const fn may_be_null(of: Deduced<'_>) -> bool {
    matches!(
        of,
        Deduced::Null
            | Deduced::Timestamp
            | Deduced::Duration
            | Deduced::Ip
            | Deduced::Cidr
            | Deduced::Optional(_)
            | Deduced::Nullable(_)
            | Deduced::Abstract { .. }
            | Deduced::Object(_)
    )
}

/// Whether the types differ in their parameters at most.
pub(super) fn same_head(one: Deduced<'_>, two: Deduced<'_>) -> bool {
    match (one, two) {
        (
            Deduced::Abstract { name, count, parts: _ },
            Deduced::Abstract { name: other, count: others, parts: _ },
        ) => name == other && count == others,
        (Deduced::Object(one), Deduced::Object(two)) => Arc::ptr_eq(one, two) || one == two,
        (one, two) => std::mem::discriminant(&one) == std::mem::discriminant(&two),
    }
}
