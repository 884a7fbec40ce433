//! The OCI configuration of a container, as containerd's CRI would write it.

use std::path::Path;

use serde_json::{Value, json};

use super::pod::{IMAGE, MOUNT_PATH, NAMESPACE, Pod};

/// containerd's default set.
const CAPABILITIES: [&str; 14] = [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FSETID",
    "CAP_FOWNER",
    "CAP_MKNOD",
    "CAP_NET_RAW",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETFCAP",
    "CAP_SETPCAP",
    "CAP_NET_BIND_SERVICE",
    "CAP_SYS_CHROOT",
    "CAP_KILL",
    "CAP_AUDIT_WRITE",
];

const NAMESPACES: [&str; 5] = ["pid", "ipc", "uts", "mount", "network"];
const MASKED: [&str; 5] = ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"];
const READ_ONLY: [&str; 4] = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys"];

/// config.json of `pod`'s container, which runs `script` in a shell on `root`.
pub(crate) fn config(pod: &Pod, root: &Path, volume: &Path, script: &str) -> Value {
    json!({
        "ociVersion": "1.0.2",
        "hostname": pod.name,
        "process": {
            "user": {"uid": 0, "gid": 0},
            "args": ["/bin/sh", "-c", script],
            "env": ["PATH=/bin"],
            "cwd": "/",
            "capabilities": {
                "bounding": CAPABILITIES, "effective": CAPABILITIES, "permitted": CAPABILITIES,
            },
        },
        "root": {"path": root},
        "mounts": mounts(pod, volume),
        "annotations": {
            "io.kubernetes.cri.container-type": "container",
            "io.kubernetes.cri.container-name": pod.container,
            "io.kubernetes.cri.image-name": IMAGE,
            "io.kubernetes.cri.sandbox-name": pod.name,
            "io.kubernetes.cri.sandbox-namespace": NAMESPACE,
            "io.kubernetes.cri.sandbox-uid": pod.uid,
        },
        "linux": {
            "cgroupsPath": pod.cgroup(),
            "namespaces": NAMESPACES.map(|kind| json!({"type": kind})),
            "maskedPaths": MASKED,
            "readonlyPaths": READ_ONLY,
        },
    })
}

fn mounts(pod: &Pod, volume: &Path) -> Vec<Value> {
    let mount = |target: &str, kind: &str, options: &[&str]| json!({"destination": target, "type": kind, "source": kind, "options": options});
    let mut mounts = vec![
        mount("/proc", "proc", &["nosuid", "noexec", "nodev"]),
        mount("/dev", "tmpfs", &["nosuid", "strictatime", "mode=755", "size=65536k"]),
        mount("/sys", "sysfs", &["nosuid", "noexec", "nodev", "ro"]),
    ];
    if pod.has_volume {
        let options = ["rbind", "rprivate", "rw"];
        mounts.push(json!({"destination": MOUNT_PATH, "type": "bind", "source": volume, "options": options}));
    }
    mounts
}
