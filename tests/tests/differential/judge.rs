//! Both judges, and when they agree.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use cel::{AttributePattern, Budget, Environment, Input, Key, Lookup, Outcome, Program, StaticType, Value};
use serde_json::{Map, Value as Json};
use tests::oracle::{Oracle, Request, Response};
use tests::value;

use crate::differential::differences;
use crate::differential::errors;
use crate::differential::kind::Kind;

/// What both are asked.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// The expression as we are given it; the other's is in the request. They differ only by a fault made on purpose.
    pub(crate) ours: String,
    pub(crate) request: Request,
}

impl Case {
    /// Both are given the same text.
    pub(crate) fn alike(request: Request) -> Self {
        Self { ours: request.expr.clone(), request }
    }
}

/// What a judge says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It does not compile.
    Refused(String),
    /// The evaluation fails.
    Failed(String),
    /// A value, so written that equal ones are written equally.
    Value(String),
    /// JSON Pointers to what it depends on.
    Unknown(BTreeSet<String>),
}

/// All that a judge says.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    /// The type that the checker deduced, of an expression that was checked.
    pub(crate) deduced: Option<String>,
    pub(crate) answer: Answer,
}

impl From<Answer> for Said {
    fn from(answer: Answer) -> Self {
        Self { deduced: None, answer }
    }
}

/// An expression about which the judges differ.
#[derive(Debug, Clone)]
pub(crate) struct Disagreement {
    pub(crate) case: Case,
    pub(crate) ours: Said,
    pub(crate) theirs: Said,
}

/// Asks both; what they differ about is shown to `differ`.
pub(crate) fn ask_all(
    oracle: &mut Oracle,
    cases: &[Case],
    mut differ: impl FnMut(usize, Disagreement),
) -> Result<()> {
    let requests: Vec<_> = cases.iter().map(|case| case.request.clone()).collect();
    let mut failed = Ok(());
    oracle.ask_all(&requests, |index, response| match compare(&cases[index], &response) {
        Ok(Some(disagreement)) if !differences::is_known(&disagreement) => differ(index, disagreement),
        Ok(_) => {}
        Err(error) => failed = Err(error),
    })?;
    failed
}

/// Asks both one thing; a known difference is none here.
pub(crate) fn ask(oracle: &mut Oracle, case: &Case) -> Result<Option<Disagreement>> {
    Ok(disagreement(oracle, case)?.filter(|it| !differences::is_known(it)))
}

/// Asks both one thing, and says how they differ even where that is known.
pub(crate) fn disagreement(oracle: &mut Oracle, case: &Case) -> Result<Option<Disagreement>> {
    let response = oracle.ask(&case.request)?;
    compare(case, &response)
}

fn compare(case: &Case, response: &Response) -> Result<Option<Disagreement>> {
    let theirs = theirs(response).with_context(|| case.request.expr.clone())?;
    let ours = ours(case).with_context(|| case.ours.clone())?;
    if agree(&ours, &theirs) {
        return Ok(None);
    }
    Ok(Some(Disagreement { case: case.clone(), ours, theirs }))
}

/// That an expression cannot but fail may be said before it is evaluated.
fn agree(ours: &Said, theirs: &Said) -> bool {
    if let (Some(ours), Some(theirs)) = (&ours.deduced, &theirs.deduced)
        && ours != theirs
    {
        return false;
    }
    match (&ours.answer, &theirs.answer) {
        (Answer::Refused(_), Answer::Refused(_) | Answer::Failed(_)) => true,
        (Answer::Failed(ours), Answer::Failed(theirs)) => errors::agree(ours, theirs),
        (Answer::Value(ours), Answer::Value(theirs)) => ours == theirs,
        (Answer::Unknown(ours), Answer::Unknown(theirs)) => theirs.is_subset(ours),
        _ => false,
    }
}

fn theirs(response: &Response) -> Result<Said> {
    Ok(Said { deduced: response.deduced.clone(), answer: their_answer(response)? })
}

fn their_answer(response: &Response) -> Result<Answer> {
    if let Some(error) = &response.compile_error {
        return Ok(Answer::Refused(error.clone()));
    }
    if let Some(error) = &response.error {
        return Ok(Answer::Failed(error.clone()));
    }
    if let Some(trails) = &response.unknown {
        return Ok(Answer::Unknown(trails.iter().map(|trail| pointer(trail)).collect()));
    }
    let value = response.value.as_ref().context("an answer without one")?;
    // One that we could not even hold, such as a map with the same key twice, is surely another than ours.
    Ok(Answer::Value(value::from_json(value).map_or_else(|error| error.to_string(), |value| written(&value))))
}

fn pointer(trail: &[Json]) -> String {
    let mut pointer = String::new();
    for step in trail {
        let step =
            step.as_str().map_or_else(|| step.to_string(), |name| name.replace('~', "~0").replace('/', "~1"));
        pointer = pointer + "/" + &step;
    }
    pointer
}

/// The variables, in the order in which they are declared.
struct Variables<'i>(Vec<(&'i str, Value<'static>)>);

