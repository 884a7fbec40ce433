//! The three files' forms. Unknown fields are ignored; a file that does not read is nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use policy::capabilities::Set;
use serde::Deserialize;

/// What one file says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stated {
    /// The path in the unified hierarchy, from its root.
    pub(super) cgroup: Option<Vec<u8>>,
    pub(super) bundle: Option<PathBuf>,
    pub(super) annotations: BTreeMap<String, String>,
    /// The bounding set of capabilities.
    pub(super) bounding: Option<Set>,
}

/// runc's `state.json` (libcontainer `State`): annotations are labels `key=value`, and so is the bundle.
pub(super) fn runc(text: &[u8]) -> Option<Stated> {
    #[derive(Deserialize)]
    struct State {
        #[serde(default)]
        cgroup_paths: BTreeMap<String, String>,
        config: Config,
    }
    #[derive(Deserialize)]
    struct Config {
        #[serde(default)]
        labels: Vec<String>,
        /// Null for a container that gets none.
        capabilities: Option<Bounding>,
    }
    #[derive(Deserialize)]
    struct Bounding {
        #[serde(rename = "Bounding")]
        bounding: Option<Vec<String>>,
    }
    let state: State = serde_json::from_slice(text).ok()?;
    let labels = state.config.labels.iter().filter_map(|label| label.split_once('='));
    let mut annotations: BTreeMap<_, _> =
        labels.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    // The unnamed path is the unified one; a version 1 controller's can differ from it.
    let path = state.cgroup_paths.get("");
    Some(Stated {
        cgroup: path.and_then(|path| in_hierarchy(path.as_bytes())).map(<[u8]>::to_vec),
        bundle: annotations.remove("bundle").map(PathBuf::from),
        annotations,
        bounding: Some(set(state
            .config
            .capabilities
            .and_then(|of| of.bounding)
            .as_deref()
            .unwrap_or_default())),
    })
}

/// crun's `status`: the cgroup is a path in the hierarchy, without the mount.
pub(super) fn crun(text: &[u8]) -> Option<Stated> {
    #[derive(Deserialize)]
    struct Status {
        #[serde(rename = "cgroup-path")]
        cgroup: Option<String>,
        bundle: Option<PathBuf>,
    }
    let Status { cgroup, bundle } = serde_json::from_slice(text).ok()?;
    let cgroup = cgroup.filter(|path| path.starts_with('/')).map(String::into_bytes);
    Some(Stated { cgroup, bundle, annotations: BTreeMap::new(), bounding: None })
}

/// An OCI `config.json`. `cgroupsPath` is a path on the cgroupfs driver, `slice:prefix:name` on systemd's.
pub(super) fn spec(text: &[u8], bundle: &Path) -> Option<Stated> {
    #[derive(Deserialize)]
    struct Spec {
        #[serde(default)]
        annotations: BTreeMap<String, String>,
        linux: Option<Linux>,
        process: Option<Process>,
    }
    #[derive(Deserialize)]
    struct Process {
        /// Absent where the container gets none.
        #[serde(default)]
        capabilities: Bounding,
    }
    #[derive(Default, Deserialize)]
    struct Bounding {
        #[serde(default)]
        bounding: Vec<String>,
    }
    #[derive(Deserialize)]
    struct Linux {
        #[serde(rename = "cgroupsPath")]
        cgroups_path: Option<String>,
    }
    let Spec { annotations, linux, process } = serde_json::from_slice(text).ok()?;
    let path = linux.and_then(|linux| linux.cgroups_path).filter(|path| path.starts_with('/'));
    Some(Stated {
        cgroup: path.map(String::into_bytes),
        bundle: Some(bundle.to_owned()),
        annotations,
        bounding: process.map(|process| set(&process.capabilities.bounding)),
    })
}

fn set(names: &[String]) -> Set {
    names.iter().map(String::as_str).collect()
}

/// The part of a path on the host that lies in the unified hierarchy: a mount at its usual places is taken off.
pub(super) fn in_hierarchy(path: &[u8]) -> Option<&[u8]> {
    let below =
        |mount: &[u8]| path.strip_prefix(mount).filter(|rest| rest.is_empty() || rest.starts_with(b"/"));
    below(b"/sys/fs/cgroup/unified").or_else(|| below(b"/sys/fs/cgroup"))
}
