//! The Pods of the sample: what is declared of them, and where the kubelet would keep them.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};

use super::act::Act;
use super::identity;
use super::network::{NODE, NODE_ADDRESS};

pub(crate) const NAMESPACE: &str = "plumbline-sample";
pub(crate) const IMAGE: &str = "plumbline.test/sample:1";

/// The emptyDir that each Pod declares, and where its container sees it.
const VOLUME: &str = "scratch";
pub(crate) const MOUNT_PATH: &str = "/data";

/// A Pod with one container.
#[derive(Debug)]
pub(crate) struct Pod {
    pub(crate) name: &'static str,
    pub(crate) uid: String,
    pub(crate) container_id: String,
    pub(crate) container: &'static str,
    /// The container's `securityContext`.
    pub(crate) security: Value,
    address: Option<&'static str>,
    ports: &'static [u16],
}

impl Pod {
    pub(crate) fn of(act: &Act) -> Result<Self> {
        let (uid, container_id) = (identity::pod_uid()?, identity::container_id()?);
        let Act { pod: name, container, ports, .. } = *act;
        let address = act.addresses.first().copied();
        Ok(Self { name, uid, container_id, container, security: (act.declares)(), address, ports })
    }

    /// The object as a cluster would hold it. JSON, which is YAML too.
    pub(crate) fn manifest(&self) -> Value {
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": self.name,
                "namespace": NAMESPACE,
                "uid": self.uid,
                "labels": {"app": self.name},
            },
            "spec": {
                "nodeName": NODE,
                "containers": [{
                    "name": self.container,
                    "image": IMAGE,
                    "securityContext": self.security,
                    "ports": self.ports.iter().map(|port| json!({"containerPort": port})).collect::<Vec<_>>(),
                    "volumeMounts": [{"name": VOLUME, "mountPath": MOUNT_PATH}],
                }],
                "volumes": [{"name": VOLUME, "emptyDir": {}}],
            },
            "status": self.status(),
        })
    }

    fn status(&self) -> Value {
        match self.address {
            None => json!({"phase": "Running"}),
            Some(ip) => {
                json!({"phase": "Running", "hostIP": NODE_ADDRESS, "podIP": ip, "podIPs": [{"ip": ip}]})
            }
        }
    }

    /// The folder of its container's control group, as the kubelet's cgroupfs driver names it.
    pub(crate) fn cgroup(&self) -> String {
        format!("/kubepods/besteffort/pod{}/{}", self.uid, self.container_id)
    }

    /// Its emptyDir on the node, below the sample's own root.
    pub(crate) fn volume(&self, root: &Path) -> PathBuf {
        let pods = root.join("var/lib/kubelet/pods");
        pods.join(&self.uid).join("volumes/kubernetes.io~empty-dir").join(VOLUME)
    }
}
