//! From a document to a compiled policy.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cel::{Environment, Program, StaticType};

use super::error::LoadErrorKind;
use super::policy::{Expression, Policy, Validation};
use crate::canonical;
use crate::document::{self, Match, Spec};
use crate::event::EventKind;
use crate::input;
use crate::schema;
use crate::yaml::{Node, Position, locate};

pub(super) type Mistakes = Vec<(Position, LoadErrorKind)>;

/// Reads and compiles the policy of a document of `text`.
pub(super) fn policy(text: &str, node: &Node) -> Result<Policy, Mistakes> {
    let document = document::read_policy(node).map_err(|errors| {
        errors.into_iter().map(|error| (error.position, error.kind.into())).collect::<Mistakes>()
    })?;
    let digest = canonical::digest(&document);
    let document::Policy { api_version: _, kind: _, metadata, spec } = document;
    let mut compiler = Compiler::new(text, node, &spec);
    let (variables, conditions, validations) = compiler.all(&spec);
    if !compiler.mistakes.is_empty() {
        compiler.mistakes.sort_by_key(|(position, _)| *position);
        return Err(compiler.mistakes);
    }
    let per_executable = is_per_executable(&spec, &compiler.reads);
    Ok(Policy {
        name: metadata.name.into(),
        digest,
        about: Arc::new(spec.about()),
        conditions,
        variables,
        validations,
        per_executable,
        spec,
    })
}

struct Compiler<'a> {
    text: &'a str,
    node: &'a Node,
    kinds: &'a [EventKind],
    environment: Environment,
    /// What each variable reads, by the name that expressions use.
    variables: BTreeMap<String, BTreeSet<Vec<String>>>,
    reads: BTreeSet<Vec<String>>,
    mistakes: Mistakes,
}

impl<'a> Compiler<'a> {
    fn new(text: &'a str, node: &'a Node, spec: &'a Spec) -> Self {
        let kinds = match &spec.matches {
            Match::Events(events) => events.kinds.as_slice(),
            Match::Resources(_) => &[],
        };
        // The slots of variables follow these, and evaluation counts on it.
        let environment = input::variables(&spec.matches)
            .iter()
            .copied()
            .chain(["params"])
            .fold(Environment::standard(), |environment, name| {
                environment.with_variable(name, StaticType::Dyn)
            });
        let (variables, reads, mistakes) = Default::default();
        Self { text, node, kinds, environment, variables, reads, mistakes }
    }

    fn all(&mut self, spec: &Spec) -> (Vec<Expression>, Vec<Expression>, Vec<Validation>) {
        // A match condition sees no variables: it is asked first.
        let conditions = spec.match_conditions.iter().enumerate();
        let conditions = conditions
            .filter_map(|(index, condition)| {
                self.expression(&format!("/spec/matchConditions/{index}/expression"), &condition.expression)
            })
            .collect();
        let variables = spec.variables.iter().enumerate();
        let variables = variables.filter_map(|(index, variable)| self.variable(index, variable)).collect();
        let validations = spec.validations.iter().enumerate();
        let validations =
            validations.filter_map(|(index, validation)| self.validation(index, validation)).collect();
        (variables, conditions, validations)
    }

    fn variable(&mut self, index: usize, variable: &document::Variable) -> Option<Expression> {
        let expression =
            self.expression(&format!("/spec/variables/{index}/expression"), &variable.expression);
        let name = format!("variables.{}", variable.name);
        // Declared even if it does not compile, so that its readers are not mistakes too.
        let environment = std::mem::replace(&mut self.environment, Environment::standard());
        self.environment = environment.with_variable(&name, StaticType::Dyn);
        let reads = expression.as_ref().map(|expression| expression.reads.clone()).unwrap_or_default();
        self.variables.insert(name, reads);
        expression
    }

    fn validation(&mut self, index: usize, validation: &document::Validation) -> Option<Validation> {
        let document::Validation { name, expression: source, message, message_expression, reason: _ } =
            validation;
        let expression = self.expression(&format!("/spec/validations/{index}/expression"), source);
        let pointer = format!("/spec/validations/{index}/messageExpression");
        let message_expression = message_expression.as_ref().map(|source| self.expression(&pointer, source));
        let expression = expression?;
        Some(Validation {
            name: name.clone().unwrap_or_else(|| index.to_string()).into(),
            paths: expression.reads.iter().map(|path| pointer_of(path)).collect(),
            expression,
            message: message.clone().unwrap_or_else(|| format!("failed expression: {}", source.trim())),
            message_expression: message_expression.flatten(),
        })
    }

    fn expression(&mut self, pointer: &str, source: &str) -> Option<Expression> {
        let program = match Program::compile(&self.environment, source) {
            Ok(program) => program,
            Err(errors) => {
                for error in errors.iter() {
                    let kind = LoadErrorKind::Expression(error.clone());
                    self.mistake(pointer, source, error.position.offset, kind);
                }
                return None;
            }
        };
        for read in program.reads() {
            if let Err(error) = schema::check(&read.path, self.kinds) {
                self.mistake(pointer, source, read.position.offset, error.into());
            }
        }
        let reads = self.expand(&program);
        self.reads.extend(reads.iter().cloned());
        Some(Expression { program, reads })
    }

    /// What a program reads, with what its variables read in their place.
    fn expand(&self, program: &Program) -> BTreeSet<Vec<String>> {
        let mut all = BTreeSet::new();
        for read in program.reads() {
            match read.path.first().and_then(|name| self.variables.get(name)) {
                Some(reads) => all.extend(reads.iter().cloned()),
                None => {
                    all.insert(read.path.clone());
                }
            }
        }
        all
    }

    fn mistake(&mut self, pointer: &str, source: &str, offset: usize, kind: LoadErrorKind) {
        let start = self.node.at(pointer).unwrap_or(self.node).position;
        self.mistakes.push((locate(self.text, start, source, offset), kind));
    }
}

fn pointer_of(path: &[String]) -> String {
    path.iter().map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))).collect()
}

fn is_per_executable(spec: &Spec, reads: &BTreeSet<Vec<String>>) -> bool {
    let Match::Events(events) = &spec.matches else { return true };
    events.kinds == [EventKind::Exec]
        && reads.iter().all(|path| {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            matches!(
                path.as_slice(),
                ["container" | "params", ..] | ["event", "executable" | "task" | "kind", ..]
            )
        })
}
