//! Compiled expressions.

use crate::budget::Budget;
use crate::compile;
use crate::environment::Environment;
use crate::error::CompileErrors;
use crate::evaluate;
use crate::input::Input;
use crate::node::Node;
use crate::outcome::Outcome;
use crate::pattern::AttributePattern;
use crate::position::Position;
use crate::static_type::StaticType;

/// A compiled expression. It owns all that it needs, and is shared between threads.
///
/// ```
/// use cel::{Budget, Environment, Outcome, Program, Value, StaticType};
///
/// let environment = Environment::standard().with_variable("event", StaticType::Dyn);
/// let program = Program::compile(&environment, "event.executable.origin == 'Image'").unwrap();
/// assert_eq!(program.reads()[0].path, ["event", "executable", "origin"]);
///
/// let input = serde_json::json!({"event": {"executable": {"origin": "Volume"}}});
/// let outcome = program.evaluate(&input, &mut Budget::default());
/// assert!(matches!(outcome, Outcome::Value(Value::Bool(false))));
/// ```
#[derive(Debug)]
pub struct Program {
    pub(crate) source: String,
    pub(crate) root: Node,
    pub(crate) reads: Vec<Read>,
    pub(crate) result: StaticType,
}

/// A part of the input that an expression may read, with everything below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The variable's name as it was declared, then the fields. An index that is no constant string ends it.
    pub path: Vec<String>,
    /// Where the variable is named.
    pub position: Position,
}

impl Program {
    /// Compiles an expression.
    ///
    /// # Errors
    /// It is not an expression, names what the environment does not have, or its types do not fit: all such errors
    /// at once.
    pub fn compile(environment: &Environment, source: &str) -> Result<Self, CompileErrors> {
        compile::compile(environment, source)
    }

    /// Whether a text is an expression at all, whatever it names: what an editor asks while it is written.
    ///
    /// ```
    /// assert!(cel::Program::parse("anything.at_all(1) > 2").is_ok());
    /// let errors = cel::Program::parse("a ||").unwrap_err();
    /// assert_eq!(errors.to_string(), "1:5: found the end, expected an expression");
    /// ```
    ///
    /// # Errors
    /// It is none: what was found and what was expected.
    pub fn parse(source: &str) -> Result<(), CompileErrors> {
        compile::parse(source).map(drop)
    }

    /// The text that was compiled.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The parts of the input that the expression may read, in the order of the source.
    #[must_use]
    pub fn reads(&self) -> &[Read] {
        &self.reads
    }

    /// The type of what the expression comes to, as far as it can be known; `dyn` where types are not checked.
    #[must_use]
    pub const fn result_type(&self) -> &StaticType {
        &self.result
    }

    /// Evaluates the expression. What it does is taken from the budget; where that is too little, the outcome is
    /// an error.
    pub fn evaluate<'a>(&'a self, input: &'a dyn Input, budget: &mut Budget) -> Outcome<'a> {
        self.evaluate_partial(input, &[], budget)
    }

    /// Evaluates the expression, where parts of the input are unknown that it does not know of itself.
    pub fn evaluate_partial<'a>(
        &'a self,
        input: &'a dyn Input,
        unknown: &'a [AttributePattern],
        budget: &mut Budget,
    ) -> Outcome<'a> {
        evaluate::evaluate(&self.root, &self.source, input, unknown, budget)
    }
}
