//! What an expression may name.

use crate::error::Style;
use crate::functions::{self, Library, Overloaded, Signature};
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
    functions: Vec<DeclaredFunction>,
    container: String,
    pub(crate) undeclared: Undeclared,
    pub(crate) homogeneous_literals: bool,
}

/// A function that there is for the checker only.
#[derive(Clone, Debug)]
pub(crate) struct DeclaredFunction {
    pub(crate) name: String,
    pub(crate) style: Style,
    pub(crate) signatures: Vec<Signature>,
}

/// A function that an expression may name.
#[derive(Clone, Copy)]
pub(crate) enum Known<'e> {
    Implemented(&'static Overloaded),
    /// Which of the declared ones it is, and its signatures.
    Declared(usize, &'e [Signature]),
}

impl<'e> Known<'e> {
    pub(crate) fn signatures(self) -> &'e [Signature] {
        match self {
            Self::Implemented(function) => &function.signatures,
            Self::Declared(_, signatures) => signatures,
        }
    }
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
            functions: Vec::new(),
            container: String::new(),
            undeclared: Undeclared::FailsToCompile,
            homogeneous_literals: false,
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

    /// Declares a function, or one more overload of it. An expression that calls it is checked, and has a type; its
    /// evaluation fails where it gets to the call, since nothing says what the function does. A function that the
    /// environment has already is not declared again.
    ///
    /// A member function's target is its first argument.
    #[must_use]
    pub fn with_function(
        mut self,
        name: impl Into<String>,
        style: Style,
        arguments: impl IntoIterator<Item = StaticType>,
        result: StaticType,
    ) -> Self {
        let name = name.into();
        let signature = Signature { arguments: arguments.into_iter().collect(), result };
        match self.functions.iter_mut().find(|known| known.name == name && known.style == style) {
            Some(known) => known.signatures.push(signature),
            None => self.functions.push(DeclaredFunction { name, style, signatures: vec![signature] }),
        }
        self
    }

    /// The elements of a list literal, the keys and the values of a map literal have to be of one type each; without
    /// this, those of several types are `dyn` together.
    #[must_use]
    pub const fn with_homogeneous_literals(mut self) -> Self {
        self.homogeneous_literals = true;
        self
    }

    /// Names are looked for in this namespace first, then in the ones around it: in `a.b`, `x` means
    /// `a.b.x`, `a.x` or `x`, whichever is declared.
    #[must_use]
    pub fn with_container(mut self, container: impl Into<String>) -> Self {
        self.container = container.into();
        self
    }

    /// Types are not checked; names and functions that are not declared fail the evaluation that reaches them, not
    /// the compilation.
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

    /// What the variable in that slot was declared as.
    pub(crate) fn declared_at(&self, slot: usize) -> Option<&StaticType> {
        self.variables.get(slot).map(|variable| &variable.declared)
    }

    /// A function that was declared, by its number.
    pub(crate) fn declared_function(&self, number: usize) -> Option<&DeclaredFunction> {
        self.functions.get(number)
    }

    pub(crate) fn slot(&self, name: &str) -> Option<usize> {
        self.variables().position(|known| known == name)
    }

    pub(crate) fn type_named(name: &str) -> Option<Type> {
        Type::ALL.iter().copied().find(|of| of.name() == name)
    }

    /// The function of that name.
    pub(crate) fn function(&self, name: &str, style: Style) -> Option<Known<'_>> {
        if let Some(function) = self.library.get(name, style) {
            return Some(Known::Implemented(function));
        }
        let named = |known: &DeclaredFunction| known.name == name && known.style == style;
        let number = self.functions.iter().position(named)?;
        Some(Known::Declared(number, &self.functions.get(number)?.signatures))
    }

    pub(crate) fn function_names(&self, style: Style) -> impl Iterator<Item = &str> {
        let declared = self.functions.iter().filter(move |known| known.style == style);
        declared
            .map(|known| known.name.as_str())
            .chain(self.library.names(style).map(|name| -> &str { name }))
    }

    /// What `name` may stand for, the innermost namespace first.
    pub(crate) fn candidates<'n>(&'n self, name: &'n str) -> impl Iterator<Item = Cow<'n, str>> {
        let outwards = |container: &&'n str| Some(container.rsplit_once('.').map_or("", |(outer, _)| outer));
        let containers = std::iter::successors(Some(self.container.as_str()), outwards);
        let within = containers.take_while(|container| !container.is_empty());
        within.map(move |container| Cow::Owned(format!("{container}.{name}"))).chain([Cow::Borrowed(name)])
    }
}
