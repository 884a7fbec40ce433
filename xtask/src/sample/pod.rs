//! The Pods of the sample: what is declared of them, and where the kubelet would keep them.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};

use super::act::Act;
use super::identity;

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
}

impl Pod {
    pub(crate) fn of(act: &Act) -> Result<Self> {
        let (uid, container_id) = (identity::pod_uid()?, identity::container_id()?);
        Ok(Self { name: act.pod, uid, container_id, container: act.container, security: (act.declares)() })
    }

    /// The object as a cluster would hold it. JSON, which is YAML too.
    pub(crate) fn manifest(&self) -> Value {
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": self.name, "namespace": NAMESPACE, "uid": self.uid},
            "spec": {
                "containers": [{
                    "name": self.container,
                    "image": IMAGE,
                    "securityContext": self.security,
                    "volumeMounts": [{"name": VOLUME, "mountPath": MOUNT_PATH}],
                }],
                "volumes": [{"name": VOLUME, "emptyDir": {}}],
            },
        })
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
