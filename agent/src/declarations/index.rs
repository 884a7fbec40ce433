//! Objects by the keys that look-ups have.

use std::collections::HashMap;
use std::sync::Arc;

use policy::network::{self, Change, Cluster, Here};
use serde_json::Value;

use super::{Pod, Workload};

/// One object of interest.
#[derive(Debug, Clone)]
pub(super) enum Declared {
    Pod(Arc<Pod>),
    Workload(Arc<Workload>),
    /// What NetworkPolicies are held against: they themselves, and those that they are about.
    Network(Arc<network::Object>),
}

impl Declared {
    /// The objects of interest in a document: one, or those in a `List` (`PodList`, `kubectl get -o yaml`'s `List`).
    pub(super) fn of_document(document: &Value) -> Vec<Self> {
        let is_list = document["kind"].as_str().is_some_and(|kind| kind.ends_with("List"));
        match document["items"].as_array().filter(|_| is_list) {
            Some(items) => items.iter().filter_map(|item| Self::of_item(document, item)).collect(),
            None => Self::of_object(document).into_iter().collect(),
        }
    }

    /// Items of a typed list (`PodList` from the API server) leave out their kind.
    fn of_item(list: &Value, item: &Value) -> Option<Self> {
        if item["kind"].is_string() {
            return Self::of_object(item);
        }
        let kind = list["kind"].as_str()?.strip_suffix("List")?;
        let mut object = item.clone();
        object.as_object_mut()?.insert("apiVersion".to_owned(), list["apiVersion"].clone());
        object.as_object_mut()?.insert("kind".to_owned(), kind.into());
        Self::of_object(&object)
    }

    fn of_object(object: &Value) -> Option<Self> {
        let pod = Pod::from_object(object).map(|pod| Self::Pod(Arc::new(pod)));
        pod.or_else(|| Workload::from_object(object).map(|workload| Self::Workload(Arc::new(workload))))
    }
}

/// All that is declared, ready to be asked.
#[derive(Debug, Default)]
pub(super) struct Index {
    by_uid: HashMap<Arc<str>, Arc<Pod>>,
    by_config_hash: HashMap<Arc<str>, Arc<Pod>>,
    by_container_id: HashMap<Arc<str>, Arc<Pod>>,
    workloads: HashMap<[Arc<str>; 3], Arc<Workload>>,
    network: Arc<Cluster>,
}

impl Index {
    /// Adds an object. Of two with the same key, the later one is found.
    pub(super) fn add(&mut self, declared: &Declared) {
        match declared {
            Declared::Pod(pod) => self.add_pod(pod),
            Declared::Workload(workload) => {
                let Workload { namespace, kind, name, owner: _ } = &**workload;
                self.workloads.insert([namespace, kind, name].map(Arc::clone), Arc::clone(workload));
            }
            // Nobody else has it before all is added.
            Declared::Network(object) => {
                Arc::make_mut(&mut self.network).change(Change::Put(Box::new((**object).clone())));
            }
        }
    }

    /// Tells what the node is like, whatever objects say. Nobody else has the cluster before all is added.
    pub(super) fn set_here(&mut self, here: Here) {
        Arc::make_mut(&mut self.network).change(Change::Here(Some(here)));
    }

    fn add_pod(&mut self, pod: &Arc<Pod>) {
        if let Some(uid) = &pod.uid {
            self.by_uid.insert(Arc::clone(uid), Arc::clone(pod));
        }
        if let Some(hash) = &pod.config_hash {
            self.by_config_hash.insert(Arc::clone(hash), Arc::clone(pod));
        }
        for (_, id) in pod.containers.iter().filter_map(|container| container.running.as_ref()) {
            self.by_container_id.insert(Arc::clone(id), Arc::clone(pod));
        }
    }

    pub(super) fn pod_by_uid(&self, uid: &str) -> Option<Arc<Pod>> {
        self.by_uid.get(uid).cloned()
    }

    pub(super) fn pod_by_config_hash(&self, hash: &str) -> Option<Arc<Pod>> {
        self.by_config_hash.get(hash).cloned()
    }

    pub(super) fn pod_by_container_id(&self, id: &str) -> Option<Arc<Pod>> {
        self.by_container_id.get(id).cloned()
    }

    pub(super) fn network(&self) -> Arc<Cluster> {
        Arc::clone(&self.network)
    }

    pub(super) fn workload(&self, namespace: &str, kind: &str, name: &str) -> Option<Arc<Workload>> {
        self.workloads.get(&[namespace, kind, name].map(Arc::from)).cloned()
    }
}
