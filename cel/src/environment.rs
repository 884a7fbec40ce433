//! What an expression may name.

use crate::error::Style;
use crate::functions::{self, Library, Overloaded};
use crate::static_type::StaticType;
use crate::value::Type;
use std::borrow::Cow;
use std::sync::LazyLock;

/// The variables, functions and types that an expression may name.
///
/// ```
/// use cel::{Environment, StaticType};
///
/// let environment = Environment::standard().with_variable("event", StaticType::Dyn);
/// assert_eq!(environment.variables().collect::<Vec<_>>(), ["event"]);
/// ```
#[derive(Clone, Debug)]
pub struct Environment {
    variables: Vec<Variable>,
    library: &'static LazyLock<Library>,
    container: String,
    pub(crate) undeclared: Undeclared,
}

#[derive(Clone, Debug)]
struct Variable {
    name: String,
    declared: StaticType,
}

/// When a name that was not declared is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undeclared {
    FailsToCompile,
    FailsToEvaluate,
}

impl Environment {
    /// The language as its specification has it, without variables.
    #[must_use]
    pub fn standard() -> Self {
        Self {
            variables: Vec::new(),
            library: &functions::STANDARD,
            container: String::new(),
            undeclared: Undeclared::FailsToCompile,
        }
    }

    /// Declares a variable. Its name may have dots: `variables.containers` is then one variable. Variables have
    /// slots in the order of their declaration, from 0; a name declared again keeps its slot.
    #[must_use]
    pub fn with_variable(mut self, name: impl Into<String>, declared: StaticType) -> Self {
        let variable = Variable { name: name.into(), declared };
        match self.variables.iter_mut().find(|known| known.name == variable.name) {
            Some(known) => *known = variable,
            None => self.variables.push(variable),
        }
        self
    }

    /// Names are looked for in this namespace first, then in the ones around it: in `a.b`, `x` means
    /// `a.b.x`, `a.x` or `x`, whichever is declared.
    #[must_use]
    pub fn with_container(mut self, container: impl Into<String>) -> Self {
        self.container = container.into();
        self
    }

    /// Names and functions that are not declared fail the evaluation that reaches them, not the compilation.
    #[must_use]
    pub const fn unchecked(mut self) -> Self {
        self.undeclared = Undeclared::FailsToEvaluate;
        self
    }

    /// The declared variables, in the order of their slots.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|variable| variable.name.as_str())
    }

    /// What a variable was declared as.
    #[must_use]
    pub fn declared(&self, name: &str) -> Option<&StaticType> {
        self.variables.iter().find(|variable| variable.name == name).map(|variable| &variable.declared)
    }

    pub(crate) fn slot(&self, name: &str) -> Option<usize> {
        self.variables().position(|known| known == name)
    }

    pub(crate) fn type_named(name: &str) -> Option<Type> {
        Type::ALL.iter().copied().find(|of| of.name() == name)
    }

    /// The function of that name.
    pub(crate) fn function(&self, name: &str, style: Style) -> Option<&'static Overloaded> {
        self.library.get(name, style)
    }

    pub(crate) fn function_names(&self, style: Style) -> impl Iterator<Item = &'static str> {
        self.library.names(style)
    }

    /// What `name` may stand for, the innermost namespace first.
    pub(crate) fn candidates<'n>(&'n self, name: &'n str) -> impl Iterator<Item = Cow<'n, str>> {
        let outwards = |container: &&'n str| Some(container.rsplit_once('.').map_or("", |(outer, _)| outer));
        let containers = std::iter::successors(Some(self.container.as_str()), outwards);
        let within = containers.take_while(|container| !container.is_empty());
        within.map(move |container| Cow::Owned(format!("{container}.{name}"))).chain([Cow::Borrowed(name)])
    }
}
