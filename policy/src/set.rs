//! Policies, compiled, all together.

mod compile;
mod error;
mod policy;

use std::collections::BTreeMap;
use std::collections::btree_map;
use std::sync::Arc;

pub use crate::schema::FieldError;
pub use error::{LoadError, LoadErrorKind};
pub use policy::Policy;
pub(crate) use policy::Validation;

use crate::canonical;
use crate::digest::Digest;
use crate::event::EventKind;
use crate::input::{Input, ResourceInput};
use crate::yaml::{self, Value};

/// A file and what is in it.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name, for people.
    pub file: String,
    /// Its content.
    pub text: String,
}

/// Policies, compiled, and found by what they are about. Their order is that of their names.
#[derive(Debug)]
pub struct PolicySet {
    policies: Vec<Policy>,
    by_kind: BTreeMap<EventKind, Vec<usize>>,
    of_resources: Vec<usize>,
    digest: Digest,
}

impl PolicySet {
    /// Compiles every policy of these files. What cannot be read or does not compile is left out and reported; it
    /// keeps none of the others from working.
    pub fn compile(sources: &[Source]) -> (Self, Vec<LoadError>) {
        let mut policies = BTreeMap::new();
        let mut errors = Vec::new();
        for source in sources {
            errors.extend(read_source(source, &mut policies));
        }
        (Self::of(policies.into_values().map(|(policy, _)| policy).collect()), errors)
    }

    fn of(policies: Vec<Policy>) -> Self {
        let mut by_kind: BTreeMap<EventKind, Vec<usize>> = BTreeMap::new();
        for (index, policy) in policies.iter().enumerate() {
            for kind in policy.kinds() {
                by_kind.entry(*kind).or_default().push(index);
            }
        }
        let is_of_resources = |(index, policy): (usize, &Policy)| policy.resources().map(|_| index);
        let of_resources = policies.iter().enumerate().filter_map(is_of_resources).collect();
        let named: BTreeMap<&str, Digest> =
            policies.iter().map(|policy| (policy.name(), policy.digest())).collect();
        let digest = canonical::digest(&named);
        Self { policies, by_kind, of_resources, digest }
    }

    /// The name of exactly these policies.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// All of them, in the order of their names.
    pub fn policies(&self) -> impl ExactSizeIterator<Item = &Policy> {
        self.policies.iter()
    }

    /// Those about events of this kind, in the order of their names.
    pub fn about_kind(&self, kind: EventKind) -> impl Iterator<Item = &Policy> {
        self.by_kind.get(&kind).into_iter().flatten().map(|&index| &self.policies[index])
    }

    /// Those about this input, in the order of their names.
    pub(crate) fn about<'s>(&'s self, input: &'s Input<'_>) -> impl Iterator<Item = &'s Policy> {
        let (of_events, of_resources) = match input {
            Input::Event(event) => (Some(self.about_kind(event.event.kind())), None),
            Input::Resource(resource) => (None, Some(self.about_resource(resource))),
        };
        of_events.into_iter().flatten().chain(of_resources.into_iter().flatten())
    }

    fn about_resource<'s>(&'s self, input: &'s ResourceInput<'_>) -> impl Iterator<Item = &'s Policy> {
        let policies = self.of_resources.iter().map(|&index| &self.policies[index]);
        policies.filter(|policy| policy.is_about(input))
    }

    /// The policy of this name.
    pub fn get(&self, name: &str) -> Option<&Policy> {
        let index = self.policies.binary_search_by(|policy| policy.name().cmp(name)).ok()?;
        Some(&self.policies[index])
    }
}

/// The policies read so far, by name, each with the file that it is from.
type Named = BTreeMap<Arc<str>, (Policy, String)>;

/// So many mistakes of a file are shown. Showing one means looking its line up, so a file of nothing else would take
/// long.
const MAX_ERRORS: usize = 100;

fn read_source(source: &Source, policies: &mut Named) -> Vec<LoadError> {
    let mut errors = Vec::new();
    for document in yaml::documents(&source.text) {
        let mistakes = match document {
            Ok(node) if node.value == Value::Null => continue,
            Ok(node) => read_document(source, &node, policies),
            Err(error) => vec![(error.position, error.kind.into())],
        };
        for (position, kind) in mistakes {
            if errors.len() == MAX_ERRORS {
                errors.push(LoadError::new(source, position, LoadErrorKind::More));
                return errors;
            }
            errors.push(LoadError::new(source, position, kind));
        }
    }
    errors
}

fn read_document(source: &Source, node: &yaml::Node, policies: &mut Named) -> compile::Mistakes {
    let policy = match compile::policy(&source.text, node) {
        Ok(policy) => policy,
        Err(mistakes) => return mistakes,
    };
    match policies.entry(policy.shared_name()) {
        btree_map::Entry::Vacant(entry) => {
            entry.insert((policy, source.file.clone()));
            Vec::new()
        }
        btree_map::Entry::Occupied(entry) => {
            let position = node.at("/metadata/name").unwrap_or(node).position;
            let file = entry.get().1.clone();
            vec![(position, LoadErrorKind::NameTaken { name: policy.name().to_owned(), file })]
        }
    }
}

#[cfg(test)]
mod tests;
