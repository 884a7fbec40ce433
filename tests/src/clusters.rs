//! Small clusters as documents, in which much coincides, and what may be asked about them.

mod dice;
pub mod faults;
mod objects;
mod policies;
pub mod questions;
#[cfg(test)]
mod tests;

use anyhow::{Result, anyhow, ensure};
use policy::network::{Cluster, Name, Object, document};
use policy::yaml;
use serde_json::{Value, json};

pub use dice::Dice;

/// The namespaces whose Pods policies select.
const SPACES: [&str; 2] = ["a", "b"];

/// A cluster as the API server tells it.
#[derive(Clone, Debug)]
pub struct Declared {
    pub documents: Vec<Value>,
    /// The Pods that run on this node, in the order of the uids that they were given.
    pub own: Vec<Name>,
}

impl Declared {
    /// Makes a cluster, with a Pod on this node for each uid.
    pub fn generate(dice: &mut Dice, uids: &[&str], has_nodes: bool) -> Self {
        let mut documents = objects::namespaces(dice);
        documents.extend(objects::nodes().filter(|_| has_nodes));
        let mut own = Vec::new();
        for (number, uid) in uids.iter().enumerate() {
            let pod = objects::own_pod(dice, number, uid);
            own.push(name(&pod));
            documents.push(pod);
        }
        documents.extend((0..6 + dice.below(8)).map(|number| objects::other_pod(dice, number)));
        documents.extend((0..1 + dice.below(7)).map(|number| policies::policy(dice, number)));
        documents.extend((0..1 + dice.below(4)).flat_map(|number| objects::service(dice, number)));
        Self { documents, own }
    }

    /// Changes some of it as a cluster changes while its Pods run: their labels, the policies, other Pods, and Nodes that
    /// were not declared.
    pub fn change(&mut self, dice: &mut Dice) {
        if !self.documents.iter().any(|document| document["kind"] == "Node") {
            self.documents.extend(objects::nodes());
        }
        for document in &mut self.documents {
            let is_own = self.own.contains(&name(document));
            match document["kind"].as_str() {
                Some("Pod") if is_own && dice.once_in(2) => objects::relabel(dice, document),
                Some("Pod") if !is_own && dice.once_in(3) => {
                    *document = objects::other_pod_named(dice, &name(document));
                }
                Some("NetworkPolicy") if dice.once_in(2) => {
                    *document = policies::policy_named(dice, &name(document));
                }
                _ => {}
            }
        }
        if dice.once_in(2) {
            self.documents.push(policies::policy(dice, 90));
        }
    }

    /// Who says what is allowed, of documents as the agent reads them.
    pub fn cluster(&self) -> Result<Cluster> {
        read(&list(&self.documents)).map(Cluster::new)
    }
}

/// One document with all of these.
pub fn list(documents: &[Value]) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": documents}).to_string()
}

/// The objects of a text without mistakes.
fn read(text: &str) -> Result<Vec<Object>> {
    let mut objects = Vec::new();
    for node in yaml::documents(text) {
        let read = document::read(&node.map_err(|error| anyhow!("{error:?}"))?);
        ensure!(read.mistakes.is_empty(), "{:?} in {text}", read.mistakes);
        objects.extend(read.objects);
    }
    Ok(objects)
}

fn name(document: &Value) -> Name {
    let part = |part: &str| document["metadata"][part].as_str().unwrap_or_default();
    Name::new(part("namespace"), part("name"))
}
