//! A test of the suite: an expression, what it may read, and what should come of it.

#[path = "value.rs"]
mod value;

use cel::{
    Budget, CompileError, CompileErrorKind, Environment, Input, Lookup, Outcome, Program, StaticType, Value,
};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub(crate) struct Test {
    /// The file's name without its extension.
    file: String,
    fields: Json,
}

/// What the expression's variables are.
struct Bindings(BTreeMap<String, Value<'static>>);

impl Input for Bindings {
    fn variable(&self, _slot: usize, name: &str) -> Lookup<'_> {
        self.0.get(name).map(Value::borrowed).into()
    }
}

/// Every test of the folder's files.
pub(crate) fn read(folder: &Path) -> Vec<Test> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    files.iter().flat_map(|path| read_file(path)).collect()
}

fn read_file(path: &Path) -> Vec<Test> {
    let file = path.file_stem().unwrap().to_string_lossy();
    let text = fs::read_to_string(path).unwrap();
    let test = |line| Test { file: file.to_string(), fields: serde_json::from_str(line).unwrap() };
    text.lines().map(test).collect()
}

impl Test {
    fn text(&self, field: &str) -> &str {
        self.fields[field].as_str().unwrap_or_default()
    }

    /// A name that no other test has.
    pub(crate) fn id(&self) -> String {
        format!("{}/{}/{}", self.file, self.text("section"), self.text("name"))
    }

    /// Runs the test; what is wrong if it fails.
    pub(crate) fn run(&self) -> Result<(), String> {
        if self.fields["check_only"] == true {
            return Err("only the checker can answer".to_owned());
        }
        let bindings = self.bindings()?;
        let compiled = Program::compile(&self.environment(&bindings), self.text("expr"));
        let program = match compiled {
            Ok(program) => program,
            Err(errors) if self.fields.get("eval_error").is_some() && errors.iter().all(is_foreseen) => {
                return Ok(());
            }
            Err(errors) => return Err(errors.to_string()),
        };
        let outcome = program.evaluate(&bindings, &mut Budget::default());
        self.judge(&outcome)
    }

    fn bindings(&self) -> Result<Bindings, String> {
        let mut bindings = BTreeMap::new();
        for (name, binding) in self.fields["bindings"].as_object().into_iter().flatten() {
            bindings.insert(name.clone(), value::from_json(&binding["value"])?);
        }
        Ok(Bindings(bindings))
    }

    fn environment(&self, bindings: &Bindings) -> Environment {
        let mut environment = Environment::standard().with_container(self.text("container"));
        let declared = self.fields["type_env"].as_array().into_iter().flatten();
        let declared = declared.filter(|it| it.get("ident").is_some()).filter_map(|it| it["name"].as_str());
        for name in declared.chain(bindings.0.keys().map(String::as_str)) {
            environment = environment.with_variable(name, StaticType::Dyn);
        }
        if self.fields["disable_check"] == true { environment.unchecked() } else { environment }
    }

    /// The value that should come out; None for an error.
    fn expected(&self) -> Result<Option<Value<'static>>, String> {
        if self.fields.get("eval_error").is_some() {
            return Ok(None);
        }
        let value = self.fields.get("value").or_else(|| self.fields["typed_result"].get("result"));
        value.map_or(Ok(Value::Bool(true)), value::from_json).map(Some)
    }

    fn judge(&self, outcome: &Outcome<'_>) -> Result<(), String> {
        let expected = self.expected()?;
        match (&expected, outcome) {
            (None, Outcome::Error(_)) => Ok(()),
            (Some(expected), Outcome::Value(found)) if value::same(expected, found) => Ok(()),
            _ => Err(format!("expected {expected:?}, found {outcome:?}")),
        }
    }
}

/// Whether a compiler may say what the suite expects of the evaluation. That a function is missing is not that.
fn is_foreseen(error: &CompileError) -> bool {
    !matches!(
        error.kind,
        CompileErrorKind::UnknownFunction { .. }
            | CompileErrorKind::UndeclaredName { .. }
            | CompileErrorKind::Unsupported(_)
            | CompileErrorKind::Macro { .. }
    )
}
