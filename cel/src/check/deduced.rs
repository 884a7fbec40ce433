//! Types as the checker holds them: small values that are copied, their parameters in one place.

use crate::parser::MAX_DEPTH;
use crate::static_type::{ObjectType, StaticType};
use std::ops::Range;
use std::sync::Arc;

/// Types inside types inside types; more than one expression nests them in, since its parts can be bound to names.
const MAX_TYPE_DEPTH: usize = 2 * MAX_DEPTH;
/// Looks at types that one check may take. A source of full length that compares what is `dyn`
/// takes a quarter of them.
const MAX_STEPS: usize = 2_000_000;

/// What is known of the value of a part of an expression.
#[derive(Clone, Copy, Debug)]
pub(super) enum Deduced<'e> {
    Dyn,
    /// Of a part that is wrong, which has been said; it fits everywhere.
    Error,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,
    Ip,
    Cidr,
    List(Part),
    Map(Part),
    Optional(Part),
    Nullable(Part),
    Type(Part),
    Abstract {
        name: &'e str,
        parts: Part,
        count: u32,
    },
    Object(&'e Arc<ObjectType>),
    Variable(u32),
}

impl Deduced<'_> {
    /// The type that types have; it is not known of which.
    pub(super) const TYPE: Self = Self::Abstract { name: "type", parts: Part(0), count: 0 };
}

/// Where the first of a type's parameters is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part(u32);

/// All types of an expression, and what the variables among them are bound to.
pub(super) struct Types<'e> {
    parts: Vec<Deduced<'e>>,
    /// Whether there are variables in the parameter.
    open: Vec<bool>,
    pub(super) bindings: Vec<Option<Deduced<'e>>>,
    /// Which variables were bound, and what they were bound to before.
    pub(super) trail: Vec<(u32, Option<Deduced<'e>>)>,
    depth: usize,
    steps: usize,
}

/// How many there were of all that [`Types`] has.
pub(super) struct Mark {
    parts: usize,
    variables: usize,
    trail: usize,
}

/// The variables that stand for the parameters of one signature.
pub(super) type Instances<'e> = Vec<(&'e str, Deduced<'e>)>;

impl<'e> Types<'e> {
    pub(super) fn new() -> Self {
        Self {
            parts: Vec::with_capacity(64),
            open: Vec::with_capacity(64),
            bindings: Vec::with_capacity(32),
            trail: Vec::with_capacity(32),
            depth: 0,
            steps: 0,
        }
    }

    /// Goes one level down into a type, or answers `otherwise` where that was too deep or too often.
    pub(super) fn within<R>(&mut self, otherwise: R, look: impl FnOnce(&mut Self) -> R) -> R {
        if self.depth >= MAX_TYPE_DEPTH {
            self.steps = MAX_STEPS;
        }
        if self.are_too_large() {
            return otherwise;
        }
        self.steps += 1;
        self.depth += 1;
        let result = look(self);
        self.depth -= 1;
        result
    }

    pub(super) const fn are_too_large(&self) -> bool {
        self.steps >= MAX_STEPS
    }

    fn add(&mut self, part: Deduced<'e>) -> Part {
        let place = Part(u32::try_from(self.parts.len()).unwrap_or(u32::MAX));
        self.open.push(self.is_open(part));
        self.parts.push(part);
        place
    }

    pub(super) fn list(&mut self, element: Deduced<'e>) -> Deduced<'e> {
        Deduced::List(self.add(element))
    }

    pub(super) fn optional(&mut self, value: Deduced<'e>) -> Deduced<'e> {
        Deduced::Optional(self.add(value))
    }

    pub(super) fn map(&mut self, key: Deduced<'e>, value: Deduced<'e>) -> Deduced<'e> {
        let key = self.add(key);
        self.add(value);
        Deduced::Map(key)
    }

    pub(super) fn type_of(&mut self, of: Deduced<'e>) -> Deduced<'e> {
        Deduced::Type(self.add(of))
    }

    /// A type that nothing determines yet.
    pub(super) fn variable(&mut self) -> Deduced<'e> {
        let variable = u32::try_from(self.bindings.len()).unwrap_or(u32::MAX);
        self.bindings.push(None);
        Deduced::Variable(variable)
    }

    pub(super) fn binding(&self, variable: u32) -> Option<Deduced<'e>> {
        self.bindings.get(variable as usize).copied().flatten()
    }

    /// Where the type's parameters are.
    pub(super) fn places(of: Deduced<'e>) -> Range<usize> {
        let (Part(first), count) = match of {
            Deduced::List(part) | Deduced::Optional(part) | Deduced::Nullable(part) | Deduced::Type(part) => {
                (part, 1)
            }
            Deduced::Map(part) => (part, 2),
            Deduced::Abstract { parts, count, .. } => (parts, count as usize),
            _ => return 0..0,
        };
        first as usize..first as usize + count
    }

