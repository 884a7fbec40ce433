//! From a document to a policy, with every mistake that can be seen at once.

use thiserror::Error;

use super::policy::{API_VERSION, Match, Policy, Spec};
use super::resources::ResourceRule;
use crate::yaml::{self, Mistake, Node, Position, Value};

/// What is wrong with a document, and where.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{kind}")]
pub struct DocumentError {
    /// Where.
    pub position: Position,
    /// What.
    pub kind: DocumentErrorKind,
}

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Error)]
#[expect(missing_docs, reason = "each variant's sentence says what it is")]
pub enum DocumentErrorKind {
    #[error(transparent)]
    Shape(#[from] yaml::MistakeKind),
    #[error("a policy is a mapping, not {0}")]
    NotAMapping(&'static str),
    #[error("a document of kind Policy is needed here, not {0}")]
    Kind(String),
    #[error("apiVersion {0} is not known to this version, which reads {API_VERSION}")]
    ApiVersion(String),
    #[error("this version judges events and resources; a policy about {0} needs a later one")]
    LaterMatch(String),
    #[error("{0} has no entry, so the policy would say nothing")]
    Empty(&'static str),
    #[error("{list} has {found} entries, and up to {max} are read")]
    TooMany { list: &'static str, found: usize, max: usize },
    #[error("the name `{0}` is already taken in this list")]
    NameTaken(String),
    #[error(
        "`{0}` is not a name: lower-case letters, digits, `-` and `.`, a letter or digit at both ends, at most 253"
    )]
    Name(String),
    #[error("`{0}` is not an identifier, which a variable's name must be")]
    Identifier(String),
}

/// Matches of the format that this version does not judge.
const LATER_MATCHES: [&str; 2] = ["changes", "artifacts"];

/// Reads a policy.
///
/// # Errors
/// Every unknown field, every name that is taken or is none, and of other mistakes of shape the first, in the order of
/// the text.
pub fn read_policy(node: &Node) -> Result<Policy, Vec<DocumentError>> {
    let error = |node: &Node, kind| vec![DocumentError { position: node.position, kind }];
    if !matches!(node.value, Value::Map(_)) {
        return Err(error(node, DocumentErrorKind::NotAMapping(node.describe())));
    }
    if let Some(kind) = node.get("kind").filter(|kind| kind.as_str() != Some("Policy")) {
        let found = kind.as_str().unwrap_or(kind.describe()).to_owned();
        return Err(error(kind, DocumentErrorKind::Kind(found)));
    }
    if let Some(version) = node.get("apiVersion").filter(|version| version.as_str() != Some(API_VERSION)) {
        let found = version.as_str().unwrap_or(version.describe()).to_owned();
        return Err(error(version, DocumentErrorKind::ApiVersion(found)));
    }
    if let Some(errors) = later_match(node) {
        return Err(errors);
    }
    let policy: Policy =
        yaml::decode(node).map_err(|mistakes| mistakes.into_iter().map(from_mistake).collect::<Vec<_>>())?;
    let errors = check(node, &policy);
    if errors.is_empty() { Ok(policy) } else { Err(errors) }
}

fn from_mistake(mistake: Mistake) -> DocumentError {
    DocumentError { position: mistake.position, kind: mistake.kind.into() }
}

fn later_match(node: &Node) -> Option<Vec<DocumentError>> {
    let Value::Map(entries) = &node.at("/spec/match")?.value else { return None };
    let entry = entries.iter().find(|entry| LATER_MATCHES.contains(&entry.key.as_str()))?;
    let kind = DocumentErrorKind::LaterMatch(entry.key.clone());
    Some(vec![DocumentError { position: entry.position, kind }])
}

/// What a shape cannot say.
fn check(node: &Node, policy: &Policy) -> Vec<DocumentError> {
    let mut errors = Vec::new();
    let mut at = |pointer: &str, kind| {
        let position = node.at(pointer).unwrap_or(node).position;
        errors.push(DocumentError { position, kind });
    };
    if !is_subdomain(&policy.metadata.name) {
        at("/metadata/name", DocumentErrorKind::Name(policy.metadata.name.clone()));
    }
    let spec = &policy.spec;
    for (pointer, list) in empty_lists(&spec.matches) {
        at(&pointer, DocumentErrorKind::Empty(list));
    }
    if spec.validations.is_empty() {
        at("/spec/validations", DocumentErrorKind::Empty("validations"));
    }
    for (index, variable) in spec.variables.iter().enumerate() {
        if !is_identifier(&variable.name) {
            at(
                &format!("/spec/variables/{index}/name"),
                DocumentErrorKind::Identifier(variable.name.clone()),
            );
        }
    }
    for List { list, max, names } in lists(spec) {
        if names.len() > max {
            at(&format!("/spec/{list}"), DocumentErrorKind::TooMany { list, found: names.len(), max });
        }
        for (index, name) in repeated(&names) {
            at(&format!("/spec/{list}/{index}/name"), DocumentErrorKind::NameTaken(name.to_owned()));
        }
    }
    errors.sort_by_key(|error| error.position);
    errors
}

/// The lists of a match without which it would be about nothing.
fn empty_lists(matches: &Match) -> Vec<(String, &'static str)> {
    match matches {
        Match::Events(events) if events.kinds.is_empty() => {
            vec![("/spec/match/events/kinds".to_owned(), "kinds")]
        }
        Match::Events(_) => Vec::new(),
        Match::Resources(resources) if resources.resource_rules.is_empty() && !resources.observed => {
            vec![("/spec/match/resources".to_owned(), "resourceRules")]
        }
        Match::Resources(resources) => resources
            .resource_rules
            .iter()
            .enumerate()
            .flat_map(|(index, rule)| empty_lists_of(index, rule))
            .collect(),
    }
}

fn empty_lists_of(index: usize, rule: &ResourceRule) -> impl Iterator<Item = (String, &'static str)> + use<> {
    let ResourceRule { api_groups, api_versions, resources, operations } = rule;
    let lists = [
        ("apiGroups", api_groups.is_empty()),
        ("apiVersions", api_versions.is_empty()),
        ("resources", resources.is_empty()),
        ("operations", operations.is_empty()),
    ];
    let empty = lists.into_iter().filter(|(_, is_empty)| *is_empty);
    empty.map(move |(list, _)| (format!("/spec/match/resources/resourceRules/{index}/{list}"), list))
}

struct List<'a> {
    list: &'static str,
    max: usize,
    names: Vec<Option<&'a str>>,
}

/// The lists whose entries have names. A ValidatingAdmissionPolicy takes 64 match conditions; a variable may be worked
/// out inside the one that reads it, so that their number bounds how deep that goes.
fn lists(spec: &Spec) -> [List<'_>; 3] {
    let conditions = spec.match_conditions.iter().map(|condition| Some(condition.name.as_str()));
    let variables = spec.variables.iter().map(|variable| Some(variable.name.as_str()));
    let validations = spec.validations.iter().map(|validation| validation.name.as_deref());
    [
        List { list: "matchConditions", max: 64, names: conditions.collect() },
        List { list: "variables", max: 64, names: variables.collect() },
        List { list: "validations", max: 256, names: validations.collect() },
    ]
}

/// The names that an earlier entry has, with their index.
fn repeated<'a>(names: &[Option<&'a str>]) -> Vec<(usize, &'a str)> {
    let mut seen = std::collections::HashSet::new();
    let named = names.iter().enumerate().filter_map(|(index, name)| Some((index, (*name)?)));
    named.filter(|(_, name)| !seen.insert(*name)).collect()
}

/// RFC 1123's, as Kubernetes names cluster-scoped objects.
fn is_subdomain(name: &str) -> bool {
    let label = |label: &str| {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !label.is_empty() && label.chars().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

fn is_identifier(name: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit())
}
