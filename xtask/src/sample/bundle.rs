//! The OCI configuration of a container, as containerd's CRI would write it from its Pod.

use std::path::Path;

use serde_json::{Value, json};

use super::pod::{IMAGE, MOUNT_PATH, NAMESPACE, Pod};

/// containerd's default set.
const CAPABILITIES: [&str; 14] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "FSETID",
    "FOWNER",
    "MKNOD",
    "NET_RAW",
    "SETGID",
    "SETUID",
    "SETFCAP",
    "SETPCAP",
    "NET_BIND_SERVICE",
    "SYS_CHROOT",
    "KILL",
    "AUDIT_WRITE",
];

const NAMESPACES: [&str; 5] = ["pid", "ipc", "uts", "mount", "network"];
const MASKED: [&str; 5] = ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"];
const READ_ONLY: [&str; 4] = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys"];

/// config.json of `pod`'s container, which runs `script` as `user` in a shell on `root`.
pub(crate) fn config(pod: &Pod, root: &Path, volume: &Path, user: u32, script: &str) -> Value {
    let security = &pod.security;
    let user = security["runAsUser"].as_u64().unwrap_or(user.into());
    json!({
        "ociVersion": "1.0.2",
        "hostname": pod.name,
        "process": {
            "user": {"uid": user, "gid": security["runAsGroup"].as_u64().unwrap_or(user)},
            "args": ["/bin/sh", "-c", script],
            "env": ["PATH=/bin"],
            "cwd": "/",
            "capabilities": sets(&capabilities(&security["capabilities"])),
            "noNewPrivileges": security["allowPrivilegeEscalation"] == false,
        },
        "root": {"path": root, "readonly": security["readOnlyRootFilesystem"] == true},
        "mounts": mounts(volume),
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
            "seccomp": seccomp(&security["seccompProfile"]),
            "maskedPaths": MASKED,
            "readonlyPaths": READ_ONLY,
        },
    })
}

/// The three sets that a runtime gives a container, of names without their prefix.
pub(crate) fn sets(names: &[&str]) -> Value {
    let names: Vec<_> = names.iter().map(|name| format!("CAP_{name}")).collect();
    json!({"bounding": names, "effective": names, "permitted": names})
}

/// The defaults without what is dropped, and what is added.
fn capabilities(declared: &Value) -> Vec<&str> {
    let names = |list: &str| declared[list].as_array().into_iter().flatten().filter_map(Value::as_str);
    let is_dropped = |name: &str| names("drop").any(|dropped| dropped == "ALL" || dropped == name);
    CAPABILITIES.into_iter().filter(|name| !is_dropped(name)).chain(names("add")).collect()
}

/// A filter, however short: the kernel says only that there is one.
fn seccomp(profile: &Value) -> Value {
    if profile["type"] != "RuntimeDefault" {
        return Value::Null;
    }
    json!({
        "defaultAction": "SCMP_ACT_ALLOW",
        "syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO"}],
    })
}

fn mounts(volume: &Path) -> [Value; 4] {
    let mount = |target: &str, kind: &str, options: &[&str]| json!({"destination": target, "type": kind, "source": kind, "options": options});
    [
        mount("/proc", "proc", &["nosuid", "noexec", "nodev"]),
        mount("/dev", "tmpfs", &["nosuid", "strictatime", "mode=755", "size=65536k"]),
        mount("/sys", "sysfs", &["nosuid", "noexec", "nodev", "ro"]),
        bind(&volume.to_string_lossy(), MOUNT_PATH, "rw"),
    ]
}

/// A folder of the node at a place of the container.
pub(crate) fn bind(source: &str, target: &str, mode: &str) -> Value {
    json!({"destination": target, "type": "bind", "source": source, "options": ["rbind", "rprivate", mode]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runtime_is_told_what_the_pod_declares() {
        let all = capabilities(&Value::Null);
        assert_eq!(all, CAPABILITIES);
        assert_eq!(capabilities(&json!({"drop": ["ALL"], "add": ["SYS_ADMIN"]})), ["SYS_ADMIN"]);
        assert_eq!(capabilities(&json!({"drop": ["CHOWN"]})), CAPABILITIES[1..]);
        assert_eq!(seccomp(&json!({"type": "Unconfined"})), Value::Null);
        assert!(seccomp(&json!({"type": "RuntimeDefault"})).is_object());
    }
}