    pub(super) fn part(&self, place: usize) -> Deduced<'e> {
        self.parts.get(place).copied().unwrap_or(Deduced::Error)
    }

    pub(super) fn first(&self, of: Part) -> Deduced<'e> {
        self.part(of.0 as usize)
    }

    pub(super) fn second(&self, of: Part) -> Deduced<'e> {
        self.part(of.0 as usize + 1)
    }

    /// Whether there are variables in the type.
    pub(super) fn is_open(&self, of: Deduced<'e>) -> bool {
        match of {
            Deduced::Variable(_) => true,
            _ => Self::places(of).any(|place| self.open.get(place).copied().unwrap_or(false)),
        }
    }

    /// The same type with other parameters.
    pub(super) fn with_parts(&mut self, of: Deduced<'e>, parts: &[Deduced<'e>]) -> Deduced<'e> {
        let mut places = parts.iter().map(|part| self.add(*part));
        let first = places.next().unwrap_or(Part(0));
        places.for_each(drop);
        match of {
            Deduced::List(_) => Deduced::List(first),
            Deduced::Map(_) => Deduced::Map(first),
            Deduced::Optional(_) => Deduced::Optional(first),
            Deduced::Nullable(_) => Deduced::Nullable(first),
            Deduced::Type(_) => Deduced::Type(first),
            Deduced::Abstract { name, count, .. } => Deduced::Abstract { name, parts: first, count },
            other => other,
        }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { parts: self.parts.len(), variables: self.bindings.len(), trail: self.trail.len() }
    }

    /// Undoes all that was made and bound since.
    pub(super) fn rewind(&mut self, mark: &Mark) {
        for (variable, before) in self.trail.drain(mark.trail..).rev() {
            if let Some(binding) = self.bindings.get_mut(variable as usize) {
                *binding = before;
            }
        }
        self.parts.truncate(mark.parts);
        self.open.truncate(mark.parts);
        self.bindings.truncate(mark.variables);
    }

    /// A declared type.
    pub(super) fn of(&mut self, declared: &'e StaticType) -> Deduced<'e> {
        self.instance(declared, &mut Instances::new())
    }

    /// A declared type, with variables in the place of its parameters.
    pub(super) fn instance(
        &mut self,
        declared: &'e StaticType,
        instances: &mut Instances<'e>,
    ) -> Deduced<'e> {
        match declared {
            StaticType::Parameter(name) => self.instance_of(name, instances),
            StaticType::Map(key, value) => {
                let (key, value) = (self.instance(key, instances), self.instance(value, instances));
                self.map(key, value)
            }
            StaticType::Abstract(name, parameters) => {
                let parts: Vec<_> = parameters.iter().map(|it| self.instance(it, instances)).collect();
                let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
                self.with_parts(Deduced::Abstract { name, parts: Part(0), count }, &parts)
            }
            StaticType::List(of)
            | StaticType::Optional(of)
            | StaticType::Nullable(of)
            | StaticType::Type(of) => {
                let of = self.instance(of, instances);
                self.with_parts(head(declared), &[of])
            }
            other => head(other),
        }
    }

    fn instance_of(&mut self, name: &'e str, known: &mut Instances<'e>) -> Deduced<'e> {
        if let Some((_, variable)) = known.iter().find(|(known, _)| *known == name) {
            return *variable;
        }
        let variable = self.variable();
        known.push((name, variable));
        variable
    }

    /// The type as others see it: what nothing determined is `dyn`.
    pub(super) fn resolved(&mut self, of: Deduced<'e>) -> StaticType {
        let of = self.substitute(of, true);
        self.within(StaticType::Dyn, |types| {
            let mut parts = Self::places(of).map(|place| types.resolved(types.part(place)));
            let mut next = || Arc::new(parts.next().unwrap_or(StaticType::Dyn));
            match of {
                Deduced::Dyn | Deduced::Error | Deduced::Variable(_) => StaticType::Dyn,
                Deduced::Null => StaticType::Null,
                Deduced::Bool => StaticType::Bool,
                Deduced::Int => StaticType::Int,
                Deduced::Uint => StaticType::Uint,
                Deduced::Double => StaticType::Double,
                Deduced::String => StaticType::String,
                Deduced::Bytes => StaticType::Bytes,
                Deduced::Timestamp => StaticType::Timestamp,
                Deduced::Duration => StaticType::Duration,
                Deduced::Ip => StaticType::Ip,
                Deduced::Cidr => StaticType::Cidr,
                Deduced::List(_) => StaticType::List(next()),
                Deduced::Optional(_) => StaticType::Optional(next()),
                Deduced::Nullable(_) => StaticType::Nullable(next()),
                Deduced::Type(_) => StaticType::Type(next()),
                Deduced::Map(_) => StaticType::Map(next(), next()),
                Deduced::Abstract { name, .. } => StaticType::Abstract(name.into(), parts.collect()),
                Deduced::Object(object) => StaticType::Object(Arc::clone(object)),
            }
        })
    }
}

/// The declared type without its parameters.
pub(super) fn head(declared: &StaticType) -> Deduced<'_> {
    match declared {
        StaticType::Dyn => Deduced::Dyn,
        StaticType::Null => Deduced::Null,
        StaticType::Bool => Deduced::Bool,
        StaticType::Int => Deduced::Int,
        StaticType::Uint => Deduced::Uint,
        StaticType::Double => Deduced::Double,
        StaticType::String => Deduced::String,
        StaticType::Bytes => Deduced::Bytes,
        StaticType::Timestamp => Deduced::Timestamp,
        StaticType::Duration => Deduced::Duration,
        StaticType::Ip => Deduced::Ip,
        StaticType::Cidr => Deduced::Cidr,
        StaticType::List(_) => Deduced::List(Part(0)),
        StaticType::Map(..) => Deduced::Map(Part(0)),
        StaticType::Optional(_) => Deduced::Optional(Part(0)),
        StaticType::Nullable(_) => Deduced::Nullable(Part(0)),
        StaticType::Type(_) => Deduced::Type(Part(0)),
        StaticType::Abstract(name, _) => Deduced::Abstract { name, parts: Part(0), count: 0 },
        StaticType::Object(object) => Deduced::Object(object),
        // A parameter is no type of its own: whoever needs one makes a variable of it.
        StaticType::Parameter(_) => Deduced::Variable(u32::MAX),
    }
}