impl Input for Variables<'_> {
    fn variable(&self, _slot: usize, name: &str) -> Lookup<'_> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.borrowed()).into()
    }
}

fn ours(case: &Case) -> Result<Said> {
    let request = &case.request;
    let program = match Program::compile(&environment(request), &case.ours) {
        Ok(program) => program,
        Err(errors) => return Ok(Answer::Refused(errors.to_string()).into()),
    };
    let mut variables = Variables(Vec::new());
    for (name, json) in &request.input {
        variables.0.push((name, value::from_json(json)?));
    }
    let patterns: Vec<_> = request.unknowns.iter().map(|path| pattern(path)).collect();
    let answer = match program.evaluate_partial(&variables, &patterns, &mut Budget::default()) {
        Outcome::Value(value) => Answer::Value(written(&value)),
        Outcome::Error(error) => Answer::Failed(error.to_string()),
        Outcome::Unknown(paths) => Answer::Unknown(paths),
    };
    Ok(Said { deduced: request.check.then(|| program.result_type().to_string()), answer })
}

fn environment(request: &Request) -> Environment {
    let mut environment = Environment::standard().with_container(&request.container);
    for (name, kind) in &request.variables {
        let kind = Kind::read(kind.as_str().unwrap_or("dyn"));
        environment = environment.with_variable(name, static_type(&kind));
    }
    if request.check { environment } else { environment.unchecked() }
}

fn static_type(kind: &Kind) -> StaticType {
    let parameter = |index: usize| static_type(&kind.parameters[index]);
    match kind.name.as_str() {
        "null_type" => StaticType::Null,
        "bool" => StaticType::Bool,
        "int" => StaticType::Int,
        "uint" => StaticType::Uint,
        "double" => StaticType::Double,
        "string" => StaticType::String,
        "bytes" => StaticType::Bytes,
        "google.protobuf.Timestamp" => StaticType::Timestamp,
        "google.protobuf.Duration" => StaticType::Duration,
        "list" => StaticType::list(parameter(0)),
        "map" => StaticType::map(parameter(0), parameter(1)),
        "optional_type" => StaticType::optional(parameter(0)),
        _ => StaticType::Dyn,
    }
}

fn pattern(path: &[Json]) -> AttributePattern {
    let (variable, steps) =
        path.split_first().map_or(("", &[][..]), |(first, steps)| (first.as_str().unwrap_or(""), steps));
    steps.iter().fold(AttributePattern::variable(variable), |pattern, step| match step {
        Json::String(name) => pattern.field(name),
        Json::Number(index) => pattern.key(Key::Int(index.as_i64().unwrap_or(0))),
        Json::Bool(key) => pattern.key(Key::Bool(*key)),
        _ => pattern.any(),
    })
}

/// A value in a form that is the same for equal values of the same types, and for no others.
fn written(value: &Value<'_>) -> String {
    let part = |part: Lookup<'_>| match part {
        Lookup::Found(value) => written(&value),
        other => format!("<{other:?}>"),
    };
    match value {
        Value::List(list) => {
            let elements: Vec<_> = (0..list.size()).map(|index| part(list.get(index))).collect();
            format!("[{}]", elements.join(", "))
        }
        Value::Map(map) => {
            let mut entries = Vec::new();
            map.keys(&mut |key| {
                let name = written(&key);
                let value = Key::from_value(key).map_or_else(String::new, |key| part(map.get(&key)));
                entries.push(format!("{name}: {value}"));
                std::ops::ControlFlow::Continue(())
            });
            entries.sort();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Optional(optional) => {
            let value = optional.value().map_or_else(|| "none".to_owned(), |value| written(&value));
            format!("optional({value})")
        }
        other => other.to_string(),
    }
}

impl Disagreement {
    /// What a person needs to see to know who is right.
    pub(crate) fn report(&self) -> String {
        let Self { case, ours, theirs } = self;
        let Request { expr, input, unknowns, container, check, .. } = &case.request;
        let mut lines = vec![format!("expression  {expr}")];
        if case.ours != *expr {
            lines.push(format!("given to us {}", case.ours));
        }
        if !container.is_empty() {
            lines.push(format!("container   {container}"));
        }
        let named = input.iter().filter(|(name, _)| mentions(expr, name));
        let named: Map<_, _> = named.map(|(name, value)| (name.clone(), value.clone())).collect();
        if !named.is_empty() {
            lines.push(format!("input       {}", Json::Object(named)));
        }
        if !unknowns.is_empty() {
            lines.push(format!(
                "unknown     {}",
                Json::from(unknowns.iter().cloned().map(Json::from).collect::<Vec<_>>())
            ));
        }
        lines.push(format!("checked     {check}"));
        for (whose, said) in [("ours  ", ours), ("theirs", theirs)] {
            let deduced = said.deduced.as_ref().map_or_else(String::new, |of| format!("{of}: "));
            lines.push(format!("{whose}      {deduced}{:?}", said.answer));
        }
        lines.join("\n")
    }
}

/// Whether an expression's text has a word.
pub(crate) fn mentions(expr: &str, word: &str) -> bool {
    expr.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|it| it == word)
}
