//! The Pods of the sample: what is declared of them, and where the kubelet would keep them.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};

use super::identity;

pub(crate) const NAMESPACE: &str = "plumbline-sample";
pub(crate) const IMAGE: &str = "plumbline.test/sample:1";

/// The emptyDir that a Pod with a volume declares, and where its container sees it.
const VOLUME: &str = "scratch";
pub(crate) const MOUNT_PATH: &str = "/data";

/// A Pod with one container.
#[derive(Debug)]
pub(crate) struct Pod {
    pub(crate) name: &'static str,
    pub(crate) uid: String,
    pub(crate) container_id: String,
    pub(crate) container: &'static str,
    pub(crate) has_volume: bool,
}

impl Pod {
    pub(crate) fn new(name: &'static str, container: &'static str, has_volume: bool) -> Result<Self> {
        let (uid, container_id) = (identity::pod_uid()?, identity::container_id()?);
        Ok(Self { name, uid, container_id, container, has_volume })
    }

    /// The object as a cluster would hold it. JSON, which is YAML too.
    pub(crate) fn manifest(&self) -> Value {
        let (mounts, volumes) = if self.has_volume {
            let mounts = json!([{"name": VOLUME, "mountPath": MOUNT_PATH}]);
            (mounts, json!([{"name": VOLUME, "emptyDir": {}}]))
        } else {
            (json!([]), json!([]))
        };
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": self.name, "namespace": NAMESPACE, "uid": self.uid},
            "spec": {
                "containers": [{"name": self.container, "image": IMAGE, "volumeMounts": mounts}],
                "volumes": volumes,
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
