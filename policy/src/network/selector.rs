//! Label selectors: `metav1.LabelSelector`.

use std::collections::BTreeMap;

/// An object's labels.
pub type Labels = BTreeMap<Box<str>, Box<str>>;

/// What labels must be. Without a requirement it selects everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// All must hold.
    pub requirements: Vec<Requirement>,
}

/// What the label of a key must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The label's key.
    pub key: Box<str>,
    /// How its value and the values are held against each other.
    pub operator: Operator,
    /// Some for `In` and `NotIn`, none otherwise.
    pub values: Vec<Box<str>>,
}

/// How a label is held against values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// The value is one of them.
    In,
    /// It is not, or there is no label.
    NotIn,
    /// There is a label.
    Exists,
    /// There is none.
    DoesNotExist,
}

impl Requirement {
    /// That a label has this value.
    pub fn equals(key: &str, value: &str) -> Self {
        Self { key: key.into(), operator: Operator::In, values: vec![value.into()] }
    }

    /// Whether a label with this value meets it, or an object without the label. `NotIn` holds for the latter.
    pub fn holds(&self, value: Option<&str>) -> bool {
        let is_listed = value.is_some_and(|value| self.values.iter().any(|listed| **listed == *value));
        match self.operator {
            Operator::In => is_listed,
            Operator::NotIn => !is_listed,
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
}

impl Selector {
    /// Whether it selects an object with these labels.
    pub fn selects(&self, labels: &Labels) -> bool {
        self.requirements
            .iter()
            .all(|requirement| requirement.holds(labels.get(&requirement.key).map(|value| &**value)))
    }

    /// A key and value without which it selects nothing, for an index.
    pub(super) fn anchor(&self) -> Option<(&str, &str)> {
        self.requirements.iter().find_map(|requirement| {
            match (requirement.operator, &requirement.values[..]) {
                (Operator::In, [value]) => Some((&*requirement.key, &**value)),
                _ => None,
            }
        })
    }
}
