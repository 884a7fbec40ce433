//! A test of the specification of the Common Expression Language: an expression, what it may read, and what should
//! come of it.

use anyhow::{Context, Result, ensure};
use cel::{Budget, CompileErrorKind, CompileErrors, Environment, Outcome, Program, StaticType, Value};
use serde_json::{Map, Value as Json};

use self::bindings::Bindings;
use self::declarations::Function;
use crate::value::{self, Unreadable, field};

mod bindings;
mod declarations;

/// One test.
#[derive(Debug)]
pub struct Test {
    fields: Json,
}

/// What came of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    /// What is wrong.
    Failed(String),
    /// What it needs that the language does not have here.
    Skipped(String),
}

/// What should come of an expression.
#[derive(Debug)]
enum Expected {
    Value(Value<'static>),
    Error,
    Unknown,
}

impl Test {
    /// Reads a line of the suite.
    pub fn read(line: &str) -> Result<Self> {
        let fields: Json = serde_json::from_str(line).context("no JSON")?;
        for required in ["section", "name", "expr"] {
            ensure!(fields[required].is_string(), "a test without {required:?}");
        }
        Ok(Self { fields })
    }

    fn text(&self, name: &str) -> &str {
        field(&self.fields, name).and_then(Json::as_str).unwrap_or_default()
    }

    fn is_set(&self, name: &str) -> bool {
        field(&self.fields, name).is_some_and(|it| *it == true)
    }

    /// The test's name, which no other of its file has: `SECTION/NAME`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.text("section"), self.text("name"))
    }

    /// The expression.
    pub fn source(&self) -> &str {
        self.text("expr")
    }

    /// The namespace that names are looked for in.
    pub fn container(&self) -> &str {
        self.text("container")
    }

    /// Whether the expression is to be checked before it is evaluated.
    pub fn is_checked(&self) -> bool {
        !self.is_set("disable_check")
    }

    /// The variables' values, each a `cel.expr.ExprValue`.
    pub fn bindings(&self) -> impl Iterator<Item = (&String, &Json)> {
        self.fields["bindings"].as_object().into_iter().flatten()
    }

    /// The variables' declared types, as cel-go writes them; None where the test declares what is no variable, or is
    /// of no type that the language has here.
    pub fn variable_types(&self) -> Option<Map<String, Json>> {
        let declared = field(&self.fields, "type_env").and_then(Json::as_array).into_iter().flatten();
        if declared.clone().any(|declaration| field(declaration, "ident").is_none()) {
            return None;
        }
        let variables = declarations::variables(&self.fields).ok()?;
        Some(variables.into_iter().map(|(name, of)| (name, of.to_string().into())).collect())
    }

    /// Runs the test.
    pub fn run(&self) -> Verdict {
        match self.judge() {
            Ok(None) => Verdict::Passed,
            Ok(Some(wrong)) => Verdict::Failed(wrong),
            Err(unreadable @ Unreadable::Message(_)) => Verdict::Skipped(unreadable.to_string()),
            Err(unreadable @ Unreadable::Malformed(_)) => Verdict::Failed(unreadable.to_string()),
        }
    }

    /// What is wrong, if the test fails.
    fn judge(&self) -> Result<Option<String>, Unreadable> {
        let bindings = Bindings::read(&self.fields)?;
        let expected = self.expected()?;
        let program = match Program::compile(&self.environment(&bindings)?, self.source()) {
            Ok(program) => program,
            Err(errors) => {
                let foreseen = matches!(expected, Expected::Error) && are_of_evaluation(&errors);
                return Ok((!foreseen).then(|| errors.to_string()));
            }
        };
        if let Some(deduced) = self.deduced()?.filter(|deduced| deduced != program.result_type()) {
            return Ok(Some(format!("expected the type {deduced}, found {}", program.result_type())));
        }
        if self.is_set("check_only") {
            return Ok(None);
        }
        let outcome = program.evaluate(&bindings, &mut Budget::default());
        Ok((!expected.is(&outcome)).then(|| format!("expected {expected:?}, found {outcome:?}")))
    }

    /// The environment that the test asks for.
    fn environment(&self, bindings: &Bindings) -> Result<Environment, Unreadable> {
        let mut environment = Environment::standard().with_container(self.container());
        for name in bindings.names() {
            environment = environment.with_variable(name, StaticType::Dyn);
        }
        for function in declarations::functions(&self.fields)? {
            let Function { name, style, arguments, result } = function;
            environment = environment.with_function(name, style, arguments, result);
        }
        // A name that is declared again has its last type.
        for (name, declared) in declarations::variables(&self.fields)? {
            environment = environment.with_variable(name, declared);
        }
        Ok(if self.is_checked() { environment } else { environment.unchecked() })
    }

    /// The type that the checker should deduce, where the test says which.
    fn deduced(&self) -> Result<Option<StaticType>, Unreadable> {
        let typed = field(&self.fields, "typed_result");
        typed.and_then(|typed| field(typed, "deduced_type")).map(declarations::static_type).transpose()
    }

    fn expected(&self) -> Result<Expected, Unreadable> {
        let has = |name: &str| field(&self.fields, name).is_some();
        if has("eval_error") || has("any_eval_errors") {
            return Ok(Expected::Error);
        }
        if has("unknown") || has("any_unknowns") {
            return Ok(Expected::Unknown);
        }
        let typed = || field(&self.fields, "typed_result").and_then(|typed| field(typed, "result"));
        let value = field(&self.fields, "value").or_else(typed);
        value.map_or(Ok(Value::Bool(true)), value::from_json).map(Expected::Value)
    }
}

impl Expected {
    fn is(&self, outcome: &Outcome<'_>) -> bool {
        match (self, outcome) {
            (Self::Value(expected), Outcome::Value(found)) => value::same(expected, found),
            (Self::Error, Outcome::Error(_)) | (Self::Unknown, Outcome::Unknown(_)) => true,
            _ => false,
        }
    }
}

/// Whether the compiler says no more than that the evaluation will fail: what a constant text does not say. That a
/// name is not known, or that types do not fit, is not that.
fn are_of_evaluation(errors: &CompileErrors) -> bool {
    let of_a_constant =
        |kind: &_| matches!(kind, CompileErrorKind::Regex(_) | CompileErrorKind::Literal { .. });
    errors.iter().all(|error| of_a_constant(&error.kind))
}
